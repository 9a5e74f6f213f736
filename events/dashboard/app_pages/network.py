"""Matrix and network: who acts on whom among twenty states, and who deals with whom among all parties."""

from __future__ import annotations

from datetime import date

import streamlit as st

from events.charts import legends, matrices, networks, words
from events.charts.theme import LIGHT
from events.dashboard import answers, controls, frame, lists, markup, panels
from events.gazetteer import is_state

SIZE = (700, 560)  # the network in a card at 1,440 px

HOW_MATRIX = (
    "Each square is the mean of PLOVER’s intensity over the events of one direction (an act of both sides counts "
    "in each), or of both together. From five events on it is drawn in nine fixed steps; below, it is pale and "
    "holds the sign alone. Similar states stand together by the second eigenvector of the similarity of their "
    "relations; by bloc, each state stands with the first of EU, CSTO, NATO, ASEAN, GCC, Arab League, ECOWAS, AU, "
    "CARICOM, OAS, SAARC, PIF and SCO that it was a member of at the end of the period, else with its region."
)
HOW_NETWORK = (
    "A dot is a party, its area the number of its events; a line is a dyad, its width the number of events, orange "
    "where more than half of them are in conflict, blue where more than half are in cooperation, pale below five. "
    "Places: springs from where the parties lie on the map (Fruchterman and Reingold 1991), the same for the same "
    "data. Nearness has no unit."
)


@st.cache_data(max_entries=16, show_spinner=False)
def places(edges: tuple[tuple[str, str, int], ...], size: tuple[int, int]) -> dict[str, tuple[float, float]]:
    """Return where the network's parties stand."""
    return networks.layout(edges, size)


def pick_cell() -> None:
    """Take the clicked square."""
    found = panels.choice("matrix")
    if isinstance(found, list) and len(found) == 2:
        st.session_state["cell"] = f"{found[0]}-{found[1]}"


def pick_node() -> None:
    """Take the clicked dot, or the middle of the clicked line."""
    found = panels.choice("network")
    if isinstance(found, str):
        st.session_state["node"] = found.replace(" ", "-")


def open_dyad(value: str) -> None:
    """Show a partner's dyad beside the network."""
    st.session_state["node"] = value


selection = controls.selection()
counts = answers.counts(selection)
day: date = selection.end or counts.last or answers.today()

frame.head("Matrix and network", lists.scope(selection, counts))
frame.samples_note(selection)
frame.chips(selection)
if frame.no_match(selection):
    st.stop()

matrix_tab, network_tab = st.tabs(["Matrix", "Network"], on_change="rerun", key="shape", bind="query-params")

dyads = answers.by_dyad(selection)

