"""The facts table: names that outside checks rely on, and rules that every row keeps."""

from __future__ import annotations

import pytest

from weightgate.facts.countries import COUNTRIES, SUBDIVISIONS
from weightgate.facts.registry import (
    AUTHORIZATIONS,
    FACTS,
    PRESUMABLE,
    STANDARDS,
    FactSpec,
    Kind,
    Loosens,
    nearest,
    position,
)
from weightgate.policy.cel import Scope, compile_condition, environment
from weightgate.policy.ir import Condition, Contains, IsIn, Less

CONTRACT = """
activity · as_of · model.openness · model.license · model.owner · model.labels · model.parameters ·
model.active_parameters · model.training_operations · model.base · model.base_operations · model.base_openness ·
model.finetune_operations · model.finetune_share · model.special_purpose · model.below_published_frontier ·
destination.country · destination.subdivision · destination.provider · destination.region · destination.tier ·
operator.name · operator.headquarters · operator.ultimate_parent · operator.tier · operator.authorizations ·
operator.security_standards · compute.tpp · compute.share_outside_tier1 · compute.max_share_single_country ·
compute.share_tier2 · compute.share_home_us · compute.country_cap_left
""".replace("\n", " ").split("·")

ROWS = list(FACTS.values())
EMPTY = Scope({}, {})


@pytest.mark.parametrize("name", [name.strip() for name in CONTRACT])
def test_every_name_of_the_contract_is_there(name: str) -> None:
    assert FACTS[name].name == name


def test_domains_that_the_contract_fixes() -> None:
    assert FACTS["activity"].domain == ("host", "fine_tune", "export_compute")
    assert FACTS["model.openness"].domain == ("open", "restricted", "closed")
    assert set(AUTHORIZATIONS) == {"UVEU", "NVEU", "LICENSE", "AIA", "ACM", "LPP", "ORDER"}
    assert STANDARDS == ("supp10-14", "supp10-15", "supp10-18")
    assert set(FACTS["destination.provider"].domain) == {
        "", "aws", "azure", "gcp", "oci", "alibaba", "tencent", "huawei", "ibm", "linode", "vultr",
    }  # fmt: skip


def test_nobody_is_presumed_to_have_a_licence_an_exception_or_an_order() -> None:
    assert set(AUTHORIZATIONS) - PRESUMABLE == {"LICENSE", "AIA", "ACM", "LPP", "ORDER"}


@pytest.mark.parametrize("spec", ROWS, ids=lambda spec: spec.name)
def test_every_row_says_what_people_need(spec: FactSpec) -> None:
    assert spec.meaning
    assert not spec.meaning.endswith(".")
    assert spec.question.endswith("?")
    assert (spec.kind is Kind.NUMBER) == bool(spec.unit)


@pytest.mark.parametrize("spec", ROWS, ids=lambda spec: spec.name)
def test_every_row_is_of_one_piece(spec: FactSpec) -> None:
    assert len(set(spec.domain)) == len(spec.domain)
    if spec.kind in (Kind.ENUM, Kind.COUNTRY):
        assert spec.domain
        assert spec.closed
    if spec.kind in (Kind.NUMBER, Kind.BOOL, Kind.TIER, Kind.DATE):
        assert not spec.domain
    if spec.kind is Kind.ENUM and spec.loosens in (Loosens.LOWER, Loosens.HIGHER):
        assert spec.domain == ("open", "restricted", "closed")
    for part in spec.derived_from:
        assert part in FACTS


def test_names_that_rules_quote_are_texts() -> None:
    names = {spec.name for spec in ROWS if spec.loosens is Loosens.NAME}
    assert {FACTS[name].kind for name in names} == {Kind.TEXT, Kind.ENUM}
    assert {"model.base", "model.license", "operator.name"} <= names


def test_more_of_it_never_loosens_where_the_design_says_so() -> None:
    lower = {"model.training_operations", "model.openness", "model.special_purpose", "model.finetune_share"}
    assert {FACTS[name].loosens for name in lower} == {Loosens.LOWER}
    higher = {"operator.authorizations", "operator.security_standards", "model.below_published_frontier"}
    assert {FACTS[name].loosens for name in higher} == {Loosens.HIGHER}


def test_a_fact_stands_in_diagrams_where_it_stands_in_the_table() -> None:
    assert [position(name) for name in FACTS] == list(range(len(FACTS)))
    assert position("destination.country") < position("destination.tier")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("model.openess", "model.openness"),
        ("Model.Openness", "model.openness"),
        ("model.traning_operations", "model.training_operations"),
        ("operator.hq", "operator.tier"),
    ],
)
def test_the_nearest_name(typed: str, meant: str) -> None:
    assert meant in nearest(typed)


def test_what_is_near_nothing_has_no_nearest_name() -> None:
    assert nearest("zzz") == []
    assert nearest("SUPP10-15", STANDARDS)[0] == "supp10-15"
    assert len(nearest("model.base", n=2)) == 2


# Countries


def test_countries_hold_kosovo_and_keep_their_order() -> None:
    assert COUNTRIES["XK"] == "Kosovo"
    assert list(COUNTRIES) == sorted(COUNTRIES)
    assert len(COUNTRIES) == 250
    assert "UK" not in COUNTRIES
    assert set(FACTS["destination.country"].domain) == set(COUNTRIES)


def test_the_parts_of_ukraine_that_rules_name_are_there() -> None:
    assert {"UA-43", "UA-40", "UA-14", "UA-09"} <= set(SUBDIVISIONS)
    assert FACTS["destination.subdivision"].domain == ("", *SUBDIVISIONS)


# The CEL environment is made from the table.

COMPARISONS = {
    Kind.NUMBER: ("< 1.0", Less),
    Kind.TIER: ("< 3", Less),
    Kind.DATE: ('< "2026-02-03"', Less),
    Kind.BOOL: ("== true", IsIn),
    Kind.TEXT: ('== "x"', IsIn),
}


def comparison(spec: FactSpec) -> tuple[str, type[Condition]]:
    """A condition about a fact, and what it is lowered to."""
    if spec.kind is Kind.LIST:
        return f'"{(spec.domain or ("x",))[0]}" in {spec.name}', Contains
    if spec.kind in (Kind.ENUM, Kind.COUNTRY):
        return f'{spec.name} == "{spec.domain[-1]}"', IsIn
    text, atom = COMPARISONS[spec.kind]
    return f"{spec.name} {text}", atom


@pytest.mark.parametrize("spec", ROWS, ids=lambda spec: spec.name)
def test_every_fact_has_its_type_in_cel(spec: FactSpec) -> None:
    text, atom = comparison(spec)
    assert isinstance(compile_condition(text, EMPTY), atom)
    wrong = {Kind.NUMBER: '"text"', Kind.TIER: "1.5", Kind.BOOL: "1.0"}.get(spec.kind, "1.0")
    with pytest.raises(RuntimeError, match="no matching overload"):
        environment(EMPTY).compile(f"{spec.name} == {wrong}")
