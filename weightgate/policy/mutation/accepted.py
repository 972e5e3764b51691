"""Mutants that no case need notice, and why: ``tests/mutants.yaml`` beside a pack.

- mutant: "tables.tier.1 from 2025-01-09: with AW"
  reason: The list is compared with its source elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from weightgate.errors import InputError
from weightgate.files.yaml import Document, read_yaml
from weightgate.records import record

KEYS = ("mutant", "reason")


@record
class Accepted:
    """A mutant that may survive.

    Attributes:
        mutant: Its identifier.
        reason: Why.
        where: ``file:line:column`` of where that is said.
    """

    mutant: str
    reason: str
    where: str


def read_accepted(path: Path) -> dict[str, Accepted]:
    """What a file accepts, by the mutants' identifiers; nothing when there is no such file.

    Raises:
        InputError: With file, line and column: something other than a mutant and a reason, or a mutant twice, or no regular file.
    """
    if not path.exists():
        return {}
    if not path.is_file():
        # A pipe would be waited for without end.
        raise InputError(
            "not a regular file", where=str(path), hint="take it out of tests/", code="unreadable"
        )
    document = read_yaml(path)
    if not isinstance(document.data, list):
        raise _fail(document, (), "needed a list of mutants with reasons")
    found: dict[str, Accepted] = {}
    for index, raw in enumerate(document.data):
        one = _one(document, index, raw)
        if one.mutant in found:
            raise _fail(document, (index, "mutant"), f"{one.mutant!r} is there twice")
        found[one.mutant] = one
    return found


def _one(document: Document, index: int, raw: Any) -> Accepted:
    if not isinstance(raw, dict) or set(raw) != set(KEYS):
        raise _fail(document, (index,), "needed mutant and reason, and nothing else")
    for key in KEYS:
        if not isinstance(raw[key], str) or not raw[key].strip():
            raise _fail(document, (index, key), f"{key} is no text", hint="put it in quotes")
    return Accepted(raw["mutant"], raw["reason"].strip(), document.where(index, "mutant"))


def _fail(
    document: Document, path: tuple[str | int, ...], message: str, hint: str = '- {mutant: "…", reason: "…"}'
) -> InputError:
    return InputError(message, where=document.where(*path), hint=hint, code="bad_mutants")
