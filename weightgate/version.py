"""The version of weightgate, which every decision and attestation names as its engine."""

from __future__ import annotations

VERSION = "0.1.0"
ENGINE = f"weightgate/{VERSION}"
