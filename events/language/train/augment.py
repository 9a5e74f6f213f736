"""News-like names for the training sentences: every edit turns a valid tree into a valid tree.

Names of people, states, demonyms and capitals are swapped; titles ("Omani Foreign Minister X"), appositions
("X, the Omani foreign minister,"; "Oman's foreign minister, X,") and coordinations ("A, B and C") are put in.
"""

from __future__ import annotations

import importlib
import random
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from events.errors import DataError
from events.language.train.convert import Sentence, Token, grouped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Augmenter", "Names", "augmented"]

SEED = 13
# Chances of the edits; set by eye, never tuned.
SWAP_PERSON, SWAP_STATE, COORDINATE_STATE, DEMONYM = 0.85, 0.85, 0.22, 0.7
KINDS = {  # kind of word (see names.toml; D is a demonym): coarse tag, fine tag, features
    "P": ("PROPN", "NNP", "Number=Sing"),
    "N": ("NOUN", "NN", "Number=Sing"),
    "J": ("ADJ", "JJ", "Degree=Pos"),
    "A": ("ADJ", "NNP", "Degree=Pos"),
    "M": ("ADJ", "NNP", "Degree=Pos"),
    "D": ("ADJ", "JJ", "Degree=Pos"),
    ",": ("PUNCT", ",", "_"),
    "and": ("CCONJ", "CC", "_"),
    "the": ("DET", "DT", "Definite=Def|PronType=Art"),
    "'s": ("PART", "POS", "_"),
}
# First words of longer names: "San" of "San Jose" is no person's first name.
PLACE_WORDS = frozenset(("Sri", "San", "Santa", "Al", "El", "Saudi", "New", "Los", "Las", "North", "South"))
ARGUMENTS = frozenset(("nsubj", "obj", "obl", "nmod", "conj", "nmod:poss", "nsubj:pass", "obl:agent"))


@dataclass(frozen=True, slots=True)
class Names:
    """The lists that the edits draw from; `states` and `demonyms` run in parallel."""

    states: Sequence[str]
    demonyms: Sequence[str]
    parties: Sequence[str]  # states, and what may stand in their place
    adjectives: Sequence[str]  # demonyms, and what may stand in their place
    capitals: Sequence[str]
    titles: Sequence[str]
    offices: Sequence[str]
    first: Sequence[str]
    last: Sequence[str]

    @classmethod
    def bundled(cls) -> Names:
        """Return the lists of `names.toml`, with people's names by Faker; raises DataError without Faker."""
        lists = tomllib.loads(Path(__file__).with_name("names.toml").read_text(encoding="utf-8"))
        states, demonyms = zip(*(pair.split() for pair in lists["states"]), strict=True)
        people = list(_people(lists["locales"], lists["romanized"]))
        return cls(
            states=states,
            demonyms=demonyms,
            parties=(*states, *lists["parties"]),
            adjectives=(*demonyms, *lists["adjectives"]),
            capitals=lists["capitals"],
            titles=lists["titles"],
            offices=lists["offices"],
            first=[x for x in (*(first for first, _ in people), *lists["more"]["first"]) if "-" not in x],
            last=[x for x in (*(last for _, last in people), *lists["more"]["last"]) if "-" not in x],
        )


def _people(locales: Sequence[str], romanized: dict[str, int]) -> Iterable[tuple[str, str]]:
    try:
        faker: Any = importlib.import_module("faker")
    except ModuleNotFoundError as error:
        raise DataError("the augmentation needs one more package: pip install Faker==40.54.0") from error
    for locale in locales:
        source = faker.Faker(locale)
        source.seed_instance(7)
        for _ in range(120):
            pair = source.first_name(), source.last_name()
            if all(name.replace("'", "").isalpha() and name[0].isupper() for name in pair):
                yield pair
    for locale, count in romanized.items():
        source = faker.Faker(locale)
        source.seed_instance(7)
        for _ in range(count):
            yield source.first_romanized_name(), source.last_romanized_name()


def augmented(files: Iterable[Iterable[Sentence]], names: Names, seed: int = SEED) -> list[list[Sentence]]:
    """Return changed copies of the documents, in shuffled order; what hardly changed is left out."""
    augment = Augmenter(names, seed)
    kept = []
    for sentences in files:
        for group in grouped(sentences):
            copies = [Sentence(augment(sentence.tokens)) for sentence in group]
            if sum(map(_change, group, copies)) >= 2:
                kept.append(copies)
    random.Random(5).shuffle(kept)  # noqa: S311  (repeatable, not secret)
    return kept


def _change(old: Sentence, new: Sentence) -> int:
    """Return 2 for a sentence that grew, 1 for one with other words, 0 for an equal one."""
    if len(old.tokens) != len(new.tokens):
        return 2
    return int(any(a.form != b.form for a, b in zip(old.tokens, new.tokens, strict=True)))


