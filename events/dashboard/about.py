"""Texts and tables of the page "About the data"."""

from __future__ import annotations

import platform
import re
from html import escape

import pandas as pd

from events import __version__, codebook
from events.accuracy import WEAK, Figure, accuracy
from events.charts import words
from events.charts.rows import records
from events.charts.theme import Theme
from events.dashboard import lists
from events.reference import data_path, sources, table

__all__ = [
    "CARDS",
    "CONTENTS",
    "METHOD",
    "NOTES",
    "accuracy_caption",
    "accuracy_html",
    "accuracy_title",
    "anchor",
    "card_text",
    "contents_html",
    "crosswalk",
    "domains_html",
    "fields_html",
    "method_html",
    "sources_html",
    "types_html",
    "versions_html",
]

CONTENTS = (
    ("codebook", "Types of events"),
    ("accuracy", "Accuracy by type"),
    ("method", "Method and formulas"),
    ("issues", "Domains and issues"),
    ("crosswalk", "CAMEO to PLOVER"),
    ("imports", "Other data sets"),
    ("outlets", "Outlets"),
    ("cards", "Model cards"),
    ("sources", "Sources"),
)

CARDS = (
    ("models/reader/CARD.md", "The reader that has learned"),
    ("models/CARD.md", "The English pipeline"),
)

METHOD = (
    (
        "Counting",
        (
            "An event counts once, however many articles tell it. In a table of states it counts once for each of its two "
            "parties; in a table of domains once for each of its domains. Undated recalled acts are listed, and counted nowhere."
        ),
    ),
    (
        "Which reports are one event",
        (
            "Reports of the same dyad, direction, type and status, from different articles, whose days lie at most one apart and whose places do not contradict each other. The event’s values are those of the report that "
            "founded it; who joined it, and why, is kept."
        ),
    ),
    (
        "Intensity",
        (
            "PLOVER’s scale, −10 (conflict) to +10 (cooperation), by type, refined by mode. A mean is the sum of the events’ "
            "intensities through their number. Its 90% interval: mean ± t(95%, n − 1) · s / √n, from five events on."
        ),
    ),
    (
        "Share in conflict",
        "Events of the two conflict classes through all events; its 90% interval is Wilson’s (1927).",
    ),
    (
        "What changed most",
        (
            "m₁ − m₂ of each dyad with five events in both periods, ± t · √(s₁²/n₁ + s₂²/n₂) (Welch), where "
            "s² = ((n − 1) · s² + 4 · s²pooled) / (n + 3) (moderated after Smyth 2004). Shown where the 90% interval leaves out zero. "
            "A type’s part: (share₁ − share₂) · (its intensity − m₂) + share₁ · the change of its own intensity; the parts add up."
        ),
    ),
    (
        "New since the last visit",
        (
            "Events whose founding report came into the store after the version that the reader last saw. Another report of a "
            "known act is no news. Visits less than half an hour apart are one."
        ),
    ),
    (
        "Blocs",
        (
            "With “Blocs with their members”, an organisation among the parties stands for its member states too, each on the "
            "days of its membership by the gazetteer; acts within a bloc are left out of its dyads."
        ),
    ),
    (
        "Confidence",
        "Fitted to hand-coded text so that of the reports with confidence 0.7 seven in ten have dyad, direction and type right.",
    ),
)

_VERSIONS = 8

NOTES = (
    (
        "unit",
        "What an event is",
        """
One act, said or done, by one party towards another: one type, one date, one place. Parties are states and
intergovernmental organisations; leaders, ministries, forces and companies stand for their state. An act of
both sides (a meeting, a treaty) is one event without direction. Each article that tells an act is one *report*
of it; reports of the same dyad, type and day are folded into one event.
""",
    ),
    (
        "evidence",
        "Evidence and confidence",
        """
Every coded value keeps the words of the article that bear it. An event’s confidence, from 0 to 1, tells how
often reports read so surely had dyad, direction and type right on hand-coded text that was written to be hard. What a
party says of another is that party’s own act: an allegation is coded as an accusation, not as the act alleged.
""",
    ),
    (
        "limits",
        "Limits",
        """
Only English text is coded. Two readers, rules and a small network, miss acts and misread some; read the evidence
before you quote a number.
Counts follow the press: more coverage gives more events, and what no outlet tells is not here. Means of few
events move by chance, so maps draw none below five.
""",
    ),
    (
        "licence",
        "Licence",
        """
Entente is open source; its terms are in the file `LICENSE`. The bundled data keep the licences named under
Sources; the fonts are IBM Plex (SIL Open Font Licence). The articles that you add stay on this machine.
""",
    ),
)


def anchor(name: str) -> str:
    """Return the mark that the contents lead to."""
    return f'<div class="en en-anchor" id="about-{name}"></div>'


