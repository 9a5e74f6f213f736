"""Analysts' notes on dates, in a chart and under it: lettered marks, and their words in the same order.

Key events have numbers, so notes have letters: "▿ a" on the axis is told in line a under the chart.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_lowercase

import pandas as pd

from events.charts import words
from events.charts.rows import records

__all__ = ["MARK", "MOST", "Remark", "Remarks", "among", "grouped", "label"]

MARK = "▿"
MOST = 8
"""Notes whose words stand under a chart; the marks of earlier ones have no letter."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One note: its letter ("" where its words are not shown), its day, its words, who wrote it."""

    letter: str
    day: pd.Timestamp
    text: str
    by: str

    @property
    def words(self) -> str:
        """The note as a line: "10 Jul 2023: Talks broke off (Mara Hahn)"."""
        return f"{words.day(self.day)}: {self.text} ({self.by})"


@dataclass(frozen=True, slots=True)
class Remarks:
    """The notes of the period that a chart draws, by date; the latest have letters."""

    every: tuple[Remark, ...] = ()
    whole: int = 0  # notes that were given, those outside the period too

    @property
    def shown(self) -> tuple[Remark, ...]:
        """Those whose words stand under the chart."""
        return tuple(remark for remark in self.every if remark.letter)

    @property
    def cut(self) -> str:
        """What was left out: "Showing 8 of 17 notes, the latest of the period drawn"; "" where nothing was."""
        shown = len(self.shown)
        if shown >= self.whole:
            return ""
        return f"Showing {shown} of {words.plural(self.whole, 'note')}, the latest of the period drawn"

    @property
    def alt(self) -> str:
        """The notes as sentences, for who cannot see the chart; "" without any."""
        if not self.shown:
            return f" {self.cut}." if self.cut else ""
        told = "; ".join(f"{remark.letter}, {remark.words}" for remark in self.shown)
        return f" Analysts’ notes: {told}." + (f" {self.cut}." if self.cut else "")


def among(
    notes: pd.DataFrame | None, first: pd.Timestamp | None = None, end: pd.Timestamp | None = None, *, most: int = MOST
) -> Remarks:  # fmt: skip
    """Return the notes (columns date, text, by) from `first` to before `end`, the latest `most` with letters."""
    if notes is None or notes.empty:
        return Remarks()
    kept = notes.assign(date=pd.to_datetime(notes["date"]))
    if first is not None:
        kept = kept[kept["date"] >= first]
    if end is not None:
        kept = kept[kept["date"] < end]
    rows = records(kept.sort_values("date", kind="stable"))
    bare = max(len(rows) - min(most, len(ascii_lowercase)), 0)
    return Remarks(
        tuple(
            Remark(
                ascii_lowercase[at - bare] if at >= bare else "",
                pd.Timestamp(row.date),
                " ".join(str(row.text).split()),
                str(row.by),
            )
            for at, row in enumerate(rows)
        ),
        len(notes),
    )


def grouped(remarks: Remarks, near: pd.Timedelta) -> list[tuple[Remark, ...]]:
    """Return the notes in groups that lie nearer to their first than `near`: each has one mark, so that none overlap."""
    groups: list[list[Remark]] = []
    for remark in remarks.every:
        if groups and remark.day - groups[-1][0].day < near:
            groups[-1].append(remark)
        else:
            groups.append([remark])
    return [tuple(group) for group in groups]


def label(group: tuple[Remark, ...]) -> str:
    """Return what stands at a group's mark: "a", "a, b", "a–d", "" for notes without letters."""
    letters = [remark.letter for remark in group if remark.letter]
    return f"{letters[0]}–{letters[-1]}" if len(letters) > 2 else ", ".join(letters)
