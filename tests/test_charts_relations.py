"""Charts of relations: what is drawn is what the tables say; sentences are English; titles bear no more than the data."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from events.charts import relations, sentences
from events.charts.relations import Story
from events.charts.theme import DARK, LIGHT
from events.codebook import event_types
from events.gazetteer import gazetteer

WEEKS = pd.date_range("2024-01-01", periods=8, freq="W-MON")
NAN = math.nan


def index(balance, *, few=(), gap=()):
    n = len(balance)
    return pd.DataFrame(
        {
            "period": WEEKS[:n],
            "cooperation": 2.0,
            "conflict": 1.0,
            "events": [NAN if i in gap else 3.0 for i in range(n)],
            "stored": [0 if i in gap else 40 for i in range(n)],
            "gap": [i in gap for i in range(n)],
            "weight": 9.0,
            "few": [i in few for i in range(n)],
            "balance": balance,
            "low": np.subtract(balance, 0.2),
            "high": np.add(balance, 0.2),
        }
    )


def spans(*rows):
    frame = pd.DataFrame(rows, columns=["start", "end", "events", "balance"])
    frame = frame.assign(
        low=frame["balance"] - 0.1, high=frame["balance"] + 0.1, change=frame["balance"].diff()
    )
    return frame.assign(start=pd.to_datetime(frame["start"]), end=pd.to_datetime(frame["end"]))


def event(event_id="e1", kind="CONSULT", **values):
    entry = event_types()[kind]
    plain = {
        "event_id": event_id, "date": pd.Timestamp("2024-01-10"), "date_precision": "day", "source": "RUS",
        "target": "TUR", "symmetric": False, "event_type": kind, "mode": None, "quad_class": entry.quad_class,
        "intensity": entry.intensity, "status": "occurred", "planned_for": pd.NaT, "place_name": None, "issues": [],
        "domains": ["trade"], "actors": [], "outlets": 1, "outlet_names": ["Daily"], "sentence": "They met.", "confidence": 0.8,
    }  # fmt: skip
    return plain | values


def frame(*events):
    return pd.DataFrame(list(events), columns=list(event()))


NONE = frame().assign(number=[], opens=[])


def story(**values):
    plain = {
        "index": index([0.4, 0.2, -0.2, -0.4]),
        "spans": spans(("2024-01-01", "2024-01-22", 12, 0.1)),
        "keys": NONE,
        "marks": frame(),
        "lanes": (),
        "unit": "week",
    }
    return Story(**(plain | values))


def trace(figure, name):
    return next(t for t in figure.data if t.name == name)


def test_the_line_changes_its_colour_where_it_crosses_zero():
    figure = relations.relations_figure(story(), LIGHT)
    above, below = trace(figure, "index, cooperation"), trace(figure, "index, conflict")
    assert [y for y in above.y if y is not None] == pytest.approx([0.4, 0.2, 0.0])
    assert [y for y in below.y if y is not None] == pytest.approx([0.0, -0.2, -0.4])
    assert above.line.color == LIGHT.cooperation
    assert below.line.color == LIGHT.conflict
    cross = next(x for x, y in zip(above.x, above.y, strict=True) if y == 0)
    assert cross == pd.Timestamp("2024-01-15")  # half way between two middles of weeks


def test_few_events_are_grey_and_gaps_break_line_and_band():
    told = story(index=index([0.4, 0.3, NAN, 0.3, 0.2], few={3, 4}, gap={2}))
    figure = relations.relations_figure(told, LIGHT)
    grey = trace(figure, "index, few")
    assert [y for y in grey.y if y is not None] == [0.3, 0.2]
    assert grey.line.color == LIGHT.faint
    assert len([t for t in figure.data if t.name == "band"]) == 2
    shaded = [s for s in figure.layout.shapes if s.type == "rect"]
    assert [(s.x0, s.x1) for s in shaded] == [(pd.Timestamp("2024-01-15"), pd.Timestamp("2024-01-22"))]
    assert any(a.text == "no feed" for a in figure.layout.annotations)
    hover = trace(figure, "index").customdata
    assert "too few to tell" in hover[2]
    assert "too few" not in hover[0]


def test_change_points_are_solid_and_numbered_with_the_event_that_opened_them():
    keys = frame(
        event("e1", "ASSAULT", mode="aerial", date=pd.Timestamp("2024-01-17"), place_name="Ankara"),
        event("e2", date=pd.Timestamp("2024-01-25")),
    ).assign(number=[1, 2], opens=[True, False])
    told = story(
        keys=keys, spans=spans(("2024-01-01", "2024-01-08", 9, 0.3), ("2024-01-15", "2024-01-22", 9, -0.3))
    )
    figure = relations.relations_figure(told, LIGHT)
    lines = [s for s in figure.layout.shapes if s.type == "line" and s.x0 == s.x1]
    assert [(f"{s.x0:%d}", s.line.dash) for s in lines] == [("15", None), ("25", "dot")]
    texts = [a.text for a in figure.layout.annotations]
    assert "<b>1</b> Assault: aerial, Ankara" in texts
    assert "<b>−0.30</b>" in texts


def test_each_event_is_a_mark_in_each_of_its_lanes_and_leads_to_its_evidence():
    marks = frame(
        event("e1", domains=["trade", "energy"]),
        event("e2", "ASSAULT", domains=["culture"], sentence="<b>Hit</b> & run"),
        event("e3", domains=["energy"], date=pd.NaT),
    )
    figure = relations.relations_figure(story(marks=marks, lanes=("trade", "energy")), LIGHT)
    said, done = trace(figure, "verbal cooperation"), trace(figure, "material conflict")
    assert [row[0] for row in said.customdata] == ["e1", "e1"]
    assert [round(y) for y in said.y] == [1, 0]  # the first lane is the upper one
    assert len(done.x) == 0  # its lane is not drawn
    names = [t.name for t in figure.data if t.name in {"verbal conflict", "material conflict"}]
    assert names == ["verbal conflict", "material conflict"]  # deeds over words
    by_type = relations.relations_figure(story(marks=marks, lanes=("ASSAULT",), lane="type"), LIGHT)
    assert "&lt;b&gt;Hit" in trace(by_type, "material conflict").text[0]
    assert trace(by_type, "material conflict").marker.symbol == "diamond"


def test_volume_coverage_alarms_and_notes():
    told = story(
        volume=pd.DataFrame({"period": WEEKS[:4], "cooperation": [2, NAN, 3, 0], "conflict": [1, NAN, 0, 9]}),
        volume_title="Volume",
        coverage=True,
        alarms=pd.DataFrame({"period": [WEEKS[3]], "kind": ["conflict"], "events": [9], "expected": [1.0], "usual": [4], "p": [1e-5]}),
        notes=pd.DataFrame({"date": ["2024-01-09"], "text": ["Talks <i>off</i>"], "by": ["Ana Ruiz"]}),
    )  # fmt: skip
    figure = relations.relations_figure(told, DARK)
    assert list(trace(figure, "volume, conflict").y) == [-1, 0, 0, -9]
    assert list(trace(figure, "coverage").y) == [40] * 4
    assert list(trace(figure, "unusual conflict").y) == [-9]
    note = next(a for a in figure.layout.annotations if a.text == "▿ a")
    assert note.hovertext == "9 Jan 2024: Talks &lt;i&gt;off&lt;/i&gt; (Ana Ruiz)"
    assert len(json.dumps(figure.to_plotly_json(), default=str)) < 100_000


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("2024-01-01", "2024-01-22", 4, 0.9)], "Relation index by week"),
        ([("2024-01-01", "2024-01-22", 40, 0.05)], "No lasting change: cooperation and conflict in balance"),
        ([("2024-01-01", "2024-01-22", 40, 0.5)], "No lasting change: more cooperation throughout (+0.50)"),
        (
            [("2024-01-01", "2024-01-08", 40, 0.15), ("2024-01-15", "2024-01-22", 40, -0.42)],
            "Relations fell from +0.15 to −0.42 in Jan 2024",
        ),
        (
            [("2015-07-01", "2015-11-01", 40, 0.15), ("2015-11-23", "2016-06-01", 40, -0.42), ("2016-08-08", "2017-01-01", 40, 0.45)],
            "Relations fell from +0.15 to −0.42 in Nov 2015, rose to +0.45 in Aug 2016",
        ),
    ],
)  # fmt: skip
def test_the_title_is_the_largest_lasting_change_or_neutral(rows, said):
    assert relations.title(spans(*rows), "week") == said
    assert len(said) <= 76


def test_a_wide_interval_around_zero_is_no_balance():
    vague = spans(("2024-01-01", "2024-01-22", 6, 0.1)).assign(low=-0.4, high=0.6)
    assert relations.title(vague, "week") == "No lasting change to be seen in 6 events"


def test_alt_names_finding_last_value_period_and_gaps():
    text = relations.alt(story(index=index([0.4, NAN, 0.3], gap={1}), names=("Russia", "Türkiye")))
    assert (
        text.startswith("Relation index of Russia and Türkiye, 1 – 21 Jan 2024. ")
        or "1 Jan – 21 Jan 2024" in text
    )
    assert "Last value +0.30 (90%: +0.10, +0.50)" in text
    assert "1 gap without any feed" in text


BY_TYPE = pd.DataFrame(
    [
        ("ACCUSE", "verbal conflict", "a", 30, -90.0),
        ("CONSULT", "verbal cooperation", "a", 10, 25.0),
        ("ACCUSE", "verbal conflict", "b", 4, -12.0),
        ("AID", "material cooperation", "b", 36, 360.0),
        ("CONSULT", "verbal cooperation", "both", 50, 125.0),
    ],
    columns=["lane", "quad_class", "by", "events", "intensity_sum"],
)


def test_the_mirror_has_one_scale_and_leaves_out_acts_of_both():
    figure = relations.mirror(BY_TYPE, LIGHT, ("Russia", "Türkiye"))
    left, right = figure.data
    assert list(left.y) == ["Aid", "Consult", "Accuse"]  # in order of intensity
    assert list(left.x) == [0, 10, 30]
    assert list(right.x) == [36, 0, 4]
    assert tuple(figure.layout.xaxis.range) == tuple(figure.layout.xaxis2.range)[::-1]
    texts = " ".join(a.text for a in figure.layout.annotations)
    assert "Russia → Türkiye" in texts
    assert "40 events, mean <span" in texts
    assert "−1.6" in texts
    assert relations.mirror_title(BY_TYPE, ("Russia", "Türkiye")) == (
        "Russia is the more conflictual side: 75% of its acts, 10% of Türkiye’s"
    )
    few = BY_TYPE.assign(events=(BY_TYPE["events"] / 10).astype(int))
    assert relations.mirror_title(few, ("Russia", "Türkiye")) == "Who does what to whom"
    assert "most of all accuse (30)" in relations.mirror_alt(BY_TYPE, ("Russia", "Türkiye"))


def test_long_names_do_not_meet_in_the_middle():
    figure = relations.mirror(BY_TYPE, LIGHT, ("Greece", "North Macedonia"))
    assert any("North Macedonia acts" in a.text for a in figure.layout.annotations)


def test_issues_stand_on_their_own_zero_with_totals():
    rows = [
        (WEEKS[0], "trade", "verbal cooperation", "a", 8, 0.0),
        (WEEKS[1], "trade", "verbal conflict", "a", 2, 0.0),
        (WEEKS[1], "energy", "material conflict", "b", 6, 0.0),
    ]
    table = pd.DataFrame(rows, columns=["period", "lane", "quad_class", "by", "events", "intensity_sum"])
    assert relations.lanes_of(table) == ("trade", "energy")
    figure = relations.issues_figure(table, (WEEKS[0], WEEKS[3]), ("trade", "energy"), LIGHT, unit="week")
    assert list(trace(figure, "trade, cooperation").y) == [8]
    assert list(trace(figure, "energy, conflict").y) == [-6]
    assert figure.layout.yaxis.range == figure.layout.yaxis2.range == (-8, 8)
    assert [a.text for a in figure.layout.annotations] == ["+8", "−2", "0", "−6"]
    assert relations.issues_title(table) == "They quarrel over energy, work together on trade"
    assert relations.issues_title(table.head(1).assign(events=2)) == "Issues over time"
    assert relations.issues_alt(table).startswith(
        "Events by domain over time: trade 8 cooperative, 2 conflictual"
    )


def tell(kind="CONSULT", **values):
    return sentences.tell(SimpleNamespace(**event(kind=kind, **values)))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"symmetric": True, "issues": ["tariffs"], "place_name": "Minsk"}, "Russia and Türkiye held talks on tariffs in Minsk."),
        ({"mode": "visit"}, "A delegation from Russia visited Türkiye."),
        ({"kind": "ASSAULT", "mode": "aerial", "source": "USA"}, "The United States attacked Türkiye from the air."),
        ({"kind": "SANCTION", "target": "EU", "issues": ["gas", "oil"]}, "Russia imposed sanctions on the EU over gas and oil."),
        ({"kind": "ACCUSE", "issues": ["gas", "oil", "fish", "wine"]}, "Russia accused Türkiye over gas, oil and 2 other issues."),
        ({"kind": "REQUEST", "mode": "change", "symmetric": True}, "Russia and Türkiye called on each other to change their policies."),
        ({"kind": "PROTEST", "mode": "demo"}, "People in Russia demonstrated against Türkiye."),
        ({"kind": "PROTEST", "symmetric": True}, "People in Russia and Türkiye protested against each other."),
        ({"status": "denied"}, "It was denied that Russia consulted Türkiye."),
        ({"status": "denied", "mode": "visit"}, "It was denied that a delegation from Russia visited Türkiye."),
        ({"issues": ["diplomacy, in general"]}, "Russia consulted Türkiye on their relations."),
        ({"issues": ["trade, in general", "tariffs"]}, "Russia consulted Türkiye on tariffs."),
        ({"place_name": "Türkiye"}, "Russia consulted Türkiye."),
        ({"target": "NATO"}, "Russia consulted NATO."),
        (
            {"actors": [{"name": "Ana Ruiz", "role": "envoy", "side": "source"}, {"name": "Ankara", "role": None, "side": "target"}]},
            "Russia consulted Türkiye (Ana Ruiz).",
        ),
    ],
)  # fmt: skip
def test_events_are_told_in_plain_english(values, said):
    assert tell(**values) == said


def test_every_type_and_mode_has_its_sentence_one_way_and_of_both():
    for kind, entry in event_types().items():
        for mode in (None, *entry.modes):
            one_way, both = (tell(kind, mode=mode, symmetric=s) for s in (False, True))
            assert mode is None or one_way != tell(kind), (kind, mode)
            for text in (one_way, both):
                assert "Russia" in text
                assert "{" not in text
                assert text.endswith(".")
                assert "its" not in both.split()


def test_names_in_running_text():
    assert sentences.prose_name("NLD") == "the Netherlands"
    assert sentences.prose_name("FRA") == "France"
    assert sentences.prose_name("ARAB_LEAGUE") == "the Arab League"
    names = {state.name for state in gazetteer().states().values()}
    assert names >= sentences._WITH_ARTICLE
