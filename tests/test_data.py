"""The bundled files: each has its paper, and holds what the house expects of it."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pycountry
import pytest

from events import codebook
from events.reference import DATA, sources, table

ROOT = DATA.parent
STATIC = ROOT / "events" / "dashboard" / "static"
SAMPLES = DATA / "samples" / "articles.jsonl"
GOLD = ROOT / "tests" / "evaluation" / "gold" / "samples.jsonl"


WITHOUT_PAPER = ("SOURCES.toml", "build/", "store/")  # build/ holds the scripts that made the data


def bundled() -> set[str]:
    """Every file under data/ that needs a paper."""
    names = (p.relative_to(DATA).as_posix() for p in DATA.rglob("*") if p.is_file())
    return {n for n in names if not n.startswith(WITHOUT_PAPER) and "__pycache__" not in n}


def covered(name: str) -> bool:
    """Whether an entry is for this file or for a folder that holds it."""
    return any(name == s.path or name.startswith(f"{s.path}/") for s in sources())


def digest(path: Path) -> str:
    """SHA-256 of a file; of a folder over "<digest>  <relative path>" of its files, one a line, sorted."""
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    files = [p for p in sorted(path.rglob("*")) if p.is_file()]
    listed = "\n".join(f"{digest(p)}  {p.relative_to(path).as_posix()}" for p in files)
    return hashlib.sha256(listed.encode()).hexdigest()


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def rows_of(path: Path) -> int:
    """Rows of a table without its header, lines of JSON lines."""
    with path.open(encoding="utf-8", newline="") as handle:
        if path.suffix == ".csv":
            return sum(1 for _ in csv.reader(handle)) - 1
        return sum(1 for line in handle if line.strip())


def test_every_bundled_file_has_its_paper_and_every_paper_its_file():
    listed = [s.path for s in sources()]
    assert [path for path, n in Counter(listed).items() if n > 1] == []
    assert [name for name in sorted(bundled()) if not covered(name)] == [], "no entry in SOURCES.toml"
    assert [path for path in listed if not (DATA / path).exists()] == [], "an entry without a file"


def test_every_paper_names_maker_licence_and_day():
    for source in sources():
        assert source.title.strip(), source.path
        assert source.producer.strip(), source.path
        assert source.licence.strip(), source.path
        assert date.fromisoformat(source.accessed), source.path


def test_every_bundled_file_is_the_one_of_its_paper():
    changed = [s.path for s in sources() if digest(DATA / s.path) != s.sha256]
    assert changed == []


def test_every_table_has_the_rows_of_its_paper():
    told = {s.path: s.rows for s in sources() if s.rows is not None}
    assert {path: rows_of(DATA / path) for path in told} == told


@pytest.mark.parametrize("path", sorted(p.relative_to(DATA).as_posix() for p in DATA.rglob("*.csv")))
def test_every_table_is_whole(path):
    rows = table(path)  # raises where a row has other cells than the header
    assert rows
    assert [r for r in rows if any("\ufffd" in v or v != v.strip() for v in r.values())] == []


@pytest.mark.parametrize("name", ["world_110m.json", "world_50m.json"])
def test_the_dashboards_map_is_the_bundled_one(name):
    assert (STATIC / "topojson" / name).read_bytes() == (DATA / "geo" / name).read_bytes()
    assert json.loads((DATA / "geo" / name).read_text(encoding="utf-8"))["type"] == "Topology"


# Samples and their gold


def test_samples_have_unique_ids_and_the_published_keys():
    articles = lines(SAMPLES)
    assert len(articles) >= 160
    assert [i for i, n in Counter(a["id"] for a in articles).items() if n > 1] == []
    for article in articles:
        assert set(article) <= {"id", "title", "text", "published", "url", "outlet", "style"}, article["id"]
        assert article["text"].strip(), article["id"]
        assert article["title"].strip(), article["id"]
        assert date.fromisoformat(article["published"][:10]), article["id"]
    assert len({a["text"] for a in articles}) == len(articles)


def test_gold_covers_the_samples_one_to_one():
    gold = lines(GOLD)
    assert [i for i, n in Counter(g["id"] for g in gold).items() if n > 1] == []
    assert {g["id"] for g in gold} == {a["id"] for a in lines(SAMPLES)}


def test_gold_is_wide_enough():
    gold = lines(GOLD)
    reports = [r for g in gold for r in g["reports"]]
    assert sum(not g["reports"] for g in gold) >= 20
    assert len({frozenset((r["source"], r["target"])) for r in reports}) >= 70
    assert {r["event_type"] for r in reports} == set(codebook.event_types())
    assert {r["status"] for r in reports} == {"occurred", "denied", "background"}


def test_gold_anchors_are_words_of_their_article():
    texts = {a["id"]: f"{a['title']}\n{a['text']}" for a in lines(SAMPLES)}
    strange = [
        (g["id"], r["anchor"]) for g in lines(GOLD) for r in g["reports"] if r["anchor"] not in texts[g["id"]]
    ]
    assert strange == []
    assert all(len(r["anchor"].strip()) > 3 for g in lines(GOLD) for r in g["reports"])


def known_parties() -> set[str]:
    return {r["code"] for r in table("gazetteer/states.csv")} | {
        r["code"] for r in table("gazetteer/organisations.csv")
    }


def test_gold_uses_the_codes_of_the_codebook():
    parties, published = known_parties(), {a["id"]: a["published"][:10] for a in lines(SAMPLES)}
    for gold in lines(GOLD):
        for r in gold["reports"]:
            where = (gold["id"], r["anchor"])
            assert {r["source"], r["target"]} <= parties, where
            assert r["source"] != r["target"], where
            assert not r["symmetric"] or r["source"] < r["target"], where
            assert r["mode"] is None or r["mode"] in codebook.event_type(r["event_type"]).modes, where
            assert set(r["domains"]) <= set(codebook.domains()), where
            assert r["date_precision"] in {"day", "week", "month", "year"}, where
            assert r["date_basis"] in {"text", "publication"}, where
            assert r["date"] is None or date.fromisoformat(r["date"]), where
            assert r["date"] is None or r["date"] <= published[gold["id"]] or r["date_precision"] != "day", (
                where
            )
            assert r["planned_for"] is None or date.fromisoformat(r["planned_for"]), where
            assert r["attributed_to"] is None or r["attributed_to"] in parties, where
            for actor in r["actors"]:
                assert actor["side"] in {"source", "target", "third"}, where
                assert actor["sector"] is None or actor["sector"] in codebook.sectors(), where


def test_gold_leaves_the_date_open_for_background_alone():
    undated = [
        (g["id"], r["anchor"])
        for g in lines(GOLD)
        for r in g["reports"]
        if r["date"] is None and r["status"] != "background"
    ]
    assert undated == []


def test_gold_same_as_names_an_article():
    ids = {a["id"] for a in lines(SAMPLES)}
    for gold in lines(GOLD):
        same = gold["same_as"]
        named = [same] if isinstance(same, str) else same or []
        assert {n for n in named if isinstance(n, str)} <= ids, gold["id"]
        assert gold["id"] not in named


# Gazetteer


def test_states_have_every_iso_code_once():
    codes = [r["code"] for r in table("gazetteer/states.csv")]
    assert [c for c, n in Counter(codes).items() if n > 1] == []
    assert {c.alpha_3 for c in pycountry.countries} | {"XKX", "SUN", "YUG", "CSK", "DDR"} <= set(codes)


def test_states_and_organisations_do_not_share_codes():
    codes = Counter(r["code"] for name in ("states", "organisations") for r in table(f"gazetteer/{name}.csv"))
    assert [c for c, n in codes.items() if n > 1] == []


def test_the_organisations_of_the_rules_are_known():
    promised = (
        "NATO EU UN OSCE CSTO EAEU CIS SCO BRICS G7 G20 ASEAN AU ARAB_LEAGUE GCC OPEC IAEA WTO WHO INTERPOL IMF "
        "WORLD_BANK ICC"
    ).split()
    assert set(promised) <= {r["code"] for r in table("gazetteer/organisations.csv")}


def test_officials_serve_known_parties_in_terms_that_begin_before_they_end():
    parties = known_parties()
    for row in table("gazetteer/officials.csv"):
        start = date.fromisoformat(row["from"])
        assert not row["to"] or start <= date.fromisoformat(row["to"]), row
        assert row["party"] in parties, row
        assert row["sector"] in codebook.sectors(), row
        assert row["name"], row
        assert row["family_name"], row
        assert row["role"], row


def test_no_term_of_an_official_is_listed_twice():
    terms = Counter((r["name"], r["party"], r["role"], r["from"]) for r in table("gazetteer/officials.csv"))
    assert [t for t, n in terms.items() if n > 1] == []


@pytest.mark.parametrize("role", ["president", "prime minister", "foreign minister"])
def test_one_state_has_one_holder_of_an_office_at_a_time(role):
    terms: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for row in table("gazetteer/officials.csv"):
        if row["role"] == role:
            terms[row["party"]].append((row["from"], row["to"] or "9999-12-31", row["name"]))
    overlaps = [
        (party, one, other)
        for party, held in terms.items()
        for i, one in enumerate(sorted(held))
        for other in sorted(held)[i + 1 :]
        if other[0] < one[1]  # the day of the handover belongs to both
    ]
    assert overlaps == []


@pytest.mark.parametrize("name", ["bodies", "armed_groups", "members", "regions", "places", "not_parties"])
def test_codes_in_the_gazetteer_are_known(name):
    parties, columns = known_parties(), {"party", "country", "organisation", "state"}
    for row in table(f"gazetteer/{name}.csv"):
        for column in columns & set(row):
            assert not row[column] or row[column] in parties, row


def test_memberships_begin_before_they_end():
    for row in table("gazetteer/members.csv"):
        start = date.fromisoformat(row["from"]) if row["from"] else date.min
        assert not row["to"] or start <= date.fromisoformat(row["to"]), row
