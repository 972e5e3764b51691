"""From a place inside a condition's text to the place in the pack's file, whatever YAML style the text is written in."""

from __future__ import annotations


def place_in(file_text: str, mark: tuple[int, int], text: str, line: int, column: int) -> tuple[int, int]:
    """Line and column in the file of a place in a scalar's text.

    YAML folds and indents lines, so the two texts differ in white space only. The place is found by counting the
    characters that are not white space.

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
    if row < len(lines) and lines[row][at : at + 1] in ("'", '"'):
        at += 1
    while row < len(lines):
        while at < len(lines[row]):
            if not lines[row][at].isspace():
                if solid == 0:
                    return row + 1, at + 1
                solid -= 1
            at += 1
        row, at = row + 1, 0
    return mark
