"""All weights of a model together: what is found, added up, told apart, and refused."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inspect.writers import (
    malicious_pickle,
    parameters,
    tiny_llama,
    tiny_mixtral,
    write_adapter,
    write_gguf,
    write_index,
    write_safetensors,
    write_shards,
    write_torch,
    write_torch_zip,
    write_training_args,
)
from weightgate.errors import Exit, ModelError
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.weights.packing import packed_reason
from weightgate.inspect.weights.reading import LARGE, Weights, WeightsSummary, read_weights
from weightgate.inspect.weights.tensors import Tally, TensorInfo

INDEX = "model.safetensors.index.json"


def weights_of(folder: Path) -> Weights:
    return read_weights(FolderSource(folder))


def only(folder: Path) -> WeightsSummary:
    found = weights_of(folder)
    assert found.not_understood == ()
    (summary,) = found.summaries
    return summary


def refused(folder: Path, where: Path, message: str, code: str = "shards") -> ModelError:
    with pytest.raises(ModelError, match=message) as caught:
        weights_of(folder)
    assert caught.value.exit is Exit.INPUT
    assert caught.value.where.startswith(str(where))
    assert caught.value.code == code
    return caught.value


def test_one_safetensors_file(tmp_path: Path) -> None:
    tensors = tiny_llama()
    write_safetensors(tmp_path / "model.safetensors", tensors, title="tiny")
    assert only(tmp_path) == WeightsSummary(
        format="safetensors",
        role="model",
        files=("model.safetensors",),
        parameters=parameters(tensors),
        dtypes={"F32": parameters(tensors)},
        expert_parameters=0,
        embedding_parameters=2 * 32 * 8,
        head_parameters=32 * 8,
        metadata={"title": "tiny"},
    )


def test_every_format_of_the_same_weights_gives_the_same_numbers(tmp_path: Path) -> None:
    tensors = tiny_llama()
    write_safetensors(tmp_path / "model.safetensors", tensors)
    write_torch(tmp_path / "pytorch_model.bin", tensors)
    write_gguf(tmp_path / "tiny.gguf", tensors)
    write_shards(tmp_path / "sharded", tensors)
    found = weights_of(tmp_path)
    assert [summary.format for summary in found.summaries] == ["safetensors", "torch", "safetensors", "gguf"]
    assert {summary.parameters for summary in found.summaries} == {parameters(tensors)}
    assert {summary.embedding_parameters for summary in found.summaries} == {512}
    assert [summary.folder for summary in found.summaries] == ["", "", "sharded", ""]
    assert found.of_role("model") == found.summaries


@settings(max_examples=40)
@given(
    shapes=st.lists(st.lists(st.integers(1, 5), max_size=3), min_size=1, max_size=8), count=st.integers(1, 4)
)
def test_shards_add_up_to_the_whole(
    shapes: list[list[int]], count: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("shards")
    tensors = {f"t{number}": np.zeros(shape, np.float16) for number, shape in enumerate(shapes)}
    write_shards(folder, tensors, min(count, len(tensors)))
    summary = only(folder)
    assert summary.parameters == parameters(tensors)
    assert summary.notes == ()


# ---- experts and embeddings


def test_routed_experts_are_counted_apart(tmp_path: Path) -> None:
    tensors = tiny_mixtral(experts=4)
    write_safetensors(tmp_path / "model.safetensors", tensors)
    summary = only(tmp_path)
    assert summary.expert_parameters == 4 * 16 * 8
    assert summary.parameters == parameters(tensors)


@pytest.mark.parametrize(
    ("name", "experts", "embeddings", "heads"),
    [
        ("model.layers.0.block_sparse_moe.experts.7.w1.weight", 1, 0, 0),
        ("model.layers.0.mlp.experts.gate_up_proj", 1, 0, 0),
        ("experts.0.w", 1, 0, 0),
        ("blk.3.ffn_down_exps.weight", 1, 0, 0),
        ("model.layers.0.mlp.shared_experts.up_proj.weight", 0, 0, 0),
        ("model.layers.0.mlp.shared_expert.up_proj.weight", 0, 0, 0),
        ("blk.3.ffn_down_shexp.weight", 0, 0, 0),
        ("model.layers.0.mlp.gate.weight", 0, 0, 0),
        ("model.embed_tokens.weight", 0, 1, 0),
        ("transformer.wte.weight", 0, 1, 0),
        ("wpe.weight", 0, 1, 0),
        ("bert.embeddings.word_embeddings.weight", 0, 1, 0),
        ("gpt_neox.embed_in.weight", 0, 1, 0),
        ("tok_embeddings.weight", 0, 1, 0),
        ("token_embd.weight", 0, 1, 0),
        ("shared.weight", 0, 1, 0),
        ("lm_head.weight", 0, 1, 1),
        ("embed_out.weight", 0, 1, 1),
        ("output.weight", 0, 1, 1),
        ("blk.0.attn_output.weight", 0, 0, 0),
        ("model.layers.0.self_attn.o_proj.weight", 0, 0, 0),
    ],
)
def test_names_decide_what_a_tensor_is(name: str, experts: int, embeddings: int, heads: int) -> None:
    tally = Tally()
    tally.add_tensors([TensorInfo(name, "F32", (5,), 5), TensorInfo("model.norm.weight", "BF16", (2,), 2)])
    summary = tally.summary(format="gguf", role="model", files=["m"])
    assert summary.parameters == 7
    assert summary.dtypes == {"BF16": 2, "F32": 5}
    assert (summary.expert_parameters, summary.embedding_parameters, summary.head_parameters) == (
        5 * experts,
        5 * embeddings,
        5 * heads,
    )


# ---- adapters


def test_an_adapter_is_not_the_model(tmp_path: Path) -> None:
    write_adapter(tmp_path, rank=2, layers=3)
    summary = only(tmp_path)
    assert summary.role == "adapter"
    assert summary.parameters == 3 * 2 * 2 * 8


def test_an_adapter_beside_a_model_stays_apart(tmp_path: Path) -> None:
    write_adapter(tmp_path)
    write_safetensors(tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text("{}")
    found = weights_of(tmp_path)
    assert [summary.files for summary in found.of_role("adapter")] == [("adapter_model.safetensors",)]
    assert [summary.files for summary in found.of_role("model")] == [("model.safetensors",)]


def test_an_adapter_in_a_torch_file(tmp_path: Path) -> None:
    write_torch(tmp_path / "adapter_model.bin", {"lora_A": np.ones((2, 8), np.float32)})
    assert only(tmp_path).role == "adapter"


# ---- shards that do not fit


def test_a_missing_shard_is_refused(tmp_path: Path) -> None:
    write_shards(tmp_path)
    (tmp_path / "model-00002-of-00003.safetensors").unlink()
    error = refused(
        tmp_path, tmp_path / INDEX, "shard 'model-00002-of-00003.safetensors' is missing", "missing_shard"
    )
    assert error.hint == "complete the download"


def test_a_missing_shard_is_refused_without_an_index_too(tmp_path: Path) -> None:
    write_shards(tmp_path)
    (tmp_path / INDEX).unlink()
    assert only(tmp_path).parameters == parameters(tiny_llama())
    (tmp_path / "model-00002-of-00003.safetensors").unlink()
    refused(tmp_path, tmp_path / "model-00001", "has 2 of 3 files", "missing_shard")


def test_a_shard_that_the_index_leaves_out_is_refused(tmp_path: Path) -> None:
    write_shards(tmp_path)
    write_safetensors(tmp_path / "model-00004-of-00003.safetensors", {"x": np.ones(1)})
    message = "shard 'model-00004-of-00003.safetensors' is there, but the index does not name it"
    refused(tmp_path, tmp_path / INDEX, message, "extra_shard")


def change_index(folder: Path, changes: Mapping[str, str | None]) -> None:
    document = json.loads((folder / INDEX).read_text())
    kept = document["weight_map"] | changes
    write_index(folder / INDEX, {name: shard for name, shard in kept.items() if shard}, 0)


def test_a_tensor_in_another_shard_than_the_index_says_is_refused(tmp_path: Path) -> None:
    weight_map = write_shards(tmp_path)
    name = next(key for key, shard in weight_map.items() if "00001" in shard)
    change_index(tmp_path, {name: "model-00002-of-00003.safetensors"})
    refused(
        tmp_path, tmp_path / INDEX, f"'{name}' is in 'model-00001-of-00003.safetensors', but the index says"
    )


def test_a_tensor_in_no_shard_is_refused(tmp_path: Path) -> None:
    write_shards(tmp_path)
    change_index(tmp_path, {"ghost": "model-00002-of-00003.safetensors"})
    refused(tmp_path, tmp_path / INDEX, "tensor 'ghost' is not in .* nor in any shard")


def test_a_tensor_that_the_index_leaves_out_is_refused(tmp_path: Path) -> None:
    write_shards(tmp_path)
    change_index(tmp_path, {"lm_head.weight": None})
    refused(tmp_path, tmp_path / INDEX, "tensor 'lm_head.weight' of .* is not in the index")


def test_a_tensor_in_two_shards_is_refused(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "model-00001-of-00002.safetensors", {"a": np.ones(1), "b": np.ones(1)})
    write_safetensors(tmp_path / "model-00002-of-00002.safetensors", {"b": np.ones(1)})
    message = "tensor 'b' is in 'model-00001-of-00002.safetensors' as well"
    refused(tmp_path, tmp_path / "model-00002", message)


@pytest.mark.parametrize(
    "shard", ["../model.safetensors", "/etc/passwd", "a/../../b", "./x", "a//b", "a\\b", "..", ""]
)
def test_a_shard_outside_the_model_is_refused(shard: str, tmp_path: Path) -> None:
    write_safetensors(tmp_path / "model.safetensors")
    write_index(tmp_path / INDEX, {"a": shard}, 0)
    refused(tmp_path, tmp_path / INDEX, "leads out of the model", "bad_shard")


@pytest.mark.parametrize(
    "index",
    [{}, {"weight_map": []}, {"weight_map": {}}, {"weight_map": {"a": 5}}, {"weight_map": {"a": ["b"]}}],
)
def test_an_index_that_is_none_is_refused(index: object, tmp_path: Path) -> None:
    write_safetensors(tmp_path / "model.safetensors")
    (tmp_path / INDEX).write_text(json.dumps(index))
    refused(tmp_path, tmp_path / INDEX, "weight_map")


def test_an_index_that_is_not_json_is_refused(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "model.safetensors")
    (tmp_path / INDEX).write_text('{"weight_map": {"a": "b", "a": "c"}}')
    assert refused(tmp_path, tmp_path / INDEX, "'a' is there twice", "json").where == str(tmp_path / INDEX)


def test_a_config_that_is_not_json_is_refused(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text('{\n"quantization_config": }')
    refused(tmp_path, tmp_path / "config.json:2:24", "not JSON", "json")
    (tmp_path / "config.json").write_text("[]")
    refused(tmp_path, tmp_path / "config.json", "holds list, needed an object", "bad_type")


def test_a_false_total_is_noted(tmp_path: Path) -> None:
    weight_map = write_shards(tmp_path)
    write_index(tmp_path / INDEX, weight_map, 5)
    assert only(tmp_path).notes == (
        f"{INDEX} claims 5 bytes of tensors, there are {parameters(tiny_llama()) * 4}",
    )


def test_torch_shards_and_their_index(tmp_path: Path) -> None:
    tensors = tiny_llama()
    names = sorted(tensors)
    files = {f"pytorch_model-0000{n + 1}-of-00002.bin": names[n::2] for n in range(2)}
    for file, part in files.items():
        write_torch(tmp_path / file, {name: tensors[name] for name in part})
    weight_map = {name: file for file, part in files.items() for name in part}
    index = tmp_path / "pytorch_model.bin.index.json"
    write_index(index, weight_map, 0)
    assert only(tmp_path).parameters == parameters(tensors)
    write_index(index, weight_map | {"ghost": "pytorch_model-00001-of-00002.bin"}, 0)
    refused(tmp_path, index, "tensor 'ghost' is not in")


def test_a_tensor_in_two_torch_files_is_refused(tmp_path: Path) -> None:
    for number in (1, 2):
        write_torch(tmp_path / f"pytorch_model-0000{number}-of-00002.bin", {"a": np.ones(2, np.float32)})
    refused(
        tmp_path,
        tmp_path / "pytorch_model-00002",
        "tensor 'a' is in 'pytorch_model-00001-of-00002.bin' as well",
    )


def test_a_split_gguf_is_one_model(tmp_path: Path) -> None:
    tensors = tiny_llama()
    for number, name in enumerate(("lm_head.weight", "model.norm.weight")):
        numbers = {"split.no": number, "split.count": 2}
        write_gguf(tmp_path / f"m-0000{number + 1}-of-00002.gguf", {name: tensors[name]}, numbers=numbers)
    summary = only(tmp_path)
    assert summary.files == ("m-00001-of-00002.gguf", "m-00002-of-00002.gguf")
    assert summary.parameters == 32 * 8 + 8
    (tmp_path / "m-00002-of-00002.gguf").unlink()
    refused(tmp_path, tmp_path / "m-00001", "has 1 of 2 files", "missing_shard")


# ---- packed weights


PACKED: dict[str, tuple[dict[str, np.ndarray[Any, Any]], object, str]] = {
    "gptq by config": ({"a": np.ones(2, np.float16)}, {"quant_method": "gptq"}, "quantised (gptq)"),
    "method unnamed": ({"a": np.ones(2, np.float16)}, {}, "quantised (unnamed)"),
    "gptq by name": (
        {"a.qweight": np.ones(2, np.int32)},
        None,
        "'a.qweight' of type I32 looks like packed weights",
    ),
    "bitsandbytes": ({"a.weight": np.ones(2, np.uint8)}, None, "'a.weight' of type U8 looks like packed"),
    "mxfp4": ({"a.gate_up_proj_blocks": np.ones(2, np.uint8)}, None, "type U8 looks like packed"),
}


@pytest.mark.parametrize(("tensors", "config", "reason"), PACKED.values(), ids=PACKED)
def test_packed_weights_leave_the_parameters_unknown(
    tensors: dict[str, np.ndarray[Any, Any]], config: object, reason: str, tmp_path: Path
) -> None:
    write_safetensors(tmp_path / "model.safetensors", tensors)
    if config is not None:
        (tmp_path / "config.json").write_text(json.dumps({"quantization_config": config}))
    summary = only(tmp_path)
    assert summary.parameters is None
    assert summary.expert_parameters is None
    assert summary.embedding_parameters is None
    assert reason in summary.reason
    assert sum(summary.dtypes.values()) == 2


def test_packed_weights_in_a_torch_file(tmp_path: Path) -> None:
    write_torch(tmp_path / "pytorch_model.bin", {"a.weight": np.ones(2, np.float32)})
    assert only(tmp_path).parameters == 2
    (tmp_path / "config.json").write_text('{"quantization_config": {"quant_method": "gptq"}}')
    assert only(tmp_path).parameters is None


def test_an_integer_buffer_is_no_packed_weight(tmp_path: Path) -> None:
    write_safetensors(
        tmp_path / "model.safetensors", {"position_ids": np.ones(4, np.int32), "w": np.ones(96, np.float32)}
    )
    assert only(tmp_path).parameters == 100


def test_the_config_of_another_folder_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"quantization_config": {"quant_method": "awq"}}')
    write_safetensors(tmp_path / "sub" / "model.safetensors")
    assert only(tmp_path).parameters == parameters(tiny_llama())


@pytest.mark.parametrize("config", ["{}", '{"quantization_config": null}'])
def test_a_config_without_quantisation_changes_nothing(config: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(config)
    write_safetensors(tmp_path / "model.safetensors")
    assert only(tmp_path).parameters == parameters(tiny_llama())


@given(st.lists(st.tuples(st.text(max_size=8), st.sampled_from(["F32", "BF16", "F16", "F64"])), max_size=5))
def test_floats_are_never_taken_for_packed(rows: list[tuple[str, str]]) -> None:
    assert packed_reason("", [name for name, _ in rows], [dtype for _, dtype in rows]) == ""


# ---- what is not understood


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("tf_model.h5", "HDF5"),
        ("flax_model.msgpack", "Flax"),
        ("onnx/model.onnx", "ONNX"),
        ("model.onnx_data", "ONNX external data"),
        ("weights.npz", "NumPy"),
        ("model.TFLITE", "TensorFlow Lite"),
        ("all.tar.gz", "gzip"),
    ],
)
def test_other_formats_are_listed(name: str, why: str, tmp_path: Path) -> None:
    write_safetensors(tmp_path / "model.safetensors")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"12345")
    (item,) = weights_of(tmp_path).not_understood
    assert (item.name, item.size) == (name, 5)
    assert item.why.startswith(why)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "openvino.bin", "x.pt"])
def test_a_bin_that_is_no_torch_file_is_listed(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"\x00\x01raw weights")
    found = weights_of(tmp_path)
    assert [(item.name, item.why) for item in found.not_understood] == [
        (name, "neither a zip nor a pickle of torch.save")
    ]
    assert found.summaries == ()


def test_an_old_torch_file_is_listed_and_has_unknown_parameters(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(pickle.dumps({"a": 1}, 2))
    found = weights_of(tmp_path)
    assert [item.name for item in found.not_understood] == ["pytorch_model.bin"]
    assert found.summaries[0].parameters is None
    assert "before PyTorch 1.6" in found.summaries[0].reason


def test_a_large_file_of_no_known_kind_is_listed(tmp_path: Path) -> None:
    (tmp_path / "weights.dat").write_bytes(bytes(LARGE))
    (tmp_path / "noext").write_bytes(bytes(LARGE))
    (tmp_path / "small.dat").write_bytes(bytes(LARGE - 1))
    (tmp_path / "tokenizer.json").write_bytes(bytes(LARGE))
    (tmp_path / "tokenizer.model").write_bytes(bytes(LARGE))
    assert [item.name for item in weights_of(tmp_path).not_understood] == ["noext", "weights.dat"]


def test_a_model_without_weights_has_none(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("nothing")
    assert weights_of(tmp_path) == Weights(())


# ---- pickles


@pytest.mark.parametrize(
    "name", ["pytorch_model.bin", "x.pt", "sub/y.pth", "z.ckpt", "data.pkl", "a.joblib", "b.pickle"]
)
@pytest.mark.parametrize("protocol", [0, 2])
def test_a_pickle_that_runs_code_is_refused_wherever_it_lies(
    name: str, protocol: int, tmp_path: Path
) -> None:
    write_safetensors(tmp_path / "model.safetensors")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(malicious_pickle() if protocol else b"cposix\nsystem\n(S'true'\ntR.")
    refused(tmp_path, tmp_path / name, "unsafe pickle: .* import posix.system", "unsafe_pickle")


def test_a_harmless_pickle_is_listed(tmp_path: Path) -> None:
    (tmp_path / "labels.pkl").write_bytes(pickle.dumps({"a": 1}))
    assert [item.why for item in weights_of(tmp_path).not_understood] == [
        "a pickle that is no file of torch.save"
    ]


@pytest.mark.parametrize("name", ["training_args.bin", "checkpoint-5/training_args.bin"])
def test_a_trainers_state_is_looked_at_and_left_aside(name: str, tmp_path: Path) -> None:
    write_safetensors(tmp_path / "model.safetensors")
    write_training_args(tmp_path / name)
    found = weights_of(tmp_path)
    assert found.not_understood == ()
    assert len(found.summaries) == 1
    assert found.notes == (
        f"{name} is a trainer's pickled state, no weights; loading it runs the code that it names",
    )


@pytest.mark.parametrize("name", ["training_args.bin", "optimizer.pt", "scheduler.pt", "rng_state_0.pth"])
def test_a_trainers_state_that_runs_other_code_is_refused(name: str, tmp_path: Path) -> None:
    write_safetensors(tmp_path / "model.safetensors")
    write_torch_zip(tmp_path / name, malicious_pickle("builtins", "exec"), {})
    message = "would import builtins.exec, which has no place in a trainer's state"
    refused(tmp_path, tmp_path / name, message, "unsafe_pickle")


def test_what_is_only_named_like_a_trainers_state_is_noted(tmp_path: Path) -> None:
    (tmp_path / "optimizer.pt").write_bytes(b"\0\0\0\0")
    assert weights_of(tmp_path).notes == (
        "optimizer.pt is named as a trainer's state is, but is no file of torch.save",
    )
