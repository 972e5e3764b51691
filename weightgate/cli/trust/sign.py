"""``weightgate trust sign``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from weightgate.cli.options import KEY_HELP, OUTPUT, option
from weightgate.cli.output import deliver, emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths

SCHEMA = "weightgate/trust-signature/v1"


@click.command()
@click.argument("path", metavar="FILE")
@option("--key", env="KEY", metavar="KEY", required=True, help=f"The key to sign with{KEY_HELP}.")
@option(
    "-o",
    "target",
    metavar="PATH",
    help="The file of signatures, to which this one is added.  [default: FILE.sig]",
)
@OUTPUT
def sign(path: str, key: str, target: str | None, output: tuple[str, ...]) -> int:
    """Sign a new version of a trust file, over its very bytes.

    The signature is added to those in the file of signatures. Whoever holds the current version replaces it with
    weightgate trust update, once enough of its root and of the new one have signed.
    """
    from weightgate.cli.secrets import files_of, load_signer

    outputs = parse_outputs(output)
    signatures = target or f"{path}.sig"
    check_paths([signatures, *(o.path for o in outputs)], read=[path, *files_of([key])])
    from weightgate.attest.trust import read_trust
    from weightgate.attest.trust.signatures import add_signature, read_signature_file, sign_trust

    trust = read_trust(Path(path))
    there = read_signature_file(Path(signatures)) if Path(signatures).is_file() else None
    signer = load_signer(key)
    line = sign_trust(trust, signer, now=datetime.now(UTC))
    deliver(Path(signatures), add_signature(there, line, trust, signer.public))
    names = [one.name for one in trust.identities.values() if one.key and one.key.keyid == signer.keyid]
    data = {
        "schema": SCHEMA, "file": path, "digest": trust.digest, "version": trust.version, "signatures": signatures,
        "keyid": signer.keyid, "identity": names[0] if names else None,
    }  # fmt: skip
    who = f"as {names[0]}" if names else "by a key that the file does not name"
    page = [
        Line(f"{signatures}: {path} version {trust.version}, {trust.digest}, signed {who} ({signer.keyid})")
    ]
    if trust.root is None or not set(names) & set(trust.root.identities):
        said = "That key is not of the file's own root: it counts if it is of the root of the version to be replaced."
        page.append(Line(said))
    emit(outputs, lambda: data, lambda: page)
    return 0
