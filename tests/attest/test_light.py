"""Verification in a fresh process: no network, and none of the heavy libraries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.attest.samples import KEY, decide, sign

PROGRAM = """
import sys

def forbid(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.", "subprocess.", "os.exec", "os.posix_spawn")):
        raise SystemExit(f"{event} {arguments}")

sys.addaudithook(forbid)

from datetime import datetime
from pathlib import Path
from weightgate.signing.keys import load_public
from weightgate.attest.verify import verify
from weightgate.decide.again import decide_again

raw, key = Path(sys.argv[1]).read_bytes(), load_public(Path(sys.argv[2]))
report = verify(raw, keys=[key], at=datetime.fromisoformat("2026-03-14T09:30:00Z"), decide_again=decide_again)
print(report.genuine, report.exit)
print(*sorted(m for m in sys.modules if "." not in m))
"""
HEAVY = {
    "huggingface_hub",
    "securesystemslib",
    "rich",
    "asyncio",
    "http",
    "ssl",
    "socket",
    "urllib3",
    "requests",
}


def test_verify_opens_no_socket_and_imports_nothing_heavy(tmp_path: Path) -> None:
    attestation, public = tmp_path / "a.json", tmp_path / "gate.pub"
    attestation.write_bytes(sign(decide("DE", "AE")))
    public.write_bytes(KEY.public.pem())
    # The pack was compiled when the decision was made, so not even a replay needs pydantic or CEL.
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(attestation), str(public)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    outcome, modules = ended.stdout.splitlines()
    assert outcome == "True 2"
    assert HEAVY.isdisjoint(modules.split())
