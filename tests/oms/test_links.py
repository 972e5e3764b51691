from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.inspect.writers import write_cache
from tests.oms.samples import differing, failed, names_of, sign, statement_of, verify, write_model
from weightgate.errors import ModelError
from weightgate.oms.listing import list_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "m", {"a": b"a", "sub/b": b"b"})


def notes(model: Path) -> tuple[str, ...]:
    return list_model(model, allow_symlinks=True).notes


def listed(model: Path) -> list[str]:
    return list(names_of(statement_of(sign(model, allow_symlinks=True))))


def test_a_link_is_an_error_unless_links_are_allowed(model: Path) -> None:
    (model / "link").symlink_to("a")
    with pytest.raises(ModelError) as raised:
        list_model(model)
    assert raised.value.code == "symlink"
    statement = statement_of(sign(model, allow_symlinks=True))
    assert statement["predicate"]["serialization"]["allow_symlinks"] is True
    assert names_of(statement) == ["a", "link", "sub/b"]
    resources = {entry["name"]: entry["digest"] for entry in statement["predicate"]["resources"]}
    assert resources["link"] == resources["a"]
    assert notes(model) == ()


def test_the_signature_says_whether_links_are_followed(model: Path) -> None:
    strict = sign(model)
    (model / "link").symlink_to("a")
    assert "a symbolic link" in failed(verify(strict, model))["files"]
    loose = sign(model, allow_symlinks=True)
    assert verify(loose, model).genuine
    # What counts is the bytes: a file in the place of the link is the same.
    (model / "link").unlink()
    (model / "link").write_bytes(b"a")
    assert verify(loose, model).genuine
    (model / "link").unlink()
    (model / "link").symlink_to("sub/b")
    assert differing(verify(loose, model)) == [("link", "changed")]


def test_a_link_out_of_the_model_is_followed_with_a_warning(model: Path) -> None:
    write_model(model.parent, {"shared/w": b"w"})
    (model / "out").symlink_to("../shared/w")
    (model / "folder").symlink_to(model.parent / "shared")
    assert listed(model) == ["a", "folder/w", "out", "sub/b"]
    assert sorted(notes(model)) == [
        "'folder' is a link that leads out of the model", "'out' is a link that leads out of the model",
    ]  # fmt: skip
    report = verify(sign(model, allow_symlinks=True), model)
    assert report.genuine
    assert [str(c.state) for c in report.checks if c.id == "links"] == ["not_established"]
    raw = sign(model, allow_symlinks=True)
    (model.parent / "shared" / "w").write_bytes(b"u")
    assert differing(verify(raw, model)) == [("folder/w", "changed"), ("out", "changed")]


@pytest.mark.parametrize("target", [".", "..", "../..", "/", "../sub"])
def test_a_cycle_ends_with_a_warning(target: str, model: Path) -> None:
    (model / "sub" / "loop").symlink_to(target)
    assert listed(model) == ["a", "sub/b"]
    assert notes(model) == ("'sub/loop' is a link that leads back to a folder around it: not followed",)
    assert verify(sign(model, allow_symlinks=True), model).genuine


def test_two_folders_that_link_to_each_other(model: Path) -> None:
    write_model(model, {"x/1": b"1", "y/2": b"2"})
    (model / "x" / "y").symlink_to("../y")
    (model / "y" / "x").symlink_to("../x")
    assert listed(model) == ["a", "sub/b", "x/1", "x/y/2", "y/2", "y/x/1"]
    assert len(notes(model)) == 2


@pytest.mark.parametrize("target", ["nowhere", "link", "/dev/null", "pipe"])
def test_links_to_what_is_no_file(target: str, model: Path) -> None:
    os.mkfifo(model.parent / "pipe")
    (model / "link").symlink_to(target if target != "pipe" else "../pipe")
    with pytest.raises(ModelError) as raised:
        list_model(model, allow_symlinks=True)
    assert raised.value.code in ("symlink", "not_a_file")


def test_a_snapshot_of_the_hubs_cache_needs_nobodys_leave(tmp_path: Path) -> None:
    snapshot = write_cache(tmp_path, "owner/name", {"w.bin": b"weights"})
    for allowed in (False, True):
        raw = sign(snapshot, allow_symlinks=allowed)
        assert names_of(statement_of(raw)) == ["w.bin"]
        assert verify(raw, snapshot).genuine
        assert list_model(snapshot, allow_symlinks=allowed).notes == ()


def test_a_single_file_that_is_a_link(model: Path) -> None:
    (model.parent / "one").symlink_to("m/a")
    with pytest.raises(ModelError):
        list_model(model.parent / "one")
    raw = sign(model.parent / "one", allow_symlinks=True)
    assert names_of(statement_of(raw)) == ["one"]
    assert verify(raw, model.parent / "one").genuine