def contents_html() -> str:
    """Return the contents of the page, as links within it."""
    items = "".join(f'<a href="#about-{name}">{escape(title)}</a>' for name, title in CONTENTS)
    return f'<nav class="en en-contents" aria-label="Contents">{items}</nav>'


def types_html(theme: Theme) -> str:
    """Return the codebook: glyph, type, intensity, definition, modes, and a mark on weak types."""
    body = "".join(
        f"<tr><td>{lists.glyph(entry.quad_class, theme)}&nbsp;<b>{escape(words.act(entry.name))}</b>"
        f"{_weak_mark(accuracy().types.get(entry.name))}</td>"
        f'<td class="en-r" style="color:{theme.sign_text(entry.intensity)}">'
        f"{words.intensity(entry.intensity)}</td>"
        f"<td>{escape(entry.definition)}{_modes(entry)}</td></tr>"
        for name in codebook.QUAD_CLASSES
        for entry in codebook.event_types().values()
        if entry.quad_class == name
    )
    header = '<tr><th>Type</th><th class="en-r">Intensity</th><th>What it covers, and its modes</th></tr>'
    return _table(header, body)


def _modes(entry: codebook.EventType) -> str:
    if not entry.modes:
        return ""
    names = ", ".join(name.replace("-", " ") for name in entry.modes)
    told = "".join(
        f"<dt>{escape(name.replace('-', ' '))} <span>{words.intensity(mode.intensity)}</span></dt>"
        f"<dd>{escape(mode.definition)}</dd>"
        for name, mode in entry.modes.items()
    )
    return f'<details class="en-more"><summary>{escape(names)}</summary><dl>{told}</dl></details>'


def _weak_mark(figure: Figure | None) -> str:
    return '<div><span class="en-weak">weak</span></div>' if figure and figure.weak else ""


def _table(header: str, body: str) -> str:
    return (
        f'<div class="en"><table class="en-table"><thead>{header}</thead><tbody>{body}</tbody></table></div>'
    )


def accuracy_html(theme: Theme) -> str:
    """Return each type’s F1 as a bar with its interval, precision, recall and n; the best first, weak ones marked."""
    figures = accuracy().types
    types = codebook.event_types()
    body = "".join(
        f"<tr><td>{lists.glyph(types[name].quad_class, theme)}&nbsp;<b>{escape(words.act(name))}</b></td>"
        f"<td>{_bar(figure.f1, figure.low, figure.high)}</td>"
        f'<td class="en-r"><b>{figure.f1:.2f}</b></td>'
        f'<td class="en-r">{figure.precision:.2f}</td><td class="en-r">{figure.recall:.2f}</td>'
        f'<td class="en-r">{figure.gold:,}</td>'
        f"<td>{'<span class=en-weak>weak</span>' if figure.weak else ''}</td></tr>"
        for name, figure in sorted(figures.items(), key=lambda item: (-item[1].f1, item[0]))
        if name in types
    )
    header = (
        '<tr><th>Type</th><th style="width:34%">F1 with 95% interval</th><th class="en-r">F1</th>'
        '<th class="en-r">Precision</th><th class="en-r">Recall</th><th class="en-r">n</th><th></th></tr>'
    )
    return _table(header, body)


def _bar(value: float, low: float, high: float) -> str:
    """Return a bar from 0 to 1 with its interval as a line."""
    return (
        f'<div class="en-f1" role="img" aria-label="{value:.2f}, between {low:.2f} and {high:.2f}">'
        f'<i style="width:{100 * value:.0f}%"></i>'
        f'<u style="left:{100 * low:.0f}%;width:{100 * (high - low):.0f}%"></u></div>'
    )


_FIELDS = {
    "dyad": "Dyad",
    "dyad and type": "Directed dyad and type",
    "dyad and quad class": "Dyad and quad class",
    "actors": "Actors (name and country)",
    "domains": "Domains of the issues",
    "date": "Date",
    "status": "Status",
    "place": "Place",
    "mode": "Mode",
    "left empty": "Texts without events left empty",
}


def fields_html() -> str:
    """Return what is right by field: F1 of what is a set, the share right of what is a value."""
    told = accuracy()
    rows = [
        *(
            (name, f"{f.precision:.2f}", f"{f.recall:.2f}", f"{f.f1:.2f}", f.low, f.high, f.gold)
            for name, f in told.sets.items()
        ),
        *((name, "", "", f"{s.right:.2f}", s.low, s.high, s.n) for name, s in told.shares.items()),
    ]
    body = "".join(
        f'<tr><td>{escape(_FIELDS.get(name, name))}</td><td class="en-r">{p}</td><td class="en-r">{r}</td>'
        f'<td class="en-r"><b>{value}</b></td><td class="en-r">{low:.2f}–{high:.2f}</td><td class="en-r">{n:,}</td></tr>'
        for name, p, r, value, low, high, n in rows
    )
    header = (
        '<tr><th>Field</th><th class="en-r">Precision</th><th class="en-r">Recall</th>'
        '<th class="en-r">F1, or share right</th><th class="en-r">95%</th><th class="en-r">n</th></tr>'
    )
    return _table(header, body)


