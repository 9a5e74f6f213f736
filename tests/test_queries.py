from __future__ import annotations

import threading
from copy import copy
from dataclasses import replace
from datetime import date

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from events import codebook, queries
from events.errors import StoreError, UnknownCode
from events.queries import Counts, Headline, Queries
from events.schema import REPORT_SCHEMA, Actor, Assignment, CodedArticle, Issue, Place, Selection
from events.store import Store, report_of
from tests.store_helpers import NOW, make_article, make_report, own, simple

A1 = make_article(
    "Ankara and Athens talked about tariffs. Ankara complained.", "2024-01-02", "Daily", "Talks in ANKARA"
)
A2 = make_article(
    "The two met, it is told. NATO accused Russia of 100% 'lies'; é_x.", "2024-01-03T23:30:00-05:00", "Herald"
)
A3 = make_article("Russia had struck Ukraine. No troops moved. Türkiye will meet.", None, None)
A4 = make_article("Paris and Berlin met.", "2023-05-06", "Sample")

TARIFFS = Issue("tariffs", "trade", 0, 1)
EXPANSION = Issue("NATO expansion", "defence", 0, 1)


def actor(sector):
    return Actor("X", None, None, None, sector, "source", 0, 1)


E1 = make_report(
    A1, "GRC", "TUR", symmetric=True, date="2024-01-01", confidence=0.9, sentence=A1.span(16, 55),
    issues=(TARIFFS, EXPANSION, replace(TARIFFS, start=3)), actors=(actor("GOV"), actor(None)),
    place=Place("Ankara", "TUR", 39.9, 32.9, "city"),
)  # fmt: skip
E2 = make_report(A1, "TUR", "GRC", "ACCUSE", ordinal=1, date="2024-01-02", confidence=0.4)
AGAIN = make_report(A2, "GRC", "TUR", symmetric=True, date="2024-01-01", confidence=0.95)  # tells E1
E4 = make_report(
    A2, "NATO", "RUS", "ACCUSE", date="2024-02-10", confidence=0.6, attributed_to="UKR", issues=(EXPANSION,)
)
E5 = make_report(A3, "RUS", "UKR", "ASSAULT", status="background", date=None)
E6 = make_report(A3, "UKR", "RUS", "MOBILIZE", ordinal=1, status="denied", date="2023-12-31")
E7 = make_report(
    A3, "TUR", "UKR", "AGREE", date="2024-04-15", planned_for="2024-07-01", actors=(actor("MIL"),)
)
E8 = make_report(A4, "DEU", "FRA", symmetric=True)

ITEMS = [CodedArticle(A1, (E1, E2)), CodedArticle(A2, (AGAIN, E4)), CodedArticle(A3, (E5, E6, E7))]
NAMES = {
    r.report_id: n for n, r in {"E1": E1, "E2": E2, "E4": E4, "E5": E5, "E6": E6, "E7": E7, "E8": E8}.items()
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("queries") / "store")
    sample = CodedArticle(A4, (E8,))
    store.add([sample], own(sample), dataset="samples")
    founding = {AGAIN.report_id: E1.report_id}
    store.add(ITEMS, [replace(a, event_id=founding.get(a.report_id, a.event_id)) for a in own(*ITEMS)])
    return store


@pytest.fixture(scope="module")
def ask(store):
    return Queries(store)


@pytest.fixture(scope="module")
def nothing(tmp_path_factory):
    return Queries(Store(tmp_path_factory.mktemp("queries") / "none"))


