"""The release from declaration to revocation: each party may say what the trust file says, and no more."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.examples.conftest import EXAMPLES


def release(project: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the script on the project's model."""
    return subprocess.run(
        ["sh", str(EXAMPLES / "trusted_release.sh"), str(project / "model"), str(project / "release")],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_a_release_is_declared_decided_verified_and_taken_back(
    project: Path, environment: dict[str, str]
) -> None:
    done = release(project, environment)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert done.stdout.endswith("\nAll as expected.\n")
    outcomes = re.findall(
        r"^us-ear\S+ \S+ \(\w+\): (\w+)$|^((?:NOT )?VERIFIED\S* .*)$", done.stdout, re.MULTILINE
    )
    assert [verdict or check for verdict, check in outcomes] == [
        "INDETERMINATE",
        "ALLOW",
        "VERIFIED us-ear-ai-diffusion-2025 1.0.0 (not_enforced): ALLOW",
        "ALLOW",
        "NOT VERIFIED: authority",
        "NOT VERIFIED: revocation",
        "INDETERMINATE",
    ]
    assert "old_root: the root of trust.yaml version 1 needs 2 of root-a, root-b" in done.stdout
    assert "trust.yaml: version 2, " in done.stdout


def test_a_surprise_ends_it(project: Path, environment: dict[str, str]) -> None:
    """With a gate that allows everything the first step that must not pass is where it stops."""
    program = project / "bin" / "weightgate"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n[ \"$1 $2\" != 'trust new' ] || echo 'expires: 2099-01-01' > trust.yaml\n")
    program.chmod(0o755)
    environment["PATH"] = f"{program.parent}:{environment['PATH']}"
    done = release(project, environment)
    assert (done.returncode, done.stderr) == (1, "expected exit code 3, not 0\n")
    assert "All as expected" not in done.stdout


def test_nothing_is_written_over(project: Path, environment: dict[str, str]) -> None:
    (project / "release").mkdir()
    assert release(project, environment).returncode != 0
    assert list((project / "release").iterdir()) == []
