"""Every way in which a source can be bad comes back as Rejected, naming the file and what to do."""

from __future__ import annotations

import io
import os
import random
import time
import tracemalloc
import zipfile
from datetime import date
from typing import TYPE_CHECKING

import pytest

from events import read
from events.read import Rejected
from events.schema import Article

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2025, 6, 1)
GOOD = "Turkey expelled two Greek diplomats on Friday."


def refused(data: bytes, name: str) -> Rejected:
    found = list(read.read_bytes(data, name, today=TODAY))
    assert len(found) == 1
    assert isinstance(found[0], Rejected), found
    return found[0]


def pack(*members: tuple[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


NOISE = bytes((n * 7919 + n // 13) % 255 + 1 for n in range(20_000))


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"", "a.txt", "it is empty"),
        (b" \n\r\n", "a.jsonl", "it is empty"),
        (b"%PDF-1.7\nwords", "a.pdf", "the PDF is broken"),
        (b"%PDF-1.7\nwords", "a.txt", "the PDF is broken"),
        (
            pack(("[Content_Types].xml", "x"), ("word/document.xml", "x")),
            "a.docx",
            "the document is broken",
        ),
        (
            pack(("[Content_Types].xml", "x"), ("word/document.xml", "x")),
            "a",
            "the document is broken",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "a.doc", "old Word"),
        (b"{\\rtf1 words}", "a.txt", "RTF is not read"),
        (b"\x1f\x8b\x08words", "a.gz", "unpack it first"),
        (b"\x89PNG\r\n\x1a\n", "a.png", "picture"),
        (b"Turkey \0 expelled", "a.txt", "NUL bytes"),
        (b"Turkey " * 20_000 + b"\0", "a.txt", "NUL bytes"),
        (NOISE, "a.txt", "encoding is not recognised"),
        (b"\x01\x02\x03 words " * 50, "a.txt", "it is binary, not text"),
        (b"\xff\xfeA\x00\x00\xd8", "a.txt", "broken at byte"),
        (b"\x81\x8d\x8f\x90\x9d" * 300, "a.txt", "encoding is not recognised"),
        (
            b"title;date\nA;2021-01-01\n",
            "a.csv",
            'no column of text (columns found: title, date); name one of them "text"',
        ),
        (b"text,title\n", "a.csv", "a header but no rows"),
        (b'text,title\n"A one.,T\n' + b"x" * 2_100_000, "a.csv", "is a quote left open?"),
        (
            b"text,title\nA one, two, three,T\n",
            "a.csv",
            "it has 4 cells under 2 columns; quote cells that hold ','",
        ),
        (b"[{]", "a.json", "broken JSON ("),
        (b"[" * 100_000, "a.json", "nested too deeply"),
        (b"[]", "a.json", "the array is empty"),
        (b"[1]", "a.json", "a bare value, not an object"),
        (b"x" * 50_000_001, "a.json", "larger than 50 MB; split it"),
        (b"words " * 1_500_000, "a.txt", "longer than 200,000 characters"),
        (b"PK\x03\x04 broken", "a.zip", "the archive is broken"),
        (pack(), "a.zip", "holds no files"),
    ],
)
def test_bad_files(data: bytes, name: str, message: str) -> None:
    found = refused(data, name)
    assert found.source == name
    assert message in found.message
    assert str(found).startswith(name)


@pytest.mark.parametrize(
    ("member", "data", "message"),
    [
        ("../x.txt", GOOD, "leads out of the archive"),
        ("a/../../x.txt", GOOD, "leads out of the archive"),
        ("/etc/x.txt", GOOD, "leads out of the archive"),
        ("C:/x.txt", GOOD, "leads out of the archive"),
        ("inner.zip", pack(("x.txt", GOOD)), "inside an archive is not opened"),
        ("bomb.txt", b"0" * 30_000_000, "more than 200 times its size"),
        ("huge.txt", b"0" * 50_000_001, "larger than 50 MB"),
        ("x.pdf", b"%PDF-1.7", "the PDF is broken"),
        ("empty.txt", b"", "it is empty"),
    ],
)
def test_bad_members_leave_the_good_ones(member: str, data: str | bytes, message: str) -> None:
    found = list(read.read_bytes(pack((member, data), ("zz.txt", GOOD)), "a.zip", today=TODAY))
    bad = [item for item in found if isinstance(item, Rejected)]
    assert [item.text for item in found if isinstance(item, Article)] == [GOOD]
    assert len(bad) == 1
    assert bad[0].source == f"a.zip/{member}"
    assert message in bad[0].message


def test_an_archive_that_lies_about_its_size_or_is_locked() -> None:
    data = bytearray(pack(("a.txt", GOOD)))
    at = data.rfind(b"PK\x01\x02")
    locked = bytearray(data)
    locked[at + 8] |= 1
    assert "encrypted; unpack the archive with its password" in refused(bytes(locked), "a.zip").message
    lying = bytearray(data)
    lying[at + 24 : at + 28] = (5).to_bytes(4, "little")
    found = list(read.read_bytes(bytes(lying), "a.zip", today=TODAY))
    assert len(found) == 1
    broken = bytearray(data)
    broken[40] ^= 0xFF
    assert "pack the archive again" in refused(bytes(broken), "a.zip").message


def test_an_archive_with_a_link_and_too_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "it is a link" in refused(buffer.getvalue(), "a.zip").message
    monkeypatch.setattr("events.read.sources.MAX_MEMBERS", 1)
    assert "more than 1 files" in refused(pack(("a.txt", GOOD), ("b.txt", GOOD)), "a.zip").message


def test_an_archive_that_unpacks_to_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.read.sources.MAX_UNPACKED", len(GOOD) + 10)
    first, second = list(read.read_bytes(pack(("a.txt", GOOD), ("b.txt", GOOD)), "a.zip", today=TODAY))
    assert isinstance(first, Article)
    assert isinstance(second, Rejected)
    assert "split it" in second.message


def paths(path: Path) -> list[Article | Rejected]:
    return list(read.read([path], today=TODAY))


def test_a_huge_text_is_refused_quickly_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(0)
        for _ in range(60):
            file.write(b"word " * 200_000)
    tracemalloc.start()
    begin = time.perf_counter()
    try:
        (found,) = paths(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(found, Rejected)
    assert "larger than 50 MB" in found.message
    assert peak < 1_000_000
    assert time.perf_counter() - begin < 2


def test_a_missing_file_and_an_empty_folder(tmp_path: Path) -> None:
    (missing,) = paths(tmp_path / "none.txt")
    assert str(missing) == f"{tmp_path / 'none.txt'}: it does not exist; check the name and the folder"
    (empty,) = paths(tmp_path)
    assert str(empty) == f"{tmp_path}: the folder holds no files; name the files or another folder"
    (odd,) = read.read(["a\0b"], today=TODAY)
    assert "no file name" in str(odd)


def test_a_pipe_and_a_device_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "good.txt").write_text(GOOD, encoding="utf-8")
    good, pipe = paths(tmp_path)
    assert isinstance(good, Article)
    assert "no regular file" in str(pipe)
    (device,) = read.read(["/dev/zero"], today=TODAY)
    assert "no regular file" in str(device)


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text(GOOD, encoding="utf-8")
    (folder / "a.txt").symlink_to(outside / "secret.txt")
    (folder / "b").symlink_to(outside)
    (folder / "c").symlink_to(folder)
    (folder / "d.txt").write_text("Greece replied.", encoding="utf-8")
    (folder / "e.txt").symlink_to(folder / "d.txt")
    first, second, third = paths(folder)
    assert "leads out of the folder" in str(first)
    assert "leads out of the folder" in str(second)
    assert isinstance(third, Article)
    assert third.text == "Greece replied."


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text(GOOD, encoding="utf-8")

    def closed(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", closed)
    (found,) = paths(path)
    assert str(found) == f"{path}: it may not be read; give yourself permission to read it"
    monkeypatch.setattr("pathlib.Path.iterdir", closed)
    (folder,) = paths(tmp_path)
    assert "may not be read" in str(folder)


def _archive(write) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        write(archive)
    return out.getvalue()


@pytest.mark.parametrize("name", [".", "./", "..", "C:", "\\..\\..\\w.txt"])
def test_odd_names_in_an_archive_leave_its_good_files(name):
    data = _archive(
        lambda a: (a.writestr(name, "x"), a.writestr("good.txt", "Kenya expelled two envoys on Monday."))
    )
    found = list(read.read_bytes(data, "odd.zip"))
    assert [type(item).__name__ for item in found].count("Article") == 1


def test_archives_with_bytes_turned_over_never_raise():
    data = bytearray(
        _archive(
            lambda a: (a.writestr("a.txt", "Kenya met Uganda. " * 20), a.writestr("b.txt", "Peru met Chile."))
        )
    )
    chance = random.Random(7)
    for _ in range(400):
        broken = bytearray(data)
        for _ in range(chance.randint(1, 6)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        for item in read.read_bytes(bytes(broken), "broken.zip"):
            assert item