class Augmenter:
    """Called with the tokens of a tree, returns a changed copy; one seed gives one sequence of changes."""

    def __init__(self, names: Names, seed: int = SEED) -> None:
        self.names = names
        self.random = random.Random(seed)  # noqa: S311  (repeatable, not secret)
        self.parties, self.capitals = frozenset(names.parties), frozenset(names.capitals)
        self.adjectives = frozenset(names.adjectives)

    def __call__(self, tokens: Sequence[Token]) -> list[Token]:
        """Return a copy with other names and, by chance, titles, appositions and coordinations."""
        tree = _copy(tokens)
        people = {id(chain[0]): chain for chain in _people_in(tree)}
        self._swap(tree, people)
        for token in reversed(tuple(tree)):  # from the right, so that what is put in is not visited
            if token.upos == "PROPN" and token.xpos == "NNP":
                self._extend(tree, token, people.get(id(token)))
        if tree and tree[0].form == "the":
            tree[0].form = "The"
        return tree

    def _swap(self, tree: list[Token], people: dict[int, list[Token]]) -> None:
        names, chance, pick = self.names, self.random.random, self.random.choice
        for chain in people.values():
            if chance() < SWAP_PERSON:
                for token in chain:
                    _rename(token, pick(names.last if token is chain[-1] else names.first))
        within = {id(token) for chain in people.values() for token in chain}
        for token in tree:
            if id(token) in within:
                continue
            if token.upos == "PROPN" and token.form in self.parties and token.xpos == "NNP":
                if chance() < SWAP_STATE:
                    _rename(token, pick(names.parties) if chance() < 0.3 else pick(names.states))
            elif token.upos == "ADJ" and token.form in self.adjectives:
                if chance() < SWAP_STATE:
                    _rename(token, pick(names.demonyms))
            elif token.upos == "PROPN" and token.form in self.capitals:
                _rename(token, pick(names.capitals))
            elif _is_bare_name(tree, token):
                share = chance()
                if share < 0.12:
                    _rename(token, pick(names.last))
                elif share < 0.30:
                    _rename(token, pick(names.states))
                elif share < 0.36:
                    _rename(token, pick(names.capitals))

    def _extend(self, tree: list[Token], token: Token, chain: list[Token] | None) -> None:
        """Put words beside a state, a capital or a person, where the tree allows it."""
        at = tree.index(token)
        left = [other for other in tree[:at] if other.head is token]
        right = [other for other in tree[at:] if other.head is token]
        singular = _agrees_in_singular(tree, token)
        if (
            (token.form in self.parties or token.form in self.capitals)
            and not right
            and token.dep not in {"compound", "flat", "amod", "nmod:desc", "appos", "list"}
            and not singular
            and all(other.dep in {"case", "det", "punct", "cc"} for other in left)
        ):
            if self.random.random() < COORDINATE_STATE:
                self._coordinate_states(tree, token)
        elif chain and token.dep not in {"compound", "flat", "nmod:desc", "list", "appos", "vocative"}:
            share = self.random.random()
            if any(other.dep not in {"case", "punct", "cc", "mark"} for other in left):
                return
            bare = all(other.dep == "flat" for other in right)
            if share < 0.30:
                _insert(tree, token, self._title(token))
            elif share < 0.40 and bare and not singular:
                self._coordinate_people(tree, chain)
            elif share < 0.52 and bare:
                self._append_office(tree, chain)
            elif share < 0.64 and all(other.dep != "case" for other in right):
                self._prepend_office(tree, chain, left + right)

    def _coordinate_states(self, tree: list[Token], token: Token) -> None:
        """X → "X and Y" or "X, Y and Z"."""
        pool = self.names.parties if token.form in self.parties else self.names.capitals
        last = _word(self.random.choice(pool), "P", "conj", token, space=token.space)
        new = [_word("and", "and", "cc", last), last]
        token.space = True
        if self.random.random() < 0.3:
            middle = _word(self.random.choice(pool), "P", "conj", token)
            new = [_word(",", ",", "punct", middle), middle, *new]
            token.space = False
        _insert_after(tree, token, new)

    def _title(self, head: Token) -> list[Token]:
        """Return "[Omani] Foreign Minister" to stand before `head`."""
        self.random.random()  # drawn and unused when the shipped model was trained; kept to repeat it
        words = _phrase(self.random.choice(self.names.titles), "nmod:desc", head)
        if self.random.random() < DEMONYM:
            adjective = self.random.choice(self.names.adjectives)
            proper = adjective in {"US", "U.S."}
            kind, dep = ("P", "compound") if proper else ("D", "amod")
            words.insert(0, _word(adjective, kind, dep, words[-1]))
        return words

    def _coordinate_people(self, tree: list[Token], chain: list[Token]) -> None:
        """X Y → "X Y and [title] V W"."""
        first = _word(self.random.choice(self.names.first), "P", "conj", chain[0])
        last = _word(self.random.choice(self.names.last), "P", "flat", first, space=chain[-1].space)
        chain[-1].space = True
        title = self._title(first) if self.random.random() < 0.5 else []
        _insert_after(tree, chain[-1], [_word("and", "and", "cc", first), *title, first, last])

    def _append_office(self, tree: list[Token], chain: list[Token]) -> None:
        """X Y → "X Y, the [Omani] foreign minister,"."""
        words = _phrase(self.random.choice(self.names.offices), "appos", chain[0])
        office = words[-1]
        before = [_word(",", ",", "punct", office), _word("the", "the", "det", office)]
        if self.random.random() < DEMONYM:
            before.append(_word(self.random.choice(self.names.demonyms), "D", "amod", office))
        after = [] if _is_before_punctuation(tree, chain[-1]) else [_word(",", ",", "punct", office)]
        (after or words)[-1].space = chain[-1].space
        if after:
            office.space = False
        chain[-1].space = False
        _insert_after(tree, chain[-1], [*before, *words, *after])

    def _prepend_office(self, tree: list[Token], chain: list[Token], children: list[Token]) -> None:
        """X Y → "Oman's foreign minister, X Y,": the office takes the name's place, unless it is the root."""
        name = chain[0]
        words = _phrase(self.random.choice(self.names.offices), name.dep, name.head)
        office = words[-1]
        office.space = False
        state = self.random.choice((*self.names.states, *self.names.capitals))
        owner = _word(state, "P", "nmod:poss", office, space=False)
        comma = _word(",", ",", "punct", name)
        if name.head is None:
            return
        if not _is_before_punctuation(tree, chain[-1]):
            _insert_after(tree, chain[-1], [_word(",", ",", "punct", name, space=chain[-1].space)])
            chain[-1].space = False
        _insert(tree, name, [owner, _word("'s", "'s", "case", owner), *words, comma])
        for child in children:
            if child.dep != "flat":
                child.head = office
        name.head, name.dep = office, "appos"


