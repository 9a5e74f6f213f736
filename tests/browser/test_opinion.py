"""The second opinion in a browser, from its settings to the judgement of what it alone has read."""

from __future__ import annotations

import re

import pytest

from events import review
from events.opinions import Opinions
from events.queries import Queries
from events.schema import CodedArticle, Selection, Span
from events.store import Store
from tests.browser.conftest import served
from tests.llm_server import Server
from tests.store_helpers import make_article, make_report, own

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KEY = "sk-very-secret-0123456789"
HOSTILE = "<img src=x onerror=document.title='owned'>"


def told(number: int) -> CodedArticle:
    """An article of two acts, of which the coder has the first alone; every fourth of another type than the model's."""
    article = make_article(
        f"Greek minister {number} visited Turkey on Monday. Then Turkey expelled two Greek diplomats. {HOSTILE}",
        f"2024-03-{number:02}",
        "Kathimerini",
        f"Visit {number}",
    )
    start = article.text.index("Greek minister")
    sentence = Span(
        start, article.text.index("Monday.") + 7, f"Greek minister {number} visited Turkey on Monday."
    )
    act = article.text.index("visited")
    report = make_report(
        article, "GRC", "TUR", "CONSULT" if number % 4 else "AGREE", sentence=sentence, confidence=0.7,
        evidence={"event_type": (Span(act, act + 7, "visited"),)},
    )  # fmt: skip
    return CodedArticle(article, (report,))


def act(number: str, **values) -> dict:
    blank = dict.fromkeys(
        ("mode", "status_words", "date_words", "planned_for_words", "place_words", "attributed_to", "attributed_to_words")
    )  # fmt: skip
    return {
        **blank, "sentence": f"Greek minister {number} visited Turkey on Monday.", "source": "GRC",
        "source_words": f"Greek minister {number}", "target": "TUR", "target_words": "Turkey", "symmetric": False,
        "event_type": "CONSULT", "event_type_words": "visited", "status": "occurred", "actors": [], "issues": [],
        "quantities": [], **values,
    }  # fmt: skip


def reading(text: str) -> list[dict]:
    """The model: it has the visit, of the first two articles the expulsion, and something that no article says."""
    found = re.search(r"Greek minister (\d+)", text)
    if found is None:
        return []
    number = found.group(1)
    expelled = act(
        number, sentence="Then Turkey expelled two Greek diplomats.", source="TUR", source_words="Turkey", target="GRC",
        target_words="two Greek diplomats", event_type="SANCTION", mode="expel", event_type_words="expelled",
    )  # fmt: skip
    made_up = act(number, event_type="ASSAULT", event_type_words="bombed")
    return [act(number), *([expelled] if int(number) < 3 else []), *([made_up] if number == "5" else [])]


@pytest.fixture
def own_store(tmp_path):
    folder = tmp_path / "store"
    coded = [told(n) for n in range(1, 9)]
    Store(folder).add(coded, own(*coded))
    return folder


def types(folder, **asked) -> dict[str, int]:
    frame = Queries(Store(folder)).by_type(Selection(**asked))
    return dict(zip(frame["event_type"], map(int, frame["events"]), strict=True))


