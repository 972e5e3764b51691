"""Go and its golang.org/x/mod, from Debian's packages: nothing is fetched from a network while the tests run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

GOPATH = Path("/usr/share/gocode")
PACKAGE = GOPATH / "src" / "golang.org" / "x" / "mod" / "sumdb" / "note"
HERE = Path(__file__).parent


def install() -> None:
    """Install Go when it is missing.

    Raises:
        RuntimeError: It is not there, and could not be installed.
    """
    if _there():
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = ["golang-go", "golang-golang-x-mod-dev"]
        for words in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            command = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", *words]
            subprocess.run(command, env=quiet, capture_output=True, check=False)
    if not _there():
        raise RuntimeError("no Go: install Debian's packages golang-go and golang-golang-x-mod-dev")


def _there() -> bool:
    return shutil.which("go") is not None and PACKAGE.is_dir()


class GoTlog:
    """The program ``tlog.go``, running: one question, one answer."""

    def __init__(self, folder: Path) -> None:
        install()
        program = folder / "tlog"
        env = {
            **os.environ,
            "GO111MODULE": "off",
            "GOFLAGS": "",
            "GOPATH": str(GOPATH),
            "GOPROXY": "off",
            "GOCACHE": str(folder / "cache"),
            "CGO_ENABLED": "0",
        }
        built = subprocess.run(
            ["go", "build", "-o", str(program), str(HERE / "tlog.go")],
            env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert built.returncode == 0, built.stderr
        self._process = subprocess.Popen(
            [str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, *words: str | int | bytes) -> list[str]:
        """Ask, and take the words after ``ok``.

        Raises:
            ValueError: Go found an error; with its words.
        """
        said = " ".join(f"x{word.hex()}" if isinstance(word, bytes) else str(word) for word in words)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(said + "\n")
        self._process.stdin.flush()
        first, *rest = self._process.stdout.readline().rstrip("\n").split(" ")
        if first != "ok":
            raise ValueError(" ".join(rest))
        return rest

    def accepts(self, *words: str | int | bytes) -> bool:
        """Whether Go finds no error."""
        try:
            self.ask(*words)
        except ValueError:
            return False
        return True

    def end(self) -> None:
        """End the program."""
        self._process.communicate(timeout=60)
        assert self._process.returncode == 0
