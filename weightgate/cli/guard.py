"""``weightgate guard``: run a command only if the decision allows it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import click

from weightgate.cli.options import option, question_options
from weightgate.cli.output import Output, as_json, deliver, emit
from weightgate.cli.progress import progress
from weightgate.cli.question import (
    for_api,
    outputs_of,
    refuse_unavailable,
    signer_of,
    tell_claims,
    told,
    write_attestation,
)
from weightgate.cli.text import one_line, tell
from weightgate.errors import UsageError
from weightgate.records import record

if TYPE_CHECKING:
    from weightgate.cli.page import Page
    from weightgate.cli.question import Options
    from weightgate.decide.decision import Decision
    from weightgate.gate import Rule

RESULT_SCHEMA = "weightgate/guard/v1"


class GuardCommand(click.Command):
    """Takes what stands after ``--`` as the command to run, before options are parsed."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Set the command aside; what stands before it are guard's own words."""
        cut = args.index("--") if "--" in args else len(args)
        ctx.meta["weightgate.command"] = args[cut + 1 :]
        return super().parse_args(ctx, args[:cut])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The usage line, with the command to run."""
        return [*super().collect_usage_pieces(ctx), "-- COMMAND …"]


@click.command(cls=GuardCommand)
@click.argument("model", metavar="MODEL")
@option(
    "--no-conditions",
    is_flag=True,
    help="Run COMMAND after allow only, not after allow with conditions, which ends with 0 all the same: see --result.",
)
@option("--result", metavar="FILE", help="Write what became of it, as JSON.")
@option(
    "--insecure-warn-until", "warn_until", metavar="DATE",
    help="Until that day, 90 days ahead at most, run COMMAND whatever the verdict. Errors refuse all the same.",
)  # fmt: skip
@question_options
def guard(
    *, no_conditions: bool, result: str | None, warn_until: str | None, **asked: Unpack[Options]
) -> int:
    """Run COMMAND only if the decision allows it.

    A decision about another day, or under another status, counts as well; a line on stderr says so before COMMAND runs.

    COMMAND finds WEIGHTGATE_DECISION (a file with the decision as JSON), WEIGHTGATE_ATTESTATION, WEIGHTGATE_DIGEST and
    WEIGHTGATE_REVISION in its environment, empty where there is none. No shell is involved.

    The exit code is COMMAND's when it was run, else that of check. The last line on stderr says which.
    """
    command = click.get_current_context().meta["weightgate.command"]
    if not command:
        raise UsageError(
            "no command to run", where="guard", hint="write it after --, such as: -- ./deploy.sh"
        )
    refuse_unavailable(asked)
    _refuse_silent_what_if(asked)
    outputs = outputs_of(asked, result)
    from weightgate.gate import Rule, until_of

    rule = Rule(conditions=not no_conditions, warn_until=until_of(warn_until))
    decision, data = _decide(asked, outputs, rule)
    outcome = _Outcome(result, data, enforced=rule.enforced)
    if not rule.lets(decision):
        outcome.write(started=False, command_exit=None)
        tell(f"weightgate: refused ({decision.verdict})")
        return int(decision.exit)
    if decision.hypothetical:
        tell(f"weightgate: hypothetical: {one_line(decision.hypothetical)}")
    with _decision_file(outputs, outcome.decision) as path:
        code = _run(command, _environment(asked, decision, path), outcome)
    tell(f"weightgate: command exited {code}")
    return code


def _refuse_silent_what_if(asked: Options) -> None:
    """Refuse a status from the environment that makes a what-if of the decision, which nobody who runs guard sees."""
    source = click.get_current_context().get_parameter_source("status")
    if asked["status"] != "as-written" and source == click.core.ParameterSource.ENVIRONMENT:
        raise UsageError(
            f"WEIGHTGATE_STATUS is {asked['status']!r}, which makes the decision hypothetical",
            where="guard", hint="unset it, or give --status",
        )  # fmt: skip


def _decide(asked: Options, outputs: tuple[Output, ...], rule: Rule) -> tuple[Decision, dict[str, Any]]:
    """Decide, sign and write everything that was asked for; a refusal is written like an allowance."""
    from weightgate import api

    signer = signer_of(asked)
    with progress("hashing") as bar:
        options = for_api(asked, bar)
        options["insecure"] = rule.insecure
        decision = api.check(asked["model"], asked["to"], **options)
    tell_claims(decision)
    write_attestation(asked, decision, signer)
    data = told(decision)

    def page() -> Page:
        from weightgate.cli.show_decision import decision_page

        return decision_page(data)

    # COMMAND has stdout for itself, unless a form of output was asked for.
    emit(outputs, lambda: data, page, to_stderr=not asked["output"])
    return decision, data


@record
class _Outcome:
    """What ``--result`` tells."""

    path: str | None
    decision: dict[str, Any]
    enforced: bool

    def write(self, *, started: bool, command_exit: int | None) -> None:
        if self.path is None:
            return
        data = {
            "schema": RESULT_SCHEMA,
            "started": started,
            "command_exit": command_exit,
            "enforced": self.enforced,
            "decision": self.decision,
        }
        deliver(Path(self.path), as_json(data))


@contextmanager
def _decision_file(outputs: tuple[Output, ...], decision: dict[str, Any]) -> Iterator[Path]:
    """The file that holds the decision: the one asked for, or one in a folder of our own that goes with us."""
    for output in outputs:
        if output.format == "json" and output.path is not None and output.path.is_file():
            yield output.path.absolute()
            return
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="weightgate-") as folder:
        path = Path(folder) / "decision.json"
        path.write_bytes(as_json(decision))
        yield path


def _environment(asked: Options, decision: Decision, path: Path) -> dict[str, str]:
    attestation = str(Path(asked["attest_to"]).absolute()) if asked["attest_to"] else ""
    return dict(os.environ) | {
        "WEIGHTGATE_DECISION": str(path),
        "WEIGHTGATE_ATTESTATION": attestation,
        "WEIGHTGATE_DIGEST": decision.model["digest"] or "",
        "WEIGHTGATE_REVISION": decision.model["revision"] or "",
    }


def _run(command: list[str], environment: dict[str, str], outcome: _Outcome) -> int:
    from weightgate.cli.running import run_forwarding

    def started() -> None:
        outcome.write(started=True, command_exit=None)

    code = run_forwarding(command, environment, started)
    outcome.write(started=True, command_exit=code)
    return code
