"""The in-toto Statement v1: what every envelope here carries, whatever its predicate says.

Source: in-toto/attestation, spec/v1/statement.md and resource_descriptor.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from weightgate.errors import InputError, SignatureError
from weightgate.files.json import parse_json
from weightgate.files.shapes import EVERY, MAX_DEPTH, TEXT, Shape, misfit, too_deep
from weightgate.records import record

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"

MAX_AHEAD = timedelta(minutes=5)
"""How far a signer's clock may run ahead of the verifier's (DESIGN.md, Attestations)."""

_SHAPE: Shape = {
    "_type": str,
    "subject": [{"name?": TEXT, "digest": {EVERY: str}}],
    "predicateType": str,
    "predicate": dict,
}
_SAFE_INTEGER = 2**53 - 1

_LONG = 4096
"""Bytes from which on a statement's brackets are not counted."""


@record
class Subject:
    """What a statement is about.

    Attributes:
        name: Its name; empty when none is given, and for information only.
        digest: Hex digests by algorithm, such as ``sha256``.
    """

    name: str
    digest: Mapping[str, str]

    @property
    def sha256(self) -> str:
        """Its SHA-256 in hex; empty when it has none."""
        return self.digest.get("sha256", "")

    @classmethod
    def of(cls, name: str, digest: str) -> Subject:
        """What has a SHA-256, written as ``sha256:`` and hex digits or as hex digits alone."""
        return cls(name, {"sha256": digest.removeprefix("sha256:")})


@record
class InTotoStatement:
    """A statement whose shape has been checked; what it says has not.

    Attributes:
        subjects: What it is about; at least one.
        predicate_type: URI that says how to read the predicate.
        predicate: What is said.
    """

    subjects: tuple[Subject, ...]
    predicate_type: str
    predicate: dict[str, Any]

    def only_subject(self) -> Subject:
        """The one subject, which has a SHA-256.

        Raises:
            SignatureError: There are several, or it has none (code ``statement``).
        """
        if len(self.subjects) != 1:
            raise SignatureError(f"{len(self.subjects)} subjects, needed one", code="statement")
        if not self.subjects[0].sha256:
            raise SignatureError("statement.subject[0].digest.sha256: missing", code="statement")
        return self.subjects[0]


def compose_statement(
    subjects: Sequence[Subject], predicate_type: str, predicate: Mapping[str, Any]
) -> bytes:
    """A statement as the bytes to sign.

    Raises:
        InputError: A value is not JSON (code ``bad_statement``).
    """
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": subject.name, "digest": dict(subject.digest)} for subject in subjects],
        "predicateType": predicate_type,
        "predicate": predicate,
    }
    try:
        text = json.dumps(statement, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except ValueError as error:
        raise InputError(f"the statement cannot be written: {error}", code="bad_statement") from None


def parse_statement(payload: bytes, source: str) -> InTotoStatement:
    """Read the payload of a verified envelope as an in-toto Statement v1.

    Raises:
        SignatureError: It is none (code ``statement``).
    """
    try:
        statement = parse_json(payload, source)
    except InputError as error:
        raise SignatureError(f"the signed payload is refused: {error.message}", code="statement") from None
    # What has few brackets is not nested deeply; what is long has many, which need not be counted.
    many = len(payload) > _LONG or payload.count(b"{") + payload.count(b"[") > MAX_DEPTH
    problem = "nested too deeply" if many and too_deep(statement) else misfit(statement, _SHAPE, "statement")
    if not problem and statement["_type"] != STATEMENT_TYPE:
        problem = f"_type is {statement['_type'][:80]!r}, needed {STATEMENT_TYPE!r}"
    if not problem and not statement["subject"]:
        problem = "0 subjects, needed one"
    if problem:
        raise SignatureError(problem, code="statement")
    subjects = tuple(Subject(entry.get("name") or "", entry["digest"]) for entry in statement["subject"])
    return InTotoStatement(subjects, statement["predicateType"], statement["predicate"])


def canonical(value: Any) -> bytes:
    """Canonical JSON (RFC 8785); a whole number that no double holds exactly is rounded to a double first.

    Raises:
        InputError: Not JSON, or a number too large for a double (code ``bad_json``).
    """
    import rfc8785

    try:
        return rfc8785.dumps(_doubles(value))
    except (ValueError, OverflowError) as error:
        raise InputError(f"cannot be digested: {error}", code="bad_json") from None


def write_time(moment: datetime) -> str:
    """A moment as RFC 3339 in UTC, whole seconds."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


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
