"""A fresh process: what ``weightgate`` adds to ``import click``. ``python -m benchmarks.bench_start``.

Whole processes, started in turn. What counts is the processor time that each used, since a busy machine adds waiting to
all of them; the goals were set where ``python -c pass`` takes 15 ms, and are multiples of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.measure import Goal, clean_environment, conclude, table
from tests.inspect.writers import write_safetensors
from weightgate.api import attest, check
from weightgate.signing.keys import generate

ROUNDS = 25
PASS_MS = 15
"""``python -c pass`` on the machine for which PERFORMANCE's goals were set, in milliseconds."""

WEIGHTGATE = str(Path(sys.executable).parent / "weightgate")
COMMANDS = {
    "python -c pass": (sys.executable, "-c", "pass"),
    "python -c 'import click'": (sys.executable, "-c", "import click"),
    "weightgate --help": (WEIGHTGATE, "--help"),
    "weightgate check ./small --to DE": (
        *(WEIGHTGATE, "check", "./small", "--to", "DE"),
        *("--output", "json"),
    ),
    "weightgate verify attestation.json": (
        *(WEIGHTGATE, "verify", "attestation.json", "--key", "key.pub"),
        *("--output", "json"),
    ),
}
INDETERMINATE = 3


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_safetensors(folder / "small" / "model.safetensors")
        key = generate()
        (folder / "key.pub").write_bytes(key.public.pem())
        (folder / "attestation.json").write_bytes(attest(check(folder / "small", "DE"), key))
        seconds = _measure(folder)
    table("one process, processor time", seconds, "ms")
    start, click, usage, checked, verified = seconds.values()
    conclude(
        [
            Goal("--help above import click / python -c pass", (usage - click) / start, 15 / PASS_MS),
            Goal("check above import click / python -c pass", (checked - click) / start, 45 / PASS_MS),
            Goal("verify above import click / python -c pass", (verified - click) / start, 60 / PASS_MS),
        ]
    )


def _measure(folder: Path) -> dict[str, float]:
    for command in COMMANDS.values():
        _run(command, folder)  # writes bytecode and compiled packs
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, command in COMMANDS.items():
            times[name].append(_run(command, folder))
    return {name: median(each) for name, each in times.items()}


def _run(command: tuple[str, ...], folder: Path) -> float:
    """Processor seconds, user and system, of one process.

    Raises:
        SystemExit: It failed, so what it took means nothing.
    """
    environment = clean_environment(XDG_CACHE_HOME=str(folder / "cache"))
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, INDETERMINATE if len(command) > 3 else 0):
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
