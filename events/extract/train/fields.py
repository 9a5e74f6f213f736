"""Learn which date, place, persons and bodies of an article are those of an act: `python -m events.extract.train.fields`.

A conditional logit over the options of `events.extract.fields`, from the passages of `data/training`, where each
act says the words of its date, its place and those who take part, and its domains. Whether somebody does is a choice between that and
nothing. Writes `data/models/reader/fields.json`.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from events import codebook
from events.extract.clauses import Act, Clauses, Ref
from events.extract.fields import Option, Someone
from events.extract.rules import RuleExtractor
from events.extract.train.examples import Gold, Told, article_of, head_of, read_passages
from events.reference import DATA

RARE = 3  # a feature seen less often is not learned
EPOCHS = 60
PENALTY = 0.002
HELD = 10  # acts' worth of what is true of the wider kind

Choice = tuple[list[Option], int]


def _act(gold: Gold, head: int, clauses: Clauses, refs: dict[str, Ref]) -> Act:
    word = clauses.doc[head]
    start, end = clauses.clause(word)
    left, right = (
        [refs.get(code, Ref(code, -1, -1)) for code in codes] for codes in (gold.sources, gold.targets)
    )
    return Act(
        gold.event_type,
        gold.mode,
        gold.symmetric,
        left,
        right,
        [clauses.span(word)],
        start,
        end,
        denied=gold.status == "denied",
        background=gold.status == "background",
        participants=[*left, *right],
        head=head,
    )


def _found(words: str | None, text: str, at: int, spans: Sequence[tuple[int, int]]) -> int | None:
    """Return the number of the span that these words are, len(spans) where there are no words, None if no span is."""
    if words is None:
        return len(spans)
    fit = [
        i
        for i, (start, end) in enumerate(spans)
        if words in text[max(0, start - len(words)) : end + len(words)]
        and any(
            s < end and start < s + len(words)
            for s in range(max(0, start - len(words)), end)
            if text.startswith(words, s)
        )
    ]
    return min(fit, key=lambda i: abs(spans[i][0] - at)) if fit else None


def _meant(one: Someone, words: Sequence[str]) -> bool:
    """Whether somebody is one of those whose words are given: they share the last word of the name."""
    last = plain(one.named.name).split()[-1]
    return any(last in re.findall(r"[\w'-]+", plain(w)) for w in words)


def plain(name: str) -> str:
    """Return a name without case, accents and genitive."""
    stripped = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"['’]s?\b", "", stripped.casefold())


def _pairs(act: Act) -> list[tuple[Ref, Ref]]:
    if act.symmetric:
        return list(combinations(act.sources, 2))
    return [(a, b) for a in act.sources for b in act.targets if a.code != b.code]


def choices(told: Sequence[Told]) -> Iterator[tuple[str, Choice]]:
    """Yield ("date", "place" or "actors", (options, the right one)) of each act whose words are found."""
    extractor = RuleExtractor()
    for first in range(0, len(told), 64):
        chunk = told[first : first + 64]
        for item, coding in zip(chunk, extractor.read([article_of(t) for t in chunk]), strict=True):
            text = coding.text
            for sentence, seen in zip(coding.chosen, coding.described(), strict=True):
                refs = {e.ref.code: e.ref for e in seen.earlier}
                refs |= {ref.code: ref for p in seen.participants for ref in p.refs}
                acts = []
                for gold in item.events:
                    at = gold.stands(item.text)
                    if not sentence.start <= at < sentence.end:
                        continue
                    head = head_of(seen, at, at + len(gold.trigger))
                    if head is not None:
                        acts.append((gold, at, _act(gold, head, seen.clauses, refs)))
                sentence.heads = sorted({act.head for _, _, act in acts})
                for gold, at, act in acts:
                    days, options, _ = coding.days(act, sentence, seen.clauses)
                    right = _found(gold.date, text, at, [(d.start, d.end) for d in days])
                    if right is not None:
                        yield "date", (options, right)
                        if right < len(days):
                            coding.keep("date", act, days[right].start)
                    found, options = coding.places(act, sentence, seen.clauses)
                    right = _found(gold.place_name, text, at, [(s.start, s.end) for s in found])
                    if right is not None:
                        yield "place", (options, right)
                        if right < len(found):
                            coding.keep("place", act, found[right].start)
                    names: set[str] = set()
                    for source, target in _pairs(act):
                        people, each = coding.people(act, source, target, sentence, seen.clauses)
                        for one, option in zip(people, each, strict=True):
                            words = (*gold.left, *gold.right)
                            if one.near:  # only the words tell whose a stranger is
                                words = gold.of(one.ref.code)
                            meant = _meant(one, words)
                            yield "actors", ([option, []], 0 if meant else 1)
                            if meant:
                                names.add(one.named.name)
                    for name in names:
                        coding.keep("actors", act, name)


def fit(data: Sequence[Choice]) -> dict[str, float]:
    """Return the weights of the features under which the right options are likeliest."""
    import torch  # noqa: PLC0415 no requirement of the project; the card says how to get it

    counts = Counter(feature for options, _ in data for option in options for feature in option)
    rows = {feature: i for i, feature in enumerate(sorted(f for f, n in counts.items() if n >= RARE))}
    offset: list[int] = []
    flat: list[int] = []
    group: list[int] = []
    gold: list[int] = []
    n = 0
    for number, (options, best) in enumerate(data):
        gold.append(n + best)
        for option in options:
            offset.append(len(flat))
            flat += [rows[f] for f in option if f in rows]
            group.append(number)
            n += 1
    table = torch.nn.EmbeddingBag(len(rows), 1, mode="sum")
    torch.nn.init.zeros_(table.weight)
    index, offsets = torch.tensor(flat), torch.tensor(offset)
    belongs, target = torch.tensor(group), torch.tensor(gold)
    optimiser = torch.optim.LBFGS(table.parameters(), max_iter=EPOCHS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        odds = table(index, offsets)[:, 0]
        top = torch.full((len(data),), -1e9).scatter_reduce(0, belongs, odds.detach(), "amax")
        total = torch.zeros(len(data)).index_add(0, belongs, torch.exp(odds - top[belongs]))
        value = (total.log() + top - odds[target]).mean() + PENALTY * table.weight.square().sum() / 10
        value.backward()
        return value

    optimiser.step(loss)
    weights = table.weight.detach().numpy()[:, 0]
    return {f: round(float(weights[i]), 3) for f, i in rows.items() if abs(weights[i]) >= 0.005}


def priors(told: Sequence[Told]) -> dict[str, float]:
    """Return the log odds of each domain by the type, or type and mode, of an act: "prior TYPE.mode DOMAIN"."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    acts: Counter[str] = Counter()
    for event in (e for t in told for e in t.events):
        for kind in {"", event.event_type, f"{event.event_type}.{event.mode}" if event.mode else ""}:
            acts[kind] += 1
            counts[kind].update(event.domains)

    def share(kind: str, domain: str) -> float:
        if not kind:
            return (counts[""][domain] + 1) / (acts[""] + len(codebook.domains()))
        above = share(kind.partition(".")[0] if "." in kind else "", domain)
        return (counts[kind][domain] + HELD * above) / (acts[kind] + HELD)

    out = {}
    for kind in sorted(acts.keys() - {""}):
        for domain in codebook.domains():
            p = share(kind, domain)
            out[f"prior {kind} {domain}"] = round(math.log(p / (1 - p)), 2)
    return out


def score(data: Sequence[Choice], weights: dict[str, float]) -> float:
    """Return the share of choices that are right."""
    hits = 0
    for options, right in data:
        odds = [sum(weights.get(f, 0.0) for f in option) for option in options]
        hits += int(np.argmax(odds)) == right
    return hits / max(len(data), 1)


def main() -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--to", type=Path, default=DATA / "models/reader/fields.json")
    args = parser.parse_args()
    told = list(read_passages(sorted((DATA / "training").glob("*.jsonl"))))
    found: dict[str, list[Choice]] = {"date": [], "place": [], "actors": []}
    for field, choice in choices(told):
        found[field].append(choice)
    weights = {}
    for field, data in found.items():
        part = len(data) * 9 // 10
        held = score(data[part:], fit(data[:part]))
        weights[field] = fit(data)
        sys.stdout.write(f"{field}: {len(data)} choices, {held:.3f} right on the tenth held out\n")
    kept = json.loads(args.to.read_text(encoding="utf-8")).get("domains", {}) if args.to.is_file() else {}
    weights["domains"] = {name: w for name, w in kept.items() if not name.startswith("prior ")} | priors(told)
    args.to.write_text(json.dumps(weights, sort_keys=True, indent=0) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
