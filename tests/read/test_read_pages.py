"""Pasted text, Markdown and web pages become articles without the page around them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from events import read
from events.read import Rejected
from events.schema import Article

FIXTURES = Path(__file__).parent / "fixtures"
TODAY = date(2025, 6, 1)
BODY = "Turkey expelled two Greek diplomats on Friday.\n\nAthens called the step hostile."

FRENCH = (
    "Le ministre des Affaires étrangères a convoqué l'ambassadeur de Russie à Paris, a annoncé mardi "
    "le Quai d'Orsay dans un communiqué, après la mort d'un opposant en prison."
)
CAPITALS = (
    "TURKEY EXPELLED TWO GREEK DIPLOMATS ON FRIDAY AND ATHENS SAID THAT IT WOULD ANSWER IN KIND BEFORE "
    "THE END OF THE WEEK UNLESS ANKARA CHANGED ITS MIND ABOUT THEM."
)


def article(text: str, **given: str) -> Article:
    found = read.read_text(text, today=TODAY, **given)  # type: ignore[arg-type]
    assert isinstance(found, Article), found
    return found


def refusal(text: str, **given: str) -> str:
    found = read.read_text(text, today=TODAY, **given)  # type: ignore[arg-type]
    assert isinstance(found, Rejected)
    assert found.source == "pasted text"
    return found.message


def test_a_pasted_page_keeps_title_lead_date_line_and_text() -> None:
    (found,) = read.read([FIXTURES / "page.txt"], today=TODAY)
    assert isinstance(found, Article)
    assert found.title == "Chad shuts border after raid"
    assert found.text == (
        "Chad shuts border after raid\n"
        "Villagers tell of night of fear in the east\n\n"
        "N'DJAMENA, March 3. /XYZ/. Chad closed its border with Sudan on Wednesday after raiders killed nine "
        "soldiers, the government said. Khartoum condemned the raid and promised an inquiry.\n\n"
        '"We want to know who sent them," said a minister.'
    )
    assert found.text[found.body_start :].startswith("Villagers")
    assert (found.published, found.outlet, found.language) == ("2021-03-03", "XYZ", "en")
    assert (found.origin, found.outlet_country, found.url) == ("page.txt", None, None)


def test_a_web_page_gives_its_text_alone() -> None:
    (found,) = read.read([FIXTURES / "envoy.html"], today=TODAY)
    assert isinstance(found, Article)
    assert found.title == "Oslo recalls envoy from Minsk"
    assert found.published == "2021-03-05T14:05:00+01:00"
    assert found.outlet == "The Example"
    assert found.language == "en"
    assert found.text.startswith("Oslo recalls envoy from Minsk\nOSLO, March 5 - Norway recalled")
    assert "unfriendly & said" in found.text
    for words in (
        "script words",
        "handler words",
        "onclick",
        "<",
        "I hate this",
        "rights",
        "Read more",
        "Jane",
    ):
        assert words not in found.text


@pytest.mark.parametrize(
    ("text", "title", "published", "outlet"),
    [
        (f"Ankara sends envoys home\n\n{BODY}", "Ankara sends envoys home", None, None),
        (f"Ankara sends envoys home\n{BODY}", "Ankara sends envoys home", None, None),
        (
            f"Title: Ankara sends envoys home\nDate: 5 March 2021\nSource: The Bugle\n\n{BODY}",
            "Ankara sends envoys home",
            "2021-03-05",
            "The Bugle",
        ),
        (
            f"Ankara sends envoys home\nPublished: 2021-03-05T10:00:00Z\n\n{BODY}",
            "Ankara sends envoys home",
            "2021-03-05T10:00:00+00:00",
            None,
        ),
        (
            f"Ankara sends envoys home\n\nANKARA, March 5, 2021 (ABC) - {BODY}",
            "Ankara sends envoys home",
            "2021-03-05",
            "ABC",
        ),
        (
            f"Ankara sends envoys home\nDate: 03/04/2021\n\nANKARA, April 3 - {BODY}",
            "Ankara sends envoys home",
            "2021-04-03",
            None,
        ),
        (
            f"Ankara sends envoys home\nDate: 03/04/2021\n\nANKARA, March 4 - {BODY}",
            "Ankara sends envoys home",
            "2021-03-04",
            None,
        ),
        (BODY, "", None, None),
        (f"ANKARA, March 5 (wire services) - {BODY}", "", None, None),
    ],
)
def test_title_date_and_outlet_of_plain_text(
    text: str, title: str, published: str | None, outlet: str | None
) -> None:
    found = article(text)
    assert (found.title, found.published, found.outlet) == (title, published, outlet)
    assert found.text.endswith(BODY)


def test_what_is_given_counts_before_what_the_page_says() -> None:
    page = f"Ankara sends envoys home\nDate: 5 March 2021\nSource: The Bugle\n\n{BODY}"
    found = article(
        page,
        title="Ankara sends envoys home",
        published="2021-03-06",
        outlet="Mine",
        url="https://example.org/a",
    )
    assert found.text == f"Ankara sends envoys home\n{BODY}"
    assert (found.published, found.outlet, found.url) == ("2021-03-06", "Mine", "https://example.org/a")
    assert article(BODY, title="T", url="javascript:alert(1)").url is None
    dated = read.read_text(BODY, published=date(2021, 3, 6), today=TODAY)
    assert isinstance(dated, Article)
    assert dated.published == "2021-03-06"


def test_odd_spaces_line_ends_and_marks_are_made_plain() -> None:
    raw = (
        "\ufeffAnkara sends\u00a0envoys home\r\n\r\n"
        "\tTurkey\u00a0expelled\ttwo Gre\u00adek diplo\u200bmats.\r\nAthens protested.\r\n"
    )
    found = article(raw)
    assert found.text == "Ankara sends envoys home\nTurkey expelled two Greek diplomats.\n\nAthens protested."


def test_paragraphs_on_lines_of_their_own_are_not_joined() -> None:
    lines = (
        "Title stands here\nTurkey expelled two envoys.\nAthens called the step hostile.\nRome was silent."
    )
    assert article(lines).text.count("\n\n") == 2


def test_markdown_loses_its_marks() -> None:
    page = (
        '---\ntitle: "Ankara sends envoys home"\ndate: 2021-03-05\n---\n\n# Ankara sends envoys home\n\n'
        "Turkey **expelled** two [Greek](https://example.org) diplomats.\n\n"
        "![ships](a.png)\n\n> Athens *protested*.\n"
    )
    (found,) = read.read_bytes(page.encode(), "a.md", today=TODAY)
    assert isinstance(found, Article)
    assert found.published == "2021-03-05"
    assert found.text == "Ankara sends envoys home\nTurkey expelled two Greek diplomats.\n\nAthens protested."


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (FRENCH, "fr"),
        ("Министр иностранных дел вызвал посла.", "ru"),
        ("Turkey expelled two envoys.", "en"),
        (CAPITALS, "en"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert article(text).language == language


@pytest.mark.parametrize(
    ("text", "given", "message"),
    [
        ("", {}, "it is empty"),
        (" \n\t ", {}, "it is empty"),
        ("Read more\n\nShare\n", {}, "no article was found"),
        ("*** ---", {}, "no article was found"),
        ("x" * 2_000_001, {}, "longer than 200,000 characters; split it"),
        ("x" * 9_000_000, {}, "longer than 200,000 characters; split it"),
        (
            BODY,
            {"published": "3020-01-01"},
            "lies in the future (today is 2025-06-01); correct it or leave it out",
        ),
        (BODY, {"published": "soon"}, "write it as year-month-day"),
        (f"Title\nDate: 1 January 3020\n\n{BODY}", {}, "lies in the future"),
        (f"Title\n\nANKARA, March 5, 2031 - {BODY}", {}, "lies in the future"),
        (f"Title\nDate: 03/04/2021\n\n{BODY}", {}, "may be day first or month first"),
        ("half a pair \ud800 here", {}, "broken characters"),
    ],
)
def test_pasted_text_that_is_no_article(text: str, given: dict[str, str], message: str) -> None:
    assert message in refusal(text, **given)


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (
            "<html><body><script>var a = 'Turkey expelled two diplomats';</script></body></html>",
            "no article text",
        ),
        ("<html><body>" + "<div>" * 100_000 + "words" + "</div>" * 100_000, "nested more than 1000 deep"),
        ("<html><body>" + "<x>" * 100_000, "nested more than 1000 deep"),
        ("<html>" + " " * 10_000_001, "larger than 10,000,000 bytes"),
    ],
)
def test_hostile_pages_are_refused(page: str, message: str) -> None:
    (found,) = read.read_bytes(page.encode(), "a.html", today=TODAY)
    assert isinstance(found, Rejected)
    assert message in found.message
    assert found.source == "a.html"


def test_unclosed_tags_and_scripts_full_of_marks_are_no_depth() -> None:
    script = "<script>" + "if (a<b) x<y;" * 2000 + "</script>"
    rows = "".join(
        f"<p>Turkey told Greece on day {n} that the talks would go on for as long as need be."
        for n in range(1200)
    )
    (found,) = read.read_bytes(
        f"<html><body>{script}<article>{rows}</article></body></html>".encode(), "a.html"
    )
    assert isinstance(found, Article)
    assert "x<y" not in found.text
    assert "day 1199 " in found.text
