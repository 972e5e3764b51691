"""A folder with a closed model and its files, and the Hub that the real command asks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.conftest import BRITISH, CLOSED, JAPANESE, OPEN, SECURE, write_model
from tests.cli.shell import Shell
from tests.hub import LocalHub
from weightgate.signing.keys import generate, write_pair

GATE = (
    *("--key", "k.pem.pub", "--model", "./m", "--to", "JP", "--operator", "jp.yaml"),
    *("--activity", "host", "--gate", "--replay"),
)
CARD = "---\nlicense: mit\n---\n# Free for all\n"


@pytest.fixture(scope="session")
def pack_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache of compiled packs for all commands of a session."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def shell(tmp_path: Path, pack_cache: Path) -> Shell:
    """A working folder with a model ``./m`` whose card says MIT; no Hub is reachable from it."""
    write_model(tmp_path / "m")
    files: Mapping[str, str] = {
        "m/README.md": CARD,
        "closed.yaml": CLOSED,
        "open.yaml": OPEN,
        "jp.yaml": JAPANESE,
        "gb.yaml": BRITISH,
        "secure.yaml": SECURE,
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return Shell(tmp_path, {"XDG_CACHE_HOME": str(pack_cache), "HF_HUB_OFFLINE": "1"})


@pytest.fixture
def online(shell: Shell, local_hub: LocalHub, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """The same folder, from which the local Hub is reachable."""
    env = {"HF_ENDPOINT": local_hub.endpoint, "HF_HUB_OFFLINE": "0"}
    return Shell(shell.folder, shell.env | env | {"HF_HOME": str(tmp_path_factory.mktemp("hf"))})


@pytest.fixture
def signed(shell: Shell) -> Shell:
    """A folder with a decision, and with its attestation."""
    for name in ("k.pem", "other.pem"):
        write_pair(generate(), shell.folder / name, shell.folder / f"{name}.pub")
    words = ["--facts", "closed.yaml", "--attest", "a.json", "--key", "k.pem", "--output", "json=d.json"]
    assert shell.here("check", "./m", "--to", "JP", "--operator", "jp.yaml", *words).code == 0
    assert shell.here("verify", "a.json", *GATE).code == 0
    return shell