def names(frame: pd.DataFrame) -> list[str]:
    return [NAMES[event] for event in frame["event_id"]]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "E7 E4 E2 E1 E5"),
        ({"statuses": ()}, "E7 E4 E2 E1 E6 E5"),
        ({"statuses": ("occurred",)}, "E7 E4 E2 E1"),
        ({"statuses": ("denied",)}, "E6"),
        ({"statuses": ("background",)}, "E5"),
        ({"start": date(2024, 1, 2)}, "E7 E4 E2"),
        ({"end": date(2024, 1, 2)}, "E2 E1"),
        ({"start": date(2024, 1, 2), "end": date(2024, 2, 10)}, "E4 E2"),
        ({"start": date(1000, 1, 1), "end": date(3000, 1, 1)}, "E7 E4 E2 E1"),
        ({"parties": ("UKR",)}, "E7 E5"),
        ({"parties": ("NATO", "GRC")}, "E4 E2 E1"),
        ({"dyad": ("GRC", "TUR")}, "E2 E1"),
        ({"dyad": ("TUR", "GRC")}, "E2 E1"),
        ({"dyad": ("GRC", "TUR"), "direction": "a_to_b"}, "E1"),
        ({"dyad": ("GRC", "TUR"), "direction": "b_to_a"}, "E2 E1"),
        ({"dyad": ("TUR", "UKR"), "direction": "b_to_a"}, ""),
        ({"event_types": ("ACCUSE", "AGREE")}, "E7 E4 E2"),
        ({"quad_classes": ("verbal conflict",)}, "E4 E2"),
        ({"issues": ("tariffs",)}, "E1"),
        ({"issues": ("NATO expansion", "tariffs")}, "E4 E1"),
        ({"domains": ("defence",)}, "E4 E1"),
        ({"domains": ("health",)}, ""),
        ({"sectors": ("GOV", "MIL")}, "E7 E1"),
        ({"sectors": ("LEG",)}, ""),
        ({"attributed_to": "UKR"}, "E4"),
        ({"min_confidence": 0.6}, "E4 E1"),
        ({"min_outlets": 2}, "E1"),
        ({"min_outlets": 3}, ""),
        ({"states_only": True}, "E7 E2 E1 E5"),
        ({"search": " anKARA "}, "E2 E1"),
        ({"search": "TÜRKIYE"}, "E7 E5"),
        ({"search": "tariffs"}, "E2 E1"),
        ({"search": "   "}, "E7 E4 E2 E1 E5"),
        ({"dataset": "samples"}, "E8"),
        ({"dataset": "none"}, ""),
        ({"store_version": 1}, "E8"),
        ({"search": "talks", "min_outlets": 2, "domains": ("trade",), "sectors": ("GOV",)}, "E1"),
    ],
    ids=str,
)
def test_each_field_of_a_selection(ask, fields, expected):
    selection = Selection(**fields)
    found = names(ask.events(selection))
    assert found == expected.split()
    counts = ask.count(selection)
    assert counts.events + counts.undated == len(found)


@pytest.mark.parametrize(
    "hostile",
    [
        "'",
        "';DROP TABLE reports;--",
        '"',
        "\\",
        "%",
        "_",
        "\x00",
        "\ud800",
        "{x}",
        "$1",
        "?",
        "100% 'lies'; é_X",
        "🙂" * 999,
    ],
)
def test_hostile_searches_find_words_alone(ask, hostile):
    expected = {"{x}": {"E4", "E1"}, "100% 'lies'; é_X": {"E4", "E1"}}  # A2 tells both
    assert set(names(ask.events(Selection(search=hostile)))) == expected.get(hostile, set())
    assert set(ask.articles(search=hostile)["article_id"]) == (
        {A2.article_id} if hostile in expected else set()
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"parties": ("Turkey",)}, {"dyad": ("GRC", "xx")}, {"attributed_to": "'"}, {"event_types": ("TALK",)},
        {"quad_classes": ("conflict",)}, {"issues": ("peace",)}, {"domains": ("x",)}, {"sectors": ("gov",)},
        {"statuses": ("done",)},
    ],
    ids=str,
)  # fmt: skip
def test_unknown_codes_ring(ask, fields):
    with pytest.raises(UnknownCode):
        ask.events(Selection(**fields))
    with pytest.raises(UnknownCode):
        ask.count(Selection(**fields))


def test_an_event_row(ask):
    row = ask.events(Selection(min_outlets=2)).iloc[0].to_dict()
    assert row.pop("actors") == [
        {
            "name": "X", "role": None, "organisation": None, "country": None, "sector": sector,
            "side": "source", "start": 0, "end": 1,
        }
        for sector in ("GOV", None)
    ]  # fmt: skip
    assert pd.isna(row.pop("mode"))
    assert pd.isna(row.pop("planned_for"))
    assert row == {
        "event_id": E1.report_id, "date": pd.Timestamp("2024-01-01"), "date_precision": "day",
        "date_basis": "publication", "source": "GRC", "target": "TUR", "symmetric": True,
        "event_type": "CONSULT",
        "quad_class": "verbal cooperation", "intensity": 2.5, "status": "occurred", "place_name": "Ankara",
        "place_country": "TUR", "place_lat": 39.9, "place_lon": 32.9, "place_precision": "city",
        "issues": ["NATO expansion", "tariffs"], "domains": ["defence", "trade"], "confidence": 0.9,
        "reports": 2, "articles": 2, "outlets": 2, "outlet_names": ["Daily", "Herald"],
        "first_reported": pd.Timestamp("2024-01-02"), "article_id": A1.article_id,
        "sentence": E1.sentence.text,
        "dataset": "articles",
    }  # fmt: skip


def test_unknown_values_are_missing_not_invented(ask):
    row = ask.events(Selection(statuses=("background",))).iloc[0]
    assert row["date"] is pd.NaT
    assert row["first_reported"] is pd.NaT
    assert pd.isna(row["place_name"])
    assert pd.isna(row["place_lat"])
    assert (row["issues"], row["domains"], row["actors"], row["outlet_names"]) == ([], [], [], [])
    assert (row["reports"], row["outlets"]) == (1, 0)


