"""Samples that earlier versions wrote, which every later version has to verify; nothing here is ever written anew.

A folder holds what was written, the public key, and what was said then. The private keys are gone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from weightgate.signing.keys import PublicKey, load_public


@dataclass(frozen=True)
class Frozen:
    """A folder of samples."""

    name: str

    @property
    def folder(self) -> Path:
        return Path(__file__).parent / self.name

    @cached_property
    def expected(self) -> dict[str, Any]:
        """What was said when they were written."""
        return dict(json.loads((self.folder / "expected.json").read_bytes()))

    @cached_property
    def key(self) -> PublicKey:
        return load_public(self.folder / "public.pem")

    @property
    def at(self) -> datetime:
        """A moment at which they are new."""
        return datetime.fromisoformat(self.expected["at"])

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()
