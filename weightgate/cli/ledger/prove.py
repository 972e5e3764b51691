"""``weightgate ledger prove``: the proof that something is logged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from weightgate.cli.ledger.common import URL, file_in, statements_in
from weightgate.cli.options import OUTPUT, option
from weightgate.cli.output import deliver, emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths
from weightgate.errors import InputError

if TYPE_CHECKING:
    from weightgate.ledger.ledger import Ledger

PROOF_SCHEMA = "weightgate/ledger-proof/v1"


@click.command()
@URL
@click.argument("what", metavar="INDEX|ATTESTATION")
@option(
    "-o", "path", metavar="FILE", required=True, help="Where the proof goes, mostly ATTESTATION.tlog-proof."
)
@OUTPUT
def prove(url: str, what: str, path: str, output: tuple[str, ...]) -> int:
    """Write the proof that an entry, or an attestation, is logged.

    The proof can be verified without the ledger, by whoever has its key: verify ATTESTATION --log-key VKEY.
    """
    outputs = parse_outputs(output)
    number = int(what) if what.isascii() and what.isdecimal() and len(what) < 19 else None
    read = [file_in(url), what if number is None else None]
    check_paths([path, *(o.path for o in outputs)], read=read)
    from weightgate.ledger.ledger import open_ledger

    with open_ledger(url) as ledger:
        index = _index_of(ledger, what) if number is None else number
        proof = ledger.prove(index)
        where = ledger.where
    deliver(Path(path), proof.encode())
    data = {"schema": PROOF_SCHEMA, "ledger": where, "index": index, "path": path, "proof": proof}
    emit(outputs, lambda: data, lambda: [Line(f"wrote {path}, the proof of entry {index}")])
    return 0


def _index_of(ledger: Ledger, path: str) -> int:
    from weightgate.ledger.attested import entry_for

    for payload in statements_in(path):
        index = ledger.find(entry_for(payload, path).key or "")
        if index is not None:
            return index
    raise InputError(
        f"{path} is not logged",
        where=ledger.where,
        hint="log it with: weightgate ledger add",
        code="not_logged",
    )
