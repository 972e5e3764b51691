"""``--disclose`` and ``--openings``: how much an attestation says, and where what it withholds is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from weightgate.cli.options import option
from weightgate.errors import UsageError
from weightgate.facts.registry import nearest

if TYPE_CHECKING:
    from weightgate.attest.disclosure.sign import Disclosed

F = TypeVar("F", bound=Callable[..., Any])

FULL, MINIMAL = "full", "minimal"


def disclose_options(command: F) -> F:
    """The two options, for every command that signs a decision."""
    for add in reversed(
        (
            option(
                "--disclose", default=FULL, show_default=True, metavar="MODE",
                help="full, or minimal to say each fact only as far as the verdict needs it.",
            ),
            option(
                "--openings", metavar="FILE",
                help="Where what minimal withholds is kept, for your eyes only; needed with it.",
            ),
        )
    ):  # fmt: skip
        command = add(command)
    return command


def is_minimal(disclose: str, openings: str | None, *, attesting: bool = True) -> bool:
    """Whether an attestation is to say as little as it can.

    Raises:
        UsageError: An unknown mode, ``minimal`` without a file for the openings or without an attestation, or a file for
            them that nothing would be written to.
    """
    if disclose not in (FULL, MINIMAL):
        near = nearest(disclose, (FULL, MINIMAL))
        hint = f"did you mean {near[0]}?" if near else f"one of {FULL}, {MINIMAL}"
        message = f"there is no disclosure {disclose!r}"[:120]
        raise UsageError(message, where="--disclose", hint=hint, code="unknown_disclosure")
    minimal = disclose == MINIMAL
    if minimal and not attesting:
        raise UsageError(
            "--disclose minimal is about an attestation, and none is asked for", where="--disclose",
            hint="give --attest PATH --key KEY too", code="nothing_to_disclose",
        )  # fmt: skip
    if minimal and not openings:
        raise UsageError(
            "--disclose minimal needs --openings", where="--openings", code="openings_missing",
            hint="name a file for the salts and values: without them nothing withheld can ever be shown",
        )  # fmt: skip
    if openings and not minimal:
        raise UsageError(
            "--openings needs --disclose minimal", where="--openings", code="openings_unused",
            hint="in full, nothing is withheld",
        )  # fmt: skip
    return minimal


def refuse_beside_minimal(*given: tuple[str, Any]) -> None:
    """Refuse what a minimal attestation has no place for.

    Args:
        given: Each option with its value.

    Raises:
        UsageError: One of them has a value (code ``minimal_alone``).
    """
    for name, value in given:
        if value:
            raise UsageError(
                f"{name} with --disclose minimal, which signs one decision alone", where=name, code="minimal_alone",
                hint="leave it out: a summary would name the operator file by a digest that anybody can try out",
            )  # fmt: skip


def keep_openings(made: Disclosed, path: str) -> None:
    """Write the openings, which nobody else may read.

    Raises:
        UsageError: The file cannot be written.
    """
    from weightgate.files.output import write_whole

    write_whole(Path(path), made.openings, mode=0o600)


def told_openings(path: str) -> str:
    """What is said of the openings' file."""
    return f"wrote {path}, which opens what it withholds: keep it secret"
