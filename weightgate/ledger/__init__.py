"""The ledger: an append-only log of what was decided and granted, which its keeper cannot rewrite unnoticed (C2SP)."""

from __future__ import annotations

PROOF_SUFFIX = ".tlog-proof"
"""How a proof's file is called: as what it proves, with this behind. Here, since every start of check asks for it."""
