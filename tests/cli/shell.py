"""The real command, in a process of its own or in this one."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weightgate.cli.main import run

MODULE = [sys.executable, "-m", "weightgate"]


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The error that it printed as JSON."""
        error: dict[str, Any] = self.json["error"]
        return error

    @property
    def last(self) -> str:
        """The last line on stderr."""
        return self.err.splitlines()[-1]


@dataclass(frozen=True)
class Shell:
    """A folder to run commands in.

    Attributes:
        folder: The working folder.
        env: Environment variables beside those that every test has.
    """

    folder: Path
    env: dict[str, str]

    def __call__(self, *words: str, stdin: str = "", **env: str) -> Done:
        """Run a command in a process of its own."""
        done = subprocess.run(
            [*MODULE, *words],
            cwd=self.folder,
            env=clean() | self.env | env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def here(self, *words: str) -> Done:
        """Run a command in this process, which is faster; it gets this process's environment."""
        out, err = io.StringIO(), io.StringIO()
        with chdir(self.folder), redirect_stdout(out), redirect_stderr(err):
            code = run(words)
        return Done(code, out.getvalue(), err.getvalue())

    def write(self, name: str, content: str) -> str:
        """Write a file, and return its name."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return name


def clean() -> dict[str, str]:
    """This process's environment without what would change a command's behaviour."""
    dropped = ("WEIGHTGATE_", "HF_", "NO_COLOR", "COLUMNS", "FORCE_COLOR")
    return {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
