"""Charts of a selection as files: their words and tables, the page that needs no network, the command line."""

from __future__ import annotations

import csv
import json
import re
import sys
from datetime import date
from pathlib import Path

import pytest

from events import cli, export
from events.briefing import frames, kinds, pictures
from events.briefing.frames import Framed
from events.charts.theme import LIGHT, base_figure
from events.errors import InputError, PictureError
from events.queries import Queries
from events.schema import CodedArticle, Issue, Place, Selection
from events.store import Store
from tests.store_helpers import make_article, make_report, own

KYIV = Place("Kyiv", "UKR", 50.45, 30.52, "city")
TYPES = ("CONSULT", "ACCUSE", "SUPPORT", "SANCTION", "AGREE")


def coded(number: int) -> CodedArticle:
    day = f"2024-{1 + number % 9:02}-{1 + number % 27:02}"
    source, target = (("RUS", "UKR"), ("UKR", "RUS"), ("FRA", "DEU"))[number % 3]
    article = make_article(f"{source} and {target}, article {number}.", day, f"Outlet {number % 4}")
    report = make_report(
        article, source, target, TYPES[number % 5], date=day, place=KYIV, confidence=0.9,
        issues=(Issue("tariffs", "trade", 0, 3), Issue("gas", "energy", 4, 7)),
    )  # fmt: skip
    return CodedArticle(article, (report,))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("charts") / "store"
    items = [coded(number) for number in range(60)]
    Store(place).add(items, own(*items))
    return place


@pytest.fixture(scope="module")
def queries(folder) -> Queries:
    return Queries(Store(folder))


@pytest.fixture
def run(monkeypatch, capsys, tmp_path, folder):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENTENTE_STORE", str(folder))

    def call(*args: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["events", "chart", *args])
        code = 0
        try:
            cli.run()
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        return code, " ".join(capsys.readouterr().err.split())

    return call


@pytest.mark.parametrize("kind", kinds.KINDS)
@pytest.mark.parametrize("dyad", [None, ("RUS", "UKR")])
def test_each_kind_has_a_figure_words_and_a_table(queries, kind, dyad):
    drawn = kinds.chart(kind, queries, Selection(dyad=dyad))
    framed = drawn.framed
    assert len(framed.draw((800, 400)).data) >= 1
    assert framed.title
    assert framed.subtitle
    assert framed.alt
    assert "click" not in framed.subtitle
    assert framed.notes[0].endswith("2024")
    n = 40 if dyad else 60
    assert framed.notes[1].startswith(f"n = {n} events")
    assert (framed.notes[2] == "dyad Russia – Ukraine") == bool(dyad)
    assert re.fullmatch(r"Source: Entente, articles, store version 1, \d+ \w+ \d{4}", framed.source[0])
    assert ("Boundaries:" in framed.source[1]) == (kind == "map")
    assert len(drawn.table)
    assert not framed.sample


def test_samples_are_marked(tmp_path):
    store = Store(tmp_path / "store")
    items = [coded(number) for number in range(6)]
    store.add(items, own(*items), dataset="samples")
    framed = kinds.chart("timeline", Queries(store), Selection()).framed
    assert framed.sample
    assert framed.source[0].startswith("Source: Entente samples, store version 1")


def test_an_index_of_too_few_events_is_refused(queries):
    with pytest.raises(InputError, match="too few for an index"):
        kinds.chart("index", queries, Selection(dyad=("RUS", "UKR"), end=date(2024, 1, 1)))


def test_what_cannot_be_drawn_is_told(queries):
    with pytest.raises(InputError, match="no chart 'pie'; choose one of map, timeline"):
        kinds.chart("pie", queries, Selection())
    with pytest.raises(InputError, match=r"no events match \(dyad France – Fiji\)"):
        kinds.chart("map", queries, Selection(dyad=("FRA", "FJI")))


# The page


