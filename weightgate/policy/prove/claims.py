"""The claims: each looks at every stage, and says in the end whether it held."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from weightgate.policy.builder import leaf_of
from weightgate.policy.days import FOREVER
from weightgate.policy.diagram import FALSE, Ref
from weightgate.policy.examples.example import Example
from weightgate.policy.invariants import Change
from weightgate.policy.pack import Pack
from weightgate.policy.prove.report import Claim, Finding
from weightgate.policy.prove.stage import Look, Stage
from weightgate.policy.prove.walks import beyond, depends, levels_of, loosening, looser, world
from weightgate.policy.prove.witness import Seen, difference, examples, in_order, in_words, verdict_of
from weightgate.policy.reading import Reading
from weightgate.policy.readings import reading_of
from weightgate.policy.verdicts import VERDICTS, Verdict

Held = Claim | Finding

_MEND = "mend the rules, or say less; the cases show what the pack says now"
_APART = "shares and operations are looked at apart, and no figures were found that fit together"


class Watched(ABC):
    """Something to be proved.

    Attributes:
        pack: The pack.
        says: What is to be proved, in words.
        unseen: Whether a stage outgrew a bound before it was looked at.
    """

    def __init__(self, pack: Pack, says: str) -> None:
        self.pack = pack
        self.says = says
        self.unseen = False

    @abstractmethod
    def look(self, stage: Stage, times: int) -> None:
        """Look at one stage, which stands for so many stretches of days and days of knowledge.

        Raises:
            PolicyError: A diagram outgrows its bound.
        """

    @abstractmethod
    def result(self) -> Iterator[Held]:
        """The claim, and what does not hold."""

    def _reading(self, stage: Stage, look: Look) -> Reading:
        return reading_of(self.pack, look.chosen, stage.known_at)


class Invariant(Watched):
    """One invariant that the pack declares."""

    def __init__(self, pack: Pack, index: int, change: Change | None) -> None:
        self.declared = pack.document.invariants[index]
        super().__init__(pack, self.declared.title)
        self.index = index
        self.change = change
        self.asked = self.met = self.moved = False
        self.first: Finding | None = None
        self.failures = 0

    def look(self, stage: Stage, times: int) -> None:
        """Look at every combination of switches; those that are alike once."""
        if self.declared.activity and stage.activity not in self.declared.activity:
            return
        self.asked = True
        broken: dict[tuple[Ref, Ref], bool] = {}
        for look in stage.looks:
            key = look.root, look.given[self.declared.id]
            if key not in broken:
                broken[key] = self._broken(stage, look, *key)
            self.failures += times * broken[key]

    def _broken(self, stage: Stage, look: Look, root: Ref, given: Ref) -> bool:
        if given == FALSE:
            return False
        self.met = True
        worlds = self._worlds(stage, look, root, given)
        if worlds and self.first is None:
            self.first = self._finding(stage, worlds)
        return bool(worlds)

    def _worlds(self, stage: Stage, look: Look, root: Ref, given: Ref) -> list[Seen]:
        """One world that is beyond what is said, or two of which the second is looser; none when all is well."""
        reading = self._reading(stage, look)
        if self.change is None:
            least = leaf_of(VERDICTS[self.declared.at_least]) if self.declared.at_least else 1
            most = (
                leaf_of(VERDICTS[self.declared.at_most]) if self.declared.at_most else leaf_of(Verdict.DENY)
            )
            found = world(stage, beyond(stage, root, given, least, most))
            return [] if found is None else [Seen(found, reading, root, given)]
        self.moved = self.moved or depends(stage, root, levels_of(stage, self.change))
        step = loosening(stage, root, given, self.change)
        return [] if step is None else [Seen(c, reading, root, given) for c in (step.before, step.after)]

    def _finding(self, stage: Stage, worlds: Sequence[Seen]) -> Finding:
        verdicts = [verdict_of(stage, one) for one in worlds]
        shown = examples(stage, worlds)
        declared, name = self.declared, self.declared.id
        if self.change is not None:
            shown = shown and in_order(stage, worlds, shown, self.change)
            changed = difference(*shown) if shown else f"when {self.change}"
            message = f"{name}: with {changed}, {verdicts[0]} becomes {verdicts[1]}"
            notes = [f"{name} does not hold: {changed}, and {verdicts[0]} becomes {verdicts[1]}."] * 2
            names, code = [f"{name}, before the change", f"{name}, after the change"], "loosens"
        else:
            bound = f"at most {declared.at_most}" if declared.at_most else f"at least {declared.at_least}"
            message = f"{name}: found {verdicts[0]}, expected {bound}"
            notes, names = [f"{name} does not hold: expected {bound}."], [f"{name}, counterexample"]
            code = "above" if declared.at_most else "below"
        cases = [] if shown is None else [
            one.case(title, verdict, note=note)
            for one, title, verdict, note in zip(shown, names, verdicts, notes, strict=True)
        ]  # fmt: skip
        if shown is None:
            message += f"; {_APART}"
        return Finding(
            code, name, message, self._where(), _MEND, told(stage, worlds[-1], shown), tuple(cases)
        )

    def result(self) -> Iterator[Held]:
        """Whether it holds, and whether it ever had anything to say."""
        note = ""
        if self.change is not None and self.asked and not self.moved:
            holds = f"whether {self.change.fact} holds {self.change.member}"
            note = f"no verdict depends on {holds if self.change.member else self.change.fact}"
        vacuous = self._vacuous()
        yield Claim(
            "invariant", self.declared.id, self.says, not (self.failures or vacuous or self.unseen), note
        )
        if vacuous:
            hint = "mend its given or its activity, or leave it out"
            yield Finding("vacuous", self.declared.id, f"{self.declared.id}: {vacuous}", self._where(), hint)
        if self.first:
            yield again(self.first, self.failures - 1)

    def _vacuous(self) -> str:
        if self.unseen:
            return ""
        if not self.asked:
            about = " or ".join(self.declared.activity) or "anything"
            return f"the pack has no rule about {about}, so that it says nothing"
        return "" if self.met else "what it is given is never true, so that it says nothing"

    def _where(self) -> str:
        declared = self.declared
        key = next(
            k for k in ("never_loosens_when", "at_most", "at_least") if getattr(declared, k) is not None
        )
        return self.pack.yaml.where("invariants", self.index, key)


class DefaultReading(Watched):
    """That the default of a switch is nowhere looser than another of its readings."""

    def __init__(self, pack: Pack, name: str) -> None:
        self.name = name
        self.default = pack.document.switches[name].default
        super().__init__(
            pack, f"the default of {name}, {self.default}, is nowhere looser than another reading"
        )
        self.first: dict[str, Finding] = {}
        self.failures: dict[str, int] = {}

    def look(self, stage: Stage, times: int) -> None:
        """Compare each combination with the one that differs in this switch alone."""
        by_choice = {tuple(sorted(look.chosen.items())): look for look in stage.looks}
        broken: dict[tuple[Ref, Ref], bool] = {}
        for look in stage.looks:
            other = look.chosen[self.name]
            strict = by_choice.get(tuple(sorted({**look.chosen, self.name: self.default}.items())))
            if other == self.default or strict is None:
                continue
            key = strict.root, look.root
            if key not in broken:
                broken[key] = self._broken(stage, strict, look, other)
            if broken[key]:
                self.failures[other] = self.failures.get(other, 0) + times

    def _broken(self, stage: Stage, strict: Look, look: Look, other: str) -> bool:
        found = world(stage, looser(stage, strict.root, look.root))
        if found is not None and other not in self.first:
            pair = [Seen(found, self._reading(stage, one), one.root, stage.real) for one in (strict, look)]
            self.first[other] = self._finding(stage, pair, other)
        return found is not None

    def _finding(self, stage: Stage, pair: Sequence[Seen], other: str) -> Finding:
        here, there = (verdict_of(stage, one) for one in pair)
        message = f"{self.name}: {self.default}, the default, says {here} where {other} says {there}"
        shown = examples(stage, pair)
        cases = () if shown is None else tuple(
            one.case(f"{self.name} read as {name}", verdict, note=f"The default must not be looser: {message}.")
            for one, name, verdict in zip(shown, (self.default, other), (here, there), strict=True)
        )  # fmt: skip
        where = self.pack.yaml.where("switches", self.name, "default")
        hint = f"let {other} be the default, or split the question"
        return Finding("looser_default", self.name, message, where, hint, told(stage, pair[0], shown), cases)

    def result(self) -> Iterator[Held]:
        """Whether it holds, and the readings that are stricter somewhere."""
        yield Claim("switch", self.name, self.says, not (self.first or self.unseen))
        for other, finding in self.first.items():
            yield again(finding, self.failures[other] - 1)


class Default(Watched):
    """Where no rule applies, and that the default says what holds there. Never a finding: it is stated."""

    def __init__(self, pack: Pack) -> None:
        self.verdict = VERDICTS[pack.document.default.verdict]
        super().__init__(pack, f"where no rule applies, the default says {self.verdict}")
        self.cases: dict[str, tuple[str, str]] = {}
        self.asked: dict[str, None] = {}

    def look(self, stage: Stage, times: int) -> None:  # noqa: ARG002
        """Find a world in which no rule applies, in the first reading that has one."""
        self.asked[stage.activity] = None
        for look in stage.looks if stage.activity not in self.cases else ():
            found = world(stage, look.nowhere)
            if found is not None:
                seen = Seen(found, self._reading(stage, look), look.root, look.nowhere)
                shown = examples(stage, [seen])
                if shown:
                    case = shown[0].case(f"no rule about {stage.activity} applies", self.verdict)
                    self.cases[stage.activity] = in_words(shown[0]), case
                    break

    def result(self) -> Iterator[Held]:
        """For each activity, a world in which the default stands."""
        for activity in self.asked:
            words, *cases = self.cases.get(activity, ("",))
            says = f"{activity}: where no rule applies, the default says {self.verdict}"
            if not cases:
                says = f"{activity}: a rule applies whatever the facts, so that the default never stands"
            yield Claim("default", activity, says, True, f"such as {words}" if words else "", tuple(cases))


def told(stage: Stage, seen: Seen, shown: Sequence[Example] | None) -> dict[str, Any]:
    """Activity, day and reading of a world, for JSON."""
    known = seen.reading.known_at
    return {
        "activity": stage.activity,
        "as_of": shown[-1].as_of if shown else stage.start,
        "known_at": None if known == FOREVER else known,
        "switches": dict(sorted(seen.reading.switches.items())),
    }


def again(finding: Finding, elsewhere: int) -> Finding:
    """The finding, with how often the same does not hold elsewhere."""
    return replace(finding, elsewhere=elsewhere)