def test_pages_and_order(ask):
    assert names(ask.events(limit=2)) == ["E7", "E4"]
    assert names(ask.events(limit=2, offset=2)) == ["E2", "E1"]
    assert names(ask.events(offset=4)) == ["E5"]
    assert names(ask.events(descending=False)) == ["E1", "E2", "E4", "E7", "E5"]
    assert names(ask.events(limit=0)) == []


def test_counts_and_headline(ask):
    assert ask.count() == Counts(4, 5, 3, 2, 3, date(2024, 1, 1), date(2024, 4, 15), undated=1)
    assert ask.headline() == Headline(4, -0.25, 0.5)
    assert ask.count(Selection(parties=("FRA",))) == Counts(0, 0, 0, 0, 0, None, None, undated=0)
    assert ask.headline(Selection(parties=("FRA",))) == Headline(0, None, None)


def test_counts_are_whole_numbers(ask):
    for frame in (
        ask.by_state(),
        ask.by_dyad(),
        ask.by_period(),
        ask.by_type(),
        ask.by_domain(),
        ask.by_direction(),
    ):
        assert frame["events"].dtype == "int64"
    assert {type(value) for value in (ask.count().events, ask.count().dyads, ask.headline().events)} == {int}


def test_by_state(ask):
    frame = ask.by_state()
    assert list(frame.columns) == ["party", "events", "mean_intensity", "conflict_share"]
    assert frame.round(4).to_numpy().tolist() == [
        ["TUR", 3, 0.6667, 0.3333],
        ["GRC", 2, -0.25, 0.5],
        ["NATO", 1, -3.0, 1.0],
        ["RUS", 1, -3.0, 1.0],
        ["UKR", 1, 2.5, 0.0],
    ]
    assert ask.parties(Selection(parties=("UKR",))).to_numpy().tolist() == [
        ["TUR", 3], ["GRC", 2], ["NATO", 1], ["RUS", 1], ["UKR", 1],
    ]  # fmt: skip


def test_by_dyad(ask):
    frame = ask.by_dyad()
    assert list(frame.columns) == [
        "a", "b", "events", "mean_intensity", "conflict_share", "a_to_b", "b_to_a", "symmetric",
    ]  # fmt: skip
    assert frame.to_numpy().tolist() == [
        ["GRC", "TUR", 2, -0.25, 0.5, 0, 1, 1],
        ["NATO", "RUS", 1, -3.0, 1.0, 1, 0, 0],
        ["TUR", "UKR", 1, 2.5, 0.0, 1, 0, 0],
    ]
    assert len(ask.by_dyad(limit=1)) == 1


def test_partners_of_one_party(ask):
    frame = ask.partners("TUR")
    assert list(frame.columns) == [
        "party", "events", "mean_intensity", "conflict_share", "given", "received", "symmetric",
    ]  # fmt: skip
    assert frame.to_numpy().tolist() == [["GRC", 2, -0.25, 0.5, 1, 0, 1], ["UKR", 1, 2.5, 0.0, 1, 0, 0]]
    assert ask.partners("RUS").to_numpy().tolist() == [["NATO", 1, -3.0, 1.0, 0, 1, 0]]
    assert ask.partners("RUS", Selection(parties=("TUR",))).empty
    assert ask.partners("FRA").empty


def test_by_place_and_what_happened_there(ask):
    assert ask.by_place().to_numpy().tolist() == [["Ankara", "TUR", 39.9, 32.9, "city", 1, 2.5, 0.0]]
    assert ask.by_place(Selection(parties=("NATO",))).empty
    assert names(ask.newest(place=("Ankara", "TUR", "city"))) == ["E1"]
    assert ask.newest(place=("Ankara", None, "city")).empty
    assert ask.newest(place=("Ankara", "TUR", "region")).empty


def test_the_newest_events_of_a_party(ask):
    assert names(ask.newest(party="TUR")) == ["E7", "E2", "E1"]
    assert names(ask.newest(party="TUR", limit=1)) == ["E7"]
    assert names(ask.newest(Selection(parties=("UKR",)), party="TUR")) == ["E7"]
    assert names(ask.newest(limit=2)) == ["E7", "E4"]


