"""The layout of a news page pasted as text: furniture around the article, its time stamp, its date line.

All three look at verbatim text and answer with offsets into it, so that an article is coded as it is kept.
A line is furniture only as a whole: a sentence of the article never is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from events.read.stamps import MONTH, WEEKDAY, Order, Stamp, month_of, stamps_in

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Dateline", "dateline", "furniture", "header_of", "stamp_of", "timestamp"]

# Rubric, title, lead, author and time stamp stand above the article: none was seen below its 15th line.
HEAD_LINES = 15
# The longest lines of furniture are cookie notices of two or three sentences.
LONGEST_FURNITURE = 400


@dataclass(frozen=True, slots=True)
class Dateline:
    """Where and when an article was filed ("ANKARA, March 5. /XYZ/."); `text[end:]` is its first sentence."""

    place: str  # "" where only the agency stands
    month: int | None
    day: int | None
    year: int | None
    agency: str | None
    start: int
    end: int
    date_span: tuple[int, int] | None  # the words of the date, a weekday included


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str
    index: int  # among the lines that are not blank


def _lines(text: str) -> Iterator[_Line]:
    position, index = 0, 0
    for raw in text.splitlines(keepends=True):
        words = raw.strip()
        if words:
            start = position + len(raw) - len(raw.lstrip())
            yield _Line(start, start + len(words), words, index)
            index += 1
        position += len(raw)


# -- furniture

_HEADER = re.compile(
    r"(?P<key>(?:first |originally )?published(?: on| at)?|publication date|pub(?:lished)? date|date|"
    r"posted(?: on| at)?|"
    r"(?:last )?(?:updated|modified)(?: on| at)?|source|outlet|publisher|newspaper|url|link|"
    r"authors?|byline|written by|reported by|reporting by|language|retrieved|accessed|section|category|"
    r"title|headline)\s*(?P<mark>:|(?=\s))\s*(?P<value>.*)",
    re.IGNORECASE,
)
_MENU_WORDS = (
    r"home(?: ?page)?|menu|search|sign in|sign up|log ?in|log ?out|register|subscribe|subscribe now|"
    r"newsletters?|"
    r"skip to (?:main )?content|skip to navigation|share|share this(?: article| story| page| post)?|"
    r"share (?:on|via|by|to) [\w ]+|tweet|pin it|facebook|twitter|x|telegram|whatsapp|instagram|youtube|"
    r"linkedin|reddit|"
    r"e-?mail|print|copy link|link copied!?|save|bookmark|listen|listen to this article|comments?|"
    r"\d+ comments?|"
    r"(?:leave|add|post) a comment|no comments|advertisements?|ad|advertorial|sponsored(?: content)?|"
    r"read more|more|see more|show more|load more|view more|continue reading|keep reading|full story|"
    r"back to top|"
    r"next|previous|next (?:article|story|page)|previous (?:article|story|page)|top stories|latest news|"
    r"breaking news|"
    r"most (?:read|popular|viewed|shared)|trending(?: now)?|editor'?s'? picks?|recommended(?: for you)?|"
    r"you (?:may|might) (?:also )?like|more (?:on|from) [\w’' ]{2,40}|"
    r"related|related (?:articles?|stories|news|topics?|content|links?|posts?)|see also|also read|read also|"
    r"about(?: us)?|contact(?: us)?|careers|terms(?: (?:of|and|&) (?:use|service|conditions))?|"
    r"privacy(?: policy| notice)?|cookies?(?: policy| settings| preferences| notice)?|"
    r"accept(?: all)?(?: cookies)?|"
    r"reject all(?: cookies)?|manage (?:cookies|preferences)|imprint|legal notice|sitemap|site map|rss|"
    r"faq|help|feedback|"
    r"report an error|report a typo|all rights reserved|follow us|photo gallery|gallery|video|"
    r"\d+ min(?:ute)?s?(?: read)?|\d+ (?:views?|shares?|likes?)"
)
_SOCIAL = re.compile(
    r"(?:(?:share|facebook|twitter|telegram|whatsapp|instagram|youtube|linkedin|reddit|e-?mail|print|"
    r"copy link|vk|x)"
    r"(?:\s+|$)){2,}",
    re.IGNORECASE,
)
_MENU = re.compile(rf"(?:{_MENU_WORDS})", re.IGNORECASE)
_DATE_KEYS = {
    "published",
    "publication date",
    "pub date",
    "published date",
    "date",
    "posted",
    "updated",
    "modified",
}
# Heads of a list of other articles: the headlines below them are no article either.
_LIST_HEAD = re.compile(
    r"(?:related(?: (?:articles?|stories|news|content|links?|posts?))?|most (?:read|popular|viewed|shared)|"
    r"top stories|latest news|trending(?: now)?|editor'?s'? picks?|recommended(?: for you)?|"
    r"you (?:may|might) (?:also )?like|see also|also read|read also|more stories)\s*:?",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"(?:read (?:more|also|next)|related(?: (?:articles?|stories|news|content))?|see also|also read|"
    r"more on this(?: story| topic)?|don'?t miss|tags?|topics?|keywords|filed under|share(?: this)?|"
    r"photos? by|photo|"
    r"photo credit|image credit|image|caption|picture|credit|video|watch|listen|comments)\s*[:→»›]",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"(?:read|see|find out|learn|view|watch|click) (?:(?:more|all|here|full)\b)", re.IGNORECASE
)
_CALL = re.compile(
    r"(?:(?:please )?subscribe (?:(?:to|for) (?:our|us|this|unlimited|full)|now|today|here|to read|"
    r"to the .*newsletter)\b|"
    r"sign up (?:here|now|(?:for|to) (?:our|a free|free|daily|.*newsletter|.*briefing))\b|"
    r"(?:follow|join|like|find) us (?:on|at|in)\b|follow @?\w+ on (?:twitter|x|facebook|instagram|"
    r"telegram)\b|"
    r"follow our \w+ (?:on|channel)\b|join our (?:telegram|whatsapp|channel|newsletter)\b|"
    r"download (?:our|the) app\b|share (?:this|on|via)\b|click here\b|"
    r"support (?:our|independent) journalism\b|already a subscriber\b|"
    r"(?:get|receive) (?:our|the latest) (?:newsletters?|news|stories|headlines) (?:in|by|delivered|"
    r"straight)\b|"
    r"if you (?:have )?(?:found|find|spot|notice) (?:an?|any) (?:error|mistake|typo)\b|"
    r"this (?:article|story|post|page) (?:was|has been) (?:originally |first |last )?(?:published|"
    r"updated|amended|corrected)\b|"
    r"enter your e-?mail|turn off your ad ?blocker|please (?:enable|disable|turn)\b)",
    re.IGNORECASE,
)
_COOKIES = re.compile(
    r"(?:we (?:and our partners )?use cookies|(?:this|our) (?:web ?site|site|page) uses cookies|"
    r"by (?:continuing to|using) "
    r"(?:use|browse|our|this|the (?:site|website))|by clicking\b.*\bcookies|cookies (?:help us|"
    r"are used on this))",
    re.IGNORECASE,
)
_RIGHTS = re.compile(
    r"(?:©|\(c\)\s*(?:copyright\b|\d{4})|copyright\s*(?:©|\(c\)|\d{4}|:|by\b)|"
    r"all rights reserved(?:\W*$|\.\s))|"
    r"(?=.*[©\d]).{0,160}\ball rights reserved\W*$",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"\(?(?:(?:additional |further )?(?:reporting|writing|editing|compiled|translated|edited|"
    r"photo(?:graph)?s?|image)"
    r"(?: and (?:writing|editing))?(?:\s*:\s*|\s+by\s+)\S).{0,200}",
    re.IGNORECASE,
)
_NAME = r"(?:[A-ZÀ-ÖØ-ÞĀ-Ž][\w’'.-]*|de|van|von|der|den|al|el|bin|la|le|di|da)"
_AUTHOR = re.compile(
    rf"[Bb](?:y|Y)\s+{_NAME}(?:\s+{_NAME}){{0,4}}(?:(?:,| and| &| AND)\s+{_NAME}(?:\s+{_NAME}){{0,4}}){{0,4}}"
    rf"(?:(?:,| in| for| at)\s+(?:the\s+)?{_NAME}(?:\s+{_NAME}){{0,4}})?\s*(?:[|•·].*)?"
)
_CRUMB_PART = re.compile(r"[\w&'’ -]{1,40}")
_ARROW = re.compile(r"[→»›⟶➔➜▶►]|>>|-->|->")
_SENTENCE_END = re.compile(r"[.!?…][\"”’')\]]*$")
_RUBRIC = re.compile(
    r"(?:(?:world|international|foreign|national|local|business|economy|politics|political|opinion|"
    r"diplomacy|society|"
    r"defen[cs]e|security|military|europe|asia|africa|middle east|americas?|top|latest|breaking|"
    r"russian?|global)"
    r"(?:\s*(?:&|and|/|,)\s*|\s+|$)|(?:news|affairs|politics|policy|diplomacy|desk|section|economy|"
    r"defen[cs]e)"
    r"(?:\s*(?:&|and|/|,)\s*|\s+|$)){1,6}",
    re.IGNORECASE,
)


def _is_crumb(words: str) -> bool:
    for mark in (">", "›", "»", "/", "→"):
        parts = [part.strip() for part in words.split(mark)]
        if len(parts) < 2 or not all(_CRUMB_PART.fullmatch(part) for part in parts):
            continue
        if len(parts) >= 3 or re.match(r"(?:home|news|main|start|world)\b", words, re.IGNORECASE):
            return all(part[0].isupper() for part in parts) and (
                mark != "/" or parts[0].lower() in {"home", "news", "main"}
            )
    return False


def _is_menu(words: str) -> bool:
    parts = [part.strip(" .:!") for part in re.split(r"[|•·/]|\s{2,}|→|»|›", words)]
    parts = [part for part in parts if part]
    if len(parts) > 1:
        return all(_MENU.fullmatch(part) or _RUBRIC.fullmatch(part) for part in parts)
    return bool(parts) and bool(_MENU.fullmatch(parts[0]) or _SOCIAL.fullmatch(parts[0]))


def header_of(line: str) -> tuple[str, str] | None:
    """Return (key in lower case, value) of a line such as "Published: 5 March 2021", else None."""
    found = _HEADER.fullmatch(line.strip()) if len(line) <= LONGEST_FURNITURE else None
    if found is None or not found["value"]:
        return None
    key = re.sub(r"^(?:first|originally|last)\s+|\s+(?:on|at)$", "", found["key"].lower())
    if found["mark"]:
        sentence = _SENTENCE_END.search(found["value"]) and len(found["value"].split()) > 8
        if key in {"title", "headline"}:
            return key, found["value"].strip()
        if sentence or (key in _DATE_KEYS and not re.search(r"\d", found["value"])):
            return None
        if key in {"source", "section", "category", "link"} and len(found["value"].split()) > 6:
            return None
        return key, found["value"].strip()
    # without a colon only a date may follow: "Published March 5, 2021", never "Source close to the talks"
    if key not in {"published", "posted", "updated", "modified", "date"}:
        return None
    stamp = next(stamps_in(found["value"]), None)
    return (
        (key, found["value"].strip())
        if stamp and len(found["value"]) - (stamp.end - stamp.start) <= 12
        else None
    )


def _line_stamp(line: _Line, order: Order | None = None) -> Stamp | None:
    """Return the date of a line that is a time stamp: alone, or beside a rubric, a label, an author."""
    words = line.text
    if len(words) > 140 or _SENTENCE_END.search(words):
        return None
    stamp = next(stamps_in(words, order=order), None)
    if stamp is None:
        return None
    before, after = words[: stamp.start], words[stamp.end :]
    rest = re.sub(
        rf"\b(?:{WEEKDAY})|\b(?:last )?(?:updated|published|posted|modified|date|on|at)\b:?",
        " ",
        after,
        flags=re.IGNORECASE,
    )
    if re.search(r"\w", rest) and not re.match(
        r"\s*(?:[|•·/–—-]|\s{2}|\(|[A-Z]{2,5}\b|Updated\b|by\b)", after, re.IGNORECASE
    ):
        return None
    label = before.strip(" \t\u00a0|•·,:–—-")
    if not label or header_of(f"{label}: x") or _AUTHOR.fullmatch(label):
        return stamp
    if line.index == 0 or len(label.split()) > 7:
        return None
    if re.search(r"\b(?:on|of|in|since|until|till|by|from|to|after|before|for|the)$", label, re.IGNORECASE):
        return None
    if stamp.clock is not None or _RUBRIC.fullmatch(label) or _is_menu(label):
        return stamp
    parted = re.search(r"(?:\s{2,}|\t|[|•·]|\s[–—-])\s*$", before)
    return stamp if parted and line.index < HEAD_LINES and len(label) <= 60 else None


def _is_furniture(line: _Line) -> bool:
    words = line.text
    if len(words) > LONGEST_FURNITURE:
        return False
    if not re.search(r"\w", words):
        return True  # rules and ornaments
    if _COOKIES.match(words) or _RIGHTS.match(words):
        return True
    if _is_menu(words) and (line.index or not words.lower().startswith("more ")):
        return True
    if _is_crumb(words) or _line_stamp(line, "day") is not None:
        return True
    header = header_of(words)
    if header is not None:
        return header[0] not in {"title", "headline", *([] if line.index else ["source", "section", "link"])}
    arrow = len(words) <= 160 and (_ARROW.search(words[-3:]) or _ARROW.match(words))
    if arrow and not _SENTENCE_END.search(words.rstrip("→»›⟶➔➜▶►>- ")):
        return True
    if line.index == 0:
        return False
    if _RUBRIC.fullmatch(words) and line.index < HEAD_LINES and len(words) <= 60:
        return True
    if len(words) <= 200 and _OPENING.match(words) and not re.search(r"\w{3}[.…]$", words):
        return True
    if len(words) <= 200 and _CREDIT.fullmatch(words):
        return True
    if len(words) <= 200 and _CALL.match(words):
        return True
    if len(words) <= 60 and _LINK.match(words) and not _SENTENCE_END.search(words):
        return True
    return len(words) <= 100 and _AUTHOR.fullmatch(words) is not None and not _SENTENCE_END.search(words)


def furniture(text: str) -> list[tuple[int, int]]:
    """Return the character spans of lines that belong to the page, not to the article, in order.

    Breadcrumbs, rubrics, time stamps, author and source lines, share buttons, "read more" links, lists of
    related headlines, cookie and copyright notices. Line ends are not in the spans.
    """
    spans: list[tuple[int, int]] = []
    listing = False
    for line in _lines(text):
        if line.index and _LIST_HEAD.fullmatch(line.text):
            listing = True
            spans.append((line.start, line.end))
            continue
        if listing and (
            len(line.text) > 140 or _SENTENCE_END.search(line.text) or _dateline_of(line) is not None
        ):
            listing = False
        if listing or _is_furniture(line):
            spans.append((line.start, line.end))
    return spans


# -- time stamp


def stamp_of(text: str) -> Stamp | None:
    """Return the date and time that the page gives for its publication, offsets into `text`; else None.

    A line "Published: ..." wins over a bare time stamp, and that over "Updated: ...".
    """
    best: tuple[int, Stamp] | None = None
    for line in _lines(text):
        if len(line.text) > LONGEST_FURNITURE:
            continue
        header = header_of(line.text)
        stamp: Stamp | None
        if header is not None and header[0] in _DATE_KEYS:
            stamp = next(stamps_in(line.text), None)
            rank = 2 if header[0] in {"updated", "modified"} else 0
        elif line.index < HEAD_LINES:
            stamp = _line_stamp(line)
            rank = 2 if re.match(r"(?:last )?(?:updated|modified)\b", line.text, re.IGNORECASE) else 1
        else:
            continue
        if stamp is not None and (best is None or rank < best[0]):
            moved = Stamp(
                line.start + stamp.start, line.start + stamp.end, stamp.day, stamp.clock, stamp.zone
            )
            best = (rank, moved)
    return best[1] if best else None


def timestamp(text: str) -> date | None:
    """Return the day of publication that a time stamp or a "Published:" line gives; None without one."""
    stamp = stamp_of(text)
    return stamp.day if stamp else None


# -- date line

_WORD = r"[^\W\d_][^\W\d_’'.-]*(?:[’'.-][^\W\d_]+)*\.?"
_PLACE = rf"(?P<place>{_WORD}(?:(?:[ \u00a0]|\s?/\s?|,\s){_WORD}){{0,6}}?)"
_DAYS = (
    rf"(?:(?P<w>{WEEKDAY}),?\s+)?(?:(?P<m1>{MONTH})\s*(?P<d1>[0-3]?\d)(?:st|nd|rd|"
    rf"th)?(?:,?\s+(?P<y1>\d{{4}})(?!\d))?"
    rf"|(?P<d2>[0-3]?\d)(?:st|nd|rd|th)?\s+(?P<m2>{MONTH}),?(?:\s+(?P<y2>\d{{4}})(?!\d))?"
    r"|(?P<y3>\d{4})-(?P<m3>\d\d)-(?P<d3>\d\d)|(?P<d4>\d{1,2})\.(?P<m4>\d{1,2})\.(?P<y4>\d{4}))"
    rf"|(?P<w2>{WEEKDAY})"
)
_DAYS_PLAIN = re.sub(r"\?P<\w+>", "?:", _DAYS)
_AGENCY = r"/{1,2}\s?(?P<a1>[^/\n]{2,40}?)\s?/{1,2}|\((?P<a2>[^()\n]{2,60})\)|\[(?P<a3>[^\[\]\n]{2,40})\]"
_DASH = r"[.:]?\s*[-–—]{1,2}[ \t\u00a0]*"
_DATELINE = re.compile(
    rf"{_PLACE}(?:\s*\((?P<a0>[^()\n\d]{{2,40}})\)(?=,?\s*\(?(?:{_DAYS_PLAIN})))?"
    rf"(?:[.,]?\s*\(?(?P<date>{_DAYS})\)?(?=[\s.,:/(\[–—-]))?[.,]?(?:\s*(?:{_AGENCY}))?"
    rf"(?P<sep>{_DASH}|[.:][ \t\u00a0]*|(?<=/)[ \t\u00a0]+)(?=\S)",
    re.IGNORECASE,
)
_AGENCY_ONLY = re.compile(rf"(?:{_AGENCY})\s*(?P<sep>{_DASH}|[.:]\s+)(?=\S)")
# Agencies that sign behind the dash without brackets: "MOSCOW, March 5 - RIA Novosti. The ..."
_AGENCIES = (
    r"(?:Reuters|AP|AFP|DPA|dpa|epa|EFE|ANSA|PTI|UPI|Xinhua|Kyodo|Yonhap|RIA Novosti|Interfax|Sputnik|"
    r"TASS|BelTA|APA|sda|"
    r"Trend|Ukrinform|IRNA|Anadolu Agency|Anadolu|KUNA|WAM|SANA|MENA|CNA|VNA|Bernama|Antara|KCNA|Tanjug|"
    r"PAP|CTK|BTA|Belga)"
)
_SIGNED = re.compile(
    rf"(?P<agency>{_AGENCIES})"
    r"(?:\s*[-–—]{1,2}\s*|[.:]\s+)(?=\S)"
)
_KNOWN = re.compile(_AGENCIES)
# Words that stand like a place but head a comment, a bulletin or a list.
_NO_PLACE = re.compile(
    r"(?:update|updated|breaking|exclusive|analysis|opinion|comment|commentary|editorial|explainer|"
    r"factbox|fact|live|watch|video|"
    r"listen|read|note|editor'?s note|correction|corrected|interview|profile|feature|review|timeline|"
    r"background|context|"
    r"question|answer|q|a|q&a|moderator|reporter|journalist|host|transcript|summary|key points|"
    r"highlights|flash|alert|"
    r"urgent|first|second|third|finally|yes|no|but|and|so|still|now|then|also|however|meanwhile|source|"
    r"title|headline|"
    r"published|date|summary|photo|nato|un|eu|usa?|uk|unesco|ecowas|unicef)\b",
    re.IGNORECASE,
)
_SMALL = {
    "de",
    "la",
    "le",
    "el",
    "al",
    "of",
    "the",
    "and",
    "da",
    "do",
    "del",
    "los",
    "las",
    "an",
    "am",
    "upon",
    "on",
    "sur",
}
_MONTH_ONLY = re.compile(rf"(?:{MONTH}|{WEEKDAY})$", re.IGNORECASE)


_WEEKDAY_ONLY = re.compile(WEEKDAY, re.IGNORECASE)
_SPEAKER = re.compile(r"^([A-Z][A-Z'’. -]{2,40}): ", re.MULTILINE)
# A date line that fills its line: "VILNIUS, July 10".
_ALONE = re.compile(rf"{_PLACE}[.,]?\s*\(?(?P<date>{_DAYS})\)?[.,]?(?:\s*(?:{_AGENCY}))?\W*", re.IGNORECASE)


def _place_words(place: str) -> list[str]:
    return [word for word in re.split(r"[\s/,]+", place) if word]


def _capital_place(place: str) -> bool:
    """Whether the place is set in capitals up to its first comma ("TURNBERRY, Scotland")."""
    head = re.split(r",", place)[0]
    letters = [c for c in head if c.isalpha()]
    return len(letters) >= 3 and all(c.isupper() for c in letters)


def _titled_place(place: str) -> bool:
    words = _place_words(place)
    if len(words) > 5:
        return False
    return all(word[0].isupper() or word.lower() in _SMALL for word in words) and words[0][0].isupper()


def _dateline_of(line: _Line) -> Dateline | None:
    head = line.text[:160]
    only = _AGENCY_ONLY.match(head)
    if only is not None:
        agency = only["a1"] or only["a2"] or only["a3"]
        if (
            (only["a1"] or re.search(r"[-–—]", only["sep"]))
            and agency[0].isupper()
            and len(agency.split()) <= 5
        ):
            return Dateline("", None, None, None, agency, line.start, line.start + only.end(), None)
        return None
    alone = _ALONE.fullmatch(line.text) if len(line.text) <= 80 else None
    if (
        alone is not None
        and line.index
        and _capital_place(alone["place"])
        and not _NO_PLACE.match(alone["place"])
    ):
        year, month, day = _parts(alone)
        agency = alone["a1"] or alone["a2"] or alone["a3"]
        words = (line.start + alone.start("date"), line.start + alone.end("date"))
        return Dateline(alone["place"].rstrip(".,"), month, day, year, agency, line.start, line.end, words)
    found = _DATELINE.match(head)
    if found is None or found.end() >= len(line.text):
        return None
    place = found["place"].rstrip(".,")
    agency = found["a0"] or found["a1"] or found["a2"] or found["a3"]
    weekday = found["a2"] if found["a2"] and _WEEKDAY_ONLY.fullmatch(found["a2"]) else None
    if weekday:
        agency = found["a0"]
    if _NO_PLACE.fullmatch(place) or _MONTH_ONLY.match(place) or not _titled_place(place):
        return None
    if agency is not None and (not any(c.isalpha() for c in agency) or len(agency.split()) > 6):
        return None
    dashed = bool(re.search(r"[-–—]", found["sep"]))
    rest = line.text[found.end() :]
    opening = rest.lstrip("\"“„«‘'([")[:1]
    capitals = _capital_place(place)
    if found["date"]:
        # a headline may end in a date: the date line is followed by a sentence
        good = opening.isupper() or opening.isdigit() or (dashed and capitals)
        if found["w2"] and not dashed:
            good = False
    elif found["a1"]:
        good = True
    elif agency is not None or weekday:
        good = (dashed or capitals) and bool(
            capitals or weekday or (agency or "")[:1].isupper() or _KNOWN.fullmatch(agency or "")
        )
        good = good and bool(opening)
    elif capitals:
        good = (dashed or found["sep"].startswith((".", ":"))) and (opening.isupper() or opening.isdigit())
        good = good and bool(_SENTENCE_END.search(line.text) or len(rest) > 100)
    else:
        tight = found["sep"].startswith((".", ":")) or re.match(r"\s", found["sep"])
        good = (
            dashed
            and bool(tight)
            and opening.isupper()
            and len(rest) >= 40
            and bool(_SENTENCE_END.search(line.text) or len(rest) > 100)
            and not re.search(r"^[^.!?]*\s[-–—]{1,2}\s", rest)
            and len(_place_words(place)) <= 4
        )
    if not good:
        return None
    end = found.end()
    signed = _SIGNED.match(line.text, end)
    if signed is not None and agency is None and dashed:
        agency, end = signed["agency"], signed.end()
    head_place, comma, last = place.rpartition(", ")
    if comma and agency is None and _KNOWN.fullmatch(last):
        place, agency = head_place, last
    group = "date" if found["date"] else "a2" if weekday else None
    span = (line.start + found.start(group), line.start + found.end(group)) if group else None
    year, month, day = _parts(found)
    if found["date"] and not found["w2"] and month is None:
        return None
    return Dateline(place, month, day, year, agency, line.start, line.start + end, span)


def _parts(found: re.Match[str]) -> tuple[int | None, int | None, int | None]:
    for n in "1234":
        if found[f"d{n}"]:
            month = month_of(found[f"m{n}"]) if n in "12" else int(found[f"m{n}"])
            day = int(found[f"d{n}"])
            year = int(found[f"y{n}"]) if found[f"y{n}"] else None
            try:
                date(year or 2000, month, day)
            except ValueError:
                return None, None, None
            return year, month, day
    return None, None, None


def dateline(text: str) -> Dateline | None:
    """Return the date line of an article, sought at the heads of its first lines; None without one."""
    # "PUTIN: ..." in a transcript stands like "LONDON: ..."
    speakers = len({found[1] for found in _SPEAKER.finditer(text[:20_000])}) > 1
    for line in _lines(text):
        if line.index >= HEAD_LINES:
            return None
        if _is_furniture(line):
            continue
        found = _dateline_of(line)
        if found is not None and not (speakers and _SPEAKER.match(line.text)):
            return found
    return None
