"""The coding tables are those that the coding rules promise: types, modes, crosswalk, domains, issues."""

from __future__ import annotations

from collections import Counter

import pytest

from events import codebook
from events.errors import UnknownCode
from events.reference import table

TYPES = [  # in the order of the coding rules
    ("AGREE", "verbal cooperation", 2.5),
    ("CONSULT", "verbal cooperation", 2.5),
    ("SUPPORT", "verbal cooperation", 5),
    ("CONCEDE", "verbal cooperation", 4.5),
    ("COOPERATE", "material cooperation", 9.5),
    ("AID", "material cooperation", 10),
    ("RETREAT", "material cooperation", 6.5),
    ("REQUEST", "verbal conflict", 0),
    ("ACCUSE", "verbal conflict", -3),
    ("REJECT", "verbal conflict", -2),
    ("THREATEN", "verbal conflict", -3.5),
    ("PROTEST", "material conflict", -5),
    ("SANCTION", "material conflict", -6),
    ("MOBILIZE", "material conflict", -5.5),
    ("COERCE", "material conflict", -7),
    ("ASSAULT", "material conflict", -9),
]
REFINED = {  # modes with an intensity of their own
    "CONSULT": {"visit": 4, "third-party": 1, "multilateral": 4, "phone": 1.5},
    "RETREAT": {
        "withdraw": 8, "release": 6.5, "disarm": 10, "ceasefire": 7.5, "access": 6.5, "resign": 4.5,
    },
    "REQUEST": {"assist": 0.5, "change": -1, "yield": -1, "meet": 0},
    "ACCUSE": {"disapprove": -2, "investigate": -3.5, "allege": -3.5},
    "REJECT": {"assist": -1.5},
    "THREATEN": {"restrict": -3, "territory": -4},
    "PROTEST": {"riot": -7, "hunger": -4.5, "boycott": -4.5, "obstruct": -4.5},
    "SANCTION": {"expel": -5.5},
    "MOBILIZE": {"troops": -6.5, "weapons": -6.5, "militia": -6},
    "COERCE": {"censor": -6.5, "curfew": -6.5, "martial-law": -7.5, "misinformation": -6.5},
    "ASSAULT": {
        "beat": -7.5, "crowd-control": -7.5, "primitive": -8, "abduct": -8.5, "torture": -8.5, "sexual": -8.5,
        "destroy": -8.5, "targeted": -9.5, "suicide": -9.5, "aerial": -9.5, "drone": -9.5,
        "heavy-weapons": -9.5, "unconventional": -10,
    },
}  # fmt: skip
PLAIN = {  # modes as intense as their type
    "AGREE": ["meet", "cooperate", "aid", "settle", "yield"],
    "REJECT": ["change", "yield", "meet"],
    "THREATEN": ["arrest", "relations", "expel", "violence"],
    "PROTEST": ["demo", "strike", "vandalize"],
    "SANCTION": ["withdraw", "discontinue", "convict"],
    "MOBILIZE": ["police"],
    "COERCE": ["seize", "restrict", "arrest", "deport", "withhold", "cyber"],
    "ASSAULT": ["firearms", "explosives"],
}
DOMAINS = (
    "defence conflict terrorism wmd cyber intelligence diplomacy territory migration trade sanctions energy "
    "transport environment health humanitarian rights law technology culture agriculture multilateral"
).split()
CROSSWALK = [
    ("0231", "REQUEST", "assist"),
    ("036", "AGREE", "meet"),
    ("042", "CONSULT", "visit"),
    ("055", "CONCEDE", None),
    ("057", "SUPPORT", None),
    ("0871", "RETREAT", "ceasefire"),
    ("163", "SANCTION", "discontinue"),
    ("173", "COERCE", "arrest"),
    ("195", "ASSAULT", "aerial"),
    ("010", None, None),
]
CAMEO = [row["cameo"] for row in table("codebook/cameo.csv")]


def test_the_sixteen_types_stand_in_order_with_quad_class_and_intensity():
    found = [(t.name, t.quad_class, t.intensity) for t in codebook.event_types().values()]
    assert found == TYPES


def test_every_quad_class_is_known_and_used():
    used = {t.quad_class for t in codebook.event_types().values()}
    assert used == set(codebook.QUAD_CLASSES)
    assert len(codebook.QUAD_CLASSES) == 4


@pytest.mark.parametrize(
    ("event_type", "mode", "intensity"),
    [(t, mode, value) for t, modes in REFINED.items() for mode, value in modes.items()],
)
def test_refined_modes_have_their_own_intensity(event_type, mode, intensity):
    assert codebook.intensity(event_type, mode) == intensity


