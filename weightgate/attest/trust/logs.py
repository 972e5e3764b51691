"""The logs whose checkpoints count: verifier keys of signed notes (C2SP, signed-note.md)."""

from __future__ import annotations

from weightgate.attest.trust.node import Node
from weightgate.errors import InputError

MAX_LOGS = 64


def read_logs(top: Node) -> dict[str, str]:
    """Each log's verifier key by the log's name here.

    Raises:
        InputError: With the place of the mistake.
    """
    if not top.has("logs"):
        return {}
    return {name: _verifier_key(node) for name, node in top.child("logs").named(MAX_LOGS)}


def _verifier_key(node: Node) -> str:
    from weightgate.ledger.note import read_verifier_key

    text = node.text("a note verifier key, NAME+IDENTIFIER+KEY")
    try:
        return str(read_verifier_key(text, node.where))
    except InputError as error:
        raise node.fail(error.message, "bad_log_key", error.hint) from None
