"""Reading a trust file imports nothing heavy, and never speaks to a network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys

def forbid(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.", "subprocess.", "os.exec", "os.posix_spawn")):
        raise SystemExit(f"{event} {arguments}")

sys.addaudithook(forbid)

from pathlib import Path
from weightgate.attest.trust import read_trust

imported = {m for m in sys.modules if "." not in m}
trust = read_trust(Path(sys.argv[1]))
print(trust.version, len(trust.identities))
print(*sorted(imported))
print(*sorted(m for m in sys.modules if "." not in m))
"""
EXAMPLE = Path(__file__).parents[3] / "examples" / "trust.yaml"


def test_only_what_is_needed_is_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(EXAMPLE)], capture_output=True, text=True, check=True, timeout=60
    )
    said, imported, used = done.stdout.splitlines()
    assert said == "7 9"
    assert not {"cryptography", "yaml", "pydantic", "click"} & set(imported.split())
    assert not {"pydantic", "rich", "click", "sigstore", "securesystemslib", "huggingface_hub", "ssl"} & set(
        used.split()
    )
