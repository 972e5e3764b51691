from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.samples import HEAD, TABLE, VALUES, compiled, load, rule, rules, source
from tests.property.strategies import RandomPack, packs, part
from weightgate.facts.registry import FACTS
from weightgate.facts.values import Interval, Known, OneOf, Value, exactly
from weightgate.files.yaml import parse_yaml
from weightgate.policy.builder import Builder
from weightgate.policy.cases import run_cases
from weightgate.policy.cells import FROM_PARTS, Cells, MemberCells, NamedCells, OrderedCells, TierCells
from weightgate.policy.compiled import Variable
from weightgate.policy.define import define
from weightgate.policy.diagram import TRUE, Diagram
from weightgate.policy.examples.example import Asked, Example, Kept, definite, example, find, trim
from weightgate.policy.examples.plain import agreeing, numbers, plain
from weightgate.policy.examples.text import scalar, written
from weightgate.policy.ir import And, Contains, IsIn, Or
from weightgate.policy.reading import Reading
from weightgate.policy.verdicts import Verdict

ASKED = Asked("host", "2025-01-01")


def shown(pack: RandomPack, verdict: Verdict) -> Example | None:
    """An example of a verdict; the day may be any, since random packs have no stretches of days."""
    rules_ = pack.compiled
    cells = find(rules_.variables, rules_, rules_.plain, 1 << verdict)
    if cells is None:
        return None
    fewer = trim(rules_.variables, cells, [Kept(rules_, rules_.plain, 1 << verdict)])
    return example(rules_.variables, fewer, Asked("host", "0001-01-01"))


@settings(max_examples=40, deadline=None)
@given(packs(), st.sampled_from(Verdict))
def test_an_example_leads_to_what_it_is_an_example_of(pack: RandomPack, verdict: Verdict) -> None:
    found = shown(pack, verdict)
    everything = [v.cells.everything for v in pack.compiled.variables]
    if found is None:
        masks = pack.compiled.masks({})
        assert (
            not pack.compiled.possible([m & e for m, e in zip(masks, everything, strict=True)]) >> verdict & 1
        )
        return
    values: dict[str, Value] = {**found.values, "as_of": Known(found.as_of)}
    assert define([part(pack, values)]) == {verdict}


@settings(max_examples=40, deadline=None)
@given(packs(), st.sampled_from(Verdict))
def test_no_fact_of_an_example_can_be_left_out(pack: RandomPack, verdict: Verdict) -> None:
    found = shown(pack, verdict)
    for fact in found.values if found else ():
        fewer = {name: value for name, value in found.values.items() if name != fact} if found else {}
        masks = pack.compiled.masks(fewer)
        day = [n for n, v in enumerate(pack.compiled.variables) if v.fact == "as_of"]
        for level in day:
            cells = pack.compiled.variables[level].cells
            masks[level] = 1 << cells.cell_of(found.as_of) if found else masks[level]
        assert pack.compiled.possible(masks) != 1 << verdict


def test_nothing_leads_to_a_verdict_that_no_rule_says() -> None:
    activity = compiled(HEAD + rules(rule('model.openness == "open"'))).spans[0].activities["host"]
    assert find(activity.variables, activity, activity.plain, 1 << Verdict.LICENSE_REQUIRED) is None


def test_masks_bound_where_an_example_may_lie() -> None:
    activity = compiled(HEAD + TABLE + rules(rule("destination.tier == 1"))).spans[0].activities["host"]
    (level,) = [n for n, v in enumerate(activity.variables) if v.fact == "destination.country"]
    masks = [v.cells.everything for v in activity.variables]
    masks[level] = activity.variables[level].mask(Known("CN"))
    assert find(activity.variables, activity, activity.plain, 1 << Verdict.ALLOW, masks) is None
    assert find(activity.variables, activity, activity.plain, 1 << Verdict.DENY, masks) == {
        level: masks[level].bit_length() - 1
    }


def test_the_plainest_way_is_taken() -> None:
    when = 'destination.tier <= 2 && (model.openness == "open" || model.license == "mit" && model.special_purpose)'
    activity = compiled(HEAD + TABLE + rules(rule(when))).spans[0].activities["host"]
    cells = find(activity.variables, activity, activity.plain, 1 << Verdict.ALLOW)
    assert cells is not None
    found = example(activity.variables, cells, ASKED)
    assert found is not None
    assert found.values == {"model.openness": Known("open"), "destination.country": Known("DE")}