def test_the_page_needs_nothing_from_elsewhere(queries):
    for kind in ("map", "timeline"):
        page = frames.page(kinds.chart(kind, queries, Selection()).framed)
        assert re.findall(r"<(?:script|link|img|iframe)[^>]*\s(?:src|href)=", page) == []
        assert "default-src 'none'" in page
        assert "connect-src" not in page
        assert ("window.ententeWorld=" in page) == (kind == "map")
        assert "data:font/woff2;base64," in page


def test_the_page_holds_hostile_words_as_text():
    hostile = "</script><script>alert(1)</script>\u2028"
    framed = Framed(lambda _: base_figure(LIGHT, height=100), hostile, hostile, (hostile,), alt='"><b>')
    page = frames.page(framed)
    assert page.count("<script>") == page.count("</script>") == 4
    assert "<title>&lt;/script&gt;" in page
    assert 'content="&quot;&gt;&lt;b&gt;"' in page
    spec = json.loads(re.search(r"ententePage\((\{.*?\}),\[\{\"family\"", page, re.DOTALL)[1])
    assert spec["frame"]["title"] == hostile


# The command line


def test_the_command_writes_page_and_table(run):
    assert run("timeline", "--dyad", "RUS-UKR", "--from", "2024-02-01", "--out", "a.html")[0] == 0
    assert "Russia – Ukraine" in Path("a.html").read_text(encoding="utf-8")
    code, said = run("matrix", "--out", "b.csv")
    assert code == 0
    assert "Written to b.csv Period" in said
    assert said.endswith("store version are in b.csv-metadata.json")
    rows = list(csv.DictReader(Path("b.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["source"] for row in rows} == {"RUS", "UKR", "FRA"}
    assert list(Path().glob(".*.part")) == []


@pytest.mark.parametrize("ending", pictures.KINDS)
def test_the_command_draws_pictures(run, ending):
    if pictures.chrome() is None:
        pytest.skip("no Chrome or Chromium is installed")
    code, said = run("types", "--dyad", "RUS-UKR", "--size", "half", "--scale", "1", "--out", f"a.{ending}")
    assert code == 0
    assert said.endswith(f"Written to a.{ending}")
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF-"}[ending]
    assert Path(f"a.{ending}").read_bytes().startswith(start)


def test_the_command_tells_what_is_wrong_and_leaves_nothing(run, monkeypatch, tmp_path):
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chrome")
    for args, wanted in (
        (("pie", "--out", "a.csv"), "there is no chart 'pie'"),
        (("map", "--out", "a.bmp"), "take .png, .svg, .pdf, .html or .csv"),
        (("map", "--out", "none/a.csv"), "there is no such folder"),
        (("map", "--size", "poster", "--out", "a.html"), "there is no size 'poster'"),
        (("map", "--out", "a.png"), "need Chrome or Chromium"),
        (("map", "--dyad", "FRA-FJI", "--out", "a.html"), "no events match"),
        (("map", "--dyad", "FRA-XXX", "--out", "a.html"), "XXX"),
        (("map", "--store", str(tmp_path / "empty"), "--out", "a.html"), "the store is empty"),
    ):
        code, said = run(*args)
        assert code == 2
        assert wanted in said
    assert [path.name for path in tmp_path.iterdir() if path.name != "empty"] == []


def test_no_permission_to_write_is_told(run, monkeypatch):
    def refused(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(export.tempfile, "mkstemp", refused)
    code, said = run("timeline", "--out", "a.csv")
    assert code == 2
    assert said == "a.csv: cannot be written (Permission denied); choose another place"


def test_a_failed_picture_leaves_the_file_that_was_there(run, monkeypatch):
    Path("a.svg").write_text("kept", encoding="utf-8")

    def broken(*_, **__):
        raise PictureError("Chrome ended twice")

    monkeypatch.setattr(frames, "picture", broken)
    monkeypatch.setattr(pictures, "chrome", lambda: "/usr/bin/chrome")
    code, said = run("timeline", "--out", "a.svg")
    assert (code, said) == (2, "Chrome ended twice")
    assert [path.name for path in Path().iterdir()] == ["a.svg"]
    assert Path("a.svg").read_text(encoding="utf-8") == "kept"
