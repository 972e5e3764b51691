"""Several statements over one subject in one file: JSON Lines, each line sealed on its own.

The decision comes first, then its summaries. A line is a DSSE envelope, a Sigstore bundle, a member of a batch, or the
proof that something is in a log; which of them is told by its ``mediaType``, and an envelope has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import IO, Any

from weightgate.attest.statements.attested import PREDICATE_TYPE, Attested, compose, read_predicate
from weightgate.errors import InputError, SignatureError
from weightgate.files.json import parse_json
from weightgate.policy.source import PackSource
from weightgate.records import record
from weightgate.signing.accepted import read_sealed
from weightgate.signing.envelope import MAX_ENVELOPE_BYTES, payload_end
from weightgate.signing.statement import parse_statement

MAX_CLAIMS = 4096
"""Most lines of one claims file; a decision has a summary for each destination."""


class Kind(StrEnum):
    """What a line is; the value is how its media type begins. What is nothing else is taken for an envelope."""

    DSSE = ""
    BUNDLE = "application/vnd.dev.sigstore.bundle"
    MEMBER = "application/vnd.weightgate.batch-member.v1"
    PROOF = "application/vnd.c2sp.tlog-proof"


_MEMBER_START = b'{"mediaType":"' + Kind.MEMBER.encode()


@record
class Claim:
    """One line of a file, not believed yet.

    Attributes:
        kind: What it is.
        raw: Its bytes, line end included.
        source: File and line, for messages.
    """

    kind: Kind
    raw: bytes
    source: str


def compose_claims(
    decision: dict[str, Any], packs: Sequence[PackSource], *, now: datetime, verifier_id: str | None
) -> list[bytes]:
    """The statements about a decision, as the bytes to sign: its own, and its summaries when somebody speaks for them.

    Args:
        decision: A decision that follows from its own inputs.
        packs: The packs it was made under.
        now: The signer's clock.
        verifier_id: Who decides, as a URI; ``None`` for the decision alone.

    Raises:
        InputError: The decision cannot be written as a statement.
    """
    own = compose(decision, packs, now=now)
    if verifier_id is None:
        return [own]
    from weightgate.attest.statements.svr import compose_svr
    from weightgate.attest.statements.vsa import compose_vsas

    svr = compose_svr(decision, verifier_id)
    return [own, *compose_vsas(decision, verifier_id, own), *([] if svr is None else [svr])]


def read_claims(raw: bytes, source: str) -> tuple[Claim, ...]:
    """Take a file of one subject's claims apart, and believe nothing of it.

    Args:
        raw: The file's bytes: JSON Lines, or one document that is spread over several lines.
        source: Its name, for messages.

    Raises:
        InputError: It has more than :data:`MAX_CLAIMS` lines (code ``too_large``, exit 4).
    """
    lines = [(number, line) for number, line in enumerate(raw.split(b"\n"), 1) if line.strip()]
    if len(lines) > MAX_CLAIMS:
        raise InputError(
            f"{len(lines)} lines; one subject has at most {MAX_CLAIMS} claims",
            where=source,
            code="too_large",
        )
    whole = all(line.strip()[:1] == b"{" and line.strip()[-1:] == b"}" for _, line in lines)
    if len(lines) <= 1 or not whole:
        return (_claim(raw, source),)
    return tuple(_claim(line, f"{source}:{number}") for number, line in lines)


def stream_claims(file: IO[bytes], source: str) -> Iterator[Claim]:
    """The lines of a file of many subjects' claims, one at a time, so that its size does not matter.

    Raises:
        InputError: A line is longer than an envelope may be (code ``too_large``, exit 4).
    """
    number = 0
    while line := file.readline(MAX_ENVELOPE_BYTES + 1):
        number += 1
        where = f"{source}:{number}"
        if len(line) > MAX_ENVELOPE_BYTES:
            raise InputError(f"larger than {MAX_ENVELOPE_BYTES} bytes", where=where, code="too_large")
        if not line.isspace():
            yield _claim(line, where)


def decision_inside(raw: bytes, source: str) -> Attested | None:
    """The first decision attested in a file, whose signature is not checked; nothing when the file is no attestation.

    Raises:
        InputError: The file is not JSON, or too large.
        SignatureError: It is a malformed attestation, or attests no decision (code ``predicate_type``).
    """
    found = read_claims(raw, source)
    if len(found) == 1 and found[0].kind is Kind.DSSE:
        document = parse_json(raw, source)
        if not isinstance(document, dict) or "payload" not in document:
            return None
    for claim in found:
        if claim.kind is not Kind.PROOF:
            statement = parse_statement(peek(claim), claim.source)
            if statement.predicate_type == PREDICATE_TYPE:
                return read_predicate(statement)
    raise SignatureError("it attests no decision", where=source, code="predicate_type")


def peek(claim: Claim) -> bytes:
    """The payload of a claim, which nobody has verified: to show, or to say what a file is.

    Raises:
        InputError: It is none, or a log's proof, which has none.
        SignatureError: It is malformed.
    """
    if claim.kind is Kind.MEMBER:
        from weightgate.attest.statements.batch import peek_member

        return peek_member(claim.raw, claim.source)
    return read_sealed(claim.raw, claim.source).envelope.payload


def _claim(raw: bytes, source: str) -> Claim:
    # An envelope has no such field, and nothing inside its base64 can look like one: it is not parsed twice.
    if raw.find(b'"mediaType"', payload_end(raw)) < 0:
        return Claim(Kind.DSSE, raw, source)
    if raw.startswith(_MEMBER_START):
        # As members are written: whoever opens one reads it as strictly as this would be.
        return Claim(Kind.MEMBER, raw, source)
    try:
        document = parse_json(raw, source, max_bytes=MAX_ENVELOPE_BYTES)
    except InputError:
        return Claim(Kind.DSSE, raw, source)
    media = document.get("mediaType") if isinstance(document, dict) else None
    for kind in (Kind.BUNDLE, Kind.MEMBER, Kind.PROOF):
        if isinstance(media, str) and media.startswith(kind):
            return Claim(kind, raw, source)
    # Whatever it is, the reader of envelopes says what is wrong with it.
    return Claim(Kind.DSSE, raw, source)
