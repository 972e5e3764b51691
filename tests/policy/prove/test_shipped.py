from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.policy.prove.packs import (
    DRAFT,
    hold_to_policy_test,
    proved,
)
from weightgate.policy.prove.proving import prove
from weightgate.policy.source import find_pack, shipped_packs


@pytest.mark.parametrize("name", shipped_packs())
def test_shipped_packs_prove_clean(name: str) -> None:
    proof = prove(find_pack(name))
    assert [str(finding) for finding in proof.findings] == []
    assert proof.left_out == ()
    assert any(claim.kind == "invariant" for claim in proof.claims)


MUTANTS = [
    ("operator.tier <= 2", "operator.tier >= 2", "stricter-operator"),
    ('model.openness == "open" ||', 'model.openness == "closed" ||', "stricter-openness"),
    ("model.finetune_share > values", "model.finetune_share < values", "more-fine-tuning"),
]


@pytest.mark.parametrize(("was", "becomes", "broken"), MUTANTS)
def test_a_shipped_pack_that_is_broken_does_not_prove(
    tmp_path: Path, was: str, becomes: str, broken: str
) -> None:
    text = find_pack(DRAFT).text.decode()
    assert was in text
    changed = text.replace(was, becomes)
    proof = proved(changed)
    assert broken in {finding.about for finding in proof.findings}
    hold_to_policy_test(changed, proof, tmp_path)


def test_the_draft_is_proved_within_a_fraction_of_two_seconds() -> None:
    began = time.process_time()
    prove(find_pack(DRAFT))
    assert time.process_time() - began < 2
