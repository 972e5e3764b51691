"""Revocation lists: in-toto statements that hold entries, numbered, and good until the next one is due."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any

from weightgate.attest.revocation.entries import MAX_ENTRIES, MAX_NAME, Entry, read_entry
from weightgate.errors import InputError, SignatureError
from weightgate.files.digests import is_digest
from weightgate.files.shapes import Shape, misfit
from weightgate.records import record
from weightgate.signing.statement import (
    Subject,
    canonical,
    compose_statement,
    parse_statement,
    read_time,
    write_time,
)

PREDICATE_TYPE = "https://weightgate.dev/revocation/v1"

SUBJECT = "weightgate:revocations"

MAX_LIST_BYTES = 8 * 1024 * 1024
"""Longest list that is read, in bytes."""

_PREDICATE: Shape = {
    "list": str,
    "number": int,
    "issued": str,
    "nextUpdate": str,
    "revocations": [dict],
}
_MAX_NUMBER = 2**53 - 1


@record
class RevocationList:
    """What one list says.

    Attributes:
        name: Which list this is an issue of; its owner's choice.
        number: Number of this issue; it only increases.
        issued: When it was signed, by its signer's clock; UTC.
        next_update: When the next one is due: after that this one no longer shows that something is *not* revoked.
        entries: What it revokes.
        digest: ``sha256:…`` of its payload; two issues of one number that differ tell on their signer.
    """

    name: str
    number: int
    issued: datetime
    next_update: datetime
    entries: tuple[Entry, ...]
    digest: str = ""
    _by_attestation: Mapping[str, Sequence[Entry]] = field(default_factory=dict, repr=False, compare=False)
    _others: Sequence[Entry] = field(default=(), repr=False, compare=False)

    def candidates(self, attestations: Sequence[str]) -> Iterator[Entry]:
        """Entries that may be about attestations with these digests: no entry about another one is among them."""
        for digest in attestations:
            yield from self._by_attestation.get(digest, ())
        yield from self._others


def compose_list(listed: RevocationList) -> bytes:
    """A list as the statement to sign.

    Raises:
        InputError: It has no name or too long a one, too many entries, no number, or would be due before it is issued
            (code ``bad_revocation``).
    """
    entries = [entry.to_json() for entry in listed.entries]
    problem = _problem(listed, len(entries))
    if problem:
        raise InputError(problem, code="bad_revocation")
    predicate = {
        "list": listed.name,
        "number": listed.number,
        "issued": write_time(listed.issued),
        "nextUpdate": write_time(listed.next_update),
        "revocations": entries,
    }
    payload = compose_statement([Subject.of(SUBJECT, _digest(entries))], PREDICATE_TYPE, predicate)
    try:
        read_list(payload, "revocations")
    except SignatureError as error:
        raise InputError(error.message, code="bad_revocation") from None
    return payload


def read_list(payload: bytes, source: str) -> RevocationList:
    """Read the payload of a verified envelope as a revocation list.

    Raises:
        SignatureError: It is no statement, another one, or malformed; the codes are those of an attestation's checks:
            ``statement``, ``predicate_type``, ``predicate``, ``subject``.
    """
    statement = parse_statement(payload, source)
    if statement.predicate_type != PREDICATE_TYPE:
        raise SignatureError(
            f"it is {statement.predicate_type[:120]!r}, needed {PREDICATE_TYPE!r}", code="predicate_type"
        )
    predicate = statement.predicate
    problem = misfit(predicate, _PREDICATE, "predicate")
    if problem:
        raise SignatureError(problem, code="predicate")
    rows = predicate["revocations"]
    if len(rows) > MAX_ENTRIES:
        raise SignatureError(f"{len(rows)} revocations, at most {MAX_ENTRIES}", code="predicate")
    entries = tuple(read_entry(row, f"predicate.revocations[{index}]") for index, row in enumerate(rows))
    if statement.only_subject() != Subject.of(SUBJECT, _digest(rows)):
        raise SignatureError("the subject is not the digest of the revocations", code="subject")
    times = [read_time(predicate[key], f"predicate.{key}") for key in ("issued", "nextUpdate")]
    found = RevocationList(
        predicate["list"], predicate["number"], times[0], times[1], entries,
        f"sha256:{hashlib.sha256(payload).hexdigest()}", *_index(entries),
    )  # fmt: skip
    problem = _problem(found, len(entries))
    if problem:
        raise SignatureError(f"predicate: {problem}", code="predicate")
    return found


def _index(entries: Sequence[Entry]) -> tuple[dict[str, list[Entry]], list[Entry]]:
    by_attestation: dict[str, list[Entry]] = {}
    others = []
    for entry in entries:
        if is_digest(entry.match.attestation):
            by_attestation.setdefault(entry.match.attestation, []).append(entry)
        else:
            others.append(entry)
    return by_attestation, others


def _problem(listed: RevocationList, entries: int) -> str:
    if not 1 <= len(listed.name) <= MAX_NAME or not listed.name.isprintable():
        return f"a list's name has 1 to {MAX_NAME} printable characters"
    if not 1 <= listed.number <= _MAX_NUMBER:
        return f"number {listed.number}, needed at least 1"
    if entries > MAX_ENTRIES:
        return f"{entries} revocations, at most {MAX_ENTRIES}"
    if listed.next_update <= listed.issued:
        return f"due at {write_time(listed.next_update)}, before it was issued"
    return ""


def _digest(rows: Sequence[Mapping[str, Any]]) -> str:
    return hashlib.sha256(canonical(list(rows))).hexdigest()
