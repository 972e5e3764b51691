"""A folder with a small real model, and files to ask about it with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.inspect.writers import write_safetensors

CLOSED = "model.openness: closed\n"
OPEN = "model.openness: open\n"
JAPANESE = "name: Example Cloud\nheadquarters: JP\nultimate_parent: JP\n"
BRITISH = "name: a\nheadquarters: GB\nultimate_parent: GB\nsecurity_standards: []\nauthorizations: []\n"
SECURE = """\
name: a
headquarters: GB
ultimate_parent: GB
authorizations: []
security_standards:
  - {name: supp10-14, attested: 2025-01-01}
  - {name: supp10-15, attested: 2025-01-01}
  - {name: supp10-18, attested: 2025-01-01}
"""


@pytest.fixture(scope="session")
def pack_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache of compiled packs for all commands of a session."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def shell(tmp_path: Path, pack_cache: Path) -> Shell:
    """A folder with a model ``./m``, facts and operator files; no Hub is reachable from it."""
    write_model(tmp_path / "m")
    files = {
        "closed.yaml": CLOSED,
        "open.yaml": OPEN,
        "jp.yaml": JAPANESE,
        "gb.yaml": BRITISH,
        "secure.yaml": SECURE,
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return Shell(tmp_path, {"XDG_CACHE_HOME": str(pack_cache), "HF_HUB_OFFLINE": "1"})


def write_model(folder: Path) -> None:
    """A tiny Llama with its configuration."""
    write_safetensors(folder / "model.safetensors")
    config = {"architectures": ["LlamaForCausalLM"], "model_type": "llama"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


@pytest.fixture
def allowed() -> list[str]:
    """Options under which ``check ./m`` is allow."""
    return ["--to", "JP", "--facts", "closed.yaml", "--operator", "jp.yaml"]


@pytest.fixture
def conditional() -> list[str]:
    """Options under which ``check ./m`` is allow with conditions."""
    return ["--to", "IN", "--facts", "closed.yaml", "--operator", "secure.yaml"]
