"""``weightgate model digest``: a model's root digest and manifest."""

from __future__ import annotations

from typing import Any

import click

from weightgate.cli.model.options import IGNORE, METHOD, SHARD_SIZE, local, shard_size_of
from weightgate.cli.options import MODEL_KEY, OUTPUT
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths
from weightgate.cli.progress import progress

DIGEST_SCHEMA = "weightgate/model-digest/v1"


@click.command()
@click.argument("reference", metavar="MODEL")
@METHOD
@SHARD_SIZE
@IGNORE
@MODEL_KEY
@OUTPUT
def digest(
    reference: str,
    method: str | None,
    shard_size: int | None,
    ignore: tuple[str, ...],
    model_keys: tuple[str, ...],
    output: tuple[str, ...],
) -> int:
    """Print the OpenSSF model signing root digest of a model; its files are listed in JSON.

    The root digest leaves out names: whoever compares two models compares the files too. Only that over whole files
    identifies a model in decisions and attestations.
    """
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=model_keys, model=reference)
    size = shard_size_of(method, shard_size)
    data = _listed(reference, size, ignore) if size or ignore else _identity(reference, model_keys)
    emit(outputs, lambda: data, lambda: [Line(data["model"]["digest"])])
    return 0


def _identity(reference: str, model_keys: tuple[str, ...]) -> dict[str, Any]:
    from weightgate import api

    with progress("hashing") as bar:
        found = api.digest(reference, model_keys=model_keys, progress=bar)
    files = [{"name": f.name, "digest": f"sha256:{f.digest}", "reported": f.reported} for f in found.manifest]
    named = {"reference": found.reference, "revision": found.revision or None, "digest": found.digest}
    return {"schema": DIGEST_SCHEMA, "model": named, "files": files}


def _listed(reference: str, shard_size: int | None, ignore: tuple[str, ...]) -> dict[str, Any]:
    from weightgate.oms.listing import list_model
    from weightgate.oms.resources import root_of

    folder = local(reference)
    with progress("hashing") as bar:
        listed = list_model(
            folder.path, reference=folder.text, shard_size=shard_size, ignore=ignore, progress=bar
        )
    resources = sorted(listed.resources, key=lambda each: each.key)
    root = f"sha256:{root_of(resources)}"
    files = [{"name": r.key, "digest": f"sha256:{r.digest}", "reported": False} for r in resources]
    return {
        "schema": DIGEST_SCHEMA,
        "model": {"reference": reference, "revision": None, "digest": root},
        "method": listed.serialization.method,
        "shard_size": shard_size,
        "files": files,
    }
