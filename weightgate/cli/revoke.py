"""``weightgate revoke``: take attestations back, in a signed list that verifiers are given."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weightgate.cli.options import KEY, OUTPUT, option
from weightgate.cli.output import deliver, emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths
from weightgate.errors import InputError, UsageError

if TYPE_CHECKING:
    from weightgate.attest.revocation.revise import Wanted
    from weightgate.signing.keys import PrivateKey
    from weightgate.signing.signers import RemoteSigner

REVOKED_SCHEMA = "weightgate/revocations/v1"
REASONS = ("unspecified", "key_compromise", "mistake", "withdrawn", "superseded")


@click.command()
@click.argument("path", metavar="LIST")
@KEY
@option(
    "--attestation", "attestations", multiple=True, metavar="FILE",
    help="An attestation to revoke, by its file or its sha256:…; repeatable.",
)  # fmt: skip
@option(
    "--signer", metavar="KEY", help="All that this key signed: a public key's file, a keyid, or an identity."
)
@option("--engine", metavar="ENGINE", help="All that this engine decided, such as weightgate/0.1.0.")
@option("--pack", metavar="PACK", help="All that was decided under this pack: a name, a path, or sha256:….")
@option("--digest", metavar="sha256:…", help="All that is about the model with this digest.")
@option("--signed-from", metavar="TIME", help="Of these, only what was signed at this time or after.")
@option("--signed-until", metavar="TIME", help="Of these, only what was signed at this time or before.")
@option("--reason", type=click.Choice(REASONS), default="unspecified", show_default=True, help="Why.")
@option("--note", metavar="TEXT", help="More about the reason, for people.")
@option("--from", "since", metavar="TIME", help="From when it no longer counts.  [default: now]")
@option(
    "--superseded-by", metavar="FILE",
    help="The newer attestation that replaces the one revoked, by its file or its sha256:….",
)  # fmt: skip
@option("--name", metavar="NAME", help="Name of a new list.  [default: the file's]")
@option(
    "--next-update", "good_for", type=float, default=30.0, show_default=True, metavar="DAYS",
    help="How long the list shows that something is not revoked; sign it anew before that.",
)  # fmt: skip
@OUTPUT
def revoke(
    path: str, keys: tuple[str, ...], name: str | None, good_for: float, output: tuple[str, ...], **said: Any
) -> int:
    """Add to a signed list of what no longer counts, or begin one.

    LIST is written anew, with its number increased and all that it held; it must be signed by the same key. Without
    anything to revoke it is only issued again. What two options name together must both hold. Verifiers are given it
    with verify --revocations.
    """
    outputs = parse_outputs(output)
    from weightgate.cli.secrets import files_of

    read = [*files_of(keys), *said["attestations"], said["superseded_by"], said["signer"], said["pack"]]
    check_paths([path, *(o.path for o in outputs)], read=read)
    if not keys:
        raise UsageError("no key to sign the list with", where="--key", hint="name one: --key KEY")
    from weightgate.attest.revocation.revise import entries_of, revise
    from weightgate.signing.statement import write_time

    now = datetime.now(UTC)
    entries = entries_of(_wanted(said), now)
    signers = _signers(keys)
    envelope, listed = revise(
        _earlier(Path(path)), entries, signers=signers, keys=[signer.public for signer in signers], now=now,
        name=name or ("" if os.path.exists(path) else Path(path).name), good_for=_days(good_for), source=path,
    )  # fmt: skip
    deliver(Path(path), envelope)
    data = {
        "schema": REVOKED_SCHEMA,
        "path": path,
        "list": listed.name,
        "number": listed.number,
        "issued": write_time(listed.issued),
        "next_update": write_time(listed.next_update),
        "revocations": [entry.to_json() for entry in listed.entries],
        "keyids": [signer.keyid for signer in signers],
    }
    held = f"{len(listed.entries)} revocations" if len(listed.entries) != 1 else "1 revocation"
    page = [
        Line(f"wrote {path}: list {listed.name!r} number {listed.number}, {held}"),
        Line(f"the next one is due by {data['next_update']}"),
    ]
    emit(outputs, lambda: data, lambda: page)
    return 0


def _signers(uris: Sequence[str]) -> list[PrivateKey | RemoteSigner]:
    """Who signs; an identity without a key cannot, since only a key tells whose list it is."""
    from weightgate.cli.secrets import load_signers
    from weightgate.signing.keyless import KeylessSigner

    found = load_signers(uris)
    signers = [signer for signer in found if not isinstance(signer, KeylessSigner)]
    if len(signers) != len(found):
        raise UsageError(
            "a list is signed with a key, and sigstore: has none", where="--key", code="needs_bundle"
        )
    return signers


def _days(good_for: float) -> timedelta:
    # What is no number of days is no length of time: the list refuses that.
    return timedelta(days=good_for) if 0 < good_for < 1e6 else timedelta(0)


def _earlier(path: Path) -> bytes | None:
    from weightgate.files.bounded import read_bytes

    return read_bytes(str(path)) if os.path.exists(path) else None


def _wanted(said: dict[str, Any]) -> Wanted:
    """What is to be revoked, with files looked into."""
    from weightgate.attest.revocation.revise import Wanted, check_newer

    attestations = [_attestation(one, "--attestation") for one in said["attestations"]]
    newer = _attestation(said["superseded_by"], "--superseded-by") if said["superseded_by"] else ("", None)
    if len(attestations) == 1:
        check_newer(attestations[0][1], newer[1])
    return Wanted(
        tuple(dict.fromkeys(digest for digest, _ in attestations)),
        signer=_signer(said["signer"]) if said["signer"] else "",
        engine=said["engine"] or "",
        pack=_pack(said["pack"]) if said["pack"] else "",
        model=_digest(said["digest"], "--digest") if said["digest"] else "",
        signed_from=_time(said["signed_from"], "--signed-from"),
        signed_until=_time(said["signed_until"], "--signed-until"),
        reason=said["reason"],
        since=_time(said["since"], "--from"),
        note=said["note"] or "",
        superseded_by=newer[0],
    )


def _attestation(text: str, where: str) -> tuple[str, Any]:
    from weightgate.attest.revocation.revise import digest_of
    from weightgate.files.bounded import read_bytes

    if text.startswith("sha256:"):
        return _digest(text, where), None
    return digest_of(read_bytes(text), text)


def _digest(text: str, where: str) -> str:
    from weightgate.files.digests import is_digest

    if not is_digest(text):
        raise UsageError(
            f"{text[:80]!r} is no digest",
            where=where,
            hint="write sha256: and 64 hex digits",
            code="bad_digest",
        )
    return text


def _signer(text: str) -> str:
    """The keyid in a public key's file, a keyid, or the identity that the text itself is.

    A file that is not there is an error: taken for somebody's name, it would revoke nothing that the lost key signed.
    """
    if not os.path.isfile(text):  # noqa: PTH113 - false for a text that no file can have as its name
        keyid = text.removeprefix("sha256:").lower()
        if len(keyid) == 64 and not keyid.strip("0123456789abcdef"):
            return keyid
        path = "/" in text or text.lower().endswith((".pub", ".pem", ".key", ".crt"))
        if path and not set(":=@") & set(text):
            raise InputError(
                "no such file, and it is named as one",
                where=text,
                hint="name the public key",
                code="unreadable",
            )
        return text
    from weightgate.signing.keys import load_public

    return load_public(Path(text)).keyid


def _pack(text: str) -> str:
    from weightgate.policy.source import find_pack

    return _digest(text, "--pack") if text.startswith("sha256:") else find_pack(text).digest


def _time(text: str | None, where: str) -> datetime | None:
    if text is None:
        return None
    from weightgate.errors import SignatureError
    from weightgate.signing.statement import read_time

    try:
        return read_time(text, where)
    except SignatureError as error:
        raise UsageError(error.message, where=where, code="bad_time") from None
