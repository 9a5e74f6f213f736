"""Rows of a frame for drawing: the small tables that charts and lists go through row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["records"]


def records(frame: pd.DataFrame) -> list[Any]:
    """Return the rows as named tuples, with the columns as attributes."""
    return list(frame.itertuples(index=False))
