"""Verdicts are ranked, and a set of them has one word and one exit code."""

from __future__ import annotations

import itertools

import pytest

from weightgate.errors import Exit
from weightgate.policy.verdicts import INDETERMINATE, VERDICTS, Verdict, exit_of, settle

ALLOW, CONDITIONS, LICENSE, DENY = Verdict
SETS = [s for n in range(1, 5) for s in itertools.combinations(Verdict, n)]


def test_ranks_and_names() -> None:
    assert ALLOW < CONDITIONS < LICENSE < DENY
    assert list(VERDICTS) == ["allow", "allow_with_conditions", "license_required", "deny"]
    assert all(str(verdict) == name for name, verdict in VERDICTS.items())


@pytest.mark.parametrize("possible", SETS, ids=lambda s: "+".join(map(str, s)))
def test_the_word_for_a_set(possible: tuple[Verdict, ...]) -> None:
    word = settle(possible)
    if len(possible) == 1:
        assert word == str(possible[0])
    elif possible == (ALLOW, CONDITIONS):
        assert word == "allow_with_conditions"
    else:
        assert word == INDETERMINATE
    # Nothing that may be a refusal ends with 0.
    assert (exit_of(word) is Exit.OK) == (max(possible) <= CONDITIONS)


def test_of_no_verdict_there_is_no_word() -> None:
    with pytest.raises(ValueError, match="no verdict is possible"):
        settle([])


def test_repetition_does_not_matter() -> None:
    assert settle([DENY, DENY]) == "deny"


@pytest.mark.parametrize(
    ("word", "code"),
    [("allow", 0), ("allow_with_conditions", 0), ("deny", 1), ("license_required", 2), ("indeterminate", 3)],
)
def test_exit_codes(word: str, code: int) -> None:
    assert exit_of(word) == code


def test_a_word_that_is_none_has_no_exit_code() -> None:
    with pytest.raises(KeyError):
        exit_of("allowed")
