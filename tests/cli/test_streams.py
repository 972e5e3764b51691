"""Streams that are full, closed or without a reader: a lost result is never a verdict."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest

from tests.cli.commands import ALLOWED, WORKING, prepare, words_of
from tests.cli.shell import MODULE, Shell, clean
from weightgate.cli.text import on_terminal, put, silence

ALLOW = ["check", "./m", *ALLOWED]
ERROR = ["check", "./m", "--to", "QQ"]
FULL = Path("/dev/full")


def run(shell: Shell, words: list[str], redirect: str) -> tuple[int, str, str]:
    """Run a command as a shell does that closes or redirects its streams; what it printed beside that."""
    script = f'exec "$@" {redirect}'
    done = subprocess.run(
        ["/bin/sh", "-c", script, "sh", *MODULE, *words],
        cwd=shell.folder, env=clean() | shell.env, capture_output=True, text=True, timeout=60, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("redirect", [">/dev/full", ">&-"])
@pytest.mark.parametrize("name", [name for name in WORKING if name != "guard"])
def test_a_result_that_cannot_be_printed_is_exit_4(shell: Shell, name: str, redirect: str) -> None:
    prepare(shell)
    code, _, err = run(shell, words_of(name, "--output", "json"), redirect)
    assert code == 4
    assert err.startswith("error: cannot write: ")
    assert "\n  at: stdout\n" in err


@pytest.mark.parametrize("redirect", [">/dev/full", ">&-"])
def test_text_that_cannot_be_printed_is_exit_4(shell: Shell, redirect: str) -> None:
    code, _, err = run(shell, ALLOW, redirect)
    assert (code, err.startswith("error: cannot write: ")) == (4, True)


def test_help_that_cannot_be_printed_is_no_defect(shell: Shell) -> None:
    for words in (["--help"], ["check", "--help"], ["--version"]):
        code, _, err = run(shell, words, ">/dev/full")
        assert (code, err) == (4, "error: cannot write: No space left on device\n  at: stdout\n")


def test_files_of_a_run_whose_result_is_lost_hold_the_error(shell: Shell) -> None:
    words = [*ALLOW, "--output", "json", "--output", "json=d.json"]
    assert run(shell, words, ">/dev/full")[0] == 4
    assert '"code": "unwritable"' in (shell.folder / "d.json").read_text()


@pytest.mark.parametrize("redirect", ["2>/dev/full", "2>&-"])
@pytest.mark.parametrize(
    ("words", "code"),
    [(ALLOW, 0), (ERROR, 4), (["check", "./none", "--to", "JP"], 5), (["policy", "list"], 0)],
)
def test_an_unreadable_stderr_changes_no_exit_code(
    shell: Shell, words: list[str], code: int, redirect: str
) -> None:
    got, out, err = run(shell, words, redirect)
    assert (got, err, "error" in out) == (code, "", False)


@pytest.mark.parametrize("redirect", [">/dev/full", ">&-"])
def test_an_error_that_cannot_be_printed_as_json_is_told_in_words(shell: Shell, redirect: str) -> None:
    code, _, err = run(shell, [*ERROR, "--output", "json"], redirect)
    assert (code, err.startswith("error: 'QQ' is not a country code\n")) == (4, True)


@pytest.mark.parametrize("redirect", [">&- 2>&-", ">/dev/full 2>/dev/full", "<&- >&- 2>&-"])
def test_with_no_stream_at_all_only_the_code_is_left(shell: Shell, redirect: str) -> None:
    for words, code in ((ERROR, 4), (ALLOW, 4), ([*ALLOW, "--output", "json=d.json"], 0)):
        assert run(shell, words, redirect) == (code, "", "")


@pytest.mark.parametrize("redirect", ["2>/dev/full", "2>&-", "<&-", "<&- 2>&-"])
def test_guard_s_command_runs_and_is_refused_without_a_stderr(shell: Shell, redirect: str) -> None:
    assert run(shell, ["guard", "./m", *ALLOWED, "--", "sh", "-c", "echo ran; exit 9"], redirect)[:2] == (
        9,
        "ran\n",
    )
    assert run(
        shell, ["guard", "./m", "--to", "IR", "--facts", "closed.yaml", "--", "echo", "ran"], redirect
    )[:2] == (
        1,
        "",
    )


def test_guard_runs_nothing_when_its_result_is_lost(shell: Shell) -> None:
    words = ["guard", "./m", *ALLOWED, "--output", "json", "--", "touch", "ran"]
    code, _, err = run(shell, words, ">/dev/full")
    assert (code, err.splitlines()[-1]) == (4, "weightgate: refused (error)")
    assert not (shell.folder / "ran").exists()


def test_names_are_not_read_from_a_stdin_that_is_closed(shell: Shell) -> None:
    code, _, err = run(shell, ["region", "resolve", "-"], "<&-")
    assert (code, err.splitlines()[0]) == (4, "error: stdin is closed")
    assert run(shell, ["keys", "generate", "-o", "new.pem"], "<&-")[0] == 0


def test_writing_says_why_it_could_not() -> None:
    stream = io.StringIO()
    assert (put(stream, "text"), stream.getvalue()) == ("", "text")
    assert put(None, "text") == "it is closed"
    with FULL.open("w") as full:
        assert put(full, "text") == "No space left on device"
        assert put(full, "more") == ""
    stream.close()
    assert "closed" in put(stream, "text")
    silence(stream)
    assert not on_terminal(None)
