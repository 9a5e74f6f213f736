"""The page of articles by its values: sources, how they were coded, pages; adding odd texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from events.schema import CodedArticle
from events.store import Store
from tests.dashboard.test_pages import dated, html, run
from tests.store_helpers import make_article, own


@pytest.fixture(scope="module")
def mixed(tmp_path_factory) -> Path:
    """Sixty articles of Wire with an event each, two of Daily without one, three that were not read."""
    folder = tmp_path_factory.mktemp("articles") / "store"
    told = [dated(f"2024-0{1 + n // 28}-{1 + n % 28:02}", "RUS", "UKR", "ACCUSE", "Wire") for n in range(60)]
    calm = [
        CodedArticle(make_article(f"Calm {n}.", f"2024-05-0{n + 1}", "Daily", f"Calm {n}")) for n in range(2)
    ]
    left = [
        CodedArticle(make_article(f"Ein Text {n}.", None, None, f"Text {n}"), (), why)
        for n, why in enumerate(["German; only English is coded"] * 2 + ["empty"])
    ]
    coded = [*told, *calm, *left]
    Store(folder).add(coded, own(*coded))
    return folder


@pytest.fixture
def page(mixed, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(mixed))
    return lambda **query: run("articles", **query)


def table(at):
    return at.dataframe[0].value


def test_sources_and_reasons(page):
    text = html(page())
    assert "65 articles stored" in text
    assert "<strong>Wire</strong><p>1 Jan – 4 Mar 2024 · 60 with events</p>" in text
    assert (
        "<strong>Daily</strong><p>1 – 2 May 2024" in text
        or "<strong>Daily</strong><p>1 May – 2 May 2024" in text
    )
    assert "<strong>Outlet unknown</strong><p>no date · 0 with events, 3 not read</p>" in text
    assert "3 articles not read" in text
    assert "German; only English is coded</div><div class='en-num'>2</div>" in text


def test_articles_are_filtered_by_coding_and_outlet(page):
    at = page(coding="skipped")
    assert sorted(table(at)["Coding"]) == ["German; only English is coded"] * 2 + ["empty"]
    at = page(coding="none")
    assert table(at)["Title"].tolist() == ["Calm 1", "Calm 0"]
    at = page(outlet="Wire")
    assert len(table(at)) == 50
    assert "Showing 1–50 of 60 articles" in html(at)
    at = page(outlet="Wire", p="2")
    assert len(table(at)) == 10
    at = page(coding="none", outlet="Wire")
    assert "No articles match." in html(at)


def test_articles_are_searched_in_titles_and_texts(page):
    assert table(page(find="calm"))["Title"].tolist() == ["Calm 1", "Calm 0"]
    assert len(table(page(find="ein text"))) == 3
    assert table(page(find="title:accuse 01 07"))["Title"].tolist() == ["ACCUSE of 2024-01-07"]
    at = page(find="??")
    assert "“??” holds no word to look for." in html(at)


@pytest.mark.parametrize(
    "text",
    [
        "T" * 300 + "\nOSLO, May 6, 2024. Norway expelled two Russian diplomats on Monday.",
        "<script>alert(1)</script><b>Norway</b> expelled two Russian diplomats on 6 May 2024.",
        "القاهرة\nNorway expelled two Russian diplomats on 6 May 2024. \u202eabc",
        "🙂" * 500 + "\nNorway expelled two Russian diplomats on 6 May 2024.",
        "w" * 10_000 + "\nNorway expelled two Russian diplomats on 6 May 2024.",
    ],
    ids=["long title", "markup", "right to left", "emoji", "huge word"],
)  # fmt: skip
def test_odd_texts_are_previewed_saved_and_listed(tmp_path, monkeypatch, text):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "store"))
    at = run("add")
    at.text_area(key="paste_text").set_value(text).run()
    assert not at.exception
    assert "1 event found" in html(at)
    assert "Norway → Russia: sanction (expel)" in html(at)
    assert "<script" not in html(at)
    at.button(key="save_paste").click().run()
    assert not at.exception
    at.switch_page("app_pages/articles.py").run()
    assert not at.exception
    assert table(at)["Events"].tolist() == [1]
    at.switch_page("app_pages/events.py").run()
    assert table(at)["Act"].tolist() == ["◆ Sanction"]
