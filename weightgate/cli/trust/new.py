"""``weightgate trust new``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from weightgate.cli.options import OUTPUT, option
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line, Page, head
from weightgate.cli.paths import check_paths
from weightgate.errors import UsageError

SCHEMA = "weightgate/trust-new/v1"

DAYS = 365
"""How long a new file holds unless its author says otherwise."""


@click.command()
@option(
    "--root",
    "roots",
    metavar="PUB",
    multiple=True,
    required=True,
    help="A public key that signs the next version; repeatable.",
)
@option(
    "--signer",
    "signers",
    metavar="PUB",
    multiple=True,
    required=True,
    help="A public key that decides; repeatable.",
)
@option(
    "--declarer",
    "declarers",
    metavar="PUB",
    multiple=True,
    help="A public key whose declarations of a model's openness and compute count as verified; repeatable.",
)
@option("--expires", metavar="DATE", help="Its last day, UTC.  [default: in a year]")
@option("-o", "path", metavar="FILE", required=True, help="Where it goes; nothing is written over.")
@OUTPUT
def new(
    roots: tuple[str, ...], signers: tuple[str, ...], declarers: tuple[str, ...], expires: str | None, path: str,
    output: tuple[str, ...],
) -> int:  # fmt: skip
    """Start a trust file from public keys: a first version that explains itself, to be narrowed and kept.

    Identities are named after the keys' files. More than half of the roots will be needed to sign the next version.
    """
    outputs = parse_outputs(output)
    check_paths([path, *(o.path for o in outputs)], read=[*roots, *signers, *declarers])
    from weightgate.attest.trust.new import named_keys, new_trust
    from weightgate.attest.trust.read import parse_trust
    from weightgate.facts.encode import parse_day
    from weightgate.files.output import write_whole
    from weightgate.signing.keys import load_public

    last = (
        parse_day(expires, "--expires")
        if expires
        else (datetime.now(UTC) + timedelta(days=DAYS)).date().isoformat()
    )
    by_root, by_signer, by_declarer = (
        named_keys([(Path(file), load_public(Path(file))) for file in files], option)
        for option, files in (("--root", roots), ("--signer", signers), ("--declarer", declarers))
    )
    text = new_trust(by_root, by_signer, last, by_declarer).encode()
    trust = parse_trust(text, path)
    if Path(path).exists():
        hint = "choose another name; nothing is written over"
        raise UsageError("there is something of that name already", where=path, hint=hint, code="exists")
    write_whole(Path(path), text)
    data = {"schema": SCHEMA, "file": path, "digest": trust.digest, "identities": list(trust.identities)}
    emit(outputs, lambda: data, lambda: _page(path, trust.digest))
    return 0


def _page(path: str, digest: str) -> Page:
    steps = (
        f"edit {path}: narrow what each key may do",
        f"weightgate trust lint {path}",
        f"weightgate trust show {path}",
        f"weightgate verify ATTESTATION --trust {path}",
    )
    return [Line(f"{path}: {digest}"), *head("Next"), *(Line(step, 2) for step in steps)]
