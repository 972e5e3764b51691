"""Another program run in our place: its streams, its exit code, and the signals that we get."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from weightgate.cli.text import put
from weightgate.errors import UsageError

FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def run_forwarding(command: list[str], environment: dict[str, str], started: Callable[[], None]) -> int:
    """Run a program without a shell, and wait for it.

    Args:
        command: The program and its arguments.
        environment: Its environment variables.
        started: Called once it runs.

    Returns:
        Its exit code; 128 and the signal's number when a signal ended it, as shells have it.

    Raises:
        UsageError: It cannot be started (code ``cannot_start``).
    """
    for stream in (sys.stdout, sys.stderr):
        put(stream, "")
    with _forwarding() as forward_to:
        try:
            process = subprocess.Popen(command, env=environment)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(
                f"cannot start {command[0]!r}: {reason}",
                where="guard",
                hint="check the name after --, and that it may be executed",
                code="cannot_start",
            ) from None
        forward_to(process)
        started()
        code = process.wait()
    return code if code >= 0 else 128 - code


@contextmanager
def _forwarding() -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """Pass signals on to a process, those included that came before it was there."""
    waiting: list[int] = []
    running: list[subprocess.Popen[bytes]] = []

    def forward(number: int, _: FrameType | None) -> None:
        if not running:
            waiting.append(number)
        elif number != signal.SIGINT or not _from_terminal():
            running[0].send_signal(number)

    def forward_to(process: subprocess.Popen[bytes]) -> None:
        running.append(process)
        for number in waiting:
            process.send_signal(number)

    before = {number: signal.getsignal(number) for number in FORWARDED}
    for number, handler in before.items():
        # What whoever started us chose to ignore (nohup), the program ignores too.
        if handler is not signal.SIG_IGN:
            signal.signal(number, forward)
    try:
        yield forward_to
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _from_terminal() -> bool:
    """Whether an interrupt comes from the terminal, which sends it to the whole foreground group, the program too."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (AttributeError, OSError, ValueError):
        return False  # stdin is closed, or no terminal
