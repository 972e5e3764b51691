"""A progress bar on stderr, where somebody looks at one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from weightgate.cli.text import on_terminal

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

    from weightgate.inspect.manifest import Progress

WORTH_A_BAR = 64 * 1024 * 1024
"""Bytes below which the work is over before a bar could be read."""


@contextmanager
def progress(what: str) -> Iterator[Progress | None]:
    """A function to report bytes done and bytes in all to; ``None`` when stderr is no terminal.

    Args:
        what: What is being done, in one word.
    """
    if not on_terminal(sys.stderr):
        yield None
        return
    bar = _Bar(what)
    try:
        yield bar
    finally:
        bar.close()


class _Bar:
    """Drawn from the first report on, and only for work that takes a while."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._bars: Bars | None = None

    def __call__(self, done: int, total: int) -> None:
        if self._bars is None:
            if total < WORTH_A_BAR:
                return
            self._bars = self._open()
            self._task = self._bars.add_task(self._what, total=total)
        self._bars.update(self._task, completed=done)

    def _open(self) -> Bars:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        bars = Progress(*columns, console=Console(stderr=True), transient=True)
        bars.start()
        return bars

    def close(self) -> None:
        """Take the bar away."""
        if self._bars is not None:
            self._bars.stop()
