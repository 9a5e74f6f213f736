"""Large made-up stores, skewed like real ones, for the bench and for tests of speed.

    python tests/large_store.py FOLDER EVENTS [SEED]

A few dyads hold most events, acts come in bursts, volume grows over the years, a third of the events is told by
several articles, three thousand outlets follow a power law. Every field is filled, evidence included, and its
spans point at the words. The tables are written by Arrow batches, a year at a time; one seed makes one store.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import write_deltalake

from events import codebook
from events.reference import table
from events.schema import CONFIDENCE_FIELDS, EVIDENCE_FIELDS
from events.store import EMPTY, STORED, WRITER, Store

FIRST, LAST = date(2010, 1, 1), date(2024, 12, 31)
CHUNK = 250_000
OUTLETS = 3_000
DYADS = 6_000
SEVERAL = (0.68, 0.18, 0.07, 0.04, 0.02, 0.01)  # share of events told by 1, 2, ... reports
WEIGHTS = {
    "CONSULT": 30, "AGREE": 9, "SUPPORT": 9, "CONCEDE": 1, "COOPERATE": 8, "AID": 5, "RETREAT": 2, "REQUEST": 6,
    "ACCUSE": 11, "REJECT": 4, "THREATEN": 4, "PROTEST": 1, "SANCTION": 3, "MOBILIZE": 2, "COERCE": 3, "ASSAULT": 4,
}  # fmt: skip
BOTH = {"CONSULT", "AGREE", "COOPERATE"}  # half of these are acts of both sides
WORDS = ("sources", "told", "on", "the", "record", "that", "talks", "would", "go", "ahead", "after", "weeks", "of", "delay")  # fmt: skip

HEX = np.frombuffer("".join(f"{n:02x}" for n in range(256)).encode(), dtype="S2")


def ids(rng: np.random.Generator, number: int) -> pa.Array:
    """Return so many ids of 20 hex digits."""
    digits = HEX[rng.integers(0, 256, (number, 10), dtype=np.uint8)]
    buffer = pa.py_buffer(np.ascontiguousarray(digits).view("S20").ravel())
    offsets = pa.py_buffer(np.arange(number + 1, dtype=np.int32) * 20)
    return pa.StringArray.from_buffers(number, offsets, buffer)


def zipf(number: int, power: float) -> np.ndarray:
    weights = 1.0 / np.arange(1, number + 1) ** power
    return weights / weights.sum()


class World:
    """What events are made of: parties, dyads with their bursts, types, issues, places, persons, outlets."""

    def __init__(self, rng: np.random.Generator) -> None:
        states = [row for row in table("gazetteer/states.csv") if row["kind"] == "state" and row["capital"]]
        self.capital = {row["code"]: (row["capital"], float(row["lat"]), float(row["lon"])) for row in states}
        orgs = [row["code"] for row in table("gazetteer/organisations.csv")][:40]
        codes = [row["code"] for row in states] + orgs
        large = [
            "USA",
            "RUS",
            "CHN",
            "UKR",
            "ISR",
            "IRN",
            "GBR",
            "FRA",
            "DEU",
            "IND",
            "TUR",
            "PSE",
            "JPN",
            "NATO",
            "EU",
        ]
        rest = [code for code in codes if code not in large]
        rng.shuffle(rest)
        self.codes = pa.array([*large, *rest])
        many = len(self.codes)
        share = zipf(many, 0.9)
        draws = rng.choice(many, (DYADS * 12, 2), p=share)
        draws = np.sort(draws[draws[:, 0] != draws[:, 1]], axis=1)
        pairs = list(dict.fromkeys(map(tuple, draws.tolist())))[:DYADS]
        self.pairs = np.array(pairs, dtype=np.int32)
        self.dyad_share = zipf(len(pairs), 1.05)
        self.bursts = rng.integers(0, (LAST - FIRST).days, (len(pairs), 4))
        self.types = pa.array(list(WEIGHTS))
        weights = np.array(list(WEIGHTS.values()), dtype=float)
        tilt = rng.dirichlet(np.full(4, 0.8), len(pairs)) * 4  # each dyad has a temper of its own
        quads = np.array([codebook.QUAD_CLASSES.index(codebook.event_type(t).quad_class) for t in WEIGHTS])
        chances = weights[None, :] * tilt[:, quads]
        self.type_chances = np.cumsum(chances / chances.sum(axis=1, keepdims=True), axis=1)
        self.quads = pa.array([codebook.event_type(t).quad_class for t in WEIGHTS])
        self.intensity = np.array([codebook.event_type(t).intensity for t in WEIGHTS])
        self.both = np.array([t in BOTH for t in WEIGHTS])
        entries = list(codebook.issues().items())
        rng.shuffle(entries)
        self.issues = pa.array([name for name, _ in entries])
        self.domains = pa.array([entry.domain for _, entry in entries])
        self.issue_share = zipf(len(entries), 0.9)
        self.sectors = pa.array(list(codebook.sectors()))
        self.sector_share = zipf(len(self.sectors), 1.2)
        self.outlets = pa.array([f"Outlet {n}" for n in range(OUTLETS)])
        self.outlet_share = zipf(OUTLETS, 1.0)
        places = [self.capital.get(code, ("Geneva", 46.2, 6.15)) for code in self.codes.to_pylist()]
        self.place = pa.array([name for name, _, _ in places])
        self.lat = pa.array([lat for _, lat, _ in places])
        self.lon = pa.array([lon for _, _, lon in places])
        self.state = pa.array([code if code in self.capital else "CHE" for code in self.codes.to_pylist()])
        first = [
            f"{a}{b}"
            for a in ("Al", "Be", "Ca", "Di", "El", "Fa", "Go", "Ha")
            for b in ("na", "rik", "mo", "len")
        ]
        last = [
            f"{a}{b}"
            for a in ("Ru", "Ko", "Sta", "Me", "Va", "Li", "Tro", "Ze")
            for b in ("iz", "vac", "rin", "du")
        ]
        self.persons = pa.array([f"{a} {b}" for a in first for b in last])


def filled(values: pa.Array, indices: np.ndarray) -> pa.Array:
    return values.take(pa.array(indices))


def lengths(texts: pa.Array) -> np.ndarray:
    return pc.utf8_length(texts).to_numpy(zero_copy_only=False).astype(np.int32)


def listed(counts: np.ndarray, items: pa.StructArray) -> pa.ListArray:
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), items)


def one_span(start: np.ndarray, text: pa.Array) -> pa.ListArray:
    """Return one span a row, as the evidence of a field."""
    ends = start + lengths(text)
    spans = pa.StructArray.from_arrays([pa.array(start), pa.array(ends), text], ["start", "end", "text"])
    return listed(np.ones(len(start), dtype=np.int32), spans)


def happen(rng: np.random.Generator, world: World, events: int) -> dict[str, np.ndarray]:
    """Return the events as columns of numbers: dyad, day, type and so on; a hundredth is undated."""
    days = (LAST - FIRST).days + 1
    dyad = rng.choice(len(world.pairs), events, p=world.dyad_share).astype(np.int32)
    grown = np.floor(days * np.sqrt(rng.random(events))).astype(np.int64)
    burst = world.bursts[dyad, rng.integers(0, 4, events)] + np.round(rng.normal(0, 6, events)).astype(
        np.int64
    )
    day = np.clip(np.where(rng.random(events) < 0.3, burst, grown), 0, days - 1)
    kind = np.minimum((rng.random((events, 1)) > world.type_chances[dyad]).sum(axis=1), len(WEIGHTS) - 1)
    turned = rng.random(events) < 0.42
    first, second = world.pairs[dyad, 0], world.pairs[dyad, 1]
    symmetric = world.both[kind] & (rng.random(events) < 0.5)
    undated = rng.random(events) < 0.01
    recalled = rng.random(events) < 0.06
    return {
        "source": np.where(turned, second, first), "target": np.where(turned, first, second), "kind": kind,
        "symmetric": symmetric, "day": np.where(undated, -1, day),
        "status": np.where(undated | recalled, 2, np.where(rng.random(events) < 0.02, 1, 0)),
        "issue": rng.choice(len(world.issues), (events, 3), p=world.issue_share).astype(np.int32),
        "issues": rng.choice(4, events, p=[0.2, 0.45, 0.25, 0.1]),
        "placed": rng.random(events) < 0.6,
        "planned": (kind == 1) & (rng.random(events) < 0.4),
    }  # fmt: skip


def tell(
    rng: np.random.Generator,
    world: World,
    happened: dict[str, np.ndarray],
    event: np.ndarray,
    founds: np.ndarray,
    event_ids: pa.Array,
    year: int,
) -> tuple[Iterator[pa.RecordBatch], pa.Table, pa.Table]:
    """Return the year's reports (in batches), articles and assignments, of these events (one index a report)."""
    number = len(event)
    e = {name: values[event] for name, values in happened.items()}
    late = np.where(founds | (e["day"] < 0), 0, rng.integers(0, 2, number))
    base = (FIRST - date(1970, 1, 1)).days
    last = (date(year, 12, 31) - FIRST).days if year else 0
    day = np.where(e["day"] < 0, -1, np.minimum(e["day"] + late, last))
    # articles: one to four reports of neighbouring days
    by_day = np.lexsort((rng.random(number), day))
    cut = rng.random(number) < 0.62
    cut[0] = True
    article = np.empty(number, dtype=np.int64)
    article[by_day] = np.cumsum(cut) - 1
    articles = int(cut.sum())
    article_ids = ids(rng, articles)
    outlet = rng.choice(OUTLETS, articles, p=world.outlet_share)
    newest = np.zeros(articles, dtype=np.int64)
    np.maximum.at(newest, article, np.where(day < 0, (date(2020, 5, 1) - FIRST).days, day))
    published = pc.strftime(pa.array((newest + base + rng.integers(0, 2, articles)).astype(np.int32)).cast(pa.date32()), "%Y-%m-%d")  # fmt: skip

    source, target = filled(world.codes, e["source"]), filled(world.codes, e["target"])
    kind = filled(world.types, e["kind"])
    person = filled(world.persons, rng.integers(0, len(world.persons), number))
    issue = filled(world.issues, e["issue"][:, 0])
    place = filled(world.place, e["source"])
    filler = pa.array([" ".join(rng.choice(WORDS, 8)) for _ in range(512)])
    pieces = [
        "Minister ", person, " of ", source, " chose to ", pc.utf8_lower(kind), " ", target, " over ", issue,
        " in ", place, " on Monday, ", filled(filler, rng.integers(0, 512, number)), ".",
    ]  # fmt: skip
    sentences = pc.binary_join_element_wise(*pieces, "")
    starts, at = [], np.zeros(number, dtype=np.int32)
    for piece in pieces:
        starts.append(at)
        at = at + (len(piece) if isinstance(piece, str) else lengths(piece))
    size = at
    # the text of an article: title, newline, its sentences
    order = np.argsort(article, kind="stable")
    told_by = np.bincount(article, minlength=articles)
    heads = order[np.concatenate([[0], np.cumsum(told_by)[:-1]])]
    titles = pc.binary_join_element_wise(
        filled(source, heads), " and ", filled(target, heads), ": ", filled(issue, heads), ""
    )
    bodies = pc.binary_join(
        pa.ListArray.from_arrays(
            pa.array(np.concatenate([[0], np.cumsum(told_by)]).astype(np.int32)), filled(sentences, order)
        ),
        " ",
    )
    texts = pc.binary_join_element_wise(titles, "\n", bodies, "")
    running = np.cumsum(size[order] + 1) - (size[order] + 1)
    within = running - np.repeat(running[np.concatenate([[0], np.cumsum(told_by)[:-1]])], told_by)
    begins = np.empty(number, dtype=np.int32)
    begins[order] = within + np.repeat(lengths(titles) + 1, told_by)

    founder = filled(event_ids, event)
    report_ids = pc.replace_with_mask(founder, pa.array(~founds), ids(rng, int((~founds).sum())))

    dated = day >= 0
    days = pa.array((day + base).astype(np.int32), mask=~dated).cast(pa.date32())
    confidence = np.round(rng.beta(5, 2, number), 3)
    sectors = filled(world.sectors, rng.choice(len(world.sectors), number, p=world.sector_share))
    other = filled(world.persons, rng.integers(0, len(world.persons), number))
    actors = rng.integers(0, 3, number)

    def batch(rows: np.ndarray) -> pa.RecordBatch:
        def of(values: pa.Array) -> pa.Array:
            return filled(values, rows)

        n = len(rows)
        span = [starts[i][rows] + begins[rows] for i in range(len(pieces))]
        s, t, k, iss, plc = of(source), of(target), of(pc.utf8_lower(kind)), of(issue), of(place)
        monday = pa.array(["on Monday"] * n)
        no = pa.ListArray.from_arrays(
            pa.array(np.zeros(n + 1, dtype=np.int32)), one_span(span[1][:0], s[:0]).values
        )
        evidence = {
            "source": one_span(span[3], s), "target": one_span(span[7], t), "event_type": one_span(span[5], k),
            "date": one_span(span[12] + 1, monday), "place": one_span(span[11], plc), "status": no,
        }  # fmt: skip
        count = e["issues"][rows]
        flat = np.repeat(np.arange(n), count)
        which = np.arange(len(flat)) - np.repeat(np.cumsum(count) - count, count)
        picked = e["issue"][rows][flat, which]
        issue_items = pa.StructArray.from_arrays(
            [
                filled(world.issues, picked), filled(world.domains, picked),
                pa.array(span[9][flat]), pa.array((span[9] + lengths(iss))[flat]),
            ],
            ["issue", "domain", "start", "end"],
        )  # fmt: skip
        many = actors[rows]
        who = np.repeat(np.arange(n), many)
        side = (np.arange(len(who)) - np.repeat(np.cumsum(many) - many, many)) > 0
        persons = pc.if_else(pa.array(side), filled(of(other), who), filled(of(person), who))
        begin = span[1][who]
        actor_items = pa.StructArray.from_arrays(
            [
                persons, pa.array(["minister"] * len(who)), pa.array(["Foreign Ministry"] * len(who)),
                pc.if_else(pa.array(side), filled(t, who), filled(s, who)), filled(of(sectors), who),
                pc.if_else(pa.array(side), "target", "source"), pa.array(begin), pa.array(begin + lengths(persons)),
            ],
            ["name", "role", "organisation", "country", "sector", "side", "start", "end"],
        )  # fmt: skip
        placed = ~e["placed"][rows]
        where = e["source"][rows]
        values = {
            "report_id": of(report_ids), "article_id": filled(article_ids, article[rows]),
            "dataset": pa.array(["articles"] * n), "source": s, "target": t,
            "symmetric": pa.array(e["symmetric"][rows]), "event_type": of(kind),
            "mode": pa.nulls(n, pa.string()), "quad_class": filled(world.quads, e["kind"][rows]),
            "intensity": pa.array(world.intensity[e["kind"][rows]]),
            "status": filled(pa.array(["occurred", "denied", "background"]), e["status"][rows]),
            "planned_for": pa.array((day + base + 30)[rows].astype(np.int32), mask=~(e["planned"] & dated)[rows]).cast(pa.date32()),
            "date": of(days), "date_precision": pa.array(["day"] * n), "date_basis": pa.array(["text"] * n),
            "place": pa.StructArray.from_arrays(
                [plc, filled(world.state, where), filled(world.lat, where), filled(world.lon, where), pa.array(["city"] * n)],
                ["name", "country", "lat", "lon", "precision"], mask=pa.array(placed),
            ),
            "actors": listed(many, actor_items), "issues": listed(count, issue_items),
            "quantities": pa.ListArray.from_arrays(
                pa.array(np.zeros(n + 1, dtype=np.int32)), pa.array([], STORED["reports"].field("quantities").type.value_type)
            ),
            "attributed_to": pc.if_else(pa.array(rng.random(n) < 0.3), s, pa.scalar(None, pa.string())),
            "evidence": pa.StructArray.from_arrays([evidence[name] for name in EVIDENCE_FIELDS], list(EVIDENCE_FIELDS)),
            "sentence": pa.StructArray.from_arrays(
                [pa.array(begins[rows]), pa.array(begins[rows] + size[rows]), of(sentences)], ["start", "end", "text"]
            ),
            "confidence": pa.array(confidence[rows]),
            "confidence_by_field": pa.StructArray.from_arrays(
                [pa.array(np.round(rng.random(n), 2)) for _ in CONFIDENCE_FIELDS], list(CONFIDENCE_FIELDS)
            ),
            "extractor": pa.array(["rules"] * n), "extractor_version": pa.array(["1"] * n),
            "article": pa.array([""] * n), "outlet": filled(world.outlets, outlet[article[rows]]),
            "published": filled(published, article[rows]), "year": pa.array(np.full(n, year, dtype=np.int32)),
            "event_id": of(founder), "flags": pa.nulls(n, pa.list_(pa.string())),
        }  # fmt: skip
        schema = STORED["reports"]
        return pa.RecordBatch.from_arrays([values[name].cast(schema.field(name).type) for name in schema.names], schema=schema)  # fmt: skip

    sorted_rows = np.lexsort((day, e["target"], e["source"]))
    batches = (batch(sorted_rows[i : i + CHUNK]) for i in range(0, number, CHUNK))
    nothing = pa.nulls(articles, pa.string())
    article_table = pa.table(
        {
            "article_id": article_ids, "dataset": pa.array(["articles"] * articles), "title": titles,
            "published": published, "outlet": filled(world.outlets, outlet), "outlet_country": nothing,
            "language": pa.array(["en"] * articles), "url": nothing, "retrieved": nothing,
            "origin": pa.array(["made up"] * articles), "skipped": nothing, "text": texts,
        }
    ).cast(STORED["articles"])  # fmt: skip
    stamp = pa.array([datetime(2025, 1, 1, tzinfo=UTC).isoformat()] * number)
    assigned = pa.table(
        {
            "report_id": report_ids, "event_id": founder, "reason": pa.array(["made up"] * number),
            "by": pa.array(["rules"] * number), "when": stamp, "grounds": pa.array(["{}"] * number), "commit": pa.array(np.ones(number, dtype=np.int64)),
            "moved": pa.array(np.zeros(number, dtype=bool)),
        }
    ).cast(STORED["assignments"])  # fmt: skip
    return batches, article_table, assigned


