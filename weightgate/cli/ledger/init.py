"""``weightgate ledger init``: make a ledger."""

from __future__ import annotations

import click

from weightgate.cli.ledger.common import KEY, URL, WAIT, as_data, as_page, file_in
from weightgate.cli.options import OUTPUT, option
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.paths import check_paths


@click.command()
@URL
@option(
    "--name", metavar="NAME", required=True,
    help="What the log is called for ever: a URL without scheme that is yours, such as example.com/decisions.",
)  # fmt: skip
@KEY
@WAIT
@OUTPUT
def init(url: str, name: str, key: str, wait: float, output: tuple[str, ...]) -> int:
    """Make a ledger without entries. It never replaces one.

    Hand its key, which is printed, to whoever is to verify: it goes into trust files, and to verify --log-key.
    """
    outputs = parse_outputs(output)
    check_paths([file_in(url), *(o.path for o in outputs)], read=[key])
    from weightgate.cli.secrets import load_signer
    from weightgate.ledger.ledger import init_ledger

    with init_ledger(url, name, load_signer(key), wait=wait) as ledger:
        data = as_data(ledger)
    emit(outputs, lambda: data, lambda: as_page(data))
    return 0