def accuracy_title() -> str:
    """Return the finding: how far apart the best and the weakest types lie."""
    ranked = sorted(accuracy().types.items(), key=lambda item: (-item[1].f1, item[0]))
    (best, top), (worst, low) = ranked[0], ranked[-1]
    return f"{words.act(best)} is read best (F1 {top.f1:.2f}), {words.act(worst)} worst ({low.f1:.2f})"


def accuracy_caption() -> list[str]:
    """Return what the figures stand on."""
    told = accuracy()
    return [
        f"{told.gold_reports:,} hand-coded reports in {told.texts:,} texts that nobody looked at while the coder was worked on",
        "n: reports of this type in them",
        f"weak: the interval reaches below {WEAK:.2f}",
        "the texts were written to be hard",
        f"confidence is off by {told.calibration_error:.2f} on average",
    ]


def method_html() -> str:
    """Return how the figures are made, with their formulas."""
    body = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in METHOD)
    return f'<div class="en"><dl class="en-method">{body}</dl></div>'


def domains_html() -> str:
    """Return the domains with their issues folded below each."""
    by_domain: dict[str, list[str]] = {}
    for issue in codebook.issues().values():
        by_domain.setdefault(issue.domain, []).append(issue.name)
    body = "".join(
        f"<tr><td><b>{escape(entry.label)}</b><div class='en-foot'>{escape(entry.family)}</div></td>"
        f'<td>{escape(entry.description)}<details class="en-more"><summary>'
        f"{words.plural(len(by_domain.get(name, [])), 'issue')}</summary>"
        f"<p>{escape(', '.join(by_domain.get(name, [])))}</p></details></td></tr>"
        for name, entry in codebook.domains().items()
    )
    return _table("<tr><th>Domain</th><th>What it covers, and its issues</th></tr>", body)


def crosswalk() -> pd.DataFrame:
    """Return the crosswalk as it is shown: CAMEO code and name, PLOVER type and mode, note."""
    rows = table("codebook/cameo.csv")
    return pd.DataFrame(
        {
            "CAMEO": [row["cameo"] for row in rows],
            "Name": [row["name"] for row in rows],
            "PLOVER type": [row["event_type"].capitalize() or "–" for row in rows],
            "Mode": [row["mode"].replace("-", " ") for row in rows],
            "Note": [row["note"] for row in rows],
        }
    )


def card_text(path: str) -> str:
    """Return a model card as markdown with small headings."""
    text = data_path(path).read_text(encoding="utf-8")
    return re.sub(r"^#+ ", "##### ", text, flags=re.MULTILINE)


def _link(url: str, text: str) -> str:
    if not url.startswith(("https://", "http://")):
        return escape(text)
    return f'<a href="{escape(url, quote=True)}" target="_blank" rel="noopener noreferrer">{escape(text)}</a>'


def sources_html() -> str:
    """Return the papers of all bundled files."""
    body = "".join(
        f"<tr><td>{_link(item.url, item.title)}"
        f'<div class="en-foot en-mono">data/{escape(item.path)}</div></td>'
        f"<td>{escape(item.producer)}</td><td>{escape(item.licence)}"
        f'<div class="en-foot">{escape(item.version)}</div>'
        "</td></tr>"
        for item in sources()
    )
    header = "<tr><th>File</th><th>Producer</th><th>Licence, version</th></tr>"
    return _table(header, body)


def versions_html(versions: pd.DataFrame, datasets: dict[str, int]) -> str:
    """Return the newest commits of the store and its datasets."""
    newest = versions.sort_values("version", ascending=False).head(_VERSIONS)
    body = "".join(
        f'<tr><td class="en-r">{int(row.version)}</td><td>{escape(words.time_of(str(row.when)))}</td>'
        f"<td>{escape(str(row.action))}</td></tr>"
        for row in records(newest)
    )
    software = f"Entente {__version__}, Python {platform.python_version()}"
    held = " · ".join(f"{escape(name)}: {words.plural(n, 'article')}" for name, n in sorted(datasets.items()))
    listed = (
        '<table class="en-table"><thead><tr><th class="en-r">Version</th><th>When</th><th>What</th></tr>'
        "</thead>"
        f"<tbody>{body}</tbody></table>"
        if body
        else ""
    )
    return f'<div class="en"><p>{held or "The store is empty."}</p>{listed}<p class="en-foot">{software}</p></div>'
