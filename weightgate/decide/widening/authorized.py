"""What an operator file says of authorisations, said as widely as a question allows.

Where it counts a list is known whole, so an entry that is left out is denied. A blanket permission (UVEU, NVEU) and an
order are never denied: at most they become possible. Licences and exceptions count only when they are relied on, so one
that nothing rests on may be left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from weightgate.decide.case import HELD, ORDER, Case
from weightgate.decide.widening.saying import stripped
from weightgate.facts.registry import PRESUMABLE
from weightgate.facts.statements import Statement
from weightgate.facts.values import Members
from weightgate.operators.profile import EVERY, NO_LIMIT, Authorization, Operator
from weightgate.operators.standing import authorizations_in_force
from weightgate.records import record

OPERATOR_FILE = "the operator file as disclosed"
_NOT_SHOWN = "withheld"
_UNDENIED = PRESUMABLE | {ORDER}

Entries = tuple[Authorization, ...]


@record
class Authorized:
    """What is said of authorisations.

    Attributes:
        entries: Of the operator file; ``None`` when it says nothing of them.
        declared: What was declared of them as a fact.
        source: What stands for the operator file; empty when none was given.
    """

    entries: Entries | None
    declared: tuple[Statement, ...]
    source: str = OPERATOR_FILE

    @property
    def count(self) -> int:
        """How many are said, one by one."""
        return len(self.entries or ()) + len(self.declared)

    @property
    def operator(self) -> Operator:
        """An operator file that says just this."""
        return Operator(authorizations=self.entries, source=self.source)


def plainest(case: Case, until: str) -> Authorized:
    """What counts of the authorisations in a case, without names, documents and days.

    Args:
        case: The question.
        until: The last day on which the decision holds; empty when nothing lapses.
    """
    listed = case.operator.authorizations
    entries = None if listed is None else tuple(filter(None, (_plain(case, e, until) for e in listed)))
    declared = tuple(stripped(s) for s in case.statements if s.fact == HELD)
    return Authorized(entries, declared, OPERATOR_FILE if case.operator.source else "")


def wider(said: Authorized) -> Iterator[Authorized]:
    """Ways to say less of all of them at once, the widest first; and to leave open whether more are held."""
    yield replace(said, entries=None, declared=())
    if said.entries is not None:
        yield replace(said, entries=None)
    if said.declared:
        yield replace(said, declared=())
    if said.entries is not None:
        for kind in sorted(PRESUMABLE - {entry.kind for entry in said.entries}):
            yield replace(said, entries=(*said.entries, Authorization(kind)))


def wider_at(said: Authorized, place: int) -> Iterator[Authorized]:
    """Ways to say less of one of them, the widest first.

    Args:
        said: What is said.
        place: Its place among the entries and, after them, what was declared.
    """
    entries, declared = said.entries or (), said.declared
    if place < len(entries):
        for wide in _wider_entry(entries[place]):
            yield replace(said, entries=(*entries[:place], *wide, *entries[place + 1 :]))
        return
    number = place - len(entries)
    if number < len(declared):
        for value in _wider_members(declared[number].value):
            changed = replace(declared[number], value=value)
            yield replace(said, declared=(*declared[:number], changed, *declared[number + 1 :]))


def denies_nothing(exact: Case, said: Case) -> bool:
    """Whether at every place nothing certain was added, and no permission or order that is possible was denied."""
    for was, now in zip(exact.held, said.held, strict=True):
        if not isinstance(was.value, Members) or not isinstance(now.value, Members):
            return False
        if now.value.certain - was.value.certain or (was.value.possible & _UNDENIED) - now.value.possible:
            return False
    return True


def _wider_entry(entry: Authorization) -> Iterator[Entries]:
    if entry.kind not in _UNDENIED:
        yield ()
    if entry.start is not None:
        yield (replace(entry, start=None),)
    if entry.kind in PRESUMABLE and entry.countries is not None:
        yield (Authorization(entry.kind),)


def _wider_members(value: object) -> Iterator[Members]:
    if not isinstance(value, Members):
        return
    for kind in sorted(value.certain):
        yield Members(value.certain - {kind}, value.possible)
    for kind in sorted(PRESUMABLE - value.possible):
        yield Members(value.certain, value.possible | {kind})


def _plain(case: Case, entry: Authorization, until: str) -> Authorization | None:
    """The entry with nothing that does not count here; ``None`` when it counts at no place."""
    counts = _counts(case, entry, case.operator.name)
    if not any(answer is not False for answer in counts):
        return None
    places = [place for (_, place), answer in zip(case.places, counts, strict=True) if answer is not False]
    countries = tuple(dict.fromkeys(p.country for p in places if p.country is not None))
    bare = replace(
        entry,
        reference="", holder="", evidence=None, notes="",
        caps=None if entry.caps is None else _NOT_SHOWN,
        conditions=entry.conditions if entry.kind == "LICENSE" or not entry.conditions else (_NOT_SHOWN,),
        until=until if entry.until and until else entry.until,
    )  # fmt: skip
    short = replace(bare, countries=countries, activities=EVERY, models=EVERY, sites=EVERY)
    for simpler in (short, bare):
        for start in (case.as_of, None):
            dated = replace(
                simpler, start=start, until=simpler.until if simpler.until is not None else NO_LIMIT
            )
            if _counts(case, dated, None) == counts:
                return dated
    if _counts(case, bare, None) == counts:
        return bare
    return replace(bare, holder=entry.holder)


def _counts(case: Case, entry: Authorization, name: str | None) -> list[bool | None]:
    """Place by place: whether the entry certainly counts (``True``), possibly (``None``), or not."""
    operator = Operator(name, authorizations=(entry,))
    found: list[bool | None] = []
    for destination, place in case.places:
        held = authorizations_in_force(
            operator, place, destination.name, case.activity, case.model_digest, case.as_of
        )
        found.append(True if held.certain else None if held.possible else False)
    return found
