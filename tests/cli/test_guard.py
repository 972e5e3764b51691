from __future__ import annotations

import json
import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import ALLOWED, prepare
from tests.cli.shell import Done, Shell

DENIED = ["--to", "IR", "--facts", "closed.yaml"]
OPEN_QUESTION = ["--to", "IN", "--facts", "closed.yaml"]
LICENSE = ["--to", "IN", "--facts", "closed.yaml", "--operator", "gb.yaml"]
CONDITIONS = ["--to", "IN", "--facts", "closed.yaml", "--operator", "secure.yaml"]

# Writes its environment and the decision that it finds to seen.json.
SEE = """
import json, os, sys
names = ("DECISION", "ATTESTATION", "DIGEST", "REVISION")
seen = {name: os.environ["WEIGHTGATE_" + name] for name in names}
path = seen["DECISION"]
seen["decision"] = json.load(open(path))
seen["mode"] = os.stat(os.path.dirname(path)).st_mode
seen["words"] = sys.argv[1:]
json.dump(seen, open("seen.json", "w"))
sys.exit(int(sys.argv[1]))
"""


def guard(shell: Shell, *words: str, code: int = 0) -> Done:
    """Guard a command that notes what it sees."""
    return shell(
        "guard", "./m", *words, "--", sys.executable, "-c", SEE, str(code), "two words", "--to", "$HOME"
    )


def seen(shell: Shell) -> dict[str, Any] | None:
    """What the command noted; nothing when it was not run."""
    path = shell.folder / "seen.json"
    return json.loads(path.read_text()) if path.exists() else None


def result(shell: Shell) -> dict[str, Any]:
    """What ``--result r.json`` holds."""
    found: dict[str, Any] = json.loads((shell.folder / "r.json").read_text())
    return found


@pytest.mark.parametrize("code", [0, 1, 3, 4, 70, 255])
def test_an_allowed_command_runs_and_its_code_is_ours(shell: Shell, code: int) -> None:
    done = guard(shell, *ALLOWED, "--result", "r.json", code=code)
    assert (done.code, done.last) == (code, f"weightgate: command exited {code}")
    assert seen(shell) is not None
    found = result(shell)
    assert (found["started"], found["command_exit"], found["enforced"]) == (True, code, True)
    assert found["decision"]["verdict"] == "allow"


@pytest.mark.parametrize(
    ("options", "verdict", "code"),
    [(DENIED, "deny", 1), (LICENSE, "license_required", 2), (OPEN_QUESTION, "indeterminate", 3)],
)
def test_a_refused_command_is_not_run(shell: Shell, options: list[str], verdict: str, code: int) -> None:
    done = guard(shell, *options, "--result", "r.json")
    assert (done.code, done.last) == (code, f"weightgate: refused ({verdict})")
    assert seen(shell) is None
    found = result(shell)
    assert (found["started"], found["command_exit"]) == (False, None)
    assert found["decision"]["verdict"] == verdict


def test_conditions_are_good_enough_unless_they_are_not(shell: Shell) -> None:
    assert guard(shell, *CONDITIONS).last == "weightgate: command exited 0"
    (shell.folder / "seen.json").unlink()
    done = guard(shell, *CONDITIONS, "--no-conditions")
    assert done.last == "weightgate: refused (allow_with_conditions)"
    assert seen(shell) is None
    assert guard(shell, *ALLOWED, "--no-conditions").last == "weightgate: command exited 0"


def test_the_command_gets_its_words_without_a_shell(shell: Shell) -> None:
    guard(shell, *ALLOWED)
    found = seen(shell)
    assert found is not None
    assert found["words"] == ["0", "two words", "--to", "$HOME"]


def test_the_command_finds_the_decision_in_a_private_folder_that_goes_away(shell: Shell) -> None:
    guard(shell, *ALLOWED)
    found = seen(shell)
    assert found is not None
    assert found["decision"]["verdict"] == "allow"
    assert found["DIGEST"] == found["decision"]["model"]["digest"] != ""
    assert (found["ATTESTATION"], found["REVISION"]) == ("", "")
    assert stat.S_IMODE(found["mode"]) == 0o700
    assert not Path(found["DECISION"]).parent.exists()


def test_the_command_finds_the_files_that_were_asked_for(shell: Shell) -> None:
    prepare(shell)
    signed = ["--attest", "a.json", "--key", "key.pem"]
    guard(shell, *ALLOWED, "--output", "json=d.json", *signed)
    found = seen(shell)
    assert found is not None
    assert found["DECISION"] == str(shell.folder / "d.json")
    assert found["ATTESTATION"] == str(shell.folder / "a.json")
    assert shell.here("verify", "a.json", "--key", "key.pem.pub", "--model", "./m").code == 0


def test_a_refusal_is_attested_too(shell: Shell) -> None:
    prepare(shell)
    done = guard(shell, *DENIED, "--attest", "a.json", "--key", "key.pem")
    assert done.code == 1
    assert shell.here("verify", "a.json", "--key", "key.pem.pub").code == 1


