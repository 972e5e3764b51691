"""The JSON Schema of trust files, made from the tables that the reader reads by.

What a schema cannot say is left to the reader: that names are known, keys are keys, successions hold, and days follow one
another.
"""

from __future__ import annotations

from weightgate.attest.trust.grants import (
    COMMON,
    DECIDE,
    KINDS,
    LIMITS,
    MAX_GRANTS,
    VERDICT_NAMES,
    grant_keys,
)
from weightgate.attest.trust.identities import MAX_IDENTITIES
from weightgate.attest.trust.logs import MAX_LOGS
from weightgate.attest.trust.model import SCHEMA
from weightgate.attest.trust.node import MAX_LISTED, NAME_PATTERN
from weightgate.attest.trust.read import (
    KEYS,
    MAX_AGE_DAYS,
    MAX_PACKS,
    MAX_TIMESTAMP_AUTHORITIES,
    PACK_KEYS,
    ROOT_KEYS,
)
from weightgate.facts.registry import ACTIVITIES, FACTS
from weightgate.facts.schema import DAY, DIALECT, SHA256, Schema

_TEXT: Schema = {"type": "string", "minLength": 1}
_NOTES: Schema = {"type": "string"}
_PEM: Schema = {"type": "string", "pattern": "-----BEGIN"}
_COUNT: Schema = {"type": "integer", "minimum": 1}

_ENTRIES: dict[str, Schema] = {
    "verdicts": {"enum": list(VERDICT_NAMES)},
    "destinations": _TEXT,
    "packs": _TEXT,
    "activities": {"enum": list(ACTIVITIES)},
    "facts": {"enum": list(FACTS)},
    "models": SHA256,
    "signers": _TEXT,
}
"""One entry of each limit of a grant."""


def trust_schema() -> Schema:
    """The schema of a trust file."""
    properties: dict[str, Schema] = {
        "schema": {"const": SCHEMA},
        "version": _COUNT | {"description": "Only increases"},
        "from": DAY | {"description": "First UTC day on which the file holds"},
        "expires": DAY | {"description": "Last UTC day on which the file holds"},
        "root": _root(),
        "identities": _named(_identity(), MAX_IDENTITIES) | {"minProperties": 1},
        **{kind: _grants(kind) for kind in KINDS},
        "max_age_days": _object({verdict: _age() for verdict in VERDICT_NAMES}),
        "packs": _named(_pack(), MAX_PACKS),
        "timestamp_authorities": _named(_PEM, MAX_TIMESTAMP_AUTHORITIES),
        "logs": _named(_TEXT | {"description": "A verifier key of signed notes"}, MAX_LOGS),
        "notes": _NOTES,
    }
    body = _object({key: properties[key] for key in KEYS}, "schema", "version", "expires", "identities")
    return {"$schema": DIALECT, "title": "A trust file of weightgate", **body}


def _root() -> Schema:
    properties = {"identities": _list(_TEXT), "threshold": _COUNT}
    return _object({key: properties[key] for key in ROOT_KEYS}, *ROOT_KEYS)


def _identity() -> Schema:
    text = {"notes": _NOTES}
    succeeds = _object({"identity": _TEXT, "statement": _TEXT}, "identity", "statement")
    sigstore = _object(
        {"identity": _TEXT, "issuer": {"type": "string", "pattern": "^https://"}}, "identity", "issuer"
    )
    authority = {"certificate_authority": _PEM, "subject": _TEXT}
    return {
        "oneOf": [
            _object({"key": _PEM, "succeeds": succeeds, **text}, "key"),
            _object({**authority, **text}, *authority),
            _object({"sigstore": sigstore, **text}, "sigstore"),
        ]
    }


def _grant(kind: str) -> Schema:
    common = {"identities": _list(_TEXT), "threshold": _COUNT, "from": DAY, "until": DAY, "notes": _NOTES}
    limits = {key: _list(_ENTRIES[key]) | {"description": LIMITS[key].meaning} for key in KINDS[kind]}
    extra = {"verifier_id": _TEXT} if kind == DECIDE else {}
    properties = {**{key: common[key] for key in COMMON}, **limits, **extra}
    return _object({key: properties[key] for key in grant_keys(kind)}, "identities")


def _pack() -> Schema:
    version = {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"}
    properties = {
        "digests": _list(SHA256), "minimum_version": version, "signed": {"type": "boolean"}, "notes": _NOTES,
    }  # fmt: skip
    return _object({key: properties[key] for key in PACK_KEYS})


def _age() -> Schema:
    return {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_AGE_DAYS}


def _list(entry: Schema) -> Schema:
    return {"type": "array", "items": entry, "minItems": 1, "maxItems": MAX_LISTED, "uniqueItems": True}


def _grants(kind: str) -> Schema:
    return {"type": "array", "items": _grant(kind), "minItems": 1, "maxItems": MAX_GRANTS}


def _named(entry: Schema, most: int) -> Schema:
    names = {"propertyNames": {"pattern": NAME_PATTERN}}
    return {"type": "object", **names, "additionalProperties": entry, "maxProperties": most}


def _object(properties: dict[str, Schema], *required: str) -> Schema:
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": list(required)} if required else {})
