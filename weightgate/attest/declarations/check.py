"""The check of an attested decision's declarations: a verifier grades them anew, by its own trust file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from weightgate.errors import InputError, SignatureError
from weightgate.facts.encode import encode_value
from weightgate.facts.statements import SIGNED, Grade, Statement
from weightgate.signing.checks import Check, State

if TYPE_CHECKING:
    from weightgate.attest.declarations.evidence import SignedFacts
    from weightgate.attest.trust import Trust

CHECK = "declarations"


def check_declarations(decision: Mapping[str, Any], trust: Trust | None, *, now: datetime) -> Check | None:
    """Whether the facts that an attested decision takes from declarations were declared so, by whom the verifier trusts.

    *established* when every one that counts as verified does so under the verifier's own trust file too, or none does;
    *not established* without such a file, when it does not vouch, or when a declaration was left out;
    *contradicted* when a declaration inside does not say what the decision takes from it.

    Args:
        decision: The attested decision, whose shape has been checked.
        trust: The verifier's trust file, in date.
        now: The verifier's clock, with its offset.

    Returns:
        Nothing when the decision takes no fact from a declaration and carries none.
    """
    inputs = decision["inputs"]
    taken = [e for e in inputs["statements"] if str(e.get("method") or "").startswith(SIGNED)]
    if not taken and not inputs.get("declarations"):
        return None
    from weightgate.attest.declarations.evidence import signed_again

    try:
        found = signed_again(decision, trust, now=now)
    except (InputError, SignatureError) as error:
        return Check(CHECK, State.CONTRADICTED, str(error))
    return _compare(taken, found, inputs["request"].get("trust") or {})


def _compare(taken: list[dict[str, Any]], found: SignedFacts, attester: Mapping[str, Any]) -> Check:
    said = {(one.digest, one.fact): one for one in found.statements}
    inside = {one.digest for one in found.declarations}
    doubtful: list[str] = []
    vouched: dict[str, None] = {}
    for entry in taken:
        place, fact = str(entry.get("digest")), entry["fact"]
        one = said.get((place, fact))
        if place not in inside:
            doubtful.append(f"{fact}: its declaration is not inside")
        elif one is None or encode_value(one.value) != entry.get("says"):
            return Check(
                CHECK, State.CONTRADICTED, f"the declaration of {fact} does not say what was taken from it"
            )
        elif entry["grade"] != str(Grade.CLAIMED):
            if one.grade is Grade.VERIFIED:
                vouched[f"{fact} by {one.by}"] = None
            else:
                doubtful.append(f"{fact}: {_why(one, found, attester)}")
    if doubtful:
        return Check(CHECK, State.NOT_ESTABLISHED, "; ".join(doubtful))
    return Check(CHECK, State.ESTABLISHED, ", ".join(vouched) or "declarations count as claims only")


def _why(one: Statement, found: SignedFacts, attester: Mapping[str, Any]) -> str:
    """Why a fact that the attester counted as verified does not count so here."""
    if found.trust is None:
        return f"verified by the attester's trust file {str(attester.get('digest'))[:80]}, and none was given here"
    return f"verified by the attester's trust file; in this one {one.method.rpartition('; a claim: ')[2]}"
