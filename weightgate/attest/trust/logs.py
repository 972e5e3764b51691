"""The logs whose checkpoints count: verifier keys of signed notes (C2SP, signed-note.md)."""

from __future__ import annotations

import base64
import hashlib
import re

from weightgate.attest.trust.node import Node

MAX_LOGS = 64

_VERIFIER_KEY = re.compile(r"([^+\s]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{1,200})\Z")
_ED25519 = 1
"""The first byte of a key's material: the kind of signature."""


def read_logs(top: Node) -> dict[str, str]:
    """Each log's verifier key by the log's name here.

    Raises:
        InputError: With the place of the mistake.
    """
    if not top.has("logs"):
        return {}
    return {name: _verifier_key(node) for name, node in top.child("logs").named(MAX_LOGS)}


def _verifier_key(node: Node) -> str:
    needed = "a note verifier key, NAME+HASH+KEY"
    match = _VERIFIER_KEY.match(node.text(needed))
    if not match:
        raise node.wrong(needed, "bad_log_key", "weightgate ledger prints it")
    name, stated, encoded = match.groups()
    try:
        key = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise node.fail("the key of the log is not base64", "bad_log_key") from None
    if len(key) != 33 or key[0] != _ED25519:
        raise node.fail("the key of the log is not an Ed25519 key", "bad_log_key")
    # signed-note.md: SHA-256(name || 0x0A || key material), its first four bytes.
    found = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
    if found != stated:
        raise node.fail(f"the key of the log has hash {found}, and says {stated}", "bad_log_key")
    return match.group()
