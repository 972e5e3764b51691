"""holds(rewrite(condition), world, by cells) = holds(condition, world), and only tests are negated."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.worlds import members_world
from tests.property.strategies import COUNTRIES, EVERY_TIER_2, SCOPE, condition_texts, definite
from weightgate.facts.registry import FACTS, Kind
from weightgate.facts.values import Scalar, Value
from weightgate.policy.cel import compile_condition
from weightgate.policy.cells import OrderedCells
from weightgate.policy.cutting import cuts_of
from weightgate.policy.export.rewriting import by_cell, by_country, rewrite
from weightgate.policy.ir import (
    And,
    AtMost,
    Atom,
    Condition,
    Const,
    Contains,
    IsIn,
    Less,
    Not,
    Or,
    atoms,
    holds,
)

TIERS = EVERY_TIER_2 | {"DE": 1, "FR": 1, "CN": 3, "IR": 3}
SHARE = "model.finetune_share"
CUT = {SHARE: OrderedCells((0.25, 0.5, 0.75))}


def cells_of(condition: Condition) -> dict[str, OrderedCells]:
    by_fact: dict[str, list[Atom]] = {}
    for atom in atoms(condition):
        if FACTS[atom.fact].kind in (Kind.NUMBER, Kind.DATE):
            by_fact.setdefault(atom.fact, []).append(atom)
    return {fact: OrderedCells(cuts_of(used)) for fact, used in by_fact.items()}


def is_normal(condition: Condition, inside: type | None = None) -> bool:
    """Whether only tests are negated, nothing stands directly in its like, and no constant in anything."""
    match condition:
        case And(parts) | Or(parts):
            own = type(condition)
            return own is not inside and len(parts) > 1 and all(is_normal(part, own) for part in parts)
        case Not(part):
            return isinstance(part, Less | AtMost | IsIn | Contains)
        case Const():
            return inside is None
        case _:
            return True


@settings(max_examples=150)
@given(condition_texts(), definite())
def test_a_rewritten_condition_holds_in_the_same_worlds(text: str, values: dict[str, Value]) -> None:
    condition = compile_condition(text, SCOPE)
    cells = cells_of(condition)
    countries = rewrite(condition, lambda atom: by_country(atom, TIERS))
    plain = rewrite(countries, lambda atom: by_cell(atom, cells))
    known = members_world(values)
    assert known is not None
    world = dict(known)
    world["destination.tier"] = TIERS[str(world["destination.country"])]
    parts = ("operator.headquarters", "operator.ultimate_parent")
    world["operator.tier"] = max(TIERS[str(world[part])] for part in parts)
    given_to_engine = {f: v for f, v in known.items() if f not in cells}
    for fact, own in cells.items():
        value = known[fact]
        assert not isinstance(value, frozenset)
        given_to_engine[f"{fact}.cell"] = own.cell_of(value)
    assert holds(plain, given_to_engine) == holds(condition, world)
    assert is_normal(plain)
    assert not any(atom.fact.endswith(".tier") for atom in atoms(plain))


@given(st.sampled_from(["destination.tier", "operator.tier"]), st.sets(st.integers(1, 3)), st.data())
def test_a_tier_is_the_strictest_of_its_countries(
    fact: str, wanted: set[Scalar], data: st.DataObject
) -> None:
    tiers = EVERY_TIER_2 | {c: data.draw(st.integers(1, 3)) for c in COUNTRIES}
    parts = {part: data.draw(st.sampled_from([*COUNTRIES, "BR"])) for part in FACTS[fact].derived_from}
    told = by_country(IsIn(fact, tuple(wanted)), tiers)
    assert holds(told, parts) == (max(tiers[c] for c in parts.values()) in wanted)


def test_tests_of_numbers_are_told_by_cells() -> None:
    told: dict[Atom, Condition] = {
        Less(SHARE, 0.25): Less(f"{SHARE}.cell", 1),
        Less(SHARE, 0.0): Const(False),
        AtMost(SHARE, 0.49999999999999994): AtMost(f"{SHARE}.cell", 1),
        IsIn(SHARE, ()): Const(False),
    }
    assert {atom: by_cell(atom, CUT) for atom in told} == told


def test_choices_of_numbers_are_told_by_cells() -> None:
    cells = {SHARE: OrderedCells(cuts_of([IsIn(SHARE, (0.25, 0.75))]))}
    assert by_cell(IsIn(SHARE, (0.25, 0.75)), cells) == IsIn(f"{SHARE}.cell", (1, 3))
    zero = {SHARE: OrderedCells(cuts_of([IsIn(SHARE, (0.0,))]))}
    assert by_cell(IsIn(SHARE, (0.0,)), zero) == IsIn(f"{SHARE}.cell", (0,))
    at_least = rewrite(Not(Less(SHARE, 0.5)), lambda atom: by_cell(atom, CUT))
    assert at_least == Not(Less(f"{SHARE}.cell", 2))


def test_what_is_no_number_stays() -> None:
    plain: list[Atom] = [
        IsIn("model.openness", ("open",)),
        Contains("model.labels", "a"),
        Less("destination.tier", 2),
    ]
    assert [by_cell(atom, {}) for atom in plain] == plain
    assert by_country(Less(SHARE, 0.5), TIERS) == Less(SHARE, 0.5)


def test_negations_move_down_and_likes_join() -> None:
    one, two, three = (Contains("model.labels", name) for name in "abc")
    condition = Not(And((one, Or((two, Not(three))))))
    assert rewrite(condition, lambda atom: atom) == Or((Not(one), And((Not(two), three))))
    assert rewrite(And((one, And((two, three)))), lambda atom: atom) == And((one, two, three))
    assert rewrite(Or((one, one)), lambda atom: atom) == one
