"""Deriving a decision again from what it embeds, and naming every field that came out differently."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from weightgate.errors import UsageError, WeightgateError
from weightgate.facts.statements import Grade
from weightgate.policy.source import PackSource
from weightgate.records import record
from weightgate.signing.checks import Check, State

if TYPE_CHECKING:
    from weightgate.attest.replay.from_model import ModelReplay


INSIDE, MODEL = "inside", "model"
REPLAYS = (INSIDE, MODEL)
"""What a verdict may be derived from again: what is inside the attestation, or the model beside it as well."""


class DecideAgain(Protocol):
    """The engine's way to derive a decision from a decision's own inputs: :func:`weightgate.decide.again.decide_again`."""

    def __call__(
        self, decision: dict[str, Any], packs: Sequence[PackSource], *, cap: Grade
    ) -> dict[str, Any]:
        """A fresh decision, no fact of which has a grade above ``cap``."""


@record
class Replay:
    """What came of deriving an attested decision again.

    Attributes:
        engine: The engine that did it.
        attested_engine: The engine that made the decision.
        differences: Each field that came out differently, with both values; empty when none did.
        model: What came of inspecting the model again; ``None`` when that was not asked for.
    """

    engine: str
    attested_engine: str
    differences: tuple[str, ...]
    model: ModelReplay | None = None

    def to_json(self) -> dict[str, Any]:
        """As the ``replay`` of a verification report spells it."""
        again = None if self.model is None else {"model": self.model.to_json()}
        return {
            "same": not self.differences,
            "engine": self.engine,
            "attested_engine": self.attested_engine,
            "differences": list(self.differences),
            **(again or {}),
        }


FOLLOWING = ("verdict", "possible", "exit", "activity", "as_of", "known_at", "status_mode", "switches")
"""What a decision says as a whole that follows from its inputs alone, whatever grades its facts have."""

_WHOLE = (*FOLLOWING, "operator")
_ENTRIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "destinations": (("name",), ("verdict", "possible", "country", "subdivision", "tiers")),
    "reasons": (("pack", "rule"), ("verdict", "applies", "destinations")),
    "conditions": (("id",), ("applies", "text", "due")),
    "packs": (("name", "digest"), ("status", "verdict", "possible", "applicable")),
}
_VALUE_KEYS = ("value", "min", "max", "one_of", "certain", "possible", "unknown")


def replay_of(replay: bool | str, model: object) -> str:
    """What a verdict is to be derived from again; empty for nothing.

    Args:
        replay: Yes or no, or one of :data:`REPLAYS`.
        model: The model that the verifier named; ``None`` for none.

    Raises:
        UsageError: There is no such way (code ``unknown_replay``), or the model is to be inspected and none is named
            (``model_missing``).
    """
    if isinstance(replay, bool):
        return INSIDE if replay else ""
    if replay not in REPLAYS:
        hint = "write --replay, --replay=inside or --replay=model"
        message = f"nothing is replayed from {replay!r}"[:120]
        raise UsageError(message, where="--replay", hint=hint, code="unknown_replay")
    if replay == MODEL and model is None:
        message = "--replay=model needs --model"
        raise UsageError(message, where="--replay", hint="name the model", code="model_missing")
    return replay


def replay_check(again: Replay | None, otherwise: str) -> Check:
    """What a replay establishes.

    Args:
        again: The replay; ``None`` when there was none.
        otherwise: Why there was none.

    Returns:
        ``established`` when what is inside gives the same decision, and the model, when it was inspected again, the same
        verdict; other facts under the same verdict are named. Otherwise ``contradicted``: what changed since, and what
        was never so, cannot be told apart.
    """
    if again is None:
        return Check("replay", State.NOT_ESTABLISHED, otherwise)
    engines = f"by engine {again.engine}"
    if again.engine != again.attested_engine:
        engines += f"; it was decided by engine {again.attested_engine[:80]!r}"
    also = f"; {again.model.sentence()}" if again.model else ""
    if again.differences:
        detail = "; ".join(again.differences) + f"; {engines}{also}"
        return Check("replay", State.CONTRADICTED, detail)
    same = again.model is None or again.model.same
    state = State.ESTABLISHED if same else State.CONTRADICTED
    return Check("replay", state, f"derived again from what is inside, {engines}{also}")


def replay(decision: dict[str, Any], packs: Sequence[PackSource], decide_again: DecideAgain) -> Replay:
    """Derive an attested decision again from its embedded facts and packs; nothing is looked up."""
    attested = str(decision.get("engine", ""))
    try:
        fresh = decide_again(decision, packs, cap=Grade.VERIFIED)
    except WeightgateError as error:
        return Replay("", attested, (f"cannot be derived again: {error}",))
    found = (
        *differences(decision, fresh),
        *value_differences(decision, fresh),
        *_grade_differences(decision, fresh),
    )
    return Replay(str(fresh.get("engine", "")), attested, found)


def differences(stated: dict[str, Any], derived: dict[str, Any]) -> tuple[str, ...]:
    """Each field of ``stated`` that follows from the inputs and that ``derived`` has otherwise.

    Grades, and what rests on claimed or declared facts, are left out: a lower cap changes them rightly.
    """
    stated, derived = plain(stated), plain(derived)
    found = [_differs(key, stated.get(key), derived.get(key)) for key in _WHOLE]
    for key, (identity, compared) in _ENTRIES.items():
        found += _entry_differences(key, stated.get(key) or [], derived.get(key) or [], identity, compared)
    days = [(d.get("valid_until") or {}).get("date") for d in (stated, derived)]
    found.append(_differs("valid_until.date", *days))
    # Why it is a what-if is said in words, which an engine may choose anew; whether it is one follows.
    whys = [d.get("hypothetical") for d in (stated, derived)]
    if bool(whys[0]) != bool(whys[1]):
        found.append(_differs("hypothetical", *whys))
    return tuple(filter(None, found))


def value_differences(stated: dict[str, Any], derived: dict[str, Any]) -> tuple[str, ...]:
    """Each fact of ``stated`` whose value does not follow from the evidence beside it."""
    facts, fresh = plain(stated)["facts"], plain(derived).get("facts", {})
    return tuple(
        filter(
            None, (_differs(f"facts.{n}", _value(facts[n]), _value(fresh.get(n, {}))) for n in sorted(facts))
        )
    )


def _grade_differences(stated: dict[str, Any], derived: dict[str, Any]) -> tuple[str, ...]:
    """Each grade that does not follow from the evidence under the decision's own cap, and each fact that it turns on."""
    stated, derived = plain(stated), plain(derived)
    facts, fresh = stated["facts"], derived.get("facts", {})
    found = [
        _differs(f"facts.{n}.grade", *(_grade(side.get(n)) for side in (facts, fresh))) for n in sorted(facts)
    ]
    found += _entry_differences(
        "rests_on", stated["rests_on"], derived.get("rests_on", []), ("fact", "by"), ("grade",)
    )
    return tuple(filter(None, found))


