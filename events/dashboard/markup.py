"""HTML of the dashboard's own parts, and the one style sheet. Pure functions; every text is escaped here."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

from events.charts import words
from events.charts.legends import Item, Legend, Steps
from events.charts.theme import GLYPHS, MONO, SERIF, Theme
from events.schema import Event, Report

__all__ = [
    "block",
    "caption",
    "caption_line",
    "card_head",
    "chronicle",
    "directions",
    "drawer_line",
    "empty",
    "event_head",
    "event_sentence",
    "figures",
    "glyph_key",
    "head",
    "legend",
    "part",
    "plain",
    "report_head",
    "rows",
    "style",
    "table",
]


def _vars(theme: Theme) -> str:
    names = (
        *(
            "canvas",
            "card",
            "text",
            "muted",
            "faint",
            "line",
            "grid",
            "accent",
            "accent_ink",
            "land",
            "land_edge",
        ),
        *("conflict", "conflict_text", "cooperation", "cooperation_text"),
    )
    return "".join(f"--en-{name.replace('_', '-')}:{getattr(theme, name)};" for name in names)


_SHEET = """
:root{%VARS%}
.stMainBlockContainer{max-width:1680px;padding-left:35px;padding-right:35px}
button[kind="primary"],.stMultiSelect [data-tag]{color:var(--en-accent-ink)}
.en{font-size:13.5px;line-height:1.45;color:var(--en-text);font-variant-numeric:tabular-nums}
.en-h1{font-family:%SERIF%;font-weight:600;font-size:27px;line-height:1.15;margin:0;overflow-wrap:anywhere}
.en-sub{font-size:14px;color:var(--en-muted);margin:5px 0 0}
[class*="st-key-card_"]{background:var(--en-card);border:1px solid var(--en-line);border-radius:8px;
 padding:16px 18px 12px;gap:10px}
.en-ct{font-weight:600;font-size:16px;line-height:1.3;margin:0 32px 0 0;overflow-wrap:anywhere}
.en-cs{font-size:13px;color:var(--en-muted);margin:2px 0 0}
.en-cap{font-size:11.5px;line-height:1.45;color:var(--en-faint);border-top:1px solid var(--en-line);
 padding-top:9px;margin-top:2px;overflow-wrap:anywhere}
.en-figs{display:grid;grid-template-columns:repeat(5,1fr)}
.en-fig{padding:2px 18px 2px 20px;border-left:1px solid var(--en-line)}
.en-fig:first-child{padding-left:0;border-left:0}
.en-fig b{display:block;font-size:26px;line-height:1.25;font-weight:600}
.en-fig span{display:block;font-size:12.5px;color:var(--en-muted)}
@media (max-width:1100px){.en-figs{grid-template-columns:repeat(3,1fr);row-gap:14px}
 .en-fig:nth-child(3n+1){padding-left:0;border-left:0}}
@media (max-width:560px){.en-figs{grid-template-columns:1fr 1fr}.en-fig{padding-left:0;border-left:0}}
.en-row{display:grid;gap:2px 12px;padding:9px 0;border-top:1px solid var(--en-grid);align-items:baseline}
.en-row:first-child{border-top:0;padding-top:2px}
.en-row.en-3{grid-template-columns:66px 14px 1fr}
.en-row.en-years{grid-template-columns:92px 14px 1fr}
.en-row.en-2{grid-template-columns:1fr auto}
.en-row.en-mover{grid-template-columns:1fr 62px 84px;gap:0 8px;align-items:center}
.en-row.en-mover p{grid-column:1/-1}
.en-row.en-coming{grid-template-columns:92px 1fr}
.en-row strong{font-weight:600;overflow-wrap:anywhere}
.en-row p{margin:1px 0 0;color:var(--en-muted);font-size:12.5px;overflow-wrap:anywhere}
.en-row time{color:var(--en-muted);white-space:nowrap}
.en-num{text-align:right;white-space:nowrap;font-weight:600}
.en-num small{display:block;font-weight:400;color:var(--en-muted);font-size:12px}
@media (max-width:1100px){
 [class*="st-key-stacks"]>div>[data-testid="stHorizontalBlock"]{flex-direction:column}
 [class*="st-key-stacks"]>div>[data-testid="stHorizontalBlock"]>[data-testid="stColumn"]{width:100%;flex:1 1 auto}
 .st-key-mapkey{flex-direction:column}.st-key-mapkey>*{flex:0 0 auto}
 .stMainBlockContainer{padding-left:20px;padding-right:20px}}
