"""Counts over tensors: they add up in any order, and a name decides what is an expert and what an embedding."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.inspect.weights.tensors import Tally, TensorInfo, WeightsSummary

NAMES = st.sampled_from(
    [
        "model.embed_tokens.weight",
        "lm_head.weight",
        "output.weight",
        "blk.0.ffn_up_exps.weight",
        "model.layers.1.mlp.experts.7.w1.weight",
        "model.layers.1.mlp.shared_experts.w1.weight",
        "model.layers.1.self_attn.q_proj.weight",
        "expert_bias",
        "memory",
        "",
    ]
)
ROWS = st.lists(
    st.builds(
        lambda name, dtype, shape: TensorInfo(name, dtype, tuple(shape), math.prod(shape)),
        NAMES,
        st.sampled_from(["F32", "BF16", "Q4_K"]),
        st.lists(st.integers(0, 9), max_size=3),
    ),
    max_size=8,
)


def summary(rows: list[TensorInfo], reason: str = "") -> WeightsSummary:
    tally = Tally()
    tally.add_tensors(rows)
    return tally.summary(format="gguf", role="model", files=["b", "a"], reason=reason)


@given(ROWS)
def test_the_parts_are_parts_of_the_whole(rows: list[TensorInfo]) -> None:
    found = summary(rows)
    assert found.parameters == sum(row.elements for row in rows) == sum(found.dtypes.values())
    assert found.expert_parameters is not None
    assert found.embedding_parameters is not None
    assert found.head_parameters is not None
    assert 0 <= found.head_parameters <= found.embedding_parameters
    assert found.expert_parameters + found.embedding_parameters <= found.parameters


@given(ROWS, st.integers(0, 8))
def test_shards_and_the_whole_give_the_same_counts(rows: list[TensorInfo], cut: int) -> None:
    split = Tally()
    split.add_tensors(rows[cut:])
    split.add_tensors(rows[:cut])
    assert split.summary(format="gguf", role="model", files=["a", "b"]) == summary(rows)


@given(ROWS)
def test_with_a_reason_nothing_is_known_but_what_is_stored(rows: list[TensorInfo]) -> None:
    found = summary(rows, "packed")
    assert (found.parameters, found.expert_parameters) == (None, None)
    assert (found.embedding_parameters, found.head_parameters) == (None, None)
    assert found.dtypes == summary(rows).dtypes
    assert found.reason == "packed"


@given(ROWS)
def test_columns_and_rows_count_the_same(rows: list[TensorInfo]) -> None:
    tally = Tally()
    tally.add([row.name for row in rows], [row.dtype for row in rows], [row.elements for row in rows])
    assert tally.summary(format="gguf", role="model", files=["a", "b"]) == summary(rows)


def test_columns_of_unequal_length_are_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        Tally().add(["a.experts.0.w", "b"], ["F32", "BF16"], [1])


def test_files_and_types_are_in_order() -> None:
    found = summary([TensorInfo("x", "Q4_K", (1,), 1), TensorInfo("y", "F32", (2,), 2)])
    assert found.files == ("a", "b")
    assert list(found.dtypes) == ["F32", "Q4_K"]


@pytest.mark.parametrize(("file", "folder"), [("m", ""), ("a/m", "a"), ("a/b/m", "a/b")])
def test_the_folder_is_that_of_the_files(file: str, folder: str) -> None:
    assert Tally().summary(format="torch", role="model", files=[file]).folder == folder


@pytest.mark.parametrize(
    ("name", "expert"),
    [
        ("experts.0.w1", True),
        ("layers.0.experts.gate_up_proj", True),
        ("blk.3.ffn_gate_exps.weight", True),
        ("blk.3.ffn_gate_shexp.weight", False),
        ("layers.0.shared_experts.w1", False),
        ("layers.0.shared_expert.w1", False),
        ("my_experts.w1", False),
        ("layers.0.expert_gate", False),
        ("exps", False),
    ],
)
def test_only_routed_experts_are_experts(name: str, *, expert: bool) -> None:
    assert summary([TensorInfo(name, "F32", (3,), 3)]).expert_parameters == 3 * expert


def test_counts_beyond_64_bits_stay_exact() -> None:
    rows = [TensorInfo("a", "F32", (2**63, 4), 2**65), TensorInfo("b", "F32", (1,), 1)]
    assert summary(rows).parameters == 2**65 + 1
