"""A briefing as a document (DOCX): headings, real tables, captions, and a footnote behind every statement."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Mm, Pt, RGBColor
from lxml import etree

from events.briefing.content import Briefing, Fact, Line, Section, Table, Visual, key_item
from events.briefing.package import settled
from events.briefing.recipe import clean
from events.charts import words
from events.charts.remarks import MARK, Remarks
from events.charts.theme import GLYPHS, LIGHT
from events.errors import InputError

__all__ = ["document"]

Picture = Callable[[Visual], bytes | None]
"""Draws a figure as PNG; None where no picture can be drawn."""

_SERIF, _SANS = "Georgia", "Arial"
_SIZES = {"A4": (Mm(210), Mm(297)), "Letter": (Mm(215.9), Mm(279.4))}
_EDGE = Mm(24)
_ROWS = 40  # of a table that stands for a picture
_FOOTNOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
_FOOTNOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


def document(briefing: Briefing, picture: Picture) -> bytes:
    """Return the briefing as a DOCX. `picture` draws its figures; raises InputError for a bad template."""
    return _Writer(briefing, picture).done()


class _Writer:
    def __init__(self, briefing: Briefing, picture: Picture) -> None:
        self.briefing, self.picture = briefing, picture
        self.notes = {note.number: note for note in briefing.notes}
        self.given: dict[int, int] = {}  # note -> number of its footnote here
        template = briefing.recipe.template
        self.own = not template.lower().endswith((".docx", ".dotx"))
        self.doc = _open(None if self.own else template)
        if self.own:
            _dress(self.doc, briefing.recipe.paper)
        section = self.doc.sections[0]
        self.wide = section.page_width - section.left_margin - section.right_margin
        self.counted = {"Figure": 0, "Table": 0}

    def done(self) -> bytes:
        b, doc = self.briefing, self.doc
        doc.add_paragraph(clean(b.title), style="Title")
        doc.add_paragraph(clean(b.subtitle), style="Subtitle")
        self._para(f"{b.basis}. {b.source}.", "Caption")
        if b.samples:
            self._para(
                "Sample data: invented by Entente to show what a briefing looks like. Not for use.",
                "Strong note",
            )
        for section in b.sections:
            self._section(section)
        self._running()
        self._footnotes()
        core = doc.core_properties
        core.title, core.subject, core.author = b.title[:255], b.basis[:255], "Entente"
        core.comments, core.keywords = b.source[:255], "sample data" if b.samples else ""
        core.last_modified_by, core.revision, core.language = "Entente", 1, "en-GB"
        core.created = core.modified = b.made.replace(tzinfo=None)
        out = io.BytesIO()
        doc.save(out)
        return settled(out.getvalue(), b.made)

    # Sections

    def _section(self, section: Section) -> None:
        self.doc.add_heading(clean(section.title), level=1)
        if section.subtitle:
            self._para(section.subtitle, "Lead")
        if section.note:
            self._para(section.note, "Strong note")
        if section.empty and not (section.lines or section.table or section.visual):
            self._para(section.empty)
        for text in section.paragraphs:
            self._para(text)
        if section.kind == "headline":
            self._headline(section.facts)
        if section.visual:
            self._visual(section.visual, section)
        if section.kind != "headline":
            for fact in section.facts:
                self._fact(fact)
        if section.lines:
            self._lines(section.lines)
            self._together()
        if section.table:
            self._table(section.table, section.title)
            self._together()
        self._remarks(section.remarks)
        if section.facts and section.kind != "headline":
            for paragraph in self.doc.paragraphs[-2:]:
                paragraph.paragraph_format.keep_with_next = True
        self._para(" · ".join(section.drawn_caption), "Source")
        for text in section.details:
            self._para(text, "Small")

    def _together(self) -> None:
        """Keep the last rows of the last table with what follows, lest a caption or a row begin a page alone."""
        for row in self.doc.tables[-1].rows[-2:]:
            for cell in row.cells:
                for paragraph in cell.paragraphs:
                    paragraph.paragraph_format.keep_with_next = True

    def _remarks(self, remarks: Remarks) -> None:
        """Write the analysts' notes by their letters in the chart."""
        if not remarks.every and not remarks.cut:
            return
        head = self._para("Analysts’ notes", "Small")
        head.runs[0].font.bold, head.paragraph_format.keep_with_next = True, True
        for remark in remarks.shown:
            line = self.doc.add_paragraph(style="Small")
            line.paragraph_format.left_indent, line.paragraph_format.first_line_indent = Mm(9), Mm(-9)
            line.paragraph_format.space_after, line.paragraph_format.keep_with_next = Pt(2), True
            _run(line, f"{MARK} {remark.letter}\t", 8.5, LIGHT.text, bold=True)
            _run(line, remark.words, 8.5, LIGHT.text)
        if remarks.cut:
            self._para(f"{remarks.cut}.", "Small")

    def _headline(self, facts: tuple[Fact, ...]) -> None:
        """Draw the headline figures side by side."""
        table = self.doc.add_table(rows=3, cols=len(facts))
        table.alignment = WD_TABLE_ALIGNMENT.LEFT
        for at, fact in enumerate(facts):
            for row, (text, size, colour, bold) in enumerate(
                (
                    (fact.name, 8.5, LIGHT.muted, False),
                    (fact.figure, 17, _ink(fact.sign), True),
                    (fact.text, 8.5, LIGHT.muted, False),
                )
            ):
                paragraph = table.cell(row, at).paragraphs[0]
                paragraph.paragraph_format.space_after = Pt(0)
                _run(paragraph, text, size, colour, bold=bold)
        for row in table.rows:
            _whole(row)
        self._para("", "Small")

    def _visual(self, visual: Visual, section: Section) -> None:
        drawn = self.picture(visual)
        if drawn is None:
            self._para(
                "The figure needs Chrome or Chromium where this was made; here are its numbers.", "Small"
            )
            table = visual.table
            rows = table.rows[:_ROWS]
            self._table(Table(table.head, rows, table.align, table.widths), section.title)
            if len(rows) < len(table.rows):
                self._para(f"Showing {len(rows)} of {words.plural(len(table.rows), 'row')}.", "Small")
            return
        paragraph = self.doc.add_paragraph(style="Figure")
        wide = min(self.wide, Emu(int(self.wide)))
        shape = paragraph.add_run().add_picture(io.BytesIO(drawn), width=wide)
        most = Mm(150)
        if shape.height > most:
            shape.width, shape.height = int(shape.width * most / shape.height), most
        properties = shape._inline.docPr  # noqa: SLF001 python-docx has no other way to the alternative text
        properties.set("descr", clean(visual.alt))
        properties.set("name", f"Figure {self.counted['Figure'] + 1}")
        if visual.key:
            key = self.doc.add_paragraph(style="Small")
            key.paragraph_format.keep_with_next = True
            for item in visual.key.split("\n"):
                colour, name, glyph = key_item(item)
                if name:
                    _run(key, f"{glyph or '■'} ", 8, colour)
                _run(key, f"{name or item}   ", 8, LIGHT.muted)
        self._numbered("Figure", section.title)

    def _numbered(self, kind: str, text: str) -> None:
        """Write a caption with a number that Word counts."""
        self.counted[kind] += 1
        paragraph = self.doc.add_paragraph(style="Caption")
        if kind == "Table":
            paragraph.paragraph_format.keep_with_next = True
        _run(paragraph, f"{kind} ", 9, LIGHT.muted, bold=True)
        field = parse_xml(
            f'<w:fldSimple {nsdecls("w")} w:instr=" SEQ {kind} \\* ARABIC "><w:r><w:rPr><w:b/></w:rPr>'
            f"<w:t>{self.counted[kind]}</w:t></w:r></w:fldSimple>"
        )
        paragraph._p.append(field)  # noqa: SLF001
        _run(paragraph, f". {text}", 9, LIGHT.muted)

    def _fact(self, fact: Fact) -> None:
        paragraph = self.doc.add_paragraph(style="List Bullet")
        _run(paragraph, f"{fact.figure} ", None, _ink(fact.sign), bold=True)
        _run(paragraph, fact.text, None, LIGHT.text)
        self._cite(paragraph, fact.notes)

    def _lines(self, lines: tuple[Line, ...]) -> None:
        """Draw a chronology as a table without rules: number, day, glyph, sentence with its footnote."""
        numbered = any(line.number for line in lines)
        shares = (0.05 if numbered else 0.005, 0.17, 0.04, 0.74)
        table = self.doc.add_table(rows=len(lines), cols=4)
        _columns(table, [int(self.wide * share) for share in shares])
        for line, row in zip(lines, table.rows, strict=True):
            _whole(row)
            where = f" {line.entry.where}." if line.entry.where else ""
            cells = row.cells
            for cell in cells:
                cell.paragraphs[0].paragraph_format.space_after = Pt(3)
            _run(cells[0].paragraphs[0], str(line.number or ""), 10, LIGHT.text, bold=True)
            _run(cells[1].paragraphs[0], line.entry.when, 9.5, LIGHT.muted)
            _run(cells[2].paragraphs[0], GLYPHS[line.quad_class], 9.5, LIGHT.classes[line.quad_class])
            text = cells[3].paragraphs[0]
            _run(text, line.entry.told, 10, LIGHT.text)
            _run(text, where, 10, LIGHT.muted)
            if line.entry.caveats:
                _run(text, f" [{'; '.join(line.entry.caveats)}]", 9.5, LIGHT.muted)
            self._cite(text, (line.note,))

    def _table(self, table: Table, title: str) -> None:
        self._numbered("Table", title)
        made = self.doc.add_table(rows=len(table.rows) + 1, cols=len(table.head))
        made.style = "Entente table" if self.own else made.style
        whole = sum(table.widths)
        _columns(made, [int(self.wide * share / whole) for share in table.widths])
        head = made.rows[0]
        properties = head._tr.get_or_add_trPr()  # noqa: SLF001
        properties.append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
        for y, (row, texts) in enumerate(zip(made.rows, (table.head, *table.rows), strict=True)):
            _whole(row)
            cells = row.cells
            for x, (cell, text) in enumerate(zip(cells, texts, strict=True)):
                paragraph = cell.paragraphs[0]
                paragraph.paragraph_format.space_after = Pt(2)
                paragraph.paragraph_format.space_before = Pt(2)
                if table.align[x] == "r":
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                _run(
                    paragraph,
                    text,
                    8.5 if len(table.head) > 4 else 9.5,
                    LIGHT.muted if y == 0 else LIGHT.text,
                    bold=y == 0,
                )
                if y and x == table.noted and y - 1 in table.notes:
                    self._cite(paragraph, (table.notes[y - 1],))

    # Footnotes

    def _cite(self, paragraph: Any, numbers: Iterable[int]) -> None:
        """Put footnotes here; one that stands already is pointed to by its number."""
        for at, number in enumerate(numbers):
            if at:
                _run(paragraph, ",", None, LIGHT.text)
                paragraph.runs[-1].font.superscript = True
            if number in self.given:
                paragraph._p.append(  # noqa: SLF001
                    parse_xml(
                        f'<w:fldSimple {nsdecls("w")} w:instr=" NOTEREF note{number} \\f \\h "><w:r><w:rPr>'
                        f'<w:rStyle w:val="FootnoteReference"/></w:rPr><w:t>{self.given[number]}</w:t></w:r></w:fldSimple>'
                    )
                )
                continue
            self.given[number] = len(self.given) + 1
            for xml in (
                f'<w:bookmarkStart {nsdecls("w")} w:id="{number}" w:name="note{number}"/>',
                (
                    f'<w:r {nsdecls("w")}><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
                    f'<w:footnoteReference w:id="{self.given[number]}"/></w:r>'
                ),
                f'<w:bookmarkEnd {nsdecls("w")} w:id="{number}"/>',
            ):
                paragraph._p.append(parse_xml(xml))  # noqa: SLF001

    def _footnotes(self) -> None:
        """Add the part that holds the footnotes: python-docx knows none."""
        root = etree.Element(
            qn("w:footnotes"), nsmap={"w": nsdecls("w").split('"')[1], "r": nsdecls("r").split('"')[1]}
        )
        for ident, kind in ((-1, "separator"), (0, "continuationSeparator")):
            root.append(
                parse_xml(
                    f'<w:footnote {nsdecls("w")} w:type="{kind}" w:id="{ident}"><w:p><w:pPr><w:spacing w:after="0"/></w:pPr>'
                    f"<w:r><w:{kind}/></w:r></w:p></w:footnote>"
                )
            )
        package = self.doc.part.package
        part = Part(PackURI("/word/footnotes.xml"), _FOOTNOTES_TYPE, b"", package)
        for number, ident in self.given.items():
            note = parse_xml(
                f'<w:footnote {nsdecls("w")} w:id="{ident}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr><w:r><w:rPr>'
                '<w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r></w:p></w:footnote>'
            )
            paragraph = note.find(qn("w:p"))
            known = self.notes[number]
            for at, article in enumerate(known.articles):
                told = ", ".join(
                    filter(
                        None,
                        (
                            article.outlet or "outlet unknown",
                            f"“{article.title}”" if article.title else "",
                            article.published,
                        ),
                    )
                )
                paragraph.append(_words(f"{'; ' if at else ' '}{told}"))
                if article.url:
                    paragraph.append(_words(", "))
                    link = etree.SubElement(paragraph, qn("w:hyperlink"))
                    link.set(
                        qn("r:id"), part.relate_to(article.url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
                    )
                    link.append(_words(article.url, style="Hyperlink"))
            rest = f"; {words.plural(known.more, 'more article')}" if known.more else ""
            paragraph.append(
                _words(f"{'' if known.articles else ' no article'}{rest}. Event {known.event_id}.")
            )
            root.append(note)
        part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)  # noqa: SLF001
        self.doc.part.relate_to(part, _FOOTNOTES)

    # Words

    def _para(self, text: str, style: str | None = None) -> Any:
        known = {s.name for s in self.doc.styles}
        paragraph = self.doc.add_paragraph(style=style if style in known else None)
        paragraph.add_run(clean(text).replace("\n", " "))
        return paragraph

    def _running(self) -> None:
        """Write the running head and foot: the title, what the data are, the page."""
        b, section = self.briefing, self.doc.sections[0]
        head = section.header.paragraphs[0]
        head.text = ""
        _run(head, words.shorten(b.title, 80), 8.5, LIGHT.muted)
        if b.samples:
            _run(head, "   SAMPLE DATA, not for use", 8.5, LIGHT.conflict_text, bold=True)
            head._p.append(_watermark())  # noqa: SLF001
        foot = section.footer.paragraphs[0]
        foot.text = ""
        _run(foot, f"{b.source}. Page ", 8, LIGHT.faint)
        for at, instruction in enumerate(("PAGE", "NUMPAGES")):
            if at:
                _run(foot, " of ", 8, LIGHT.faint)
            foot._p.append(  # noqa: SLF001
                parse_xml(
                    f'<w:fldSimple {nsdecls("w")} w:instr=" {instruction} "><w:r><w:rPr><w:sz w:val="16"/></w:rPr><w:t>1</w:t></w:r></w:fldSimple>'
                )
            )


