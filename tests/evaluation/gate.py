"""The evaluation gate: score the extractor on hand-coded articles and sentences, field by field, against floors.

    make evaluate                                          both parts, with intervals, types, styles, confusion, calibration
    python tests/evaluation/gate.py --part dev --errors 20   look at what goes wrong (dev only)
    python tests/evaluation/gate.py --gold FILE            score on what people judged (events judgements export --gold)
    python tests/evaluation/gate.py --update                 raise the floors to what is reached now, and write the
                                                             figures of the test part to data/models/reader/accuracy.json

Texts are parted into dev and test by a hash of their id. Only dev may be looked at while the coder is worked on.
A gold report marked optional costs nothing when it is missed and nothing when it is found. Intervals are of 95 %,
from 1,000 resamples of whole texts. `floors.json` holds the floors and a digest of the gold: changing the gold is an
event too. A floor goes down only with --allow-regression.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from events import pipeline
from events.codebook import event_types
from events.gazetteer import sovereign_of
from events.read import article_from_json

QUAD = {name: t.quad_class for name, t in event_types().items()}
FLOORS = HERE / "floors.json"
ACCURACY = HERE.parents[1] / "data" / "models" / "reader" / "accuracy.json"
SAMPLES = HERE.parents[1] / "data" / "samples"
SETS = ("dyad", "dyad and type", "dyad and quad class", "actors", "domains")
SHARES = ("date", "status", "place", "mode", "left empty")
# A floor lies so far under what was reached: sums round otherwise on other processors, and a text more or less that
# is left empty is 0.007 of its measure.
SLACK = 0.012


def part_of(text_id: str) -> str:
    """Return "dev" or "test": by a hash of the id."""
    return "test" if hashlib.blake2b(text_id.encode(), digest_size=2).digest()[0] % 2 else "dev"


def digest() -> str:
    """Return the SHA-256 over the gold and the texts it codes."""
    sha = hashlib.sha256()
    for path in [*sorted((HERE / "gold").glob("*.jsonl")), *sorted(SAMPLES.glob("*.jsonl"))]:
        sha.update(path.name.encode())
        sha.update(path.read_bytes())
    return sha.hexdigest()


@dataclass
class Item:
    """A text with its gold; `style` is the writer's word for it."""

    values: dict
    gold: list[dict]
    kind: str
    style: str


@dataclass
class Score:
    """Counts of one text, or of many added up."""

    counts: Counter = field(default_factory=Counter)  # (measure, "tp" | "fp" | "fn" | "right" | "n")
    types: Counter = field(default_factory=Counter)  # (type, "tp" | "fp" | "fn")
    confusion: Counter = field(default_factory=Counter)  # (gold type, type given to the same dyad)
    sure: list[tuple[float, bool]] = field(
        default_factory=list
    )  # confidence, whether dyad and type are right


def load_file(path: Path) -> list[Item]:
    """Return all texts of one gold file, such as `python -m events judgements export --gold` writes."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Item(row, row["reports"], "articles", row.get("style") or "own") for row in rows]


def load(part: str, kinds: str = "") -> list[Item]:
    """Return the texts of a part ("dev", "test"), of the gold files whose name begins with `kinds`."""
    articles = {}
    for path in sorted(SAMPLES.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            values = json.loads(line)
            articles[values["id"]] = values
    items = []
    for path in sorted((HERE / "gold").glob(f"{kinds}*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            gold = json.loads(line)
            if part_of(gold["id"]) == part:
                values = gold if "text" in gold else articles[gold["id"]]
                kind = "sentences" if path.stem.startswith("sentences") else "articles"
                items.append(Item(values, gold["reports"], kind, gold.get("style") or "samples"))
    return items


def plain(name: str) -> str:
    """Return a place's name without case, accents and the word province."""
    stripped = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r" (?:province|region|district|state)$", "", stripped.casefold())


def dyad(r: dict) -> tuple:
    return tuple(sorted((sovereign_of(r["source"]), sovereign_of(r["target"]))))


def directed(r: dict) -> tuple:
    pair = dyad(r) if r["symmetric"] else (sovereign_of(r["source"]), sovereign_of(r["target"]))
    return (pair, r["event_type"])


def quad(r: dict) -> tuple:
    return (dyad(r), QUAD[r["event_type"]])


