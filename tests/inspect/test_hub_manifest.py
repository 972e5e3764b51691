"""A commit's manifest is that of its folder, its download and its cache snapshot."""

from __future__ import annotations

from pathlib import Path

import pytest
from huggingface_hub import snapshot_download

from tests.hub import Claim, Content, LocalHub, Repo, Sparse
from tests.inspect.on_hub import FILES, REPO, source_of
from weightgate.errors import ModelError
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.hub.manifest import manifest_of_revision, without_digest
from weightgate.inspect.hub.source import MAX_WHOLE
from weightgate.inspect.manifest import compare, manifest_of_folder, root_digest


def test_cache_download_folder_and_commit_have_one_digest(local_hub: LocalHub, tmp_path: Path) -> None:
    local_hub.add(REPO)
    plain = tmp_path / "plain"
    for name, content in FILES.items():
        (plain / name).parent.mkdir(parents=True, exist_ok=True)
        (plain / name).write_bytes(content)
    anywhere = {"endpoint": local_hub.endpoint, "token": False}
    cached = snapshot_download("org/model", cache_dir=tmp_path / "cache", **anywhere)  # type: ignore[call-overload]
    local = snapshot_download("org/model", local_dir=tmp_path / "local", **anywhere)  # type: ignore[call-overload]
    on_hub = manifest_of_revision(source_of(local_hub))
    assert (Path(local) / ".cache/huggingface").is_dir()
    assert (Path(cached) / "model.safetensors").is_symlink()
    for folder in (plain, cached, local):
        manifest = manifest_of_folder(FolderSource(folder))
        assert not compare(on_hub, manifest)
        assert root_digest(manifest) == root_digest(on_hub)


def test_the_manifest_says_which_digests_are_the_hubs_word(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    manifest = manifest_of_revision(source_of(local_hub))
    assert {entry.name: entry.reported for entry in manifest} == {
        "README.md": False,
        "empty.txt": False,
        "model.safetensors": True,
        "sub/config.json": False,
    }


def test_progress_is_told_of_what_is_fetched(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    told: list[tuple[int, int]] = []
    manifest_of_revision(source_of(local_hub), progress=lambda done, total: told.append((done, total)))
    small = len(FILES["README.md"]) + 2
    assert told == [(21, small), (21, small), (small, small)]


def test_a_mirror_that_reports_no_sha256_of_a_large_file_gives_no_digest(local_hub: LocalHub) -> None:
    big = Sparse(b"", MAX_WHOLE + 1)
    local_hub.add(
        Repo("org/model", {"model.gguf": big, "a.txt": b"a"}, claims={"model.gguf": Claim(lfs=False)})
    )
    source = source_of(local_hub)
    assert without_digest(source) == ("model.gguf",)
    with pytest.raises(ModelError, match=r"no SHA-256 is reported for 'model\.gguf'") as caught:
        manifest_of_revision(source)
    assert caught.value.code == "no_digest"


def test_too_much_to_fetch_for_one_digest(local_hub: LocalHub) -> None:
    part = Sparse(b"", MAX_WHOLE)
    names = [f"{i}.txt" for i in range(40)]
    local_hub.add(
        Repo("org/model", dict.fromkeys(names, part), claims=dict.fromkeys(names, Claim(lfs=False)))
    )
    assert without_digest(source_of(local_hub)) == tuple(sorted(names))


def test_a_lie_stops_the_digest(local_hub: LocalHub) -> None:
    files: dict[str, Content] = {f"{i:02}.txt": b"%d" % i for i in range(40)}
    local_hub.add(Repo("org/model", files, claims={"00.txt": Claim(blob_id="0" * 40)}))
    with pytest.raises(ModelError, match="listed as git blob 0000"):
        manifest_of_revision(source_of(local_hub))
    assert sum("/resolve/" in seen.path for seen in local_hub.hub.log) < 40
