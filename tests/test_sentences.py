"""Every act as a sentence: all types, modes and statuses, of one side and of both, planned and not."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest

from events.charts import sentences
from events.codebook import event_types

KINDS = [(name, mode) for name, entry in event_types().items() for mode in (None, *entry.modes)]


def event(**values) -> SimpleNamespace:
    given = {
        "source": "USA", "target": "PHL", "symmetric": False, "event_type": "CONSULT", "mode": None,
        "status": "occurred", "planned_for": None, "issues": ["tariffs", "fisheries"], "place_name": "Manila",
        "actors": [{"name": "Ana Ruiz", "side": "source", "role": "minister"}], "date": pd.Timestamp(2024, 3, 4),
        "date_precision": "day", "confidence": 0.9,
    }  # fmt: skip
    return SimpleNamespace(**(given | values))


@pytest.mark.parametrize("symmetric", [False, True], ids=["directed", "of both"])
@pytest.mark.parametrize("status", ["occurred", "denied", "background"])
@pytest.mark.parametrize(("kind", "mode"), KINDS, ids=str)
def test_every_act_is_one_plain_sentence(kind, mode, status, symmetric):
    told = sentences.tell(event(event_type=kind, mode=mode, status=status, symmetric=symmetric))
    assert re.fullmatch(r"[A-Z][^{}\n]+\.", told)
    assert "  " not in told
    assert "tariffs and fisheries in Manila (Ana Ruiz)." in told
    assert "the United States" in told or told.startswith("The United States")
    assert "nan" not in told.lower().split()
    if symmetric:
        assert " its " not in told
        assert " it " not in told.removeprefix("It was denied that ")
        assert not re.search(r"\b[Aa] (court|concession|request|curfew|targeted|suicide|crowd)\b", told)
        assert not re.search(r" of each other\b(?! )", told)
    else:
        assert "each other" not in told
    if status == "denied":
        assert re.match(
            r"It was denied that (the United States|a |people |workers |courts |officials )", told
        )


@pytest.mark.parametrize(("kind", "mode"), KINDS, ids=str)
def test_a_planned_act_names_its_day(kind, mode):
    line = sentences.entry(event(event_type=kind, mode=mode, planned_for=pd.Timestamp(2024, 5, 1)))
    assert line.text.startswith("4 Mar 2024, Manila. ")
    assert line.told.endswith(", planned for 1 May 2024.")
    coming = sentences.entry(
        event(event_type=kind, mode=mode, planned_for=pd.Timestamp(2024, 5, 1)), planned=True
    )
    assert coming.when == "1 May 2024"
    assert "planned for" not in coming.told


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (
            {"source": "RUS", "target": "BLR", "symmetric": True, "place_name": "Minsk",
             "issues": ["NATO expansion", "migration control"],
             "actors": [{"name": "Patrushev", "side": "source", "role": "secretary"},
                        {"name": "Zas", "side": "target", "role": "secretary"}]},
            "4 Mar 2024, Minsk. Russia and Belarus held talks on NATO expansion and migration control (Patrushev, Zas).",
        ),
        (
            {"status": "denied", "event_type": "ASSAULT", "mode": "drone", "issues": [], "actors": [],
             "place_name": None, "date_precision": "month"},
            "Mar 2024. It was denied that the United States attacked the Philippines with drones. [denied]",
        ),
        (
            {"status": "background", "event_type": "SANCTION", "issues": [], "actors": [], "confidence": 0.31,
             "date_precision": "week", "place_name": float("nan")},
            ("About 4 Mar 2024. The United States imposed sanctions on the Philippines. "
            "[recalled by a later article; low confidence, 0.31]"),
        ),
        (
            {"date": pd.NaT, "place_name": None, "issues": [], "actors": []},
            "No date. The United States consulted the Philippines.",
        ),
    ],
    ids=["both", "denied", "recalled", "undated"],
)  # fmt: skip
def test_a_line_says_when_where_who_what_and_what_to_know(values, line):
    assert sentences.entry(event(**values)).text == line


def test_a_decision_of_an_analyst_is_marked():
    assert sentences.entry(event(), corrected=True).caveats == ("corrected by an analyst",)


def test_a_day_may_be_a_plain_date():
    assert "planned for 2 Jan 2025" in sentences.entry(event(planned_for=date(2025, 1, 2))).text
