"""The trust file: who may decide, declare, revoke and sign what, from when to when, and how the file itself changes."""

from __future__ import annotations

from weightgate.attest.trust.model import Answer
from weightgate.attest.trust.read import parse_trust, read_trust
from weightgate.attest.trust.trust import Trust

__all__ = ["Answer", "Trust", "parse_trust", "read_trust"]
