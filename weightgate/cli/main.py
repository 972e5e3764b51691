"""The console script: the table of commands, and the one place where an error becomes an exit code."""

from __future__ import annotations

import gc
import io
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from weightgate.cli.lazy import LazyGroup
from weightgate.cli.text import put, silence, tell
from weightgate.errors import Exit, UsageError
from weightgate.version import VERSION

# Each command's module is imported only when the command is used: --help and check must start fast.
COMMANDS: dict[str, tuple[str, str]] = {
    "check": ("weightgate.cli.check:check", "Decide whether a model's weights may go somewhere."),
    "guard": ("weightgate.cli.guard:guard", "Run a command only if the decision allows it."),
    "inspect": ("weightgate.cli.inspect:inspect", "Show what can be learned of a model, with evidence."),
    "explain": ("weightgate.cli.explain:explain", "Show a decision or an attestation in words."),
    "region": ("weightgate.cli.region:region", "Look up cloud regions and countries."),
    "policy": ("weightgate.cli.policy:policy", "Read, write, test, prove and compare policy packs."),
    "attest": ("weightgate.cli.attest:attest", "Sign a decision."),
    "declare": ("weightgate.cli.declare:declare", "Sign what a developer knows of a model."),
    "verify": ("weightgate.cli.verify:verify", "Verify an attestation, and derive its verdict again."),
    "revoke": ("weightgate.cli.revoke:revoke", "Take attestations back, in a signed list."),
    "model": ("weightgate.cli.model:model", "Work out, sign and verify a model's digest and manifest."),
    "keys": ("weightgate.cli.keys:keys", "Make and show signing keys."),
    "audit": ("", "Audit a model repo with its revisions (not available yet)."),
    "operator": ("", "Work with operator files (not available yet)."),
    "ledger": ("weightgate.cli.ledger:ledger", "Log decisions so that nobody can rewrite them unnoticed."),
    "trust": ("weightgate.cli.trust:trust", "Say who may decide, declare, revoke and sign what."),
    "serve": ("", "Answer over HTTP (not available yet)."),
    "config": ("", "Show the configuration (not available yet)."),
}


INTERRUPTED = 130
"""Exit code after SIGINT, as shells have it."""

BROKEN_PIPE = 141
"""Exit code after SIGPIPE, as shells have it."""


_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=LazyGroup, table=COMMANDS, context_settings=_SETTINGS)
@click.version_option(VERSION, message="weightgate %(version)s")
def cli() -> None:
    """May these model weights be hosted there? weightgate decides, explains, and signs what it decided.

    Exit codes: 0 allow, 1 deny, 2 licence required, 3 indeterminate, 4 usage or input, 5 unreachable, 6 signature or
    binding, 7 findings, 70 internal error.
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: The words after the program's name.

    Returns:
        The exit code; every error has been printed.
    """
    try:
        return _run(arguments)
    except BrokenPipeError:
        # Whoever read has enough. Results end otherwise, with their own code: weightgate.cli.output.emit.
        if sys.stdout is not None:
            silence(sys.stdout)
        return BROKEN_PIPE


def _run(arguments: Sequence[str]) -> int:
    try:
        result = cli.main(list(arguments), prog_name="weightgate", standalone_mode=False)
    except BrokenPipeError:
        raise
    except (click.Abort, KeyboardInterrupt):
        tell("weightgate: interrupted")
        status = INTERRUPTED
    except OSError as error:
        # The help, which click prints, may not have got to where it goes; all else is a defect.
        lost = put(sys.stdout, "") if sys.stdout is not None else ""
        unwritable = UsageError(f"cannot write: {lost}", where="stdout", code="unwritable")
        status = _failed(unwritable if lost else error, arguments)
    except Exception as error:  # noqa: BLE001
        status = _failed(error, arguments)
    else:
        return result if isinstance(result, int) else int(Exit.OK)
    if arguments and arguments[0] == "guard":
        # Whatever went wrong, the command was not run, and the last line says so (CONTRACT.md, guard).
        tell("weightgate: refused (error)")
    return status


def _failed(error: Exception, arguments: Sequence[str]) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        tell(error.format_message())
        return int(Exit.INPUT)
    if isinstance(error, click.ClickException):
        context = error.ctx if isinstance(error, click.UsageError) else None
        where = "" if context is None else context.command_path
        # click lists the choices of an option that is missing one a line.
        message = error.format_message().replace("\n\t", " ")
        error = UsageError(message, where=where, hint=_hint(where))
    from weightgate.cli.failures import report

    return report(error, arguments)


def _hint(where: str) -> str:
    return f"see {where} --help" if where else "see weightgate --help"


def main() -> NoReturn:
    """Run the command that the process was started with, and exit with its code."""
    # Importing makes many objects and no garbage: looking for some every 700 objects costs 5 ms of a start.
    gc.set_threshold(50_000, 20, 20)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the terminal's encoding lacks is escaped: it must not turn a verdict into an error.
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))
