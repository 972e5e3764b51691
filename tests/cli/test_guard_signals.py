from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.commands import ALLOWED
from tests.cli.shell import MODULE, Shell, clean

# Says that it is ready, then notes the signal it gets and ends with a code of its own.
WAIT = """
import signal, sys, time
def note(number, _):
    open("signal", "w").write(str(number))
    sys.exit(33)
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) is not signal.SIG_IGN or "keep" not in sys.argv:
        signal.signal(number, note)
open("ready", "w").close()
time.sleep(float(sys.argv[1]))
"""

# Whoever runs the tests may ignore signals, as a shell does for what it runs in the background; a shell started under
# that cannot undo it.
RESET = """
import os, signal, sys
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
"""


def start(shell: Shell, *command: str, before: str = "true") -> subprocess.Popen[bytes]:
    """A guard in a process group of its own, whose command is ready."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", RESET, "sh", "-c", f'{before}; exec "$@"', "sh", *MODULE),
            *("guard", "./m", *ALLOWED, "--result", "r.json", "--", *command),
        ],
        cwd=shell.folder, env=clean() | shell.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    until = time.monotonic() + 30
    while not (shell.folder / "ready").exists():
        assert time.monotonic() < until, "the command did not start"
        time.sleep(0.02)
    return process


def end(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Exit code and last line on stderr."""
    _, err = process.communicate(timeout=30)
    return process.returncode, err.decode().splitlines()[-1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_is_passed_on(shell: Shell, number: int) -> None:
    process = start(shell, sys.executable, "-c", WAIT, "30")
    os.kill(process.pid, number)
    assert end(process) == (33, "weightgate: command exited 33")
    assert (shell.folder / "signal").read_text() == str(int(number))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV])
def test_a_command_that_a_signal_ends_is_128_and_its_number(shell: Shell, number: int) -> None:
    code = f"import os; os.kill(os.getpid(), {int(number)})"
    done = shell("guard", "./m", *ALLOWED, "--", sys.executable, "-c", code)
    assert (done.code, done.last) == (128 + number, f"weightgate: command exited {128 + number}")


def test_what_our_parent_ignores_the_command_ignores_too(shell: Shell) -> None:
    process = start(shell, sys.executable, "-c", WAIT, "1", "keep", before="trap '' HUP")
    os.kill(process.pid, signal.SIGHUP)
    assert end(process) == (0, "weightgate: command exited 0")
    assert not (shell.folder / "signal").exists()


def test_the_result_says_started_while_the_command_runs(shell: Shell) -> None:
    import json

    process = start(shell, sys.executable, "-c", WAIT, "30")
    running = json.loads((shell.folder / "r.json").read_text())
    assert (running["started"], running["command_exit"]) == (True, None)
    os.kill(process.pid, signal.SIGTERM)
    end(process)
    assert json.loads((shell.folder / "r.json").read_text())["command_exit"] == 33


def test_the_command_s_streams_are_ours(shell: Shell) -> None:
    code = "import sys; sys.stdout.write(sys.stdin.read().upper()); sys.stderr.write('noise\\n')"
    done = shell("guard", "./m", *ALLOWED, "--", sys.executable, "-c", code, stdin="through\n")
    assert done.out == "THROUGH\n"
    assert done.err.splitlines()[-2:] == ["noise", "weightgate: command exited 0"]


def test_a_relative_command_is_looked_for_in_the_working_folder(shell: Shell) -> None:
    script = Path(shell.folder, "deploy.sh")
    script.write_text("#!/bin/sh\nexit 5\n", encoding="utf-8")
    script.chmod(0o755)
    assert shell("guard", "./m", *ALLOWED, "--", "./deploy.sh").code == 5
