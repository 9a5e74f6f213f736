"""Texts and tables of the page "About the data"."""

from __future__ import annotations

from html import escape

import pandas as pd

from events import codebook
from events.charts import words
from events.charts.rows import records
from events.charts.theme import Theme
from events.dashboard import lists
from events.reference import sources

__all__ = ["NOTES", "sources_html", "types_html", "versions_html"]

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
        "borders",
        "Boundaries",
        """
The map follows visionscarto’s world atlas on Natural Earth: Crimea with Ukraine; Kosovo, Western Sahara and
Taiwan shown apart; Northern Cyprus with Cyprus, Somaliland with Somalia; the Golan Heights, which the atlas does
not part from Israel, with Israel, Kashmir along the lines of control.
Boundaries and names imply no endorsement. To show others, replace `data/geo/world_50m.json` and its copy under
`events/dashboard/static/topojson/`.
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


def types_html(theme: Theme) -> str:
    """Return the codebook: glyph, type, intensity, definition, modes."""
    body = "".join(
        f"<tr><td>{lists.glyph(entry.quad_class, theme)}&nbsp;<b>{escape(words.act(entry.name))}</b></td>"
        f'<td class="en-r" style="color:{theme.sign_text(entry.intensity)}">'
        f"{words.intensity(entry.intensity)}</td>"
        f"<td>{escape(entry.definition)}"
        + (
            f'<div class="en-foot">{escape(", ".join(mode.replace("-", " ") for mode in entry.modes))}</div>'
            if entry.modes
            else ""
        )
        + "</td></tr>"
        for name in codebook.QUAD_CLASSES
        for entry in codebook.event_types().values()
        if entry.quad_class == name
    )
    header = '<tr><th>Type</th><th class="en-r">Intensity</th><th>What it covers, and its modes</th></tr>'
    return (
        f'<div class="en"><table class="en-table"><thead>{header}</thead><tbody>{body}</tbody></table></div>'
    )


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
    return (
        f'<div class="en"><table class="en-table"><thead>{header}</thead><tbody>{body}</tbody></table></div>'
    )


def versions_html(versions: pd.DataFrame, datasets: dict[str, int]) -> str:
    """Return the newest commits of the store and its datasets."""
    newest = versions.sort_values("version", ascending=False).head(_VERSIONS)
    body = "".join(
        f'<tr><td class="en-r">{int(row.version)}</td><td>{escape(words.time_of(str(row.when)))}</td>'
        f"<td>{escape(str(row.action))}</td></tr>"
        for row in records(newest)
    )
    held = " · ".join(f"{escape(name)}: {words.plural(n, 'article')}" for name, n in sorted(datasets.items()))
    table = (
        '<table class="en-table"><thead><tr><th class="en-r">Version</th><th>When</th><th>What</th></tr>'
        "</thead>"
        f"<tbody>{body}</tbody></table>"
        if body
        else ""
    )
    return f'<div class="en"><p>{held or "The store is empty."}</p>{table}</div>'
