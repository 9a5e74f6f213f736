"""PDF, DOCX, mail, feeds and exports of press databases become the same articles as their words would."""

from __future__ import annotations

import random
from datetime import date

import pytest

from events import read
from events.read import Rejected
from events.schema import Article
from tests import made_documents as made
from tests.made_documents import BODY, TITLE, wrapped

TODAY = date(2025, 6, 1)
LINES = [TITLE, "", *wrapped(BODY[0]), *wrapped(BODY[1])]


def items(data: bytes, name: str) -> list[Article | Rejected]:
    return list(read.read_bytes(data, name, today=TODAY))


def one(data: bytes, name: str) -> Article:
    found = items(data, name)
    assert len(found) == 1
    assert isinstance(found[0], Article), found[0]
    return found[0]


def refused(data: bytes, name: str) -> str:
    found = items(data, name)
    assert len(found) == 1
    assert isinstance(found[0], Rejected), found[0]
    return found[0].message


# -- PDF


@pytest.mark.parametrize("name", ["a.pdf", "a.txt", "download"])
def test_a_pdf_gives_title_day_and_whole_paragraphs(name):
    article = one(made.pdf([LINES], title=TITLE), name)
    assert article.title == TITLE
    assert article.text == "\n".join([TITLE, f"{BODY[0]}\n\n{BODY[1]}"])
    assert (article.published, article.outlet, article.language) == ("2024-05-14", "Reuters", "en")


def test_running_titles_and_page_numbers_of_a_pdf_are_left_out():
    pages = [
        [
            "The Harbour Times",
            *(f"{word} words of page {n} stand here." for word in ("Many", "Some", "More")),
            f"The {place} talks followed in Geneva.",
            f"{n} / 4",
        ]
        for n, place in enumerate(("Doha", "Oslo", "Cairo", "Rome"))
    ]
    text = one(made.pdf(pages), "a.pdf").text
    assert "Harbour Times" not in text
    assert "/ 4" not in text
    assert "The Rome talks followed in Geneva." in text


def test_words_that_a_pdf_divides_and_joins_are_whole():
    lines = [*wrapped(BODY[0]), "The govern-", "ment in Athens con-", "demned it, and NATO-", "Russia talks ended.", *wrapped(BODY[1])]  # fmt: skip
    text = one(made.pdf([lines]), "a.pdf").text
    assert "The government in Athens condemned it, and NATO- Russia talks ended." in text


def test_an_encrypted_pdf_is_refused_unless_anyone_may_read_it():
    data = made.pdf([LINES], title=TITLE)
    assert "it is encrypted" in refused(made.locked(data, "secret"), "a.pdf")
    assert one(made.locked(data, ""), "a.pdf").title == TITLE


def test_a_scan_is_refused_clearly():
    assert "it is a scan" in refused(made.pdf([[], []], picture=True), "a.pdf")
    assert "it is a scan" in refused(made.pdf([["Scanned by Entente"]] * 3, picture=True), "a.pdf")
    assert "it holds no text" in refused(made.pdf([[]]), "a.pdf")
    assert one(made.pdf([LINES], picture=True), "a.pdf").published == "2024-05-14"


def test_a_pdf_of_too_many_pages_is_refused():
    assert "more than 500 pages" in refused(made.pdf([["words"]] * 501), "a.pdf")


