"""Revocation: signed lists of what no longer counts, how they are made and fetched, and what they say of an attestation."""

CHECK = "revocation"
"""Identifier of the check."""
