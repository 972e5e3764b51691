"""The cases of the shipped packs notice nearly every change of their pack; the rest is listed with a reason.

The packs are tried one by one, so that they can be spread over the machine's cores.
"""

from __future__ import annotations

import pytest

from weightgate.policy.cases import ACCEPTED, case_files, folder_of_tests, vocabulary
from weightgate.policy.cases_file import read_cases
from weightgate.policy.mutation.accepted import read_accepted
from weightgate.policy.mutation.report import try_mutants
from weightgate.policy.pack import Pack
from weightgate.policy.source import find_pack, shipped_packs

LEAST = 0.95


@pytest.mark.parametrize("name", shipped_packs())
def test_nearly_every_mutant_is_noticed_and_the_rest_has_a_reason(name: str) -> None:
    source = find_pack(name)
    pack = Pack(source)
    cases = read_cases(case_files(source), vocabulary(pack))
    found = try_mutants(pack, cases, read_accepted(folder_of_tests(source) / ACCEPTED))
    assert found.score >= LEAST, "\n".join(f"{one.mutant.where}: {one.mutant.id}" for one in found.survivors)
    unexplained = [f"{one.mutant.where}: {one.mutant.id}\n{one.case}" for one in found.open]
    assert not unexplained, "\n".join(unexplained)
    assert not found.stale
    assert found.counted > len(pack.document.rules)