def make(folder: str | Path, events: int, seed: int = 1) -> Store:
    """Write a store of so many events as one commit; returns it."""
    rng = np.random.default_rng(seed)
    world = World(rng)
    store = Store(folder)
    with store.writing():
        happened = happen(rng, world, events)
        event_ids = ids(rng, events)
        years = np.where(
            happened["day"] < 0,
            0,
            (np.datetime64(FIRST) + happened["day"].astype("timedelta64[D]"))
            .astype("datetime64[Y]")
            .astype(int)
            + 1970,
        )
        told = rng.choice(len(SEVERAL), events, p=SEVERAL) + 1
        articles = reports = 0
        for year in np.unique(years).tolist():
            mine = np.flatnonzero(years == year)
            event = np.repeat(mine, told[mine])
            founds = np.concatenate([[True], event[1:] != event[:-1]])
            batches, article_table, assigned = tell(rng, world, happened, event, founds, event_ids, year)
            reader = pa.RecordBatchReader.from_batches(STORED["reports"], batches)
            for name, data in (("reports", reader), ("articles", article_table), ("assignments", assigned)):
                write_deltalake(store._open(name), data, mode="append", writer_properties=WRITER)
            articles += article_table.num_rows
            reports += len(event)
        written = store._commit(EMPTY, "add", articles, reports)
        store._sum_up(written)
    return store


if __name__ == "__main__":
    began = time.perf_counter()
    made = make(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    snapshot = made.snapshot()
    print(
        f"{snapshot.reports:,} reports, {snapshot.articles:,} articles in {time.perf_counter() - began:.0f} s"
    )
