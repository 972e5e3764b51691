from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.files.codes import Severity
from weightgate.files.yaml import parse_yaml
from weightgate.policy.lint.codes import CODES
from weightgate.policy.lint.findings import Finding, at, at_key, in_order

YAML = parse_yaml("a:\n  b: [1, 2]\nlonger: x\n", "p.yaml")


def finding(where: str, code: str = "unused", message: str = "m") -> Finding:
    """A finding at a place."""
    return Finding(code, message, where, "mend it")


def test_a_finding_is_as_grave_as_its_code() -> None:
    assert {finding("p:1:1", code).severity for code in CODES} == set(Severity)
    assert finding("p:1:1", "condition").severity is Severity.ERROR
    assert finding("p:1:1", "kept_for_its_reasons").severity is Severity.NOTE


def test_a_finding_in_words_begins_with_its_place() -> None:
    assert str(finding("p.yaml:3:7")) == "p.yaml:3:7: warning: m [unused]"


def test_a_finding_as_json() -> None:
    one = Finding("no_remedy", "names none", "p.yaml:3:7", "write one", "first")
    assert json.loads(json.dumps(one.to_json())) == {
        "code": "no_remedy",
        "severity": "warning",
        "message": "names none",
        "where": "p.yaml:3:7",
        "hint": "write one",
        "rule": "first",
    }
    assert finding("p:1:1").to_json()["rule"] is None


@pytest.mark.parametrize(
    ("path", "where", "key"),
    [
        (("a", "b", 1), "p.yaml:2:10", "p.yaml:2:10"),
        (("a", "b"), "p.yaml:2:6", "p.yaml:2:3"),
        (("longer",), "p.yaml:3:9", "p.yaml:3:1"),
        (("a", "none", "at", "all"), "p.yaml:2:3", "p.yaml:2:3"),
        ((), "p.yaml:1:1", "p.yaml:1:1"),
    ],
)
def test_a_finding_at_a_value_or_at_its_key(path: tuple[str | int, ...], where: str, key: str) -> None:
    assert at(YAML, "unused", "m", path).where == where
    assert at_key(YAML, "unused", "m", path).where == key


def test_without_a_hint_of_its_own_a_finding_has_its_codes() -> None:
    assert at(YAML, "unused", "m", ()).hint == CODES["unused"].hint == "use it, or leave it out"
    assert at(YAML, "unused", "m", (), hint="do that").hint == "do that"
    assert at_key(YAML, "unused", "m", (), hint="do that").hint == "do that"


def test_findings_are_sorted_by_place_and_not_by_its_spelling() -> None:
    places = ["p:2:10", "p:10:1", "p:2:9", "p", "a:99:1", "c:/p:3:1", "c:/p:20:1"]
    assert [one.where for one in in_order([finding(place) for place in places])] == [
        "a:99:1", "c:/p:3:1", "c:/p:20:1", "p", "p:2:9", "p:2:10", "p:10:1",
    ]  # fmt: skip


def test_of_findings_at_one_place_the_code_and_the_message_decide() -> None:
    three = [
        finding("p:1:1", "unused", "b"),
        finding("p:1:1", "no_cases", "c"),
        finding("p:1:1", "unused", "a"),
    ]
    assert [one.message for one in in_order(three)] == ["c", "a", "b"]


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), max_size=20))
def test_each_finding_is_there_once_and_in_order(places: list[tuple[int, int]]) -> None:
    found = in_order([finding(f"p:{line}:{column}") for line, column in places])
    assert [one.where for one in found] == [f"p:{line}:{column}" for line, column in sorted(set(places))]
