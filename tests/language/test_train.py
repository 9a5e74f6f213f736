"""The recipe of the language model: conversion and augmentation keep valid trees. Nothing is trained here."""

from __future__ import annotations

from pathlib import Path

import pytest

from events.errors import DataError, InputError
from events.language.train.augment import Augmenter, Names, augmented
from events.language.train.convert import Sentence, Token, document, grouped, read, treebank
from events.language.train.package import digest

# number form lemma upos xpos feats head relation [SpaceAfter=No]
VISIT = """
1 the the DET DT _ 2 det
2 president president NOUN NN Number=Sing 3 nmod:desc
3 Ana Ana PROPN NNP Number=Sing 5 nsubj
4 Silva Silva PROPN NNP Number=Sing 3 flat
5 visited visit VERB VBD _ 0 root
6 Norway Norway PROPN NNP Number=Sing 5 obj No
7 . . PUNCT . _ 5 punct
"""
REFUSAL = """
1 Peter Peter PROPN NNP Number=Sing 5 nsubj
2 Brandt Brandt PROPN NNP Number=Sing 1 flat
3-4 didn't _ _ _ _ _ _
3 did do AUX VBD _ 5 aux
4 n't not PART RB _ 5 advmod
5 meet meet VERB VB _ 0 root
5.1 _ _ VERB VB _ _ _
6 German German ADJ JJ Degree=Pos 7 amod
7 envoys envoy NOUN NNS Number=Plur 5 obj
8 in in ADP IN _ 9 case
9 Oslo Oslo PROPN NNP Number=Sing 5 obl No
10 . . PUNCT . _ 5 punct
"""
PAIR = """
1-2 dunno _ _ _ _ _ _
1 do do AUX VBP _ 2 aux
2 know know VERB VB _ 0 root
"""
NAMES = Names(
    states=["Norway", "Ghana", "Peru"],
    demonyms=["Norwegian", "Ghanaian", "Peruvian"],
    parties=["Norway", "Ghana", "Peru", "EU"],
    adjectives=["Norwegian", "Ghanaian", "Peruvian", "German", "US"],
    capitals=["Oslo", "Accra", "Lima"],
    titles=["President:P", "Deputy:P Foreign:A Minister:P", "Foreign:M Ministry:P spokesman:N"],
    offices=["foreign:J minister:N", "army:N chief:N"],
    first=["Ama", "Luis"],
    last=["Mensah", "Quispe"],
)


def conllu(tree: str, *comments: str) -> str:
    rows = []
    for line in tree.split("\n"):
        if line:
            number, form, lemma, upos, xpos, feats, head, relation, *tight = line.split(" ")
            misc = "SpaceAfter=No" if tight else "_"
            rows.append(f"{number}\t{form}\t{lemma}\t{upos}\t{xpos}\t{feats}\t{head}\t{relation}\t_\t{misc}")
    return "\n".join((*comments, *rows)) + "\n\n"


@pytest.fixture
def sentences(tmp_path: Path) -> list[Sentence]:
    path = tmp_path / "own-train.conllu"
    path.write_text(conllu(VISIT, "# newdoc id = a") + conllu(REFUSAL) + conllu(PAIR), encoding="utf-8")
    return read(path)


def words(tokens: list[Token]) -> str:
    return " ".join(token.form for token in tokens)


def assert_tree(tokens: list[Token]) -> None:
    members = set(map(id, tokens))
    assert sum(token.head is None for token in tokens) == 1
    for token in tokens:
        seen, above = set(), token
        while above.head is not None:
            assert id(above.head) in members, f"{above.form} hangs on a word outside its sentence"
            assert id(above) not in seen, f"{above.form} hangs on itself"
            seen.add(id(above))
            above = above.head


def test_conversion_keeps_the_surface_and_the_tree(sentences):
    doc = document(sentences)
    assert (
        doc.text
        == "the president Ana Silva visited Norway. Peter Brandt didn't meet German envoys in Oslo. do know"
    )
    assert [sent.root.text for sent in doc.sents] == ["visited", "meet", "know"]
    silva, norway = doc[3], doc[5]
    assert (silva.dep_, silva.head.text, silva.tag_, silva.pos_) == ("flat", "Ana", "NNP", "PROPN")
    assert (norway.dep_, norway.head.text, norway.lemma_, str(norway.morph)) == (
        "obj",
        "visited",
        "Norway",
        "Number=Sing",
    )
    for sentence in sentences:
        assert_tree(sentence.tokens)


def test_groups_end_with_their_document(sentences):
    second = [Sentence(sentence.tokens, sentence.opens_document) for sentence in sentences]
    assert [len(group) for group in grouped([*sentences, *second], size=2)] == [2, 1, 2, 1]


@pytest.mark.parametrize(("name", "kept"), [("GUM_news_x", 1), ("GUM_fiction_x", 0), ("weblog_fiction", 1)])
def test_closed_genres_of_gum_are_left_out(tmp_path, name, kept):
    path = tmp_path / "a.conllu"
    path.write_text(conllu(VISIT, f"# newdoc id = {name}"), encoding="utf-8")
    assert len(read(path)) == kept


def test_a_broken_row_is_named_with_its_line(tmp_path):
    path = tmp_path / "a.conllu"
    path.write_text("# text = x\n1\tx\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.conllu, line 2"):
        read(path)


def test_a_missing_treebank_is_told(tmp_path):
    with pytest.raises(DataError, match="should hold one file"):
        treebank(tmp_path, "ewt", "train")


def test_augmentation_keeps_valid_trees(sentences):
    before = [words(sentence.tokens) for sentence in sentences]
    for seed in range(300):
        augment = Augmenter(NAMES, seed)
        copies = [Sentence(augment(sentence.tokens)) for sentence in sentences]
        for copy in copies:
            assert_tree(copy.tokens)
            assert copy.tokens[0].form != "the"
        assert len(list(document(copies).sents)) == len(copies), f"seed {seed}"
    assert [words(sentence.tokens) for sentence in sentences] == before, "the originals were changed"


def test_augmentation_makes_every_kind_of_edit(sentences):
    told = " | ".join(
        words(Augmenter(NAMES, seed)(sentence.tokens)) for seed in range(300) for sentence in sentences
    )
    for edit in (
        "Luis Quispe did",  # another person
        "visited Peru .",  # another state
        "Deputy Foreign Minister Ama ",  # a title
        ", the Ghanaian foreign minister , did",  # an office behind the name
        "'s army chief , Luis ",  # an office before it
        "and Peru .",  # a second state
    ):
        assert edit in told, edit


def test_an_office_before_a_name_takes_its_place(sentences):
    for seed in range(300):
        tokens = Augmenter(NAMES, seed)(sentences[1].tokens)
        if tokens[1].form == "'s":
            office = next(token for token in tokens if token.dep == "nsubj")
            name = next(token for token in tokens if token.dep == "appos")
            assert office.form in {"minister", "chief"}
            assert (office.head.form, name.head, tokens[0].head) == ("meet", office, office)
            return
    pytest.fail("no seed put an office before the name")


def test_one_seed_gives_one_corpus(sentences):
    runs = [
        [words(sentence.tokens) for group in augmented([sentences], NAMES, seed=4) for sentence in group]
        for _ in range(2)
    ]
    assert runs[0] == runs[1] != []


def test_digest_depends_on_names_and_contents(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b/x").write_text("1", encoding="utf-8")
    first = digest(tmp_path)
    (tmp_path / "b/x").rename(tmp_path / "b/y")
    assert digest(tmp_path) != first
