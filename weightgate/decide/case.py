"""One question laid out: every pack beside every place, with what is known of the facts there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from weightgate.decide.decision import RestsOn
from weightgate.destinations.places import Destination, Place, facts_of
from weightgate.errors import InputError
from weightgate.facts.derived import with_derived
from weightgate.facts.merge import merge, require_grades
from weightgate.facts.registry import FACTS, PRESUMABLE
from weightgate.facts.statements import Contradiction, Fact, Facts, Grade, Statement
from weightgate.facts.values import Known, Members, Unknown, Value, hull
from weightgate.operators.profile import Authorization, Operator
from weightgate.operators.standing import licenses_in_force, orders_in_force
from weightgate.operators.statements import authorization_statement
from weightgate.policy import status
from weightgate.policy.cells import MemberCells
from weightgate.policy.compiled import CompiledActivity, CompiledPack, CompiledSpan, Variable
from weightgate.policy.days import FOREVER
from weightgate.policy.joint import Component, Settled, possible, settle
from weightgate.policy.source import PackSource
from weightgate.policy.status import BINDING
from weightgate.policy.tiers import TIER_FACTS, computed_tier, declared_tier
from weightgate.policy.verdicts import VERDICTS, Verdict
from weightgate.records import record

HELD = "operator.authorizations"
ORDER = "ORDER"
ORDER_PACK = status.ORDER_PACK

Dropped = frozenset[tuple[str, Grade, str]]


@record
class Rulebook:
    """One pack as it stands at the day of the question.

    Attributes:
        pack: The compiled pack.
        source: Its bytes and where they are.
        span: The stretch of days in which it stands so; ``None`` before it begins.
        rules: Its rules about the activity; ``None`` when it has none.
        status: What its text is worth that day.
    """

    pack: CompiledPack
    source: PackSource
    span: CompiledSpan | None
    rules: CompiledActivity | None
    status: str

    @classmethod
    def of(cls, pack: CompiledPack, source: PackSource, as_of: str, activity: str) -> Rulebook:
        """The pack at a day, for an activity."""
        span, status = pack.at(as_of), pack.status_at(as_of)
        return cls(
            pack,
            source,
            span,
            span.activities.get(activity) if span else None,
            status["status"] if status else "not begun",
        )

    @property
    def name(self) -> str:
        """The pack's name."""
        return self.pack.name

    @property
    def begins(self) -> str:
        """First day of which the pack says anything; :data:`FOREVER` when it was not known by then."""
        return self.pack.spans[0].start if self.pack.spans else FOREVER

    @property
    def begun(self) -> bool:
        """Whether the pack says anything of the day."""
        return self.span is not None

    @property
    def binding(self) -> bool:
        """Whether anything of the text bound anyone that day, when it was read for what is in force."""
        if self.pack.own_status:
            return bool(self.span and self.span.activities)
        return self.status in BINDING

    @property
    def tiers(self) -> Mapping[str, int]:
        """Tier of every country that day."""
        return self.span.tiers if self.span else {}

    @property
    def default(self) -> Verdict:
        """What it says where no rule applies."""
        return VERDICTS[self.pack.default["verdict"]]


