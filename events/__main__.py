"""`python -m events`."""

from __future__ import annotations

from events.cli import run

if __name__ == "__main__":
    run()
