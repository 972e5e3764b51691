"""Which rules apply where, and which facts made them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from weightgate.facts.registry import FACTS, Kind
from weightgate.facts.values import Unknown, Value, allows, choices, hull, one_of
from weightgate.policy.compiled import CompiledRule
from weightgate.policy.diagram import Ref, leaves, visited
from weightgate.policy.joint import Component
from weightgate.policy.tiers import computed_tier
from weightgate.policy.verdicts import Verdict

_APPLIES = 2  # the mask of the single leaf "true"


class Applied(NamedTuple):
    """A rule that applies, certainly or possibly, at some places.

    Attributes:
        pack: The pack's name.
        rule: The rule; ``None`` where no rule applies and the pack's default stands.
        verdict: What it says.
        certain: Whether it applies in every world that is possible.
        places: Indexes of the places.
        because: The facts that made it apply, with what is known of them there.
    """

    pack: str
    rule: CompiledRule | None
    verdict: Verdict
    certain: bool
    places: tuple[int, ...]
    because: tuple[tuple[str, Value], ...]


def applied(components: Iterable[Component], defaults: dict[str, Verdict]) -> list[Applied]:
    """Every rule that applies somewhere, strictest first; places where it does so for the same facts are joined.

    Args:
        components: The packs at the places.
        defaults: Each pack's verdict where no rule applies.
    """
    found: dict[tuple[object, ...], Applied] = {}
    for component in components:
        for one in _at(component, defaults[component.pack]):
            key = (one.pack, one.rule and (one.rule.id, one.rule.by_licence), one.certain, one.because)
            earlier = found.get(key)
            places = (*earlier.places, *one.places) if earlier else one.places
            found[key] = Applied(one.pack, one.rule, one.verdict, one.certain, places, one.because)
    return sorted(found.values(), key=lambda one: (-one.verdict, not one.certain))


def _at(component: Component, default: Verdict) -> list[Applied]:
    rules, masks, place = component.rules, component.masks, (component.place,)
    found = []
    for rule in rules.rules:
        outcome = leaves(rules.level, rules.kids, rule.root, masks)
        if outcome & _APPLIES:
            because = _because(component, rule.root, rule.facts)
            found.append(Applied(component.pack, rule, rule.verdict, outcome == _APPLIES, place, because))
    outcome = leaves(rules.level, rules.kids, rules.default, masks)
    if outcome & _APPLIES:
        because = _because(
            component, rules.default, tuple(dict.fromkeys(f for r in rules.rules for f in r.facts))
        )
        found.append(Applied(component.pack, None, default, outcome == _APPLIES, place, because))
    return found


def _because(component: Component, root: Ref, mentioned: Sequence[str]) -> tuple[tuple[str, Value], ...]:
    """The mentioned facts that were tested on the way and of which something is known."""
    rules = component.rules
    tested = {
        rules.variables[level].fact for level in visited(rules.level, rules.kids, root, component.masks)
    }
    values = [
        (fact, shown(component, fact)) for fact in mentioned if tested & {fact, *FACTS[fact].derived_from}
    ]
    return tuple((fact, value) for fact, value in values if not isinstance(value, Unknown))


def shown(component: Component, fact: str) -> Value:
    """What is known of a fact at a component's place, tiers worked out from the pack's table."""
    value = component.values.get(fact)
    if FACTS[fact].kind is not Kind.TIER:
        return value or Unknown()
    computed = computed_tier(fact, component.values, component.tiers)
    if value is None:
        return computed
    declared = one_of([tier for tier in choices(value) if tier])
    return hull(computed, declared) if allows(value, 0) else declared
