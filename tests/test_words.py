"""Numbers, names and warnings in words."""

from __future__ import annotations

from types import SimpleNamespace

from events.accuracy import accuracy
from events.charts import words
from events.dashboard import lists


def event(kind: str, confidence: float | None = 0.8) -> SimpleNamespace:
    return SimpleNamespace(event_type=kind, confidence=confidence)


def test_a_weak_type_bears_its_sign_and_a_firm_one_none(monkeypatch):
    lows = sorted(figure.low for figure in accuracy().types.values())
    monkeypatch.setattr("events.accuracy.WEAK", lows[4])  # four types lie below, however good the coder is
    weak = [name for name, figure in accuracy().types.items() if figure.weak]
    firm = [name for name, figure in accuracy().types.items() if not figure.weak]
    assert weak
    assert firm
    for name in weak:
        assert words.marked_act(event(name)) == f"{words.act(name)}\u00a0≈"
        assert f"F1 {accuracy().types[name].f1:.2f}" in lists.doubt(event(name))
        assert words.act(name) in words.weak_types()
    for name in firm:
        assert words.marked_act(event(name)) == words.act(name)
        assert lists.doubt(event(name)) == ""


def test_imported_events_bear_no_sign_as_our_coder_did_not_read_them():
    for confidence in (None, float("nan")):
        assert "≈" not in words.marked_act(event("AID", confidence))
        assert lists.doubt(event("AID", confidence)) == ""


def test_a_list_says_once_which_of_its_types_are_weak(monkeypatch):
    monkeypatch.setattr(words, "caution", lambda name: "weak" if name in {"AID", "COERCE", "REJECT"} else "")
    assert words.weak_note([event("CONSULT"), event("AID", None)]) == ""
    told = [event("AID"), event("CONSULT"), event("AID")]
    assert words.weak_note(told) == "≈ Aid is often misread: read the words"
    told = [event("REJECT"), event("AID"), event("COERCE")]
    assert words.weak_note(told) == "≈ Reject, Aid and Coerce are often misread: read the words"


def test_a_time_is_told_in_utc_whatever_its_zone():
    assert words.time_of("2026-11-22T18:40:00+00:00") == "22 Nov 2026, 18:40 UTC"
    assert words.time_of("2026-11-22 23:40:00-05:00") == "23 Nov 2026, 04:40 UTC"
    assert words.time_of("2026-11-22T18:40:00") == "22 Nov 2026, 18:40 UTC"
    assert words.time_of("2026-11-22") == "22 Nov 2026"
