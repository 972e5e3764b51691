"""Which rules apply where, and which facts made them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from weightgate.facts.registry import FACTS, Kind
from weightgate.facts.values import Unknown, Value, allows, choices, hull, one_of
from weightgate.policy.compiled import CompiledRule
from weightgate.policy.diagram import ONLY_TRUE, explored
from weightgate.policy.joint import Component
from weightgate.policy.tiers import computed_tier
from weightgate.policy.verdicts import Verdict


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


def applied(components: Sequence[Component], defaults: Mapping[str, Verdict]) -> list[Applied]:
    """Every rule that applies somewhere, strictest first; places where it does so for the same facts are joined.

    Args:
        components: The packs at the places.
        defaults: Each pack's verdict where no rule applies.
    """
    found = [one for component in components for one in _at(component, defaults[component.pack])]
    if len(components) > 1:
        found = _joined(found)
    return sorted(found, key=lambda one: (-one.verdict, not one.certain))


def _joined(each: Iterable[Applied]) -> list[Applied]:
    found: dict[tuple[object, ...], Applied] = {}
    for one in each:
        key = (one.pack, one.rule and (one.rule.id, one.rule.by_licence), one.certain, one.because)
        earlier = found.get(key)
        found[key] = one._replace(places=(*earlier.places, *one.places)) if earlier else one
    return list(found.values())


def _at(component: Component, default: Verdict) -> list[Applied]:
    rules, masks, place = component.rules, component.masks, (component.place,)
    level, kids = rules.level, rules.kids
    known: dict[str, Value] = {}
    found = []
    for rule in rules.rules:
        outcome, tested = explored(level, kids, rule.root, masks)
        if outcome & ONLY_TRUE:
            because = _because(component, tested, rule.facts, known)
            found.append(Applied(component.pack, rule, rule.verdict, outcome == ONLY_TRUE, place, because))
    outcome, tested = explored(level, kids, rules.default, masks)
    if outcome & ONLY_TRUE:
        because = _because(component, tested, rules.mentioned, known)
        found.append(Applied(component.pack, None, default, outcome == ONLY_TRUE, place, because))
    return found


def _because(
    component: Component, tested: int, mentioned: Iterable[str], known: dict[str, Value]
) -> tuple[tuple[str, Value], ...]:
    """The mentioned facts that were tested on the way and of which something is known.

    Args:
        component: The pack at the place.
        tested: The variables that were tested, as a bit mask.
        mentioned: The facts to choose from, in order.
        known: What is known of facts there, as far as it was already worked out.
    """
    levels = component.rules.levels
    because = []
    for fact in mentioned:
        if levels[fact] & tested:
            value = known.get(fact)
            if value is None:
                value = known[fact] = shown(component, fact)
            if not isinstance(value, Unknown):
                because.append((fact, value))
    return tuple(because)


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
