"""``--facts``: what the asker declares, with whoever said so and until when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from weightgate.errors import InputError
from weightgate.facts.encode import parse_day, parse_value
from weightgate.facts.registry import FACTS, nearest
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Unknown
from weightgate.files.yaml import Document, parse_yaml, read_raw

# What the question itself fixes; --to, --activity and --as-of say it.
ASKED = {
    "activity": "--activity",
    "as_of": "--as-of",
    "destination.country": "--to",
    "destination.subdivision": "--to",
    "destination.provider": "--to",
    "destination.region": "--to",
}

_DETAILS = {"value", "source", "by", "on", "until"}


def read_facts(path: Path, as_of: str) -> list[Statement]:
    """Read a facts file.

    Args:
        path: YAML, or JSON, which is YAML too.
        as_of: Day of the decision; a declaration that does not hold then (``on``, ``until``) counts as unknown.

    Returns:
        One statement of grade declared for each fact in the file.

    Raises:
        InputError: Not a mapping, an unknown fact, a value outside the fact's domain, or a fact that the question
            itself fixes.
    """
    return parse_facts(read_raw(path), str(path), as_of)


def parse_facts(raw: bytes, source: str, as_of: str) -> list[Statement]:
    """The statements in the bytes of a facts file; arguments and errors as for :func:`read_facts`."""
    document = parse_yaml(raw, source)
    if document.data is None:
        return []
    if not isinstance(document.data, dict):
        raise InputError("not a mapping of fact names to values", where=document.where(), code="bad_facts")
    return [stated(document, name, as_of) for name in document.data]


def declare(values: dict[str, Any], source: str, as_of: str) -> list[Statement]:
    """Statements of grade declared from plain Python values, as a facts file would hold them.

    Args:
        values: Facts by name, as in a facts file.
        source: Name to put into evidence and messages.
        as_of: Day of the decision, as for :func:`read_facts`.

    Raises:
        InputError: As for :func:`read_facts`.
    """
    return [stated(Document(values, source, {}), name, as_of) for name in values]


def stated(document: Document, name: str, as_of: str) -> Statement:
    """What a mapping of facts says of one of them, as a statement of grade declared.

    Args:
        document: The mapping, with its places.
        name: A key of it.
        as_of: As for :func:`read_facts`; empty to take dates as they stand.

    Raises:
        InputError: As for :func:`read_facts`.
    """
    where = document.where(name)
    if name not in FACTS:
        near = nearest(name)
        hint = f"did you mean {near[0]}?" if near else "docs/facts.md lists every fact"
        if f"operator.{name}" in FACTS:
            hint = (
                f"this looks like an operator file: give it to --operator; as a fact, write operator.{name}"
            )
        raise InputError(
            f"unknown fact {name!r}", where=document.where_key(name), hint=hint, code="unknown_fact"
        )
    if name in ASKED:
        raise InputError(
            f"{name} comes from {ASKED[name]}, not from facts",
            where=document.where_key(name),
            code="asked_fact",
        )
    raw = document.data[name]
    details: dict[str, str] = {}
    if isinstance(raw, dict) and "value" in raw:
        details = _details(document, name, raw)
        raw = raw["value"]
    value = parse_value(FACTS[name], raw, where)
    if as_of and details.get("until", as_of) < as_of:
        value = Unknown(f"declared until {details['until']}, before {as_of}")
    elif as_of and details.get("on", as_of) > as_of:
        value = Unknown(f"declared of {details['on']}, after {as_of}")
    source = details.pop("source", "") or document.source
    return Statement(
        name, value, Grade.DECLARED, source, where.removeprefix(f"{document.source}:"), **details
    )


def _details(document: Document, name: str, raw: dict[str, Any]) -> dict[str, str]:
    unknown = set(raw) - _DETAILS
    if unknown:
        key = min(unknown)
        raise InputError(
            f"{name}: unknown key {key!r}",
            where=document.where_key(name, key),
            hint="known: " + ", ".join(sorted(_DETAILS)),
            code="bad_facts",
        )
    details: dict[str, str] = {}
    for key in _DETAILS - {"value"}:
        if raw.get(key) is None:
            continue
        if not isinstance(raw[key], str):
            raise InputError(f"{name}: {key} is not text", where=document.where(name, key), code="bad_facts")
        details[key] = parse_day(raw[key], document.where(name, key)) if key in ("on", "until") else raw[key]
    return details
