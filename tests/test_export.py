"""Exports: cells that no spreadsheet runs, PLOVER's own names, whole files or none."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import pandas as pd
import pyarrow.parquet as pq
import pytest

from events.errors import InputError
from events.export import csv_of, plover_record, write
from events.queries import Queries
from events.schema import Actor, CodedArticle, Place, Report, Selection
from events.store import Store
from tests.store_helpers import full_report, make_article, make_report, own, simple

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2", "\t=1", '=HYPERLINK("http://x")']

# PLOVER's JSON standard (manual 2.0, chapter 6); `entente` holds what it has no name for.
RECORD = set(
    "id date actor event has_event time enddate endtime recipient event_loc event_text quad_code event_scale mode "
    "context link text text_info cite_info size coder coded_date coded_time comment".split()
)
ENTITY = set(
    "code sector entity_text identifier_id identifier_text religion ethnicity office gender age".split()
)
CITE = set("corpus citation url title language publication license copyright coder codebook version".split())
LOCATION = set(
    "extracted_place resolved_place geonameid lat lon city district province country country_code feature_class "
    "feature_code resolution".split()
)
ARTICLE = make_article("NATO jets struck a depot near Kyiv, Moscow said.", title="Strike", outlet="Daily")


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


@pytest.fixture
def queries(tmp_path) -> Queries:
    """A store whose every free word begins like a formula."""
    article = make_article("=1+1 Ankara and Athens talked.", outlet="@x", title="-2")
    coded = CodedArticle(
        article,
        (
            make_report(
                article, "GRC", "TUR", "ACCUSE",
                sentence=article.span(3, 33),
                place=Place("-2", "PER", -12.05, -77.04, "city"),
                actors=(Actor("+cmd", "minister", None, "GRC", "GOV", "source", 0, 1),),
            ),
        ),
    )  # fmt: skip
    store = Store(tmp_path / "store")
    items = [coded, simple(1), simple(2)]
    store.add(items, own(*items))
    return Queries(store)


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_becomes_text(cell):
    text = csv_of(pd.DataFrame({"title": [cell], "sentence": ["plain"], "intensity": [-3.0]}))
    (row,) = read_csv(text)
    assert row["title"] == f"'{cell}"
    assert (row["sentence"], row["intensity"]) == ("plain", "-3.0")


@pytest.mark.parametrize("cell", ["one\r=1+1", "one\n=1+1", "one\r\n=1+1", "\r=1+1"])
def test_a_line_break_in_a_cell_does_not_begin_a_new_row(cell):
    text = csv_of(pd.DataFrame({"title": [cell], "n": [1]}))
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    kept = cell.replace("\r\n", "\n").replace("\r", "\n")  # a bare \r begins a row for some spreadsheets
    assert (row["title"].lstrip("'"), row["n"]) == (kept, "1")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["=1+1", "b"], "'=1+1; b"),
        ([{"name": "@x", "role": None}, {"name": "Ana", "role": "king"}], "'@x; Ana"),
        ((), ""),
        (["a", "=b"], "a; =b"),
    ],
)
def test_lists_are_joined_and_neutralised(cells, expected):
    (row,) = read_csv(csv_of(pd.DataFrame({"x": [cells], "n": [1]})))
    assert row["x"] == expected


def test_a_csv_keeps_its_input_and_writes_days_as_iso_dates():
    frame = pd.DataFrame({"title": ["=1"], "date": pd.to_datetime(["2024-05-15"]), "n": [-2]})
    assert csv_of(frame) == "title,date,n\n'=1,2024-05-15,-2\n"
    assert frame["title"][0] == "=1"


def test_an_exported_csv_runs_nothing_and_keeps_its_numbers(queries, tmp_path):
    to = tmp_path / "out.csv"
    assert write(queries, Selection(), to, "csv") == 5
    rows = read_csv(to.read_text(encoding="utf-8"))
    assert len(rows) == 5
    (row,) = [r for r in rows if r["place_country"] == "PER"]
    assert row["sentence"] == "'=1+1 Ankara and Athens talked."
    assert (row["outlet_names"], row["actors"], row["place_name"]) == ("'@x", "'+cmd", "'-2")
    assert (row["intensity"], row["place_lon"], row["date"]) == ("-3.0", "-77.04", "2024-01-01")
    for line in rows:
        for name, cell in line.items():
            if cell.startswith(("=", "+", "-", "@")):
                assert float(cell) < 0, name


def test_parquet_holds_the_same_events(queries, tmp_path):
    to = tmp_path / "out.parquet"
    assert write(queries, Selection(), to, "parquet") == 5
    found = pq.read_table(to)
    assert sorted(found["event_id"].to_pylist()) == sorted(queries.events().event_id)
    assert found["sentence"].to_pylist().count("=1+1 Ankara and Athens talked.") == 1


def test_jsonl_holds_the_reports_as_they_were_coded(queries, tmp_path):
    to = tmp_path / "out.jsonl"
    assert write(queries, Selection(), to, "jsonl") == 5
    reports = [Report.from_json(json.loads(line)) for line in to.read_text(encoding="utf-8").splitlines()]
    for report in reports:
        kept = next(r for r in queries.article(report.article_id).reports if r.report_id == report.report_id)
        assert report.to_json() == kept.to_json() | {"article": report.article_id}
    assert {json.loads(line)["dataset"] for line in to.read_text(encoding="utf-8").splitlines()} == {
        "articles"
    }


def test_plover_file_names_outlet_and_title_of_each_record(queries, tmp_path):
    to = tmp_path / "out.jsonl"
    assert write(queries, Selection(), to, "plover") == 5
    records = [json.loads(line) for line in to.read_text(encoding="utf-8").splitlines()]
    assert {r["cite_info"]["publication"] for r in records} == {"@x", "Daily"}
    assert {r["cite_info"]["title"] for r in records} == {"-2", ""}


def test_a_selection_is_obeyed(queries, tmp_path):
    to = tmp_path / "out.jsonl"
    assert write(queries, Selection(event_types=("CONSULT",)), to, "jsonl") == 2
    assert {json.loads(line)["event_type"] for line in to.read_text().splitlines()} == {"CONSULT"}
    assert write(queries, Selection(start=date(2030, 1, 1)), to, "jsonl") == 0
    assert to.read_text() == ""


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl", "plover"])
def test_an_empty_store_exports_an_empty_file(tmp_path, kind):
    to = tmp_path / f"out.{kind}"
    assert write(Queries(Store(tmp_path / "store")), Selection(), to, kind) == 0
    if kind == "csv":
        assert to.read_text().startswith("event_id,date,")
        assert read_csv(to.read_text()) == []
    elif kind == "parquet":
        assert "event_id" in pq.read_table(to).column_names
    else:
        assert to.read_text() == ""


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl", "plover"])
@pytest.mark.parametrize("where", ["missing/out.x", "folder"])
def test_a_place_that_cannot_be_written_is_named_and_nothing_is_left(queries, tmp_path, kind, where):
    (tmp_path / "folder").mkdir()
    before = sorted(p for p in tmp_path.rglob("*") if "store" not in p.parts)
    with pytest.raises(InputError, match=r"cannot be written .*choose another place"):
        write(queries, Selection(), tmp_path / where, kind)
    assert sorted(p for p in tmp_path.rglob("*") if "store" not in p.parts) == before


def test_an_older_export_stays_when_the_new_one_fails(queries, tmp_path, monkeypatch):
    to = tmp_path / "out.csv"
    to.write_text("older")
    monkeypatch.setattr(
        Queries, "events", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(InputError, match="No space left"):
        write(queries, Selection(), to, "csv")
    assert to.read_text() == "older"
    assert not (tmp_path / "out.csv.part").exists()


def test_a_plover_record_has_the_names_of_the_standard():
    record = plover_record(full_report(ARTICLE), outlet="Daily", url="https://example.org/1", title="Strike")
    assert set(record) - {"entente"} <= RECORD
    assert {"id", "date", "actor", "event"} <= set(record)
    for entity in (*record["actor"], *record["recipient"]):
        assert set(entity) <= ENTITY
    assert set(record["cite_info"]) <= CITE
    assert set(record["event_loc"]) <= LOCATION
    assert set(record["size"]) == {"dead", "injured", "arrested"}
    json.dumps(record)


def test_a_plover_record_of_a_one_sided_act():
    report = full_report(ARTICLE)
    record = plover_record(report, outlet="Daily", url="https://example.org/1", title="Strike")
    assert [(e["code"], e["entity_text"], e["identifier_text"]) for e in record["actor"]] == [
        ("NATO", "NATO", "Ana Ruiz")
    ]
    assert [(e["code"], e["entity_text"]) for e in record["recipient"]] == [("RUS", "Russia")]
    assert (record["id"], record["date"], record["event"], record["mode"]) == (
        report.report_id, "2023-12-24", "ASSAULT", "aerial",
    )  # fmt: skip
    assert (record["quad_code"], record["event_scale"], record["context"]) == (4, -9.5, ["defence", "trade"])
    assert record["event_loc"]["resolved_place"] == "Kyiv"
    assert (record["event_loc"]["country_code"], record["event_loc"]["lat"]) == ("UKR", 50.45)
    assert record["size"] == {"dead": 3.0, "injured": None, "arrested": None}
    assert record["cite_info"] == {"publication": "Daily", "url": "https://example.org/1", "title": "Strike"}
    assert record["text"] == report.sentence.text
    assert record["entente"]["status"] == "background"


def test_a_plover_record_of_a_symmetric_act_has_two_actors_and_no_recipient():
    record = plover_record(make_report(ARTICLE, "GRC", "TUR", symmetric=True))
    assert [e["code"] for e in record["actor"]] == ["GRC", "TUR"]
    assert record["recipient"] == []
    assert record["event_loc"] is None


@pytest.mark.parametrize(
    ("event_type", "quad_code"), [("CONSULT", 1), ("AID", 2), ("ACCUSE", 3), ("SANCTION", 4)]
)
def test_quad_codes(event_type, quad_code):
    assert plover_record(make_report(ARTICLE, "GRC", "TUR", event_type))["quad_code"] == quad_code


def test_the_name_of_a_column_is_no_formula_either():
    told = csv_of(pd.DataFrame({"=1+1": [1], "events": [2]}))
    assert told == "'=1+1,events\n1,2\n"
