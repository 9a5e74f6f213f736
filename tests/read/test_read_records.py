"""JSON lines, JSON, CSV and archives: texts are kept verbatim, ids come along, order and rows hold."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from datetime import date
from typing import TYPE_CHECKING

import pytest

from events import read
from events.errors import UnreadableInput
from events.read import Rejected
from events.schema import Article

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2025, 6, 1)
CURLY = "The café talks “ended” in Minsk on Friday, and both sides went home."
RUSSIAN = "Министр иностранных дел вызвал посла соседней страны для объяснений."
VERBATIM = "ANKARA,\u00a0March 5. /XYZ/. \tTurkey expelled  two envoys.\r\n\r\nRead more →\r\n"


def articles(data: bytes | str, name: str) -> list[Article]:
    found = list(read.read_bytes(data.encode() if isinstance(data, str) else data, name, today=TODAY))
    assert all(isinstance(item, Article) for item in found), found
    return [item for item in found if isinstance(item, Article)]


def test_a_record_is_kept_verbatim_with_its_id() -> None:
    values = {
        "id": 17,
        "title": "A  title",
        "text": VERBATIM,
        "published": "2021-03-05T14:05:00Z",
        "outlet": "XYZ",
    }
    article, given = read.article_from_json(values, today=TODAY)
    assert given == "17"
    assert article.text == f"A  title\n{VERBATIM}"
    assert article.text[article.body_start :] == VERBATIM
    assert (article.published, article.outlet, article.language) == ("2021-03-05T14:05:00+00:00", "XYZ", "en")
    alone, given = read.article_from_json({"text": VERBATIM}, today=TODAY)
    assert (alone.text, alone.title, given) == (VERBATIM, "", "")


def test_a_record_without_a_date_takes_that_of_its_page() -> None:
    page = "Title\nWorld News  March 3, 2021, 14:05\n\nTurkey expelled two envoys."
    assert read.article_from_json({"text": page}, today=TODAY)[0].published == "2021-03-03"
    assert read.article_from_json({"text": VERBATIM}, today=TODAY)[0].published is None


@pytest.mark.parametrize("text", ["text", "Body", "content", "full-text", "maintext"])
def test_foreign_names_are_understood(text: str) -> None:
    values = {
        text: "Turkey expelled two envoys.",
        "headline": "Envoys out",
        "publishedAt": "5 March 2021",
        "source": {"id": None, "name": "The Bugle"},
        "link": "https://example.org/1",
    }
    article, _ = read.article_from_json(values, today=TODAY)
    assert article.text == "Envoys out\nTurkey expelled two envoys."
    assert (article.published, article.outlet, article.url) == (
        "2021-03-05",
        "The Bugle",
        "https://example.org/1",
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "it has no text (keys found: none)"),
        (
            {"title": "Only a title", "id": "7"},
            'it has no text (keys found: id, title); put the article\'s words under "text"',
        ),
        ({"text": "  \n"}, "it has no text"),
        ({"text": "..."}, "it has no text"),
        ({"text": ["a", "b"]}, '"text" must be a string, not list'),
        ({"text": "Words.", "published": 1614780000}, '"published" must be a string, not int'),
        ({"text": "Words.", "published": "3020-01-01"}, "lies in the future (today is 2025-06-01)"),
        ({"text": "Words.", "published": "03/04/2021"}, "day first or month first"),
        ({"text": "Words \ud800."}, "broken characters"),
        ({"text": "Words \0."}, "broken characters"),
        ({"text": "a" * 2_000_001}, "longer than 200,000 characters"),
    ],
)
def test_records_that_are_no_article(values: dict[str, object], message: str) -> None:
    with pytest.raises(UnreadableInput) as error:
        read.article_from_json(values, source="a.jsonl", row=3, today=TODAY)
    assert str(error.value).startswith("a.jsonl, line 3: ")
    assert message in str(error.value)


def test_good_lines_are_kept_beside_bad_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [
        b'\xef\xbb\xbf{"id": "a", "text": "Turkey expelled two envoys."}',
        b"",
        b'{"id": "b", "text": "broken',
        b'["c"]',
        b'"d"',
        b'{"id": "e", "title": "No words"}',
        b'{"id": "f", "text": "Greece replied.", "published": "3020-01-01"}',
        b'{"id": "g", "text": "nul \0 byte"}',
        b'{"id": "h", "text": "Caf\xe9 talks in Minsk went on."}',
        b"[" * 100_000,
        b'{"id": "i", "text": "Greece replied.", "n": ' + b"1" * 5000 + b"}",
        b'{"id": "j", "text": "Greece replied."}',
    ]
    path.write_bytes(b"\r\n".join(lines))
    found = list(read.read_given([path], today=TODAY))
    good = [item for item in found if not isinstance(item, Rejected)]
    assert [(given, article.text[:15]) for article, given in good] == [
        ("a", "Turkey expelled"),
        ("h", "Café talks in M"),
        ("j", "Greece replied."),
    ]
    bad = {item.row: str(item) for item in found if isinstance(item, Rejected)}
    assert list(bad) == [3, 4, 5, 6, 7, 8, 10, 11]
    for row, words in {
        3: "broken JSON (",
        4: "it is an array, not an object",
        5: "it is a bare value, not an object",
        6: "it has no text",
        7: "lies in the future",
        8: "NUL bytes",
        10: "nested too deeply",
        11: "a number is too long",
    }.items():
        assert bad[row].startswith(f"{path}, line {row}: ")
        assert words in bad[row]


def test_twenty_thousand_lines_stream_in_constant_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events.read.sources.MAX_FILE", 1_000_000)  # what must fit in memory; lines need not
    path = tmp_path / "many.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(20_000):
            text = f"Turkey expelled {number} Greek diplomats on Friday. {' ' * 200}"
            file.write(json.dumps({"id": str(number), "text": text, "published": "2021-03-05"}) + "\n")
    assert path.stat().st_size > 5_000_000
    next(iter(read.read([path], today=TODAY)))
    tracemalloc.start()
    try:
        count = sum(isinstance(item, Article) for item in read.read([path], today=TODAY))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert peak < 1_000_000


def test_a_line_without_end_is_skipped_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        file.write(b'{"text": "')
        for _ in range(40):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n{"text": "Greece replied."}\n')
    tracemalloc.start()
    try:
        first, second = list(read.read([path], today=TODAY))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(first, Rejected)
    assert (first.row, "write one article a line" in first.message) == (1, True)
    assert isinstance(second, Article)
    assert peak < 45_000_000


@pytest.mark.parametrize(
    ("data", "name", "texts"),
    [
        ('[{"text": "A one."}, {"text": "B two."}]', "a.json", ["A one.", "B two."]),
        ('{"articles": [{"content": "A one."}]}', "a.json", ["A one."]),
        ('{\n  "title": "T",\n  "text": "A one."\n}', "a.json", ["T\nA one."]),
        ('{\n  "title": "T",\n  "text": "A one."\n}', "a", ["T\nA one."]),
        ('{"text": "A one."}\n{"text": "B two."}\n', "a.json", ["A one.", "B two."]),
        ('{"text": "A one."}\n{"text": "B two."}\n', "a.txt", ["A one.", "B two."]),
        ('{"text": "A one."}', "upload", ["A one."]),
        ('{"text": "A one."}\n'.encode("utf-16"), "a.jsonl", ["A one."]),
        ("text,title\nA one.,T\n", "a.csv", ["T\nA one."]),
        ("text,title\nA one.,T\n", "upload", ["T\nA one."]),
        ('title;body\nT;"A; one."\n', "a.csv", ["T\nA; one."]),
        ("Headline\tArticle Text\nT\tA one.\n", "a.tsv", ["T\nA one."]),
        ('\ufefftext\r\nA one.\r\n\r\n"B\r\ntwo."\r\n', "a.csv", ["A one.", "B\r\ntwo."]),
        ("Čapek spoke in Prague.".encode("utf-16"), "a.txt", ["Čapek spoke in Prague."]),
        ("\ufeffA one.".encode(), "a", ["A one."]),
        (CURLY.encode("cp1252"), "a.txt", [CURLY]),
        (RUSSIAN.encode("cp1251"), "a.txt", [RUSSIAN]),
    ],
)
def test_formats_by_content_and_name(data: str | bytes, name: str, texts: list[str]) -> None:
    assert [article.text for article in articles(data, name)] == texts


def test_the_whole_column_tells_how_dates_are_written() -> None:
    day_first = "date,text\n03/04/2021,A one.\n25/12/2021,B two.\n"
    month_first = "date,text\n03/04/2021,A one.\n12/25/2021,B two.\n"
    assert [a.published for a in articles(day_first, "a.csv")] == ["2021-04-03", "2021-12-25"]
    assert [a.published for a in articles(month_first, "a.csv")] == ["2021-03-04", "2021-12-25"]


def test_archives_give_their_members_in_order() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b/two.txt", "Greece replied.")
        archive.writestr("a.jsonl", '{"id": "x", "text": "A one."}\n{"text": 1}\n')
        archive.writestr("__MACOSX/._a.jsonl", "noise")
        archive.writestr(".hidden", "noise")
    found = list(read.read_bytes(buffer.getvalue(), "pack.zip", today=TODAY))
    assert [getattr(item, "origin", None) or str(item) for item in found] == [
        "pack.zip/a.jsonl",
        'pack.zip/a.jsonl, line 2: "text" must be a string, not int; put it in quotes',
        "pack.zip/b/two.txt",
    ]


def test_folders_are_read_through_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "one.txt").write_text("Turkey expelled two envoys.", encoding="utf-8")
    (tmp_path / "a.csv").write_text("text\nGreece replied.\n", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.txt").write_text("noise", encoding="utf-8")
    (tmp_path / ".DS_Store").write_bytes(b"\0\0")
    found = [item for item in read.read([str(tmp_path)], today=TODAY) if isinstance(item, Article)]
    assert [item.text for item in found] == ["Greece replied.", "Turkey expelled two envoys."]
    assert [item.origin for item in found] == [f"{tmp_path.name}/a.csv", f"{tmp_path.name}/b/one.txt"]
    named = list(read.read([tmp_path], dataset_hint="samples", today=TODAY))
    assert {item.origin for item in named if isinstance(item, Article)} == {"samples"}


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(b'{"text": "' + b"x" * 100_000 + b'"}\n{"text": "B two."}\nbroken\n')

    monkeypatch.setattr("sys.stdin", Stdin)
    first, second, third = list(read.read(["-"], today=TODAY))
    assert isinstance(first, Article)
    assert len(first.text) == 100_000
    assert isinstance(second, Article)
    assert second.origin == "standard input"
    assert str(third).startswith("standard input, line 3: broken JSON")
