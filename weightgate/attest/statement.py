"""The in-toto Statement v1 that carries a decision; docs/attestation.md is its specification.

Source: in-toto/attestation, spec/v1/statement.md. The subject is the model's OMS root digest, or, when no model was at
hand, the digest of what was asked.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from weightgate.attest.shapes import MANIFEST, PREDICATE, STATEMENT, misfit, too_deep
from weightgate.errors import InputError, ModelError, SignatureError
from weightgate.files.json import parse_json
from weightgate.inspect.inspection import ManifestEntry
from weightgate.inspect.manifest import root_digest
from weightgate.policy.source import PackSource
from weightgate.records import record

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://weightgate.dev/decision/v1"

MODEL_SUBJECT = "model"
REQUEST_SUBJECT = "weightgate:request"

MAX_AHEAD = timedelta(minutes=5)
"""How far a signer's clock may run ahead of the verifier's (DESIGN.md, Attestations)."""

_HEX256 = re.compile(r"[0-9a-f]{64}\Z")
_SAFE_INTEGER = 2**53 - 1


@record
class Attested:
    """A statement whose shape has been checked; what it says has not.

    Attributes:
        subject: Name and hex SHA-256 of what it is about.
        decision: The decision, JSON of schema ``weightgate/decision/v1``.
        packs: The packs it was made under, with their bytes.
        digests: What the statement says each pack's digest is, in the same order.
        created: When the signer says that it was signed; UTC.
        decided: When the signer says that it was decided; UTC.
    """

    subject: tuple[str, str]
    decision: dict[str, Any]
    packs: tuple[PackSource, ...]
    digests: tuple[str, ...]
    created: datetime
    decided: datetime


def compose(decision: dict[str, Any], packs: Sequence[PackSource], *, now: datetime) -> bytes:
    """The statement about a decision, as the bytes to sign.

    Args:
        decision: A decision whose shape has been checked.
        packs: The packs it was made under.
        now: The signer's clock.

    Raises:
        InputError: The model's digest is not the root of the manifest (code ``bad_decision``), or a value is not JSON.
    """
    name, digest = subject_of(decision)
    predicate = {
        "decision": decision,
        "packs": [{"name": p.name, "digest": p.digest, "text": p.text.decode()} for p in packs],
        "createdOn": write_time(now),
        "engine": decision["engine"],
        "hypothetical": decision["hypothetical"],
    }
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": digest}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }
    try:
        text = json.dumps(statement, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except ValueError as error:
        raise InputError(f"the decision cannot be written: {error}", code="bad_decision") from None


def parse_statement(payload: bytes, source: str) -> dict[str, Any]:
    """Read the payload of a verified envelope as an in-toto Statement v1.

    Raises:
        SignatureError: It is none (code ``statement``).
    """
    try:
        statement = parse_json(payload, source)
    except InputError as error:
        raise SignatureError(f"the signed payload is refused: {error.message}", code="statement") from None
    problem = "nested too deeply" if too_deep(statement) else misfit(statement, STATEMENT, "statement")
    if not problem and statement["_type"] != STATEMENT_TYPE:
        problem = f"_type is {statement['_type'][:80]!r}, needed {STATEMENT_TYPE!r}"
    if not problem and len(statement["subject"]) != 1:
        problem = f"{len(statement['subject'])} subjects, needed one"
    if problem:
        raise SignatureError(problem, code="statement")
    return dict(statement)


def read_predicate(statement: dict[str, Any]) -> Attested:
    """The decision predicate of a statement, its shape checked.

    Raises:
        SignatureError: A field is missing, of another type, or no time (code ``predicate``).
    """
    predicate = statement["predicate"]
    problem = misfit(predicate, PREDICATE, "predicate")
    if problem:
        raise SignatureError(problem, code="predicate")
    decision, packs = predicate["decision"], predicate["packs"]
    for key in ("engine", "hypothetical"):
        if predicate[key] != decision[key]:
            raise SignatureError(f"predicate.{key} is not the decision's own", code="predicate")
    locators = {p["name"]: p["locator"] for p in decision["inputs"]["packs"]}
    subject = statement["subject"][0]
    return Attested(
        (subject["name"], subject["digest"]["sha256"]),
        decision,
        tuple(PackSource(p["name"], locators.get(p["name"], ""), p["text"].encode()) for p in packs),
        tuple(p["digest"] for p in packs),
        read_time(predicate["createdOn"], "predicate.createdOn"),
        read_time(decision["decided_at"], "decision.decided_at"),
    )


def subject_of(decision: dict[str, Any]) -> tuple[str, str]:
    """Name and hex digest of what a decision is about.

    Raises:
        InputError: The manifest is no manifest, its root is not the model's digest, or, with no manifest, the inputs
            are no JSON that can be digested (code ``bad_decision``).
    """
    manifest, digest = decision["inputs"]["manifest"], decision["model"]["digest"]
    if not manifest:
        return REQUEST_SUBJECT, hashlib.sha256(canonical(decision["inputs"])).hexdigest()
    problem = manifest_problem(manifest)
    root = "" if problem else root_digest(manifest_entries(manifest))
    if not problem and digest != root:
        problem = f"model.digest is {digest!r}, but the root of the manifest is {root}"
    if problem:
        raise InputError(problem, where="inputs.manifest", code="bad_decision")
    return MODEL_SUBJECT, root.removeprefix("sha256:")


def manifest_problem(manifest: Any) -> str:
    """What is wrong with a decision's manifest, in words; empty when nothing is.

    Names are normal and unique, digests are lower-case hex SHA-256, so that each has one spelling.
    """
    problem = misfit(manifest, MANIFEST, "manifest")
    if problem or not manifest:
        return problem
    for index, entry in enumerate(manifest):
        if not _HEX256.match(entry["digest"]):
            return f"manifest[{index}]: {entry['digest'][:80]!r} is no SHA-256"
    try:
        root_digest(manifest_entries(manifest))
    except ModelError as error:
        return f"manifest: {error.message}"
    return ""


def manifest_entries(manifest: Sequence[Mapping[str, Any]]) -> tuple[ManifestEntry, ...]:
    """A decision's manifest as inspection has it."""
    return tuple(ManifestEntry(entry["name"], entry["digest"], entry["reported"]) for entry in manifest)


def canonical(value: Any) -> bytes:
    """Canonical JSON (RFC 8785); a whole number that no double holds exactly is rounded to a double first.

    Raises:
        InputError: Not JSON, or a number too large for a double (code ``bad_decision``).
    """
    import rfc8785

    try:
        return rfc8785.dumps(_doubles(value))
    except (ValueError, OverflowError) as error:
        raise InputError(f"cannot be digested: {error}", code="bad_decision") from None


def write_time(moment: datetime) -> str:
    """A moment as RFC 3339 in UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_time(text: str, place: str) -> datetime:
    """A moment written as RFC 3339 with its offset, in UTC.

    Raises:
        SignatureError: It is none (code ``predicate``).
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise SignatureError(
        f"{place}: {text[:60]!r} is no time with an offset, such as 2025-01-31T12:00:00Z", code="predicate"
    )


def _doubles(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _doubles(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_doubles(inner) for inner in value]
    if isinstance(value, int) and abs(value) > _SAFE_INTEGER:
        return float(value)
    return value
