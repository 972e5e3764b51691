"""Text that is safe to print, whoever wrote it, laid out for a terminal or for a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TextIO

WIDTH = 100
"""Columns of plain text, and the most that are used on a terminal."""


def printable(text: str) -> str:
    """The text with control characters, which could drive a terminal, written as escapes; line ends stay."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def one_line(text: str) -> str:
    """The text on one line, safe to print."""
    return printable(" ".join(text.split()))


@dataclass(frozen=True)
class Line:
    """One paragraph of a page.

    Attributes:
        text: What it says; it is made safe and wrapped when it is laid out.
        indent: Columns that it stands in from the left.
        style: How it looks on a terminal, in rich's words; empty for plain.
        hang: Further columns for the lines after the first.
        wrap: Whether it is to be wrapped.
    """

    text: str
    indent: int = 0
    style: str = ""
    hang: int = 2
    wrap: bool = True

    @classmethod
    def as_laid_out(cls, row: str) -> Line:
        """A row that is laid out already."""
        return cls(row, wrap=False)


Page = list[Line]


def head(text: str) -> list[Line]:
    """An empty line, and a heading."""
    return [Line(""), Line(text, style="bold")]


def plain(page: Iterable[Line], width: int = WIDTH) -> str:
    """The page without any styling, wrapped, with a line end at the end."""
    return "".join(f"{row}\n" for line in page for row in _rows(line, width))


def show(page: Iterable[Line], file: TextIO | None = None) -> None:
    """Print a page: styled on a terminal, else plain and the same everywhere.

    Args:
        page: What to print.
        file: Where; stdout unless given.
    """
    stream = sys.stdout if file is None else file
    if not stream.isatty():
        stream.write(plain(page))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False, soft_wrap=True)
    width = max(40, min(WIDTH, console.width))
    for line in page:
        for row in _rows(line, width):
            console.print(Text(row, style=line.style))


def _rows(line: Line, width: int) -> list[str]:
    if not line.wrap:
        return [printable(line.text)]
    import textwrap

    text = one_line(line.text)
    if not text:
        return [""]
    first, rest = " " * line.indent, " " * (line.indent + line.hang)
    # A long word is a path, a digest or a URL: it stays whole, to be copied.
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def silence(stream: TextIO) -> None:
    """Let a stream whose reader has gone swallow the rest, so that nothing complains when the process ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
