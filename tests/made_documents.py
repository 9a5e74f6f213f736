"""Made-up documents in the formats that analysts get: PDF, DOCX, mail, feeds, exports of press databases."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage

TITLE = "Turkey expels two Greek diplomats"
BODY = (
    (
        "ANKARA, May 14, 2024 (Reuters) - Turkey expelled two Greek diplomats on Tuesday, the foreign ministry said, in "
        "retaliation for the expulsion of a Turkish consul from Komotini last week."
    ),
    (
        "Greek Foreign Minister Ana Ruiz condemned the move as unjustified and summoned the Turkish ambassador to the "
        "ministry in Athens on Wednesday to lodge a protest."
    ),
)


def wrapped(words: str, width: int = 80) -> list[str]:
    lines, line = [], ""
    for word in words.split():
        if len(line) + len(word) + 1 > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]


def pdf(pages: list[list[str]], *, title: str = "", picture: bool = False) -> bytes:
    """Return a PDF of these lines, a page each; with `picture` each page also holds one, as a scan does."""
    objects: list[bytes] = [b"", b""]
    kids = []
    for lines in pages:
        words = "\n".join(
            f"BT /F1 11 Tf 60 {760 - 14 * at} Td ({line.replace(chr(92), '').replace('(', chr(92) + '(').replace(')', chr(92) + ')')}) Tj ET"
            for at, line in enumerate(lines)
        )
        stream = words.encode("cp1252") + (b"\nq 500 0 0 700 50 50 cm /P Do Q" if picture else b"")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        used = b"/XObject << /P 4 0 R >>" if picture else b""
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> %s >> >>"
            % (len(objects) + 2, used)
        )
        kids.append(len(objects) + 2)
    head = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), b" ".join(b"%d 0 R" % kid for kid in kids)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        (
            b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\n"
            b"stream\n\x80\nendstream"
        ),
    ]
    objects = [*head, *objects[2:], b"<< /Title (%s) >>" % title.encode("cp1252")]
    made, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return made + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, table, len(objects) + 1, len(objects), len(made))
    )


def locked(data: bytes, password: str) -> bytes:
    """Return the PDF encrypted."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def docx(title: str, *paragraphs: str, own_title: str = "") -> bytes:
    """Return a Word document: a headline, paragraphs."""
    from docx import Document

    document = Document()
    document.core_properties.title = own_title
    document.add_heading(title, level=1)
    for words in paragraphs:
        document.add_paragraph(words)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def repacked(data: bytes, **members: bytes) -> bytes:
    """Return the archive with other content for members, named by their file's name without its ending."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            name = info.filename.rpartition("/")[2].removesuffix(".xml")
            new.writestr(info.filename, members.get(name, old.read(info)))
    return out.getvalue()


def mail(
    plain: str = "", html: str = "", *, subject: str = TITLE, sender: str = "The Straits Brief <brief@straits.example>",
    day: str = "Wed, 15 May 2024 06:30:00 +0300", attached: bytes = b"",
) -> bytes:  # fmt: skip
    """Return a message as mail programs save it."""
    message = EmailMessage()
    message["Message-ID"], message["Subject"], message["From"], message["Date"] = (
        "<1@straits.example>",
        subject,
        sender,
        day,
    )
    message["To"] = "analyst@example.org"
    message.set_content(plain)
    if html:
        message.add_alternative(html, subtype="html")
    if attached:
        message.add_attachment(attached, maintype="application", subtype="pdf", filename="a.pdf")
    return message.as_bytes()


def mbox(*messages: bytes) -> bytes:
    """Return messages as an MBOX file."""
    parts = []
    for message in messages:
        quoted = b"\n".join(
            b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in message.split(b"\n")
        )
        parts.append(b"From brief@straits.example Wed May 15 06:30:00 2024\n" + quoted + b"\n\n")
    return b"".join(parts)


def rss(*items: tuple[str, str, str, str], title: str = "Harbour Times") -> bytes:
    """Return an RSS feed; an item is (address, title, day, words in HTML)."""
    from xml.sax.saxutils import escape

    made = "".join(
        f"<item><title>{escape(name)}</title><link>{escape(url)}</link><pubDate>{day}</pubDate>"
        f"<description>{escape(words)}</description></item>"
        for url, name, day, words in items
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{escape(title)}</title>'
        f"<link>https://harbour.example/</link>{made}</channel></rss>"
    ).encode()


def page(
    title: str, *paragraphs: str, day: str = "2024-05-14T09:00:00Z", canonical: str = "", site: str = ""
) -> bytes:
    """Return a news page with menus, scripts and a footer around the article."""
    head = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    head += f'<meta property="og:site_name" content="{site}">' if site else ""
    body = "".join(f"<p>{words}</p>" for words in paragraphs)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}'
        f'<meta property="article:published_time" content="{day}"><script>var a=1;</script></head><body>'
        f'<nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li></ul></nav><article><h1>{title}</h1>'
        f"{body}</article><footer><p>© 2024 All rights reserved. <a href='/privacy'>Privacy policy</a></p></footer></body></html>"
    ).encode()


# Exports of press databases. The layouts are those that databases print; papers, names and news are made up.

NUMBERED = """




                               1 of 3 DOCUMENTS


                               The Harbour Times

                            May 15, 2024 Wednesday
                              Late Edition - Final

