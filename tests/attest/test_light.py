"""Verification in a fresh process: no network, and none of the heavy libraries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.attest.revocation.samples import listed
from tests.attest.samples import decide, sign
from tests.attest.trust.samples import KEYS, document, text

FORBID = """
import sys

def forbid(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.", "subprocess.", "os.exec", "os.posix_spawn")):
        raise SystemExit(f"{event} {arguments}")

sys.addaudithook(forbid)

from datetime import datetime
from pathlib import Path

folder, at = Path(sys.argv[1]), datetime.fromisoformat("2026-03-14T09:30:00Z")
"""

BY_KEY = """
from weightgate.signing.keys import load_public
from weightgate.attest.verifying.verify import verify
from weightgate.decide.again import decide_again

raw, key = (folder / "a.json").read_bytes(), load_public(folder / "gate.pub")
report = verify(raw, keys=[key], at=at, decide_again=decide_again)
"""

BY_API = """
from weightgate import api

report = api.verify(folder / "a.json", {keys}, at=at, {more})
"""

PRINT = """
print(report.genuine, report.exit)
print(*sorted(m for m in sys.modules if "." not in m))
print(*sorted(m for m in sys.modules if m.startswith("weightgate.")))
"""
HEAVY = {
    "huggingface_hub",
    "securesystemslib",
    "sqlalchemy",
    "pydantic",
    "cel_expr_python",
    "rich",
    "asyncio",
    "http",
    "ssl",
    "socket",
    "urllib3",
    "requests",
    "httpx2",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An attestation, its public key, a trust file that names it, and a revocation list by the same key."""
    key = KEYS["release"]
    (tmp_path / "a.json").write_bytes(sign(decide("DE", "AE"), key=key))
    (tmp_path / "gate.pub").write_bytes(key.public.pem())
    revokes = [{"identities": ["release"]}]
    (tmp_path / "trust.yaml").write_bytes(text(document(revoke=revokes)))
    (tmp_path / "list.json").write_bytes(listed(key=key))
    return tmp_path


def run(folder: Path, program: str) -> tuple[str, set[str], set[str]]:
    """How a fresh process ended that may open no socket, and what it had imported."""
    ended = subprocess.run(
        [sys.executable, "-c", FORBID + program + PRINT, str(folder)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    outcome, others, ours = ended.stdout.splitlines()
    return outcome, set(others.split()), set(ours.split())


def test_verify_opens_no_socket_and_imports_nothing_heavy(folder: Path) -> None:
    # The pack was compiled when the decision was made, so not even a replay needs pydantic or CEL.
    outcome, others, _ = run(folder, BY_KEY)
    assert outcome == "True 2"
    assert HEAVY.isdisjoint(others)


@pytest.mark.parametrize(
    ("keys", "more"),
    [
        ("folder / 'gate.pub'", ""),
        ("folder / 'gate.pub'", "revocations=str(folder / 'list.json'), gate=False"),
        ("()", "trust=folder / 'trust.yaml', revocations=str(folder / 'list.json')"),
        ("()", "trust=folder / 'trust.yaml', archive=True"),
    ],
)
def test_no_way_of_verifying_opens_a_socket_or_compiles_a_pack(folder: Path, keys: str, more: str) -> None:
    outcome, others, ours = run(folder, BY_API.format(keys=keys, more=more))
    assert outcome == "True 2"
    assert HEAVY.isdisjoint(others)
    assert not [name for name in ours if name.startswith(("weightgate.decide", "weightgate.policy.comp"))]


def test_only_a_url_that_is_named_opens_a_socket(folder: Path) -> None:
    more = "revocations='http://127.0.0.1:9/list'"
    ended = subprocess.run(
        [sys.executable, "-c", FORBID + BY_API.format(keys="folder / 'gate.pub'", more=more), str(folder)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ended.stderr.startswith(("socket.", "urllib.")), ended.stderr
