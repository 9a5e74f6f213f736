"""The network of parties: who deals with whom, laid out from where they lie on the map."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import pandas as pd
import plotly.graph_objects as go

from events.charts import words
from events.charts.geometry import Frame
from events.charts.rows import records
from events.charts.theme import FONT, TOO_FEW, Theme, base_figure
from events.gazetteer import gazetteer, is_state, party_name

__all__ = ["MOST_EDGES", "MOST_NODES", "Network", "alt", "draw", "layout", "network", "title"]

MOST_NODES = 150
MOST_EDGES = 400
_LABELS = 45
_WIDTHS = (0.8, 1.4, 2.2, 3.2, 4.4)  # px, by the share of the busiest dyad's volume
_STRIP = 46.0  # px at the foot for the parties that have no link to the largest group
_NARROW = 470  # px of the chart in a window 820 px wide
_CHARACTER = 6.3  # mean width of the type of labels at 11.5 px, with a little air


@dataclass(frozen=True, slots=True)
class Network:
    """What is drawn: the parties with their events, and the dyads between them; the busiest of each."""

    nodes: dict[str, int]
    edges: pd.DataFrame  # a, b, events, mean_intensity, conflict_share
    degree: dict[str, int]  # with how many others each party deals, drawn or not; the highest first
    all_edges: int  # before the cut


def network(dyads: pd.DataFrame) -> Network:
    """Return the network of the busiest dyads (a, b, events, ..., the busiest first)."""
    across = dyads[dyads["a"] != dyads["b"]]
    totals: Counter[str] = Counter()
    partners: Counter[str] = Counter()
    for side in ("a", "b"):
        summed = across.groupby(side, observed=True)["events"].agg(["sum", "size"])
        totals.update({str(code): int(n) for code, n in summed["sum"].items()})
        partners.update({str(code): int(n) for code, n in summed["size"].items()})
    kept = set(sorted(totals, key=lambda code: (-totals[code], code))[:MOST_NODES])
    edges = across[across["a"].isin(kept) & across["b"].isin(kept)]
    edges = edges.sort_values(["events", "a", "b"], ascending=[False, True, True]).head(MOST_EDGES)
    linked = {*edges["a"], *edges["b"]}
    nodes = {code: totals[code] for code in sorted(linked, key=lambda code: (-totals[code], code))}
    order = sorted(partners, key=lambda code: (-partners[code], -totals[code], code))
    return Network(nodes, edges.reset_index(drop=True), {code: partners[code] for code in order}, len(across))


def layout(edges: Sequence[tuple[str, str, int]], size: tuple[int, int]) -> dict[str, tuple[float, float]]:
    """Return x, y in pixels (from the upper left) of each party; the same edges give the same places.

    Springs (Fruchterman and Reingold 1991, networkx) pull dyads together, the more the more events, from the
    parties' places on the map, so that east stays right and north up. Parties without a link to the largest
    group stand in a row at the foot.
    """
    width, height = size
    graph = nx.Graph()
    for a, b, events in sorted(edges):
        graph.add_edge(a, b, weight=math.log1p(events))
    if not graph:
        return {}
    groups = sorted(nx.connected_components(graph), key=lambda group: (-len(group), min(group)))
    main, rest = groups[0], [sorted(group) for group in groups[1:]]
    frame = Frame(2, 2)
    start = {}
    for number, code in enumerate(sorted(main)):
        place = gazetteer().states().get(code) or gazetteer().organisations().get(code)
        if place is not None and place.lat is not None and place.lon is not None:
            x, y = frame.project(place.lon, place.lat)
            start[code] = (x - 1 + 0.001 * number, 1 - y)
        else:
            start[code] = (0.001 * number, 0.0)
    core = graph.subgraph(sorted(main))
    ordered = nx.Graph()  # a subgraph goes through its nodes in no fixed order
    ordered.add_nodes_from(sorted(main))
    ordered.add_weighted_edges_from(
        sorted((min(a, b), max(a, b), w) for a, b, w in core.edges.data("weight"))
    )
    found = nx.spring_layout(
        ordered, pos=start, k=1.6 / math.sqrt(len(main)), iterations=120, weight="weight", seed=1
    )
    foot = _STRIP * min(len(rest), 2) if rest else 0.0
    places = _spread(_fitted(found, width, height - foot), width, height - foot)
    for number, code in enumerate(code for group in rest for code in group):
        columns = max(width // 74, 1)
        row, column = divmod(number, columns)
        places[code] = (40.0 + 74.0 * column, min(height - foot + 18 + 28.0 * row, height - 8.0))
    return places


def _fitted(found: Mapping[str, Any], width: float, height: float) -> dict[str, tuple[float, float]]:
    """Return the places stretched to the card by rank and by distance: neither hairball nor empty corners."""
    names = sorted(found)
    out: dict[str, list[float]] = {name: [] for name in names}
    for axis, (low, high) in enumerate(((46.0, width - 46.0), (height - 22.0, 20.0))):
        values = [float(found[name][axis]) for name in names]
        least, span = min(values), max(max(values) - min(values), 1e-9)
        order = {
            name: rank for rank, name in enumerate(sorted(names, key=lambda n: (float(found[n][axis]), n)))
        }
        for name, value in zip(names, values, strict=True):
            even = order[name] / max(len(names) - 1, 1)
            out[name].append(low + (high - low) * (0.5 * (value - least) / span + 0.5 * even))
    return {name: (place[0], place[1]) for name, place in out.items()}


def _spread(
    places: dict[str, tuple[float, float]], width: float, height: float
) -> dict[str, tuple[float, float]]:
    """Push apart parties that would touch."""
    names = sorted(places)
    apart = min(34.0, 0.72 * math.sqrt(width * height / max(len(names), 1)))
    at = {name: list(places[name]) for name in names}
    for _ in range(60):
        moved = False
        for i, a in enumerate(names):
            for b in names[i + 1 :]:
                dx, dy = at[b][0] - at[a][0], at[b][1] - at[a][1]
                distance = math.hypot(dx, dy)
                if distance >= apart:
                    continue
                moved = True
                if distance < 1e-6:
                    dx, dy, distance = 1.0, 0.5, 1.1
                push = (apart - distance) / 2 / distance
                at[a][0] -= dx * push
                at[a][1] -= dy * push
                at[b][0] += dx * push
                at[b][1] += dy * push
        for name in names:
            at[name][0] = min(max(at[name][0], 30.0), width - 30.0)
            at[name][1] = min(max(at[name][1], 14.0), height - 14.0)
        if not moved:
            break
    return {name: (round(x, 1), round(y, 1)) for name, (x, y) in at.items()}


def _label_places(
    order: Sequence[str],
    places: Mapping[str, tuple[float, float]],
    radius: Mapping[str, float],
    size: tuple[int, int],
) -> dict[str, str]:
    """Return on which side of its dot (plotly's `textposition`) each label finds room, the first in `order` first.

    Room is looked for in a card of this width and in a narrow one, where dots stand closer and labels are as wide.
    """
    scales = (1.0, min(_NARROW / size[0], 1.0))
    dots = {code: (x, y, radius[code] + 1.0) for code, (x, y) in places.items()}
    taken: dict[float, list[tuple[float, float, float, float]]] = {scale: [] for scale in scales}
    found: dict[str, str] = {}
    for code in order:
        if code not in places:
            continue
        x, y = places[code]
        half = len(words.short_name(code)) * _CHARACTER / 2
        r = radius[code]
        for side, (dx, dy) in {
            "top center": (0.0, -r - 9), "middle right": (r + half + 4, 0.0), "middle left": (-r - half - 4, 0.0),
            "bottom center": (0.0, r + 10), "top right": (r + half, -r - 7), "top left": (-r - half, -r - 7),
            "bottom right": (r + half, r + 8), "bottom left": (-r - half, r + 8),
        }.items():  # fmt: skip
            boxes = {
                scale: (x * scale + dx - half, y + dy - 7.5, x * scale + dx + half, y + dy + 7.5)
                for scale in scales
            }
            if all(
                box[0] >= 0 and box[2] <= size[0] * scale and box[1] >= 0 and box[3] <= size[1]
                and not any(
                    box[0] < bx * scale + br and bx * scale - br < box[2] and box[1] < by + br and by - br < box[3]
                    for other, (bx, by, br) in dots.items() if other != code
                )
                and not any(_touch(box, other) for other in taken[scale])
                for scale, box in boxes.items()
            ):  # fmt: skip
                for scale, box in boxes.items():
                    taken[scale].append(box)
                found[code] = side
                break
    return found


def _touch(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Say whether two boxes (left, top, right, bottom) overlap."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def draw(
    given: Network,
    places: Mapping[str, tuple[float, float]],
    theme: Theme,
    *,
    size: tuple[int, int],
    chosen: tuple[str, ...] = (),
) -> go.Figure:
    """Draw the network; `places` as `layout` returned them for this size.

    A dot's click has the party's code as `customdata`, a link's middle "A B". Links of fewer than five events
    are grey; the others orange where conflict outweighs, blue where cooperation does, grey where neither.
    """
    width, height = size
    figure = base_figure(theme, height=height, hovermode="closest")
    most = max((int(n) for n in given.edges["events"]), default=1)
    lines: dict[tuple[str, float], list[tuple[str, str]]] = {}
    for row in reversed(records(given.edges)):
        step = min(int(len(_WIDTHS) * math.sqrt(row.events / most) * 0.999), len(_WIDTHS) - 1)
        lines.setdefault((_sign(row), _WIDTHS[step]), []).append((row.a, row.b))
    colours = {
        "few": theme.land_edge,
        "even": theme.faint,
        "conflict": theme.conflict,
        "cooperation": theme.cooperation,
    }
    for (sign, thickness), pairs in sorted(lines.items(), key=lambda item: (item[0][0] != "few", item[0][1])):
        x: list[float | None] = []
        y: list[float | None] = []
        for a, b in pairs:
            x += [places[a][0], places[b][0], None]
            y += [places[a][1], places[b][1], None]
        figure.add_trace(
            go.Scatter(
                x=x, y=y, mode="lines", line={"color": colours[sign], "width": thickness},
                opacity=0.6 if sign == "few" else 0.85, hoverinfo="skip", name=f"links {sign}",
            )
        )  # fmt: skip
    _middles(figure, given, places, theme)
    _nodes(figure, given, places, theme, size, chosen)
    figure.update_xaxes(range=[0, width], visible=False)
    figure.update_yaxes(range=[height, 0], visible=False, showgrid=False)
    figure.update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0}, meta={"size": [width, height]})
    return figure


def _sign(row: Any) -> str:
    if row.events < TOO_FEW:
        return "few"
    return "conflict" if row.conflict_share > 0.5 else "cooperation" if row.conflict_share < 0.5 else "even"


def _middles(
    figure: go.Figure, given: Network, places: Mapping[str, tuple[float, float]], theme: Theme
) -> None:
    """Put an unseen mark on the middle of each link: it takes the pointer and the click."""
    rows = records(given.edges)
    figure.add_trace(
        go.Scatter(
            x=[(places[row.a][0] + places[row.b][0]) / 2 for row in rows],
            y=[(places[row.a][1] + places[row.b][1]) / 2 for row in rows],
            mode="markers",
            marker={"size": 9, "color": theme.text, "opacity": 0},
            selected={"marker": {"opacity": 0}},
            unselected={"marker": {"opacity": 0}},
            customdata=[f"{row.a} {row.b}" for row in rows],
            hovertext=[
                f"<b>{words.dyad(row.a, row.b, symmetric=True)}</b><br>{words.plural(row.events, 'event')}, "
                f"{words.percent(row.conflict_share)} in conflict"
                for row in rows
            ],
            hovertemplate="%{hovertext}<extra></extra>",
            name="middles",
        )
    )


def _nodes(
    figure: go.Figure,
    given: Network,
    places: Mapping[str, tuple[float, float]],
    theme: Theme,
    size: tuple[int, int],
    chosen: tuple[str, ...],
) -> None:
    largest = max(given.nodes.values(), default=1)
    radius = {code: 2.5 + 7 * math.sqrt(n / largest) for code, n in given.nodes.items()}
    degree = given.degree
    codes = [code for code in given.nodes if code in places]
    figure.add_trace(
        go.Scatter(
            x=[places[code][0] for code in codes],
            y=[places[code][1] for code in codes],
            mode="markers",
            marker={
                "size": [round(2 * radius[code], 1) for code in codes],
                "symbol": ["circle" if is_state(code) else "square" for code in codes],
                "color": [theme.text if code in chosen else theme.muted for code in codes],
                "opacity": 1,
                "line": {
                    "color": [theme.text if code in chosen else theme.card for code in codes],
                    "width": [2.4 if code in chosen else 1 for code in codes],
                },
            },
            unselected={"marker": {"opacity": 1}},
            customdata=codes,
            hovertext=[
                f"<b>{words.short_name(code)}</b><br>{words.plural(given.nodes[code], 'event')} with "
                f"{words.plural(degree[code], 'party', 'parties')}"
                for code in codes
            ],
            hovertemplate="%{hovertext}<extra></extra>",
            name="parties",
        )
    )
    first = [code for code in chosen if code in places]
    order = [*first, *(code for code in degree if code not in first)][:_LABELS]
    labels = _label_places(order, places, radius, size)
    figure.add_trace(
        go.Scatter(
            x=[places[code][0] for code in labels],
            y=[places[code][1] for code in labels],
            mode="markers+text",  # plotly sets a text beside its mark, however far apart marks are drawn
            marker={"size": [2 * radius[code] for code in labels], "opacity": 0},
            selected={"marker": {"opacity": 0}},
            unselected={"marker": {"opacity": 0}, "textfont": {"color": theme.text}},
            textposition=list(labels.values()),
            text=[
                f"<b>{words.short_name(code)}</b>" if code in chosen else words.short_name(code)
                for code in labels
            ],
            textfont={
                "family": FONT,
                "size": 11.5,
                "color": theme.text,
                "shadow": ", ".join(f"0 0 {blur}px {theme.card}" for blur in (1, 2, 3, 3)),
            },
            hoverinfo="skip",
            name="labels",
        )
    )


def title(given: Network) -> str:
    """Return who deals with most parties, where clearly more than the next; else a neutral title."""
    order = list(given.degree.items())
    if len(order) < 5:
        return "Who deals with whom"
    (first, most), (_, next_most) = order[0], order[1]
    if most < 1.15 * next_most or most - next_most < 2:
        return "Who deals with whom"
    return f"{party_name(first)} deals with {most} of {len(order) - 1} others, more than any"


def alt(given: Network) -> str:
    """Return the network in words: its size and its three most linked parties."""
    top = list(given.degree.items())[:3]
    linked = ", ".join(f"{words.short_name(code)} with {number}" for code, number in top)
    return (
        f"Network of {words.plural(len(given.nodes), 'party', 'parties')} and "
        f"{words.plural(len(given.edges), 'dyad')}. Most links: {linked}."
    )
