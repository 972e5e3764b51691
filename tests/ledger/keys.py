"""Keys of logs, and flipping bytes."""

from __future__ import annotations

from collections.abc import Iterator

from weightgate.ledger.note import note_signer
from weightgate.signing.keys import generate

NAME = "example.com/log"
PRIVATE = generate()
SIGNER = note_signer(NAME, PRIVATE)
KEY = SIGNER.verifier
OTHER_PRIVATE = generate()
OTHER = note_signer(NAME, OTHER_PRIVATE)
"""Another key under the same name."""


def flips(raw: bytes, bits: tuple[int, ...] = (0x01, 0x20, 0x80)) -> Iterator[bytes]:
    """The bytes with one changed, each by its lowest bit, its case bit and its highest bit."""
    for index, byte in enumerate(raw):
        for bit in bits:
            yield raw[:index] + bytes([byte ^ bit]) + raw[index + 1 :]
