"""Three small models for the demo, made by the real writers and put on the local Hub."""

from __future__ import annotations

import json
from pathlib import Path

from tests.hub import LocalHub
from tests.hub.repo import Repo, piece
from tests.inspect.writers import write_adapter, write_gguf, write_safetensors, write_shards

TOKEN = "hf_demo"  # noqa: S105 (made up; only the local Hub knows it)

OPEN, CLOSED, ADAPTER = "acme/atlas-open", "acme/atlas-pro", "acme/atlas-radiology-lora"
WEIGHTS = "model.safetensors"


def card(licence: str, title: str, **more: str) -> str:
    """A model card: YAML front matter, then Markdown."""
    front = "".join(f"{key}: {value}\n" for key, value in {"license": licence, **more}.items())
    return f"---\n{front}---\n\n# {title}\n"


def contents(folder: Path) -> dict[str, bytes]:
    """A folder's files by name."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def put_models(hub: LocalHub, folder: Path) -> None:
    """Write the models and put them on the Hub.

    ``atlas-open`` is public under Apache-2.0. ``atlas-pro`` is private, whatever its card says; it holds its weights as
    safetensors and as GGUF. ``atlas-radiology-lora`` is private, an adapter made from ``atlas-open``.
    """
    config = json.dumps({"model_type": "llama", "num_hidden_layers": 2, "vocab_size": 32, "hidden_size": 8})
    write_shards(folder / "open")
    (folder / "open" / "config.json").write_text(config)
    (folder / "open" / "README.md").write_text(card("apache-2.0", "Atlas Open"))

    write_safetensors(folder / "closed" / WEIGHTS)
    write_gguf(folder / "closed" / "gguf" / "atlas-pro-f32.gguf")
    (folder / "closed" / "config.json").write_text(config)
    (folder / "closed" / "README.md").write_text(card("apache-2.0", "Atlas Pro"))

    write_adapter(folder / "adapter", base=OPEN)
    (folder / "adapter" / "README.md").write_text(card("other", "Atlas Radiology", base_model=OPEN))

    hub.hub.tokens[TOKEN] = frozenset({CLOSED, ADAPTER})
    hub.add(Repo(OPEN, contents(folder / "open")))
    hub.add(Repo(CLOSED, contents(folder / "closed"), private=True))
    hub.add(Repo(ADAPTER, contents(folder / "adapter"), private=True))


def change_weights(hub: LocalHub) -> None:
    """Push the closed model again, with the last byte of its weights flipped."""
    repo = hub.hub.repos[CLOSED]
    data = bytearray(b"".join(piece(repo.files[WEIGHTS], 0, len(repo.files[WEIGHTS]))))
    data[-1] ^= 1
    hub.add(repo.pushed({**repo.files, WEIGHTS: bytes(data)}))
