"""``config.json``."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inspect.memory_source import MemorySource
from weightgate.errors import Exit, ModelError
from weightgate.inspect.documents.config import MAX_CONFIG, Config, read_config


def read(data: dict[str, Any]) -> Config:
    config = read_config(MemorySource({"config.json": data}))
    assert config is not None
    return config


def test_a_dense_model() -> None:
    config = read({"architectures": ["LlamaForCausalLM"], "model_type": "llama"})
    assert config.architectures == ("LlamaForCausalLM",)
    assert config.model_type == "llama"
    assert config.experts is None
    assert config.quantization == ""
    assert config.notes == ()
    assert config.where == "./model/config.json"
    assert config.digest.startswith("sha256:")


def test_a_model_without_a_configuration() -> None:
    assert read_config(MemorySource({"x": b""})) is None


@pytest.mark.parametrize(
    ("data", "experts"),
    [
        ({"num_local_experts": 8, "num_experts_per_tok": 2}, (8, 2, 0)),
        ({"num_experts": 64, "num_experts_per_tok": 8, "num_shared_experts": 1}, (64, 8, 1)),
        ({"n_routed_experts": 256, "num_experts_per_tok": 8, "n_shared_experts": 1}, (256, 8, 1)),
        ({"moe_num_experts": 16, "moe_k": 4}, (16, 4, 0)),
        ({"ffn_config": {"moe_num_experts": 16, "moe_top_k": 4}}, (16, 4, 0)),
        ({"text_config": {"num_experts": 128, "num_experts_per_tok": 8}}, (128, 8, 0)),
        ({"thinker_config": {"text_config": {"num_experts": 128, "num_experts_per_tok": 8}}}, (128, 8, 0)),
        ({"num_experts": 16, "moe_topk": [2, 2, 2]}, (16, 2, 0)),
        ({"num_experts": 8}, (8, None, 0)),
        ({"num_experts": 1}, None),
        ({"num_experts": 0, "num_experts_per_tok": 2}, None),
        ({"num_experts": None}, None),
    ],
)
def test_a_mixture_of_experts_under_every_name(
    data: dict[str, Any], experts: tuple[int, int | None, int] | None
) -> None:
    found = read(data).experts
    assert (found and (found.total, found.per_token, found.shared)) == experts


def test_the_share_that_surely_computes_a_token() -> None:
    known, open_ = (
        read({"num_experts": 8, "num_experts_per_tok": 2}).experts,
        read({"num_experts": 8}).experts,
    )
    assert known is not None
    assert open_ is not None
    assert (known.least_share, open_.least_share) == (0.25, 0.125)


def test_what_was_not_understood_is_noted() -> None:
    assert "does not say how many" in read({"num_experts": 8}).notes[0]
    assert "differs between layers" in read({"num_experts": 8, "moe_topk": [1, 2]}).notes[0]


@pytest.mark.parametrize(
    ("data", "method"),
    [
        ({"quantization_config": {"quant_method": "gptq", "bits": 4}}, "gptq"),
        ({"quantization_config": {"load_in_4bit": True}}, "bitsandbytes"),
        ({"quantization_config": {}}, "unnamed"),
        ({"quantization_config": None}, ""),
    ],
)
def test_quantisation(data: dict[str, Any], method: str) -> None:
    assert read(data).quantization == method


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"architectures": "Llama"}, "architectures"),
        ({"architectures": [1]}, "architectures"),
        ({"model_type": 3}, "model_type"),
        ({"num_experts": "8"}, "num_experts"),
        ({"num_experts": True}, "num_experts"),
        ({"num_experts": -8}, "num_experts"),
        ({"num_experts": 8.0}, "num_experts"),
        ({"num_experts": 8, "num_experts_per_tok": 9}, "num_experts_per_tok"),
        ({"num_experts": 8, "num_experts_per_tok": 0}, "num_experts_per_tok"),
        ({"text_config": {"num_experts": "8"}}, "text_config: num_experts"),
        ({"quantization_config": "gptq"}, "quantization_config"),
        ({"quantization_config": {"quant_method": 4}}, "quantization_config: quant_method"),
        ({"quantization_config": {"load_in_4bit": "yes"}}, "quantization_config: load_in_4bit"),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_key(data: dict[str, Any], place: str) -> None:
    with pytest.raises(ModelError) as error:
        read(data)
    assert error.value.where == f"./model/config.json: {place}"
    assert error.value.exit is Exit.INPUT


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "not JSON"),
        (b"[]", "needed an object"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": 1e400}', "too large"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested too deeply"),
        (b'{"a": "' + b"x" * MAX_CONFIG + b'"}', "at most"),
    ],
)
def test_what_is_no_configuration(raw: bytes, message: str) -> None:
    with pytest.raises(ModelError) as error:
        read_config(MemorySource({"config.json": raw}))
    assert message in error.value.message
    assert error.value.where.startswith("./model/config.json")
    assert error.value.exit is Exit.INPUT


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_KEYS = st.sampled_from(
    [
        "architectures",
        "num_experts",
        "num_experts_per_tok",
        "quantization_config",
        "text_config",
        "moe_topk",
        "n_shared_experts",
    ]
)


@given(st.dictionaries(_KEYS, _JSON))
def test_any_json_is_a_configuration_or_a_model_error(data: dict[str, Any]) -> None:
    refused = None
    try:
        experts = read(data).experts
    except ModelError as error:
        refused = error
    else:
        assert experts is None or 0 < experts.least_share <= 1
    assert refused is None or refused.where.startswith("./model/config.json")
