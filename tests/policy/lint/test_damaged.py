"""Shipped packs, damaged: lint never crashes, and whatever it finds has a place and says what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from weightgate.files.yaml import parse_yaml
from weightgate.policy.lint import CODES, lint
from weightgate.policy.source import PackSource, find_pack

PACKS = {name: find_pack(name).text for name in ("us-ai-diffusion-draft", "us-ny-raise", "us-embargoes")}
DATA: dict[str, Any] = {name: parse_yaml(text, name).data for name, text in PACKS.items()}
JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 1e26, "", "x", "2025-13-01", "9999-12-31", "0001-01-01", "deny", "allow", "U", "law", [], {}, [1], {"a": 1},
    'model.openness == "open"', '!("LICENSE" in operator.authorizations)', "values.nothing > 1.0", "true", "((", "é\u0000",
)  # fmt: skip
_PLACE = re.compile(r":\d+:\d+\Z")


def paths(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of each part of plain data."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield (*path, key)
        yield from paths(value, (*path, key))


PATHS = {name: list(paths(data)) for name, data in DATA.items()}


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A pack in which some parts are dropped, replaced, renamed or put in each other's place."""
    name = draw(st.sampled_from(sorted(PACKS)))
    data = deepcopy(DATA[name])
    for _ in range(draw(st.integers(1, 3))):
        change(data, draw(st.sampled_from(PATHS[name])), draw(st.sampled_from(PATHS[name])), draw)
    return json.dumps(data, indent=1).encode()


def change(data: Any, path: tuple[str | int, ...], other: tuple[str | int, ...], draw: st.DrawFn) -> None:
    """Damage the part at a path, if it is still there."""
    parent, value = follow(data, path[:-1]), follow(data, path)
    if value is MISSING:
        return
    key: Any = path[-1]
    match draw(st.sampled_from(("drop", "junk", "other", "rename", "twice"))):
        case "drop":
            del parent[key]
        case "junk":
            parent[key] = draw(st.sampled_from(JUNK))
        case "other" if (found := follow(data, other)) is not MISSING:
            parent[key] = deepcopy(found)
        case "rename" if isinstance(parent, dict):
            parent[f"{key}s"] = parent.pop(key)
        case "twice" if isinstance(parent, list):
            parent.append(deepcopy(value))


MISSING = object()


def follow(data: Any, path: tuple[str | int, ...]) -> Any:
    """The part at a path; MISSING when an earlier change took it."""
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return data


def check(raw: bytes) -> None:
    """Lint some bytes, and look at what it says."""
    for one in lint(PackSource("p.yaml", "./no/such/folder/p.yaml", raw)):
        assert one.code in CODES
        assert one.message
        assert one.hint or CODES[one.code].general
        assert _PLACE.search(one.where), one
        json.dumps(one.to_json())


@given(damaged())
@settings(max_examples=80, deadline=None)
def test_a_pack_with_damaged_parts(raw: bytes) -> None:
    check(raw)


@given(st.sampled_from(sorted(PACKS)), st.data())
@settings(max_examples=60, deadline=None)
def test_a_pack_with_damaged_text(name: str, data: st.DataObject) -> None:
    raw = PACKS[name]
    at = data.draw(st.integers(0, len(raw)))
    gone = data.draw(st.integers(0, 40))
    new = data.draw(
        st.binary(max_size=4) | st.text(max_size=4).map(lambda text: text.encode("utf-8", "ignore"))
    )
    check(raw[:at] + new + raw[at + gone :])
