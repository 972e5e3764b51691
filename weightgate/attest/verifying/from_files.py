"""From the files that a verifier names to the terms on which it verifies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from weightgate.attest.replay.deriving import DecideAgain
from weightgate.attest.statements.asked import Asked
from weightgate.attest.verifying.believed import Believed, believed_of
from weightgate.attest.verifying.terms import Terms, check_terms, days_of
from weightgate.errors import UsageError
from weightgate.files.bounded import read_start
from weightgate.records import record
from weightgate.signing.keys import PublicKey, load_public

if TYPE_CHECKING:
    from weightgate.attest.revocation.judge import Source
    from weightgate.attest.trust.trust import Trust
    from weightgate.signing.certificates import Authority


@record
class Named:
    """What a verifier names; nothing of it is read yet.

    Attributes:
        keys: Public keys to accept for everything, or their files.
        trust: Who may say what, or the file that says so.
        revocations: Revocation lists: files, or URLs, which are fetched.
        max_revocation_age_days: The oldest that a list may be.
        stampers: Certificates of timestamp authorities, or of those that vouch for them: PEM files.
        verifier_ids: For which verifiers the keys may speak.
        log_keys: Verifier keys of logs, one of which must have it.
    """

    keys: Sequence[PublicKey | Path] = ()
    trust: Trust | Path | None = None
    revocations: Sequence[str] = ()
    max_revocation_age_days: float | None = None
    stampers: Sequence[Path] = ()
    verifier_ids: Sequence[str] = ()
    log_keys: Sequence[str] = ()


def terms_of(
    named: Named, asked: Asked, *, at: datetime, any_verdict: bool, decide_again: DecideAgain | None
) -> Terms:
    """The terms on which a verifier verifies. Of URLs, those of revocation lists are fetched, and nothing else.

    Args:
        named: The files that it names.
        asked: What an attestation must be about.
        at: Its clock, with its offset.
        any_verdict: Whether the exit code is 0 for anything genuine.
        decide_again: The engine, when verdicts are to be derived again.

    Raises:
        UsageError: What cannot be asked, or not together.
        InputError: A file cannot be read.
    """
    check_terms(at, asked)
    max_list_age = days_of(named.max_revocation_age_days)
    keys = [key if isinstance(key, PublicKey) else load_public(key) for key in named.keys]
    believed = believed_of(keys, _trust(named.trust))
    _check_alone(named)
    lists: Sequence[Source] = ()
    if named.revocations:
        from weightgate.attest.revocation.sources import load_sources

        lists = load_sources(named.revocations, believed.accepted, at)
    trusted = () if believed.trust is None else believed.trust.timestamp_authorities
    stampers = (*map(_stamper, named.stampers), *trusted)
    return Terms(
        believed, at.astimezone(UTC), asked, any_verdict, decide_again, lists, max_list_age,
        stampers, frozenset(named.verifier_ids) or None,
        logs=_logs(named, believed), must_be_logged=bool(named.log_keys),
    )  # fmt: skip


def _logs(named: Named, believed: Believed) -> Mapping[str, str]:
    if believed.trust is not None:
        return believed.trust.logs
    if not named.log_keys:
        return {}
    from weightgate.ledger.note import read_verifier_key

    # A log may have had several keys under its one name.
    return {str(read_verifier_key(text, "--log-key")): text for text in named.log_keys}


def _check_alone(named: Named) -> None:
    """A trust file says all that it is there to say: nothing beside it is to say more."""
    if named.trust is None:
        return
    beside = {
        "--verifier-id": (named.verifier_ids, "verifier_id of a grant under decide"),
        "--timestamp-authority": (named.stampers, "timestamp_authorities"),
        "--log-key": (named.log_keys, "logs"),
    }
    for where, (given, place) in beside.items():
        if given:
            raise UsageError(
                f"both a trust file and {where}, which the trust file is to say",
                where=where,
                hint=f"leave it out, and write it into the trust file: {place}",
                code="ambiguous_trust",
            )


def _trust(trust: Trust | Path | None) -> Trust | None:
    if not isinstance(trust, Path):
        return trust
    from weightgate.attest.trust.read import read_trust

    return read_trust(trust)


def _stamper(path: Path) -> Authority:
    from weightgate.signing.certificates import MAX_FILE_BYTES, Authority, read_certificates

    raw = read_start(path, MAX_FILE_BYTES)
    return Authority(str(path), read_certificates(raw, str(path)), "")
