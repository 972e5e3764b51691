"""Small real models, written by the real writers; what torch would write is put together by hand."""

from __future__ import annotations

import hashlib
import json
import pickle
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from safetensors.numpy import save_file

Arrays = Mapping[str, np.ndarray[Any, Any]]

VOCABULARY, WIDTH, INNER = 32, 8, 16


def tiny_llama(layers: int = 2) -> dict[str, np.ndarray[Any, Any]]:
    """Tensors with the names and proportions of a Llama: embedding, attention, feed-forward, head."""
    tensors = {"model.embed_tokens.weight": _ones(VOCABULARY, WIDTH)}
    for layer in range(layers):
        prefix = f"model.layers.{layer}"
        for part in "qkvo":
            tensors[f"{prefix}.self_attn.{part}_proj.weight"] = _ones(WIDTH, WIDTH)
        tensors[f"{prefix}.mlp.up_proj.weight"] = _ones(INNER, WIDTH)
        tensors[f"{prefix}.mlp.down_proj.weight"] = _ones(WIDTH, INNER)
        tensors[f"{prefix}.input_layernorm.weight"] = _ones(WIDTH)
    tensors["model.norm.weight"] = _ones(WIDTH)
    tensors["lm_head.weight"] = _ones(VOCABULARY, WIDTH)
    return tensors


def tiny_mixtral(experts: int = 4) -> dict[str, np.ndarray[Any, Any]]:
    """One layer with routed experts, a shared one, and a router."""
    prefix = "model.layers.0.mlp"
    tensors = {
        "model.embed_tokens.weight": _ones(VOCABULARY, WIDTH),
        f"{prefix}.gate.weight": _ones(experts, WIDTH),
    }
    for expert in range(experts):
        tensors[f"{prefix}.experts.{expert}.w1.weight"] = _ones(INNER, WIDTH)
    tensors[f"{prefix}.shared_experts.w1.weight"] = _ones(INNER, WIDTH)
    return tensors


def parameters(tensors: Arrays) -> int:
    """Elements of all arrays."""
    return sum(array.size for array in tensors.values())


