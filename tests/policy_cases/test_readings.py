"""Every case is decided twice, and a disagreement of the two readings is a defect of weightgate."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy_cases.packs import cases, toy
from weightgate.policy.cases import ReadingsDisagreeError, compare, part_of, values_of, vocabulary
from weightgate.policy.cases_file import PolicyCase, read_cases
from weightgate.policy.compile import compile_pack
from weightgate.policy.pack import Pack
from weightgate.policy.verdicts import Verdict


def prepared(folder: Path) -> tuple[PolicyCase, Pack]:
    """One case that is open between two verdicts."""
    pack = Pack(toy(folder))
    path = cases(folder, "- {name: open or not, facts: {destination.country: CN}, expect: indeterminate}\n")
    (case,) = read_cases([path], vocabulary(pack))
    return case, pack


@pytest.mark.parametrize(
    ("found", "most"),
    [
        ((Verdict.DENY,), 20_000),
        ((Verdict.ALLOW, Verdict.LICENSE_REQUIRED, Verdict.DENY), 20_000),
        ((), 20_000),
        ((Verdict.LICENSE_REQUIRED,), 1),
    ],
)
def test_a_disagreement_of_the_readings_is_a_defect(
    tmp_path: Path, found: tuple[Verdict, ...], most: int
) -> None:
    case, pack = prepared(tmp_path)
    span = compile_pack(pack).at(case.as_of)
    assert span is not None
    part = part_of(pack, case, values_of(case, span))
    with pytest.raises(
        ReadingsDisagreeError, match=r"open or not: the decision diagram finds .*, the definition "
    ) as caught:
        compare(case, found, part, most=most)
    assert str(caught.value).startswith(f"{tmp_path / 'tests' / 'cases.yaml'}:1:3: ")
    compare(case, (Verdict.ALLOW, Verdict.DENY), part)


def test_worlds_beyond_the_bound_are_not_held_against_the_diagram(tmp_path: Path) -> None:
    case, pack = prepared(tmp_path)
    span = compile_pack(pack).at(case.as_of)
    assert span is not None
    part = part_of(pack, case, values_of(case, span))
    with pytest.raises(ReadingsDisagreeError):
        compare(case, tuple(Verdict), part)
    compare(case, tuple(Verdict), part, most=1)
