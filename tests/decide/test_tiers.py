"""Tiers that someone declared, beside the countries that they follow from."""

from __future__ import annotations

import pytest

from tests.decide.samples import ALLOW, CLOSED, DENY, LICENSE, UNSETTLED, ask, company
from weightgate.errors import Exit, InputError
from weightgate.facts.values import Known
from weightgate.operators.profile import UNKNOWN_OPERATOR, Operator


@pytest.mark.parametrize(("tier", "verdict"), [(1, ALLOW), (2, ALLOW), (3, LICENSE), ({"one_of": [1, 2]}, ALLOW),
                                               ({"one_of": [2, 3]}, UNSETTLED), (None, UNSETTLED)])  # fmt: skip
def test_an_operators_tier_may_be_declared_while_its_countries_are_unknown(
    tier: object, verdict: str
) -> None:
    decision = ask("DE", CLOSED | {"operator.tier": tier}, UNKNOWN_OPERATOR)
    assert decision.verdict == verdict
    assert decision.contradictions == ()


def test_beside_known_countries_an_agreeing_tier_changes_nothing() -> None:
    plain = ask("AE", CLOSED, company("US", secure=True))
    agreeing = ask("AE", CLOSED | {"operator.tier": 1}, company("US", secure=True))
    assert agreeing.possible == plain.possible
    assert agreeing.contradictions == ()


@pytest.mark.parametrize(("declared", "country", "possible"), [(1, "CN", (ALLOW, LICENSE)), (3, "US", (ALLOW, LICENSE)),
                                                               (2, "US", (ALLOW,)), (2, "CN", (ALLOW, LICENSE))])  # fmt: skip
def test_a_contradicting_tier_leaves_both_and_is_a_finding(
    declared: int, country: str, possible: tuple[str, ...]
) -> None:
    decision = ask("DE", CLOSED | {"operator.tier": declared}, company(country))
    assert decision.possible == possible
    assert [c.fact for c in decision.contradictions] == ["operator.tier"]
    assert "facts.yaml" in decision.contradictions[0].sources


def test_a_partly_known_operator_narrows_a_declared_tier() -> None:
    operator = Operator("A", "AE", None, (), ())
    assert ask("DE", CLOSED | {"operator.tier": {"one_of": [1, 2]}}, operator).verdict == ALLOW
    contradicted = ask("DE", CLOSED | {"operator.tier": 1}, operator)
    assert contradicted.verdict == UNSETTLED
    assert [c.fact for c in contradicted.contradictions] == ["operator.tier"]


def test_a_destinations_tier_that_agrees_is_accepted() -> None:
    assert ask("CN", CLOSED | {"destination.tier": 3}).verdict == DENY
    assert ask("DE", CLOSED | {"destination.tier": {"one_of": [1, 2]}}).verdict == ALLOW
    assert ask("DE", CLOSED | {"destination.tier": None}).verdict == ALLOW


@pytest.mark.parametrize(
    ("to", "tier"), [("CN", 1), ("DE", 3), ("AE", {"one_of": [1, 3]}), (["DE", "CN"], 1)]
)
def test_a_destinations_tier_that_contradicts_is_refused(to: str | list[str], tier: object) -> None:
    with pytest.raises(InputError) as caught:
        ask(to, CLOSED | {"destination.tier": tier})
    error = caught.value
    assert (error.exit, error.code, error.where) == (Exit.INPUT, "contradicts_destination", "facts.yaml")
    assert "destination.tier contradicts the tier of" in error.message
    assert error.hint == "leave destination.tier out: it follows from --to"


def test_an_unlisted_place_may_be_given_a_tier() -> None:
    decision = ask("gcp/us", CLOSED | {"destination.tier": 1}, company("US"))
    assert decision.verdict == ALLOW
    assert ask("gcp/us", CLOSED, company("US")).verdict == UNSETTLED


def test_reasons_show_the_tier_and_where_it_comes_from() -> None:
    decision = ask("CN", CLOSED)
    because = {b.fact: b for r in decision.reasons for b in r.because}
    assert (because["destination.tier"].value, because["destination.tier"].source) == (
        Known(3),
        "table tier of us-ai-diffusion-draft",
    )
    declared = ask("DE", CLOSED | {"operator.tier": 2}, UNKNOWN_OPERATOR)
    because = {b.fact: b for r in declared.reasons for b in r.because}
    assert (because["operator.tier"].value, because["operator.tier"].source) == (Known(2), "facts.yaml")
