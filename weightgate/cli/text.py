"""Text that is safe to print, whoever wrote it."""

from __future__ import annotations

import os
from typing import TextIO


def printable(text: str) -> str:
    """The text with control characters, which could drive a terminal, written as escapes; line ends stay."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def one_line(text: str) -> str:
    """The text on one line, safe to print."""
    return printable(" ".join(text.split()))


def silence(stream: TextIO) -> None:
    """Let a stream whose reader has gone swallow the rest, so that nothing complains when the process ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
