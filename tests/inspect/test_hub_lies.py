"""A Hub that lies, rambles or is none: every contradiction is found, and named with its place."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from tests.hub import Claim, Failure, LocalHub, Repo
from tests.inspect.on_hub import REPO, WEIGHTS, client_of, lies, malformed, source_of
from weightgate.errors import ModelError
from weightgate.inspect.hub.errors import HubError
from weightgate.inspect.hub.source import READ_AHEAD


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
