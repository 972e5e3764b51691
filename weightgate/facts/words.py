"""Values of facts in words, as JSON spells them."""

from __future__ import annotations

from typing import Any


def value_text(value: Any) -> str:
    """A fact's value, as a decision's JSON spells it, in words; whatever it is, there are some."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ", ".join(map(value_text, value)) or "none"
    if not isinstance(value, dict):
        return "empty" if value == "" else str(value)
    if "value" in value:
        return value_text(value["value"])
    if "one_of" in value:
        return "one of " + value_text(value["one_of"])
    if isinstance(value.get("certain"), list) and isinstance(value.get("possible"), list):
        rest = [member for member in value["possible"] if member not in value["certain"]]
        if not value["certain"]:
            return f"not stated: possibly {' or '.join(map(value_text, rest)) or 'none'}"
        return f"{value_text(value['certain'])}, and possibly {value_text(rest)}"
    ends = {"at least": value.get("min"), "at most": value.get("max")}
    stated = [f"{word} {value_text(end)}" for word, end in ends.items() if end is not None]
    return " and ".join(stated) or ("unknown: " + str(value["reason"]) if value.get("reason") else "unknown")
