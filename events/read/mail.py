"""Messages to articles: a newsletter saved as EML, and a folder of them in MBOX."""

from __future__ import annotations

import email
import email.errors
import email.policy
import re
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from lxml import html as lxml_html
from lxml.etree import ParserError

from events.errors import UnreadableInput
from events.read.decode import decode
from events.read.limits import MAX_MEMBERS, MAX_PAGE
from events.read.pages import article_from_text, too_deep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from events.schema import Article

__all__ = ["article_from_mail", "flat_html", "messages_of"]

# Letters of plain text from which it is the message itself and not "open this in a browser".
ENOUGH_PLAIN = 300
# Multiparts within multiparts; mail programs nest four or five deep.
DEEPEST = 40
_FROM = re.compile(rb"^From [^\r\n]*\d{4}[^\r\n]*\r?\n(?=[A-Za-z][\w-]*:)", re.MULTILINE)
# From here on a newsletter speaks of itself. A link's words stand alone; a sentence of the news does not begin so.
_FOOTER = re.compile(
    r"^\W*(?:unsubscribe\b|to unsubscribe\b|manage (?:your )?(?:email )?(?:preferences|subscription)|"
    r"update your preferences|you(?:'|’)?(?: a)?re receiving this|you (?:have )?received this (?:e-?mail|message)|"
    r"this e-?mail was sent to\b|sent to you by\b|view (?:this (?:e-?mail|message) )?in (?:(?:your|a|the) )?browser\W*$|"
    r"forward (?:this )?to a friend|-- ?$)",
    re.IGNORECASE,
)
# Words of a line from which it is of the news: what stands before is the head of the letter.
_SENTENCE = 12
# Elements that begin a line, and those with an empty line around them.
_LINES = frozenset(
    "address body center dd div dt figcaption footer form header li main nav tbody td th thead tr".split()
)
_APART = frozenset(
    "article aside blockquote dl figure h1 h2 h3 h4 h5 h6 hr ol p pre section table ul".split()
)
_UNSEEN = frozenset({"script", "style", "head", "title", "template", "noscript", "select", "textarea", "svg"})
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0", re.IGNORECASE
)


def messages_of(data: bytes) -> Iterator[bytes]:
    """Yield the messages of an MBOX file, with ">From " at the head of a line as it was before it was kept."""
    starts = [found.start() for found in _FROM.finditer(data) if _after_blank(data, found.start())]
    if len(starts) > MAX_MEMBERS:
        raise UnreadableInput(f"it holds more than {MAX_MEMBERS:,} messages; split it")
    for at, start in enumerate(starts):
        end = starts[at + 1] if at + 1 < len(starts) else len(data)
        _, _, message = data[start:end].partition(b"\n")
        yield re.sub(rb"^>(>*From )", rb"\1", message, flags=re.MULTILINE)


def _after_blank(data: bytes, start: int) -> bool:
    return start == 0 or data[max(0, start - 4) : start].replace(b"\r", b"").endswith(b"\n\n")


def article_from_mail(data: bytes, *, today: date, origin: str) -> Article:
    """Return the article of one message: subject, day, sender as the outlet, and its words without the footer.

    Attachments are left out. Raises UnreadableInput, with advice, for a message without words, an encrypted one,
    and one that is broken.
    """
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
        subject, sender, sent = (str(message.get(name) or "") for name in ("Subject", "From", "Date"))
        words = _words(message)
    except UnreadableInput:
        raise
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
        email.errors.MessageError,
    ) as error:
        raise UnreadableInput(
            f"the message is broken ({type(error).__name__}); save it again, or paste its words"
        ) from error
    name, address = parseaddr(sender)
    return article_from_text(
        _without_footer(words),
        today=today,
        origin=origin,
        title=re.sub(r"^(?:(?:fwd?|re|aw|wg)\s*:\s*)+", "", " ".join(subject.split()), flags=re.IGNORECASE),
        published=_day(sent),
        outlet=name or address.rpartition("@")[2] or None,
    )


def _day(sent: str) -> str | None:
    try:
        when: datetime = parsedate_to_datetime(sent)
    except (ValueError, TypeError, IndexError):
        return None  # without a day that can be read, the words may tell it
    return when.isoformat() if when.tzinfo else when.date().isoformat()


def _words(message: EmailMessage) -> str:
    plain, pages, depth = "", "", 0
    stack: list[tuple[EmailMessage, int]] = [(message, 0)]
    while stack:
        part, depth = stack.pop()
        if depth > DEEPEST:
            raise UnreadableInput("its parts are nested too deeply; paste its words")
        kind = part.get_content_type()
        if kind in {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}:
            raise UnreadableInput("the message is encrypted; open it and save its words as text")
        if part.is_multipart():
            inner = [p for p in part.get_payload() if isinstance(p, EmailMessage)]
            stack.extend((p, depth + 1) for p in reversed(inner))
        elif part.get_content_disposition() == "attachment":
            continue
        elif kind == "text/plain" and not plain:
            plain = _text_of(part)
        elif kind == "text/html" and not pages:
            pages = _text_of(part)
    if sum(c.isalpha() for c in plain) >= ENOUGH_PLAIN or not pages:
        return plain
    flat = flat_html(pages)
    return flat if len(flat) > len(plain) else plain


def _text_of(part: EmailMessage) -> str:
    data = part.get_payload(decode=True)
    return (
        decode(data, declared=part.get_content_charset()) if isinstance(data, bytes) and data.strip() else ""
    )


def flat_html(page: str) -> str:
    """Return the visible words of HTML, a block a line: newsletters and exports are laid out in tables.

    Raises UnreadableInput, with advice, for a page that is too large or nested beyond sense.
    """
    if len(page) > MAX_PAGE or too_deep(page):
        raise UnreadableInput("its HTML is too large or nested beyond sense; save its words as text")
    bare = re.sub(r"^\s*<\?xml[^>]*\?>", "", page)  # lxml refuses text that names an encoding
    try:
        root = lxml_html.document_fromstring(bare)
    except (ParserError, ValueError) as error:
        raise UnreadableInput("its HTML is broken; save its words as text") from error
    pieces: list[str] = []
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        node, leaving = stack.pop()
        tag = node.tag if isinstance(node.tag, str) else ""
        mark = _APART_MARK if tag in _APART else _LINE_MARK if tag in _LINES else "\n" if tag == "br" else ""
        unseen = (
            not tag or tag in _UNSEEN or "hidden" in node.attrib or _HIDDEN.search(node.get("style") or "")
        )
        if leaving or unseen:
            pieces.append(("" if tag == "br" else mark) + _spaced(node.tail))
            continue
        pieces.append(mark + _spaced(node.text))
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(list(node)))
    words = re.sub(r"\s*\x02[\s\x01\x02]*", "\n\n", "".join(pieces))
    words = re.sub(r"\x01[ \x01]*", "\n", re.sub(r"\n[ \x01]+", "\n", words))
    lines = [line.strip() for line in words.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


_LINE_MARK, _APART_MARK = "\x01", "\x02"


def _spaced(words: str | None) -> str:
    return re.sub(r"[\s\x01\x02]+", " ", words or "")


def _without_footer(text: str) -> str:
    """Return the words without what a newsletter says of itself, above and below."""
    lines, begun = text.replace("\r\n", "\n").split("\n"), False
    for at, line in enumerate(lines):
        if not _FOOTER.match(line.strip()):
            begun = begun or len(line.split()) >= _SENTENCE
        elif begun:
            return "\n".join(lines[:at])
        else:
            lines[at] = ""
    return "\n".join(lines)
