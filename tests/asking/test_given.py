"""What a caller passes that is of the wrong type, or empty, is told as such."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import weightgate
from tests.api.samples import CLOSED, write_model
from weightgate.asking.given import file_of, text_of, texts_of
from weightgate.errors import Exit, WeightgateError

WRONG = (5, 0, 1.5, b"x", ..., [5], {1: 2}, [None])
CHECKED = (
    "model", "to", "activity", "operator", "facts", "policy", "as_of",
    "known_at",
    "switches", "status", "require_grade", "digest", "trust", "pack_signatures", "insecure", "model_keys",
)  # fmt: skip


@pytest.mark.parametrize("value", WRONG, ids=repr)
@pytest.mark.parametrize("name", CHECKED)
def test_a_wrong_type_is_an_error_that_says_so(name: str, value: object) -> None:
    arguments: dict[str, Any] = {"model": "-", "to": "JP", name: value}
    if name == "facts" and value == [None]:
        return  # nothing is declared, once more
    with pytest.raises(WeightgateError) as caught:
        weightgate.check(**arguments)
    assert caught.value.exit == Exit.INPUT
    assert caught.value.message


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"facts": {1: 2}}, "1 is of type int, needed text"),
        ({"facts": 5}, "5 is of type int, needed a path"),
        ({"to": 5}, "5 is of type int, needed text, or a list of texts"),
        ({"policy": 5}, "5 is of type int, needed a pack's name or path"),
        ({"digest": 5}, "5 is of type int, needed text"),
        ({"as_of": 5}, "5 is of type int, needed text"),
        ({"require_grade": "model.openness=verified"}, "needed a mapping of facts to grades"),
        ({"insecure": 5}, "5 is of type int, needed text, or a list of texts"),
        ({"facts": ""}, "--facts is empty"),
        ({"facts": [CLOSED, ""]}, "--facts is empty"),
        ({"operator": ""}, "--operator is empty"),
        ({"policy": ""}, "no pack is called ''"),
        ({"digest": ""}, "'' is no digest"),
    ],
)
def test_the_error_names_what_was_found_and_needed(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(WeightgateError) as caught:
        weightgate.check(**{"model": "-", "to": "JP", **arguments})
    assert told in caught.value.message
    assert caught.value.exit == Exit.INPUT


@pytest.mark.parametrize("facts", [None, (), [], {}, [{}]])
def test_nothing_declared_is_nothing_declared(facts: Any) -> None:
    assert weightgate.check("-", "IR", facts=facts).verdict == "indeterminate"


def test_one_insecure_thing_is_not_its_letters() -> None:
    assert weightgate.check("-", "JP", insecure="abc").hypothetical == "no model at hand; abc"


@pytest.mark.parametrize("value", [5, None, b"", "", ...], ids=repr)
@pytest.mark.parametrize("name", ["keys", "attestation"])
def test_verify_names_a_key_or_file_that_is_none(name: str, value: object) -> None:
    arguments: dict[str, Any] = {"attestation": b"{}", "keys": "none.pem", name: value}
    with pytest.raises(WeightgateError) as caught:
        weightgate.verify(**arguments)
    assert caught.value.exit == Exit.INPUT


@pytest.mark.parametrize("value", [5, None, b"x", ""], ids=repr)
@pytest.mark.parametrize("name", ["decision", "key"])
def test_attest_names_a_key_or_decision_that_is_none(tmp_path: Path, name: str, value: object) -> None:
    decision = weightgate.check(write_model(tmp_path / "m"), "JP")
    arguments: dict[str, Any] = {"decision": decision, "key": "none.pem", name: value}
    with pytest.raises(WeightgateError) as caught:
        weightgate.attest(**arguments)
    assert caught.value.exit == Exit.INPUT


def test_every_part_of_the_question_is_among_the_tested() -> None:
    others = {"endpoint", "token", "progress"}
    assert set(inspect.signature(weightgate.check).parameters) == {*CHECKED, *others}


def test_helpers_give_back_what_fits() -> None:
    assert text_of("a", "x") == "a"
    assert texts_of("abc", "x") == ("abc",)
    assert texts_of(["a", "b"], "x") == texts_of(("a", "b"), "x") == ("a", "b")
    assert file_of("a", "x") == file_of(Path("a"), "x") == Path("a")


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_a_clock_at_the_end_of_time_is_named(year: int) -> None:
    from weightgate.attest.verifying.verify import verify
    from weightgate.signing.keys import generate

    with pytest.raises(weightgate.UsageError) as caught:
        verify(b"{}", keys=[generate().public], at=datetime(year, 12, 31, tzinfo=UTC))
    assert caught.value.hint == "needed a time from 1970-01-01 to 9998-12-31"
