"""Front matter as authors and writers really lay it out, and models on disk as they really lie."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.inspect.memory_source import MIT, MemorySource, card, safetensors
from weightgate.facts.merge import merge
from weightgate.facts.values import Known, Unknown
from weightgate.inspect.documents.card import parse_card
from weightgate.inspect.files import statements_of
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.licenses.finding import license_of
from weightgate.inspect.licenses.table import Grants

# Laid out as the writers do: the card template of transformers' Trainer, PEFT, a quantiser, a merge kit, the MTEB
# results that fill thousands of lines, and hand-written ones. The names are made up.
TRAINER = """
library_name: transformers
license: apache-2.0
base_model: example/tiny-llama
tags:
- generated_from_trainer
metrics:
- accuracy
model-index:
- name: out
  results: []
"""
PEFT = """
base_model: example/Tiny-3.1-8B
library_name: peft
pipeline_tag: text-generation
tags:
- base_model:adapter:example/Tiny-3.1-8B
- lora
"""
QUANTISER = """
base_model: example/tiny-chat
inference: false
language:
- en
- no
license: other
license_name: tiny-community
license_link: https://example.com/license
model_creator: Example
prompt_template: '{prompt}

  '
quantized_by: someone
base_model_relation: quantized
"""
MERGE = """
base_model:
- example/one
- example/two
tags: [merge, mergekit]
license: cc-by-nc-4.0
"""
EMISSIONS = """
license: mit
co2_eq_emissions:
  emissions: 1234.5
  source: CodeCarbon
  hardware_used: 8 x A100
datasets: [example/data]
thumbnail: "https://example.com/x.png"
"""
MTEB = "license: mit\nmodel-index:\n- name: e\n  results:\n" + "".join(
    f"  - task: {{type: Retrieval}}\n    metrics:\n    - {{type: map_at_{n}, value: {n}.5}}\n"
    for n in range(2000)
)


@pytest.mark.parametrize(
    ("front", "licences", "bases", "relation", "grants"),
    [
        (TRAINER, ("apache-2.0",), ("example/tiny-llama",), "", Grants.OPEN),
        (PEFT, (), ("example/Tiny-3.1-8B",), "", Grants.UNKNOWN),
        (QUANTISER, ("tiny-community",), ("example/tiny-chat",), "quantized", Grants.UNKNOWN),
        (MERGE, ("cc-by-nc-4.0",), ("example/one", "example/two"), "", Grants.RESTRICTED),
        (EMISSIONS, ("mit",), (), "", Grants.OPEN),
        (MTEB, ("mit",), (), "", Grants.OPEN),
    ],
    ids=["trainer", "peft", "quantiser", "merge", "emissions", "mteb"],
)
def test_cards_as_they_are_written(
    front: str, licences: tuple[str, ...], bases: tuple[str, ...], relation: str, grants: Grants
) -> None:
    found = parse_card(card(front).encode(), "README.md")
    assert found.license_names == licences
    assert found.bases == bases
    assert found.relation == relation
    assert license_of(found, ()).grants is grants


def test_prose_that_looks_like_front_matter_is_none() -> None:
    text = card("license: mit") + "\n---\nlicense: apache-2.0\nlicense: again\n---\n"
    assert parse_card(text.encode(), "README.md").license_names == ("mit",)


def put(folder: Path, files: dict[str, bytes | str | dict[str, Any]]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = json.dumps(content).encode() if isinstance(content, dict) else content
        path.write_bytes(raw.encode() if isinstance(raw, str) else raw)


FILES: dict[str, bytes | str | dict[str, Any]] = {
    "README.md": card(TRAINER),
    "LICENSE": "Apache License, Version 2.0\n",
    "config.json": {"architectures": ["LlamaForCausalLM"], "model_type": "llama"},
    "model.safetensors": safetensors(model__embed_tokens__weight=(10, 4), model__norm__weight=(4,)),
    "checkpoint-5/trainer_state.json": {"total_flos": 7e15},
}


def test_a_folder_and_the_same_files_elsewhere_say_the_same(tmp_path: Path) -> None:
    put(tmp_path, FILES)
    lying = merge(statements_of(FolderSource(tmp_path)).statements)
    memory = merge(statements_of(MemorySource(FILES)).statements)
    assert {name: (fact.value, fact.grade) for name, fact in lying.items()} == {
        name: (fact.value, fact.grade) for name, fact in memory.items()
    }
    assert lying["model.license"].value == Known("apache-2.0")
    assert lying["model.parameters"].value == Known(44.0)


def test_a_single_file_is_a_model_that_says_little(tmp_path: Path) -> None:
    put(tmp_path, FILES)
    found = merge(statements_of(FolderSource(tmp_path / "model.safetensors")).statements)
    assert found["model.parameters"].value == Known(44.0)
    assert isinstance(found["model.license"].value, Unknown)


def test_a_folder_that_calls_itself_free_proves_nothing_about_who_has_it(tmp_path: Path) -> None:
    put(tmp_path, {**FILES, "README.md": card("license: mit"), "LICENSE": MIT})
    found = merge(statements_of(FolderSource(tmp_path)).statements)
    assert "model.openness" not in found
    assert found["model.license"].value == Known("mit")


_PROBE = """
import sys
from weightgate.inspect.files import statements_of
from weightgate.inspect.folder import FolderSource
statements_of(FolderSource(sys.argv[1]))
print(*sorted(set(sys.modules) & set(sys.argv[2:])))
"""


@pytest.mark.parametrize(
    ("names", "loaded"),
    [
        (["config.json", "model.safetensors"], ""),
        (["config.json", "model.safetensors", "README.md"], "weightgate.inspect.documents.card yaml"),
        (["model.safetensors", "LICENSE"], "weightgate.inspect.licenses.text"),
        (
            ["model.safetensors", "checkpoint-5/trainer_state.json"],
            "weightgate.inspect.documents.trainer_state",
        ),
    ],
)
def test_a_reader_is_loaded_only_when_its_file_is_there(
    names: list[str], loaded: str, tmp_path: Path
) -> None:
    put(tmp_path, {name: FILES[name] for name in names})
    watched = [
        "yaml",
        "huggingface_hub",
        "weightgate.inspect.documents.card",
        "weightgate.inspect.documents.adapter",
        "weightgate.inspect.licenses.text",
        "weightgate.inspect.licenses.table",
        "weightgate.inspect.documents.trainer_state",
        "weightgate.inspect.weights.gguf",
    ]
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, str(tmp_path), *watched], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == loaded
