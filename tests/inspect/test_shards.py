"""Weights cut into several files: every way in which index, names and shards can disagree."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inspect.memory_source import MemorySource, safetensors
from weightgate.errors import Exit, ModelError
from weightgate.facts.merge import merge
from weightgate.facts.values import Interval, Known
from weightgate.inspect.files import statements_of
from weightgate.inspect.weights.reading import read_weights
from weightgate.inspect.weights.shards import MAX_INDEX, Index, check_tensors, numbered_sets, read_index

INDEX = "model.safetensors.index.json"
ONE, TWO = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
MAP = {"a": ONE, "b": TWO}
SHARDS: dict[str, bytes | str | dict[str, Any]] = {ONE: safetensors(a=(2, 3)), TWO: safetensors(b=(4,))}


def model(index: object, **files: bytes) -> MemorySource:
    return MemorySource({**SHARDS, INDEX: json.dumps(index), **files})


def refused(source: MemorySource, message: str, code: str, where: str = f"./model/{INDEX}") -> ModelError:
    with pytest.raises(ModelError, match=message) as caught:
        read_weights(source)
    assert (caught.value.code, caught.value.exit) == (code, Exit.INPUT)
    assert caught.value.where.startswith(where)
    return caught.value


def test_an_index_says_which_file_holds_which_tensor() -> None:
    index = read_index(model({"metadata": {"total_size": 20}, "weight_map": MAP}), INDEX)
    assert index == Index(INDEX, MAP, 20)
    assert index.shards == (ONE, TWO)


def test_names_of_shards_are_below_the_folder_of_the_index() -> None:
    files = {f"sub/{name}": raw for name, raw in SHARDS.items()}
    source = MemorySource({**files, f"sub/{INDEX}": json.dumps({"weight_map": MAP})})
    assert read_index(source, f"sub/{INDEX}").shards == (f"sub/{ONE}", f"sub/{TWO}")
    assert read_weights(source).summaries[0].parameters == 10


@pytest.mark.parametrize("total", [None, "20", 20.0, True, [20], {"n": 20}])
def test_a_total_size_that_is_no_number_is_none(total: object) -> None:
    index = read_index(model({"metadata": {"total_size": total}, "weight_map": MAP}), INDEX)
    assert index.total_size is None


@pytest.mark.parametrize("metadata", [None, [], "x", 5])
def test_metadata_of_another_kind_is_passed_over(metadata: object) -> None:
    assert read_index(model({"metadata": metadata, "weight_map": MAP}), INDEX).total_size is None


@pytest.mark.parametrize("total", [0, 19, 21, -1, 10**30])
def test_a_false_total_size_is_noted_and_changes_nothing(total: int) -> None:
    (summary,) = read_weights(model({"metadata": {"total_size": total}, "weight_map": MAP})).summaries
    assert summary.parameters == 10
    assert summary.notes == (f"{INDEX} claims {total} bytes of tensors, there are 20",)


@pytest.mark.parametrize("claim", [1, 10, 10**12])
def test_a_total_of_parameters_in_an_index_never_replaces_the_count(claim: int) -> None:
    found = merge(
        statements_of(model({"metadata": {"total_parameters": claim}, "weight_map": MAP})).statements
    )
    assert found["model.parameters"].value == Known(10.0)


@pytest.mark.parametrize(
    ("claim", "expected"), [("3", Known(10.0)), ("10", Known(10.0)), ("7B", Known(10.0))]
)
def test_a_total_in_a_header_is_text_and_counts_for_nothing(claim: str, expected: Known | Interval) -> None:
    import numpy as np
    from safetensors.numpy import save

    raw = save({"a": np.zeros(10, np.float16)}, {"total_parameters": claim})
    found = merge(statements_of(MemorySource({"model.safetensors": raw})).statements)
    assert found["model.parameters"].value == expected


# ---- files that are missing, too many, or elsewhere


@pytest.mark.parametrize("gone", [ONE, TWO])
def test_a_missing_shard_is_named(gone: str) -> None:
    files = {name: raw for name, raw in SHARDS.items() if name != gone}
    source = MemorySource({**files, INDEX: json.dumps({"weight_map": MAP})})
    assert refused(source, f"shard '{gone}' is missing", "missing_shard").hint == "complete the download"


@pytest.mark.parametrize(
    "extra",
    [
        "model-00003-of-00003.safetensors",
        "model-00001-of-00003.safetensors",
        "model-00000-of-00002.safetensors",
    ],
)
def test_a_file_that_counts_itself_in_is_refused(extra: str) -> None:
    source = model({"weight_map": MAP}, **{extra: safetensors(c=(1,))})
    error = refused(source, f"shard '{extra}' is there, but the index does not name it", "extra_shard")
    assert "remove the file" in error.hint


def test_a_file_of_another_set_is_a_set_of_its_own() -> None:
    source = model({"weight_map": MAP}, **{"other.safetensors": safetensors(c=(7,))})
    assert [summary.parameters for summary in read_weights(source).summaries] == [10, 7]


@pytest.mark.parametrize(
    "shard",
    [
        "../x.safetensors",
        "..",
        ".",
        "",
        "/x.safetensors",
        "./x.safetensors",
        "a/../x.safetensors",
        "a//x.safetensors",
        "a\\x.safetensors",
        "x\0.safetensors",
        "a/",
        "..\\x",
        "//x",
    ],
)
def test_a_shard_that_leads_out_is_refused(shard: str) -> None:
    message = "leads out of the model|is missing"
    with pytest.raises(ModelError, match=message) as caught:
        read_weights(model({"weight_map": {"a": shard}}))
    assert caught.value.code in ("bad_shard", "missing_shard")
    assert caught.value.where == f"./model/{INDEX}"


@given(st.text(max_size=12))
def test_no_name_reads_a_file_that_is_not_listed(shard: str) -> None:
    source = model({"weight_map": {"a": shard}})
    with pytest.raises(ModelError):
        read_weights(source)
    assert set(source.reads) <= set(source.entries)


# ---- tensors


LIES = {
    "all in the other shard": (
        {"a": TWO, "b": TWO},
        f"shard '{ONE}' is there, but the index does not name it",
    ),
    "changed places": ({"a": TWO, "b": ONE}, f"tensor 'a' is in '{ONE}', but the index says '{TWO}'"),
    "in none": ({**MAP, "ghost": ONE}, f"tensor 'ghost' is not in '{ONE}', nor in any shard"),
    "left out": ({"a": ONE, "c": TWO}, "tensor 'c' is not in"),
    "other case": ({"A": ONE, "b": TWO}, "tensor 'A' is not in"),
    "metadata": ({**MAP, "__metadata__": ONE}, "tensor '__metadata__' is not in"),
}


@pytest.mark.parametrize(("weight_map", "message"), LIES.values(), ids=LIES)
def test_an_index_that_lies_about_a_tensor_is_refused(weight_map: dict[str, str], message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        read_weights(model({"weight_map": weight_map}))
    assert caught.value.where.startswith("./model/")
    assert caught.value.code in ("shards", "missing_shard", "extra_shard")


def test_a_tensor_that_the_index_leaves_out_is_refused() -> None:
    source = MemorySource(
        {ONE: safetensors(a=(1,), z=(1,)), TWO: safetensors(b=(1,)), INDEX: json.dumps({"weight_map": MAP})}
    )
    refused(source, f"tensor 'z' of '{ONE}' is not in the index", "shards")


def test_a_tensor_in_two_shards_is_refused_with_an_index_too() -> None:
    source = model({"weight_map": MAP}, **{TWO: safetensors(a=(2, 3), b=(4,))})
    refused(source, f"tensor 'a' is in '{ONE}' as well", "shards", f"./model/{TWO}")


@given(st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["x", "y"])), st.data())
def test_an_index_passes_only_when_it_says_what_was_found(found: dict[str, str], data: st.DataObject) -> None:
    said = data.draw(st.just(found) | st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["x", "y"])))
    index = Index("i", said, None)
    if said == found:
        check_tensors(index, found, "where")
        return
    with pytest.raises(ModelError, match="tensor ") as caught:
        check_tensors(index, found, "where")
    assert (caught.value.where, caught.value.code) == ("where", "shards")


# ---- an index that is none


@pytest.mark.parametrize(
    ("text", "message", "code", "place"),
    [
        ("", "not JSON", "json", ":1:1"),
        ("{", "not JSON", "json", ":1:2"),
        ('{\n "weight_map": {"a": }}', "not JSON", "json", ":2:22"),
        ("[]", "holds list, needed an object", "bad_type", ""),
        ("null", "holds NoneType, needed an object", "bad_type", ""),
        ('{"weight_map": {"a": "x", "a": "y"}}', "'a' is there twice", "json", ""),
        ('{"weight_map": {"a": NaN}}', "NaN is not JSON", "json", ""),
        ('{"weight_map": ' + "[" * 100_000, "nested too deeply", "json", ""),
        ("{}", "no weight_map, or an empty one", "shards", ""),
        ('{"weight_map": null}', "no weight_map", "shards", ""),
        ('{"weight_map": {}}', "no weight_map", "shards", ""),
        ('{"weight_map": "x"}', "no weight_map", "shards", ""),
        ('{"weight_map": {"a": null}}', "must map names to file names", "shards", ""),
        ('{"weight_map": {"a": {"b": "c"}}}', "must map names to file names", "shards", ""),
        ('{"weight_map": {"a": 5}}', "must map names to file names", "shards", ""),
    ],
)
def test_an_index_that_is_none_is_the_models_fault(text: str, message: str, code: str, place: str) -> None:
    source = MemorySource({**SHARDS, INDEX: text})
    assert refused(source, message, code).where == f"./model/{INDEX}{place}"


def test_an_index_that_is_not_utf8_names_the_place() -> None:
    source = MemorySource({**SHARDS, INDEX: b'{"weight_map": \xff}'})
    assert refused(source, "not UTF-8", "not_utf8").where == f"./model/{INDEX}: offset 15"


def test_an_index_that_is_too_long_is_not_read() -> None:
    class Long(MemorySource):
        def read(self, name: str, offset: int, length: int) -> bytes:
            raise AssertionError(f"{name} was read at {offset} for {length} bytes")

    source = Long({INDEX: bytes(MAX_INDEX + 1)})
    with pytest.raises(ModelError, match=f"{MAX_INDEX + 1} bytes, at most {MAX_INDEX} are read") as caught:
        read_index(source, INDEX)
    assert caught.value.code == "too_large"


# ---- names that count themselves


def sets(*names: str) -> list[tuple[str, ...]]:
    return numbered_sets(MemorySource(dict.fromkeys(names, b"x")), names)


def test_sets_are_told_apart_by_stem_total_and_suffix() -> None:
    assert sets("a-00001-of-00002.gguf", "b.gguf", "a-00002-of-00002.gguf", "c-00001-of-00001.gguf") == [
        ("a-00001-of-00002.gguf", "a-00002-of-00002.gguf"),
        ("b.gguf",),
        ("c-00001-of-00001.gguf",),
    ]
    assert len(sets("a-00001-of-00001.bin", "a-00001-of-00001.pt", "x/a-00001-of-00001.bin")) == 3


def test_a_set_may_count_from_0() -> None:
    assert sets("a-00000-of-00002.bin", "a-00001-of-00002.bin") == [
        ("a-00000-of-00002.bin", "a-00001-of-00002.bin")
    ]


@pytest.mark.parametrize(
    "names",
    [
        ("a-00001-of-00002.bin",),
        ("a-00002-of-00002.bin",),
        ("a-00001-of-00003.bin", "a-00003-of-00003.bin"),
        ("a-00000-of-00002.bin", "a-00002-of-00002.bin"),
        ("a-00000-of-00002.bin", "a-00001-of-00002.bin", "a-00002-of-00002.bin"),
        ("a-00002-of-00001.bin",),
        ("a-00001-of-00000.bin",),
        ("a-0001-of-0002.bin", "a-00001-of-00002.bin"),
        ("a-999999-of-999999.bin",),
    ],
)
def test_an_incomplete_set_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(ModelError, match=r"the set 'a'.* has [0-9]+ of [0-9]+ files") as caught:
        sets(*names)
    assert (caught.value.code, caught.value.hint) == ("missing_shard", "complete the download")
    assert caught.value.where.startswith("./model/a-")


@given(st.integers(1, 12), st.data())
def test_a_set_is_complete_or_refused(total: int, data: st.DataObject) -> None:
    names = [f"m-{number:05}-of-{total:05}.bin" for number in range(1, total + 1)]
    there = data.draw(st.lists(st.sampled_from(names), unique=True))
    if len(there) == total:
        assert sets(*there) == [tuple(names)]
    elif there:
        with pytest.raises(ModelError, match=f"has {len(there)} of {total} files"):
            sets(*there)
