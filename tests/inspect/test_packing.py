"""Quantised weights: the number of parameters is unknown with the reason, and never a wrong number."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inspect.memory_source import MemorySource
from tests.inspect.writers import safetensors_bytes
from weightgate.errors import ModelError
from weightgate.facts.merge import merge
from weightgate.facts.values import Interval, Unknown
from weightgate.inspect.files import statements_of
from weightgate.inspect.weights.packing import integer_reason, packed_reason, quantization_method
from weightgate.inspect.weights.reading import WeightsSummary, read_weights
from weightgate.inspect.weights.safetensors import DTYPE_BITS

Rows = dict[str, tuple[str, int]]


def file_of(rows: Rows) -> bytes:
    """A safetensors file with tensors of these types and numbers of elements."""
    header, position = {}, 0
    for name, (dtype, elements) in rows.items():
        end = position + elements * DTYPE_BITS[dtype] // 8
        header[name] = {"dtype": dtype, "shape": [elements], "data_offsets": [position, end]}
        position = end
    return safetensors_bytes(header, bytes(position))


def summary_of(rows: Rows, config: object = None) -> WeightsSummary:
    files: dict[str, bytes] = {"model.safetensors": file_of(rows)}
    if config is not None:
        files["config.json"] = json.dumps(config).encode()
    (summary,) = read_weights(MemorySource(files)).summaries
    return summary


BASE: Rows = {"model.embed_tokens.weight": ("BF16", 64), "model.norm.weight": ("BF16", 8)}
Q = "model.layers.0.self_attn.q_proj"
# As the writers lay one linear layer out, without the configuration that says so.
LAYOUTS: dict[str, Rows] = {
    "GPTQ": {
        f"{Q}.qweight": ("I32", 8),
        f"{Q}.qzeros": ("I32", 1),
        f"{Q}.scales": ("F16", 8),
        f"{Q}.g_idx": ("I32", 8),
    },
    "AWQ": {f"{Q}.qweight": ("I32", 8), f"{Q}.qzeros": ("I32", 1), f"{Q}.scales": ("F16", 8)},
    "bitsandbytes 4": {
        f"{Q}.weight": ("U8", 32),
        f"{Q}.weight.absmax": ("F32", 1),
        f"{Q}.weight.quant_map": ("F32", 16),
        f"{Q}.weight.quant_state.bitsandbytes__nf4": ("U8", 80),
    },
    "bitsandbytes 8": {f"{Q}.weight": ("I8", 64), f"{Q}.SCB": ("F32", 8)},
    "compressed-tensors packed": {
        f"{Q}.weight_packed": ("I32", 8),
        f"{Q}.weight_scale": ("BF16", 8),
        f"{Q}.weight_shape": ("I64", 2),
    },
    "compressed-tensors int8": {f"{Q}.weight": ("I8", 64), f"{Q}.weight_scale": ("F32", 8)},
    "fp8 per block": {f"{Q}.weight": ("F8_E4M3", 64), f"{Q}.weight_scale_inv": ("F32", 1)},
    "fp8 per tensor": {
        f"{Q}.weight": ("F8_E4M3", 64),
        f"{Q}.weight_scale": ("F32", 1),
        f"{Q}.input_scale": ("F32", 1),
    },
    "fp8 key cache": {f"{Q}.weight": ("F8_E5M2", 64), f"{Q}.k_scale": ("F32", 1)},
    "nvfp4": {
        f"{Q}.weight": ("U8", 32),
        f"{Q}.weight_scale": ("F8_E4M3", 4),
        f"{Q}.weight_scale_2": ("F32", 1),
    },
    "mxfp4": {
        "model.layers.0.mlp.experts.down_proj_blocks": ("U8", 32),
        "model.layers.0.mlp.experts.down_proj_scales": ("U8", 2),
    },
    "MLX": {f"{Q}.weight": ("U32", 8), f"{Q}.scales": ("BF16", 1), f"{Q}.biases": ("BF16", 1)},
    "four bits": {f"{Q}.weight": ("F4", 64)},
    "HQQ": {f"{Q}.W_q": ("U8", 32)},
    "AQLM": {f"{Q}.codes": ("I16", 8), f"{Q}.codebooks": ("F16", 64)},
    "QuIP": {f"{Q}.Qidxs": ("I64", 16)},
    "EXL3": {f"{Q}.trellis": ("I16", 16)},
    "a packing of no known name": {f"{Q}.mystery": ("I64", 16)},
    "another": {f"{Q}.mystery": ("U8", 32)},
}


@pytest.mark.parametrize("rows", LAYOUTS.values(), ids=LAYOUTS)
def test_packed_weights_are_known_by_their_tensors_alone(rows: Rows) -> None:
    summary = summary_of(BASE | rows)
    assert summary.parameters is None
    assert (summary.expert_parameters, summary.embedding_parameters, summary.head_parameters) == (None,) * 3
    assert "parameter" in summary.reason or "packed" in summary.reason
    assert sum(summary.dtypes.values()) == sum(count for _, count in (BASE | rows).values())


@pytest.mark.parametrize("rows", LAYOUTS.values(), ids=LAYOUTS)
def test_the_fact_is_unknown_with_the_reason(rows: Rows) -> None:
    found = merge(statements_of(MemorySource({"model.safetensors": file_of(BASE | rows)})).statements)
    value = found["model.parameters"].value
    assert isinstance(value, Unknown)
    assert value.reason
    assert "model.active_parameters" not in found


def test_a_small_set_beside_packed_weights_is_a_lower_bound() -> None:
    files = {"model.safetensors": file_of(BASE | LAYOUTS["GPTQ"]), "draft/model.safetensors": file_of(BASE)}
    found = merge(statements_of(MemorySource(files)).statements)
    assert found["model.parameters"].value == Interval(72.0, None)
    assert found["model.active_parameters"].value == Interval(72.0, None)
    assert "model.safetensors could not be counted" in found["model.parameters"].statements[0].method


METHODS = [
    "gptq",
    "awq",
    "bitsandbytes",
    "compressed-tensors",
    "fp8",
    "fbgemm_fp8",
    "hqq",
    "mxfp4",
    "torchao",
    "new",
]


@pytest.mark.parametrize("method", METHODS)
def test_a_configuration_that_names_a_method_is_believed(method: str) -> None:
    summary = summary_of(BASE, {"quantization_config": {"quant_method": method}})
    assert summary.parameters is None
    assert f"quantised ({method})" in summary.reason


@pytest.mark.parametrize("settings", [{}, {"quant_method": ""}, {"quant_method": 5}, [], "gptq", 0, False])
def test_a_configuration_that_names_no_method_is_believed_too(settings: object) -> None:
    files = {"config.json": json.dumps({"quantization_config": settings})}
    assert quantization_method(MemorySource(files), "") == "unnamed"


@pytest.mark.parametrize("config", [{}, {"quantization_config": None}, {"other": {"quant_method": "gptq"}}])
def test_a_configuration_without_quantisation_says_nothing(config: dict[str, object]) -> None:
    assert quantization_method(MemorySource({"config.json": json.dumps(config)}), "") == ""
    assert summary_of(BASE, config).parameters == 72


def test_the_configuration_beside_the_weights_counts() -> None:
    source = MemorySource(
        {"config.json": "{}", "q/config.json": '{"quantization_config": {"quant_method": "awq"}}'}
    )
    assert quantization_method(source, "") == ""
    assert quantization_method(source, "q") == "awq"
    assert quantization_method(source, "elsewhere") == ""


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("{", "not JSON", "./model/config.json:1:2"),
        ("[]", "holds list, needed an object", "./model/config.json"),
        ('{"a": 1, "a": 2}', "'a' is there twice", "./model/config.json"),
    ],
)
def test_a_configuration_that_is_none_is_the_models_fault(text: str, message: str, where: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        quantization_method(MemorySource({"config.json": text}), "")
    assert caught.value.where == where


# ---- what is not packed


@pytest.mark.parametrize(
    "rows",
    [
        {"bert.embeddings.position_ids": ("I64", 8)},
        {"bn.num_batches_tracked": ("I64", 1)},
        {"h.0.attn.bias": ("BOOL", 64)},
        {"h.0.attn.masked_bias": ("F32", 1)},
        {"logit_scale": ("F32", 1)},
        {"model.layers.0.layer_scale.scale": ("F32", 4)},
        {f"{Q}.weight": ("F8_E4M3", 64)},
    ],
    ids=lambda rows: next(iter(rows)),
)
def test_buffers_and_plain_weights_are_counted(rows: Rows) -> None:
    summary = summary_of(BASE | rows)
    assert summary.reason == ""
    assert summary.parameters == 72 + sum(count for _, count in rows.values())


@pytest.mark.parametrize(("integers", "unknown"), [(0, False), (10, False), (11, True), (70, True)])
def test_few_integers_are_buffers(integers: int, *, unknown: bool) -> None:
    assert bool(integer_reason({"BF16": 70, "I64": integers})) is unknown


def test_the_reason_names_the_share() -> None:
    assert integer_reason({"BF16": 1, "U8": 9}).startswith("9 of 10 stored elements are integers")
    assert integer_reason({}) == ""


FLOATS = ["F64", "F32", "F16", "BF16"]


@given(st.lists(st.tuples(st.text(max_size=8), st.sampled_from(FLOATS)), max_size=5))
def test_floats_are_never_taken_for_packed(rows: list[tuple[str, str]]) -> None:
    assert packed_reason("", [name for name, _ in rows], [dtype for _, dtype in rows]) == ""
    assert integer_reason(dict.fromkeys((dtype for _, dtype in rows), 5)) == ""


@given(
    st.dictionaries(
        st.sampled_from(["weight", "a.qweight", "b", "c.scales"]),
        st.sampled_from(sorted(DTYPE_BITS)),
        min_size=1,
    ),
    st.integers(1, 9),
)
def test_a_number_is_the_number_of_stored_elements_or_there_is_none(
    types: dict[str, str], eighths: int
) -> None:
    rows = {name: (dtype, 8 * eighths) for name, dtype in types.items()}
    summary = summary_of(rows)
    assert summary.parameters in (None, 8 * eighths * len(rows))
    assert (summary.parameters is None) is bool(summary.reason)
    if summary.parameters is not None:
        assert not any(dtype in ("U8", "I32", "F4") for dtype in types.values())
