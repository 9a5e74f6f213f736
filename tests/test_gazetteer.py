"""Names in texts: who is meant, who is not, who held which office when, and where a place lies."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pycountry
import pytest

from events.errors import UnknownCode
from events.gazetteer import gazetteer, is_state, party_code, party_name, sovereign_of
from events.pipeline import default_extractor
from events.schema import Article


def parties(text: str) -> list[str]:
    """The parties that the text names, in its order."""
    names = gazetteer()
    return [m.code for m in names.settle(names.find(text), text)]


AMBIGUOUS = [
    # Georgia
    ("Georgia's parliament passed the bill.", ["GEO"]),
    ("Georgia signed an accord with Ukraine.", ["GEO", "UKR"]),
    ("Tbilisi said Georgia would stay out.", ["GEO", "GEO"]),
    ("The crowd gathered in Atlanta, Georgia, on Friday.", []),
    ("The state of Georgia sued the company.", []),
    ("The US state of Georgia voted.", []),
    ("The governor of Georgia spoke in Atlanta.", []),
    ("Georgia voters went to the polls near Savannah.", []),
    # Jordan
    ("Jordan's king flew to Cairo.", ["JOR", "EGY"]),
    ("Jordan expelled the envoy.", ["JOR"]),
    ("King Abdullah of Jordan received them.", ["JOR"]),
    ("Michael Jordan retired.", []),
    ("Jordan Peterson spoke.", []),
    ("Fields along the Jordan River are dry.", []),
    # Chad
    ("Chad broke off relations with Sudan.", ["TCD", "SDN"]),
    ("Chad Smith plays the drums.", []),
    ("Lake Chad is shrinking.", []),
    # Turkey and the bird
    ("Turkey summoned the envoy.", ["TUR"]),
    ("Turkish officials left Greece.", ["TUR", "GRC"]),
    ("They ate turkey at Thanksgiving.", []),
    ("Roast turkey was served.", []),
    # Niger and Nigeria
    ("Niger closed its border with Nigeria.", ["NER", "NGA"]),
    ("Nigerian troops entered Niger.", ["NGA", "NER"]),
    ("Nigerien officials protested.", ["NER"]),
    ("Oil spilled in the Niger Delta.", []),
    # Two Congos
    ("Congo's army advanced near Goma, Kinshasa said.", ["COD", "COD"]),
    ("Congo's president spoke in Brazzaville.", ["COG", "COG"]),
    ("Congolese officials in Brazzaville agreed.", ["COG", "COG"]),
    ("Congolese officials in Kinshasa agreed.", ["COD", "COD"]),
    ("The Republic of the Congo signed.", ["COG"]),
    ("The Democratic Republic of the Congo signed.", ["COD"]),
    ("The DRC accused Rwanda.", ["COD", "RWA"]),
    # Two Koreas
    ("North Korea fired a missile and South Korea protested.", ["PRK", "KOR"]),
    ("Korean diplomats in Pyongyang agreed.", ["PRK", "PRK"]),
    ("Korean diplomats in Seoul agreed.", ["KOR", "KOR"]),
    ("Korean diplomats left Seoul for Pyongyang.", ["KOR", "PRK"]),
    ("The Republic of Korea signed.", ["KOR"]),
    ("The Democratic People's Republic of Korea signed.", ["PRK"]),
    # Four Guineas
    ("Guinea recalled its ambassador.", ["GIN"]),
    ("Guinea-Bissau held elections.", ["GNB"]),
    ("Equatorial Guinea signed.", ["GNQ"]),
    ("Papua New Guinea signed.", ["PNG"]),
    ("Pirates roam the Gulf of Guinea.", []),
    # Dominica and the Dominican Republic
    ("The Dominican Republic deported Haitians.", ["DOM", "HTI"]),
    ("Dominican police in Santo Domingo arrested Haitians.", ["DOM", "DOM", "HTI"]),
    ("Dominica signed.", ["DMA"]),
    ("Dominican ministers met in Roseau.", ["DMA", "DMA"]),
    # Names within names
    ("The Washington Post reported it.", []),
    ("Washington condemned it.", ["USA"]),
    ("George Washington was a president.", []),
    ("New Mexico is dry.", []),
    ("Mexico is dry.", ["MEX"]),
    ("The Prince of Wales opened it.", []),
    ("Paris Saint-Germain won.", []),
    ("Paris condemned it.", ["FRA"]),
    ("Paris Hilton sang in Paris, Texas.", []),
    ("Police in Moscow, Idaho, arrested a student.", []),
    ("Moscow condemned it.", ["RUS"]),
    ("American Samoa was hit.", ["ASM"]),
    ("Samoa was hit.", ["WSM"]),
    ("They dined in a Chinese restaurant.", []),
    ("Chinese officials dined.", ["CHN"]),
    ("Brazil nuts are rich in selenium.", []),
    ("Brazil is rich in iron.", ["BRA"]),
    ("South Sudan accused Sudan.", ["SSD", "SDN"]),
    ("British Columbia burned.", []),
    ("Northern Ireland voted.", []),
    ("Ireland voted.", ["IRL"]),
    ("The South China Sea is disputed.", []),
    ("The China Daily reported it.", []),
    ("Mexico City hosted them.", ["MEX"]),
    ("The Panama Canal is full.", []),
    ("The Malians voted.", ["MLI"]),
    ("Cuba Gooding Jr. acted with Israel Adesanya.", []),
    # Seats of power
    ("The Kremlin answered the White House.", ["RUS", "USA"]),
    ("Downing Street answered the Élysée.", ["GBR", "FRA"]),
]
STANDARD = sorted(c.alpha_3 for c in pycountry.countries)
PERSON_IN_OFFICE = [  # as the text names them, day, party, role
    ("Dmitry Medvedev", "2010-03-01", "RUS", "president"),
    ("Dmitry Medvedev", "2015-03-01", "RUS", "prime minister"),
    ("Vladimir Putin", "2010-03-01", "RUS", "prime minister"),
    ("Vladimir Putin", "2013-03-01", "RUS", "president"),
    ("Recep Tayyip Erdogan", "2010-03-01", "TUR", "prime minister"),
    ("Recep Tayyip Erdoğan", "2015-03-01", "TUR", "president"),
    ("Olaf Scholz", "2019-03-01", "DEU", "finance minister"),
    ("Olaf Scholz", "2023-03-01", "DEU", "chancellor"),
    ("David Cameron", "2012-03-01", "GBR", "prime minister"),
    ("David Cameron", "2024-03-01", "GBR", "foreign secretary"),
]
FAMILY_NAMES = [  # family name, party, day, whole name
    ("Li", "CHN", "2015-03-01", "Li Keqiang"),
    ("Li", "CHN", "2024-03-01", "Li Qiang"),
    ("Kim", "PRK", "2020-03-01", "Kim Jong Un"),
    ("Miliband", "GBR", "2008-03-01", "David Miliband"),
    ("Assad", "SYR", "2015-03-01", "Bashar al-Assad"),
]
HOLDERS = [
    ("USA", "president", "2012-01-01", "Barack Obama"),
    ("USA", "president", "2019-01-01", "Donald Trump"),
    ("GBR", "prime minister", "2022-10-01", "Liz Truss"),
    ("FRA", "president", "2012-05-01", "Nicolas Sarkozy"),
    ("DEU", "chancellor", "2021-12-01", "Angela Merkel"),
    ("DEU", "chancellor", "2022-01-01", "Olaf Scholz"),
    ("UKR", "president", "2019-05-01", "Petro Poroshenko"),
    ("RUS", "foreign minister", "2010-01-01", "Sergei Lavrov"),
    ("UN", "secretary-general", "2016-12-30", "Ban Ki-moon"),
    ("NATO", "secretary-general", "2024-10-02", "Mark Rutte"),
]
MEMBERSHIP = [  # organisation, state, the last day before, the first day of membership
    ("NATO", "FIN", "2023-04-03", "2023-04-04"),
    ("NATO", "SWE", "2024-03-06", "2024-03-07"),
    ("NATO", "MNE", "2017-06-04", "2017-06-05"),
    ("NATO", "MKD", "2020-03-26", "2020-03-27"),
    ("NATO", "POL", "1999-03-11", "1999-03-12"),
    ("EU", "HRV", "2013-06-30", "2013-07-01"),
    ("EU", "POL", "2004-04-30", "2004-05-01"),
    ("EU", "BGR", "2006-12-31", "2007-01-01"),
]
PLACES = [  # name, countries that the text names, country, precision, latitude and longitude to the degree
    ("Ankara", (), "TUR", "city", 40, 33),
    ("Kinshasa", (), "COD", "city", -4, 15),
    ("Geneva", (), "CHE", "city", 46, 6),
    ("Tripoli", (), "LBY", "city", 33, 13),
    ("Tripoli", ("LBN",), "LBN", "city", 34, 36),
    ("Tripoli", ("SYR", "LBN"), "LBN", "city", 34, 36),
    ("Valencia", ("VEN",), "VEN", "city", 10, -68),
    ("Valencia", ("ESP",), "ESP", "city", 39, 0),
    ("Córdoba", ("ARG",), "ARG", "city", -31, -64),
    ("Cordoba", ("ESP",), "ESP", "city", 38, -5),
    ("Hyderabad", (), "IND", "city", 17, 78),
    ("Hyderabad", ("PAK",), "PAK", "city", 25, 68),
    ("Camp David", (), "USA", "site", 40, -77),
    ("Incirlik", (), "TUR", "site", 37, 35),
    ("Zaporizhzhia nuclear power plant", (), "UKR", "site", 48, 35),
    ("Panmunjom", ("KOR",), None, "site", 38, 127),
    ("Crimea", (), "UKR", "region", 45, 34),
]


@pytest.mark.parametrize(("text", "expected"), AMBIGUOUS)
def test_who_is_named(text, expected):
    assert parties(text) == expected


@pytest.mark.parametrize("text", [row[0] for row in AMBIGUOUS])
def test_mentions_hold_their_words_in_order_without_overlap(text):
    mentions = gazetteer().find(text)
    assert [text[m.start : m.end] for m in mentions] == [m.text for m in mentions]
    assert all(a.end <= b.start for a, b in pairwise(mentions))


@pytest.mark.parametrize("text", ["", " ", "İİİ", "\n\n", "NATO" * 3, "Iran" + "x", "é́ Iran"])
def test_odd_texts_are_read(text):
    assert parties(text) == (["IRN"] if text.endswith(" Iran") else [])


def test_every_iso_code_is_a_state_or_a_territory():
    states = gazetteer().states()
    assert [code for code in STANDARD if code not in states] == []
    assert {states[code].kind for code in STANDARD} == {"state", "territory"}
    assert {code for code, s in states.items() if s.kind != "former"} - set(STANDARD) == {"XKX"}


@pytest.mark.parametrize("code", ["SUN", "YUG", "CSK", "DDR"])
def test_former_states_keep_their_code(code):
    assert gazetteer().states()[code].kind == "former"
    assert is_state(code)


@pytest.mark.parametrize(
    ("territory", "sovereign"),
    [
        ("HKG", "CHN"), ("MAC", "CHN"), ("GRL", "DNK"), ("FRO", "DNK"), ("PRI", "USA"), ("ASM", "USA"),
        ("GIB", "GBR"), ("FLK", "GBR"), ("NCL", "FRA"), ("ABW", "NLD"), ("COK", "NZL"),
    ],
)  # fmt: skip
def test_a_territory_acts_for_its_sovereign(territory, sovereign):
    assert sovereign_of(territory) == sovereign
    assert gazetteer().states()[territory].kind == "territory"


@pytest.mark.parametrize("code", ["FRA", "TWN", "PSE", "XKX", "SUN", "NATO", "EU"])
def test_other_parties_act_for_themselves(code):
    assert sovereign_of(code) == code


def test_every_territory_but_antarctica_has_a_state_for_sovereign():
    states = gazetteer().states()
    for state in states.values():
        if state.kind == "territory" and state.code != "ATA":
            assert states[state.sovereign].kind == "state", state.code
        elif state.kind == "state":
            assert state.sovereign == state.code


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Hong Kong expelled a British journalist.", {("CHN", "GBR")}),
        ("Denmark's prime minister praised Greenland.", set()),
        ("China condemned Hong Kong.", set()),
        ("Antarctica condemned Chile.", set()),
    ],
)
def test_acts_of_territories_are_their_sovereigns(sentence, expected):
    reports = default_extractor().reports(Article.of(sentence, published="2024-05-15"))
    assert {(r.source, r.target) for r in reports} == expected


@pytest.mark.parametrize(
    ("code", "name", "state"),
    [
        ("FRA", "France", True), ("TWN", "Taiwan", True), ("XKX", "Kosovo", True),
        ("NATO", "NATO", False), ("EU", "EU", False), ("ARAB_LEAGUE", "Arab League", False),
    ],
)  # fmt: skip
def test_parties_have_the_names_of_a_briefing(code, name, state):
    assert (party_name(code), is_state(code)) == (name, state)


@pytest.mark.parametrize("code", ["ZZZ", "", "fra", "The West"])
def test_unknown_parties_ring(code):
    with pytest.raises(UnknownCode, match="ISO 3166"):
        party_name(code)


def official(name: str, day: str):
    text = f"{name} spoke on Tuesday."
    mention = next(m for m in gazetteer().find(text) if m.officials)
    return gazetteer().official(mention, date.fromisoformat(day))


@pytest.mark.parametrize(("name", "day", "party", "role"), PERSON_IN_OFFICE)
def test_one_person_in_two_offices_by_date(name, day, party, role):
    term = official(name, day)
    assert (term.party, term.role) == (party, role)
    assert term.in_office(date.fromisoformat(day))


def test_out_of_office_the_latest_term_before_counts():
    assert official("Radoslaw Sikorski", "2018-01-01").end == date(2014, 9, 22)
    assert official("Radoslaw Sikorski", "2024-05-01").start == date(2023, 12, 13)
    assert official("Donald Trump", "2022-01-01").start == date(2017, 1, 20)


@pytest.mark.parametrize(("name", "party", "day", "whole"), FAMILY_NAMES)
def test_a_family_name_is_settled_by_party_and_date(name, party, day, whole):
    assert gazetteer().by_family_name_in(name, party, date.fromisoformat(day)).name == whole


def test_a_family_name_that_two_bear_names_nobody_without_a_party():
    day = date(2022, 3, 1)
    assert gazetteer().by_family_name("Rodríguez", day) is None
    assert gazetteer().by_family_name_in("Rodríguez", "CUB", day).role == "foreign minister"
    assert gazetteer().by_family_name_in("Rodríguez", "VEN", day).party == "VEN"
    assert gazetteer().by_family_name("Lavrov", day).party == "RUS"
    assert gazetteer().by_family_name("Lavrov", None) is None
    assert gazetteer().by_family_name("Nobodyson", day) is None
    assert gazetteer().by_family_name_in("Lavrov", "FRA", day) is None


@pytest.mark.parametrize(("party", "role", "day", "name"), HOLDERS)
def test_who_held_an_office(party, role, day, name):
    assert gazetteer().holder(party, role, date.fromisoformat(day)).name == name


def test_an_office_nobody_is_known_in_has_no_holder():
    assert gazetteer().holder("FRA", "king", date(2020, 1, 1)) is None
    assert gazetteer().holder("FRA", "president", None) is None


@pytest.mark.parametrize(("organisation", "state", "before", "since"), MEMBERSHIP)
def test_members_before_and_after_accession(organisation, state, before, since):
    assert state not in gazetteer().members(organisation, date.fromisoformat(before))
    assert state in gazetteer().members(organisation, date.fromisoformat(since))


def test_members_before_and_after_leaving():
    assert "GBR" in gazetteer().members("EU", date(2020, 1, 30))
    assert "GBR" not in gazetteer().members("EU", date(2020, 2, 1))


@pytest.mark.parametrize(
    ("organisation", "n"), [("NATO", 32), ("EU", 27), ("G7", 7), ("ASEAN", 10), ("CSTO", 6)]
)
def test_numbers_of_members_in_june_2024(organisation, n):
    assert len(gazetteer().members(organisation, date(2024, 6, 1))) == n


def test_no_members_are_known_of_an_unknown_organisation():
    assert gazetteer().members("XYZ", date(2024, 6, 1)) == frozenset()


@pytest.mark.parametrize(("name", "near", "country", "precision", "lat", "lon"), PLACES)
def test_places(name, near, country, precision, lat, lon):
    place = gazetteer().place(name, near=near)
    assert (place.country, place.precision) == (country, precision)
    assert (place.lat, place.lon) == (pytest.approx(lat, abs=1), pytest.approx(lon, abs=1))


@pytest.mark.parametrize("name", ["Nowhereville", "", "they", "Tuesday"])
def test_unknown_places_are_none(name):
    assert gazetteer().place(name) is None


def test_a_state_as_a_place_lies_at_its_capital():
    place = gazetteer().state_place("FRA")
    assert (place.name, place.country, place.precision) == ("France", "FRA", "state")
    assert (place.lat, place.lon) == (pytest.approx(48.86, abs=0.1), pytest.approx(2.35, abs=0.1))
    assert gazetteer().state_place("NATO") is None


def test_every_capital_is_found_in_its_state():
    for state in gazetteer().states().values():
        if state.kind == "state" and state.capital:
            place = gazetteer().place(state.capital, near=(state.code,))
            assert place is not None, state.capital
            assert place.country == state.code, state.capital


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("GRC", "GRC"),
        ("grc", "GRC"),
        ("gr", "GRC"),
        ("Greece", "GRC"),
        ("turkiye", "TUR"),
        ("nato", "NATO"),
        ("Kosovo", "XKX"),
    ],
)
def test_a_party_is_known_by_code_or_name(text, code):
    assert party_code(text) == code


@pytest.mark.parametrize("text", ["Atlantis", "Congo", "", "ZZ"])
def test_a_party_that_is_none_or_many_rings(text):
    with pytest.raises(UnknownCode):
        party_code(text)
