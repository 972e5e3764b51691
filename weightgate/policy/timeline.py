"""``policy show --timeline``: what a pack says of a case on every day, from each day on which that changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from weightgate.errors import InputError
from weightgate.policy.cases import Readings, evaluates, values_of, vocabulary
from weightgate.policy.cases_file import NO_RULE, PolicyCase, read_cases
from weightgate.policy.cells import OrderedCells
from weightgate.policy.compiled import CompiledPack
from weightgate.policy.days import FOREVER, day_before
from weightgate.policy.joint import Component, settle
from weightgate.policy.pack import Pack
from weightgate.policy.reading import Reading
from weightgate.policy.reasons import applied
from weightgate.policy.source import PackSource
from weightgate.policy.verdicts import SILENT, VERDICTS
from weightgate.policy.verdicts import settle as settle_verdict
from weightgate.records import record


@record
class Stretch:
    """Days on which a pack says the same of a case.

    Attributes:
        start: First day.
        end: Last day; :data:`FOREVER` when it goes on.
        verdict: The one word, or :data:`SILENT`.
        rules: Rules that certainly or possibly apply with the strictest verdict among them.
        status: What the pack's text is worth on the first day.
    """

    start: str
    end: str
    verdict: str
    rules: tuple[str, ...]
    status: str

    def to_json(self) -> dict[str, Any]:
        """The stretch as a JSON object; ``until`` is null when it goes on."""
        return {
            "from": self.start,
            "until": None if self.end == FOREVER else self.end,
            "verdict": self.verdict,
            "rules": list(self.rules),
            "status": self.status,
        }


@record
class CaseOverTime:
    """A case, with what a pack says of it on every day.

    Attributes:
        name: The case's name.
        known_at: The day as of which the pack is read; :data:`FOREVER` when everything is known.
        stretches: From the pack's first day on; nothing when it was not known.
    """

    name: str
    known_at: str
    stretches: tuple[Stretch, ...]

    def to_json(self) -> dict[str, Any]:
        """The case as a JSON object."""
        return {"name": self.name, "timeline": [one.to_json() for one in self.stretches]}


@record
class Timelines:
    """What a pack says of cases over time.

    Attributes:
        pack: The pack's name.
        version: Its version.
        title: One line.
        first_known: The day on which something of it first became known.
        cases: The cases, in the files' order.
    """

    pack: str
    version: str
    title: str
    first_known: str
    cases: tuple[CaseOverTime, ...]


def timelines(
    source: PackSource, files: Sequence[Path], chosen: Iterable[str] = (), known_at: str = ""
) -> Timelines:
    """What a pack says of cases over time.

    Args:
        source: The pack.
        files: Files of cases, which need not say what they expect.
        chosen: Parts of the names of the cases wanted; nothing for all of them.
        known_at: Read the pack as known that day, whatever a case says; empty for each case's own.

    Raises:
        PolicyError: The pack does not load.
        InputError: A file does not load, or no case has a name that was asked for.
    """
    pack = Pack(source)
    readings = Readings(pack)
    cases = _chosen(read_cases(files, vocabulary(pack), expecting=False), tuple(chosen))
    if known_at:
        cases = [replace(c, reading=Reading(known_at, c.reading.switches, c.reading.in_force)) for c in cases]
    found = (CaseOverTime(c.name, c.reading.known_at, stretches(pack, readings.of(c), c)) for c in cases)
    document = pack.document
    first = next(iter(pack.known), FOREVER)
    return Timelines(document.name, document.version, document.title, first, tuple(found))


def stretches(pack: Pack, compiled: CompiledPack, case: PolicyCase) -> tuple[Stretch, ...]:
    """What a pack says of one case over time, from its first day."""
    found: list[Stretch] = []
    days = _days(compiled)
    for start, following in zip(days, [*days[1:], ""], strict=False):
        end = day_before(following) if following else FOREVER
        one = _on(pack, compiled, replace(case, as_of=start), end)
        if found and (found[-1].verdict, found[-1].rules) == (one.verdict, one.rules):
            found[-1] = replace(found[-1], end=end)
        else:
            found.append(one)
    return tuple(found)


def _chosen(cases: list[PolicyCase], parts: tuple[str, ...]) -> list[PolicyCase]:
    found = [case for case in cases if not parts or any(part.lower() in case.name.lower() for part in parts)]
    if not found:
        names = "; ".join(case.name for case in cases[:5])
        raise InputError(
            f"no case has {' or '.join(map(repr, parts))} in its name", where="--case", hint=f"there are: {names}",
            code="unknown_case",
        )  # fmt: skip
    return found


def _days(compiled: CompiledPack) -> list[str]:
    """Every day on which something in the pack changes, also that which a rule compares with the day itself."""
    if not compiled.spans:
        return []
    first = compiled.spans[0].start
    days = {span.start for span in compiled.spans}
    for span in compiled.spans:
        for rules in span.activities.values():
            for variable in rules.variables:
                if variable.fact == "as_of" and isinstance(variable.cells, OrderedCells):
                    days |= {str(cut) for cut in variable.cells.cuts}
    days |= {str(row["from"]) for row in compiled.status}
    return sorted(day for day in days if day >= first)


def _on(pack: Pack, compiled: CompiledPack, case: PolicyCase, end: str) -> Stretch:
    status = compiled.status_at(case.as_of)
    word = str(status["status"]) if status else "not begun"
    span = compiled.at(case.as_of)
    if span is None or not evaluates(compiled, case):
        return Stretch(case.as_of, end, SILENT, (), word)
    component = Component(compiled.name, 0, span.activities[case.activity], values_of(case, span), span.tiers)
    settled = settle([component])
    reasons = applied([component], {component.pack: VERDICTS[pack.document.default.verdict]})
    strictest = max((one.verdict for one in reasons), default=None)
    rules = (one.rule.id if one.rule else NO_RULE for one in reasons if one.verdict == strictest)
    return Stretch(case.as_of, end, settle_verdict(settled.possible), tuple(dict.fromkeys(rules)), word)
