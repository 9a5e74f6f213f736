"""Words in context as vectors: a small transformer, run by onnxruntime.

`data/models/reader/encoder.onnx` is a MiniLM of six layers that was trained further together with the network
(`events.extract.train`); `vocabulary.txt` beside it lists its pieces of words. It reads the stand-in names that the
parser reads, so it cannot know one country from another either.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from events.errors import DataError

__all__ = ["PIECES_MOST", "Encoder", "Pieces"]

# Pieces of a sentence that are read; words behind them get a vector of zeros.
PIECES_MOST = 254
LETTERS_MOST = 60  # a longer word is no word


def _plain(word: str) -> str:
    """Return a word in small letters without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if unicodedata.category(c) != "Mn")


def _split(word: str) -> Iterable[str]:
    """Yield runs of letters and digits, and every other character by itself."""
    run = ""
    for c in word:
        if c.isalnum():
            run += c
            continue
        if run:
            yield run
            run = ""
        if not c.isspace():
            yield c
    if run:
        yield run


class Pieces:
    """The pieces of words that an encoder knows, by the numbers it knows them by (WordPiece, longest match first)."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self.rows = {piece: i for i, piece in enumerate(pieces)}
        self.unknown, self.first, self.last = (self.rows[name] for name in ("[UNK]", "[CLS]", "[SEP]"))
        self.of = lru_cache(maxsize=100_000)(self._of)

    def _of(self, word: str) -> tuple[int, ...]:
        found: list[int] = []
        for part in _split(_plain(word)):
            found.extend(self._part(part))
        return tuple(found) or (self.unknown,)

    def _part(self, part: str) -> list[int]:
        found: list[int] = []
        start = 0
        while start < len(part) <= LETTERS_MOST:
            end = len(part)
            while end > start and (("##" if start else "") + part[start:end]) not in self.rows:
                end -= 1
            if end == start:
                return [self.unknown]
            found.append(self.rows[("##" if start else "") + part[start:end]])
            start = end
        return found or [self.unknown]

    def sentence(self, words: Sequence[str]) -> tuple[list[int], list[int]]:
        """Return (numbers of the pieces, place of each word's first piece or -1 where it is beyond the end)."""
        numbers = [self.first]
        places = []
        for word in words:
            pieces = self.of(word)
            if len(numbers) + len(pieces) > PIECES_MOST:
                places.append(-1)
                continue
            places.append(len(numbers))
            numbers.extend(pieces)
        numbers.append(self.last)
        return numbers, places


class Encoder:
    """The transformer in a folder with `encoder.onnx` and `vocabulary.txt`; raises DataError where one is missing."""

    def __init__(self, folder: Path) -> None:
        model, words = folder / "encoder.onnx", folder / "vocabulary.txt"
        for path in (model, words):
            if not path.is_file():
                raise DataError(f"{path} is missing; restore it with `git checkout data/`")
        self.pieces = Pieces(words.read_text(encoding="utf-8").split("\n"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self.width = int(self.session.get_outputs()[0].shape[-1])

    def vectors(self, sentences: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        """Return one row (of `width` numbers) for each word of each sentence, one sentence after the other.

        Words beyond the end of a very long sentence get zeros.
        """
        out: list[NDArray[np.float32]] = []
        for words in sentences:
            numbers, places = self.pieces.sentence(words)
            row = np.array([numbers], dtype=np.int64)
            # One at a time: eight-bit arithmetic scales a whole batch at once, and a sentence would be read
            # otherwise beside others.
            (found,) = self.session.run(None, {"pieces": row, "mask": np.ones_like(row)})
            padded = np.concatenate([found[0], np.zeros((1, self.width), dtype=np.float32)])
            out.append(padded[places])
        return np.concatenate(out) if out else np.zeros((0, self.width), dtype=np.float32)
