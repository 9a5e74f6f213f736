"""A briefing as slides (PPTX, 16:9): one message each, native charts, sources and links in the notes.

Lines and bars are PowerPoint's own charts, so that they can be edited; maps and networks are pictures. Where no
browser can draw pictures, their numbers stand as a table instead.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.dml import MSO_LINE
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from events.briefing.content import Briefing, Fact, Line, Section, Table, Visual, key_item
from events.briefing.package import settled
from events.briefing.recipe import clean
from events.charts import words
from events.charts.plots import Dot, Plot, label_step
from events.charts.remarks import MARK, Remarks
from events.charts.theme import GLYPHS, LIGHT
from events.errors import InputError

__all__ = ["slides"]

Picture = Callable[[Visual], bytes | None]
"""Draws a figure as PNG; None where no picture can be drawn."""

WIDTH, HEIGHT = 13.333, 7.5
_EDGE = 0.58
_TOP, _FOOT = 1.6, 6.78  # where the body begins, and the rule above the footer
_SPLIT = 7.9  # width of the chart's part
_LINES = 8  # of a chronology on one slide
_LANE = 0.3  # height of a lane
_SLIDES = 3  # that a chronology or a table may fill
_ROWS = 12  # of a table on one slide
_SERIF, _SANS = "Georgia", "Arial"


def slides(briefing: Briefing, picture: Picture) -> bytes:
    """Return the briefing as a PPTX. `picture` draws what has no native chart; raises InputError for a bad template."""
    deck = _Deck(briefing, picture)
    deck.front()
    for section in briefing.sections:
        if not (section.empty and _bare_of(section)):
            deck.section(section)
    return deck.done()


def _bare_of(section: Section) -> bool:
    """Say whether a section has nothing to show; it has no slide then, and the first slide's notes say why."""
    return not (section.lines or section.table or section.visual or section.paragraphs or section.note)


