"""What people judge of reports: kept as a log, laid over every answer, never lost by coding again."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date

import pytest

from events import judgements, merges, review
from events.errors import InputError, StoreError, UnknownCode
from events.opinions import Opinions
from events.queries import Queries
from events.schema import Actor, CodedArticle, Opinion, Place, Selection, Span
from events.store import Store
from tests.store_helpers import NOW, make_article, make_report, own
from tests.test_facts import agree, made_up

TEXT = "Ankara and Athens talked on Monday. Then Turkish jets struck a Greek patrol boat near Kos."


def told(number: int = 0, kind: str = "CONSULT", **values) -> CodedArticle:
    article = make_article(f"{TEXT} Number {number}.", "2024-05-15", f"Outlet {number % 3}")
    return CodedArticle(article, (make_report(article, "TUR", "GRC", kind, **values),))


@pytest.fixture
def store(tmp_path) -> Store:
    made = Store(tmp_path / "store")
    coded = [told(n, "CONSULT" if n % 2 else "ACCUSE", confidence=0.3 + n / 20) for n in range(8)]
    made.add(coded, own(*coded))
    return made


IDS = [told(n, "CONSULT" if n % 2 else "ACCUSE").reports[0].report_id for n in range(8)]


def types(store: Store, **asked) -> dict[str, int]:
    frame = Queries(store).by_type(Selection(**asked))
    return dict(zip(frame["event_type"], map(int, frame["events"]), strict=True))


def span(words: str, number: int = 0) -> Span:
    return judgements.words_at(told(number).article, words)


def test_an_edit_counts_at_once_and_as_coded_shows_it_not(store):
    assert types(store) == {"CONSULT": 4, "ACCUSE": 4}
    review.edit(store, IDS[0], {"event_type": "ASSAULT"}, by="Ana", why="it was fire")
    assert types(store) == {"CONSULT": 4, "ACCUSE": 3, "ASSAULT": 1}
    assert types(store, as_coded=True) == {"CONSULT": 4, "ACCUSE": 4}
    event = Queries(store).event(IDS[0])
    assert (event.report.event_type, event.report.quad_class) == ("ASSAULT", "material conflict")
    assert event.report.intensity == pytest.approx(-8.9, abs=1.2)
    assert event.report.confidence == 1.0
    assert store.coded_reports([IDS[0]])[IDS[0]].event_type == "ACCUSE"


def test_a_rejected_event_vanishes_and_undo_brings_it_back(store):
    key = IDS[0]
    version = review.reject(store, key, by="Ana")
    assert types(store) == {"CONSULT": 4, "ACCUSE": 3}
    assert Queries(store).count().events == 7
    assert key not in list(Queries(store).events()["event_id"])
    assert Queries(store, version - 1).count().events == 8  # an earlier version is as it was
    back = review.undo(store, version, by="Ana")
    assert types(store) == {"CONSULT": 4, "ACCUSE": 4}
    review.undo(store, back, by="Ana")
    assert types(store) == {"CONSULT": 4, "ACCUSE": 3}
    with pytest.raises(StoreError, match="taken back already"):
        review.undo(store, back, by="Ana")


def test_a_missed_event_is_added_by_its_words(store):
    words = {"event_type": [span("struck")], "target": [span("a Greek patrol boat")]}
    article = told(0).article.article_id
    version, key = review.add(
        store, article, {"source": "Turkey", "target": "GRC", "event_type": "ASSAULT"}, words, by="Ana"
    )
    assert types(store) == {"CONSULT": 4, "ACCUSE": 4, "ASSAULT": 1}
    assert types(store, as_coded=True) == {"CONSULT": 4, "ACCUSE": 4}
    held = Queries(store).article(article)
    added = next(r for r in held.reports if r.report_id == key)
    assert added.sentence.text == "Then Turkish jets struck a Greek patrol boat near Kos."
    assert held.article.text[added.sentence.start : added.sentence.end] == added.sentence.text
    assert (added.source, added.target, added.date, added.extractor) == ("TUR", "GRC", "2024-05-15", "person")
    with pytest.raises(InputError, match="has this act already"):
        review.add(
            store, article, {"source": "TUR", "target": "GRC", "event_type": "ASSAULT"}, words, by="Bo"
        )
    review.edit(store, key, {"event_type": "COERCE"}, by="Bo")
    assert types(store)["COERCE"] == 1
    review.undo(store, version, by="Ana")
    assert Queries(store).event(IDS[0]) is not None


def test_an_act_in_an_article_without_any_report_is_counted_with_its_article(store):
    lone = CodedArticle(make_article("Jets of Turkey struck a Greek boat.", "2024-06-01", "Herald"), ())
    store.add([lone], [])
    before = Queries(store).count()
    words = judgements.words_at(lone.article, "struck")
    asked = {"source": "TUR", "target": "GRC", "event_type": "ASSAULT"}
    review.add(store, lone.article.article_id, asked, {"event_type": [words]}, by="Ana")
    after = Queries(store).count()
    assert (after.events, after.articles) == (before.events + 1, before.articles + 1)
    assert after.last == date(2024, 6, 1)


@pytest.mark.parametrize(
    ("values", "error", "said"),
    [
        ({"event_type": "FIGHT"}, UnknownCode, "FIGHT"),
        ({"source": "Atlantis"}, UnknownCode, "Atlantis"),
        ({"source": "GRC"}, InputError, "both GRC"),
        ({"date": "2024-13-01"}, InputError, "YYYY-MM-DD"),
        ({"date": "0024-01-01"}, InputError, "1800"),
        ({"status": "maybe"}, UnknownCode, "status"),
        ({"mode": "firearms"}, UnknownCode, "mode of CONSULT"),
        ({"issues": ["weather"]}, UnknownCode, "weather"),
        ({"issues": [{"issue": "tariffs", "start": 5, "end": 5000}]}, InputError, "lie outside the article"),
        ({"actors": [{"name": "X", "side": "source", "sector": "ZZZ"}]}, UnknownCode, "sector"),
        ({"place": {"name": "Kos", "lat": 99.0, "lon": 0.0}}, InputError, "-90 to 90"),
        ({"colour": "red"}, InputError, "no field 'colour'"),
        ({"event_type": "CONSULT"}, InputError, "nothing was changed"),
    ],
)
def test_what_is_not_of_the_codebook_is_refused_and_nothing_kept(store, values, error, said):
    before = store.version()
    with pytest.raises(error, match=said):
        review.edit(store, IDS[1], values, by="Ana")
    assert store.version() == before


def test_words_must_be_those_of_the_article(store):
    with pytest.raises(InputError, match="does not say"):
        judgements.words_at(told(0).article, "struck  a Greek")
    with pytest.raises(InputError, match="does not say"):
        review.edit(
            store,
            IDS[0],
            {"event_type": "ASSAULT"},
            by="A",
            spans={"event_type": [Span(0, 6, "struck")]},
        )
    with pytest.raises(InputError, match="lie outside"):
        review.edit(
            store,
            IDS[0],
            {"event_type": "ASSAULT"},
            by="A",
            spans={"event_type": [Span(0, 9000, "x")]},
        )
    with pytest.raises(InputError, match="give a name"):
        review.accept(store, IDS[0], by=" ")
    with pytest.raises(StoreError, match="no report"):
        review.accept(store, "nothing", by="Ana")


def test_a_corrected_date_moves_the_event_to_another_month_and_year(store):
    review.edit(store, IDS[0], {"date": "2023-01-31"}, by="Ana")
    frame = Queries(store).by_period(Selection(), "month")
    assert {str(day)[:7]: int(n) for day, n in frame.groupby("period")["events"].sum().items()} == {
        "2023-01": 1,
        "2024-05": 7,
    }
    assert Queries(store).count(Selection(end=date(2023, 12, 31))).events == 1


def test_the_other_reports_carry_on_where_the_founding_one_is_rejected(store):
    first, second = IDS[1], IDS[3]
    merges.merge(store, first, second, why="one act", by="Ana")
    review.reject(store, first, by="Ana")
    event = Queries(store).event(first)
    assert event.report_ids == (second,)
    assert types(store) == {"CONSULT": 3, "ACCUSE": 4}
    review.reject(store, first, by="Ana", whole=True)
    assert types(store) == {"CONSULT": 2, "ACCUSE": 4} or Queries(store).event(first) is None


def test_merge_and_split_are_in_the_log_and_undone_from_there(store):
    first, second = IDS[1], IDS[3]
    commit = review.merge(store, first, second, by="Ana", why="one act")
    assert types(store)["CONSULT"] == 3
    assert review.history(store).iloc[0]["action"] == "merge"
    back = review.undo(store, commit, by="Bo")
    assert types(store)["CONSULT"] == 4
    review.undo(store, back, by="Bo")
    assert types(store)["CONSULT"] == 3


def judge_at_random(store: Store, dice: random.Random, times: int) -> None:
    known = [row[0] for row in store.connect().execute("SELECT report_id FROM reports ORDER BY 1").fetchall()]
    articles = [
        r[0] for r in store.connect().execute("SELECT article_id FROM articles ORDER BY 1").fetchall()
    ]
    for _ in range(times):
        key, deed = dice.choice(known), dice.random()
        try:
            if deed < 0.3:
                review.reject(store, key, by="Ana", whole=dice.random() < 0.3)
            elif deed < 0.4:
                review.accept(store, key, by="Ana")
            elif deed < 0.5:
                text = Queries(store).article(dice.choice(articles)).article
                values = {"source": "FRA", "target": "CHN", "event_type": "AID"}
                review.add(store, text.article_id, values, {"event_type": [text.span(0, 5)]}, by="Bo")
            elif deed < 0.6 and len(review.history(store)):
                review.undo(
                    store,
                    int(review.history(store)["commit"].sample(1, random_state=dice.randrange(99)).iloc[0]),
                    by="Bo",
                )
            else:
                value = dice.choice(
                    [
                        {"event_type": dice.choice(("ASSAULT", "AID", "CONSULT"))},
                        {"source": "UKR"},
                        {"date": dice.choice(("2021-07-03", "2023-02-28", None))},
                        {"issues": ["terrorism"]},
                        {"status": "denied"},
                        {"symmetric": True},
                    ]
                )
                review.edit(store, key, value, by="Ana", rest=dice.random() < 0.5)
        except (InputError, StoreError):
            continue


@pytest.mark.parametrize("seed", [1, 2])
def test_totals_are_those_of_the_corrected_reports_with_and_without_the_rollup(tmp_path, seed):
    dice = random.Random(seed)
    store = Store(tmp_path / "store")
    coded = [made_up(n, dice) for n in range(30)]
    reports = [r for item in coded for r in item.reports]
    store.add(coded, own(*coded))
    for one, two in zip(reports[::7], reports[3::7], strict=False):
        if one.report_id != two.report_id:
            merges.merge(store, one.report_id, two.report_id, why="w", by="b")
    before = {name: Queries(store).by_type(Selection(as_coded=True)) for name in ("coded",)}["coded"]
    judge_at_random(store, dice, 25)
    assert Queries(store).snapshot.judgements_version
    agree(store, dice, 4)
    # what was laid step by step is what a process that starts now lays
    anew = Queries(Store(store.location)).events()
    assert Queries(store).events().astype(str).equals(anew.astype(str))
    # as coded nothing has changed
    after = Queries(store).by_type(Selection(as_coded=True))
    assert after.equals(before)
    # adding later leaves what was judged alone
    more = [made_up(n, dice) for n in range(100, 110)]
    store.add(more, own(*more))
    agree(store, dice, 2)


def test_a_judgement_reopens_only_where_the_coder_reads_a_third_thing(store):
    a, b, c, d, e = IDS[:5]
    review.edit(store, a, {"event_type": "ASSAULT"}, by="Ana")
    review.edit(store, b, {"event_type": "AID"}, by="Ana")
    review.accept(store, c, by="Ana")
    review.reject(store, d, by="Ana")
    review.edit(store, e, {"event_type": "THREATEN"}, by="Ana")
    folded = review.standings(store)
    coded = store.coded_reports(folded)

    def newer(key: str, **values):
        return judgements.reopened(folded[key], replace(coded[key], extractor_version="2", **values))

    assert newer(a) == []  # as it was
    assert newer(a, event_type="ASSAULT") == []  # the coder came round
    assert newer(b, event_type="COERCE") == ["event_type"]  # neither the old value nor the person's
    assert newer(c) == []
    assert newer(c, date="2024-05-14") == ["date"]
    assert newer(d, date="2024-05-14") == []  # still the claim that was rejected
    assert newer(d, event_type="AGREE") == ["event_type"]
    assert newer(e, place=Place("Kos", "GRC", None, None, "city")) == ["place"]


def test_two_people_agree_as_far_as_published_examples_say():
    # Krippendorff 2011, nominal data of four observers with missing values: 0.743
    missing = None
    rows = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, missing, missing, missing],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, missing, 3],
        [missing, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, missing],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, missing],
    ]
    units = [[row[i] for row in rows if row[i] is not missing] for i in range(12)]
    assert review.alpha(units) == pytest.approx(0.743, abs=0.0005)
    # Cohen: 20 both yes, 15 both no, 5 and 10 apart: 0.4
    pairs = [("y", "y")] * 20 + [("n", "n")] * 15 + [("y", "n")] * 5 + [("n", "y")] * 10
    assert review.kappa(pairs) == pytest.approx(0.4)
    assert review.alpha([["y", "y"]] * 5) is None
    assert review.kappa([("y", "y")]) is None
    # Wilson 1927, 90 %: 8 of 10
    assert review.wilson(8, 10) == pytest.approx((0.541, 0.931), abs=0.001)
    assert review.wilson(0, 0) == (0.0, 1.0)


def test_a_sample_is_drawn_alike_for_everybody_and_read_blind(store):
    first = review.queue(store, "random", by="Ana", limit=5, seed=7)
    assert list(first["report_id"]) == list(
        review.queue(store, "random", by="Bo", limit=5, seed=7)["report_id"]
    )
    assert list(first["report_id"]) != list(review.queue(store, "random", limit=5, seed=8)["report_id"])
    name = review.sample_name(Selection(), 7, 5)
    for n, key in enumerate(first["report_id"]):
        if n == 0:
            review.edit(store, key, {"event_type": "ASSAULT"}, by="Ana", sample=name)
        elif n == 1:
            review.reject(store, key, by="Ana", sample=name)
        else:
            review.accept(store, key, by="Ana", sample=name)
    again = review.queue(store, "random", by="Ana", limit=5, seed=7)
    assert list(again["report_id"]) == list(first["report_id"])  # judging changes no draw
    assert again["done"].all()
    assert not review.queue(store, "random", by="Bo", limit=5, seed=7)["done"].any()
    # Bo is blind: what Bo accepts is what the coder said, not what Ana made of it
    key = first["report_id"][0]
    review.accept(store, key, by="Bo", sample=name)
    assert (
        review.standings(store, by="Bo")[key].given["event_type"]
        == store.coded_reports([key])[key].event_type
    )
    card = review.card(store)
    assert card.n == 5
    assert card.overall.n == 5
    assert card.overall.right == 4  # Bo came last on the first one; the rejected one is wrong
    people, rows = review.agreement(store)
    assert set(people) == {"Ana", "Bo"}
    act = rows[0]
    assert (act.field, act.reports) == ("act", 1)
    disputed = review.queue(store, "disagreement")
    assert list(disputed["report_id"]) == [key]
    assert "Ana and Bo differ on event type" in disputed["why"][0]
    review.edit(store, key, {"event_type": "ASSAULT"}, by="Cy", why="settled")
    assert review.queue(store, "disagreement").empty


def test_queues_hold_what_is_worth_reading_and_let_go_of_what_is_judged(store):
    low = review.queue(store, "confidence", limit=3)
    assert list(low["report_id"]) == IDS[:3]
    review.accept(store, IDS[0], by="Ana")
    assert IDS[0] not in set(review.queue(store, "confidence")["report_id"])
    assert len(review.queue(store, "impact")) == 7
    assert review.queue(store, "reopened").empty
    before = types(store)
    review.doubt(store, IDS[2], "event_type", "THREATEN", by="model x")
    assert types(store) == before
    asked = review.queue(store, "disagreement")
    assert list(asked["report_id"]) == [IDS[2]]
    review.accept(store, IDS[2], by="Ana")
    assert review.queue(store, "disagreement").empty


def test_the_log_keeps_who_when_why_and_what_was_coded(store):
    version = review.edit(store, IDS[0], {"event_type": "ASSAULT"}, by="Ana", why="it was fire")
    rows = store.judgements()
    assert [(row["action"], row["field"], row["line"], row["commit"]) for row in rows] == [
        ("edit", "event_type", 0, version),
        ("edit", "mode", 1, version),
        ("accept", None, 2, version),
    ][: len(rows)] or rows[0]["action"] == "edit"
    first = rows[0]
    assert (json.loads(first["old"]), json.loads(first["new"])) == ("ACCUSE", "ASSAULT")
    assert (first["by"], first["why"], first["coder"]) == ("Ana", "it was fire", "rules 1")
    assert json.loads(first["coded"])["event_type"] == "ACCUSE"
    line = review.history(store).iloc[0]
    assert (line["by"], line["what"], bool(line["undone"])) == ("Ana", "event type ACCUSE → ASSAULT", False)


def test_what_a_second_coder_reads_otherwise_is_queued_until_it_is_judged(store):
    item = told(1)
    other = replace(item.reports[0], event_type="THREATEN", quad_class="verbal conflict", extractor="model x")
    Opinions(store.location).add([Opinion(item.article.article_id, "model x", "1", (other,), when=NOW)])
    asked = review.queue(store, "disagreement")
    assert list(asked["report_id"]) == [IDS[1]]
    assert asked["why"][0].startswith("model x reads event type")
    review.accept(store, IDS[1], by="Ana")
    assert review.queue(store, "disagreement").empty


def second(store: Store, *reports, coder: str = "llm x") -> None:
    """Let a second coder read the articles of these reports."""
    by_article = {r.article_id: tuple(x for x in reports if x.article_id == r.article_id) for r in reports}
    Opinions(store.location).add(
        [Opinion(key, coder, "v1", found, when=NOW) for key, found in by_article.items()]
    )


@pytest.fixture
def apart(store) -> Store:
    """The store, with an article more in which the coder has found nothing."""
    store.add([CodedArticle(make_article(f"{TEXT} Apart.", "2024-05-15", "Herald"), ())], [])
    return store


def lone_act(**values):
    """An act of that article as a second coder has it."""
    article = make_article(f"{TEXT} Apart.", "2024-05-15", "Herald")
    span = judgements.words_at(article, "struck")
    report = make_report(
        article, "TUR", "GRC", "ASSAULT", extractor=values.pop("coder", "llm x"), confidence=None,
        sentence=review.sentence_at(article, span), evidence={"event_type": (span,)},
        actors=(Actor("Turkish jets", None, None, "TUR", "MIL", "source", 40, 52),), **values,
    )  # fmt: skip
    return replace(report, report_id=f"{report.extractor} {report.report_id}")


def test_an_act_that_the_second_coder_alone_has_is_asked_and_added_by_accepting(apart):
    act = lone_act()
    second(apart, act)
    asked = review.queue(apart, "missed")
    assert list(asked["report_id"]) == [act.report_id]
    assert asked["why"][0] == "missed by the coder? llm x reads this act"
    assert review.queue(apart, "disagreement").empty
    before = types(apart)
    assert "ASSAULT" not in before  # proposed is not counted
    version = review.accept(apart, act.report_id, by="Ana")
    assert types(apart) == before | {"ASSAULT": 1}
    assert types(apart, as_coded=True) == before
    standing = review.standings(apart)[act.report_id]
    assert (standing.verdict, standing.added, standing.coder) == ("added", True, "llm x 1")
    event = Queries(apart).event(act.report_id)
    assert event.report.confidence == 1.0
    assert event.report.actors == act.actors
    assert event.report.evidence["event_type"][0].text == "struck"
    assert review.history(apart).iloc[0]["action"] == "add"
    assert review.queue(apart, "missed").empty
    review.undo(apart, version, by="Ana")
    assert types(apart) == before
    assert list(review.queue(apart, "missed")["report_id"]) == [act.report_id]


def test_a_rejected_proposal_is_kept_and_not_asked_again_whoever_reads_it_next(apart):
    act = lone_act()
    second(apart, act)
    before = types(apart)
    version = review.reject(apart, act.report_id, by="Ana", why="hypothetical")
    assert types(apart) == before
    assert review.queue(apart, "missed").empty
    second(apart, replace(act, extractor_version="2"))  # read again
    assert review.queue(apart, "missed").empty
    other = lone_act(coder="llm y")
    second(apart, other, coder="llm y")  # another model reads the same act
    assert review.queue(apart, "missed").empty
    review.undo(apart, version, by="Ana")
    assert list(review.queue(apart, "missed")["report_id"]) == [other.report_id]
    assert review.card(apart).n == 0  # what models propose is no sample of the coder's


def test_a_proposal_can_be_put_right_as_it_is_added(apart):
    act = lone_act()
    second(apart, act)
    with pytest.raises(UnknownCode, match="FIGHT"):
        review.edit(apart, act.report_id, {"event_type": "FIGHT"}, by="Ana")
    where = judgements.words_at(Queries(apart).article(act.article_id).article, "Kos")
    review.edit(
        apart, act.report_id, {"event_type": "COERCE", "place": {"name": "Kos", "country": "GRC"}},
        spans={"place": [where]}, by="Ana",
    )  # fmt: skip
    assert types(apart)["COERCE"] == 1
    report = Queries(apart).event(act.report_id).report
    assert (report.place.name, report.evidence["place"][0].text) == ("Kos", "Kos")
    assert report.evidence["event_type"][0].text == "struck"
    assert [row["action"] for row in apart.judgements()] == ["add"]
    review.edit(apart, act.report_id, {"event_type": "ASSAULT"}, by="Bo")
    assert types(apart)["ASSAULT"] == 1


def test_what_a_person_rejected_of_the_coder_is_not_proposed_again_by_the_model(store):
    """The model's act pairs with the coder's report, judged or not; an act added by hand is known too."""
    second(store, replace(told(1).reports[0], report_id="llm x 1", extractor="llm x"))
    assert review.queue(store, "missed").empty
    review.reject(store, IDS[1], by="Ana")
    assert review.queue(store, "missed").empty


def test_an_act_added_by_hand_is_not_asked_as_missed(apart):
    act = lone_act()
    second(apart, act)
    review.add(
        apart, act.article_id, {"source": "TUR", "target": "GRC", "event_type": "ASSAULT"},
        {"event_type": list(act.evidence["event_type"])}, by="Ana",
    )  # fmt: skip
    assert review.queue(apart, "missed").empty
