"""Two coders side by side: which reports are one act, how far they agree, and what is queued."""

from __future__ import annotations

from dataclasses import replace

import pytest

from events.coders import agreement, compared, confusions, differing, disagreements, pairs
from events.opinions import Opinions
from events.schema import Actor, CodedArticle, Issue, Opinion, Place, Span
from events.store import Store
from tests.store_helpers import make_article, make_report, own

TEXT = "Ankara met Athens. Athens accused Ankara of lies. Paris warned Rome. Ankara met Athens again."
ARTICLE = make_article(TEXT)


def said(sentence: int, source: str, target: str, kind: str, words: str, **values):
    pieces = TEXT.split(". ")
    start = sum(len(p) + 2 for p in pieces[:sentence])
    end = start + len(pieces[sentence])
    at = TEXT.index(words, start)
    span = Span(at, at + len(words), words)
    return make_report(
        ARTICLE, source, target, kind, sentence=Span(start, end, TEXT[start:end]), ordinal=values.pop("ordinal", 0),
        evidence={"event_type": (span,)}, **values,
    )  # fmt: skip


MET = said(0, "GRC", "TUR", "CONSULT", "met", symmetric=True)
ACCUSED = said(1, "GRC", "TUR", "ACCUSE", "accused")
WARNED = said(2, "FRA", "ITA", "THREATEN", "warned")
AGAIN = said(3, "GRC", "TUR", "CONSULT", "met", symmetric=True)


def kinds(found):
    return [(p.first and p.first.event_type, p.second and p.second.event_type) for p in found]


def test_reports_of_one_dyad_and_sentence_are_a_pair_whatever_was_coded():
    turned = replace(ACCUSED, source="TUR", target="GRC", event_type="REJECT", status="denied")
    found = pairs("x", [MET, ACCUSED, WARNED], [turned, replace(MET, event_type="AGREE")])
    assert kinds(found) == [("CONSULT", "AGREE"), ("ACCUSE", "REJECT"), ("THREATEN", None)]


def test_the_same_act_in_another_sentence_is_no_pair():
    assert kinds(pairs("x", [MET], [AGAIN])) == [("CONSULT", None), (None, "CONSULT")]


def test_a_report_that_quotes_another_sentence_meets_it_by_its_words():
    """The rules fold a title and a sentence into one report whose words stand in both."""
    folded = replace(
        MET, evidence={"event_type": (*MET.evidence["event_type"], *AGAIN.evidence["event_type"])}
    )
    assert kinds(pairs("x", [folded], [AGAIN])) == [("CONSULT", "CONSULT")]


def test_of_two_acts_in_a_sentence_the_likelier_are_paired():
    both = [ACCUSED, said(1, "GRC", "TUR", "REJECT", "of lies", ordinal=1)]
    assert kinds(pairs("x", both, both[::-1])) == [("ACCUSE", "ACCUSE"), ("REJECT", "REJECT")]
    assert kinds(pairs("x", both, [both[1]])) == [("ACCUSE", None), ("REJECT", "REJECT")]


def test_other_dyads_never_pair():
    assert kinds(pairs("x", [MET], [replace(MET, target="ITA")])) == [("CONSULT", None), (None, "CONSULT")]


def test_nothing_on_either_side_is_no_pair():
    assert pairs("x", [], []) == []
    assert agreement([]).fields["n"].tolist() == [0] * 9


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, []),
        ({"event_type": "AGREE"}, ["event_type"]),
        (
            {"event_type": "ACCUSE", "quad_class": "verbal conflict"},
            ["event_type"],
        ),  # the class follows from the type
        ({"symmetric": False}, ["direction"]),
        ({"status": "denied"}, ["status"]),
        ({"mode": "phone"}, ["mode"]),
        ({"date": "2023-12-31"}, ["date"]),
        ({"date_precision": "week"}, ["date"]),
        ({"place": Place("Kyiv", "UKR", 1, 2, "city")}, ["place"]),
        ({"actors": (Actor("A", None, None, "GRC", "GOV", "source", 0, 1),)}, ["actors"]),
        ({"issues": (Issue("tariffs", "trade", 0, 1),)}, ["issues"]),
        ({"confidence": None}, []),
    ],
)
def test_differences_are_told_by_field(change, fields):
    (pair,) = pairs("x", [MET], [replace(MET, **change)])
    assert [field.name for field in differing(pair)] == fields


def table(counts: dict[tuple[str, str], int]):
    """Pairs of ten articles with these types by first and second coder."""
    found, number = [], 0
    for (first, second), n in counts.items():
        for _ in range(n):
            found += pairs(
                f"a{number % 10}", [replace(MET, event_type=first)], [replace(MET, event_type=second)]
            )
            number += 1
    return agreement(found)


def test_kappa_is_cohens():
    """The example of the textbooks: 20 yes-yes, 15 no-no, 5 and 10 apart: 0.7 observed, 0.5 expected, kappa 0.4."""
    found = table({("AID", "AID"): 20, ("AID", "AGREE"): 5, ("AGREE", "AID"): 10, ("AGREE", "AGREE"): 15})
    row = found.fields.set_index("field").loc["event_type"]
    assert row["share"] == pytest.approx(0.7)
    assert row["kappa"] == pytest.approx(0.4)
    assert row["kappa_low"] < 0.4 < row["kappa_high"]
    assert (row["low"], row["high"]) == (
        pytest.approx(0.5854, abs=1e-4),
        pytest.approx(0.7941, abs=1e-4),
    )  # Wilson


def test_the_types_that_differ_are_counted():
    found = [
        p
        for n in range(3)
        for p in pairs(f"a{n}", [MET, WARNED], [replace(MET, event_type="AGREE"), ACCUSED])
    ]
    assert confusions(found).to_numpy().tolist() == [["CONSULT", "AGREE", 3]]
    assert confusions([]).empty


