"""What the diagrams of the rules show: rules that never apply, never count, or say what another says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from weightgate.facts.registry import FACTS, Kind
from weightgate.policy.builder import LICENSE
from weightgate.policy.diagram import FALSE, Ref
from weightgate.policy.ir import atoms, facts_in
from weightgate.policy.lint.findings import Finding, at
from weightgate.policy.lint.verdicts import Look, Together
from weightgate.policy.lint.views import world_of
from weightgate.policy.pack import Pack
from weightgate.policy.verdicts import VERDICTS, Verdict

MAX_COMPARED = 20_000
"""Comparisons of two rules in one view that are made to find contained ones; beyond, a rule is kept for its reasons."""


class Rules:
    """What becomes of each rule over all views."""

    def __init__(self, pack: Pack, looks: Sequence[Look]) -> None:
        self.pack = pack
        self.looks = looks
        self.distinct = list(dict.fromkeys(one for _, one in looks))
        self.rules = pack.document.rules
        self.default = VERDICTS[pack.document.default.verdict]
        self.applies: dict[int, set[str]] = {i: set() for i in range(len(self.rules))}
        self.matters: set[int] = set()
        self.agrees: set[int] = set()
        self._compared = 0
        for view, one in looks:
            for i, ref in one.rules.items():
                if ref != FALSE:
                    self.applies[i].add(view.activity)
        for one in self.distinct:
            self._look(one)

    def _look(self, one: Together) -> None:
        self.matters |= {i for i in one.rules.keys() - self.matters if one.matters(i)}
        self.agrees |= {i for i in one.rules.keys() - self.matters - self.agrees if one.agrees(i)}

    def findings(self) -> Iterator[Finding]:
        """Everything that the diagrams show of the rules."""
        yield from self._never()
        yield from self._not_lifted()
        yield from self._ratios()
        yield from self._idle()

    def _at(self, code: str, message: str, index: int, *key: str | int) -> Finding:
        return at(self.pack.yaml, code, message, ("rules", index, *key), rule=self.rules[index].id)

    def _never(self) -> Iterator[Finding]:
        in_force = {i for one in self.distinct for i in one.rules}
        for i, rule in enumerate(self.rules):
            if i not in in_force:
                message = f"{rule.id} is in force on no day since the pack begins, on {self.pack.begins}"
                yield self._at("never_true", message, i, "id")
            elif not self.applies[i]:
                yield self._at("never_true", f"the condition of {rule.id} is never true", i, "when")
            else:
                for j, activity in enumerate(rule.activity):
                    if activity not in self.applies[i]:
                        message = f"the condition of {rule.id} is never true for {activity}"
                        yield self._at("idle_activity", message, i, "activity", j)

    def _not_lifted(self) -> Iterator[Finding]:
        """Only a condition that tests for a LICENSE, or a default, can keep a licence from lifting what asks for it."""
        if self.default is Verdict.LICENSE_REQUIRED:
            worlds = ((one, one.not_lifted(one.nowhere)) for one in self.distinct)
            stays = next((self._stays("the default", *world) for world in worlds if world[1] != FALSE), None)
            if stays:
                yield at(self.pack.yaml, "not_lifted", stays, ("default", "verdict"))
        testing = [
            one for view, one in self.looks if any(LICENSE in atoms(c) for c in view.conditions.values())
        ]
        for i, rule in enumerate(self.rules):
            if testing and rule.verdict == str(Verdict.LICENSE_REQUIRED):
                worlds = ((one, one.not_lifted(one.rules.get(i, FALSE))) for one in dict.fromkeys(testing))
                stays = next((self._stays(rule.id, *world) for world in worlds if world[1] != FALSE), None)
                if stays:
                    yield self._at("not_lifted", stays, i, "verdict")

    def _stays(self, what: str, one: Together, where: Ref) -> str:
        facts = world_of(one.builder, where)
        return f"{what} asks for a licence, and with one the verdict is no looser, where {facts}"

    def _ratios(self) -> Iterator[Finding]:
        found: dict[tuple[int, str], list[str]] = {}
        for view, _ in self.looks:
            for i, condition in view.conditions.items():
                facts = facts_in(condition)
                for ratio in (f for f in facts if FACTS[f].kind is Kind.NUMBER):
                    beside = [part for part in FACTS[ratio].derived_from if part in facts]
                    if beside:
                        found.setdefault((i, ratio), beside)
        for (i, ratio), beside in found.items():
            message = f"{self.rules[i].id} compares {ratio} beside {' and '.join(beside)}"
            yield self._at("ratio_beside_parts", message, i, "when")

    def _idle(self) -> Iterator[Finding]:
        """Rules without which every verdict would be the same."""
        alike: dict[object, list[int]] = {}
        for i, rule in enumerate(self.rules):
            if i not in self.matters and self.applies[i]:
                refs = tuple(one.rules.get(i) for one in self.distinct)
                alike.setdefault((rule.verdict, tuple(rule.conditions), refs), []).append(i)
        for first, *others in alike.values():
            for i in others:
                other = f"{self.rules[first].id}, at {self.pack.yaml.where('rules', first, 'id')}"
                yield self._at("same_rule", f"{self.rules[i].id} says the same as {other}", i, "id")
            if not others:
                yield self._alone(first)

    def _alone(self, i: int) -> Finding:
        """What to say of a rule without which every verdict would be the same, and that says what no other does."""
        rule = self.rules[i]
        if i not in self.agrees:
            message = f"wherever {rule.id} applies, a rule stricter than {rule.verdict} applies too"
            return self._at("always_overruled", message, i, "verdict")
        around = next((j for j in range(len(self.rules)) if self._contains(j, i)), None)
        if around is not None:
            message = f"wherever {rule.id} applies, {self.rules[around].id} says {rule.verdict} too"
            return self._at("contained_rule", message, i, "when")
        message = f"without {rule.id} every verdict would be the same"
        return self._at("kept_for_its_reasons", message, i, "id")

    def _contains(self, outer: int, inner: int) -> bool:
        """Whether a rule applies wherever another of the same verdict does."""
        if outer == inner or self.rules[outer].verdict != self.rules[inner].verdict:
            return False
        return all(
            self._covers(one, outer, inner) for one in self.distinct if one.rules.get(inner, FALSE) != FALSE
        )

    def _covers(self, one: Together, outer: int, inner: int) -> bool:
        self._compared += 1
        rules = one.rules
        return (
            self._compared <= MAX_COMPARED
            and outer in rules
            and one.diagram.all_of((rules[inner], rules[outer])) == rules[inner]
        )
