"""What the commands of a ledger share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weightgate.cli.options import KEY_HELP, option
from weightgate.cli.page import Line, Page
from weightgate.ledger.address import parse_address

if TYPE_CHECKING:
    from weightgate.ledger.ledger import Ledger

SCHEMA = "weightgate/ledger/v1"

URL = click.argument("url", metavar="URL")
KEY = option(
    "--key", env="LEDGER_KEY", metavar="KEY", required=True, help=f"The ledger's private key, Ed25519{KEY_HELP}."
)  # fmt: skip
WAIT = option(
    "--wait", type=click.FloatRange(0, 3600), default=30.0, show_default=True, metavar="SECONDS",
    help="How long to wait for other writers.",
)  # fmt: skip
LOG_KEY = option(
    "--log-key", metavar="VKEY",
    help="The key that the ledger must have, NAME+ID+BASE64, from wherever you trust it.",
)  # fmt: skip


def file_in(url: str) -> str | None:
    """The file that a ledger lies in, to be kept from being written over; nothing when it is none."""
    path = parse_address(url).path
    return None if path is None else str(path)


def statements_in(path: str) -> Iterator[bytes]:
    """The signed statements in a file of attestations, whose signatures are not verified; proofs are left out.

    Raises:
        InputError: It cannot be read, or a line is no attestation.
        SignatureError: One is malformed.
    """
    from weightgate.attest.statements.claims import Kind, peek, read_claims, stream_claims
    from weightgate.files.bounded import read_bytes, unreadable

    if not path.endswith(".jsonl"):
        yield from (peek(each) for each in read_claims(read_bytes(path), path) if each.kind is not Kind.PROOF)
        return
    try:
        with Path(path).open("rb") as file:
            yield from (peek(each) for each in stream_claims(file, path) if each.kind is not Kind.PROOF)
    except OSError as error:
        raise unreadable(error, path) from None


def as_data(ledger: Ledger) -> dict[str, Any]:
    """A ledger as JSON."""
    with ledger.proven() as now:
        return {
            "schema": SCHEMA,
            "ledger": ledger.where,
            "name": ledger.key.name,
            "key": str(ledger.key),
            "size": now.size,
            "checkpoint": now.head.checkpoint,
        }


def as_page(data: dict[str, Any]) -> Page:
    """A ledger as text."""
    return [
        Line(f"ledger: {data['ledger']}"),
        Line(f"name: {data['name']}"),
        Line(f"key: {data['key']}"),
        Line(f"entries: {data['size']}"),
    ]
