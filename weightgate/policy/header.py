"""What a pack calls itself, in its own text: read without loading the pack, so of any pack that anybody embeds."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from weightgate.errors import InputError
from weightgate.policy.source import PackSource


class Header(NamedTuple):
    """What a pack calls itself; texts are empty where it states none.

    Attributes:
        name: Its name.
        version: Its version.
    """

    name: str
    version: str


@lru_cache(maxsize=64)
def header_of(pack: PackSource) -> Header:
    """Name and version that a pack's own text states; empty ones when it is no pack."""
    from weightgate.files.yaml import parse_yaml

    try:
        data: Any = parse_yaml(pack.text, pack.name[:80]).data
    except InputError:
        return Header("", "")
    stated = [data.get(key) if isinstance(data, dict) else None for key in Header._fields]
    return Header(*(text if isinstance(text, str) else "" for text in stated))
