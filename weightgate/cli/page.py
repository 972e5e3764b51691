"""Pages of text: laid out once, styled on a terminal, plain and the same everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from weightgate.cli.text import one_line, printable
from weightgate.records import record

WIDTH = 100
"""Columns of plain text, and the most that are used on a terminal."""


@record
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


def listed(title: str, sentences: Sequence[str]) -> Iterator[Line]:
    """A heading and sentences under it; nothing when there are none."""
    if sentences:
        yield from head(title)
        yield from (Line(sentence, 2) for sentence in sentences)


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
