"""Who reports it: how outlets of different countries and kinds tell the selection."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from events.charts import tellers, words
from events.dashboard import answers, controls, frame, lists, markup, panels, telling

_NAMES: dict[tellers.By, str] = {"country": "By country", "kind": "By kind", "outlet": "By outlet"}


def pick() -> None:
    """Filter by the country or kind of the clicked row; a second click takes it back."""
    found = str(panels.choice("tellers") or "")
    key = {"country": "from_country", "kind": "from_kind"}.get(st.session_state.get("told_by") or "country")
    if key and found:
        st.session_state[key] = [] if st.session_state.get(key) == [found] else [found]


selection = controls.selection()
counts = answers.counts(selection)

whom = replace(selection, parties=selection.dyad or selection.parties)
frame.head("Who reports it", lists.scope(whom, counts))
frame.samples_note(selection)
frame.chips(selection)
if frame.no_match(selection):
    st.stop()

by: tellers.By = controls.chosen("told_by", tuple(_NAMES))
st.segmented_control(
    "Compare",
    tuple(_NAMES),
    format_func=_NAMES.__getitem__,
    key="told_by",
    required=True,
    label_visibility="collapsed",
)
controls.publish("told_by", "country")

table = telling.told_by(selection, by)
by_country = table if by == "country" else answers.tellers(selection, "country")
noun = ("outlet", "outlets") if by == "outlet" else ("row", "rows")


def cut(most: int) -> str:
    """Say how many rows are shown of how many."""
    return words.showing(min(len(table), most), len(table), *noun)


with frame.card(
    "tellers",
    tellers.title(table, by),
    "Events told, share in conflict and mean intensity (−10 to +10) by their own reports, with 90% intervals",
    hint="click to filter" if by != "outlet" and (table["teller"] != "").any() else "",
    table=table,
    how=telling.HOW,
    under=frame.caption(
        selection,
        counts.events,
        of=f"in {words.plural(counts.articles, 'article')}",
        showing=cut(tellers.SHOWN),
        marks=telling.known_note(by_country),
    ),
) as card:
    chosen = {"country": selection.outlet_countries, "kind": selection.outlet_kinds, "outlet": ()}[by]
    card.chart(
        lambda tones: tellers.figure(table, by, tones, chosen=chosen),
        key="tellers",
        alt=tellers.alt(table, by),
        on_select=None if by == "outlet" else pick,
    )

with frame.card(
    "tellers_table",
    "In numbers",
    "“Same events”: over the events that others tell too, how much higher its intensity is than theirs",
    table=table,
    how=telling.HOW,
    under=[
        cut(telling.LISTED),
        "Ahead: on how many of the shared events it reported on the first day",
        telling.KNOWN if by != "country" else "",
        frame.source(selection),
    ],
):
    st.html(markup.block(telling.table_html(table, by)))
