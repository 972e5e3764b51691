"""Signing and verifying a model in a fresh process: no network, and no heavy library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.oms.samples import KEY, write_model

PROGRAM = """
import sys

def forbid(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.", "subprocess.", "os.exec", "os.posix_spawn")):
        raise SystemExit(f"{event} {arguments}")

sys.addaudithook(forbid)
from weightgate.cli.main import run
code = run(sys.argv[1:])
print(*sorted(m for m in sys.modules if "." not in m), file=sys.stderr)
sys.exit(code)
"""
HEAVY = {
    "pydantic",
    "rich",
    "huggingface_hub",
    "cel_expr_python",
    "securesystemslib",
    "sigstore",
    "yaml",
    "ssl",
    "sqlalchemy",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_model(tmp_path / "m")
    (tmp_path / "key").write_bytes(KEY.pem())
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "key.pub").write_bytes(KEY.public.pem())
    return tmp_path


def modules(folder: Path, *words: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "model", *words, "--output", "json"], cwd=folder,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


def test_signing_and_verifying_need_nothing_heavy_and_no_network(folder: Path) -> None:
    for words in (
        ["sign", "./m", "--key", "key", "-o", "m.sig"],
        ["verify", "./m", "m.sig", "--key", "key.pub"],
        ["digest", "./m"],
        ["digest", "sig:m.sig", "--model-key", "key.pub"],
    ):
        assert HEAVY.isdisjoint(modules(folder, *words)), words
