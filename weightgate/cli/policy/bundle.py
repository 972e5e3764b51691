"""``weightgate policy bundle``."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from weightgate.cli.options import KEY, OUTPUT, option
from weightgate.cli.output import deliver, emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths
from weightgate.errors import UsageError

BUNDLE_SCHEMA = "weightgate/policy-bundle/v1"


@click.command()
@click.argument("pack", metavar="PACK")
@KEY
@option("-o", "path", metavar="FILE.wgpack", required=True, help="Where the bundle goes.")
@OUTPUT
def bundle(pack: str, keys: tuple[str, ...], path: str, output: tuple[str, ...]) -> int:
    """Put a pack and its cases into one file and, with --key, sign it: the signature goes to FILE.wgpack.sig.

    The same pack makes the same bytes on every machine and every day. The bundle is given to --policy like any pack, and
    tar unpacks it. The signature is over the pack's own digest, so it holds for the pack by path too: lay it beside
    pack.yaml as pack.yaml.sig, or give it with --pack-signature.
    """
    from weightgate.policy.archive import SUFFIX

    outputs = parse_outputs(output)
    if not path.endswith(SUFFIX):
        hint = "--policy knows a bundle by its suffix"
        raise UsageError(f"{path!r} does not end in {SUFFIX}", where="-o", hint=hint, code="bad_output")
    signature = f"{path}.sig" if keys else None
    from weightgate.cli.secrets import files_of, load_signers

    check_paths([path, signature, *(o.path for o in outputs)], read=[pack, *files_of(keys)])
    from weightgate.policy.bundle import bundle as archive_of
    from weightgate.policy.cache import load_compiled
    from weightgate.policy.source import find_pack

    source = find_pack(pack)
    loaded = load_compiled(source)
    archive = archive_of(source)
    digest = "sha256:" + hashlib.sha256(archive).hexdigest()
    data: dict[str, Any] = {
        "schema": BUNDLE_SCHEMA,
        "path": path,
        "digest": digest,
        "pack": {"name": loaded.name, "version": loaded.version, "digest": source.digest},
        "signature": signature,
        "keyids": [],
    }
    lines = [Line(f"wrote {path}: {loaded.name} {loaded.version}, {source.digest}")]
    if signature:
        from weightgate.attest.signed_packs import sign_pack
        from weightgate.signing.sealing import Sealer

        sealer = Sealer(load_signers(keys))
        deliver(Path(signature), sign_pack(source, sealer, archive=digest, now=datetime.now(UTC)))
        data["keyids"] = [signer.keyid for signer in sealer.signers]
        lines.append(Line(f"wrote {signature}, signed by key {' and '.join(data['keyids'])}"))
    deliver(Path(path), archive)
    emit(outputs, lambda: data, lambda: lines)
    return 0
