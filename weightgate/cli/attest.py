"""``weightgate attest``: sign a decision."""

from __future__ import annotations

from pathlib import Path

import click

from weightgate.cli.disclosing import deliver_minimal, disclose_options, is_minimal
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
@disclose_options
@OUTPUT
def attest(
    decision: str,
    key: str,
    path: str,
    model: str | None,
    disclose: str,
    openings: str | None,
    output: tuple[str, ...],
) -> int:
    """Decide again from a decision's own inputs, and sign the outcome when it agrees."""
    minimal = is_minimal(disclose, openings)
    outputs = parse_outputs(output)
    if model == "-":
        raise UsageError("--model - is no model", hint="leave --model out when there is none at hand")
    check_paths([path, openings, *(o.path for o in outputs)], read=[decision, key], model=model)
    from weightgate import api
    from weightgate.cli.secrets import load_signer

    signer = load_signer(Path(key))
    with progress("hashing") as bar:
        if minimal:
            made = api.attest_minimal(decision, signer, model=model, progress=bar)
            deliver_minimal(made, path, str(openings))
        else:
            deliver(Path(path), api.attest(decision, signer, model=model, progress=bar))
    data = {
        "schema": ATTESTED_SCHEMA,
        "path": path,
        "keyid": signer.keyid,
        "algorithm": signer.public.algorithm,
        "model_inspected": model is not None,
        "disclosure": disclose,
        "openings": openings,
    }
    lines = [f"wrote {path}, signed by {signer.public.algorithm} key {signer.keyid}"]
    lines += [f"wrote {openings}, which opens what it withholds: keep it secret"] if minimal else []
    emit(outputs, lambda: data, lambda: [Line(line) for line in lines])
    return 0
