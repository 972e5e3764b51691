"""A repo at one commit: what is listed, what is read, what is refused; the real client against a real server."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import HfApi, hf_hub_download, snapshot_download
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hub import Claim, Content, Failure, LocalHub, Repo, Sparse
from weightgate.errors import Exit, ModelError
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.hub import HubClient, Revision
from weightgate.inspect.hub_errors import HubError
from weightgate.inspect.hub_http import HubSession
from weightgate.inspect.hub_manifest import manifest_of_revision, without_digest
from weightgate.inspect.hub_source import MAX_WHOLE, READ_AHEAD, HubSource, open_on_hub
from weightgate.inspect.manifest import compare, manifest_of_folder, root_digest
from weightgate.inspect.source import MAX_RANGE

WEIGHTS = bytes(range(256)) * 1000
FILES: dict[str, bytes] = {
    "README.md": b"---\nlicense: mit\n---\n",
    "model.safetensors": WEIGHTS,
    "sub/config.json": b"{}",
    "empty.txt": b"",
    ".gitattributes": b"*.safetensors filter=lfs\n",
    ".github/workflow.yml": b"on: push\n",
}
REPO = Repo("org/model", FILES)


def client_of(local: LocalHub, token: str | bool = False) -> HubClient:
    return HubClient(HubSession(local.endpoint, token))


def source_of(
    local: LocalHub, repo: str = "org/model", revision: str = "", token: str | bool = False
) -> HubSource:
    return open_on_hub(client_of(local, token), repo, revision)


def lies(local: LocalHub, name: str = "model.safetensors", *, offset: int = 0, length: int = 8) -> ModelError:
    """How reading a file of a lying Hub fails."""
    source = source_of(local)
    with pytest.raises(ModelError) as caught:
        source.read(name, offset, length)
    assert caught.value.exit is Exit.INPUT
    assert caught.value.where == source.locate(name)
    assert caught.value.hint
    return caught.value


def malformed(local: LocalHub) -> HubError:
    """How a listing that no Hub gives is refused."""
    with pytest.raises(HubError) as caught:
        source_of(local)
    assert caught.value.code == "malformed_answer"
    assert caught.value.exit is Exit.UNREACHABLE
    return caught.value


# What is there


def test_entries_are_listed_in_order_and_without_what_is_no_part_of_a_model(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    source = source_of(local_hub)
    assert list(source.entries) == ["README.md", "empty.txt", "model.safetensors", "sub/config.json"]
    assert source.ignored == (".gitattributes", ".github/workflow.yml")
    weights = source.entries["model.safetensors"]
    assert (weights.size, weights.sha256) == (len(WEIGHTS), hashlib.sha256(WEIGHTS).hexdigest())
    assert source.entries["README.md"].sha256 == ""
    assert source.reference == "org/model"
    assert (
        source.locate("sub/config.json")
        == f"{local_hub.endpoint}/org/model/resolve/{REPO.sha}/sub/config.json"
    )


def test_a_listing_goes_over_many_pages(local_hub: LocalHub) -> None:
    files: dict[str, Content] = {f"part/{i:03}.txt": b"x" for i in range(25)}
    local_hub.add(Repo("org/model", files))
    local_hub.hub.page = 7
    assert list(source_of(local_hub).entries) == sorted(files)
    assert sum("/tree/" in seen.path for seen in local_hub.hub.log) == 4


@pytest.mark.parametrize("revision", ["", "main", "v1", REPO.sha])
def test_a_revision_is_resolved_to_its_commit(local_hub: LocalHub, revision: str) -> None:
    local_hub.add(replace(REPO, branches={"v1": {"old.txt": b"old"}}))
    source = source_of(local_hub, revision=revision)
    assert ("old.txt" in source.entries) == (revision == "v1")
    assert all(source.revision.sha in seen.path for seen in local_hub.hub.log[1:])


def test_a_revision_may_hold_a_slash(local_hub: LocalHub) -> None:
    local_hub.add(replace(REPO, branches={"refs/pr/1": {"new.txt": b"new"}}))
    assert list(source_of(local_hub, revision="refs/pr/1").entries) == ["new.txt"]


def test_a_branch_that_moves_while_it_is_read_changes_nothing(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    source = source_of(local_hub)
    local_hub.add(REPO.pushed({"README.md": b"---\nlicense: other\n---\n"}))
    assert source.read("README.md", 0, 100) == FILES["README.md"]
    assert source.read("model.safetensors", 0, 4) == WEIGHTS[:4]


def test_what_the_hub_says_of_a_repo(local_hub: LocalHub) -> None:
    local_hub.add(replace(REPO, gated="auto"))
    assert client_of(local_hub).revision("org/model") == Revision(
        "org/model", REPO.sha, "org", private=False, gated="auto", disabled=False
    )


def test_what_is_left_out_is_not_said(local_hub: LocalHub) -> None:
    local_hub.add(replace(REPO, leave_out=frozenset({"author", "private", "gated", "disabled", "id"})))
    assert client_of(local_hub).revision("org/model") == Revision("org/model", REPO.sha)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"sha": "%s", "private": "false", "gated": 0, "disabled": []}', Revision("org/model", "a" * 40)),
        (b'{"sha": "%s", "id": 5, "author": {}}', Revision("org/model", "a" * 40)),
    ],
)
def test_a_field_of_another_type_is_not_said(local_hub: LocalHub, body: bytes, expected: Revision) -> None:
    local_hub.hub.failures = [Failure(200, body=body % (b"a" * 40))]
    assert client_of(local_hub).revision("org/model") == expected


def test_an_empty_repo_is_no_model(local_hub: LocalHub) -> None:
    local_hub.add(Repo("org/model", {".gitattributes": b""}))
    with pytest.raises(ModelError, match="the model is empty") as caught:
        source_of(local_hub)
    assert caught.value.code == "empty_model"


# Reading


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    offset=st.integers(0, len(WEIGHTS) + 10), length=st.integers(0, len(WEIGHTS) + 10), honoured=st.booleans()
)
def test_a_range_is_what_slicing_gives(local_hub: LocalHub, offset: int, length: int, honoured: bool) -> None:
    local_hub.add(REPO)
    local_hub.hub.ranges = honoured
    source = source_of(local_hub)
    assert source.read("model.safetensors", offset, length) == WEIGHTS[offset : offset + length]
    assert source.read("README.md", offset, length) == FILES["README.md"][offset : offset + length]


def test_a_small_file_is_fetched_once(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    source = source_of(local_hub)
    assert [source.read("README.md", i, 3) for i in (0, 4, 0)] == [b"---", b"lic", b"---"]
    assert sum(seen.path.endswith("README.md") for seen in local_hub.hub.log) == 1


def test_a_header_and_its_length_are_one_request(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    source = source_of(local_hub)
    local_hub.hub.log.clear()
    source.read("model.safetensors", 0, 8)
    assert source.read("model.safetensors", 8, 10_000) == WEIGHTS[8:10_008]
    assert len([seen for seen in local_hub.hub.log if seen.host.startswith("localhost")]) == 1
    assert local_hub.hub.bytes_sent() == READ_AHEAD


SHARDS: dict[str, Content] = {f"model-{i:03}.safetensors": Sparse(b"%03d" % i, 10_000_000) for i in range(30)}


def test_shards_read_in_order_are_fetched_several_at_a_time(local_hub: LocalHub) -> None:
    local_hub.add(Repo("org/model", {**SHARDS, "other.gguf": Sparse(b"GGUF", 10_000_000)}))
    local_hub.hub.latency = 0.02
    source = source_of(local_hub)
    assert [source.read(name, 0, 3) for name in SHARDS] == [b"%03d" % i for i in range(30)]
    assert 1 < local_hub.hub.most_busy <= 8
    fetched = [seen.path for seen in local_hub.hub.log if seen.path.startswith("/lfs/")]
    assert len(fetched) == len(set(fetched)) == len(SHARDS)


def test_one_shard_is_no_reason_to_fetch_others(local_hub: LocalHub) -> None:
    local_hub.add(Repo("org/model", SHARDS))
    source = source_of(local_hub)
    for name in ("model-029.safetensors", "model-005.safetensors", "model-003.safetensors"):
        assert source.read(name, 0, 3) == name[6:9].encode()
    assert sum(seen.path.startswith("/lfs/") for seen in local_hub.hub.log) == 3


def test_shards_read_out_of_order_are_read_right(local_hub: LocalHub) -> None:
    local_hub.add(Repo("org/model", SHARDS))
    source = source_of(local_hub)
    for i in (0, 1, 2, 20, 21, 3, 4, 5, 0, 29):
        assert source.read(f"model-{i:03}.safetensors", 0, 3) == b"%03d" % i


def test_a_shard_that_fails_ahead_fails_when_it_is_read(local_hub: LocalHub) -> None:
    local_hub.add(Repo("org/model", SHARDS, claims={"model-004.safetensors": Claim(size=9_999_999)}))
    source = source_of(local_hub)
    for i in range(4):
        source.read(f"model-{i:03}.safetensors", 0, 3)
    with pytest.raises(ModelError, match="listed with 9999999 bytes") as caught:
        source.read("model-004.safetensors", 0, 3)
    assert "model-004" in caught.value.where


def test_nothing_large_is_fetched(local_hub: LocalHub) -> None:
    local_hub.add(Repo("org/model", {"model.gguf": Sparse(b"GGUF", 80_000_000_000)}))
    source = source_of(local_hub)
    assert source.read("model.gguf", 0, 4) == b"GGUF"
    assert source.read("model.gguf", 79_999_999_990, 100) == bytes(10)
    manifest_of_revision(source)
    assert local_hub.hub.bytes_sent() < 100_000


def test_a_server_that_ignores_ranges_is_not_read_to_the_end(local_hub: LocalHub) -> None:
    local_hub.add(Repo("org/model", {"model.gguf": Sparse(b"GGUF", 80_000_000_000)}))
    local_hub.hub.ranges = False
    source = source_of(local_hub)
    assert source.read("model.gguf", 0, 4) == b"GGUF"
    with pytest.raises(HubError, match="ignores byte ranges") as caught:
        source.read("model.gguf", 70_000_000_000, 4)
    assert caught.value.code == "no_ranges"


def test_a_file_that_is_not_listed(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    with pytest.raises(ModelError, match=r"there is no file 'other\.bin'") as caught:
        source_of(local_hub).read("other.bin", 0, 1)
    assert caught.value.code == "no_such_file"


def test_a_read_that_is_too_long(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    with pytest.raises(ModelError, match="at most") as caught:
        source_of(local_hub).read("model.safetensors", 0, MAX_RANGE + 1)
    assert caught.value.code == "too_large"


# Lies


@pytest.mark.parametrize("size", [len(WEIGHTS) - 1, len(WEIGHTS) + 1])
@pytest.mark.parametrize("ranges", [True, False])
def test_a_lie_about_a_large_files_size_is_found(local_hub: LocalHub, size: int, ranges: bool) -> None:
    local_hub.add(replace(REPO, claims={"model.safetensors": Claim(size=size)}))
    local_hub.hub.ranges = ranges
    error = lies(local_hub)
    assert error.code == "size_mismatch"
    assert error.message == f"listed with {size} bytes, served with {len(WEIGHTS)}"


def test_a_file_shorter_than_listed_is_found_at_its_end(local_hub: LocalHub) -> None:
    local_hub.add(replace(REPO, claims={"model.safetensors": Claim(size=10 * len(WEIGHTS))}))
    error = lies(local_hub, offset=2 * len(WEIGHTS))
    assert (error.code, error.message) == (
        "size_mismatch",
        f"listed with {10 * len(WEIGHTS)} bytes, served with fewer",
    )


@pytest.mark.parametrize("size", [1, 10_000])
def test_a_lie_about_a_small_files_size_is_found(local_hub: LocalHub, size: int) -> None:
    local_hub.add(replace(REPO, claims={"README.md": Claim(size=size)}))
    assert lies(local_hub, "README.md").code == "size_mismatch"


def test_other_bytes_than_the_blob_id_promises_are_found(local_hub: LocalHub) -> None:
    listed = hashlib.sha1(b"blob 2\0[]", usedforsecurity=False).hexdigest()
    local_hub.add(replace(REPO, claims={"sub/config.json": Claim(blob_id=listed)}))
    error = lies(local_hub, "sub/config.json")
    assert error.code == "digest_mismatch"
    assert error.message.startswith(f"listed as git blob {listed}, served as ")


def test_other_bytes_than_the_reported_sha256_are_found_when_all_are_read(local_hub: LocalHub) -> None:
    small = Repo(
        "org/model", {"model.safetensors": b"12345678"}, claims={"model.safetensors": Claim(sha256="0" * 64)}
    )
    local_hub.add(small)
    assert lies(local_hub).code == "digest_mismatch"


@pytest.mark.parametrize(
    "name",
    [
        "../up.txt",
        "/etc/passwd",
        "a/../../b",
        "a//b",
        "./a",
        "a/.",
        "a/",
        "x" * 5000,
        "zero\0byte",
    ],
)
def test_a_name_that_leaves_the_model_is_refused(local_hub: LocalHub, name: str) -> None:
    listing = [{"type": "file", "path": name, "size": 1, "oid": "0" * 40}]
    local_hub.add(REPO)
    local_hub.hub.failures = [Failure(200, "/tree/", body=json.dumps(listing).encode())]
    with pytest.raises(ModelError) as caught:
        source_of(local_hub)
    assert caught.value.code == "bad_name"
    assert "/tree/" in caught.value.where
    assert "do not download" in caught.value.hint
    assert len(str(caught.value)) < 6000


ENTRY = '{"type": "file", "path": "a", "size": 1, "oid": "%s"}'
LFS = '{"oid": "12", "size": 1, "pointerSize": 1}'


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('{"type": "file", "path": "a", "size": -1, "oid": "%s"}', "is listed with -1 bytes"),
        ('{"type": "file", "path": "a", "size": true, "oid": "%s"}', "is listed with True bytes"),
        ('{"type": "file", "path": "a", "size": "9", "oid": "%s"}', "is listed with '9' bytes"),
        ('{"type": "file", "path": "a", "size": 1, "oid": "xyz"}', "is listed with id 'xyz'"),
        ('{"type": "file", "path": "a", "size": 1, "oid": null}', "is listed with id 'None'"),
        ('{"type": "file", "path": "a", "oid": "%s"}', "malformed: 'size'"),
        ('{"path": "a"}', "malformed: 'type'"),
        ('"text"', "malformed"),
        ('{"type": "file", "path": "a", "size": 1, "oid": "%s", "lfs": {}}', "malformed"),
        ('{"type": "file", "path": "a", "size": 1, "oid": "%s", "lfs": %l}', "is listed with id '12'"),
        (f"{ENTRY}, {ENTRY}", "'a' is listed twice"),
    ],
)
def test_a_malformed_listing_is_refused(local_hub: LocalHub, entry: str, says: str) -> None:
    local_hub.add(REPO)
    body = f"[{entry}]".replace("%s", "0" * 40).replace("%l", LFS).encode()
    local_hub.hub.failures = [Failure(200, "/tree/", body=body)]
    assert says in malformed(local_hub).message


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<html>hello</html>", "not an answer of a Hub: not JSON"),
        (b'{"sha": 1, "sha": 2}', "not an answer of a Hub: key 'sha' is there twice"),
        (b"[]", "the answer is no object"),
        (b"{}", "the answer names no commit: ''"),
        (b'{"sha": "main"}', "the answer names no commit: 'main'"),
        (b'{"sha": 5}', "the answer names no commit: '5'"),
        (b"[" * 100_000, "not an answer of a Hub"),
    ],
)
def test_an_answer_that_is_no_hubs(local_hub: LocalHub, body: bytes, says: str) -> None:
    local_hub.hub.failures = [Failure(200, "/api/models/", body=body)]
    error = malformed(local_hub)
    assert error.message.startswith(says)
    assert error.where == f"{local_hub.endpoint}/api/models/org/model"


def test_a_listing_that_is_no_list(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    local_hub.hub.failures = [Failure(200, "/tree/", body=b"{}")]
    assert malformed(local_hub).message == "the answer is no list"


def test_an_answer_that_does_not_end_is_not_read_whole(local_hub: LocalHub) -> None:
    local_hub.hub.failures = [Failure(200, body=b" " * (33 * 1024 * 1024))]
    assert "larger than" in malformed(local_hub).message


def test_an_answer_about_another_commit_is_refused(local_hub: LocalHub) -> None:
    local_hub.hub.failures = [Failure(200, body=b'{"sha": "%s"}' % (b"b" * 40))]
    with pytest.raises(HubError, match="the answer is about commit b") as caught:
        client_of(local_hub).revision("org/model", "a" * 40)
    assert caught.value.code == "malformed_answer"


def test_a_file_of_another_commit_is_refused(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    other = {"X-Repo-Commit": "c" * 40, "Content-Range": f"bytes 0-65535/{len(WEIGHTS)}"}
    local_hub.hub.failures = [Failure(206, "resolve", headers=other)]
    with pytest.raises(HubError, match="the answer is about commit c"):
        source_of(local_hub).read("model.safetensors", 0, 8)


@pytest.mark.parametrize("header", ["", "bytes 5-12/256000", "bytes */256000", "bytes 0-7/256000 or so"])
def test_another_range_than_asked_for_is_refused(local_hub: LocalHub, header: str) -> None:
    local_hub.add(REPO)
    local_hub.hub.failures = [
        Failure(206, "resolve", headers={"Content-Range": header}, body=bytes(READ_AHEAD))
    ]
    with pytest.raises(HubError, match="asked for bytes from 0") as caught:
        source_of(local_hub).read("model.safetensors", 0, 8)
    assert caught.value.code == "malformed_answer"


@pytest.mark.parametrize("extra", [-1, 1])
def test_more_or_fewer_bytes_than_announced_are_refused(local_hub: LocalHub, extra: int) -> None:
    local_hub.add(REPO)
    headers = {"Content-Range": f"bytes 0-{READ_AHEAD - 1}/{len(WEIGHTS)}"}
    local_hub.hub.failures = [Failure(206, "resolve", headers=headers, body=bytes(READ_AHEAD + extra))]
    error = lies(local_hub)
    assert error.message == f"{READ_AHEAD} bytes were asked for, {READ_AHEAD + extra} came"


# Secrets


def test_a_token_stays_on_the_hub(local_hub: LocalHub) -> None:
    local_hub.add(replace(REPO, private=True))
    local_hub.hub.tokens = {"hf_ours": frozenset({"org/model"})}
    source = source_of(local_hub, token="hf_ours")
    source.read("model.safetensors", 0, 8)
    source.read("README.md", 0, 8)
    tokens = {seen.host.partition(":")[0]: seen.token for seen in local_hub.hub.log}
    assert tokens == {"127.0.0.1": "hf_ours", "localhost": ""}


def test_a_listing_of_too_many_files_is_refused(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    listing = [{"type": "file", "path": f"{i}", "size": 0, "oid": ""} for i in range(100_001)]
    local_hub.hub.failures = [Failure(200, "/tree/", body=json.dumps(listing).encode())]
    with pytest.raises(ModelError, match="more than 100000 files") as caught:
        source_of(local_hub)
    assert caught.value.code == "too_many_files"


def test_a_listing_that_continues_elsewhere_does_not_get_the_token(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    local_hub.hub.tokens = {"hf_ours": frozenset()}
    local_hub.hub.page = 2
    port = local_hub.endpoint.rpartition(":")[2]
    local_hub.hub.next_page = f"http://localhost:{port}/api/models/org/model/tree/main"
    with pytest.raises(HubError, match="continues on another host") as caught:
        source_of(local_hub, token="hf_ours")
    assert caught.value.where == local_hub.hub.next_page
    assert not any(seen.host.startswith("localhost") for seen in local_hub.hub.log)


def test_a_listing_that_goes_in_a_circle_is_given_up(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    local_hub.hub.page = 2
    local_hub.hub.next_page = f"{local_hub.endpoint}/api/models/org/model/tree/{REPO.sha}"
    assert malformed(local_hub).message == "the listing goes in a circle"
    assert len(local_hub.hub.log) == 3


def test_an_endpoint_from_elsewhere_does_not_get_the_clients_own_token(local_hub: LocalHub) -> None:
    assert HubSession(local_hub.endpoint).anonymous
    assert not HubSession("https://huggingface.co").anonymous
    assert not HubSession(local_hub.endpoint, "hf_given").anonymous


# Digest


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


# The local Hub itself: other calls of the real client that users make beside ours


def test_the_real_client_finds_its_way_about_the_local_hub(local_hub: LocalHub, tmp_path: Path) -> None:
    local_hub.add(replace(REPO, branches={"v1": {"old.txt": b"old"}}))
    local_hub.hub.tokens = {"hf_ours": frozenset()}
    api = HfApi(endpoint=local_hub.endpoint, token="hf_ours")
    assert api.whoami()["name"] == "someone"
    assert [model.id for model in api.list_models(author="org")] == ["org/model"]
    assert list(api.list_models(author="nobody")) == []
    assert {ref.name for ref in api.list_repo_refs("org/model").branches} == {"main", "v1"}
    infos = api.get_paths_info("org/model", ["sub/config.json", "model.safetensors"])
    assert {info.path for info in infos} == {"sub/config.json", "model.safetensors"}
    card = api.model_info("org/model", files_metadata=True)
    assert card.card_data is not None
    assert card.card_data["license"] == "mit"
    assert api.model_info("org/model", expand=["sha"]).private is None
    assert api.model_info("org/model", securityStatus=True).security_repo_status is not None
    api.auth_check("org/model")
    path = hf_hub_download(
        "org/model", "model.safetensors", cache_dir=tmp_path, endpoint=local_hub.endpoint, token=False
    )
    assert Path(path).read_bytes() == WEIGHTS