def test_one_category_alone_has_no_kappa():
    row = table({("AID", "AID"): 20}).fields.set_index("field").loc["event_type"]
    assert row["share"] == 1
    assert row[["kappa", "kappa_low", "kappa_high"]].isna().all()


def test_chance_alone_has_a_kappa_of_nothing():
    found = table({("AID", "AID"): 10, ("AID", "AGREE"): 10, ("AGREE", "AID"): 10, ("AGREE", "AGREE"): 10})
    assert found.fields.set_index("field").loc["event_type", "kappa"] == pytest.approx(0)


def test_what_one_alone_has_lowers_what_both_found():
    found = agreement([p for n in range(6) for p in pairs(f"a{n}", [MET, WARNED], [MET, ACCUSED])])
    assert (found.both, found.only_first, found.only_second, found.articles) == (6, 6, 6, 6)
    assert found.found == pytest.approx(12 / 24)
    assert found.found_low is None  # every article is alike: drawing others tells nothing


def test_lists_agree_by_their_overlap():
    few = replace(MET, issues=(Issue("tariffs", "trade", 0, 1),))
    more = replace(MET, issues=(Issue("tariffs", "trade", 0, 1), Issue("visas", "migration", 0, 1)))
    row = (
        agreement([p for n in range(6) for p in pairs(f"a{n}", [few], [more])])
        .fields.set_index("field")
        .loc["issues"]
    )
    assert (row["n"], row["share"]) == (6, pytest.approx(0.5))


@pytest.fixture
def store(tmp_path):
    coded = CodedArticle(ARTICLE, (MET, WARNED))
    calm = CodedArticle(make_article("Nothing happened."))
    opened = Store(tmp_path / "store")
    opened.add([coded, calm], own(coded))
    return opened


def opinion(*reports, **values):
    return Opinion(
        **(
            {"article_id": ARTICLE.article_id, "coder": "llm m", "version": "v1", "when": "2024-01-01"}
            | values
        ),
        reports=reports,
    )


def test_disagreements_are_queued_with_the_ids_of_both(store):
    other = replace(MET, event_type="AGREE", extractor="llm m")
    Opinions(store.location).add([opinion(other, ACCUSED)])
    found = disagreements(store).set_index("which")
    assert list(found.index) == [
        "second",
        "first",
        "both",
    ]  # what one alone has goes first, in the order of the text
    assert found.loc["both", "report_id"] == MET.report_id
    assert (found.loc["both", "fields"], found.loc["both", "weight"]) == ("event_type", 4)
    assert found.loc["first", "report_id"] == WARNED.report_id
    assert found.loc["first", "second_id"] is None
    assert (found.loc["second", "a"], found.loc["second", "b"]) == ("GRC", "TUR")
    assert set(found["coder"]) == {"llm m"}


def test_without_a_second_opinion_there_is_nothing_to_disagree_with(store):
    assert disagreements(store).empty
    assert list(disagreements(store).columns)[:2] == ["report_id", "which"]
    assert Opinions(store.location).version == 0
    assert not Opinions(store.location).path.exists()  # asking creates nothing


def test_the_newest_reading_that_did_not_fail_counts(store):
    log = Opinions(store.location)
    log.add([opinion(MET), opinion(WARNED, version="v2"), opinion(failed="late", version="v2")])
    assert [r.event_type for r in log.read("llm m")[ARTICLE.article_id].reports] == ["THREATEN"]
    assert log.read("llm m", [ARTICLE.article_id, "other"]).keys() == {ARTICLE.article_id}
    assert log.has_read("llm m", "v2") == {ARTICLE.article_id}
    assert log.has_read("llm m", "v3") == set()
    assert log.failures("llm m") == {}
    log.add([opinion(article_id="b", failed="late")])
    assert log.failures("llm m") == {"b": "late"}
    assert kinds(compared(store, "llm m")) == [("CONSULT", None), ("THREATEN", "THREATEN")]


def test_reports_come_back_as_they_went(store):
    whole = replace(
        MET, place=Place("Kyiv", None, None, None, "site"), confidence=None, confidence_by_field={}
    )
    log = Opinions(store.location)
    log.add(
        [
            opinion(
                whole, refused=("place: “x” is not in the article",), cost=0.1, currency="EUR", counted=False
            )
        ]
    )
    (found,) = log.read("llm m").values()
    assert found.refused == ("place: “x” is not in the article",)
    assert (found.cost, found.currency, found.counted) == (0.1, "EUR", False)
    (report,) = found.reports
    assert report.to_json() == whole.to_json()


def test_coders_are_summed_up_without_what_was_kept(store):
    log = Opinions(store.location)
    log.add([opinion(MET, tokens_in=10, tokens_out=3, cost=0.5, currency="EUR", seconds=2.0)])
    log.add([opinion(MET, WARNED, tokens_in=10, tokens_out=3, cost=0.5, cached=True, refused=("x",))])
    log.add([opinion(article_id="b", failed="late", tokens_in=5)])
    row = log.coders().iloc[0]
    assert (row["articles"], row["reports"], row["refused"], row["failed"]) == (1, 2, 1, 1)
    assert (row["tokens_in"], row["tokens_out"], row["cost"]) == (15, 3, 0.5)


def test_opinions_are_counted_in_no_chart(store):
    from events.queries import Queries

    before, at = Queries(store).count(), store.version()
    Opinions(store.location).add([opinion(MET, ACCUSED, WARNED)])
    assert store.version() == at
    assert Queries(store).count() == before
    assert Store(store.location).datasets() == {"articles": 2}
