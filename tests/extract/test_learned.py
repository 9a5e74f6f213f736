"""The reader that has learned: what it sees, what it knows of no country, how it is taught."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from events import codebook
from events.errors import InputError
from events.extract.learned import COLUMNS, LINKS, describe, link_features, network
from events.extract.lexicon import hints, prior
from events.extract.rules import RuleExtractor
from events.extract.train.examples import examples, read_tsv
from events.pipeline import default_extractor
from events.reference import DATA, table
from events.schema import Article


def sentence(text: str):
    [coding] = RuleExtractor().read([Article.of(text, published="2024-05-15")])
    return describe(coding.clauses[0], coding.acts[0])


def test_the_names_of_parties_are_hidden():
    greek = sentence("The Greek foreign minister condemned Turkey on Tuesday.")
    polish = sentence("The Polish foreign minister condemned Belarus on Tuesday.")
    assert greek.columns == polish.columns
    assert greek.senses == polish.senses
    token = next(i for i, row in enumerate(greek.columns) if row[COLUMNS.index("lemma")] == "condemn")
    for a, b in zip(greek.participants, polish.participants, strict=True):
        assert link_features(greek, token, a) == link_features(polish, token, b)
        assert len(link_features(greek, token, a)) == len(LINKS)


@pytest.mark.parametrize(
    "text",
    [
        "{0} imposed sanctions on {1} on Monday.",
        "The president of {0} arrived in {1} for talks with his counterpart.",
        "{0} and {1} signed a treaty on fisheries.",
    ],
)
def test_other_countries_give_the_same_reports(text):
    def shape(a: str, b: str, codes: tuple[str, str]):
        found = default_extractor().stream([Article.of(text.format(a, b), published="2024-05-15")])
        names = dict(zip(codes, "AB", strict=True))
        return [
            ({names[r.source], names[r.target]}, r.symmetric, r.event_type, r.mode) for r in next(iter(found))
        ]

    first = shape("Poland", "Belarus", ("POL", "BLR"))
    assert first
    for a, b, codes in (("Kenya", "Uganda", ("KEN", "UGA")), ("Chile", "Peru", ("CHL", "PER"))):
        assert shape(a, b, codes) == first


def test_probabilities_are_probabilities():
    seen = sentence("Turkish troops shelled a Syrian village and Damascus protested to Ankara.")
    [read] = network().read([seen])
    assert read.readings
    for reading in read.readings:
        assert 0 <= reading.score <= 1
        for _, row in reading.roles:
            assert np.isclose(row.sum(), 1.0, atol=1e-3)
    assert all(0 <= t.probability <= 1 and t.domain in codebook.domains() for t in read.topics)


def test_confidence_grows_with_what_it_is_made_of():
    net = network()
    assert net.confidence("ACCUSE", 0.99, 0.99, 0.99) > net.confidence("ACCUSE", 0.6, 0.99, 0.99)
    assert net.confidence("ACCUSE", 0.99, 0.99, 0.99) > net.confidence("ACCUSE", 0.99, 0.99, 0.6)


def test_the_phrase_book_speaks_the_codebook():
    rows = table("lexicon/phrases.csv")
    assert len({(r["event_type"], r["phrase"]) for r in rows}) == len(rows)
    for row in rows:
        kind = codebook.event_type(row["event_type"])
        assert not row["mode"] or row["mode"] in kind.modes, row
        assert row["weight"] in {"1", "2", "3"}, row


def test_phrases_are_found_with_words_between_and_among_what_hangs_on_them():
    words = "it lift the last ban on".split()
    light = [False, False, True, True, False, False]
    nothing = [frozenset()] * 6
    assert hints(words, light, nothing)[1][0][1] == "RETREAT"
    words = "it lift a and b ban".split()
    below = [frozenset(), frozenset({"ban"}), *[frozenset()] * 4]
    assert hints(words, [False] * 6, below)[1][0][1] == "RETREAT"
    assert prior("scramble")[0].startswith("MOBILIZE")
    assert prior("tarmacadam") == ()


def test_every_training_sentence_can_be_read_and_its_triggers_stand_in_it():
    told = list(read_tsv(sorted((DATA / "training").glob("*.tsv"))))
    assert len(told) > 10_000
    assert len({t.text for t in told}) == len(told)
    for item in told:
        for event in item.events:
            kind = codebook.event_type(event.event_type)
            assert event.trigger in item.text
            assert event.mode is None or event.mode in kind.modes, item.text
    assert {e.event_type for t in told for e in t.events} == set(codebook.event_types())


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Greece met Turkey.", "0 tabs"),
        ("Greece met Turkey.\tGRC=TUR MET", "cannot read the event"),
        ('Greece met Turkey.\tGRC=TUR CONSULT "met"\tfish', "unknown domains fish"),
    ],
)
def test_a_bad_line_of_training_is_named(tmp_path: Path, line, message):
    path = tmp_path / "bad.tsv"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"bad.tsv, line 1.*{message}"):
        list(read_tsv([path]))


def test_an_example_carries_acts_and_roles(tmp_path: Path):
    path = tmp_path / "one.tsv"
    path.write_text(
        'Greece, which borders Turkey, accused Libya of piracy.\tGRC>LBY ACCUSE.allege "accused"\n'
    )
    [example] = examples(list(read_tsv([path])))
    [(token, act)] = example.acts.items()
    assert example.sentence.clauses.doc[token].text == "accused"
    assert act == ("ACCUSE", "ACCUSE.allege", "occurred")
    roles = {example.sentence.participants[n].refs[0].code: role for (_, n), role in example.roles.items()}
    assert roles == {"GRC": 1, "TUR": 0, "LBY": 2}
    assert example.lost == 0
