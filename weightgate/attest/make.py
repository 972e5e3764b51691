"""Making an attestation: deciding again from the decision's own inputs, and signing what came out.

Nothing of a decision file is signed on its word alone when it can be derived: what is signed is the decision derived
here, which has to agree with the file in every field that follows from its inputs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from weightgate.attest.replay.deriving import DecideAgain, differences, plain
from weightgate.attest.statements.attested import manifest_problem
from weightgate.attest.statements.batch import seal_batch
from weightgate.attest.statements.claims import compose_claims
from weightgate.attest.statements.consistency import input_problems
from weightgate.attest.statements.resource import check_verifier_id
from weightgate.attest.statements.shapes import DECISION
from weightgate.errors import InputError, SignatureError
from weightgate.facts.statements import Grade
from weightgate.files.json import parse_json
from weightgate.files.shapes import misfit, too_deep
from weightgate.policy.source import PackSource
from weightgate.records import record
from weightgate.signing.keys import Signer
from weightgate.signing.sealing import Sealer
from weightgate.signing.statement import MAX_AHEAD, read_time

NOT_LOOKED_AT = "What the decision file says of the model, its files and its sources: the model was not looked at when this was signed."
"""Put first into ``not_established`` of a decision that is signed without the model at hand."""

# What the file says of packs that are no part of its inputs: for information, and taken over as it stands.
_NOT_DERIVED = "not_asked"


def read_decision(raw: bytes, source: str) -> dict[str, Any]:
    """Read a decision file, as ``check --output json`` writes it.

    Args:
        raw: The file's bytes.
        source: Its name, for messages.

    Raises:
        InputError: Not JSON, or no decision; the message has the place (exit 4).
    """
    return check_decision(parse_json(raw, source), source)


def check_decision(decision: Any, source: str) -> dict[str, Any]:
    """Check that parsed JSON has the shape of a decision.

    Raises:
        InputError: It has not; the message has the place (code ``bad_decision``).
    """
    problem = "nested too deeply" if too_deep(decision) else misfit(decision, DECISION, "decision")
    problem = problem or manifest_problem(decision["inputs"]["manifest"])
    if problem:
        raise InputError(
            f"no decision: {problem}",
            where=source,
            hint="write one with: weightgate check --output json=FILE",
            code="bad_decision",
        )
    return dict(decision)


@record
class Underived:
    """A decision as somebody says it came out, with what is needed to derive it again.

    Attributes:
        decision: JSON of schema ``weightgate/decision/v1``, not believed.
        find_pack: From a pack's locator to its bytes.
        decide_again: The engine.
        cap: The highest grade that a fact may keep: ``Grade.DECLARED`` when no model is at hand.
        source: Name of the decision's file, for messages.
    """

    decision: dict[str, Any]
    find_pack: Callable[[str], PackSource]
    decide_again: DecideAgain
    cap: Grade
    source: str = "decision"


@record
class Derived:
    """A decision that follows from its own inputs, because it was derived from them here.

    Attributes:
        decision: JSON of schema ``weightgate/decision/v1``.
        packs: The packs it was made under.
    """

    decision: dict[str, Any]
    packs: tuple[PackSource, ...]


def attest_many(
    decisions: Iterable[Underived],
    *,
    sealer: Sealer,
    now: datetime,
    verifier_id: str | None = None,
    batch: bool = False,
) -> Iterator[bytes]:
    """Decide each again from its own inputs, and sign the outcomes when all agree.

    Args:
        decisions: The decisions.
        sealer: Who signs, and in which form.
        now: The signer's clock, with its offset.
        verifier_id: Who decides, as a URI; with it summaries are signed too.
        batch: Whether one signature is to cover all statements, each with its proof, or each has its own.

    Yields:
        One line of JSON for each statement; of each decision its own first, then its summaries.

    Raises:
        InputError: A decision is malformed (exit 4), or there are none, or too many, for a batch.
        PolicyError: A pack is not to be found (exit 4).
        SignatureError: A decision does not follow from its inputs; each differing field is named (exit 6).
        UsageError: ``verifier_id`` is no URI (code ``verifier_id``), or they cannot sign in that form.
    """
    sealer.check(batch=batch)
    payloads = [payload for each in decisions for payload in _payloads(each, now, verifier_id)]
    if batch:
        yield from seal_batch(payloads, *sealer.signers)
    else:
        yield from map(sealer.seal, payloads)


def attest(
    decision: dict[str, Any],
    *,
    signer: Signer,
    find_pack: Callable[[str], PackSource],
    decide_again: DecideAgain,
    cap: Grade,
    now: datetime,
    source: str = "decision",
) -> bytes:
    """Decide one decision again and sign the outcome alone; arguments and errors as for :func:`attest_many`.

    Returns:
        A DSSE envelope as one line of JSON.
    """
    underived = Underived(decision, find_pack, decide_again, cap, source)
    return b"".join(attest_many([underived], sealer=Sealer((signer,)), now=now))


def statements(decision: Underived, *, now: datetime, verifier_id: str | None = None) -> list[dict[str, Any]]:
    """The statements that would be signed, as JSON, after deciding again; errors as for :func:`attest_many`."""
    return [json.loads(payload) for payload in _payloads(decision, now, verifier_id)]


def _payloads(decision: Underived, now: datetime, verifier_id: str | None) -> list[bytes]:
    if verifier_id is not None:
        check_verifier_id(verifier_id)
    derived = derive(decision, now=now)
    return compose_claims(derived.decision, derived.packs, now=now, verifier_id=verifier_id)


def derive(underived: Underived, *, now: datetime) -> Derived:
    """Decide again from a decision's own inputs; errors as for :func:`attest_many`."""
    source = underived.source
    decision = check_decision(plain(underived.decision), source)
    if decision["model"]["reference"].startswith("sig:"):
        from weightgate.oms.reference import need_attestable

        need_attestable(decision)
    packs = find_packs(decision, underived.find_pack, source)
    _refuse_unfounded(decision, now, source)
    fresh = plain(underived.decide_again(_lowered(decision, underived.cap), packs, cap=underived.cap))
    found = differences(decision, fresh)
    if found:
        raise SignatureError(
            "the decision does not follow from its own inputs:\n  " + "\n  ".join(found),
            where=source,
            hint="decide again with: weightgate check",
            code="decision_differs",
        )
    derived = fresh | {_NOT_DERIVED: decision.get(_NOT_DERIVED, [])}
    return Derived(check_decision(derived, source), tuple(packs))