def test_stdout_belongs_to_the_command_unless_a_format_is_asked_for(shell: Shell) -> None:
    plain = shell("guard", "./m", *ALLOWED, "--", "echo", "mine")
    assert plain.out == "mine\n"
    assert plain.err.startswith("us-ai-diffusion-draft 1.0.0 (superseded): ALLOW\n")
    as_json = shell("guard", "./m", *ALLOWED, "--output", "json", "--", "true")
    assert as_json.json["verdict"] == "allow"
    assert as_json.err == "weightgate: command exited 0\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["./m", "--to", "QQ"], 4),
        (["./m", "--no-such-option"], 4),
        (["./none", "--to", "DE"], 5),
        (["./m", *ALLOWED, "--digest", "sha256:" + "0" * 64], 6),
        (["./m", *ALLOWED, "--output", "html"], 4),
    ],
)
def test_an_error_always_refuses(shell: Shell, words: list[str], code: int) -> None:
    shell.write("r.json", '{"schema": "weightgate/guard/v1", "started": true}')
    done = shell("guard", *words, "--result", "r.json", "--", "touch", "ran")
    assert (done.code, done.last) == (code, "weightgate: refused (error)")
    assert not (shell.folder / "ran").exists()
    found = result(shell)
    assert (found["started"], found["command_exit"], found["decision"]) == (False, None, None)
    assert found["exit"] == code
    warned = shell(
        "guard", *words, "--insecure-warn-until", _day(1), "--output", "json", "--", "touch", "ran"
    )
    assert (warned.code, warned.json["exit"]) == (code, code)
    assert warned.last == "weightgate: refused (error)"
    assert not (shell.folder / "ran").exists()


@pytest.mark.parametrize(
    "words", [["./m", *ALLOWED], ["./m", *ALLOWED, "--"], [*ALLOWED, "--", "./m", "true"]]
)
def test_without_a_command_or_a_model_nothing_runs(shell: Shell, words: list[str]) -> None:
    done = shell("guard", *words)
    assert (done.code, done.last) == (4, "weightgate: refused (error)")


@pytest.mark.parametrize("command", ["no-such-program", "./closed.yaml", "./m", ""])
def test_a_command_that_cannot_start_is_exit_4(shell: Shell, command: str) -> None:
    done = shell("guard", "./m", *ALLOWED, "--result", "r.json", "--", command)
    assert (done.code, done.last) == (4, "weightgate: refused (error)")
    assert f"cannot start {command!r}: " in done.err
    assert not (shell.folder / "r.json").exists()


@pytest.mark.parametrize("options", [DENIED, LICENSE, OPEN_QUESTION])
def test_a_gate_that_only_warns_runs_it_and_records_so(shell: Shell, options: list[str]) -> None:
    done = guard(shell, *options, "--insecure-warn-until", _day(1), "--result", "r.json", code=9)
    assert (done.code, done.last) == (9, "weightgate: command exited 9")
    found = result(shell)
    assert (found["started"], found["command_exit"], found["enforced"]) == (True, 9, False)
    assert "not enforced until" in found["decision"]["hypothetical"]


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", ""])
def test_a_day_that_is_none_refuses(shell: Shell, day: str) -> None:
    done = guard(shell, *ALLOWED, "--insecure-warn-until", day)
    assert (done.code, done.last) == (4, "weightgate: refused (error)")
    assert seen(shell) is None


@pytest.mark.parametrize(
    ("days", "told"), [(-1, "is past"), (91, "more than 90 days ahead"), (4000, "90 days")]
)
def test_a_gate_cannot_warn_for_ever(shell: Shell, days: int, told: str) -> None:
    done = guard(shell, *DENIED, "--insecure-warn-until", _day(days))
    assert (done.code, done.last) == (4, "weightgate: refused (error)")
    assert told in done.err
    assert seen(shell) is None


@pytest.mark.parametrize("days", [0, 90])
def test_the_first_and_the_last_day_of_warning(shell: Shell, days: int) -> None:
    assert guard(shell, *DENIED, "--insecure-warn-until", _day(days)).last == "weightgate: command exited 0"


def _day(ahead: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=ahead)).isoformat()


WHAT_IFS = {
    "as_of 2025-06-01 is not today": ["--as-of", "2025-06-01"],
    "no model at hand": [],
    "insecure: the verdict is not enforced": ["--insecure-warn-until", _day(1)],
}


@pytest.mark.parametrize("why", WHAT_IFS)
def test_a_what_if_is_said_before_the_command_runs(shell: Shell, why: str) -> None:
    model = "-" if why == "no model at hand" else "./m"
    words = [*ALLOWED, *WHAT_IFS[why], "--output", "json=d.json", "--result", "r.json"]
    done = shell("guard", model, *words, "--", "sh", "-c", "echo running >&2")
    said, running, last = done.err.splitlines()
    assert said.startswith(f"weightgate: hypothetical: {why}")
    assert (running, last) == ("running", "weightgate: command exited 0")
    assert result(shell)["decision"]["hypothetical"].startswith(why)


def test_what_is_no_what_if_is_not_said_to_be_one(shell: Shell) -> None:
    assert "hypothetical" not in guard(shell, *ALLOWED).err


def test_a_status_that_somebody_exported_makes_no_what_if(shell: Shell) -> None:
    words = ["guard", "./m", *ALLOWED, "--as-of", "2025-04-01"]
    done = shell(*words, "--", "touch", "ran", WEIGHTGATE_STATUS="in-force")
    assert (done.code, done.last) == (4, "weightgate: refused (error)")
    assert "WEIGHTGATE_STATUS is 'in-force'" in done.err
    assert not (shell.folder / "ran").exists()
    said = shell(*words, "--", "true", WEIGHTGATE_STATUS="as-written")
    assert said.last == "weightgate: command exited 0"
