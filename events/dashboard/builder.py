"""The builder of briefings: whose events, which sections in which order and words, the preview, the files.

What the reader builds lives in the session as plain values under "_brief"; a recipe is made from it in each run, so
that what is previewed, exported and saved is the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from events.briefing import recipe as recipes
from events.briefing import writer
from events.briefing.content import Briefing, Section, build, resolve
from events.briefing.recipe import KINDS, Part, Recipe
from events.briefing.web import figure_of
from events.charts import words
from events.charts.remarks import MARK
from events.dashboard import answers, borders, controls, desk, frame, lists, markup, relations
from events.errors import EntenteError
from events.gazetteer import gazetteer
from events.queries import Queries
from events.reference import SIDECAR, default_store
from events.schema import Selection
from events.views import Desk

__all__ = ["about", "built", "choose_sections", "export", "files", "made", "preview", "shown", "texts"]

_KEPT, _FILE, _ROUND = "_brief", "_brief_file", "_brief_round"
ABOUT = {
    "filters": "The filters of the sidebar",
    "dyad": "A dyad",
    "state": "A state or organisation",
    "issue": "An issue",
    "view": "A saved view",
    "recipe": "The loaded recipe",
}
_MOVING = {"30 d": 30, "90 d": 90, "1 y": 365}
_PREVIEW = 12  # lines and rows of the preview


def _state() -> dict[str, Any]:
    """Return what is being built: sections as dicts, the texts, the section that is chosen."""
    if _KEPT not in st.session_state:
        st.session_state[_KEPT] = {
            "parts": [], "of": "", "title": "", "subtitle": "", "paper": "A4", "fixed": False, "chosen": 0, "loaded": None,
        }  # fmt: skip
    found: dict[str, Any] = st.session_state[_KEPT]
    return found


def _parts_of(recipe: Recipe) -> list[dict[str, Any]]:
    return [
        {
            "kind": p.kind,
            "on": True,
            "title": p.title,
            "note": p.note,
            "text": p.text,
            "most": p.most,
            "measure": p.measure,
        }
        for p in recipe.parts
    ]


# Whose events


def about() -> tuple[Selection, int | None]:
    """Draw what the briefing is about; return the selection, and the days that count back from the newest event."""
    sidebar, state = controls.selection(), _state()
    options = [name for name in ABOUT if name != "recipe" or state["loaded"]]
    views = desk.attempt(lambda: desk.desk().views()) or {}
    if not views:
        options.remove("view")
    chosen = controls.chosen("on", options)
    with st.container(horizontal=True, vertical_alignment="bottom", key="brief_about", gap="small"):
        st.selectbox("Briefing on", options, format_func=ABOUT.__getitem__, key="on", width=240)
        controls.publish("on", options[0])
        days = None
        if chosen == "dyad":
            pair = relations.pair(sidebar)
            relations.pair_boxes(sidebar)
            selection = replace(sidebar, parties=(), dyad=pair)
        elif chosen == "state":
            codes = _codes(sidebar)
            code = controls.chosen("of", codes)
            st.selectbox(
                "State or organisation",
                codes,
                format_func=words.short_name,
                key="of",
                width=240,
                filter_mode="contains",
            )
            controls.publish("of", "")
            selection = replace(sidebar, parties=(code,), dyad=None, direction="both")
        elif chosen == "issue":
            names = _issues(sidebar)
            issue = controls.chosen("issue", names)
            st.selectbox("Issue", names, key="issue", width=300, filter_mode="contains")
            controls.publish("issue", "")
            selection = replace(sidebar, issues=(issue,), domains=())
        elif chosen == "view":
            keys = list(views)
            key = controls.chosen("view", keys)
            st.selectbox("View", keys, format_func=lambda key: views[key].name, key="view", width=300)
            selection = views[key].selection
            days = _MOVING.get(dict(views[key].state).get("period", ""))
        elif chosen == "recipe":
            selection, days = state["loaded"].selection, state["loaded"].days
        else:
            selection = sidebar
    if days:
        selection = replace(selection, start=None, end=None)
    kind = "dyad" if selection.dyad else "wider"
    if not state["parts"] or (state["of"] != kind and chosen != "recipe"):
        state["parts"], state["chosen"] = _parts_of(recipes.standard(selection)), 0
    state["of"] = kind
    return replace(selection, store_version=None), days


def _codes(selection: Selection) -> list[str]:
    counted = list(answers.parties(Selection(dataset=selection.dataset))["code"])
    names = gazetteer()
    rest = {*names.states(), *names.organisations()} - set(counted)
    return [*counted, *sorted(rest, key=words.short_name)]


def _issues(selection: Selection) -> list[str]:
    found = answers.by_issue(Selection(dataset=selection.dataset))["issue"]
    named = [str(issue) for issue in found if not str(issue).endswith(", in general")]
    return named or ["armed conflict"]


def made(selection: Selection, days: int | None) -> Recipe:
    """Return the recipe of what is built."""
    state = _state()
    parts = tuple(
        Part(p["kind"], p["title"], p["note"], p["text"], p["most"], p["measure"])
        for p in state["parts"]
        if p["on"]
    )
    version = answers.version() if state["fixed"] else None
    template = state["loaded"].template if state["loaded"] else ""
    return Recipe(
        replace(selection, store_version=version), parts, state["title"], state["subtitle"], template, state["paper"], days
    )  # fmt: skip


# Sections


def _move(at: int, by: int) -> None:
    state = _state()
    parts = state["parts"]
    to = at + by
    if 0 <= to < len(parts):
        parts[at], parts[to] = parts[to], parts[at]
        if state["chosen"] in {at, to}:
            state["chosen"] = to if state["chosen"] == at else at
    _drop_widgets()


def _choose(at: int) -> None:
    _state()["chosen"] = at


def _turn(at: int) -> None:
    _state()["parts"][at]["on"] = bool(st.session_state[f"part_on_{at}"])


def _add_text() -> None:
    state = _state()
    own = {"kind": "text", "on": True, "title": "", "note": "", "text": "", "most": None, "measure": None}
    state["parts"].insert(state["chosen"] + 1, own)
    state["chosen"] += 1
    _drop_widgets()


def _reset(selection: Selection) -> None:
    state = _state()
    state["parts"], state["chosen"] = _parts_of(recipes.standard(selection)), 0
    _drop_widgets()


def _drop_widgets() -> None:
    """Forget the boxes of the sections, which are named by their place: they take their values from the state again."""
    for key in [k for k in st.session_state if str(k).startswith(("part_on_", "part_text_"))]:
        del st.session_state[key]


def name_of(part: dict[str, Any]) -> str:
    """Return what a section is called in the list."""
    return words.shorten(part["title"], 34) if part["title"] else KINDS[part["kind"]]


def choose_sections(selection: Selection) -> None:
    """Draw the list of sections: on or off, the one that is shown, up and down."""
    state = _state()
    st.html(markup.card_head("Sections", "In this order; choose one to see and word it"))
    for at, part in enumerate(state["parts"]):
        with st.container(
            horizontal=True, wrap=False, vertical_alignment="center", key=f"kept_part_{at}", gap="xsmall"
        ):
            st.checkbox(
                KINDS[part["kind"]], value=part["on"], key=f"part_on_{at}", on_change=_turn, args=(at,),
                label_visibility="collapsed",
            )  # fmt: skip
            st.button(
                f"**{markup.plain(name_of(part))}**" if at == state["chosen"] else markup.plain(name_of(part)),
                key=f"part_{at}", type="tertiary", on_click=_choose, args=(at,), width="stretch",
            )  # fmt: skip
            st.button(
                "↑",
                key=f"up_{at}",
                type="tertiary",
                on_click=_move,
                args=(at, -1),
                disabled=at == 0,
                help="Move up",
            )
            st.button(
                "↓", key=f"down_{at}", type="tertiary", on_click=_move, args=(at, 1),
                disabled=at == len(state["parts"]) - 1, help="Move down",
            )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        st.button("Add own text", key="part_add", icon=":material/add:", type="tertiary", on_click=_add_text)
        st.button("Usual sections", key="part_reset", type="tertiary", on_click=_reset, args=(selection,))


def _put(field: str, key: str) -> None:
    _state()[field] = st.session_state[key]


def _put_part(at: int, field: str, key: str) -> None:
    _state()["parts"][at][field] = st.session_state[key]


def texts(section: Section | None) -> None:
    """Draw the words that can be changed: those of the whole, and those of the chosen section."""
    state = _state()
    st.html(markup.card_head("Words", "Empty boxes are written from the data"))
    for name, label in (("title", "Title of the briefing"), ("subtitle", "Line below it")):
        key = f"brief_{name}_{st.session_state.get(_ROUND, 0)}"
        st.text_input(label, value=state[name], max_chars=300, key=key, on_change=_put, args=(name, key))
    if not state["parts"]:
        return
    at = min(state["chosen"], len(state["parts"]) - 1)
    part = state["parts"][at]
    st.html(markup.part(KINDS[part["kind"]]))

    def box(field: str) -> dict[str, Any]:
        key = f"part_text_{at}_{part['kind']}_{st.session_state.get(_ROUND, 0)}_{field}"
        return {"value": part[field], "key": key, "on_change": _put_part, "args": (at, field, key)}

    written = section.title if section and not part["title"] else ""
    st.text_input("Title", placeholder=written, max_chars=300, **box("title"))
    if part["kind"] == "text":
        st.text_area("Text, a paragraph a line", max_chars=8000, height=180, **box("text"))
    st.text_area("Your note", max_chars=8000, height=90, **box("note"))
    if part["kind"] in {"chronology", "evidence", "pairs", "coming"}:
        st.number_input("Rows at most", 1, recipes.MOST, placeholder="as fits", **box("most"))


# Building


def _notes(selection: Selection) -> pd.DataFrame | None:
    return desk.notes_on(selection)


@st.cache_resource(max_entries=6, show_spinner="Writing the briefing")
def _built(location: str, at: int, text: str, notes: str) -> Briefing:
    recipe = recipes.read(text)
    queries = Queries(answers.store(), at)
    found = Desk(location).note_frame(resolve(recipe, queries)) if notes else None
    return build(recipe, queries, found)


def built(recipe: Recipe) -> Briefing:
    """Return the briefing, made anew where recipe, store version or notes changed; raises InputError without events."""
    notes = _notes(recipe.selection)
    return _built(
        default_store(), answers.version(), recipes.write(recipe), "" if notes is None else notes.to_csv()
    )


# Preview


def shown(briefing: Briefing | None) -> Section | None:
    """Return the section that is chosen in the list; None where it is off."""
    parts, at = _state()["parts"], _state()["chosen"]
    if briefing is None or not parts or at >= len(parts) or not parts[at]["on"]:
        return None
    place = sum(bool(part["on"]) for part in parts[:at])
    return briefing.sections[place]


def preview(briefing: Briefing, section: Section) -> None:
    """Draw a section as it will be written."""
    st.html(markup.card_head(section.title, section.subtitle))
    if section.note:
        st.markdown(f"**{markup.plain(section.note)}**")
    if section.empty and not (section.lines or section.table or section.visual or section.paragraphs):
        st.html(markup.empty(section.title, section.empty))
    theme = frame.theme()
    if section.kind == "headline":
        st.html(markup.figures((fact.name, fact.figure, fact.text) for fact in section.facts))
    for text in section.paragraphs:
        st.markdown(markup.plain(text))
    if section.visual:
        figure, is_map = figure_of(section.visual), section.visual.geo
        with st.container(key="brief_paper_map" if is_map else "brief_paper_chart"):
            st.plotly_chart(
                figure, theme=None, key=f"brief_{section.kind}", alt=section.visual.alt,
                height="stretch" if is_map else "content",
                config={"displayModeBar": False, "topojsonURL": borders.address()},
            )  # fmt: skip
    if section.facts and section.kind != "headline":
        items = [_fact(fact) for fact in section.facts]
        st.html(markup.rows(items, kind="en-2"))
    rows = "".join(
        markup.chronicle(
            line.number,
            line.entry.when,
            lists.glyph(line.quad_class, theme),
            line.entry.told,
            line.entry.where,
        )
        for line in section.lines[:_PREVIEW]
    )
    if rows:
        st.html(rows)
    if section.table:
        st.html(markup.table(section.table.head, section.table.rows[:_PREVIEW]))
    for remark in section.remarks.shown:
        st.html(markup.caption_line(f"{MARK} {remark.letter}\u2002{remark.words}"))
    if section.remarks.cut:
        st.html(markup.caption_line(section.remarks.cut))
    shown = max(len(section.lines), len(section.table.rows) if section.table else 0)
    cut = f"the preview shows {_PREVIEW} of {shown}" if shown > _PREVIEW else ""
    st.html(markup.caption([*section.drawn_caption, cut, "sample data" if briefing.samples else ""]))


def _fact(fact: Any) -> str:
    ink = frame.theme().sign_text(fact.sign)
    return f'<div><strong style="color:{ink}">{escape(fact.figure)}</strong> {escape(fact.text)}</div>'


# Files


def _make(recipe: Recipe, kind: str, name: str) -> None:
    """Make the file (a callback): what went wrong is told on the page, and no half file is offered."""
    st.session_state.pop(_FILE, None)

    def work() -> writer.Made:
        return writer.made(recipe, answers.store(), kind, name, _notes(recipe.selection))

    made = desk.attempt(work)
    if made is not None:
        st.session_state[_FILE] = (kind, recipes.write(recipe), answers.version(), made)


def files(recipe: Recipe, briefing: Briefing | None, kind: str) -> None:
    """Draw what makes a file of this kind, what it lacks without Chrome, and the file once it is made."""
    name = f"{name_for(briefing)}.{kind}"
    lacking = writer.needs_chrome(kind)
    if lacking:
        st.caption(lacking)
    if kind == "pdf" and briefing is not None and (fontless := writer.without_font(briefing)):
        st.caption(fontless)
    pinned = replace(recipe, selection=replace(recipe.selection, store_version=answers.version()))
    st.button(
        f"Make {kind.upper()}", key="brief_make", type="primary", on_click=_make, args=(pinned, kind, name),
        disabled=briefing is None or (bool(lacking) and kind == "pdf"), width="stretch",
    )  # fmt: skip
    ready = st.session_state.get(_FILE)
    if ready and ready[:3] == (kind, recipes.write(pinned), answers.version()):
        made: writer.Made = ready[3]
        size = len(made.data) / 1e6
        st.download_button(
            f"Download {name} ({size:.1f} MB)" if size >= 0.1 else f"Download {name}",
            data=made.data, file_name=name, key="brief_download", on_click="ignore", icon=":material/download:",
            width="stretch",
        )  # fmt: skip
        if made.description:
            st.download_button(
                "What the file holds (JSON)", data=made.description.encode(), file_name=name + SIDECAR,
                key="brief_described", on_click="ignore", icon=":material/description:", width="stretch",
                help="Period, filters, numbers and store version; kept beside the file, an import reads it back",
            )  # fmt: skip


def name_for(briefing: Briefing | None) -> str:
    """Return a file's name from the title: letters, figures and hyphens."""
    title = briefing.title if briefing else "briefing"
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    kept = "".join(c if c.isalnum() else "-" for c in plain)
    return "-".join(part for part in kept.split("-") if part)[:60] or "briefing"


