"""Review: what people say of coded reports is checked, kept in the store's log, and counted.

    accept, edit, reject, add, doubt, merge, split, undo  ->  one commit of the log each (`events.judgements`)
    queue    what is worth reading next             history  who said what, when and why
    proposal an act that a second coder alone has: accepting or editing it adds it
    sample   a random draw, the same for everybody  reopened what a newer coder reads in a third way
    card     how often the coder is right           agreement  how far reviewers agree

The figures of `card` stand on random samples alone: what the other queues show is chosen because it is doubtful.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

import pandas as pd

from events import codebook, coders, merges
from events.errors import InputError, StoreError
from events.judgements import (
    FIELDS,
    Standing,
    checked,
    checked_spans,
    fold,
    reopened,
    same,
    stand,
    undone,
    value_of,
)
from events.opinions import Opinions
from events.queries import Queries
from events.schema import Action, Article, Judgement, Report, Selection, Span, report_id_of
from events.store import Store

__all__ = [
    "KINDS",
    "Agreement",
    "Card",
    "Kind",
    "Share",
    "accept",
    "add",
    "agreement",
    "alpha",
    "as_it_stands",
    "card",
    "doubt",
    "edit",
    "history",
    "kappa",
    "merge",
    "proposal",
    "queue",
    "reject",
    "sample_name",
    "split",
    "standings",
    "undo",
    "wilson",
]

Kind = Literal["reopened", "disagreement", "missed", "confidence", "impact", "random"]
KINDS: dict[Kind, str] = {
    "reopened": "Coded anew",
    "disagreement": "Disagreement",
    "missed": "Missed?",
    "confidence": "Low confidence",
    "impact": "High impact",
    "random": "Random sample",
}
"""The queues, in the order of how much an answer is worth."""

_RIGHT = ("source", "target", "symmetric", "event_type")
"""A report is right where nobody rejected it and these stand as coded: who did what to whom."""

Z90 = 1.6448536269514722
"""Two-sided 90 %, as all our intervals."""

ROUNDS = 1_000  # resamples of the interval of alpha


# What a person says


def accept(store: Store, report_id: str, *, by: str, why: str = "", sample: str | None = None) -> int:
    """Keep that every value of a report is right as it stands; return the store version that shows it.

    With a `sample`, as the coder gave it and this person alone has changed it: samples are read blind. An act that a
    second coder alone has (`proposal`) is added by it. Raises InputError without `by`, StoreError where the report is
    unknown.
    """
    with store.writing():
        row = _begin(store, report_id, by, why, sample)
        shown = _standing_for(store, report_id, by if sample else None)
        return store.judge([replace(row, new=_json(_values(shown)))], action="judge")


def edit(
    store: Store,
    report_id: str,
    values: Mapping[str, Any],
    *,
    by: str,
    why: str = "",
    spans: Mapping[str, Sequence[Span]] | None = None,
    sample: str | None = None,
    rest: bool = True,
) -> int:
    """Keep other values of a report, and (with `rest`) that all others are right; return the store version.

    `spans` are the words marked for a field. An act that a second coder alone has (`proposal`) is added with these
    values. Raises UnknownCode or InputError where a value is not of the codebook, a date is none or words lie outside
    the text; then nothing was kept.
    """
    with store.writing():
        row = _begin(store, report_id, by, why, sample)
        shown = _standing_for(store, report_id, by if sample else None)
        article = _article(store, row.article_id)
        given = checked(shown, values, article)
        marked = checked_spans(spans or {}, article)
        before = json.loads(row.coded or "{}")
        changed = {
            name: value
            for name, value in given.items()
            if name in marked or not same(name, value, value_of(shown, name))
        }
        if not changed and not marked:
            raise InputError("nothing was changed: accept the report, or give another value")
        if row.action == "add":
            made = stand(shown, _said(shown, changed, marked, by))
            told = replace(row, new=_json(_values(made)), coded=_json(made.to_json()))
            return store.judge([told], action="judge")
        rows = [
            replace(
                row,
                action="edit",
                field=name,
                old=_json(before.get(name)),
                new=_json(value),
                spans=_json([asdict(span) for span in marked[name]]) if name in marked else None,
            )
            for name, value in changed.items()
        ]
        if rest:
            whole = _values(shown) | changed
            rows.append(replace(row, new=_json(whole)))
        return store.judge(rows, action="judge")


def reject(
    store: Store, subject: str, *, by: str, why: str = "", sample: str | None = None, whole: bool = False
) -> int:
    """Keep that the text tells no such act; return the store version. `whole`: every report of the event."""
    with store.writing():
        ids = [subject]
        if whole:
            event = Queries(store).event(subject)
            ids = list(event.report_ids) if event else ids
        rows = [replace(_begin(store, key, by, why, sample), action="reject") for key in ids]
        return store.judge(rows, action="judge")


def add(
    store: Store,
    article_id: str,
    values: Mapping[str, Any],
    spans: Mapping[str, Sequence[Span]],
    *,
    by: str,
    why: str = "",
    event_id: str | None = None,
) -> tuple[int, str]:
    """Keep an act that the coder missed; return the store version and the new report's id.

    `values` has source, target and event_type at least; `spans` the words of the article that tell the act, under
    "event_type", and of other fields. With `event_id` it is another report of that event. Raises InputError where
    the words are missing or the article has this act already.
    """
    with store.writing():
        _signed(by)
        article = _article(store, article_id)
        if missing := [name for name in ("source", "target", "event_type") if not values.get(name)]:
            raise InputError(f"an event needs {', '.join(missing)}")
        marked = checked_spans(spans, article)
        if not marked.get("event_type"):
            raise InputError("mark the words that tell the act, letter by letter as the article has them")
        entry = codebook.event_type(str(values["event_type"]))
        blank = _blank(article, entry.name, sentence_at(article, marked["event_type"][0]))
        given = checked(blank, values, article)
        made = stand(blank, _said(blank, given, marked, by))
        queries = Queries(store)
        rows = fold(store.judgements())
        held = queries.article(article_id)
        for present in held.reports if held else ():
            if (
                present.sentence == made.sentence
                and {present.source, present.target} == {made.source, made.target}
                and present.event_type == made.event_type
            ):
                raise InputError(
                    f"the article has this act already (report {present.report_id}); edit that one"
                )
        ordinal = 0
        while (key := _id(made, ordinal)) in rows or store.coded_reports([key]):
            ordinal += 1
        found = queries.event(event_id) if event_id else None
        if event_id and found is None:
            raise StoreError(f"the store {store.location} has no event {event_id}")
        if found is not None and (found.report.source, found.report.target) not in {
            (made.source, made.target),
            (made.target, made.source),
        }:
            raise InputError(f"event {found.event_id} is of another dyad; leave it out")
        told = replace(made, report_id=key, confidence=1.0, confidence_by_field=dict.fromkeys(marked, 1.0))
        row = Judgement(
            report_id=key,
            event_id=found.event_id if found else key,
            article_id=article_id,
            dataset=store.dataset_of(article_id) or "",
            action="add",
            by=by.strip(),
            when=_now(),
            why=why.strip(),
            new=_json(_values(told)),
            spans=_json([asdict(span) for span in marked["event_type"]]),
            coder=f"{told.extractor} {told.extractor_version}",
            coded=_json(told.to_json()),
        )
        return store.judge([row], action="judge"), key


def doubt(store: Store, report_id: str, field: str, value: Any, *, by: str, why: str = "") -> int:
    """Keep that a second reader gives another value: the report is queued, no figure changes.

    Returns the store version.
    """
    with store.writing():
        row = _begin(store, report_id, by, why, None)
        shown = _standing_for(store, report_id, None)
        given = checked(shown, {field: value}, _article(store, row.article_id))
        new = replace(
            row, action="doubt", field=field, old=_json(value_of(shown, field)), new=_json(given[field])
        )
        return store.judge([new], action="judge")


def merge(store: Store, into: str, other: str, *, by: str, why: str) -> int:
    """Make two events one (`events.merges`) and note it in the log; return the store version."""
    with store.writing():
        decision = merges.merge(store, into, other, why=why, by=by)
        return _note(store, "merge", decision, by, why)


def split(store: Store, report_id: str, *, by: str, why: str) -> int:
    """Take a report out of its event (`events.merges`) and note it in the log; return the store version."""
    with store.writing():
        decision = merges.split(store, report_id, why=why, by=by)
        return _note(store, "split", decision, by, why)


def undo(store: Store, commit: int, *, by: str, why: str = "taken back") -> int:
    """Take back what a commit of the log says, merges and splits too; an undo can be undone.

    Raises StoreError where the commit judged nothing, or was taken back already.
    """
    with store.writing():
        _signed(by)
        log = store.judgements()
        rows = [row for row in log if row["commit"] == commit]
        if not rows:
            raise StoreError(f"version {commit} of the store {store.location} judged nothing")
        if commit in undone(log):
            raise StoreError(f"version {commit} was taken back already; undo that undo to bring it back")
        first = rows[0]
        moved = _moving(first)
        note = Judgement(
            report_id=first["report_id"],
            event_id=first["event_id"],
            article_id=first["article_id"],
            dataset=first["dataset"],
            action="undo",
            by=by.strip(),
            when=_now(),
            why=why.strip(),
            refers=commit,
        )
        if moved is not None:
            done = merges.undo(store, moved, why=why or "taken back", by=by)
            note = replace(note, old=_json(done.version))
        return store.judge([note], action="judge")


def _moving(row: Mapping[str, Any]) -> int | None:
    """Return the store version by which a row's decision moved reports, None where it moved none."""
    if row["action"] in {"merge", "split"}:
        return int(row["refers"])
    if row["action"] == "undo" and row["old"]:
        return int(json.loads(row["old"]))
    return None


