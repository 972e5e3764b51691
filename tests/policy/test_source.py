"""Packs found by name or by path, and nothing else."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from tests.policy.samples import PLAIN
from weightgate.errors import Exit, PolicyError
from weightgate.policy.source import DEFAULT_PACK, MAX_PACK_BYTES, find_pack, shipped_packs


def refusal(name: str) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        find_pack(name)
    assert caught.value.exit is Exit.INPUT
    return caught.value


def test_the_default_ships() -> None:
    packs = shipped_packs()
    assert DEFAULT_PACK in packs
    assert list(packs) == sorted(packs)
    found = find_pack(DEFAULT_PACK)
    assert (found.name, found.locator) == (DEFAULT_PACK, f"shipped:{DEFAULT_PACK}")
    assert found.digest == "sha256:" + hashlib.sha256(packs[DEFAULT_PACK].read_bytes()).hexdigest()
    assert find_pack(f"shipped:{DEFAULT_PACK}") == found


def test_a_path_and_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "pack.yaml"
    path.write_text(PLAIN)
    found = find_pack(str(path))
    assert (found.name, found.locator, found.text) == (str(path), str(path), PLAIN.encode())
    assert find_pack(str(tmp_path)).text == found.text


def test_a_shipped_name_is_never_a_file_of_the_checkout(tmp_path: Path) -> None:
    (tmp_path / DEFAULT_PACK).mkdir()
    (tmp_path / DEFAULT_PACK / "pack.yaml").write_text(PLAIN)
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        assert find_pack(DEFAULT_PACK).locator == f"shipped:{DEFAULT_PACK}"
        assert find_pack(f"./{DEFAULT_PACK}").text == PLAIN.encode()
    finally:
        os.chdir(before)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("us-ai-diffusion-draf", f"did you mean {DEFAULT_PACK}?"), ("zzz", "shipped: "), ("", "shipped: ")],
)
def test_an_unknown_name_shows_the_nearest(name: str, hint: str) -> None:
    error = refusal(name)
    assert error.code == "unknown_pack"
    assert hint in error.hint
    assert "A path needs a slash in it." in error.hint


def test_what_cannot_be_read(tmp_path: Path) -> None:
    missing = refusal(str(tmp_path / "no.yaml"))
    assert (missing.code, missing.where) == ("unreadable", str(tmp_path / "no.yaml"))
    assert "No such file" in missing.message
    (tmp_path / "dir.yaml").mkdir()
    assert refusal(str(tmp_path / "dir.yaml")).where.endswith("pack.yaml")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "not a regular file" in refusal(str(tmp_path / "pipe.yaml")).message


def test_size_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_bytes(b"#" * (MAX_PACK_BYTES + 1))
    error = refusal(str(path))
    assert (error.code, error.where, error.hint) == ("too_large", str(path), "split the pack")
    path.write_bytes(b"#" * MAX_PACK_BYTES)
    assert len(find_pack(str(path)).text) == MAX_PACK_BYTES