@pytest.mark.parametrize("kind", ["pdf", "docx", "mail", "mbox", "feed"])
def test_documents_with_bytes_turned_over_never_raise(kind):
    data = {
        "pdf": made.pdf([LINES], title=TITLE),
        "docx": made.docx(TITLE, *BODY),
        "mail": made.mail(*["\n\n".join(BODY)] * 2),
        "mbox": made.mbox(made.mail(BODY[0]), made.mail(BODY[1])),
        "feed": made.rss(("https://a.example/1", TITLE, "Tue, 14 May 2024 09:00:00 GMT", BODY[0])),
    }[kind]
    chance = random.Random(7)
    for _ in range(25):
        broken = bytearray(data)
        for _ in range(chance.randint(1, 30)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        cut = bytes(broken[: chance.randint(1, len(broken))])
        for item in items(cut, f"a.{kind}"):
            assert isinstance(item, Article | Rejected)


# -- DOCX


def test_a_word_document_gives_title_and_paragraphs():
    article = one(made.docx(TITLE, *BODY), "a.docx")
    assert (article.title, article.published) == (TITLE, "2024-05-14")
    assert article.text == "\n".join([TITLE, f"{BODY[0]}\n\n{BODY[1]}"])


def test_tracked_changes_stand_as_accepted():
    run = "<w:r><w:t>Turkey expelled two Greek diplomats </w:t></w:r>"
    gone = "<w:del><w:r><w:delText>twice </w:delText></w:r></w:del>"
    new = "<w:ins><w:r><w:t>on Tuesday.</w:t></w:r></w:ins>"
    body = (
        '<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body><w:p>{run}{gone}{new}</w:p></w:body></w:document>"
    )
    data = made.repacked(made.docx(TITLE), document=body.encode())
    assert one(data, "a.docx").text == "Turkey expelled two Greek diplomats on Tuesday."


def test_a_word_document_that_names_files_or_bombs_is_harmless():
    with_entity = (
        '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>'
        f"{BODY[0]} &x;</w:t></w:r></w:p></w:body></w:document>"
    )
    found = items(made.repacked(made.docx(TITLE), document=with_entity.encode()), "a.docx")
    assert not any("root:" in (item.text if isinstance(item, Article) else item.message) for item in found)
    bomb = made.repacked(made.docx(TITLE), document=b" " * 300_000_000)
    assert "like a bomb" in refused(bomb, "a.docx")
    assert "the document is broken" in refused(made.docx(TITLE)[:2000], "a.docx")


# -- mail


def test_a_newsletter_gives_subject_day_and_sender():
    words = (
        "\n\n".join(BODY)
        + "\n\nUnsubscribe: https://straits.example/u?x=1\nThe Straits Brief, 1 Harbour Road"
    )
    article = one(made.mail(words), "letter.eml")
    assert (article.title, article.outlet) == (TITLE, "The Straits Brief")
    assert article.published == "2024-05-15T06:30:00+03:00"
    assert article.text == "\n".join([TITLE, "\n\n".join(BODY)])


def test_a_newsletter_in_tables_is_read_without_what_is_hidden():
    html = (
        "<html><head><style>td{color:red}</style></head><body>"
        '<div style="display:none">Preview words of nothing</div><table><tr><td><a href="x">View in browser</a></td></tr>'
        f"<tr><td><h2>{TITLE}</h2></td></tr><tr><td>{BODY[0]}</td></tr><tr><td>{BODY[1]}</td></tr>"
        "<tr><td>You are receiving this because you signed up.</td></tr></table><script>alert(1)</script></body></html>"
    )
    text = one(made.mail("Open this message in a browser.", html), "letter.eml").text
    assert text == "\n".join([TITLE, "\n\n".join(BODY)])


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "iso-8859-7"])
def test_encodings_of_mail_are_undone(charset):
    words = (
        BODY[0] + " “Άγκυρα”, said the minister."
        if charset == "iso-8859-7"
        else BODY[0] + " “Ça va”, he said."
    )
    head = (
        f"Subject: =?utf-8?q?T=C3=BCrkiye_expels?=\r\nFrom: =?utf-8?b?w4lsYW4=?= <a@b.example>\r\nDate: Tue, 14 May 2024\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    body = words.encode(charset, errors="replace")
    article = one(head.encode() + body, "a.eml")
    assert (article.title, article.outlet) == ("Türkiye expels", "Élan")
    assert article.text.endswith(body.decode(charset))


def test_attachments_and_forwarding_marks_are_left_out():
    article = one(
        made.mail("\n\n".join(BODY), subject=f"Fwd: FW: {TITLE}", attached=made.pdf([LINES])), "a.eml"
    )
    assert (article.title, "%PDF" in article.text) == (TITLE, False)


def test_a_page_saved_as_text_is_no_mail():
    text = f"Date: 14 May 2024\nFrom: ANKARA\n\n{BODY[0]}".encode()
    assert one(text, "a.txt").published == "2024-05-14"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (made.mail(""), "it is empty"),
        (
            b"MIME-Version: 1.0\nContent-Type: multipart/encrypted; boundary=a\n\n--a\n\nx\n--a--\n",
            "message is encrypted",
        ),
        (
            b"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nAAAAYQ==",
            "NUL bytes",
        ),
    ],
)
def test_mail_without_words_is_refused(data, message):
    assert message in refused(data, "a.eml")


def test_mail_nested_without_end_is_refused():
    part = "Content-Type: multipart/mixed; boundary=b{0}\n\n--b{0}\n"
    data = (
        "MIME-Version: 1.0\n"
        + "".join(part.format(n) for n in range(200))
        + "Content-Type: text/plain\n\nwords\n"
    )
    assert "nested too deeply" in refused(data.encode(), "a.eml") or "broken" in refused(
        data.encode(), "a.eml"
    )


def test_each_message_of_an_mbox_is_an_article():
    second = made.mail(BODY[1] + "\n\nFrom Athens came no answer.", subject="Athens answers")
    empty = made.mail("", subject="Nothing")
    found = items(made.mbox(made.mail(BODY[0]), second, empty), "letters.mbox")
    assert [item.title for item in found[:2]] == [TITLE, "Athens answers"]
    assert found[1].text.endswith("\n\nFrom Athens came no answer.")
    assert isinstance(found[2], Rejected)
    assert (found[2].row, "message 3" in found[2].message) == (3, True)


# -- feeds as files


