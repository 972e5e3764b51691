"""The statement by which a key names the one that takes its place.

A DSSE envelope over an in-toto statement, signed by the old key. The subject is the new key: its keyid, which is the
SHA-256 of its DER SubjectPublicKeyInfo.
"""

from __future__ import annotations

from datetime import datetime

from weightgate.errors import InputError, SignatureError
from weightgate.facts.encode import parse_day
from weightgate.files.shapes import Shape, misfit
from weightgate.records import record
from weightgate.signing.envelope import read_envelope, seal, signers_of
from weightgate.signing.keys import PublicKey, Signer
from weightgate.signing.statement import Subject, compose_statement, parse_statement, write_time

PREDICATE_TYPE = "https://weightgate.dev/succession/v1"
SUBJECT = "key"

MAX_STATEMENT_BYTES = 64 * 1024

_SHAPE: Shape = {"keyid": str, "from": str, "createdOn": str}


@record
class Statement:
    """A succession whose signature holds.

    Attributes:
        old: The keyid of the key that names its successor.
        new: The keyid of the successor.
        start: UTC day from which the new key acts.
    """

    old: str
    new: str
    start: str


def succession(old: Signer, new: PublicKey, start: str, *, now: datetime) -> bytes:
    """A statement that ``new`` takes the place of ``old``.

    Args:
        old: The key that is given up.
        new: The key that takes over.
        start: UTC day from which it does.
        now: The signer's clock.

    Returns:
        A DSSE envelope as one line of JSON.

    Raises:
        InputError: ``start`` is no day, or the keys are one (code ``same_key``).
    """
    if old.keyid == new.keyid:
        raise InputError("a key cannot take its own place", where="--to", code="same_key")
    said = {"keyid": old.keyid, "from": parse_day(start, "--from"), "createdOn": write_time(now)}
    return seal(compose_statement([Subject.of(SUBJECT, new.keyid)], PREDICATE_TYPE, said), old)


def read_statement(raw: bytes, old: PublicKey, new: PublicKey, where: str) -> Statement:
    """Read a succession, which the old key signed over the new one.

    Raises:
        SignatureError: It is no such statement, is signed by another key, or is about another (code ``succession``).
    """
    try:
        return _read(raw, old, new)
    except (InputError, SignatureError) as error:
        raise SignatureError(
            f"the succession does not hold: {error.message}",
            where=where,
            hint="write one with: weightgate trust succeed",
            code="succession",
        ) from None


def _read(raw: bytes, old: PublicKey, new: PublicKey) -> Statement:
    if len(raw) > MAX_STATEMENT_BYTES:
        raise SignatureError(f"larger than {MAX_STATEMENT_BYTES} bytes")
    envelope = read_envelope(raw, "statement")
    if not signers_of(envelope, [old]):
        raise SignatureError(f"not signed by {old.keyid}, the key that is given up")
    statement = parse_statement(envelope.payload, "statement")
    if statement.predicate_type != PREDICATE_TYPE:
        raise SignatureError(f"predicateType is {statement.predicate_type[:80]!r}, needed {PREDICATE_TYPE!r}")
    problem = misfit(statement.predicate, _SHAPE, "predicate")
    if problem:
        raise SignatureError(problem)
    named, said = statement.only_subject().sha256, statement.predicate
    if named != new.keyid:
        raise SignatureError(f"it names {named[:80]!r}, and the key here is {new.keyid}")
    if said["keyid"] != old.keyid:
        raise SignatureError(f"it is of {said['keyid'][:80]!r}, and the key given up here is {old.keyid}")
    return Statement(old.keyid, named, parse_day(said["from"], "predicate.from"))
