"""``adapter_config.json``."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inspect.memory_source import MemorySource
from weightgate.errors import Exit, ModelError
from weightgate.inspect.documents.adapter import Adapter, read_adapter


def read(data: dict[str, Any]) -> Adapter:
    adapter = read_adapter(MemorySource({"adapter_config.json": data}))
    assert adapter is not None
    return adapter


def test_an_adapter_with_a_pinned_base() -> None:
    adapter = read({"peft_type": "LORA", "base_model_name_or_path": "a/b", "revision": "main"})
    assert (adapter.kind, adapter.base, adapter.revision) == ("LORA", "a/b", "main")
    assert adapter.notes == ()


@pytest.mark.parametrize("revision", [{}, {"revision": None}, {"revision": ""}])
def test_a_base_without_a_revision_is_not_pinned(revision: dict[str, Any]) -> None:
    adapter = read({"peft_type": "LORA", "base_model_name_or_path": "a/b", **revision})
    assert adapter.revision == ""
    assert adapter.notes == ("./model/adapter_config.json: the base a/b is not pinned to a revision",)


@pytest.mark.parametrize("base", [{}, {"base_model_name_or_path": None}, {"base_model_name_or_path": " "}])
def test_an_adapter_without_a_base(base: dict[str, Any]) -> None:
    adapter = read(base)
    assert (adapter.base, adapter.kind) == ("", "")
    assert "names no base" in adapter.notes[0]


def test_a_model_that_is_no_adapter() -> None:
    assert read_adapter(MemorySource({"config.json": "{}"})) is None


@pytest.mark.parametrize("key", ["peft_type", "base_model_name_or_path", "revision"])
@pytest.mark.parametrize("value", [1, True, ["a"], {}])
def test_a_value_of_another_type_is_refused_with_its_key(key: str, value: object) -> None:
    with pytest.raises(ModelError, match="needed text") as error:
        read({key: value})
    assert error.value.where == f"./model/adapter_config.json: {key}"
    assert error.value.exit is Exit.INPUT


@pytest.mark.parametrize(
    ("raw", "message"), [(b"{", "not JSON"), (b'"x"', "needed an object"), (b'{"a":1,"a":1}', "twice")]
)
def test_what_is_no_configuration(raw: bytes, message: str) -> None:
    with pytest.raises(ModelError, match=message) as error:
        read_adapter(MemorySource({"adapter_config.json": raw}))
    assert error.value.where.startswith("./model/adapter_config.json")
