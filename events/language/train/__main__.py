"""The command `python -m events.language.train`; see the package for the steps."""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import spacy
from spacy.cli.train import train as spacy_train

from events.errors import EntenteError
from events.language.train.augment import Names, augmented
from events.language.train.clusters import clusters
from events.language.train.convert import document, grouped, read, save, treebank
from events.language.train.evaluate import costs, gold, score
from events.language.train.package import package

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("events.language.train")

TRAINED_ON = ("ewt", "gum")


def convert(args: argparse.Namespace) -> None:
    """Write the corpora for choosing the best step (a quarter of the development sets) and for testing."""
    development = [
        document(group)
        for name in TRAINED_ON
        for group in grouped(read(treebank(args.treebanks, name, "dev")))
    ]
    random.Random(1).shuffle(development)  # noqa: S311  (repeatable, not secret)
    save(development[: len(development) // 4], args.to / "corpus/dev.spacy")
    for name in TRAINED_ON:
        sentences = read(treebank(args.treebanks, name, "test"))
        save([document(group) for group in grouped(sentences)], args.to / f"corpus/{name}-test.spacy")
    if args.held_out:
        sentences = read(treebank(args.treebanks, "pud", "test"))
        save([document([sentence]) for sentence in sentences], args.to / "corpus/pud-test.spacy")


def augment(args: argparse.Namespace) -> None:
    """Write the corpus for training: the treebanks' documents, then the augmented ones."""
    files = [read(treebank(args.treebanks, name, "train")) for name in TRAINED_ON]
    groups = [group for sentences in files for group in grouped(sentences)]
    groups += augmented(files, Names.bundled())
    save([document(group) for group in groups], args.to / "corpus/train.spacy")


def vectors(args: argparse.Namespace) -> None:
    """Write the cluster vectors."""
    clusters(args.to / "clusters")


def train(args: argparse.Namespace) -> None:
    """Train for eight epochs (about 40 minutes on one core) and keep the best step."""
    overrides = {
        "paths.train": str(args.to / "corpus/train.spacy"),
        "paths.dev": str(args.to / "corpus/dev.spacy"),
        "paths.vectors": str(args.to / "clusters"),
    }
    spacy_train(Path(__file__).with_name("config.cfg"), args.to / "trained", overrides=overrides)


def ship(args: argparse.Namespace) -> None:
    """Write the pipeline that ships."""
    log.info("digest of en_entente: %s", package(args.to / "trained/model-best", args.to / "en_entente"))


def evaluate(args: argparse.Namespace) -> None:
    """Write scores.json and log it."""
    folder = args.to / "en_entente"
    nlp = spacy.load(folder)
    tests = [f"{name}-test" for name in (*TRAINED_ON, *(["pud"] if args.held_out else []))]
    corpora = {name: gold(args.to / f"corpus/{name}.spacy", nlp) for name in tests}
    results = {name: score(nlp, documents) for name, documents in corpora.items()}
    results["costs"] = costs(folder, [doc.text for doc in corpora["ewt-test"]])
    (args.to / "scores.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    for name, scores in results.items():
        log.info("%s: %s", name, ", ".join(f"{key} {value}" for key, value in scores.items()))


STEPS: dict[str, Callable[[argparse.Namespace], None]] = {
    "convert": convert,
    "augment": augment,
    "clusters": vectors,
    "train": train,
    "package": ship,
    "evaluate": evaluate,
}


def main() -> int:
    """Run the steps that were named, in the order of the recipe; return 1 where one failed."""
    parser = argparse.ArgumentParser(prog="python -m events.language.train", description=__doc__)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"some of {', '.join(STEPS)} (default: all)")
    parser.add_argument("--treebanks", type=Path, required=True, help="folder with ewt/, gum/ and pud/")
    parser.add_argument("--to", type=Path, required=True, help="folder to work in")
    parser.add_argument("--held-out", action="store_true", help="score PUD too: for the model that ships")
    args = parser.parse_args()
    unknown = set(args.steps) - set(STEPS)
    if unknown:
        parser.error(f"unknown step {', '.join(sorted(unknown))}; the steps are {', '.join(STEPS)}")
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    args.to.mkdir(parents=True, exist_ok=True)
    for name, step in STEPS.items():
        if not args.steps or name in args.steps:
            try:
                step(args)
            except EntenteError as error:
                log.error("%s: %s", name, error)  # noqa: TRY400  (the message is for the user, not a trace)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
