"""``policy test``: a pack's cases, each decided by the decision diagram and by the definition.

A case that evaluates nothing never passes: a day before the pack begins, or an activity without rules, is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from weightgate.errors import InputError
from weightgate.facts.derived import SHARE, with_derived
from weightgate.facts.registry import PRESUMABLE
from weightgate.facts.statements import Fact, Grade
from weightgate.facts.values import Known, Members, Unknown, Value
from weightgate.policy.archive import SUFFIX
from weightgate.policy.cases_file import PolicyCase, Vocabulary, read_cases
from weightgate.policy.cases_result import CaseResult, judge, listed
from weightgate.policy.compile import compile_pack
from weightgate.policy.compiled import CompiledPack, CompiledSpan
from weightgate.policy.days import FOREVER
from weightgate.policy.define import Part, Ruling, verdict_in, worlds
from weightgate.policy.ir import atoms, simplify
from weightgate.policy.joint import Component, settle
from weightgate.policy.pack import Pack, PackAt
from weightgate.policy.reading import AS_WRITTEN
from weightgate.policy.reasons import applied
from weightgate.policy.source import PackSource, shipped_packs
from weightgate.policy.status import BINDING
from weightgate.policy.tiers import TIER_FACTS, computed_tier, declared_tier
from weightgate.policy.verdicts import VERDICTS, Verdict
from weightgate.records import record

HELD = "operator.authorizations"

ACCEPTED = "mutants.yaml"
"""The file beside the cases that names changes of the pack which no case need notice; it holds no cases."""

MAX_WORLDS = 20_000
"""Worlds looked at one by one for a case, about a second; beyond, those looked at must agree with the diagram."""
MAX_TESTS = 2_000_000
"""Tests of a fact that looking at those worlds takes at most: of a pack with many rules, fewer worlds are looked at."""


class ReadingsDisagreeError(RuntimeError):
    """The decision diagram and the definition differ on a case: a defect of weightgate, never of the pack (exit 70)."""


@record
class Untested:
    """A rule that certainly applies in no case, or a row that no case names.

    Attributes:
        kind: ``rule`` or ``row``.
        name: The rule's identifier, or the row.
        where: The rule's place in the pack, or that of the first rule about the row.
    """

    kind: str
    name: str
    where: str

    def __str__(self) -> str:
        """What no case shows, place first."""
        missing = "no case makes it apply" if self.kind == "rule" else "no case names it"
        return f"{self.where}: {self.kind} {self.name}: {missing}"


def case_files(source: PackSource) -> list[Path]:
    """The case files beside a pack, ``tests/*.yaml`` but for :data:`ACCEPTED`, in order of names.

    Raises:
        InputError: There are none, or one is no regular file.
    """
    folder = folder_of_tests(source)
    found = sorted(path for path in folder.glob("*.yaml") if path.name != ACCEPTED)
    for path in found:
        # A pipe would be waited for without end.
        if not path.is_file():
            raise InputError(
                "not a regular file", where=str(path), hint="take it out of tests/", code="unreadable"
            )
    if not found:
        hint = "write cases to tests/NAME.yaml beside the pack"
        raise InputError(f"no cases of {source.name}", where=str(folder), hint=hint, code="no_cases")
    return found


def folder_of_tests(source: PackSource) -> Path:
    """The folder of a pack's tests, beside it.

    Raises:
        InputError: The pack is in a bundle, and so are its cases.
    """
    if source.locator.endswith(SUFFIX):
        hint = f"unpack it first: tar -xf {source.locator} -C FOLDER"
        raise InputError("its cases are in the bundle", where=source.locator, hint=hint, code="no_cases")
    shipped = shipped_packs().get(source.locator.removeprefix("shipped:"))
    pack_file = shipped if shipped and source.locator.startswith("shipped:") else Path(source.locator)
    return pack_file.parent / "tests"


def run_cases(source: PackSource, files: Sequence[Path]) -> list[CaseResult]:
    """Decide every case of the files under a pack.

    Returns:
        One result for each case, in the files' order.

    Raises:
        PolicyError: The pack does not load.
        InputError: A file does not load, holds no case, or asks what the pack has no rule about.
        ReadingsDisagreeError: The two readings of the pack differ.
    """
    pack = Pack(source)
    return results_of(Readings(pack), read_cases(files, vocabulary(pack)))


def results_of(readings: Readings, cases: Iterable[PolicyCase]) -> list[CaseResult]:
    """Decide cases under a pack.

    Raises:
        InputError: A case asks what the pack has no rule about.
        ReadingsDisagreeError: The two readings of the pack differ.
    """
    return [_run(readings.pack, readings.of(case), case) for case in cases]


def vocabulary(pack: Pack) -> Vocabulary:
    """What the cases of a pack may name. A case without a day is decided on the last day on which the pack changes."""
    rules = pack.document.rules
    rows = tuple(dict.fromkeys(row for rule in rules for row in rule.rows))
    switches = {name: tuple(switch.readings) for name, switch in pack.document.switches.items()}
    return Vocabulary(tuple(rule.id for rule in rules), rows, pack.standings[-1].start, switches)


class Readings:
    """A pack as compiled in each reading that cases ask for, each once.

    Attributes:
        pack: The pack.
        as_written: The pack as all of it is known today, at the defaults of its switches.
    """

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.as_written = compile_pack(pack)
        self._compiled: dict[tuple[str, tuple[tuple[str, str], ...], bool], CompiledPack] = {}

    def of(self, case: PolicyCase) -> CompiledPack:
        """The pack as a case reads it."""
        reading = self.as_written.normal(case.reading)
        if reading == AS_WRITTEN:
            return self.as_written
        key = reading.known_at, tuple(reading.switches.items()), reading.in_force
        if key not in self._compiled:
            self._compiled[key] = compile_pack(self.pack, reading)
        return self._compiled[key]


def untested(source: PackSource, results: Iterable[CaseResult]) -> list[Untested]:
    """Rules that certainly apply in none of the cases, and rows that none of them names."""
    return untested_of(Pack(source), results)


def untested_of(pack: Pack, results: Iterable[CaseResult]) -> list[Untested]:
    """The same of a pack that was loaded already."""
    every = list(results)
    applies = {rule for result in every for rule in result.applies}
    named = {row for result in every for row in result.rows}
    first: dict[str, str] = {}
    found = []
    for index, rule in enumerate(pack.document.rules):
        where = pack.yaml.where("rules", index, "id")
        for row in rule.rows:
            first.setdefault(row, where)
        if rule.id not in applies:
            found.append(Untested("rule", rule.id, where))
    return [*found, *(Untested("row", row, where) for row, where in first.items() if row not in named)]


def _run(pack: Pack, compiled: CompiledPack, case: PolicyCase) -> CaseResult:
    span = compiled.at(case.as_of)
    if span is None or not evaluates(compiled, case):
        raise _not_applicable(compiled, case)
    values = values_of(case, span)
    component = Component(pack.document.name, 0, span.activities[case.activity], values, span.tiers)
    settled = settle([component])
    compare(case, settled.possible, part_of(pack, case, values))
    default = VERDICTS[pack.document.default.verdict]
    reasons = applied([component], {component.pack: default})
    return judge(case, settled, reasons)


def evaluates(compiled: CompiledPack, case: PolicyCase) -> bool:
    """Whether the pack says anything of the case: that day, about that activity, and in force if that was asked for."""
    span, status = compiled.at(case.as_of), compiled.status_at(case.as_of)
    # Where rules have no status of their own, the pack's is all of theirs.
    binds = not case.reading.in_force or compiled.own_status or bool(status and status["status"] in BINDING)
    return span is not None and case.activity in span.activities and binds


def _not_applicable(compiled: CompiledPack, case: PolicyCase) -> InputError:
    known = "" if case.reading.known_at == FOREVER else f", as known on {case.reading.known_at}"
    span = compiled.at(case.as_of)
    if not compiled.spans:
        why = f"was not known on {case.reading.known_at}"
    elif span is None:
        why = f"begins on {compiled.spans[0].start}{known}"
    elif case.reading.in_force:
        why = f"has no rule about {case.activity} that was in force{known}"
    else:
        why = f"has no rule about {case.activity}{known}"
    message = f"{compiled.name} {why}: the case evaluates nothing on {case.as_of}"
    return InputError(
        message, where=case.where(), hint="choose another day or activity", code="not_applicable"
    )


def values_of(case: PolicyCase, standing: CompiledSpan | PackAt) -> dict[str, Value]:
    """The case's facts as a decision would have them: derived facts worked out, declared tiers beside their countries.

    Args:
        case: The case.
        standing: The pack as it stands on the day of the case, for its table of tiers.

    Raises:
        InputError: A derived fact contradicts the facts that it is computed from.
    """
    stated = {name: Fact(name, value, Grade.DECLARED) for name, value in case.facts.items()}
    facts = with_derived(stated)
    if SHARE in facts and facts[SHARE].contradicted:
        raise _contradicted(case, SHARE)
    values: dict[str, Value] = {name: fact.value for name, fact in facts.items() if name not in TIER_FACTS}
    values |= {"as_of": Known(case.as_of), "activity": Known(case.activity)}
    if isinstance(values.get(HELD, Unknown()), Unknown):
        values[HELD] = Members(frozenset(), PRESUMABLE)
    for fact in TIER_FACTS:
        if fact not in facts or not standing.tiers:
            continue
        declared, contradicted = declared_tier(facts[fact].value, computed_tier(fact, values, standing.tiers))
        if contradicted:
            raise _contradicted(case, fact)
        if declared is not None:
            values[fact] = declared
    return values


def _contradicted(case: PolicyCase, fact: str) -> InputError:
    message = f"{fact} contradicts the facts that it follows from"
    return InputError(message, where=case.where("facts", fact), hint="leave it out", code="contradiction")


def part_of(pack: Pack, case: PolicyCase, values: dict[str, Value]) -> Part:
    """The pack about the case, for the definition."""
    standing = pack.at(case.as_of, case.reading)
    if standing is None:
        raise ValueError(f"{pack.document.name} says nothing of {case.as_of}")
    rulings = [
        Ruling(simplify(rule.condition, {"activity": case.activity}), VERDICTS[rule.rule.verdict])
        for rule in standing.rules
        if case.activity in rule.rule.activity
    ]
    return Part(0, rulings, VERDICTS[pack.document.default.verdict], standing.tiers, values)


def compare(case: PolicyCase, possible: Sequence[Verdict], part: Part, *, most: int = MAX_WORLDS) -> None:
    """Hold what the decision diagram found to the definition.

    Args:
        case: The case, for the message.
        possible: The diagram's verdicts.
        part: The pack for the definition.
        most: Worlds to look at. If there are more, those looked at may not show a verdict that the diagram excludes.

    Raises:
        ReadingsDisagreeError: They differ.
    """
    every = worlds([part])
    tests = sum(1 for rule in part.rules for _ in atoms(rule.condition))
    most = min(most, MAX_TESTS // (tests + 1) + 1)
    seen = {verdict_in(part, world) for world in islice(every, most)}
    whole = next(every, None) is None
    if seen - set(possible) or (whole and seen != set(possible)):
        raise ReadingsDisagreeError(
            f"{case.where()}: {case.name}: the decision diagram finds {listed(possible)}, "
            f"the definition {listed(sorted(seen))}; please report this as a defect of weightgate"
        )
