"""Saved views, watches, notes, what is new, what changed: the desk's pages by their values."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from events.accuracy import accuracy
from events.charts import words
from events.dashboard import desk as desk_ui
from events.schema import CodedArticle, Issue, Note, Selection, View, Watch
from events.store import Store
from events.views import Desk
from tests.dashboard.test_pages import HOSTILE, click, dated, figures, html, run
from tests.store_helpers import make_article, make_report, own

ME = "Ana <b>"


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """A store of two versions: three events, then two more."""
    folder = tmp_path / "store"
    monkeypatch.setenv("ENTENTE_STORE", str(folder))
    monkeypatch.setattr("getpass.getuser", lambda: ME)
    first = [
        dated("2024-01-05", "RUS", "UKR", "ASSAULT"),
        dated("2024-01-06", "FRA", "DEU", "CONSULT"),
        dated("2024-02-06", "UKR", "RUS", "ACCUSE"),
    ]
    second = [dated("2024-03-01", "FRA", "DEU", "SUPPORT"), dated("2024-03-02", "NATO", "UKR", "AID")]
    for coded in (first, second):
        Store(folder).add(coded, own(*coded))
    return folder


def buttons(at) -> list[str]:
    return [b.label for b in at.button]


def news(at) -> str:
    """The label of the badge, "" where there is none."""
    found = [b.proto.popover.label for b in at.get("popover")]
    return next((label for label in found if " new " in label), "")


def saved(**query):
    return run("saved", **query)


def test_an_opened_view_restores_page_filters_and_a_moving_period(place):
    view = View(
        HOSTILE[:100], "articles", Selection(parties=("FRA",), min_confidence=0.1), ME, desk_ui.stamp()
    )
    key = Desk(str(place)).keep(view)
    moving = View(
        "Moving",
        "overview",
        Selection(),
        ME,
        desk_ui.stamp(),
        (("period", "30 d"), ("measure", "share of conflict")),
    )
    other = Desk(str(place)).keep(moving)
    at = saved(party="UKR")
    assert "&lt;script&gt;" in html(at)
    assert "<script" not in html(at)
    click(at, f"open_{key}")
    assert at.session_state["_selection"] == view.selection
    assert "articles stored" in html(at)  # the page of the view
    at = saved(party="UKR")
    click(at, f"open_{other}")
    assert at.session_state["period"] == "30 d"
    assert figures(at)["Events"].startswith("3 ")
    assert at.selectbox(key="measure").value == "share of conflict"


def test_a_view_is_deleted_brought_back_and_renamed(place):
    key = Desk(str(place)).keep(View("Aegean", "overview", Selection(), ME, desk_ui.stamp()))
    at = saved()
    click(at, f"drop_{key}")
    assert Desk(str(place)).views() == {}
    assert "No views yet." in html(at)
    click(at, "undo")
    assert [v.name for v in Desk(str(place)).views().values()] == ["Aegean"]
    at.text_input(key=f"name_{key}").set_value("Baltic").run()
    click(at, f"rename_go_{key}")
    assert "Baltic" in html(at)
    assert "Aegean" not in html(at)


def test_a_file_is_taken_in_and_a_bad_one_changes_nothing(place):
    good = json.dumps(
        {
            "format": "entente desk",
            "version": 1,
            "records": [{"kind": "view", "name": "Mailed", "page": "overview", "selection": {"parties": ["GRC"]}, "by": "Ben", "when": "2026-01-01"}],
        }
    )  # fmt: skip
    at = saved()
    at.file_uploader(key="desk_file_0").upload("mail.json", b"{}", "application/json").run()
    assert "no file of views" in at.error[0].value
    assert Desk(str(place)).views() == {}
    at.file_uploader(key="desk_file_0").upload("mail.json", good.encode(), "application/json").run()
    assert not at.exception
    assert "Mailed" in html(at)
    assert Desk(str(place)).take_in(Desk(str(place)).export()).known == 1


def test_new_since_the_last_visit_is_told_and_marked_as_seen(place):
    before = datetime.now(UTC) - timedelta(days=3)
    Desk(str(place)).visit(ME, 1, before)
    at = run()
    assert news(at) == f"2 new since {before:%A}"
    at = run(party="FRA")
    assert news(at) == f"1 new since {before:%A}"
    click(at, "news_seen")
    assert news(at) == ""
    assert Desk(str(place)).visit(ME, 2).version == 2


def test_on_a_first_visit_nothing_is_new(place):
    assert news(run()) == ""
    assert Desk(str(place)).profiles() == [ME]


@pytest.mark.parametrize(
    ("ago", "told"),
    [
        (timedelta(hours=2), "since 16:40 UTC"),
        (timedelta(days=2), "since Tuesday"),
        (timedelta(days=20), "since 6 Nov"),
        (timedelta(days=400), "since 22 Oct 2025"),
    ],
)
def test_when_the_last_visit_was_is_told_in_words(ago, told):
    now = datetime(2026, 11, 26, 18, 40, tzinfo=UTC)
    assert desk_ui.since((now - ago).isoformat(), now) == told


def test_a_watch_calls_from_its_threshold_on(place):
    Desk(str(place)).visit(ME, 1, datetime.now(UTC) - timedelta(days=3))
    quiet = Watch("Quiet", Selection(parties=("FRA",)), 2, ME, desk_ui.stamp())
    loud = Watch("Loud", Selection(parties=("UKR",)), 1, ME, desk_ui.stamp())
    keys = {w.name: Desk(str(place)).keep(w) for w in (quiet, loud)}
    at = saved()
    text = html(at)
    assert "▲ Loud" in text
    assert "▲ Quiet" not in text
    assert "1 new since" in text
    assert news(at).endswith("· 1 watch")
    click(at, f"call_{keys['Loud']}")
    assert at.session_state["_selection"] == Selection(parties=("UKR",))


def test_filters_are_watched_from_the_page(place):
    at = saved(party="UKR")
    at.text_input(key="watch_name").set_value("Ukraine").run()
    at.number_input(key="watch_from").set_value(3).run()
    click(at, "watch_keep")
    (watch,) = Desk(str(place)).watches().values()
    assert (watch.name, watch.threshold, watch.selection, watch.by) == (
        "Ukraine",
        3,
        Selection(parties=("UKR",)),
        ME,
    )


def test_a_note_is_kept_on_a_day_and_a_dyad(place):
    at = saved()
    at.text_area(key="note_text").set_value("Talks *planned*").run()
    at.multiselect(key="note_dyad").set_value(["FRA"]).run()
    assert at.button(key="note_keep").disabled  # one party is no dyad
    at.multiselect(key="note_dyad").set_value(["FRA", "DEU"]).run()
    at.date_input(key="note_day").set_value(datetime(2024, 5, 6, tzinfo=UTC).date()).run()
    click(at, "note_keep")
    (note,) = Desk(str(place)).notes().values()
    assert (note.text, note.date, note.dyad) == ("Talks *planned*", "2024-05-06", ("FRA", "DEU"))
    assert "6 May 2024 · France – Germany" in html(at)
    assert at.text_area(key="note_text").value == ""


def test_another_name_is_another_reader(place):
    Desk(str(place)).visit("Ben", 1, datetime.now(UTC) - timedelta(days=1))
    at = saved()
    assert "Ana &lt;b&gt;" in html(at)
    at.text_input(key="reader_name").set_value("Ben").run()
    click(at, "reader_go")
    assert "Last visit" in html(at)
    assert news(at).startswith("2 new since")


def test_a_desk_that_cannot_be_read_leaves_the_pages(place):
    Desk(str(place)).path.parent.mkdir(exist_ok=True)
    Desk(str(place)).path.write_bytes(b"broken" * 200)
    assert figures(run())["Events"].startswith("5 ")
    at = saved()
    assert "This page could not be shown" in html(at)
    assert "damaged" in html(at)


def test_a_note_on_an_event_leads_to_its_words(place):
    report = dated("2024-03-02", "NATO", "UKR", "AID").reports[0]
    Desk(str(place)).keep(Note("Look", ME, desk_ui.stamp(), date="2024-03-02", event_id=report.report_id))
    at = saved()
    assert "2 Mar 2024 · an event" in html(at)
    assert [link.proto.label for link in at.get("page_link")] == ["Evidence"]


def test_a_note_stands_in_the_timeline(place):
    Desk(str(place)).keep(Note("Talks <i>planned</i>", ME, desk_ui.stamp(), date="2024-02-01"))
    figure = run("timeline").get("plotly_chart")[0].proto.spec
    assert "Talks" in figure
    assert "<i>planned" not in figure


# What changed


@pytest.fixture
def moved(tmp_path, monkeypatch) -> Path:
    """Two dyads over 60 days: one turns from talks to attacks, one stays as it is; a meeting is planned."""
    folder = tmp_path / "store"
    monkeypatch.setenv("ENTENTE_STORE", str(folder))
    today = datetime.now(UTC).date()
    coded = []
    for n in range(60):
        day = today - timedelta(days=n)
        kind = ("ASSAULT" if n < 30 else "CONSULT") if n % 5 else "ACCUSE"
        issues = (Issue("territory", "territory", 0, 3),)
        for pair, act in ((("COD", "RWA"), kind), (("FRA", "DEU"), "CONSULT" if n % 2 else "SUPPORT")):
            article = make_article(
                f"{pair} {act} {day}", day.isoformat(), f"Outlet {n % 3}", title=f"{act} {n}"
            )
            values = (
                {"planned_for": (today + timedelta(days=5)).isoformat()}
                if n == 3 and act == "CONSULT"
                else {}
            )
            report = make_report(article, *pair, act, date=day.isoformat(), issues=issues, **values)
            coded.append(CodedArticle(article, (report,)))
    Store(folder).add(coded, own(*coded))
    return folder


@pytest.mark.usefixtures("moved")
def test_figures_are_compared_with_the_period_before():
    told = figures(run(period="30 d"))
    assert told["Events"] == "60 | 0.0% from 60"
    assert re.fullmatch(r"−\d\.\d \| from \+\d\.\d \(90%: −\d\.\d, −\d\.\d\)", told["Mean intensity"])
    assert re.fullmatch(r"50% \| from 10% \(90%: 40%, 60%\)", told["Share in conflict"])
    assert told["Active dyads"] == "2 | from 2"


@pytest.mark.usefixtures("moved")
def test_what_changed_most_is_named_with_its_reasons():
    text = html(run(period="30 d"))
    assert "What changed most" in text
    rows = re.findall(r'en-mover">(.*?)</p>', text)
    assert len(rows) == 1  # the other dyad stayed as it was
    assert "DR Congo – Rwanda" in rows[0]
    assert "Assault\u00a024 (from\u00a00)" in rows[0]
    assert "territory" in rows[0]
    assert "▼ −9.2" in rows[0]
    assert "Busiest dyads" in text


@pytest.mark.usefixtures("moved")
def test_what_is_coming_is_listed_by_its_day():
    text = html(run())
    assert "What is coming" in text
    assert "Germany" in text[text.index("What is coming") :]
    assert "Updated" in text


@pytest.mark.usefixtures("moved")
def test_without_a_period_the_later_half_is_compared():
    at = run()
    text = html(at)
    assert "compared with" not in text
    assert "Mean intensity since" in text
    assert figures(at)["Events"] == "120 | from 120 reports"


# About


@pytest.mark.usefixtures("place")
def test_accuracy_is_told_by_type_and_weak_types_are_marked(monkeypatch):
    lows = sorted(figure.low for figure in accuracy().types.values())
    monkeypatch.setattr("events.accuracy.WEAK", lows[4])  # four types lie below, however good the coder is
    text = html(run("about"))
    row = text[text.index("F1 with 95% interval") :]
    types = accuracy().types
    worst, *_, best = sorted(types, key=lambda name: types[name].f1)
    assert row.index(words.act(best)) < row.index(words.act(worst))
    assert text.count('class="en-f1"') == 16
    assert f"{types[worst].f1:.2f}" in row
    weak = [name for name, figure in types.items() if figure.weak]
    assert weak
    assert len(weak) < len(types)
    assert text.count("en-weak") >= len(weak)
    assert "hand-coded reports in 781 texts" in text
