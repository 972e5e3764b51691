"""Compiled packs on disk: the same as compiled anew, and anything else is compiled anew."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.policy.samples import HEAD, PLAIN, TABLE, VALUES, rule, rules, source
from weightgate.errors import PolicyError
from weightgate.policy.cache import cache_key, compile_now, compile_shipped, load_compiled
from weightgate.policy.compiled import CompiledPack
from weightgate.policy.source import PackSource, find_pack, shipped_packs

RICH = HEAD + TABLE + VALUES + rules(
    rule('destination.tier == 3 && model.license == "mit"', "deny"),
    rule("model.training_operations > values.limit", "license_required", "second", more="    from: 2025-06-01\n"),
    rule('"NVEU" in operator.authorizations', "allow_with_conditions", "third", "[host, fine_tune]"),
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The cache's folder, in a home of the test's own."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(tmp_path)
    yield tmp_path / "weightgate" / "packs"
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


def same(a: CompiledPack, b: CompiledPack) -> bool:
    """Equal in all that decides and all that people read; lists and tuples count alike, as JSON has one of them."""

    def plain(pack: CompiledPack) -> object:
        activities = [
            (span.start, span.end, span.tiers, name, rules.encode(), [r.text for r in rules.rules])
            for span in pack.spans
            for name, rules in span.activities.items()
        ]
        head = [pack.name, pack.version, pack.digest, pack.title, pack.default, pack.status, pack.sources]
        return json.loads(json.dumps([head, activities]))

    return bool(plain(a) == plain(b))


@pytest.mark.parametrize(
    "pack", [source(PLAIN), source(RICH), *map(find_pack, shipped_packs())], ids=lambda p: p.name
)
def test_what_was_stored_is_what_compiling_gives(folder: Path, pack: PackSource) -> None:
    first = load_compiled(pack)
    stored = list(folder.glob("*.json"))
    second = load_compiled(pack)
    assert same(first, compile_now(pack))
    assert same(second, first)
    assert [p.name for p in stored] == [f"{cache_key(pack.digest)}.json"]


def test_stored_packs_are_json_and_only_ours_to_read(folder: Path) -> None:
    load_compiled(source(RICH))
    (path,) = folder.glob("*.json")
    data = json.loads(path.read_bytes(), parse_constant=pytest.fail)
    assert list(data) == ["key", "digest", "pack"]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_stays_the_same_over_time_is_stored_once(folder: Path) -> None:
    pack = load_compiled(source(RICH))
    (path,) = folder.glob("*.json")
    stored = json.loads(path.read_bytes())["pack"]
    assert len(stored["spans"]) == len(pack.spans) == 3
    assert len(stored["tiers"]) == 1
    distinct = {id(rules) for span in pack.spans for rules in span.activities.values()}
    assert len(stored["activities"]) == len(distinct) < sum(len(span.activities) for span in pack.spans)
    again = load_compiled(source(RICH))
    assert len({id(rules) for span in again.spans for rules in span.activities.values()}) == len(distinct)


def test_an_activity_is_read_when_it_is_asked_for(folder: Path) -> None:
    load_compiled(source(RICH))
    (span, *_) = load_compiled(source(RICH)).spans
    assert list(span.activities) == ["host", "fine_tune"]
    assert len(span.activities) == 2
    assert span.activities["host"] is span.activities["host"]
    assert span.activities.get("export_compute") is None


def test_the_stored_form_is_used(folder: Path) -> None:
    load_compiled(source(PLAIN))
    (path,) = folder.glob("*.json")
    before = path.stat().st_mtime_ns
    assert same(load_compiled(source(PLAIN)), compile_now(source(PLAIN)))
    assert path.stat().st_mtime_ns == before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_is_compiled_anew(folder: Path, data: st.DataObject) -> None:
    pack = source(RICH)
    load_compiled(pack)
    path = folder / f"{cache_key(pack.digest)}.json"
    good = path.read_bytes()
    place = data.draw(st.integers(0, len(good) - 2))
    path.write_bytes(good[:place] + bytes([good[place] ^ data.draw(st.integers(1, 255))]) + good[place + 1 :])
    assert same(load_compiled(pack), compile_now(pack))
    assert path.read_bytes() == good


@pytest.mark.parametrize("content", [b"", b"{", b"null", b"[]", b"\xff", b'{"key": 1}', b"[" * 100_000])
def test_a_damaged_file_is_compiled_anew_and_replaced(folder: Path, content: bytes) -> None:
    pack = source(PLAIN)
    folder.mkdir(mode=0o700, parents=True)
    path = folder / f"{cache_key(pack.digest)}.json"
    path.write_bytes(content)
    assert same(load_compiled(pack), compile_now(pack))
    assert path.read_bytes() != content


def test_another_packs_file_under_this_name_is_not_believed(folder: Path) -> None:
    load_compiled(source(PLAIN))
    load_compiled(source(RICH))
    plain, rich = (folder / f"{cache_key(source(t).digest)}.json" for t in (PLAIN, RICH))
    plain.write_bytes(rich.read_bytes())
    assert same(load_compiled(source(PLAIN)), compile_now(source(PLAIN)))


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o750, 0o704])
def test_a_folder_that_others_can_reach_is_not_used(folder: Path, mode: int) -> None:
    folder.mkdir(parents=True)
    folder.chmod(mode)
    assert same(load_compiled(source(PLAIN)), compile_now(source(PLAIN)))
    assert list(folder.iterdir()) == []


def test_a_file_where_the_folder_should_be_costs_only_time(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way")
    assert same(load_compiled(source(PLAIN)), compile_now(source(PLAIN)))


def test_the_key_follows_every_byte_of_the_pack() -> None:
    keys = {
        cache_key(source(text).digest) for text in (PLAIN, PLAIN + "\n", PLAIN.replace("Open", "open"), RICH)
    }
    assert len(keys) == 4
    assert all(len(key) == 64 for key in keys)
    assert cache_key(source(PLAIN).digest) == cache_key(source(PLAIN, "other.yaml").digest)


def test_a_pack_that_does_not_load_leaves_nothing_behind(folder: Path) -> None:
    with pytest.raises(PolicyError):
        load_compiled(source(PLAIN + "extra: 1\n"))
    assert list(folder.glob("*")) == []


def test_shipped_packs_compile_into_a_wheel(tmp_path: Path) -> None:
    written = compile_shipped(tmp_path / "compiled")
    assert [p.name for p in written] == [
        f"{cache_key(find_pack(name).digest)}.json" for name in shipped_packs()
    ]
    assert all(json.loads(p.read_bytes())["pack"]["head"]["name"] for p in written)
