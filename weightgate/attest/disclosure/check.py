"""What a verifier can tell of a minimal attestation, and what an opening adds."""

from __future__ import annotations

import hmac
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from weightgate.attest.disclosure.commitments import Opening
from weightgate.attest.statements.attested import Attested
from weightgate.errors import WeightgateError
from weightgate.facts.encode import parse_value
from weightgate.facts.registry import FACTS
from weightgate.facts.statements import Grade
from weightgate.facts.values import Members, Unknown, Value
from weightgate.facts.words import value_text
from weightgate.files.digests import is_hex
from weightgate.signing.checks import Check, State

if TYPE_CHECKING:
    from weightgate.decide.case import Case

OPERATOR_DIGEST = "operator.digest"
"""The item that binds a minimal attestation to an operator file."""

_FORMS = ("value", "min", "max", "one_of", "certain", "possible", "unknown", "reason")
_SHOWN = 40
_NAMES_SHOWN = 6

Row = Mapping[str, Any]


def disclosure_check(attested: Attested, openings: Sequence[Opening] = ()) -> Check:
    """Whether everything is disclosed, and whether openings fit what was signed.

    Args:
        attested: A verified statement's predicate.
        openings: What the signer showed of what is withheld.

    Returns:
        ``established`` for an attestation in full, and for a minimal one all of whose openings match their commitments and
        lie within what it discloses; ``not_established`` for a minimal one without an opening; ``contradicted`` when an
        opening fits nothing, or shows what is not within.
    """
    if attested.disclosure is None:
        if openings:
            return _check(State.CONTRADICTED, "nothing is withheld, so there is nothing to open")
        return _check(State.ESTABLISHED, "in full")
    withheld = attested.disclosure["withheld"]
    problem = _withheld_problem(withheld) or _openings_problem(attested, openings)
    if problem:
        return _check(State.CONTRADICTED, problem)
    said = f"minimal: {_ranges(attested.decision)}"
    opened = {o.item for o in openings}
    closed = [w["item"] for w in withheld if w["item"] not in opened]
    rest = f"; withheld: {_listed(closed)}" if closed else ""
    if not openings:
        return _check(State.NOT_ESTABLISHED, said + rest)
    shown = "; ".join(f"{o.item} was {_opened_text(o)}" for o in openings[:_SHOWN])
    return _check(State.ESTABLISHED, f"opened: {shown}; {said}{rest}")


def operator_check(attested: Attested, operator: str | None, openings: Sequence[Opening]) -> Check:
    """Whether a minimal attestation is about an operator file: the digest of that file is itself withheld.

    Args:
        attested: A verified statement's predicate, which discloses minimally.
        operator: Digest of the operator file asked about; ``None`` when none is.
        openings: What the signer showed.
    """
    withheld = {w["item"]: w["commitment"] for w in (attested.disclosure or {}).get("withheld", ())}
    if OPERATOR_DIGEST not in withheld:
        if operator is None:
            return Check("operator", State.NOT_ESTABLISHED, "not asked; it is about no operator")
        without = "it is about no operator: decide again with --operator, and attest that"
        return Check("operator", State.CONTRADICTED, without)
    if operator is None:
        return Check("operator", State.NOT_ESTABLISHED, "not asked; which operator it is about is withheld")
    shown = next((o for o in openings if o.item == OPERATOR_DIGEST), None)
    if shown is None:
        wanted = (
            f"which operator it is about is withheld: ask its signer for the opening of {OPERATOR_DIGEST}"
        )
        return Check("operator", State.NOT_ESTABLISHED, wanted)
    if not hmac.compare_digest(shown.commitment, withheld[OPERATOR_DIGEST]):
        return Check("operator", State.CONTRADICTED, f"the opening of {OPERATOR_DIGEST} does not fit")
    if shown.value != operator:
        other = f"the operator file here is {operator}; it is about {str(shown.value)[:80]!r}"
        return Check("operator", State.CONTRADICTED, other)
    return Check("operator", State.ESTABLISHED, f"{operator}, as opened")


def _check(state: State, detail: str) -> Check:
    return Check("disclosure", state, detail)


def _withheld_problem(withheld: Sequence[Row]) -> str:
    names = [w["item"] for w in withheld]
    if len(set(names)) != len(names):
        return "something is withheld twice"
    bad = next((w["item"] for w in withheld if not is_hex(w["commitment"])), None)
    return "" if bad is None else f"the commitment of {bad[:80]!r} is no SHA-256"


