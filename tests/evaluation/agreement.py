"""How far two coders agree on the test part: the gold, and a second coding made blind from the texts and the codebook.

    python tests/evaluation/agreement.py

Second codings (`second/*.jsonl`): {"id", "events": ["SRC>TGT TYPE.mode | status | day precision basis | planned |
place,COUNTRY | domains | anchor"], "actors"}; "?" before an event says that it is arguable.
The first coder is taken as right: what the second found beside is wrong, what the second lacks is missed.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from gate import Score, load, measures, prf, score, total

_HEAD = re.compile(r"^([A-Z0-9_]+)([>=])([A-Z0-9_]+) ([A-Z]+)(?:\.([a-z-]+))?$")


def report_of(line: str) -> dict:
    """Return a second coder's event in the form of the gold."""
    cells = [cell.strip() for cell in line.lstrip("? ").split(" | ")]
    m = _HEAD.match(cells[0])
    assert m, line
    day, precision, basis = cells[2].split()
    place = None if cells[4] == "-" else {"name": cells[4].rpartition(",")[0] or cells[4]}
    return {
        "source": m[1], "target": m[3], "symmetric": m[2] == "=", "event_type": m[4], "mode": m[5],
        "status": cells[1], "date": None if day == "null" else day, "date_precision": precision, "date_basis": basis,
        "place": place, "issues": [{"domain": d.strip()} for d in cells[5].split(",")], "actors": [],
        "optional": line.startswith("?"), "confidence": 1.0,
    }  # fmt: skip


def main() -> None:
    second = {}
    for path in sorted((HERE / "second").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            values = json.loads(line)
            second[values["id"]] = [report_of(e) for e in values["events"]]
    for kind in ("sentences", "articles"):
        scores: list[Score] = []
        for item in load("test"):
            if item.kind == kind and item.values["id"] in second:
                found = second[item.values["id"]]
                gold = {tuple(sorted((r["source"], r["target"]))) for r in item.gold}
                sure = [
                    r for r in found if not r["optional"] or tuple(sorted((r["source"], r["target"]))) in gold
                ]
                scores.append(score(item.gold, sure))
        s = total(scores)
        print(f"{kind}: {len(scores)} texts")
        for name in ("dyad", "dyad and type", "dyad and quad class", "domains"):
            print(
                f"  {name:20} P {{:.3f}} R {{:.3f}} F1 {{:.3f}}".format(
                    *prf(*(s.counts[name, k] for k in ("tp", "fp", "fn")))
                )
            )
        for name in ("date", "status", "place", "mode", "left empty"):
            print(f"  {name:20} {measures(s)[name]:.3f}  n {s.counts[name, 'n']}")


if __name__ == "__main__":
    main()