def _lowered(decision: dict[str, Any], cap: Grade) -> dict[str, Any]:
    """The decision with its inputs' own cap lowered to ``cap``, so that a replay cannot raise a grade again.

    The statements keep their grades, by which they are merged: what is lowered is how far the outcome can be relied on.
    """
    inputs = decision["inputs"]
    if cap >= Grade[inputs["cap"].upper()]:
        return decision
    said = [sentence for sentence in inputs["not_established"] if sentence != NOT_LOOKED_AT]
    lowered = {"cap": str(cap), "not_established": [NOT_LOOKED_AT, *said]}
    return decision | {"inputs": inputs | lowered}


def find_packs(
    decision: dict[str, Any], find_pack: Callable[[str], PackSource], source: str
) -> list[PackSource]:
    """The packs of a decision, byte for byte.

    Args:
        decision: Its JSON, whose shape has been checked.
        find_pack: From a pack's locator to its bytes.
        source: Name of the decision's file, for messages.

    Raises:
        PolicyError: A pack is not to be found.
        SignatureError: One is there and is another version (code ``pack_differs``).
    """
    packs = []
    for entry in decision["inputs"]["packs"]:
        pack = find_pack(entry["locator"])
        if pack.digest != entry["digest"]:
            raise SignatureError(
                f"pack {entry['name']} has digest {pack.digest}; the decision was made under {entry['digest']}",
                where=entry["locator"],
                hint=f"{source} was made under another version of the pack: decide again with: weightgate check",
                code="pack_differs",
            )
        packs.append(replace(pack, name=entry["name"], locator=entry["locator"]))
    return packs


def _refuse_unfounded(decision: dict[str, Any], now: datetime, source: str) -> None:
    """Refuse what deciding again cannot notice: parts that disagree, and a decision from the future."""
    try:
        decided = read_time(decision["decided_at"], "decided_at")
    except SignatureError as error:
        raise InputError(f"no decision: {error.message}", where=source, code="bad_decision") from None
    found = list(input_problems(decision))
    if decided > now.astimezone(UTC) + MAX_AHEAD:
        found.append(f"decided_at {decision['decided_at']} is ahead of this machine's clock")
    if found:
        raise SignatureError(
            "the decision contradicts itself:\n  " + "\n  ".join(found), where=source, code="decision_differs"
        )
