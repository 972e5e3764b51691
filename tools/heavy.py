"""Run heavy groups of tests, each in its own environment: ``python tools/heavy.py [GROUP…]``.

Without a group it lists them. With ``--changed`` it runs those whose files changed since ``--since`` (default: since a
day before the last commit; everything when history does not reach that far), within ``--minutes`` in all. A group that
is not run is printed as NOT RUN, with why.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import time
import venv
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Group:
    """A group of tests that ``make test`` leaves out.

    Attributes:
        name: Folder under ``tests/heavy/``; its environment is ``.venvs/NAME``, installed from ``requirements/NAME.txt``.
        minutes: Time cap, the environment's installation included.
        paths: Patterns of the files that it depends on, as :mod:`fnmatch` reads them (``*`` crosses folders).
    """

    name: str
    minutes: int
    paths: tuple[str, ...]


_SIGNED = tuple(f"weightgate/{folder}/*" for folder in ("signing", "oms", "attest", "ledger"))
"""What other people's programs read, and servers and tokens are used by."""

GROUPS = (
    Group(
        "fresh", 10, ("weightgate/*", "policies/*", "pyproject.toml", "requirements/*", "tools/build_hook.py")
    ),
    Group("interop", 15, (*_SIGNED, "requirements/interop.txt")),
    Group("services", 15, (*_SIGNED, "requirements/services.txt")),
)
"""Every heavy group. A change of this file or of a group's own folder runs it too."""


def git(*arguments: str) -> str:
    """What a git command prints; empty when it fails."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def changed_files(since: str) -> list[str] | None:
    """Files that differ between a commit and the work tree, or ``None`` when that cannot be told.

    A clone does not say which commit landed last. A day's commits cover any change under review; too many groups
    run rather than too few.
    """
    if not since:
        newest = git("log", "-1", "--format=%ct")
        since = git("rev-list", "-1", f"--before={int(newest) - 86_400}", "HEAD") if newest else ""
    if not since or not git("rev-parse", "--verify", "--quiet", f"{since}^{{commit}}"):
        return None
    return git("diff", "--name-only", since).splitlines()


def touched(group: Group, files: list[str]) -> list[str]:
    """Which of the changed files a group depends on."""
    patterns = (*group.paths, f"tests/heavy/{group.name}/*", "tools/heavy.py")
    return [file for file in files if any(fnmatch(file, pattern) for pattern in patterns)]


def run_within(command: list[str], seconds: float) -> int:
    """Run a command in its own process group and end the whole group at the time cap.

    Returns:
        The command's exit code; 124 at the time cap, as of ``timeout``.
    """
    print("$", *(os.path.relpath(a, ROOT) if a.startswith(str(ROOT)) else a for a in command), flush=True)
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        return process.wait(timeout=max(seconds, 1))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return 124


def run(group: Group, minutes: float) -> bool:
    """Bring a group's environment up to date and run its tests; whether they passed."""
    started, end = time.monotonic(), time.monotonic() + 60 * min(minutes, group.minutes)
    requirements = ROOT / "requirements" / f"{group.name}.txt"
    folder = ROOT / ".venvs" / group.name
    stamp, digest = folder / ".installed", hashlib.sha256(requirements.read_bytes()).hexdigest()
    python = str(folder / "bin" / "python")
    code = 0
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != digest:
        venv.create(folder, with_pip=True, clear=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(requirements)]
        code = run_within(pip, end - time.monotonic())
        if code == 0:
            stamp.write_text(digest, encoding="utf-8")
    if code == 0:
        # confcutdir: the fixtures of tests/ need what this environment leaves out
        pytest = [python, "-m", "pytest", "--confcutdir=tests/heavy", f"tests/heavy/{group.name}"]
        code = run_within(pytest, end - time.monotonic())
    outcome = {0: "passed", 124: f"FAILED: over its time cap of {group.minutes} minutes"}.get(code, "FAILED")
    print(f"heavy group {group.name}: {outcome}, {time.monotonic() - started:.0f} s", flush=True)
    return code == 0


def run_changed(since: str, minutes: float) -> bool:
    """Run the groups whose files changed, within the time; whether all that ran passed."""
    files, end, passed = changed_files(since), time.monotonic() + 60 * minutes, True
    print(
        "changed files: " + ("not known, so every group runs" if files is None else str(len(files))),
        flush=True,
    )
    for group in GROUPS:
        left = (end - time.monotonic()) / 60
        if files is not None and not touched(group, files):
            print(f"heavy group {group.name}: NOT RUN, none of its files changed", flush=True)
        elif left < group.minutes:
            print(
                f"heavy group {group.name}: NOT RUN, {left:.0f} minutes are left and it may take {group.minutes}",
                flush=True,
            )
        else:
            passed = run(group, left) and passed
    return passed


def main() -> int:
    """Run what the arguments name; exit code 1 when a group failed."""
    known = {group.name: group for group in GROUPS}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("group", nargs="*", help="group to run: " + ", ".join(known))
    parser.add_argument("--changed", action="store_true", help="run the groups whose files changed")
    parser.add_argument("--since", default="", metavar="COMMIT", help="compare with this commit")
    parser.add_argument("--minutes", type=float, default=75, help="time for all of them together")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.group if name not in known]:
        parser.error(f"no heavy group is called {unknown[0]!r}; there are: {', '.join(known)}")
    if arguments.changed:
        return 0 if run_changed(arguments.since, arguments.minutes) else 1
    if not arguments.group:
        for group in GROUPS:
            print(f"{group.name}: at most {group.minutes} minutes; runs when {', '.join(group.paths)} change")
    return 0 if all(run(known[name], arguments.minutes) for name in arguments.group) else 1


if __name__ == "__main__":
    sys.exit(main())
