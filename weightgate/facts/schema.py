"""JSON Schemas (2020-12) of facts, made from the facts table: a facts file, and the ``facts`` of a decision.

What a schema cannot say is left to the readers: that ``min`` is at most ``max``, and that a day exists.
"""

from __future__ import annotations

import sys
from typing import Any

from weightgate.facts.factfile import ASKED
from weightgate.facts.registry import FACTS, FactSpec, Kind
from weightgate.facts.statements import Grade

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

DAY: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
TEXT: Schema = {"type": "string"}
SHA256: Schema = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
GRADE: Schema = {"enum": [str(grade) for grade in Grade]}

_NUMBER: Schema = {"type": "number", "minimum": 0, "maximum": sys.float_info.max}
_UNKNOWN: Schema = {"const": True}


def facts_file_schema() -> Schema:
    """The schema of a file for ``--facts``, country codes in capitals."""
    stated = {name: _stated(spec) for name, spec in FACTS.items() if name not in ASKED}
    return {
        "$schema": DIALECT,
        "title": "Facts that the asker declares (--facts)",
        "type": ["object", "null"],
        "properties": stated,
        "additionalProperties": False,
        "$defs": {"country": definitions()["country"]},
    }


def decision_facts_schema() -> Schema:
    """The schema of a decision's ``facts``; its references are to :func:`definitions`."""
    return {
        "type": "object",
        "properties": {name: _established(spec) for name, spec in FACTS.items()},
        "additionalProperties": {"$ref": "#/$defs/fact"},
    }


def definitions() -> dict[str, Schema]:
    """What the schemas of facts refer to, under ``$defs``."""
    anything: Schema = {"type": ["string", "number", "boolean"]}
    return {
        "country": {"enum": list(FACTS["destination.country"].domain)},
        "evidence": {
            "type": "object",
            "required": ["source", "locator", "digest", "grade", "says"],
            "properties": {
                "source": TEXT,
                "locator": TEXT,
                "digest": {"anyOf": [SHA256, {"type": "null"}]},
                "grade": GRADE,
                "says": {"$ref": "#/$defs/known"},
                "method": TEXT,
                "by": TEXT,
                "on": DAY,
                "until": DAY,
            },
        },
        "known": _forms(
            {"anyOf": [anything, {"type": "array", "items": TEXT}]},
            anything,
            {"type": "array", "items": TEXT},
        ),
        "fact": _evident(
            _forms({}, anything, {"type": "array", "items": TEXT}), {"type": ["string", "null"]}
        ),
    }


def plain(spec: FactSpec) -> Schema:
    """The schema of one plain value; of one member for a list."""
    match spec.kind:
        case Kind.COUNTRY:
            return {"$ref": "#/$defs/country"}
        case Kind.DATE:
            return DAY
        case Kind.BOOL:
            return {"type": "boolean"}
        case Kind.NUMBER:
            return _NUMBER
        case Kind.TIER:
            return {"enum": [1, 2, 3]}
        case Kind.ENUM | Kind.LIST | Kind.TEXT:
            return {"enum": list(spec.domain)} if spec.domain and spec.closed else TEXT


def _stated(spec: FactSpec) -> Schema:
    """A fact as a facts file spells it: a form, or one with whoever says so and until when."""
    one, several = plain(spec), {"type": "array", "items": plain(spec)}
    unknown = {"required": ["unknown"], "properties": {"unknown": _UNKNOWN, "reason": TEXT}}
    forms: list[Schema] = [{"type": "null"}, _object(unknown)]
    if spec.kind is Kind.LIST:
        parts = {"certain": several, "possible": several}
        forms += [several, _object({"required": ["certain", "possible"], "properties": parts})]
    else:
        choice = {"required": ["one_of"], "properties": {"one_of": several | {"minItems": 1}}}
        forms += [one, _object(choice)]
    if spec.kind is Kind.NUMBER:
        end = {"anyOf": [_NUMBER, {"type": "null"}]}
        forms.append(_object({"minProperties": 1, "properties": {"min": end, "max": end}}))
    details = {"value": {"anyOf": forms}, "source": TEXT, "by": TEXT, "on": DAY, "until": DAY}
    detailed = _object({"required": ["value"], "properties": details})
    return {"description": _described(spec), "anyOf": [*forms, detailed]}


def _established(spec: FactSpec) -> Schema:
    """A fact as a decision spells it, with its evidence."""
    one, several = plain(spec), {"type": "array", "items": plain(spec)}
    forms = _forms(several if spec.kind is Kind.LIST else one, one, several)
    return {"description": _described(spec)} | _evident(forms, {"const": spec.unit or None})


def _forms(value: Schema, one: Schema, several: Schema) -> Schema:
    """An object that holds exactly one form of knowing a fact."""
    return {
        "type": "object",
        "properties": {
            "value": value,
            "min": _NUMBER,
            "max": _NUMBER,
            "one_of": {"type": "array", "items": one, "minItems": 2, "uniqueItems": True},
            "certain": several,
            "possible": several,
            "unknown": _UNKNOWN,
            "reason": TEXT,
        },
        "oneOf": [
            {"required": ["value"]},
            {"anyOf": [{"required": ["min"]}, {"required": ["max"]}]},
            {"required": ["one_of"]},
            {"required": ["certain", "possible"]},
            {"required": ["unknown"]},
        ],
    }


def _evident(forms: Schema, unit: Schema) -> Schema:
    """A form with unit, grade and evidence beside it."""
    evidence = {"type": "array", "items": {"$ref": "#/$defs/evidence"}}
    grade = {"anyOf": [GRADE, {"type": "null"}]}
    properties = forms["properties"] | {"unit": unit, "grade": grade, "evidence": evidence}
    return forms | {"required": ["unit", "grade", "evidence"], "properties": properties}


def _object(schema: Schema) -> Schema:
    return {"type": "object", "additionalProperties": False} | schema


def _described(spec: FactSpec) -> str:
    return spec.meaning + (f", in {spec.unit}" if spec.unit else "")
