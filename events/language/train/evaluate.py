"""Scores of a pipeline on gold documents, from raw text: errors of tokens and sentences count."""

from __future__ import annotations

import os
import time
from collections import Counter
from typing import TYPE_CHECKING

import spacy
from spacy.tokens import Doc, DocBin, Token

from events.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from spacy.language import Language

__all__ = ["costs", "gold", "score"]


def gold(path: Path, nlp: Language) -> list[Doc]:
    """Return the documents of a binary corpus; raises DataError where the step `convert` has not run."""
    if not path.is_file():
        raise DataError(f"{path} is missing; run the step `convert` first")
    return list(DocBin().from_disk(path).get_docs(nlp.vocab))


def score(nlp: Language, documents: Sequence[Doc]) -> dict[str, float]:
    """Return F1 in per cent (tokens, sentences, xpos, upos, lemma, uas, las), as CoNLL 2018 counted it.

    A token is found where its characters are; `las` compares relations with their subtypes, `las_base`
    without; `las_aligned` is the share right among the tokens that were found.
    """
    counts: Counter[str] = Counter()
    size: Counter[str] = Counter()
    parsed = nlp.pipe([doc.text for doc in documents], batch_size=64)
    for answer, guess in zip(documents, parsed, strict=True):
        found = {_span(token): token for token in guess}
        size["tokens"] += len(answer) + len(guess)
        sentences = [{(sent.start_char, sent.end_char) for sent in doc.sents} for doc in (answer, guess)]
        size["sentences"] += len(sentences[0]) + len(sentences[1])
        counts["sentences"] += len(sentences[0] & sentences[1])
        for token in answer:
            other = found.get(_span(token))
            if other is None:
                continue
            counts["tokens"] += 1
            counts["xpos"] += token.tag_ == other.tag_
            counts["upos"] += token.pos_ == other.pos_
            counts["lemma"] += token.lemma_.lower() == other.lemma_.lower()
            if _head(token) == _head(other):
                counts["uas"] += 1
                counts["las"] += token.dep_ == other.dep_
                counts["las_base"] += token.dep_.partition(":")[0] == other.dep_.partition(":")[0]
    keys = ("tokens", "xpos", "upos", "lemma", "uas", "las", "las_base")
    scores = {key: round(200 * counts[key] / size["tokens"], 2) for key in keys}
    scores["las_aligned"] = round(100 * counts["las"] / counts["tokens"], 2)
    return scores | {"sentences": round(200 * counts["sentences"] / size["sentences"], 2)}


def _span(token: Token) -> tuple[int, int]:
    return token.idx, token.idx + len(token)


def _head(token: Token) -> tuple[int, int] | None:
    return None if token.head.i == token.i else _span(token.head)


def costs(folder: Path, texts: Sequence[str]) -> dict[str, float]:
    """Return megabytes on disk, seconds to load, tokens a second over `texts`, and the machine's load.

    Seconds of the clock suffer from other programs on the core; seconds of the processor hardly do.
    """
    started = time.perf_counter()
    nlp = spacy.load(folder)
    loaded = time.perf_counter()
    list(nlp.pipe(texts[:40], batch_size=64))
    warm, warm_processor = time.perf_counter(), time.process_time()
    tokens = sum(len(doc) for doc in nlp.pipe(texts, batch_size=64))
    done, done_processor = time.perf_counter(), time.process_time()
    return {
        "megabytes": round(sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e6, 1),
        "load_seconds": round(loaded - started, 2),
        "tokens_per_second": round(tokens / (done - warm)),
        "tokens_per_processor_second": round(tokens / (done_processor - warm_processor)),
        "machine_load": round(os.getloadavg()[0], 1),
    }