Turkey Expels Two Greek
Diplomats

BYLINE: By ANA RUIZ

SECTION: Section A; Column 1; Foreign Desk; Pg. 6

LENGTH: 84 words

DATELINE: ANKARA, May 14

Turkey expelled two Greek diplomats on Tuesday, the foreign ministry said, in
retaliation for the expulsion of a Turkish consul from Komotini last week.

Greek Foreign Minister Ana Ruiz condemned the move as unjustified and summoned
the Turkish ambassador to the ministry in Athens on Wednesday.

URL: http://www.harbour.example/2024/05/15/expelled

LOAD-DATE: May 15, 2024

LANGUAGE: ENGLISH

PUBLICATION-TYPE: Newspaper

                   Copyright 2024 The Harbour Times Company


                               2 of 3 DOCUMENTS


                         Gulf Courier (Doha, Qatar)

                                  3 June 2024

Kenya summons Ugandan envoy over fish dispute

LENGTH: 40 words

Kenya summoned the Ugandan ambassador on Monday over the arrest of fishermen on
Lake Victoria, the foreign ministry in Nairobi said.

LOAD-DATE: June 4, 2024

                    Copyright 2024 Gulf Courier


                               3 of 3 DOCUMENTS


                               The Harbour Times

                            May 99, 2024 Wednesday

Nothing

LENGTH: 0 words

LOAD-DATE: May 16, 2024
"""

WITH_BODY = """Turkey expels two Greek diplomats
The Harbour Times (Online)
May 15, 2024 Wednesday 6:30 AM GMT

Copyright 2024 The Harbour Times All Rights Reserved
Section: WORLD; Version:1
Length: 84 words
Byline: Ana Ruiz
Dateline: ANKARA
Body

Turkey expelled two Greek diplomats on Tuesday, the foreign ministry said, in retaliation for the expulsion of a Turkish consul.
Greek Foreign Minister Ana Ruiz condemned the move as unjustified.

Load-Date: May 15, 2024
Classification
Language: ENGLISH
Subject: DIPLOMACY (90%)
End of Document
Kenya summons Ugandan envoy over fish dispute
Gulf Courier
June 3, 2024

Copyright 2024 Gulf Courier
Length: 40 words
Body

Kenya summoned the Ugandan ambassador on Monday over the arrest of fishermen on Lake Victoria, the foreign ministry in Nairobi said.

Load-Date: June 4, 2024
End of Document
"""

DOCUMENT = """World News
Turkey expels two Greek diplomats over a consul in Komotini
By Ana Ruiz and Tom Bell
84 words
15 May 2024
04:30
Harbour News Wire
HNWIRE
English
(c) 2024 Harbour News Wire

ANKARA (Harbour) - Turkey expelled two Greek diplomats on Tuesday, the foreign ministry said.

Greek Foreign Minister Ana Ruiz condemned the move as unjustified.

Document HNWIRE0020240515ek5f000a1

Kenya summons Ugandan envoy over fish dispute
40 words
3 June 2024
Gulf Courier
GULFCO
English
(c) 2024 Gulf Courier

Kenya summoned the Ugandan ambassador on Monday over the arrest of fishermen on Lake Victoria.

Document GULFCO0020240603ek6300002
""".replace("ek5f000a1", "EK5F000A1").replace("ek6300002", "EK6300002")  # fmt: skip

FIELDS = """SE World News
HD Turkey expels two Greek diplomats
   over a consul
BY By Ana Ruiz
WC 84 words
PD 15 May 2024
ET 04:30
SN Harbour News Wire
SC HNWIRE
LA English
CY (c) 2024 Harbour News Wire
LP
ANKARA (Harbour) - Turkey expelled two Greek diplomats on Tuesday, the foreign ministry said.
TD
Greek Foreign Minister Ana Ruiz condemned the move as unjustified.

NS gdip : Diplomacy
RE turk : Turkey
PUB Harbour News Ltd
AN Document HNWIRE0020240515EK5F000A1

HD Kenya summons Ugandan envoy
WC 40 words
PD 3 June 2024
SN Gulf Courier
LA English
LP
Kenya summoned the Ugandan ambassador on Monday over the arrest of fishermen on Lake Victoria.
AN Document GULFCO0020240603EK6300002
"""


def as_html(export: str) -> bytes:
    """Return an export as the databases' web pages have it: each line of the text in an element of its own."""
    from html import escape

    lines = "".join(f"<div>{escape(line)}</div>" if line.strip() else "<br>" for line in export.split("\n"))
    return f"<!DOCTYPE html><html><head><title>Export</title><style>p {{}}</style></head><body>{lines}</body></html>".encode()