def _note(store: Store, action: Action, decision: merges.Decision, by: str, why: str) -> int:
    report_id, event_id = next(iter(decision.moved.items()))
    coded = store.coded_reports([report_id]).get(report_id)
    return store.judge(
        [
            Judgement(
                report_id=report_id,
                event_id=event_id,
                article_id=coded.article_id if coded else "",
                dataset="",
                action=action,
                by=by.strip(),
                when=_now(),
                why=why.strip(),
                new=_json(dict(decision.moved)),
                refers=decision.version,
            )
        ],
        action="judge",
    )


def _signed(by: str) -> None:
    if not by.strip():
        raise InputError("a judgement is kept with the name of whoever made it; give a name")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _begin(store: Store, report_id: str, by: str, why: str, sample: str | None) -> Judgement:
    """Return what every judgement on a report says, with the report as it is coded now.

    The action is "accept", or "add" of an act that a second coder alone has.
    """
    _signed(by)
    coded = store.coded_reports([report_id]).get(report_id)
    standing = fold(store.judgements()).get(report_id)
    proposed = proposal(store, report_id) if coded is None and not (standing and standing.added) else None
    told = coded or proposed or (standing.told if standing else None)
    if told is None:
        raise StoreError(f"the store {store.location} has no report {report_id}; copy its id from the drawer")
    event_id, dataset = store.whereabouts([report_id]).get(report_id) or (
        (standing.event_id, standing.dataset)
        if standing
        else (report_id, store.dataset_of(told.article_id) or "")
    )
    return Judgement(
        report_id=report_id,
        event_id=event_id,
        article_id=told.article_id,
        dataset=dataset,
        action="add" if proposed is not None else "accept",
        by=by.strip(),
        when=_now(),
        why=why.strip(),
        coder=f"{told.extractor} {told.extractor_version}",
        coded=_json(told.to_json()),
        sample=sample,
    )


