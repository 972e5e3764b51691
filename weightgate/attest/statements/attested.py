"""The in-toto Statement v1 that carries a decision; docs/attestation.md is its specification.

Source: in-toto/attestation, spec/v1/statement.md. The subject is the model's OMS root digest, or, when no model was at
hand, the digest of what was asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from weightgate.attest.statements.shapes import MANIFEST, PREDICATE
from weightgate.errors import InputError, ModelError, SignatureError
from weightgate.files.digests import is_hex
from weightgate.files.shapes import misfit
from weightgate.inspect.inspection import ManifestEntry
from weightgate.inspect.manifest import root_digest
from weightgate.policy.source import PackSource
from weightgate.records import record
from weightgate.signing.statement import (
    InTotoStatement,
    Subject,
    canonical,
    compose_statement,
    read_time,
    write_time,
)

PREDICATE_TYPE = "https://weightgate.dev/decision/v1"

MODEL_SUBJECT = "model"
REQUEST_SUBJECT = "weightgate:request"


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
        disclosure: What is withheld, as the predicate's ``disclosure`` has it; ``None`` when nothing is.
    """

    subject: tuple[str, str]
    decision: dict[str, Any]
    packs: tuple[PackSource, ...]
    digests: tuple[str, ...]
    created: datetime
    decided: datetime
    disclosure: dict[str, Any] | None = None


def compose(
    decision: dict[str, Any],
    packs: Sequence[PackSource],
    *,
    now: datetime,
    disclosure: dict[str, Any] | None = None,
) -> bytes:
    """The statement about a decision, as the bytes to sign.

    Args:
        decision: A decision whose shape has been checked.
        packs: The packs it was made under.
        now: The signer's clock.
        disclosure: What is withheld, when not everything is disclosed.

    Raises:
        InputError: The model's digest is not the root of the manifest (code ``bad_decision``), or a value is not JSON.
    """
    name, digest = subject_of(decision)
    predicate = {
        "decision": decision,
        "packs": [_carried(pack) for pack in packs],
        "createdOn": write_time(now),
        "engine": decision["engine"],
        "hypothetical": decision["hypothetical"],
    }
    if disclosure is not None:
        predicate["disclosure"] = disclosure
    return compose_statement([Subject.of(name, digest)], PREDICATE_TYPE, predicate)


def _carried(pack: PackSource) -> dict[str, Any]:
    # What is no text is no signature of ours, whatever it is called.
    signatures = [text for raw in pack.signatures if (text := raw.decode(errors="ignore")).encode() == raw]
    carried = {"name": pack.name, "digest": pack.digest, "text": pack.text.decode()}
    return carried | ({"signatures": signatures} if signatures else {})


def _pack(entry: Mapping[str, Any], locator: str) -> PackSource:
    signatures = tuple(text.encode() for text in entry.get("signatures", ()))
    return PackSource(entry["name"], locator, entry["text"].encode(), signatures)


def read_predicate(statement: InTotoStatement) -> Attested:
    """The decision predicate of a statement, its shape checked.

    Raises:
        SignatureError: There is more than one subject (code ``statement``), or a field is missing, of another type, or
            no time (code ``predicate``).
    """
    subject, predicate = statement.only_subject(), statement.predicate
    problem = misfit(predicate, PREDICATE, "predicate")
    if problem:
        raise SignatureError(problem, code="predicate")
    decision, packs = predicate["decision"], predicate["packs"]
    for key in ("engine", "hypothetical"):
        if predicate[key] != decision[key]:
            raise SignatureError(f"predicate.{key} is not the decision's own", code="predicate")
    locators = {p["name"]: p["locator"] for p in decision["inputs"]["packs"]}
    return Attested(
        (subject.name, subject.sha256),
        decision,
        tuple(_pack(p, locators.get(p["name"], "")) for p in packs),
        tuple(p["digest"] for p in packs),
        read_time(predicate["createdOn"], "predicate.createdOn"),
        read_time(decision["decided_at"], "decision.decided_at"),
        predicate.get("disclosure"),
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
    root, problem = _root_of(manifest)
    if not problem and digest != root:
        problem = f"model.digest is {digest!r}, but the root of the manifest is {root}"
    if problem:
        raise InputError(problem, where="inputs.manifest", code="bad_decision")
    return MODEL_SUBJECT, root.removeprefix("sha256:")


def manifest_problem(manifest: Any) -> str:
    """What is wrong with a decision's manifest, in words; empty when nothing is.

    Names are normal and unique, digests are lower-case hex SHA-256, so that each has one spelling.
    """
    return _root_of(manifest)[1]


def _root_of(manifest: Any) -> tuple[str, str]:
    """A manifest's root digest, and what is wrong with it; one of them is empty, or both of a manifest without files."""
    problem = misfit(manifest, MANIFEST, "manifest")
    if problem or not manifest:
        return "", problem
    for index, entry in enumerate(manifest):
        if not is_hex(entry["digest"]):
            return "", f"manifest[{index}]: {entry['digest'][:80]!r} is no SHA-256"
    try:
        return root_digest(manifest_entries(manifest)), ""
    except ModelError as error:
        return "", f"manifest: {error.message}"


def manifest_entries(manifest: Sequence[Mapping[str, Any]]) -> tuple[ManifestEntry, ...]:
    """A decision's manifest as inspection has it."""
    return tuple(ManifestEntry(entry["name"], entry["digest"], entry["reported"]) for entry in manifest)