def _copy(tokens: Sequence[Token]) -> list[Token]:
    copies = {id(token): replace(token) for token in tokens}
    for copy in copies.values():
        copy.head = copies[id(copy.head)] if copy.head else None
    return list(copies.values())


def _rename(token: Token, name: str) -> None:
    token.form = token.lemma = name


def _word(form: str, kind: str, dep: str, head: Token | None, *, space: bool = True) -> Token:
    upos, xpos, feats = KINDS[kind]
    return Token(form, form.lower() if kind in {"J", "N"} else form, upos, xpos, feats, dep, head, space)


def _phrase(spec: str, dep: str, head: Token | None) -> list[Token]:
    """Return the words of "special:J envoy:N"; the last is the phrase's head and gets `dep` and `head`."""
    *modifiers, (form, kind) = (word.split(":") for word in spec.split())
    words = [_word(form, kind, dep, head)]
    for form, kind in reversed(modifiers):
        relation = "compound" if kind in {"P", "N"} else "amod"
        words.insert(0, _word(form, kind, relation, words[0] if kind == "M" else words[-1]))
    return words


def _insert(tree: list[Token], before: Token, words: Sequence[Token]) -> None:
    at = tree.index(before)
    tree[at:at] = words


def _insert_after(tree: list[Token], token: Token, words: Sequence[Token]) -> None:
    at = tree.index(token) + 1
    tree[at:at] = words


def _is_before_punctuation(tree: list[Token], token: Token) -> bool:
    at = tree.index(token) + 1
    return at < len(tree) and tree[at].upos == "PUNCT"


def _people_in(tree: Sequence[Token]) -> Iterable[list[Token]]:
    """Yield the names of two or three words: a proper noun, followed at once by its flat ones."""
    for at, token in enumerate(tree):
        if token.xpos != "NNP" or token.upos != "PROPN" or token.form in PLACE_WORDS:
            continue
        rest = [other for other in tree if other.head is token and other.dep == "flat"]
        chain = [token, *rest]
        if (
            rest
            and len(chain) <= 3
            and all(other.xpos == "NNP" for other in rest)
            and list(tree[at : at + len(chain)]) == chain
            and all(other.form.isalpha() or other.form.endswith(".") for other in chain)
            and len(chain[-1].form) > 1
            and not any(other.head in rest for other in tree)
        ):
            yield chain


def _is_bare_name(tree: Sequence[Token], token: Token) -> bool:
    form = token.form
    return (
        token.upos == "PROPN"
        and token.xpos == "NNP"
        and form.isalpha()
        and form[0].isupper()
        and not form.isupper()
        and len(form) > 3
        and token.dep in ARGUMENTS
        and not any(o.head is token and o.dep in {"compound", "amod", "flat", "det"} for o in tree)
    )


def _agrees_in_singular(tree: Sequence[Token], token: Token) -> bool:
    """Return whether a singular verb agrees with the token, so that "X and Y" could not stand there."""
    verb = token.head
    if token.dep != "nsubj" or verb is None:
        return False
    return verb.xpos == "VBZ" or any(o.head is verb and (o.xpos == "VBZ" or o.form == "was") for o in tree)
