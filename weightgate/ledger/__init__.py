"""The ledger: an append-only log of what was decided and granted, which its keeper cannot rewrite unnoticed (C2SP)."""
