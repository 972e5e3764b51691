"""Text that is safe to print, whoever wrote it."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with control characters, which could drive a terminal, written as escapes; line ends stay."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)
