"""A repo at one commit: what is listed, what is read, what is refused; the real client against a real server."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import HfApi, hf_hub_download
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hub import Claim, Content, Failure, LocalHub, Repo, Sparse
from tests.inspect.on_hub import FILES, REPO, WEIGHTS, client_of, malformed, source_of
from weightgate.errors import ModelError
from weightgate.inspect.hub.client import Revision
from weightgate.inspect.hub.errors import HubError
from weightgate.inspect.hub.http import HubSession
from weightgate.inspect.hub.manifest import manifest_of_revision
from weightgate.inspect.hub.source import READ_AHEAD
from weightgate.inspect.source import MAX_RANGE

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
