"""Signatures over a trust file: in-toto statements about its very bytes, one DSSE envelope a line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from weightgate.attest.trust.trust import Trust
from weightgate.errors import InputError, SignatureError
from weightgate.files.bounded import read_start
from weightgate.files.shapes import Shape, misfit
from weightgate.records import record
from weightgate.signing.accepted import SignedBy
from weightgate.signing.envelope import Envelope, read_envelope, seal, signers_of
from weightgate.signing.keys import PublicKey, Signer
from weightgate.signing.statement import Subject, compose_statement, parse_statement, write_time

PREDICATE_TYPE = "https://weightgate.dev/trust/v1"
SUBJECT = "trust"

MAX_ENVELOPES = 64
MAX_SIGNATURES = 128
"""Signatures of one file, in all its envelopes."""
MAX_BYTES = 1024 * 1024

_SHAPE: Shape = {"version": int, "expires": str, "createdOn": str}


@record
class SignatureFile:
    """Envelopes of a signature file, none of them believed yet, with the lines that they stand on."""

    lines: tuple[bytes, ...]
    envelopes: tuple[Envelope, ...]


def sign_trust(trust: Trust, signer: Signer, *, now: datetime) -> bytes:
    """Sign a trust file that was read, over its digest.

    Returns:
        A DSSE envelope as one line of JSON.
    """
    said = {"version": trust.version, "expires": trust.expires, "createdOn": write_time(now)}
    subject = Subject.of(SUBJECT, trust.digest)
    return seal(compose_statement([subject], PREDICATE_TYPE, said), signer)


def read_signatures(raw: bytes, source: str) -> SignatureFile:
    """Read a signature file, without believing it; empty lines mean nothing.

    Raises:
        InputError: A line is no envelope, or there is too much (exit 4).
        SignatureError: An envelope is malformed (code ``envelope``, exit 6).
    """
    if len(raw) > MAX_BYTES:
        raise InputError(f"larger than {MAX_BYTES} bytes", where=source, code="too_large")
    lines = [(number, line) for number, line in enumerate(raw.split(b"\n"), 1) if line.strip()]
    if len(lines) > MAX_ENVELOPES:
        raise InputError(f"{len(lines)} envelopes; at most {MAX_ENVELOPES}", where=source, code="too_large")
    envelopes = tuple(read_envelope(line, f"{source}:{number}") for number, line in lines)
    many = sum(len(envelope.signatures) for envelope in envelopes)
    if many > MAX_SIGNATURES:
        raise InputError(f"{many} signatures; at most {MAX_SIGNATURES}", where=source, code="too_large")
    return SignatureFile(tuple(line for _, line in lines), envelopes)


def read_signature_file(path: Path) -> SignatureFile:
    """Read the file of signatures at ``path``.

    Raises:
        InputError: It cannot be read (code ``unreadable``), or as for :func:`read_signatures`.
        SignatureError: As for :func:`read_signatures`.
    """
    raw = read_start(path, MAX_BYTES, hint="write one with: weightgate trust sign")
    return read_signatures(raw, str(path))


def signers_over(
    trust: Trust, signatures: SignatureFile, keys: Sequence[PublicKey]
) -> tuple[tuple[SignedBy, ...], tuple[str, ...]]:
    """Which of the given keys signed a trust file.

    Args:
        trust: The file.
        signatures: Its signatures.
        keys: The keys to try; none is taken from the envelopes.

    Returns:
        The keys, each once; and in words what does not count although a given key signed it.
    """
    found: dict[str, SignedBy] = {}
    problems = []
    for envelope in signatures.envelopes:
        signers = signers_of(envelope, keys)
        if not signers:
            continue
        problem = _not_about(envelope, trust)
        if problem:
            problems.append(f"a signature by {signers[0].keyid[:16]}… does not count: {problem}")
            continue
        found |= {key.keyid: SignedBy(key.keyid, key.algorithm) for key in signers}
    return tuple(found.values()), tuple(problems)


def add_signature(signatures: SignatureFile | None, line: bytes, trust: Trust, key: PublicKey) -> bytes:
    """A signature file, or a new one, with one more signature, in place of one that the same key made before.

    Raises:
        InputError: What is there is not about this file (code ``other_trust``).
    """
    if signatures is None:
        return line
    kept = []
    for old, envelope in zip(signatures.lines, signatures.envelopes, strict=True):
        problem = _not_about(envelope, trust)
        if problem:
            raise InputError(
                f"there are signatures in it of another file: {problem}",
                hint="move it away, or write to another with -o",
                code="other_trust",
            )
        if not signers_of(envelope, [key]):
            kept.append(old.rstrip(b"\r") + b"\n")
    return b"".join((*kept, line))


def _not_about(envelope: Envelope, trust: Trust) -> str:
    """Why an envelope's statement is not about a trust file, in words; empty when it is."""
    try:
        statement = parse_statement(envelope.payload, "signature")
        subject = statement.only_subject()
    except SignatureError as error:
        return error.message
    if statement.predicate_type != PREDICATE_TYPE:
        return f"predicateType is {statement.predicate_type[:80]!r}, needed {PREDICATE_TYPE!r}"
    if f"sha256:{subject.sha256}" != trust.digest:
        return f"it is about sha256:{subject.sha256[:64]}, and the file is {trust.digest}"
    problem = misfit(statement.predicate, _SHAPE, "predicate")
    if problem:
        return problem
    if (statement.predicate["version"], statement.predicate["expires"]) != (trust.version, trust.expires):
        return f"it states version {statement.predicate['version']}, and the file has {trust.version}"
    return ""
