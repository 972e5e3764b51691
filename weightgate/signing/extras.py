"""Libraries that come with an extra: imported where they are used, and missed politely."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from weightgate.errors import UsageError


def need(module: str, extra: str, what: str) -> Any:
    """Import a module that an extra brings.

    Args:
        module: Its dotted name.
        extra: The extra of weightgate's.
        what: What it is needed for, to start a sentence with.

    Raises:
        UsageError: It is not installed (code ``extra_missing``).
    """
    try:
        return import_module(module)
    except ImportError as error:
        problem = f"{what} needs the extra {extra!r}, which is not installed ({error})"
        raise missing(problem, f"weightgate[{extra}]") from None


def missing(problem: str, package: str, where: str = "") -> UsageError:
    """The error for a library that is not installed (code ``extra_missing``).

    Args:
        problem: What needs it.
        package: What to install, as pip takes it.
        where: What was named that needs it.
    """
    return UsageError(problem, where=where, hint=f"pip install '{package}'", code="extra_missing")