def _article(store: Store, article_id: str) -> Article:
    found = Queries(store).article(article_id)
    if found is None:
        raise StoreError(f"the store {store.location} has no article {article_id}")
    return found.article


def _standing_for(store: Store, report_id: str, by: str | None) -> Report:
    """Return a report as it stands, or (with `by`) as the coder gave it and this person alone has changed it."""
    coded = store.coded_reports([report_id]).get(report_id)
    folded = fold(store.judgements(), by=by)
    if coded is None and report_id not in folded:
        coded = proposal(store, report_id)
    return as_it_stands(report_id, coded, folded)


def proposal(store: Store, report_id: str) -> Report | None:
    """Return a report that a second coder has read and the store has not, as it was read last; None where unknown."""
    return Opinions(store.location).report(report_id)


def as_it_stands(report_id: str, coded: Report | None, folded: Mapping[str, Standing]) -> Report:
    """Return a report after these judgements, a rejected one with the values it had; StoreError where unknown."""
    standing = folded.get(report_id)
    told = coded or (standing.told if standing else None)
    if told is None:
        raise StoreError(f"there is no report {report_id}")
    return told if standing is None else stand(told, standing)


def _values(report: Report) -> dict[str, Any]:
    return {name: value_of(report, name) for name in FIELDS}


