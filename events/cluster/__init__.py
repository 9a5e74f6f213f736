"""Articles of one text are found, and reports of one act become one event.

texts   which articles print the same text: shingles of words, MinHash, locality-sensitive hashing
acts    which reports tell the same act, and why
"""

from events.cluster.acts import Known, assign, reach
from events.cluster.texts import Copies, Copy, Sketch, sketch

__all__ = ["Copies", "Copy", "Known", "Sketch", "assign", "reach", "sketch"]