@pytest.mark.parametrize(
    ("unit", "periods"),
    [
        ("week", ["2024-01-01", "2024-01-01", "2024-02-05", "2024-04-15"]),
        ("month", ["2024-01-01", "2024-01-01", "2024-02-01", "2024-04-01"]),
        ("quarter", ["2024-01-01", "2024-01-01", "2024-04-01"]),
        ("year", ["2024-01-01", "2024-01-01"]),
    ],
)
def test_by_period(ask, unit, periods):
    frame = ask.by_period(unit=unit)
    assert frame["period"].tolist() == [pd.Timestamp(period) for period in periods]
    assert frame["events"].sum() == 4
    assert frame["quad_class"].iloc[:2].tolist() == ["verbal conflict", "verbal cooperation"]
    assert frame["events"].tolist()[0] == (1 if unit in {"week", "month"} else 2)


def test_by_type_and_domain(ask):
    assert ask.by_type().to_numpy().tolist() == [
        ["ACCUSE", "verbal conflict", 2, -3.0],
        ["AGREE", "verbal cooperation", 1, 2.5],
        ["CONSULT", "verbal cooperation", 1, 2.5],
    ]
    assert ask.by_domain().to_numpy().tolist() == [["defence", 2, -0.25, 0.5], ["trade", 1, 2.5, 0.0]]


def test_what_is_coming(ask):
    assert names(ask.coming(Selection(end=date(2024, 1, 1)), date(2024, 7, 1))) == ["E7"]
    assert names(ask.coming(today=date(2024, 7, 2))) == []
    assert names(ask.coming(Selection(parties=("GRC",)), date(2024, 1, 1))) == []


def test_articles(ask):
    frame = ask.articles()
    assert frame["article_id"].tolist() == [A2.article_id, A1.article_id, A3.article_id]
    assert frame["reports"].tolist() == [2, 2, 3]
    assert frame["published"].tolist()[:2] == [pd.Timestamp("2024-01-03"), pd.Timestamp("2024-01-02")]
    assert frame["skipped"].isna().all()
    assert ask.articles(Selection(issues=("tariffs",)))["article_id"].tolist() == [
        A2.article_id,
        A1.article_id,
    ]
    assert ask.articles(search="tALKs in")["title"].tolist() == ["Talks in ANKARA"]
    assert ask.articles(dataset="samples")["article_id"].tolist() == [A4.article_id]
    assert ask.articles(limit=1, offset=1)["article_id"].tolist() == [A1.article_id]


def test_pages_of_a_selections_articles_make_up_the_whole_list(tmp_path):
    items = []
    for number in range(24):  # several a day, four reports each, some without a day
        article = make_article(f"Text {number}.", f"2024-01-0{1 + number % 4}" if number % 6 else None, f"Outlet {number % 2}")  # fmt: skip
        told = [
            make_report(article, "RUS", "UKR", "ACCUSE", ordinal=o, date=f"2024-02-0{1 + o}")
            for o in range(4)
        ]
        items.append(CodedArticle(article, (*told, make_report(article, "FRA", "DEU", ordinal=9))))
    store = Store(tmp_path / "store")
    store.add([*items, CodedArticle(make_article("Nothing.", "2024-01-05"), ())], own(*items))
    ask, dyad = Queries(store), Selection(dyad=("RUS", "UKR"))
    whole = ask.articles()
    kept = whole[whole["reports"] > 0].reset_index(drop=True)
    assert len(kept) == 24
    assert kept["reports"].eq(5).all()
    for coding in ("any", "events"):
        pages = [ask.articles(dyad, limit=5, offset=first, coding=coding) for first in range(0, 25, 5)]
        pd.testing.assert_frame_equal(pd.concat(pages, ignore_index=True), kept)
    one = kept[kept["outlet"] == "Outlet 1"].reset_index(drop=True)
    pd.testing.assert_frame_equal(ask.articles(dyad, limit=3, outlet="Outlet 1"), one.head(3))
    assert ask.articles(replace(dyad, end=date(2023, 1, 1)), limit=5).empty
    assert ask.articles(dyad, limit=5, coding="none").empty


def test_single_records(ask):
    assert [ask.article(item.article.article_id).article for item in ITEMS] == [
        item.article for item in ITEMS
    ]
    for item in ITEMS:
        found = ask.article(item.article.article_id).reports
        assert sorted(found, key=lambda r: r.report_id) == sorted(item.reports, key=lambda r: r.report_id)
    event = ask.event(E1.report_id)
    assert (event.event_id, event.report) == (E1.report_id, E1)
    assert event.report_ids == (E1.report_id, AGAIN.report_id)
    assert event.article_ids == (A1.article_id, A2.article_id)
    assert (event.outlets, event.first_reported) == (("Daily", "Herald"), "2024-01-02")
    assert ask.event(AGAIN.report_id) == event
    assert ask.event("nobody") is None
    assert ask.article("nobody") is None
    assert ask.event(E8.report_id).report == E8  # whatever its dataset