def people(reports: list[dict]) -> set[tuple[str, str]]:
    """Actors as (last word of the name, country): "Hakan Fidan" and "Fidan" are one."""
    return {
        (plain(a["name"]).split()[-1], a["country"])
        for r in reports
        for a in r["actors"]
        if a["side"] != "third"
    }


def score(gold: list[dict], predicted: list[dict]) -> Score:
    """Return the counts of one text."""
    out = Score()
    for name, key in (("dyad", dyad), ("dyad and type", directed), ("dyad and quad class", quad)):
        must = {key(r) for r in gold if not r["optional"]}
        may = {key(r) for r in gold}
        got = {key(r) for r in predicted}
        out.counts[name, "tp"] += len(got & must)
        out.counts[name, "fp"] += len(got - may)
        out.counts[name, "fn"] += len(must - got)
    must = {directed(r) for r in gold if not r["optional"]}
    may = {directed(r) for r in gold}
    got = {directed(r) for r in predicted}
    for names, result in ((got & must, "tp"), (got - may, "fp"), (must - got, "fn")):
        for _, event_type in names:
            out.types[event_type, result] += 1
    for pair, event_type in must - got:
        others = [t for p, t in got - may if set(p) == set(pair)]
        if others:
            out.confusion[
                event_type, others[0] if event_type not in others else f"{event_type} reversed"
            ] += 1
    by_key = defaultdict(list)
    for r in gold:
        by_key[directed(r)].append(r)
    pairs = []
    for r in predicted:
        out.sure.append((r["confidence"], directed(r) in may))
        if options := by_key.get(directed(r)):
            pairs.append(
                (min(options, key=lambda g: (g["date"] != r["date"], g["status"] != r["status"])), r)
            )
    for g, r in pairs:
        place = (
            plain(g["place"]["name"]) if g["place"] else None,
            plain(r["place"]["name"]) if r["place"] else None,
        )
        for name, right in (
            ("date", g["date"] == r["date"]),
            ("status", g["status"] == r["status"]),
            ("mode", g["mode"] == r["mode"]),
            ("place", place[0] == place[1]),
        ):
            out.counts[name, "right"] += right
            out.counts[name, "n"] += 1
        for name, a, b in (
            ("domains", set(g["domains"]), {i["domain"] for i in r["issues"]}),
            ("actors", people([g]), people([r])),
        ):
            out.counts[name, "tp"] += len(a & b)
            out.counts[name, "fp"] += len(b - a)
            out.counts[name, "fn"] += len(a - b)
    if not gold:
        out.counts["left empty", "right"] += not predicted
        out.counts["left empty", "n"] += 1
    return out


def total(scores: list[Score]) -> Score:
    """Return the sum of the counts."""
    out = Score()
    for s in scores:
        out.counts.update(s.counts)
        out.types.update(s.types)
        out.confusion.update(s.confusion)
        out.sure.extend(s.sure)
    return out


def prf(tp: int, fp: int, fn: int) -> tuple[float, float, float]:
    """Return precision, recall and F1; 0 where there is nothing to count."""
    return (
        tp / (tp + fp) if tp + fp else 0.0,
        tp / (tp + fn) if tp + fn else 0.0,
        2 * tp / (2 * tp + fp + fn) if tp else 0.0,
    )


def measures(s: Score) -> dict[str, float]:
    """Return the figures that have floors: F1 of what is a set, share right of what is a value."""
    out = {name: prf(*(s.counts[name, k] for k in ("tp", "fp", "fn")))[2] for name in SETS}
    out |= {name: s.counts[name, "right"] / max(1, s.counts[name, "n"]) for name in SHARES}
    out["types, macro F1"] = sum(
        prf(*(s.types[name, k] for k in ("tp", "fp", "fn")))[2] for name in event_types()
    ) / len(event_types())
    return out


