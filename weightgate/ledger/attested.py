"""Attestations in a log: what is logged of one, and whether a proof shows that it was.

The entry follows from the signed statement alone, so whoever has an attestation and a proof can hold the one against the
other without the log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from weightgate.errors import InputError, SignatureError
from weightgate.files.json import parse_json
from weightgate.files.shapes import misfit
from weightgate.ledger.entry import Entry
from weightgate.ledger.note import read_verifier_key
from weightgate.ledger.proof import MAX_PROOF_BYTES, check_proof, read_proof
from weightgate.signing.checks import Check, State
from weightgate.signing.merkle import leaf_hash
from weightgate.signing.statement import canonical, parse_statement

KIND = "weightgate/attestation/v1"

PROOF_MEDIA_TYPE = "application/vnd.c2sp.tlog-proof.v1+json"
"""What a proof is called in a claims file."""

CHECK = "log"
"""Identifier of the check."""

_TIMES = ("createdOn", "timeVerified", "timeCreated")


def attestation_entry(payload: bytes, source: str) -> bytes:
    """The entry for an attestation: canonical JSON that follows from its payload.

    ``{kind, payload, subjects, predicate_type, verdict, time}``: ``payload`` is the SHA-256 of the statement; ``subjects``
    are the digests of what it is about, and how many there are when that is more than one; ``verdict`` and ``time`` are
    the statement's own, or null.

    Args:
        payload: The statement, as the envelope holds it.
        source: Its name, for messages.

    Raises:
        SignatureError: It is no statement (code ``statement``).
    """
    statement = parse_statement(payload, source)
    predicate = statement.predicate
    first = statement.subjects[0]
    return canonical(
        {
            "kind": KIND,
            "payload": f"sha256:{hashlib.sha256(payload).hexdigest()}",
            "subject": f"sha256:{first.sha256[:64]}" if first.sha256 else None,
            "subjects": len(statement.subjects),
            "predicate_type": statement.predicate_type[:1000],
            "verdict": _text(_verdict(predicate)),
            "time": next((_text(predicate[name]) for name in _TIMES if name in predicate), None),
        }
    )


def entry_for(payload: bytes, source: str) -> Entry:
    """The entry for an attestation with its key, by which logging it twice is the same as once.

    Raises:
        SignatureError: It is no statement (code ``statement``).
    """
    key = f"attestation:sha256:{hashlib.sha256(payload).hexdigest()}"
    return Entry(attestation_entry(payload, source), key)


def proof_line(proof: str) -> bytes:
    """A proof as a line of a claims file, after what it proves: a JSON object that says what it is."""
    return canonical({"mediaType": PROOF_MEDIA_TYPE, "proof": proof}) + b"\n"


def read_proof_line(raw: bytes, source: str) -> str:
    """The proof in a line of a claims file; nothing in it is to be believed.

    Raises:
        SignatureError: It is none (code ``log_proof``).
    """
    try:
        line = parse_json(raw, source, max_bytes=2 * MAX_PROOF_BYTES)
    except InputError as error:
        raise SignatureError(f"no proof: {error.message}", where=source, code="log_proof") from None
    problem = misfit(line, {"mediaType": PROOF_MEDIA_TYPE, "proof": str}, "line")
    if not problem and len(line) != 2:
        problem = "line: fields beside mediaType and proof"
    if problem:
        raise SignatureError(f"no proof: {problem}", where=source, code="log_proof")
    return str(line["proof"])


def log_check(payload: bytes, proof: bytes | str | None, logs: Mapping[str, str]) -> Check:
    """Whether an attestation is in a log whose key is given.

    Args:
        payload: The statement, its envelope's signature verified.
        proof: The ``.tlog-proof``; nothing when there is none.
        logs: Verifier keys of the logs that are accepted, by the names that messages use.

    Returns:
        The check: established when one of the logs has it; not established without a proof, or when it is of a log that
        is not named; contradicted when the proof does not hold.

    Raises:
        InputError: One of the keys is none (code ``log_key``).
    """
    if proof is None:
        return Check(CHECK, State.NOT_ESTABLISHED, "no proof of a log was given")
    keys = {read_verifier_key(text, name): name for name, text in logs.items()}
    try:
        entry = attestation_entry(payload, "attestation")
        found = check_proof(leaf_hash(entry), read_proof(proof, "proof"), tuple(keys), "proof")
    except SignatureError as error:
        state = State.NOT_ESTABLISHED if error.code == "unknown_log" else State.CONTRADICTED
        return Check(CHECK, state, error.message)
    return Check(
        CHECK,
        State.ESTABLISHED,
        f"entry {found.index} of {found.checkpoint.size} in log {found.checkpoint.origin}, key {keys[found.key]}",
    )


def _verdict(predicate: Mapping[str, Any]) -> Any:
    decision = predicate.get("decision")
    if isinstance(decision, Mapping):
        return decision.get("verdict")
    return predicate.get("verdict", predicate.get("verificationResult"))


def _text(value: Any) -> str | None:
    return value[:200] if isinstance(value, str) else None
