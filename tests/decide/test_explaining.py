"""What a decision asks for, and what of an operator file does not count."""

from __future__ import annotations

import pytest

from tests.decide.samples import CLOSED, ask
from weightgate.operators.entries import AUTHORIZATION_ENTRY, STANDARD_ENTRY
from weightgate.operators.profile import Authorization, Operator, Standard

ALL = ("supp10-14", "supp10-15", "supp10-18")


def accepted(operator: Operator, fact: str) -> str:
    """What is asked for a fact of an operator."""
    return {m.fact: m.would_accept for m in ask("PL", CLOSED, operator).missing}[fact]


def test_standards_are_asked_for_as_entries() -> None:
    said = accepted(Operator(headquarters="US", ultimate_parent="US"), "operator.security_standards")
    assert said == (
        f"entries such as - {STANDARD_ENTRY}, of supp10-14, supp10-15, supp10-18, under security_standards "
        "in the file given by --operator"
    )


def test_authorisations_are_asked_for_as_entries() -> None:
    operator = Operator(headquarters="PL", ultimate_parent="PL", security_standards=(), source="o.yaml")
    said = accepted(operator, "operator.authorizations")
    assert f"entries such as - {AUTHORIZATION_ENTRY}, of UVEU, NVEU, LICENSE" in said
    assert said.endswith("under authorizations in the file given by --operator")


def test_a_standard_without_a_day_is_asked_for_that_day() -> None:
    standards = tuple(Standard(name, None if name == ALL[0] else "2024-01-01") for name in ALL)
    operator = Operator(
        headquarters="US", ultimate_parent="US", security_standards=standards, source="o.yaml"
    )
    said = accepted(operator, "operator.security_standards")
    assert said == "state attested: for supp10-14, under security_standards in o.yaml"


@pytest.mark.parametrize(
    ("standard", "entry", "said"),
    [
        (Standard(ALL[0], "2024-01-01", "2024-06-01"), Authorization("LICENSE", ("DK",), reference="K-1"),
         ["Security standard supp10-14 lapsed: 2024-06-01 was its last day, so it does not count on ",
          "LICENSE K-1 does not cover PL, so it does not count there."]),
        (Standard(ALL[0], "2024-01-01"), Authorization("LICENSE", ("PL",), reference="K-1"), []),
    ],
)  # fmt: skip
def test_what_does_not_count_is_said_under_not_established(
    standard: Standard, entry: Authorization, said: list[str]
) -> None:
    operator = Operator(
        headquarters="US", ultimate_parent="US", security_standards=(standard,), authorizations=(entry,)
    )
    notes = ask("PL", CLOSED, operator).not_established
    assert [
        n[: len(s)] for n, s in zip([n for n in notes if "does not count" in n], said, strict=True)
    ] == said
