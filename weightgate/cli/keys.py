"""``weightgate keys``: make and show signing keys."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weightgate.cli.options import OUTPUT, option
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths
from weightgate.cli.text import on_terminal

if TYPE_CHECKING:
    from weightgate.signing.keys import PublicKey

KEY_SCHEMA = "weightgate/key/v1"

KINDS = {
    "ed25519": "ed25519",
    "p256": "ecdsa-p256",
    "p384": "ecdsa-p384",
    "p521": "ecdsa-p521",
    "rsa": "rsa-pss",
}
"""What ``--type`` takes, and the algorithm that each stands for."""


@click.group()
def keys() -> None:
    """Make and show signing keys."""


@keys.command()
@option(
    "-o",
    "path",
    metavar="PATH",
    required=True,
    help="Where the private key goes; the public one to PATH.pub.",
)
@option(
    "--type", "kind", type=click.Choice(KINDS), default="ed25519", show_default=True,
    help="The kind of key; rsa is RSA-PSS with 3072 bits.",
)  # fmt: skip
@OUTPUT
def generate(path: str, kind: str, output: tuple[str, ...]) -> int:
    """Make a key pair.

    The private key is encrypted when WEIGHTGATE_KEY_PASSPHRASE is set, or when a passphrase is given on a terminal.
    """
    outputs = parse_outputs(output)
    check_paths([path, f"{path}.pub", *(o.path for o in outputs)])
    from weightgate.cli.secrets import ask_passphrase, passphrase_from_environment
    from weightgate.signing.keys import generate as make
    from weightgate.signing.keys import write_pair

    passphrase = passphrase_from_environment()
    if passphrase is None and on_terminal(sys.stdin):
        passphrase = ask_passphrase("passphrase (empty for none)", confirm=True) or None
    key = make(KINDS[kind])
    private, public = Path(path), Path(f"{path}.pub")
    write_pair(key, private, public, passphrase=passphrase)
    data = {
        "schema": KEY_SCHEMA,
        "private": str(private),
        "public": str(public),
        "encrypted": passphrase is not None,
        "keyid": key.keyid,
        "algorithm": key.public.algorithm,
    }
    encrypted = (
        "encrypted" if passphrase else "not encrypted: set WEIGHTGATE_KEY_PASSPHRASE to encrypt the next one"
    )
    page = [
        Line(f"private key: {private} ({encrypted})"),
        Line(f"public key: {public}"),
        Line(f"keyid: {key.keyid} ({key.public.algorithm})"),
    ]
    emit(outputs, lambda: data, lambda: page)
    return 0


@keys.command()
@click.argument("path", metavar="KEY")
@OUTPUT
def show(path: str, output: tuple[str, ...]) -> int:
    """Show the public half of a key: its identifier, its kind, and the key as PEM.

    KEY is a private or public key file, or the URI of a key in a token or a key service.
    """
    outputs = parse_outputs(output)
    from weightgate.cli.secrets import files_of

    check_paths([o.path for o in outputs], read=files_of([path]))
    key = _public_half(path)
    pem = key.pem().decode()
    data = {"schema": KEY_SCHEMA, "keyid": key.keyid, "algorithm": key.algorithm, "public_pem": pem}
    page = [
        Line(f"keyid: {key.keyid} ({key.algorithm})"),
        *(Line.as_laid_out(row) for row in pem.splitlines()),
    ]
    emit(outputs, lambda: data, lambda: page)
    return 0


def _public_half(uri: str) -> PublicKey:
    from weightgate.cli.secrets import load_signer
    from weightgate.signing.keys import load_public
    from weightgate.signing.pem import read_pem
    from weightgate.signing.signers import path_of

    path = path_of(uri)
    if path is not None and b"PRIVATE KEY-----" not in read_pem(Path(path))[0]:
        return load_public(Path(path))
    return load_signer(uri).public
