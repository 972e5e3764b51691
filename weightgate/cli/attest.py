"""``weightgate attest``: sign a decision."""

from __future__ import annotations

from pathlib import Path

import click

from weightgate.cli.options import KEY_HELP, OUTPUT, option
from weightgate.cli.output import deliver, emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths
from weightgate.cli.progress import progress
from weightgate.errors import UsageError

ATTESTED_SCHEMA = "weightgate/attested/v1"


@click.command()
@click.argument("decision", metavar="DECISION.json")
@option("--key", env="KEY", metavar="KEY", required=True, help=f"The private key to sign with{KEY_HELP}.")
@option("-o", "path", metavar="PATH", required=True, help="Where the attestation goes.")
@option(
    "--model", metavar="MODEL",
    help="The model: it is inspected again, and facts keep their grades. Without it none is better than declared.",
)  # fmt: skip
@option(
    "--trust", env="TRUST", metavar="FILE",
    help="With --model: whose signed declarations, which the decision carries, count as verified.",
)  # fmt: skip
@OUTPUT
def attest(
    decision: str, key: str, path: str, model: str | None, trust: str | None, output: tuple[str, ...]
) -> int:
    """Decide again from a decision's own inputs, and sign the outcome when it agrees."""
    outputs = parse_outputs(output)
    if model == "-":
        raise UsageError("--model - is no model", hint="leave --model out when there is none at hand")
    check_paths([path, *(o.path for o in outputs)], read=[decision, key, trust], model=model)
    from weightgate import api
    from weightgate.cli.secrets import load_signer

    signer = load_signer(Path(key))
    with progress("hashing") as bar:
        envelope = api.attest(decision, signer, model=model, trust=trust, progress=bar)
    deliver(Path(path), envelope)
    data = {
        "schema": ATTESTED_SCHEMA,
        "path": path,
        "keyid": signer.keyid,
        "algorithm": signer.public.algorithm,
        "model_inspected": model is not None,
    }
    emit(
        outputs,
        lambda: data,
        lambda: [Line(f"wrote {path}, signed by {signer.public.algorithm} key {signer.keyid}")],
    )
    return 0
