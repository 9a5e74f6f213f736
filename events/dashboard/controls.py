"""The sidebar: its widgets, their place in the URL, and the Selection that they make."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any, TypeVar

import streamlit as st

from events import codebook
from events.accuracy import accuracy, caution
from events.charts import words
from events.charts.theme import GLYPHS
from events.dashboard import answers
from events.engines import engine_name
from events.errors import InputError
from events.gazetteer import gazetteer
from events.outlets import KINDS, outlets
from events.schema import Selection, Status

__all__ = [
    "BOUND",
    "DEFAULTS",
    "adopt",
    "chosen",
    "dataset_name",
    "held",
    "only_dyad",
    "only_party",
    "only_period",
    "page_state",
    "pair",
    "parameters",
    "parties",
    "publish",
    "reset",
    "reset_all",
    "selection",
    "show",
    "toggle_about",
    "with_members",
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
    "way": "any",
    "members": False,
    "class": [],
    "about": [],
    "type": [],
    "sector": [],
    "flag": [],
    "unflag": [],
    "states": False,
    "status": ["occurred", "background"],
    "said": None,
    "sure": 0.0,
    "outlets": 1,
    "from_country": [],
    "from_kind": [],
    "words": "",
    "data": "auto",
    "version": None,
    "coded": False,
}
"""The widgets by key, which is also their name in the URL, with the value that restricts nothing."""

# Streamlit writes the labels of options to the URL; ours are names and glyphs that may change. So these
# are kept there by us, as codes: "?party=RUS&class=verbal+conflict".
_LISTS = (
    "party", "class", "about", "type", "sector", "flag", "unflag", "status", "from_country", "from_kind",
)  # fmt: skip
_SINGLE = ("way", "said", "outlets", "version")
_NUMBERS = ("outlets", "version")  # a bound number input breaks down on "outlets=1e999"
_CODED = (*_LISTS, *_SINGLE)
BOUND = ("period", "from", "to", "members", "words", "sure", "states", "coded")
"""The widgets that Streamlit itself keeps in the URL: a link within the dashboard must leave them out."""

_IN_URL = "_in_url"

# Which widgets stand behind a field of the Selection: a chip's ✕ puts them back.
_BEHIND = {
    "start": ("period", "from", "to"),
    "end": ("period", "from", "to"),
    "parties": ("party",),
    "dyad": ("dyad", "way"),
    "direction": ("way",),
    "members": ("members",),
    "quad_classes": ("class",),
    "event_types": ("type",),
    "domains": ("about",),
    "issues": ("about",),
    "sectors": ("sector",),
    "flagged": ("flag",),
    "unflagged": ("unflag",),
    "states_only": ("states",),
    "statuses": ("status",),
    "attributed_to": ("said",),
    "min_confidence": ("sure",),
    "min_outlets": ("outlets",),
    "outlet_countries": ("from_country",),
    "outlet_kinds": ("from_kind",),
    "search": ("words",),
    "dataset": ("data",),
    "store_version": ("version",),
    "as_coded": ("coded",),
}

_STATUSES: dict[Status, str] = {"occurred": "Occurred", "background": "Recalled", "denied": "Denied"}
_WAYS = ("any", "both", "a_to_b", "b_to_a")
_FIRST_DAY, _LAST_DAY = date(1800, 1, 1), date(2199, 12, 31)
_MOST_OUTLETS = 1000
_VERSIONS = 300  # so many of the newest are offered

_CURRENT = "_selection"


def reset(names: str) -> None:
    """Put the widgets behind these fields of the Selection (separated by |) back to their defaults."""
    for name in names.split("|"):
        _back(_BEHIND.get(name, ()))


def reset_all() -> None:
    """Put every widget back to its default, dataset and store version excepted."""
    _back(key for key in DEFAULTS if key not in {"data", "version"})


def _back(keys: Iterable[str]) -> None:
    for key in keys:
        value = DEFAULTS[key]
        st.session_state[key] = list(value) if isinstance(value, list) else value


def parameters(selection: Selection) -> dict[str, list[str]]:
    """Return the URL's parameters that make this Selection, with codes for values: {"party": ["RUS"], ...}.

    What the sidebar cannot say apart comes back as its equal: no status at all is all three.
    """
    statuses: list[str] = list(selection.statuses or _STATUSES)
    told: dict[str, list[str]] = {
        "from": [selection.start.isoformat()] if selection.start else [],
        "to": [selection.end.isoformat()] if selection.end else [],
        "party": list(selection.parties),
        "dyad": ["-".join(selection.dyad)] if selection.dyad else [],
        "way": [selection.direction] if selection.dyad and selection.direction != "both" else [],
        "members": ["true"] if selection.members else [],
        "class": list(selection.quad_classes),
        "about": [*selection.domains, *selection.issues],
        "type": list(selection.event_types),
        "sector": list(selection.sectors),
        "flag": list(selection.flagged),
        "unflag": list(selection.unflagged),
        "status": [] if set(statuses) == set(DEFAULTS["status"]) else statuses,
        "said": [selection.attributed_to] if selection.attributed_to else [],
        "sure": [f"{selection.min_confidence:g}"] if selection.min_confidence else [],
        "outlets": [str(selection.min_outlets)] if selection.min_outlets > 1 else [],
        "from_country": list(selection.outlet_countries),
        "from_kind": list(selection.outlet_kinds),
        "states": ["true"] if selection.states_only else [],
        "words": [selection.search] if selection.search else [],
        "data": [selection.dataset] if selection.dataset else [],
        "version": [str(selection.store_version)] if selection.store_version else [],
        "coded": ["true"] if selection.as_coded else [],
    }
    return {key: values for key, values in told.items() if values}


def adopt(selection: Selection, state: dict[str, str] | None = None) -> None:
    """Set the sidebar to this Selection: call it before the widgets are drawn (in a callback).

    `state` may hold "period" (one of the sidebar's), which then wins over the Selection's own days.
    """
    _back(DEFAULTS)
    s = st.session_state
    period = (state or {}).get("period", "All")
    if PERIODS.get(period):
        s["period"] = period
    else:
        s["from"], s["to"] = (
            day and min(max(day, _FIRST_DAY), _LAST_DAY) for day in (selection.start, selection.end)
        )
    told = parameters(selection)
    for key in _LISTS:
        if key in told:
            s[key] = told[key]
    for key in ("dyad", "way", "said", "data"):
        if key in told:
            s[key] = told[key][0]
    s["version"] = selection.store_version
    s["sure"] = float(selection.min_confidence)
    s["outlets"] = min(selection.min_outlets, _MOST_OUTLETS)
    s["states"], s["members"] = selection.states_only, selection.members
    s["coded"] = selection.as_coded
    s["words"] = selection.search


def page_state() -> tuple[tuple[str, str], ...]:
    """Return what the URL says beside the Selection: the page's own parameters, and a period that moves along."""
    own = [
        (key, value)
        for key in sorted(st.query_params)
        if key not in DEFAULTS
        for value in st.query_params.get_all(key)
    ]
    moving = str(st.session_state.get("period") or "All")
    if PERIODS.get(moving) and not (st.session_state.get("from") or st.session_state.get("to")):
        own.append(("period", moving))
    return tuple(own)


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
    st.session_state["dyad"], st.session_state["way"] = "", "any"


def only_dyad(value: str) -> None:
    """Filter everything by this dyad, "RUS-UKR" (for a button's on_click)."""
    st.session_state["dyad"], st.session_state["way"] = value, "both"


def with_members() -> None:
    """Let blocs stand for their member states too (for a button's on_click)."""
    st.session_state["members"] = True


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
    days = PERIODS.get(str(st.session_state.get("period") or "All"))
    if days is None or newest is None:
        return None, None
    return newest - timedelta(days=days - 1), newest


def _about(value: str) -> str:
    entry = codebook.domains().get(value)
    return entry.label if entry else value


def _make(newest: date | None, dataset: str | None) -> Selection:
    state = st.session_state
    start, end = _period(newest)
    told = state["status"] or _STATUSES
    statuses: tuple[Status, ...] = tuple(name for name in _STATUSES if name in told)
    dyad = pair(state["dyad"])
    chosen_classes = tuple(name for name in codebook.QUAD_CLASSES if name in (state["class"] or ()))
    made = Selection(
        parties=tuple(state["party"]),
        dyad=dyad,
        direction=_way() if dyad else "both",  # type: ignore[arg-type]
        members=bool(state["members"]),
        event_types=tuple(state["type"]),
        quad_classes=() if len(chosen_classes) == len(codebook.QUAD_CLASSES) else chosen_classes,
        domains=tuple(item for item in state["about"] if item in codebook.domains()),
        issues=tuple(item for item in state["about"] if item not in codebook.domains()),
        sectors=tuple(state["sector"]),
        flagged=tuple(state["flag"]),
        unflagged=tuple(state["unflag"]),
        statuses=statuses,
        attributed_to=state["said"],
        min_confidence=float(state["sure"]),
        min_outlets=int(state["outlets"]),
        outlet_countries=tuple(state["from_country"]),
        outlet_kinds=tuple(state["from_kind"]),
        states_only=bool(state["states"]),
        search=(state["words"] or "").strip(),
        dataset=dataset,
        store_version=state["version"],
        as_coded=bool(state["coded"]),
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
    if key in _LISTS:
        st.session_state[key] = known or list(DEFAULTS[key])
    elif known:
        st.session_state[key] = int(known[0]) if key in _NUMBERS else known[0]


def _way() -> str:
    """Return whose acts of the dyad count."""
    way = st.session_state.get("way")
    return way if way in _WAYS[2:] else "both"


def _turn() -> None:
    """Make a dyad of two parties, or two parties of a dyad, as the box "Acts of" says."""
    two = _two()
    if two is None:
        return
    if st.session_state["way"] == "any":
        st.session_state["dyad"], st.session_state["party"] = "", list(two)
    elif not st.session_state["dyad"]:
        st.session_state["dyad"], st.session_state["party"] = "-".join(two), []


def _two() -> tuple[str, str] | None:
    """Return the dyad, or the two parties that are chosen; None where there are not just two."""
    parties = list(st.session_state["party"] or ())
    return pair(st.session_state["dyad"]) or ((parties[0], parties[1]) if len(parties) == 2 else None)


def _coded(key: str) -> list[str]:
    """Return what the URL should say of this widget: nothing where it is at its default."""
    value = st.session_state[key]
    if key == "way":
        return [_way()] if st.session_state["dyad"] and _way() != "both" else []
    if key == "status":
        value = value or list(_STATUSES)
        return [] if set(value) == set(DEFAULTS["status"]) else list(value)
    if value == DEFAULTS[key]:
        return []
    return list(map(str, value)) if isinstance(value, list | tuple) else [str(value)]


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
    two = _two()
    if two:
        a, b = map(words.short_name, two)
        said = {
            "any": "Either, with anyone",
            "both": f"{a} and {b} alone",
            "a_to_b": f"{a} → {b}",
            "b_to_a": f"{b} → {a}",
        }
        if st.session_state["dyad"] and st.session_state["way"] == "any":
            st.session_state["way"] = "both"
        st.selectbox(
            "Acts of",
            _WAYS,
            format_func=said.__getitem__,
            key="way",
            persist_state="session",
            on_change=_turn,
            help="Whose acts count. An act of both sides, such as a meeting, goes both ways.",
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
        st.text_input(
            "Words in titles and texts",
            key="words",
            bind="query-params",
            max_chars=200,
            help='Every word, in any order. "an exact phrase", begin*, -without, one OR other; title: or '
            "sentence: at the start looks there alone. Case and accents do not count.",
        )
        left, right = st.columns(2, wrap=False)
        for label, key, where in (("From", "from", left), ("To", "to", right)):
            where.date_input(
                label,
                value=None,
                format="YYYY-MM-DD",
                key=key,
                bind="query-params",
                min_value=_FIRST_DAY,
                max_value=_LAST_DAY,
            )
        st.toggle(
            "Blocs with their members",
            key="members",
            bind="query-params",
            help="An organisation among the parties, such as the EU, stands for its member states too, each on the "
            "days of its membership.",
        )
        st.multiselect(
            "Types",
            list(options["type"]),
            format_func=_type,
            placeholder="Any type",
            key="type",
            persist_state="session",
            help=_types_help(),
        )
        st.multiselect(
            "Sectors",
            list(options["sector"]),
            format_func=lambda s: codebook.sectors()[s],
            placeholder="Any sector",
            key="sector",
            persist_state="session",
            help="A named actor of the act is of this sector.",
        )
        if list(st.session_state["sector"] or ()) != ["GOV"]:
            st.button("Government only", key="government", type="tertiary", on_click=_government)
        st.pills(
            "Status",
            list(_STATUSES),
            selection_mode="multi",
            format_func=_STATUSES.__getitem__,
            key="status",
            persist_state="session",
            help="Recalled: an earlier act that an article looks back on. Denied: told and contested; hidden at first.",
        )
        st.selectbox(
            "Attributed to",
            list(options["said"]),
            index=None,
            format_func=words.short_name,
            placeholder="Anyone",
            key="said",
            persist_state="session",
            filter_mode="contains",
            help="The party that the article gives as the source of the report.",
        )
        st.slider("Confidence from", 0.0, 1.0, 0.0, 0.05, key="sure", bind="query-params")
        st.number_input("Outlets from", 1, _MOST_OUTLETS, key="outlets", persist_state="session")
        _tellers(options)
        _triage(options)
        st.toggle("States only", key="states", bind="query-params", help="Hide international organisations.")


def _tellers(options: dict[str, Collection[str]]) -> None:
    """Draw the filters by who reports: only events that such an outlet tells."""
    st.multiselect(
        "Reported from",
        list(options["from_country"]),
        format_func=words.short_name,
        placeholder="Any country",
        key="from_country",
        persist_state="session",
        filter_mode="contains",
        select_all=False,
        help="Only events that an outlet of one of these countries reports. The registry of outlets knows "
        "which; who is not in it is of no country.",
    )
    st.multiselect(
        "Reported by",
        list(options["from_kind"]),
        format_func=lambda kind: words.outlet_kind(kind).capitalize(),
        placeholder="Any outlet",
        key="from_kind",
        persist_state="session",
        help="State: run or controlled by a government. Public: publicly owned or funded, its independence laid "
        "down by law. With countries: outlets that are both.",
    )


def _triage(options: dict[str, Collection[str]]) -> None:
    """Draw the filters by flag, which imported data sets alone have."""
    ours = st.session_state.get("data") in {"auto", "articles", "samples"}
    if ours and not (st.session_state["flag"] or st.session_state["unflag"]):
        return
    for label, key, told in (
        ("Hide imported events flagged as", "unflag", "Events with one of these flags are left out."),
        ("Only imported events flagged as", "flag", "Events with one of these flags alone."),
    ):
        st.multiselect(
            label,
            list(options[key]),
            format_func=lambda code: codebook.flags()[code].name,
            placeholder="No flag",
            key=key,
            persist_state="session",
            help=f"{told} What each means is on the page About the data.",
        )


def _type(name: str) -> str:
    return f"{words.act(name)} (weak)" if caution(name) else words.act(name)


def _types_help() -> str:
    """Return which types are often misread, as measured."""
    weak = [name for name in codebook.event_types() if caution(name)]
    if not weak:
        return f"Each type’s accuracy, measured on {accuracy().texts:,} texts, is on the page About the data."
    said = ", ".join(f"{words.act(name)} {accuracy().types[name].f1:.2f}" for name in weak)
    return f"Weak, so read the evidence before you count: {said} (F1). All figures are on the page About the data."


def _government() -> None:
    st.session_state["sector"] = ["GOV"]


def parties(dataset: str | None) -> dict[str, int]:
    """Return all parties with the number of their events in a data set: the busiest first, those without by name."""
    frame = answers.parties(Selection(dataset=dataset))
    counted = dict(zip(frame["code"], (int(n) for n in frame["n"]), strict=True))
    every = {*gazetteer().states(), *gazetteer().organisations(), *counted}
    return {
        code: counted.get(code, 0)
        for code in sorted(every, key=lambda code: (-counted.get(code, 0), words.short_name(code)))
    }


def _outlet_countries() -> list[str]:
    """Return the countries of the registered outlets, by name."""
    return sorted({outlet.country for outlet in outlets().values()}, key=words.short_name)


def show() -> None:
    """Draw the sidebar's filters and set the Selection of this run."""
    for key in (*_CODED, "dyad"):
        if (st.session_state.get(key) is None and DEFAULTS[key] is not None) or key not in st.session_state:
            _back([key])
    commits = answers.commits(_VERSIONS)
    _take("version", {"version": set(map(str, commits))})
    if st.session_state["version"] not in commits:
        st.session_state["version"] = None
    answers.hold(st.session_state["version"])
    have = answers.datasets()
    names = ["auto", *sorted(have)]
    picked = chosen("data", names)
    dataset = None if picked == "auto" else picked
    with st.sidebar:
        place = st.container(key="filters")
        with st.expander("Data", icon=":material/database:", key="data_shown"):
            st.selectbox(
                "Dataset",
                names,
                key="data",
                format_func=lambda name: "Automatic" if name == "auto" else words.dataset(name),
                help="Automatic: your articles, or the samples while there are none.",
            )
            st.selectbox(
                "Store version",
                [None, *commits],
                key="version",
                persist_state="session",
                format_func=lambda n: "Newest" if n is None else f"{n}: {words.time_of(commits[n])}",
                help="An earlier version shows the data as they were then; a link with it never changes.",
            )
            st.toggle(
                "As coded, without corrections",
                key="coded",
                bind="query-params",
                help="What people judged on the page Review counts in every figure at once. On: the coder’s values.",
            )
        publish("data", "auto")
        counted = parties(dataset)
        options: dict[str, Collection[str]] = {
            "party": counted,
            "way": _WAYS,
            "class": codebook.QUAD_CLASSES,
            "about": dict.fromkeys([*codebook.domains(), *sorted(codebook.issues())]),
            "type": codebook.event_types(),
            "sector": codebook.sectors(),
            "flag": codebook.flags(),
            "unflag": codebook.flags(),
            "status": _STATUSES,
            "from_country": _outlet_countries(),
            "from_kind": KINDS,
            "said": counted,
            "outlets": set(map(str, range(1, _MOST_OUTLETS + 1))),
        }
        for key in options:
            _take(key, options)
        held("dyad", lambda value: not value or pair(value) is not None)
        if _two() is None:
            st.session_state["way"] = "any"
        elif st.session_state["way"] in _WAYS[1:]:
            _turn()
        with place:
            _widgets(options, counted)
        for key in _CODED:
            _put(key, _coded(key))
        publish("dyad", "")
        st.session_state[_CURRENT] = _make(answers.counts(Selection(dataset=dataset)).last, dataset)
        _foot()
    if selection().search:
        answers.await_index(selection().search)


def _foot() -> None:
    version, newest = answers.version(), answers.newest_version()
    when = answers.last_commit()
    name = words.dataset(dataset_name(selection()))
    which = f"version {version}" + (f" of {newest}" if version != newest else "")
    by = " · answered by Spark" if engine_name() == "spark" else ""
    st.html(
        f'<div class="en en-foot">{name} · {which}{f" · {words.time_of(when)}" if when else ""}{by}</div>'
    )


assert set(DEFAULTS) >= {key for keys in _BEHIND.values() for key in keys}  # noqa: S101
assert set(DEFAULTS) == {*BOUND, *_CODED, "data", "dyad"}  # noqa: S101
assert set(_BEHIND) == {field.name for field in fields(Selection)}  # noqa: S101
