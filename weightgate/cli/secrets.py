"""Private keys and their passphrases and PINs, which come from the environment or a terminal and are never shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from weightgate.cli.text import on_terminal, printable, tell
from weightgate.errors import UsageError

if TYPE_CHECKING:
    from weightgate.signing.keys import PrivateKey
    from weightgate.signing.sealing import Sealer
    from weightgate.signing.signers import LoadedSigner, RemoteSigner

VARIABLE = "WEIGHTGATE_KEY_PASSPHRASE"


def passphrase_from_environment() -> bytes | None:
    """The passphrase in :data:`VARIABLE`; ``None`` when it is not set, or empty."""
    return os.environ.get(VARIABLE, "").encode("utf-8", "surrogateescape") or None


def ask_passphrase(prompt: str, *, confirm: bool = False) -> bytes:
    """Ask on the terminal; the answer is not echoed."""
    import click

    answer = click.prompt(
        prompt, hide_input=True, confirmation_prompt=confirm, default="", show_default=False, err=True
    )
    return str(answer).encode()


def load_signer(uri: str | Path) -> PrivateKey | RemoteSigner:
    """Find the key that signs, asking for its passphrase or PIN when it needs one and somebody is there to ask.

    Raises:
        WeightgateError: As :func:`weightgate.signing.signers.load_signer`.
        UsageError: It is ``sigstore:``, which has no key (code ``needs_bundle``).
    """
    from weightgate.signing.keyless import KeylessSigner

    (signer,) = load_signers([str(uri)])
    if isinstance(signer, KeylessSigner):
        raise UsageError(
            "this is signed with a key, and sigstore: has none", where="--key", code="needs_bundle"
        )
    return signer


def load_signers(uris: Iterable[str]) -> tuple[LoadedSigner, ...]:
    """Find all that sign; errors as of :func:`weightgate.signing.signers.load_signer`."""
    from weightgate.signing.signers import load_signer as load

    ask = ask_passphrase if on_terminal(sys.stdin) else None
    signers = tuple(load(uri, passphrase=passphrase_from_environment(), ask=ask) for uri in uris)
    for signer in signers:
        for note in signer.notes:
            tell(f"note: {printable(note)}")
    return signers


def sealer_of(
    uris: Iterable[str], chain: Iterable[str] = (), *, bundle: bool = False, timestamp_url: str = ""
) -> Sealer:
    """Who signs, with which certificates, and in which form; errors as of :func:`load_signers`."""
    from weightgate.files.bounded import read_bytes
    from weightgate.signing.sealing import Sealer

    certificates: tuple[bytes, ...] = ()
    for file in chain:
        from weightgate.signing.certificates import der_of, read_certificates

        certificates += tuple(map(der_of, read_certificates(read_bytes(file), file)))
    return Sealer(load_signers(uris), bundle, timestamp_url, certificates)


def files_of(uris: Iterable[str]) -> list[str]:
    """The key files among what signs, to be held against what is written."""
    uris = list(uris)
    if not uris:
        return []
    from weightgate.signing.signers import path_of

    return [path for uri in uris if (path := path_of(uri))]
