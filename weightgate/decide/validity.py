"""How long a decision holds: the last day on which the same inputs would be decided in the same way."""

from __future__ import annotations

from weightgate.decide.case import Case
from weightgate.facts.values import Unknown
from weightgate.operators.standing import lapses
from weightgate.policy.cells import OrderedCells
from weightgate.policy.days import FOREVER, day_before


def valid_until(case: Case) -> dict[str, str | None]:
    """The last day, and what changes after it; both null when nothing is known to change."""
    found = [*_packs(case), *_statements(case), *lapses(case.operator, case.as_of)]
    later = sorted((day, why) for day, why in found if case.as_of <= day < FOREVER)
    if not later:
        return {"date": None, "because": None}
    return {"date": later[0][0], "because": later[0][1]}


def _packs(case: Case) -> list[tuple[str, str]]:
    found = []
    for book in case.rulebooks:
        if book.span is not None:
            found.append((book.span.end, f"{book.name} changes on the day after"))
        found += [
            (day_before(row["from"]), f"{book.name} is {row['status']} from {row['from']}")
            for row in book.pack.status
        ]
        for variable in book.rules.variables if book.rules else ():
            if variable.fact == "as_of" and isinstance(variable.cells, OrderedCells):
                cuts = (str(cut) for cut in variable.cells.cuts)
                found += [(day_before(cut), f"a rule of {book.name} turns on {cut}") for cut in cuts]
    return found


def _statements(case: Case) -> list[tuple[str, str]]:
    found = []
    for said in case.statements:
        if said.until and not isinstance(said.value, Unknown):
            found.append((said.until, f"{said.fact} is declared until {said.until}"))
        if said.on and said.on > case.as_of:
            found.append((day_before(said.on), f"{said.fact} is declared from {said.on}"))
    return found
