"""The sidebar: its widgets, their place in the URL, and the Selection that they make."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any, TypeVar

import streamlit as st

from events import codebook
from events.charts import words
from events.charts.theme import GLYPHS
from events.dashboard import answers
from events.errors import InputError
from events.gazetteer import gazetteer
from events.schema import Selection, Status

__all__ = [
    "DEFAULTS",
    "chosen",
    "dataset_name",
    "held",
    "only_dyad",
    "only_party",
    "only_period",
    "pair",
    "publish",
    "reset",
    "reset_all",
    "selection",
    "show",
    "toggle_about",
]

Name = TypeVar("Name", bound=str)

PERIODS = {"30 d": 30, "90 d": 90, "1 y": 365, "All": None}

_CLASS_NAMES = {
    "material cooperation": "Mat. coop.",
    "verbal cooperation": "Verb. coop.",
    "verbal conflict": "Verb. conf.",
    "material conflict": "Mat. conf.",
}

DEFAULTS: dict[str, Any] = {
    "period": "All",
    "from": None,
    "to": None,
    "party": [],
    "dyad": "",
    "class": [],
    "about": [],
    "type": [],
    "sector": [],
    "states": False,
    "recalled": True,
    "sure": 0.0,
    "outlets": 1,
    "words": "",
    "data": "auto",
}
"""The widgets by key, which is also their name in the URL, with the value that restricts nothing."""

# Streamlit writes the labels of options to the URL; ours are names and glyphs that may change. So these five
# are kept there by us, as codes: "?party=RUS&class=verbal+conflict".
_CODED = ("party", "class", "about", "type", "sector")
_IN_URL = "_in_url"

# Which widgets stand behind a field of the Selection: a chip's ✕ puts them back.
_BEHIND = {
    "start": ("period", "from", "to"),
    "end": ("period", "from", "to"),
    "parties": ("party",),
    "dyad": ("dyad",),
    "quad_classes": ("class",),
    "event_types": ("type",),
    "domains": ("about",),
    "issues": ("about",),
    "sectors": ("sector",),
    "states_only": ("states",),
    "statuses": ("recalled",),
    "min_confidence": ("sure",),
    "min_outlets": ("outlets",),
    "search": ("words",),
}

_CURRENT = "_selection"


def reset(names: str) -> None:
    """Put the widgets behind these fields of the Selection (separated by |) back to their defaults."""
    for name in names.split("|"):
        for key in _BEHIND.get(name, ()):
            st.session_state[key] = DEFAULTS[key]


def reset_all() -> None:
    """Put every widget back to its default, the dataset excepted."""
    for key, value in DEFAULTS.items():
        if key != "data":
            st.session_state[key] = value


def chosen(key: str, options: Sequence[Name]) -> Name:
    """Return the value of a select box that may be drawn later in the run, taken from the URL where that is new.

    The first of `options` is the default. Draw the box with this key, then call `publish`.
    """
    _take(key, {key: options})
    now = st.session_state.get(key)
    value = next((option for option in options if option == now), options[0])
    st.session_state[key] = value  # written even where it is the same: a box on another page takes it over
    return value


def held(key: str, known: Callable[[str], bool]) -> str:
    """Return a value that clicks and the URL set and no widget holds; "" where it is none or not known."""
    given = st.query_params.get_all(key)
    if given and given != st.session_state.setdefault(_IN_URL, {}).get(key):
        st.session_state[key] = given[0]
    value = st.session_state.get(key) or ""
    if not known(value):
        st.session_state[key] = value = ""
    return value


def pair(value: str) -> tuple[str, str] | None:
    """Return the two parties of "RUS-UKR"; None where they are not two parties that we know."""
    a, _, b = value.partition("-")
    names = gazetteer()
    known = {*names.states(), *names.organisations()}
    return (a, b) if a in known and b in known and a != b else None


def only_party(code: str) -> None:
    """Filter everything by this party (for a button's on_click)."""
    st.session_state["party"] = [code]
    st.session_state["dyad"] = ""


def only_dyad(value: str) -> None:
    """Filter everything by this dyad, "RUS-UKR" (for a button's on_click)."""
    st.session_state["dyad"] = value


def toggle_about(topic: str) -> None:
    """Filter everything by this domain or issue alone; where it is so already, take the filter back."""
    known = topic in codebook.domains() or topic in codebook.issues()
    st.session_state["about"] = [topic] if known and st.session_state.get("about") != [topic] else []


def only_period(start: date, end: date) -> None:
    """Filter everything by these days, both included (for a button's on_click)."""
    st.session_state["from"], st.session_state["to"] = start, end


def publish(key: str, default: str) -> None:
    """Put the value of a select box into the URL, unless it is the default."""
    value = st.session_state.get(key)
    _put(key, [value] if value and value != default else [])


def dataset_name(asked: Selection) -> str:
    """Return the dataset that a Selection shows: its own, else real articles where there are any."""
    return asked.dataset or answers.dataset()


def selection() -> Selection:
    """Return the Selection of this run (made by `show`)."""
    found: Selection = st.session_state[_CURRENT]
    return found


def _period(newest: date | None) -> tuple[date | None, date | None]:
    """Return start and end: own dates win over "the last 90 days", which end with the newest event."""
    start, end = st.session_state.get("from"), st.session_state.get("to")
    if start or end:
        return start, end
    days = PERIODS.get(st.session_state.get("period") or "All")
    if days is None or newest is None:
        return None, None
    return newest - timedelta(days=days - 1), newest


def _about(value: str) -> str:
    entry = codebook.domains().get(value)
    return entry.label if entry else value


def _make(newest: date | None, dataset: str | None) -> Selection:
    state = st.session_state
    start, end = _period(newest)
    statuses: tuple[Status, ...] = ("occurred", "background") if state["recalled"] else ("occurred",)
    chosen_classes = tuple(name for name in codebook.QUAD_CLASSES if name in (state["class"] or ()))
    made = Selection(
        parties=tuple(state["party"]),
        dyad=pair(held("dyad", lambda value: not value or pair(value) is not None)),
        event_types=tuple(state["type"]),
        quad_classes=() if len(chosen_classes) == len(codebook.QUAD_CLASSES) else chosen_classes,
        domains=tuple(item for item in state["about"] if item in codebook.domains()),
        issues=tuple(item for item in state["about"] if item not in codebook.domains()),
        sectors=tuple(state["sector"]),
        statuses=statuses,
        min_confidence=float(state["sure"]),
        min_outlets=int(state["outlets"]),
        states_only=bool(state["states"]),
        search=(state["words"] or "").strip(),
        dataset=dataset,
    )
    try:
        return replace(made, start=start, end=end)
    except InputError:
        st.sidebar.warning("The period ends before it starts, so it is left out. Change “From” or “To”.")
        return made


def _take(key: str, options: dict[str, Collection[str]]) -> None:
    """Take what the URL says of this widget where that is new; values that nobody knows are left out.

    A widget that another page drew, and that Streamlit forgot since, is taken from the URL again.
    """
    given = st.query_params.get_all(key)
    ours = st.session_state.setdefault(_IN_URL, {}).get(key)
    if not given or (given == ours and key in st.session_state):
        return
    known = [value for value in dict.fromkeys(given) if value in options[key]]
    if key in _CODED:
        st.session_state[key] = known
    elif known:
        st.session_state[key] = known[0]


def _put(key: str, values: list[str]) -> None:
    """Put the values of this widget into the URL, and remember that they are ours."""
    if st.query_params.get_all(key) != values:
        if values:
            st.query_params[key] = values
        else:
            st.query_params.pop(key, None)
    st.session_state.setdefault(_IN_URL, {})[key] = values


def _widgets(options: dict[str, Collection[str]], counted: dict[str, int]) -> None:
    st.segmented_control(
        "Period",
        list(PERIODS),
        default="All",
        required=True,
        key="period",
        bind="query-params",
        width="stretch",
        help="Counted back from the newest event in the data.",
    )
    st.multiselect(
        "Parties",
        list(options["party"]),
        format_func=lambda code: f"{words.short_name(code)} ({counted.get(code, 0):,})",
        placeholder="Any state or organisation",
        key="party",
        persist_state="session",
        filter_mode="contains",
        select_all=False,
    )
    st.pills(
        "Class",
        list(options["class"]),
        selection_mode="multi",
        format_func=lambda name: f"{GLYPHS[name]} {_CLASS_NAMES[name]}",
        key="class",
        persist_state="session",
        help="Circle cooperation, diamond conflict; filled done, hollow said. None chosen: all four.",
    )
    st.multiselect(
        "Issues",
        list(options["about"]),
        format_func=_about,
        placeholder="Any issue or domain",
        key="about",
        persist_state="session",
        filter_mode="contains",
        select_all=False,
    )
    with st.expander("More filters", icon=":material/tune:"):
        st.text_input("Words in sentence or title", key="words", bind="query-params", max_chars=200)
        left, right = st.columns(2, wrap=False)
        left.date_input(
            "From",
            value=None,
            format="YYYY-MM-DD",
            key="from",
            bind="query-params",
            min_value=date(1800, 1, 1),
        )
        right.date_input(
            "To", value=None, format="YYYY-MM-DD", key="to", bind="query-params", min_value=date(1800, 1, 1)
        )
        st.multiselect(
            "Types",
            list(options["type"]),
            format_func=words.act,
            placeholder="Any type",
            key="type",
            persist_state="session",
        )
        st.multiselect(
            "Sectors",
            list(options["sector"]),
            format_func=lambda s: codebook.sectors()[s],
            placeholder="Any sector",
            key="sector",
            persist_state="session",
        )
        st.slider("Confidence from", 0.0, 1.0, 0.0, 0.05, key="sure", bind="query-params")
        st.number_input("Outlets from", 1, 1000, 1, key="outlets", bind="query-params")
        st.toggle("States only", key="states", bind="query-params", help="Hide international organisations.")
        st.toggle(
            "Recalled acts", True, key="recalled", bind="query-params",
            help="Earlier acts that an article recalls, at the date it gives them.",
        )  # fmt: skip


def _parties(counted: dict[str, int]) -> dict[str, int]:
    """Return all parties: those with events first, the most frequent first, then the rest by name."""
    names = gazetteer()
    every = [*names.states(), *names.organisations()]
    return {
        code: counted.get(code, 0)
        for code in sorted(every, key=lambda code: (-counted.get(code, 0), words.short_name(code)))
    }


def show() -> None:
    """Draw the sidebar's filters and set the Selection of this run."""
    have = answers.datasets()
    names = ["auto", *sorted(have)]
    picked = chosen("data", names)
    dataset = None if picked == "auto" else picked
    with st.sidebar:
        place = st.container(key="filters")
        if len(have) > 1:
            st.selectbox(
                "Dataset",
                names,
                key="data",
                format_func=lambda name: "Automatic" if name == "auto" else name.capitalize(),
                help="Automatic: your articles, or the samples while there are none.",
            )
        publish("data", "auto")
        everything = Selection(dataset=dataset)
        frame = answers.parties(everything)
        counted = dict(zip(frame["code"], (int(n) for n in frame["n"]), strict=True))
        options: dict[str, Collection[str]] = {
            "party": _parties(counted),
            "class": codebook.QUAD_CLASSES,
            "about": dict.fromkeys([*codebook.domains(), *sorted(codebook.issues())]),
            "type": codebook.event_types(),
            "sector": codebook.sectors(),
        }
        for key in _CODED:
            _take(key, options)
        with place:
            _widgets(options, counted)
        for key in _CODED:
            _put(key, list(st.session_state[key] or ()))
        st.session_state[_CURRENT] = _make(answers.counts(everything).last, dataset)
        publish("dyad", "")
        _foot()


def _foot() -> None:
    version = answers.version()
    when = answers.last_commit()
    name = dataset_name(selection()).capitalize()
    line = f"{name} · version {version}" + (f" · {words.time_of(when)}" if when else "")
    st.html(f'<div class="en en-foot">{line}</div>')


assert set(DEFAULTS) >= {key for keys in _BEHIND.values() for key in keys}  # noqa: S101
assert set(_BEHIND) <= {field.name for field in fields(Selection)}  # noqa: S101
