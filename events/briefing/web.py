"""A briefing as one page (HTML) that needs no network, and printed (PDF).

Figures are drawn by plotly.js, which the page carries, so that they say more when one points at them; fonts and
borders are in it too. It prints on A4 or Letter as it stands: the PDF is that print, made by Chrome.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from functools import cache
from html import escape
from pathlib import Path

import plotly.graph_objects as go

from events.briefing import pictures
from events.briefing.content import Briefing, Fact, Line, Note, Section, Table, Visual, key_item
from events.briefing.fonts import faces
from events.briefing.frames import plotly_script, script_json
from events.charts import plots
from events.charts.borders import borders
from events.charts.remarks import MARK, Remarks
from events.charts.theme import FONT as SANS
from events.charts.theme import GLYPHS, LIGHT, SERIF
from events.errors import NoChrome, PictureError
from events.reference import data_path

__all__ = ["figure_of", "page", "printed"]

_PAPER = 650  # px of a column on paper
_PATIENCE = 120  # seconds for a print; a page of ten figures takes ten on a busy machine


def figure_of(visual: Visual) -> go.Figure:
    """Return the figure of a visual: its own, or that of its plot."""
    if visual.figure is not None:
        return visual.figure
    assert visual.plot is not None  # noqa: S101 a visual has one of the two
    rows = len(visual.plot.categories)
    height = 46 + 30 * rows if visual.plot.kind == "bars" else visual.size[1]
    return plots.draw(visual.plot, LIGHT, height=height, width=visual.size[0])


def page(briefing: Briefing) -> str:
    """Return the briefing as an HTML page."""
    b = briefing
    figures = [section.visual for section in b.sections if section.visual]
    world = any(visual.geo for visual in figures)
    body = [
        (
            f'<header><h1>{escape(b.title)}</h1><p class="sub">{escape(b.subtitle)}</p>'
            f'<p class="source">{escape(b.basis)}<br>{escape(b.source)}</p>'
        ),
        '<p class="note">Sample data: shown to tell what a briefing looks like, not for use.</p>'
        if b.samples
        else "",
        "</header>",
    ]
    at = 0
    for number, section in enumerate(b.sections, start=1):
        body.append(_section(section, number, at))
        at += section.visual is not None
    body.append(_sources(b.notes))
    specs = [_spec(visual) for visual in figures]
    kept = {
        "entente": b.recipe.title or b.title, "source": b.source, "basis": b.basis, "dataset": b.dataset, "store_version": b.version,
        "made": b.made.isoformat(timespec="seconds"), "events": b.counts.events, "articles": b.counts.articles, "outlets": b.counts.outlets,
    }  # fmt: skip
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(b.title)}</title>\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'unsafe-inline'; font-src data:; img-src data: blob:; connect-src data: blob:\">\n"
        f'<meta name="description" content="{escape(b.basis)}"><meta name="generator" content="Entente">\n'
        f"<style>{_style(b)}</style></head>\n"
        f'<body class="{"samples" if b.samples else ""}"><main>{"".join(body)}</main>\n'
        f'<script type="application/json" id="about">{script_json(kept)}</script>\n'
        + (f"<script>{_borders() if world else ''}{plotly_script()}</script>\n" if figures else "")
        + (f"<script>const figures={script_json(specs)};{_DRAW}</script>\n" if figures else "")
        + "</body></html>\n"
    )


_DRAW = """
const config={displayModeBar:false,responsive:false,showSendToCloud:false,displaylogo:false};
Promise.all([document.fonts.ready,...["400 16px 'IBM Plex Sans'","600 16px 'IBM Plex Sans'"].map(f=>document.fonts.load(f))]).then(()=>
Promise.all(figures.map((f,i)=>Plotly.newPlot("figure"+(i+1),f.data,f.layout,config)))).then(()=>{document.body.dataset.drawn="yes"});
"""


@cache
def _bundled() -> str:
    return data_path("geo/world_50m.json").read_text(encoding="utf-8")


def _borders() -> str:
    """Return the script that gives plotly.js its borders."""
    own = borders().world
    world = own.decode("utf-8") if own else _bundled()
    return f'window.PlotlyGeoAssets={{topojson:{{"world_50m":{script_json(json.loads(world))}}}}};\n'


def _spec(visual: Visual) -> dict[str, object]:
    figure = figure_of(visual)
    spec = pictures.plot(figure)
    width = visual.size[0]
    spec["layout"] |= {
        "width": width,
        "height": int(figure.layout.height or visual.size[1]),
        "paper_bgcolor": "rgba(0,0,0,0)",
    }
    return spec


# Parts


def _section(section: Section, number: int, figures: int) -> str:
    parts = [
        f'<section id="s{number}" class="{section.kind}"><div class="keep"><h2>{escape(section.title)}</h2>'
    ]
    if section.subtitle:
        parts.append(f'<p class="sub">{escape(section.subtitle)}</p>')
    if section.note:
        parts.append(f'<p class="note">{_lines_of(section.note)}</p>')
    if section.empty and not (section.lines or section.table or section.visual):
        parts.append(f"<p>{escape(section.empty)}</p>")
    if section.kind == "headline":
        parts.append('<div class="figures">' + "".join(_headline(fact) for fact in section.facts) + "</div>")
    if section.visual:
        parts.append(_figure(section.visual, figures + 1))
    parts.append("</div>")
    parts += [f"<p>{escape(text)}</p>" for text in section.paragraphs]
    if section.facts and section.kind != "headline":
        parts.append('<ul class="facts">' + "".join(_fact(fact) for fact in section.facts) + "</ul>")
    if section.lines:
        parts.append(_chronology(section.lines))
    if section.table:
        parts.append(_table(section.table))
    parts.append(_remarks(section.remarks))
    parts.append(f'<p class="source">{escape(" · ".join(section.drawn_caption))}</p>')
    if section.details:
        parts.append(
            '<div class="details">' + "".join(f"<p>{escape(text)}</p>" for text in section.details) + "</div>"
        )
    return "".join(parts) + "</section>\n"


def _remarks(remarks: Remarks) -> str:
    if not remarks.every and not remarks.cut:
        return ""
    told = "".join(
        f"<li><b>{MARK} {remark.letter}</b> {escape(remark.words)}</li>" for remark in remarks.shown
    )
    return f'<div class="remarks"><h3>Analysts’ notes</h3><ul>{told}</ul>{f"<p>{remarks.cut}.</p>" if remarks.cut else ""}</div>'


def _lines_of(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())


def _cites(notes: tuple[int, ...]) -> str:
    links = ", ".join(f'<a href="#n{number}">{number}</a>' for number in notes)
    return f"<sup>{links}</sup>" if links else ""


def _ink(sign: int) -> str:
    return "plus" if sign > 0 else "minus" if sign < 0 else "even"


def _headline(fact: Fact) -> str:
    return (
        f'<div><span class="name">{escape(fact.name)}</span><b class="{_ink(fact.sign)}">{escape(fact.figure)}</b>'
        f"<small>{escape(fact.text)}</small></div>"
    )


def _fact(fact: Fact) -> str:
    return f'<li><b class="{_ink(fact.sign)}">{escape(fact.figure)}</b> {escape(fact.text)}{_cites(fact.notes)}</li>'


def _figure(visual: Visual, number: int) -> str:
    key = "".join(
        (
            f'<span><b style="color:{escape(colour)}">{glyph}</b>{escape(name)}</span>'
            if glyph
            else f'<span><i style="background:{escape(colour)}"></i>{escape(name)}</span>'
        )
        if name
        else f"<span>{escape(colour)}</span>"
        for colour, name, glyph in map(key_item, visual.key.split("\n"))
    )
    height = int(figure_of(visual).layout.height or visual.size[1])
    return (
        f'<figure><div class="plot" id="figure{number}" role="img" aria-label="{escape(visual.alt)}" '
        f'style="width:{visual.size[0]}px;height:{height}px;--print:{_PAPER / visual.size[0]:.3f}"></div>'
        f"{f'<p class=key>{key}</p>' if visual.key else ''}</figure>"
    )


def _chronology(lines: tuple[Line, ...]) -> str:
    rows = []
    for line in lines:
        where = f' <span class="where">{escape(line.entry.where)}.</span>' if line.entry.where else ""
        caveats = (
            f' <span class="caveat">[{escape("; ".join(line.entry.caveats))}]</span>'
            if line.entry.caveats
            else ""
        )
        rows.append(
            f'<tr id="e-{escape(line.event_id)}"><th>{line.number or ""}</th><td class="day">{escape(line.entry.when)}</td>'
            f'<td class="glyph" style="color:{LIGHT.classes[line.quad_class]}" aria-label="{line.quad_class}">{GLYPHS[line.quad_class]}</td>'
            f"<td>{escape(line.entry.told)}{where}{caveats}{_cites((line.note,))}</td></tr>"
        )
    return f'<table class="lines"><tbody>{"".join(rows)}</tbody></table>'


def _table(table: Table) -> str:
    whole = sum(table.widths)
    columns = "".join(f'<col style="width:{100 * share / whole:.1f}%">' for share in table.widths)
    head = "".join(
        f'<th class="{side}">{escape(text)}</th>' for text, side in zip(table.head, table.align, strict=True)
    )
    rows = []
    for y, row in enumerate(table.rows):
        cells = [f'<td class="{side}">{escape(text)}' for text, side in zip(row, table.align, strict=True)]
        if y in table.notes:
            cells[table.noted] += _cites((table.notes[y],))
        rows.append("<tr>" + "".join(f"{cell}</td>" for cell in cells) + "</tr>")
    return f'<table class="grid"><colgroup>{columns}</colgroup><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def _sources(notes: tuple[Note, ...]) -> str:
    if not notes:
        return ""
    items = []
    for note in notes:
        told = []
        for article in note.articles:
            title = f"“{escape(article.title)}”" if article.title else ""
            if article.url:
                title = f'<a href="{escape(article.url)}" rel="noreferrer noopener">{title or escape(article.url)}</a>'
            told.append(
                ", ".join(
                    filter(
                        None, (escape(article.outlet or "outlet unknown"), title, escape(article.published))
                    )
                )
            )
        more = f"; {note.more} more" if note.more else ""
        items.append(
            f'<li id="n{note.number}">{"; ".join(told) or "no article"}{more} <code>{escape(note.event_id)}</code></li>'
        )
    return f'<section class="sources"><h2>Sources</h2><p class="sub">Numbers as in the text: the event’s articles, then its id</p><ol>{"".join(items)}</ol></section>'


# The design


def _style(briefing: Briefing) -> str:
    fonts = "".join(
        f"@font-face{{font-family:'{face.family}';font-weight:{face.weight};src:url({face.url}) format('woff2');unicode-range:{face.unicode}}}"
        for face in faces()
    )
    t = LIGHT
    running = briefing.source.replace("\\", "").replace('"', "'")
    mark = (
        "body.samples::before{content:'SAMPLE DATA';position:fixed;top:42%;left:50%;transform:translate(-50%,-50%) rotate(-30deg);"
        f"font:600 92px {SANS};color:{t.gap};z-index:-1;white-space:nowrap}}"
        if briefing.samples
        else ""
    )
    return f"""{fonts}
