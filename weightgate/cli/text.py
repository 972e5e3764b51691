"""Text that is safe to print, whoever wrote it, and streams that may be closed, full or without a reader."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def printable(text: str) -> str:
    """The text with control characters, which could drive a terminal, written as escapes; line ends stay."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def one_line(text: str) -> str:
    """The text on one line, safe to print."""
    return printable(" ".join(text.split()))


def on_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is open, and a terminal."""
    return stream is not None and stream.isatty()


def put(stream: TextIO | None, text: str) -> str:
    """Write to a stream now.

    Returns:
        Why it could not be written; empty when it was.
    """
    if stream is None:
        return "it is closed"
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError) as error:
        silence(stream)
        return getattr(error, "strerror", None) or str(error)
    return ""


def tell(line: str) -> None:
    """Print a line on stderr. Where nobody can read it, it is lost, and nothing else changes."""
    put(sys.stderr, f"{line}\n")


def silence(stream: TextIO) -> None:
    """Let a stream that cannot be written swallow the rest, so that nothing complains when the process ends."""
    try:
        number = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
