"""Headers of weights, against the reference implementations. ``python -m benchmarks.bench_headers``.

A thousand safetensors headers of about 10.7 KB, against ``safetensors.safe_open``; one GGUF header of about 11 MB, with
the vocabulary of a large model, against ``gguf.GGUFReader``; and the memory of ``weightgate check`` on a repo of a thousand
shards of 4 GB each, of which the Hub must be asked for the headers alone.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from benchmarks.measure import Goal, clean_environment, conclude, interleaved, peak_memory, table
from tests.hub import LocalHub
from tests.hub.repo import Repo, Sparse
from tests.inspect.writers import safetensors_bytes, write_gguf
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.weights.gguf import read_gguf
from weightgate.inspect.weights.safetensors import read_header

SHARDS = 1000
TENSORS = 101
WORDS = 500_000
MEMORY = 100 * 10**6


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        goals = [_safetensors(Path(name) / "shards"), _gguf(Path(name) / "gguf"), _memory(Path(name))]
    conclude(goals)


def _tensor_names(shard: int) -> list[str]:
    parts = ("self_attn.q_proj", "self_attn.k_proj", "mlp.up_proj", "mlp.down_proj")
    return [f"model.layers.{shard}.{parts[n % 4]}.experts.{n}.weight" for n in range(TENSORS)]


def _safetensors(folder: Path) -> Goal:
    folder.mkdir()
    files = [folder / f"model-{n + 1:05}-of-{SHARDS:05}.safetensors" for n in range(SHARDS)]
    for number, path in enumerate(files):
        save_file(
            {name: np.ones((4, 2), np.float16) for name in _tensor_names(number)}, path, {"format": "pt"}
        )
    source = FolderSource(folder)
    length = int.from_bytes(files[0].read_bytes()[:8], "little")

    def open_only() -> None:
        for path in files:
            with safe_open(path, "numpy"):
                pass

    def peer() -> None:
        for path in files:
            with safe_open(path, "numpy") as opened:
                for name in opened.keys():  # noqa: SIM118 (no mapping)
                    part = opened.get_slice(name)
                    part.get_dtype(), part.get_shape()

    def ours() -> None:
        for path in files:
            read_header(source, path.name)

    candidates = {
        "safetensors.safe_open": open_only,
        "safetensors.safe_open, types and shapes": peer,
        "weightgate, types and shapes": ours,
    }
    seconds = interleaved(candidates, calls=1)
    table(f"{SHARDS} safetensors headers of {length / 1000:.1f} KB", seconds, "ms")
    _, peers, own = seconds.values()
    return Goal("safetensors headers / safe_open with types and shapes", own / peers, 60 / 127)


def _gguf(folder: Path) -> Goal:
    path = write_gguf(folder / "model.gguf", words=WORDS)
    source = FolderSource(folder)
    seconds = interleaved({"gguf.GGUFReader": lambda: gguf.GGUFReader(path)}, calls=1, rounds=1)
    seconds |= interleaved({"weightgate, with every check": lambda: read_gguf(source, path.name)}, calls=1)
    table(f"one GGUF header of {path.stat().st_size / 1e6:.1f} MB", seconds, "ms")
    peers, own = seconds.values()
    return Goal("gguf.GGUFReader / weightgate", peers / own, 150, at_most=False)


def _shard(number: int) -> Sparse:
    """A shard of 4 GB: a true header, and zeros that nobody may ask for."""
    size = 2 * 4096 * 5632
    rows = enumerate(_tensor_names(number))
    header = {
        name: {"dtype": "BF16", "shape": [4096, 5632], "data_offsets": [n * size, (n + 1) * size]}
        for n, name in rows
    }
    head = safetensors_bytes(header)
    return Sparse(head, len(head) + TENSORS * size)


def _memory(folder: Path) -> Goal:
    """Peak memory of a whole ``weightgate check`` of a repo of many large shards."""
    shards = {f"model-{n + 1:05}-of-{SHARDS:05}.safetensors": _shard(n) for n in range(SHARDS)}
    program = str(Path(sys.executable).parent / "weightgate")
    command = [program, "check", "bench/sharded", "--to", "CN", "--output", "json"]
    with LocalHub() as local:
        local.add(Repo("bench/sharded", {"README.md": b"---\nlicense: apache-2.0\n---\n", **shards}))
        environment = clean_environment(HF_ENDPOINT=local.endpoint, HF_HOME=str(folder / "hf"))
        memory = peak_memory(command, environment)
        sent = local.hub.bytes_sent()
    size = sum(map(len, shards.values()))
    print(
        f"a repo of {SHARDS} shards, {size / 1e12:.1f} TB: {sent / 1e6:.1f} MB asked for, {memory / 1e6:.0f} MB of memory"
    )
    return Goal("memory of check on that repo / 100 MB", memory / MEMORY, 1)


if __name__ == "__main__":
    main()
