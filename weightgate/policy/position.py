"""From a place inside a condition's text to the place in the pack's file, whatever YAML style the text is written in."""

from __future__ import annotations

import re

# What stands for one character of the text in a quoted scalar of YAML: '' in single quotes, a backslash in double ones.
_DOUBLED = re.compile("''")
_ESCAPED = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.|$)")
_SPACES = frozenset({"\\n", "\\t", "\\r", "\\ ", "\\_", "\\N", "\\L", "\\P", "\\v", "\\f", "\\"})


def place_in(file_text: str, mark: tuple[int, int], text: str, line: int, column: int) -> tuple[int, int]:
    """Line and column in the file of a place in a scalar's text.

    YAML folds and indents lines, so the two texts differ in white space and in escapes only. The place is found by
    counting the characters that are not white space.

    Args:
        file_text: The whole file.
        mark: Where the scalar begins in the file.
        text: The scalar as YAML gave it.
        line: Line inside ``text``, from 1.
        column: Column inside that line, from 1.
    """
    rows = text.split("\n")
    offset = sum(len(row) + 1 for row in rows[: line - 1]) + column - 1
    solid = sum(not c.isspace() for c in text[:offset])
    lines = file_text.split("\n")
    row, at = mark[0] - 1, mark[1] - 1
    quote = lines[row][at : at + 1] if row < len(lines) else ""
    escape = {"'": _DOUBLED, '"': _ESCAPED}.get(quote)
    at += escape is not None
    while row < len(lines):
        while at < len(lines[row]):
            if lines[row][at].isspace():
                at += 1
                continue
            escaped = escape.match(lines[row], at) if escape else None
            if escaped and escaped.group() in _SPACES:
                at = escaped.end()
                continue
            if solid == 0:
                return row + 1, at + 1
            solid -= 1
            at = escaped.end() if escaped else at + 1
        row, at = row + 1, 0
    return mark
