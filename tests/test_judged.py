"""What people judged leaves the store as gold and as training passages, and outlives coding again."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from events import judged, judgements, review
from events.errors import StoreError
from events.extract.train.examples import examples, read_passages
from events.intake import recode, take_in
from events.queries import Queries
from events.schema import Article, Selection, Span
from events.store import Store
from tests.store_helpers import make_report
from tests.test_facts import agree

ROOT = Path(__file__).resolve().parents[1]
TEXTS = (
    "Turkey threatened Greece with sanctions on Monday. Greece then rejected the claims of Turkey.",
    "Turkish jets fired on a Greek patrol boat on Tuesday. Later Turkish jets fired on a Greek ferry too.",
    "Turkey promised aid to Greece on Friday.",
)


def articles() -> list[Article]:
    return [
        Article.of(text, title=f"Title {n}", published="2024-05-15", outlet=f"Outlet {n}", origin="test")
        for n, text in enumerate(TEXTS)
    ]


def words(article: Article, text: str) -> tuple[Span, ...]:
    return (judgements.words_at(article, text),)


class Coder:
    """Codes the three texts by hand; a version may read another type, or nothing, in one of them."""

    name = "double"

    def __init__(self, version: str = "1", **changes: str | None) -> None:
        self.version, self.changes = version, changes

    def stream(self, items):
        told = {
            0: ("threaten", "THREATEN", "threatened"),
            1: ("fire", "ASSAULT", "fired on"),
            2: ("aid", "AID", "promised aid"),
        }
        known = {article.article_id: n for n, article in enumerate(articles())}
        for article in items:
            n = known[article.article_id]
            name, kind, act = told[n]
            kind = self.changes.get(name, kind)
            if kind is None:
                yield []
                continue
            stop = article.text.find(". ", article.body_start)
            sentence = article.span(article.body_start, stop + 1 if stop > 0 else len(article.text))
            evidence = {"source": words(article, "Turk"), "target": (), "event_type": words(article, act)}
            yield [
                make_report(
                    article, "TUR", "GRC", kind, sentence=sentence, evidence=evidence, extractor="double",
                    extractor_version=self.version, confidence=0.6,
                )
            ]  # fmt: skip


@pytest.fixture
def store(tmp_path) -> Store:
    made = Store(tmp_path / "store")
    take_in(articles(), made, extractor=Coder())
    return made


def ids(store: Store) -> list[str]:
    return [Queries(store).article(a.article_id, as_coded=True).reports[0].report_id for a in articles()]


def types(store: Store, **asked) -> list[str]:
    return sorted(Queries(store).events(Selection(**asked))["event_type"])


def test_judgements_outlive_another_coding_and_only_a_third_reading_is_asked_again(store):
    threat, fire, aid = ids(store)
    review.edit(store, threat, {"event_type": "SANCTION"}, by="Ana")
    review.accept(store, fire, by="Ana")
    review.reject(store, aid, by="Ana")
    assert types(store) == ["ASSAULT", "SANCTION"]
    before = store.version()
    # the newer coder comes round on the first, and loses the second
    done = recode(store, extractor=Coder("2", threaten="SANCTION", fire=None))
    assert (done.articles, done.reports, done.new) == (3, 2, 0)
    assert types(store) == ["ASSAULT", "SANCTION"]
    assert types(store, as_coded=True) == ["AID", "SANCTION"]
    assert review.queue(store, "reopened").empty
    assert (
        Queries(store, before).count(Selection(as_coded=True)).events == 3
    )  # the earlier coding can be read
    # a third reading: neither what it said then nor what Ana says
    recode(store, extractor=Coder("3", threaten="REQUEST", aid="COERCE"))
    asked = review.queue(store, "reopened")
    assert set(asked["report_id"]) == {threat, aid}
    assert types(store) == ["ASSAULT", "SANCTION"]  # until somebody has answered, the person's word counts
    review.edit(store, threat, {"event_type": "THREATEN"}, by="Bo")
    review.edit(store, aid, {"event_type": "CONCEDE"}, by="Bo")
    assert review.queue(store, "reopened").empty
    assert types(store) == ["ASSAULT", "CONCEDE", "THREATEN"]
    agree(store, random.Random(1), 2)


def test_a_coding_that_breaks_off_leaves_the_earlier_one(store):
    def stop(_):
        raise StoreError("the disk is full")

    version = store.version()
    with pytest.raises(StoreError, match="full"):
        recode(store, extractor=Coder("2", aid="COERCE"), progress=stop)
    assert store.version() == version
    assert types(Store(store.location)) == ["AID", "ASSAULT", "THREATEN"]
    review.accept(store, ids(store)[0], by="Ana")
    assert len(types(store)) == 3


def judge_all(store: Store) -> None:
    threat, fire, aid = ids(store)
    review.accept(store, threat, by="Ana")
    review.accept(store, fire, by="Ana")
    review.reject(store, aid, by="Ana")
    first, second = articles()[:2]
    review.add(
        store, first.article_id, {"source": "GRC", "target": "TUR", "event_type": "REJECT"},
        {"event_type": words(first, "rejected the claims")}, by="Ana",
    )  # fmt: skip
    place = second.text.rfind("fired on")
    review.add(
        store, second.article_id, {"source": "TUR", "target": "GRC", "event_type": "ASSAULT"},
        {"event_type": (second.span(place, place + 8),)}, by="Ana",
    )  # fmt: skip


def test_gold_has_the_articles_judged_whole_and_the_gate_reads_it(store, tmp_path):
    assert list(judged.gold(store)) == []
    review.accept(store, ids(store)[0], by="Ana")
    assert [row["id"] for row in judged.gold(store)] == [articles()[0].article_id]
    judge_all(store)
    rows = {row["title"]: row for row in judged.gold(store)}
    assert [report["event_type"] for report in rows["Title 0"]["reports"]] == ["THREATEN", "REJECT"]
    assert rows["Title 2"]["reports"] == []
    to = tmp_path / "gold.jsonl"
    command = ["judgements", "export", "--gold", str(to), "--store", store.location]
    subprocess.run([sys.executable, "-m", "events", *command], cwd=ROOT, check=True, capture_output=True)
    gate = subprocess.run(
        [sys.executable, "tests/evaluation/gate.py", "--gold", str(to)],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "gold.jsonl: 3 texts, 4 gold reports" in gate.stdout
    assert "dyad and type" in gate.stdout


def test_the_trainer_reads_what_was_judged_and_finds_every_act(store, tmp_path):
    judge_all(store)
    to = tmp_path / "more.jsonl"
    to.write_text("".join(json.dumps(row) + "\n" for row in judged.passages(store)), encoding="utf-8")
    told = list(read_passages([to]))
    assert [len(passage.events) for passage in sorted(told, key=lambda p: p.text)] == [2, 2, 0]
    twice = next(p for p in told if "ferry" in p.text)
    assert sorted(gold.stands(twice.text) for gold in twice.events) == [
        twice.text.find("fired on"), twice.text.rfind("fired on"),
    ]  # fmt: skip
    made = list(examples(told))
    assert sum(example.lost for example in made) == 0
    assert {act[0] for example in made for act in example.acts.values()} == {"THREATEN", "REJECT", "ASSAULT"}


def test_an_act_without_words_keeps_its_passage_out_of_the_training(store):
    review.accept(store, ids(store)[0], by="Ana")
    assert len(list(judged.passages(store))) == 1
    other = articles()[0]
    bare = next(iter(judged._articles(store, Queries(store), None, partly=False)))[0].reports[0]
    assert judged._act(replace(bare, evidence={}), other.text, other, 0) is None


def test_the_trainer_takes_the_file_beside_its_own(store, tmp_path, monkeypatch):
    pytest.importorskip("torch")
    from events.extract.train import __main__ as trainer

    judge_all(store)
    to = tmp_path / "more.jsonl"
    to.write_text("".join(json.dumps(row) + "\n" for row in judged.passages(store)), encoding="utf-8")
    seen = []

    def fit(data, *_):
        seen.extend(data)
        raise SystemExit

    monkeypatch.setattr(trainer, "FOLDER", tmp_path / "none")
    monkeypatch.setattr(trainer, "fit", fit)
    monkeypatch.setattr(sys, "argv", ["train", "--to", str(tmp_path / "out"), "--also", str(to)])
    with pytest.raises(SystemExit):
        trainer.main()
    assert {act[0] for example in seen for act in example.acts.values()} == {"THREATEN", "REJECT", "ASSAULT"}


def test_the_trainer_tells_before_and_after_on_judged_passages_that_it_was_not_taught(
    tmp_path, monkeypatch, capsys
):
    pytest.importorskip("torch")
    from events.extract.train import __main__ as trainer

    rows = [
        {
            "text": f"France thanked Spain on day {n}.", "published": "2024-05-15",
            "events": [{"parties": "FRA>ESP", "type": "SUPPORT", "mode": None, "status": "occurred",
                        "trigger": "thanked", "domains": [], "date": None, "place": None}],
        }
        for n in range(30)
    ]  # fmt: skip
    to = tmp_path / "judged.jsonl"
    to.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    taught, scored = [], []

    def fit(data, *_):
        taught.extend(example.text for example in data)

    def score(network, data):
        if data:
            scored.append((network, [example.text for example in data]))
        right = 1 if network == "new" else 0
        return {
            name: np.array([[right, 0, 1 - right]] * len(data), dtype=float).reshape(-1, 3)
            for name in trainer.MEASURES
        }

    monkeypatch.setattr(trainer, "FOLDER", tmp_path / "none")
    monkeypatch.setattr(
        trainer, "examples", lambda told: [SimpleNamespace(text=t.text, lost=0) for t in told]
    )
    monkeypatch.setattr(trainer, "fit", fit)
    monkeypatch.setattr(trainer, "save", lambda *_: None)
    monkeypatch.setattr(trainer, "Network", lambda *folder: "new" if folder else "shipped")
    monkeypatch.setattr(trainer, "score", score)
    monkeypatch.setattr(sys, "argv", ["train", "--held-out", "--also", str(to)])
    assert trainer.main() == 0
    assert [network for network, _ in scored] == ["shipped", "new"]
    assert scored[0][1] == scored[1][1]
    kept = set(scored[0][1])
    assert 3 <= len(kept) <= 20
    assert not kept & set(taught)
    assert kept | set(taught) == {row["text"] for row in rows}
    shown = capsys.readouterr().out
    assert f"on what people judged, {len(kept)} passages that were not taught (of 30)" in shown
    assert "dyad and type: F1 0.000 before, 1.000 after: +1.000 (90%: +1.000, +1.000)" in shown
    to.write_text(json.dumps(rows[0]) + "\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        trainer.main()
    assert "too few to hold some out" in capsys.readouterr().err


def test_the_difference_of_two_networks_has_an_interval_over_the_sentences():
    pytest.importorskip("torch")
    from events.extract.train import __main__ as trainer

    one = np.array([[1.0, 0, 0]] * 5 + [[0.0, 0, 1]] * 5)
    other = np.array([[1.0, 0, 0]] * 8 + [[0.0, 1, 1]] * 2)
    lines = trainer.compared(dict.fromkeys(trainer.MEASURES, one), dict.fromkeys(trainer.MEASURES, other))
    found = re.fullmatch(
        r"dyad: F1 0\.667 before, 0\.800 after: \+0\.133 \(90%: ([+-]\S+), (\+\S+)\)", lines[0]
    )
    low, high = map(float, found.groups())
    assert low < 0.133 < high
    assert lines == trainer.compared(
        dict.fromkeys(trainer.MEASURES, one), dict.fromkeys(trainer.MEASURES, other)
    )
