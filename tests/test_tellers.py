"""Who reports: how outlets of different countries and kinds tell the same events, and the filter by them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from events.codebook import event_type
from events.errors import UnknownCode
from events.queries import Queries
from events.schema import Assignment, CodedArticle, Selection
from events.store import Store
from tests.store_helpers import make_article, make_report

WHEN = "2024-06-01T00:00:00+00:00"


def told(day: str, outlet: str | None, kind: str, url: str | None = None, **values) -> CodedArticle:
    text = f"Russia and Ukraine, as {outlet} of {day} at {url} has it ({kind})."
    article = replace(make_article(text, day, outlet), url=url)
    return CodedArticle(article, (make_report(article, "RUS", "UKR", kind, date="2024-01-05", **values),))


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """Three events: one told by TASS first and by two British outlets, one by TASS alone, one by nobody known."""
    first = [
        told("2024-01-05", "TASS", "CONSULT"),
        told("2024-01-06", "Some name", "ASSAULT", "https://www.reuters.com/world/x"),
        told("2024-01-07", "The Guardian", "ACCUSE"),
        told("2024-01-07", "Harbour Times", "ACCUSE"),
    ]
    alone = [
        told("2024-02-01", "TASS", "AID"),
        told("2024-02-02", None, "AID", "https://tass.com/politics/1"),
    ]
    nobody = [told("2024-03-01", None, "ASSAULT")]
    made = Store(tmp_path_factory.mktemp("tellers") / "store")
    assignments = [
        Assignment(item.reports[0].report_id, group[0].reports[0].report_id, "same act", "rules", WHEN)
        for group in (first, alone, nobody)
        for item in group
    ]
    made.add([*first, *alone, *nobody], assignments)
    return made


def rows(frame: pd.DataFrame) -> dict[str, dict]:
    return {row["teller"]: row for row in frame.to_dict("records")}


def test_each_country_tells_by_its_own_reports(store):
    found = rows(Queries(store).tellers(Selection(), "country"))
    assert list(found) == ["RUS", "GBR", ""]
    russian, british, unknown = found["RUS"], found["GBR"], found[""]
    assert [russian[n] for n in ("events", "reports", "articles", "outlets", "conflict")] == [2, 3, 3, 1, 0]
    assert [british[n] for n in ("events", "reports", "articles", "outlets", "conflict")] == [1, 2, 2, 2, 1]
    assert [unknown[n] for n in ("events", "reports", "outlets", "conflict")] == [2, 2, 2, 2]
    assert british["mean_intensity"] < 0 < russian["mean_intensity"]


def test_who_is_ahead_counts_among_what_others_tell_too(store):
    found = rows(Queries(store).tellers(Selection(), "country"))
    assert [found["RUS"][n] for n in ("shared", "ahead")] == [1, 1]
    assert [found["GBR"][n] for n in ("shared", "ahead")] == [1, 0]
    assert [found[""][n] for n in ("shared", "ahead")] == [0, 0]
    consult, conflict = event_type("CONSULT").intensity, found["GBR"]["mean_intensity"]
    assert found["RUS"]["gap"] == pytest.approx(consult - conflict)
    assert found["GBR"]["gap"] == pytest.approx(conflict - consult)
    assert pd.isna(found[""]["gap"])
    assert found["RUS"]["first"] == pd.Timestamp("2024-01-05")


def test_by_kind_and_one_by_one(store):
    assert set(rows(Queries(store).tellers(Selection(), "kind"))) == {"state", "agency", "private", ""}
    found = rows(Queries(store).tellers(Selection(), "outlet"))
    assert set(found) == {"TASS", "Reuters", "The Guardian", "Harbour Times", ""}
    assert (found["Reuters"]["country"], found["Reuters"]["kind"]) == ("GBR", "agency")
    assert (found["Harbour Times"]["country"], found["Harbour Times"]["kind"]) == ("", "")


@pytest.mark.parametrize(
    ("values", "events"),
    [
        ({"outlet_countries": ("GBR",)}, 1),
        ({"outlet_countries": ("RUS",)}, 2),
        ({"outlet_countries": ("RUS", "GBR")}, 2),
        ({"outlet_kinds": ("agency",)}, 1),
        ({"outlet_countries": ("GBR",), "outlet_kinds": ("state",)}, 0),
        ({"outlet_countries": ("GBR",), "outlet_kinds": ("private",)}, 1),
        ({"outlet_countries": ("FRA",)}, 0),
    ],
)
def test_events_are_filtered_by_who_reports_them(store, values, events):
    asked = Selection(**values)
    quick, plain = Queries(store), Queries(store)
    plain.snapshot = replace(plain.snapshot, facts_version=None)
    for ask in (quick, plain):
        assert ask.count(asked).events == events
        assert len(ask.events(asked)) == events
        assert ask.headline(asked).events == events
        assert int(ask.by_period(asked, "month")["events"].sum() if events else 0) == events
    assert quick.count(asked) == plain.count(asked)


def test_an_empty_store_tells_nothing(tmp_path):
    frame = Queries(Store(tmp_path / "none")).tellers()
    assert (len(frame), list(frame.columns)[:4]) == (0, ["teller", "country", "kind", "events"])


@pytest.mark.parametrize("values", [{"outlet_countries": ("XXX",)}, {"outlet_kinds": ("press",)}])
def test_codes_that_nobody_knows_are_refused(store, values):
    with pytest.raises(UnknownCode):
        Queries(store).count(Selection(**values))
