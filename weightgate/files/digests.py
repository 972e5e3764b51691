"""How a SHA-256 is written: 64 lower-case hex digits, mostly after ``sha256:``."""

from __future__ import annotations

import re

_HEX = re.compile(r"[0-9a-f]{64}\Z")
_PREFIX = "sha256:"


def is_hex(text: str) -> bool:
    """Whether a text is 64 lower-case hex digits."""
    return _HEX.match(text) is not None


def is_digest(text: str) -> bool:
    """Whether a text is ``sha256:`` and 64 lower-case hex digits."""
    return text.startswith(_PREFIX) and is_hex(text[len(_PREFIX) :])