.en-key{display:flex;flex-wrap:wrap;gap:6px 16px;align-items:flex-start;font-size:11.5px;
 color:var(--en-muted)}
.en-keys{flex-wrap:nowrap}
.en-items{display:flex;flex-wrap:wrap;gap:4px 14px;flex:1 1 120px}
.en-boxes{display:inline-grid;grid-auto-flow:column}
.en-boxes i{display:block;height:10px;width:var(--w);font-style:normal}
.en-boxes i:first-child{border-radius:2px 0 0 2px}.en-boxes i:last-child{border-radius:0 2px 2px 0}
.en-edges{display:flex}.en-edges span{width:var(--w);text-align:center;flex:none;padding-top:2px}
.en-item{display:inline-flex;gap:6px;align-items:center;min-height:12px}
.en-land{width:16px;height:10px;border:1px solid var(--en-land-edge);
 background:var(--en-land);border-radius:2px}
.en-ring{width:8px;height:8px;border:1.3px solid var(--en-faint);border-radius:50%}
.en-empty{padding:26px 8px;text-align:center;color:var(--en-muted)}
.en-empty b{color:var(--en-text);display:block}
.en-glyph{font-size:12px}.en-doubt{color:var(--en-muted);cursor:help;margin-left:3px}.en-mono{font-family:%MONO%;font-size:12px}
.en-chipname{color:var(--en-faint)}
[class*="st-key-chip_"] button{background:var(--en-card);border:1px solid var(--en-line);border-radius:999px;
 min-height:32px;padding:2px 12px}
[class*="st-key-chip_"] button p{font-size:12.5px;color:var(--en-faint)}
[class*="st-key-chip_"] button strong{font-weight:400;color:var(--en-text)}
.st-key-reset button p{font-size:12.5px;text-decoration:underline;text-underline-offset:3px}
[class*="st-key-card_"]{position:relative}
[class*="st-key-card_"] .stMarkdown p{font-size:13.5px;line-height:1.5}
[class*="st-key-more_"]{position:absolute;top:8px;right:8px;width:auto}
[class*="st-key-more_"] button{padding:0 8px;min-height:32px}
[class*="st-key-more_"] button p{font-size:8px;letter-spacing:1px;color:var(--en-muted)}
[class*="st-key-more_"] button > div > div[aria-hidden="true"]{display:none}
.st-key-reading{position:fixed;right:24px;bottom:20px;width:auto;z-index:999990}
.en-reading{font-size:13px;padding:9px 14px;border-radius:8px;border:1px solid var(--en-line);background:var(--en-card);color:var(--en-text)}
[class*="st-key-menubody_"] p,[class*="st-key-menubody_"] label p{font-size:13px;line-height:1.45}
[class*="st-key-menubody_"] code{font-size:12px}
.en-foot{font-size:11.5px;line-height:1.5;color:var(--en-faint)}
.en-article{font-family:%SERIF%;font-size:16px;line-height:1.78;color:var(--en-text);overflow-wrap:anywhere}
.en-article p{margin:0 0 10px}
.en-article .en-title{font-weight:600;font-size:19px;line-height:1.5}
.en-article .en-cut{color:var(--en-faint);text-align:center;margin:2px 0 8px}
.en-mark{background:var(--t);border-bottom:2px solid var(--i);border-radius:3px 3px 0 0;padding:1px 2px 0;
 -webkit-box-decoration-break:clone;box-decoration-break:clone}
.en-mark .en-mark{padding:1px 1px 0}
.en-tag{font-family:%SANS%;font-size:9.5px;font-weight:600;color:var(--i);margin-left:2px;line-height:0;
 vertical-align:super}
.en-other{color:var(--en-muted);border:0;background:none;padding:0}
.en-other>.en-tag{color:var(--en-text);border:1px solid var(--en-line);border-radius:4px;padding:1px 5px;
 vertical-align:baseline;font-size:10.5px;background:var(--en-card)}
