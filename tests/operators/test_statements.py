"""What an operator file says as evidence, and the sentences about what it leaves open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from tests.operators.strategies import days, operators
from weightgate.destinations.places import Place
from weightgate.facts.encode import encode_value, parse_value
from weightgate.facts.merge import merge
from weightgate.facts.registry import FACTS
from weightgate.facts.statements import Grade
from weightgate.facts.values import Known, Members, Unknown, exactly
from weightgate.operators.profile import UNKNOWN_OPERATOR, Authorization, Operator, Standard
from weightgate.operators.read import operator_from_dict, read_operator
from weightgate.operators.standing import standards_in_force
from weightgate.operators.statements import (
    authorization_statement,
    notes,
    ruled_out,
    statements_of,
    unstated_dates,
)

DE = Place("DE", "")
TEXT = """\
name: Example Cloud
headquarters: AE
security_standards:
- {name: supp10-14, attested: 2025-11-01, until: 2026-11-01}
authorizations:
- {kind: NVEU, countries: [DE], from: 2025-06-01}
"""


def test_the_file_is_the_source_and_the_line_the_locator(tmp_path: Path) -> None:
    path = tmp_path / "operator.yaml"
    path.write_text(TEXT)
    operator = read_operator(path)
    found = {s.fact: s for s in statements_of(operator, "2026-01-01")}
    assert list(found) == [
        "operator.name",
        "operator.headquarters",
        "operator.ultimate_parent",
        "operator.security_standards",
    ]
    assert found["operator.name"].value == Known("Example Cloud")
    assert found["operator.headquarters"].value == Known("AE")
    assert found["operator.headquarters"].locator == "headquarters at 2:15"
    assert found["operator.security_standards"].value == exactly("supp10-14")
    unstated = found["operator.ultimate_parent"]
    assert unstated.value == Unknown(f"{path} does not state ultimate_parent")
    assert unstated.locator == "ultimate_parent"
    assert all((s.source, s.by, s.grade) == (str(path), str(path), Grade.DECLARED) for s in found.values())
    held = authorization_statement(operator, DE, "DE", "host", "", "2026-01-01")
    assert held.fact == "operator.authorizations"
    assert held.value == exactly("NVEU")
    assert held.locator == "authorizations at 6:1"


def test_an_operator_read_back_from_a_decision_has_keys_for_locators() -> None:
    operator = operator_from_dict({"headquarters": "AE"}, "decision.json")
    [statement] = [s for s in statements_of(operator, "2026-01-01") if s.fact == "operator.headquarters"]
    assert statement.locator == "headquarters"


def test_nobody_named_is_unknown_in_everything() -> None:
    found = statements_of(UNKNOWN_OPERATOR, "2026-01-01")
    assert [s.value for s in found[:3]] == [Unknown("no operator was named")] * 3
    assert isinstance(found[3].value, Unknown)
    held = authorization_statement(UNKNOWN_OPERATOR, DE, "DE", "host", "", "2026-01-01")
    assert held.value == Members(frozenset(), frozenset({"UVEU", "NVEU"}))


def test_statements_become_declared_facts() -> None:
    operator = Operator(name="A", headquarters="AE", security_standards=(), source="o.yaml")
    facts = merge(statements_of(operator, "2026-01-01"))
    assert facts["operator.headquarters"].value == Known("AE")
    assert facts["operator.headquarters"].grade is Grade.DECLARED
    assert facts["operator.security_standards"].value == exactly()
    assert isinstance(facts["operator.ultimate_parent"].value, Unknown)


@given(operators(), days)
def test_every_statement_is_about_a_known_fact_and_in_its_domain(operator: Operator, as_of: str) -> None:
    found = [
        *statements_of(operator, as_of),
        authorization_statement(operator, DE, "DE", "host", "", as_of),
    ]
    assert len({s.fact for s in found}) == len(found)
    for statement in found:
        spec = FACTS[statement.fact]
        assert parse_value(spec, encode_value(statement.value), "") == statement.value


def test_dates_and_countries_left_out_are_noted() -> None:
    operator = Operator(
        security_standards=(Standard("supp10-14", None), Standard("supp10-15", "2026-01-01", None)),
        authorizations=(
            Authorization("NVEU", reference="48-1"),
            Authorization("LICENSE", ("DE",), None, None),
            Authorization("UVEU", ("DE",), "2026-01-01", "2026-12-31"),
        ),
    )
    assert notes(operator) == [
        "Security standard supp10-14 has no day of attestation, so it counts as possibly attested: state attested.",
        "Security standard supp10-14 has no last day, so it counts without end.",
        "Security standard supp10-15 has an unknown last day, so it counts as possibly attested.",
        "NVEU 48-1 has no first day, so it counts as held since ever.",
        "NVEU 48-1 has no last day, so it counts without end.",
        "NVEU 48-1 names no countries, so it counts as possibly held everywhere.",
        "LICENSE has an unknown first day, so it counts as possibly held.",
        "LICENSE has an unknown last day, so it counts as possibly held.",
    ]


def test_a_standard_that_no_pack_knows_is_noted_with_the_nearest() -> None:
    misspelt, other = (Standard(name, "2026-01-01", "2026-12-31") for name in ("sup10-14", "iso-27001"))
    assert notes(Operator(security_standards=(misspelt, other))) == [
        "Security standard sup10-14 is not one that the shipped packs know (did you mean supp10-14?).",
        "Security standard iso-27001 is not one that the shipped packs know.",
    ]


def test_a_file_that_says_everything_has_no_notes_and_repetitions_are_said_once() -> None:
    full = Operator(
        security_standards=(Standard("supp10-14", "2026-01-01", "2026-12-31"),),
        authorizations=(Authorization("NVEU", ("DE",), "2026-01-01", "2026-12-31"),),
    )
    assert notes(full) == []
    twice = Operator(authorizations=(Authorization("NVEU", ("DE",), "2026-01-01"),) * 2)
    assert notes(twice) == ["NVEU has no last day, so it counts without end."]
    assert notes(UNKNOWN_OPERATOR) == []


PLACES = [("NO", Place("NO", "")), ("gcp/eu", Place("DE", "", "gcp", "eu"))]
DIGEST = "sha256:" + "0" * 64


def test_what_has_lapsed_or_not_begun_is_said() -> None:
    operator = Operator(
        security_standards=(
            Standard("supp10-14", "2025-01-01", "2026-02-01"),
            Standard("supp10-15", "2027-01-01"),
            Standard("supp10-18", "2026-01-01", "2026-06-01"),
        ),
        authorizations=(Authorization("LICENSE", ("FR",), "2024-01-01", "2025-01-01", reference="K-1"),),
    )
    assert ruled_out(operator, PLACES, "host", "", "2026-06-01") == [
        "Security standard supp10-14 lapsed: 2026-02-01 was its last day, so it does not count on 2026-06-01.",
        "Security standard supp10-15 is attested from 2027-01-01, so it does not count on 2026-06-01.",
        "LICENSE K-1 lapsed: 2025-01-01 was its last day, so it does not count on 2026-06-01.",
    ]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (Authorization("LICENSE", ("DE",), reference="K-1"), "LICENSE K-1 does not cover NO, so it does not count there."),
        (Authorization("LICENSE", ("FR",)), "LICENSE does not cover NO, DE, so it does not count there."),
        (Authorization("NVEU", ("NO", "DE"), activities=("fine_tune",)),
         "NVEU does not cover the activity host, so it does not count."),
        (Authorization("NVEU", ("NO", "DE"), models=(DIGEST,)),
         "NVEU does not cover this model, so it does not count."),
        (Authorization("NVEU", ("NO", "DE"), sites=("gcp/eu", "aws/us-east-1")), ""),
        (Authorization("NVEU", ("DE",), sites=("aws/us-east-1",)),
         "NVEU does not cover NO, so it does not count there."),
        (Authorization("NVEU", ("DE", "NO")), ""),
        (Authorization("NVEU"), ""),
    ],
)  # fmt: skip
def test_what_an_authorisation_does_not_cover_is_said(entry: Authorization, said: str) -> None:
    found = ruled_out(Operator(authorizations=(entry,)), PLACES, "host", "sha256:" + "1" * 64, "2026-06-01")
    assert found[:1] == ([said] if said else [])


def test_an_authorisation_for_other_sites_says_where_it_does_not_count() -> None:
    entry = Authorization("NVEU", ("DE",), sites=("aws/eu-central-1",))
    assert ruled_out(Operator(authorizations=(entry,)), PLACES[1:], "host", "", "2026-06-01") == [
        "NVEU names no site at gcp/eu, so it does not count there."
    ]


@given(operators(), days)
def test_what_certainly_counts_is_never_said_not_to(operator: Operator, as_of: str) -> None:
    """An entry is ruled out in words where the definition of what counts rules it out, and nowhere else."""
    for entry in operator.authorizations or ():
        alone = replace(operator, security_standards=None, authorizations=(entry,))
        for name, place in PLACES:
            held = authorization_statement(alone, place, name, "host", "", as_of).value
            assert isinstance(held, Members)
            assert bool(held.possible) != bool(ruled_out(alone, [(name, place)], "host", "", as_of))
    for standard in operator.security_standards or ():
        alone = replace(operator, security_standards=(standard,), authorizations=None)
        attested = standards_in_force(alone, as_of)
        assert isinstance(attested, Members)
        assert bool(attested.possible) != bool(ruled_out(alone, [], "host", "", as_of))


def test_days_that_are_left_open_are_asked_for_by_name() -> None:
    operator = Operator(
        security_standards=(Standard("supp10-14", None), Standard("supp10-15", None, None)),
        authorizations=(Authorization("NVEU", None, None, reference="48-1"),),
    )
    standards = unstated_dates(operator, "security_standards")
    assert standards == "state attested: for supp10-14, supp10-15 and until: for supp10-15"
    assert (
        unstated_dates(operator, "authorizations") == "state countries: for NVEU 48-1 and from: for NVEU 48-1"
    )
    assert unstated_dates(UNKNOWN_OPERATOR, "authorizations") == ""
