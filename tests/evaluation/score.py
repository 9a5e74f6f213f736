"""Score the extractor on hand-coded articles, field by field.

    python tests/evaluation/score.py [--part dev|test] [--kind samples|sentences] [--errors N]

Articles are parted into dev and test by a hash of their id; only dev may be looked at while rules are written.
A gold report marked optional costs nothing when it is missed and nothing when it is found.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from events.codebook import event_types
from events.pipeline import code_article
from events.read import article_from_json

QUAD = {name: t.quad_class for name, t in event_types().items()}
HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "data" / "samples"


def part_of(article_id: str) -> str:
    return "test" if hashlib.blake2b(article_id.encode(), digest_size=2).digest()[0] % 2 else "dev"


def load(part: str, kind: str = "samples") -> list[tuple[dict, dict]]:
    """The articles (or sentences) of a part with their coding."""
    articles = {}
    for path in sorted(SAMPLES.glob("*.jsonl")):
        for line in path.open(encoding="utf-8"):
            values = json.loads(line)
            articles[values["id"]] = values
    pairs = []
    for path in sorted((HERE / "gold").glob("*.jsonl")):
        for line in path.open(encoding="utf-8"):
            gold = json.loads(line)
            values = gold if "text" in gold else articles.get(gold["id"])
            if values and part_of(gold["id"]) == part and path.stem.startswith(kind):
                pairs.append((values, gold))
    return pairs


def plain(name: str) -> str:
    stripped = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r" (?:province|region|district|state)$", "", stripped.casefold())


def key_dyad(r) -> tuple:
    return tuple(sorted((r["source"], r["target"])))


def key_type(r) -> tuple:
    pair = key_dyad(r) if r["symmetric"] else (r["source"], r["target"])
    return (*pair, r["event_type"])


def key_quad(r) -> tuple:
    return (*key_dyad(r), QUAD[r["event_type"]])


def prf(tp: int, fp: int, fn: int) -> str:
    p = tp / (tp + fp) if tp + fp else 0.0
    r = tp / (tp + fn) if tp + fn else 0.0
    f = 2 * p * r / (p + r) if p + r else 0.0
    return f"P {p:.3f}  R {r:.3f}  F {f:.3f}  (tp {tp}, fp {fp}, fn {fn})"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", default="dev")
    parser.add_argument("--errors", type=int, default=0)
    parser.add_argument("--only", default="")
    parser.add_argument("--kind", default="samples", help="samples | sentences | articles")
    args = parser.parse_args()
    totals = {name: Counter() for name in ("dyad", "directed+type", "dyad+quad")}
    right: dict[str, Counter] = defaultdict(Counter)
    missed_types: Counter = Counter()
    empty = Counter()
    shown = 0
    for values, gold in load(args.part, args.kind):
        if args.only and values["id"] not in args.only.split(","):
            continue
        article, _ = article_from_json(values)
        predicted = [r.to_json() for r in code_article(article).reports]
        if not gold["reports"]:
            empty["left empty" if not predicted else "coded"] += 1
        for name, key in (("dyad", key_dyad), ("directed+type", key_type), ("dyad+quad", key_quad)):
            must = {key(r) for r in gold["reports"] if not r["optional"]}
            may = {key(r) for r in gold["reports"]}
            got = {key(r) for r in predicted}
            totals[name]["tp"] += len(got & must)
            totals[name]["fp"] += len(got - may)
            totals[name]["fn"] += len(must - got)
        by_key = defaultdict(list)
        for r in gold["reports"]:
            by_key[key_type(r)].append(r)
        for r in predicted:
            if by_key.get(key_type(r)):
                g = min(
                    by_key[key_type(r)], key=lambda g: (g["date"] != r["date"], g["status"] != r["status"])
                )
                right["date"][g["date"] == r["date"]] += 1
                right["status"][g["status"] == r["status"]] += 1
                right["mode"][g["mode"] == r["mode"]] += 1
                if g["place"]:
                    right["place"][bool(r["place"]) and plain(r["place"]["name"]) == plain(g["place"]["name"])] += 1
                else:
                    right["no place"][r["place"] is None] += 1
                gd, pd = set(g["domains"]), {i["domain"] for i in r["issues"]}
                right["domains_tp"][True] += len(gd & pd)
                right["domains_fp"][True] += len(pd - gd)
                right["domains_fn"][True] += len(gd - pd)
        must = {key_type(r): r for r in gold["reports"] if not r["optional"]}
        may = {key_type(r) for r in gold["reports"]}
        got = {key_type(r): r for r in predicted}
        for k in must:
            if k not in got:
                missed_types[k[2]] += 1
        if args.errors and shown < args.errors and (set(must) - set(got) or set(got) - may):
            shown += 1
            print(f"== {values['id']} {values.get('title', '')}")
            for k in sorted(set(must) - set(got)):
                print("  MISS", k, "|", must[k]["anchor"])
            for k in sorted(set(got) - may):
                words = " ".join(e["text"] for e in got[k]["evidence"]["event_type"])
                print("  WRONG", k, f"[{words}]", "|", got[k]["sentence"]["text"][:230])
    for name, c in totals.items():
        print(f"{name:14} {prf(c['tp'], c['fp'], c['fn'])}")
    for name, c in right.items():
        if not name.startswith("domains"):
            print(f"{name:14} {c[True]}/{c[True] + c[False]} = {c[True] / max(1, c[True] + c[False]):.3f}")
    print(
        "domains       ", prf(right["domains_tp"][True], right["domains_fp"][True], right["domains_fn"][True])
    )
    print("no events     ", dict(empty))
    print("missed by type", dict(missed_types.most_common()))


if __name__ == "__main__":
    main()
