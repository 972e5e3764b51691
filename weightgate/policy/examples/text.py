"""A case as YAML that ``policy test`` takes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from weightgate.facts.encode import encode_value
from weightgate.facts.values import Value
from weightgate.policy.days import FOREVER
from weightgate.policy.reading import Reading

# Whatever YAML, old or new, could take for something other than text is quoted: no and on, numbers, nothing at all.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.+/-]*(?: [A-Za-z0-9_.+/-]+)*\Z")
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def case_text(
    name: str,
    as_of: str,
    activity: str,
    reading: Reading,
    values: Mapping[str, Value],
    expect: str,
    note: str,
) -> str:
    """One case, with a line end at the end; what a case need not say is left out."""
    lines = [f"- name: {scalar(name)}"]
    if note:
        lines.append(f"  note: {scalar(note)}")
    lines.append(f"  as_of: {as_of}")
    if reading.known_at < FOREVER:
        lines.append(f"  known_at: {reading.known_at}")
    if reading.switches:
        lines.append(f"  set: {_flow(dict(sorted(reading.switches.items())))}")
    if reading.in_force:
        lines.append("  status: in-force")
    if activity != "host":
        lines.append(f"  activity: {activity}")
    if values:
        lines.append("  facts:")
        lines += [f"    {fact}: {written(value)}" for fact, value in values.items()]
    lines.append(f"  expect: {expect}")
    return "\n".join(lines) + "\n"


def written(value: Value) -> str:
    """A value as a case states it."""
    encoded = encode_value(value)
    return _flow(encoded["value"] if set(encoded) == {"value"} else encoded)


def _flow(data: Any) -> str:
    if isinstance(data, dict):
        return "{" + ", ".join(f"{key}: {_flow(value)}" for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(map(_flow, data)) + "]"
    return scalar(data)


def scalar(data: Any) -> str:
    """A scalar in YAML, quoted where it could be taken for something else."""
    if isinstance(data, str):
        plain = _DAY.match(data) or (_PLAIN.match(data) and data.lower() not in _WORDS)
        return data if plain else json.dumps(data, ensure_ascii=False)
    if isinstance(data, float):
        return _number(data)
    return json.dumps(data)


def _number(number: float) -> str:
    text = repr(number)
    mantissa, exponent, power = text.partition("e")
    # 1e+26 is text to some readers of YAML.
    return text if not exponent else f"{mantissa}{'' if '.' in mantissa else '.0'}e{power.removeprefix('+')}"
