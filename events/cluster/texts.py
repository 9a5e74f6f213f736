"""Which articles print the same text: a wire story in several newspapers, cut or with another headline.

A text is a set of shingles: its sequences of four words. Two texts are one where most shingles of the shorter
stand in the longer (their containment, counted exactly). Which texts to count is asked of an index: MinHash
signatures in bands (Broder 1997; Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", chapter 3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash, RMinHashLSH

__all__ = ["Copies", "Copy", "Sketch", "sketch"]

WORDS = 4
"""Words of a shingle."""

# Bands of three: two texts that share a third of all their shingles (one holds the other, and is three times
# as long) meet in a band 9 times in 10, those that share half all but always, unrelated news (under 1 %) once in
# 15,000 pairs: the few that meet by chance are counted and put away.
BANDS, ROWS = 64, 3
SEED = 20240514
SAME = 0.8
"""Share of the shorter text's shingles from which two texts are one."""
SHORTEST = 20
"""Shingles below which a text is too short to be told from another of the same kind."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is kept of a text to compare it: its MinHash signature and its hashed shingles, sorted."""

    signature: RMinHash
    shingles: NDArray[np.uint32]

    def share(self, other: Sketch) -> float:
        """Return the share (0 to 1) of the shorter text's shingles that stand in the other."""
        shorter = min(len(self.shingles), len(other.shingles))
        if not shorter:
            return 0.0
        both = np.intersect1d(self.shingles, other.shingles, assume_unique=True)
        return len(both) / shorter


@dataclass(frozen=True, slots=True)
class Copy:
    """An article prints the text of `of`, the first of its group; `share` as in `Sketch.share`."""

    of: str
    share: float


def sketch(text: str) -> Sketch:
    """Return the sketch of a text; case, punctuation and white space do not count."""
    words = re.findall(r"\w+", text.casefold())
    shingles = [" ".join(words[at : at + WORDS]) for at in range(len(words) - WORDS + 1)]
    hashes = RMinHash.hash_token_sets([shingles])[0]
    signature = RMinHash(BANDS * ROWS, SEED)
    signature.update(shingles)
    return Sketch(signature, np.unique(np.array(hashes, dtype=np.uint64).astype(np.uint32)))


class Copies:
    """Articles put into groups of one text as they come, in time linear to their number.

    Only the first article of a group is kept for comparing: a story printed a thousand times is compared once
    a printing. An article belongs to one group, that of the text it shares most with.
    """

    def __init__(self) -> None:
        self._index = RMinHashLSH(0.0, BANDS * ROWS, BANDS)
        self._firsts: list[tuple[str, Sketch]] = []
        self._found: dict[str, Copy] = {}

    def __contains__(self, article_id: str) -> bool:
        return article_id in self._found

    def add(self, article_id: str, text: Sketch) -> Copy:
        """Put an article into its group and return it; the first of a group is its own copy."""
        if article_id in self._found:
            return self._found[article_id]
        best = Copy(article_id, 1.0)
        if len(text.shingles) >= SHORTEST:
            shares = [
                (text.share(other), name)
                for name, other in (self._firsts[at] for at in self._index.query(text.signature))
            ]
            share, name = max(shares, default=(0.0, ""))
            if share >= SAME:
                best = Copy(name, share)
            else:
                self._index.insert(len(self._firsts), text.signature)
                self._firsts.append((article_id, text))
        self._found[article_id] = best
        return best

    def of(self, article_id: str) -> Copy:
        """Return the group of an article; one that was never added is alone in its own."""
        return self._found.get(article_id) or Copy(article_id, 1.0)
