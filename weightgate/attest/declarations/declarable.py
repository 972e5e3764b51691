"""What can be declared over a model, and the one way in which it is spelled when it is signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weightgate.errors import InputError
from weightgate.facts.encode import encode_value
from weightgate.facts.factfile import ASKED, stated
from weightgate.facts.registry import FACTS, nearest
from weightgate.facts.values import Unknown
from weightgate.files.yaml import Document

MAX_FACTS = 100

_SCOPE = "model."


def facts_of(*documents: Document) -> dict[str, dict[str, Any]]:
    """Check facts that are to be declared, and spell each in the one way that is signed.

    Args:
        documents: Mappings of facts by name, each as a facts file spells it.

    Returns:
        For each fact ``value``, and what of ``source``, ``by``, ``on`` and ``until`` is given.

    Raises:
        InputError: An unknown fact (code ``unknown_fact``), one that is not about a model (``not_declarable``), a value
            outside its domain, or none; a fact stated twice, no fact at all, or more than :data:`MAX_FACTS`.
    """
    found: dict[str, dict[str, Any]] = {}
    for document in documents:
        if not isinstance(document.data, Mapping):
            where = document.where()
            raise InputError("not a mapping of fact names to values", where=where, code="bad_facts")
        for name in document.data:
            if name in found:
                raise InputError(f"{name} is stated twice", where=document.where_key(name), code="bad_facts")
            found[name] = _spelled(document, name)
    if not 1 <= len(found) <= MAX_FACTS:
        hint = "write FACT=VALUE, such as model.training_operations=2.5e25"
        raise InputError(
            f"{len(found)} facts to declare; needed 1 to {MAX_FACTS}", hint=hint, code="no_facts"
        )
    return found


def _spelled(document: Document, name: str) -> dict[str, Any]:
    _refuse_scope(name, document.where_key(name))
    one = stated(document, name, "")
    if isinstance(one.value, Unknown):
        hint = "write a value, or leave it out"
        raise InputError(
            f"{name}: nothing is stated", where=document.where(name), hint=hint, code="bad_value"
        )
    spelled, raw = encode_value(one.value), document.data[name]
    details = {"by": one.by, "on": one.on, "until": one.until}
    if isinstance(raw, Mapping) and raw.get("source"):
        details["source"] = one.source
    value = spelled["value"] if set(spelled) == {"value"} else spelled
    return {"value": value} | {key: text for key, text in details.items() if text}


def _refuse_scope(name: str, where: str) -> None:
    """Refuse what is no fact about a model; an unknown fact is told with the nearest that can be declared."""
    if name.startswith(_SCOPE) and name in FACTS:
        return
    if name not in FACTS:
        near = nearest(name, tuple(fact for fact in FACTS if fact.startswith(_SCOPE)))
        hint = f"did you mean {near[0]}?" if near else "docs/facts.md lists every fact"
        raise InputError(f"unknown fact {name!r}", where=where, hint=hint, code="unknown_fact")
    if name in ASKED:
        hint = f"it is asked with {ASKED[name]}"
    elif name.startswith("operator."):
        hint = "what an operator is and holds stands in an operator file: --operator"
    else:
        hint = "state it in a facts file: --facts"
    raise InputError(
        f"{name} is no fact about a model, so a declaration over a model cannot state it",
        where=where, hint=hint, code="not_declarable",
    )  # fmt: skip
