"""Commitments to what a minimal attestation withholds, and the openings that show one of them.

A commitment is HMAC-SHA256, its key a salt of 32 random bytes of its own, over a domain, the item's name and its value as
canonical JSON. Nobody can tell from it what the value is, even of a handful of candidates; nobody can open it to another
value (that would be a collision of SHA-256); and to open one says nothing of the others.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from weightgate.errors import InputError
from weightgate.files.digests import is_hex
from weightgate.files.json import parse_json
from weightgate.files.shapes import Shape, misfit, too_deep
from weightgate.records import record
from weightgate.signing.statement import canonical

OPENING_SCHEMA = "weightgate/opening/v1"
SALT_BYTES = 32
MAX_OPENINGS = 1000
"""Most openings that are read from one file."""

_DOMAIN = b"weightgate/disclosure/v1\0"
_SHAPE: Shape = {"schema": OPENING_SCHEMA, "item": str, "salt": str}


@record
class Opening:
    """What opens one commitment.

    Attributes:
        item: The item's name: a fact's, or ``model``, ``operator``, ``operator.digest``,
            ``declarations`` or ``decision``.
        salt: 64 hex digits.
        value: The item, as JSON.
    """

    item: str
    salt: str
    value: Any

    @property
    def commitment(self) -> str:
        """The commitment that this opens, in hex."""
        message = _DOMAIN + canonical({"item": self.item, "value": self.value})
        return hmac.digest(bytes.fromhex(self.salt), message, "sha256").hex()

    def to_json(self) -> dict[str, Any]:
        """One line of a file of openings."""
        return {"schema": OPENING_SCHEMA, "item": self.item, "salt": self.salt, "value": self.value}


def withhold(items: Mapping[str, Any]) -> tuple[Opening, ...]:
    """Openings of items by name, each with a fresh salt, in the order of names."""
    return tuple(Opening(name, secrets.token_hex(SALT_BYTES), items[name]) for name in sorted(items))


def write_openings(openings: tuple[Opening, ...]) -> bytes:
    """Openings as JSON Lines: to show one item, give away its line and no other."""
    lines = (json.dumps(o.to_json(), ensure_ascii=True, allow_nan=False) for o in openings)
    return "".join(f"{line}\n" for line in lines).encode()


def read_openings(raw: bytes, source: str) -> tuple[Opening, ...]:
    """Read openings from JSON Lines.

    Args:
        raw: The file's bytes, whose number the caller has bounded.
        source: Its name, for messages.

    Raises:
        InputError: A line is no opening, there is none, or more than :data:`MAX_OPENINGS` (code ``bad_opening``).
    """
    lines = [(number, line) for number, line in enumerate(raw.split(b"\n"), 1) if line.strip()]
    if not 0 < len(lines) <= MAX_OPENINGS:
        raise _bad(f"{len(lines)} openings, needed 1 to {MAX_OPENINGS}", source)
    return tuple(_opening(line, f"{source}:{number}") for number, line in lines)


def _opening(line: bytes, where: str) -> Opening:
    data = parse_json(line, where)
    problem = "nested too deeply" if too_deep(data) else misfit(data, _SHAPE, "opening")
    if not problem and "value" not in data:
        problem = "opening.value: missing"
    if not problem and not is_hex(data["salt"]):
        problem = f"opening.salt: needed {2 * SALT_BYTES} lower-case hex digits"
    if problem:
        raise _bad(problem, where)
    return Opening(data["item"], data["salt"], data["value"])


def _bad(problem: str, where: str) -> InputError:
    hint = "give lines of the file that attest --openings wrote"
    return InputError(f"no opening: {problem}", where=where, hint=hint, code="bad_opening")
