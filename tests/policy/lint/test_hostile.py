"""Packs made to take long: each is looked at in a few seconds, and what is wrong with it has a place."""

from __future__ import annotations

from collections import Counter
from time import process_time

import pytest

from tests.policy.lint.packs import HEAD, RULES, place, rule
from weightgate.policy.lint import Finding, lint
from weightgate.policy.source import PackSource

SECONDS = 10
MONTHS = [f"20{year}-{month:02}" for year in range(25, 97) for month in range(1, 13)]


def quickly(text: str) -> list[Finding]:
    """What lint finds, within bounds of time; of cases there are none."""
    started = process_time()
    found = lint(PackSource("p.yaml", "./no/such/folder/p.yaml", text.encode()))
    assert process_time() - started < SECONDS
    return [one for one in found if one.code != "no_cases"]


def defined(*texts: str) -> str:
    """Definitions d0, d1 and so on, and a rule about the last."""
    lines = "".join(f"  d{n}: '{text}'\n" for n, text in enumerate(texts))
    return HEAD + "define:\n" + lines + "rules:\n" + rule(f"d{len(texts) - 1}")


def at(text: str, one: Finding, needle: str) -> bool:
    """Whether a finding stands at the first occurrence of a text."""
    return one.where.endswith(f":{place(text, needle)}")


def test_ten_thousand_rules() -> None:
    text = HEAD + "rules:\n" + "".join(rule('model.openness == "open"', name=f"r{n}") for n in range(10_000))
    (one,) = quickly(text)
    assert one.message == "rules is a list of 10000, needed at most 500 items"
    assert at(text, one, "- id: r0")


def test_five_hundred_rules_that_say_the_same() -> None:
    text = HEAD + "rules:\n" + "".join(rule('model.openness == "open"', name=f"r{n}") for n in range(500))
    assert Counter(one.code for one in quickly(text)) == {"same_rule": 499}


def test_many_rules_of_which_each_may_contain_each() -> None:
    whens = (f'"a{n}" in model.labels || "a{(n + 1) % 150}" in model.labels' for n in range(150))
    text = HEAD + "rules:\n" + "".join(rule(when, name=f"r{n}") for n, when in enumerate(whens))
    assert {one.code for one in quickly(text)} <= {"kept_for_its_reasons", "not_looked_at"}


def test_definitions_that_double() -> None:
    text = defined("model.special_purpose", *(f"d{n} && d{n}" for n in range(30)))
    found = quickly(text)
    assert {one.code for one in found} == {"condition"}
    assert "more than 10000 parts" in found[0].message
    assert at(text, found[0], "d12 && d12")


def test_definitions_that_build_upon_each_other() -> None:
    assert (
        quickly(defined("model.special_purpose", *(f'd{n} || "x{n}" in model.labels' for n in range(150))))
        == []
    )


def test_a_definition_that_names_itself_or_a_later_one() -> None:
    text = defined("d1", "d0 || d1")
    found = quickly(text)
    assert [(one.code, one.message) for one in found] == [
        ("condition", "unknown fact 'd1'"),
        ("condition", "unknown fact 'd1'"),
    ]
    assert at(text, found[0], "d1'")


@pytest.mark.parametrize("when", ["(" * 200 + "true" + ")" * 200, "!" * 12_000 + "true"])
def test_conditions_that_are_nested_or_long(when: str) -> None:
    text = HEAD + "rules:\n" + rule(when)
    (one,) = quickly(text)
    assert (one.code, one.rule) == ("condition" if len(when) < 4000 else "pack_schema", "second")
    assert at(text, one, when[:50] if one.code == "condition" else f"'{when[:50]}")


def test_a_negation_of_negations() -> None:
    assert quickly(HEAD + "rules:\n" + rule("!" * 150 + "model.special_purpose")) == []


def test_forty_thousand_wrong_rows() -> None:
    text = HEAD + "values:\n  a:\n" + "    - {value: {}}\n" * 40_000 + RULES
    found = quickly(text)
    assert found[0].message.startswith("values.a is a list of 40000, needed at most 2000 items")


def test_two_thousand_rows_that_are_wrong_in_every_way() -> None:
    found = quickly(HEAD + "values:\n  a:\n" + "    - {value: {}, vale: 1}\n" * 1_999 + RULES)
    assert len(found) == 501
    assert found[-1].code == "not_looked_at"


def test_five_thousand_unknown_keys() -> None:
    found = quickly(HEAD + RULES + "".join(f"k{n}: 1\n" for n in range(5_000)))
    assert (len(found), found[-1].message) == (501, "4500 more findings are not listed")


def test_switches_without_number() -> None:
    readings = ", ".join(f"r{n}: It is." for n in range(20))
    switches = "".join(
        f"  s{n}: {{title: Which?, default: r0, readings: {{{readings}}}, cites: [{{source: law, place: p}}]}}\n"
        for n in range(200)
    )
    assert Counter(one.code for one in quickly(HEAD + "switches:\n" + switches + RULES)) == {
        "unused": 200,
        "not_looked_at": 1,
    }


def test_a_pack_that_changes_every_month_for_a_lifetime() -> None:
    rows = "".join(
        f"    - {{from: {month}-01, known: 2025-01-01, value: [owner-{n}], cite: {{source: law, place: p}}, grade: V}}\n"
        for n, month in enumerate(MONTHS)
    )
    text = HEAD + "values:\n  owners:\n" + rows + RULES + rule("model.owner in values.owners")
    assert quickly(text) == []
