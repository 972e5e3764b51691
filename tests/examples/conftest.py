"""What the examples need: an environment in which ``weightgate`` is a command, a model, and the demo's output."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.inspect.writers import write_safetensors

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = ROOT / "examples"


@pytest.fixture
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment variables, with nothing that steers weightgate, and the Hub out of reach."""
    home = tmp_path_factory.mktemp("home")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "WEIGHTGATE_"))}
    return kept | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "HF_HOME": str(home / "hf"),
        "XDG_CACHE_HOME": str(home / "cache"),
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder as an example finds it: a model, the operator file, the facts, the house rules."""
    folder = tmp_path / "project"
    write_safetensors(folder / "model" / "model.safetensors")
    for name in ("operator.yaml", "facts.yaml"):
        shutil.copy(EXAMPLES / name, folder)
    shutil.copytree(EXAMPLES / "house-rules", folder / "house-rules")
    return folder


@pytest.fixture(scope="session")
def demo() -> subprocess.CompletedProcess[str]:
    """The demo, run as ``make demo`` runs it."""
    return subprocess.run(
        [sys.executable, "-m", "examples.demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