def export(recipe: Recipe, briefing: Briefing | None) -> None:
    """Draw what can be taken away: files, the recipe, and the way to load one."""
    state = _state()
    st.html(markup.card_head("Files", "Each says source, version, period, numbers and filters"))
    papers, again = list(recipes.PAPERS), st.session_state.get(_ROUND, 0)
    key = f"brief_fixed_{again}"
    st.toggle(
        f"Keep the data of now (version {answers.version()})", value=state["fixed"], key=key, on_change=_put,
        args=("fixed", key), help="On: the recipe makes the same briefing for ever. Off: it takes the newest events.",
    )  # fmt: skip
    kind = st.selectbox(
        "Format", list(writer.FORMATS), format_func=writer.FORMATS.__getitem__, key="brief_kind"
    )
    if kind in {"docx", "html", "pdf"}:
        key = f"brief_paper_{again}"
        st.selectbox(
            "Paper", papers, index=papers.index(state["paper"]), key=key, on_change=_put, args=("paper", key)
        )
    files(recipe, briefing, kind)
    with st.container(horizontal=True, gap="small", key="brief_recipe"):
        st.download_button(
            "Save recipe", data=recipes.write(recipe).encode(), file_name=f"{name_for(briefing)}.toml", key="brief_save",
            icon=":material/save:", on_click="ignore", mime="application/toml",
            help="A small file that makes this briefing again: python -m events brief FILE.toml --out brief.pptx",
            disabled=not recipe.parts,
        )  # fmt: skip
        with st.popover("Load recipe", icon=":material/upload:", key="brief_load"):
            _load()