def _said(
    report: Report, values: Mapping[str, Any], spans: Mapping[str, tuple[Span, ...]], by: str
) -> Standing:
    return Standing(
        report.report_id, report.report_id, report.article_id, "", "edited", by, "", 0,
        given=dict(values), spans=dict(spans),
    )  # fmt: skip


def _id(report: Report, ordinal: int) -> str:
    return report_id_of(report.article_id, report.sentence.text, (report.source, report.target), ordinal)


def _blank(article: Article, event_type: str, sentence: Span) -> Report:
    entry = codebook.event_type(event_type)
    return Report(
        report_id="", article_id=article.article_id, source="", target="", symmetric=False, event_type=event_type,
        mode=None, quad_class=entry.quad_class, intensity=entry.intensity, status="occurred", planned_for=None,
        date=(article.published or "")[:10] or None, date_precision="day", date_basis="publication", place=None,
        actors=(), issues=(), quantities=(), attributed_to=None, evidence={}, sentence=sentence, confidence=None,
        confidence_by_field={}, extractor="person", extractor_version="1",
    )  # fmt: skip


_STOP = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]?[A-Z0-9])|\n+")


def sentence_at(article: Article, words: Span) -> Span:
    """Return the sentence of the article that holds these words, by its stops and line ends."""
    cuts = [0, *(m.end() for m in _STOP.finditer(article.text)), len(article.text)]
    start = max(cut for cut in cuts if cut <= words.start)
    end = min(cut for cut in cuts if cut >= words.end)
    text = article.text[start:end]
    return Span(start, start + len(text.rstrip()), text.rstrip())


# What is worth reading


def standings(store: Store, *, by: str | None = None) -> dict[str, Standing]:
    """Return how every judged report stands, by its id; with `by`, after what this person alone has said."""
    return fold(store.judgements(), by=by)


def sample_name(selection: Selection, seed: int, size: int, *, each: bool = False) -> str:
    """Return the name of a random sample: the same selection, seed and size give the same name, and draw.

    `each`: so many of every event type, in the place of so many events.
    """
    told = asdict(replace(selection, store_version=None, as_coded=False))
    digest = hashlib.blake2b(_json({k: str(v) for k, v in told.items()}).encode(), digest_size=3).hexdigest()
    return f"{'each' if each else 'all'}-{size}-seed{seed}-{digest}"


