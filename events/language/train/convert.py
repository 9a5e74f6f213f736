"""CoNLL-U → sentences of linked tokens → spaCy documents.

The surface text is kept, so training and evaluation go through spaCy's own tokenizer.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import spacy
from spacy.tokens import Doc, DocBin

from events.errors import DataError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

__all__ = ["Sentence", "Token", "document", "grouped", "read", "save", "treebank"]

log = logging.getLogger(__name__)

SENTENCES_PER_DOCUMENT = 6
# The genres of GUM whose texts are CC BY, CC BY-SA or public domain; the others forbid commercial use.
OPEN_GENRES = frozenset(
    ("academic", "bio", "conversation", "court", "interview", "news", "speech", "textbook", "vlog", "voyage")
)
ATTRIBUTES = (
    "ORTH",
    "SPACY",
    "HEAD",
    "DEP",
    "TAG",
    "POS",
    "MORPH",
    "LEMMA",
    "SENT_START",
    "ENT_IOB",
    "ENT_TYPE",
)
VOCAB = spacy.blank("en").vocab


@dataclass(eq=False, slots=True)
class Token:
    """A word of a tree; `head` is the token it hangs on, None for a root."""

    form: str
    lemma: str
    upos: str
    xpos: str
    feats: str  # as in CoNLL-U, "_" for none
    dep: str
    head: Token | None = None
    space: bool = True  # followed by a space


@dataclass(slots=True)
class Sentence:
    """One tree, and whether a document starts with it."""

    tokens: list[Token]
    opens_document: bool = False


def treebank(folder: Path, name: str, split: str) -> Path:
    """Return the one file `<folder>/<name>/*-<split>.conllu`; raises DataError where there is not one."""
    found = sorted((folder / name).glob(f"*-{split}.conllu"))
    if len(found) != 1:
        raise DataError(
            f"{folder / name} should hold one file *-{split}.conllu and holds {len(found)}; "
            "data/models/CARD.md says where the treebanks come from"
        )
    return found[0]


def read(path: Path) -> list[Sentence]:
    """Return the sentences of a CoNLL-U file; documents of GUM's closed genres are left out.

    Raises InputError, naming the line, where a row is no CoNLL-U.
    """
    sentences: list[Sentence] = []
    rows: list[list[str]] = []
    opens, wanted = False, True
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate((*lines, ""), start=1):
            text = line.rstrip("\n")
            if text.startswith("# newdoc"):
                opens, wanted = True, _is_open(text.partition("=")[2].strip())
            elif text and not text.startswith("#"):
                rows.append(text.split("\t"))
                if len(rows[-1]) != 10:
                    raise InputError("a row of CoNLL-U has ten columns", source=str(path), row=number)
            elif not text:
                if rows and wanted:
                    sentences.append(Sentence(_tokens(rows), opens))
                rows, opens = [], False
    return sentences


def _is_open(document: str) -> bool:
    corpus, _, rest = document.partition("_")
    return corpus != "GUM" or rest.partition("_")[0] in OPEN_GENRES


def _tokens(rows: Iterable[Sequence[str]]) -> list[Token]:
    tokens: list[Token] = []
    heads: list[int] = []
    spans: list[tuple[int, int, str, bool]] = []  # multiword tokens: first word, last word, surface, space
    for key, form, lemma, upos, xpos, feats, head, dep, _, misc in rows:
        space = "SpaceAfter=No" not in misc
        if "-" in key:
            first, last = map(int, key.split("-"))
            spans.append((first, last, form, space))
        elif "." not in key:  # an empty node of the enhanced graph
            tokens.append(Token(form, lemma, upos, xpos, feats, dep, space=space))
            heads.append(int(head))
    for token, number in zip(tokens, heads, strict=True):
        token.head = tokens[number - 1] if number else None
    for first, last, form, space in spans:
        words = tokens[first - 1 : last]
        joined = "".join(word.form for word in words) == form
        for word in words[:-1]:
            word.space = not joined  # where the surface differs, the words stand apart
        words[-1].space = space
    return tokens


def grouped(sentences: Iterable[Sentence], size: int = SENTENCES_PER_DOCUMENT) -> Iterator[list[Sentence]]:
    """Yield runs of up to `size` sentences that never cross from one document into the next."""
    group: list[Sentence] = []
    for sentence in sentences:
        if group and (sentence.opens_document or len(group) >= size):
            yield group
            group = []
        group.append(sentence)
    if group:
        yield group


def document(sentences: Iterable[Sentence]) -> Doc:
    """Return the sentences as one gold document."""
    tokens: list[Token] = []
    spaces: list[bool] = []
    starts: list[bool | int | None] = []
    for sentence in sentences:
        tokens += sentence.tokens
        spaces += [token.space for token in sentence.tokens]
        spaces[-1] = True
        starts += [token is sentence.tokens[0] for token in sentence.tokens]
    spaces[-1] = False
    place = {id(token): i for i, token in enumerate(tokens)}
    return Doc(
        VOCAB,
        words=[token.form for token in tokens],
        spaces=spaces,
        heads=[place[id(token.head or token)] for token in tokens],
        deps=[token.dep if token.head else "ROOT" for token in tokens],
        tags=[token.xpos for token in tokens],
        pos=["X" if token.upos == "_" else token.upos for token in tokens],
        morphs=["" if token.feats == "_" else token.feats for token in tokens],
        lemmas=[token.form if token.lemma == "_" else token.lemma for token in tokens],
        sent_starts=starts,
    )


def save(documents: Sequence[Doc], path: Path) -> None:
    """Write documents as one of spaCy's binary corpora."""
    binary = DocBin(attrs=ATTRIBUTES)
    for doc in documents:
        binary.add(doc)
    path.parent.mkdir(parents=True, exist_ok=True)
    binary.to_disk(path)
    log.info("%s: %d documents, %d tokens", path.name, len(documents), sum(map(len, documents)))
