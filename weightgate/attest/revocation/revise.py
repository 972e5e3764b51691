"""Making a list, and the next issue of one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from weightgate.attest.revocation.entries import KEY_COMPROMISE, SUPERSEDED, Entry, Match
from weightgate.attest.revocation.lists import RevocationList, compose_list, read_list
from weightgate.attest.statements.attested import PREDICATE_TYPE, Attested, read_predicate
from weightgate.attest.statements.claims import peek, read_claims
from weightgate.errors import InputError, SignatureError, UsageError
from weightgate.records import record
from weightgate.signing.accepted import Accepted, read_sealed, signed_by
from weightgate.signing.envelope import seal
from weightgate.signing.keys import PublicKey, Signer
from weightgate.signing.statement import parse_statement, write_time

GOOD_FOR = timedelta(days=30)
"""How long a list shows that something is not revoked, unless its owner says otherwise."""

MAX_GOOD_FOR = timedelta(days=3650)


@record
class Wanted:
    """What is to be revoked, in the words of whoever revokes.

    Attributes:
        attestations: ``sha256:…`` of each attestation.
        signer: Identifier or certified identity of a signer; empty when it is not about one.
        engine: An engine.
        pack: ``sha256:…`` of a pack.
        model: ``sha256:…`` of a model.
        signed_from: First moment of signing that is meant.
        signed_until: Last moment of signing that is meant.
        reason: One of :data:`~weightgate.attest.revocation.entries.REASONS`.
        since: From when it no longer counts; the moment of signing the list when nothing.
        note: More about the reason.
        superseded_by: ``sha256:…`` of the attestation that replaces the one revoked.
    """

    attestations: tuple[str, ...] = ()
    signer: str = ""
    engine: str = ""
    pack: str = ""
    model: str = ""
    signed_from: datetime | None = None
    signed_until: datetime | None = None
    reason: str = "unspecified"
    since: datetime | None = None
    note: str = ""
    superseded_by: str = ""

    @property
    def by_criterion(self) -> bool:
        """Whether all are meant that meet a criterion."""
        return bool(self.signer or self.engine or self.pack or self.model)


def entries_of(wanted: Wanted, now: datetime) -> tuple[Entry, ...]:
    """What is wanted as entries of a list; none when nothing is to be revoked.

    Raises:
        UsageError: Its parts do not go together (code ``bad_revocation``).
    """
    problem = _misuse(wanted)
    if problem:
        raise UsageError(problem, code="bad_revocation")
    since = (wanted.since or now).astimezone(UTC)
    reason = SUPERSEDED if wanted.superseded_by else wanted.reason
    window = (wanted.signed_from, wanted.signed_until)
    matches = [Match(attestation=digest) for digest in wanted.attestations]
    if wanted.by_criterion:
        matches = [Match("", wanted.signer, wanted.engine, wanted.pack, wanted.model, *window)]
    return tuple(Entry(match, reason, since, wanted.note, wanted.superseded_by) for match in matches)


def _misuse(wanted: Wanted) -> str:
    if wanted.attestations and wanted.by_criterion:
        return "both an attestation and a criterion: revoke the one and the others each by itself"
    if (wanted.signed_from or wanted.signed_until) and not wanted.by_criterion:
        return "a time of signing alone names nothing: name a signer, an engine, a pack or a model with it"
    if wanted.superseded_by and len(wanted.attestations) != 1:
        return "only one attestation is superseded by another"
    if wanted.superseded_by in wanted.attestations and wanted.superseded_by:
        return "an attestation does not supersede itself"
    if wanted.reason == SUPERSEDED and not wanted.superseded_by:
        return "what is superseded names what supersedes it"
    if wanted.superseded_by and wanted.reason not in ("unspecified", SUPERSEDED):
        return f"it is superseded, or revoked for {wanted.reason}: one of them"
    if wanted.reason == KEY_COMPROMISE and (not wanted.signer or wanted.signed_until):
        return f"{KEY_COMPROMISE} is about a signer, and has no end: whoever has the key can write any time"
    return ""


def revise(
    earlier: bytes | None,
    entries: Sequence[Entry],
    *,
    signers: Sequence[Signer],
    keys: Sequence[PublicKey],
    now: datetime,
    name: str = "",
    good_for: timedelta = GOOD_FOR,
    source: str = "revocations",
) -> tuple[bytes, RevocationList]:
    """Sign the first issue of a list, or the next one, which holds all that the earlier one did.

    Args:
        earlier: The issue before; nothing for a first one.
        entries: What to add; nothing for an issue that only says that the list still stands.
        signers: Who signs it.
        keys: Their public halves: the earlier issue must be signed by one of them.
        now: The signer's clock, with its offset.
        name: The list's name; an earlier issue's when empty.
        good_for: How long it shows that something is not revoked.
        source: Name of the file, for messages.

    Returns:
        The envelope, and what it says.

    Raises:
        InputError: The earlier issue is no list, or the new one would be too long or have no name.
        SignatureError: The earlier issue is signed by somebody else, or malformed.
        UsageError: It would be good for no time, or for too long a one; or its name changes.
    """
    if not timedelta(0) < good_for <= MAX_GOOD_FOR:
        days = good_for / timedelta(days=1)
        raise UsageError(
            f"a list good for {days:g} days", where="--next-update", hint="needed more than 0, at most 3650"
        )
    now = now.astimezone(UTC).replace(microsecond=0)
    before = None if earlier is None else _earlier(earlier, keys, now, source)
    if before is not None and name not in ("", before.name):
        raise UsageError(
            f"the list is called {before.name!r}, and a list keeps its name", where="--name", code="list_name"
        )
    kept = () if before is None else before.entries
    added = tuple(entry for entry in entries if entry not in kept)
    listed = RevocationList(
        name if before is None else before.name,
        1 if before is None else before.number + 1,
        now if before is None else max(now, before.issued),
        now + good_for,
        (*kept, *added),
    )
    payload = compose_list(listed)
    return seal(payload, *signers), read_list(payload, source)


def _earlier(raw: bytes, keys: Sequence[PublicKey], now: datetime, source: str) -> RevocationList:
    sealed = read_sealed(raw, source)
    if not signed_by(sealed, Accepted(tuple(keys)), now):
        raise SignatureError(
            "the list there is not signed by this key, so it is not continued",
            where=source,
            hint="sign with the key of the list, or write a new list to another file",
            code="signature",
        )
    return read_list(sealed.envelope.payload, source)


def digest_of(raw: bytes, source: str) -> tuple[str, Attested | None]:
    """By what an attestation is revoked: the digest of what was signed, however it is encoded.

    Its signature is not checked: to revoke what nobody signed does no harm.

    Returns:
        ``sha256:…`` of the payload, and the decision in it; nothing when it is another statement.

    Raises:
        InputError: The file is no attestation.
        SignatureError: It is malformed.
    """
    claims = read_claims(raw, source)
    if len(claims) > 1:
        raise InputError(
            f"{len(claims)} statements in one file",
            where=source,
            hint="revoke each by its sha256:…; what revokes a decision revokes the summaries that name it",
            code="many",
        )
    payload = peek(claims[0])
    digest = f"sha256:{hashlib.sha256(payload).hexdigest()}"
    statement = parse_statement(payload, source)
    return digest, read_predicate(statement) if statement.predicate_type == PREDICATE_TYPE else None


def check_newer(older: Any, newer: Any) -> None:
    """Refuse an attestation that is older than the one which it is to replace.

    Args:
        older: The decision that is superseded, as far as it is known.
        newer: The one that supersedes it, as far as it is known.

    Raises:
        InputError: It is older (code ``bad_revocation``).
    """
    if isinstance(older, Attested) and isinstance(newer, Attested) and newer.created < older.created:
        raise InputError(
            f"it was signed at {write_time(newer.created)}, before the one it is to replace, at "
            f"{write_time(older.created)}",
            where="--superseded-by",
            code="bad_revocation",
        )
