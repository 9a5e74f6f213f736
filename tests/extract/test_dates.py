"""Dates in sentences, read on Wednesday, 15 May 2024 unless the row says otherwise."""

from __future__ import annotations

from datetime import date

import pytest

from events.extract.dates import dates_in

DAY = date(2024, 5, 15)


def found(text: str, *, future: bool = False, ref: date = DAY) -> list[tuple[str, str, str]]:
    return [
        (text[d.start : d.end], d.day.isoformat(), d.precision)
        for d in dates_in(text, 0, len(text), ref, future=future)
    ]


TOLD = [  # words, day, precision: what a newsroom means when it tells what happened
    ("They met on Tuesday.", "2024-05-14", "day"),
    ("They met on Wednesday.", "2024-05-15", "day"),
    ("They met on Thursday.", "2024-05-09", "day"),
    ("They met last Wednesday.", "2024-05-08", "day"),
    ("They met this past Friday.", "2024-05-10", "day"),
    ("They meet next Wednesday.", "2024-05-22", "day"),
    ("They meet next Monday.", "2024-05-20", "day"),
    ("Tuesday's talks ended early.", "2024-05-14", "day"),
    ("They met on Tuesday evening.", "2024-05-14", "day"),
    ("They met on August 21.", "2023-08-21", "day"),
    ("They met on 21 August.", "2023-08-21", "day"),
    ("They met on the 21st of August.", "2023-08-21", "day"),
    ("They met on May 14.", "2024-05-14", "day"),
    ("They met on May 5th.", "2024-05-05", "day"),
    ("They meet on May 16.", "2024-05-16", "day"),
    ("They met on 15 May 2024.", "2024-05-15", "day"),
    ("They met on Monday, May 13, 2024.", "2024-05-13", "day"),
    ("They met on Friday 13 May 2022.", "2022-05-13", "day"),
    ("They met on Sunday, May 12.", "2024-05-12", "day"),
    ("On Sept. 11, 2001, it began.", "2001-09-11", "day"),
    ("They met on 3 Jan. in Oslo.", "2024-01-03", "day"),
    ("It lapsed on Dec. 31.", "2023-12-31", "day"),
    ("They met on 2024-05-10.", "2024-05-10", "day"),
    ("They met on February 29.", "2024-02-29", "day"),
    ("They met yesterday.", "2024-05-14", "day"),
    ("They meet tomorrow.", "2024-05-16", "day"),
    ("They met the day before yesterday.", "2024-05-13", "day"),
    ("They meet the day after tomorrow.", "2024-05-17", "day"),
    ("Overnight, drones came.", "2024-05-15", "day"),
    ("Drones came last night.", "2024-05-14", "day"),
    ("They met this morning.", "2024-05-15", "day"),
    ("They met at the weekend.", "2024-05-11", "day"),
    ("They met on Tuesday of last week.", "2024-05-07", "day"),
    ("They met on Friday last week.", "2024-05-10", "day"),
    ("They met on New Year’s Day.", "2024-01-01", "day"),
    ("They fell out in June last year.", "2023-06-01", "month"),
    ("They fell out in June of last year.", "2023-06-01", "month"),
    ("They met at the end of March.", "2024-03-01", "month"),
    ("They met in late August.", "2023-08-01", "month"),
    ("They obey the March award.", "2024-03-01", "month"),
    ("They met in the spring of 2016.", "2016-01-01", "year"),
    ("They met a day after the raid.", "2024-05-14", "day"),
    ("They met the previous day.", "2024-05-14", "day"),
    ("They met three days ago.", "2024-05-12", "day"),
    ("They met two weeks ago.", "2024-05-01", "week"),
    ("They met ten months ago.", "2023-07-01", "month"),
    ("They met a year ago.", "2023-01-01", "year"),
    ("They met four years earlier.", "2020-01-01", "year"),
    ("They met this week.", "2024-05-15", "week"),
    ("They met earlier this week.", "2024-05-15", "week"),
    ("They met last week.", "2024-05-08", "week"),
    ("They meet next week.", "2024-05-22", "week"),
    ("They met last month.", "2024-04-01", "month"),
    ("They meet next month.", "2024-06-01", "month"),
    ("They met in March.", "2024-03-01", "month"),
    ("They met in June.", "2023-06-01", "month"),
    ("They met last June.", "2023-06-01", "month"),
    ("They meet next June.", "2024-06-01", "month"),
    ("They met in March 2022.", "2022-03-01", "month"),
    ("They met in early March.", "2024-03-01", "month"),
    ("They met this year.", "2024-01-01", "year"),
    ("They met last year.", "2023-01-01", "year"),
    ("They meet next year.", "2025-01-01", "year"),
    ("Relations were cut in 2014.", "2014-01-01", "year"),
    ("Relations were cut in late 2019.", "2019-01-01", "year"),
]
PLANNED = [  # what will be: the next such day
    ("They will meet on Tuesday.", "2024-05-21", "day"),
    ("They will meet on Friday.", "2024-05-17", "day"),
    ("They will meet on May 14.", "2025-05-14", "day"),
    ("They will meet on May 20.", "2024-05-20", "day"),
    ("They will meet on August 21.", "2024-08-21", "day"),
    ("They will leave by 1 January.", "2025-01-01", "day"),
    ("They will meet in March.", "2025-03-01", "month"),
    ("They will meet in June.", "2024-06-01", "month"),
    ("They will meet next week.", "2024-05-22", "week"),
    ("They agreed last Friday to meet.", "2024-05-10", "day"),
]
NO_DATE = [
    "They may meet again.",
    "The army may march 5 kilometres.",
    "A march of 20 people passed.",
    "On 30 February they met.",
    "They met on 2024-13-45.",
    "The 2016 election was close.",
    "A few days ago they met.",
    "It began in the 1990s.",
    "Today's Russia is large.",
    "",
]
EDGES = [  # day of the article, words, day
    (date(2024, 1, 1), "They met yesterday.", "2023-12-31"),
    (date(2024, 1, 1), "They met on Sunday.", "2023-12-31"),
    (date(2024, 1, 1), "They met last month.", "2023-12-01"),
    (date(2024, 1, 1), "They met on December 30.", "2023-12-30"),
    (date(2024, 12, 31), "They meet next month.", "2025-01-01"),
    (date(2024, 12, 31), "They meet on January 1.", "2025-01-01"),
    (date(2024, 3, 31), "They met last month.", "2024-02-01"),
    (date(2024, 1, 31), "They meet next month.", "2024-02-01"),
    (date(2025, 5, 15), "They met on February 29.", "2024-02-29"),
    (date(2024, 2, 29), "They met a year ago.", "2023-01-01"),
]


