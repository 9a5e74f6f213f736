"""Train the reader that has learned.

python -m events.extract.train --to data/models/reader     on all sentences; what is shipped
python -m events.extract.train --to FOLDER --teacher BASE   and then again, beside a larger encoder's network
python -m events.extract.train --held-out --also FILE       and on what people judged (events judgements export)
python -m events.extract.train --held-out                   on nine in ten, scored on the tenth; writes nothing

With a teacher, the network of the small encoder is trained, then one of the larger encoder in the folder BASE, then the
small one goes on learning from the sentences and from what the large one says of them.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from events.extract.learned import Network
from events.extract.settle import settle
from events.extract.train.examples import Example, Told, examples, read_passages, read_tsv
from events.extract.train.fit import Settings, fit, save
from events.reference import DATA

FOLDER = DATA / "training"
TEACHER_EPOCHS = 6
AGAIN_EPOCHS = 13


def held_out(told: Told) -> bool:
    """Whether a sentence is of the tenth that is held out: by a hash of its text."""
    return hashlib.blake2b(told.text.encode(), digest_size=2).digest()[0] % 10 == 0


def score(network: Network, data: Sequence[Example]) -> dict[str, tuple[int, int, int]]:
    """Return (right, wrong, missed) of dyads and of directed dyads with their type over sentences."""
    counts = {"dyad": [0, 0, 0], "dyad and type": [0, 0, 0]}
    for first in range(0, len(data), 64):
        part = data[first : first + 64]
        for example, read in zip(part, network.read([e.sentence for e in part]), strict=True):
            gold = {
                (tuple(sorted((a, b))) if g.symmetric else (a, b), g.event_type)
                for g in example.events
                for a in g.sources
                for b in g.targets
                if a != b
            }
            got = {
                (tuple(sorted((a.code, b.code))) if act.symmetric else (a.code, b.code), act.event_type)
                for act in settle(example.sentence, read.readings, network)
                for a in act.sources
                for b in act.targets
                if a.code != b.code
            }
            pairs = ({tuple(sorted(p)) for p, _ in gold}, {tuple(sorted(p)) for p, _ in got})
            for name, (want, have) in (("dyad", pairs), ("dyad and type", (gold, got))):
                for i, found in enumerate((want & have, have - want, want - have)):
                    counts[name][i] += len(found)
    return {name: (n[0], n[1], n[2]) for name, n in counts.items()}


def main() -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m events.extract.train", description=__doc__)
    parser.add_argument("--to", type=Path, help="folder of the network")
    parser.add_argument("--held-out", action="store_true", help="train on nine tenths and score on the rest")
    parser.add_argument(
        "--also", type=Path, action="append", default=[], help="more passages (JSON Lines) or sentences (TSV)"
    )
    parser.add_argument("--epochs", type=int, default=Settings().epochs)
    parser.add_argument("--seed", type=int, default=Settings().seed)
    parser.add_argument("--teacher", type=Path, help="folder of a larger encoder to learn from")
    args = parser.parse_args()
    if bool(args.to) == args.held_out:
        parser.error("give --to FOLDER or --held-out")
    told = [
        *read_tsv([*sorted(FOLDER.glob("*.tsv")), *(p for p in args.also if p.suffix == ".tsv")]),
        *read_passages([*sorted(FOLDER.glob("*.jsonl")), *(p for p in args.also if p.suffix != ".tsv")]),
    ]
    used = [t for t in told if not (args.held_out and held_out(t))]
    data = list(examples(used))
    tell(
        f"{len(used)} sentences, {sum(len(t.events) for t in used)} events, {sum(e.lost for e in data)} of them not found"
    )
    fitted = fit(data, replace(Settings(), epochs=args.epochs, seed=args.seed), tell)
    if args.teacher:
        large = replace(Settings(), epochs=TEACHER_EPOCHS, seed=args.seed)
        teacher = fit(data, large, tell, args.teacher)
        again = replace(Settings(), epochs=AGAIN_EPOCHS, rate=0.0015, encoder_rate=0.00007, seed=args.seed)
        fitted = fit(data, again, tell, begun=fitted, teacher=teacher)
    if args.to:
        save(fitted, args.to)
        return 0
    with TemporaryDirectory() as folder:
        save(fitted, Path(folder))
        network = Network(Path(folder))
    rest = list(examples([t for t in told if held_out(t)]))
    for name, (right, wrong, missed) in score(network, rest).items():
        tell(
            f"{name}: P {right / (right + wrong):.3f} R {right / (right + missed):.3f} "
            f"F1 {2 * right / (2 * right + wrong + missed):.3f} on {len(rest)} held-out sentences"
        )
    return 0


def tell(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
