"""A trained pipeline → the folder that ships: with lemmas, without what only training needs."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING, Any

import spacy
from spacy.util import load_config
from spacy.vectors import Vectors

from events.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from spacy.language import Language

__all__ = ["digest", "package"]

META = {
    "name": "entente",
    "version": "1.0.0",
    "description": "UD tags, features, lemmas and dependencies for English news",
    "author": "The Entente developers; treebanks by the authors named in CARD.md",
    "license": "CC BY-SA 4.0",
    "sources": [
        {"name": "UD English EWT", "license": "CC BY-SA 4.0"},
        {"name": "GUM, openly licensed genres", "license": "CC BY 4.0 annotations; texts by genre"},
        {"name": "spacy-lookups-data 1.0.5", "license": "MIT; English lemma tables: WordNet 3.0"},
    ],
}
HEADLINE = ("tag_acc", "pos_acc", "morph_acc", "dep_uas", "dep_las", "sents_f")


def package(trained: Path, to: Path) -> str:
    """Write the shipped pipeline to the folder `to`, replacing it, and return its digest.

    Raises DataError where nothing was trained yet or spacy-lookups-data (lemma tables) is missing.
    """
    if not trained.is_dir():
        raise DataError(f"{trained} is missing; run the step `train` first")
    nlp = spacy.load(trained)
    try:
        lemmatizer: Any = nlp.add_pipe("lemmatizer", config={"mode": "rule"})
        lemmatizer.initialize()
    except ValueError as error:
        raise DataError("the lemmas need one more package: pip install spacy-lookups-data==1.0.5") from error
    # Scores on a quarter of the development sentences: those by which the best step was chosen.
    scores = nlp.meta["performance"]
    nlp.meta.update(META, performance={key: round(scores[key], 4) for key in HEADLINE})
    shutil.rmtree(to, ignore_errors=True)
    nlp.to_disk(to, exclude=["vocab"])
    _write_vocab(nlp, to / "vocab")
    config = load_config(to / "config.cfg", interpolate=False)
    config["paths"] = dict.fromkeys(config["paths"])  # where the corpora lay says nothing to a user
    config["initialize"]["vectors"] = None
    config.to_disk(to / "config.cfg")
    return digest(to)


def _write_vocab(nlp: Language, to: Path) -> None:
    """Write the vectors and the labels' strings; the words of the treebanks are left out."""
    vocab = spacy.blank("en").vocab
    for labels in nlp.pipe_labels.values():
        for label in labels:
            vocab.strings.add(label)
    vectors = Vectors(strings=vocab.strings, name=nlp.vocab.vectors.name)
    vocab.vectors = vectors.from_bytes(nlp.vocab.vectors.to_bytes(exclude=["strings"]))
    vocab.to_disk(to)


def digest(folder: Path) -> str:
    """Return the SHA-256 over the sorted list of the files' own SHA-256, as sha256sum prints it.

    The same from a shell: `find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum`.
    """
    files = sorted(f"./{path.relative_to(folder).as_posix()}" for path in folder.rglob("*") if path.is_file())
    lines = (f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
