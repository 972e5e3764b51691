"""Cases that read the pack as known on a day, with a switch set, or for what was in force."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy_cases.packs import OWN_STATUS, PACK, READ, cases, toy
from weightgate.errors import InputError
from weightgate.policy.cases import Readings, run_cases, vocabulary
from weightgate.policy.cases_file import PolicyCase, read_cases
from weightgate.policy.cases_result import CaseResult
from weightgate.policy.pack import Pack

CLOSED = "model.openness: closed, operator.authorizations: [], operator.tier: 1"


def one(folder: Path, pack: str, country: str, expect: str, more: str = "") -> CaseResult:
    """The result of one case about closed weights."""
    text = f"- name: a\n  facts: {{{CLOSED}, destination.country: {country}}}\n  expect: {expect}\n{more}"
    (result,) = run_cases(toy(folder, pack), [cases(folder, text)])
    return result


@pytest.mark.parametrize(
    ("country", "more", "verdict"),
    [
        ("CN", "", "deny"),
        ("CN", "  set: {reach: near}\n", "deny"),
        ("CN", "  set: {reach: far}\n", "license_required"),
        ("CN", "  known_at: 2025-02-28\n", "license_required"),
        ("CN", "  known_at: 2025-03-01\n", "deny"),
        ("IN", "", "license_required"),
        ("IN", "  status: as-written\n", "license_required"),
        ("IN", "  status: in-force\n", "deny"),
        ("IN", "  status: in-force\n  as_of: 2026-05-01\n", "deny"),
        ("DE", "  status: in-force\n", "allow"),
    ],
)
def test_the_pack_is_read_as_the_case_says(tmp_path: Path, country: str, more: str, verdict: str) -> None:
    result = one(tmp_path, OWN_STATUS, country, verdict, more)
    assert result.passed, result


def test_the_rules_expected_are_those_of_the_reading(tmp_path: Path) -> None:
    wanted = "{verdict: license_required, rules: [tier-2]}"
    assert one(tmp_path, READ, "CN", wanted, "  set: {reach: far}\n").passed
    failed = one(tmp_path, READ, "CN", wanted)
    assert failed.problem == (
        "found deny, expected license_required; rule tier-2 does not certainly apply, those that do: default"
    )


@pytest.mark.parametrize(
    ("pack", "more", "message"),
    [
        (READ, "  known_at: 2024-12-31\n", "toy was not known on 2024-12-31: the case evaluates nothing on 2026-01-01"),
        (
            READ, "  known_at: 2025-06-01\n  as_of: 2024-06-01\n",
            "toy begins on 2025-01-01, as known on 2025-06-01: the case evaluates nothing on 2024-06-01",
        ),
        (
            READ, "  status: in-force\n  as_of: 2025-06-01\n",
            "toy has no rule about host that was in force: the case evaluates nothing on 2025-06-01",
        ),
        (
            OWN_STATUS, "  status: in-force\n  as_of: 2025-02-01\n",
            "toy has no rule about host that was in force: the case evaluates nothing on 2025-02-01",
        ),
        (
            READ, "  known_at: 2025-06-01\n  activity: export_compute\n",
            "toy has no rule about export_compute, as known on 2025-06-01: the case evaluates nothing on 2026-01-01",
        ),
    ],
)  # fmt: skip
def test_a_reading_in_which_nothing_is_evaluated_is_an_error(
    tmp_path: Path, pack: str, more: str, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        one(tmp_path, pack, "CN", "deny", more)
    assert caught.value.message == message
    assert caught.value.code == "not_applicable"
    assert caught.value.where == f"{tmp_path / 'tests' / 'cases.yaml'}:1:3"


def test_a_pack_without_switches_has_none_to_set(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        one(tmp_path, PACK, "CN", "deny", "  set: {reach: far}\n")
    assert (caught.value.message, caught.value.hint) == ("'reach' is no switch", "known: none")


def test_each_reading_is_compiled_once(tmp_path: Path) -> None:
    pack = Pack(toy(tmp_path, READ))
    text = "".join(
        f"- {{name: {name}, expect: deny{more}}}\n"
        for name, more in {
            "a": "",
            "b": ", set: {reach: near}",
            "c": ", set: {reach: far}",
            "d": ", known_at: 2026-02-01, set: {reach: far}",
            "e": ", known_at: 2025-02-01",
        }.items()
    )
    a, b, c, d, e = read_cases([cases(tmp_path, text)], vocabulary(pack))
    readings = Readings(pack)
    again: list[PolicyCase] = [a, b, c, d, e]
    found = [readings.of(case) for case in again]
    assert found[0] is found[1]
    assert found[2] is found[3]
    assert len({id(one) for one in found}) == 3
    assert [id(readings.of(case)) for case in again] == [id(one) for one in found]
