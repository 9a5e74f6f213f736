"""Parties, days and places that only the sentences before an act name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from events import codebook
from events.errors import InputError
from events.extract.fields import choose, fields
from events.extract.learned import LINKS, Past, earlier_features, network
from events.extract.rules import RuleExtractor
from events.extract.train.examples import examples, read_passages
from events.extract.train.fields import choices
from events.pipeline import default_extractor
from events.reference import DATA
from events.schema import Article

PASSAGE = (
    "Greece summoned the Turkish ambassador in Athens on Monday. The ministry demanded an apology. "
    "Ankara rejected the demand."
)


def coding_of(text: str):
    [coding] = RuleExtractor().read([Article.of(text, published="2024-05-15")])
    coding.described()
    return coding


def reports_of(text: str):
    return next(iter(default_extractor().stream([Article.of(text, published="2024-05-15")])))


def test_parties_named_before_stand_by_the_nearest_first_and_those_named_here_do_not():
    coding = coding_of(PASSAGE)
    first, second, third = coding.seen
    assert [e.ref.code for e in first.earlier] == []
    assert {e.ref.code for e in second.earlier} == {"GRC", "TUR"}
    assert [e.back for e in second.earlier] == [1, 1]
    assert [e.ref.code for e in third.earlier] == ["GRC"]
    ref = third.earlier[0].ref
    assert coding.text[ref.start : ref.end] == "Greece"


def test_a_sentence_with_two_parties_needs_none_from_before():
    coding = coding_of("Chile protested to Peru on Monday. Greece summoned the Turkish ambassador.")
    assert coding.seen[1].earlier == []


def test_what_is_known_of_a_party_named_before_names_no_country():
    past = [Past(0, "ACCUSE", False, frozenset({"GRC"}), frozenset({"TUR"}))]
    other = [Past(0, "ACCUSE", False, frozenset({"CHL"}), frozenset({"PER"}))]
    text = "{0} summoned the {1} ambassador on Monday. {2} rejected the demand."
    greek = coding_of(text.format("Greece", "Turkish", "Turkey")).seen[1]
    chilean = coding_of(text.format("Chile", "Peruvian", "Peru")).seen[1]
    token = next(t.i for t in greek.clauses.doc if t.text == "rejected")
    features = earlier_features(greek, token, 0, past, 1)
    assert features == earlier_features(chilean, token, 0, other, 1)
    assert len(features) == len(LINKS)
    assert any("hereT" in f for f in features)


def test_an_act_finds_the_party_that_was_named_before_and_shows_its_words():
    text = PASSAGE
    found = {(r.source, r.target, r.event_type): r for r in reports_of(text)}
    report = found["TUR", "GRC", "REJECT"]
    assert report.sentence.text == "Ankara rejected the demand."
    for name in ("source", "target"):
        [span] = report.evidence[name]
        assert text[span.start : span.end] == span.text
    assert report.evidence["target"][0].text == "Greece"
    assert report.evidence["target"][0].end < report.sentence.start


def test_a_domestic_act_is_not_carried_over():
    text = "Greece and Turkey held talks in Athens on Monday. Turkey raised its minimum wage by a tenth."
    assert {r.event_type for r in reports_of(text)} == {"CONSULT"}


def test_day_and_place_of_the_meeting_hold_for_what_is_said_there():
    text = (
        "Foreign ministers Hakan Fidan of Turkey and Giorgos Gerapetritis of Greece held talks in Athens on Monday. "
        "Fidan thanked Greece for its help after the earthquake."
    )
    talks = next(r for r in reports_of(text) if r.event_type == "CONSULT")
    assert talks.place is not None
    assert talks.place.name == "Athens"
    assert (talks.date, talks.date_basis) == ("2024-05-13", "text")


def test_choosing_gives_one_option_with_its_probability():
    some = next(iter(fields()["date"]))
    best, sure = choose("date", [[some], ["none"]])
    assert best in {0, 1}
    assert 0.5 <= sure <= 1
    assert choose("place", [["none"]]) == (0, 1.0)


def test_fields_name_no_country():
    for weights in fields().values():
        assert not any(
            code in feature.split() for feature in weights for code in ("GRC", "TUR", "USA", "RUS")
        )


def test_every_passage_can_be_read_and_its_words_stand_in_it():
    told = list(read_passages(sorted((DATA / "training").glob("*.jsonl"))))
    assert len(told) > 1_000
    assert len({t.text for t in told}) == len(told)
    for item in told:
        for event in item.events:
            kind = codebook.event_type(event.event_type)
            assert event.stands(item.text) >= 0
            assert event.mode is None or event.mode in kind.modes, item.text
            assert set(event.domains) <= set(codebook.domains())
            for words in (event.date, event.place_name):
                assert words is None or words in item.text


def passage(tmp_path: Path, **changes) -> Path:
    event = {
        "parties": "TUR>GRC", "type": "REJECT", "mode": None, "status": "occurred", "trigger": "rejected",
        "date": "on Monday", "place": None, "domains": ["diplomacy"],
    }  # fmt: skip
    path = tmp_path / "some.jsonl"
    record = {"text": PASSAGE, "published": "2024-05-15", "events": [event]} | changes
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    return path


def test_a_bad_passage_is_named(tmp_path: Path):
    with pytest.raises(InputError, match=r"some\.jsonl, line 1"):
        list(read_passages([passage(tmp_path, events=[{"type": "REJECT"}])]))


def test_an_example_carries_the_roles_of_parties_named_before(tmp_path: Path):
    made = list(examples(list(read_passages([passage(tmp_path)]))))
    example = next(e for e in made if e.acts)
    [(token, act)] = example.acts.items()
    assert example.sentence.clauses.doc[token].text == "rejected"
    assert act == ("REJECT", "REJECT", "occurred")
    named = len(example.sentence.participants)
    roles = {
        example.sentence.earlier[n - named].ref.code: r for (_, n), r in example.roles.items() if n >= named
    }
    assert roles == {"GRC": 2}
    assert example.domains == ("diplomacy",)


def test_a_choice_points_to_the_words_of_the_passage(tmp_path: Path):
    found = dict(choices(list(read_passages([passage(tmp_path)]))))
    options, right = found["date"]
    assert right == 0  # "Monday" of the first sentence; the last option stands for none
    assert options[-1][0] == "none"
    options, right = found["place"]
    assert right == len(options) - 1


def test_the_network_knows_words_that_tell_an_act():
    assert {"rejected", "summoned"} <= network().telling
    assert "the" not in network().telling
