"""What a Python caller passes: its type is checked before anything is done with it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from weightgate.errors import UsageError

PathLike = str | os.PathLike[str]
"""A file or folder."""


def text_of(given: object, where: str) -> str:
    """A text.

    Args:
        given: What was passed.
        where: The option that it was passed for.

    Raises:
        UsageError: It is none (code ``bad_type``).
    """
    if not isinstance(given, str):
        raise unfit(given, "text", where)
    return given


def texts_of(given: object, where: str) -> tuple[str, ...]:
    """Several texts; one text is one of them, and not its letters.

    Raises:
        UsageError: They are neither text nor a list of texts (code ``bad_type``).
    """
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, Sequence) or isinstance(given, bytes):
        raise unfit(given, "text, or a list of texts", where)
    return tuple(text_of(one, where) for one in given)


def file_of(given: object, where: str) -> Path:
    """A file that the caller names.

    Raises:
        UsageError: It is no path (code ``bad_type``), or empty, as a variable that was not set is (``empty_option``).
    """
    if not isinstance(given, str | os.PathLike):
        raise unfit(given, "a path", where)
    if not os.fspath(given):
        raise UsageError(
            f"{where} is empty", where=where, hint="leave it out, or name a file", code="empty_option"
        )
    return Path(given)


def unfit(given: object, needed: str, where: str) -> UsageError:
    """The error that says that something else was needed."""
    shown = repr(given)[:80]
    return UsageError(
        f"{shown} is of type {type(given).__name__}, needed {needed}", where=where, code="bad_type"
    )
