"""The fine-tune share that follows from operations, at the boundaries that doubles miss."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.facts.strategies import intervals, values
from weightgate.facts.derived import RELATION, SHARE, TOTAL, quotient, share, with_derived
from weightgate.facts.registry import FACTS
from weightgate.facts.statements import Fact, Facts, Grade, Statement
from weightgate.facts.values import Interval, Known, OneOf, Unknown, Value, allows, bounds

PART, BASE = "model.finetune_operations", "model.base_operations"
NUMBERS = st.floats(1e-20, 1e30)


def facts(**stated: Value) -> Facts:
    """Facts of grade inferred; part, base and share."""
    names = {"part": PART, "base": BASE, "share": SHARE, "total": TOTAL}
    found = {}
    for key, value in stated.items():
        name, grade = names[key], Grade.DECLARED if key == "share" else Grade.INFERRED
        found[name] = Fact(name, value, grade, (Statement(name, value, grade, "somewhere"),))
    return found


@given(st.integers(1, 99), st.integers(0, 26))
def test_a_share_written_in_percent_meets_its_threshold(percent: int, exponent: int) -> None:
    written, base = float(f"0.{percent:02d}"), float(f"1e{exponent}")
    part = float(f"{percent}e{exponent - 2}")
    assert quotient(part, base) == written


def test_double_division_would_miss_the_boundary() -> None:
    dividing: float = 7e23 / 1e25
    assert dividing != 0.07
    assert quotient(7e23, 1e25) == quotient(7e24, 1e26) == 0.07


@given(NUMBERS, NUMBERS)
def test_the_quotient_is_the_double_nearest_to_the_decimals(part: float, base: float) -> None:
    exact = Fraction(repr(part)) / Fraction(repr(base))
    found = quotient(part, base)
    for neighbour in (math.nextafter(found, 0), math.nextafter(found, math.inf)):
        assert abs(Fraction(found) - exact) <= abs(Fraction(neighbour) - exact)


@given(
    st.one_of(intervals(NUMBERS), NUMBERS.map(Known)),
    st.one_of(intervals(NUMBERS), NUMBERS.map(Known)),
    st.data(),
)
def test_the_range_holds_every_quotient_of_allowed_numbers(
    part: Value, base: Value, data: st.DataObject
) -> None:
    def allowed(value: Value) -> float:
        low, high = bounds(value)
        return data.draw(st.floats(low or 1e-20, high if high is not None else 1e30))

    one, other = allowed(part), allowed(base)
    assume(allows(part, one) and allows(base, other))
    assert allows(share(part, base), quotient(one, other))


@pytest.mark.parametrize(
    ("part", "base", "found"),
    [
        (Known(2.5e25), Known(1e26), Known(0.25)),
        (Known(0.0), Known(1e26), Known(0.0)),
        (Interval(1e25, 2e25), Known(1e26), Interval(0.1, 0.2)),
        (Known(1e25), Interval(1e26, 2e26), Interval(0.05, 0.1)),
        (Known(1e25), Interval(0.0, 1e26), Interval(0.1, None)),
        (Known(1e25), Interval(None, 1e26), Interval(0.1, None)),
        (Known(1e25), Interval(1e26, None), Interval(0.0, 0.1)),
        (Interval(1e25, None), Known(1e26), Interval(0.1, None)),
        (OneOf((1e25, 3e25)), Known(1e26), Interval(0.1, 0.3)),
        (Known(1e25), Known(0.0), Unknown("the base's operations are 0")),
        (Unknown(), Known(0.0), Unknown("the base's operations are 0")),
        (Known(1e25), Unknown(), Unknown()),
        (Unknown(), Known(1e26), Unknown()),
        (Interval(None, 1e25), Unknown(), Unknown()),
        (Interval(None, 1e25), Known(1e26), Interval(0.0, 0.1)),
    ],
)
def test_the_range_of_the_share(part: Value, base: Value, found: Value) -> None:
    assert share(part, base) == found


def test_a_share_beyond_every_double_has_no_upper_bound() -> None:
    assert share(Known(1e300), Known(1e-300)) == Interval(1.7976931348623157e308, None)
    assert share(Interval(1.0, 1e300), Known(1e-300)) == Interval(1e300, None)
    assert share(Interval(1e300, None), Known(1e-300)) == Interval(1.7976931348623157e308, None)


@given(values(FACTS[PART]), values(FACTS[BASE]))
def test_every_pair_of_parts_has_a_share(part: Value, base: Value) -> None:
    found = share(part, base)
    low, high = bounds(found)
    assert isinstance(found, Unknown) or (low is not None and low >= 0)
    assert high is None or math.isfinite(high)


def test_the_share_follows_from_known_operations() -> None:
    found = with_derived(facts(part=Known(2.5e25), base=Known(1e26)))[SHARE]
    assert (found.value, found.grade, found.contradicted) == (Known(0.25), Grade.INFERRED, False)


def test_the_share_rests_on_the_weakest_part() -> None:
    stated = facts(part=Known(2.5e25), base=Known(1e26))
    stated[BASE] = Fact(BASE, Known(1e26), Grade.CLAIMED)
    assert with_derived(stated)[SHARE].grade is Grade.CLAIMED
    stated[BASE] = Fact(BASE, Interval(1e26, None), Grade.VERIFIED)
    stated[PART] = Fact(PART, Known(1.0), Grade.DECLARED)
    assert with_derived(stated)[SHARE].grade is Grade.DECLARED


@pytest.mark.parametrize("parts", [{}, {"part": Known(1e25)}, {"base": Known(1e26)}])
def test_a_declared_share_stands_while_its_parts_are_unknown(parts: dict[str, Value]) -> None:
    stated = facts(share=Known(0.3), **parts)
    assert with_derived(stated)[SHARE] == stated[SHARE]


def test_a_declared_share_never_narrows_what_the_parts_imply() -> None:
    stated = facts(share=Known(0.15), part=Interval(1e25, 2e25), base=Known(1e26))
    found = with_derived(stated)[SHARE]
    assert (found.value, found.contradicted) == (Interval(0.1, 0.2), False)
    assert found.statements == stated[SHARE].statements


def test_a_declared_share_that_contradicts_the_parts_is_covered_and_marked() -> None:
    found = with_derived(facts(share=Known(0.1), part=Known(3e25), base=Known(1e26)))[SHARE]
    assert (found.value, found.grade, found.contradicted) == (OneOf((0.3, 0.1)), Grade.DECLARED, True)


def test_disagreement_about_the_share_itself_stays_marked() -> None:
    stated = facts(share=Interval(0.1, 0.5), part=Known(3e25), base=Known(1e26))
    stated[SHARE] = Fact(SHARE, Interval(0.1, 0.5), Grade.DECLARED, (), contradicted=True)
    assert with_derived(stated)[SHARE].contradicted


def test_a_base_of_no_operations_says_why_the_share_is_unknown() -> None:
    found = with_derived(facts(part=Known(1.0), base=Known(0.0)))[SHARE]
    assert found.value == Unknown("the base's operations are 0")


def test_nothing_known_adds_nothing() -> None:
    assert with_derived({}) == {}
    stated = facts(part=Known(1.0))
    assert with_derived(stated) == stated


def test_a_base_without_operations_has_no_share_whatever_was_declared() -> None:
    found = with_derived(facts(share=Known(0.1), part=Known(1.0), base=Known(0.0)))[SHARE]
    assert found.value == Unknown("the base's operations are 0")
    assert found.contradicted


@pytest.mark.parametrize(
    ("total", "base", "found"),
    [
        (Known(1e24), Known(2e26), Interval(1e24, None)),
        (Interval(None, 1e24), Known(2e26), Unknown()),
        (Interval(1e23, 1e24), Interval(1e25, None), Interval(1e23, None)),
        (OneOf((1e23, 1e24)), Known(2e26), Interval(1e23, None)),
    ],
)
def test_a_total_below_the_bases_operations_is_contradicted_and_frees_nothing(
    total: Value, base: Value, found: Value
) -> None:
    fact = with_derived(facts(total=total, base=base))[TOTAL]
    assert fact.value == found
    assert fact.contradicted


@pytest.mark.parametrize(
    ("total", "base"),
    [
        (Known(2e26), Known(2e26)),
        (Known(3e26), Known(2e26)),
        (Interval(1e20, 3e26), Known(2e26)),
        (Known(1e24), Unknown()),
        (Known(1e24), Interval(None, 2e26)),
        (Unknown(), Known(2e26)),
    ],
)
def test_a_total_that_fits_its_base_stays(total: Value, base: Value) -> None:
    fact = with_derived(facts(total=total, base=base))[TOTAL]
    assert fact.value == total
    assert not fact.contradicted


@pytest.mark.parametrize(("grade", "contradicted"), [(Grade.DECLARED, False), (Grade.CLAIMED, True)])
def test_a_distilled_model_holds_nothing_of_its_base_unless_only_its_own_files_say_so(
    grade: Grade, contradicted: bool
) -> None:
    relation = Fact(RELATION, Known("distilled"), grade, ())
    found = with_derived(facts(total=Known(1e25), base=Known(2e26)) | {RELATION: relation})
    assert found[TOTAL].contradicted is contradicted


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        ({"total": Known(9e25), "base": Known(8e25), "part": Known(3e25)}, OneOf((9e25, 1.1e26))),
        ({"total": Known(1e25), "part": Known(2e26)}, Interval(1e25, None)),
        ({"total": Known(9e25), "base": Known(8e25), "share": Known(0.5)}, Interval(9e25, None)),
        ({"total": Known(9e25), "base": Known(8e25), "part": Interval(3e25, None)}, Interval(9e25, None)),
        ({"total": Known(9e25), "base": Known(8e25), "part": Interval(3e25, 4e25)}, Interval(9e25, 1.2e26)),
        ({"total": Known(1e308), "base": Known(1.7e308), "part": Known(1.7e308)}, Interval(1e308, None)),
        (
            {"total": Known(4e24), "base": Known(3e24), "part": Interval(None, 1e24), "share": Known(0.9)},
            OneOf((4e24, 5.7e24)),
        ),
    ],
)
def test_a_total_that_leaves_out_the_fine_tune_is_contradicted_and_frees_nothing(
    stated: dict[str, Value], found: Value
) -> None:
    fact = with_derived(facts(**stated))[TOTAL]
    assert fact.value == found
    assert fact.contradicted


@pytest.mark.parametrize(
    "stated",
    [
        {"total": Known(1.1e26), "base": Known(8e25), "part": Known(3e25)},
        {"total": Known(3e25), "part": Known(3e25)},
        {"total": Known(1.2e26), "base": Known(8e25), "share": Known(0.5)},
        {"total": Interval(8e25, 1.1e26), "base": Known(8e25), "part": Known(3e25)},
        {"total": Known(9e25), "base": Known(8e25), "part": Interval(None, 3e25)},
    ],
)
def test_a_total_that_fits_its_parts_as_they_are_written_stays(stated: dict[str, Value]) -> None:
    fact = with_derived(facts(**stated))[TOTAL]
    assert fact.value == stated["total"]
    assert not fact.contradicted


@given(st.integers(1, 999), st.integers(1, 999), st.integers(0, 26))
def test_a_sum_of_decimals_as_they_are_written_is_never_contradicted(
    part: int, base: int, exponent: int
) -> None:
    stated = facts(
        part=Known(float(f"{part}e{exponent}")),
        base=Known(float(f"{base}e{exponent}")),
        total=Known(float(f"{part + base}e{exponent}")),
    )
    assert not with_derived(stated)[TOTAL].contradicted


def test_a_distilled_model_took_at_least_what_was_spent_on_it() -> None:
    relation = Fact(RELATION, Known("distilled"), Grade.DECLARED, ())
    stated = facts(total=Known(1e25), base=Known(2e26), part=Known(1.5e26)) | {RELATION: relation}
    assert with_derived(stated)[TOTAL].value == Interval(1e25, None)
    stated = facts(total=Known(1.5e26), base=Known(2e26), part=Known(1.5e26)) | {RELATION: relation}
    assert not with_derived(stated)[TOTAL].contradicted
