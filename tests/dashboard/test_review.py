"""The page Review: accept, correct, reject, add, take back; who signs; what the charts then say."""

from __future__ import annotations

import pytest

from events import review
from events.judgements import words_at
from events.opinions import Opinions
from events.queries import Queries
from events.review import sentence_at
from events.schema import CodedArticle, Opinion, Selection
from events.store import Store
from tests.dashboard.test_pages import html, run
from tests.store_helpers import NOW, make_article, make_report, own

HOSTILE = "<img src=x onerror=alert(1)>"
TEXT = "Ankara and Athens talked on Monday. Then Turkish jets struck a Greek patrol boat near Kos."


def told(number: int) -> CodedArticle:
    article = make_article(f"{TEXT} {HOSTILE} {number}.", "2024-05-15", "Daily", f"Title {number}")
    kind = "CONSULT" if number % 2 else "ACCUSE"
    sentence = article.span(article.body_start, len(article.text))
    report = make_report(article, "TUR", "GRC", kind, confidence=0.3 + number / 20, sentence=sentence)
    return CodedArticle(article, (report,))


IDS = [told(n).reports[0].report_id for n in range(6)]


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "store"))
    made = Store(tmp_path / "store")
    coded = [told(n) for n in range(6)]
    made.add(coded, own(*coded))
    return made


def types(store: Store, **asked) -> dict[str, int]:
    frame = Queries(store).by_type(Selection(**asked))
    return dict(zip(frame["event_type"], map(int, frame["events"]), strict=True))


def press(at, key: str):
    at.button(key=key).click().run()
    assert not at.exception, at.exception
    return at


def test_a_whole_session(store):
    at = run("review", queue="confidence")
    assert "1 of 6 to judge · confidence 0.30" in html(at)
    assert HOSTILE not in html(at)
    at.text_input(key="signer_name").set_value("Ana <b>").run()
    press(at, "judge_accept")
    assert "1 of 5 to judge · confidence 0.35" in html(at)
    assert review.standings(store)[IDS[0]].by == "Ana <b>"
    press(at, "judge_edit")
    at.selectbox(key=f"edit_type_{IDS[1]}").set_value("ASSAULT").run()
    at.text_input(key=f"edit_words_event_type_{IDS[1]}").set_value("struck").run()
    press(at, "edit_save")
    assert types(store) == {"ACCUSE": 3, "CONSULT": 2, "ASSAULT": 1}
    assert Queries(store).event(IDS[1]).report.evidence["event_type"][0].text == "struck"
    press(at, "judge_reject")
    assert types(store) == {"ACCUSE": 2, "CONSULT": 2, "ASSAULT": 1}
    press(at, "judge_undo")
    assert types(store) == {"ACCUSE": 3, "CONSULT": 2, "ASSAULT": 1}
    assert types(store, as_coded=True) == {"ACCUSE": 3, "CONSULT": 3}
    assert "Took back version" in html(at)
    assert "Ana &lt;b&gt;" in html(at)


def test_a_missed_act_is_added_by_its_words_alone(store):
    at = run("review", queue="confidence")
    press(at, "judge_add")
    key = IDS[0]
    at.selectbox(key=f"add_type_{key}").set_value("ASSAULT").run()
    press(at, "add_save")
    assert any("mark the words" in error.value for error in at.error)
    at.text_input(key=f"add_words_event_type_{key}").set_value("bombed").run()
    press(at, "add_save")
    assert any("does not say" in error.value for error in at.error)
    assert "ASSAULT" not in types(store)
    at.text_input(key=f"add_words_event_type_{key}").set_value("struck").run()
    press(at, "add_save")
    assert types(store)["ASSAULT"] == 1


def test_what_is_refused_is_told_and_the_form_stays(store):
    at = run("review", queue="confidence")
    press(at, "judge_edit")
    at.text_input(key=f"edit_date_{IDS[0]}").set_value("15 May").run()
    before = store.version()
    press(at, "edit_save")
    assert any("YYYY" in error.value for error in at.error)
    assert store.version() == before
    assert at.text_input(key=f"edit_date_{IDS[0]}").value == "15 May"


