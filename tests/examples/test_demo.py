"""The demo shows what it says it shows, and fails when it does not."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from examples import demo as running
from examples.demo_models import CLOSED, OPEN, TOKEN, WEIGHTS, change_weights, put_models
from examples.demo_steps import ATTESTATION, CHANGED, CHECKS, FORGED, GUARDS, SIGNING, Step
from tests.examples.conftest import ROOT
from tests.hub import LocalHub

STEPS = (*CHECKS, *GUARDS, *SIGNING, FORGED, CHANGED)
KEYS = Step("a key", "", "keys generate -o k.pem", 0, "private key: k.pem")


def test_every_step_is_as_expected(demo: subprocess.CompletedProcess[str]) -> None:
    assert demo.returncode == 0, demo.stdout[-3000:] + demo.stderr
    assert demo.stderr == ""
    codes = [int(code) for code in re.findall(r"^exit code (\d+)$", demo.stdout, re.MULTILINE)]
    assert codes == [step.code for step in STEPS]


def test_the_verdicts_of_the_framework_are_all_there(demo: subprocess.CompletedProcess[str]) -> None:
    verdicts = re.findall(r"^us-ai-diffusion-draft \S+ \(\w+\): (\w+)$", demo.stdout, re.MULTILINE)
    assert verdicts == [
        "DENY",
        "ALLOW",
        "INDETERMINATE",
        "ALLOW_WITH_CONDITIONS",
        "ALLOW",
        "LICENSE_REQUIRED",
    ]


def test_openness_comes_from_the_hub_and_never_from_a_declaration(
    demo: subprocess.CompletedProcess[str],
) -> None:
    sources = set(re.findall(r"model\.(?:base_)?openness is \w+, says (\S+)", demo.stdout))
    assert {re.sub(r":\d+/", "/", source) for source in sources} == {
        f"http://127.0.0.1/{n}" for n in (OPEN, CLOSED)
    }
    assert not [step for step in STEPS if "openness" in step.command]


def test_neither_the_token_nor_the_passphrase_is_printed(demo: subprocess.CompletedProcess[str]) -> None:
    assert TOKEN not in demo.stdout
    assert "made up for the demo" not in demo.stdout


def test_the_command_that_is_refused_never_runs(demo: subprocess.CompletedProcess[str]) -> None:
    refused = demo.stdout.split("guard refuses a command", 1)[1].split("\nexit code ", 1)[0]
    assert "weightgate: refused (deny)" in refused
    assert not re.search(r"^deploying", refused, re.MULTILINE)


def test_it_runs_from_make() -> None:
    recipe = (ROOT / "Makefile").read_text().split("\ndemo:", 1)[1].split("\n\n", 1)[0]
    assert "-m examples.demo" in recipe


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (Step("t", "", KEYS.command, 3, KEYS.says), "expected exit code 3, not 0"),
        (Step("t", "", KEYS.command, 0, "no such words"), "expected 'no such words' in what was printed"),
    ],
)
def test_a_step_that_does_not_show_what_it_should_stops_the_demo(
    tmp_path: Path, local_hub: LocalHub, step: Step, message: str
) -> None:
    with pytest.raises(running.UnexpectedError, match=re.escape(message)):
        running.Demo(tmp_path, local_hub.endpoint).run(step)


def test_a_step_as_expected_is_in_the_summary(
    tmp_path: Path, local_hub: LocalHub, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = running.Demo(tmp_path, local_hub.endpoint)
    demo.run(KEYS)
    demo.summary()
    assert "1. exit 0  a key" in capsys.readouterr().out


def test_one_bit_of_the_weights_is_changed_and_nothing_else(tmp_path: Path, local_hub: LocalHub) -> None:
    put_models(local_hub, tmp_path)
    before = local_hub.hub.repos[CLOSED].files
    change_weights(local_hub)
    after = local_hub.hub.repos[CLOSED].files
    assert {name for name in before if before[name] != after[name]} == {WEIGHTS}
    old, new = before[WEIGHTS], after[WEIGHTS]
    assert isinstance(old, bytes)
    assert isinstance(new, bytes)
    assert [a ^ b for a, b in zip(old, new, strict=True) if a != b] == [1]


def test_one_character_of_the_attestation_is_changed(tmp_path: Path) -> None:
    genuine = b'{"payload": "' + b"QUJD" * 200 + b'", "signatures": []}'
    (tmp_path / ATTESTATION).write_bytes(genuine)
    running.forge(tmp_path)
    forged = (tmp_path / "forged.json").read_bytes()
    assert sum(a != b for a, b in zip(genuine, forged, strict=True)) == 1