.en-fields{display:grid}
.en-field{display:grid;grid-template-columns:74px 1fr 92px;gap:10px;align-items:center;padding:5px 0;
 border-top:1px solid var(--en-grid);font-size:13px}
.en-lone{justify-self:start;padding:0 6px 1px}
.en-lone .en-tag{margin:0;font-size:11px;line-height:1.5;vertical-align:0}
.en-value{overflow-wrap:anywhere}
.en-sure{display:flex;gap:7px;align-items:center;justify-content:flex-end}
.en-bar{width:36px;height:4px;border-radius:2px;background:var(--en-grid);display:inline-block}
.en-bar span{display:block;height:4px;border-radius:2px;background:var(--en-muted)}
.en-conf{color:var(--en-muted);font-size:12px}
.en-table{width:100%;border-collapse:collapse;font-size:13px}
.en-table th{text-align:left;font-weight:600;padding:6px 12px 6px 0;border-bottom:1px solid var(--en-line)}
.en-table td{padding:7px 12px 7px 0;border-bottom:1px solid var(--en-grid);vertical-align:top;
 overflow-wrap:break-word}
.en-table b{white-space:nowrap}.en-table .en-mono{overflow-wrap:anywhere}
.en-link{width:18px;height:3px;border-radius:2px;display:inline-block}
[class*="st-key-list_"] button{justify-content:flex-start;text-align:left;padding:6px 0;min-height:34px;
 border-radius:0;border-bottom:1px solid var(--en-grid)}
[class*="st-key-list_"] button p{font-size:13px;line-height:1.4;text-align:left;overflow-wrap:anywhere}
[class*="st-key-list_"] button > div{justify-content:flex-start}
.st-key-card_cell .en-figs,.st-key-card_link .en-figs,.st-key-card_party .en-figs,
.st-key-card_profile .en-figs{grid-template-columns:repeat(3,1fr)}
.st-key-card_cell .en-fig,.st-key-card_link .en-fig,.st-key-card_party .en-fig{padding:0 4px 0 10px}
.st-key-card_cell .en-fig:first-child,.st-key-card_link .en-fig:first-child,
.st-key-card_party .en-fig:first-child{padding-left:0}
.st-key-card_cell .en-fig b,.st-key-card_link .en-fig b,.st-key-card_party .en-fig b{font-size:20px}
.st-key-card_cell .en-fig span,.st-key-card_link .en-fig span,
.st-key-card_party .en-fig span{font-size:11.5px}
.en-table .en-r{text-align:right}
.st-key-atlas_box,.st-key-map_box{aspect-ratio:705/318}
.st-key-map_time .stSlider{flex:1 1 260px}
.st-key-map_settings [data-testid="stSelectbox"] label p{font-size:12.5px;color:var(--en-muted)}
.st-key-pick_rows button{border-top:1px solid var(--en-grid);border-radius:0;padding:5px 0}
.st-key-pick_rows button>div,.st-key-pick_rows button>div>span,
.st-key-pick_rows button [data-testid="stMarkdownContainer"]{width:100%}
.st-key-pick_rows button p{display:flex;gap:8px;align-items:baseline;font-size:13.5px;text-align:left}
.st-key-pick_rows button p>:first-child{flex:1;font-weight:600;color:var(--en-text)}
.st-key-pick_rows button p>:last-child{min-width:34px;text-align:right}
.en-part{font-size:12.5px;font-weight:600;color:var(--en-muted);margin:6px 0 0}
.en-seat{width:9px;height:9px;border:1.3px solid var(--en-text)}
.en-dot{width:8px;height:8px;border-radius:50%;background:var(--en-cooperation)}
.en-disc{width:16px;height:16px;border-radius:50%;border:1px solid var(--en-cooperation);
 background:color-mix(in srgb,var(--en-cooperation) 28%,transparent)}
.en-round{width:16px;height:16px;border-radius:50%;border:1.6px solid var(--en-cooperation)}
@media (prefers-reduced-motion:reduce){.st-key-map_play{display:none}}
.en-kept strong{font-weight:600;overflow-wrap:anywhere}.en-kept p{margin:1px 0 0;font-size:12.5px;color:var(--en-muted)}
[class*="st-key-kept_"]{border-top:1px solid var(--en-grid);padding-top:8px}
[class*="st-key-kept_"] button p,[class*="st-key-kept_"] a p{font-size:12.5px}
.en-weak{display:inline-block;font-size:11px;font-weight:600;line-height:1.5;padding:0 6px;border-radius:4px;
 border:1px dashed var(--en-muted);color:var(--en-muted)}