def queue(
    store: Store,
    kind: Kind,
    selection: Selection | None = None,
    *,
    by: str = "",
    limit: int = 50,
    seed: int = 1,
    each: bool = False,
) -> pd.DataFrame:
    """Return what is to be read next in this queue, the most valuable first.

    Columns: event_id, report_id, why (a phrase to read), done (whether it has its verdict: of `by`, in a random
    sample, which keeps its judged ones so that progress can be told; never true in the others). `limit` is the size
    of the sample, or of each type's with `each`.
    """
    asked = selection or Selection()
    queries = Queries(store)
    log = store.judgements()
    if kind == "random":
        name = sample_name(asked, seed, limit, each=each)
        frame = queries.to_review(replace(asked, as_coded=True), "random", limit=limit, seed=seed, each=each)
        gone = undone(log)
        done = {
            row["report_id"]
            for row in log
            if row["commit"] not in gone and row["by"] == by and row["sample"] == name
        }
        frame["done"] = frame["report_id"].isin(done)
        frame["why"] = "drawn by chance"
        return frame[["event_id", "report_id", "why", "done"]]
    folded = fold(log)
    if kind == "reopened":
        rows = _reopened(store, folded)
    elif kind == "disagreement":
        rows = [
            *_disputed(log, folded),
            *_second(store, asked, folded, limit),
            *_divided(queries, asked, folded, limit),
        ]
    elif kind == "missed":
        rows = _missed(store, asked, folded)
    else:
        frame = queries.to_review(asked, kind, limit=limit, skip=folded)
        words = "confidence {0.confidence:.2f}" if kind == "confidence" else "pulls its dyad by {0.score:.1f}"
        rows = [(row.event_id, row.report_id, words.format(row)) for row in frame.itertuples()]
    seen: dict[str, tuple[str, str, str]] = {}
    for row in rows:
        seen.setdefault(row[1], row)
    frame = pd.DataFrame(list(seen.values())[:limit], columns=["event_id", "report_id", "why"])
    return frame.assign(done=False)


def _reopened(store: Store, folded: Mapping[str, Standing]) -> list[tuple[str, str, str]]:
    """Return the judged reports that a newer coding reads in a third way."""
    coded = store.coded_reports(folded)
    found = []
    for key, report in coded.items():
        if fields := reopened(folded[key], report):
            names = ", ".join(name.replace("_", " ") for name in fields)
            found.append((folded[key].event_id, key, f"coded anew: {names}"))
    return sorted(found, key=lambda row: row[1])


def _disputed(log: Sequence[Mapping[str, Any]], folded: Mapping[str, Standing]) -> list[tuple[str, str, str]]:
    """Return reports on which a second reader or two people differ, unless somebody settled it since."""
    gone = undone(log)
    found = []
    last: dict[str, Mapping[str, Any]] = {}
    for row in log:
        if row["action"] == "doubt" and row["commit"] not in gone:
            last[row["report_id"]] = row
    for key, row in last.items():
        settled = folded.get(key)
        if settled is None or settled.commit < row["commit"]:
            value = json.loads(row["new"])
            found.append(
                (row["event_id"], key, f"{row['by']} reads {row['field'].replace('_', ' ')} as {value}")
            )
    people: dict[str, dict[str, Standing]] = {who: fold(log, by=who) for who in _people(log, gone)}
    for key, standing in folded.items():
        mine = [(who, said[key]) for who, said in people.items() if key in said]
        if len(mine) < 2 or _settled(log, key, mine):
            continue
        if fields := _differ([said for _, said in mine]):
            who = " and ".join(name for name, _ in mine[:3])
            found.append((standing.event_id, key, f"{who} differ on {', '.join(fields)}"))
    return found


def _second(
    store: Store, selection: Selection, folded: Mapping[str, Standing], limit: int
) -> list[tuple[str, str, str]]:
    """Return the reports that the second coder reads otherwise, or does not have, the weightiest first."""
    cases = coders.disagreements(store, selection=selection)
    cases = cases[cases["first_id"].notna() & ~cases["first_id"].isin(list(folded))].head(limit)
    events = store.whereabouts(cases["first_id"]) if len(cases) else {}
    return [
        (
            events[row.first_id][0],
            row.first_id,
            f"{row.coder} reads {row.fields.replace('_', ' ')} otherwise"
            if row.fields
            else f"{row.coder} has no such act",
        )
        for row in cases.itertuples()
        if row.first_id in events
    ]


