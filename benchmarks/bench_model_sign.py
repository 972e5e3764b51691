"""Signing a model of 2 GB, as whole processes, beside ``model_signing``. ``python -m benchmarks.bench_model_sign [FOLDER]``.

Both sign 1,004 files in cache with one P-256 key, in turn, and each takes its best round: on a busy machine two threads do
not get two cores, and then both do little but wait. The processor time of all rounds is printed too. The peer is taken from the environment of the heavy group
*interop*; where that is not installed it is said, and only our own figure is printed. With a folder the files are written
there once and kept, for another run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.bench_hash import LARGE, SMALL, write_files
from benchmarks.measure import ROOT, Goal, clean_environment, conclude, table
from weightgate.signing.keys import ECDSA_P256, generate, write_pair

PEER = ROOT / ".venvs" / "interop" / "bin" / "model_signing"
OURS, THEIRS = "weightgate model sign", "model_signing sign key"
GOAL = 1.7
ROUNDS = 9


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        model = Path(sys.argv[1]) if len(sys.argv) > 1 else work / "model"
        if not model.is_dir():
            model.mkdir()
            write_files(model)
        key = work / "key.pem"
        write_pair(generate(ECDSA_P256), key, work / "key.pub")
        commands = {OURS: _ours(model, key, work / "ours.sig")}
        if PEER.is_file():
            commands[THEIRS] = _theirs(model, key, work / "theirs.sig")
        for run in commands.values():
            run()
        rounds = [{what: _timed(run) for what, run in commands.items()} for _ in range(ROUNDS)]
    seconds = {what: min(each[what][0] for each in rounds) for what in commands}
    table(f"2 GB in {LARGE + SMALL} files, in cache, whole processes, best of {ROUNDS}", seconds, "s")
    used = {what: median(each[what][1] for each in rounds) for what in commands}
    table("processor time, median", used, "s")
    if THEIRS not in seconds:
        print(f"  not installed: {THEIRS}; run python tools/heavy.py interop once")
        return
    conclude([Goal(f"{THEIRS} / {OURS}", seconds[THEIRS] / seconds[OURS], GOAL, at_most=False)])


def _timed(run: Callable[[], None]) -> tuple[float, float]:
    """Seconds, and seconds of processor time, that a process took."""
    before, begin = os.times(), time.perf_counter()
    run()
    after, end = os.times(), time.perf_counter()
    used = sum(after[2:4]) - sum(before[2:4])
    return end - begin, used


def _ours(model: Path, key: Path, signature: Path) -> Callable[[], None]:
    command = [sys.executable, "-m", "weightgate", "model", "sign", str(model.resolve())]
    return lambda: _run([*command, "--key", str(key), "-o", str(signature)])


def _theirs(model: Path, key: Path, signature: Path) -> Callable[[], None]:
    command = [str(PEER), "sign", "key", str(model.resolve())]
    return lambda: _run([*command, "--private_key", str(key), "--signature", str(signature)])


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-500:]}")


if __name__ == "__main__":
    main()
