"""``--disclose minimal`` and ``--openings``, from the command line to the auditor."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import weightgate
from tests.cli.commands import ALLOWED, prepare
from tests.cli.shell import Shell, clean

MINIMAL = ["--disclose", "minimal", "--openings", "open.jsonl"]
ATTEST = ["attest", "decision.json", "--key", "key.pem", "-o", "a.json"]
VERIFY = ["verify", "a.json", "--key", "key.pem.pub"]


def state(report: dict[str, Any], check: str) -> str:
    return str(next(c["state"] for c in report["checks"] if c["id"] == check))


def detail(report: dict[str, Any], check: str) -> str:
    return str(next(c["detail"] for c in report["checks"] if c["id"] == check))


def lines(shell: Shell) -> dict[str, str]:
    """The openings' lines, by item."""
    text = (shell.folder / "open.jsonl").read_text()
    return {json.loads(line)["item"]: line for line in text.splitlines()}


@pytest.fixture
def made(shell: Shell) -> Shell:
    prepare(shell)
    done = shell.here(*ATTEST, "--model", "./m", *MINIMAL, "--output", "json")
    assert done.code == 0, done.err
    assert (done.json["disclosure"], done.json["openings"]) == ("minimal", "open.jsonl")
    return shell


def test_the_model_may_be_named_by_its_signature(shell: Shell) -> None:
    prepare(shell)
    words = [*ATTEST, *MINIMAL, "--model-key", "key.pem.pub", "--output", "json"]
    done = shell.here(*words, "--model", "sig:m.sig")
    assert (done.code, done.json["model_inspected"]) == (0, True), done.err
    done = shell.here(*words, "--model", "./m")
    assert (done.code, done.error["code"]) == (4, "model_key")


def test_a_stranger_verifies_and_replays_it_without_any_secret(made: Shell) -> None:
    done = made.here(*VERIFY, "--replay", "--output", "json")
    assert (done.code, done.json["verdict"], done.json["replay"]["same"]) == (0, "allow", True)
    assert state(done.json, "disclosure") == "not_established"
    assert "minimal: " in detail(done.json, "disclosure")


def test_the_report_in_words_says_what_is_disclosed_only_in_part(made: Shell) -> None:
    page = made.here(*VERIFY).out
    assert "not established: disclosure: minimal: of facts it says only:" in page
    explained = made.here("explain", "a.json").out
    assert "each fact is said only as far as the verdict needs it" in " ".join(explained.split())


def test_the_openings_are_for_the_signer_alone(made: Shell) -> None:
    mode = (made.folder / "open.jsonl").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_one_line_of_them_shows_one_value(made: Shell) -> None:
    made.write("one.jsonl", lines(made)["model.openness"] + "\n")
    done = made.here(*VERIFY, "--opening", "one.jsonl", "--output", "json")
    assert (done.code, state(done.json, "disclosure")) == (0, "established")
    assert detail(done.json, "disclosure").startswith("opened: model.openness was closed; minimal: ")


def test_openings_of_several_files_count_together(made: Shell) -> None:
    made.write("one.jsonl", lines(made)["model.openness"])
    made.write("two.jsonl", lines(made)["operator.digest"])
    done = made.here(
        *VERIFY,
        "--opening",
        "one.jsonl",
        "--opening",
        "two.jsonl",
        "--operator",
        "jp.yaml",
        "--output",
        "json",
    )
    assert (state(done.json, "disclosure"), state(done.json, "operator")) == ("established", "established")


def test_a_gate_wants_the_operator_opened(made: Shell) -> None:
    gate = ["--gate", "--model", "./m", "--to", "JP", "--operator", "jp.yaml", "--activity", "host"]
    assert made.here(*VERIFY, *gate).code == 6
    made.write("one.jsonl", lines(made)["operator.digest"])
    assert made.here(*VERIFY, *gate, "--opening", "one.jsonl").code == 0


