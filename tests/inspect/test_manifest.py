"""The identity of a model: the OpenSSF model signing root digest and the comparison of manifests."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inspect.writers import write_cache
from weightgate.errors import Exit, ModelError
from weightgate.inspect import manifest as module
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.inspection import ManifestEntry
from weightgate.inspect.manifest import (
    Differences,
    compare,
    manifest_of_folder,
    root_digest,
)
from weightgate.inspect.manifest_names import is_ignored, normal_name

FILES = {"config.json": b"{}", "model.safetensors": b"w" * 3000, "sub/ü.txt": "é".encode(), "empty": b""}


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def digest_by_definition(files: dict[str, bytes]) -> str:
    """The definition, read off the specification."""
    raw = b"".join(hashlib.sha256(files[name]).digest() for name in sorted(files))
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def test_the_manifest_lists_each_file_with_its_sha256(tmp_path: Path) -> None:
    manifest = manifest_of_folder(FolderSource(write(tmp_path, FILES)))
    assert [entry.name for entry in manifest] == sorted(FILES)
    assert {entry.name: entry.digest for entry in manifest} == {
        name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()
    }
    assert not any(entry.reported for entry in manifest)
    assert root_digest(manifest) == digest_by_definition(FILES)


def test_folder_cache_snapshot_and_download_have_one_digest(tmp_path: Path) -> None:
    plain = write(tmp_path / "plain", FILES)
    download = write(
        tmp_path / "download", FILES | {".cache/huggingface/.gitignore": b"*", ".gitattributes": b"x"}
    )
    snapshot = write_cache(tmp_path, "acme/tiny", FILES)
    found = {root_digest(manifest_of_folder(FolderSource(folder))) for folder in (plain, download, snapshot)}
    assert found == {digest_by_definition(FILES)}


def vectors() -> Path:
    return (
        Path(os.environ.get("WEIGHTGATE_VECTORS", Path(__file__).parents[3] / "shared" / "vectors")) / "oms"
    )


def historical() -> list[Path]:
    return sorted(path.parent for path in (vectors() / "historical").glob("v1*/bundle.sig"))


@pytest.mark.skipif(not historical(), reason="the vectors of model signing are not here (WEIGHTGATE_VECTORS)")
@pytest.mark.parametrize("folder", historical(), ids=lambda path: path.name)
def test_the_root_is_the_one_that_model_signing_signed(folder: Path) -> None:
    bundle = json.loads((folder / "bundle.sig").read_bytes())
    statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    ignored = statement["predicate"]["serialization"].get("ignore_paths", [])
    inside = [name for name in ignored if not name.startswith(("/", ".."))]
    manifest = manifest_of_folder(FolderSource(folder / "model", ignore=inside))
    resources = {item["name"]: item["digest"] for item in statement["predicate"]["resources"]}
    if set(resources) == {"."}:  # how an earlier release named a model of a single file
        resources = {manifest[0].name: resources["."]}
    assert {entry.name: entry.digest for entry in manifest} == resources
    assert root_digest(manifest) == "sha256:" + statement["subject"][0]["digest"]["sha256"]


def test_large_files_are_hashed_in_two_threads_to_the_same_digest(tmp_path: Path) -> None:
    files = {f"part{number}": bytes([number]) * (3 * 2**20 + number) for number in range(5)} | FILES
    source = FolderSource(write(tmp_path, files))
    calls: list[tuple[int, int]] = []
    both = manifest_of_folder(source, progress=lambda done, total: calls.append((done, total)))
    assert both == manifest_of_folder(source, threads=1)
    assert root_digest(both) == digest_by_definition(files)
    total = sum(map(len, files.values()))
    assert calls[-1] == (total, total)
    assert [done for done, _ in calls] == sorted({done for done, _ in calls})


@pytest.mark.parametrize("change", [b"shorter", b"w" * 3001])
def test_a_file_that_changes_its_size_is_refused(change: bytes, tmp_path: Path) -> None:
    source = FolderSource(write(tmp_path, FILES))
    (tmp_path / "model.safetensors").write_bytes(change)
    with pytest.raises(ModelError, match="the file changed while it was read") as caught:
        manifest_of_folder(source)
    assert caught.value.code == "changed_while_read"
    assert caught.value.where == str(tmp_path / "model.safetensors")
    assert caught.value.exit is Exit.INPUT


def test_an_error_in_one_thread_ends_them_all(tmp_path: Path) -> None:
    files = {f"part{number}": bytes(4 * 2**20) for number in range(6)}
    source = FolderSource(write(tmp_path, files))
    with (tmp_path / "part3").open("ab") as grown:
        grown.write(b"x")
    with pytest.raises(ModelError, match="changed while it was read") as caught:
        manifest_of_folder(source)
    assert caught.value.where == str(tmp_path / "part3")


def test_an_error_of_the_progress_ends_the_hashing(tmp_path: Path) -> None:
    source = FolderSource(write(tmp_path, {f"part{number}": bytes(4 * 2**20) for number in range(4)}))

    def interrupted(done: int, total: int) -> None:
        raise KeyboardInterrupt(f"{done} of {total}")

    with pytest.raises(KeyboardInterrupt):
        manifest_of_folder(source, progress=interrupted)


@given(
    st.dictionaries(
        st.from_regex(r"[a-cé]{1,3}(/[a-c]{1,2}){0,2}", fullmatch=True), st.binary(max_size=9), min_size=1
    )
)
def test_the_root_is_that_of_the_definition_in_any_order(files: dict[str, bytes]) -> None:
    entries = [ManifestEntry(name, hashlib.sha256(data).hexdigest()) for name, data in files.items()]
    assert root_digest(entries) == root_digest(reversed(entries)) == digest_by_definition(files)


@given(st.binary(min_size=1, max_size=50), st.integers(0, 49), st.integers(1, 255))
def test_any_changed_byte_changes_the_root(data: bytes, at: int, by: int) -> None:
    other = bytearray(data)
    other[at % len(data)] ^= by
    assert digest_by_definition({"a": data}) != digest_by_definition({"a": bytes(other)})


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([], "without a file"),
        ([ManifestEntry("a", "0" * 64)] * 2, "twice"),
        ([ManifestEntry("a/./b", "0" * 64)], "not normal"),
        ([ManifestEntry("../a", "0" * 64)], "no name of a file inside"),
        ([ManifestEntry("a", "0" * 40)], "not a SHA-256"),
        ([ManifestEntry("a", "sha256")], "not a SHA-256"),
    ],
)
def test_a_manifest_against_the_rules_has_no_root(entries: list[ManifestEntry], message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        root_digest(entries)
    assert caught.value.exit is Exit.INPUT


# ---- names


@pytest.mark.parametrize(
    ("name", "normal"),
    [("a", "a"), ("./a", "a"), ("a//b", "a/b"), ("a/./b", "a/b"), ("A b\\c:1", "A b\\c:1")],
)
def test_names_are_brought_to_normal_form(name: str, normal: str) -> None:
    assert normal_name(name) == normal


@pytest.mark.parametrize("name", ["", "/", "/a", "a/", "a/.", "..", "../a", "a/../b", "a\0b", "\udcff", "."])
def test_names_against_the_rules_are_refused(name: str) -> None:
    with pytest.raises(ModelError) as caught:
        normal_name(name)
    assert caught.value.code == "bad_name"


@given(st.text(max_size=12))
def test_a_normal_name_stays_as_it_is(name: str) -> None:
    try:
        normal = normal_name(name)
    except ModelError:
        return
    assert normal_name(normal) == normal
    assert not normal.startswith("/")
    assert ".." not in normal.split("/")


@pytest.mark.parametrize(
    ("name", "ignored"),
    [
        (".git", True),
        (".git/config", True),
        (".github/x", True),
        (".gitignore", True),
        (".gitattributes", True),
        (".cache/huggingface", True),
        (".cache/huggingface/a/b", True),
        (".cache", False),
        (".cache/huggingface2/a", False),
        ("sub/.git/config", False),
        (".gitmodules", False),
        ("a", False),
    ],
)
def test_what_is_ignored(name: str, *, ignored: bool) -> None:
    assert is_ignored(name) is ignored


# ---- comparison


def entries(**digests: str) -> list[ManifestEntry]:
    return [ManifestEntry(name, digest * 64) for name, digest in digests.items()]


def test_equal_manifests_do_not_differ() -> None:
    reported = [ManifestEntry("a", "0" * 64, reported=True)]
    assert not compare(entries(a="0"), reported)
    assert compare(entries(a="0"), reported) == Differences()


def test_every_difference_is_named() -> None:
    found = compare(entries(a="0", b="1", c="2", e="4"), entries(b="9", c="2", d="3", e="5"))
    assert found == Differences(missing=("a",), unexpected=("d",), changed=("b", "e"))
    assert found
    assert found.sentences() == (
        "a is missing",
        "d is there, but was not expected",
        "b has other content",
        "e has other content",
    )


def test_names_that_change_places_are_seen_though_the_root_is_the_same() -> None:
    # The root leaves names out: the reason why manifests are compared.
    assert root_digest(entries(a="0", b="1")) == root_digest(entries(c="0", d="1"))
    assert compare(entries(a="0", b="1"), entries(c="0", d="1")).missing == ("a", "b")


def test_a_renamed_file_and_a_changed_byte_are_found_in_a_folder(tmp_path: Path) -> None:
    first = manifest_of_folder(FolderSource(write(tmp_path / "a", FILES)))
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    (tmp_path / "b" / "empty").rename(tmp_path / "b" / "void")
    (tmp_path / "b" / "config.json").write_bytes(b"[]")
    found = compare(first, manifest_of_folder(FolderSource(tmp_path / "b")))
    assert found == Differences(missing=("empty",), unexpected=("void",), changed=("config.json",))


def test_the_buffer_is_small() -> None:
    assert module.BUFFER * module.THREADS <= 8 * 2**20
