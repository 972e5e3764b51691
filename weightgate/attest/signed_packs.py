"""Signed packs: a statement over a pack's bytes, so that a trust file can demand by whom the rules were released.

The subject is the digest of ``pack.yaml`` as every decision names it. So one signature holds for the pack by path, in a
bundle, shipped, or inside an attestation. docs/signed-packs.md specifies it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from weightgate.attest.trust import Answer, Trust
from weightgate.errors import InputError, SignatureError
from weightgate.files.digests import is_digest
from weightgate.files.shapes import Shape, misfit
from weightgate.policy.header import header_of
from weightgate.policy.source import PackSource
from weightgate.records import record
from weightgate.signing.accepted import SignedBy, read_sealed, signed_by
from weightgate.signing.sealing import Sealer
from weightgate.signing.statement import (
    MAX_AHEAD,
    Subject,
    compose_statement,
    parse_statement,
    read_time,
    write_time,
)

PREDICATE_TYPE = "https://weightgate.dev/pack/v1"

SUBJECT = "pack.yaml"

MAX_BYTES = 1024 * 1024
MAX_PER_PACK = 16
"""Signatures of one pack that are looked at."""

_SHAPE: Shape = {"name": str, "version": str, "archive?": str, "createdOn": str}


@record
class SignedPack:
    """What a signature of a pack says, and by whom; whether they may sign packs is another question.

    Attributes:
        digest: ``sha256:…`` of the pack's bytes.
        name: The pack's name.
        version: Its version.
        archive: ``sha256:…`` of the bundle that was signed with it; empty when there was none.
        created: When the signer says that it was signed; UTC.
        signers: Who of those that the reader accepts signed it.
    """

    digest: str
    name: str
    version: str
    archive: str
    created: datetime
    signers: tuple[SignedBy, ...]


def sign_pack(pack: PackSource, sealer: Sealer, *, archive: str, now: datetime) -> bytes:
    """Sign a pack.

    Args:
        pack: The pack, which loads.
        sealer: Who signs, and in which form.
        archive: ``sha256:…`` of its bundle.
        now: The signer's clock, with its offset.

    Returns:
        A DSSE envelope or a Sigstore bundle, as one line of JSON.

    Raises:
        InputError: The pack states no name or version (code ``bad_pack``).
    """
    name, version = header_of(pack)
    if not name or not version:
        raise InputError("the pack states no name and version", where=pack.locator, code="bad_pack")
    predicate = {"name": name, "version": version, "archive": archive, "createdOn": write_time(now)}
    subject = Subject.of(SUBJECT, pack.digest)
    return sealer.seal(compose_statement([subject], PREDICATE_TYPE, predicate))


def read(raw: bytes, source: str, trust: Trust, *, now: datetime) -> SignedPack:
    """Read a signature of a pack: who signed first, then what it says.

    Args:
        raw: The bytes of the envelope or Sigstore bundle.
        source: Its file, for messages.
        trust: Whose signatures the reader looks for.
        now: The reader's clock, with its offset.

    Raises:
        InputError: It is no envelope at all, or too large (exit 4).
        SignatureError: Nobody known signed it, or it is malformed, of another type, or signed in the future (exit 6).
    """
    if len(raw) > MAX_BYTES:
        raise InputError(f"a signature of more than {MAX_BYTES} bytes", where=source, code="too_large")
    sealed = read_sealed(raw, source)
    signers = signed_by(sealed, trust.accepted(), now)
    if not signers:
        raise SignatureError("nobody whom the trust file names signed it", where=source, code="signature")
    statement = parse_statement(sealed.envelope.payload, source)
    if statement.predicate_type != PREDICATE_TYPE:
        kind = statement.predicate_type[:120]
        raise SignatureError(
            f"it is {kind!r}, needed {PREDICATE_TYPE!r}", where=source, code="predicate_type"
        )
    subject, predicate = statement.only_subject(), statement.predicate
    problem = misfit(predicate, _SHAPE, "predicate")
    digest, archive = f"sha256:{subject.sha256}", predicate.get("archive", "")
    if not problem and not all(is_digest(text) for text in (digest, archive or digest)):
        problem = "a digest is no SHA-256 in hex"
    if problem:
        raise SignatureError(problem, where=source, code="predicate")
    created = read_time(predicate["createdOn"], "predicate.createdOn")
    if created > now.astimezone(UTC) + MAX_AHEAD:
        raise SignatureError(f"signed at {write_time(created)}, which is ahead", where=source, code="time")
    return SignedPack(digest, predicate["name"], predicate["version"], archive, created, signers)


def signed_for(pack: PackSource, trust: Trust, *, now: datetime, more: Sequence[bytes] = ()) -> Answer:
    """Whether a pack is signed by whom the trust file lets sign packs of that name.

    A grant must hold both when the signature says that it was made and now, as for declarations.

    Args:
        pack: The pack, with the signatures that were found beside it.
        trust: The trust file, in date.
        now: The reader's clock, with its offset.
        more: Signatures of packs that were given beside these.
    """
    name, version = header_of(pack)
    why = "no signature of it was given"
    for raw in (*more, *pack.signatures)[:MAX_PER_PACK]:
        try:
            found = read(raw, "signature", trust, now=now)
        except (InputError, SignatureError) as error:
            why = error.message
            continue
        if (found.digest, found.name, found.version) != (pack.digest, name, version):
            why = f"a signature is about {found.name[:80]} {found.version[:40]} {found.digest}"
            continue
        names = trust.names_of(found.signers, found.created) & trust.names_of(found.signers, now)
        answers = [trust.may_sign_packs(names, name, at) for at in (found.created, now)]
        why = next((answer.because for answer in answers if not answer.granted), "")
        if not why:
            return answers[0]
    return Answer(False, why)


def pack_signed(trust: Trust, *, now: datetime, more: Sequence[bytes] = ()) -> Callable[[PackSource], bool]:
    """The question whether a pack is signed, for :func:`weightgate.attest.verifying.authority.trust_checks`."""
    return lambda pack: signed_for(pack, trust, now=now, more=more).granted


def demand(packs: Iterable[PackSource], trust: Trust, *, now: datetime, more: Sequence[bytes] = ()) -> None:
    """Hold packs to what the trust file says of packs of their names.

    Args:
        packs: The packs that are to decide.
        trust: The trust file, in date.
        now: The reader's clock, with its offset.
        more: Signatures of packs that were given beside those that lie with them.

    Raises:
        SignatureError: One has another digest, an earlier version, or no signature that counts (code ``pack_rules``).
    """
    for pack in packs:
        name, version = header_of(pack)
        rule = trust.pack_rule(name)
        signature = signed_for(pack, trust, now=now, more=more) if rule.signed else Answer(False, "")
        answer = rule.allows(pack.digest, version, signed=signature.granted)
        if not answer.granted:
            because = f": {signature.because}" if rule.signed and not signature.granted else ""
            raise SignatureError(
                f"{answer.because}{because}",
                where=pack.locator,
                hint=f"{trust.source} demands it, under packs.{name}",
                code="pack_rules",
            )
