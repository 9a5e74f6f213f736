"""The gold of acts: it counts right, is the one the floors were set on, and its figures hold."""

from __future__ import annotations

from itertools import combinations

import pytest

from events import cluster
from tests.evaluation import acts

# Set with what was reached on this gold, less the pair or two that rounding on another processor may turn.
GOLD = "631b66a5686e"
FLOORS = {"dev": {"pairs F1": 0.93, "B-cubed F1": 0.98}, "test": {"pairs F1": 0.89, "B-cubed F1": 0.96}}


def story(*articles: str) -> tuple[acts.Told, ...]:
    """Articles as "act:event"; an event "-" means that the coder found nothing."""
    split = [article.split(":") for article in articles]
    return tuple(
        acts.Told("s", "", act, str(at), None if event == "-" else event)
        for at, (act, event) in enumerate(split)
    )


def test_what_is_right_counts_whole():
    assert set(acts.measures(story("a:1", "a:1", "b:2")).values()) == {1.0}


def test_a_wrong_join_costs_precision_and_a_missed_one_recall():
    joined = acts.measures(story("a:1", "a:1", "b:1"))
    assert joined["pairs precision"] == pytest.approx(1 / 3)
    assert joined["pairs recall"] == 1.0
    assert joined["B-cubed precision"] == pytest.approx((2 / 3 + 2 / 3 + 1 / 3) / 3)
    missed = acts.measures(story("a:1", "a:2", "a:-"))
    assert missed["pairs recall"] == 0.0
    assert missed["B-cubed recall"] == pytest.approx(1 / 3)
    assert missed["B-cubed precision"] == 1.0


def test_the_gold_is_the_one_the_floors_were_set_on():
    assert acts.digest().startswith(GOLD)


def test_the_gold_has_no_copies_but_those_meant():
    rows = [line.split("\t") for line in acts.GOLD.read_text(encoding="utf-8").splitlines()]
    sketches = {row[-1]: cluster.sketch(row[-1]) for row in rows}
    for a, b in combinations(rows, 2):
        if a[0] != b[0]:
            assert sketches[a[-1]].share(sketches[b[-1]]) < 0.5, (a, b)
    judged = sum(a[0] == b[0] for a, b in combinations(rows, 2))
    assert judged >= 120


def test_nobody_looks_at_the_errors_of_the_test_part(capsys):
    with pytest.raises(SystemExit):
        acts.main(["--part", "test", "--errors"])
    assert "nobody looks" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("part", ["dev", "test"])
def test_no_figure_lies_under_its_floor(part):
    found = acts.measures(acts.told(part))
    for name, floor in FLOORS[part].items():
        assert found[name] >= floor, (name, found)
