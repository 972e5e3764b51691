"""Holding an attested decision to the model itself, inspected again: which facts differ, and whether the verdict does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from weightgate.attest.replay.deriving import DecideAgain, Replay, plain, replay
from weightgate.attest.statements.attested import Attested
from weightgate.errors import InputError, PolicyError, SignatureError
from weightgate.facts.encode import parse_value
from weightgate.facts.registry import FACTS
from weightgate.facts.statements import Grade
from weightgate.policy.source import PackSource
from weightgate.records import record

_VALUE = ("value", "min", "max", "one_of", "certain", "possible", "unknown")

Row = Mapping[str, Any]

Fits = Callable[[str, Row, Row], bool]
"""From a fact's name, what is attested of it and what was found, whether the two agree."""


class InspectAgain(Protocol):
    """Inspects the model that a verifier has, again and in full."""

    @property
    def reference(self) -> str:
        """The model, as it is called here."""

    def __call__(self, decision: dict[str, Any]) -> DecideAgain:
        """The engine, deciding with the facts of that model.

        Raises:
            SignatureError: It is not the model of the decision (code ``binding``).
        """


@record
class FactDifference:
    """A fact that was found otherwise than it was attested.

    Attributes:
        fact: Its name.
        differs: What does: ``value``, ``grade``, ``evidence`` (the digests of what was read).
        attested: Its value and grade as attested; ``None`` when it is not there.
        found: The same as found now.
    """

    fact: str
    differs: tuple[str, ...]
    attested: dict[str, Any] | None
    found: dict[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        """One entry of ``replay.model.facts``."""
        return {
            "fact": self.fact,
            "differs": list(self.differs),
            "attested": self.attested,
            "found": self.found,
        }


@record
class ModelReplay:
    """What came of inspecting the model again.

    Attributes:
        reference: The model as it is called here.
        facts: Each fact that differs.
        attested: The verdicts possible as attested.
        found: Those possible with what was found now; empty when nothing could be decided.
        problem: Why nothing could be decided; empty when it could.
    """

    reference: str
    facts: tuple[FactDifference, ...]
    attested: tuple[str, ...]
    found: tuple[str, ...]
    problem: str = ""

    @property
    def same(self) -> bool:
        """Whether the verdict is the same."""
        return not self.problem and self.attested == self.found

    def to_json(self) -> dict[str, Any]:
        """``replay.model`` of a verification report."""
        return {
            "reference": self.reference,
            "same": self.same,
            "possible": {"attested": list(self.attested), "found": list(self.found)},
            "facts": [fact.to_json() for fact in self.facts],
            "problem": self.problem or None,
        }

    def sentence(self) -> str:
        """In words, for the check's detail."""
        if self.problem:
            return f"the model inspected again: {self.problem}"
        facts = ", ".join(f"{f.fact} ({' and '.join(f.differs)})" for f in self.facts)
        said = f"the model inspected again: {f'other facts: {facts}' if facts else 'the same facts'}"
        if self.same:
            return f"{said}; the same verdict"
        return f"{said}; possible is now {', '.join(self.found)}, attested was {', '.join(self.attested)}"


def replay_attested(
    attested: Attested, decide_again: DecideAgain | None, inspect_again: InspectAgain | None
) -> Replay | None:
    """Derive an attested decision again from what is inside and, where that is wanted, from the model as well.

    Args:
        attested: A verified statement's predicate, which agrees with itself.
        decide_again: The engine, when the verdict is to be derived again.
        inspect_again: The way to the model's own facts, when they are to be derived again too.

    Returns:
        ``None`` when no replay is wanted.
    """
    if decide_again is None:
        return None
    again = replay(attested.decision, attested.packs, decide_again)
    if inspect_again is None:
        return again
    minimal = attested.disclosure is not None
    found = replay_model(attested.decision, attested.packs, inspect_again, minimal=minimal)
    return replace(again, model=found)


def replay_model(
    decision: dict[str, Any],
    packs: Sequence[PackSource],
    inspect_again: InspectAgain,
    *,
    minimal: bool,
) -> ModelReplay:
    """Decide again with a model that was inspected again in the place of what the attestation says of it.

    Args:
        decision: The attested decision.
        packs: The packs inside.
        inspect_again: The way to the model's facts as they are now.
        minimal: Whether the attestation discloses ranges only: a value within is no difference.
    """
    attested = tuple(decision["possible"])
    reference = inspect_again.reference
    try:
        fresh = plain(inspect_again(decision)(decision, packs, cap=Grade.VERIFIED))
        fits = _within(decision, packs) if minimal else _equal
        facts = tuple(_differences(decision["facts"], fresh["facts"], fits, minimal=minimal))
    except (InputError, PolicyError, SignatureError) as error:
        return ModelReplay(reference, (), attested, (), f"it cannot be decided again: {error}")
    return ModelReplay(reference, facts, attested, tuple(fresh["possible"]))


def _differences(stated: Row, found: Row, fits: Fits, *, minimal: bool) -> Iterator[FactDifference]:
    for fact in sorted({*stated, *found}):
        if minimal and fact not in stated:
            continue  # withheld altogether
        was, now = stated.get(fact) or {}, found.get(fact) or {}
        differs = [] if fits(fact, was, now) else ["value"]
        differs += ["grade"] if was.get("grade") != now.get("grade") else []
        differs += ["evidence"] if not minimal and _digests(was) != _digests(now) else []
        if differs:
            yield FactDifference(fact, tuple(differs), _shown(was), _shown(now))


def _equal(_: str, was: Row, now: Row) -> bool:
    return _form(was) == _form(now)


def _within(decision: dict[str, Any], packs: Sequence[PackSource]) -> Fits:
    """Whether what was found lies in the parts, as the packs cut the fact, that are disclosed."""
    from weightgate.decide.again import case_again
    from weightgate.decide.widening.widen import parts_in

    parts = parts_in(case_again(decision, packs, cap=Grade.VERIFIED))

    def fits(fact: str, was: Row, now: Row) -> bool:
        part = parts.get(fact)
        if part is None:
            return True
        said, exact = (parse_value(FACTS[fact], _form(side) or None, "facts") for side in (was, now))
        return part.of(exact) <= part.of(said)

    return fits


def _form(fact: Row) -> dict[str, Any]:
    return {key: fact[key] for key in _VALUE if key in fact}


def _digests(fact: Row) -> set[str]:
    return {entry["digest"] for entry in fact.get("evidence", ()) if entry.get("digest")}


def _shown(fact: Row) -> dict[str, Any] | None:
    return {**_form(fact), "grade": fact.get("grade")} if fact else None