# The design


def _open(path: str | None) -> Any:
    try:
        return Document(path)
    except Exception as error:
        raise InputError(
            f"cannot be used as a template ({error}); name a .docx file, or leave template out",
            source=str(path),
        ) from error


def _dress(doc: Any, paper: str) -> None:
    """Set the paper and our styles on the library's own template."""
    section = doc.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = _SIZES[paper]
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _EDGE
    styles = doc.styles
    normal = styles["Normal"]
    _font(normal, _SANS, 10.5, LIGHT.text)
    normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(6), 1.15
    normal.paragraph_format.widow_control = True
    for name, points, before, after in (
        ("Title", 26, 0, 4),
        ("Heading 1", 16, 20, 3),
        ("Heading 2", 13, 12, 3),
    ):
        style = styles[name]
        _font(style, _SERIF, points, LIGHT.text, bold=True)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        style.paragraph_format.keep_with_next = True
        border = style.element.find(f".//{qn('w:pBdr')}")
        if border is not None:
            border.getparent().remove(border)
    _font(styles["Subtitle"], _SANS, 13, LIGHT.muted)
    for spaced in styles["Subtitle"].element.iter(qn("w:spacing")):
        if spaced.get(qn("w:val")):  # of letters: the library's template parts them
            spaced.set(qn("w:val"), "0")
    _font(styles["Caption"], _SANS, 9, LIGHT.muted)
    for name, size, colour, bold in (
        ("Lead", 10.5, LIGHT.muted, False),
        ("Strong note", 10.5, LIGHT.text, True),
        ("Source", 8, LIGHT.faint, False),
        ("Small", 8.5, LIGHT.muted, False),
        ("Figure", 10, LIGHT.text, False),
        ("Footnote Text", 8, LIGHT.text, False),
    ):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        _font(style, _SANS, size, colour, bold=bold)
        style.paragraph_format.space_after = Pt(2 if name == "Footnote Text" else 5)
    styles["Source"].paragraph_format.space_before = Pt(5)
    styles["Lead"].paragraph_format.keep_with_next = True
    styles["Figure"].paragraph_format.keep_with_next = True
    styles["Figure"].paragraph_format.space_before = Pt(4)
    styles["Footnote Text"].paragraph_format.line_spacing = 1.0
    reference = styles.add_style("Footnote Reference", WD_STYLE_TYPE.CHARACTER)
    reference.font.superscript = True
    link = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb, link.font.underline = _rgb(LIGHT.cooperation_text), True
    table = styles.add_style("Entente table", WD_STYLE_TYPE.TABLE)
    table.base_style = styles["Normal Table"]
    line = LIGHT.line[1:]
    table.element.append(
        parse_xml(
            f'<w:tblPr {nsdecls("w")}><w:tblBorders><w:top w:val="single" w:sz="6" w:color="{LIGHT.muted[1:]}"/>'
            f'<w:bottom w:val="single" w:sz="6" w:color="{LIGHT.muted[1:]}"/>'
            f'<w:insideH w:val="single" w:sz="4" w:color="{line}"/></w:tblBorders>'
            '<w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="110" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        )
    )


def _font(style: Any, name: str, size: float, colour: str, *, bold: bool = False) -> None:
    style.font.name, style.font.size, style.font.bold = name, Pt(size), bold
    style.font.italic = False
    style.font.color.rgb = _rgb(colour)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{kind}"), None)
    fonts.set(qn("w:hAnsi"), name)


def _rgb(colour: str) -> Any:
    return RGBColor.from_string(colour.lstrip("#").upper())


def _ink(sign: int) -> str:
    return LIGHT.cooperation_text if sign > 0 else LIGHT.conflict_text if sign < 0 else LIGHT.text


def _run(paragraph: Any, text: str, size: float | None, colour: str, *, bold: bool = False) -> None:
    run = paragraph.add_run(clean(text).replace("\n", " "))
    run.font.bold = bold
    run.font.color.rgb = _rgb(colour)
    if size is not None:
        run.font.size = Pt(size)


def _words(text: str, *, style: str = "") -> Any:
    """Return a run of text as XML."""
    run = parse_xml(f"<w:r {nsdecls('w')}/>")
    if style:
        properties = etree.SubElement(run, qn("w:rPr"))
        etree.SubElement(properties, qn("w:rStyle")).set(qn("w:val"), style)
    told = etree.SubElement(run, qn("w:t"))
    told.text = clean(text)
    told.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return run


def _columns(table: Any, widths: list[int]) -> None:
    """Set the widths of columns, in the grid and in each cell: Word reads the cells, others the grid."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width


def _whole(row: Any) -> None:
    """Keep a row of a table on one page."""
    row._tr.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))  # noqa: SLF001


def _watermark() -> Any:
    """Return the words SAMPLE DATA behind each page."""
    return parse_xml(
        f'<w:r {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:w10="urn:schemas-microsoft-com:office:word"><w:rPr><w:noProof/></w:rPr><w:pict>'
        '<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
        'path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/>'
        '<v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/>'
        '<v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/></v:formulas>'
        '<v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/></v:shapetype>'
        '<v:shape id="Watermark" o:spid="_x0000_s2049" type="#_x0000_t136" alt="SAMPLE DATA" '
        'style="position:absolute;margin-left:0;margin-top:0;width:430pt;height:90pt;rotation:315;z-index:-251658752;'
        "mso-position-horizontal:center;mso-position-horizontal-relative:margin;mso-position-vertical:center;"
        'mso-position-vertical-relative:margin" o:allowincell="f" fillcolor="#ECE9E3" stroked="f">'
        '<v:textpath style="font-family:&quot;Arial&quot;;font-size:1pt" string="SAMPLE DATA"/></v:shape></w:pict></w:r>'
    )
