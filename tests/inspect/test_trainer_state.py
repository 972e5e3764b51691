"""``trainer_state.json``."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inspect.memory_source import MemorySource
from weightgate.errors import Exit, ModelError
from weightgate.inspect.documents.trainer_state import MAX_STATES, read_trainer_states


def test_the_counters_of_a_run() -> None:
    state = {
        "total_flos": 202109110272000.0,
        "global_step": 375,
        "train_batch_size": 16,
        "num_input_tokens_seen": 0,
    }
    states = read_trainer_states(MemorySource({"trainer_state.json": state}))
    found = states.furthest
    assert found is not None
    assert found.total_flos == 202109110272000.0
    assert (found.global_step, found.train_batch_size, found.tokens_seen) == (375, 16, 0)
    assert found.where == "./model/trainer_state.json"


def test_checkpoints_are_never_added_up() -> None:
    files: dict[str, dict[str, Any]] = {
        "trainer_state.json": {"total_flos": 1e12},
        "checkpoint-100/trainer_state.json": {"total_flos": 3e12},
        "checkpoint-200/trainer_state.json": {"total_flos": 2e12},
        "run/checkpoint-9/trainer_state.json": {"total_flos": 4e12},
        "trainer_state.json.bak/other.json": {"total_flos": 9e12},
    }
    found = read_trainer_states(MemorySource(files)).furthest
    assert found is not None
    assert (found.total_flos, found.name) == (4e12, "run/checkpoint-9/trainer_state.json")


@pytest.mark.parametrize("state", [{}, {"total_flos": None}, {"total_flos": 0}, {"total_flos": 0.0}])
def test_a_run_that_did_not_count_is_unknown_and_not_zero(state: dict[str, Any]) -> None:
    states = read_trainer_states(MemorySource({"trainer_state.json": state}))
    assert states.furthest is None
    assert len(states.states) == 1


def test_no_trainer_state() -> None:
    states = read_trainer_states(MemorySource({"xtrainer_state.json": "{}"}))
    assert (states.states, states.left_out, states.furthest) == ((), 0, None)


def test_only_the_last_of_very_many_checkpoints_are_read() -> None:
    files: dict[str, dict[str, Any]] = {
        f"checkpoint-{n}/trainer_state.json": {"total_flos": n} for n in range(1, MAX_STATES + 11)
    }
    source = MemorySource({**files, "trainer_state.json": {"total_flos": 1}})
    states = read_trainer_states(source)
    assert states.left_out == 11
    assert len(source.reads) == MAX_STATES
    assert source.reads[:2] == ["trainer_state.json", f"checkpoint-{MAX_STATES + 10}/trainer_state.json"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("total_flos", "1e20"),
        ("total_flos", True),
        ("total_flos", -1),
        ("total_flos", [1]),
        ("global_step", 1.5),
        ("global_step", -1),
        ("train_batch_size", "16"),
        ("num_input_tokens_seen", -5),
    ],
)
def test_a_counter_of_another_type_is_refused_with_its_key(key: str, value: object) -> None:
    with pytest.raises(ModelError, match="needed a") as error:
        read_trainer_states(MemorySource({"trainer_state.json": {key: value}}))
    assert error.value.where == f"./model/trainer_state.json: {key}"
    assert error.value.exit is Exit.INPUT


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"total_flos": 1e400}', "too large"),
        (b'{"total_flos": 1' + b"0" * 309 + b"}", "too large"),
        (b"{}{}", "not JSON"),
        (b"1", "object"),
    ],
)
def test_what_is_no_trainer_state(raw: bytes, message: str) -> None:
    with pytest.raises(ModelError, match=message) as error:
        read_trainer_states(MemorySource({"checkpoint-1/trainer_state.json": raw}))
    assert error.value.where.startswith("./model/checkpoint-1/trainer_state.json")


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_a_loss_that_diverged_hides_the_counters_and_stops_nothing(word: str) -> None:
    files: dict[str, bytes | str | dict[str, Any]] = {
        "trainer_state.json": f'{{"total_flos": 5e20, "log_history": [{{"loss": {word}}}]}}',
        "checkpoint-7/trainer_state.json": {"total_flos": 3e20},
    }
    states = read_trainer_states(MemorySource(files))
    assert states.states[0].problem == f"{word} is not JSON, so its counters were not read"
    assert states.states[0].total_flos is None
    assert states.furthest is not None
    assert states.furthest.total_flos == 3e20


@given(st.lists(st.floats(0, 1e300), min_size=1, max_size=8))
def test_the_furthest_is_the_largest(counts: list[float]) -> None:
    files: dict[str, dict[str, Any]] = {
        f"checkpoint-{n}/trainer_state.json": {"total_flos": count} for n, count in enumerate(counts)
    }
    found = read_trainer_states(MemorySource(files)).furthest
    assert (found.total_flos if found else 0) == max(counts)