if matrix_tab.open:
    with matrix_tab:
        busiest = [str(code) for code in answers.by_state(selection)["party"]]
        have = matrices.blocs(day)
        several = len(selection.parties) > 1
        scopes = [*(["chosen"] if several else []), "busiest", *have]
        names = {
            "chosen": "The chosen parties",
            "busiest": "The busiest states",
            **{code: f"{words.short_name(code)} ({number})" for code, number in have.items()},
        }
        with st.container(horizontal=True, key="matrix_controls", vertical_alignment="bottom"):
            scope = controls.chosen("who", scopes)
            st.selectbox("Rows and columns", scopes, format_func=names.__getitem__, key="who", width=240)
            order = controls.chosen("order", matrices.ORDERS)
            st.selectbox(
                "Sorted by", matrices.ORDERS, key="order", width=170,
                format_func={"similarity": "Similarity", "bloc": "Bloc", "events": "Events"}.__getitem__,
            )  # fmt: skip
            view = controls.chosen("ways", ("directed", "both"))
            st.selectbox(
                "Squares", ("directed", "both"), key="ways", width=250,
                format_func={"directed": "Row acts on column", "both": "Both directions together"}.__getitem__,
            )  # fmt: skip
        for key, default in (("who", scopes[0]), ("order", matrices.ORDERS[0]), ("ways", "directed")):
            controls.publish(key, default)
        symmetric = view == "both"
        if scope == "chosen":
            every = list(selection.parties)
            parties, of, noun = every[: matrices.MOST], len(every), "party"
        elif scope == "busiest":
            every = [code for code in busiest if is_state(code)]
            parties, of, noun = every[: matrices.MOST], len(every), "state"
        else:
            parties, of = matrices.members(scope, day, busiest)
            noun = "member"
        if symmetric:
            cells = matrices.both_ways(dyads[dyads["a"].isin(parties) & dyads["b"].isin(parties)])
        else:
            cells = answers.by_direction(selection, tuple(parties))
            cells = cells[cells["source"] != cells["target"]]
        parties, groups = matrices.arrange(parties, cells, order, day)
        held = controls.held("cell", lambda value: not value or controls.pair(value) is not None)
        controls.publish("cell", "")
        chosen = controls.pair(held) if held else None
        if chosen is None and len(cells):
            firm = cells.sort_values("events", ascending=False, kind="stable")
            chosen = (str(firm["source"].iloc[0]), str(firm["target"].iloc[0]))
        with st.container(key="stacks"):
            main, side = st.columns([2.15, 1], gap="small")
        with main:
            member = "" if scope in {"busiest", "chosen"} else f"members on {words.day(day)}"
            across = dyads[dyads["a"].isin(parties) & dyads["b"].isin(parties) & (dyads["a"] != dyads["b"])]
            shown = (
                words.showing(len(parties), of, noun)
                if noun != "party"
                else (f"Showing {len(parties)} of {of} parties" if len(parties) < of else "")
            )
            with frame.card(
                "matrix",
                matrices.title(parties, cells, symmetric=symmetric),
                "Mean intensity of both directions together, −10 to +10"
                if symmetric
                else "Mean intensity, −10 to +10: rows act, columns are acted on",
                table=cells,
                how=HOW_MATRIX,
                under=frame.caption(
                    selection,
                    int(across["events"].sum()),
                    of="among them",
                    marks="" if symmetric else "acts of both sides count in both directions",
                    showing=", ".join(part for part in (shown, member) if part),
                ),
            ) as card:
                if cells.empty:
                    st.html(markup.empty("No events among these parties.", "Choose other rows and columns."))
                else:
                    card.chart(
                        lambda tones: matrices.matrix(
                            parties, cells, tones, symmetric=symmetric, chosen=chosen, groups=groups
                        ),
                        key="matrix",
                        alt=matrices.alt(parties, cells, symmetric=symmetric),
                        on_select=pick_cell,
                    )
                    card.key(legends.squares)
        with side:
            if chosen:
                panels.dyad(selection, *chosen, symmetric=symmetric, key="cell")

if network_tab.open:
    with network_tab:
        drawn = networks.network(dyads)
        edges = tuple(zip(drawn.edges["a"], drawn.edges["b"], map(int, drawn.edges["events"]), strict=True))
        at = places(edges, SIZE)
        held = controls.held(
            "node", lambda value: not value or value in drawn.nodes or controls.pair(value) is not None
        )
        controls.publish("node", "")
        focus = held or next((code for code in drawn.degree if code in drawn.nodes), "")
        linked = controls.pair(focus)
        marked = linked or ((focus,) if focus else ())
        with st.container(key="stacks"):
            main, side = st.columns([2.15, 1], gap="small")
        with (
            main,
            frame.card(
                "network",
                networks.title(drawn),
                "Dots are parties, lines dyads; orange where conflict outweighs, blue where cooperation does",
                table=drawn.edges,
                how=HOW_NETWORK,
                under=frame.caption(
                    selection,
                    int(drawn.edges["events"].sum()) if len(drawn.edges) else 0,
                    showing=words.showing(len(drawn.edges), drawn.all_edges, "dyad"),
                    marks="squares are organisations; unlinked groups stand at the foot",
                ),
            ) as card,
        ):
            card.chart(
                lambda tones: networks.draw(drawn, at, tones, size=SIZE, chosen=marked),
                key="network",
                alt=networks.alt(drawn),
                on_select=pick_node,
                sized=lambda space: networks.draw(
                    drawn, networks.layout(edges, space), LIGHT, size=space, chosen=marked
                ),
            )
            card.key(legends.links)
        with side:
            if linked:
                panels.dyad(selection, *linked, symmetric=True, key="link")
            elif focus:
                panels.party(selection, focus, dyads, key="party", open_dyad=open_dyad)

panels.open_evidence()
