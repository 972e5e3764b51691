"""What ``never_loosens_when`` says: which fact changes, and how.

::

    FACT grows | FACT shrinks                       a number or a day
    FACT gets stricter | FACT gets looser           a tier, a name with an order (openness), a yes or no
    FACT loses MEMBER | FACT gains MEMBER           a list
    FACT loses anything | FACT gains anything       a list, whichever members
"""

from __future__ import annotations

from typing import Literal

from weightgate.errors import PolicyError
from weightgate.facts.registry import FACTS, FactSpec, Kind, Loosens, nearest
from weightgate.records import record

Verb = Literal["grows", "shrinks", "gets stricter", "gets looser", "loses", "gains"]

ANYTHING = "anything"
OWN_KEYS = ("activity", "as_of")
"""Facts that belong to the question: another day or activity is another question, and no change of the world."""

_SIZES = ("grows", "shrinks")
_STRICTNESS = ("gets stricter", "gets looser")
_FORMS = "FACT grows, shrinks, gets stricter, gets looser, loses MEMBER, gains MEMBER, or loses anything"


@record
class Change:
    """A change of one fact.

    Attributes:
        fact: Name in the facts table.
        verb: How it changes.
        member: For a list, the member that comes or goes; empty for any.
    """

    fact: str
    verb: Verb
    member: str = ""

    def __str__(self) -> str:
        """As a pack says it."""
        member = f" {self.member or ANYTHING}" if self.verb in ("loses", "gains") else ""
        return f"{self.fact} {self.verb}{member}"

    @property
    def upwards(self) -> bool:
        """Whether its values are passed in their order.

        Numbers, days and tiers are ordered by size, names as in the facts table, no before yes, lists from fewer to
        more members. Of a fact whose higher values loosen, stricter is lower.
        """
        if self.verb in _STRICTNESS:
            lower_is_stricter = FACTS[self.fact].loosens is Loosens.HIGHER
            return (self.verb == "gets stricter") is not lower_is_stricter
        return self.verb in ("grows", "gains")


def parse_change(text: str, where: str = "") -> Change:
    """Read what ``never_loosens_when`` says.

    Args:
        text: What it says.
        where: Its place, for errors.

    Raises:
        PolicyError: No such fact, no such change, or a change that facts of its kind do not undergo; the nearest name
            is given.
    """
    name, _, said = " ".join(text.split()).partition(" ")
    if name in OWN_KEYS:
        raise _fail(
            f"{name} belongs to the question", where, "name a fact of the world; days have --timeline"
        )
    spec = FACTS.get(name)
    if spec is None:
        near = nearest(name)
        hint = f"did you mean {near[0]}?" if near else _FORMS
        raise _fail(f"unknown fact {name!r}", where, hint, "unknown_fact")
    verb, _, member = said.partition(" ")
    if verb in _SIZES and not member:
        _need(spec.kind in (Kind.NUMBER, Kind.DATE), spec, said, "a number or a day", where)
        return Change(name, "grows" if verb == "grows" else "shrinks")
    if said in _STRICTNESS:
        _need(_is_ordered(spec), spec, said, "a tier, a name with an order, or a yes or no", where)
        return Change(name, "gets stricter" if said == "gets stricter" else "gets looser")
    if verb in ("loses", "gains") and member:
        _need(spec.kind is Kind.LIST, spec, said, "a list", where)
        found = "" if member == ANYTHING else _member(spec, member, where)
        return Change(name, "loses" if verb == "loses" else "gains", found)
    near = nearest(verb, (*_SIZES, "gets", "loses", "gains"))
    forms = _forms(spec)
    hint = f"did you mean {near[0]}? Write {forms}" if near and verb != near[0] else f"write {forms}"
    raise _fail(f"{said!r} is no change of {name}" if said else f"no change of {name} is named", where, hint)


def _is_ordered(spec: FactSpec) -> bool:
    if spec.kind is Kind.ENUM:
        return spec.ordered
    return spec.kind in (Kind.TIER, Kind.BOOL)


def _member(spec: FactSpec, member: str, where: str) -> str:
    if spec.domain and member not in spec.domain:
        near = nearest(member, spec.domain)
        hint = f"did you mean {near[0]}?" if near else "one of " + ", ".join(spec.domain)
        raise _fail(f"{member!r} is no member of {spec.name}", where, hint)
    return member


def _need(fits: bool, spec: FactSpec, said: str, needed: str, where: str) -> None:
    if not fits:
        raise _fail(f"{spec.name} {said}: only {needed} does", where, f"write {_forms(spec)}")


def _forms(spec: FactSpec) -> str:
    """What can be said of a fact."""
    if spec.kind in (Kind.NUMBER, Kind.DATE):
        return f"{spec.name} grows, or shrinks"
    if _is_ordered(spec):
        return f"{spec.name} gets stricter, or gets looser"
    if spec.kind is Kind.LIST:
        return f"{spec.name} loses MEMBER, gains MEMBER, or loses anything"
    return "it with given, and at_most or at_least: its values have no order"


def _fail(message: str, where: str, hint: str, code: str = "bad_invariant") -> PolicyError:
    return PolicyError(message, where=where, hint=hint, code=code)
