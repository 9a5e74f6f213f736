"""Reports of one act become one event, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest

from events import cluster
from events.schema import Actor, Issue, Place, Quantity, Report, Span
from tests.store_helpers import make_article, make_report

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
OUTLETS = ("Daily", "Herald", "Tribune", "Courier")
PLACES = {"Kharkiv": (49.98, 36.25), "Odesa": (46.48, 30.73), "Kharkiv Oblast": (49.5, 36.5)}
ARTICLES = [make_article(f"{name} told it in its own words.", outlet=name) for name in OUTLETS]


def told(outlet: int, source: str = "RUS", target: str = "UKR", kind: str = "ASSAULT", /, **values) -> Report:
    """The act as one outlet tells it; `place` is the name of a city."""
    if values.get("place"):
        precision = "region" if "Oblast" in values["place"] else "city"
        values["place"] = Place(values["place"], "UKR", *PLACES[values["place"]], precision)
    return make_report(ARTICLES[outlet], source, target, kind, **({"date": "2024-05-14"} | values))


def number(value: float, kind: str = "killed") -> tuple[Quantity, ...]:
    return (Quantity(kind, value, "EUR" if kind == "money" else None, 0, 1),)


def person(name: str, body: str = "") -> tuple[Actor, ...]:
    """A minister of the source, and a body that has no role."""
    found = (Actor(name, "minister", None, "RUS", "GOV", "source", 0, 1),)
    return (*found, Actor(body, None, None, "RUS", "GOV", "source", 2, 3)) if body else found


def at_a(town: str) -> Span:
    return Span(0, 30, f"Forces shelled the town of {town} at dawn.")


SPOKE = Span(0, 9, "The two spoke.")


def events(*reports: Report) -> list[set[str]]:
    """The groups of reports that became one event each, in the order of their first report."""
    groups: dict[str, set[str]] = {}
    for assignment in cluster.assign(reports, now=NOW):
        groups.setdefault(assignment.event_id, set()).add(assignment.report_id)
    return list(groups.values())


ONE_ACT = {
    "the same words of two outlets": (told(0), told(1)),
    "a day apart": (told(0), told(1, date="2024-05-15")),
    "a day apart, the later told first": (told(0, date="2024-05-15"), told(1)),
    "over the turn of the year": (told(0, date="2023-12-31"), told(1, date="2024-01-01")),
    "one outlet names no place": (told(0, place="Kharkiv"), told(1)),
    "both name the place": (told(0, place="Kharkiv"), told(1, place="Kharkiv")),
    "news and looking back": (told(0), told(1, status="background")),
    "both deny it": (told(0, status="denied"), told(1, status="denied")),
    "a symmetric act": (
        told(0, "GRC", "TUR", "CONSULT", symmetric=True),
        told(1, "GRC", "TUR", "CONSULT", symmetric=True),
    ),
    "another mode of the type": (told(0, mode="aerial"), told(1, mode="drone")),
    "printed the day after the text's Monday": (told(0, date_basis="text"), told(1, date="2024-05-15")),
    "the toll has risen": (told(0, quantities=number(3)), told(1, quantities=number(7))),
    "a rounded sum": (told(0, quantities=number(113, "money")), told(1, quantities=number(110, "money"))),
    "the same minister, one with a body": (told(0, actors=person("Ana Ruiz")), told(1, actors=person("Ruiz", "them"))),
    "a city and its region": (told(0, place="Kharkiv"), told(1, place="Kharkiv Oblast")),
    "the week and a day of it, with place and number": (
        told(0, place="Kharkiv", quantities=number(3), date_basis="text"),
        told(1, place="Kharkiv", quantities=number(3), date="2024-05-18", date_precision="week"),
    ),
    "recalled by its month, with place and number": (
        told(0, place="Kharkiv", quantities=number(3)),
        told(
            1, place="Kharkiv", quantities=number(3), date="2024-05-01", date_precision="month", status="background",
        ),
    ),
    "a visit and its meeting": (
        told(0, "RUS", "TUR", "CONSULT", mode="visit", place="Odesa", date_basis="text"),
        told(1, "RUS", "TUR", "CONSULT", symmetric=True, place="Odesa", date_basis="text"),
    ),
    "a general issue and a particular one": (
        told(0, "RUS", "UKR", "ACCUSE", issues=(Issue("rights, in general", "rights", 0, 1),)),
        told(1, "RUS", "UKR", "ACCUSE", issues=(Issue("grain deal", "agriculture", 0, 1),)),
    ),
}  # fmt: skip
TWO_ACTS = {
    "two days apart": (told(0), told(1, date="2024-05-16")),
    "another target": (told(0), told(1, "RUS", "GEO")),
    "the other direction": (told(0), told(1, "UKR", "RUS")),
    "another type": (told(0), told(1, "RUS", "UKR", "THREATEN")),
    "told and denied": (told(0), told(1, status="denied")),
    "looked back on and denied": (told(0, status="background"), told(1, status="denied")),
    "two places": (told(0, place="Kharkiv"), told(1, place="Odesa")),
    "no day known": (told(0, date=None, status="background"), told(1, date=None, status="background")),
    "one without a day": (told(0), told(1, date=None, status="background")),
    "two acts of one article": (told(0), told(0, ordinal=1)),
    "on Monday and on Tuesday, says the text": (
        told(0, date_basis="text"),
        told(1, date="2024-05-15", date_basis="text"),
    ),
    "printed the day before the text's Tuesday": (told(0), told(1, date="2024-05-15", date_basis="text")),
    "a call and a visit": (
        told(0, "RUS", "TUR", "CONSULT", mode="phone", symmetric=True, sentence=SPOKE),
        told(1, "RUS", "TUR", "CONSULT", mode="multilateral", symmetric=True),
    ),
    "two ministers": (told(0, actors=person("Ana Ruiz")), told(1, actors=person("Juan Paz"))),
    "eighteen and sixty-three expelled": (
        told(0, "CZE", "RUS", "SANCTION", quantities=number(18, "expelled")),
        told(1, "CZE", "RUS", "SANCTION", quantities=number(63, "expelled")),
    ),
    "a toll too far": (told(0, quantities=number(2)), told(1, quantities=number(20))),
    "another subject": (
        told(0, "CHN", "USA", "ACCUSE", issues=(Issue("Taiwan question", "territory", 0, 1),)),
        told(1, "CHN", "USA", "ACCUSE", issues=(Issue("chips", "technology", 0, 1),)),
    ),
    "planned for two days": (
        told(0, "FRA", "DEU", "AGREE", planned_for="2024-06-01"),
        told(1, "FRA", "DEU", "AGREE", planned_for="2024-06-09"),
    ),
    "planned and held": (told(0, "FRA", "DEU", "AGREE", mode="meet"), told(1, "FRA", "DEU", "CONSULT")),
    "places that we do not know": (told(0, sentence=at_a("Goris")), told(1, sentence=at_a("Jermuk"))),
    "the month alone": (told(0), told(1, date="2024-05-01", date_precision="month", status="background")),
    "the same month, a year on": (
        told(0, place="Kharkiv", quantities=number(3)),
        told(1, place="Kharkiv", quantities=number(3), date="2023-05-01", date_precision="month"),
    ),
    # Consultations of both sides, and one side informing the other: same dyad and day, not one act.
    "both sides and one side": (
        told(0, "BLR", "RUS", "CONSULT", symmetric=True),
        told(1, "BLR", "RUS", "CONSULT", symmetric=False),
    ),
}


@pytest.mark.parametrize("case", ONE_ACT)
def test_one_act_told_twice_is_one_event(case):
    one, other = ONE_ACT[case]
    assert events(one, other) == [{one.report_id, other.report_id}]


@pytest.mark.parametrize("case", TWO_ACTS)
def test_two_acts_stay_two_events(case):
    one, other = TWO_ACTS[case]
    assert events(one, other) == [{one.report_id}, {other.report_id}]


def test_the_founding_report_lends_its_id_and_each_assignment_its_reason():
    first, second = told(0, place="Kharkiv"), told(1, place="Kharkiv")
    third, alone = told(2, date="2024-05-15"), told(3, status="denied")
    made = cluster.assign([first, second, third, alone], now=NOW)
    assert [(a.report_id, a.event_id) for a in made] == [
        (first.report_id, first.report_id),
        (second.report_id, first.report_id),
        (third.report_id, first.report_id),
        (alone.report_id, alone.report_id),
    ]
    assert [a.reason for a in made] == [
        "founded the event",
        "same dyad, direction and type; same day, both in Kharkiv",
        "same dyad, direction and type; a day apart",
        "founded the event",
    ]
    assert {(a.by, a.when) for a in made} == {("rules", "2024-06-01T12:00:00+00:00")}


def test_two_acts_in_each_of_two_articles_are_two_events():
    reports = told(0), told(0, ordinal=1), told(1), told(1, ordinal=1)
    assert events(*reports) == [
        {reports[0].report_id, reports[2].report_id},
        {reports[1].report_id, reports[3].report_id},
    ]


def test_no_reports_make_no_assignments():
    assert cluster.assign([]) == []


def stored(event_id: str = "e1", outlet: int = 3, /, **values) -> cluster.Known:
    """A report of another outlet that is in an event already."""
    values = {"date": "2024-05-13", "place": "Kharkiv"} | values
    return cluster.Known.of(told(outlet, **values), OUTLETS[outlet], event_id)


def test_a_report_joins_a_stored_event():
    (made,) = cluster.assign([told(0, place="Kharkiv")], [stored()], now=NOW)
    assert (made.event_id, made.reason) == (
        "e1",
        "same dyad, direction and type; a day apart, both in Kharkiv",
    )


def test_the_nearest_day_wins_among_stored_events():
    known = [stored(place=None), stored("e2", 2, date="2024-05-14", place=None)]
    (made,) = cluster.assign([told(0)], known, now=NOW)
    assert made.event_id == "e2"


def test_a_second_act_of_a_stored_article_does_not_join_the_first():
    known = [stored("e1", 0, date="2024-05-14", place=None, ordinal=1)]
    (made,) = cluster.assign([told(0)], known, now=NOW)
    assert made.reason == "founded the event"


@pytest.mark.parametrize(
    "reports",
    [
        (told(0), told(1), told(2, status="denied"), told(3, status="denied")),
        (told(0, place="Kharkiv"), told(1, place="Odesa"), told(2, place="Kharkiv"), told(3, place="Odesa")),
        (told(0), told(1, date="2024-05-17"), told(2), told(3, date="2024-05-17")),
        (told(0), told(1, "UKR", "RUS"), told(2), told(3, "UKR", "RUS")),
    ],
    ids=["status", "place", "day", "direction"],
)
def test_clear_cases_fall_together_in_any_order(reports):
    found = {frozenset(map(frozenset, events(*order))) for order in permutations(reports)}
    assert len(found) == 1
    assert {len(group) for group in found.pop()} == {2}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_report_without_a_place_does_not_tie_two_places_together(order):
    reports = told(0, place="Kharkiv"), told(1), told(2, place="Odesa")
    groups = events(*(reports[i] for i in order))
    assert not any({reports[0].report_id, reports[2].report_id} <= group for group in groups)


def test_a_chain_of_days_is_not_one_act():
    # Strikes on four days in a row, each told once: neighbours may fall together, the first and the last not.
    reports = [told(n, date=f"2024-05-{14 + n}") for n in range(4)]
    groups = events(*reports)
    assert not any({reports[0].report_id, reports[3].report_id} <= group for group in groups)
