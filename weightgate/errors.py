"""What can go wrong, and the exit code that says so.

One tree of errors. Each error carries its own diagnosis: what is wrong, where it is, and what to do about it, so
that the command line, the Python API and the JSON output say the same thing. Only :mod:`weightgate.cli.main` turns
an error into a process exit.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command, the same in every output format."""

    OK = 0
    DENY = 1
    LICENSE_REQUIRED = 2
    INDETERMINATE = 3
    INPUT = 4
    UNREACHABLE = 5
    SIGNATURE = 6
    FINDINGS = 7
    INTERNAL = 70


class WeightgateError(Exception):
    """Base of every error a user can cause or meet.

    Args:
        message: What is wrong: what was found, and what was needed.
        where: File, line, column, byte offset or URL; empty when there is no such place.
        hint: What to do about it; empty when nothing useful can be said.
        code: Stable identifier for programs, such as ``unknown_region``. Defaults to the class's own.
    """

    exit: Exit = Exit.INPUT
    code: str = "input"

    def __init__(self, message: str, *, where: str = "", hint: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        """The one-line form, place first: ``pack.yaml:3:7: unknown fact …``."""
        return f"{self.where}: {self.message}" if self.where else self.message


class UsageError(WeightgateError):
    """The command was called in a way that cannot be carried out (exit 4)."""

    code = "usage"


class NotAvailableYet(UsageError):
    """A command or option that the contract names and this version does not have (exit 4)."""

    code = "not_available_yet"

    def __init__(self, what: str, hint: str = "see CHANGELOG.md for what this version can do") -> None:
        super().__init__(f"{what} is not available yet", hint=hint)


class InputError(WeightgateError):
    """A file or value given by the user is malformed (exit 4)."""


class PolicyError(WeightgateError):
    """A policy pack does not load, or nothing in it applies (exit 4)."""

    code = "policy"


class ModelError(WeightgateError):
    """A model's files are damaged, lying or unsafe to read (exit 4)."""

    code = "model"


class UnreachableError(WeightgateError):
    """Something that had to be read could not be reached (exit 5)."""

    exit = Exit.UNREACHABLE
    code = "unreachable"


class SignatureError(WeightgateError):
    """A signature, a trust decision or a binding does not hold (exit 6)."""

    exit = Exit.SIGNATURE
    code = "signature"
