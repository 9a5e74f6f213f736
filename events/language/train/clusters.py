"""Brown clusters as static vectors: 80,000 frequent words share one row per cluster."""

from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from spacy.strings import hash_string  # type: ignore[attr-defined]  # missing in the stub
from spacy.vectors import Vectors

from events.errors import DataError

__all__ = ["clusters"]

WORDS = 80_000
RANDOM_WIDTH = 64


def clusters(to: Path) -> None:
    """Write a blank pipeline whose vectors tell a word's cluster: coarse (4 bits), finer (6 bits), exact.

    The exact cluster is a random direction; the words themselves are not stored, only their hashes.
    Raises DataError where spacy-lookups-data is not installed.
    """
    cluster, probability = _table("en_lexeme_cluster"), _table("en_lexeme_prob")
    words = sorted(
        (word for word, number in cluster.items() if number and word.strip()),
        key=lambda word: -probability.get(word, -99),
    )[:WORDS]
    rows = {number: row for row, number in enumerate(sorted({cluster[word] for word in words}))}
    exact = np.random.default_rng(0).normal(0, 1 / 8, (len(rows), RANDOM_WIDTH)).astype("f")
    matrix = np.zeros((len(rows), 16 + 64 + RANDOM_WIDTH), "f")
    for number, row in rows.items():
        matrix[row, number & 15] = 1
        matrix[row, 16 + (number & 63)] = 1
        matrix[row, 80:] = exact[row]
    nlp = spacy.blank("en")
    vectors = Vectors(strings=nlp.vocab.strings, data=matrix, name="en_brown")
    for word in words:
        vectors.add(hash_string(word), row=rows[cluster[word]])
    nlp.vocab.vectors = vectors
    nlp.to_disk(to)


def _table(name: str) -> dict[str, Any]:
    package = importlib.util.find_spec("spacy_lookups_data")
    if package is None or package.origin is None:
        raise DataError("the clusters need one more package: pip install spacy-lookups-data==1.0.5")
    path = Path(package.origin).parent / "data" / f"{name}.json.gz"
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        table: dict[str, Any] = json.load(handle)
    return table
