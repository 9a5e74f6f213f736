"""Furniture, time stamps and date lines, in lines that a colleague can add to."""

from __future__ import annotations

from datetime import date

import pytest

from events.read.layout import dateline, furniture, header_of, timestamp
from events.read.stamps import normalise, stamps_in

TODAY = date(2025, 6, 1)


def dropped(text: str) -> list[str]:
    return [text[start:end] for start, end in furniture(text)]


@pytest.mark.parametrize(
    "line",
    [
        "Read more",
        "Read more on the site →",
        "Read also: Minsk answers Riga",
        "→ Minsk answers Riga",
        "Share",
        "Share on Facebook",
        "Facebook | Twitter | Email",
        "Facebook Twitter Email",
        "Subscribe to our newsletter",
        "Sign up for our daily briefing.",
        "Follow us on Telegram",
        "Copyright 2021 The Daily Herald",
        "© 2020 Example Media. All rights reserved.",
        "All rights reserved.",
        "Advertisement",
        "Related: Border talks resume in spring",
        "We use cookies to improve your visit. Accept all to go on.",
        "Home > World > Europe",
        "Home / News / World",
        "Home | News | Contact",
        "By Jane Doe",
        "By Jane Doe and John Smith in Ankara",
        "World News  March 3, 2021, 14:05",
        "Diplomacy & Defence 3 March 2021 14:05 GMT",
        "03/04/2021 14:05",
        "Published: 3 March 2021",
        "Published on 3 March 2021",
        "Last updated: 14:05 GMT, 3 March 2021",
        "March 3, 2021",
        "Jane Doe | March 3, 2021",
        "5 min read",
        "(Reporting by Jane Doe; Editing by John Smith)",
        "Photo: A border post",
        "Tags: Turkey, Greece",
        "Source: Example Agency",
        "Topics:\u00a0Europe",
        "* * *",
    ],
)
def test_lines_of_the_page_are_furniture(line: str) -> None:
    text = f"Envoys meet in Vienna\n\n{line}\n\nThe envoys met in Vienna on Monday."
    assert dropped(text) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Share prices fell in Moscow on Monday.",
        "Follow the talks closely, he told reporters.",
        "Copyright law divides the EU and the United States.",
        "Related matters were discussed in Minsk.",
        "By Friday Turkish troops had reached the town.",
        "By June Putin had left.",
        "Read more than one treaty, he said.",
        "Advertisement revenue fell in China.",
        "Cookies baked in Kyiv went to the front.",
        "The treaty was signed on March 3, 2021",
        "Russia and China signed the deal on 3 March 2021.",
        "Published reports say Iran struck Iraq.",
        "Source close to the talks said so.",
        "Date of the visit is 5 March 2021.",
        "Home to many Armenians, the town was shelled.",
        "Subscribe to the treaty, Berlin told Paris.",
        "Sign up for the alliance, he told Sweden.",
        "UPDATE: The embassy in Bogota has stopped issuing visas.",
        "14:40 | Police in Kosovo fire tear gas at Serbs",
        "All rights reserved for the state, Ankara says.",
        "Share the burden, NATO told Spain",
        "Related: Turkey and Greece agreed on Monday to hold talks in Ankara.",
        "Source: Turkey will send troops to Syria within the coming days",
    ],
)
def test_sentences_are_never_furniture(line: str) -> None:
    assert dropped(f"Envoys meet in Vienna\n\n{line}\n\nThe envoys met in Vienna on Monday.") == []
    assert dropped(line) == []


