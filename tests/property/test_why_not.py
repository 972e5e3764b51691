"""rule(knowledge without all but *because*) = yes; rule(knowledge, changed as *kept* says) = yes, and no less will do."""

from __future__ import annotations

from hypothesis import given

from tests.property.strategies import RandomPack, definite, packs, partly
from weightgate.facts.registry import FACTS
from weightgate.facts.values import Value
from weightgate.policy.cells import TierCells
from weightgate.policy.compiled import CompiledActivity, CompiledRule
from weightgate.policy.counterfactual.why_not import Kept, in_the_way, kept, label_of
from weightgate.policy.diagram import leaves
from weightgate.policy.joint import Component
from weightgate.policy.verdicts import Verdict

NO, YES, EITHER = 1, 2, 3


def whole_of(pack: RandomPack, values: dict[str, Value]) -> Component:
    """The pack at a place, with its table of tiers."""
    return Component("pack", 0, pack.compiled, values, pack.tiers)


def outcome(rules: CompiledActivity, rule: CompiledRule, masks: list[int]) -> int:
    """Whether a rule applies, as a mask."""
    return leaves(rules.level, rules.kids, rule.root, masks)


def changed(pack: RandomPack, one: Kept, masks: list[int]) -> list[int]:
    """The masks once what kept a rule from applying is otherwise."""
    found = list(masks)
    for fact in one.by:
        chosen = {id(cells): names for cells, names in fact.cells}
        for level, variable in enumerate(pack.compiled.variables):
            if variable.fact == fact.fact and id(variable.cells) in chosen:
                found[level] = sum(1 << cell for cell in chosen[id(variable.cells)])
    return found


@given(packs(), definite())
def test_a_rule_that_was_kept_applies_once_that_is_otherwise(
    pack: RandomPack, values: dict[str, Value]
) -> None:
    whole = whole_of(pack, values)
    listed = kept(whole, lambda _: True)
    for one in listed:
        assert outcome(pack.compiled, one.rule, whole.masks) == NO
        assert not one.possible
        assert outcome(pack.compiled, one.rule, changed(pack, one, whole.masks)) == YES
    assert [len(one.by) for one in listed] == sorted(len(one.by) for one in listed)


@given(packs(), definite())
def test_no_less_would_do(pack: RandomPack, values: dict[str, Value]) -> None:
    whole = whole_of(pack, values)
    for one in kept(whole, lambda _: True):
        if sum(len(fact.cells) for fact in one.by) > 1:
            for level, variable in enumerate(pack.compiled.variables):
                if not isinstance(variable.cells, TierCells):
                    masks = list(whole.masks)
                    masks[level] = variable.cells.everything
                    assert outcome(pack.compiled, one.rule, masks) == NO


@given(packs(), definite())
def test_the_facts_that_made_a_rule_apply_are_enough(pack: RandomPack, values: dict[str, Value]) -> None:
    whole = whole_of(pack, values)
    for one in in_the_way(whole, Verdict.ALLOW, Verdict.ALLOW, {}):
        if one.rule is None:
            continue
        named = {fact for fact, _ in one.because}
        if one.rule.by_licence or one.verdict is Verdict.LICENSE_REQUIRED:
            named.add(
                "operator.authorizations"
            )  # whether a licence lifts it is no part of the rule's own text
        parts = {part for fact in named for part in (fact, *FACTS[fact].derived_from)}
        masks = [
            mask
            if variable.fact in parts or isinstance(variable.cells, TierCells)
            else variable.cells.everything
            for mask, variable in zip(whole.masks, pack.compiled.variables, strict=True)
        ]
        assert outcome(pack.compiled, one.rule, masks) == YES


@given(packs(3), partly(3))
def test_what_stands_in_the_way_and_what_was_kept_are_told_apart(
    pack: RandomPack, values: dict[str, Value]
) -> None:
    whole = whole_of(pack, values)
    for one in in_the_way(whole, Verdict.ALLOW, Verdict.ALLOW, {}):
        if one.rule is not None:
            assert outcome(pack.compiled, one.rule, whole.masks) == (YES if one.certain else EITHER)
            assert one.verdict > Verdict.ALLOW
    for held in kept(whole, lambda rule: rule.verdict is Verdict.ALLOW):
        assert held.rule.verdict is Verdict.ALLOW
        assert outcome(pack.compiled, held.rule, whole.masks) == (EITHER if held.possible else NO)
        for fact in held.by:
            assert all(label_of(cells, chosen) for cells, chosen in fact.cells)
