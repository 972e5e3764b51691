"""What is exported of a pack: its rules at one day, about one activity, over the facts that an engine is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from weightgate.errors import PolicyError
from weightgate.facts.registry import FACTS, Kind, position
from weightgate.policy.builder import LICENSE
from weightgate.policy.cells import OrderedCells
from weightgate.policy.clauses import rules_about
from weightgate.policy.cutting import cuts_of
from weightgate.policy.dated import status_at
from weightgate.policy.days import FOREVER
from weightgate.policy.ir import And, Atom, Condition, Not, atoms, simplify
from weightgate.policy.pack import Pack, RuleAt
from weightgate.policy.reading import AS_WRITTEN, Reading
from weightgate.policy.verdicts import VERDICTS, Verdict
from weightgate.records import record


@record
class Input:
    """One fact that the engine has to be given.

    Attributes:
        fact: Name in the facts table.
        cells: For a number or a day, the cells that the rules tell apart; ``None`` for every other fact.
    """

    fact: str
    cells: OrderedCells | None = None

    @property
    def key(self) -> str:
        """Name under which the engine is given it; a number or a day is given as the index of its cell."""
        return cell_key(self.fact) if self.cells is not None else self.fact

    @property
    def kind(self) -> Kind:
        """What values the fact takes."""
        return FACTS[self.fact].kind

    @property
    def domain(self) -> tuple[str, ...]:
        """The names that it may have; empty when it may have any, or none."""
        spec = FACTS[self.fact]
        return spec.domain if spec.closed else ()


def cell_key(fact: str) -> str:
    """Name under which an engine is given the cell of a number or a day."""
    return f"{fact}.cell"


@record
class ExportedRule:
    """One rule, or one of the two things that a rule says which yields to a LICENSE.

    Attributes:
        rule: The rule as written.
        condition: When this reading applies; it mentions neither the day nor the activity.
        verdict: What it says.
        licensed: Whether this is the reading in which a licence in scope lifts the rule.
    """

    rule: RuleAt
    condition: Condition
    verdict: Verdict
    licensed: bool = False


@record
class Exported:
    """A pack's rules at one day about one activity.

    Attributes:
        title: Name, version and title of the pack.
        name: The pack's name.
        digest: ``sha256:…`` of the pack's bytes.
        status: What the text was worth that day.
        day: The day.
        activity: The activity.
        known_at: The day as known on which the pack is read; empty for all that is in it.
        readings: The reading taken of every switch.
        default: Verdict where no rule applies.
        tiers: Tier of every country; empty when the pack has no such table.
        rules: The rules, in the pack's order.
    """

    title: str
    name: str
    digest: str
    status: str
    day: str
    activity: str
    known_at: str
    readings: Mapping[str, str]
    default: Verdict
    tiers: Mapping[str, int]
    rules: tuple[ExportedRule, ...]

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """The facts that the engine has to be given, in the order of the facts table; tiers are worked out."""
        used: dict[str, list[Atom]] = {}
        for atom in (atom for rule in self.rules for atom in atoms(rule.condition)):
            spec = FACTS[atom.fact]
            for fact in spec.derived_from if spec.kind is Kind.TIER else (atom.fact,):
                used.setdefault(fact, []).append(atom)
        return tuple(Input(fact, _cells(fact, used[fact])) for fact in sorted(used, key=position))

    @cached_property
    def cells(self) -> dict[str, OrderedCells]:
        """The cells of each number and day."""
        return {i.fact: i.cells for i in self.inputs if i.cells is not None}


def _cells(fact: str, used: Sequence[Atom]) -> OrderedCells | None:
    return OrderedCells(cuts_of(used)) if FACTS[fact].kind in (Kind.NUMBER, Kind.DATE) else None


def export(pack: Pack, day: str, activity: str, reading: Reading = AS_WRITTEN) -> Exported:
    """What an engine is to be told of a pack.

    Args:
        pack: The pack, checked.
        day: The day that decisions are about, UTC; conditions on ``as_of`` are worked out for it.
        activity: The activity.
        reading: How the pack is read.

    Raises:
        PolicyError: The pack says nothing of the activity at that day (code ``not_applicable``).
    """
    standing = pack.at(day, reading)
    document = pack.document
    if standing is None:
        known = f", as known on {reading.known_at}" if reading.known_at < FOREVER else ""
        message = f"{document.name} says nothing of {day}{known}"
        hint = f"it begins on {pack.begins}: choose a later day"
        raise PolicyError(message, where=pack.file, hint=hint, code="not_applicable")
    rules = rules_about(standing, activity)
    if not rules:
        about = sorted({name for r in standing.rules for name in r.rule.activity})
        message = f"{document.name} has no rule about {activity} on {day}"
        hint = f"it is about {', '.join(about)}" if about else "choose another day with --as-of"
        raise PolicyError(message, where=pack.file, hint=hint, code="not_applicable")
    status = status_at(document.status, day, reading.known_at)
    return Exported(
        f"{document.name} {document.version}: {document.title}",
        document.name,
        pack.source.digest,
        status.status if status else "not begun",
        day,
        activity,
        reading.known_at if reading.known_at < FOREVER else "",
        {**pack.switches, **reading.switches},
        VERDICTS[document.default.verdict],
        standing.tiers,
        _said(rules, day, activity),
    )


def _said(rules: Sequence[RuleAt], day: str, activity: str) -> tuple[ExportedRule, ...]:
    """Each rule with its verdict; one that asks for a licence is two, without a LICENSE in scope and with one."""
    found = []
    for rule in rules:
        condition = simplify(rule.condition, {"as_of": day, "activity": activity})
        verdict = VERDICTS[rule.rule.verdict]
        if verdict is Verdict.LICENSE_REQUIRED:
            found.append(ExportedRule(rule, simplify(And((condition, Not(LICENSE))), {}), verdict))
            lifted = simplify(And((condition, LICENSE)), {})
            found.append(ExportedRule(rule, lifted, Verdict.ALLOW_WITH_CONDITIONS, licensed=True))
        else:
            found.append(ExportedRule(rule, condition, verdict))
    return tuple(found)
