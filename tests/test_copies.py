"""Articles that print one text are found, and their reports are one event with all its outlets."""

from __future__ import annotations

import pytest

from events import cluster
from events.intake import take_in
from events.queries import Queries
from events.schema import Article
from events.store import Store
from tests.store_helpers import make_report

STORY = (
    "Norvania on Friday ordered Sudoria to cut the number of staff at its embassy after talks on visas failed. "
    "The foreign ministry said that fifteen diplomats and technical employees must leave by the end of the month. "
    "The minister told reporters that intelligence officers had again and again been sent in under cover. "
    "The ambassador called the decision unfriendly and promised an answer that would be felt, without saying when. "
    "Trade between the two countries has fallen by half since the beginning of the year, to its lowest in a decade."
)
OTHER = (
    "Growers in the north were counting their losses on Tuesday after a hailstorm stripped orchards barely three "
    "weeks before harvest. Stones the size of walnuts fell shortly after five, smashing car windscreens and shredding "
    "protective netting. The cooperative in the valley said about six hundred hectares were hit, some of them whole."
)
CUT = ". ".join(STORY.split(". ")[:3]) + "."


def copies(*texts: str) -> list[cluster.Copy]:
    found = cluster.Copies()
    return [found.add(f"a{at}", cluster.sketch(text)) for at, text in enumerate(texts)]


@pytest.mark.parametrize(
    "text",
    [STORY, STORY.upper(), f"Agency. {STORY}", STORY.replace("fifteen", "15"), CUT, f"{STORY}\n{OTHER}"],
    ids=["the same", "capitals", "a rubric", "a word changed", "cut", "in a round-up"],
)
def test_a_printing_of_a_text_is_found(text):
    first, second = copies(STORY, text)
    assert first == cluster.Copy("a0", 1.0)
    assert second.of == "a0"
    assert 0.8 <= second.share <= 1.0


def test_the_share_is_counted_not_guessed():
    words = STORY.split()
    words[10] = "hundred"  # four of the shingles hold the word
    _, copy = copies(STORY, " ".join(words))
    all_shingles = len(cluster.sketch(STORY).shingles)
    assert copy.share == pytest.approx((all_shingles - 4) / all_shingles)


@pytest.mark.parametrize("text", [OTHER, STORY[:60], "", "Norvania on Friday."])
def test_another_text_or_a_line_of_it_is_no_printing(text):
    assert copies(STORY, text)[1].of == "a1"


def test_an_article_belongs_to_the_text_it_shares_most_with():
    half = f"{OTHER} {' '.join(STORY.split()[:60])}"
    assert copies(STORY, OTHER, half)[2].of == "a1"


class Tells:
    """Codes each sentence that begins with Norvania as a sanction."""

    name, version = "double", "1"

    def stream(self, articles):
        for article in articles:
            start = article.text.find("Norvania")
            if start < 0:
                yield []
                continue
            span = article.span(start, article.text.index(".", start) + 1)
            yield [make_report(article, "NOR", "DNK", "SANCTION", sentence=span, date=article.published)]


def events(store: Store) -> list[tuple[int, list[str]]]:
    return [(row.reports, list(row.outlet_names)) for row in Queries(store).events().itertuples()]


def printed(outlet: str, day: str = "2024-05-17", text: str = STORY, title: str = "") -> Article:
    return Article.of(text, published=day, outlet=outlet, title=title)


@pytest.mark.parametrize("one_run", [True, False])
def test_a_story_in_four_newspapers_is_one_event_of_four_outlets(tmp_path, one_run):
    store = Store(tmp_path / "store")
    stories = [
        printed("Agency"), printed("Daily"), printed("Herald", "2024-05-20", CUT), printed("Sunday", "2024-05-19", title="Envoys out")
    ]  # fmt: skip
    for batch in [stories] if one_run else [[story] for story in stories]:
        take_in(batch, store, extractor=Tells())
    assert events(store) == [(4, ["Agency", "Daily", "Herald", "Sunday"])]
    again = take_in(stories, store, extractor=Tells())
    assert (again.coded, again.duplicates) == (0, 4)


def test_the_reason_names_the_text_the_outlet_and_the_share(tmp_path):
    store = Store(tmp_path / "store")
    take_in([printed("Agency"), printed("Herald", "2024-05-20", CUT)], store, extractor=Tells())
    (event,) = Queries(store).events()["event_id"]
    last = Queries(store).memberships(event).iloc[-1]
    assert last["reason"].startswith("same text as in Agency (100")
    assert last["reason"].endswith("% of shingles), same sentence")
    assert '"rule": "same text"' in last["grounds"]
    assert '"days_apart": 3' in last["grounds"]


def test_the_same_words_in_one_outlet_two_days_later_are_another_act(tmp_path):
    store = Store(tmp_path / "store")
    bulletin = f"{STORY} Bulletin of the day, without changes."
    take_in([printed("Daily"), printed("Daily", "2024-05-19", bulletin)], store, extractor=Tells())
    assert len(events(store)) == 2


def test_other_numbers_in_the_same_text_are_another_act(tmp_path):
    store = Store(tmp_path / "store")
    one, other = (STORY.replace("on Friday ordered", f"on Friday told {n} aides of") for n in (18, 63))
    take_in([printed("Daily", text=one), printed("Herald", "2024-05-20", other)], store, extractor=Tells())
    assert len(events(store)) == 2


def test_a_text_printed_again_by_its_outlet_is_a_duplicate(tmp_path):
    store = Store(tmp_path / "store")
    take_in([printed("Agency"), printed("Daily")], store, extractor=Tells())
    again = take_in([printed("Agency"), printed("Daily"), printed("")], store, extractor=Tells())
    assert (again.coded, again.duplicates) == (0, 3)


def test_time_and_comparisons_grow_with_the_number_of_printings():
    """A story printed five hundred times is compared with its first printing alone."""
    found = cluster.Copies()
    for at in range(500):
        found.add(f"a{at}", cluster.sketch(f"{STORY} Edition {at}."))
    assert len(found._firsts) == 1
    assert {found.of(f"a{at}").of for at in range(500)} == {"a0"}
