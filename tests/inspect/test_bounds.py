"""Absurd inputs: refused in bounded time and memory, measured in a process of its own with a limit set."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.inspect.memory_source import MemorySource
from tests.inspect.writers import safetensors_bytes, state_dict_pickle, write_torch_zip
from weightgate.errors import ModelError
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.weights.reading import read_weights
from weightgate.inspect.weights.safetensors import MAX_HEADER

MIB = 1024 * 1024
ROOT = Path(__file__).parents[2]


def sparse(path: Path, head: bytes, size: int) -> Path:
    """A file that claims ``size`` bytes and takes up nearly none."""
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)
    return path


def gguf_head(tensors: int, keys: int, rest: bytes = b"") -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, tensors, keys) + rest


ABSURD: dict[str, tuple[str, bytes, int]] = {
    "safetensors header": ("m.safetensors", struct.pack("<Q", 2**62) + b"{}", 2**40),
    "safetensors header at the limit": ("m.safetensors", struct.pack("<Q", MAX_HEADER) + b"{", 2**40),
    "safetensors nesting": ("m.safetensors", safetensors_bytes(b'{"a":' + b"[" * 9_999_999), 2**40),
    "gguf tensors": ("m.gguf", gguf_head(2**60, 0), 2**43),
    "gguf tensors at the limit": ("m.gguf", gguf_head(1_000_000, 0), 2**40),
    "gguf keys at the limit": ("m.gguf", gguf_head(0, 100_000), 2**40),
    "gguf string": ("m.gguf", gguf_head(0, 1, struct.pack("<Q", 2**40)), 2**43),
    "gguf array of strings": (
        "m.gguf",
        gguf_head(0, 1, struct.pack("<Q", 1) + b"a" + struct.pack("<IIQ", 9, 8, 2**39)),
        2**40,
    ),
    "gguf array": (
        "m.gguf",
        gguf_head(0, 1, struct.pack("<Q", 1) + b"a" + struct.pack("<IIQ", 9, 12, 2**39)),
        2**40,
    ),
    "pickle string": ("m.bin", b"\x80\x04\x8d" + struct.pack("<Q", 2**40) + b"x", 2**40 + 99),
    "pickle long": ("m.bin", b"\x80\x02\x8b" + struct.pack("<I", 2**31 - 1), 2**40),
    "pickle memo": ("m.bin", b"\x80\x02Nr\xff\xff\xff\xff", 2**40),
    "pickle frame": ("m.bin", b"\x80\x04\x95" + struct.pack("<Q", 2**62), 2**40),
    "pickle number": ("m.bin", b"\x80\x02I" + b"9" * 1_000_000 + b"\n", 2**40),
    "pickle doubled": ("m.bin", b"\x80\x02(" + b"N(l" * 300_000 + b"q\0" + b"2" * 600_000, 2**40),
    "zip": ("m.bin", b"PK\x03\x04", 2**40),
    "index": ("model.safetensors.index.json", b'{"weight_map": {', 2**40),
    "config": ("config.json", b'{"a": ', 2**40),
}

MEASURED = """
import resource, sys
limit = 700 * 1024 * 1024
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
from weightgate.errors import ModelError
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.weights.reading import read_weights
for path in sys.argv[1:]:
    try:
        read_weights(FolderSource(path))
    except ModelError as error:
        print("refused", error)
    else:
        print("read")
"""


def test_absurd_claims_are_refused_within_limits(tmp_path: Path) -> None:
    for name, (file, head, size) in ABSURD.items():
        folder = tmp_path / name.replace(" ", "-")
        folder.mkdir()
        sparse(folder / file, head, size)
        if file == "config.json":
            (folder / "m.safetensors").write_bytes(safetensors_bytes({}))
    paths = [str(tmp_path / name.replace(" ", "-")) for name in ABSURD]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *paths],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers = done.stdout.splitlines()
    assert [line.split()[0] for line in answers] == ["refused"] * len(ABSURD), done.stdout
    assert all(path in line for path, line in zip(paths, answers, strict=True))


def peak(action: Callable[[], object]) -> int:
    """Most bytes that Python's own allocator held at a time."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def refuse(raw: bytes, name: str) -> None:
    with pytest.raises(ModelError):
        read_weights(MemorySource({name: raw}))


def test_a_header_of_many_tensors_takes_a_bounded_multiple_of_its_bytes() -> None:
    entries = {
        f"t{n}": {"dtype": "F32", "shape": [1], "data_offsets": [4 * n, 4 * n + 4]} for n in range(20_000)
    }
    raw = safetensors_bytes(entries, bytes(80_000))
    source = MemorySource({"m.safetensors": raw})
    assert peak(lambda: read_weights(source)) < 40 * len(raw)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("m.safetensors", struct.pack("<Q", 2**63) + b"{}"),
        ("m.gguf", gguf_head(2**40, 2**40)),
        ("m.gguf", gguf_head(0, 1, struct.pack("<Q", 2**43))),
        ("m.bin", b"\x80\x04\x8d" + struct.pack("<Q", 2**43)),
        ("m.bin", b"\x80\x02r\xff\xff\xff\xff"),
    ],
)
def test_a_claim_alone_takes_no_memory(name: str, raw: bytes) -> None:
    assert peak(lambda: refuse(raw, name)) < MIB


def test_a_large_storage_is_never_read(tmp_path: Path) -> None:
    write_torch_zip(
        tmp_path / "m.bin",
        state_dict_pickle({"w": np.zeros(8 * MIB, np.float32)}, {}),
        {"0": bytes(32 * MIB)},
    )
    source = FolderSource(tmp_path)
    assert peak(lambda: read_weights(source)) < 4 * MIB


def test_a_thousand_local_headers_are_read_in_moments(tmp_path: Path) -> None:
    count = 1000
    names = [f"model-{n + 1:05}-of-{count:05}.safetensors" for n in range(count)]
    for number, name in enumerate(names):
        entry = {"dtype": "BF16", "shape": [1024, 1024], "data_offsets": [0, 2 * MIB]}
        head = safetensors_bytes({f"layers.{number}.weight": entry})
        sparse(tmp_path / name, head, len(head) + 2 * MIB)
    weight_map = {f"layers.{n}.weight": name for n, name in enumerate(names)}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    source = FolderSource(tmp_path)
    took = []
    for _ in range(3):
        started = time.process_time()
        found = read_weights(source)
        took.append(time.process_time() - started)
        assert [summary.parameters for summary in found.summaries] == [count * 1024 * 1024]
    assert min(took) < 0.5  # some 80 ms on an idle machine
    assert peak(lambda: read_weights(source)) < 20 * MIB
