"""Transcripts in Markdown: commands and what they printed, compared with what they print now."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ELLIPSIS = "…"
"""A line that stands for any lines."""

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_VOLATILE = (
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?\b"), "DAY"),
    (re.compile(r"\b[0-9a-f]{12,64}\b"), "HEX"),
)


@dataclass(frozen=True)
class Entry:
    """One command, and what it is said to print; ``…`` among the lines stands for any."""

    command: str
    output: str


def section(page: str, title: str) -> str:
    """The part of a page under one heading of the second level."""
    return page.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks in one language."""
    return [text for name, text in _FENCE.findall(page) if name == language]


def entries(block: str) -> list[Entry]:
    """The commands of a console block, each with its output."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)
    return [Entry(command, output) for command, output in zip(parts[1::2], parts[2::2], strict=True)]


def settled(text: str) -> str:
    """The text without what differs between two runs: ports, days, digests, and where lines are wrapped."""
    for pattern, word in _VOLATILE:
        text = pattern.sub(word, text)
    return " ".join(text.split())


def unlike(expected: str, found: str) -> str:
    """The first piece between ellipses that is not found, in order; empty when the text is as expected.

    Args:
        expected: Text that may hold lines of ``…`` alone; without any, it must be all of what is found.
        found: What was printed.
    """
    pieces = [settled(piece) for piece in re.split(rf"^{ELLIPSIS}$", expected, flags=re.MULTILINE)]
    rest = settled(found)
    if not rest.startswith(pieces[0]) or not rest.endswith(pieces[-1]):
        return pieces[0] if not rest.startswith(pieces[0]) else pieces[-1]
    for piece in pieces:
        _, met, rest = rest.partition(piece) if piece else ("", " ", rest)
        if not met:
            return piece
    return rest.strip() if len(pieces) == 1 else ""


def shell(
    command: str, folder: Path, environment: Mapping[str, str], arguments: Sequence[str] = ("-c",)
) -> subprocess.CompletedProcess[str]:
    """Run a command in bash; what it says on stderr comes among its output."""
    return subprocess.run(
        ["bash", *arguments, command], cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
    )  # fmt: skip
