"""The page of the second opinion by its values: before it is configured, before a run, during it, and after."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from events import asking
from events.charts import coders as charts
from events.charts.theme import DARK, LIGHT
from events.coders import agreement, pairs
from events.dashboard import opinion as page_module
from events.extract.llm import Settings
from events.opinions import Opinions
from events.schema import CodedArticle, Opinion, Span
from events.store import Store
from tests.llm_server import Said, Server
from tests.store_helpers import make_article, make_report, own

MAIN = Path(__file__).resolve().parents[2] / "events" / "dashboard" / "main.py"
HOSTILE = "<script>alert(1)</script> & **bold**"
KEY = "sk-very-secret-0123456789"


def told(number: int, kind: str = "CONSULT") -> CodedArticle:
    article = make_article(
        f"Greek minister {number} visited Turkey on Monday.",
        f"2024-03-{number:02}",
        title=f"Visit {number} {HOSTILE}",
    )
    at = article.text.index("visited")
    report = make_report(
        article, "GRC", "TUR", kind, sentence=article.span(article.body_start, len(article.text)),
        evidence={"event_type": (Span(at, at + 7, "visited"),)},
    )  # fmt: skip
    return CodedArticle(article, (report,))


def reading(text: str) -> list[dict]:
    _, _, rest = text.partition("Greek minister ")
    number = rest.split(" ")[0]
    return [
        {
            "sentence": f"Greek minister {number} visited Turkey on Monday.", "source": "GRC",
            "source_words": f"Greek minister {number}", "target": "TUR", "target_words": "Turkey", "symmetric": False,
            "event_type": "CONSULT", "mode": None, "event_type_words": "visited", "status": "occurred", "status_words": None,
            "date_words": "on Monday", "planned_for_words": None, "place_words": HOSTILE, "actors": [],
            "issues": [], "quantities": [], "attributed_to": None, "attributed_to_words": None,
        }
    ] if rest else []  # fmt: skip


@pytest.fixture
def store(tmp_path, monkeypatch):
    coded = [told(n, "CONSULT" if n % 4 else "AGREE") for n in range(1, 13)]
    opened = Store(tmp_path / "store")
    opened.add(coded, own(*coded))
    monkeypatch.setenv("ENTENTE_STORE", opened.location)
    monkeypatch.setenv("ENTENTE_LLM_CONFIG", str(tmp_path / "llm.toml"))
    for name in ("URL", "MODEL", "KEY"):
        monkeypatch.delenv(f"ENTENTE_LLM_{name}", raising=False)
    yield opened
    page_module._runs().clear()


@pytest.fixture
def server():
    with Server(reading) as running:
        yield running


@pytest.fixture
def configured(store, server, tmp_path, monkeypatch):  # noqa: ARG001 a store is shown
    monkeypatch.setenv("ENTENTE_LLM_KEY", KEY)
    (tmp_path / "llm.toml").write_text(
        f'url = "{server.url}"\nmodel = "small-model"\ntimeout = 10\n[prices.small-model]\ninput = 1\noutput = 2\n'
    )
    return Settings(server.url, "small-model", KEY, timeout=10.0)


def run_all(store, settings):
    return asking.ask(store, settings, asking.plan(store, settings).article_ids)


def open_page(**parameters: str) -> AppTest:
    at = AppTest.from_file(str(MAIN), default_timeout=120)
    for key, value in parameters.items():
        at.query_params[key] = value
    at.switch_page("app_pages/opinion.py").run()
    return sound(at)


def sound(at: AppTest) -> AppTest:
    assert not at.exception, at.exception[0].stack_trace
    shown = text(at) + "".join(str(e.value) for e in (*at.markdown, *at.code, *at.error, *at.warning))
    assert "<script>" not in shown
    assert KEY not in shown
    return at


def text(at: AppTest) -> str:
    return " ".join(e.proto.body for e in at.get("html") if not e.proto.body.startswith("<style"))


def test_without_settings_the_page_says_how_to_have_them(store):
    at = open_page()
    assert "No language model is configured" in text(at)
    assert "ENTENTE_LLM_URL" in text(at)
    assert 'model = "qwen3:8b"' in at.code[0].value
    assert not [b for b in at.button if b.key == "opinion_run"]
    assert not Opinions(store.location).folder.exists()


def test_wrong_settings_are_told(store, tmp_path):
    (tmp_path / "llm.toml").write_text('url = "ftp://x"\nmodel = "m"')
    assert "begins with http:// or https://" in text(open_page())
    assert store.version() == 1


def test_before_a_run_it_tells_what_is_sent_where_and_asks_for_consent(configured, server):
    at = open_page()
    shown = text(at)
    assert "small-model has read nothing yet." in shown
    assert f"{configured.host} (on this computer or network)" in shown
    assert "1 in, 2 out, USD a million tokens" in shown
    assert "about 0.06 USD" in shown
    assert "Assumed before the first run" in shown
    assert at.button(key="opinion_run").disabled
    (consent,) = at.checkbox
    assert consent.label.startswith("Send 12 articles to 127")
    consent.check().run()
    assert not sound(at).button(key="opinion_run").disabled
    assert server.requests == []


@pytest.mark.usefixtures("configured")
def test_a_run_shows_its_progress_and_then_the_agreement(server, store):
    at = open_page()
    at.checkbox[0].check().run()
    at.button(key="opinion_run").click().run()
    for _ in range(100):
        if Opinions(store.location).version == 12 and not next(iter(page_module._runs().values())).at_work:
            break
        time.sleep(0.1)
    at = open_page()
    shown = text(at)
    assert "12 articles read, 12 reports" in shown
    assert "12 values refused" in shown
    assert "Nothing to read." in shown
    assert "All 12 were read by this model and prompt." in shown
    assert "Both give 75% of the acts that both report the same type" in shown
    assert (
        "3 acts on which they differ" not in shown
    )  # their days differ too: on Monday, and the day of publication
    assert len(server.requests) == 12


@pytest.mark.usefixtures("configured")
def test_a_run_at_work_can_be_stopped(server, store):
    server.answers += [Said(json.dumps({"events": []}), wait=0.8)] * 12
    at = open_page()
    at.checkbox[0].check().run()
    at.button(key="opinion_run").click().run()
    assert "small-model is reading" in text(sound(at))
    run = next(iter(page_module._runs().values()))
    while not run.summary.done:
        time.sleep(0.05)
    sound(at.button(key="opinion_stop").click().run())
    run._thread.join(15)
    assert not run.at_work
    assert 0 < run.summary.done < 12
    assert "Ended early: stopped" in open_page().warning[0].value.replace("\\", "")
    assert Opinions(store.location).version == run.summary.done


def test_the_cases_show_the_words_of_both(configured, store):
    log = Opinions(store.location)
    run_all(store, configured)
    at = open_page(which="both")
    frame = at.dataframe[0].value
    assert list(frame.columns) == ["Article", "Rules", "Model", "Differs in"]
    assert frame["Differs in"].iloc[0] == "event type, date"
    assert frame["Rules"].iloc[0] == "Greece → Türkiye: agree"
    assert frame["Model"].iloc[0] == "Greece → Türkiye: consult"
    marked = [e.proto.body for e in at.get("html") if e.proto.body.startswith('<div class="en-article"')]
    assert len(marked) == 2
    assert all("en-event_type" in body and "visited" in body for body in marked)
    assert log.version == 12


def test_what_the_model_alone_has_stands_beside_the_unmarked_article(configured, store):
    run_all(store, configured)
    article = make_article("Greek minister 99 visited Turkey on Monday.", "2024-04-01", title="Quiet")
    store.add([CodedArticle(article)], [])
    run_all(store, configured)
    at = open_page(which="second")
    assert at.dataframe[0].value["Rules"].tolist() == ["–"]
    assert "Rules: no such act." in text(at)


def test_the_sidebar_narrows_the_agreement_and_the_run(configured, store):
    run_all(store, configured)
    at = open_page(**{"from": "2024-03-01", "to": "2024-03-06"})
    assert "n = 6 acts that both report, in 6 articles" in text(at)


def test_an_older_coder_can_be_looked_at(configured, store):
    run_all(store, configured)
    Opinions(store.location).add(
        [
            Opinion(
                told(1).article.article_id,
                "llm other",
                "v0",
                told(1).reports,
                when="2020-01-01T00:00:00+00:00",
            )
        ]
    )
    at = open_page(coder="llm other")
    assert at.selectbox(key="coder").value == "llm other"
    assert "<b>1</b>" in text(at)


@pytest.mark.usefixtures("configured")
def test_the_connection_is_tried_and_what_went_wrong_is_told(server):
    at = open_page()
    at.button(key="test_llm").click().run()
    assert "Answers by JSON schema, in" in text(sound(at))
    server.answers.append(Said(status=401, error=f"Incorrect API key: {KEY}"))
    at.button(key="test_llm").click().run()
    assert "refuses the key" in sound(at).error[0].value


def test_settings_without_a_price_tell_tokens_alone(configured, tmp_path, store):
    (tmp_path / "llm.toml").write_text(f'url = "{configured.url}"\nmodel = "small-model"\n')
    assert "no price set" in text(open_page())
    run_all(store, configured)
    assert "no price set" in text(open_page())


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_the_chart_draws_every_field_and_says_where_there_are_too_few(theme):
    few = agreement(pairs("a", told(1).reports, told(1).reports))
    many = agreement([p for n in range(1, 9) for p in pairs(str(n), told(n).reports, told(n).reports)])
    for found in (few, many, agreement([])):
        rows = charts.table(found)
        figure = charts.agreement(rows, theme)
        assert list(figure.layout.yaxis.ticktext) == list(rows["label"])
        assert len(rows) == 10
    assert charts.title(few) == "Agreement of rules and model by field"
    assert "too few to tell" in charts.alt(few, "llm m")
    assert charts.title(many) == "Both give 100% of the acts that both report the same type"
    squares = [t for t in charts.agreement(charts.table(many), theme).data if t.mode == "markers"]
    assert [t.x[0] for t in squares][:3] == [1.0, 1.0, 1.0]
