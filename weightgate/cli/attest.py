"""``weightgate attest``: sign a decision."""

from __future__ import annotations

from pathlib import Path

import click

from weightgate.cli.options import KEY, MODEL_KEY, OUTPUT, option
from weightgate.cli.output import deliver, emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths
from weightgate.cli.progress import progress
from weightgate.errors import UsageError

ATTESTED_SCHEMA = "weightgate/attested/v1"


@click.command()
@click.argument("decision", metavar="DECISION.json")
@option("--key", "keys", required=True, **KEY)
@option("-o", "path", metavar="PATH", required=True, help="Where the attestation goes.")
@option(
    "--model", metavar="MODEL",
    help="The model: it is inspected again, and facts keep their grades. Without it none is better than declared.",
)  # fmt: skip
@MODEL_KEY
@option("--bundle", is_flag=True, help="Write a Sigstore bundle v0.3, which holds one signature.")
@option(
    "--timestamp-url", metavar="URL",
    help="Ask an RFC 3161 authority when it was signed, and put its answer into the bundle.",
)  # fmt: skip
@OUTPUT
def attest(
    decision: str, keys: tuple[str, ...], path: str, model: str | None, model_keys: tuple[str, ...], *, bundle: bool,
    timestamp_url: str | None, output: tuple[str, ...],
) -> int:  # fmt: skip
    """Decide again from a decision's own inputs, and sign the outcome when it agrees.

    Several keys sign one envelope, of which a verifier may want any number.
    """
    outputs = parse_outputs(output)
    if model == "-":
        raise UsageError("--model - is no model", hint="leave --model out when there is none at hand")
    from weightgate.cli.secrets import files_of, load_signers

    check_paths(
        [path, *(o.path for o in outputs)], read=[decision, *files_of(keys), *model_keys], model=model
    )
    from weightgate import api

    signers = load_signers(keys)
    with progress("hashing") as bar:
        sealed = api.attest(
            decision,
            signers,
            model=model,
            model_keys=model_keys,
            bundle=bundle,
            timestamp_url=timestamp_url or "",
            progress=bar,
        )
    deliver(Path(path), sealed)
    data = {
        "schema": ATTESTED_SCHEMA,
        "path": path,
        "keyid": signers[0].keyid,
        "algorithm": signers[0].algorithm,
        "signers": [{"keyid": signer.keyid, "algorithm": signer.algorithm} for signer in signers],
        "bundle": bundle,
        "model_inspected": model is not None,
    }
    names = " and ".join(f"{signer.algorithm} key {signer.keyid}".removesuffix(" key ") for signer in signers)
    emit(outputs, lambda: data, lambda: [Line(f"wrote {path}, signed by {names}")])
    return 0
