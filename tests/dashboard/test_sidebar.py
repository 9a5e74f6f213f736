"""The Selection and the URL: every field goes there and back, and nothing that a URL says does harm."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest

from events.accuracy import accuracy
from events.charts import words
from events.dashboard import controls
from events.schema import Selection
from tests.dashboard.test_pages import filled, html, page, run  # noqa: F401 fixtures

TRIED = {
    "parties": ("RUS", "UKR"),
    "dyad": ("UKR", "RUS"),
    "direction": "b_to_a",
    "members": True,
    "start": date(2024, 1, 6),
    "end": date(2024, 2, 29),
    "event_types": ("ACCUSE", "ASSAULT"),
    "quad_classes": ("verbal conflict",),
    "issues": ("tariffs",),
    "domains": ("trade", "defence"),
    "sectors": ("GOV", "MIL"),
    "statuses": ("occurred", "denied"),
    "attributed_to": "FRA",
    "min_confidence": 0.35,
    "min_outlets": 3,
    "outlet_countries": ("QAT", "GBR"),
    "outlet_kinds": ("agency", "state"),
    "states_only": True,
    "flagged": ("fan_out",),
    "unflagged": ("centroid", "one_source"),
    "search": 'a <b>word</b> & "another" ✕ %27',
    "dataset": "articles",
    "store_version": 1,
    "as_coded": True,
}


def one(name: str) -> Selection:
    if name == "direction":
        return Selection(dyad=("UKR", "RUS"), direction="b_to_a")
    return Selection(**{name: TRIED[name]})


def shown(at) -> Selection:
    return at.session_state["_selection"]


def test_every_field_is_tried():
    assert set(TRIED) == {field.name for field in fields(Selection)}
    assert all(value != getattr(Selection(), name) for name, value in TRIED.items())


@pytest.mark.parametrize("name", TRIED)
def test_a_field_comes_from_the_url_and_has_its_chip(page, name):  # noqa: F811
    wanted = one(name)
    at = page("articles", **controls.parameters(wanted))
    assert shown(at) == wanted
    assert controls.parameters(shown(at)) == controls.parameters(wanted)
    chips = [b for b in at.button if (b.key or "").startswith("chip_")]
    assert len(chips) == 1
    chips[0].click().run()
    assert not at.exception
    assert shown(at) == Selection()
    assert not [b for b in at.button if (b.key or "").startswith("chip_")]


def test_all_fields_together(page):  # noqa: F811
    wanted = Selection(**TRIED)
    at = page("articles", **controls.parameters(wanted))
    assert shown(at) == wanted
    at.button(key="reset").click().run()
    assert shown(at) == Selection(dataset="articles", store_version=1)


def test_no_status_at_all_is_all_three(page):  # noqa: F811
    at = page("articles", **controls.parameters(Selection(statuses=())))
    assert shown(at) == Selection(statuses=("occurred", "background", "denied"))


EVIL = [
    "",
    "NOBODY",
    "<script>alert(1)</script>",
    "\x00",
    "9" * 400,
    "-1",
    "1e999",
    "nan",
    "../../x",
    "\ufffd",
    "a" * 5000,
]


@pytest.mark.parametrize("value", EVIL, ids=range(len(EVIL)))
def test_hostile_parameters_are_harmless(page, value):  # noqa: F811
    at = page(**dict.fromkeys(controls.DEFAULTS, value))
    assert "<script" not in html(at)
    got = shown(at)
    assert replace(got, search="", min_confidence=0.0) == Selection()
    assert 0 <= got.min_confidence <= 1
    assert len(got.search) <= 200


def test_known_values_among_hostile_ones_are_kept(page):  # noqa: F811
    at = page("articles", party=[*EVIL, "RUS"], type=["AID", *EVIL, "AID"], status=[*EVIL, "denied"])
    assert shown(at) == Selection(parties=("RUS",), event_types=("AID",), statuses=("denied",))


def test_a_period_that_ends_before_it_starts_is_told(page):  # noqa: F811
    at = page("articles", **{"from": "2024-02-01", "to": "2024-01-01"})
    assert shown(at) == Selection()
    assert "ends before it starts" in at.sidebar.warning[0].value


def test_whose_acts_count_is_asked_for_two_parties(page):  # noqa: F811
    at = page(party=["RUS", "UKR"])
    assert shown(at) == Selection(parties=("RUS", "UKR"))
    at.selectbox(key="way").set_value("a_to_b").run()
    assert shown(at) == Selection(dyad=("RUS", "UKR"), direction="a_to_b")
    assert "Dyad **Russia → Ukraine** ✕" in [b.label for b in at.button]
    at.selectbox(key="way").set_value("both").run()
    assert shown(at) == Selection(dyad=("RUS", "UKR"))
    at.selectbox(key="way").set_value("any").run()
    assert shown(at) == Selection(parties=("RUS", "UKR"))
    at.multiselect(key="party").set_value(["RUS"]).run()
    assert not [box for box in at.selectbox if box.key == "way"]


def test_government_only_is_one_click(page):  # noqa: F811
    at = page()
    at.button(key="government").click().run()
    assert shown(at) == Selection(sectors=("GOV",))
    assert not [b for b in at.button if b.key == "government"]


def test_weak_types_are_marked_where_they_are_chosen(page):  # noqa: F811
    box = page().multiselect(key="type")
    for name, figure in accuracy().types.items():
        called = words.act(name)
        assert (f"{called} (weak)" if figure.weak else called) in box.options
        assert (f"{called} {figure.f1:.2f}" in box.help) == figure.weak


def test_an_earlier_version_is_shown_as_it_was(tmp_path, monkeypatch):
    from events.store import Store
    from tests.dashboard.test_pages import dated, figures
    from tests.store_helpers import own

    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "store"))
    for day in ("2024-01-01", "2024-02-01"):
        coded = dated(day, "FRA", "DEU", "CONSULT")
        Store(tmp_path / "store").add([coded], own(coded))
    at = run()
    assert figures(at)["Events"].startswith("2 ")
    at = run(version="1")
    assert figures(at)["Events"].startswith("1 ")
    assert "Articles, version 1" in html(at)
    assert "Articles · version 1 of 2" in html(at)
    at = run(version="77")
    assert shown(at) == Selection()