@pytest.mark.parametrize(("sentence", "day", "precision"), TOLD)
def test_what_happened(sentence, day, precision):
    assert [f[1:] for f in found(sentence)] == [(day, precision)]


@pytest.mark.parametrize(("sentence", "day", "precision"), PLANNED)
def test_what_is_planned(sentence, day, precision):
    assert [f[1:] for f in found(sentence, future=True)] == [(day, precision)]


@pytest.mark.parametrize("sentence", NO_DATE)
def test_no_date_is_made_up(sentence):
    assert found(sentence) == []


@pytest.mark.parametrize(("ref", "sentence", "day"), EDGES)
def test_turns_of_month_and_year(ref, sentence, day):
    assert [f[1] for f in found(sentence, ref=ref)] == [day]


def test_a_day_that_never_was_is_not_moved_to_another_year():
    assert found("They met on 29 February 2023.") == []


@pytest.mark.parametrize(
    "sentence",
    [
        "The temple was built 5000 years ago.",
        "The border is 30000 months old, or was 30000 months ago.",
        "It froze 9999999 days ago.",
        "It froze 99999999999999 weeks ago.",
    ],
)
def test_times_before_the_calendar_are_no_dates(sentence):
    assert found(sentence) == []


def test_several_dates_stand_in_the_order_of_the_text():
    text = "On Monday they signed what was drafted in March 2022 and agreed two weeks ago."
    assert [f[1:] for f in found(text)] == [
        ("2024-05-13", "day"),
        ("2022-03-01", "month"),
        ("2024-05-01", "week"),
    ]


def test_only_the_asked_part_is_read_and_offsets_count_from_the_start():
    text = "Yesterday they met. On 21 August they parted."
    (only,) = dates_in(text, 20, len(text), DAY)
    assert text[only.start : only.end] == "21 August"
    assert dates_in(text, 10, 19, DAY) == []


@pytest.mark.parametrize(
    ("sentence", "days"),
    [
        ("On Monday they quarrelled and the next day they met.", ["2024-05-13", "2024-05-14"]),
        ("He said on Tuesday that it had left the day before.", ["2024-05-14", "2024-05-13"]),
        ("On 5 May they met, two days after envoys fell out.", ["2024-05-05", "2024-05-03"]),
        ("On 5 May they met; the envoys left three days later.", ["2024-05-05", "2024-05-08"]),
        ("The same day they met.", []),
    ],
)
def test_a_day_that_is_counted_from_another(sentence, days):
    assert [f[1] for f in found(sentence)] == days


def test_a_day_that_is_counted_from_the_sentence_before():
    text = "The next day they met, as they had a year earlier."
    days = [d.day for d in dates_in(text, 0, len(text), DAY, last=date(2024, 5, 1))]
    assert days == [date(2024, 5, 2), date(2023, 1, 1)]