def test_export_of_reports(ask):
    batches = list(ask.reports(Selection(issues=("tariffs",))))
    rows = pa.Table.from_batches(batches)
    assert rows.schema == REPORT_SCHEMA.append(pa.field("event_id", pa.string()))
    assert sorted(report_of(row).report_id for row in rows.to_pylist()) == sorted(
        [E1.report_id, AGAIN.report_id]
    )
    assert {report_of(row).report_id: report_of(row) for row in rows.to_pylist()}[E1.report_id] == E1
    assert sum(batch.num_rows for batch in ask.reports()) == 6


def test_datasets(ask, tmp_path):
    assert ask.datasets() == {"articles": 3, "samples": 1}
    assert ask.dataset() == "articles"
    assert ask.dataset(Selection(dataset="samples")) == "samples"
    assert ask.dataset(Selection(store_version=1)) == "samples"
    store = Store(tmp_path / "imported")
    store.add([simple(1)], own(simple(1)), dataset="gdelt")
    assert Queries(store).dataset() == "gdelt"


def test_an_empty_store_has_the_same_columns(ask, nothing):
    for question in (
        "events",
        "by_state",
        "by_dyad",
        "by_period",
        "by_type",
        "by_domain",
        "by_place",
        "newest",
        "coming",
        "parties",
        "articles",
    ):
        full, empty = getattr(ask, question)(), getattr(nothing, question)()
        assert empty.empty
        assert list(empty.columns) == list(full.columns), question
        assert empty.dtypes.tolist() == full.dtypes.tolist(), question
    assert nothing.count() == Counts(0, 0, 0, 0, 0, None, None, undated=0)
    assert nothing.headline() == Headline(0, None, None)
    assert nothing.datasets() == {}
    assert nothing.article("x") is None
    assert nothing.event("x") is None
    assert list(nothing.reports()) == []
    assert nothing.events(Selection(search="x", min_outlets=2, sectors=("GOV",), states_only=True)).empty


def test_events_without_their_founding_report_take_the_most_confident(tmp_path):
    store = Store(tmp_path / "store")
    items = [simple(n, confidence=0.1 * n) for n in (1, 2, 3)]
    everything = own(*items)
    first = [item.reports[0].report_id for item in items]
    moved = [replace(a, event_id="gone") if a.report_id in first else a for a in everything]
    store.add(items, moved)
    assert not store.snapshot().plain
    ask = Queries(store)
    row = ask.events(Selection(event_types=("CONSULT",)))
    assert row[["event_id", "confidence", "reports", "date"]].to_numpy().tolist() == [
        ["gone", pytest.approx(0.3), 3, pd.Timestamp("2013-03-04")]
    ]
    assert ask.event("gone").report == items[2].reports[0]
    assert ask.count().events == 4
    # the founder moves away from an event of its own: what remains is told by the rest
    store.add([], [Assignment(first[0], items[0].reports[1].report_id, "merged", "analyst", NOW)])
    assert Queries(store).count() == replace(ask.count(), events=4)
    assert Queries(store).event(items[0].reports[1].report_id).report_ids == (
        items[0].reports[1].report_id,
        first[0],
    )


def test_the_long_way_answers_like_the_short_one(ask, store):
    long = Queries(store)
    long.snapshot = replace(long.snapshot, orphans=1)
    for fields in (
        {},
        {"min_outlets": 2},
        {"search": "talks"},
        {"domains": ("defence",)},
        {"dataset": "samples"},
    ):
        selection = Selection(**fields)
        pd.testing.assert_frame_equal(long.events(selection), ask.events(selection))
        assert long.count(selection) == ask.count(selection)


def test_four_threads_at_once(ask):
    failed: list[BaseException] = []
    start = threading.Barrier(4)

    def work():
        try:
            start.wait()
            for _ in range(5):
                assert ask.count().events == 4
                assert len(ask.events(Selection(search="ankara"))) == 2
                assert len(list(ask.reports())) == 1
        except BaseException as error:  # noqa: BLE001 handed to the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_version_that_is_not_there(store, ask):
    with pytest.raises(StoreError, match="no version 9"):
        Queries(store, 9)
    with pytest.raises(StoreError, match="no version 9"):
        ask.events(Selection(store_version=9))


def test_a_file_deleted_under_a_question_is_told(ask):
    class Cursor:
        def sql(self, _):
            raise duckdb.IOException("No files found")

    tables = ask._everything()
    asked = copy(tables.engine)
    asked._cursor = Cursor()
    with pytest.raises(StoreError, match="ask for a newer version"):
        replace(tables, engine=asked).run(tables.articles("article_id"))


# What is new, what changed, blocs