.en-f1{position:relative;height:16px;min-width:90px;background:var(--en-grid);border-radius:3px}
.en-f1 i{position:absolute;left:0;top:3px;height:10px;background:var(--en-muted);border-radius:2px}
.en-f1 u{position:absolute;top:7px;height:2px;background:var(--en-text)}
.en-more summary{cursor:pointer;font-size:12px;color:var(--en-muted);padding:4px 0}
.en-more dl,.en-more p{margin:4px 0 6px;font-size:12.5px}.en-more dt{font-weight:600;margin-top:5px}
.en-more dt span{font-weight:400;color:var(--en-muted)}.en-more dd{margin:0;color:var(--en-muted)}
.en-method{margin:0}.en-method dt,.en-method dd{padding:0}.en-method dt{font-weight:600;margin-top:10px}.en-method dd{margin:2px 0 0;font-size:13.5px;color:var(--en-muted)}
.en-contents{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px}
.en-contents a{color:var(--en-muted)}
.en-anchor{scroll-margin-top:70px}
.en a{color:inherit;text-underline-offset:2px}
.en-chron{display:grid;grid-template-columns:20px 92px 14px 1fr minmax(0,auto);gap:2px 10px;align-items:baseline}
.en-chron b{font-weight:600}.en-chron time,.en-chron small{color:var(--en-muted)}
.en-chron time{white-space:nowrap}.en-chron small{font-size:12.5px}
[class*="st-key-row_"]{border-top:1px solid var(--en-grid);padding-top:6px}
[class*="st-key-row_"] button{min-height:32px;padding:0 6px;margin-top:-6px}
[class*="st-key-row_"] button p{font-size:11.5px;text-decoration:underline;text-underline-offset:3px;
 white-space:nowrap}
[class*="st-key-dyadrow_"]{border-top:1px solid var(--en-grid);padding-top:6px}
[class*="st-key-dyadname_"] a{padding:0;min-height:24px}
[class*="st-key-dyadname_"] a p{font-weight:600;font-size:13.5px}
[class*="st-key-dyadname_"] .en p{margin:0;color:var(--en-muted);font-size:12.5px}
.en-row.en-note{grid-template-columns:22px 1fr;padding:5px 0}
.en-rule{display:inline-block;width:0;height:14px;border-left:1.3px solid var(--en-text)}
.en-rule.en-dotted{border-left:1.3px dotted var(--en-muted)}
.en-chron.en-narrow{grid-template-columns:14px 1fr}
.en-narrow b,.en-narrow small{display:none}.en-narrow time{grid-column:1/-1}
.st-key-swap button p{font-size:18px}
@media (max-width:1100px){.st-key-chartfoot{flex-wrap:wrap}}
@media (max-width:560px){.en-chron{grid-template-columns:20px 14px 1fr}
 .en-chron time{grid-column:1/-1;grid-row:1}.en-chron small{grid-column:3}.st-key-pairboxes{flex-wrap:wrap}}
.en-told blockquote{margin:5px 0;padding:1px 0 1px 11px;border-left:2px solid var(--en-line);
 font-family:%SERIF%;font-size:14px;line-height:1.5;overflow-wrap:anywhere}