@pytest.mark.parametrize(
    ("fact", "cells", "cell", "value"),
    [
        ("model.training_operations", OrderedCells((1e25, 1e26)), 0, 5e24),
        ("model.training_operations", OrderedCells((1e25, 1e26)), 1, 1e25),
        ("model.training_operations", OrderedCells((1e25, 1e26)), 2, 1e26),
        ("model.finetune_share", OrderedCells((math.nextafter(0.25, 1),)), 0, 0.25),
        ("model.finetune_share", OrderedCells((math.nextafter(0.25, 1),)), 1, 0.3),
        ("model.finetune_share", OrderedCells((5e-324,)), 0, 0.0),
        ("model.finetune_share", OrderedCells((0.25, math.nextafter(0.25, 1))), 1, 0.25),
        ("model.finetune_share", OrderedCells(()), 0, 1.0),
        ("model.released", OrderedCells(("2025-08-02",)), 0, "2025-08-01"),
        ("model.released", OrderedCells(("2025-08-02",)), 1, "2025-08-02"),
        ("model.released", OrderedCells(()), 0, "2025-01-01"),
        ("destination.country", NamedCells((("AD", "DE", "US"), ("AE",))), 0, "DE"),
        ("destination.country", NamedCells((("AD", "ZW"), ("AE",))), 0, "AD"),
        ("model.openness", NamedCells((("open",), ("restricted", "closed"))), 1, "closed"),
        ("destination.subdivision", NamedCells((("UA-43",), ("UA-05", ""))), 1, ""),
        ("model.license", NamedCells((("mit",), ())), 1, "something-else"),
        ("model.license", NamedCells((("something-else",), ())), 1, "something-else-still"),
        ("model.special_purpose", NamedCells(((False,), (True,))), 1, True),
    ],
)  # fmt: skip
def test_the_plainest_value_of_a_cell(fact: str, cells: Cells, cell: int, value: object) -> None:
    found = plain(FACTS[fact], cells, cell)
    assert found == value
    assert type(found) is type(value)
    assert cells.cell_of(found) == cell


@settings(deadline=None)
@given(st.lists(st.floats(min_value=5e-324, max_value=1e300), min_size=1, max_size=4, unique=True), st.data())
def test_every_number_that_stands_for_a_cell_lies_in_it(cuts: list[float], data: st.DataObject) -> None:
    cells = OrderedCells(tuple(sorted(cuts)))
    cell = data.draw(st.integers(0, len(cuts)))
    found = list(numbers(cells, cell))
    assert found
    assert all(cells.cell_of(number) == cell for number in found)


def test_a_list_is_named_whole_and_a_tier_that_follows_is_not_named() -> None:
    variables = (
        Variable("operator.tier", TierCells()),
        Variable("operator.authorizations", MemberCells("LICENSE")),
        Variable("operator.authorizations", MemberCells("NVEU")),
        Variable("operator.security_standards", MemberCells("supp10-14")),
    )
    found = example(variables, {0: 0, 1: 1, 3: 0}, ASKED)
    assert found is not None
    assert found.values == {
        "operator.authorizations": exactly("LICENSE"),
        "operator.security_standards": exactly(),
    }
    declared = example(variables, {0: 3}, ASKED)
    assert declared is not None
    assert declared.values == {"operator.tier": Known(3)}


@pytest.mark.parametrize(
    ("asked", "cell", "day"),
    [
        (Asked("host", "2025-01-01"), 0, "2025-01-01"),
        (Asked("host", "2025-01-01"), 1, "2025-06-01"),
        (Asked("host", "2025-07-01", "2025-12-31"), 1, "2025-07-01"),
        (Asked("host", "2025-07-01", "2025-12-31"), 0, None),
        (Asked("host", "2025-01-01", "2025-05-31"), 1, None),
    ],
)
def test_the_day_lies_in_the_stretch_and_in_the_cell(asked: Asked, cell: int, day: str | None) -> None:
    found = example([Variable("as_of", OrderedCells(("2025-06-01",)))], {0: cell}, asked)
    assert (found and found.as_of) == day
    assert found is None or not found.values


SHARES: tuple[Cells, ...] = (OrderedCells((0.25,)), OrderedCells((1e24,)), OrderedCells((1e25,)))
TRIPLE = ("model.finetune_share", "model.finetune_operations", "model.base_operations")


