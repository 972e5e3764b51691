"""``weightgate model verify``: what a model's signature establishes."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weightgate.cli.model.options import IGNORE, local
from weightgate.cli.options import OUTPUT, option
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.paths import check_paths
from weightgate.cli.progress import progress
from weightgate.errors import Exit, UsageError

if TYPE_CHECKING:
    from weightgate.cli.page import Page
    from weightgate.oms.unsealing import Unsealed
    from weightgate.oms.verify import ModelAsked, ModelReport
    from weightgate.signing.accepted import Accepted

VERIFIED_SCHEMA = "weightgate/model-verification/v1"


@click.command()
@click.argument("model", metavar="MODEL")
@click.argument("signature", metavar="SIG")
@option("--key", "keys", metavar="PUB", multiple=True, help="A public key to accept; repeatable.")
@option("--trust", env="TRUST", metavar="FILE", help="Who may sign models, instead of --key and the like.")
@option(
    "--certificate-authority", "authorities", metavar="FILE", multiple=True,
    help="Certificates, in PEM, at which a signer's may end; repeatable. None that the signature holds is trusted.",
)  # fmt: skip
@option(
    "--identity", metavar="NAME",
    help="Who must have signed: the subject or an alternative name of the certificate, or, with --issuer, of Sigstore.",
)  # fmt: skip
@option("--issuer", metavar="URL", help="Who vouched for the identity to Sigstore; needs --identity.")
@option(
    "--trusted-root", metavar="FILE",
    help="The root of trust of another Sigstore than the public one, for --identity with --issuer.",
)  # fmt: skip
@option(
    "--only", multiple=True, metavar="NAME",
    help="Verify this file alone, or with shards NAME:START:END; repeatable.",
)  # fmt: skip
@option("--allow-unsigned-files", is_flag=True, help="Let files lie there that nobody signed.")
@IGNORE
@option("--at", metavar="TIME", help="Your clock, such as 2025-01-31T12:00:00Z.  [default: now]")
@OUTPUT
def verify(model: str, signature: str, only: tuple[str, ...], output: tuple[str, ...], **asked: Any) -> int:
    """Verify a model against its OpenSSF model signing (OMS) signature.

    MODEL is a folder (./…), a single file, or - for the bytes of the file that --only names, on stdin.

    Exit code 0 when the signature is by whom you name and every file is as signed; 6 when not, with each file named.
    """
    outputs = parse_outputs(output)
    read = [signature, *asked["keys"], *asked["authorities"], asked["trust"], asked["trusted_root"]]
    check_paths([o.path for o in outputs], read=read, model=model)
    from weightgate.oms.verify import ModelAsked, verify_folder

    folder = None if model == "-" else local(model)
    wanted = ModelAsked(only, asked["ignore"], asked["allow_unsigned_files"])
    if folder is None:
        _check_stream(wanted)
    unsealed = _unsealed(signature, asked)
    if folder is None:
        from weightgate.oms.verify import verify_stream

        report = verify_stream(unsealed, only[0], sys.stdin.buffer)
    else:
        with progress("hashing") as bar:
            report = verify_folder(
                unsealed,
                folder.path,
                reference=folder.text,
                asked=wanted,
                signature=Path(signature),
                progress=bar,
            )
    emit(outputs, lambda: _data(report, signature), lambda: _page(report))
    return int(report.exit)


def _unsealed(signature: str, asked: dict[str, Any]) -> Unsealed:
    """The signature file, verified by itself.

    Raises:
        UsageError: Nobody is named, or both a trust file and others.
    """
    from weightgate.files.bounded import read_bytes

    # An identity alone names nobody: beside a trust file it would be passed over, where somebody else's signature does.
    words = ("keys", "authorities", "issuer", "identity", "trusted_root")
    at, named = _clock(asked["at"]), any(asked[word] for word in words)
    if asked["trust"] is None or named:
        if asked["trust"] is not None and _from_command_line("trust"):
            hint = "leave one of them out: the trust file says who may sign models"
            raise UsageError(
                "both a trust file and others to accept", where="--trust", hint=hint, code="ambiguous_trust"
            )
        from weightgate.oms.unsealing import unseal_signature

        accepted = _accepted(asked)
        return unseal_signature(read_bytes(signature), accepted=accepted, at=at, source=signature)
    from weightgate.attest.signed_models import unseal_by_trust
    from weightgate.attest.trust import read_trust

    return unseal_by_trust(read_bytes(signature), read_trust(Path(asked["trust"])), at=at, source=signature)


def _from_command_line(name: str) -> bool:
    """Whether an option was given in words, rather than by a variable that may be meant for other commands."""
    source = click.get_current_context().get_parameter_source(name)
    return source is click.core.ParameterSource.COMMANDLINE


def _accepted(asked: dict[str, Any]) -> Accepted:
    """Whom the words name.

    Raises:
        UsageError: Nobody, or an identity without who vouches for it.
    """
    from weightgate.signing.accepted import Accepted, Keyless

    identity, issuer, files = asked["identity"], asked["issuer"], asked["authorities"]
    if issuer and not identity:
        raise UsageError("--issuer needs --identity", where="--issuer", hint="name whom it vouched for")
    if identity and not issuer and not files:
        hint = "give --issuer for a Sigstore identity, or --certificate-authority FILE"
        raise UsageError("--identity needs who vouches for it", where="--identity", hint=hint)
    if asked["trusted_root"] and not issuer:
        raise UsageError(
            "--trusted-root is for --issuer", where="--trusted-root", hint="give both, or neither"
        )
    if not (asked["keys"] or files or issuer):
        hint = "name a public key with --key, or see weightgate model verify --help"
        raise UsageError("nobody to accept a signature of", where="model verify", hint=hint, code="no_key")
    from weightgate.signing.keys import load_public

    keyless = (Keyless(identity, issuer, asked["trusted_root"] or ""),) if issuer else ()
    keys = tuple(load_public(Path(path)) for path in asked["keys"])
    authorities = tuple(_authority(path, "" if issuer else identity or "") for path in files)
    return Accepted(keys, authorities, keyless)


def _authority(path: str, subject: str) -> Any:
    from weightgate.files.bounded import read_bytes
    from weightgate.signing.certificates import Authority, read_certificates

    return Authority(path, read_certificates(read_bytes(path), path), subject)


def _check_stream(asked: ModelAsked) -> None:
    """Hold the words that go with a stream to what it can be.

    Raises:
        UsageError: Not one file is named, or something is said of files that are not there.
    """
    if len(asked.only) != 1:
        hint = "say which file comes in: --only NAME, or --only NAME:START:END"
        raise UsageError("MODEL - is the bytes of one file", where="--only", hint=hint, code="stream")
    if asked.ignore or asked.allow_unsigned:
        raise UsageError(
            "nothing else lies in a stream", where="MODEL", hint="leave --ignore out", code="stream"
        )


def _clock(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    from weightgate.errors import SignatureError
    from weightgate.signing.statement import read_time

    try:
        return read_time(text, "--at")
    except SignatureError as error:
        raise UsageError(error.message, where="--at", code="bad_time") from None


def _data(report: ModelReport, signature: str) -> dict[str, Any]:
    """The report; one that refuses is shaped as an error too (CONTRACT.md, exit codes)."""
    data = {"schema": VERIFIED_SCHEMA, **report.to_json()}
    if report.exit is Exit.OK:
        return data
    failed = [check for check in report.checks if check.state == "contradicted"]
    message = "; ".join(f"{check.id}: {check.detail}" for check in failed)
    error = {"code": failed[0].id, "message": message, "where": signature, "hint": None}
    return {**data, "error": error}


def _page(report: ModelReport) -> Page:
    from weightgate.cli.page import Line
    from weightgate.cli.verify import STYLES

    page = [
        Line(f"{c.state.replace('_', ' ')}: {c.id}: {c.detail}", style=STYLES[str(c.state)])
        for c in report.checks
    ]
    failed = ", ".join(c.id for c in report.checks if c.state == "contradicted")
    last = (
        Line("VERIFIED", style="bold green")
        if report.genuine
        else Line(f"NOT VERIFIED: {failed}", style="bold red")
    )
    return [*page, Line(""), last]
