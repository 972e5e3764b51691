"""What pydantic finds wrong with a pack, each at its key or value and in words for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from weightgate.facts.registry import nearest
from weightgate.files.yaml import Document
from weightgate.policy.lint.findings import Finding, Path, at, at_key
from weightgate.policy.lint.keys import keys_at

_SOURCED = ("cite", "cites")


def schema_findings(yaml: Document, error: ValidationError) -> list[Finding]:
    """One finding for each mistake.

    A key that is misspelt is one mistake, though one key is unknown then and another missing.
    """
    errors: list[Any] = error.errors(include_url=False, include_input=False)
    found = []
    suggested: set[Path] = set()
    for one in errors:
        if one["type"] == "extra_forbidden":
            near = nearest(str(one["loc"][-1]), keys_at(one["loc"][:-1]), 1)
            suggested |= {(*one["loc"][:-1], name) for name in near}
            found.append(_unknown_key(yaml, one["loc"], near))
    missing = [one["loc"] for one in errors if one["type"] == "missing"]
    found += [_missing(yaml, loc) for loc in missing if loc not in suggested]
    rest = [one for one in errors if one["type"] not in ("extra_forbidden", "missing")]
    return [*found, *_values(yaml, rest)]


def rule_at(yaml: Document, path: Path) -> str:
    """The identifier of the rule that a path lies in; empty when it lies in none, or the rule has none."""
    if len(path) < 2 or path[0] != "rules":
        return ""
    rule = _value(yaml.data, path[:2])
    name = rule.get("id") if isinstance(rule, dict) else None
    return name if isinstance(name, str) else ""


def _unknown_key(yaml: Document, path: Path, near: list[str]) -> Finding:
    known = keys_at(path[:-1])
    hint = f"did you mean {near[0]}?" if near else "known: " + ", ".join(known)
    message = f"{_dotted(path[:-1])} has no key {str(path[-1])[:80]!r}"
    return at_key(yaml, "unknown_key", message, path, hint=hint, rule=rule_at(yaml, path))


def _missing(yaml: Document, path: Path) -> Finding:
    name = str(path[-1])
    code = "no_source" if name in _SOURCED else "pack_schema"
    message = f"{_dotted(path[:-1])} has no {name}"
    hint = "" if name in _SOURCED else f"write {name}:"
    return at(yaml, code, message, path[:-1], hint=hint, rule=rule_at(yaml, path))


def _values(yaml: Document, errors: list[Any]) -> list[Finding]:
    """Findings about values; those of one value, which each alternative form has its own about, are one."""
    by_path: dict[Path, list[Any]] = {}
    for one in errors:
        by_path.setdefault(_in_data(yaml.data, one["loc"]), []).append(one)
    above = {path[:end] for path in by_path for end in range(len(path))}
    # Where one alternative fits the value's form, the mistake lies further inside.
    outer = {path for path, ones in by_path.items() if path in above and len(ones) > 1}
    return [_wrong(yaml, path, ones) for path, ones in by_path.items() if path not in outer]


def _wrong(yaml: Document, path: Path, ones: Iterable[Any]) -> Finding:
    ones = list(ones)
    said = " or ".join(dict.fromkeys(one["msg"].removeprefix("Value error, ") for one in ones))
    message = f"{_dotted(path)}: {said}"
    code = (
        "no_source"
        if path[-1:] and path[-1] in _SOURCED and ones[0]["type"] == "too_short"
        else "pack_schema"
    )
    rule = rule_at(yaml, path)
    if any(one["loc"][-1:] == ("[key]",) for one in ones):
        return at_key(yaml, code, message, path, rule=rule)
    if not any(one["type"] == "value_error" for one in ones):
        message += f", found {_short(_value(yaml.data, path))}"
    return at(yaml, code, message, path, rule=rule)


def _in_data(data: Any, loc: Path) -> Path:
    """The part of a location that leads through the document, without the alternatives that pydantic tried."""
    path: list[str | int] = []
    for part in loc:
        inside = part in data if isinstance(data, dict) else isinstance(data, list) and isinstance(part, int)
        if inside:
            path.append(part)
            data = data[part]
    return tuple(path)


def _value(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "nothing" if value is None else repr(value)[:80]


def _dotted(path: Path) -> str:
    return ".".join(map(str, path)) or "the pack"
