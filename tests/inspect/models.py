"""Small models on the local Hub and in folders, and what an inspection of them establishes."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path

from tests.hub import Content, LocalHub, Repo, Sparse
from weightgate.facts.merge import merge
from weightgate.facts.statements import Fact
from weightgate.inspect.inspection import Inspection
from weightgate.inspect.model import inspect_model

OURS = "hf_ours"
LICENCE = b"---\nlicense: apache-2.0\n---\n# A model\n"


def safetensors(tensors: Mapping[str, int], *, size: int | None = None) -> Content:
    """A safetensors file of one-dimensional F32 tensors, sparse when its size is given."""
    offset = 0
    header = {}
    for name, elements in tensors.items():
        end = offset + 4 * elements
        header[name] = {"dtype": "F32", "shape": [elements], "data_offsets": [offset, end]}
        offset = end
    raw = json.dumps(header).encode()
    head = struct.pack("<Q", len(raw)) + raw
    return head + bytes(offset) if size is None else Sparse(head, len(head) + offset)


MODEL = Repo(
    "org/model",
    {
        ".gitattributes": b"*.safetensors filter=lfs\n",
        "README.md": LICENCE,
        "config.json": b'{"architectures": ["LlamaForCausalLM"]}',
        "model.safetensors": safetensors({"w": 100}),
    },
)
ADAPTER = Repo(
    "team/adapter",
    {
        "README.md": b"---\nlicense: mit\nbase_model: org/model\n---\n",
        "adapter_config.json": b'{"peft_type": "LORA", "base_model_name_or_path": "org/model"}',
        "adapter_model.safetensors": safetensors({"lora": 4}),
    },
)


def seen(
    local: LocalHub, reference: str, *, token: str | bool = False, base: str | None = None
) -> Inspection:
    """A model on the local Hub."""
    return inspect_model(reference, endpoint=local.endpoint, token=token, base=base)


def fact(found: Inspection, name: str) -> Fact:
    """What the statements together establish."""
    return merge(found.statements)[name]


def openness(found: Inspection) -> object:
    """The value of the model's openness."""
    return fact(found, "model.openness").value


def write(folder: Path, files: Mapping[str, Content]) -> Path:
    """A folder with a repo's files."""
    for name, content in files.items():
        assert isinstance(content, bytes)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder
