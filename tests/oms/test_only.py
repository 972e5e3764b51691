from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oms.samples import (
    ACCEPTED,
    OTHER_KEY,
    bundle_over,
    differing,
    failed,
    opened,
    sign,
    verify,
    write_model,
)
from weightgate.errors import UsageError
from weightgate.oms.verify import ModelAsked, ModelReport, verify_stream

FILES = {"a.bin": bytes(range(250)) * 10, "b:1:2": b"colons", "c": b"c"}
SHARD = 1000


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "m", FILES)


def only(*names: str) -> ModelAsked:
    return ModelAsked(only=names)


def streamed(raw: bytes, name: str, content: bytes) -> ModelReport:
    return verify_stream(opened(raw), name, io.BytesIO(content))


def test_only_the_files_in_use_are_looked_at(model: Path) -> None:
    raw = sign(model)
    (model / "a.bin").write_bytes(b"other")
    (model / "new").write_bytes(b"")
    (model / "link").symlink_to("nowhere")
    os.mkfifo(model / "pipe")
    report = verify(raw, model, asked=only("c", "./b:1:2"))
    assert (report.genuine, report.compared) == (True, 2)
    states = {check.id: str(check.state) for check in report.checks}
    assert (states["files"], states["unsigned_files"]) == ("established", "not_established")
    assert differing(verify(raw, model, asked=only("c", "a.bin"))) == [("a.bin", "changed")]
    (model / "c").unlink()
    assert differing(verify(raw, model, asked=only("c"))) == [("c", "missing")]


@pytest.mark.parametrize("name", ["d", "a", "a.bi", "a.bin/x", "..", "../m/c", "", "a.bin:0:10", "C"])
def test_a_name_that_is_not_signed_never_passes(name: str, model: Path) -> None:
    assert "is not signed" in failed(verify(sign(model), model, asked=only("c", name)))["files"]
    assert "is not signed" in failed(streamed(sign(model), name, b"c"))["files"]


def test_only_the_shards_in_use_are_looked_at(model: Path) -> None:
    raw = sign(model, shard_size=SHARD)
    content = bytearray(FILES["a.bin"])
    content[1500] ^= 1
    (model / "a.bin").write_bytes(bytes(content))
    for name, shards, problems in (
        ("a.bin:0:1000", 1, []),
        ("a.bin:0:1", 1, []),
        ("a.bin:2000:2500", 1, []),
        ("a.bin:2499:2500", 1, []),
        ("a.bin:999:1001", 2, [("a.bin:1000:2000", "changed")]),
        ("a.bin:1000:1001", 1, [("a.bin:1000:2000", "changed")]),
        ("a.bin:0:2500", 3, [("a.bin:1000:2000", "changed")]),
        ("a.bin", 3, [("a.bin:1000:2000", "changed")]),
        ("b:1:2", 1, []),
        ("b:1:2:0:6", 1, []),
    ):
        report = verify(raw, model, asked=only(name))
        assert (report.compared, differing(report)) == (shards, problems), name


def test_ranges_beyond_what_is_signed(model: Path) -> None:
    raw = sign(model, shard_size=SHARD)
    (model / "a.bin").write_bytes(FILES["a.bin"] + b"more")
    assert "goes beyond what is signed" in failed(verify(raw, model, asked=only("a.bin:2400:2504")))["files"]
    with pytest.raises(UsageError) as raised:
        verify(raw, model, asked=only("a.bin:5:5"))
    assert raised.value.code == "bad_range"
    # The last shard is signed as the end of the file: nothing may follow it.
    assert differing(verify(raw, model, asked=only("a.bin:2400:2500"))) == [("a.bin", "size")]
    assert verify(raw, model, asked=only("a.bin:0:1000")).genuine
    (model / "a.bin").write_bytes(FILES["a.bin"][:1999])
    assert differing(verify(raw, model, asked=only("a.bin:0:2000"))) == [("a.bin", "size")]
    assert verify(raw, model, asked=only("a.bin:0:1000")).genuine


@given(
    size=st.integers(1, 300), shard=st.integers(1, 90), bounds=st.tuples(st.integers(0, 299), st.integers(1, 300)),
    flipped=st.integers(0, 299),
)  # fmt: skip
def test_a_flipped_byte_is_found_exactly_when_its_shard_is_asked_for(
    size: int, shard: int, bounds: tuple[int, int], flipped: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    start, end = bounds[0] % size, min(bounds[1], size)
    if start >= end:
        start, end = 0, size
    flipped %= size
    model = write_model(tmp_path_factory.mktemp("m"), {"w": bytes(size)})
    raw = sign(model, shard_size=shard)
    (model / "w").write_bytes(bytes(flipped) + b"\1" + bytes(size - flipped - 1))
    asked = start // shard <= flipped // shard <= (end - 1) // shard
    assert verify(raw, model, asked=only(f"w:{start}:{end}")).genuine is not asked


def test_a_stream_is_one_file(model: Path) -> None:
    for raw in (sign(model), sign(model, shard_size=SHARD)):
        assert failed(streamed(raw, "a.bin", FILES["a.bin"])) == {}
        assert failed(streamed(raw, "b:1:2", b"colons")) == {}
        for content in (
            FILES["a.bin"] + b"x",
            FILES["a.bin"][:-1],
            b"",
            FILES["a.bin"][:-1] + b"\0",
            b"colons",
        ):
            assert list(failed(streamed(raw, "a.bin", content))) == ["files"]


def test_a_stream_of_whole_shards(model: Path) -> None:
    raw, content = sign(model, shard_size=SHARD), FILES["a.bin"]
    assert streamed(raw, "a.bin:1000:2000", content[1000:2000]).compared == 1
    assert streamed(raw, "a.bin:1000:2500", content[1000:]).genuine
    assert list(failed(streamed(raw, "a.bin:1000:2000", content[:1000]))) == []  # bytes(range(250)) repeats
    assert list(failed(streamed(raw, "a.bin:1000:2000", content[1001:2001]))) == ["files"]
    assert list(failed(streamed(raw, "a.bin:1000:2000", content[1000:2001]))) == ["files"]
    assert list(failed(streamed(raw, "a.bin:1000:2000", content[1000:1999]))) == ["files"]
    refused = failed(streamed(raw, "a.bin:1000:1500", content[1000:1500]))["files"]
    assert "does not begin and end with a shard; around it is 'a.bin:1000:2000'" in refused


def test_a_stream_is_not_read_before_the_signature_holds(model: Path) -> None:
    stream = io.BytesIO(b"c")
    forged = bundle_over(b"{}", OTHER_KEY)
    report = verify_stream(opened(forged, ACCEPTED), "c", stream)
    assert list(failed(report)) == ["signature"]
    assert stream.tell() == 0
