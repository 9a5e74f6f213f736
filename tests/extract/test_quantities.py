"""Numbers told of an act, with their words."""

from __future__ import annotations

import pytest

from events.extract.quantities import quantities_in


def found(text: str) -> list[tuple[str, float, str | None]]:
    return [(q.kind, q.value, q.unit) for q in quantities_in(text, 0, len(text))]


PEOPLE = [
    ("The strike killed 12 people.", [("killed", 12)]),
    ("Shells fell, killing at least three soldiers.", [("killed", 3)]),
    ("Twelve people were killed and 30 wounded.", [("killed", 12), ("injured", 30)]),
    ("A dozen people were killed.", [("killed", 12)]),
    ("Two hundred soldiers died.", [("killed", 200)]),
    ("Another 25 were injured.", [("injured", 25)]),
    ("25 others were injured.", [("injured", 25)]),
    ("Moscow expelled two Polish diplomats.", [("expelled", 2)]),
    ("The expulsion of 15 diplomats followed.", [("expelled", 15)]),
    ("Ten diplomats were expelled.", [("expelled", 10)]),
    ("The coast guard detained 14 fishermen.", [("detained", 14)]),
    ("14 fishermen were detained.", [("detained", 14)]),
    ("Police arrested three foreign nationals.", [("detained", 3)]),
    ("They released 50 prisoners.", [("released", 50)]),
    ("The two sides swapped 300 prisoners.", [("released", 300)]),
    ("They went home after freeing six hostages.", [("released", 6)]),
    ("Paris sent 1,500 troops.", [("troops", 1500)]),
    ("It moved 5,000 extra soldiers to the border.", [("troops", 5000)]),
    ("It moved two thousand troops.", [("troops", 2000)]),
    ("It sent 500 marines.", [("troops", 500)]),
    ("It sent 12.5 thousand soldiers.", [("troops", 12500)]),
]
MONEY = [
    ("It gave $2.5 billion in aid.", 2.5e9, "USD"),
    ("It gave US$300m.", 3e8, "USD"),
    ("It gave US$ 5 million.", 5e6, "USD"),
    ("It lent €50 million.", 5e7, "EUR"),
    ("It lent £1.2bn.", 1.2e9, "GBP"),
    ("It lent 300 million euros.", 3e8, "EUR"),
    ("It lent 10 billion yuan.", 1e10, "CNY"),
    ("It paid $1,250.", 1250, "USD"),
    ("It paid 5 million rupees.", 5e6, "INR"),
    ("It paid 40 trillion won.", 4e13, "KRW"),
    ("It paid two million dollars.", 2e6, "USD"),
]
NOTHING = [
    "No numbers are told.",
    "Dozens were killed.",
    "Hundreds of troops came.",
    "The road is 2,000 kilometres long.",
    "Prices rose by 20 percent.",
    "Resolution 2231 was adopted.",
    "The 5 March talks ended.",
    "",
]


@pytest.mark.parametrize(("sentence", "expected"), PEOPLE)
def test_people(sentence, expected):
    assert found(sentence) == [(kind, value, None) for kind, value in expected]


@pytest.mark.parametrize(("sentence", "value", "currency"), MONEY)
def test_money_has_its_currency(sentence, value, currency):
    assert found(sentence) == [("money", value, currency)]


@pytest.mark.parametrize("sentence", NOTHING)
def test_nothing_is_counted_where_nothing_is_told(sentence):
    assert found(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("No one was killed.", "killed"),
        ("Luckily, no one was injured.", "injured"),
        ("Not one was hurt.", "injured"),
    ],
)
def test_nobody_is_not_one(sentence, kind):
    assert kind not in {q[0] for q in found(sentence)}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Twenty-five soldiers were killed.", ("killed", 25)),
        ("Shells fell, killing twenty-five.", ("killed", 25)),
        ("Thirty-two diplomats were expelled.", ("expelled", 32)),
        ("It sent one hundred and fifty troops.", ("troops", 150)),
    ],
)
def test_numbers_of_several_words(sentence, expected):
    assert [q[:2] for q in found(sentence)] == [expected]


@pytest.mark.parametrize(
    ("sentence", "currency"),
    [
        ("It gave A$20 million.", "AUD"),
        ("It gave C$20 million.", "CAD"),
        ("It gave 20 million Canadian dollars.", "CAD"),
        ("It gave 20 million Australian dollars.", "AUD"),
    ],
)
def test_other_dollars_are_not_american(sentence, currency):
    # Without its own currency a sum is better left out than told in US dollars.
    assert found(sentence) in ([("money", 2e7, currency)], [("money", 2e7, None)], [])


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("In 2019 soldiers were killed there.", ("killed", 2019)),
        ("Covid-19 killed 5 of them.", ("killed", 19)),
        ("It gave $10-15 million.", ("money", 10)),
    ],
)
def test_years_names_and_ranges_are_not_misread(sentence, wrong):
    assert wrong not in [q[:2] for q in found(sentence)]


def test_the_words_are_kept_and_the_dead_are_not_counted_as_troops():
    text = "He spoke. Fire killed 12 Kenyan soldiers, and 1,000 troops came with $3 million."
    quantities = quantities_in(text, 10, len(text))
    assert [(q.kind, text[q.start : q.end]) for q in quantities] == [
        ("killed", "killed 12"),
        ("troops", "1,000 troops"),
        ("money", "$3 million"),
    ]
    assert quantities_in(text, 0, 9) == []
