"""Issues of the codebook, found by their words."""

from __future__ import annotations

from collections import defaultdict

import pytest

from events import codebook
from events.extract.issues import _plurals, issues_in


def found(text: str) -> list[tuple[str, str, str]]:
    return [(i.issue, i.domain, text[i.start : i.end]) for i in issues_in(text, 0, len(text))]


SENTENCES = [
    ("They discussed NATO expansion.", [("NATO expansion", "defence", "NATO expansion")]),
    ("They discussed NATO's expansion.", [("NATO expansion", "defence", "NATO's expansion")]),
    ("They discussed NATO’s expansion.", [("NATO expansion", "defence", "NATO’s expansion")]),
    ("Tariffs came up.", [("tariffs", "trade", "Tariffs")]),
    ("A tariff came up.", [("tariffs", "trade", "tariff")]),
    ("A ceasefire holds in Gaza.", [("ceasefire", "conflict", "ceasefire")]),
    ("They spoke of visas and refugees.", [
        ("visas and entry rules", "migration", "visas"), ("refugees", "migration", "refugees"),
    ]),
    ("A cyber attack was blamed.", [("cyber-attacks", "cyber", "cyber attack")]),
    ("Cyber-attacks and a cyberattack were blamed.", [("cyber-attacks", "cyber", "Cyber-attacks")]),
    ("They spoke of human rights.", [("human rights", "rights", "human rights")]),
    ("They agreed on a prisoner swap.", [("prisoner exchange", "rights", "prisoner swap")]),
    ("A gas pipeline will be built.", [("gas pipelines", "energy", "gas pipeline")]),
    ("TARIFFS AND TERRORISM", [("tariffs", "trade", "TARIFFS"), ("terrorism", "terrorism", "TERRORISM")]),
]  # fmt: skip
NO_ISSUE = ["They met.", "The tariffication went on.", "", "Russia borders Belarus."]


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES)
def test_issues_and_their_domains(sentence, expected):
    assert found(sentence) == expected


@pytest.mark.parametrize("sentence", NO_ISSUE)
def test_no_issue_is_made_up(sentence):
    assert found(sentence) == []


def test_letters_that_change_their_length_do_not_move_the_words():
    assert found("İİİ: tariffs, İstanbul.") == [("tariffs", "trade", "tariffs")]


def test_only_the_asked_part_is_read_and_each_issue_told_once():
    text = "Tariffs first. Then terrorism, tariffs, a tariff and terrorism."
    assert [(i.issue, text[i.start : i.end]) for i in issues_in(text, 15, len(text))] == [
        ("terrorism", "terrorism"),
        ("tariffs", "tariffs"),
    ]


@pytest.mark.parametrize("issue", codebook.issues().values(), ids=lambda i: i.name)
def test_every_term_finds_its_issue_in_lower_case_and_at_the_head_of_a_sentence(issue):
    for term in issue.terms:
        for words in (term, term[0].upper() + term[1:]):
            assert found(f"{words} was discussed.")[:1] == [(issue.name, issue.domain, words)], term


def test_no_plural_of_one_issue_is_a_term_of_another():
    forms: dict[str, set[str]] = defaultdict(set)
    for issue in codebook.issues().values():
        for term in issue.terms:
            for form in (term, *_plurals(term)):
                forms[form.replace("-", " ").replace("’", "'")].add(issue.name)
    assert {form: names for form, names in forms.items() if len(names) > 1} == {}