def test_a_sample_shows_its_progress_and_fills_the_report_card(store):
    at = run("review", queue="random", draw="5")
    for _ in range(5):
        press(at, "judge_accept")
    assert "Every report of this sample is judged." in html(at)
    card = run("review", queue="random", draw="5", review_tab="Report card")
    card.session_state["review_tab"] = "Report card"
    card.run()
    assert review.card(store).overall.right == 5
    about = run("about")
    assert "On your own material" in html(about)


def test_as_coded_is_a_switch_with_a_chip_and_a_caption(store):
    review.edit(store, IDS[0], {"event_type": "ASSAULT"}, by="Ana")
    at = run("overview", coded="true")
    assert not at.exception
    assert any(button.key == "chip_as_coded" for button in at.button)
    assert "values as coded" in html(at)
    at.button(key="chip_as_coded").click().run()
    assert "values as coded" not in html(at)


class User(dict):
    """What `st.user` is: a mapping of claims with `is_logged_in`."""

    @property
    def is_logged_in(self) -> bool:
        return bool(self)


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({}, None),
        ({"email": "ana@example.org", "exp": 9_999_999_999}, "ana@example.org"),
        ({"sub": "u17"}, "u17"),
        ({"email": "ana@example.org", "exp": 1}, None),
    ],
)
def test_where_a_login_is_set_up_only_who_is_logged_in_may_write(store, monkeypatch, claims, name):
    monkeypatch.setattr("streamlit.user", User(claims))
    monkeypatch.setattr("streamlit.secrets", {"auth": {"client_id": "x", "client_secret": "y"}})
    at = run("review", queue="confidence")
    assert at.button(key="judge_accept").disabled is (name is None)
    assert at.button(key="judge_reject").disabled is (name is None)
    if name is None:
        assert at.button(key="log_in_")
        return
    press(at, "judge_accept")
    assert store.judgements()[0]["by"] == name
    assert not [box for box in at.text_input if box.key == "signer_name"]


def test_an_empty_store_says_how_to_begin(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "none"))
    at = run("review")
    assert "Nothing to review yet." in html(at)


def test_an_act_that_a_second_reader_alone_has_is_shown_with_its_words_and_added(store):
    article = make_article(f"{TEXT} {HOSTILE} alone.", "2024-05-15", "Herald", "Apart")
    store.add([CodedArticle(article, ())], [])
    at = run("review", queue="missed")
    assert "No act that a second reader alone has." in html(at)
    struck = words_at(article, "struck")
    act = make_report(
        article, "TUR", "GRC", "ASSAULT", extractor="llm <m>", confidence=None, sentence=sentence_at(article, struck),
        evidence={"event_type": (struck,), "target": (words_at(article, "a Greek patrol boat"),)},
    )  # fmt: skip
    Opinions(store.location).add([Opinion(article.article_id, "llm <m>", "v1", (act,), when=NOW)])
    at = run("review", queue="missed")  # what was read counts at once: no queue is kept from before
    shown = html(at)
    assert "missed by the coder? llm &lt;m&gt; reads this act" in shown
    assert "Read by llm &lt;m&gt; alone: the coder has no act in this article" in shown
    assert '<span class="en-mark en-event_type">struck' in shown
    assert at.button(key="judge_accept").label == "Add act"
    press(at, "judge_edit")
    key = act.report_id
    at.selectbox(key=f"edit_type_{key}").set_value("COERCE").run()
    press(at, "edit_save")
    assert types(store)["COERCE"] == 1
    assert "No act that a second reader alone has." in html(at)
    press(at, "judge_undo")
    assert "COERCE" not in types(store)
    press(at, "judge_reject")
    assert review.standings(store)[key].verdict == "rejected"
    assert review.queue(store, "missed").empty
    assert "ASSAULT" not in types(store)
