"""Values as files and JSON spell them, checked against the facts table in both directions."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from weightgate.errors import InputError
from weightgate.facts.registry import FactSpec, Kind, nearest
from weightgate.facts.statements import Fact, Grade, Statement
from weightgate.facts.values import (
    Interval,
    Known,
    Members,
    OneOf,
    Scalar,
    Unknown,
    Value,
    interval,
    one_of,
)

# Well-known slips, each with the code that was meant.
COUNTRY_SLIPS = {"UK": "GB", "EL": "GR", "EU": "one country, or a multi-region such as gcp/eu"}

CASELESS = frozenset({"model.license", "model.owner"})
"""Names that are one in any case, and kept in lower case: SPDX identifiers (SPDX 2.3, annex D), and accounts on the Hub."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def parse_day(raw: Any, where: str) -> str:
    """Check a UTC day written as ``YYYY-MM-DD``.

    Raises:
        InputError: Not written so, or no such day.
    """
    if isinstance(raw, str) and _DAY.match(raw):
        try:
            return date.fromisoformat(raw).isoformat()
        except ValueError:
            pass
    raise InputError(f"{raw!r} is not a day", where=where, hint="write it as YYYY-MM-DD", code="bad_date")


def parse_country(raw: Any, where: str) -> str:
    """Check a country code, in any case.

    Raises:
        InputError: No ISO 3166-1 alpha-2 code (or XK); the message names the code that was probably meant.
    """
    from weightgate.facts.countries import COUNTRIES

    # Some other letters fold to ASCII ones (long s, dotless i): no spelling of a code, and perhaps meant to look like one.
    if isinstance(raw, str) and raw.isascii():
        code = raw.upper()
        if code in COUNTRIES:
            return code
        if code in COUNTRY_SLIPS:
            raise InputError(
                f"{raw!r} is not a country code",
                where=where,
                hint=f"did you mean {COUNTRY_SLIPS[code]}?",
                code="unknown_country",
            )
        named = [c for c, name in COUNTRIES.items() if name.lower() == raw.lower()]
        if named:
            raise InputError(
                f"{raw!r} is not a country code",
                where=where,
                hint=f"write {named[0]}",
                code="unknown_country",
            )
    raise InputError(
        f"{raw!r} is not a country code",
        where=where,
        hint="write an ISO 3166-1 alpha-2 code, such as DE",
        code="unknown_country",
    )


def parse_scalar(spec: FactSpec, raw: Any, where: str) -> Scalar:
    """Check one plain value of a fact.

    Raises:
        InputError: Wrong type, or outside the fact's domain; the message names the nearest value.
    """
    if spec.kind is Kind.COUNTRY:
        return parse_country(raw, where)
    if spec.kind is Kind.DATE:
        return parse_day(raw, where)
    if spec.kind is Kind.BOOL and isinstance(raw, bool):
        return raw
    if spec.kind is Kind.NUMBER and isinstance(raw, int | float) and not isinstance(raw, bool):
        return _number(spec, raw, where)
    if spec.kind is Kind.TIER and isinstance(raw, int) and not isinstance(raw, bool) and raw in (1, 2, 3):
        return raw
    if spec.kind in (Kind.ENUM, Kind.TEXT, Kind.LIST) and isinstance(raw, str):
        if spec.domain and spec.closed and raw not in spec.domain:
            near = nearest(raw, spec.domain)
            hint = f"did you mean {near[0]!r}?" if near else "one of " + ", ".join(spec.domain)
            raise InputError(f"{raw!r} is no value of {spec.name}", where=where, hint=hint, code="bad_value")
        return " ".join(raw.split()).lower() if spec.name in CASELESS else raw
    raise InputError(f"{spec.name} is {raw!r}, needed {needed(spec)}", where=where, code="bad_type")


def needed(spec: FactSpec) -> str:
    """What a fact takes, in words."""
    if spec.kind is Kind.LIST:
        return "a list of " + (", ".join(spec.domain) if spec.domain else "names")
    if spec.kind in (Kind.ENUM, Kind.TEXT):
        return (
            "one of " + ", ".join(filter(None, spec.domain))
            if spec.domain and len(spec.domain) < 20
            else "text"
        )
    words = {
        Kind.BOOL: "true or false",
        Kind.NUMBER: f"a number of {spec.unit}" if spec.unit != "ratio" else "a number, where 0.25 is 25%",
        Kind.TIER: "1, 2 or 3",
        Kind.DATE: "a day, YYYY-MM-DD",
        Kind.COUNTRY: "a country code",
    }
    return words[spec.kind]


def _number(spec: FactSpec, raw: int | float, where: str) -> float:
    try:
        number = float(raw)
    except OverflowError:
        raise InputError(f"{spec.name} is too large for a double", where=where, code="bad_value") from None
    if not 0 <= number < float("inf"):
        raise InputError(
            f"{spec.name} is {raw}, needed a finite number of at least 0", where=where, code="bad_value"
        )
    return number + 0.0


