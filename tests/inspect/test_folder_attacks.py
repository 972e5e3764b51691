"""Attacks on a folder: links of every kind, and files that change while the model is read."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inspect.writers import write_cache, write_safetensors
from weightgate.errors import ModelError, UnreachableError, WeightgateError
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.inspection import ManifestEntry
from weightgate.inspect.manifest import manifest_of_folder

SECRET = b"a secret outside the model"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_bytes(SECRET)
    return path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    root = tmp_path / "model"
    (root / "sub").mkdir(parents=True)
    (root / "a.txt").write_bytes(b"inside")
    (root / "sub" / "b.txt").write_bytes(b"below")
    return root


def refused(path: Path, *codes: str) -> ModelError:
    with pytest.raises(ModelError, match=r"link|neither a file") as caught:
        FolderSource(path)
    assert caught.value.code in codes
    return caught.value


# ---- links


@pytest.mark.parametrize("relative", [True, False])
def test_a_link_to_a_file_outside_is_refused(model: Path, secret: Path, *, relative: bool) -> None:
    (model / "x").symlink_to("../secret" if relative else secret)
    assert refused(model, "symlink_out").where == str(model / "x")


def test_an_absolute_link_to_a_file_inside_is_refused(model: Path) -> None:
    (model / "x").symlink_to(model / "a.txt")
    refused(model, "symlink")


def test_a_chain_of_links_is_refused_at_its_first(model: Path, secret: Path) -> None:
    (model / "3").symlink_to(secret)
    (model / "2").symlink_to("3")
    (model / "1").symlink_to("2")
    refused(model, "symlink", "symlink_out")


@pytest.mark.parametrize("links", [{"x": "x"}, {"x": "y", "y": "x"}, {"x": "sub/z", "sub/z": "../x"}])
def test_a_cycle_of_links_is_refused(links: dict[str, str], model: Path) -> None:
    for name, target in links.items():
        (model / name).symlink_to(target)
    refused(model, "symlink")


@pytest.mark.parametrize("target", [".", "..", "sub", "../model"])
def test_a_link_to_a_folder_is_not_walked_into(target: str, model: Path) -> None:
    (model / "loop").symlink_to(target)
    refused(model, "symlink", "symlink_out")


@pytest.mark.parametrize(
    "target", ["/proc/self/mem", "/dev/zero", "/proc/self/fd/0", "/proc/self/cwd/../etc/passwd"]
)
def test_a_link_into_the_system_is_never_opened(target: str, model: Path) -> None:
    (model / "x").symlink_to(target)
    refused(model, "symlink_out")


def test_a_hard_link_is_a_file_like_any_other(model: Path, secret: Path) -> None:
    # It cannot be told from a file: whoever can make one could have copied the bytes.
    os.link(secret, model / "x")
    assert FolderSource(model).read("x", 0, 99) == SECRET


# ---- the cache layout


def test_a_link_into_another_repo_of_the_cache_is_refused(tmp_path: Path) -> None:
    own = write_cache(tmp_path, "acme/own", {"a": b"A"})
    other = write_cache(tmp_path, "acme/private", {"a": SECRET})
    blob = next((other.parent.parent / "blobs").iterdir())
    (own / "x").symlink_to(os.path.relpath(blob, own))
    assert refused(own, "symlink_out").where == str(own / "x")


@pytest.mark.parametrize(
    "depth", ["../../blobs/../../models--acme--private/blobs/", "../../blobs/./../blobs/../refs/"]
)
def test_a_way_through_the_blobs_leads_nowhere_else(depth: str, tmp_path: Path) -> None:
    own = write_cache(tmp_path, "acme/own", {"a": b"A"})
    other = write_cache(tmp_path, "acme/private", {"a": SECRET})
    blob = next((other.parent.parent / "blobs").iterdir()).name
    (own / "x").symlink_to(depth + blob)
    refused(own, "symlink_out")


def test_a_blob_that_links_to_another_blob_is_refused(tmp_path: Path) -> None:
    own = write_cache(tmp_path, "acme/own", {"a": b"A", "b": b"B"})
    first, second = sorted((own.parent.parent / "blobs").iterdir())
    first.unlink()
    first.symlink_to(second.name)
    refused(own, "not_a_file")


def test_a_snapshot_that_is_a_link_is_read_as_what_it_points_to(tmp_path: Path, model: Path) -> None:
    own = write_cache(tmp_path, "acme/own", {"a": b"A"})
    fake = own.parent / ("b" * 40)
    fake.symlink_to(model)
    (model / "x").symlink_to(tmp_path / "models--acme--own" / "blobs" / hashlib.sha256(b"A").hexdigest())
    # Its real place is no snapshot, so its links are no links of the cache.
    refused(fake, "symlink_out")


def test_a_folder_that_only_looks_like_a_cache_holds_no_other_links(tmp_path: Path, secret: Path) -> None:
    snapshot = tmp_path / "models--x--y" / "snapshots" / "1"
    snapshot.mkdir(parents=True)
    (snapshot / "x").symlink_to(secret)
    refused(snapshot, "symlink_out")


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_no_target_of_a_link_is_ever_read(tmp_path_factory: pytest.TempPathFactory, target: str) -> None:
    folder = tmp_path_factory.mktemp("m")
    (folder / "link").symlink_to(target)
    with pytest.raises(ModelError) as caught:
        FolderSource(folder)
    assert caught.value.code in ("symlink", "symlink_out")


# ---- changes while the model is read


def swap(path: Path, replacement: Path) -> None:
    replacement.rename(path)


def test_a_link_swapped_in_before_hashing_is_not_followed(model: Path, secret: Path) -> None:
    source = FolderSource(model)
    (model / "link").symlink_to(secret)
    swap(model / "a.txt", model / "link")
    with pytest.raises(UnreachableError, match="cannot be read") as caught:
        manifest_of_folder(source)
    assert caught.value.where == str(model / "a.txt")


def test_a_folder_swapped_for_a_link_before_hashing_is_not_followed(model: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.txt").write_bytes(b"below")
    source = FolderSource(model)
    (model / "sub").rename(tmp_path / "old")
    (model / "sub").symlink_to(outside)
    with pytest.raises(UnreachableError, match="cannot be read"):
        manifest_of_folder(source)


def test_a_file_of_the_same_size_and_other_content_is_refused_once_replaced(model: Path) -> None:
    source = FolderSource(model)
    (model / "new").write_bytes(b"INSIDE")
    swap(model / "a.txt", model / "new")
    with pytest.raises(ModelError, match="replaced by another file") as caught:
        manifest_of_folder(source)
    assert caught.value.hint == "let nothing write to the model while it is checked"


@pytest.mark.parametrize("size", [0, 1, 2_999_999, 3_000_001, 9_000_000])
def test_a_file_that_grows_or_shrinks_while_it_is_hashed_is_refused(size: int, tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(bytes(3_000_000))
    source = FolderSource(tmp_path)

    def change(done: int, total: int) -> None:
        assert done > 0
        assert total == 3_000_000
        os.truncate(tmp_path / "w", size)

    with pytest.raises(ModelError, match="the file changed while it was read"):
        manifest_of_folder(source, progress=change)


def test_a_swapped_link_never_lets_anything_outside_into_the_manifest(tmp_path: Path) -> None:
    # A writer swaps file and link as fast as it can; each run ends with the listed file or with a refusal.
    model = tmp_path / "model"
    model.mkdir()
    (tmp_path / "outside").write_bytes(SECRET)
    (tmp_path / "kept").write_bytes(b"the model's own bytes")
    os.link(tmp_path / "kept", model / "w")
    stop = threading.Event()

    def attack() -> None:
        while not stop.is_set():
            (tmp_path / "t").symlink_to(tmp_path / "outside")
            swap(model / "w", tmp_path / "t")
            os.link(tmp_path / "kept", tmp_path / "t2")
            swap(model / "w", tmp_path / "t2")

    attacker = threading.Thread(target=attack)
    attacker.start()
    good = [ManifestEntry("w", hashlib.sha256(b"the model's own bytes").hexdigest())]
    seen = set()
    try:
        for _ in range(200):
            try:
                assert list(manifest_of_folder(FolderSource(model))) == good
                seen.add("read")
            except WeightgateError as error:
                seen.add(error.code)
    finally:
        stop.set()
        attacker.join()
    assert seen <= {"read", "symlink", "symlink_out", "unreachable", "changed_while_read"}


def test_a_vanished_file_is_named(model: Path) -> None:
    write_safetensors(model / "model.safetensors")
    source = FolderSource(model)
    (model / "model.safetensors").unlink()
    with pytest.raises(UnreachableError, match="No such file") as caught:
        manifest_of_folder(source)
    assert caught.value.where == str(model / "model.safetensors")
