"""Errors as people and programs read them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from weightgate.cli.text import printable, put, tell
from weightgate.cli.words import sort_words
from weightgate.errors import Exit, WeightgateError

ERROR_SCHEMA = "weightgate/error/v1"

Targets = list[tuple[str, str]]
"""Pairs of an output format and a path; an empty path is stdout."""


def targets(arguments: Sequence[str], environ: Mapping[str, str]) -> Targets:
    """The outputs asked for, whatever else is wrong with the words before ``--``.

    Args:
        arguments: The words after the program's name.
        environ: Environment variables.
    """
    asked = sort_words(arguments).outputs
    if not asked:
        asked = [text.strip() for text in environ.get("WEIGHTGATE_OUTPUT", "").split(",")]
    found = []
    for text in asked:
        name, _, path = text.partition("=")
        found.append((name, path))
    return found


def report(error: Exception, arguments: Sequence[str]) -> int:
    """Print an error, as one JSON object on stdout when JSON was asked for, else as text on stderr.

    A result or attestation that an earlier run left where this one's was to go is replaced by the error, so that
    nobody takes it for this one's; no other file is written. See :mod:`weightgate.cli.stale`.

    Args:
        error: What went wrong.
        arguments: The words after the program's name.

    Returns:
        The exit code: the error's own, or 70 for what no user can cause.
    """
    described = describe(error)
    wanted = targets(arguments, os.environ)
    formats = {path: name for name, path in wanted if name in ("json", "text")}
    as_json = "json" in formats.values()
    lost = put(sys.stdout, _encoded(described)) if as_json else ""
    if lost or described["error"]["where"] == "stdout" or formats.get("") != "json":
        tell(in_words(described))
    if described["exit"] == Exit.INTERNAL and os.environ.get("WEIGHTGATE_DEBUG") == "1":
        import traceback

        tell("".join(traceback.format_exception(error)))
    from weightgate.cli.stale import replace_stale

    replace_stale(arguments, list(formats), described, _encoded(described).encode())
    return int(described["exit"])


def describe(error: Exception) -> dict[str, Any]:
    """An error as JSON: ``schema``, ``error`` with ``code``, ``message``, ``where`` and ``hint``, and ``exit``."""
    if isinstance(error, WeightgateError):
        code, message, where, hint, status = error.code, error.message, error.where, error.hint, error.exit
    else:
        message = f"internal error: {type(error).__name__}: {' '.join(str(error).split())}"
        code, where, hint, status = "internal", "", "please report it, with the command", Exit.INTERNAL
        if os.environ.get("WEIGHTGATE_DEBUG") != "1":
            hint += "; WEIGHTGATE_DEBUG=1 shows where"
    body = {"code": code, "message": message, "where": where or None, "hint": hint or None}
    return {"schema": ERROR_SCHEMA, "error": body, "exit": int(status)}


def in_words(described: Mapping[str, Any]) -> str:
    """An error for people: what is wrong, where, and what to do."""
    body = described["error"]
    if described["exit"] == Exit.INTERNAL:
        return printable(f"{body['message']} ({body['hint']})")
    lines = [f"error: {body['message']}"]
    lines += [f"  at: {body['where']}"] if body["where"] else []
    lines += [f"  hint: {body['hint']}"] if body["hint"] else []
    return "\n".join(printable(line) for line in lines)


def _encoded(data: Mapping[str, Any]) -> str:
    import json

    return json.dumps(data, ensure_ascii=True) + "\n"