def test_a_line_that_was_changed_opens_nothing(made: Shell) -> None:
    made.write("one.jsonl", lines(made)["model.openness"].replace('"closed"', '"restricted"'))
    done = made.here(*VERIFY, "--opening", "one.jsonl", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "disclosure")


def test_a_file_of_something_else_is_no_opening(made: Shell) -> None:
    for name in ("decision.json", "key.pem.pub", "a.json"):
        done = made.here(*VERIFY, "--opening", name, "--output", "json")
        assert done.code == 4
        assert done.error["where"].startswith(name)


def test_check_discloses_minimally_too(shell: Shell) -> None:
    prepare(shell)
    done = shell.here("check", "./m", *ALLOWED, "--attest", "a.json", "--key", "key.pem", *MINIMAL)
    assert done.code == 0, done.err
    assert state(shell.here(*VERIFY, "--output", "json").json, "disclosure") == "not_established"
    assert str(shell.folder) not in (shell.folder / "a.json").read_text()
    assert "decision" in lines(shell)


def test_a_denial_is_attested_minimally_too(shell: Shell) -> None:
    prepare(shell)
    asked = ["check", "./m", "--to", "CN", "--facts", "closed.yaml", "--operator", "jp.yaml"]
    done = shell.here(*asked, "--attest", "a.json", "--key", "key.pem", *MINIMAL)
    assert done.code == 1
    assert shell.here(*VERIFY, "--replay").code == 1


def test_guard_discloses_minimally_too(shell: Shell) -> None:
    prepare(shell)
    signed = ["--attest", "a.json", "--key", "key.pem", *MINIMAL]
    done = shell("guard", "./m", *ALLOWED, *signed, "--", "true")
    assert done.code == 0, done.err
    assert "model.openness" in lines(shell)