@page{{size:{briefing.recipe.paper};margin:20mm 18mm 20mm;@bottom-left{{content:"{running}";font:8pt {SANS};color:{t.faint}}}
@bottom-right{{content:counter(page) " of " counter(pages);font:8pt {SANS};color:{t.faint}}}}}
*{{box-sizing:border-box}}html{{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
body{{margin:0;background:#fff;color:{t.text};font:400 15px/1.5 {SANS};font-variant-numeric:tabular-nums}}{mark}
main{{max-width:960px;margin:0 auto;padding:40px 30px}}
h1,h2{{font-family:{SERIF};font-weight:600;line-height:1.18;margin:0;overflow-wrap:anywhere;text-wrap:balance}}h1{{font-size:36px}}h2{{font-size:23px}}
section{{margin-top:44px}}p{{margin:8px 0;orphans:3;widows:3}}.sub{{color:{t.muted};margin:4px 0 10px}}.source,.details{{font-size:12px;color:{t.faint};line-height:1.45}}.remarks{{font-size:12.5px;line-height:1.45;break-inside:avoid}}.remarks h3{{font:600 12.5px {SANS};margin:14px 0 4px}}.remarks ul{{list-style:none;margin:0;padding:0;columns:2;column-gap:28px}}.remarks li{{break-inside:avoid;padding-left:30px;text-indent:-30px;margin:0 0 4px;overflow-wrap:anywhere}}.remarks li b{{display:inline-block;width:30px;text-indent:0}}.key b{{font-weight:400;margin-right:5px}}
.note{{border-left:3px solid {t.accent};padding-left:12px;font-weight:600}}.keep{{break-inside:avoid}}h2{{break-after:avoid}}
.figures{{display:grid;grid-template-columns:repeat(5,1fr);gap:14px;margin:14px 0}}.figures div{{border-top:1px solid {t.line};padding-top:8px}}
.figures .name,.figures small{{display:block;font-size:12px;color:{t.muted};line-height:1.35}}.figures b{{display:block;font-size:25px;line-height:1.25}}
.plus{{color:{t.cooperation_text}}}.minus{{color:{t.conflict_text}}}b,th,strong{{font-weight:600}}
figure{{margin:12px 0}}.plot{{max-width:100%}}.key{{font-size:12px;color:{t.muted};margin:4px 0}}.key span{{margin-right:16px;white-space:nowrap}}.key i{{display:inline-block;width:9px;height:9px;margin-right:5px}}
.facts{{list-style:none;padding:0;display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:10px 28px;break-inside:avoid}}.facts li{{break-inside:avoid}}.facts b{{font-size:19px}}
sup{{font-size:11px;line-height:0}}a{{color:{t.cooperation_text}}}sup a{{text-decoration:none;color:{t.muted}}}
table{{border-collapse:collapse;width:100%;margin:10px 0}}tr{{break-inside:avoid}}td,th{{vertical-align:top;text-align:left;padding:5px 10px 5px 0}}
.grid{{table-layout:fixed;font-size:13px}}.grid th{{color:{t.muted};border-bottom:1px solid {t.muted}}}.grid td{{border-bottom:1px solid {t.line};overflow-wrap:anywhere}}.grid .r{{text-align:right}}
.lines th{{width:22px}}.lines .day{{width:118px;color:{t.muted};white-space:nowrap}}.lines .glyph{{width:24px}}.where,.caveat{{color:{t.muted}}}
.sources ol{{padding-left:34px;font-size:12.5px}}.sources li{{margin:3px 0;break-inside:avoid;overflow-wrap:anywhere}}code{{font:11px IBM Plex Mono,monospace;color:{t.faint}}}
.source,.remarks,.grid tr:nth-last-child(-n+2),.lines tr:nth-last-child(-n+2){{break-before:avoid}}
@media print{{body{{font-size:13.3px}}h1{{font-size:29px}}h2{{font-size:19px}}main{{max-width:none;padding:0}}section{{margin-top:30px}}a{{color:inherit}}.plot{{zoom:var(--print)}}.grid{{font-size:11.5px}}.source,.details,.remarks,.remarks h3,.key,.sources ol{{font-size:10.6px}}.figures b{{font-size:21px}}.figures .name,.figures small{{font-size:10.6px}}.lines .day{{width:96px}}}}
@media screen and (max-width:980px){{.figures,.facts{{grid-template-columns:repeat(2,1fr)}}.plot{{overflow-x:auto}}}}"""


def printed(briefing: Briefing) -> bytes:
    """Return the page as PDF, printed by an installed Chrome; raises NoChrome, or PictureError where that fails.

    Where Chrome ends meanwhile it is started once more; a PDF without its end is never returned.
    """
    path = pictures.chrome()
    if path is None:
        raise NoChrome
    text = page(briefing)
    said = ""
    for _ in range(2):
        data, said = _print(path, text)
        if b"%%EOF" in data[-32:]:
            return _stamped(data, briefing)
    raise PictureError(
        f"Chrome did not print to the end ({said or 'it said nothing'}); is there memory enough?"
    )


def _print(path: str, text: str) -> tuple[bytes, str]:
    """Let Chrome print a page; return what it printed, and the last that it said."""
    with tempfile.TemporaryDirectory(prefix="entente-print-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder) / "brief.html", Path(folder) / "brief.pdf"
        source.write_text(text, encoding="utf-8")
        command = [
            path, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-extensions", "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder}/profile",
            "--virtual-time-budget=30000", "--no-pdf-header-footer", f"--print-to-pdf={target}", source.as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=False)  # noqa: S603 our own command
        except subprocess.TimeoutExpired as error:
            raise PictureError(
                f"Chrome did not print within {_PATIENCE} s; try again, or print the HTML"
            ) from error
        except OSError as error:
            raise PictureError(f"Chrome at {path} does not start ({error.strerror})") from error
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return target.read_bytes() if target.is_file() else b"", lines[-1] if lines else ""


def _stamped(data: bytes, briefing: Briefing) -> bytes:
    """Return the PDF with the day of the store version as its date, so that the same briefing has the same bytes."""
    stamp = briefing.made.strftime("D:%Y%m%d%H%M%S").encode()
    return re.sub(rb"D:\d{14}", stamp, data)
