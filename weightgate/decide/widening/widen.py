"""A question's facts, each widened as far as the others allow, in the order of the facts table, derived facts last.

First each fact alone: one that can be left out altogether is; else parts are added one by one, numbers upwards before
downwards, names in the order of the table. Then authorisations. All of it is repeated until nothing can be widened any
more, so the outcome is maximal: one more part of any fact would change what is kept. It is not the only such outcome, and
always the same for the same question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from weightgate.decide.case import Case
from weightgate.decide.validity import valid_until
from weightgate.decide.widening.authorized import Authorized, denies_nothing, plainest, wider, wider_at
from weightgate.decide.widening.kept import Kept, kept_of
from weightgate.decide.widening.parts import Parts, parts_of
from weightgate.decide.widening.saying import Said, method_of, say, stripped
from weightgate.errors import InputError
from weightgate.facts.registry import FACTS
from weightgate.facts.statements import Facts, Grade, Statement
from weightgate.facts.values import Known, Unknown, Value
from weightgate.operators.profile import Operator
from weightgate.operators.statements import statements_of
from weightgate.policy.cells import Cells
from weightgate.records import record

_ASKED = ("as_of", "activity")

ORDER = sorted(FACTS, key=lambda fact: bool(FACTS[fact].derived_from))
"""The facts table, what is derived last: what it is derived from can be left out while it is said itself."""


@record
class Widened:
    """What may be said of a question's facts.

    Attributes:
        statements: Of facts, in the order of the facts table.
        operator: An operator file that says what may be said of authorisations.
        parts: The parts into which the question's packs cut each fact that they ask for.
    """

    statements: tuple[Statement, ...]
    operator: Operator
    parts: Mapping[str, Parts]


@record
class _Saying:
    """What is said so far: of each fact, and of authorisations."""

    facts: Mapping[str, Said]
    authorized: Authorized

    def statements(self) -> tuple[Statement, ...]:
        """In the order of the facts table."""
        said = [s for fact in FACTS for s in self.facts.get(fact, ())]
        return (*said, *self.authorized.declared)

    def case(self, exact: Case) -> Case:
        """The question, when only this is said."""
        operator = self.authorized.operator
        said = (*self.statements(), *statements_of(operator, exact.as_of))
        return replace(exact, operator=operator, statements=said)


def widen(case: Case, until: str) -> Widened:
    """Say as little as leaves a question's verdicts as they are.

    Args:
        case: The question as it was decided.
        until: The last day on which the decision holds; empty when nothing lapses.

    Raises:
        InputError: What was said cannot be said without its sources (code ``not_withheld``).
    """
    return _Widening(case, until).run()


class _Widening:
    """One question on its way."""

    def __init__(self, exact: Case, until: str) -> None:
        self.exact, self.until = exact, until
        self.grades = replace(exact, cap=Grade.VERIFIED).facts
        self.parts = parts_in(exact)
        self.saying, self.kept = _begin(exact, self.grades, until)
        self.values: dict[str, Value] = {
            fact: self.saying.case(exact).facts[fact].value for fact in self.saying.facts
        }

    def run(self) -> Widened:
        """Widen until nothing can be widened any more."""
        before = None
        while before != self.saying:
            before = self.saying
            for fact in ORDER:
                if fact in self.saying.facts:
                    self._fact(fact)
            self._authorized()
        return Widened(self._lasting(), self.saying.authorized.operator, self.parts)

    def _lasting(self) -> tuple[Statement, ...]:
        """The statements, such that they hold no longer than what was left out."""
        said = self.saying.statements()
        day = valid_until(self.saying.case(self.exact))["date"]
        if not self.until or (day is not None and day <= self.until):
            return said
        # What holds of every question for ever carries the day: no fact is shown to be the one that lapses.
        asked = Known(self.exact.activity)
        return (*said, Statement("activity", asked, Grade.DECLARED, "the question", until=self.until))

    def _fact(self, fact: str) -> None:
        if self._try(self._without(fact)):
            return
        parts = self.parts.get(fact)
        if parts is None:
            return
        self._try_parts(fact, parts, parts.of(self.values[fact]))
        while any(self._try_parts(fact, parts, more) for more in parts.wider(parts.of(self.values[fact]))):
            pass

    def _try_parts(self, fact: str, parts: Parts, chosen: frozenset[int]) -> bool:
        value = parts.value(chosen)
        if value is None or value == self.values[fact]:
            return False
        if isinstance(value, Unknown):
            return self._try(self._without(fact))
        said = say(fact, value, self.grades[fact].grade, method_of(fact, self.exact.statements))
        if said is None or not self._try(replace(self.saying, facts={**self.saying.facts, fact: said})):
            return False
        self.values[fact] = value
        return True

    def _authorized(self) -> None:
        while any(self._try_authorized(less) for less in wider(self.saying.authorized)):
            pass
        place = 0
        while place < self.saying.authorized.count:
            if not any(self._try_authorized(less) for less in wider_at(self.saying.authorized, place)):
                place += 1

    def _try_authorized(self, less: Authorized) -> bool:
        return self._try(replace(self.saying, authorized=less))

    def _without(self, fact: str) -> _Saying:
        return replace(self.saying, facts={f: s for f, s in self.saying.facts.items() if f != fact})

    def _try(self, saying: _Saying) -> bool:
        """Take another way to say it, if it says less and leaves everything as it is."""
        if saying == self.saying:
            return False
        if not _stands(self.exact, saying, self.kept):
            return False
        self.saying = saying
        return True


def _stands(exact: Case, saying: _Saying, kept: Kept) -> bool:
    said = saying.case(exact)
    try:
        return denies_nothing(exact, said) and kept.still(said)
    except InputError:
        return False  # such as a declared tier that contradicts the destination's


def parts_in(case: Case) -> dict[str, Parts]:
    """The parts into which the packs of a question cut each fact that they ask for."""
    found = {fact: parts_of(fact, _cut(case, fact)) for fact in FACTS}
    return {fact: parts for fact, parts in found.items() if parts is not None}


def _cut(case: Case, fact: str) -> Iterator[Cells]:
    """The cells of a fact in each pack."""
    for book in case.rulebooks:
        yield from (v.cells for v in (book.rules.variables if book.rules else ()) if v.fact == fact)


def _begin(case: Case, grades: Facts, until: str) -> tuple[_Saying, Kept]:
    """The same facts without their sources, and what is to be kept of the decision.

    The numbers of licences are left out where that confuses no two of them.
    """
    full = kept_of(case)
    plain = plainest(case, until)
    named = replace(plain, entries=case.operator.authorizations)
    for authorized in (plain, named):
        for facts in _ways(case, grades):
            saying = _Saying(facts, authorized)
            said = saying.case(case)
            begun = kept_of(said)
            same = all(said.facts[fact].value == case.facts[fact].value for fact in facts)
            if same and begun.but_for_names() == full.but_for_names() and denies_nothing(case, said):
                return saying, begun
    raise InputError(
        "what was said of the facts cannot be said without its sources",
        hint="attest it with --disclose full",
        code="not_withheld",
    )


def _ways(case: Case, grades: Facts) -> Iterator[dict[str, Said]]:
    """Ways to say the facts: each in one statement, the same without what a disputed fact is derived from, as they were."""
    known = {
        name: fact
        for name, fact in case.facts.items()
        if name not in _ASKED and not isinstance(fact.value, Unknown)
    }
    each = {name: _each(case, name) for name in known}
    joined = {
        name: say(name, fact.value, grades[name].grade, method_of(name, case.statements)) or each[name]
        for name, fact in known.items()
    }
    disputed = {
        part for name, fact in known.items() if fact.contradicted for part in FACTS[name].derived_from
    }
    for way in (joined, {name: said for name, said in joined.items() if name not in disputed}, each):
        yield {name: said for name, said in way.items() if said}


def _each(case: Case, fact: str) -> Said:
    """All that was said of a fact, statement by statement."""
    return tuple(stripped(s) for s in case.statements if s.fact == fact and not isinstance(s.value, Unknown))
