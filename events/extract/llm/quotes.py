"""Where an article has the words that a model quotes: offsets are found here, never taken from an answer.

Words are the article's own, letter by letter. Only white space and the shape of quotation marks, apostrophes and dashes may
differ, which models even out as they copy.
"""

from __future__ import annotations

import re

__all__ = ["Quotes"]

_SHAPES = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
    }
)
_UNSEEN = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_AROUND = " \t\r\n\"'“”‘’„«».,;:…"


class Quotes:
    """The words of one text, ready to be looked up."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._plain, self._at = _plain(text)

    def find(
        self, words: object, *, start: int = 0, end: int | None = None, near: int | None = None
    ) -> tuple[int, int] | None:
        """Return the offsets of these words within `start` to `end`, at their place nearest to `near`; None where they are not.

        Part of a word is no match: "US" is not in "USSR".
        """
        if not isinstance(words, str):
            return None
        wanted = _plain(words.strip(_AROUND))[0].strip()
        if not wanted:
            return None
        pattern = re.escape(wanted)
        pattern = rf"(?<!\w){pattern}" if _is_word(wanted[0]) else pattern
        pattern = rf"{pattern}(?!\w)" if _is_word(wanted[-1]) else pattern
        found = [
            (first, last)
            for m in re.finditer(pattern, self._plain)
            if (first := self._at[m.start()]) >= start
            and (last := self._at[m.end() - 1] + 1) <= (len(self.text) if end is None else end)
        ]
        if not found:
            return None
        return found[0] if near is None else min(found, key=lambda span: abs(span[0] - near))


def _is_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def _plain(text: str) -> tuple[str, list[int]]:
    """Return the text with one space for white space and one shape of marks, and where each character stood."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text.translate(_SHAPES)):
        if letter in _UNSEEN:
            continue
        if letter.isspace():
            if letters and letters[-1] == " ":
                continue
            letter = " "  # noqa: PLW2901
        letters.append(letter)
        places.append(place)
    return "".join(letters), places
