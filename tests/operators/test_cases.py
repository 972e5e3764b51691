"""Operators as people write them, from the file to what counts: the rows that the draft pack's tests rest on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from weightgate.destinations.footprint import resolve
from weightgate.facts.registry import STANDARDS
from weightgate.facts.values import Members, Unknown, exactly
from weightgate.operators.read import read_operator
from weightgate.operators.standing import authorizations_in_force, lapses, standards_in_force


@dataclass(frozen=True)
class Case:
    """One file, one question, and what counts."""

    what: str
    text: str
    to: str
    as_of: str
    standards: Members | Unknown
    held: Members


NOTHING = exactly()
NOT_STATED = Unknown("the operator's security standards are not stated")
VEU_POSSIBLE = Members(frozenset(), frozenset({"UVEU", "NVEU"}))

ALL_THREE = """\
name: A
headquarters: GB
ultimate_parent: GB
security_standards:
- {name: supp10-14, attested: 2026-06-01, until: 2027-05-31}
- {name: supp10-15, attested: 2026-06-01, until: 2027-05-31}
- {name: supp10-18, attested: 2026-06-01, until: 2027-05-31}
authorizations: []
"""
VEU = """\
name: A
headquarters: QA
ultimate_parent: QA
security_standards: []
authorizations: [{kind: NVEU, countries: [QA], from: 2025-06-01, until: 2027-12-31}]
"""

CASES = [
    Case("all standards on their first day", ALL_THREE, "IN", "2026-06-01", exactly(*STANDARDS), NOTHING),
    Case("all standards on their last day", ALL_THREE, "IN", "2027-05-31", exactly(*STANDARDS), NOTHING),
    Case("the day before", ALL_THREE, "IN", "2026-05-31", NOTHING, NOTHING),
    Case("the day after", ALL_THREE, "IN", "2027-06-01", NOTHING, NOTHING),
    Case("a VEU in its country", VEU, "QA", "2026-05-01", NOTHING, exactly("NVEU")),
    Case(
        "a VEU in a region of its country", VEU, "azure/qatarcentral", "2026-05-01", NOTHING, exactly("NVEU")
    ),
    Case("a VEU in another country", VEU, "azure/uaenorth", "2026-05-01", NOTHING, NOTHING),
    Case("a VEU on its last day", VEU, "QA", "2027-12-31", NOTHING, exactly("NVEU")),
    Case("a VEU that has lapsed", VEU, "QA", "2028-01-01", NOTHING, NOTHING),
    Case("a file that says little", "name: A\n", "QA", "2026-05-01", NOT_STATED, VEU_POSSIBLE),
    Case(
        "a VEU whose countries are not stated",
        "authorizations: [{kind: UVEU}]\n",
        "aws/ap-southeast-1",
        "2026-05-01",
        NOT_STATED,
        Members(frozenset(), frozenset({"UVEU"})),
    ),
    Case(
        "a licence for one region",
        "security_standards: []\nauthorizations: [{kind: LICENSE, countries: [SG], sites: [aws/ap-southeast-1]}]\n",
        "aws/ap-southeast-1",
        "2026-05-01",
        NOTHING,
        exactly("LICENSE"),
    ),
    Case(
        "the same licence where only the country is known",
        "security_standards: []\nauthorizations: [{kind: LICENSE, countries: [SG], sites: [aws/ap-southeast-1]}]\n",
        "SG",
        "2026-05-01",
        NOTHING,
        Members(frozenset(), frozenset({"LICENSE"})),
    ),
    Case(
        "a licence for China does not reach Hong Kong",
        "security_standards: []\nauthorizations: [{kind: LICENSE, countries: [CN]}]\n",
        "alibaba/cn-hongkong",
        "2026-05-01",
        NOTHING,
        NOTHING,
    ),
    Case(
        "an order that is stated",
        "security_standards: []\nauthorizations: [{kind: ORDER, countries: [AE], verdict: deny}]\n",
        "aws/me-central-1",
        "2026-05-01",
        NOTHING,
        exactly("ORDER"),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_what_counts(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "operator.yaml"
    path.write_text(case.text)
    operator = read_operator(path)
    destination = resolve(case.to)
    [place] = destination.places
    assert standards_in_force(operator, case.as_of) == case.standards
    held = authorizations_in_force(operator, place, destination.name, "host", "", case.as_of)
    assert held == case.held


def test_each_place_of_a_multi_region_is_judged_on_its_own(tmp_path: Path) -> None:
    path = tmp_path / "operator.yaml"
    path.write_text("authorizations: [{kind: UVEU, countries: [DE, FR]}]\n")
    operator = read_operator(path)
    destination = resolve("gcp/eu")
    found = {
        place.country: authorizations_in_force(operator, place, destination.name, "host", "", "2026-05-01")
        for place in destination.places
    }
    assert found["DE"] == found["FR"] == exactly("UVEU")
    assert found["PL"] == NOTHING
    assert found[None] == Members(frozenset(), frozenset({"UVEU"}))


def test_the_first_lapse_bounds_the_decision(tmp_path: Path) -> None:
    path = tmp_path / "operator.yaml"
    path.write_text(ALL_THREE)
    assert lapses(read_operator(path), "2026-07-01")[0][0] == "2027-05-31"
    assert lapses(read_operator(path), "2026-05-01")[0][0] == "2026-05-31"
    assert lapses(read_operator(path), "2028-01-01") == []