def _missed(store: Store, selection: Selection, folded: Mapping[str, Standing]) -> list[tuple[str, str, str]]:
    """Return the acts that the second coder alone has and nobody has judged, the most intense first.

    An act that somebody added by hand, or judged as another second coder told it, is not asked again.
    """
    coder = coders.newest(store)
    alone: dict[str, list[Report]] = defaultdict(list)
    for pair in coders.compared(store, coder, selection) if coder else ():
        if pair.first is None and pair.second is not None and pair.second.report_id not in folded:
            alone[pair.article_id].append(pair.second)
    judged: dict[str, list[Report]] = defaultdict(list)
    for standing in folded.values():
        if standing.article_id in alone and (told := standing.told) is not None:
            judged[standing.article_id].append(stand(told, standing))
    found = [
        pair.second
        for key, reports in alone.items()
        for pair in coders.pairs(key, judged[key], reports)
        if pair.first is None and pair.second is not None
    ]
    found.sort(key=lambda report: (report.status != "occurred", -abs(report.intensity), report.report_id))
    return [
        (report.report_id, report.report_id, f"missed by the coder? {coder} reads this act")
        for report in found
    ]


def _settled(log: Sequence[Mapping[str, Any]], key: str, mine: Sequence[tuple[str, Standing]]) -> bool:
    """Whether somebody judged a report again, outside of a sample, after two people had differed."""
    second = sorted(said.commit for _, said in mine)[1]
    return any(
        row["report_id"] == key and row["commit"] > second and not row["sample"] and row["action"] != "doubt"
        for row in log
    ) or all(said.sample is None for _, said in mine)


def _differ(mine: Sequence[Standing]) -> list[str]:
    if len({said.verdict == "rejected" for said in mine}) > 1:
        return ["whether it is an act"]
    return [
        name.replace("_", " ")
        for name in FIELDS
        if any(
            name in said.given
            and name in mine[0].given
            and not same(name, said.given[name], mine[0].given[name])
            for said in mine[1:]
        )
    ]


def _divided(
    queries: Queries, selection: Selection, folded: Mapping[str, Standing], limit: int
) -> list[tuple[str, str, str]]:
    frame = queries.to_review(selection, "divided", limit=limit, skip=folded)
    return [
        (row.event_id, row.report_id, f"its {row.reports} reports differ in type or status")
        for row in frame.itertuples()
    ]


def _people(log: Iterable[Mapping[str, Any]], gone: Collection[int]) -> list[str]:
    said = Counter(
        row["by"]
        for row in log
        if row["action"] in {"accept", "edit", "reject"} and row["commit"] not in gone
    )
    return [name for name, _ in said.most_common()]


def history(store: Store, report_ids: Collection[str] | None = None) -> pd.DataFrame:
    """Return the log to read, the newest commit first, one row a commit.

    Columns: commit, when (ISO, UTC), by, action ("accept", "edit", ...), report_id, event_id, what (fields and
    values in words, "" of an accept), why, sample, undone (whether it counts no longer), refers. With `report_ids`
    only commits on these reports.
    """
    log = store.judgements()
    gone = undone(log)
    commits: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in log:
        commits[int(row["commit"])].append(row)
    listed = []
    for commit in sorted(commits, reverse=True):
        rows = commits[commit]
        if report_ids is not None and not any(row["report_id"] in report_ids for row in rows):
            continue
        edits = [row for row in rows if row["action"] in {"edit", "doubt"}]
        head = edits[0] if edits else rows[0]
        listed.append(
            {
                "commit": commit,
                **{name: head[name] for name in ("when", "by", "action", "report_id", "event_id")},
                "what": "; ".join(_told(row) for row in edits),
                "why": head["why"] or "",
                "sample": head["sample"] or "",
                "undone": commit in gone,
                "refers": head["refers"],
            }
        )
    names = [
        "commit",
        "when",
        "by",
        "action",
        "report_id",
        "event_id",
        "what",
        "why",
        "sample",
        "undone",
        "refers",
    ]
    return pd.DataFrame(listed, columns=names)