def calibration(sure: list[tuple[float, bool]]) -> float:
    """Return the expected calibration error over ten bins of confidence."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right in sure:
        bins[min(9, int(confidence * 10))].append((confidence, right))
    return sum(abs(sum(c for c, _ in b) - sum(r for _, r in b)) for b in bins.values()) / max(1, len(sure))


def intervals(scores: list[Score], rounds: int = 1000) -> dict[str, tuple[float, float]]:
    """Return the 95 % interval of each measure, by resampling texts."""
    rng = random.Random(1)
    drawn: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for name, value in measures(total(rng.choices(scores, k=len(scores)))).items():
            drawn[name].append(value)
    cut = rounds // 40
    return {name: (sorted(v)[cut], sorted(v)[-cut - 1]) for name, v in drawn.items()}


def type_intervals(scores: list[Score], rounds: int = 1000) -> dict[str, tuple[float, float]]:
    """Return the 95 % interval of each type's F1, by resampling texts; (0, 1) where the part holds none."""
    names = list(event_types())
    counts = np.array([[[s.types[name, k] for k in ("tp", "fp", "fn")] for name in names] for s in scores])
    drawn = np.random.default_rng(1).multinomial(len(scores), [1 / len(scores)] * len(scores), size=rounds)
    tp, fp, fn = np.moveaxis(np.tensordot(drawn, counts, axes=1), 2, 0)
    whole = 2 * tp + fp + fn
    f1 = np.divide(2 * tp, whole, out=np.zeros(tp.shape), where=whole > 0)
    low, high = np.quantile(f1, (0.025, 0.975), axis=0)
    known = counts.sum(axis=(0, 2)) > 0
    return {name: (float(low[i]), float(high[i])) if known[i] else (0.0, 1.0) for i, name in enumerate(names)}


def accuracy(items: list[Item], scores: list[Score]) -> dict:
    """Return what the dashboard says of the coder: figures by type and by field, their intervals and their n."""
    s, ranges, of_type = total(scores), intervals(scores), type_intervals(scores)
    reached = measures(s)

    def counted(tp: int, fp: int, fn: int, low: float, high: float) -> dict:
        p, r, f1 = prf(tp, fp, fn)
        return {
            "precision": round(p, 3), "recall": round(r, 3), "f1": round(f1, 3),
            "low": round(low, 3), "high": round(high, 3), "gold": tp + fn, "coded": tp + fp,
        }  # fmt: skip

    return {
        "part": "test",
        "texts": len(items),
        "gold_reports": sum(len(i.gold) for i in items),
        "gold_digest": digest(),
        "types": {
            name: counted(*(s.types[name, k] for k in ("tp", "fp", "fn")), *of_type[name])
            for name in event_types()
        },
        "sets": {
            name: counted(*(s.counts[name, k] for k in ("tp", "fp", "fn")), *ranges[name]) for name in SETS
        },
        "shares": {
            name: {
                "right": round(reached[name], 3),
                "low": round(ranges[name][0], 3),
                "high": round(ranges[name][1], 3),
                "n": s.counts[name, "n"],
            }
            for name in SHARES
        },
        "calibration_error": round(calibration(s.sure), 3),
    }


def run(items: list[Item]) -> tuple[list[Score], list[list[dict]], float]:
    """Return scores and reports of the texts, and the seconds that coding took."""
    articles = [article_from_json(item.values)[0] for item in items]
    extractor = pipeline.default_extractor()
    extractor.warm_up()
    began = time.perf_counter()
    coded = list(pipeline.code(articles, extractor))
    seconds = time.perf_counter() - began
    reports = [[r.to_json() for r in c.reports] for c in coded]
    return [score(i.gold, r) for i, r in zip(items, reports, strict=True)], reports, seconds


def show_errors(items: list[Item], reports: list[list[dict]], most: int) -> None:
    for item, predicted in zip(items, reports, strict=True):
        must = {directed(r): r for r in item.gold if not r["optional"]}
        may = {directed(r) for r in item.gold}
        got = {directed(r): r for r in predicted}
        if most and (set(must) - set(got) or set(got) - may):
            most -= 1
            print(f"== {item.values['id']} {item.values.get('title', '')}")
            for k in sorted(set(must) - set(got)):
                print("  MISSED", *k, "|", must[k]["anchor"])
            for k in sorted(set(got) - may):
                words = " ".join(e["text"] for e in got[k]["evidence"]["event_type"])
                print(
                    "  WRONG ", *k, f"[{words}] {got[k]['confidence']}", "|", got[k]["sentence"]["text"][:230]
                )


