"""Errors as people and programs read them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from weightgate.cli.text import printable
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
    asked = _values(_before_command(arguments), "--output")
    if not asked:
        asked = [text.strip() for text in environ.get("WEIGHTGATE_OUTPUT", "").split(",")]
    found = []
    for text in asked:
        name, _, path = text.partition("=")
        found.append((name, path))
    return found


def report(error: Exception, arguments: Sequence[str]) -> int:
    """Print an error, as one JSON object on stdout when JSON was asked for, else as text on stderr.

    A file that an earlier run left where this one's result was to go is replaced by the error, so that nobody takes
    it for this one's; no other file is written.

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
    if as_json:
        sys.stdout.write(_encoded(described))
    if not as_json or formats.get("") != "json":
        print(in_words(described), file=sys.stderr)
    if described["exit"] == Exit.INTERNAL and os.environ.get("WEIGHTGATE_DEBUG") == "1":
        import traceback

        traceback.print_exception(error, file=sys.stderr)
    words = _before_command(arguments)
    for path, name in formats.items():
        _replace_stale(path, words, _encoded(described) if name == "json" else in_words(described) + "\n")
    for path in _values(words, "--result"):
        stopped = {"started": False, "command_exit": None, "decision": None}
        _replace_stale(path, words, _encoded(stopped | described))
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


def _before_command(arguments: Sequence[str]) -> list[str]:
    words = list(arguments)
    return words[: words.index("--")] if "--" in words else words


def _values(words: Sequence[str], name: str) -> list[str]:
    """Values given to an option, as the next word or after ``=``."""
    apart = [after for word, after in pairwise(words) if word == name]
    return apart + [word.removeprefix(f"{name}=") for word in words if word.startswith(f"{name}=")]


def _replace_stale(path: str, words: Sequence[str], content: str) -> None:
    """Write over an earlier run's result, unless it may be part of what is being judged."""
    from pathlib import Path

    from weightgate.cli.output import deliver
    from weightgate.files.output import refuse_inside

    target = Path(path)
    try:
        if not path or not target.is_file():
            return
        for word in words:
            # The words may not even have been parsed: any of them that is a folder may be the model.
            if Path(word).is_dir():
                refuse_inside(target, Path(word))
        deliver(target, content.encode())
    except (WeightgateError, OSError, ValueError):
        return
