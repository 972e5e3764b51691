"""Switches whose readings change nothing, or only the reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from weightgate.policy.diagram import FALSE
from weightgate.policy.lint.findings import Finding, at, at_key
from weightgate.policy.lint.verdicts import Look, Together
from weightgate.policy.lint.views import View
from weightgate.policy.pack import Pack

Key = tuple[str, str, bool, tuple[tuple[str, str], ...]]
"""Day, activity, whether only what was in force counts, and the reading of each switch."""


def switch_findings(pack: Pack, looks: Sequence[Look], used: frozenset[str]) -> Iterator[Finding]:
    """Readings that never differ from the default in a verdict, whatever the other switches are set to.

    Args:
        pack: The pack.
        looks: All its views.
        used: The names that conditions use; of a switch that none does, that much is said elsewhere.
    """
    by_key = {_key(view, {}): one for view, one in looks}
    for name, switch in pack.document.switches.items():
        if f"switches.{name}" not in used:
            continue
        for reading in switch.readings:
            if reading == switch.default:
                continue
            pairs = [
                (one, by_key[_key(view, {name: switch.default})])
                for view, one in looks
                if view.reading.switches[name] == reading
            ]
            if all(one.verdict == other.verdict for one, other in pairs):
                idle = all(one.rules == other.rules for one, other in pairs)
                changes = "nothing" if idle else "no verdict, only which rules apply"
                message = f"{name}: {reading} changes {changes}, against {switch.default}"
                code = "idle_switch" if idle else "switch_of_reasons"
                yield at_key(pack.yaml, code, message, ("switches", name, "readings", reading))
            elif any(_stricter(one, other) for one, other in _distinct(pairs)):
                message = f"{name}: {switch.default}, the default, is looser for some facts than {reading}"
                hint = f"let the strict reading be the default; policy prove {pack.document.name} shows the facts"
                yield at(pack.yaml, "looser_default", message, ("switches", name, "default"), hint=hint)


def _distinct(pairs: Iterable[tuple[Together, Together]]) -> Iterable[tuple[Together, Together]]:
    """Pairs whose verdicts differ, those that are alike once."""
    return {
        (id(one.diagram), one.verdict, other.verdict): (one, other)
        for one, other in pairs
        if one.verdict != other.verdict
    }.values()


def _stricter(one: Together, other: Together) -> bool:
    """Whether the verdict of one is somewhere stricter than that of another."""
    return one.diagram.apply(lambda a, b: int(a > b), one.verdict, other.verdict) != FALSE


def _key(view: View, changed: Mapping[str, str]) -> Key:
    reading = view.reading
    chosen = {**reading.switches, **changed}
    return view.day, view.activity, reading.in_force, tuple(sorted(chosen.items()))
