"""Fit the confidence of reports on the dev part of the gold and write it into the network's settings.

    python tests/evaluation/calibrate.py [--least 0.45]

First the domains of an act: logistic regression over what is heard and named around it (`events.extract.issues`), which
goes into fields.json. Then the confidence: logistic regression, by Newton's steps, of "dyad, direction and type are right" on the log odds of the act's word and
of its weaker role, with one small term a type (ridge 2), so that weak types say that they are weak. Beside it stands the confidence under
which no report is made: analysts forgive a missing event sooner than a wrong one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from gate import Item, calibration, directed, load, people, plain, run

from events.codebook import event_types
from events.extract.fields import fields
from events.extract.learned import _log_odds, network
from events.extract.rules import Coding
from events.reference import DATA
from events.schema import Report

RIDGE = 2.0


def shares(items: list[Item], reports: list[list[dict]]) -> dict[str, float]:
    """Return how often statuses were right in reports whose act was, actors and domains by precision.

    "parties", "act", "date" and "place" are what own probabilities are multiplied with to be right on average.
    """
    right: dict[str, list[float]] = defaultdict(list)
    said: dict[str, list[float]] = defaultdict(list)  # how sure the network was
    for item, found in zip(items, reports, strict=True):
        gold = {directed(g): g for g in item.gold}
        pairs = {k[0] for k in gold}
        for r in found:
            c = r["confidence_by_field"]
            right["parties"].append(directed(r)[0] in pairs)
            said["parties"].append(min(c["source"], c["target"]))
            if right["parties"][-1]:
                right["act"].append(directed(r) in gold)
                said["act"].append(c["event_type"])
            g = gold.get(directed(r))
            if g is None:
                continue
            right["date"].append(g["date"] == r["date"])
            said["date"].append(c["date"])
            right[f"status {r['status']}"].append(g["status"] == r["status"])
            places = [plain(x["place"]["name"]) if x["place"] else None for x in (g, r)]
            right["place"].append(places[0] == places[1])
            said["place"].append(c["place"])
            right["actors"] += [a in people([g]) for a in people([r])]
            right["issues"] += [i["domain"] in g["domains"] for i in r["issues"]]
    return {
        name: round(float(np.mean(values) / np.mean(said.get(name, [1.0]))), 2)
        for name, values in sorted(right.items())
    }


def logistic(x: np.ndarray, y: np.ndarray, ridge: np.ndarray) -> np.ndarray:
    """Return the weights under which y is likeliest, by Newton's steps."""
    w = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ w))
        w += np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + np.diag(ridge), x.T @ (y - p) - ridge * w)
    return w


def domains(items: list[Item]) -> None:
    """Fit which domains an act has, and write the weights beside those that training made."""
    seen: dict[str, dict[str, dict[str, float]]] = {}
    report = Coding.report

    def watched(coding: Coding, draft: Any, ordinal: int) -> Report:
        made = report(coding, draft, ordinal)
        seen[made.report_id] = draft.about
        return made

    Coding.report = watched  # type: ignore[method-assign]
    _, reports, _ = run(items)
    Coding.report = report  # type: ignore[method-assign]
    rows: list[dict[str, float]] = []
    right: list[float] = []
    for item, found in zip(items, reports, strict=True):
        gold = {directed(g): g for g in item.gold}
        for r in found:
            if (g := gold.get(directed(r))) is not None:
                for domain, told in seen[r["report_id"]].items():
                    rows.append(told)
                    right.append(float(domain in g["domains"]))
    names = sorted({name for told in rows for name in told})
    x = np.array([[told.get(name, 0.0) for name in names] for told in rows])
    w = logistic(x, np.array(right), np.array([5.0 if n.startswith("domain ") else 0.5 for n in names]))
    path = DATA / "models/reader/fields.json"
    known = json.loads(path.read_text(encoding="utf-8"))
    known["domains"] |= {name: round(float(v), 3) for name, v in zip(names, w, strict=True)}
    path.write_text(json.dumps(known, sort_keys=True, indent=0) + "\n", encoding="utf-8")
    fields.cache_clear()
    print(f"domains: {len(rows)} asked for, {sum(right):.0f} given")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--least", type=float, default=0.45, help="confidence under which no report is made")
    args = parser.parse_args()
    items = load("dev")
    network().least = 0.0  # all that the network would say, as sure as it is itself
    network().shares |= {"parties": 1.0, "act": 1.0, "date": 1.0, "place": 1.0}
    domains(items)
    _, reports, _ = run(items)
    types = list(event_types())
    rows, right = [], []
    for item, found in zip(items, reports, strict=True):
        may = {directed(r) for r in item.gold}
        for r in found:
            c = r["confidence_by_field"]
            row = [1.0, _log_odds(c["event_type"]), _log_odds(min(c["source"], c["target"]))]
            rows.append(row + [float(r["event_type"] == t) for t in types])
            right.append(float(directed(r) in may))
    x, y = np.array(rows), np.array(right)
    w = logistic(x, y, np.array([0.0, 0.1, 0.1, *[RIDGE] * len(types)]))
    p = 1 / (1 + np.exp(-x @ w))
    path = DATA / "models/reader/settings.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    names = ["bias", "word", "role", *types]
    settings["calibration"] = {name: round(float(v), 4) for name, v in zip(names, w, strict=True)}
    settings["least"] = args.least
    kept = iter(p >= args.least)
    reports = [[r for r in found if next(kept)] for found in reports]
    settings["shares"] = shares(items, reports)
    print(settings["shares"])
    path.write_text(json.dumps(settings, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(settings["calibration"])
    for least in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6):
        kept = p >= least
        print(f"reports of confidence {least} and more: {kept.sum()}, {y[kept].mean():.3f} of them right")
    print(
        f"calibration error on dev {calibration(list(zip(p, y.astype(bool), strict=True))):.3f}, n {len(y)}"
    )


if __name__ == "__main__":
    main()
