"""Reads the operator file of ``--operator``, and the same data from the JSON of a decision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from weightgate.facts.encode import parse_country
from weightgate.files.yaml import Document, read_yaml
from weightgate.operators.entries import (
    entries,
    fail,
    needs_mapping,
    optional_text,
    quoted,
    read_authorization,
    read_compute,
    read_standard,
    refuse_unknown,
)
from weightgate.operators.profile import Operator

KEYS = (
    "name", "headquarters", "ultimate_parent", "security_standards", "authorizations", "fleet", "facilities",
    "ownership",
)  # fmt: skip


def read_operator(path: Path) -> Operator:
    """Read an operator file.

    Args:
        path: YAML, or JSON, which is YAML too.

    Raises:
        InputError: With file, line and column: not a mapping, an unknown key, a wrong type, no such country, day,
            activity or kind, or an end before its beginning.
    """
    return _operator(read_yaml(path))


def operator_from_dict(data: Any, source: str) -> Operator:
    """Read what :meth:`Operator.to_dict` wrote.

    Raises:
        InputError: As for :func:`read_operator`, without a line.
    """
    return _operator(Document(data, source, {}))


def _operator(document: Document) -> Operator:
    hint = f"state what is known, such as {' or '.join(KEYS[1:4])}" if document.data is None else ""
    data = needs_mapping(document, (), document.data, "the operator file", hint)
    refuse_unknown(document, (), data, KEYS)
    standards = entries(document, ("security_standards",), read_standard)
    authorizations = entries(document, ("authorizations",), read_authorization)
    fleet = entries(document, ("fleet",), read_compute)
    for key in ("facilities", "ownership"):
        if not isinstance(data.get(key), list | dict | None):
            raise fail(
                document, (key,), f"{key} is {quoted(data[key])}, needed a list or a mapping", "bad_type"
            )
    marks = {key: document.where(key).removeprefix(f"{document.source}:") for key in data}
    return Operator(
        name=optional_text(document, ("name",)) or None,
        headquarters=_country(document, "headquarters"),
        ultimate_parent=_country(document, "ultimate_parent"),
        security_standards=standards,
        authorizations=authorizations,
        fleet=fleet,
        facilities=data.get("facilities"),
        ownership=data.get("ownership"),
        source=document.source,
        marks={} if not document.marks else marks,
    )


def _country(document: Document, key: str) -> str | None:
    raw = document.data.get(key)
    return None if raw is None else parse_country(raw, document.where(key))