.en-row p.en-why{color:var(--en-text)}
[class*="st-key-part_"] button{justify-content:flex-start;min-height:30px;padding:0 4px}
[class*="st-key-part_"] button>div,[class*="st-key-part_"] button>div>span{width:100%;justify-content:flex-start}
[class*="st-key-kept_part_"]{padding-top:2px}[class*="st-key-kept_part_"] button{min-height:30px;padding:0 6px}
.st-key-card_preview .en-figs{grid-template-columns:repeat(3,1fr);row-gap:12px}
.st-key-card_preview .en-fig{padding:0 10px 0 0;border:0}[class*="st-key-brief_paper"]{background:#fff;border-radius:6px}.st-key-brief_paper_map{aspect-ratio:900/428}
.st-key-keys{position:absolute;height:0;overflow:hidden}
.st-key-browse [data-testid="stColumn"]:not(:has([class*="st-key-"])){display:none}
.st-key-drawer{background:var(--en-card);border:1px solid var(--en-line);border-radius:8px;
 padding:12px 18px;gap:8px;position:sticky;top:12px;max-height:calc(100vh - 24px);overflow-y:auto}
.st-key-drawer .en-ct{margin-right:0;font-size:17px}
.st-key-drawer_keys button{min-height:32px;min-width:32px;padding:0 4px}
.st-key-drawer_keys button p{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.st-key-listing [data-testid="stElementToolbar"]{display:none}
.st-key-drawer_keys>[data-testid="stElementContainer"]:first-child{flex:1 1 auto}
@media (max-width:1100px){
 .st-key-browse>div>[data-testid="stHorizontalBlock"]{flex-direction:column}
 .st-key-browse>div>[data-testid="stHorizontalBlock"]>[data-testid="stColumn"]{width:100%;flex:1 1 auto}
 .st-key-drawer{position:fixed;top:0;right:0;bottom:0;width:min(620px,100vw);max-height:none;border-radius:0;
  z-index:999991;box-shadow:0 0 0 100vmax rgb(0 0 0 / 35%)}}
"""


def style(theme: Theme) -> str:
    """Return the style sheet of a page in this theme, as a `<style>` element."""
    kinds = "".join(
        f".en-{field}{{--t:{tone.tint};--i:{tone.ink};border-bottom-style:{tone.line};"
        f"border-bottom-width:{'3px' if tone.line == 'double' else '2px'}}}"
        for field, tone in theme.evidence.items()
    )
    sheet = _SHEET.replace("%VARS%", _vars(theme)).replace("%SERIF%", SERIF).replace("%MONO%", MONO)
    return f"<style>{sheet.replace('%SANS%', 'IBM Plex Sans, sans-serif')}{kinds}</style>"


def plain(text: str) -> str:
    """Return the text with markdown's characters escaped."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|~$:<>&" else c for c in text)


def head(title: str, subtitle: str) -> str:
    """Return the title of a page with the line below it."""
    return (
        f'<div class="en"><h1 class="en-h1">{escape(title)}</h1>'
        f'<p class="en-sub">{escape(subtitle)}</p></div>'
    )


def card_head(title: str, subtitle: str) -> str:
    """Return the finding of a card and what is drawn."""
    return (
        f'<div class="en"><h2 class="en-ct">{escape(title)}</h2><p class="en-cs">{escape(subtitle)}</p></div>'
    )


def caption(parts: Iterable[str]) -> str:
    """Return the caption of a card: period, n, filters, marks, dataset and version, boundary note."""
    return f'<div class="en en-cap">{escape(" · ".join(part for part in parts if part))}</div>'


def caption_line(text: str) -> str:
    """Return one line in the size of a caption, without the rule above it."""
    return f'<div class="en en-foot">{escape(text)}</div>'


def figures(items: Iterable[tuple[str, str, str]]) -> str:
    """Return the headline figures: (name, figure, line below)."""
    cells = "".join(
        f'<div class="en-fig"><span>{escape(name)}</span><b>{escape(figure)}</b>'
        f"<span>{escape(below)}</span></div>"
        for name, figure, below in items
    )
    return f'<div class="en en-figs">{cells}</div>'


def rows(items: Sequence[str], *, kind: str) -> str:
    """Return a list of rows; `kind` is its grid, as "en-2" or "en-3", the items are HTML of their cells."""
    return (
        f'<div class="en">{"".join(f"""<div class="en-row {kind}">{item}</div>""" for item in items)}</div>'
    )


def empty(message: str, hint: str) -> str:
    """Return what a card says where there is nothing to draw."""
    return f'<div class="en en-empty"><b>{escape(message)}</b>{escape(hint)}</div>'


def reading(reports: int, share: float | None, *, spark: bool = False) -> str:
    """Return what a long question says while it reads: how much, and how far it has come where that is known."""
    text = f"Reading {words.plural(reports, 'report')}"
    if spark:
        text = f"Spark is reading {words.plural(reports, 'report')}; the first page after a start takes a minute or two"
    if share is not None and share >= 0.01:
        text += f", {words.percent(share)}"
    return f'<div class="en en-reading" role="status">{escape(text)}</div>'


def _arc_picture(colour: str) -> str:
    """Return the two arcs of the map's key as a picture (an inline svg would be dropped)."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="58" height="12" fill="none" '
        f'stroke="{colour}" stroke-linecap="round"><path d="M2 10Q13 -2 24 10" stroke-width="1.2"/>'
        '<path d="M32 10Q43 -2 54 10" stroke-width="3.9"/></svg>'
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def legend(items: Legend) -> str:
    """Return the key below a chart: boxes of the fill, then marks with their meanings."""
    boxes, marks = "", []
    for item in items:
        if isinstance(item, Steps):
            boxes = _boxes(item)
        else:
            marks.append(f'<span class="en-item">{_mark(item)}{escape(item.text)}</span>')
    if not boxes:
        return f'<div class="en en-key">{"".join(marks)}</div>'
    return f'<div class="en en-key en-keys">{boxes}<div class="en-items">{"".join(marks)}</div></div>'


def _boxes(steps: Steps) -> str:
    """Return the boxes of a fill with what stands at their edges or under them."""
    width = 25 if len(steps.colours) > 5 else 44
    between = len(steps.edges) > len(steps.colours)
    boxes = "".join(f'<i style="background:{colour}"></i>' for colour in steps.colours)
    edges = "".join(f"<span>{escape(edge)}</span>" for edge in steps.edges)
    shift = f' style="margin-left:{width // 2}px"' if between else ""
    return (
        f'<div style="--w:{width}px"><div class="en-boxes"{shift}>{boxes}</div>'
        f'<div class="en-edges">{edges}</div></div>'
    )


def _mark(item: Item) -> str:
    """Return the mark of a key's item; its colours are those of the page, or are given with it."""
    glyph = {"circle": "●", "ring": "○", "diamond": "◆", "lozenge": "◇"}.get(item.mark)
    if glyph:
        return f'<span style="color:{item.colour}">{glyph}</span>'
    if item.mark == "arcs":
        return f'<img src="{_arc_picture(item.colour)}" alt="">'
    if item.mark == "line":
        return f'<i class="en-link" style="background:{item.colour}"></i>'
    name = {"few": "en-ring", "dotted": "en-rule en-dotted"}.get(item.mark, f"en-{item.mark}")
    return f'<i class="{name}"></i>' if item.mark else ""


def part(title: str) -> str:
    """Return the title of a part of a card."""
    return f'<div class="en"><h3 class="en-part">{escape(title)}</h3></div>'


def directions(first: str, second: str, forth: int, back: int, both: int) -> str:
    """Return how many acts go from the first party to the second, back, and are of both."""
    rows_ = [(f"{first} → {second}", forth), (f"{second} → {first}", back), ("of both", both)]
    return rows(
        [f'<div>{escape(name)}</div><div class="en-num">{count:,}</div>' for name, count in rows_],
        kind="en-2",
    )


def glyph_key(theme: Theme) -> str:
    """Return the line that explains the four glyphs and the two arrows of tables and lists."""
    colours = theme.classes
    parts = [
        (
            f'<span style="color:{colours["material cooperation"]}">●</span> '
            f'<span style="color:{colours["material conflict"]}">◆</span> done'
        ),
        (
            f'<span style="color:{colours["verbal cooperation"]}">○</span> '
            f'<span style="color:{colours["verbal conflict"]}">◇</span> said'
        ),
        "circle cooperation, diamond conflict",
        "→ directed, – of both sides",
        escape(words.weak_types()),
    ]
    parts = [part for part in parts if part]
    return f'<div class="en en-key"><span>{" · ".join(parts)}</span></div>'


def chronicle(
    number: int | None, when: str, glyph: str, told: str, place: str, *, doubt: str = "", narrow: bool = False
) -> str:
    """Return an event of a chronology: its number in the chart, day, glyph (HTML), sentence, `doubt` (HTML), place."""
    return (
        f'<div class="en en-chron{" en-narrow" if narrow else ""}"><b>{number or ""}</b><time>{escape(when)}</time>{glyph}'
        f"<span>{escape(told)}{doubt}</span><small>{escape(place)}</small></div>"
    )


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a small table: its first column is text, the others are figures; what follows a line's end is small."""
    top = "".join(f'<th class="{"en-r" if i else ""}">{escape(name)}</th>' for i, name in enumerate(head))
    body = "".join(
        "<tr>" + "".join(
            f'<td class="{"en-r" if i else ""}">{_cell(cell)}</td>' for i, cell in enumerate(line)
        ) + "</tr>"
        for line in lines
    )  # fmt: skip
    return f'<div class="en"><table class="en-table"><tr>{top}</tr>{body}</table></div>'


def _cell(text: str) -> str:
    first, _, rest = text.partition("\n")
    return escape(first) + (f'<div class="en-foot">{escape(rest)}</div>' if rest else "")


def event_head(report: Report, event: Event, theme: Theme) -> str:
    """Return an event as a sentence with its glyph, and the line of its agreed values."""
    symmetric = report.symmetric
    sentence = words.dyad(report.source, report.target, symmetric=symmetric)
    when = words.imprecise_day(words.parse_day(report.date), report.date_precision)
    place = words.place(report.place.name, report.place.country) if report.place else ""
    parts = [when, place, f"intensity {words.intensity(report.intensity)}", report.status]
    parts.append(words.plural(len(event.report_ids), "report"))
    parts.append(words.outlets(len(event.outlets)))
    colour = theme.classes[report.quad_class]
    return (
        f'<div class="en"><span class="en-mono" style="color:{theme.faint}">Event '
        f"{escape(event.event_id)}</span>"
        f'<h2 class="en-ct"><span style="color:{colour}" role="img" aria-label="{report.quad_class}">'
        f"{GLYPHS[report.quad_class]}</span> {escape(sentence)}: "
        f"{escape(words.act(report.event_type, report.mode).lower())}</h2>"
        f'<p class="en-cs">{escape(" · ".join(part for part in parts if part))}</p></div>'
    )


def drawer_line(position: int | None, total: int, event_id: str) -> str:
    """Return where an open event stands in its list, and its id."""
    where = "Not in this list" if position is None else f"Event {position + 1:,} of {total:,}"
    return (
        f'<div class="en en-foot">{where} · <span class="en-mono" title="{escape(event_id)}">'
        f"{escape(words.short_id(event_id))}</span></div>"
    )


def event_sentence(report: Report, sentence: str, theme: Theme) -> str:
    """Return an event's act as a sentence with its glyph; below date, place, intensity, status, confidence."""
    when = words.imprecise_day(words.parse_day(report.date), report.date_precision)
    place = words.place(report.place.name, report.place.country) if report.place else ""
    told = [
        escape(", ".join(part for part in (when, place) if part)),
        f'intensity <span style="color:{theme.sign_text(report.intensity)}">{words.intensity(report.intensity)}</span>',
        escape(report.status),
        f"planned for {words.day(words.parse_day(report.planned_for))}" if report.planned_for else "",
        words.confidence(report.confidence),
    ]
    return (
        f'<div class="en"><h2 class="en-ct"><span style="color:{theme.classes[report.quad_class]}" role="img" '
        f'aria-label="{report.quad_class}">{GLYPHS[report.quad_class]}</span> {escape(sentence)}</h2>'
        f'<p class="en-cs">{" · ".join(part for part in told if part)}</p></div>'
    )


def block(html: str) -> str:
    """Return ready HTML in our type."""
    return f'<div class="en">{html}</div>'


def report_head(report: Report, theme: Theme) -> str:
    """Return a report as a line: glyph, who, act."""
    return (
        '<div class="en"><h2 class="en-ct">'
        f'<span style="color:{theme.classes[report.quad_class]}" role="img" '
        f'aria-label="{report.quad_class}">{GLYPHS[report.quad_class]}</span> '
        f"{escape(words.dyad(report.source, report.target, symmetric=report.symmetric))}: "
        f"{escape(words.act(report.event_type, report.mode).lower())}</h2>"
        f'<p class="en-cs">intensity <span style="color:{theme.sign_text(report.intensity)}">'
        f"{words.intensity(report.intensity)}</span> · {escape(report.status)}</p></div>"
    )
