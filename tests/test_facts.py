"""Facts and cells answer as the reports do: after adds, joins, moves, kills, and for many selections."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pandas as pd
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from events import codebook
from events.errors import StoreError
from events.queries import Queries
from events.schema import Actor, Assignment, CodedArticle, Issue, Place, Selection
from events.store import COMMIT_SCHEMA, STORED, Store
from tests.large_store import make
from tests.store_helpers import NOW, make_article, make_report, own

PARTIES = ("USA", "RUS", "CHN", "NATO", "FRA", "EU")
ISSUES = ("tariffs", "NATO expansion", "terrorism")
UNITS = ("week", "month", "quarter", "year")


def made_up(number: int, dice: random.Random) -> CodedArticle:
    """An article of none to three reports with whatever a report may hold."""
    day = date(2022 + dice.randrange(3), dice.randrange(1, 13), dice.choice((1, 2, 14, 15, 27, 28)))
    outlet = dice.choice(("Daily", "Reuters", "TASS", "Ça Ira", None))
    article = make_article(f"Article {number} on many talks.", day.isoformat(), outlet, f"Title {number}")
    reports = []
    for ordinal in range(dice.choice((0, 1, 1, 2, 3))):
        source, target = dice.sample(PARTIES, 2)
        kind = dice.choice(("CONSULT", "ACCUSE", "ASSAULT", "AID", "AGREE"))
        undated = dice.random() < 0.15
        issues = tuple(
            Issue(name, codebook.issues()[name].domain, 0, 1)
            for name in dice.sample(ISSUES, dice.randrange(3))
        )
        actors = tuple(
            Actor("X", None, None, None, dice.choice(("GOV", "MIL", None)), "source", 0, 1)
            for _ in range(dice.randrange(3))
        )
        reports.append(
            make_report(
                article, source, target, kind, ordinal=ordinal, symmetric=dice.random() < 0.3,
                date=None if undated else day.isoformat(),
                status="background" if undated else dice.choice(("occurred", "occurred", "denied", "background")),
                planned_for="2025-01-05" if dice.random() < 0.2 else None,
                confidence=round(dice.random(), 2), issues=issues, actors=actors,
                attributed_to=dice.choice((None, "UKR")),
                place=dice.choice((None, Place("Kyiv", "UKR", 50.45, 30.52, "city"))),
            )
        )  # fmt: skip
    return CodedArticle(article, tuple(reports))


def selections(dice: random.Random) -> Selection:
    """Any selection: each field restricts about one time in five."""

    def maybe(values: dict) -> dict:
        return {name: value for name, value in values.items() if dice.random() < 0.2}

    days = sorted(
        date(2022 + dice.randrange(3), dice.randrange(1, 13), dice.choice((1, 9, 28))) for _ in "ab"
    )
    fields = maybe(
        {
            "parties": tuple(dice.sample(PARTIES, 2)),
            "dyad": tuple(dice.sample(PARTIES, 2)),
            "direction": dice.choice(("a_to_b", "b_to_a")),
            "event_types": ("CONSULT", "ASSAULT"),
            "quad_classes": ("verbal conflict", "material cooperation"),
            "issues": tuple(dice.sample(ISSUES, 2)),
            "domains": ("trade", "defence"),
            "sectors": ("GOV",),
            "statuses": dice.choice(((), ("occurred",), ("background", "denied"))),
            "attributed_to": "UKR",
            "min_confidence": 0.4,
            "min_outlets": dice.choice((2, 3)),
            "outlet_countries": dice.choice((("GBR", "RUS"), ("FRA",))),
            "outlet_kinds": ("agency", "state"),
            "states_only": True,
            "members": True,
            "search": dice.choice(("title: 1", "TALKS", "nothing")),
        }
    )
    if dice.random() < 0.5:
        fields["start"] = days[0]
    if dice.random() < 0.5:
        fields["end"] = date(2024, 2, 29) if dice.random() < 0.3 and days[0] < date(2024, 2, 1) else days[1]
    return Selection(**fields)


def plainly(store: Store) -> Queries:
    """The same questions, answered from the reports alone."""
    ask = Queries(store)
    ask.snapshot = replace(ask.snapshot, facts_version=None)
    return ask


def same(one: object, other: object) -> None:
    if isinstance(one, pd.DataFrame):
        means = {"mean_intensity", "conflict_share", "intensity_sd", "intensity_sum", "intensity_squares"}
        key = sorted(means.intersection(one.columns))
        pd.testing.assert_frame_equal(one.round(dict.fromkeys(key, 9)), other.round(dict.fromkeys(key, 9)))
    elif hasattr(one, "mean_intensity"):
        assert one.events == other.events
        assert one.mean_intensity == pytest.approx(other.mean_intensity)
        assert one.conflict_share == pytest.approx(other.conflict_share)
    elif isinstance(one, dict) and "mean_intensity" in one:
        assert one == pytest.approx(other, nan_ok=True)
    else:
        assert one == other


def agree(store: Store, dice: random.Random, times: int) -> None:
    """Every question is answered alike, with and without facts and cells."""
    quick, plain = Queries(store), plainly(store)
    assert quick.snapshot.summed
    for _ in range(times):
        asked = selections(dice)
        order = dice.choice(("date", "intensity", "outlets", "confidence"))
        unit, limit, offset = dice.choice(UNITS), dice.choice((None, 1, 7)), dice.randrange(4)
        questions = [
            ("count", {}), ("headline", {}), ("by_state", {}), ("by_dyad", {}), ("by_type", {}), ("by_domain", {}),
            ("by_direction", {}), ("by_direction", {"among": PARTIES[:4]}), ("partners", {"party": "RUS"}),
            ("by_period", {"unit": unit}), ("by_issue", {}),
            ("by_dyad_topic", {"topic": "issue", "dyads": (("RUS", "USA"), ("EU", "CHN"))}),
            ("series", {"unit": unit}), ("series", {}), ("coverage", {"unit": unit}), ("by_place", {}),
            ("by_lane", {"lane": "type", "unit": unit}), ("by_lane", {"lane": "issue"}),
            ("by_lane", {"lane": "domain", "unit": unit}),
            ("events", {"limit": limit, "offset": offset, "order": order, "descending": dice.random() < 0.7}),
            ("events", {"limit": 5, "offset": offset, "descending": dice.random() < 0.5}),
            ("new", {"since": 2}), ("count_new", {"since": 3}), ("spread", {}), ("dyad_spread", {}),
            ("dyad_issues", {"dyads": (("RUS", "USA"),)}), ("outlets", {}), ("uncoded", {}),
            ("tellers", {"by": dice.choice(("country", "kind", "outlet"))}),
            ("coming", {"today": date(2025, 1, 1)}), ("articles", {"limit": limit}),
            ("salient", {"limit": 4}), ("salient", {"limit": 3, "strongest": dice.random() < 0.5}),
            ("newest", {"party": "RUS", "place": ("Kyiv", "UKR", "city")}), ("actors", {}),
        ]  # fmt: skip
        for question, arguments in dice.sample(questions, 10):
            one, other = (getattr(ask, question)(selection=asked, **arguments) for ask in (quick, plain))
            try:
                same(one, other)
            except AssertionError as error:
                raise AssertionError(f"{question}({asked}, {arguments}): {error}") from error


def kept(store: Store) -> list[dict]:
    """The facts as rows, without what depends on the order of adding."""
    rows = store.connect().sql("FROM facts").to_arrow_table().drop_columns(["article_no", "outlet_no"])
    return sorted(rows.to_pylist(), key=lambda row: row["report_id"])


def told_well(store: Store) -> None:
    """Facts, cells and numbers are those that a making anew gives."""
    cursor = store.connect()
    wrong = cursor.sql(
        "SELECT event_id FROM facts GROUP BY event_id HAVING count(DISTINCT outlet) <> max(outlet_no) "
        "OR count(*) FILTER (outlet_no > 0) <> max(outlet_no) "
        "OR count(DISTINCT outlet_no) FILTER (outlet_no > 0) <> max(outlet_no) OR count(*) FILTER (founds) <> 1"
    ).fetchall()
    assert wrong == []
    numbers = cursor.sql(
        "SELECT count(DISTINCT article_no), count(DISTINCT article_id), max(article_no) FROM facts"
    ).fetchall()[0]
    assert numbers[0] == numbers[1]
    assert numbers[2] < store.snapshot().numbered
    totals = "SELECT source, target, status, sum(events), sum(reports), round(sum(intensity), 6) FROM {} GROUP BY ALL"
    now = kept(store)
    cells = "HAVING sum(reports) <> 0 ORDER BY ALL"
    summed = cursor.sql(f"{totals.format('cells')} {cells}").fetchall()
    with store.writing():
        store._sum_up(store.snapshot())
    assert kept(store) == now
    assert store.connect().sql(f"{totals.format('cells')} {cells}").fetchall() == summed


def filled(store: Store, dice: random.Random, batches: int = 6) -> list[str]:
    """Add articles in batches; reports join earlier events, of the batch or stored, some without a founder."""
    events: list[str] = []
    for batch in range(batches):
        items = [made_up(100 * batch + n, dice) for n in range(12)]
        assignments = []
        for item in items:
            for assignment in own(item):
                joins = dice.random()
                event = assignment.report_id
                if events and joins < 0.4:
                    event = dice.choice(events)
                elif joins < 0.47:
                    event = f"gone{dice.randrange(3)}"
                events.append(event)
                assignments.append(replace(assignment, event_id=event))
        store.add(items, assignments)
    return events


def move(store: Store, dice: random.Random, times: int = 4) -> None:
    """Merge and split as an analyst does, some in one commit."""
    rows = store.connect().sql("SELECT report_id, event_id FROM reports ORDER BY report_id").fetchall()
    moves = []
    for _ in range(times):
        report, _ = dice.choice(rows)
        to = dice.choice((dice.choice(rows)[1], report))
        moves.append(Assignment(report, to, "judged", "analyst", NOW))
    store.add([], moves)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
def test_facts_and_cells_answer_as_reports_do(tmp_path, seed):
    dice = random.Random(seed)
    store = Store(tmp_path / "store")
    filled(store, dice)
    agree(store, dice, 6)
    for _ in range(3):
        move(store, dice)
    agree(store, dice, 6)
    told_well(store)
    filled(store, dice, 1)  # nothing new, then more moves over a compacted store
    store.compact()
    move(store, dice)
    agree(store, dice, 4)
    told_well(store)


def test_joins_alone_rewrite_no_file(tmp_path):
    store = Store(tmp_path / "store")
    first = make_article("Athens met Ankara.", "2024-01-01", "Daily")
    report = make_report(first, "GRC", "TUR")
    store.add([CodedArticle(first, (report,))], own(CodedArticle(first, (report,))))
    before = set(store.files("facts"))
    again = make_article("Ankara met Athens, again told.", "2024-01-02", "Wire")
    item = CodedArticle(again, (make_report(again, "GRC", "TUR"),))
    store.add([item], [replace(a, event_id=report.report_id) for a in own(item)])
    assert before < set(store.files("facts"))
    row = Queries(store).events(Selection(min_outlets=2)).iloc[0]
    assert (row["event_id"], row["outlets"], row["date"]) == (report.report_id, 2, pd.Timestamp("2024-01-01"))


def test_a_founder_that_comes_later_leads(tmp_path):
    store = Store(tmp_path / "store")
    late = make_article("The founder.", "2024-01-01")
    founder = make_report(late, "GRC", "TUR", "ACCUSE", confidence=0.1)
    early = make_article("The joiner.", "2024-01-02")
    joiner = CodedArticle(early, (make_report(early, "GRC", "TUR", "AID", confidence=0.9),))
    store.add([joiner], [replace(a, event_id=founder.report_id) for a in own(joiner)])
    assert Queries(store).by_type()["event_type"].tolist() == ["AID"]
    item = CodedArticle(late, (founder,))
    store.add([item], own(item))
    assert Queries(store).by_type()["event_type"].tolist() == ["ACCUSE"]
    told_well(store)


@pytest.mark.long
@pytest.mark.parametrize("after", ["reports", "assignments", "articles", "facts", "cells"])
@pytest.mark.parametrize("moving", [False, True])
def test_killed_between_the_tables(tmp_path, monkeypatch, after, moving):
    dice = random.Random(9)
    store = Store(tmp_path / "store")
    events = filled(store, dice, 1)
    append = Store._append
    before = Queries(store).count()
    stored = store.connect().sql("SELECT min(report_id) FROM reports").fetchall()[0][0]

    class Killed(BaseException):
        pass

    def append_and_die(self, table, data):
        append(self, table, data)
        if table == after:
            raise Killed

    items = [made_up(900 + n, dice) for n in range(5)]
    assignments = [
        *(replace(a, event_id=dice.choice(events)) for a in own(*items)),
        *([Assignment(stored, events[-1], "merged", "analyst", NOW)] if moving else []),
    ]
    with monkeypatch.context() as patch:
        patch.setattr(Store, "_append", append_and_die)
        with pytest.raises(Killed):
            store.add(items, assignments)
    assert Queries(store).count() == before
    agree(store, dice, 1)
    store.add(items, assignments)
    agree(store, dice, 1)
    told_well(store)


@pytest.fixture
def earlier(tmp_path):
    """A store as the last version left it: three tables and commits that name them."""
    store = Store(tmp_path / "store")
    filled(store, random.Random(4), 3)
    rows = [
        {
            name: value
            for name, value in row.items()
            if name not in {"facts_version", "cells_version", "numbered"}
        }
        for row in store._commit_rows()
    ]
    for name in ("facts", "cells", "commits"):
        folder = tmp_path / "store" / name
        folder.rename(tmp_path / f"gone-{name}")
    old = pa.schema([field for field in COMMIT_SCHEMA if field.name in rows[0]])
    DeltaTable.create(f"{store.location}/commits", schema=old)
    from deltalake import write_deltalake

    for row in rows:
        write_deltalake(f"{store.location}/commits", pa.Table.from_pylist([row], schema=old), mode="append")
    return Store(store.location)


def test_a_store_of_an_earlier_version_answers_and_is_brought_up_to_date(earlier):
    before = Queries(earlier)
    assert not before.snapshot.summed
    counts, events = before.count(), before.events()
    assert counts.events > 10
    assert earlier.bring_up_to_date()
    assert not earlier.bring_up_to_date()
    after = Queries(earlier)
    assert after.snapshot.summed
    assert after.version == before.version + 1
    assert after.count() == counts
    pd.testing.assert_frame_equal(after.events(), events)
    assert Queries(earlier, before.version).count() == counts
    agree(earlier, random.Random(5), 2)
    assert earlier.versions()["action"].tolist()[-1] == "sum up"


def test_an_add_brings_an_earlier_store_up_to_date(earlier):
    item = made_up(5000, random.Random(1))
    while not item.reports:
        item = made_up(5001, random.Random(2))
    earlier.add([item], own(item))
    assert earlier.snapshot().summed
    agree(earlier, random.Random(6), 2)
    told_well(earlier)


def test_a_large_store_is_skewed_like_real_ones_and_its_words_are_there(tmp_path):
    store = make(tmp_path / "store", 3_000, seed=3)
    assert store.bring_up_to_date() is False
    ask = Queries(store)
    counts = ask.count(Selection(statuses=()))
    assert counts.events + counts.undated == 3_000
    assert counts.reports > 1.4 * counts.events
    dyads = ask.by_dyad()
    assert dyads["events"].head(len(dyads) // 10).sum() > 0.4 * counts.events
    article_id = ask.events(limit=1)["article_id"].iloc[0]
    coded = ask.article(article_id)
    for report in coded.reports:
        spans = [span for spans in report.evidence.values() for span in spans]
        assert spans
        for span in (*spans, report.sentence):
            assert coded.article.text[span.start : span.end] == span.text
    agree(store, random.Random(7), 2)


def test_rows_that_do_not_fit_leave_facts_alone(tmp_path):
    store = Store(tmp_path / "store")
    filled(store, random.Random(2), 1)
    before = kept(store)
    with pytest.raises(StoreError, match="neither in this batch nor stored"):
        store.add([], [Assignment("nobody", "e", "", "test", NOW)])
    assert kept(store) == before
    assert set(STORED) == {"articles", "reports", "assignments"}
