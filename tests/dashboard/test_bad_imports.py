"""What the Add page says of files of other data sets that are broken, and what it keeps of them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from events.queries import Queries
from events.schema import Selection
from events.store import Store
from tests import made_files as made

MAIN = Path(__file__).resolve().parents[2] / "events" / "dashboard" / "main.py"

GDELT = made.gdelt2([made.gdelt_row(n, 0, 1, url=f"https://a.example.org/{n}") for n in range(1, 6)])
ICEWS = made.ICEWS + "".join(made.icews_row(n, story=str(n)) for n in range(1, 6))
SHUFFLED = "\t".join(reversed(made.ICEWS.rstrip("\n").split("\t"))) + ICEWS[ICEWS.index("\n") :]


@pytest.fixture
def page(tmp_path, monkeypatch):
    """The Add page where files of other data sets come in; called with (name, content) of each."""
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "store"))

    def upload(*files: tuple[str, bytes]) -> AppTest:
        at = AppTest.from_file(str(MAIN), default_timeout=120).run()
        at.switch_page("app_pages/add.py")
        at.session_state["add_by"] = "Other data sets"
        at.run()
        at.file_uploader(key="bring_0").set_value([(*file, "text/csv") for file in files]).run()
        assert not at.exception, at.exception[0].stack_trace
        return at

    return upload


def text(at: AppTest) -> str:
    return " ".join(element.proto.body for element in at.get("html"))


def test_what_is_no_table_of_a_known_format_is_refused_by_name(page, tmp_path):
    at = page(
        ("empty.csv", b""),
        ("blank.tab", b"\n\n  \n"),
        ("binary.dat", b"\x00\x01\x02\x03" * 64),
        ("garbage.csv.gz", gzip.compress(b"\x93\x00garbage\xff" * 99)),
        ("cut.csv.gz", gzip.compress((GDELT * 99).encode())[:400]),
    )
    shown = text(at)
    assert "None of these can be imported" in shown
    for name in ("empty.csv", "blank.tab", "binary.dat", "garbage.csv.gz", "cut.csv.gz"):
        assert f"<td>{name}</td><td>cannot be used: " in shown, name
    assert "Traceback" not in shown
    assert not [button for button in at.button if button.key == "bring"]
    assert Store(tmp_path / "store").is_empty()


def test_rows_under_a_shuffled_header_are_not_taken_for_others(page, tmp_path):
    at = page(("shuffled.tab", SHUFFLED.encode()))
    assert "1 file recognised" in text(at)  # its names are those of ICEWS
    at.button(key="bring").click().run()
    assert not at.exception, at.exception[0].stack_trace
    shown = text(at)
    assert "shuffled.tab" in shown
    assert "of its first" in shown
    assert Store(tmp_path / "store").datasets() == {}


def test_good_rows_of_a_broken_file_are_kept_and_the_bad_ones_told(page, tmp_path):
    lines = GDELT.splitlines()
    broken = [
        *lines[:2],
        lines[2][:40] + "\x00" + lines[2][40:],  # a NUL in a row
        ICEWS.splitlines()[1],  # a row of another format
        lines[3],
        lines[4][: len(lines[4]) // 2],  # the file breaks off
    ]
    at = page(("<b>day.CSV", "\n".join(broken).encode()))
    assert "1 file recognised" in text(at)
    at.text_input(key="bring_name_0").set_value("Broken").run()
    at.button(key="bring").click().run()
    assert not at.exception, at.exception[0].stack_trace
    shown = text(at)
    assert "<b>day" not in shown
    for line, why in ((3, "NUL"), (4, "cells"), (6, "cells")):
        assert f"line {line}: " in shown, line
        assert why in shown
    store = Store(tmp_path / "store")
    assert store.datasets() == {"Broken": 3}
    assert Queries(store).count(Selection(dataset="Broken")).reports == 3