def test_from_the_settings_to_the_judgement_of_a_missed_act(visit, own_store, tmp_path, monkeypatch):
    settings = tmp_path / "llm.toml"
    monkeypatch.setenv("ENTENTE_LLM_CONFIG", str(settings))
    monkeypatch.setenv("ENTENTE_LLM_KEY", KEY)
    for name in ("URL", "MODEL"):
        monkeypatch.delenv(f"ENTENTE_LLM_{name}", raising=False)
    with Server(reading) as model, served(own_store) as at:
        look = visit("light", (1440, 900), at)
        page = look.open("opinion")
        page.get_by_text("No language model is configured").wait_for()
        page.get_by_text(str(settings)).wait_for()
        # configure it, and see what a run takes before anything is sent
        settings.write_text(
            f'url = "{model.url}"\nmodel = "small-model"\n[prices.small-model]\ninput = 100\noutput = 200\n'
        )
        page = look.open("opinion")
        card = page.locator(".st-key-card_ask")
        card.get_by_text("Send 8 articles to 127.0.0.1").wait_for()
        assert re.search(r"Tokens\s*about [\d,]+ in, [\d,]+ out", card.inner_text())
        assert re.search(r"Cost\s*about 4\.\d\d USD", card.inner_text())
        assert model.requests == []
        run = page.locator(".st-key-opinion_run button")
        assert run.is_disabled()
        card.locator("[data-testid=stCheckbox] label").click()
        page.wait_for_function("!document.querySelector('.st-key-opinion_run button').disabled")
        run.click()
        # the run, and what came of it
        card.get_by_text("8 articles read, 10 reports").wait_for()
        assert len(model.requests) == 8
        page.locator(".st-key-card_agreement .js-plotly-plot .points path").first.wait_for()
        agreed = page.locator(".st-key-card_agreement")
        assert "n = 8 acts that both report, in 8 articles" in agreed.inner_text()
        page.get_by_text("4 acts on which they differ").wait_for()
        page.locator(".st-key-card_refused").get_by_text("bombed").first.wait_for()
        assert KEY not in page.content()
        look.settle()
        look.picture("opinion_light")
        # what the model alone has leads to the review, with the model's words marked
        page.get_by_role("radio", name="Model alone (2)").or_(
            page.get_by_role("button", name="Model alone (2)")
        ).first.click()
        page.get_by_text("Missed by the rules? Judge it").click()
        judge = page.locator(".st-key-card_judge")
        judge.get_by_text("missed by the coder? llm small-model reads this act").wait_for()
        judge.locator(".en-mark.en-event_type", has_text="expelled").first.wait_for()
        judge.get_by_text("the coder has 1 other act of this article, none of these words").wait_for()
        look.settle()
        look.picture("review_missed_light")
        assert types(own_store) == {"CONSULT": 6, "AGREE": 2}
        page.locator(".en-h1").click()
        page.keyboard.press("a")
        page.locator(".st-key-judge_place").get_by_text("1 of 1 to judge").wait_for()
        assert types(own_store) == {"CONSULT": 6, "AGREE": 2, "SANCTION": 1}
        assert types(own_store, as_coded=True) == {"CONSULT": 6, "AGREE": 2}
        page.locator(".en-h1").click()
        page.keyboard.press("x")
        page.get_by_text("No act that a second reader alone has.").wait_for()
        # a disagreement is settled from its queue
        page = look.open("review?queue=disagreement")
        page.locator(".st-key-judge_place").get_by_text(
            "llm small-model reads event type otherwise"
        ).wait_for()
        page.locator(".en-h1").click()
        page.keyboard.press("a")
        page.locator(".st-key-judge_place").get_by_text("1 of 1 to judge").wait_for()
        log = review.history(Store(own_store))
        assert list(log["action"]) == ["accept", "reject", "add"]
        assert Opinions(str(own_store)).version == 8
        assert not page.title().startswith("owned")
        # every page shows the added event with the model's words
        page = look.open("events?type=SANCTION")
        page.locator(".en-sub", has_text="1 event match").first.wait_for()


def test_a_run_is_stopped_and_goes_on_where_it_ended(visit, own_store, tmp_path, monkeypatch):
    settings = tmp_path / "llm.toml"
    monkeypatch.setenv("ENTENTE_LLM_CONFIG", str(settings))

    def slowly(text: str) -> list[dict]:
        waited.wait(1.5)
        return reading(text)

    with Server(slowly) as model, served(own_store) as at:
        waited = model.closing
        settings.write_text(f'url = "{model.url}"\nmodel = "small-model"\nparallel = 1\n')
        look = visit("dark", (1440, 900), at)
        page = look.open("opinion")
        card = page.locator(".st-key-card_ask")
        card.locator("[data-testid=stCheckbox] label").click()
        page.wait_for_function("!document.querySelector('.st-key-opinion_run button').disabled")
        page.locator(".st-key-opinion_run button").click()
        card.get_by_text(re.compile("[12] of 8 articles")).wait_for()
        page.locator(".st-key-opinion_stop button").click()
        card.get_by_text("Ended early: stopped").wait_for()
        read = Opinions(str(own_store)).coders()["articles"].iloc[0]
        assert 0 < read < 8
        card.get_by_text(f"Send {8 - read} articles to 127.0.0.1").wait_for()
        look.settle()
        look.picture("opinion_stopped_dark")