def _take(recipe: Recipe) -> None:
    state = _state()
    state |= {
        "parts": _parts_of(recipe), "title": recipe.title, "subtitle": recipe.subtitle, "paper": recipe.paper,
        "fixed": recipe.store_version is not None, "chosen": 0, "loaded": recipe, "of": "dyad" if recipe.selection.dyad else "wider",
    }  # fmt: skip
    st.session_state["on"] = "recipe"
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    _drop_widgets()


def _load() -> None:
    for name, path in recipes.shipped().items():
        st.button(
            f"Shipped: {name}", key=f"brief_ship_{name}", type="tertiary",
            on_click=partial(_attempt_take, partial(recipes.load, path)),
        )  # fmt: skip
    given = st.file_uploader(
        "Recipe", type=["toml"], key=f"brief_given_{st.session_state.get(_ROUND, 0)}", max_upload_size=1
    )
    if given is None:
        return
    try:
        recipe = recipes.read(given.getvalue().decode("utf-8-sig", "replace"), source=given.name)
    except EntenteError as error:
        st.error(markup.plain(str(error)))
        return
    _take(replace(recipe, template=""))  # a template is a file of the other computer
    st.rerun()


def _attempt_take(read: Callable[[], Recipe]) -> None:
    recipe = desk.attempt(read)
    if recipe is not None:
        _take(recipe)
