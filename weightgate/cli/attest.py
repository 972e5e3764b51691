"""``weightgate attest``: sign a decision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from weightgate.cli.logged import opened_log, proof_path
from weightgate.cli.options import KEY_HELP, LEDGER, LEDGER_KEY, OUTPUT, option
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
@LEDGER
@LEDGER_KEY
@OUTPUT
def attest(decision: str, key: str, path: str, model: str | None, **rest: Any) -> int:
    """Decide again from a decision's own inputs, and sign the outcome when it agrees."""
    outputs = parse_outputs(rest["output"])
    if model == "-":
        raise UsageError("--model - is no model", hint="leave --model out when there is none at hand")
    proof = proof_path(rest["ledger"], path)
    check_paths(
        [path, proof, *(o.path for o in outputs)], read=[decision, key, rest["ledger_key"]], model=model
    )
    from weightgate import api
    from weightgate.cli.secrets import load_signer

    signer = load_signer(Path(key))
    index = None
    with opened_log(rest["ledger"], rest["ledger_key"], signer) as log, progress("hashing") as bar:
        envelope = api.attest(decision, signer, model=model, progress=bar)
        if log is None:
            deliver(Path(path), envelope)
        else:
            index = log.write(path, envelope)
    data = {
        "schema": ATTESTED_SCHEMA,
        "path": path,
        "keyid": signer.keyid,
        "algorithm": signer.public.algorithm,
        "model_inspected": model is not None,
    }
    page = [Line(f"wrote {path}, signed by {signer.public.algorithm} key {signer.keyid}")]
    if proof is not None:
        data |= {"log_index": index, "log_proof": proof}
        page.append(Line(f"wrote {proof}, the proof of entry {index} in the ledger"))
    emit(outputs, lambda: data, lambda: page)
    return 0
