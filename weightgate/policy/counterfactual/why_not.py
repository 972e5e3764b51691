"""Why a verdict does not come out: which rules stand in its way, and what kept others from applying.

That a rule applies is put down to as few facts as make it so: each is one without which, were nothing known of it, the
rule might not apply. That a rule does not apply is put down to the fewest facts that would have to be otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from weightgate.facts.registry import FACTS
from weightgate.facts.values import Scalar, Value
from weightgate.facts.words import value_text
from weightgate.policy.builder import Builder
from weightgate.policy.cells import (
    Cells,
    MemberCells,
    NamedCells,
    OrderedCells,
    TierCells,
    decode_cells,
)
from weightgate.policy.compiled import CompiledRule, Variable
from weightgate.policy.diagram import ONLY_TRUE, TRUE, Ref, leaves
from weightgate.policy.ir import Condition
from weightgate.policy.joint import Component
from weightgate.policy.reasons import shown
from weightgate.policy.verdicts import Verdict

_FAR = 1 << 30


class Needed(NamedTuple):
    """A fact that would have to be otherwise.

    Attributes:
        fact: Name in the facts table.
        value: What is known of it.
        cells: The cells in which it would have to lie, and which they are.
    """

    fact: str
    value: Value
    cells: tuple[tuple[Cells, tuple[int, ...]], ...]


class InTheWay(NamedTuple):
    """A rule that applies at a place and is stricter than the verdict asked about.

    Attributes:
        pack: The pack's name.
        rule: The rule; ``None`` where the pack's default stands, since no rule applies.
        verdict: What it says.
        certain: Whether it applies in every world that is possible.
        place: Index of the place.
        because: The facts that make it apply; those not known among them leave it open.
        exemption: What kept its exemption from applying; empty when it has none.
    """

    pack: str
    rule: CompiledRule | None
    verdict: Verdict
    certain: bool
    place: int
    because: tuple[tuple[str, Value], ...]
    exemption: tuple[Needed, ...]


class Kept(NamedTuple):
    """A rule that would bring about the verdict asked about, and does not certainly apply.

    Attributes:
        pack: The pack's name.
        rule: The rule.
        possible: Whether it applies in some world that is possible.
        place: Index of the place.
        by: The facts that kept it from applying.
    """

    pack: str
    rule: CompiledRule
    possible: bool
    place: int
    by: tuple[Needed, ...]


def in_the_way(
    component: Component, default: Verdict, asked: Verdict, exemptions: Mapping[str, Condition]
) -> list[InTheWay]:
    """The rules of one pack at one place that apply, certainly or possibly, and are stricter than the verdict asked about.

    Args:
        component: The pack at the place.
        default: Its verdict where no rule applies.
        asked: The verdict asked about.
        exemptions: The ``unless`` of its rules, by their identifiers.
    """
    rules, found = component.rules, []
    for rule in rules.rules:
        outcome = leaves(rules.level, rules.kids, rule.root, component.masks)
        if rule.verdict > asked and outcome & ONLY_TRUE:
            exempt = exemptions.get(rule.id)
            found.append(
                InTheWay(
                    component.pack, rule, rule.verdict, outcome == ONLY_TRUE, component.place,
                    _because(component, rule), _exemption(component, exempt) if exempt else (),
                )
            )  # fmt: skip
    outcome = leaves(rules.level, rules.kids, rules.default, component.masks)
    if default > asked and outcome & ONLY_TRUE:
        certain = outcome == ONLY_TRUE
        found.append(InTheWay(component.pack, None, default, certain, component.place, (), ()))
    return found


def kept(component: Component, wanted: Callable[[CompiledRule], bool]) -> list[Kept]:
    """The rules of one pack at one place that are wanted and do not certainly apply, those first that lack the least."""
    rules, found = component.rules, []
    for rule in rules.rules:
        outcome = leaves(rules.level, rules.kids, rule.root, component.masks)
        if outcome != ONLY_TRUE and wanted(rule):
            by = _nearest(component, rules.variables, rules.level, rules.kids, rule.root, component.masks)
            if by:
                found.append(Kept(component.pack, rule, bool(outcome & ONLY_TRUE), component.place, by))
    return sorted(found, key=lambda one: len(one.by))


def _because(component: Component, rule: CompiledRule) -> tuple[tuple[str, Value], ...]:
    """As few of the facts that a rule mentions as make it apply."""
    rules = component.rules
    masks = list(component.masks)
    for level, cell in _way(rules.variables, rules.level, rules.kids, rule.root, masks):
        masks[level] = 1 << cell
    levels = {f: [i for i, v in enumerate(rules.variables) if v.fact == f] for f in _tested(component)}
    for fact in reversed(list(levels)):
        freed = list(masks)
        for level in levels[fact]:
            freed[level] = rules.variables[level].cells.everything
        if leaves(rules.level, rules.kids, rule.root, freed) == ONLY_TRUE:
            masks = freed
            del levels[fact]
    return tuple(
        (fact, shown(component, fact))
        for fact in rule.facts
        if {fact, *FACTS[fact].derived_from} & set(levels)
    )


def _tested(component: Component) -> list[str]:
    return list(dict.fromkeys(v.fact for v in component.rules.variables))


def _exemption(component: Component, exempt: Condition) -> tuple[Needed, ...]:
    """What kept a rule's exemption from applying."""
    builder = Builder([exempt], dict(component.tiers))
    root = builder.build(exempt)
    masks = [variable.mask_among(component.values) for variable in builder.variables]
    return _nearest(component, builder.variables, builder.diagram.level, builder.diagram.kids, root, masks)