def test_full_is_the_default_and_can_be_said(shell: Shell) -> None:
    prepare(shell)
    for words in ((), ("--disclose", "full")):
        done = shell.here(*ATTEST, *words, "--output", "json")
        assert (done.code, done.json["disclosure"], done.json["openings"]) == (0, "full", None)
        report = shell.here(*VERIFY, "--output", "json").json
        assert (state(report, "disclosure"), detail(report, "disclosure")) == ("established", "in full")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--disclose", "minimal"], "openings_missing"),
        (["--openings", "open.jsonl"], "openings_unused"),
        (["--disclose", "minimum", "--openings", "open.jsonl"], "unknown_disclosure"),
        (["--disclose", "minimal", "--openings", "a.json"], "output_twice"),
        (["--disclose", "minimal", "--openings", "decision.json"], "output_over_input"),
        (["--disclose", "minimal", "--openings", "key.pem"], "output_over_input"),
        (["--disclose", "minimal", "--openings", "no/such/folder"], "unwritable"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_signed(
    shell: Shell, words: list[str], code: str
) -> None:
    prepare(shell)
    done = shell.here(*ATTEST, *words, "--output", "json")
    assert (done.code, done.error["code"]) == (4, code)
    assert not (shell.folder / "a.json").exists()


@pytest.mark.parametrize(
    "words", [["--batch"], ["--verifier-id", "https://example.com/gate"], ["--output", "predicate"]]
)
def test_a_minimal_attestation_is_one_decision_alone(shell: Shell, words: list[str]) -> None:
    prepare(shell)
    done = shell.here(*ATTEST, *MINIMAL, *words)
    assert done.code == 4
    assert f"{words[0]}" in done.err
    assert "with --disclose minimal, which signs one decision alone" in done.err
    assert not (shell.folder / "open.jsonl").exists()


def test_check_signs_no_summary_beside_a_minimal_decision(shell: Shell) -> None:
    prepare(shell)
    signed = ["--attest", "a.json", "--key", "key.pem", *MINIMAL, "--verifier-id", "https://example.com/gate"]
    done = shell.here("check", "./m", *ALLOWED, *signed, "--output", "json")
    assert (done.code, done.error["code"]) == (4, "minimal_alone")


def test_a_bundle_discloses_minimally_too(shell: Shell) -> None:
    prepare(shell)
    assert shell.here(*ATTEST, *MINIMAL, "--bundle").code == 0
    shell.write("one.jsonl", lines(shell)["model.openness"])
    done = shell.here(*VERIFY, "--replay", "--opening", "one.jsonl", "--output", "json")
    assert (done.code, state(done.json, "disclosure")) == (0, "established")


def test_a_way_to_disclose_without_an_attestation_asks_for_nothing(shell: Shell) -> None:
    done = shell.here("check", "./m", *ALLOWED, *MINIMAL, "--output", "json")
    assert (done.code, done.error["code"]) == (4, "nothing_to_disclose")
    assert not (shell.folder / "open.jsonl").exists()


def test_openings_are_not_written_into_the_model(shell: Shell) -> None:
    prepare(shell)
    done = shell.here(
        *ATTEST, "--model", "./m", "--disclose", "minimal", "--openings", "m/open", "--output", "json"
    )
    assert (done.code, done.error["code"]) == (4, "output_inside_model")


@pytest.mark.parametrize(
    "words",
    [
        ["--replay", "a.json"],
        ["a.json", "--replay"],
        ["a.json", "--replay=inside"],
        ["--replay", "inside", "a.json"],
    ],
)
def test_a_replay_with_a_value_or_without_one(made: Shell, words: list[str]) -> None:
    done = made.here("verify", "--key", "key.pem.pub", *words, "--output", "json")
    assert (done.code, set(done.json["replay"])) == (0, {"same", "engine", "attested_engine", "differences"})


def test_no_replay_unless_it_is_asked(made: Shell) -> None:
    assert made.here(*VERIFY, "--output", "json").json["replay"] is None


@pytest.mark.parametrize("words", [["--replay=model"], ["--replay", "model"]])
def test_a_replay_of_the_model(made: Shell, words: list[str]) -> None:
    done = made.here(*VERIFY, *words, "--model", "./m", "--output", "json")
    assert (done.code, done.json["replay"]["model"]["same"], done.json["replay"]["model"]["facts"]) == (
        0,
        True,
        [],
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--replay=model"], "model_missing"),
        (["--replay=outside"], "unknown_replay"),
        (["--replay="], "empty_option"),
        (["--replay", "--replay=model"], "given_twice"),
    ],
)
def test_a_replay_that_makes_no_sense(made: Shell, words: list[str], code: str) -> None:
    done = made.here(*VERIFY, *words, "--output", "json")
    assert (done.code, done.error["code"]) == (4, code)


PROGRAM = """
import sys

opened = set()

def watch(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.", "subprocess.", "os.exec", "os.posix_spawn")):
        raise SystemExit(f"{event} {arguments}")
    if event == "open" and isinstance(arguments[0], str):
        opened.add(arguments[0])

from weightgate.cli.main import run
sys.addaudithook(watch)
code = run(sys.argv[1:])
print(code, file=sys.stderr)
print(*sorted(opened), sep="\\n", file=sys.stderr)
"""


def test_a_replay_opens_no_socket_and_reads_nothing_but_what_it_is_given(made: Shell) -> None:
    """Beside the attestation and the key: the program's own files, and its cache of compiled packs."""
    for name in ("decision.json", "closed.yaml", "jp.yaml", "open.jsonl"):
        (made.folder / name).unlink()
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *VERIFY, "--replay", "--output", "json"],
        cwd=made.folder, env=clean() | made.env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert json.loads(ended.stdout)["replay"]["same"] is True
    code, *opened = ended.stderr.splitlines()
    assert code == "0"
    folders: list[str | Path] = [
        sys.base_prefix,
        made.env["XDG_CACHE_HOME"],
        Path(weightgate.__file__).parents[1],
        *sys.path,
    ]
    own = tuple(str(Path(folder).resolve()) for folder in folders if folder)
    others = {name for name in opened if not str(Path(made.folder, name).resolve()).startswith(own)}
    assert {Path(name).name for name in others if not name.startswith(("/dev/", "/proc/"))} <= {
        "a.json",
        "key.pem.pub",
    }