def _told(row: Mapping[str, Any]) -> str:
    old, new = (_short(json.loads(row[key]) if row[key] else None) for key in ("old", "new"))
    return f"{row['field'].replace('_', ' ')} {old} → {new}"


def _short(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item.get("issue") or item.get("name")) for item in value) or "none"
    if isinstance(value, dict):
        return str(value.get("name"))
    if value is None or isinstance(value, bool):
        return "none" if value is None else "yes" if value else "no"
    return str(value)


# How often the coder is right


@dataclass(frozen=True, slots=True)
class Share:
    """How many of n are right, with the Wilson interval of 90 %; low 0 and high 1 where n is 0."""

    right: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """The share right, None where n is 0."""
        return self.right / self.n if self.n else None

    @classmethod
    def of(cls, right: int, n: int) -> Share:
        """Return the share with its interval."""
        return cls(right, n, *wilson(right, n))


def wilson(right: int, n: int, z: float = Z90) -> tuple[float, float]:
    """Return the score interval of a share (Wilson 1927), of 90 % unless told; (0, 1) where n is 0."""
    if not n:
        return 0.0, 1.0
    p, zz = right / n, z * z
    middle = (p + zz / (2 * n)) / (1 + zz / n)
    half = z / (1 + zz / n) * math.sqrt(p * (1 - p) / n + zz / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Card:
    """How often the coder is right on what people drew by chance and judged.

    `types`: precision of each coded type (the act is told, by these parties, of this type). `fields`: share of the
    reports that tell an act in which this value is right as coded. `overall` stands on samples of events alone, as
    samples of every type give rare ones more weight.
    """

    types: dict[str, Share]
    fields: dict[str, Share]
    overall: Share
    reviewers: tuple[str, ...]
    coders: tuple[str, ...]
    first: str | None  # ISO times of the earliest and the latest judgement
    last: str | None

    @property
    def n(self) -> int:
        """How many reports were judged."""
        return sum(share.n for share in self.types.values())


def card(store: Store, *, dataset: str | None = None) -> Card:
    """Return the report card of the samples judged so far, of all data sets or one; the newest word counts."""
    folded = fold([row for row in store.judgements() if row["sample"] or row["action"] == "undo"])
    judged = [
        (said, told)
        for said in folded.values()
        if not said.added and (dataset is None or said.dataset == dataset) and (told := said.coded)
    ]
    types: dict[str, list[bool]] = defaultdict(list)
    fields: dict[str, list[bool]] = defaultdict(list)
    chance: list[bool] = []
    for said, told in judged:
        right = said.verdict != "rejected" and all(_as_coded(said, told, name) for name in _RIGHT)
        types[told["event_type"]].append(right)
        if (said.sample or "").startswith("all-"):
            chance.append(right)
        if said.verdict != "rejected":
            for name in FIELDS:
                fields[name].append(_as_coded(said, told, name))
    times = sorted(said.when for said, _ in judged)
    return Card(
        types={
            name: Share.of(sum(types[name]), len(types[name]))
            for name in codebook.event_types()
            if types[name]
        },
        fields={name: Share.of(sum(fields[name]), len(fields[name])) for name in FIELDS if fields[name]},
        overall=Share.of(sum(chance), len(chance)),
        reviewers=tuple(sorted({said.by for said, _ in judged})),
        coders=tuple(sorted({said.coder for said, _ in judged})),
        first=times[0] if times else None,
        last=times[-1] if times else None,
    )


def _as_coded(said: Standing, told: Mapping[str, Any], name: str) -> bool:
    return name not in said.given or same(name, said.given[name], told.get(name))


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far people agree on one field; alpha with its 90 % interval by resampling reports, kappa of two people.

    None where it is not defined: fewer than two judged the same, or all gave one value.
    """

    field: str
    reports: int  # judged by two people or more
    alpha: float | None
    low: float | None
    high: float | None
    kappa: float | None  # of the two who share most reports
    same: int  # of `reports`: those on which all agree


def agreement(store: Store) -> tuple[tuple[str, ...], list[Agreement]]:
    """Return the reviewers who share reports in a random sample, those of kappa first, and their agreement by field.

    The first row, "act", is whether the text tells such an act at all; the others are of reports that nobody rejected.
    """
    log = [row for row in store.judgements() if row["sample"] or row["action"] == "undo"]
    people = {who: fold(log, by=who) for who in _people(log, undone(log))}
    shared = Counter(
        (a, b)
        for i, a in enumerate(people)
        for b in list(people)[i + 1 :]
        for key in people[a]
        if key in people[b]
    )
    if not shared:
        return (), []
    pair = shared.most_common(1)[0][0]
    keys = sorted({key for said in people.values() for key in said})
    rows = []
    for name in ("act", *FIELDS):
        units = [
            {who: _judged(said[key], name) for who, said in people.items() if key in said} for key in keys
        ]
        if name != "act":
            units = [unit for unit in units if None not in unit.values()]
        units = [unit for unit in units if len(unit) > 1]
        both = [(unit[pair[0]], unit[pair[1]]) for unit in units if pair[0] in unit and pair[1] in unit]
        values = [list(unit.values()) for unit in units]
        low, high = _interval(values)
        rows.append(
            Agreement(
                name, len(units), alpha(values), low, high, kappa(both),
                sum(len(set(unit)) == 1 for unit in values),
            )
        )  # fmt: skip
    others = [who for who in people if who not in pair and any(who in p for p in shared)]
    return (*pair, *others), rows


def _judged(said: Standing, name: str) -> str | None:
    """Return a person's value of a field as a text to compare; None where they rejected the report or left it."""
    if name == "act":
        return "no" if said.verdict == "rejected" else "yes"
    coded = said.coded
    if said.verdict == "rejected" or coded is None:
        return None
    value = said.given.get(name, coded.get(name))
    if name == "issues":
        value = sorted({item["issue"] for item in value or ()})
    if name == "actors":
        value = sorted({f"{item['name']} {item['side']}" for item in value or ()})
    if name == "place":
        value = (value or {}).get("name")
    return _json(value)


def alpha(units: Sequence[Sequence[Hashable]]) -> float | None:
    """Return Krippendorff's alpha of nominal values: one list a unit, of the values that its coders gave.

    Units with one value are left out; None where nothing can be expected to differ. After Krippendorff,
    Computing Krippendorff's Alpha-Reliability (2011).
    """
    paired = [unit for unit in units if len(unit) > 1]
    number = sum(map(len, paired))
    totals: Counter[Hashable] = Counter(value for unit in paired for value in unit)
    expected = number * number - sum(n * n for n in totals.values())
    if not expected:
        return None
    observed = sum(
        (len(unit) ** 2 - sum(n * n for n in Counter(unit).values())) / (len(unit) - 1) for unit in paired
    )
    return 1 - (number - 1) * observed / expected


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Return Cohen's kappa (1960) of two coders' values of the same units; None where chance alone would agree."""
    n = len(pairs)
    if not n:
        return None
    one, other = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    by_chance = sum(one[value] * other[value] for value in one) / (n * n)
    return None if by_chance == 1 else (sum(a == b for a, b in pairs) / n - by_chance) / (1 - by_chance)


def _interval(units: Sequence[Sequence[Hashable]]) -> tuple[float | None, float | None]:
    """Return the 90 % interval of alpha, by resampling units; the same each time."""
    if len(units) < 5 or alpha(units) is None:
        return None, None
    dice = random.Random(1)  # noqa: S311 not a secret
    drawn = sorted(
        value for _ in range(ROUNDS) if (value := alpha(dice.choices(units, k=len(units)))) is not None
    )
    cut = len(drawn) // 20
    return drawn[cut], drawn[-cut - 1]