@record
class Case:
    """A question with everything that decides it.

    Attributes:
        activity: What is to be done.
        as_of: Day of the question.
        destinations: Where it goes.
        rulebooks: The packs that have rules about the activity.
        operator: Who runs the destinations.
        model_digest: ``sha256:…``; empty if not known.
        statements: All that was said, apart from authorisations in the operator file, which depend on the place.
        required: Least grade for each fact named.
        cap: No fact keeps a better grade than this.
        dropped: Statements to leave out, as (fact, grade, by), for finding out what the verdict rests on.
    """

    activity: str
    as_of: str
    destinations: tuple[Destination, ...]
    rulebooks: tuple[Rulebook, ...]
    operator: Operator
    model_digest: str
    statements: tuple[Statement, ...]
    required: Mapping[str, Grade]
    cap: Grade
    dropped: Dropped = frozenset()

    @cached_property
    def places(self) -> tuple[tuple[Destination, Place], ...]:
        """Every place of every destination."""
        return tuple((d, p) for d in self.destinations for p in d.places)

    @cached_property
    def facts(self) -> Facts:
        """What is known that does not depend on the place."""
        merged = merge(self._kept(s for s in self.statements if s.fact != HELD), cap=self.cap)
        required = _with_parts(self.required)
        strong = require_grades(merged, required)
        weak = {name for name, fact in merged.items() if fact.value != strong[name].value}
        return _without_fallback(require_grades(with_derived(strong), required), weak)

    @cached_property
    def held(self) -> tuple[Fact, ...]:
        """What is known of the authorisations in force, place by place."""
        return tuple(self._held(d, p) for d, p in self.places)

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """Every pack beside every place, and every order that is in scope there."""
        asked = [self._component(r, index) for r in self.rulebooks for index in range(len(self.places))]
        return (*asked, *self._orders())

    @cached_property
    def tier_contradictions(self) -> tuple[Contradiction, ...]:
        """A declared operator tier that the known countries exclude."""
        fact = self.facts.get("operator.tier")
        if fact is None or not any(
            self._tier("operator.tier", r, self.shared)[1] for r in self.rulebooks if r.tiers
        ):
            return ()
        return (Contradiction("operator.tier", tuple(s.source for s in fact.statements)),)

    @cached_property
    def shared(self) -> dict[str, Value]:
        """Values of the facts that do not depend on the place."""
        return {name: fact.value for name, fact in self.facts.items() if name not in TIER_FACTS}

    @cached_property
    def facts_shown(self) -> Facts:
        """Every fact with its evidence; one that depends on the place covers them all."""
        held = self.held[0]
        for other in self.held[1:]:
            held = replace(
                held,
                value=hull(held.value, other.value),
                grade=min(held.grade, other.grade),
                contradicted=held.contradicted or other.contradicted,
            )
        facts = self.facts | ({HELD: held} if held.statements else {})
        return {name: self._capped(fact) for name, fact in facts.items()}

    def elsewhere(self, destination: Destination) -> Case:
        """The same question about another destination, of which no tier was declared."""
        moved = replace(
            self,
            destinations=(destination,),
            statements=tuple(s for s in self.statements if s.fact != "destination.tier"),
        )
        # What does not depend on the place is not merged anew for each of them.
        known = {name: fact for name, fact in self.facts.items() if name != "destination.tier"}
        moved.__dict__.update(facts=known, shared=self.shared)
        return moved

    def settle(self) -> Settled:
        """Every verdict of the whole decision that some world allows, and what would settle it."""
        return settle(self.components)

    def rests_on(self, verdicts: tuple[Verdict, ...]) -> tuple[RestsOn, ...]:
        """The claimed and declared statements without which the decision would differ.

        Each is left out in turn; and all those about one fact at once, where each of them alone makes no difference.
        """
        candidates = {
            (s.fact, grade, s.by or s.source): None
            for s in (*self.statements, *(s for fact in self.held for s in fact.statements))
            if (grade := min(s.grade, self.cap)) <= Grade.DECLARED and not isinstance(s.value, Unknown)
        }
        found: list[RestsOn] = []
        for fact in dict.fromkeys(fact for fact, _, _ in candidates):
            said = [candidate for candidate in candidates if candidate[0] == fact]
            carrying = [one for one in said if self._differs((one,), verdicts)]
            if not carrying and len(said) > 1 and self._differs(said, verdicts):
                # Each could stand in for the others: to say a thing twice does not make it rest on nobody.
                carrying = said
            found += [RestsOn(*one) for one in carrying]
        return tuple(sorted(found, key=lambda r: (r.fact, r.grade, r.by)))

    def _differs(self, dropped: Iterable[tuple[str, Grade, str]], verdicts: tuple[Verdict, ...]) -> bool:
        """Whether the decision would differ had these statements not been made."""
        return possible(replace(self, dropped=frozenset(dropped)).components) != verdicts

    def _kept(self, statements: Iterable[Statement]) -> list[Statement]:
        return [
            s for s in statements if (s.fact, min(s.grade, self.cap), s.by or s.source) not in self.dropped
        ]

    def _capped(self, fact: Fact) -> Fact:
        """The fact with its evidence shown at no better a grade than the case allows."""
        return replace(
            fact, statements=tuple(replace(s, grade=min(s.grade, self.cap)) for s in fact.statements)
        )

    def _held(self, destination: Destination, place: Place) -> Fact:
        arguments = (self.operator, place, destination.name, self.activity, self.model_digest, self.as_of)
        said = [_without_reliance(s) for s in self.statements if s.fact == HELD]
        if self.operator.authorizations is not None:
            said.append(authorization_statement(*arguments))
        facts = merge(self._kept(said), cap=self.cap)
        fact = facts.get(HELD) or Fact(
            HELD, Unknown("the operator's authorisations are not stated"), Grade.VERIFIED
        )
        value = (
            require_grades(facts, {k: g for k, g in self.required.items() if k == HELD}).get(HELD, fact).value
        )
        if not isinstance(value, Members):
            # Nobody is presumed to hold a licence or to rely on an exception; and an order that was stated stays
            # possible, however weak the word for it.
            ordered = fact.value.possible & {ORDER} if isinstance(fact.value, Members) else frozenset()
            return replace(fact, value=Members(frozenset(), PRESUMABLE | ordered))
        stated = any(s.grade > Grade.CLAIMED and isinstance(s.value, Members) for s in fact.statements)
        # A mere claim may deny what is presumable, and brings nothing into reach that is not.
        return fact if stated else replace(fact, value=Members(frozenset(), value.possible & PRESUMABLE))

    def _component(self, rulebook: Rulebook, index: int) -> Component:
        destination, place = self.places[index]
        values = {
            **self.shared, **facts_of(place), HELD: self.held[index].value,
            "as_of": Known(self.as_of), "activity": Known(self.activity),
        }  # fmt: skip
        for fact in TIER_FACTS:
            if fact not in self.facts or not rulebook.tiers:
                continue
            declared, contradicted = self._tier(fact, rulebook, values)
            if contradicted and fact == "destination.tier":
                raise _wrong_tier(destination, rulebook, self.facts[fact])
            if declared is not None:
                values[fact] = declared
        if rulebook.rules is None:
            raise ValueError(f"{rulebook.name} has no rules about {self.activity}")
        return Component(rulebook.name, index, rulebook.rules, values, rulebook.tiers)

    def _tier(self, fact: str, rulebook: Rulebook, values: Mapping[str, Value]) -> tuple[Value | None, bool]:
        return declared_tier(self.facts[fact].value, computed_tier(fact, values, rulebook.tiers))

    def _orders(self) -> list[Component]:
        found = []
        for index, (destination, place) in enumerate(self.places):
            arguments = (self.operator, place, destination.name, self.activity, self.model_digest, self.as_of)
            listed = orders_in_force(*arguments) if self._operator_file_counts else []
            for number, (order, certain) in enumerate(listed):
                found.append(_order(order, number, index, certain=certain))
            held = self.held[index].value
            if not listed and isinstance(held, Members) and ORDER in held.possible:
                # Declared as a fact, without the document behind it.
                found.append(_order(Authorization(ORDER), 0, index, certain=ORDER in held.certain))
        return found

    @property
    def _operator_file_counts(self) -> bool:
        """Whether what the operator file says of authorisations was not left out."""
        source = self.operator.source
        return (HELD, min(Grade.DECLARED, self.cap), source) not in self.dropped

    def licences(self, index: int) -> list[tuple[Authorization, bool]]:
        """Licences in scope at a place, each with whether it certainly is."""
        destination, place = self.places[index]
        return licenses_in_force(
            self.operator, place, destination.name, self.activity, self.model_digest, self.as_of
        )


