"""Names in words, and the names that several packs' cells have in common."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.facts.countries import COUNTRIES
from weightgate.policy.cells import NamedCells, common_label
from weightgate.policy.naming import names_text

SOME = ("DK", "FI", "IS", "NO", "SE")


@pytest.mark.parametrize(
    ("names", "other", "said"),
    [
        (["mit"], False, "mit"),
        (["mit"], True, "one of mit, or anything else"),
        (["mit", "apache-2.0"], False, "one of mit, apache-2.0"),
        ([], True, "anything else"),
        ([], False, "anything else"),
        (["NO", "DK"], False, "one of DK, NO"),
        ([f"n{i}" for i in range(14)], False, f"one of {', '.join(f'n{i}' for i in range(12))} and 2 more"),
        ([c for c in COUNTRIES if c not in SOME], False, "any country but DK, FI, IS, NO, SE"),
        ([c for c in COUNTRIES if c not in SOME], True, "any country but DK, FI, IS, NO, SE"),
    ],
)
def test_names_in_words(names: list[str], other: bool, said: str) -> None:
    assert names_text(names, other=other) == said


@given(st.sets(st.sampled_from(sorted(COUNTRIES)), max_size=30))
def test_countries_are_told_by_those_left_out_where_at_most_twelve_are(out: set[str]) -> None:
    text = names_text([c for c in COUNTRIES if c not in out])
    assert text.startswith("any country but ") == (0 < len(out) <= 12)
    if text.startswith("any country but "):
        assert text.removeprefix("any country but ").split(", ") == sorted(out)


def test_names_that_are_no_countries_are_listed_however_many_they_are() -> None:
    names = [*(c for c in COUNTRIES if c not in SOME), "Atlantis"]
    assert names_text(names).endswith(f" and {len(names) - 12} more")


def test_what_lies_in_cells_of_two_packs_are_the_names_in_both() -> None:
    one, other = NamedCells((("DE", "FR"), ("NO", "SE"))), NamedCells((("DE", "NO"), ("FR", "SE")))
    assert common_label([one, other], [(0, 0)]) == "DE"
    assert common_label([one, other], [(0, 0), (0, 1)]) == "one of DE, FR"
    assert common_label([one, other], [(1, 0), (0, 1)]) == "one of FR, NO"


def test_a_name_that_nobody_mentions_is_told_where_it_may_be() -> None:
    one, other = NamedCells((("mit",), ())), NamedCells((("apache-2.0",), ()))
    assert common_label([one, other], [(1, 1)]) == "anything else"
    assert common_label([one, other], [(0, 1), (1, 1)]) == "one of mit, or anything else"
    assert common_label([one, other], [(1, 0)]) == "apache-2.0"
