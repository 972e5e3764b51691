"""Output is there whole or not at all, and never inside the model."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from weightgate.errors import Exit, UsageError
from weightgate.files.output import refuse_inside, write_whole

# Ends the process with the file limit's signal while the content is being written.
CRASH = """
import resource, sys
from pathlib import Path
from weightgate.files.output import write_whole
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
write_whole(Path(sys.argv[1]), b"new" * 100_000)
"""


def names(folder: Path) -> list[str]:
    """Everything in a folder, hidden files included."""
    return sorted(os.listdir(folder))


def test_a_new_file_is_written_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    write_whole(path, b"content")
    assert path.read_bytes() == b"content"
    assert path.stat().st_mode & 0o777 == 0o644
    assert names(tmp_path) == ["out.json"]


def test_an_old_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_bytes(b"old and longer")
    write_whole(path, b"new", mode=0o600)
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_is_replaced_and_what_it_leads_to_is_left(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_whole(link, b"new")
    assert target.read_bytes() == b"old"
    assert not link.is_symlink()


def test_a_reader_sees_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_bytes(b"old")
    with path.open("rb") as reader:
        write_whole(path, b"new")
        assert reader.read() == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("ignored", [True, False])
def test_a_crash_while_writing_leaves_the_old_file(tmp_path: Path, ignored: bool) -> None:
    path = tmp_path / "out.json"
    path.write_bytes(b"old")
    program = ("import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n" if ignored else "") + CRASH
    if not ignored:
        program = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n" + CRASH
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert path.read_bytes() == b"old"
    if ignored:
        assert "cannot write: File too large" in done.stderr
        assert names(tmp_path) == ["out.json"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("gone/out.json", "No such file or directory"),
        ("file/out.json", "Not a directory"),
        ("folder", "Is a directory"),
    ],
)
def test_what_cannot_be_written_is_a_clear_error_and_leaves_nothing(
    tmp_path: Path, name: str, problem: str
) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    before = names(tmp_path)
    with pytest.raises(UsageError) as caught:
        write_whole(tmp_path / name, b"content")
    error = caught.value
    assert error.message == f"cannot write: {problem}"
    assert (error.where, error.code, error.exit) == (str(tmp_path / name), "unwritable", Exit.INPUT)
    assert names(tmp_path) == before


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder that holds a model."""
    folder = tmp_path / "model"
    (folder / "sub").mkdir(parents=True)
    return folder


@pytest.mark.parametrize("name", ["out.json", "sub/out.json", "sub/../out.json", "gone/deep/out.json"])
def test_an_output_inside_the_model_is_refused(model: Path, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        refuse_inside(model / name, model)
    error = caught.value
    assert error.message == f"the output would lie inside the model {model}"
    assert (error.where, error.code, error.exit) == (str(model / name), "output_inside_model", Exit.INPUT)
    assert error.hint == "write it to another folder"


def test_the_model_itself_is_no_output(model: Path) -> None:
    with pytest.raises(UsageError):
        refuse_inside(model, model)


@pytest.mark.parametrize("name", ["out.json", "model.json", "models/out.json", "model/../out.json"])
def test_an_output_beside_the_model_is_fine(model: Path, name: str) -> None:
    refuse_inside(model.parent / name, model)


def test_links_are_followed_on_the_way_to_the_output(model: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(model / "sub")
    with pytest.raises(UsageError):
        refuse_inside(tmp_path / "link" / "out.json", model)


def test_links_are_followed_on_the_way_to_the_model(model: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(model)
    with pytest.raises(UsageError):
        refuse_inside(model / "out.json", tmp_path / "link")


def test_the_link_to_the_model_is_no_output_either(model: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(model)
    with pytest.raises(UsageError):
        refuse_inside(tmp_path / "link", tmp_path / "link")


def test_a_link_inside_the_model_does_not_let_an_output_in(model: Path, tmp_path: Path) -> None:
    (model / "out.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(UsageError):
        refuse_inside(model / "out.json", model)


@pytest.mark.parametrize("model", ["snapshots/c0ffee", "snapshots/c0ffee/sub", "linked"])
@pytest.mark.parametrize("name", ["blobs/0a1b", "blobs/new", "blobs"])
def test_the_blobs_of_a_cached_snapshot_are_the_model(tmp_path: Path, model: str, name: str) -> None:
    (tmp_path / "snapshots" / "c0ffee" / "sub").mkdir(parents=True)
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / "0a1b").write_bytes(b"weights")
    (tmp_path / "linked").symlink_to("snapshots/c0ffee")
    with pytest.raises(UsageError):
        refuse_inside(tmp_path / name, tmp_path / model)
    refuse_inside(tmp_path / "refs" / "main", tmp_path / model)
    refuse_inside(tmp_path / "blobs.json", tmp_path / model)


def test_a_relative_path_is_taken_from_the_working_folder(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(model)
    with pytest.raises(UsageError):
        refuse_inside(Path("out.json"), model)
    with pytest.raises(UsageError):
        refuse_inside(Path("out.json"), Path())
    refuse_inside(Path("../out.json"), Path())
