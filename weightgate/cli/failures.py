"""Errors as people and programs read them."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

from weightgate.cli.text import printable
from weightgate.errors import Exit, WeightgateError

ERROR_SCHEMA = "weightgate/error/v1"


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether ``--output json`` is among the words before ``--``, whatever else is wrong with them."""
    words = list(arguments)
    if "--" in words:
        words = words[: words.index("--")]
    asked = [after for word, after in zip(words, words[1:], strict=False) if word == "--output"]
    asked += [word.removeprefix("--output=") for word in words if word.startswith("--output=")]
    return any(value == "json" or value.startswith("json=") for value in asked)


def report(error: Exception, *, as_json: bool) -> int:
    """Print an error, as one JSON object on stdout or as text on stderr.

    Returns:
        The exit code: the error's own, or 70 for what no user can cause.
    """
    if isinstance(error, WeightgateError):
        code, message, where, hint, status = error.code, error.message, error.where, error.hint, error.exit
    else:
        message = f"internal error: {type(error).__name__}: {error}"
        code, where, hint, status = "internal", "", "please report it, with the command", Exit.INTERNAL
        if os.environ.get("WEIGHTGATE_DEBUG") == "1":
            traceback.print_exception(error, file=sys.stderr)
    if as_json:
        import json

        body = {"code": code, "message": message, "where": where or None, "hint": hint or None}
        print(json.dumps({"schema": ERROR_SCHEMA, "error": body, "exit": int(status)}, ensure_ascii=True))
        return int(status)
    lines = [
        f"error: {message}",
        *([f"  at: {where}"] if where else []),
        *([f"  hint: {hint}"] if hint else []),
    ]
    print("\n".join(printable(line) for line in lines), file=sys.stderr)
    return int(status)