@pytest.fixture(scope="module")
def grown(tmp_path_factory) -> Store:
    """Two commits: the second brings two events and one more report of a known one."""
    store = Store(tmp_path_factory.mktemp("grown") / "store")

    def told(text: str, day: str, source: str, target: str, kind: str, **values) -> CodedArticle:
        article = make_article(text, day)
        return CodedArticle(article, (make_report(article, source, target, kind, date=day, **values),))

    first = [
        told("One.", "2015-03-01", "GBR", "FRA", "CONSULT"),
        told("Two.", "2022-03-01", "RUS", "FRA", "ACCUSE", issues=(Issue("tariffs", "trade", 0, 2),)),
        told("Three.", "2022-03-09", "FRA", "RUS", "CONSULT"),
    ]
    store.add(first, own(*first))
    second = [
        told("Four.", "2022-04-01", "GBR", "RUS", "SANCTION"),
        told("Five.", "2022-04-02", "EU", "RUS", "SANCTION"),
    ]
    again = told("Two again.", "2022-03-02", "RUS", "FRA", "ACCUSE")
    known = first[1].reports[0].report_id
    joined = Assignment(again.reports[0].report_id, known, "same act", "test", "2024-06-01T00:00:00+00:00")
    store.add([*second, again], [*own(*second), joined])
    return store


def test_new_events_are_those_whose_founder_came_later(grown):
    ask = Queries(grown)
    assert ask.new(since=1)["source"].tolist() == ["EU", "GBR"]
    assert ask.count_new(since=1) == 2
    assert ask.count_new(since=0) == 5
    assert ask.count_new(since=2) == 0
    assert ask.count_new(Selection(parties=("GBR",)), since=1) == 1
    assert list(ask.new(since=1).columns) == list(ask.events().columns)
    assert len(ask.new(since=0, limit=2)) == 2


def test_a_bloc_stands_for_its_members_on_the_day_of_the_act(grown):
    ask = Queries(grown)
    # GBR left the EU in January 2020; the EU itself acts for the bloc too
    assert sorted(ask.events(Selection(parties=("EU",), members=True))["date"].dt.strftime("%Y-%m-%d")) == [
        "2015-03-01", "2022-03-01", "2022-03-09", "2022-04-02",
    ]  # fmt: skip
    assert ask.count(Selection(parties=("EU",))).events == 1
    assert ask.count(Selection(dyad=("EU", "RUS"), members=True)).events == 3
    assert ask.count(Selection(dyad=("EU", "RUS"), direction="a_to_b", members=True)).events == 2


def test_spreads_of_dyads_by_hand(grown):
    ask = Queries(grown)
    rows = ask.dyad_spread(Selection(parties=("FRA",))).to_dict("records")
    assert [(r["a"], r["b"], r["events"]) for r in rows] == [("FRA", "GBR", 1), ("FRA", "RUS", 2)]
    accuse, consult = codebook.intensity("ACCUSE"), codebook.intensity("CONSULT")
    assert rows[1]["mean_intensity"] == pytest.approx((accuse + consult) / 2)
    assert rows[1]["intensity_sd"] == pytest.approx(abs(accuse - consult) / 2**0.5)
    assert rows[0]["intensity_sd"] != rows[0]["intensity_sd"]  # NaN for one event
    whole = ask.spread(Selection(dyad=("RUS", "FRA")))
    assert whole["events"] == 2
    assert whole["intensity_sd"] == pytest.approx(rows[1]["intensity_sd"])


def test_what_a_dyad_is_made_of(grown):
    ask = Queries(grown)
    dyads = (("RUS", "FRA"), ("EU", "RUS"))
    types = ask.dyad_types(Selection(), dyads)[["a", "b", "event_type", "events"]].to_numpy().tolist()
    assert types == [["EU", "RUS", "SANCTION", 1], ["FRA", "RUS", "ACCUSE", 1], ["FRA", "RUS", "CONSULT", 1]]
    issues = ask.dyad_issues(Selection(), dyads).to_numpy().tolist()
    assert issues == [["FRA", "RUS", "tariffs", 1]]
    months = ask.dyad_periods(Selection(), dyads, "month")
    assert months["events"].tolist() == [1, 2]
    assert months["period"].dt.strftime("%Y-%m-%d").tolist() == ["2022-04-01", "2022-03-01"]
    assert ask.dyad_types(Selection(), ()).empty


