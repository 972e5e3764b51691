"""``weightgate ledger add``: log attestations."""

from __future__ import annotations

import click

from weightgate.cli.ledger.common import KEY, URL, WAIT, file_in, statements_in
from weightgate.cli.options import OUTPUT
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths

LOGGED_SCHEMA = "weightgate/logged/v1"


@click.command()
@URL
@click.argument("attestations", metavar="ATTESTATION…", nargs=-1, required=True)
@KEY
@WAIT
@OUTPUT
def add(url: str, attestations: tuple[str, ...], key: str, wait: float, output: tuple[str, ...]) -> int:
    """Log attestations, all or none. One that is logged already is not logged again.

    A file that ends in .jsonl holds one attestation on each line. Their signatures are not verified: a log says what was
    shown to it, and when this became part of it, and not that it is true.
    """
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=[*attestations, key, file_in(url)])
    from weightgate.cli.secrets import load_signer
    from weightgate.ledger.attested import entry_for
    from weightgate.ledger.ledger import open_ledger

    given = [(name, payload) for name in attestations for payload in statements_in(name)]
    entries = [entry_for(payload, name) for name, payload in given]
    with open_ledger(url, signer=load_signer(key), wait=wait) as ledger:
        receipts = ledger.append(entries)
        where = ledger.where
    data = {
        "schema": LOGGED_SCHEMA,
        "ledger": where,
        "entries": [
            {
                "attestation": name,
                "index": r.index,
                "leaf_hash": f"sha256:{r.leaf_hash.hex()}",
                "added": r.added,
            }
            for (name, _), r in zip(given, receipts, strict=True)
        ],
        "checkpoint": receipts[0].checkpoint,
    }
    page = [
        Line(f"entry {r.index}: {name}{'' if r.added else ', logged before'}")
        for (name, _), r in zip(given, receipts, strict=True)
    ]
    emit(outputs, lambda: data, lambda: page)
    return 0
