"""``weightgate trust succeed``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from weightgate.cli.options import KEY_HELP, OUTPUT, option
from weightgate.cli.output import deliver, emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths

SCHEMA = "weightgate/succession/v1"


@click.command()
@option("--key", env="KEY", metavar="OLD", required=True, help=f"The key that is given up{KEY_HELP}.")
@option("--to", "successor", metavar="PUB", required=True, help="The public key that takes its place.")
@option("--from", "start", metavar="DATE", required=True, help="The first day, UTC, on which it does.")
@option("-o", "target", metavar="PATH", required=True, help="Where the statement goes.")
@OUTPUT
def succeed(key: str, successor: str, start: str, target: str, output: tuple[str, ...]) -> int:
    """Let one key take the place of another from a day on, by a statement that the old key signs.

    The statement goes into the next version of the trust file, beside the new key. From that day on the new key may do
    what the old one may, and what the old one signs later counts for nothing.
    """
    from weightgate.cli.secrets import files_of, load_signer

    outputs = parse_outputs(output)
    check_paths([target, *(o.path for o in outputs)], read=[*files_of([key]), successor])
    from weightgate.attest.trust.succession import succession
    from weightgate.signing.keys import load_public

    new = load_public(Path(successor))
    old = load_signer(key)
    line = succession(old, new, start, now=datetime.now(UTC))
    deliver(Path(target), line)
    data = {"schema": SCHEMA, "file": target, "old": old.keyid, "new": new.keyid, "from": start}
    page = [
        Line(f"{target}: from {start} on {new.keyid} takes the place of {old.keyid}"),
        Line("It goes into the next version of the trust file, beside the new key:"),
        Line("succeeds: {identity: OLD, statement: '…'} # the file's one line, in single quotes", 2),
    ]
    emit(outputs, lambda: data, lambda: page)
    return 0