def test_headlines_below_a_list_of_related_stories_go_with_it() -> None:
    text = "Title\nIran freed a Briton.\nRelated stories\nTehran jails two\nLondon waits\nIt was the last.\n"
    assert dropped(text) == ["Related stories", "Tehran jails two", "London waits"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_offsets_hold_with_tabs_and_other_line_ends(end: str) -> None:
    text = end.join(["Title", "\tRead more  ", "", "OSLO,\u00a0March 5 -\u00a0Norway recalled its envoy."])
    assert dropped(text) == ["Read more"]
    line = dateline(text)
    assert line is not None
    assert text[line.end :] == "Norway recalled its envoy."


@pytest.mark.parametrize(
    ("line", "place", "day", "agency", "words"),
    [
        ("ANKARA, March 5. /XYZ/. Turkey sent ships.", "ANKARA", (None, 3, 5), "XYZ", "March 5"),
        ("BERLIN (Agency) - Germany expelled two.", "BERLIN", (None, None, None), "Agency", None),
        ("Paris, 12 May 2023 – France recalled him.", "Paris", (2023, 5, 12), None, "12 May 2023"),
        ("MOSCOW. March 5 (Interfax) - Russia left.", "MOSCOW", (None, 3, 5), "Interfax", "March 5"),
        ("MOSCOW, March 5 - RIA Novosti. Russia left.", "MOSCOW", (None, 3, 5), "RIA Novosti", "March 5"),
        ("(Reuters) - Russia has sent troops.", "", (None, None, None), "Reuters", None),
        ("WASHINGTON (AP) — The U.S. did it.", "WASHINGTON", (None, None, None), "AP", None),
        ("DOHA (Newsdesk) Feb 29 - After years", "DOHA", (None, 2, 29), "Newsdesk", "Feb 29"),
        ("Madrid, 5 May (EFE).- Spain left.", "Madrid", (None, 5, 5), "EFE", "5 May"),
        ("MADRID/OSLO, 28 May - Two states left.", "MADRID/OSLO", (None, 5, 28), None, "28 May"),
        (
            "TURNBERRY, Scotland, July 28 - The EU left.",
            "TURNBERRY, Scotland",
            (None, 7, 28),
            None,
            "July 28",
        ),
        ("ADDIS ABABA, Sunday - More left.", "ADDIS ABABA", (None, None, None), None, "Sunday"),
        ("JERUSALEM (Sunday) - Iran left.", "JERUSALEM", (None, None, None), None, "Sunday"),
        ("JUBA, Tuesday 8 April - South Sudan left.", "JUBA", (None, 4, 8), None, "Tuesday 8 April"),
        ("ST. PETERSBURG, June 2. /ABC/. They met.", "ST. PETERSBURG", (None, 6, 2), "ABC", "June 2"),
        ("N'DJAMENA, May 3 - Chad closed its border.", "N'DJAMENA", (None, 5, 3), None, "May 3"),
        ("ATLANTA. Raphael Warnock won.", "ATLANTA", (None, None, None), None, None),
        ("LONDON: The UK expelled two envoys.", "LONDON", (None, None, None), None, None),
        (
            "La Paz. - The State of Bolivia broke with Israel on Tuesday.",
            "La Paz",
            (None, None, None),
            None,
            None,
        ),
    ],
)
def test_date_lines(
    line: str, place: str, day: tuple[int | None, ...], agency: str | None, words: str | None
) -> None:
    text = f"A headline stands here\n\n{line}"
    found = dateline(text)
    assert found is not None
    assert (found.place, (found.year, found.month, found.day), found.agency) == (place, day, agency)
    assert (text[slice(*found.date_span)] if found.date_span else None) == words
    assert text[: found.start].endswith("\n\n")
    assert text[found.end].isupper()


@pytest.mark.parametrize(
    "text",
    [
        "Russia - which has troops there - warned Georgia on Friday that it would act against it soon.",
        "Putin - Russia's leader - warned Georgia on Friday that it would act against it soon.",
        "UPDATE: The State Department has stopped issuing visas at its embassy in the capital.",
        "Belarus: restrictive measures against 170 persons end",
        "RUSSIA AND CHINA SIGN DEAL - TALKS GO ON",
        "PUTIN: We will not leave.\nMACRON: That is a pity.",
        "Spain – Germany 2-1",
        "Turkey, Greece agree on March 5 talks",
        "",
    ],
)
def test_no_date_line(text: str) -> None:
    assert dateline(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Title\nWorld News  March 3, 2021, 14:05\nText.", date(2021, 3, 3)),
        ("Title\nPublished: 2021-03-03\nUpdated: 2021-03-09\nText.", date(2021, 3, 3)),
        ("Title\nUpdated: 9 March 2021\n3 March 2021\nText.", date(2021, 3, 3)),
        ("Title\n03.04.2021 11:04\nText.", date(2021, 4, 3)),
        ("Title\n25/12/2021\nText.", date(2021, 12, 25)),
        ("Title\n12/25/2021\nText.", date(2021, 12, 25)),
        ("Title\n03/04/2021\nText.", None),
        ("Title\nThe war began on 24 February 2022.", None),
        ("Memories of 11 September 2001", None),
        ("Title\n31 February 2021\nText.", None),
    ],
)
def test_time_stamps(text: str, day: date | None) -> None:
    assert timestamp(text) == day


def test_header_lines() -> None:
    assert header_of("Published: 5 March 2021") == ("published", "5 March 2021")
    assert header_of("First published on: 5 March 2021") == ("published", "5 March 2021")
    assert header_of("Source: Example Agency") == ("source", "Example Agency")
    assert header_of("Date: the envoys would not say") is None


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("2021-03-05", "2021-03-05"),
        ("20210305", "2021-03-05"),
        ("2021/03/05", "2021-03-05"),
        ("5 March 2021", "2021-03-05"),
        ("March 5th, 2021", "2021-03-05"),
        ("Mar. 5, 2021", "2021-03-05"),
        ("05.03.2021", "2021-03-05"),
        ("25/12/2021", "2021-12-25"),
        ("12/25/2021", "2021-12-25"),
        ("2021-03-05T14:05:00Z", "2021-03-05T14:05:00+00:00"),
        ("2021-03-05T14:05:00.123+0300", "2021-03-05T14:05:00+03:00"),
        ("2021-03-05 14:05", "2021-03-05"),
        ("Fri, 05 Mar 2021 14:05:00 GMT", "2021-03-05T14:05:00+00:00"),
        ("March 5, 2021 at 2:05 p.m.", "2021-03-05"),
        ("5 March 2021, 14:05 MSK", "2021-03-05"),
        ("2025-06-02", "2025-06-02"),  # tomorrow: it is that day already further east
    ],
)
def test_dates_are_normalised(value: str, iso: str) -> None:
    assert normalise(value, TODAY) == iso


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("3020-01-01", "lies in the future (today is 2025-06-01)"),
        ("2025-06-03", "lies in the future"),
        ("1204-04-13", "older than any newspaper"),
        ("03/04/2021", "may be day first or month first; write it as year-month-day, such as 2021-04-03"),
        ("2021-02-31", "is not understood"),
        ("yesterday", "is not understood; write it as year-month-day"),
        ("in the night of 5 March 2021", "is not understood"),
        ("1" * 5000, "too long"),
    ],
)
def test_dates_that_cannot_be(value: str, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        normalise(value, TODAY)
    assert message in str(error.value)


def test_numeric_dates_follow_the_order_that_is_told() -> None:
    assert normalise("03/04/2021", TODAY, order="day") == "2021-04-03"
    assert normalise("03/04/2021", TODAY, order="month") == "2021-03-04"


def test_stamps_do_not_swallow_the_words_behind_them() -> None:
    text = "5 March 2021, 11:04 the talks"
    (stamp,) = stamps_in(text)
    assert text[stamp.start : stamp.end] == "5 March 2021, 11:04"
