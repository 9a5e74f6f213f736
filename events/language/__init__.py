"""The language pipeline: tokens by spaCy's English tokenizer, tags and dependencies by the model that we ship."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import NumpyOps, set_current_ops

from events.errors import DataError
from events.reference import DATA

__all__ = ["parse", "tokenize"]

MODEL = "models/en_entente"


@cache
def _blank() -> Language:
    return spacy.blank("en")


@cache
def _model() -> Language:
    folder = DATA / MODEL
    if not folder.is_dir():
        raise DataError(f"the language model data/{MODEL} is missing; restore it with `git checkout data/`")
    # numpy's BLAS multiplies the model's small matrices two to three times as fast as thinc's own (tests/bench.py)
    set_current_ops(NumpyOps(use_blis=False))
    return spacy.load(folder)


def tokenize(text: str) -> list[tuple[str, int, int, bool]]:
    """Return the tokens of a text: (word, start, end, followed by a space)."""
    return [
        (token.text, token.idx, token.idx + len(token.text), bool(token.whitespace_))
        for token in _blank().tokenizer(text)
        if not token.is_space
    ]


def parse(sentences: Iterable[Sequence[tuple[str, bool]]]) -> Iterator[Doc]:
    """Parse sentences given as (word, followed by a space) and yield a Doc for each, in order.

    A Doc has coarse tags, lemmas and UD dependencies, and is one sentence.
    """
    nlp = _model()
    docs = (
        Doc(
            nlp.vocab,
            words=[word for word, _ in sentence],
            spaces=[space for _, space in sentence],
            sent_starts=[i == 0 for i in range(len(sentence))],
        )
        for sentence in sentences
    )
    yield from nlp.pipe(docs, batch_size=64)