def parse_value(spec: FactSpec, raw: Any, where: str) -> Value:
    """Read a fact's value as a facts file or a decision spells it.

    Accepts a plain value, ``{min: …, max: …}``, ``{one_of: […]}``, null or ``{unknown: true}``, a list for a
    list-valued fact, and ``{certain: […], possible: […]}`` for one that is only partly known.

    Raises:
        InputError: None of these, or a value outside the fact's domain.
    """
    if raw is None:
        return Unknown("stated as unknown")
    if spec.kind is Kind.LIST:
        return _parse_members(spec, raw, where)
    if not isinstance(raw, dict):
        return Known(parse_scalar(spec, raw, where))
    keys = set(raw)
    if keys == {"value"}:
        return parse_value(spec, raw["value"], where)
    if keys <= {"unknown", "reason"} and raw.get("unknown") is True:
        return Unknown(str(raw.get("reason", "")))
    if keys == {"one_of"} and isinstance(raw["one_of"], list) and raw["one_of"]:
        return one_of([parse_scalar(spec, v, where) for v in raw["one_of"]])
    if keys and keys <= {"min", "max"} and spec.kind is Kind.NUMBER:
        return _parse_interval(spec, raw, where)
    raise InputError(
        f"{spec.name}: cannot read {raw!r}"[:200],
        where=where,
        hint="write a value, {min: …, max: …} for a number, {one_of: […]}, or null for unknown",
        code="bad_value",
    )


def _parse_interval(spec: FactSpec, raw: dict[str, Any], where: str) -> Value:
    ends = [
        None if raw.get(end) is None else float(parse_scalar(spec, raw[end], where)) for end in ("min", "max")
    ]
    low, high = ends
    if low is not None and high is not None and low > high:
        raise InputError(f"{spec.name}: min {low} is above max {high}", where=where, code="bad_value")
    return interval(low, high)


def _parse_members(spec: FactSpec, raw: Any, where: str) -> Value:
    if isinstance(raw, dict):
        if raw.get("unknown") is True:
            return Unknown(str(raw.get("reason", "")))
        if set(raw) == {"value"}:
            return _parse_members(spec, raw["value"], where)
        if set(raw) == {"certain", "possible"}:
            certain, possible = (_parse_members(spec, raw[key], where) for key in ("certain", "possible"))
            if (
                isinstance(certain, Members)
                and isinstance(possible, Members)
                and certain.certain <= possible.certain
            ):
                return Members(certain.certain, possible.certain)
    if isinstance(raw, list):
        members = frozenset(str(parse_scalar(spec, v, where)) for v in raw)
        return Members(members, members)
    raise InputError(f"{spec.name} is {raw!r}, needed {needed(spec)}"[:300], where=where, code="bad_type")


def encode_value(value: Value) -> dict[str, Any]:
    """A value as JSON: ``value``, ``min``/``max``, ``one_of``, ``certain``/``possible`` or ``unknown``."""
    if isinstance(value, Known):
        return {"value": value.value}
    if isinstance(value, OneOf):
        return {"one_of": list(value.values)}
    if isinstance(value, Interval):
        ends = {"min": value.min, "max": value.max}
        return {key: end for key, end in ends.items() if end is not None}
    if isinstance(value, Members):
        if value.certain == value.possible:
            return {"value": sorted(value.certain)}
        return {"certain": sorted(value.certain), "possible": sorted(value.possible)}
    return {"unknown": True, "reason": value.reason} if value.reason else {"unknown": True}


def encode_statement(statement: Statement) -> dict[str, Any]:
    """A statement as one entry of a fact's ``evidence``; ``says`` holds its own value."""
    entry: dict[str, Any] = {
        "source": statement.source,
        "locator": statement.locator,
        "digest": statement.digest or None,
        "grade": str(statement.grade),
        "says": encode_value(statement.value),
    }
    extra = {"method": statement.method, "by": statement.by, "on": statement.on, "until": statement.until}
    return entry | {key: text for key, text in extra.items() if text}


def encode_fact(fact: Fact, unit: str) -> dict[str, Any]:
    """A fact as the ``facts`` of a decision spell it."""
    evidence = [encode_statement(s) for s in fact.statements]
    grade = None if isinstance(fact.value, Unknown) else str(fact.grade)
    return encode_value(fact.value) | {"unit": unit or None, "grade": grade, "evidence": evidence}


def decode_statement(spec: FactSpec, entry: Any, where: str) -> Statement:
    """Read back one entry of a fact's ``evidence``.

    Raises:
        InputError: A field is missing or of another type.
    """
    if not isinstance(entry, dict):
        raise InputError("evidence is not an object", where=where, code="bad_decision")
    grades = {str(g): g for g in Grade}
    texts = {
        key: entry.get(key) or "" for key in ("source", "locator", "digest", "method", "by", "on", "until")
    }
    if entry.get("grade") not in grades or not all(isinstance(t, str) for t in texts.values()):
        raise InputError(
            "evidence without a grade, or with a field that is not text", where=where, code="bad_decision"
        )
    return Statement(spec.name, parse_value(spec, entry.get("says"), where), grades[entry["grade"]], **texts)