@pytest.mark.parametrize("cells", [(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)])
def test_a_share_beside_its_parts_follows_from_them(cells: tuple[int, int, int]) -> None:
    variables = [Variable(fact, each) for fact, each in zip(TRIPLE, SHARES, strict=True)]
    found = example(variables, dict(enumerate(cells)), ASKED)
    # A quarter of 1e25 is more than 1e24.
    assert (found is None) == (cells == (1, 0, 1))
    if found is None:
        return
    assert set(found.values) == set(TRIPLE[1:])
    part_, whole = (_number(found.values, fact) for fact in TRIPLE[1:])
    for each, cell, number in zip(SHARES, cells, (part_ / whole, part_, whole), strict=True):
        assert each.cell_of(number) == cell


def test_a_share_that_its_parts_cannot_give_is_no_world() -> None:
    wide: tuple[Cells, ...] = (OrderedCells((0.25,)), OrderedCells((1e24,)), OrderedCells((1e23,)))
    variables = [Variable(fact, each) for fact, each in zip(TRIPLE, wide, strict=True)]
    assert example(variables, {0: 0, 1: 1, 2: 0}, ASKED) is None


def test_a_base_without_operations_has_no_share() -> None:
    variables = [Variable(TRIPLE[0], OrderedCells((0.25,))), Variable(TRIPLE[2], OrderedCells((5e-324,)))]
    assert example(variables, {0: 1, 1: 0}, ASKED) is None
    found = example(variables, {0: 1, 1: 1}, ASKED)
    assert found is not None
    assert _number(found.values, TRIPLE[2]) > 0


def test_operations_in_all_are_no_fewer_than_those_of_base_and_fine_tune() -> None:
    facts = ("model.base_operations", "model.training_operations", "model.finetune_share")
    cells = (OrderedCells((1e26,)), OrderedCells((1e26,)), OrderedCells((0.2,)))
    variables = [Variable(fact, each) for fact, each in zip(facts, cells, strict=True)]
    found = example(variables, {0: 1, 1: 1, 2: 1}, ASKED)
    assert found is not None
    base, every, share = (_number(found.values, fact) for fact in facts)
    assert every >= base * (1 + share)
    small = example(variables[:2], {0: 0, 1: 0}, ASKED)
    assert small is not None
    assert _number(small.values, facts[0]) <= _number(small.values, facts[1])
    assert example(variables[:2], {0: 1, 1: 0}, ASKED) is None


def test_a_part_of_a_country_lies_in_it() -> None:
    parts = NamedCells((("",), ("UA-43",)))
    countries = NamedCells((("DE", "UA"), ("CN",)))
    variables = [Variable("destination.country", countries), Variable("destination.subdivision", parts)]
    found = example(variables, {0: 0, 1: 1}, ASKED)
    assert found is not None
    assert found.values["destination.country"] == Known("UA")
    assert example(variables, {0: 1, 1: 1}, ASKED) is None
    assert agreeing({"destination.subdivision": "UA-43"}, {}) == {"destination.subdivision": "UA-43"}


def test_fixed_facts_stay_though_they_do_not_matter() -> None:
    variables = [Variable("model.special_purpose", NamedCells(((False,), (True,))))]
    diagram = Diagram([2])
    assert trim(variables, {0: 1}, [Kept(diagram, TRUE, 2)]) == {}
    assert trim(variables, {0: 1}, [Kept(diagram, TRUE, 2)], ["model.special_purpose"]) == {0: 1}


def test_a_definite_world_has_a_cell_for_every_level() -> None:
    variables = [
        Variable("destination.country", NamedCells((("CN",), ("DE", "US")))),
        Variable("destination.tier", TierCells()),
        Variable("operator.authorizations", MemberCells("UVEU")),
    ]
    assert definite(variables, {}) == {0: 1, 1: 0, 2: 0}
    assert definite(variables, {0: 0, 2: 1}) == {0: 0, 1: 0, 2: 1}


CASE = """\
- name: a fine-tune, with everything
  note: "It has: a colon"
  as_of: 2025-06-01
  known_at: 2025-05-01
  set: {headquarters: both, size: large}
  status: in-force
  activity: fine_tune
  facts:
    model.license: "no"
    model.training_operations: {min: 5.0e25}
    destination.country: {one_of: [DE, "NO"]}
    operator.security_standards: []
  expect: license_required
"""


