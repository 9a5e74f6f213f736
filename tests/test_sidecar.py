"""What stands beside an exported table: whom, when and how many it tells of, and whether it is still whole."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date

import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from events import export
from events.briefing import writer
from events.briefing.recipe import Part, Recipe
from events.cli import app
from events.errors import InputError
from events.export import write
from events.imports import bring
from events.queries import Queries
from events.schema import CodedArticle, Selection
from events.sidecar import COLUMNS, beside, origins
from events.store import Store
from tests.store_helpers import make_article, make_report, own

DYAD = Selection(dyad=("GRC", "TUR"), start=date(2024, 1, 1), min_confidence=0.5)


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    items = []
    for number in range(12):
        day = f"2024-0{1 + number % 6}-11"
        article = make_article(f"GRC and TUR, number {number}.", day, f"Outlet {number % 3}")
        report = make_report(article, "GRC", "TUR", "SUPPORT", date=day, confidence=0.3 + 0.05 * number)
        items.append(CodedArticle(article, (report,)))
    made = Store(tmp_path_factory.mktemp("sidecar") / "store")
    made.add(items, own(*items))
    return made


def told_beside(path) -> dict:
    return json.loads(beside(path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "plover"])
def test_an_export_says_beside_it_what_it_holds(store, tmp_path, kind):
    queries, to = Queries(store), tmp_path / f"events.{kind}"
    n = write(queries, DYAD, to, kind)
    told = told_beside(to)
    note = told["notes"][0]
    counts = queries.count(DYAD)
    assert n == counts.events == note["events"] == 8
    assert note["store_version"] == 1
    assert note["filters"] == {
        "Period": "since 1 Jan 2024",
        "Dyad": "Greece – Türkiye",
        "Confidence": "≥ 0.50",
    }
    assert note["selection"] == {"dyad": ["GRC", "TUR"], "start": "2024-01-01", "min_confidence": 0.5}
    assert told["url"] == to.name
    assert "8 events in 8 reports" in told["dc:description"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([to.name, beside(to).name])


def test_the_table_stays_plain(store, tmp_path):
    to = tmp_path / "events.csv"
    write(Queries(store), DYAD, to, "csv")
    found = pd.read_csv(to)
    assert len(found) == 8
    described = told_beside(to)["tableSchema"]["columns"]
    assert [column["titles"] for column in described] == list(found.columns)
    assert all(column["dc:description"] == COLUMNS[column["titles"]] for column in described)
    lines = tmp_path / "events.jsonl"
    write(Queries(store), DYAD, lines, "jsonl")
    assert len(pd.read_json(lines, lines=True)) == 8


def test_parquet_says_it_in_its_own_metadata(store, tmp_path):
    to = tmp_path / "events.parquet"
    write(Queries(store), DYAD, to, "parquet")
    told = json.loads(pq.read_schema(to).metadata[b"entente"])
    assert told["filters"]["Dyad"] == "Greece – Türkiye"
    assert [path.name for path in tmp_path.iterdir()] == ["events.parquet"]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_briefings_data_say_it_too(store, tmp_path, kind):
    to = tmp_path / f"brief.{kind}"
    writer.save(Recipe(DYAD, (Part("chronology"),), title="Aegean"), store, to)
    told = told_beside(to)
    assert told["dc:title"] == "Aegean"
    assert told["notes"][0]["events"] == 8
    assert not origins(to)[0].fault
    writer.save(Recipe(DYAD, (Part("chronology"),)), store, tmp_path / "brief.parquet")
    assert not beside(tmp_path / "brief.parquet").exists()


def test_a_chart_s_table_says_it_too(store, tmp_path):
    to = tmp_path / "chart.csv"
    done = CliRunner().invoke(
        app, ["chart", "timeline", "--dyad", "GRC-TUR", "--store", store.location, "--out", str(to)]
    )
    assert done.exit_code == 0, done.output
    assert f"store version are in {to}-metadata.json" in done.output.replace("\n", "")
    note = told_beside(to)["notes"][0]
    assert note["filters"] == {"Dyad": "Greece – Türkiye"}
    assert "n = 12 events" in note["caption"]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_an_import_tells_whence_its_rows_come(store, tmp_path, kind):
    to = tmp_path / f"events.{kind}"
    write(Queries(store), DYAD, to, kind)
    (summary,) = bring([to, beside(to)], Store(tmp_path / "other"))
    assert summary.rows == 8
    assert not summary.refused
    assert not summary.alarms
    assert summary.origins[0].startswith(f"events.{kind}: Entente, dataset articles, store version 1")
    assert "filters: period since 1 Jan 2024; dyad Greece – Türkiye; confidence ≥ 0.50" in summary.told()[1]


def test_a_table_that_lost_rows_rings(store, tmp_path):
    to = tmp_path / "events.csv"
    write(Queries(store), DYAD, to, "csv")
    lines = to.read_text(encoding="utf-8").splitlines(keepends=True)
    to.write_text("".join(lines[:-2]), encoding="utf-8")
    (summary,) = bring([to], Store(tmp_path / "other"))
    assert summary.rows == 6
    assert summary.alarms == ["events.csv is not as it was exported: rows may be missing or changed"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"notes": []}', '{"notes": [{"sha256": 1}]}', "[" * 5000])
def test_a_description_that_is_none_of_ours_is_told(store, tmp_path, text):
    to = tmp_path / "events.csv"
    write(Queries(store), DYAD, to, "csv")
    beside(to).write_text(text, encoding="utf-8")
    (summary,) = bring([to], Store(tmp_path / "other"))
    assert summary.rows == 8
    assert not summary.origins
    assert "description is not as Entente writes it" in summary.alarms[0]


def test_both_may_travel_in_one_zip(store, tmp_path):
    to, pack = tmp_path / "events.csv", tmp_path / "events.zip"
    write(Queries(store), DYAD, to, "csv")
    with zipfile.ZipFile(pack, "w") as archive:
        archive.write(to, "events.csv")
        archive.write(beside(to), beside(to).name)
    (summary,) = bring([pack], Store(tmp_path / "other"))
    assert summary.rows == 8
    assert not summary.refused
    assert summary.origins[0].startswith("events.zip/events.csv: Entente")


def test_a_description_alone_is_no_table(store, tmp_path):
    to = tmp_path / "events.csv"
    write(Queries(store), DYAD, to, "csv")
    with pytest.raises(InputError, match="name the file that it stands beside"):
        bring([beside(to)], Store(tmp_path / "other"))


def test_nothing_is_left_where_the_description_cannot_be_written(store, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export, "described", fail)
    with pytest.raises(InputError, match="No space left"):
        write(Queries(store), DYAD, tmp_path / "events.csv", "csv")
    assert not list(tmp_path.iterdir())


def test_the_bytes_of_a_briefing_and_their_description_fit(store):
    asked = Recipe(DYAD, (Part("chronology"),))
    made = writer.made(asked, store, "csv", "x.csv")
    assert json.loads(made.description)["url"] == "x.csv"
    assert len(pd.read_csv(io.BytesIO(made.data))) == 8
    assert writer.made(asked, store, "xlsx", "x.xlsx").description == ""
