"""``weightgate model``: a model's digest and manifest."""

from __future__ import annotations

import click

from weightgate.cli.absent import Partial
from weightgate.cli.options import OUTPUT
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths
from weightgate.cli.progress import progress

DIGEST_SCHEMA = "weightgate/model-digest/v1"


@click.group(cls=Partial, later=("sign", "verify"))
def model() -> None:
    """Work out a model's digest and manifest."""


@model.command()
@click.argument("reference", metavar="MODEL")
@OUTPUT
def digest(reference: str, output: tuple[str, ...]) -> int:
    """Print the OpenSSF model signing root digest of a model; its files are listed in JSON.

    The root digest leaves out names: whoever compares two models compares the files too.
    """
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], model=reference)
    from weightgate import api

    with progress("hashing") as bar:
        found = api.digest(reference, progress=bar)
    files = [{"name": f.name, "digest": f"sha256:{f.digest}", "reported": f.reported} for f in found.manifest]
    data = {
        "schema": DIGEST_SCHEMA,
        "model": {"reference": found.reference, "revision": found.revision or None, "digest": found.digest},
        "files": files,
    }
    emit(outputs, lambda: data, lambda: [Line(found.digest)])
    return 0