def _order(order: Authorization, number: int, place: int, *, certain: bool) -> Component:
    """An order as a pack of one rule: it applies when it is in force, and then outranks packs upwards."""
    # Two entries may quote one document: the number keeps them apart.
    name = f"ORDER {order.reference} ({number + 1})" if order.reference else f"ORDER {number + 1}"
    verdict = VERDICTS[order.verdict or str(Verdict.LICENSE_REQUIRED)]
    variable = Variable(HELD, MemberCells(name))
    rules = CompiledActivity((variable,), [0], [(~Verdict.ALLOW, ~verdict)], 0, 0, ~0, ())
    held = Members(frozenset({name} if certain else ()), frozenset({name}))
    return Component(ORDER_PACK, place, rules, {HELD: held})


def _without_reliance(said: Statement) -> Statement:
    """What a fact, without the document behind it, can say of authorisations.

    Licences and exceptions count only when the operator file lists them, with their scope.
    """
    if not isinstance(said.value, Members):
        return said
    kinds = PRESUMABLE | {ORDER}
    return replace(said, value=Members(said.value.certain & kinds, said.value.possible & kinds))


def _without_fallback(facts: Facts, weak: set[str]) -> Facts:
    """A derived fact does not fall back on what was declared of it when its parts are known, but too weakly."""
    found = dict(facts)
    for name, fact in facts.items():
        if weak & set(FACTS[name].derived_from):
            found[name] = replace(fact, value=Unknown("it follows from facts that are known too weakly"))
    return found


def _with_parts(required: Mapping[str, Grade]) -> dict[str, Grade]:
    """What is required of a tier is required of the countries it follows from."""
    found = dict(required)
    for fact in TIER_FACTS:
        for part in FACTS[fact].derived_from if fact in required else ():
            found[part] = max(required[fact], found.get(part, Grade.CLAIMED))
    return found


def _wrong_tier(destination: Destination, rulebook: Rulebook, fact: Fact) -> InputError:
    return InputError(
        f"destination.tier contradicts the tier of {destination.name} in {rulebook.name}",
        where=fact.statements[0].source,
        hint="leave destination.tier out: it follows from --to",
        code="contradicts_destination",
    )
