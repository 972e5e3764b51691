from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy.lint.packs import CLEAN, found, only, place


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("model.training_operation grows", "did you mean model.training_operations?"),
        ("model.training_operations grow", "did you mean grows?"),
        ("operator.authorizations loses AIAA", "did you mean AIA?"),
    ],
)
def test_what_is_said_of_a_fact_must_have_a_meaning(tmp_path: Path, said: str, hint: str) -> None:
    text = CLEAN + f"invariants:\n  - {{id: stays, title: It stays, never_loosens_when: {said}}}\n"
    one = only(tmp_path, text)
    assert one.code == "bad_invariant"
    assert one.hint.startswith(hint)
    assert one.where.endswith(":" + place(text, said))


@pytest.mark.parametrize(
    "said",
    [
        "model.training_operations grows",
        "model.openness gets stricter",
        "operator.authorizations loses anything",
    ],
)
def test_what_has_a_meaning_is_for_prove_to_prove(tmp_path: Path, said: str) -> None:
    text = CLEAN + f"invariants:\n  - {{id: stays, title: It stays, never_loosens_when: {said}}}\n"
    assert found(tmp_path, text) == []