def _openings_problem(attested: Attested, openings: Sequence[Opening]) -> str:
    """What is wrong with the first opening that does not fit; empty when all do."""
    commitments = {w["item"]: w["commitment"] for w in (attested.disclosure or {})["withheld"]}
    for opening in openings:
        if opening.item not in commitments:
            return f"{opening.item[:80]!r} is not among what is withheld"
        if not hmac.compare_digest(opening.commitment, commitments[opening.item]):
            return f"the opening of {opening.item} does not fit: another value, another salt or another attestation"
    facts = [opening for opening in openings if opening.item in FACTS]
    try:
        outside = list(_outside(attested, facts)) if facts else []
    except WeightgateError as error:
        return f"an opening cannot be read: {error}"
    outside += [
        o.item for o in openings if o.item == "decision" and not _same_decision(attested.decision, o.value)
    ]
    return f"what was opened is not within what is disclosed: {', '.join(outside)}" if outside else ""


def _outside(attested: Attested, openings: Sequence[Opening]) -> Iterator[str]:
    """The facts whose opened value is not within what is disclosed of them."""
    from weightgate.decide.again import case_again
    from weightgate.decide.widening.widen import parts_in

    case = case_again(attested.decision, attested.packs, cap=Grade.VERIFIED)
    parts = parts_in(case)
    for opening in openings:
        exact = _value_of(opening)
        if opening.item == "operator.authorizations":
            fits = _held_fits(case, exact)
        else:
            known = case.facts.get(opening.item)
            said = Unknown() if known is None else known.value
            part = parts.get(opening.item)
            fits = part is None or part.of(exact) <= part.of(said)
        if not fits:
            yield opening.item


def _held_fits(case: Case, exact: Value) -> bool:
    """Whether what is said of authorisations, place by place, can go with what covers all places."""
    if not isinstance(exact, Members):
        return True
    certain, possible = set[str](), set[str]()
    for fact in case.held:
        if isinstance(fact.value, Members):
            certain |= fact.value.certain
            possible |= fact.value.possible
    return certain <= exact.possible and exact.possible & {"UVEU", "NVEU", "ORDER"} <= possible


def _value_of(opening: Opening) -> Value:
    raw = opening.value
    form = {key: raw[key] for key in _FORMS if key in raw} if isinstance(raw, dict) else raw
    return parse_value(FACTS[opening.item], form, f"opening of {opening.item}")


def _same_decision(said: Row, opened: Any) -> bool:
    keys = ("verdict", "possible", "as_of", "decided_at", "activity", "hypothetical")
    if not isinstance(opened, dict):
        return False
    model = opened.get("model")
    same_model = isinstance(model, dict) and model.get("digest") == said["model"]["digest"]
    return same_model and all(opened.get(key) == said[key] for key in keys)


def _ranges(decision: Row) -> str:
    """Each fact of which something is disclosed, and how much."""
    facts = {name: fact for name, fact in decision["facts"].items() if isinstance(fact, dict)}
    found = [f"{name} {range_text(fact)}" for name, fact in facts.items() if "unknown" not in fact]
    return "of facts it says only: " + ("; ".join(found[:_SHOWN]) or "nothing")


def range_text(fact: Row) -> str:
    """What is disclosed of a fact, in words: an end just before a number is "below" it, one just after it is "more than" it."""
    form = {key: fact[key] for key in _FORMS if key in fact}
    names = form.get("one_of")
    if isinstance(names, list) and len(names) > _NAMES_SHOWN:
        return f"is one of {len(names)} names"
    low, high = form.get("min"), form.get("max")
    ends = [] if low is None else [_end(low, -math.inf, "more than", "at least")]
    ends += [] if high is None else [_end(high, math.inf, "below", "at most")]
    return "is " + (" and ".join(ends) or value_text(form))


def _end(number: Any, beyond: float, without: str, with_it: str) -> str:
    """An end of an interval: the double just beside a number, as rules name it, leaves that number out."""
    if not isinstance(number, int | float):
        return f"{with_it} {value_text(number)}"
    cut = math.nextafter(float(number), beyond)
    left_out = len(repr(cut)) < len(repr(float(number)))
    return f"{without} {value_text(cut)}" if left_out else f"{with_it} {value_text(number)}"


def _opened_text(opening: Opening) -> str:
    if opening.item == "decision":
        return "shown in full"
    raw = opening.value
    if opening.item in FACTS and isinstance(raw, dict):
        raw = {key: raw[key] for key in _FORMS if key in raw}
        exact = raw.get("value")
        return repr(exact)[:200] if isinstance(exact, float) else value_text(raw)[:200]
    return repr(raw)[:200]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(name[:80] for name in names[:_SHOWN]) + more
