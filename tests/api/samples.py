"""A model and an operator to ask about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.inspect.writers import write_safetensors

JAPANESE: dict[str, Any] = {"name": "Example Cloud", "headquarters": "JP", "ultimate_parent": "JP"}
SECURE: dict[str, Any] = {
    "name": "a",
    "headquarters": "GB",
    "ultimate_parent": "GB",
    "authorizations": [],
    "security_standards": [
        {"name": name, "attested": "2025-01-01"} for name in ("supp10-14", "supp10-15", "supp10-18")
    ],
}
CLOSED = {"model.openness": "closed"}


def write_model(folder: Path) -> Path:
    """A tiny model in a new folder."""
    write_safetensors(folder / "model.safetensors")
    return folder
