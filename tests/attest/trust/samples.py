"""Trust files for tests: keys that are made once, and the text of a file that names them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from weightgate.attest.trust import Trust, parse_trust
from weightgate.attest.trust.succession import succession
from weightgate.signing.accepted import SignedBy
from weightgate.signing.keys import PrivateKey, generate

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)

NAMES = ("root-a", "root-b", "root-c", "release", "second", "bot", "release-2", "release-3")
KEYS: dict[str, PrivateKey] = {name: generate() for name in NAMES}
STRANGER = generate()


def by(*names: str) -> list[SignedBy]:
    """Signatures by the keys of these names."""
    return [SignedBy(KEYS[name].keyid, "ed25519") for name in names]


def at(day: str) -> datetime:
    """Noon of a day."""
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


def key_of(name: str) -> dict[str, Any]:
    """An identity that is a key."""
    return {"key": KEYS[name].public.pem().decode()}


def successor(name: str, old: str, start: str) -> dict[str, Any]:
    """An identity whose key takes over from another's."""
    statement = succession(KEYS[old], KEYS[name].public, start, now=NOW).decode()
    return {**key_of(name), "succeeds": {"identity": old, "statement": statement}}


def document(**changes: Any) -> dict[str, Any]:
    """A trust file as data: three roots, of which two sign, and three who decide; ``None`` leaves a key out."""
    data: dict[str, Any] = {
        "schema": "weightgate/trust/v1",
        "version": 3,
        "expires": "2027-06-30",
        "root": {"identities": ["root-a", "root-b", "root-c"], "threshold": 2},
        "identities": {name: key_of(name) for name in NAMES[:6]},
        "decide": [{"identities": ["release"]}],
    }
    return {key: value for key, value in (data | changes).items() if value is not None}


def text(data: Mapping[str, Any]) -> bytes:
    """The bytes of a file: JSON, which is YAML too."""
    return json.dumps(data, indent=1).encode()


def trust(**changes: Any) -> Trust:
    """The trust file of :func:`document`, read."""
    return parse_trust(text(document(**changes)), "trust.yaml")


def decides(
    found: Trust,
    *names: str,
    verdict: str = "allow",
    destinations: Sequence[Any] = ("DE",),
    packs: Sequence[str] = ("us-ai-diffusion-draft",),
    activity: str = "host",
    day: str = "2026-03-14",
) -> bool:
    """Whether the keys of these names may together give a verdict."""
    signers = found.names_of(by(*names), at(day))
    answer = found.may_decide(
        signers, verdict=verdict, destinations=destinations, packs=packs, activity=activity, at=at(day)
    )
    return answer.granted
