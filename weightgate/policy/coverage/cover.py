"""Going through the cases of a pack, and noting what each of them shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from weightgate.policy.cases import Readings, values_of
from weightgate.policy.cases_file import PolicyCase
from weightgate.policy.compiled import CompiledActivity
from weightgate.policy.coverage.atoms import AtomsSeen
from weightgate.policy.coverage.covered import Coverage, Covered
from weightgate.policy.coverage.leaves import LeavesSeen
from weightgate.policy.diagram import ONLY_FALSE, ONLY_TRUE, Ref, leaves

_BOTH = frozenset({True, False})


def cover(readings: Readings, cases: Iterable[PolicyCase]) -> Coverage:
    """What cases show of a pack.

    Args:
        readings: The pack.
        cases: Cases that it evaluates, passed or not.
    """
    pack, compiled = readings.pack, readings.as_written
    atoms = AtomsSeen(pack)
    leaves_of = LeavesSeen(pack, compiled)
    rules: dict[str, set[bool]] = {rule.id: set() for rule in pack.document.rules}
    visited: dict[int, set[Ref]] = {}
    for case in cases:
        span = readings.of(case).at(case.as_of)
        if span is None or case.activity not in span.activities:
            continue
        about = span.activities[case.activity]
        masks = about.masks(values_of(case, span))
        applies = _applies(about, masks)
        for rule, outcome in applies.items():
            if outcome in (ONLY_FALSE, ONLY_TRUE) and rule in rules:
                rules[rule].add(outcome == ONLY_TRUE)
        leaves_of.reach(case.activity, about, masks)
        atoms.ask(case)
        visited.setdefault(id(about), set()).update(_known_way(about, masks))
    distinct = {id(a): a for span in compiled.spans for a in span.activities.values()}
    return Coverage(
        tuple(
            Covered("rule", rule.id, pack.yaml.where("rules", i, "id"), frozenset(rules[rule.id]), _BOTH)
            for i, rule in enumerate(pack.document.rules)
        ),
        atoms.covered(),
        leaves_of.covered(),
        sum(len(_below(one)) for one in distinct.values()),
        sum(len(visited.get(key, ())) for key in distinct),
    )


def _applies(about: CompiledActivity, masks: Sequence[int]) -> dict[str, int]:
    """For each rule, whether it applies: in no world, in every world, or in some; lifted by a licence or not."""
    found: dict[str, int] = {}
    for rule in about.rules:
        outcome = leaves(about.level, about.kids, rule.root, masks)
        before = found.get(rule.id, ONLY_FALSE)
        # A rule that asks for a licence is there twice, and applies where one of the two does.
        found[rule.id] = max(before, outcome) if ONLY_FALSE in (before, outcome) else ONLY_TRUE | ONLY_FALSE
    return found


def _known_way(about: CompiledActivity, masks: Sequence[int]) -> Iterator[Ref]:
    """The nodes from the root on, as long as the variables that they test are known."""
    ref = about.root
    while ref >= 0:
        yield ref
        mask = masks[about.level[ref]]
        if mask & (mask - 1):
            return
        ref = about.kids[ref][mask.bit_length() - 1]


def _below(about: CompiledActivity) -> set[Ref]:
    """The nodes of a verdict's diagram."""
    seen = {about.root} if about.root >= 0 else set()
    stack = list(seen)
    while stack:
        for kid in about.kids[stack.pop()]:
            if kid >= 0 and kid not in seen:
                seen.add(kid)
                stack.append(kid)
    return seen
