"""Questions about relations: both directions, coverage, lanes, who meets whom, places, blocs with dated members."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from events.queries import Queries
from events.schema import Actor, Assignment, CodedArticle, Issue, Place, Selection
from events.store import Store
from tests.store_helpers import NOW, make_article, make_report, own

TALKS = Issue("tariffs", "trade", 0, 1)
GAS = Issue("gas supplies", "energy", 0, 1)


def person(name, role, side):
    return Actor(name, role, None, None, "GOV", side, 0, 1)


def one(number, day, source, target, kind, outlet="Daily", **values):
    article = make_article(f"Story {number}.", day, outlet, f"Title {number}")
    return CodedArticle(article, (make_report(article, source, target, kind, date=day, **values),))


MINSK = Place("Minsk", "BLR", 53.9, 27.6, "city")
ITEMS = [
    one(1, "2024-01-01", "RUS", "TUR", "ACCUSE", issues=(GAS, TALKS)),
    one(2, "2024-01-07", "TUR", "RUS", "AID", issues=(GAS,), place=MINSK),
    one(
        3, "2024-01-08", "RUS", "TUR", "CONSULT", outlet="Wire", symmetric=True, place=MINSK,
        actors=(person("Ivanov", "minister", "source"), person("Demir", "envoy", "target"), person("X", None, "third")),
    ),
    one(
        4, "2024-02-05", "TUR", "RUS", "CONSULT", mode="visit",
        actors=(person("Demir", "minister", "source"), person("Ivanov", "minister", "target")),
    ),
    one(5, "2024-02-06", "FRA", "DEU", "CONSULT", outlet="Other", symmetric=True),
    one(6, "2024-02-07", "FRA", "RUS", "ACCUSE", outlet="Daily"),
    one(7, "2024-03-01", "FIN", "RUS", "SANCTION", outlet="Herald"),
    one(8, "2020-03-01", "FIN", "RUS", "CONSULT", symmetric=True, outlet="Herald"),
    one(9, "2024-03-02", "TUR", "USA", "ACCUSE", outlet="Herald"),
    one(10, "2024-03-03", "NATO", "RUS", "ACCUSE", outlet="Herald"),
]  # fmt: skip
NAMES = {item.reports[0].report_id: f"e{at}" for at, item in enumerate(ITEMS, 1)}
AGAIN = one(11, "2024-01-08", "RUS", "TUR", "CONSULT", outlet="Herald", symmetric=True)
DYAD = Selection(dyad=("RUS", "TUR"))


@pytest.fixture(scope="module")
def queries(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("relations") / "store")
    store.add(ITEMS, own(*ITEMS))
    first = ITEMS[2].reports[0].report_id
    store.add([AGAIN], [Assignment(AGAIN.reports[0].report_id, first, "same act", "test", NOW)])
    return Queries(store)


def names(frame):
    return [NAMES[event_id] for event_id in frame["event_id"]]


def test_series_tells_who_acts(queries):
    found = queries.series(DYAD)
    assert found[
        ["by", "quad_class", "events", "intensity_sum", "intensity_squares"]
    ].to_numpy().tolist() == [
        ["a", "verbal conflict", 1, -3.0, 9.0],
        ["b", "material cooperation", 1, 10.0, 100.0],
        ["b", "verbal cooperation", 1, 2.5, 6.25],
        ["both", "verbal cooperation", 1, 2.5, 6.25],
    ]
    turned = queries.series(replace(DYAD, dyad=("TUR", "RUS")))
    assert sorted(turned["by"]) == ["a", "a", "b", "both"]


def test_series_by_week_begins_on_monday_and_is_empty_where_there_is_nothing(queries):
    found = queries.series(DYAD, "week")
    assert [f"{d:%Y-%m-%d}" for d in found["period"]] == [
        "2024-01-01",
        "2024-01-01",
        "2024-01-08",
        "2024-02-05",
    ]
    assert queries.series(Selection(dyad=("RUS", "BRA")), "week").empty
    assert set(queries.series()["by"]) == {"a", "both"}


def test_coverage_counts_all_dyads_and_the_same_outlets(queries):
    found = queries.coverage(replace(DYAD, start=date(2024, 1, 1)), "month")
    rows = found.set_index(found["period"].dt.month)[["stored", "same"]]
    assert rows.to_numpy().tolist() == [[3, 3], [3, 2], [3, 0]]  # Daily and Wire tell of the dyad
    narrow = queries.coverage(replace(DYAD, start=date(2024, 1, 1), event_types=("CONSULT",)), "month")
    assert narrow["stored"].tolist() == [3, 3, 3]


def test_lanes(queries):
    domains = queries.by_lane(DYAD)
    assert domains[["lane", "by", "events"]].to_numpy().tolist() == [
        ["energy", "b", 1], ["energy", "a", 1], ["trade", "a", 1],
    ]  # fmt: skip
    types = queries.by_lane(DYAD, "type", "month")
    assert types[types["lane"] == "CONSULT"]["by"].tolist() == ["both", "b"]
    assert set(queries.by_lane(DYAD, "issue")["lane"]) == {"gas supplies", "tariffs"}


def test_salient_events_come_by_reports_then_strength(queries):
    found = queries.salient(DYAD)
    assert names(found) == ["e3", "e2", "e1", "e4"]
    assert found["outlets"].tolist() == [2, 1, 1, 1]
    assert names(queries.salient(DYAD, 1, strongest=False)) == ["e3"]
    drawn = names(queries.salient(DYAD, strongest=False))
    assert drawn[0] == "e3"
    assert sorted(drawn) == ["e1", "e2", "e3", "e4"]
    assert queries.salient(Selection(dyad=("RUS", "BRA"))).empty


def test_sources_are_all_articles_of_the_events(queries):
    first = ITEMS[2].reports[0].report_id
    found = queries.sources((first, ITEMS[0].reports[0].report_id))
    assert found.groupby("event_id").size().to_dict()[first] == 2
    assert set(found["outlet"]) == {"Daily", "Wire", "Herald"}
    assert found["published"].dt.year.unique().tolist() == [2024]


def test_who_meets_whom_is_seen_from_a(queries):
    found = queries.meetings(DYAD)
    row = found.iloc[0]
    assert len(found) == 1
    assert (row["a_name"], row["b_name"], row["events"]) == ("Ivanov", "Demir", 2)
    assert row["b_role"] == "minister"  # as told last
    assert row["last"] == pd.Timestamp("2024-02-05")
    assert NAMES[row["event_id"]] == "e4"
    turned = queries.meetings(replace(DYAD, dyad=("TUR", "RUS")))
    assert turned["a_name"].tolist() == ["Demir"]
    assert queries.meetings(replace(DYAD, event_types=("AID",))).empty


def test_places(queries):
    found = queries.by_place(DYAD)
    assert found[["name", "precision", "events", "mean_intensity"]].to_numpy().tolist() == [
        ["Minsk", "city", 2, 6.25]
    ]


def test_a_bloc_acts_through_its_members_while_they_are_members(queries):
    nato = Selection(dyad=("NATO", "RUS"), members=True)
    # Finland joined on 4 April 2023: its sanction of 2024 counts, its talks of 2020 do not.
    assert sorted(names(queries.events(nato))) == ["e1", "e10", "e2", "e3", "e4", "e6", "e7"]
    assert sorted(names(queries.events(replace(nato, members=False)))) == ["e10"]
    assert sorted(names(queries.events(replace(nato, direction="b_to_a")))) == ["e1", "e3"]
    by = queries.series(nato).groupby("by")["events"].sum().to_dict()
    assert by == {"a": 5, "b": 1, "both": 1}


def test_acts_within_a_bloc_are_not_between_two(queries):
    # Chosen beside NATO, the US does not stand for it: what its allies do towards it is between the two.
    assert queries.count(Selection(dyad=("NATO", "USA"), members=True)).events == 1
    # Of the EU and NATO both are France and Germany: their talks are within each of the two.
    assert names(queries.events(Selection(dyad=("EU", "NATO"), members=True))) == []


def test_parties_stand_for_their_members_too(queries):
    asked = Selection(parties=("EU",), members=True)
    assert sorted(names(queries.events(asked))) == ["e5", "e6", "e7", "e8"]
    assert queries.count(replace(asked, members=False)).events == 0
