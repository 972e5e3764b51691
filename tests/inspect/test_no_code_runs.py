"""No code runs from a model, ever: pickles that would leave a mark, read through every public entrance."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import weightgate
from tests.inspect.writers import malicious_pickle, write_safetensors, write_torch_zip
from weightgate.errors import ModelError, WeightgateError
from weightgate.inspect.files import statements_of
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.manifest import manifest_of_folder
from weightgate.inspect.model import inspect_model
from weightgate.inspect.weights.reading import read_weights


class Touch:
    """Leaves a mark when it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str, int]]:
        return os.open, (str(self.mark), os.O_CREAT | os.O_WRONLY)


def marks(mark: Path) -> dict[str, bytes]:
    """The same deed by every way in which a pickle calls: each leaves the mark when it is really loaded."""
    path = str(mark).encode()
    text = b"X" + len(path).to_bytes(4, "little") + path
    flags = b"J" + (os.O_CREAT | os.O_WRONLY).to_bytes(4, "little")
    arguments = b"(" + text + flags + b"t"
    hooks = {f"protocol {p}": pickle.dumps(Touch(mark), p) for p in range(6)}
    hooks |= {
        "inside a list": pickle.dumps([1, {"a": [Touch(mark)]}], 4),
        "stack global": b"\x80\x04\x8c\x05posix\x8c\x04open\x93" + arguments + b"R.",
        "instance": b"(" + text + flags + b"iposix\nopen\n.",
        "object": b"\x80\x02(cposix\nopen\n" + text + flags + b"o.",
        "after it was popped": b"\x80\x02cposix\nopen\n" + arguments + b"R0}.",
        "eval": b"\x80\x02cbuiltins\neval\nX" + _code(mark) + b"\x85R.",
        "before damage": b"\x80\x02cposix\nopen\n" + arguments + b"R\xff\xff",
        "behind the magic number": pickle.dumps(0x1950A86A20F9469CFC6C, 2)
        + b"cposix\nopen\n"
        + arguments
        + b"R.",
    }
    return hooks


def _code(mark: Path) -> bytes:
    code = f"open({str(mark)!r}, 'w')".encode()
    return len(code).to_bytes(4, "little") + code


HOOKS = list(marks(Path("x")))
FILES = [
    "pytorch_model.bin",
    "model.pt",
    "x.pth",
    "y.ckpt",
    "tokenizer.pkl",
    "z.joblib",
    "training_args.bin",
    "optimizer.pt",
]


def model(folder: Path, hook: str, file: str, *, zipped: bool) -> Path:
    """A folder with a harmless model and one file that leaves a mark; returns where the mark would be."""
    mark = folder / "mark"
    root = folder / "model"
    write_safetensors(root / "model.safetensors")
    (root / "config.json").write_text(
        json.dumps({"architectures": ["X"], "auto_map": {"AutoModel": "evil.X"}})
    )
    (root / "evil.py").write_text(f"open({str(mark)!r}, 'w')")
    (root / "setup.py").write_text(f"open({str(mark)!r}, 'w')")
    raw = marks(mark)[hook]
    if zipped:
        write_torch_zip(root / file, raw, {})
    else:
        (root / file).write_bytes(raw)
    return mark


@pytest.mark.parametrize("hook", HOOKS)
def test_each_hook_really_leaves_its_mark(hook: str, tmp_path: Path) -> None:
    # In a process of its own: otherwise the tests below would show nothing.
    raw = marks(tmp_path / "mark")[hook]
    script = "import io, pickle, sys\nstream = io.BytesIO(bytes.fromhex(sys.argv[1]))\nwhile True: pickle.load(stream)"
    done = subprocess.run(
        [sys.executable, "-c", script, raw.hex()], capture_output=True, check=False, timeout=20
    )
    assert done.returncode == 1  # every stream ends in an error
    assert (tmp_path / "mark").exists()


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("zipped", [True, False])
def test_no_reader_runs_it(file: str, tmp_path: Path, *, zipped: bool) -> None:
    for number, hook in enumerate(HOOKS):
        mark = model(tmp_path / str(number), hook, file, zipped=zipped)
        source = FolderSource(mark.parent / "model")
        for read in (read_weights, statements_of):
            with pytest.raises(ModelError) as caught:
                read(source)
            assert caught.value.code in ("unsafe_pickle", "pickle", "torch")
            assert file in caught.value.where
        manifest_of_folder(source)
        assert not mark.exists()


ENTRANCES: dict[str, Callable[[str], object]] = {
    "inspect_model": inspect_model,
    "weightgate.inspect": weightgate.inspect,
    "weightgate.check": lambda path: weightgate.check(path, to=["FR"]),
}


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize("hook", ["protocol 0", "protocol 4", "before damage"])
def test_no_entrance_of_the_api_runs_it(entrance: str, hook: str, tmp_path: Path) -> None:
    mark = model(tmp_path, hook, "pytorch_model.bin", zipped=False)
    with pytest.raises(WeightgateError) as caught:
        ENTRANCES[entrance](str(tmp_path / "model"))
    assert caught.value.code in ("unsafe_pickle", "pickle")
    assert not mark.exists()


@pytest.mark.parametrize("command", [["inspect"], ["check", "--to", "FR"]], ids=lambda command: command[0])
def test_no_command_runs_it(command: list[str], tmp_path: Path) -> None:
    mark = model(tmp_path, "protocol 2", "pytorch_model.bin", zipped=True)
    line = [sys.executable, "-m", "weightgate", command[0], str(tmp_path / "model"), *command[1:]]
    done = subprocess.run(
        line,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path / "model",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    assert done.returncode == 4, done.stderr
    assert "unsafe pickle" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert not mark.exists()


def test_a_file_that_looks_like_a_module_of_ours_is_not_imported(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    root = tmp_path / "model"
    write_safetensors(root / "model.safetensors")
    for name in ("torch.py", "pickle.py", "sitecustomize.py", "yaml.py", "conftest.py", "__init__.py"):
        (root / name).write_text(f"open({str(mark)!r}, 'w')")
    assert statements_of(FolderSource(root)).statements
    assert not mark.exists()


def test_the_harmless_model_is_read(tmp_path: Path) -> None:
    model(tmp_path, "protocol 2", "notes.txt", zipped=False)
    assert read_weights(FolderSource(tmp_path / "model")).not_understood == ()
    assert malicious_pickle().startswith(b"\x80")