@pytest.mark.parametrize(("event_type", "mode"), [(t, m) for t, modes in PLAIN.items() for m in modes])
def test_other_modes_are_as_intense_as_their_type(event_type, mode):
    assert codebook.intensity(event_type, mode) == codebook.intensity(event_type)


def test_there_is_no_mode_beyond_the_rules():
    promised = {(t, m) for group in (REFINED, PLAIN) for t, modes in group.items() for m in modes}
    assert {(t.name, m) for t in codebook.event_types().values() for m in t.modes} == promised


def test_intensities_stay_within_the_scale_and_on_their_side():
    for entry in codebook.event_types().values():
        for value in (entry.intensity, *(m.intensity for m in entry.modes.values())):
            assert -10 <= value <= 10
            if entry.name != "REQUEST":
                assert (value > 0) == entry.quad_class.endswith("cooperation"), entry.name


def test_types_modes_domains_and_sectors_are_defined_in_words():
    for entry in codebook.event_types().values():
        assert entry.definition.strip(), entry.name
        assert all(mode.definition.strip() for mode in entry.modes.values()), entry.name
    assert all(d.description.strip() and d.label.strip() for d in codebook.domains().values())
    assert set(codebook.sectors()) == set("GOV MIL LEG JUD SPY OPP REB BUS MED CVL IGO NGO".split())


@pytest.mark.parametrize("name", ["FIGHT", "consult", "", "AGREE "])
def test_unknown_types_ring_and_name_the_known_ones(name):
    with pytest.raises(UnknownCode, match="AGREE") as caught:
        codebook.event_type(name)
    assert caught.value.value == name


@pytest.mark.parametrize(
    ("event_type", "mode"), [("SUPPORT", "visit"), ("CONSULT", "drone"), ("AID", ""), ("WAR", None)]
)
def test_unknown_modes_ring(event_type, mode):
    with pytest.raises(UnknownCode):
        codebook.intensity(event_type, mode)


@pytest.mark.parametrize(("code", "event_type", "mode"), CROSSWALK)
def test_crosswalk(code, event_type, mode):
    assert codebook.cameo_to_plover(code) == (event_type, mode)


def test_every_cameo_code_becomes_a_known_type_or_is_dropped_with_a_note():
    for row in table("codebook/cameo.csv"):
        event_type, mode = codebook.cameo_to_plover(row["cameo"])
        if event_type is None:
            assert mode is None, row
            assert row["note"].startswith("no PLOVER type"), row
        else:
            assert mode is None or mode in codebook.event_type(event_type).modes, row


def test_cameo_codes_are_unique_text_and_below_their_root():
    assert [code for code, n in Counter(CAMEO).items() if n > 1] == []
    assert {code for code in CAMEO if len(code) == 2} == {f"{n:02}" for n in range(1, 21)}
    assert {code[:2] for code in CAMEO} == {f"{n:02}" for n in range(1, 21)}
    assert {len(code) for code in CAMEO} <= {2, 3, 4}
    assert {code[:3] for code in CAMEO if len(code) == 4} <= set(CAMEO)
    assert len(CAMEO) >= 310


@pytest.mark.parametrize("code", ["999", "21", "1", "42", "0042", "", "---"])
def test_unknown_cameo_codes_ring(code):
    with pytest.raises(UnknownCode, match="leading zero") as caught:
        codebook.cameo_to_plover(code)
    assert caught.value.kind == "CAMEO code"


def test_the_domains_are_the_22_of_the_rules_in_four_families():
    assert list(codebook.domains()) == DOMAINS
    assert {d.family for d in codebook.domains().values()} == {"security", "order", "economy", "society"}


def test_there_are_180_issues_or_more_and_each_domain_has_some():
    issues = codebook.issues()
    assert len(issues) >= 180
    assert {i.domain for i in issues.values()} == set(DOMAINS)
    assert len(issues) == len(table("codebook/issues.csv")), "an issue is listed twice"


def test_every_issue_has_lower_case_terms_and_a_description():
    for issue in codebook.issues().values():
        assert issue.terms or issue.name == codebook.general_issue(issue.domain), issue.name
        assert issue.description.strip(), issue.name
        assert [t for t in issue.terms if t != t.lower() or t != " ".join(t.split())] == [], issue.name


def test_every_domain_has_an_issue_for_what_is_not_named_more_closely():
    assert {codebook.issues()[codebook.general_issue(d)].domain for d in codebook.domains()} == set(
        codebook.domains()
    )
    with pytest.raises(UnknownCode):
        codebook.general_issue("fish")


def test_no_term_stands_under_two_issues():
    places = Counter(term for issue in codebook.issues().values() for term in issue.terms)
    assert [term for term, n in places.items() if n > 1] == []
