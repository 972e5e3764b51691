"""Records behave as frozen dataclasses do."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest

from weightgate.records import record


@record
class Ours:
    """One field that must be given, one with a default, one that is made anew."""

    first: int
    second: str = "b"
    third: list[int] = field(default_factory=list, compare=False)


@dataclass(frozen=True)
class Theirs:
    """The same as the standard library has it."""

    first: int
    second: str = "b"
    third: list[int] = field(default_factory=list, compare=False)


CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1,), {}),
    ((1, "x"), {}),
    ((1, "x", [2]), {}),
    ((1,), {"third": [3]}),
    ((), {"second": "y", "first": 4}),
]
WRONG: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}),
    ((), {"second": "y"}),
    ((1, "x", [2], 3), {}),
    ((1,), {"first": 2}),
    ((1,), {"fourth": 2}),
    ((1, "x", [2]), {"fourth": 2}),
]


@pytest.mark.parametrize(("given", "named"), CALLS)
def test_a_record_takes_what_a_dataclass_takes(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    ours, theirs = Ours(*given, **named), Theirs(*given, **named)
    assert vars(ours) == vars(theirs)
    assert [f.name for f in fields(ours)] == [f.name for f in fields(theirs)]
    assert vars(replace(ours, first=9)) == vars(replace(theirs, first=9))


@pytest.mark.parametrize(("given", "named"), WRONG)
def test_a_record_refuses_what_a_dataclass_refuses(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Theirs(*given, **named)
    with pytest.raises(TypeError):
        Ours(*given, **named)


def test_what_is_made_anew_is_not_shared() -> None:
    Ours(1).third.append(1)
    assert Ours(1).third == []


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Ours(1).first = 2  # type: ignore[misc]
