"""What an operator file says as evidence, and the sentences about what it leaves open."""

from __future__ import annotations

from pathlib import Path

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
from weightgate.operators.statements import authorization_statement, notes, statements_of

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
        "Security standard supp10-14 has no day of attestation, so it counts as possibly attested.",
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
