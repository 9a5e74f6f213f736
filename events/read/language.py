"""Which language a text is in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from py3langid.langid import classify

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["language_of"]

# The guess is steady from about twenty words on; shorter texts in plain Latin letters are taken for English.
FEW_WORDS = 20
PLAIN_SHARE = 0.95
# Characters looked at: the guess no longer changes beyond, its cost grows.
ENOUGH = 1200

_classify: Callable[[str], tuple[str, float]] = classify


def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of the language of a text; None where it does not begin with words."""
    head = text[:ENOUGH]
    words = re.findall(r"[^\W\d_]+", head)
    letters = "".join(words)
    if not letters:
        return None
    if len(words) < FEW_WORDS and sum(c.isascii() for c in letters) >= PLAIN_SHARE * len(letters):
        return "en"
    # capitals of headlines mislead the guess
    return str(_classify(head.lower())[0])