def _nearest(
    component: Component,
    variables: Sequence[Variable],
    level: Sequence[int],
    kids: Sequence[tuple[Ref, ...]],
    root: Ref,
    masks: Sequence[int],
) -> tuple[Needed, ...]:
    """The fewest facts that would have to be otherwise, or known, for a condition to hold; empty if it never can."""
    found: dict[str, list[tuple[Cells, tuple[int, ...]]]] = {}
    node = root
    for at, cell in _way(variables, level, kids, root, masks):
        child = kids[node][cell]
        same = [c for c, kid in enumerate(kids[node]) if kid == child]
        if masks[at] != 1 << cell:
            found.setdefault(variables[at].fact, []).append((variables[at].cells, tuple(same)))
        node = child
    return tuple(Needed(fact, shown(component, fact), tuple(cells)) for fact, cells in found.items())


def _way(
    variables: Sequence[Variable],
    level: Sequence[int],
    kids: Sequence[tuple[Ref, ...]],
    root: Ref,
    masks: Sequence[int],
) -> list[tuple[int, int]]:
    """The way to "true" on which the fewest variables leave their masks, as (level, cell); empty if there is none."""
    cost: dict[Ref, tuple[int, int]] = {}

    def of(ref: Ref) -> int:
        return (0 if ref == TRUE else _FAR) if ref < 0 else cost[ref][0]

    stack = [root] if root >= 0 else []
    while stack:
        node = stack[-1]
        waiting = [kid for kid in kids[node] if kid >= 0 and kid not in cost]
        if waiting and node not in cost:
            stack += waiting
            continue
        stack.pop()
        at = level[node]
        # Whether a tier was declared is no fact of its own.
        leaving = _FAR if isinstance(variables[at].cells, TierCells) else 1
        cost[node] = min(
            (min(of(kid) + (0 if masks[at] >> cell & 1 else leaving), _FAR), cell)
            for cell, kid in enumerate(kids[node])
        )
    way, node = [], root
    while node >= 0 and cost[node][0] < _FAR:
        cell = cost[node][1]
        way.append((level[node], cell))
        node = kids[node][cell]
    return way


def names_in(cells: Cells, chosen: Sequence[int]) -> tuple[Scalar, ...]:
    """The names in some cells; none where cells hold none, or where one holds what no rule names."""
    if not isinstance(cells, NamedCells) or not all(cells.groups[cell] for cell in chosen):
        return ()
    return tuple(name for cell in chosen for name in cells.groups[cell])


def label_of(cells: Cells, chosen: Sequence[int]) -> str:
    """Several cells of one fact, in words."""
    if isinstance(cells, OrderedCells):
        low, high = min(chosen), max(chosen)
        if len(chosen) == high - low + 1:
            ends = [cut for index, cut in enumerate(cells.cuts) if index in (low - 1, high)]
            return decode_cells(OrderedCells.kind, ends).label(int(low > 0))
    if isinstance(cells, MemberCells):
        return cells.labels[chosen[-1]]
    names = names_in(cells, chosen)
    shown_names = tuple(value_text(name) for name in names)
    return (
        NamedCells((shown_names,)).label(0) if names else " or ".join(cells.labels[cell] for cell in chosen)
    )


__all__ = ["InTheWay", "Kept", "Needed", "in_the_way", "kept", "label_of", "names_in"]
