"""Compare data sets: two of them on one dyad or state."""

from events.dashboard import datasets

datasets.show()
