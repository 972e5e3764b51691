"""The worked examples about weights, of the project's notes on the law, are cases of the published rule's pack."""

from __future__ import annotations

from functools import cache

import pytest

from weightgate.facts.countries import SUBDIVISIONS
from weightgate.policy.cases import case_files, vocabulary
from weightgate.policy.cases_file import PolicyCase, read_cases
from weightgate.policy.pack import Pack
from weightgate.policy.source import find_pack

EAR, EMBARGOES = "us-ear-ai-diffusion-2025", "us-embargoes"

G4 = (
    "1e26 operations exactly",
    "the next double above 1e26",
    "the double below 1e26",
    "1e23 operations exactly",
)
G5 = (
    "a validated end user in Singapore adds 25.0% to a 4E091 model",
    "more than 25% of the original needs BIS",
)
EMBARGOED = ("CU", "IR", "KP", "SY", "RU", "BY", "UA-43", "UA-40", "UA-14", "UA-09")
G6 = (
    "US, US, US: no export",
    "US, US, DE without the standards",
    "US, US, SG under the standards",
    "US, US, SG without the standards",
    "SG, SG, DE under the standards",
    "DE, DE, CN under the standards",
    "DE, DE, MO under the standards",
    "any, any, any, published weights",
    "unknown parent, DE under the standards",
)


@cache
def cases(name: str) -> tuple[PolicyCase, ...]:
    """The cases of a shipped pack."""
    source = find_pack(name)
    return tuple(read_cases(case_files(source), vocabulary(Pack(source))))


@pytest.mark.parametrize("row", [*(f"LAW G4: {row}" for row in G4), *(f"LAW G5: {row}" for row in G5)])
def test_thresholds_and_fine_tunes_are_cases(row: str) -> None:
    assert any(case.name.startswith(row) for case in cases(EAR))


@pytest.mark.parametrize("row", G6)
def test_weights_by_company_and_place_are_cases_in_every_reading(row: str) -> None:
    named = [case for case in cases(EAR) if case.name.startswith(f"LAW G6: {row}")]
    assert any(not case.reading.switches for case in named)
    read = {(switch, value) for case in named for switch, value in case.reading.switches.items()}
    switches = Pack(find_pack(EAR)).document.switches
    assert read == {(s, r) for s, one in switches.items() for r in one.readings if r != one.default}


@pytest.mark.parametrize("name", [EAR, EMBARGOES])
def test_every_reading_of_every_switch_is_asked_for(name: str) -> None:
    read = {pair for case in cases(name) for pair in case.reading.switches.items()}
    for switch, one in Pack(find_pack(name)).document.switches.items():
        assert {(switch, reading) for reading in one.readings if reading != one.default} <= read


@pytest.mark.parametrize(
    ("name", "value", "fact"),
    [
        (EAR, "supplement_5a", "operator.headquarters"),
        (EAR, "united_states", "operator.headquarters"),
        (EAR, "country_group_d5", "destination.country"),
        (EAR, "embargoed", "destination.country"),
        (EAR, "crimea", "destination.subdivision"),
        (EAR, "donetsk_luhansk", "destination.subdivision"),
        (EMBARGOES, "embargoed", "destination.country"),
        (EMBARGOES, "comprehensive_programmes", "operator.headquarters"),
        (EMBARGOES, "crimea", "destination.subdivision"),
        (EMBARGOES, "donetsk_luhansk", "destination.subdivision"),
    ],
)
def test_every_member_of_every_list_is_asked_for(name: str, value: str, fact: str) -> None:
    rows = Pack(find_pack(name)).document.values[value]
    members = {member for row in rows if isinstance(row.value, list) for member in row.value}
    asked = {getattr(case.facts.get(fact), "value", None) for case in cases(name)}
    assert members - asked == set()


@pytest.mark.parametrize("pack", [EAR, EMBARGOES])
def test_the_parts_of_ukraine_are_those_that_can_be_named(pack: str) -> None:
    values = Pack(find_pack(pack)).document.values
    for name in ("crimea", "donetsk_luhansk"):
        (row,) = values[name]
        assert isinstance(row.value, list)
        assert set(row.value) <= set(SUBDIVISIONS)


@pytest.mark.parametrize("name", ["embargoed", "crimea", "donetsk_luhansk"])
def test_both_packs_take_part_746_from_the_same_places_of_the_same_texts(name: str) -> None:
    one, other = (Pack(find_pack(pack)).document for pack in (EAR, EMBARGOES))
    assert [(row.value, row.cite, row.grade) for row in one.values[name]] == [
        (row.value, row.cite, row.grade) for row in other.values[name]
    ]
    for source in {row.cite.source for row in one.values[name]}:
        assert one.sources[source] == other.sources[source]


@pytest.mark.parametrize("place", EMBARGOED)
def test_every_part_746_destination_is_asked_for_with_few_operations_and_with_published_weights(
    place: str,
) -> None:
    fact = "destination.subdivision" if place.startswith("UA-") else "destination.country"
    there = [case for case in cases(EAR) if getattr(case.facts.get(fact), "value", None) == place]
    assert {"LAW 0: closed", "published wei"} <= {case.name[:13] for case in there}


@pytest.mark.parametrize("name", [EAR, EMBARGOES])
def test_every_rule_that_restricts_says_what_would_help(name: str) -> None:
    for rule in Pack(find_pack(name)).document.rules:
        assert rule.cites
        if rule.verdict in ("license_required", "deny"):
            assert rule.remedy
        assert (rule.review_policy is not None) == (rule.verdict == "license_required")
