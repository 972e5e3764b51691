"""What pydantic finds wrong with a pack, each at its key or value and in words for people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from weightgate.facts.registry import nearest
from weightgate.files.yaml import Document
from weightgate.policy.lint.findings import Finding, Path, at, at_key
from weightgate.policy.lint.keys import keys_at

_SOURCED = ("cite", "cites")
_LONGEST = 80
"""Characters of a value that are shown."""
_FORMS = {
    r"^\d+\.\d+\.\d+$": "three numbers joined by points, such as 1.0.0",
    r"^[a-z][a-z0-9]*([-_.][a-z0-9]+)*$": "lower-case letters and digits joined by - _ or ., a letter first",
    r"^[a-z][a-z0-9_]*$": "lower-case letters, digits and _, a letter first",
}
"""What the patterns of the schema ask for."""
_VERSION = re.compile(r"[0-9]+(\.[0-9]+)?\Z")
"""A version of fewer than three numbers."""
_KINDS = {
    "string_type": "a text", "float_type": "a number", "int_type": "a whole number", "list_type": "a list",
    "dict_type": "a mapping", "model_type": "a mapping", "model_attributes_type": "a mapping",
}  # fmt: skip


def schema_findings(yaml: Document, error: ValidationError) -> list[Finding]:
    """One finding for each mistake.

    A key that is misspelt is one mistake, though one key is unknown then and another missing.
    """
    errors: list[Any] = error.errors(include_url=False, include_input=False)
    for one in errors:
        if one["type"] in ("extra_forbidden", "missing"):
            one["loc"] = (*_in_data(yaml.data, one["loc"][:-1]), one["loc"][-1])
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
    message = f"{_dotted(yaml.data, path[:-1])} has no key {str(path[-1])[:80]!r}"
    return at_key(yaml, "unknown_key", message, path, hint=hint, rule=rule_at(yaml, path))


def _missing(yaml: Document, path: Path) -> Finding:
    name = str(path[-1])
    code = "no_source" if name in _SOURCED else "pack_schema"
    message = f"{_dotted(yaml.data, path[:-1])} has no {name}"
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


def _wrong(yaml: Document, path: Path, ones: Sequence[Any]) -> Finding:
    first, name, rule = ones[0], _dotted(yaml.data, path), rule_at(yaml, path)
    empty = first["type"] == "too_short" and path[-1] in _SOURCED
    code = "no_source" if empty else "pack_schema"
    if first["type"] == "value_error":
        problem, _, hint = first["msg"].removeprefix("Value error, ").partition("; ")
        return at(yaml, code, f"{name}: {problem}", path, hint=hint, rule=rule)
    needed = " or ".join(dict.fromkeys(_needed(one) for one in ones))
    if first["loc"][-1] == "[key]":
        message = f"{str(path[-1])[:80]!r} is no name here, needed {needed}"
        return at_key(yaml, code, message, path, rule=rule)
    value = _value(yaml.data, path)
    near = nearest(value, _choices(first), 1) if isinstance(value, str) else []
    hint = f"did you mean {near[0]}?" if near else _quoted(path, value, first["type"])
    return at(yaml, code, f"{name} is {_short(value)}, needed {needed}", path, hint=hint, rule=rule)


def _quoted(path: Path, value: Any, problem: str) -> str:
    """How a number, or what YAML takes for yes, no or a number, is written as a text."""
    if path == ("version",) and _VERSION.match(str(value)):
        parts = [*str(value).split("."), "0", "0"]
        return f'write "{".".join(parts[:3])}", in quotes'
    if problem == "string_type" and isinstance(value, int | float):
        return f'write "{str(value).lower() if isinstance(value, bool) else value}", in quotes'
    return ""


def _needed(one: Any) -> str:
    """What was needed, in words."""
    context = one.get("ctx", {})
    match one["type"]:
        case "too_short" | "too_long":
            return _length(context, "item")
        case "string_too_short" | "string_too_long":
            return _length(context, "character")
        case "string_pattern_mismatch":
            return _FORMS.get(context["pattern"], f"a text of the form {context['pattern']}")
    said: str = one["msg"].removeprefix("Input should be ")
    return _KINDS.get(one["type"], said)


def _length(context: Any, what: str) -> str:
    least = "min_length" in context
    length = context["min_length" if least else "max_length"]
    return f"at {'least' if least else 'most'} {length} {what}{'' if length == 1 else 's'}"


def _choices(one: Any) -> tuple[str, ...]:
    """The words that a value may be, of those that may be a few words only."""
    if one["type"] != "literal_error":
        return ()
    return tuple(re.findall(r"'([^']*)'", one["ctx"]["expected"]))


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
    shown = "nothing" if value is None else repr(value)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"


def _dotted(data: Any, path: Path) -> str:
    """A path in words, with the identifiers of rules in place of their numbers."""
    words = []
    for part in path:
        data = data[part]
        name = data.get("id") if isinstance(data, dict) and isinstance(part, int) else None
        words.append(name[:80] if isinstance(name, str) and name else str(part))
    return ".".join(words) or "the pack"