def test_a_feed_saved_as_a_file_gives_what_it_carries():
    day = "Tue, 14 May 2024 09:00:00 +0300"
    data = made.rss(
        (
            "https://a.example/1",
            "Ankara &amp; Athens <b>quarrel</b>",
            day,
            f"<p>{BODY[0]}</p><script>x()</script><p>{BODY[1]}</p>",
        ),
        ("https://a.example/2", "Nothing", day, ""),
    )
    first, second = items(data, "feed.xml")
    assert (first.title, first.outlet, first.url) == (
        "Ankara & Athens quarrel",
        "Harbour Times",
        "https://a.example/1",
    )
    assert first.published == "2024-05-14T09:00:00+03:00"
    assert first.text == "\n".join([first.title, "\n\n".join(BODY)])
    assert "entry 2: the feed carries no words of it" in second.message


@pytest.mark.parametrize(
    "data",
    [
        (
            b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel><title>&x;'
            b"</title><item><title>&x;</title><description>&x; words</description></item></channel></rss>"
        ),
        b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><rss version="2.0"></rss>',
    ],
)
def test_a_feed_with_entities_of_its_own_is_not_read(data):
    assert "XML entities" in refused(data, "feed.rss")


def test_a_sitemap_saved_as_a_file_says_what_to_do():
    data = b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://a.example/1</loc></url></urlset>'
    assert "give its web address" in refused(data, "sitemap.xml")


# -- exports of press databases


def told(found) -> list[tuple[str, str | None, str | None]]:
    return [(a.title, a.outlet, a.published) for a in found if isinstance(a, Article)]


@pytest.mark.parametrize("name", ["export.txt", "export.html", "export.docx"])
def test_numbered_documents(name):
    found = items(as_kind(made.NUMBERED, name), name)
    assert told(found) == [
        ("Turkey Expels Two Greek Diplomats", "The Harbour Times", "2024-05-15"),
        ("Kenya summons Ugandan envoy over fish dispute", "Gulf Courier (Doha, Qatar)", "2024-06-03"),
    ]
    assert (
        found[0]
        .text.split("\n", 1)[1]
        .startswith("ANKARA, May 14 - Turkey expelled two Greek diplomats on Tuesday")
    )
    assert found[0].text.endswith("ministry in Athens on Wednesday.")
    assert found[0].url == "http://www.harbour.example/2024/05/15/expelled"
    assert isinstance(found[2], Rejected)
    assert (found[2].row, "document 3 of the export (Nothing)" in found[2].message) == (3, True)


@pytest.mark.parametrize("name", ["export.txt", "export.html", "export.docx"])
def test_documents_with_a_body_line(name):
    found = items(as_kind(made.WITH_BODY, name), name)
    assert told(found) == [
        ("Turkey expels two Greek diplomats", "The Harbour Times", "2024-05-15"),
        ("Kenya summons Ugandan envoy over fish dispute", "Gulf Courier", "2024-06-03"),
    ]
    assert found[0].text.endswith("Greek Foreign Minister Ana Ruiz condemned the move as unjustified.")
    assert found[0].text.split("\n")[1].startswith("ANKARA - Turkey expelled")
    assert "Classification" not in found[0].text


@pytest.mark.parametrize("name", ["export.txt", "export.html"])
def test_documents_that_end_in_their_number(name):
    found = items(as_kind(made.DOCUMENT, name), name)
    assert told(found) == [
        ("Turkey expels two Greek diplomats over a consul in Komotini", "Harbour News Wire", "2024-05-15"),
        ("Kenya summons Ugandan envoy over fish dispute", "Gulf Courier", "2024-06-03"),
    ]
    assert found[0].text.split("\n", 1)[1].startswith("ANKARA (Harbour) - Turkey expelled")
    assert found[0].text.endswith("condemned the move as unjustified.")


@pytest.mark.parametrize("name", ["export.txt", "export.html"])
def test_documents_in_fields(name):
    found = items(as_kind(made.FIELDS, name), name)
    assert told(found) == [
        ("Turkey expels two Greek diplomats over a consul", "Harbour News Wire", "2024-05-15"),
        ("Kenya summons Ugandan envoy", "Gulf Courier", "2024-06-03"),
    ]
    assert found[0].text.endswith("condemned the move as unjustified.")
    assert "Diplomacy" not in found[0].text


def test_the_number_of_the_database_is_the_id_that_the_input_gave(tmp_path):
    (tmp_path / "export.txt").write_text(made.DOCUMENT, encoding="utf-8")
    assert [given for _, given in read.read_given([tmp_path / "export.txt"], today=TODAY)] == [
        "HNWIRE0020240515EK5F000A1",
        "GULFCO0020240603EK6300002",
    ]


def test_an_article_about_documents_is_no_export():
    text = f"{TITLE}\n\n{BODY[0]}\n\nIt was one of 3 documents found. Page 2 of 3 was missing.\n\n{BODY[1]}"
    assert one(text.encode(), "a.txt").title == TITLE


def as_kind(export: str, name: str) -> bytes:
    if name.endswith(".html"):
        return made.as_html(export)
    if name.endswith(".docx"):
        lines = export.split("\n")
        return made.docx(lines[0], *lines[1:])
    return export.encode()
