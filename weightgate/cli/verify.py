"""``weightgate verify``: what an attestation establishes."""

from __future__ import annotations

import os
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from weightgate.cli.options import MODEL_KEY, OUTPUT, PACK_SIGNATURE, Listed, option
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.paths import check_paths
from weightgate.cli.progress import progress
from weightgate.cli.report import report_json
from weightgate.errors import InputError

if TYPE_CHECKING:
    from weightgate.attest.verifying.report import Report
    from weightgate.cli.page import Page


class Verify(click.Command):
    """Takes ``--replay`` with a value or without one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read a bare ``--replay`` as ``--replay=inside``; a file's name that follows it is not its value."""
        from weightgate.attest.replay.deriving import REPLAYS

        following = [*args, None][1:]
        bare = [a == "--replay" and b not in (*REPLAYS, "") for a, b in zip(args, following, strict=True)]
        end = args.index("--") if "--" in args else len(args)
        read = [f"{a}=inside" if b else a for a, b in zip(args[:end], bare[:end], strict=True)]
        return super().parse_args(ctx, read + args[end:])


@click.command(cls=Verify)
@click.argument("attestation", metavar="PATH")
@option(
    "--key", "keys", metavar="PUB", multiple=True, help="A public key to accept, for anything; repeatable."
)
@option("--trust", env="TRUST", metavar="FILE", help="Who may say what, instead of --key.")
@option(
    "--model",
    metavar="MODEL",
    help="The model it must be about: names and digests of all files are compared.",
)
@MODEL_KEY
@option(
    "--to", env="TO", multiple=True, type=Listed("dest", ","), help="A destination it must cover; repeatable."
)
@option("--operator", env="OPERATOR", metavar="FILE", help="The operator it must be about.")
@option("--activity", env="ACTIVITY", metavar="ACTIVITY", help="The activity it must be about.")
@option(
    "--policy", env="POLICY", multiple=True, type=Listed("pack", ","),
    help="A pack it must have been made under, byte for byte; repeatable.",
)  # fmt: skip
@option(
    "--gate", is_flag=True,
    help="Refuse unless model, destination, operator and activity are given and match, and it is no what-if.",
)  # fmt: skip
@option("--any-verdict", is_flag=True, help="Exit 0 for anything genuine, not with the verdict's own code.")
@option(
    "--replay", metavar="[=inside|model]",
    help="Derive the verdict again from what is inside; --replay=model inspects the model again too.",
)  # fmt: skip
@option(
    "--opening", multiple=True, type=Listed("file", os.pathsep), metavar="FILE",
    help="Openings that the signer of a minimal attestation showed; repeatable.",
)  # fmt: skip
@option(
    "--max-age", "max_age_days", type=float, metavar="DAYS",
    help="The oldest it may be; never more than the trust file says.  [default: 30, or the trust file's]",
)  # fmt: skip
@option("--at", metavar="TIME", help="Your clock, such as 2025-01-31T12:00:00Z.  [default: now]")
@option("--archive", is_flag=True, help="Ask whether it was valid when it was made, not whether it is now.")
@option(
    "--revocations", multiple=True, metavar="FILE|URL",
    help="A list of what was revoked; a URL is fetched, and nothing else is; repeatable.",
)  # fmt: skip
@option(
    "--max-revocation-age", "max_revocation_age_days", type=float, metavar="DAYS",
    help="The oldest that a list may be.  [default: until its next update]",
)  # fmt: skip
@option(
    "--timestamp-authority", multiple=True, metavar="FILE",
    help="Certificates of whom to believe about the time of a signature; repeatable.",
)  # fmt: skip
@option(
    "--verifier-id", multiple=True, metavar="URI",
    help="With --key, the verifier for whom the keys may write summaries; repeatable.",
)  # fmt: skip
@PACK_SIGNATURE
@option(
    "--log-key", multiple=True, metavar="VKEY",
    help="With --key, the key of a log that must have it, NAME+ID+BASE64; the proof lies in PATH, or in PATH.tlog-proof; "
    "repeatable.",
)  # fmt: skip
@OUTPUT
def verify(attestation: str, output: tuple[str, ...], **asked: Any) -> int:
    """Verify an attestation, and say what it establishes and what it does not.

    PATH holds an attestation in any of its forms, or JSON Lines of many. The exit code is the attested verdict's own
    when every check holds, else 6; of many, the most severe.
    """
    outputs = parse_outputs(output)
    read = [
        attestation,
        *asked["keys"],
        *asked["model_keys"],
        asked["operator"],
        *asked["policy"],
        asked["trust"],
        *asked["revocations"],
    ]
    read += (*asked["timestamp_authority"], *asked["pack_signatures"], *asked["opening"])
    check_paths([o.path for o in outputs], read=read, model=asked["model"])
    asked["at"], asked["replay"] = _clock(asked["at"]), asked["replay"] or False
    from weightgate import api

    with progress("hashing") as bar:
        results = api.verify_each(attestation, progress=bar, **asked)
        first, second = next(results, None), next(results, None)
    if first is None or (first.error and second is None):
        raise first.error if first and first.error else _empty(attestation)
    if second is not None:
        from weightgate.cli.verify_many import verify_many

        return verify_many(outputs, chain([first, second], results))
    report = first.report
    if report is None:
        raise _empty(attestation)
    emit(outputs, lambda: report_json(report, attestation), lambda: _page(report))
    return int(report.exit)


def _empty(attestation: str) -> InputError:
    return InputError("no attestation: the file is empty", where=attestation, code="no_attestation")


def _clock(text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError:
        hint = "write it as 2025-01-31T12:00:00Z"
        raise InputError(f"{text!r} is not a time", where="--at", hint=hint, code="bad_time") from None


def _page(report: Report) -> Page:
    from weightgate.cli.page import Line
    from weightgate.cli.show_decision import reading_lines, title_of
    from weightgate.cli.show_reasons import COLOURS

    page = [
        Line(f"{c.state.replace('_', ' ')}: {c.id}: {c.detail}", style=STYLES[str(c.state)])
        for c in report.checks
    ]
    page.append(Line(""))
    if not report.genuine:
        names = ", ".join(check.id for check in report.refused_for)
        why = (
            [Line(f"{c.id}: {c.detail}", indent=2) for c in report.refused_for] if len(page) > SCREEN else []
        )
        return [*page, *why, Line(f"NOT VERIFIED: {names}", style="bold red")]
    decision = report.decision
    if decision is None:
        # A summary names neither packs nor readings: only what it lets through.
        return [*page, Line(f"VERIFIED summary: {report.verdict}", style=COLOURS[str(report.verdict)])]
    title = f"VERIFIED {title_of(decision)}"
    return [*page, Line(title, style=COLOURS[str(report.verdict)]), *reading_lines(decision)]


SCREEN = 12
"""Checks beyond which those that refuse are said again at the end, where the eye is."""

STYLES = {"established": "green", "not_established": "", "stale": "yellow", "contradicted": "bold red"}
