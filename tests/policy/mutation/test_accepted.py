"""``mutants.yaml``: mutants that may survive, each with a reason, and with the place of every slip."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from weightgate.errors import Exit, InputError
from weightgate.policy.mutation.accepted import Accepted, read_accepted


def write(folder: Path, text: str) -> Path:
    """The file."""
    path = folder / "mutants.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_mutant_has_its_reason_and_its_place(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '- mutant: "values.limit from 2025-01-01: 1e+26 -> 1e+27"\n  reason: Nobody trains that much.\n'
        "- {mutant: 'a: dropped', reason: ' Said twice. '}\n",
    )
    first = "values.limit from 2025-01-01: 1e+26 -> 1e+27"
    assert read_accepted(path) == {
        first: Accepted(first, "Nobody trains that much.", f"{path}:1:11"),
        "a: dropped": Accepted("a: dropped", "Said twice.", f"{path}:3:12"),
    }


def test_no_file_accepts_nothing(tmp_path: Path) -> None:
    assert read_accepted(tmp_path / "mutants.yaml") == {}
    assert read_accepted(write(tmp_path, "[]\n")) == {}


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", "1:1", "needed a list of mutants with reasons"),
        ("a: b\n", "1:1", "needed a list of mutants with reasons"),
        ("- a\n", "1:3", "needed mutant and reason, and nothing else"),
        ("- {mutant: a}\n", "1:3", "needed mutant and reason, and nothing else"),
        ("- {mutant: a, reason: b, note: c}\n", "1:3", "needed mutant and reason, and nothing else"),
        ("- {mutant: 3, reason: b}\n", "1:12", "mutant is no text"),
        ("- {mutant: a, reason: ' '}\n", "1:23", "reason is no text"),
        ("- {mutant: a, reason: null}\n", "1:15", "reason is no text"),
        ("- mutant: a: dropped\n  reason: b\n", "1:12", "not YAML"),
        ("- {mutant: a, reason: b}\n- {mutant: a, reason: c}\n", "2:12", "'a' is there twice"),
    ],
)
def test_what_is_refused_and_where(tmp_path: Path, text: str, place: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_accepted(path)
    assert caught.value.message.startswith(message)
    assert caught.value.where == f"{path}:{place}"
    assert caught.value.exit is Exit.INPUT


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mutants.yaml")
    with pytest.raises(InputError, match="not a regular file"):
        read_accepted(tmp_path / "mutants.yaml")
