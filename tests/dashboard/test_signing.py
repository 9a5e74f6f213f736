"""Where a login is set up, only those who are logged in may write: on each page that keeps something.

Each page is tried twice: a guest finds nothing to write with; and one whose login has gone since the page was drawn
presses what the page still shows, as a hand-made message would, and nothing is kept.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from events import merges, review
from events.dashboard import desk as desk_ui
from events.dashboard import opinion as opinion_page
from events.opinions import Opinions
from events.schema import Note, Selection, View, Watch
from events.store import Store
from events.views import Desk
from tests import made_files as made
from tests.dashboard.test_pages import dated, html, run
from tests.llm_server import Server
from tests.store_helpers import own

ANA = {"email": "ana@example.org", "exp": 9_999_999_999}


class User(dict):
    """What `st.user` is: a mapping of claims with `is_logged_in`."""

    @property
    def is_logged_in(self) -> bool:
        return bool(self)


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "store"
    monkeypatch.setenv("ENTENTE_STORE", str(folder))
    monkeypatch.setattr("getpass.getuser", lambda: "the-servers-own")
    monkeypatch.setattr("streamlit.secrets", {"auth": {"client_id": "x", "client_secret": "y"}})
    coded = [
        dated("2024-01-05", "RUS", "UKR", "ASSAULT", confidence=0.4),
        dated("2024-01-06", "RUS", "UKR", "ASSAULT", outlet="Wire", confidence=0.5),
    ]
    Store(folder).add(coded, own(*coded))
    return folder


@pytest.fixture
def sign(monkeypatch):
    """Log somebody in (None: out)."""

    def to(claims) -> None:
        monkeypatch.setattr("streamlit.user", User(claims or {}))

    to(None)
    return to


def keys(at) -> set[str]:
    return {button.key for button in at.button}


def press(at, key: str):
    at.button(key=key).click().run()
    return at


def report_ids(place: Path) -> list[str]:
    rows = Store(place).connect().execute("SELECT report_id FROM reports ORDER BY date").fetchall()
    return [row[0] for row in rows]


@pytest.mark.usefixtures("place")
def test_a_guest_reads_every_page_and_may_log_in_there(sign):
    for page in ("overview", "events", "saved", "add", "opinion", "review"):
        at = run(page)
        assert not at.exception, page
        assert [key for key in keys(at) if key == "log_in_"] == ["log_in_"], page
        assert "save_view" not in keys(at)
        assert "the-servers-own" not in html(at)  # the account that runs the server is nobody's name
    sign(ANA)
    assert "log_in_" not in keys(run("overview"))


def test_review(place, sign):
    assert run("review", queue="confidence").button(key="judge_accept").disabled
    sign(ANA)
    at = run("review", queue="confidence")
    sign(None)
    press(at, "judge_accept")
    assert any("logged in" in error.value for error in at.error)
    assert Store(place).judgements() == []
    sign(ANA)
    press(at.run(), "judge_accept")
    assert Store(place).judgements()[0]["by"] == "ana@example.org"


def history(event: str):
    at = run("events", event=event)
    at.session_state["drawer_tab"] = "History"
    return at.run()


def test_merges_are_undone_and_reports_taken_out_by_those_logged_in(place, sign):
    first, second = report_ids(place)
    merges.merge(Store(place), first, second, why="one", by="Bo")
    before = Store(place).version()
    sign(ANA)
    at = history(first)
    undo = next(key for key in keys(at) if key.startswith("undo_"))
    out = next(key for key in keys(at) if key.startswith("out_"))
    sign(None)
    at.text_input(key=out.replace("out_", "why_")).set_value("another")
    press(at, out)
    assert "logged in" in html(at)
    at = history(first)
    assert not [key for key in keys(at) if key.startswith(("undo_", "out_"))]
    assert Store(place).version() == before
    sign(ANA)
    at = history(first)
    sign(None)
    press(at, undo)
    assert Store(place).version() == before
    sign(ANA)
    press(history(first), undo)
    assert Store(place).version() == before + 1


def test_views_watches_and_notes(place, sign):
    kept = Desk(str(place))
    view = kept.keep(View("Aegean", "overview", Selection(), "Bo", desk_ui.stamp()))
    watch = kept.keep(Watch("Loud", Selection(), 1, "Bo", desk_ui.stamp()))
    note = kept.keep(Note("Talks", "Bo", desk_ui.stamp(), date="2024-02-01"))
    guest = keys(run("saved"))
    for key in (
        f"drop_{view}",
        f"rename_go_{view}",
        f"drop_{watch}",
        f"drop_{note}",
        "note_keep",
        "watch_keep",
    ):
        assert key not in guest
    assert f"open_{view}" in guest  # reading is for everybody
    sign(ANA)
    for key in (f"drop_{view}", f"drop_{watch}", f"drop_{note}"):
        at = run("saved")
        sign(None)
        press(at, key)
        assert any("logged in" in error.value for error in at.error)
        sign(ANA)
    for box, button in (
        ("note_text", "note_keep"),
        ("watch_name", "watch_keep"),
        (f"name_{view}", f"rename_go_{view}"),
    ):
        at = run("saved")
        (at.text_area if box == "note_text" else at.text_input)(key=box).set_value("Forged").run()
        sign(None)
        press(at, button)
        sign(ANA)
    assert (len(kept.views()), len(kept.watches()), len(kept.notes())) == (1, 1, 1)
    assert kept.views()[view].name == "Aegean"
    at = run("saved")
    at.text_area(key="note_text").set_value("Signed").run()
    press(at, "note_keep")
    assert {told.by for told in kept.notes().values()} == {"Bo", "ana@example.org"}


def test_a_view_of_any_page_and_a_note_on_an_event(place, sign):
    sign(ANA)
    at = run("overview")
    at.button(key="save_view").click().run()
    at.text_input(key="view_name").set_value("Forged").run()
    sign(None)
    press(at, "view_save") if "view_save" in keys(at) else at.run()
    event = report_ids(place)[0]
    sign(ANA)
    at = run("events", event=event)
    at.text_area(key=f"note_text_{event}").set_value("Forged").run()
    sign(None)
    press(at, f"note_keep_{event}")
    assert Desk(str(place)).views() == {}
    assert Desk(str(place)).notes() == {}
    assert f"note_keep_{event}" not in keys(run("events", event=event))


def test_nothing_is_kept_of_a_guests_visit(place, sign):
    run("overview")
    assert Desk(str(place)).profiles() == []
    sign(ANA)
    run("overview")
    assert Desk(str(place)).profiles() == ["ana@example.org"]


def test_articles(place, sign):
    before = Store(place).version()
    text = "PARIS, 5 March 2024. France condemned Russia on Tuesday."

    def pasted():
        at = run("add")
        at.text_area(key="paste_text").set_value(text).run()
        return at

    at = pasted()
    assert "save_paste" not in keys(at)
    assert "Log in to save articles" in html(at)
    sign(ANA)
    at = pasted()
    sign(None)
    press(at, "save_paste")
    assert Store(place).version() == before
    sign(ANA)
    press(pasted(), "save_paste")
    assert Store(place).version() > before


@pytest.mark.usefixtures("place")
def test_web_addresses(sign, monkeypatch):
    asked = []
    monkeypatch.setattr("events.dashboard.coding.Fetching", asked.append)
    sign(ANA)
    at = run("add", add_by="Web addresses")
    at.session_state["add_by"] = "Web addresses"
    at.run()
    at.text_area(key="web_urls").set_value("https://example.org/a").run()
    sign(None)
    at.button(key="read_web").click().run()
    assert asked == []
    assert "Log in to read web addresses" in html(at)
    sign(ANA)
    at.run().button(key="read_web").click().run()
    assert asked == [["https://example.org/a"]]


def test_imports(place, sign):
    good = made.gdelt2([made.gdelt_row(1, 0, 1)]).encode()

    def uploaded():
        at = run("add")
        at.session_state["add_by"] = "Other data sets"
        at.run()
        at.file_uploader(key="bring_0").set_value([("day.CSV", good, "text/csv")]).run()
        return at

    at = uploaded()
    assert "1 file recognised" in html(at)
    assert "bring" not in keys(at)
    assert "Log in to import data sets" in html(at)
    sign(ANA)
    at = uploaded()
    sign(None)
    press(at, "bring")
    assert list(Store(place).datasets()) == ["articles"]
    sign(ANA)
    press(uploaded(), "bring")
    assert Store(place).datasets() == {"articles": 2, "GDELT": 1}


def test_a_file_of_views_is_taken_in_from_those_logged_in(place, sign):
    mailed = json.dumps(
        {
            "format": "entente desk",
            "version": 1,
            "records": [{"kind": "note", "text": "Mailed", "by": "Ben", "when": "2026-01-01"}],
        }
    )
    sign(ANA)
    at = run("saved")
    sign(None)
    at.file_uploader(key="desk_file_0").upload("mail.json", mailed.encode(), "application/json").run()
    assert Desk(str(place)).notes() == {}
    sign(ANA)
    run("saved").file_uploader(key="desk_file_0").upload("m.json", mailed.encode(), "application/json").run()
    assert len(Desk(str(place)).notes()) == 1


def test_the_second_opinion_costs_money(place, sign, tmp_path, monkeypatch):
    with Server() as server:
        (tmp_path / "llm.toml").write_text(f'url = "{server.url}"\nmodel = "small-model"\n')
        monkeypatch.setenv("ENTENTE_LLM_CONFIG", str(tmp_path / "llm.toml"))
        for name in ("URL", "MODEL", "KEY"):
            monkeypatch.delenv(f"ENTENTE_LLM_{name}", raising=False)
        at = run("opinion")
        assert not {"opinion_run", "test_llm"} & keys(at)
        assert "Log in to have articles read" in html(at)
        sign(ANA)
        at = run("opinion")
        at.checkbox(key="opinion_agree_2").check().run()
        sign(None)
        press(at, "test_llm")
        press_run = at.button(key="opinion_run") if "opinion_run" in keys(at) else None
        assert press_run is None
        assert server.requests == []
        sign(ANA)
        at = run("opinion")
        at.checkbox(key="opinion_agree_2").check().run()
        sign(None)
        press(at, "opinion_run")
        assert server.requests == []
        sign(ANA)
        at = run("opinion")
        at.checkbox(key="opinion_agree_2").check().run()
        press(at, "opinion_run")
        ends = time.monotonic() + 60
        while any(work.at_work for work in opinion_page._runs().values()) and time.monotonic() < ends:
            time.sleep(0.2)
        opinion_page._runs().clear()
        assert len(server.requests) == 2
        assert Opinions(str(place)).version == 2


@pytest.mark.usefixtures("sign")
def test_without_a_login_everybody_may_write(place, monkeypatch):
    monkeypatch.setattr("streamlit.secrets", {})
    at = run("review", queue="confidence")
    press(at, "judge_accept")
    assert Store(place).judgements()[0]["by"] == "the-servers-own"
    assert len(review.standings(Store(place))) == 1