def show(part: str, items: list[Item], scores: list[Score], seconds: float) -> None:
    s = total(scores)
    reached, ranges = measures(s), intervals(scores)
    words = sum(len(i.values["text"].split()) for i in items)
    print(f"\n{part}: {len(items)} texts, {sum(len(i.gold) for i in items)} gold reports, {len(s.sure)} coded; "
          f"{words / seconds:.0f} words/s")  # fmt: skip
    for name in SETS:
        p, r, f = prf(*(s.counts[name, k] for k in ("tp", "fp", "fn")))
        low, high = ranges[name]
        print(f"  {name:22} P {p:.3f}  R {r:.3f}  F1 {f:.3f}  [{low:.3f}, {high:.3f}]")
    for name in SHARES:
        low, high = ranges[name]
        print(f"  {name:22} {reached[name]:.3f}  [{low:.3f}, {high:.3f}]  n {s.counts[name, 'n']}")
    print(f"  types, macro F1        {reached['types, macro F1']:.3f}")
    print(f"  calibration error      {calibration(s.sure):.3f}  n {len(s.sure)}")
    print("  by type    " + "  ".join(
        f"{name} {prf(*(s.types[name, k] for k in ('tp', 'fp', 'fn')))[2]:.2f} ({s.types[name, 'tp'] + s.types[name, 'fn']})"
        for name in event_types()))  # fmt: skip
    for label, key in (("kind", lambda i: i.kind), ("style", lambda i: i.style)):
        groups = defaultdict(list)
        for item, one in zip(items, scores, strict=True):
            groups[key(item)].append(one)
        for name, group in sorted(groups.items()):
            m = measures(total(group))
            print(
                f"  {label} {name:15} dyad {m['dyad']:.3f}  dyad and type {m['dyad and type']:.3f}  texts {len(group)}"
            )
    print("  confusion  " + ", ".join(f"{a} as {b}: {n}" for (a, b), n in s.confusion.most_common(12)))


def check(part: str, reached: dict[str, float], floors: dict) -> list[str]:
    """Return what lies under its floor, in words."""
    return [
        f"{part}: {name} {reached[name]:.4f} is under its floor {floor}"
        for name, floor in floors["floors"][part].items()
        if reached[name] < floor
    ]


def raised(old: dict, reached: dict[str, dict[str, float]], *, allow: bool) -> dict:
    """Return the new floors; raises SystemExit where one would go down unasked."""
    new = {
        part: {name: round(max(0.0, value - SLACK), 4) for name, value in values.items()}
        for part, values in reached.items()
    }
    lower = [
        f"{part} {name}: {old['floors'][part][name]} -> {value}"
        for part, values in new.items()
        for name, value in values.items()
        if value < old["floors"].get(part, {}).get(name, 0.0)
    ]
    if lower and not allow:
        raise SystemExit("floors would go down (--allow-regression if meant): " + "; ".join(lower))
    return {"digest": digest(), "floors": new}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=("dev", "test"), help="one part only")
    parser.add_argument("--kinds", default="", help="only gold files whose name begins so")
    parser.add_argument("--errors", type=int, default=0, help="show the errors of so many texts (dev only)")
    parser.add_argument(
        "--check", action="store_true", help="exit with 1 where a figure lies under its floor"
    )
    parser.add_argument("--update", action="store_true", help="write the floors")
    parser.add_argument("--allow-regression", action="store_true")
    parser.add_argument("--gold", type=Path, help="score this file alone, whole: no floors, no parts")
    args = parser.parse_args(argv)
    if args.gold:
        items = load_file(args.gold)
        scores, reports, seconds = run(items)
        show_errors(items, reports, args.errors)
        show(args.gold.name, items, scores, seconds)
        return 0
    if args.errors and args.part != "dev":
        parser.error("--errors needs --part dev: nobody looks at the test part")
    floors = (
        json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {"digest": "", "floors": {}}
    )
    reached = {}
    told = None
    complaints = []
    for part in (args.part,) if args.part else ("dev", "test"):
        items = load(part, args.kinds)
        scores, reports, seconds = run(items)
        if args.errors:
            show_errors(items, reports, args.errors)
        show(part, items, scores, seconds)
        reached[part] = measures(total(scores))
        if args.update and part == "test" and not args.kinds:
            told = accuracy(items, scores)
        if not args.kinds and part in floors["floors"]:
            complaints += check(part, reached[part], floors)
    if args.update:
        FLOORS.write_text(json.dumps(raised(floors, reached, allow=args.allow_regression), indent=1) + "\n")
        if told:
            ACCURACY.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
            print(f"written: {ACCURACY}; then run python data/build/checksums.py")
        return 0
    print(
        f"\ngold digest {digest()[:16]}" + ("" if digest() == floors["digest"] else ": the gold has changed")
    )
    if digest() != floors["digest"]:
        complaints.append("the gold is not the one that the floors were set on; --update if meant")
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if args.check and complaints else 0


if __name__ == "__main__":
    sys.exit(main())
