"""Numbers, names and warnings in words."""

from __future__ import annotations

from events.accuracy import accuracy
from events.charts import words
from events.dashboard import lists


def test_a_weak_type_bears_its_sign_and_a_firm_one_none():
    weak = [name for name, figure in accuracy().types.items() if figure.weak]
    firm = [name for name, figure in accuracy().types.items() if not figure.weak]
    assert weak
    assert firm
    for name in weak:
        assert words.marked_act(name) == f"{words.act(name)}\u00a0≈"
        assert f"F1 {accuracy().types[name].f1:.2f}" in lists.doubt(name)
    for name in firm:
        assert words.marked_act(name, "visit") == words.act(name, "visit")
        assert lists.doubt(name) == ""


def test_a_list_says_once_which_of_its_types_are_weak(monkeypatch):
    monkeypatch.setattr(words, "caution", lambda name: "weak" if name in {"AID", "COERCE", "REJECT"} else "")
    assert words.weak_note(["CONSULT"]) == ""
    assert words.weak_note(["AID", "CONSULT", "AID"]) == "≈ Aid is often misread: read the words"
    assert (
        words.weak_note(["REJECT", "AID", "COERCE"])
        == "≈ Reject, Aid and Coerce are often misread: read the words"
    )
