"""What a model was made from, from sources that name it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inspect.memory_source import MemorySource
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Known, Unknown
from weightgate.inspect.documents.adapter import Adapter
from weightgate.inspect.documents.card import Card
from weightgate.inspect.origin import MAX_GGUF_BASES, Base, Origin, origin_of
from weightgate.inspect.weights.tensors import WeightsSummary

SOURCE = MemorySource({})
ADAPTER = Adapter("adapter_config.json", "sha256:aa", "LORA", "a/b", "v1")


def gguf(**keys: str | int) -> WeightsSummary:
    """A summary with keys under ``general.base_model``; ``_0_name`` is ``.0.name``."""
    metadata: dict[str, str | int | float | bool] = {
        "general.base_model"
        + key.replace("_0_", ".0.").replace("_1_", ".1.").replace("_count", ".count"): value
        for key, value in keys.items()
    }
    return WeightsSummary("gguf", "model", ("m.gguf",), 1, metadata=metadata)


def origin(adapter: Adapter | None = None, card: Card | None = None, *weights: WeightsSummary) -> Origin:
    return origin_of(SOURCE, adapter, card, weights)


def about(found: Origin, fact: str) -> list[Statement]:
    return [s for s in found.statements if s.fact == fact]


def test_a_model_that_names_nothing() -> None:
    found = origin()
    (said,) = found.statements
    assert said.value == Unknown("no file names a model that this one was made from")
    assert said.source == "./model"
    assert (found.bases, found.relation, found.notes) == ((), "", ())


def test_an_adapter_comes_first_with_its_revision() -> None:
    found = origin(ADAPTER, Card("README.md", "sha256:bb", bases=("a/b",)))
    assert found.bases == (Base("a/b", "v1"),)
    assert [s.locator for s in about(found, "model.base")] == ["base_model_name_or_path", "base_model"]
    assert [s.digest for s in about(found, "model.base")] == ["sha256:aa", "sha256:bb"]
    (relation,) = about(found, "model.base_relation")
    assert (relation.value, relation.locator) == (Known("adapter"), "peft_type LORA")


def test_an_adapter_without_a_base_is_one_all_the_same() -> None:
    found = origin(Adapter("adapter_config.json", "", "", "", ""))
    assert about(found, "model.base")[0].value == Unknown("the adapter names no base")
    assert about(found, "model.base_relation")[0].locator == "adapter_config.json"
    assert found.relation == "adapter"
    assert "names no base" in found.notes[0]


@pytest.mark.parametrize("relation", ["finetune", "adapter", "merge", "quantized", "Quantized", "distilled"])
def test_relations_in_words_that_rules_know(relation: str) -> None:
    found = origin(None, Card("README.md", "", bases=("a/b",), relation=relation))
    assert found.relation == relation.lower()


def test_a_relation_in_other_words_is_quoted() -> None:
    found = origin(None, Card("README.md", "", relation="sibling"))
    (said,) = about(found, "model.base_relation")
    assert isinstance(said.value, Unknown)
    assert "the card says 'sibling', which is none of finetune, adapter" in said.value.reason
    assert found.relation == ""


def test_every_word_is_only_claimed() -> None:
    found = origin(
        ADAPTER, Card("README.md", "", bases=("c/d",), relation="finetune"), gguf(_count=1, _0_repo_url="x")
    )
    assert {s.grade for s in found.statements} == {Grade.CLAIMED}


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        ({"_count": 1, "_0_repo_url": "https://huggingface.co/a/b"}, Known("a/b")),
        ({"_count": 1, "_0_repo_url": " https://huggingface.co/a/b "}, Known("a/b")),
        (
            {"_count": 1, "_0_name": "Some Model"},
            Unknown("the GGUF file gives no address of its base 'Some Model'"),
        ),
        ({"_count": 1}, Unknown("the GGUF file gives no address of its base ''")),
        ({"_count": 1, "_0_repo_url": 7}, Unknown("the GGUF file gives no address of its base ''")),
        (
            {"_count": 2, "_0_repo_url": "https://hf.co/a/b", "_1_repo_url": "https://hf.co/c/d"},
            Unknown("made from several: a/b, c/d"),
        ),
        ({"_count": 2, "_0_repo_url": "https://hf.co/a/b"}, Unknown("made from several: a/b")),
    ],
)
def test_what_a_gguf_file_names(keys: dict[str, Any], value: object) -> None:
    (said,) = about(origin(None, None, gguf(**keys)), "model.base")
    assert said.value == value
    assert said.source == "./model/m.gguf"


@pytest.mark.parametrize("count", [0, -1, "1"])
def test_a_gguf_file_that_counts_no_base(count: object) -> None:
    summary = gguf(_count=count, _0_repo_url="https://hf.co/a/b")  # type: ignore[arg-type]
    assert origin(None, None, summary).bases == ()


def test_a_gguf_file_that_counts_absurdly_many_bases() -> None:
    keys: dict[str, str | int | float | bool] = {"general.base_model.count": 2**60}
    keys |= {f"general.base_model.{n}.repo_url": f"https://hf.co/a/m{n}" for n in range(MAX_GGUF_BASES + 5)}
    found = origin(None, None, WeightsSummary("gguf", "model", ("m.gguf",), 1, metadata=keys))
    (said,) = about(found, "model.base")
    assert isinstance(said.value, Unknown)
    assert f"m{MAX_GGUF_BASES + 1}" not in said.value.reason


def test_other_formats_have_no_such_keys() -> None:
    summary = WeightsSummary(
        "safetensors",
        "model",
        ("m",),
        1,
        metadata={"general.base_model.count": 1, "general.base_model.0.repo_url": "x"},
    )
    assert origin(None, None, summary).bases == ()


def test_several_bases_are_noted() -> None:
    found = origin(ADAPTER, Card("README.md", "", bases=("c/d",)))
    assert found.bases == (Base("a/b", "v1"), Base("c/d"))
    assert "Several bases are named: a/b, c/d." in found.notes


@given(st.lists(st.from_regex(r"[a-z]{1,5}/[a-z]{1,5}", fullmatch=True), max_size=4))
def test_bases_are_listed_once_in_order(names: list[str]) -> None:
    found = origin(None, Card("README.md", "", bases=tuple(names)))
    assert found.bases == tuple(Base(name) for name in dict.fromkeys(names))
    assert not any(base.local for base in found.bases)
