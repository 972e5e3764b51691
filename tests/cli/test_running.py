from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from weightgate.cli.running import FORWARDED, run_forwarding
from weightgate.errors import UsageError


def python(code: str) -> list[str]:
    """A command that runs some Python."""
    return [sys.executable, "-c", code]


@pytest.mark.parametrize("code", [0, 1, 42, 255])
def test_the_exit_code_is_the_program_s(code: int) -> None:
    started: list[int] = []
    ended = run_forwarding(python(f"raise SystemExit({code})"), dict(os.environ), lambda: started.append(1))
    assert (ended, started) == (code, [1])


def test_the_environment_is_the_one_given(tmp_path: Path) -> None:
    target = tmp_path / "seen"
    code = f"import os; open({str(target)!r}, 'w').write(os.environ['ONLY'] + os.environ.get('HOME', ''))"
    assert run_forwarding(python(code), {"ONLY": "this"}, lambda: None) == 0
    assert target.read_text() == "this"


@pytest.mark.parametrize("command", ["", "no-such-program", "/", "a\0b"])
def test_what_cannot_be_started_is_an_error_and_nothing_started(command: str) -> None:
    started: list[int] = []
    with pytest.raises(UsageError) as caught:
        run_forwarding([command], dict(os.environ), lambda: started.append(1))
    assert (caught.value.code, caught.value.exit, started) == ("cannot_start", 4, [])
    assert repr(command) in caught.value.message


def test_signals_are_handled_as_before_afterwards() -> None:
    before = [signal.getsignal(number) for number in FORWARDED]
    run_forwarding(python("pass"), dict(os.environ), lambda: None)
    with pytest.raises(UsageError):
        run_forwarding(["no-such-program"], dict(os.environ), lambda: None)
    assert [signal.getsignal(number) for number in FORWARDED] == before


def test_a_signal_that_comes_before_the_program_runs_reaches_it() -> None:
    def interrupt() -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    assert (
        run_forwarding(python("import time; time.sleep(30)"), dict(os.environ), interrupt)
        == 128 + signal.SIGTERM
    )
