"""A folder as a model: what is in it, what is left out, and that nothing else gets in."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tests.inspect.writers import write_cache
from weightgate.errors import Exit, ModelError, UnreachableError
from weightgate.inspect import folder as module
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.source import MAX_RANGE


@pytest.fixture
def model(tmp_path: Path) -> Path:
    root = tmp_path / "model"
    (root / "sub").mkdir(parents=True)
    (root / "b.txt").write_bytes(b"bbb")
    (root / "a.txt").write_bytes(b"0123456789")
    (root / "sub" / "c.txt").write_bytes(b"inner")
    return root


def refused(path: Path, code: str, where: Path, message: str) -> ModelError:
    with pytest.raises(ModelError, match=message) as caught:
        FolderSource(path)
    assert caught.value.code == code
    assert caught.value.exit is Exit.INPUT
    assert caught.value.where == str(where)
    return caught.value


def test_lists_files_in_code_point_order(model: Path) -> None:
    (model / "Z.txt").write_bytes(b"")
    (model / "é.txt").write_bytes(b"")
    source = FolderSource(model)
    assert list(source.entries) == ["Z.txt", "a.txt", "b.txt", "sub/c.txt", "é.txt"]
    assert source.entries["a.txt"].size == 10
    assert source.entries["a.txt"].sha256 == ""
    assert source.reference == str(model)
    assert source.locate("sub/c.txt") == str(model / "sub" / "c.txt")


def test_the_reference_is_what_the_user_wrote(model: Path) -> None:
    assert FolderSource(model, reference="./model").reference == "./model"


@pytest.mark.parametrize(
    ("offset", "length", "expected"),
    [(0, 4, b"0123"), (8, 100, b"89"), (10, 5, b""), (99, 5, b""), (2, 0, b"")],
)
def test_reads_ranges(offset: int, length: int, expected: bytes, model: Path) -> None:
    assert FolderSource(model).read("a.txt", offset, length) == expected


def test_reads_in_folders_below(model: Path) -> None:
    assert FolderSource(model).read("sub/c.txt", 1, 3) == b"nne"


@pytest.mark.parametrize("name", ["nothing", "../model/a.txt", "/etc/hostname", "sub", "sub/../a.txt", ""])
def test_a_name_that_is_not_listed_is_not_read(name: str, model: Path) -> None:
    with pytest.raises(ModelError, match="no file") as caught:
        FolderSource(model).read(name, 0, 1)
    assert caught.value.code == "no_such_file"


def test_a_read_above_the_limit_is_refused(model: Path) -> None:
    with pytest.raises(ModelError, match=f"at most {MAX_RANGE} are read") as caught:
        FolderSource(model).read("a.txt", 0, MAX_RANGE + 1)
    assert caught.value.where == str(model / "a.txt")


# ---- what is left out


def test_what_is_no_part_of_the_model_is_left_out_and_recorded(model: Path) -> None:
    for name in (
        ".git/config",
        ".github/x.yml",
        ".cache/huggingface/download/a.lock",
        "sub/.git/kept",
        ".cache/kept",
    ):
        (model / name).parent.mkdir(parents=True, exist_ok=True)
        (model / name).write_bytes(b"x")
    (model / ".gitattributes").write_bytes(b"x")
    (model / ".gitignore").write_bytes(b"x")
    source = FolderSource(model)
    assert list(source.entries) == [".cache/kept", "a.txt", "b.txt", "sub/.git/kept", "sub/c.txt"]
    assert source.ignored == (".cache/huggingface", ".git", ".gitattributes", ".github", ".gitignore")


def test_a_link_in_what_is_left_out_is_not_looked_at(model: Path) -> None:
    (model / ".git").mkdir()
    (model / ".git" / "out").symlink_to("/etc")
    assert ".git" in FolderSource(model).ignored


def test_paths_that_the_user_leaves_out(model: Path) -> None:
    source = FolderSource(model, ignore=["./sub", "b.txt", "not/there"])
    assert list(source.entries) == ["a.txt"]
    assert source.ignored == ("b.txt", "sub")


def test_a_path_to_leave_out_must_lie_inside(model: Path) -> None:
    with pytest.raises(ModelError, match="no name of a file inside"):
        FolderSource(model, ignore=["../other"])


# ---- a single file


def test_a_single_file_is_a_model_of_its_basename(model: Path) -> None:
    source = FolderSource(model / "a.txt")
    assert list(source.entries) == ["a.txt"]
    assert source.read("a.txt", 0, 2) == b"01"


def test_a_single_file_that_is_a_link_is_refused(model: Path) -> None:
    (model / "link").symlink_to(model / "a.txt")
    refused(model / "link", "symlink", model / "link", "a symbolic link")


def test_a_single_file_of_a_cache_snapshot_is_read(tmp_path: Path) -> None:
    snapshot = write_cache(tmp_path, "acme/tiny", {"a.txt": b"A", "b.txt": b"B"})
    source = FolderSource(snapshot / "a.txt")
    assert list(source.entries) == ["a.txt"]
    assert source.read("a.txt", 0, 9) == b"A"


# ---- links


def test_a_link_out_of_the_folder_is_refused(model: Path) -> None:
    (model / "out").symlink_to("/etc/hostname")
    error = refused(model, "symlink_out", model / "out", "leads out of the model, to '/etc/hostname'")
    assert error.hint == "put the file itself into the folder"


@pytest.mark.parametrize("target", ["../../etc", "..", "sub/../../other", "/"])
def test_a_link_to_a_folder_outside_is_refused(target: str, model: Path) -> None:
    (model / "out").symlink_to(target)
    refused(model, "symlink_out", model / "out", "leads out")


@pytest.mark.parametrize("target", ["a.txt", "sub", "sub/c.txt", "missing"])
def test_a_link_inside_the_folder_is_refused(target: str, model: Path) -> None:
    (model / "link").symlink_to(target)
    refused(model, "symlink", model / "link", "links are not part of a model")


def test_the_model_itself_may_be_reached_through_a_link(model: Path, tmp_path: Path) -> None:
    (tmp_path / "latest").symlink_to(model)
    source = FolderSource(tmp_path / "latest")
    assert source.read("a.txt", 0, 1) == b"0"


def test_links_of_a_cache_snapshot_are_read_under_their_names(tmp_path: Path) -> None:
    files = {"config.json": b"{}", "sub/deep/w.bin": b"weights"}
    snapshot = write_cache(tmp_path, "acme/tiny", files)
    source = FolderSource(snapshot)
    assert {name: source.read(name, 0, 99) for name in source.entries} == files
    assert source.entries["sub/deep/w.bin"].size == 7
    assert source.locate("config.json") == str(snapshot / "config.json")


@pytest.mark.parametrize(
    "target", ["../../refs/main", "../../../models--o--n/blobs/x", "../../blobs/sub/x", "/etc/passwd"]
)
def test_a_snapshot_link_to_anything_but_its_blobs_is_refused(target: str, tmp_path: Path) -> None:
    snapshot = write_cache(tmp_path, "acme/tiny", {"a": b"A"})
    (snapshot / "x").symlink_to(target)
    refused(snapshot, "symlink_out", snapshot / "x", "leads out of the model")


def test_a_blob_that_is_itself_a_link_is_refused(tmp_path: Path) -> None:
    snapshot = write_cache(tmp_path, "acme/tiny", {"a": b"A"})
    blob = next((snapshot.parent.parent / "blobs").iterdir())
    blob.unlink()
    blob.symlink_to("/etc/hostname")
    refused(snapshot, "not_a_file", snapshot / "a", "neither a file nor a folder")


def test_a_folder_of_blobs_that_is_a_link_is_refused(tmp_path: Path) -> None:
    snapshot = write_cache(tmp_path, "acme/tiny", {"a": b"A"})
    blobs = snapshot.parent.parent / "blobs"
    blobs.rename(tmp_path / "elsewhere")
    blobs.symlink_to(tmp_path / "elsewhere")
    refused(snapshot, "symlink_out", snapshot / "a", "leads out")


def test_a_cached_repository_is_told_from_its_snapshot(tmp_path: Path) -> None:
    snapshot = write_cache(tmp_path, "acme/tiny", {"a": b"A"})
    home = snapshot.parent.parent
    with pytest.raises(ModelError, match="symbolic link") as caught:
        FolderSource(home)
    assert "give one folder of its snapshots" in caught.value.hint


def test_a_dangling_blob_cannot_be_read(tmp_path: Path) -> None:
    snapshot = write_cache(tmp_path, "acme/tiny", {"a": b"A"})
    next((snapshot.parent.parent / "blobs").iterdir()).unlink()
    with pytest.raises(UnreachableError, match="No such file") as caught:
        FolderSource(snapshot)
    assert caught.value.exit is Exit.UNREACHABLE


# ---- what is no file


def test_an_empty_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "only" / "folders").mkdir(parents=True)
    refused(tmp_path, "empty_model", tmp_path, "no file in it")


def test_a_model_of_nothing_but_left_out_files_is_empty(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"x")
    refused(tmp_path, "empty_model", tmp_path, "no file in it")


def test_a_pipe_is_refused_and_not_waited_for(model: Path) -> None:
    os.mkfifo(model / "pipe")
    refused(model, "not_a_file", model / "pipe", "neither a file nor a folder")
    refused(model / "pipe", "not_a_file", model / "pipe", "neither a file nor a folder")


def test_a_socket_is_refused(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(model)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s")
        refused(model, "not_a_file", model / "s", "neither a file nor a folder")


def test_a_missing_folder_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="No such file") as caught:
        FolderSource(tmp_path / "none")
    assert caught.value.where == str(tmp_path / "none")


def test_a_name_that_is_not_utf8_is_refused(model: Path) -> None:
    os.close(os.open(os.fsencode(model) + b"/bad\xff", os.O_CREAT | os.O_WRONLY))
    refused(model, "bad_name", model / "bad\\xff", "not valid UTF-8")


def test_too_many_files_are_refused(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FILES", 2)
    refused(model, "too_large", model, "more than 2 files")


def test_folders_nested_too_deep_are_refused(model: Path) -> None:
    (model / "/".join("d" * 40)).mkdir(parents=True)
    refused(model, "too_large", model, "over 32 deep")


# ---- changes while the model is read


def test_a_file_replaced_after_the_listing_is_refused(model: Path) -> None:
    source = FolderSource(model)
    (model / "new").write_bytes(b"0123456789")
    (model / "new").rename(model / "a.txt")
    with pytest.raises(ModelError, match="replaced by another file") as caught:
        source.read("a.txt", 0, 1)
    assert caught.value.code == "changed_while_read"
    assert caught.value.where == str(model / "a.txt")


def test_a_file_that_became_a_link_is_not_followed(model: Path) -> None:
    source = FolderSource(model)
    (model / "a.txt").unlink()
    (model / "a.txt").symlink_to("/etc/hostname")
    with pytest.raises(UnreachableError, match="cannot be read"):
        source.read("a.txt", 0, 1)


def test_a_folder_that_became_a_link_is_not_followed(model: Path, tmp_path: Path) -> None:
    source = FolderSource(model)
    (model / "sub").rename(tmp_path / "moved")
    (model / "sub").symlink_to(tmp_path / "moved")
    with pytest.raises(UnreachableError, match="cannot be read"):
        source.read("sub/c.txt", 0, 1)


def test_a_file_that_became_a_pipe_is_refused(model: Path) -> None:
    source = FolderSource(model)
    (model / "a.txt").unlink()
    os.mkfifo(model / "a.txt")
    with pytest.raises(ModelError, match="replaced by another file"):
        source.read("a.txt", 0, 1)


def test_no_descriptor_is_left_open(model: Path) -> None:
    source = FolderSource(model)
    before = len(os.listdir("/proc/self/fd"))
    for name in source.entries:
        source.read(name, 0, 1)
    (model / "sub" / "c.txt").unlink()
    with pytest.raises(UnreachableError):
        source.read("sub/c.txt", 0, 1)
    assert len(os.listdir("/proc/self/fd")) == before
