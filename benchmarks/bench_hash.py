"""Hashing a folder of 2 GB, in cache, on two threads. ``python -m benchmarks.bench_hash``.

The limit is what OpenSSL does on one core in the same run, twice: ``openssl speed -evp sha256`` at 16 KiB. Each takes its
best round. On a busy machine two threads do not get two cores, so the same is stated per second of processor time too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import Goal, conclude, peak_memory
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.manifest import manifest_of_folder

LARGE, SMALL = 4, 1000
"""Files: four that hold most of it, as shards do, and many small ones, as checkpoints have."""

SIZE = 2 * 10**9
SMALL_SIZE = 256 * 1024
ROUNDS = 3
MEMORY = 200 * 10**6


def main() -> None:
    """Measure and print; with a folder as argument only hash it, for the memory that takes."""
    if len(sys.argv) > 1:
        manifest_of_folder(FolderSource(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = write_files(folder)
        rounds = [(_openssl(), *_ours(folder, size)) for _ in range(ROUNDS)]
        limit, wall, work = (max(rates) for rates in zip(*rounds, strict=True))
        memory = peak_memory([sys.executable, "-m", "benchmarks.bench_hash", name])
    print(f"{size / 1e9:.2f} GB in {LARGE + SMALL} files, in cache")
    print(f"  {limit / 1e9:10.2f} GB/s  openssl speed -evp sha256, one core, 16 KiB")
    print(f"  {wall / 1e9:10.2f} GB/s  manifest of the folder, two threads")
    print(f"  {work / 1e9:10.2f} GB    for each second of processor time")
    print(f"  {memory / 1e6:10.0f} MB    peak memory of the process")
    conclude(
        [
            Goal("manifest / twice OpenSSL on one core", wall / (2 * limit), 0.8, at_most=False),
            Goal("manifest / OpenSSL, by processor time", work / limit, 0.8, at_most=False),
            Goal("peak memory / 200 MB", memory / MEMORY, 1),
        ]
    )


def write_files(folder: Path) -> int:
    """Fill the folder with bytes that no file system stores sparsely or once; returns how many."""
    large = (SIZE - SMALL * SMALL_SIZE) // LARGE
    block = os.urandom(1024 * 1024)
    for number in range(LARGE):
        with (folder / f"model-{number + 1:05}-of-{LARGE:05}.safetensors").open("wb") as file:
            for index in range(large // len(block)):
                file.write(index.to_bytes(8, "little") + block[8:])
    (folder / "optimizer").mkdir()
    for number in range(SMALL):
        data = number.to_bytes(8, "little") + block[8:SMALL_SIZE]
        (folder / "optimizer" / f"{number:04}.bin").write_bytes(data)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _ours(folder: Path, size: int) -> tuple[float, float]:
    """Bytes hashed in a second, and in a second of processor time."""
    begin, used = time.perf_counter(), time.process_time()
    manifest_of_folder(FolderSource(folder))
    return size / (time.perf_counter() - begin), size / (time.process_time() - used)


def _openssl() -> float:
    """Bytes in a second of processor time, as OpenSSL states for itself.

    Raises:
        SystemExit: There is no ``openssl`` to compare with.
    """
    command = ["openssl", "speed", "-mr", "-seconds", "2", "-bytes", "16384", "-evp", "sha256"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SystemExit(f"cannot run openssl, the peer of this benchmark: {error}") from None
    line = next(line for line in done.stdout.splitlines() if line.startswith("+F:"))
    return float(line.rsplit(":", 1)[1])


if __name__ == "__main__":
    main()
