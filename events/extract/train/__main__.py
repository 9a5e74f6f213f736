"""Train the reader that has learned.

python -m events.extract.train --to data/models/reader     on all sentences; what is shipped
python -m events.extract.train --to FOLDER --teacher BASE   and then again, beside a larger encoder's network
python -m events.extract.train --held-out                   on nine in ten, scored on the tenth; writes nothing
python -m events.extract.train --held-out --also FILE       and on two thirds of what people judged (events judgements
                                                            export), scored on the last third: before and after
python -m events.extract.train --to FOLDER --also FILE      and on all that people judged

`--sample 0.05 --epochs 2` tries the way out in minutes: of our own sentences it takes so large a share.

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

import numpy as np

from events.extract.learned import Network
from events.extract.settle import settle
from events.extract.train.examples import Example, Told, examples, read_passages, read_tsv
from events.extract.train.fit import Settings, fit, save
from events.reference import DATA

FOLDER = DATA / "training"
TEACHER_EPOCHS = 6
AGAIN_EPOCHS = 13


JUDGED = 3  # of so many judged passages one is held out
MEASURES = ("dyad", "dyad and type")
ROUNDS = 1_000  # resamples of the judged passages, for the interval of a difference


def held_out(told: Told, one_in: int = 10) -> bool:
    """Whether a sentence is of those held out, one in so many: by a hash of its text."""
    return hashlib.blake2b(told.text.encode(), digest_size=2).digest()[0] % one_in == 0


def sampled(told: Told, share: float) -> bool:
    """Whether a sentence is of a sample of this share: by another part of the hash."""
    return hashlib.blake2b(told.text.encode(), digest_size=2).digest()[1] < share * 256


def score(network: Network, data: Sequence[Example]) -> dict[str, np.ndarray]:
    """Return right, wrong and missed dyads, and directed dyads with their type: by measure, a row a sentence."""
    counts: dict[str, list[tuple[int, int, int]]] = {name: [] for name in MEASURES}
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
            dyads, found = ({tuple(sorted(pair)) for pair, _ in acts} for acts in (gold, got))
            counts["dyad"].append((len(dyads & found), len(found - dyads), len(dyads - found)))
            counts["dyad and type"].append((len(gold & got), len(got - gold), len(gold - got)))
    return {name: np.array(rows, dtype=float).reshape(-1, 3) for name, rows in counts.items()}


def f1(counts: np.ndarray) -> np.ndarray:
    """Return F1 of (..., right, wrong, missed); 0 where there is nothing to find and nothing was found."""
    right, wrong, missed = counts[..., 0], counts[..., 1], counts[..., 2]
    return np.asarray(2 * right / np.maximum(2 * right + wrong + missed, 1))


def compared(before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> list[str]:
    """Return in a line a measure the F1 of two networks on the same sentences, and the difference with its 90 % interval.

    The interval is by drawing the sentences anew, the same each time.
    """
    lines = []
    for name in MEASURES:
        one, other = before[name], after[name]
        draws = np.random.default_rng(1).integers(0, len(one), (ROUNDS, len(one)))
        apart = f1(other[draws].sum(axis=1)) - f1(one[draws].sum(axis=1))
        low, high = np.percentile(apart, (5, 95))
        was, now = float(f1(one.sum(axis=0))), float(f1(other.sum(axis=0)))
        lines.append(
            f"{name}: F1 {was:.3f} before, {now:.3f} after: {now - was:+.3f} (90%: {low:+.3f}, {high:+.3f})"
        )
    return lines


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
    parser.add_argument(
        "--sample",
        type=float,
        default=1.0,
        metavar="SHARE",
        help="train on so large a share of our own, to try",
    )
    args = parser.parse_args()
    if bool(args.to) == args.held_out:
        parser.error("give --to FOLDER or --held-out")
    told = [*read_tsv(sorted(FOLDER.glob("*.tsv"))), *read_passages(sorted(FOLDER.glob("*.jsonl")))]
    told = [t for t in told if args.sample >= 1 or sampled(t, args.sample)]
    judged = [
        *read_tsv(p for p in args.also if p.suffix == ".tsv"),
        *read_passages(p for p in args.also if p.suffix != ".tsv"),
    ]
    apart = [t for t in judged if held_out(t, JUDGED)] if args.held_out else []
    if args.held_out and judged and (not apart or len(apart) == len(judged)):
        parser.error(
            f"{len(judged)} judged passages are too few to hold some out; judge more, or train with --to"
        )
    used = [t for t in told if not (args.held_out and held_out(t))] + [t for t in judged if t not in apart]
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
    for name, counts in score(network, rest).items():
        right, wrong, missed = counts.sum(axis=0)
        tell(
            f"{name}: P {right / max(right + wrong, 1):.3f} R {right / max(right + missed, 1):.3f} "
            f"F1 {f1(counts.sum(axis=0)):.3f} on {len(rest)} held-out sentences"
        )
    if apart:
        tell(
            f"on what people judged, {len(apart)} passages that were not taught (of {len(judged)}): "
            "before is the network that is shipped"
            + (f"; after is a try, trained on {args.sample:.0%} of our own" if args.sample < 1 else "")
        )
        kept = list(examples(apart))
        for line in compared(score(Network(), kept), score(network, kept)):
            tell(line)
    return 0


def tell(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
