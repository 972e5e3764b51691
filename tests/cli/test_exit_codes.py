from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.commands import LATER, WORKING, leaves, prepare, prepare_trust, words_of
from tests.cli.shell import MODULE, Shell, clean
from weightgate.signing.keys import load_private

# Breaks one internal function in a process that is about to start.
BREAK = """
from weightgate.cli import output
def broken(*_, **__):
    raise {error}
output.{function} = broken
"""


def broken(shell: Shell, function: str, error: str = "ZeroDivisionError('a defect')") -> Shell:
    """A shell whose commands fail inside."""
    folder = shell.folder / "broken"
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(BREAK.format(function=function, error=error), encoding="utf-8")
    return Shell(shell.folder, {**shell.env, "PYTHONPATH": str(folder)})


def test_the_tests_know_every_command() -> None:
    assert sorted(leaves()) == sorted([*WORKING, *LATER])


@pytest.mark.parametrize("name", WORKING)
def test_every_command_works_in_text_and_json(shell: Shell, name: str) -> None:
    prepare(shell)
    done = shell.here(*words_of(name))
    assert (done.code, "error" in done.err) == (0, False), done.err
    (shell.folder / "new.pem").unlink(missing_ok=True)
    (shell.folder / "new.pem.pub").unlink(missing_ok=True)
    (shell.folder / "new.db").unlink(missing_ok=True)
    (shell.folder / "new-trust.yaml").unlink(missing_ok=True)
    prepare_trust(shell, load_private(shell.folder / "key.pem"))
    shutil.rmtree(shell.folder / "mine", ignore_errors=True)
    as_json = shell.here(*words_of(name, "--output", "json"))
    assert as_json.code == 0
    assert isinstance(as_json.json, dict | list)


@pytest.mark.parametrize("name", WORKING)
def test_a_defect_is_exit_70_and_one_line(shell: Shell, name: str) -> None:
    made_before = (
        "attest",
        "declare",
        "verify",
        "explain",
        "keys show",
        "policy impact",
        "revoke",
        "model sign",
        "model verify",
    )
    if name in made_before or name.startswith(("trust ", "ledger ")):
        prepare(shell)
    done = broken(shell, "emit")(*words_of(name))
    assert done.code == 70
    lines = done.err.splitlines()
    assert lines[0].startswith("internal error: ZeroDivisionError: a defect (")
    assert lines[1:] == (["weightgate: refused (error)"] if name == "guard" else [])
    assert done.out == ""


@pytest.mark.parametrize("name", WORKING)
def test_a_defect_is_exit_70_in_json(shell: Shell, name: str) -> None:
    done = broken(shell, "parse_outputs")(*words_of(name, "--output", "json"))
    assert (done.code, done.json["exit"]) == (70, 70)
    assert done.json["schema"] == "weightgate/error/v1"
    assert done.error["code"] == "internal"
    assert "ZeroDivisionError: a defect" in done.error["message"]


@pytest.mark.parametrize(
    "error", ["KeyError('x')", "RecursionError()", "MemoryError()", "AssertionError()", "OSError(5, 'io')"]
)
def test_any_exception_is_a_defect(shell: Shell, error: str) -> None:
    done = broken(shell, "parse_outputs", error)(*words_of("region resolve"))
    assert done.code == 70
    assert done.err.startswith(f"internal error: {error.partition('(')[0]}")


def test_the_traceback_is_there_when_it_is_asked_for(shell: Shell) -> None:
    env = clean() | broken(shell, "parse_outputs").env | {"WEIGHTGATE_DEBUG": "1"}
    done = subprocess.run(
        [*MODULE, *words_of("policy list")],
        cwd=shell.folder, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 70
    assert "Traceback (most recent call last)" in done.stderr
    assert "in broken" in done.stderr


def test_an_interrupt_is_exit_130(shell: Shell) -> None:
    done = broken(shell, "parse_outputs", "KeyboardInterrupt")(*words_of("policy list"))
    assert (done.code, done.err.strip()) == (130, "weightgate: interrupted")
    guard = broken(shell, "parse_outputs", "KeyboardInterrupt")(*words_of("guard"))
    assert (guard.code, guard.last) == (130, "weightgate: refused (error)")


@pytest.mark.parametrize("name", LATER)
def test_what_is_not_built_yet_says_so(shell: Shell, name: str) -> None:
    for words in (["x", "--flag", "value"], []):
        done = shell.here(*name.split(), *words, "--output", "json")
        assert (done.code, done.json["exit"]) == (4, 4)
        assert done.error["code"] == "not_available_yet"
        assert done.error["message"] == f"weightgate {name} is not available yet"


@pytest.mark.parametrize("name", WORKING)
def test_the_option_parser_s_own_error_is_exit_4(shell: Shell, name: str) -> None:
    done = shell.here(*name.split(), "--no-such-option")
    assert done.code == 4
    assert "--no-such-option" in done.err
    assert f"see weightgate {name} --help" in done.err
    as_json = shell.here(*name.split(), "--no-such-option", "--output", "json")
    assert (as_json.code, as_json.error["code"]) == (4, "usage")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["check", "./m", "--to", "XX"], 4),
        (["check", "./none", "--to", "DE"], 5),
        (["check", "./m", "--to", "DE", "--digest", "sha256:" + "0" * 64], 6),
        (["explain", "none.json"], 4),
        (["verify", "m/config.json", "--key", "key.pem.pub"], 4),
        (["attest", "jp.yaml", "--key", "key.pem", "-o", "x"], 4),
        (["keys", "generate", "-o", "key.pem"], 4),
        (["keys", "show", "none.pem"], 4),
        (["model", "digest", "./none"], 5),
        (["model", "digest", "-"], 4),
        (["inspect", "./none"], 5),
        (["policy", "show", "nothing"], 4),
        (["nothing"], 4),
        (["policy", "nothing"], 4),
    ],
)
def test_errors_have_one_code_in_every_format(shell: Shell, words: list[str], code: int) -> None:
    prepare(shell)
    in_words, as_json = shell.here(*words), shell.here(*words, "--output", "json")
    assert (in_words.code, as_json.code, as_json.json["exit"]) == (code, code, code)
    assert sorted(as_json.error) == ["code", "hint", "message", "where"]
    assert in_words.err.startswith("error: ")
    assert in_words.out == ""


def test_no_words_at_all_is_exit_4_with_the_help(shell: Shell) -> None:
    done = shell.here()
    assert (done.code, done.out) == (4, "")
    assert "Usage: weightgate" in done.err
    group = shell.here("policy")
    assert group.code == 4
    assert "Usage: weightgate policy" in group.err


def test_the_console_script_is_the_same_command(shell: Shell) -> None:
    import sys

    script = Path(sys.executable).parent / "weightgate"
    done = subprocess.run(
        [script, "--version"], capture_output=True, text=True, check=False, env=clean(), cwd=shell.folder
    )
    assert (done.returncode, done.stdout.split()[0]) == (0, "weightgate")
    assert shell("--version").out == done.stdout