class _Deck:
    def __init__(self, briefing: Briefing, picture: Picture) -> None:
        self.briefing, self.picture = briefing, picture
        self.notes = {note.number: note for note in briefing.notes}
        self.own = not briefing.recipe.template.lower().endswith((".pptx", ".potx"))
        self.deck = _template(None if self.own else briefing.recipe.template)
        if self.own:
            _dress(self.deck)
        self.layout = next(
            (x for x in self.deck.slide_layouts if x.name == "Title Only"), self.deck.slide_layouts[-1]
        )
        self.pages: list[tuple[Any, tuple[str, ...]]] = []

    # Slides

    def front(self) -> None:
        b = self.briefing
        slide = self._slide(b.title, "")
        title = slide.shapes.title
        long = len(b.title) > 60
        if self.own:
            _place(title, _EDGE, 1.7, WIDTH - 2 * _EDGE, 2.2)
            title.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM
            for run in title.text_frame.paragraphs[0].runs:
                run.font.size = Pt(26 if len(b.title) > 140 else 32 if long else 44)
        self._text(
            slide,
            _EDGE,
            4.05,
            WIDTH - 2 * _EDGE,
            0.9,
            [(words.shorten(b.subtitle, 200), 18, LIGHT.muted, False)],
            "Subtitle",
        )
        rest = [(part, 13, LIGHT.text, False) for part in b.basis.split(" · ")]
        self._text(slide, _EDGE, 5.1, WIDTH - 2 * _EDGE, 1.4, rest[:5], "Basis")
        left = [
            f"{section.title}: {section.empty}"
            for section in b.sections
            if section.empty and _bare_of(section)
        ]
        self._finish(
            slide,
            (b.source,),
            [b.basis, *(["Left out, as there is nothing to show:", *left] if left else [])],
        )

    def section(self, section: Section) -> None:
        """Add the slides of a section: most have one, chronologies and tables go on where they must."""
        said = section.lines and section.kind in {"chronology", "coming"}
        if section.empty and not (section.lines or section.table or section.visual or section.paragraphs):
            slide = self._slide(section.title, section.subtitle)
            self._text(slide, _EDGE, 2.6, 9, 1, [(section.empty, 18, LIGHT.muted, False)], "Nothing to show")
            self._own_words(slide, section)
            self._finish(slide, section.caption, self._said(section))
        elif said:
            self._chronology(section)
        elif section.kind == "headline":
            self._headline(section)
        elif section.table:
            self._tables(section, section.table)
        elif section.visual:
            self._visual(section, section.visual)
        else:
            self._paragraphs(section)

    def _headline(self, section: Section) -> None:
        slide = self._slide(section.title, section.subtitle)
        gap = 0.2
        wide = (WIDTH - 2 * _EDGE - gap * (len(section.facts) - 1)) / max(len(section.facts), 1)
        for at, fact in enumerate(section.facts):
            left = _EDGE + at * (wide + gap)
            box = self._text(
                slide, left, _TOP + 0.1, wide, 1.75,
                [(fact.name, 12, LIGHT.muted, False), (fact.figure, 28 if len(fact.figure) < 9 else 19, _ink(fact.sign), True), (fact.text, 11.5, LIGHT.muted, False)],
                f"Figure: {fact.name}",
            )  # fmt: skip
            box.text_frame.paragraphs[1].line_spacing = 1.05
        if section.lines:
            self._rule(slide, _TOP + 1.8)
            self._text(
                slide,
                _EDGE,
                _TOP + 1.95,
                6,
                0.35,
                [("Events that most reports tell", 12, LIGHT.muted, True)],
                "Heading",
            )
            self._lines(slide, section.lines, _TOP + 2.35, _FOOT - 0.15)
        self._own_words(slide, section)
        self._finish(slide, section.caption, self._said(section))

    def _visual(self, section: Section, visual: Visual) -> None:
        slide = self._slide(section.title, section.subtitle)
        beside = bool(section.facts or section.lines or section.note)
        wide = _SPLIT if beside else WIDTH - 2 * _EDGE
        key = 0.32 if visual.key else 0.0
        told = self._remarks(slide, section.remarks, wide)
        tall = _FOOT - _TOP - 0.15 - key - told
        if visual.plot is not None:
            _chart(slide, visual.plot, visual.alt, (_EDGE, _TOP, wide, tall))
        else:
            drawn = self.picture(visual)
            if drawn is None:
                self._grid(slide, visual.table, _EDGE, _TOP + 0.45, wide, _ROWS)
                self._text(
                    slide, _EDGE, _TOP - 0.05, wide, 0.4,
                    [("The picture needs Chrome or Chromium where this was made; here are its numbers.", 11, LIGHT.muted, False)], "No picture",
                )  # fmt: skip
                key = 0.0
            else:
                ratio = visual.size[1] / visual.size[0]
                w, h = (wide, wide * ratio) if wide * ratio <= tall else (tall / ratio, tall)
                shape = slide.shapes.add_picture(
                    io.BytesIO(drawn), Inches(_EDGE), Inches(_TOP + 0.05), Inches(w), Inches(h)
                )
                shape.name = "Picture"
                _describe(shape, visual.alt)
                key_at = _TOP + 0.1 + h
                if visual.key:
                    self._key(slide, visual.key, min(key_at, _FOOT - 0.4 - told), wide)
                    key = 0.0
        if key:
            self._key(slide, visual.key, _FOOT - 0.13 - key - told, wide)
        right = _EDGE + _SPLIT + 0.45
        top = _TOP + 0.05
        if section.facts:
            top = self._facts(slide, section.facts, right, top, WIDTH - _EDGE - right)
        if section.lines:
            self._lines(
                slide, section.lines, top, _FOOT - 0.2 - (0.8 if section.note else 0), left=right, small=True
            )
        self._own_words(slide, section)
        self._finish(slide, section.caption, self._said(section))

    def _remarks(self, slide: Any, remarks: Remarks, wide: float) -> float:
        """Write the analysts' notes at the foot of the body, a line each, whole in the slide's notes; return their height."""
        shown = remarks.shown
        if not shown and not remarks.cut:
            return 0.0
        columns = 2 if len(shown) > 2 else 1
        each = -(-len(shown) // columns)
        tall = 0.19 * (each + 1) + 0.06
        top = _FOOT - 0.08 - tall
        head = f"Analysts’ notes. {remarks.cut}" if remarks.cut else "Analysts’ notes"
        self._text(slide, _EDGE, top, wide, 0.19, [(head, 10, LIGHT.muted, True)], "Analysts’ notes")
        room = wide / columns - (0.2 if columns > 1 else 0)
        for column in range(columns):
            lines = [
                (
                    words.shorten(f"{MARK} {remark.letter}  {remark.words}", int(room * 15.5)),
                    10,
                    LIGHT.text,
                    False,
                )
                for remark in shown[column * each : (column + 1) * each]
            ]
            if lines:
                self._text(
                    slide, _EDGE + column * wide / columns, top + 0.19, room, 0.19 * each, lines, "Notes by letter"
                )  # fmt: skip
        return tall + 0.05

    def _chronology(self, section: Section) -> None:
        shown = section.lines[: _LINES * _SLIDES]
        pages = [shown[at : at + _LINES] for at in range(0, len(shown), _LINES)]
        cut = (
            f"Showing {len(shown)} of {len(section.lines)} lines on slides; the document has all"
            if len(shown) < len(section.lines)
            else ""
        )
        for number, lines in enumerate(pages, start=1):
            title = section.title + (f" ({number} of {len(pages)})" if len(pages) > 1 else "")
            slide = self._slide(title, section.subtitle)
            self._lines(
                slide, lines, _TOP + 0.05, _FOOT - 0.15 - (0.8 if section.note and number == 1 else 0)
            )
            if number == 1:
                self._own_words(slide, section)
            caption = (*section.caption[:-1], cut, section.caption[-1]) if cut else section.caption
            self._finish(slide, caption, self._said(section, lines))

    def _tables(self, section: Section, table: Table) -> None:
        rows = 6 if section.kind == "evidence" else _ROWS
        pages = max(1, min(-(-len(table.rows) // rows), _SLIDES))
        for number in range(pages):
            first = number * rows
            part = Table(
                table.head, table.rows[first : first + rows], table.align, table.widths,
                notes={at - first: n for at, n in table.notes.items() if first <= at < first + rows},
                noted=table.noted,
            )  # fmt: skip
            title = section.title + (f" ({number + 1} of {pages})" if pages > 1 else "")
            slide = self._slide(title, section.subtitle)
            self._grid(slide, part, _EDGE, _TOP + 0.1, WIDTH - 2 * _EDGE, rows)
            if number == 0:
                self._own_words(slide, section)
            self._finish(slide, section.caption, self._said(section, notes=part.notes.values()))

    def _paragraphs(self, section: Section) -> None:
        slide = self._slide(section.title, section.subtitle)
        texts = [words.shorten(text, 420) for text in section.paragraphs[:7]]
        size = 16 if sum(map(len, texts)) < 700 else 14
        box = self._text(
            slide,
            _EDGE,
            _TOP + 0.15,
            WIDTH - 2 * _EDGE - 1.2,
            _FOOT - _TOP - 0.4,
            [(text, size, LIGHT.text, False) for text in texts],
            "Text",
        )
        for paragraph in box.text_frame.paragraphs:
            paragraph.space_after = Pt(9)
        self._own_words(slide, section)
        self._finish(slide, section.caption, self._said(section))

    # Parts of a slide

    def _slide(self, title: str, subtitle: str) -> Any:
        slide = self.deck.slides.add_slide(self.layout)
        if self.briefing.samples:
            self._watermark(slide)
        frame = slide.shapes.title.text_frame
        frame.word_wrap = True
        frame.text = clean(title)
        if self.own:
            _place(slide.shapes.title, _EDGE, 0.42, WIDTH - 2 * _EDGE, 0.66)
            size = 26 if len(title) <= 72 else 20 if len(title) <= 170 else 14
            for run in frame.paragraphs[0].runs:
                run.font.size = Pt(size)
        if subtitle:
            self._text(
                slide,
                _EDGE,
                1.13,
                WIDTH - 2 * _EDGE,
                0.36,
                [(subtitle, 13.5, LIGHT.muted, False)],
                "Subtitle",
            )
        return slide

    def _watermark(self, slide: Any) -> None:
        box = slide.shapes.add_textbox(Inches(2.2), Inches(2.9), Inches(9), Inches(1.8))
        box.name, box.rotation = "Watermark", -24
        paragraph = box.text_frame.paragraphs[0]
        paragraph.alignment = PP_ALIGN.CENTER
        run = paragraph.add_run()
        run.text = "SAMPLE DATA"
        run.font.size, run.font.bold, run.font.color.rgb = Pt(88), True, _rgb("#F1EFEA")
        tree = slide.shapes._spTree  # noqa: SLF001 python-pptx has no other way to send a shape to the back
        tree.remove(box._element)  # noqa: SLF001
        tree.insert(2, box._element)  # noqa: SLF001

    def _text(
        self, slide: Any, left: float, top: float, wide: float, tall: float, lines: Iterable[tuple[str, float, str, bool]], name: str
    ) -> Any:  # fmt: skip
        box = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(wide), Inches(tall))
        box.name = clean(name)[:60]
        frame = box.text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        for at, (text, size, colour, bold) in enumerate(lines):
            paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
            _run(paragraph, text, size, colour, bold=bold)
        return box

    def _facts(self, slide: Any, facts: Iterable[Fact], left: float, top: float, wide: float) -> float:
        """Draw numbered facts; return where they end."""
        for fact in facts:
            lines = -(-len(fact.text) // 44)
            tall = 0.52 + 0.225 * lines
            box = self._text(
                slide,
                left,
                top,
                wide,
                tall,
                [(fact.figure, 24, _ink(fact.sign), True)],
                f"Fact: {fact.figure}",
            )
            paragraph = box.text_frame.add_paragraph()
            _run(paragraph, fact.text, 13, LIGHT.text)
            _marks(paragraph, fact.notes, 13)
            top += tall + 0.24
        return top

    def _lines(
        self,
        slide: Any,
        lines: Iterable[Line],
        top: float,
        bottom: float,
        *,
        left: float = _EDGE,
        small: bool = False,
    ) -> None:
        """Draw events as dated lines: number, day, glyph, sentence with its note; in a table, so that they line up."""
        shown = list(lines)
        wide = WIDTH - _EDGE - left
        numbered = any(line.number for line in shown)
        columns = (
            [0.32, wide - 0.32]
            if small
            else [0.34 if numbered else 0.02, 1.25, 0.3, wide - 1.59 - (0 if numbered else -0.32)]
        )
        tall = min((bottom - top) / max(len(shown), 1), 0.62 if not small else 0.95)
        shape = slide.shapes.add_table(
            len(shown), len(columns), Inches(left), Inches(top), Inches(wide), Inches(tall * len(shown))
        )
        shape.name = "Events"
        _describe(shape, f"{words.plural(len(shown), 'event')} by date")
        _plain(shape, columns)
        most = 118 if small else 230
        for at, line in enumerate(shown):
            shape.table.rows[at].height = Inches(tall)
            cells = shape.table.rows[at].cells
            where = f" {line.entry.where}." if line.entry.where and not small else ""
            caveats = f" [{'; '.join(line.entry.caveats)}]" if line.entry.caveats else ""
            told = f"{line.entry.told}{where}{caveats}"
            number = str(line.number) if line.number else ""
            if small:
                _cell(cells[0], number, 13, LIGHT.text, bold=True)
                _cell(cells[1], line.entry.when, 11, LIGHT.muted)
                paragraph = cells[1].text_frame.add_paragraph()
                _run(paragraph, words.shorten(told, most), 12, LIGHT.text)
                _marks(paragraph, (line.note,), 12)
            else:
                _cell(cells[0], number, 13, LIGHT.text, bold=True)
                _cell(cells[1], line.entry.when, 12, LIGHT.muted)
                _cell(cells[2], GLYPHS[line.quad_class], 12, LIGHT.classes[line.quad_class])
                _cell(cells[3], words.shorten(told, most), 13, LIGHT.text)
                _marks(cells[3].text_frame.paragraphs[0], (line.note,), 13)

    def _grid(self, slide: Any, table: Table, left: float, top: float, wide: float, most: int) -> None:
        """Draw a table of text."""
        rows = table.rows[:most]
        whole = sum(table.widths)
        columns = [wide * part / whole for part in table.widths]
        shape = slide.shapes.add_table(
            len(rows) + 1,
            len(columns),
            Inches(left),
            Inches(top),
            Inches(wide),
            Inches(0.36 * (len(rows) + 1)),
        )
        shape.name = "Table"
        _describe(shape, f"Table of {words.plural(len(rows), 'row')}: {', '.join(filter(None, table.head))}")
        _plain(shape, columns)
        shape.table.first_row = True
        for at, title in enumerate(table.head):
            _cell(shape.table.cell(0, at), title, 11.5, LIGHT.muted, bold=True, right=table.align[at] == "r")
        small = max((len(cell) for row in rows for cell in row), default=0) > 90
        for y, row in enumerate(rows, start=1):
            for x, text in enumerate(row):
                cell = shape.table.cell(y, x)
                _cell(
                    cell,
                    words.shorten(text, 190),
                    11 if small else 13,
                    LIGHT.text,
                    right=table.align[x] == "r",
                )
                if x == table.noted and y - 1 in table.notes:
                    _marks(cell.text_frame.paragraphs[0], (table.notes[y - 1],), 12)

    def _key(self, slide: Any, key: str, top: float, wide: float) -> None:
        """Draw what colours mean, in one line under the chart."""
        box = slide.shapes.add_textbox(Inches(_EDGE), Inches(top), Inches(wide), Inches(0.3))
        box.name = "Key"
        frame = box.text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        paragraph = frame.paragraphs[0]
        for item in key.split("\n"):
            colour, name, glyph = key_item(item)
            if not name:
                _run(paragraph, item, 10, LIGHT.muted)
                continue
            _run(paragraph, f"{glyph or '■'} ", 10, colour)
            _run(paragraph, f"{name}    ", 10, LIGHT.muted)

    def _own_words(self, slide: Any, section: Section) -> None:
        """Draw the author's note at the foot of the body."""
        if not section.note:
            return
        aside = section.kind not in {
            "chronology",
            "coming",
            "evidence",
            "pairs",
            "headline",
            "method",
            "text",
        }
        left = _EDGE + _SPLIT + 0.45 if aside else _EDGE
        wide = WIDTH - _EDGE - left
        self._rule(slide, _FOOT - 0.82, left, wide)
        self._text(
            slide,
            left,
            _FOOT - 0.74,
            wide,
            0.66,
            [(words.shorten(section.note, 150 if aside else 320), 12, LIGHT.text, True)],
            "Note",
        )

    def _rule(self, slide: Any, top: float, left: float = _EDGE, wide: float = WIDTH - 2 * _EDGE) -> None:
        rule = slide.shapes.add_connector(
            MSO_CONNECTOR.STRAIGHT, Inches(left), Inches(top), Inches(left + wide), Inches(top)
        )
        rule.name, rule.line.width = "Rule", Pt(0.75)
        rule.line.color.rgb = _rgb(LIGHT.line)
        _bare(rule)

    def _finish(self, slide: Any, caption: tuple[str, ...], said: list[str]) -> None:
        """Draw the footer, and write the speaker's notes."""
        self._rule(slide, _FOOT)
        source, basis = caption[-1], " · ".join(caption[:-1])
        lines = [(words.shorten(basis, 330), 9.5, LIGHT.faint, False)] if basis else []
        self._text(
            slide,
            _EDGE,
            _FOOT + 0.07,
            WIDTH - 2 * _EDGE - 1.3,
            0.58,
            [*lines, (source, 9.5, LIGHT.faint, False)],
            "Source",
        )
        self.pages.append((slide, ()))
        slide.notes_slide.notes_text_frame.text = clean("\n".join(filter(None, [*said, *caption])))

    def _said(
        self, section: Section, lines: Iterable[Line] | None = None, notes: Iterable[int] = ()
    ) -> list[str]:
        """Return what stands in a slide's notes: the author's words, long texts, the sources by number, remarks."""
        shown = section.lines if lines is None else tuple(lines)
        numbers = dict.fromkeys(
            [*(n for fact in section.facts for n in fact.notes), *(line.note for line in shown), *notes]
        )
        told = [section.note] if section.note else []
        told += [f"Analyst’s note {remark.letter}, {remark.words}" for remark in section.remarks.shown]
        told += [section.remarks.cut] if section.remarks.cut else []
        told += [section.visual.alt] if section.visual else []
        if numbers:
            told += ["Sources:", *(f"[{n}] {self.notes[n].text}" for n in sorted(numbers) if n in self.notes)]
        return [*told, *section.details]

    def done(self) -> bytes:
        b = self.briefing
        for number, (slide, _) in enumerate(self.pages, start=1):
            box = self._text(
                slide, WIDTH - _EDGE - 1.2, _FOOT + 0.25, 1.2, 0.3, [(f"{number} of {len(self.pages)}", 9.5, LIGHT.faint, False)], "Page"
            )  # fmt: skip
            box.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT
        core = self.deck.core_properties
        core.title, core.subject, core.author = b.title[:255], b.basis[:255], "Entente"
        core.comments, core.keywords = b.source[:255], "sample data" if b.samples else ""
        core.last_modified_by, core.revision = "Entente", 1
        core.created = core.modified = b.made.replace(tzinfo=None)
        out = io.BytesIO()
        self.deck.save(out)
        return settled(out.getvalue(), b.made)


# The design


def _template(path: str | None) -> Any:
    try:
        return Presentation(path)
    except Exception as error:
        raise InputError(
            f"cannot be used as a template ({error}); name a .pptx file, or leave template out",
            source=str(path),
        ) from error


def _dress(deck: Any) -> None:
    """Make the library's own template ours: 16:9, our fonts as theme fonts, titles where ours stand."""
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    for part in deck.slide_master.part.rels.values():
        if part.reltype.endswith("/theme"):
            theme = etree.fromstring(part.target_part.blob)
            for kind, name in (("majorFont", _SERIF), ("minorFont", _SANS)):
                theme.find(f".//{qn(f'a:{kind}')}/{qn('a:latin')}").set("typeface", name)
            part.target_part._blob = etree.tostring(  # noqa: SLF001
                theme, xml_declaration=True, encoding="UTF-8", standalone=True
            )
    for holder in (deck.slide_master, *deck.slide_layouts):
        for shape in list(holder.placeholders):
            if shape.placeholder_format.type is not None and shape.placeholder_format.idx in {10, 11, 12}:
                shape._element.getparent().remove(shape._element)  # noqa: SLF001 date, footer and number of the template
        for shape in holder.placeholders:
            if shape.placeholder_format.idx == 0:
                _place(shape, _EDGE, 0.42, WIDTH - 2 * _EDGE, 0.66)
                body = shape.text_frame._txBody.bodyPr  # noqa: SLF001
                for side in ("lIns", "rIns", "tIns", "bIns"):
                    body.set(side, "0")
                body.set("anchor", "b")
    style = deck.slide_master._element.find(f".//{qn('p:titleStyle')}/{qn('a:lvl1pPr')}")  # noqa: SLF001
    style.set("algn", "l")
    run = style.find(qn("a:defRPr"))
    run.set("sz", "2600")
    run.set("b", "1")
    for old in run.findall(qn("a:solidFill")):
        run.remove(old)
    fill = etree.SubElement(run, qn("a:solidFill"))
    etree.SubElement(fill, qn("a:srgbClr")).set("val", LIGHT.text[1:])
    run.insert(0, fill)


def _place(shape: Any, left: float, top: float, wide: float, tall: float) -> None:
    shape.left, shape.top, shape.width, shape.height = Inches(left), Inches(top), Inches(wide), Inches(tall)


def _bare(shape: Any) -> None:
    """Take the theme's style off a shape: it has a shadow."""
    style = shape._element.find(qn("p:style"))  # noqa: SLF001
    if style is not None:
        shape._element.remove(style)  # noqa: SLF001


def _rgb(colour: str) -> Any:
    return RGBColor.from_string(colour.lstrip("#").upper())


def _ink(sign: int) -> str:
    return LIGHT.cooperation_text if sign > 0 else LIGHT.conflict_text if sign < 0 else LIGHT.text


def _run(paragraph: Any, text: str, size: float, colour: str, *, bold: bool = False) -> None:
    run = paragraph.add_run()
    run.text = clean(text).replace("\n", " ")
    run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, _rgb(colour)


def _marks(paragraph: Any, notes: Iterable[int], size: float) -> None:
    """Add the numbers of notes, raised."""
    told = ", ".join(map(str, notes))
    if told:
        _run(paragraph, f"\u00a0{told}", size, LIGHT.faint)
        paragraph.runs[-1].font._element.set("baseline", "30000")  # noqa: SLF001


def _describe(shape: Any, text: str) -> None:
    """Give a shape its alternative text."""
    shape._element.xpath(".//p:cNvPr")[0].set("descr", clean(text))  # noqa: SLF001


def _plain(shape: Any, columns: list[float]) -> None:
    """Take the template's bands and fills off a table, and set its columns."""
    table = shape.table
    table.first_row = table.horz_banding = False
    style = shape._element.graphic.graphicData.tbl.tblPr.find(qn("a:tableStyleId"))  # noqa: SLF001
    if style is not None:
        style.text = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # PowerPoint's "No Style, No Grid"
    for column, wide in zip(table.columns, columns, strict=True):
        column.width = Emu(int(Inches(max(wide, 0.02))))


def _cell(cell: Any, text: str, size: float, colour: str, *, bold: bool = False, right: bool = False) -> None:
    cell.margin_left, cell.margin_right, cell.margin_top, cell.margin_bottom = Pt(0), Pt(8), Pt(3), Pt(3)
    frame = cell.text_frame
    frame.word_wrap = True
    paragraph = frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
    _run(paragraph, text, size, colour, bold=bold)


# Native charts

_TYPES = {
    "line": XL_CHART_TYPE.LINE,
    "columns": XL_CHART_TYPE.COLUMN_STACKED,
    "bars": XL_CHART_TYPE.BAR_CLUSTERED,  # wholly overlapping: unlike stacked bars they take numbers at their ends
}


def _chart(slide: Any, plot: Plot, alt: str, box: tuple[float, float, float, float]) -> None:
    """Draw a native chart with its marks as one group: chart and marks move together, and both can be edited."""
    left, top, wide, tall = box
    group = slide.shapes.add_group_shape()
    group.name = "Chart"
    above = min(_LANE * len(plot.lanes), 0.62 * tall)
    top, tall = top + above, tall - above
    data = CategoryChartData(number_format="0.00" if plot.signed else "#,##0;#,##0")
    data.categories = [clean(name) for name in plot.categories]
    for one in plot.series:
        data.add_series(clean(one.name), one.amounts)
    head = 0.3 if plot.marks or plot.left else 0.05
    frame = group.shapes.add_chart(
        _TYPES[plot.kind], Inches(left), Inches(top), Inches(wide), Inches(tall), data
    )
    _describe(frame, alt)
    frame.name = "Chart"
    chart = frame.chart
    chart.has_legend = chart.has_title = False
    chart.font.size, chart.font.color.rgb = Pt(10.5), _rgb(LIGHT.muted)
    if plot.kind != "line":
        chart.plots[0].gap_width, chart.plots[0].overlap = 35, 100
    inner = _axes(chart, plot, (wide, tall), head)
    _paint(chart, plot)
    x0, y0, w, h = inner
    if plot.kind == "bars":
        for text, right in ((plot.left, False), (plot.right, True)):
            if text:
                label = group.shapes.add_textbox(
                    Inches(left + x0 * wide), Inches(top), Inches(w * wide), Inches(0.28)
                )
                _label(label, text, PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT)
        return
    begin, each = left + x0 * wide, w * wide / max(len(plot.categories), 1)
    ends = -1.0
    for mark in plot.marks:
        x = begin + (mark.at + (0.0 if mark.solid and plot.kind == "line" else 0.5)) * each
        line = group.shapes.add_connector(
            MSO_CONNECTOR.STRAIGHT,
            Inches(x),
            Inches(top + y0 * tall),
            Inches(x),
            Inches(top + (y0 + h) * tall),
        )
        line.name = f"Mark {mark.label}".strip()
        _bare(line)
        line.line.width = Pt(0.9 if mark.solid else 0.75)
        line.line.color.rgb = _rgb(LIGHT.text if mark.solid else LIGHT.muted)
        if not mark.solid:
            line.line.dash_style = MSO_LINE.ROUND_DOT
        if mark.label:
            near = x - ends < 0.18
            _disc(group, x + 0.01 + (0.1 if near else 0), top + y0 * tall - 0.15, mark.label)
            ends = x
    for note in plot.notes:
        x = begin + (note.at + 0.5) * each
        label = group.shapes.add_textbox(
            Inches(x - 0.07), Inches(top + (y0 + h) * tall - 0.2), Inches(0.6), Inches(0.2)
        )
        label.name = f"Analyst’s note {note.label}".strip()
        _label(label, f"{MARK} {note.label}".strip(), PP_ALIGN.LEFT, size=10)
    if plot.lanes:
        _lanes(group, plot, (begin, top - above, w * wide, above), left)


def _disc(group: Any, x: float, y: float, number: str) -> None:
    """Draw the number of a key event on a dark disc around this point."""
    disc = group.shapes.add_shape(
        MSO_SHAPE.OVAL, Inches(x - 0.1), Inches(y - 0.1), Inches(0.2), Inches(0.2)
    )  # fmt: skip
    disc.name = f"Key event {number}"
    disc.fill.solid()
    disc.fill.fore_color.rgb = _rgb(LIGHT.accent)
    disc.line.color.rgb, disc.line.width = _rgb(LIGHT.card), Pt(1)
    _bare(disc)
    _label(disc, number, PP_ALIGN.CENTER, size=9.5, colour="#FFFFFF")


def _lanes(group: Any, plot: Plot, box: tuple[float, float, float, float], edge: float) -> None:
    """Draw lanes as a native chart of points on the axis of the columns below; numbers and names as shapes over it."""
    left, top, wide, tall = box
    most, pad = len(plot.lanes), 0.14
    lane = (tall - 2 * pad) / most
    kinds: dict[tuple[str, int], list[Dot]] = {}
    for dot in plot.bare_dots:
        kinds.setdefault((dot.quad_class, max(2 * round(dot.size * 0.375), 4)), []).append(dot)
    # Not all programs draw the edge of a marker, so a hollow one is a smaller one in the ground's colour on a full one;
    # it comes before and after that, since some draw the last series uppermost, others the first.
    layers = [
        (name, size - inner, LIGHT.card if inner else LIGHT.classes[name], dots)
        for (name, size), dots in kinds.items()
        for inner in ((2, 0, 2) if name.startswith("verbal") else (0,))
    ]
    data = XyChartData()
    for name, size, colour, dots in layers:
        series = data.add_series(f"{name}, {'inside of ' if colour == LIGHT.card else ''}marks of {size} pt")
        for dot in dots:
            series.add_data_point(round(dot.at, 3), round(most - 1 - dot.lane + dot.aside, 3))
    frame = group.shapes.add_chart(
        XL_CHART_TYPE.XY_SCATTER, Inches(left), Inches(top), Inches(wide), Inches(tall), data
    )
    frame.name = "Lanes"
    _describe(
        frame,
        f"Events over time in lanes ({', '.join(plot.lanes)}): {words.plural(len(plot.bare_dots), 'mark')}, key events numbered",
    )
    chart = frame.chart
    chart.has_legend = chart.has_title = False
    for axis, low, high in (
        (chart.category_axis, -0.5, len(plot.categories) - 0.5),
        (chart.value_axis, -0.5, most - 0.5),
    ):
        axis.minimum_scale, axis.maximum_scale = low, high
        axis.has_major_gridlines = axis.has_minor_gridlines = False
        axis.major_tick_mark = axis.minor_tick_mark = XL_TICK_MARK.NONE
        axis.tick_label_position = XL_TICK_LABEL_POSITION.NONE
        axis.format.line.fill.background()
    _layout(chart, (0.0, pad / tall, 1.0, 1 - 2 * pad / tall))
    for series, (name, size, colour, _) in zip(chart.plots[0].series, layers, strict=True):
        series.format.line.fill.background()
        series.marker.style = XL_MARKER_STYLE.DIAMOND if "conflict" in name else XL_MARKER_STYLE.CIRCLE
        series.marker.size = max(size, 2)
        series.marker.format.fill.solid()
        series.marker.format.fill.fore_color.rgb = _rgb(colour)
        series.marker.format.line.fill.background()
    for at, name in enumerate(plot.lanes):
        y = top + pad + (at + 0.5) * lane
        rule = group.shapes.add_connector(
            MSO_CONNECTOR.STRAIGHT, Inches(left), Inches(y), Inches(left + wide), Inches(y)
        )
        rule.name, rule.line.width, rule.line.color.rgb = f"Lane {name}", Pt(0.75), _rgb(LIGHT.grid)
        _bare(rule)
        _behind(rule, frame)
        label = group.shapes.add_textbox(
            Inches(edge), Inches(y - 0.12), Inches(left - edge - 0.1), Inches(0.24)
        )
        label.name = f"Name of lane {name}"
        _label(label, name, PP_ALIGN.RIGHT, size=11, bold=False)
    for dot in plot.dots:
        if dot.number:
            _disc(
                group, left + (dot.at + 0.5) * wide / len(plot.categories), top + pad + (dot.lane + 0.5) * lane, dot.number
            )  # fmt: skip


def _behind(shape: Any, other: Any) -> None:
    """Move a shape behind another of its group."""
    other._element.addprevious(shape._element)  # noqa: SLF001 python-pptx has no order of shapes


def _label(
    shape: Any, text: str, align: Any, *, size: float = 11.5, colour: str = LIGHT.text, bold: bool = True
) -> None:
    frame = shape.text_frame
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    frame.word_wrap = align != PP_ALIGN.CENTER
    frame.paragraphs[0].alignment = align
    _run(frame.paragraphs[0], text, size, colour, bold=bold)


def _axes(
    chart: Any, plot: Plot, size: tuple[float, float], head: float
) -> tuple[float, float, float, float]:
    """Set both axes and where the plot lies in its frame; return that as shares of the frame."""
    wide, tall = size
    values, names = chart.value_axis, chart.category_axis
    values.minimum_scale, values.maximum_scale = plot.low, plot.high
    values.has_minor_gridlines = False
    bars = plot.kind == "bars"
    values.has_major_gridlines = not bars
    values.major_tick_mark = names.major_tick_mark = XL_TICK_MARK.NONE
    values.format.line.fill.background()
    if bars:
        values.tick_label_position = XL_TICK_LABEL_POSITION.NONE
        names.reverse_order = True
        names.tick_labels.font.size = Pt(11)
        names.tick_labels.font.color.rgb = _rgb(LIGHT.text)
    else:
        values.major_gridlines.format.line.color.rgb = _rgb(LIGHT.grid)
        values.major_gridlines.format.line.width = Pt(0.75)
        values.tick_labels.number_format = "+0.0;\u22120.0;0" if plot.signed else "#,##0;#,##0"
        values.tick_labels.number_format_is_linked = False
        if len(plot.ticks) > 1:
            values.major_unit = plot.ticks[1] - plot.ticks[0]
        step = label_step(plot, 7)
        for tag in ("c:tickLblSkip", "c:tickMarkSkip"):
            element = etree.SubElement(names._element, qn(tag))  # noqa: SLF001
            element.set("val", str(step))
            names._element.find(qn("c:noMultiLvlLbl")).addprevious(element)  # noqa: SLF001
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    names.tick_labels.font.size = Pt(11 if bars else 10)
    for turned in names._element.iter(qn("a:bodyPr")):  # noqa: SLF001
        turned.set("rot", "1")  # not 0: LibreOffice would then let labels overlap
        turned.set("vert", "horz")
    names.has_major_gridlines = False
    names.format.line.color.rgb = _rgb(LIGHT.muted)
    longest = max((len(name) for name in plot.categories), default=0)
    left = min(0.085 * longest + 0.15, 2.0) if bars else 1.15 if plot.lanes else 0.5
    inner = (
        left / wide,
        head / tall,
        (wide - left - 0.12) / wide,
        (tall - head - (0.05 if bars else 0.34)) / tall,
    )
    _layout(chart, inner)
    return inner


def _layout(chart: Any, inner: tuple[float, float, float, float]) -> None:
    """Say where the plot lies in its frame, in shares of the frame: left, top, width, height."""
    area = chart._chartSpace.chart.plotArea  # noqa: SLF001
    for old in area.findall(qn("c:layout")):
        area.remove(old)
    layout = etree.Element(qn("c:layout"))
    manual = etree.SubElement(layout, qn("c:manualLayout"))
    settings = [("layoutTarget", "inner"), ("xMode", "edge"), ("yMode", "edge")]
    settings += [(tag, f"{share:.4f}") for tag, share in zip("xywh", inner, strict=True)]
    for tag, value in settings:
        etree.SubElement(manual, qn(f"c:{tag}")).set("val", value)
    area.insert(0, layout)


def _paint(chart: Any, plot: Plot) -> None:
    """Give every series its colours, and bars their numbers."""
    for series, one in zip(chart.plots[0].series, plot.series, strict=True):
        if plot.kind == "line":
            series.smooth = False
            series.format.line.color.rgb = _rgb(one.colour)
            series.format.line.width = Pt(one.width * 0.75)
            if one.dash:
                series.format.line.dash_style = MSO_LINE.ROUND_DOT
            series.marker.style = None
            marker = series._element.get_or_add_marker()  # noqa: SLF001
            symbol = marker.find(qn("c:symbol"))
            if symbol is None:
                symbol = etree.SubElement(marker, qn("c:symbol"))
            symbol.set("val", "none")
            continue
        series.invert_if_negative = False
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = _rgb(one.colour)
        for at, colour in enumerate(one.colours):
            point = series.points[at]
            point.format.fill.solid()
            point.format.fill.fore_color.rgb = _rgb(colour)
        if plot.labels:
            labels = series.data_labels
            labels.show_value = True
            labels.number_format, labels.number_format_is_linked = "#,##0;#,##0;;", False
            labels.position = XL_LABEL_POSITION.OUTSIDE_END
            labels.font.size, labels.font.color.rgb = Pt(10.5), _rgb(LIGHT.muted)
