"""``weightgate declare``: sign what a developer knows of a model."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weightgate.cli.options import NEEDED_KEY, OUTPUT, option
from weightgate.cli.output import deliver, emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths
from weightgate.cli.progress import progress
from weightgate.errors import UsageError

if TYPE_CHECKING:
    from weightgate.files.yaml import Document

DECLARED_SCHEMA = "weightgate/declared/v1"


@click.command()
@click.argument("model", metavar="MODEL")
@click.argument("stated", metavar="[FACT=VALUE]…", nargs=-1)
@option("--facts", multiple=True, metavar="FILE", help="A facts file with more to declare; repeatable.")
@option("--source", metavar="TEXT", help="Where it is known from, such as a training log.")
@option("--by", metavar="NAME", help="Who says so, for people; the key is what counts.")
@option("--on", metavar="DATE", help="The day from which it holds, UTC.")
@option("--until", metavar="DATE", help="The last day on which it holds, UTC.")
@option("--digest", metavar="sha256:…", help="The digest that the model must have; names it when MODEL is -.")
@NEEDED_KEY
@option("--bundle", is_flag=True, help="Write a Sigstore bundle v0.3, which holds one signature.")
@option("-o", "path", metavar="FILE", required=True, help="Where the declaration goes.")
@OUTPUT
def declare(
    model: str,
    stated: tuple[str, ...],
    facts: tuple[str, ...],
    digest: str | None,
    keys: tuple[str, ...],
    path: str,
    output: tuple[str, ...],
    *,
    bundle: bool,
    **details: str | None,
) -> int:
    """Sign what a developer knows of a model, over the model's digest.

    FACT is a fact about models, such as model.training_operations, and VALUE what a facts file would hold: a value,
    {min: …, max: …} or {one_of: […]}. Each fact needs a source and an end, of its own in a facts file or by option.

    Give the file to check or guard with --facts. With a trust file that names the key for a fact, the fact counts as
    verified; without, as a claim, which may only tighten.
    """
    outputs = parse_outputs(output)
    from weightgate.cli.secrets import files_of, load_signers

    check_paths([path, *(o.path for o in outputs)], read=[*files_of(keys), *facts], model=model)
    from weightgate.asking.model import digest_found
    from weightgate.asking.question import digest_of
    from weightgate.attest.declarations import declaring
    from weightgate.attest.declarations.declarable import facts_of
    from weightgate.files.yaml import read_yaml
    from weightgate.signing.sealing import Sealer

    now, wanted = datetime.now(UTC), digest_of(digest)
    documents = [*map(_stated, stated), *(read_yaml(Path(file)) for file in facts)]
    said = declaring.with_details(facts_of(*documents), details, now)
    sealer = Sealer(load_signers(keys), bundle)
    sealer.check()
    with progress("hashing") as bar:
        found = digest_found(model, wanted, bar)
    envelope = declaring.declare(found, said, sealer, now=now)
    deliver(Path(path), envelope)
    data = {
        "schema": DECLARED_SCHEMA,
        "path": path,
        "keyids": [signer.keyid for signer in sealer.signers],
        **declaring.summary(envelope, path),
    }
    lines = [
        Line(f"wrote {path}, signed by key {' and '.join(data['keyids'])}"),
        Line(f"about {data['model']}: {', '.join(data['facts'])}"),
    ]
    emit(outputs, lambda: data, lambda: lines)
    return 0


def _stated(text: str) -> Document:
    """``FACT=VALUE`` as a facts file with that one fact."""
    from weightgate.files.yaml import Document, parse_yaml

    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(
            f"{text[:100]!r} has no '='",
            where="FACT=VALUE",
            hint="write FACT=VALUE, such as model.openness=closed",
            code="bad_fact",
        )
    return Document({name: parse_yaml(value, name).data}, text[:100], {})
