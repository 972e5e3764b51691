"""Gaps in a table, against a look at every day."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.lint.packs import HEAD, RULES, rule
from weightgate.policy.lint import lint
from weightgate.policy.source import PackSource

FIRST = date(2025, 1, 1)
DAYS = 12
COUNTRIES = ("DE", "CN", "IN")

Stretch = tuple[int, int | None]


def day(number: int) -> str:
    """A day by its number from the pack's first."""
    return (FIRST + timedelta(days=number)).isoformat()


@st.composite
def stretches(draw: st.DrawFn) -> list[Stretch]:
    """First and last days of the rows of one country, none of which overlap; the last may have no end."""
    cuts = sorted(draw(st.sets(st.integers(0, DAYS), max_size=6)))
    pairs: list[Stretch] = [(cuts[i], cuts[i + 1] - 1) for i in range(0, len(cuts) - 1, 2)]
    if len(cuts) % 2:
        pairs.append((cuts[-1], None))
    return pairs


def table(rows: dict[str, list[Stretch]]) -> str:
    """A table with these rows, known from the first day on."""
    text = "tables:\n  tier:\n    rows:\n"
    for country, ones in rows.items():
        for first, last in ones:
            until = "" if last is None else f"until: {day(last)}, until_known: {day(0)}, "
            text += (
                f"      - {{value: 1, from: {day(first)}, known: {day(0)}, {until}countries: [{country}], "
                "cite: {source: law, place: p}, grade: V}\n"
            )
    return text + "    otherwise: {value: 2, cite: {source: law, place: p}, grade: V}\n"


def covered(ones: list[Stretch], number: int) -> bool:
    """Whether one of the rows is in force on a day."""
    return any(first <= number and (last is None or number <= last) for first, last in ones)


def missing(ones: list[Stretch], first: int, last: int) -> list[tuple[int, int]]:
    """The stretches of days without a row; the last day looked at stands for all after it."""
    found: list[tuple[int, int]] = []
    for number in range(first, last + 1):
        if covered(ones, number):
            continue
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def words(first: int, last: int) -> str:
    """The days as lint says them."""
    if last == DAYS:
        return f"from {day(first)} on"
    return f"on {day(first)}" if first == last else f"from {day(first)} to {day(last)}"


def expected(rows: dict[str, list[Stretch]]) -> set[str]:
    """What there is to say of a table."""
    every = [one for ones in rows.values() for one in ones]
    nobody = missing(every, 0, DAYS)
    found = {f"no row is in force {words(*gap)}, so that every country falls to otherwise" for gap in nobody}
    for country, ones in rows.items():
        if ones:
            last = max(DAYS if end is None else end for _, end in ones)
            gaps = missing(ones, min(start for start, _ in ones), last)
            found |= {
                f"{country} has no row {words(*gap)} and falls to otherwise"
                for gap in gaps
                if gap not in nobody
            }
    return found


@given(st.fixed_dictionaries({country: stretches() for country in COUNTRIES}))
@settings(max_examples=80, deadline=None)
def test_gaps_are_those_that_a_look_at_every_day_finds(rows: dict[str, list[Stretch]]) -> None:
    if not any(rows.values()):
        rows = {"DE": [(0, None)]}
    text = HEAD + table(rows) + RULES + rule("destination.tier <= 2")
    findings = lint(PackSource("p.yaml", "./no/p.yaml", text.encode()))
    assert {one.message for one in findings if one.code == "table_gap"} == expected(rows)
    assert not [one for one in findings if one.severity == "error"]