def write_safetensors(path: Path, tensors: Arrays | None = None, **metadata: str) -> Path:
    """One file, written by the ``safetensors`` package; a tiny Llama unless told."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(dict(tiny_llama() if tensors is None else tensors), path, metadata or {"format": "pt"})
    return path


def write_shards(folder: Path, tensors: Arrays | None = None, count: int = 3) -> dict[str, str]:
    """Several files and their index, named as transformers names them; returns the weight map."""
    tensors = tiny_llama() if tensors is None else tensors
    weight_map: dict[str, str] = {}
    for number in range(count):
        name = f"model-{number + 1:05}-of-{count:05}.safetensors"
        part = {key: tensors[key] for key in sorted(tensors)[number::count]}
        write_safetensors(folder / name, part)
        weight_map |= dict.fromkeys(part, name)
    write_index(folder / "model.safetensors.index.json", weight_map, sum(a.nbytes for a in tensors.values()))
    return weight_map


def write_index(path: Path, weight_map: Mapping[str, str], total_size: int) -> None:
    """The index of shards."""
    path.write_text(json.dumps({"metadata": {"total_size": total_size}, "weight_map": weight_map}))


def write_adapter(folder: Path, base: str = "acme/tiny", rank: int = 2, layers: int = 2) -> Path:
    """A LoRA adapter as PEFT lays it out."""
    tensors = {}
    for layer in range(layers):
        prefix = f"base_model.model.model.layers.{layer}.self_attn.q_proj"
        tensors[f"{prefix}.lora_A.weight"] = _ones(rank, WIDTH)
        tensors[f"{prefix}.lora_B.weight"] = _ones(WIDTH, rank)
    write_safetensors(folder / "adapter_model.safetensors", tensors)
    config = {"base_model_name_or_path": base, "peft_type": "LORA", "r": rank, "target_modules": ["q_proj"]}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    return folder


def write_gguf(
    path: Path,
    tensors: Arrays | None = None,
    *,
    numbers: Mapping[str, int] | None = None,
    strings: Mapping[str, str] | None = None,
    words: int = 100,
    quantize: bool = False,
) -> Path:
    """One GGUF file, written by the ``gguf`` package.

    Args:
        path: The file.
        tensors: Arrays; a tiny Llama's unless told.
        numbers: Further keys with numbers of 32 bits.
        strings: Further keys with text.
        words: Size of the vocabulary in the header.
        quantize: Whether to store as Q8_0; then rows must be multiples of 32.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_license("apache-2.0")
    writer.add_float32("llama.rope.freq_base", 10000.0)
    writer.add_bool("tokenizer.ggml.add_bos_token", True)
    writer.add_token_list([f"word{number}" for number in range(words)])
    writer.add_token_scores([0.0] * words)
    for key, number in (numbers or {}).items():
        writer.add_uint32(key, number)
    for key, text in (strings or {}).items():
        writer.add_string(key, text)
    for name, array in (tiny_llama() if tensors is None else tensors).items():
        if quantize:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quants.quantize(array.astype(np.float32), kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, array.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_torch(
    path: Path, tensors: Arrays | None = None, *, shared: Mapping[str, str] | None = None
) -> Path:
    """A state dict in the zip of ``torch.save``, put together by hand.

    Args:
        path: The file.
        tensors: Arrays; a tiny Llama's unless told.
        shared: Further names, each of a tensor that uses another's storage.
    """
    tensors = tiny_llama() if tensors is None else tensors
    members = {str(number): array.tobytes() for number, array in enumerate(tensors.values())}
    return write_torch_zip(path, state_dict_pickle(tensors, shared or {}), members)


def write_torch_zip(
    path: Path, program: bytes, members: Mapping[str, bytes], prefix: str = "archive"
) -> Path:
    """The zip around a pickle and the bytes of the storages."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(f"{prefix}/data.pkl", program)
        for key, data in members.items():
            archive.writestr(f"{prefix}/data/{key}", data)
        archive.writestr(f"{prefix}/version", "3\n")
    return path


def state_dict_pickle(tensors: Arrays, shared: Mapping[str, str]) -> bytes:
    """The program that ``torch.save`` writes for an OrderedDict of tensors, in protocol 2."""
    keys = {name: str(number) for number, name in enumerate(tensors)}
    body = b"ccollections\nOrderedDict\n)R("
    for name, array in tensors.items():
        body += _text(name) + tensor_program(keys[name], array)
    for name, other in shared.items():
        body += _text(name) + tensor_program(keys[other], tensors[other])
    return b"\x80\x02" + body + b"u."


def tensor_program(
    key: str, array: np.ndarray[Any, Any], shape: Sequence[int] | None = None, offset: int = 0
) -> bytes:
    """Opcodes for one tensor over storage ``key``; ``shape`` and ``offset`` make it a part of the storage."""
    kind = {"float32": "FloatStorage", "float16": "HalfStorage", "int64": "LongStorage"}[array.dtype.name]
    sizes = array.shape if shape is None else shape
    storage = b"(" + _text("storage") + b"ctorch\n" + kind.encode() + b"\n" + _text(key) + _text("cpu")
    storage += _number(array.size) + b"tQ"
    numbers = b"(" + b"".join(_number(size) for size in sizes) + b"t"
    arguments = b"(" + storage + _number(offset) + numbers + numbers + b"\x89ccollections\nOrderedDict\n)Rt"
    return b"ctorch._utils\n_rebuild_tensor_v2\n" + arguments + b"R"


def malicious_pickle(module: str = "posix", name: str = "system", argument: str = "true") -> bytes:
    """A pickle whose load calls a function."""
    return b"\x80\x02c" + f"{module}\n{name}\n".encode() + _text(argument) + b"\x85R."


def write_training_args(path: Path) -> Path:
    """The ``training_args.bin`` that a Trainer leaves: a pickled object of its own."""
    program = b"\x80\x02ctransformers.training_args\nTrainingArguments\n)\x81}" + _text("lr") + b"K\x01sb."
    return write_torch_zip(path, program, {})


def write_cache(root: Path, repo: str, files: Mapping[str, bytes], revision: str = "a" * 40) -> Path:
    """A repository in the layout of the Hugging Face cache; returns the folder of the snapshot."""
    home = root / ("models--" + repo.replace("/", "--"))
    snapshot = home / "snapshots" / revision
    (home / "blobs").mkdir(parents=True, exist_ok=True)
    (home / "refs").mkdir(exist_ok=True)
    (home / "refs" / "main").write_text(revision)
    for name, data in files.items():
        blob = hashlib.sha256(data).hexdigest()
        (home / "blobs" / blob).write_bytes(data)
        link = snapshot / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to("../" * (2 + name.count("/")) + f"blobs/{blob}")
    return snapshot


def safetensors_bytes(header: object, data: bytes = b"") -> bytes:
    """A safetensors file with any header at all; text stands as it is."""
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    return len(text).to_bytes(8, "little") + text + data


def _ones(*shape: int) -> np.ndarray[Any, Any]:
    return np.ones(shape, np.float32)


def _text(text: str) -> bytes:
    raw = text.encode()
    return pickle.BINUNICODE + struct.pack("<I", len(raw)) + raw


def _number(value: int) -> bytes:
    return pickle.BININT + struct.pack("<i", value)
