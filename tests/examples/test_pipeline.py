"""The training pipeline: what stands behind the gate runs only when the decision lets it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.examples.conftest import EXAMPLES
from weightgate.errors import Exit


def pipeline(work: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it."""
    script = EXAMPLES / "training_pipeline.py"
    return subprocess.run(
        [sys.executable, script, work, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def made(work: Path) -> set[str]:
    """What there is in the end."""
    return {path.name for path in work.iterdir()}


def test_a_small_fine_tune_is_made_and_deployed(tmp_path: Path, environment: dict[str, str]) -> None:
    done = pipeline(tmp_path, environment)
    assert (done.returncode, done.stderr) == (Exit.OK, "")
    assert done.stdout == "fine-tune: allow\ndeployed to serving\n"
    tuned = (tmp_path / "tuned" / "model.safetensors").read_bytes()
    assert (tmp_path / "serving" / "model.safetensors").read_bytes() == tuned


def test_it_really_trains(tmp_path: Path, environment: dict[str, str]) -> None:
    assert pipeline(tmp_path, environment).returncode == Exit.OK
    base = load_file(tmp_path / "base" / "model.safetensors")["linear.weight"]
    tuned = load_file(tmp_path / "tuned" / "model.safetensors")["linear.weight"]
    random = np.random.default_rng(1)
    random.normal(size=(256, 16))
    assert np.allclose(base, random.normal(size=16), atol=1e-6)
    assert not np.allclose(base, tuned, atol=0.1)


@pytest.mark.parametrize(("steps", "code"), [(250, Exit.OK), (251, Exit.LICENSE_REQUIRED)])
def test_more_than_a_quarter_of_the_base_needs_a_licence(
    tmp_path: Path, environment: dict[str, str], steps: int, code: Exit
) -> None:
    done = pipeline(tmp_path, environment, "--steps", str(steps))
    assert done.returncode == code
    assert ("tuned" in made(tmp_path)) == (code == Exit.OK)
    assert ("stopped: license_required: fine_tune" in done.stderr) == (code != Exit.OK)


def test_it_is_not_deployed_to_tier_3(tmp_path: Path, environment: dict[str, str]) -> None:
    done = pipeline(tmp_path, environment, "--to", "azure/chinanorth3")
    assert done.returncode == Exit.DENY
    assert "stopped: deny: host" in done.stderr
    assert made(tmp_path) == {"base", "tuned"}


def test_an_unknown_region_deploys_nothing(tmp_path: Path, environment: dict[str, str]) -> None:
    done = pipeline(tmp_path, environment, "--to", "aws/nowhere")
    assert done.returncode == Exit.INPUT
    assert "unknown region 'nowhere' of aws" in done.stderr
    assert "serving" not in made(tmp_path)