PUTIN = Actor("Vladimir V. Putin", "President", "Presidency", "RUS", "GOV", "source", 0, 1)
AGAIN_PUTIN = replace(PUTIN, name="Vladimir Putin", role="prime minister", organisation="Government")
MILLER = Actor("Ann Miller", "envoy", None, "GBR", "GOV", "target", 0, 1)
OTHER_MILLER = replace(MILLER, country="USA", role="ambassador", sector="MIL")
MUELLER = replace(MILLER, name="ANN MILLER")


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    """Five events: two spellings of one person, one name of two parties, a witness, a meeting of both sides."""
    article = make_article("Of people.", "2020-05-01")
    reports = (
        make_report(article, "RUS", "GBR", date="2020-01-05", actors=(PUTIN, MILLER), issues=(TARIFFS, EXPANSION)),
        make_report(article, "RUS", "USA", "AID", ordinal=1, date="2008-06-01", actors=(AGAIN_PUTIN, OTHER_MILLER)),
        make_report(
            article, "GBR", "RUS", symmetric=True, ordinal=2, date="2020-03-09",
            actors=(replace(PUTIN, side="target"), replace(AGAIN_PUTIN, side="target"), replace(MUELLER, side="source")),
        ),
        make_report(article, "GBR", "USA", "ACCUSE", ordinal=3, date=None, actors=(replace(PUTIN, side="third"),)),
        make_report(article, "RUS", "GBR", "ASSAULT", ordinal=4, date="2020-03-10", issues=(TARIFFS, replace(TARIFFS, start=5))),
    )  # fmt: skip
    store = Store(tmp_path_factory.mktemp("named") / "store")
    store.add([CodedArticle(article, reports)], own(CodedArticle(article, reports)))
    return Queries(store)


def test_an_official_is_one_actor_and_a_name_of_two_parties_two(named):
    frame = named.actors()
    assert frame[["actor", "name", "events", "total"]].to_numpy().tolist() == [
        ["Vladimir Putin", "Vladimir Putin", 4, 3],
        ["ann miller|GBR", "ANN MILLER", 2, 3],
        ["ann miller|USA", "Ann Miller", 1, 3],
    ]
    assert frame.iloc[0][["role", "organisation", "country", "sector"]].to_list() == [
        "prime minister", "Government", "RUS", "GOV",
    ]  # fmt: skip
    assert (frame["first"].iloc[0], frame["last"].iloc[0]) == (
        pd.Timestamp("2008-06-01"),
        pd.Timestamp("2020-03-09"),
    )
    assert len(named.actors(limit=1)) == 1


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("vladimir v.", ["Vladimir Putin"]),
        ("PRESID", ["Vladimir Putin"]),
        ("ambassador", ["ann miller|USA"]),
        ("gbr", ["ann miller|GBR"]),
        ("müller", []),
        ("%", []),
        ("\x00", []),
    ],
)
def test_actors_are_found_by_spelling_post_and_party(named, search, found):
    assert named.actors(search=search)["actor"].to_list() == found


def test_actors_of_a_sector_alone(named):
    assert named.actors(Selection(sectors=("MIL",)))["actor"].to_list() == ["ann miller|USA"]


def test_the_questions_about_one_actor(named):
    putin = "Vladimir Putin"
    assert named.actor_names(putin)[["name", "events"]].to_numpy().tolist() == [
        ["Vladimir V. Putin", 3], ["Vladimir Putin", 2],
    ]  # fmt: skip
    posts = named.actor_posts(putin)
    assert posts[posts["role"] == "prime minister"]["month"].to_list() == [
        pd.Timestamp("2008-06-01"), pd.Timestamp("2020-03-01"),
    ]  # fmt: skip
    others = named.actor_counterparts(putin)
    assert others[["actor", "met", "events"]].to_numpy().tolist() == [
        ["ann miller|GBR", 2, 2],
        ["ann miller|USA", 0, 1],
    ]
    assert others["last_met"].iloc[0] == pd.Timestamp("2020-03-09")
    assert pd.isna(others["last_met"].iloc[1])
    assert named.actor_parties(putin)[["own", "other", "events"]].to_numpy().tolist() == [
        ["RUS", "GBR", 2], ["RUS", "USA", 1],
    ]  # fmt: skip
    assert dict(zip(named.actor_types(putin)["event_type"], named.actor_types(putin)["events"], strict=True)) == {
        "CONSULT": 2, "ACCUSE": 1, "AID": 1,
    }  # fmt: skip
    assert named.actor_events(putin, limit=2)["date"].to_list() == [
        pd.Timestamp("2020-03-09"),
        pd.Timestamp("2020-01-05"),
    ]
    assert named.actor_events("nobody|FRA").empty


def test_directions_count_an_act_of_both_sides_twice(named):
    found = named.by_direction()  # the undated accusation counts as any event that occurred
    assert {(r.source, r.target): (r.events, r.mean_intensity) for r in found.itertuples()} == {
        ("RUS", "GBR"): (3, pytest.approx((2.5 + 2.5 - 9) / 3)),
        ("GBR", "RUS"): (1, 2.5),
        ("RUS", "USA"): (1, 10.0),
        ("GBR", "USA"): (1, -3.0),
    }
    assert set(named.by_direction(among=("RUS", "GBR"))["source"]) == {"RUS", "GBR"}


