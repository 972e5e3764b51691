"""``weightgate attest``: sign a decision, or give what another program is to sign."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weightgate.cli.disclosing import (
    FULL,
    MINIMAL,
    disclose_options,
    is_minimal,
    keep_openings,
    refuse_beside_minimal,
    told_openings,
)
from weightgate.cli.logged import opened_log, proof_path
from weightgate.cli.options import (
    KEY,
    LEDGER,
    LEDGER_KEY,
    MODEL_KEY,
    OUTPUT,
    PACK_SIGNATURE,
    VERIFIER_ID,
    option,
)
from weightgate.cli.output import Output, as_json, deliver, emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths
from weightgate.cli.progress import progress
from weightgate.errors import UsageError

if TYPE_CHECKING:
    from weightgate.signing.keys import Signer
    from weightgate.signing.sealing import Sealer

ATTESTED_SCHEMA = "weightgate/attested/v1"

PREDICATE, VSA_PREDICATE = "predicate", "vsa-predicate"
PREDICATES = (PREDICATE, VSA_PREDICATE)


@click.command()
@click.argument("decision", metavar="DECISION.json")
@KEY
@option("-o", "path", metavar="PATH", help="Where the attestation goes.")
@option(
    "--model", metavar="MODEL",
    help="The model: it is inspected again, and facts keep their grades. Without it none is better than declared.",
)  # fmt: skip
@option(
    "--trust", env="TRUST", metavar="FILE",
    help="With --model: whose signed declarations, which the decision carries, count as verified, and what packs must be.",
)  # fmt: skip
@PACK_SIGNATURE
@MODEL_KEY
@VERIFIER_ID
@option("--bundle", is_flag=True, help="Write Sigstore bundles v0.3, which hold one signature.")
@option(
    "--certificate-chain", "certificates", metavar="FILE", multiple=True,
    help="The key's certificate in PEM, and those that lead on from it, for a bundle; repeatable, in that order.",
)  # fmt: skip
@option(
    "--timestamp-url", metavar="URL",
    help="Ask an RFC 3161 authority when it was signed, and put its answer into the bundle.",
)  # fmt: skip
@option(
    "--batch", is_flag=True,
    help="DECISION.json holds many decisions, one after the other: one signature covers all, and each verifies alone.",
)  # fmt: skip
@LEDGER
@LEDGER_KEY
@disclose_options
@OUTPUT
def attest(
    decision: str, keys: tuple[str, ...], path: str | None, model: str | None, model_keys: tuple[str, ...],
    trust: str | None, output: tuple[str, ...], *, batch: bool, **form: Any,
) -> int:  # fmt: skip
    """Decide again from a decision's own inputs, and sign the outcome when it agrees.

    Several keys sign one envelope, of which a verifier may want any number.

    With --output predicate, or vsa-predicate, nothing is signed and no key is needed: it gives what actions/attest or
    cosign are to sign.
    """
    outputs = parse_outputs(output, also=PREDICATES)
    unsigned = [o.format for o in outputs if o.format in PREDICATES]
    openings = form["openings"]
    if is_minimal(form["disclose"], openings):
        written = ("--output " + unsigned[0], True) if unsigned else ("--output", False)
        refuse_beside_minimal(("--batch", batch), ("--verifier-id", form["verifier_id"]), written)
    if model == "-":
        raise UsageError("--model - is no model", hint="leave --model out when there is none at hand")
    if batch and model is not None:
        raise UsageError(
            "--batch with --model", hint="many decisions are signed without their models at hand"
        )
    if trust is not None and model is None:
        _refuse_in_words(trust)
        trust = None
    from weightgate.cli.secrets import files_of, sealer_of

    log = {"ledger": form.pop("ledger"), "ledger_key": form.pop("ledger_key")}
    targets = [path, openings, proof_path(log["ledger"], path), *(o.path for o in outputs)]
    read = [decision, trust, *files_of(keys), log["ledger_key"], *model_keys, *form["certificates"]]
    read += form["pack_signatures"]
    check_paths(targets, read=read, model=model)
    asked = {"model": model, "model_keys": model_keys, "trust": trust}
    asked |= {name: form[name] for name in ("pack_signatures", "verifier_id")}
    if unsigned:
        _unsigned(outputs, decision, asked, refused=batch or path is not None)
    elif not keys or path is None:
        missing = "-o PATH" if keys else "--key KEY"
        hint = "give both to sign, or --output predicate for another program to sign"
        raise UsageError(f"{missing} is missing", where="attest", hint=hint)
    else:
        url = form["timestamp_url"] or ""
        sealer = sealer_of(keys, form["certificates"], bundle=form["bundle"], timestamp_url=url)
        sealer.check(batch=batch)
        _signed(outputs, decision, sealer, path, asked, batch=batch, openings=openings, log=log)
    return 0


def _refuse_in_words(trust: str) -> None:
    """Refuse a trust file that would be passed over, unless a variable names it that may be meant for other commands.

    Raises:
        UsageError: It was named in words (code ``model_missing``).
    """
    source = click.get_current_context().get_parameter_source("trust")
    if source is not click.core.ParameterSource.ENVIRONMENT:
        hint = "name the model too: without it no declaration is graded, and no fact is better than declared"
        raise UsageError(f"--trust {trust} without --model", where="--trust", hint=hint, code="model_missing")


def _signed(
    outputs: tuple[Output, ...], decision: str, sealer: Sealer, path: str, asked: dict[str, Any],
    *, batch: bool, openings: str | None, log: dict[str, str | None],
) -> None:  # fmt: skip
    from weightgate import api

    signers = sealer.signers
    logged = None
    with opened_log(log["ledger"], log["ledger_key"], signers) as opened:
        if batch:
            sealed = api.attest_batch(decision, sealer, verifier_id=asked["verifier_id"])
        elif openings is not None:
            with progress("hashing") as bar:
                looked = {key: value for key, value in asked.items() if key != "verifier_id"}
                made = api.attest_minimal(decision, sealer, progress=bar, **looked)
            sealed = made.attestation
            keep_openings(made, openings)
        else:
            with progress("hashing") as bar:
                sealed = api.attest(decision, sealer, progress=bar, **asked)
        if opened is None:
            deliver(Path(path), sealed)
        else:
            logged = opened.write(path, sealed)
    count = sealed.count(b"\n")
    data = {
        "schema": ATTESTED_SCHEMA,
        "path": path,
        "keyid": signers[0].keyid,
        "algorithm": signers[0].algorithm,
        "signers": [{"keyid": signer.keyid, "algorithm": signer.algorithm} for signer in signers],
        "bundle": sealer.bundle,
        "model_inspected": asked["model"] is not None,
        "statements": count,
        "batch": batch,
        "disclosure": FULL if openings is None else MINIMAL,
        "openings": openings,
    }
    lines = [_told(path, count, signers), *([] if openings is None else [told_openings(openings)])]
    if logged is not None:
        data |= {"log_index": logged.index, "log_proof": logged.proof}
        lines.append(logged.told(path))
    emit(outputs, lambda: data, lambda: [Line(line) for line in lines])


def _told(path: str, count: int, signers: tuple[Signer, ...]) -> str:
    many = "" if count == 1 else f": {count} statements"
    names = " and ".join(f"{each.algorithm} key {each.keyid}".removesuffix(" key ") for each in signers)
    return f"wrote {path}{many}, signed by {names}"


def _unsigned(outputs: tuple[Output, ...], decision: str, asked: dict[str, Any], *, refused: bool) -> None:
    """Give the bare predicates, and say about which subject they are to be signed."""
    if refused:
        hint = "leave -o and --batch out, or ask for another output"
        raise UsageError("--output predicate signs nothing", where="--output", hint=hint)
    wanted = {o.format for o in outputs}
    if VSA_PREDICATE in wanted and asked["verifier_id"] is None:
        hint = "give --verifier-id URI"
        raise UsageError("a VSA says who verified", where="--output vsa-predicate", hint=hint)
    from weightgate import api

    with progress("hashing") as bar:
        own, *summaries = api.statements(decision, progress=bar, **asked)
    vsa = _only_vsa(summaries) if VSA_PREDICATE in wanted else own
    data = {
        "schema": ATTESTED_SCHEMA,
        "path": None,
        "model_inspected": asked["model"] is not None,
        "subject": own["subject"][0],
        "predicate_type": own["predicateType"],
    }
    rows = ("not signed; to be signed with", *_told_unsigned(own))
    page = [Line.as_laid_out(row) for row in rows]
    emit(
        outputs, lambda: data, lambda: page,
        others={
            PREDICATE: lambda: as_json(own["predicate"]).decode(),
            VSA_PREDICATE: lambda: as_json(vsa["predicate"]).decode(),
        },
    )  # fmt: skip


def _told_unsigned(statement: dict[str, Any]) -> Iterator[str]:
    [subject] = statement["subject"]
    yield f"  subject        {subject['name']}"
    yield f"  digest         sha256:{subject['digest']['sha256']}"
    yield f"  predicate type {statement['predicateType']}"


def _only_vsa(summaries: list[dict[str, Any]]) -> dict[str, Any]:
    from weightgate.attest.statements.vsa import VSA_TYPE

    found = [one for one in summaries if one["predicateType"] == VSA_TYPE]
    if len(found) != 1:
        why = "a what-if, or about no model" if not found else f"about {len(found)} destinations"
        raise UsageError(
            f"no one VSA: the decision is {why}",
            where="--output vsa-predicate",
            hint="ask for one destination, with the model at hand",
        )
    # The decision's statement that it would rest on is the other program's to make.
    return {
        **found[0],
        "predicate": {k: v for k, v in found[0]["predicate"].items() if k != "inputAttestations"},
    }