def _grade(fact: Any) -> Any:
    return fact.get("grade") if isinstance(fact, dict) else None


def plain(value: Any) -> Any:
    """``value`` as a JSON reader would see it."""
    return json.loads(json.dumps(value))


def _entry_differences(
    key: str,
    stated: list[Any],
    derived: list[Any],
    identity: tuple[str, ...],
    compared: tuple[str, ...],
) -> list[str]:
    """Compare two lists of entries, each known by its identity; their order says nothing."""
    rows = [sorted((_row(e, identity, compared) for e in side), key=str) for side in (stated, derived)]
    names = [[name for name, _ in side] for side in rows]
    if names[0] != names[1]:
        return [_differs(key, *names)]
    return [
        _differs(f"{key}[{name}].{field}", was[field], now[field])
        for (name, was), (_, now) in zip(*rows, strict=True)
        for field in compared
    ]


def _row(entry: Any, identity: tuple[str, ...], compared: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    fields = entry if isinstance(entry, dict) else {}
    return " ".join(str(fields.get(i, "")) for i in identity), {f: fields.get(f) for f in compared}


def _value(fact: Any) -> dict[str, Any]:
    return {key: fact[key] for key in _VALUE_KEYS if key in fact} if isinstance(fact, dict) else {}


def _differs(name: str, stated: Any, derived: Any) -> str:
    return "" if stated == derived else f"{name}: stated {_short(stated)}, derived {_short(derived)}"


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 160 else text[:157] + "..."