def test_a_case_says_what_it_must_and_no_more() -> None:
    values: dict[str, Value] = {
        "model.license": Known("no"),
        "model.training_operations": Interval(5e25, None),
        "destination.country": OneOf(("DE", "NO")),
        "operator.security_standards": exactly(),
    }
    reading = Reading("2025-05-01", {"size": "large", "headquarters": "both"}, in_force=True)
    whole = Example(values, "fine_tune", "2025-06-01", reading)
    assert whole.case(
        "a fine-tune, with everything", "license_required", note="It has: a colon"
    ) == CASE.replace("a fine-tune, with everything", '"a fine-tune, with everything"')
    bare = Example({}, "host", "2025-06-01").case("nothing", Verdict.DENY)
    assert bare == "- name: nothing\n  as_of: 2025-06-01\n  expect: deny\n"


TEXTS = [
    "no",
    "NO",
    "yes",
    "null",
    "~",
    "1e5",
    "a: b",
    "a #b",
    "- a",
    "[x]",
    "x, y",
    '"',
    "",
    " x",
    "2025-13-01x",
    "é",
    "mit",
]


@settings(deadline=None)
@given(st.sampled_from(TEXTS) | st.text(st.characters(exclude_categories=["C", "Z"]), max_size=12))
def test_every_text_comes_back_as_it_was(text: str) -> None:
    data = parse_yaml(f"key: {{inner: [{scalar(text)}]}}\nplain: {scalar(text)}\n".encode(), "x.yaml").data
    assert data == {"key": {"inner": [text]}, "plain": text}


@settings(deadline=None)
@given(st.floats(min_value=0, allow_infinity=False))
def test_every_number_comes_back_as_it_was(number: float) -> None:
    assert parse_yaml(f"key: {written(Known(number))}\n".encode(), "x.yaml").data == {"key": number}


def test_a_case_is_one_that_policy_test_takes(tmp_path: Path) -> None:
    text = (
        HEAD
        + TABLE
        + VALUES
        + rules(
            rule("model.training_operations < values.limit && destination.tier == 1"),
            rule(
                'destination.tier == 3 && "LICENSE" in operator.authorizations', "license_required", "second"
            ),
        )
    )
    span = compiled(text).spans[-1]
    activity = span.activities["host"]
    asked = Asked("host", span.start, span.end)
    cases = ""
    for verdict in (Verdict.ALLOW, Verdict.ALLOW_WITH_CONDITIONS, Verdict.DENY):
        cells = find(activity.variables, activity, activity.plain, 1 << verdict)
        assert cells is not None
        found = example(
            activity.variables,
            trim(activity.variables, cells, [Kept(activity, activity.plain, 1 << verdict)]),
            asked,
        )
        assert found is not None
        cases += found.case(f"an example of {verdict}", verdict)
    file = tmp_path / "cases.yaml"
    file.write_text(cases)
    results = run_cases(source(text), [file])
    assert [result.problem for result in results] == ["", "", ""]
    assert load(text).document.name == "sample"


def _number(values: Mapping[str, Value], fact: str) -> float:
    value = values[fact]
    assert isinstance(value, Known)
    return float(value.value)


def test_a_day_lies_in_its_stretch_and_no_tier_is_declared_of_itself() -> None:
    variables = [
        Variable("model.special_purpose", NamedCells(((False,), (True,)))),
        Variable("destination.tier", TierCells()),
        Variable("as_of", OrderedCells(("2025-03-01", "2025-06-01"))),
    ]
    assert Asked("host", "2025-01-01", "2025-04-30").masks(variables) == [0b11, FROM_PARTS, 0b011]
    assert Asked("host", "2025-06-01").masks(variables)[-1] == 0b100


def test_what_a_named_list_does_not_hold_settles_what_else_would_matter() -> None:
    held = [Contains("operator.authorizations", member) for member in ("NVEU", "UVEU")]
    condition = Or((held[0], And((IsIn("destination.country", ("DE",)), held[1]))))
    builder = Builder([condition], {})
    root = builder.build(condition)
    country, nveu = (
        builder.levels["destination.country", ""],
        builder.levels["operator.authorizations", "NVEU"],
    )
    elsewhere = builder.variables[country].cells.cell_of("FR")
    cells = {country: elsewhere, nveu: 0}
    assert trim(builder.variables, cells, [Kept(builder.diagram, root, 1)]) == {nveu: 0}