def test_an_event_counts_once_in_each_issue_and_domain(named):
    assert named.by_issue()[["domain", "issue", "events"]].to_numpy().tolist() == [
        ["trade", "tariffs", 2], ["defence", "NATO expansion", 1],
    ]  # fmt: skip
    periods = named.by_lane(unit="year")
    assert periods[periods["lane"] == "trade"][["period", "quad_class", "events"]].to_numpy().tolist() == [
        [pd.Timestamp("2020-01-01"), "material conflict", 1], [pd.Timestamp("2020-01-01"), "verbal cooperation", 1],
    ]  # fmt: skip
    topics = named.by_dyad_topic(topic="issue", dyads=(("RUS", "GBR"), ("FRA", "DEU")))
    assert topics[["a", "b", "topic", "events"]].to_numpy().tolist() == [
        ["GBR", "RUS", "tariffs", 2], ["GBR", "RUS", "NATO expansion", 1],
    ]  # fmt: skip


def test_the_most_told_events_come_first(ask):
    top = ask.salient(limit=3)
    assert NAMES[top["event_id"].iloc[0]] == "E1"  # two reports tell it
    assert top["reports"].iloc[0] == 2
    assert ask.salient(Selection(parties=("ESP",))).empty
    assert list(top.columns) == list(ask.events().columns)


@pytest.mark.parametrize(
    ("order", "descending", "expected"),
    [
        ("date", True, "E7 E4 E2 E1 E5"),
        ("date", False, "E1 E2 E4 E7 E5"),
        ("intensity", True, "E7 E1 E4 E2 E5"),
        ("intensity", False, "E5 E4 E2 E7 E1"),
        ("confidence", True, "E1 E4 E7 E5 E2"),
        ("outlets", True, "E1 E4 E2 E7 E5"),
        ("outlets", False, "E7 E5 E4 E2 E1"),
    ],
)
def test_orders_and_positions(ask, order, descending, expected):
    assert names(ask.events(order=order, descending=descending)) == expected.split()
    paged = [ask.events(order=order, descending=descending, limit=2, offset=n) for n in (0, 2, 4)]
    assert [name for frame in paged for name in names(frame)] == expected.split()
    ids = {name: event for event, name in NAMES.items()}
    for place, name in enumerate(expected.split()):
        assert ask.position(ids[name], order=order, descending=descending) == place
    assert ask.position("nothing", order=order) is None
    assert ask.position(ids["E2"], Selection(statuses=("denied",))) is None


def test_memberships_tell_who_joined_and_why(ask):
    frame = ask.memberships(E1.report_id)
    assert set(frame["report_id"]) == {E1.report_id, AGAIN.report_id}
    assert set(frame["event_id"]) == set(frame["now"]) == {E1.report_id}
    assert set(frame["reason"]) == {"founded the event"}
    assert ask.memberships("nothing").empty


def test_sources_and_titles(ask):
    frame = ask.outlets().set_index("outlet")
    assert frame.loc["Daily", ["articles", "events", "none", "skipped", "reports"]].tolist() == [
        1,
        1,
        0,
        0,
        2,
    ]
    assert frame.loc["", "first"] is pd.NaT
    assert ask.outlets(search="tariffs").outlet.tolist() == ["Daily"]
    assert ask.uncoded().empty
    assert ask.articles(coding="none").empty
    assert ask.articles(outlet="Herald")["article_id"].tolist() == [A2.article_id]
    assert ask.titles({A1.article_id, "x"}) == {A1.article_id: ("Talks in ANKARA", None)}


def test_the_tables_given_to_an_engine_do_not_pile_up(store):
    ask = Queries(store)
    for number in range(40):
        assert len(ask.articles(search=f"Ankara OR word{number}")) == 1
        assert ask.count(Selection(search=f"ankara OR word{number}")).events > 0
    tables = ask._at(ask.snapshot)
    names = tables.engine._cursor.sql(
        "SELECT view_name FROM duckdb_views() WHERE view_name LIKE 'given_%'"
    ).fetchall()
    assert 0 < len(names) <= queries.GIVEN
    assert ask.count(Selection(search="ankara OR word0")).events > 0  # one that was let go is given again


def test_running_out_of_memory_says_what_to_do(ask):
    class Full:
        def sql(self, _):
            raise duckdb.OutOfMemoryException("could not allocate block of size 256.0 KiB")

    engine = copy(ask._at(ask.snapshot).engine)
    engine._cursor = Full()
    with pytest.raises(StoreError, match="set the environment variable ENTENTE_MEMORY higher"):
        engine.answer("SELECT 1", pa.schema([]))
    with pytest.raises(StoreError, match="narrow the period"):
        list(engine.batches("SELECT 1", pa.schema([]), 10))
