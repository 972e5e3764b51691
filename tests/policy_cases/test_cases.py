"""``policy test``: what passes, what is found against what is expected, and that nothing passes unevaluated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.policy_cases.packs import PACK, cases, toy
from weightgate.errors import Exit, InputError, PolicyError
from weightgate.policy.cases import (
    ACCEPTED,
    case_files,
    folder_of_tests,
    run_cases,
    untested,
)
from weightgate.policy.cases import vocabulary as vocabulary_of
from weightgate.policy.cases_result import CaseResult
from weightgate.policy.pack import Pack
from weightgate.policy.source import find_pack

TIER_1 = "operator.headquarters: US, operator.ultimate_parent: US"


def run(folder: Path, text: str) -> list[CaseResult]:
    """The results of a file of cases under the small pack."""
    return run_cases(toy(folder), [cases(folder, text)])


def one(folder: Path, facts: str, expect: str, more: str = "") -> CaseResult:
    """The result of one case."""
    text = f"- name: the case\n  facts: {{{facts}}}\n  expect: {expect}\n{more}"
    (result,) = run(folder, text)
    return result


@pytest.mark.parametrize(
    ("facts", "expect"),
    [
        ("model.openness: open", "allow"),
        ("model.openness: open", "{verdict: allow, rules: [open], without: [tier-1, tier-2, default]}"),
        (f"model.openness: closed, destination.country: DE, {TIER_1}", "{verdict: allow, rules: [tier-1]}"),
        (
            "model.openness: closed, destination.tier: 1, operator.tier: 2",
            "{verdict: allow, rules: [tier-1]}",
        ),
        (
            "model.openness: closed, destination.tier: 1, operator.tier: 3",
            "{verdict: deny, rules: [default]}",
        ),
        ("model.openness: closed, destination.country: CN", "{verdict: deny, rules: [default]}"),
        (
            "model.openness: closed, destination.country: IN, operator.authorizations: []",
            "{verdict: license_required, possible: [license_required], rules: [tier-2], missing: []}",
        ),
        (
            "model.openness: closed, destination.country: IN, operator.authorizations: [LICENSE]",
            "{verdict: allow_with_conditions, rules: [tier-2]}",
        ),
        (
            "model.openness: closed, destination.country: IN, operator.authorizations: [NVEU]",
            "{verdict: allow_with_conditions, rules: [veu-tier-2]}",
        ),
        (
            "model.openness: closed, destination.country: IN",
            """{verdict: indeterminate, possible: [license_required, allow_with_conditions],
                missing: [operator.authorizations]}""",
        ),
        (
            "destination.country: CN",
            "{verdict: indeterminate, possible: [allow, deny], missing: [model.openness]}",
        ),
        ("model.openness: {one_of: [restricted, closed]}, destination.country: CN", "deny"),
        ("", "indeterminate"),
    ],
)
def test_what_is_found_is_what_was_expected(tmp_path: Path, facts: str, expect: str) -> None:
    result = one(tmp_path, facts, expect)
    assert result.passed, result
    assert result.problem == ""


@pytest.mark.parametrize(
    ("facts", "expect", "problem"),
    [
        ("model.openness: open", "deny", "found allow, expected deny"),
        ("destination.country: CN", "deny", "found indeterminate, expected deny"),
        (
            "model.openness: closed",
            "{verdict: indeterminate, possible: [allow, deny]}",
            "possible are allow, allow_with_conditions, license_required, deny, expected allow, deny",
        ),
        (
            "model.openness: open",
            "{verdict: allow, rules: [tier-1]}",
            "rule tier-1 does not certainly apply, those that do: open",
        ),
        (
            "model.openness: closed",
            "{verdict: indeterminate, rules: [tier-1]}",
            "rule tier-1 does not certainly apply, those that do: none",
        ),
        (
            "destination.country: CN",
            "{verdict: indeterminate, missing: [destination.country]}",
            "missing are model.openness, expected destination.country",
        ),
        (
            "model.openness: open",
            "{verdict: allow, missing: [model.openness]}",
            "missing are nothing, expected model.openness",
        ),
        (
            "destination.country: CN",
            "{verdict: indeterminate, missing: []}",
            "missing are model.openness, expected nothing",
        ),
        (
            "model.openness: open",
            "{verdict: allow, without: [open, tier-1]}",
            "rule open applies, expected not to",
        ),
        (
            "destination.country: CN",
            "{verdict: indeterminate, without: [default]}",
            "rule default possibly applies, expected not to",
        ),
        (
            "model.openness: open",
            "{verdict: deny, rules: [default]}",
            "found allow, expected deny; rule default does not certainly apply, those that do: open",
        ),
    ],
)
def test_every_difference_is_named(tmp_path: Path, facts: str, expect: str, problem: str) -> None:
    result = one(tmp_path, facts, expect)
    assert not result.passed
    assert result.problem == problem


def test_a_failed_case_names_its_place_and_its_reasons(tmp_path: Path) -> None:
    text = (
        "# a comment\n- name: open\n  facts: {model.openness: open}\n  expect: allow\n\n"
        "- name: India\n  facts:\n    model.openness: closed\n    destination.country: IN\n"
        "    operator.authorizations: []\n  expect: allow\n"
    )
    passed, failed = run(tmp_path, text)
    place = f"{tmp_path / 'tests' / 'cases.yaml'}:6"
    assert str(failed) == (
        f"{place}: India: found license_required, expected allow\n"
        "    license_required: tier-2 applies because model.openness is closed, destination.tier is 2, "
        "operator.authorizations is empty"
    )
    assert str(passed).endswith(":2: open: passed")
    assert (failed.line, passed.line) == (6, 2)


def test_reasons_say_what_only_possibly_applies_and_what_a_licence_lifts(tmp_path: Path) -> None:
    result = one(
        tmp_path,
        "model.openness: {one_of: [open, closed]}, destination.country: IN, operator.authorizations: [LICENSE, ORDER]",
        "allow_with_conditions",
    )
    assert result.passed
    lifted, free = result.reasons
    assert lifted == (
        "allow_with_conditions: tier-2, lifted by a LICENSE, possibly applies because "
        "model.openness is one_of open or closed, destination.tier is 2, operator.authorizations is LICENSE, ORDER"
    )
    assert free == "allow: open possibly applies because model.openness is one_of open or closed"


def test_a_result_is_plain_data(tmp_path: Path) -> None:
    result = one(tmp_path, "destination.country: CN", "deny", "  row: [T1, T3]\n  note: Why.\n")
    assert json.loads(json.dumps(result.to_json())) == {
        "name": "the case",
        "file": str(tmp_path / "tests" / "cases.yaml"),
        "line": 1,
        "rows": ["T1", "T3"],
        "passed": False,
        "found": "indeterminate (allow or deny), missing model.openness",
        "expected": "deny",
        "problem": "found indeterminate, expected deny",
        "reasons": list(result.reasons),
    }


# Days and activities


def test_a_case_without_a_day_is_about_the_last_day_of_change(tmp_path: Path) -> None:
    assert vocabulary_of(Pack(toy(tmp_path))).today == "2026-01-01"
    facts = "model.openness: closed, destination.country: KH, operator.authorizations: []"
    assert one(tmp_path, facts, "license_required").passed
    assert one(tmp_path, facts, "deny", "  as_of: 2025-12-31\n").passed
    assert one(tmp_path, facts, "license_required", "  as_of: 2026-01-01\n").passed


def test_rules_and_values_are_those_of_the_day(tmp_path: Path) -> None:
    facts = "model.openness: open, model.finetune_share: 0.3, destination.country: BR, operator.authorizations: []"
    tune = "  activity: fine_tune\n"
    assert one(tmp_path, facts, "license_required", tune).passed
    assert one(tmp_path, facts, "allow", tune + "  as_of: 2025-12-31\n").passed


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("  as_of: 2024-12-31\n", "toy begins on 2025-01-01: the case evaluates nothing on 2024-12-31"),
        (
            "  activity: export_compute\n",
            "toy has no rule about export_compute: the case evaluates nothing on 2026-01-01",
        ),
    ],
)
def test_a_case_that_evaluates_nothing_is_an_error(tmp_path: Path, more: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        one(tmp_path, "model.openness: open", "allow", more)
    assert caught.value.message == message
    assert caught.value.where == f"{tmp_path / 'tests' / 'cases.yaml'}:1:3"
    assert (caught.value.code, caught.value.exit) == ("not_applicable", Exit.INPUT)


# Facts as a decision has them


def test_the_share_follows_from_its_parts(tmp_path: Path) -> None:
    facts = "model.openness: open, destination.country: IN, operator.authorizations: [], model.base_operations: 1e25"
    tune = "  activity: fine_tune\n"
    assert one(tmp_path, f"{facts}, model.finetune_operations: 2.5e24", "allow", tune).passed
    assert one(tmp_path, f"{facts}, model.finetune_operations: 2.6e24", "license_required", tune).passed


def test_nobody_is_presumed_to_hold_a_licence(tmp_path: Path) -> None:
    assert one(tmp_path, "model.openness: closed, destination.country: IN, operator.authorizations: null",
               "{verdict: indeterminate, possible: [allow_with_conditions, license_required]}").passed  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "fact", "column"),
    [
        ("destination.country: CN, destination.tier: 1", "destination.tier", 54),
        ("operator.headquarters: CN, operator.tier: 2", "operator.tier", 53),
        (
            "model.finetune_operations: 1.0, model.base_operations: 2.0, model.finetune_share: 0.1",
            "model.finetune_share",
            93,
        ),
    ],
)
def test_a_derived_fact_may_not_contradict_its_parts(
    tmp_path: Path, facts: str, fact: str, column: int
) -> None:
    with pytest.raises(InputError) as caught:
        one(tmp_path, facts, "deny")
    assert caught.value.message == f"{fact} contradicts the facts that it follows from"
    assert caught.value.where == f"{tmp_path / 'tests' / 'cases.yaml'}:2:{column}"
    assert caught.value.hint == "leave it out"


@pytest.mark.parametrize(
    ("facts", "expect"),
    [
        ("destination.country: CN, destination.tier: 3, model.openness: closed", "deny"),
        ("destination.country: {one_of: [CN, IN]}, destination.tier: 3, model.openness: closed", "deny"),
        ("destination.tier: null, destination.country: CN, model.openness: closed", "deny"),
        (
            "destination.tier: {one_of: [2, 3]}, operator.authorizations: [], model.openness: closed",
            "indeterminate",
        ),
    ],
)
def test_a_declared_tier_counts_beside_countries_that_allow_it(
    tmp_path: Path, facts: str, expect: str
) -> None:
    assert one(tmp_path, facts, expect).passed


def test_a_pack_without_a_table_needs_none(tmp_path: Path) -> None:
    head, _, rest = PACK.partition("tables:")
    values = rest[rest.index("values:") : rest.index("rules:")]
    rules = rest[rest.index("rules:") : rest.index("  - id: tier-1")]
    source = toy(tmp_path, head + values + rules)
    text = "- {name: a, facts: {model.openness: open, destination.tier: 3}, expect: allow}\n"
    (result,) = run_cases(source, [cases(tmp_path, text)])
    assert result.passed


# Files


def test_cases_lie_beside_the_pack_in_order_of_names(tmp_path: Path) -> None:
    source = toy(tmp_path)
    for name in ("b.yaml", "a.yaml", "notes.txt"):
        cases(tmp_path, "", name)
    assert [path.name for path in case_files(source)] == ["a.yaml", "b.yaml"]


def test_a_pack_without_cases_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        case_files(toy(tmp_path))
    assert (caught.value.code, caught.value.exit) == ("no_cases", Exit.INPUT)
    assert caught.value.where == str(tmp_path / "tests")
    assert caught.value.hint == "write cases to tests/NAME.yaml beside the pack"


def test_the_cases_of_a_shipped_pack_are_shipped() -> None:
    found = case_files(find_pack("us-ai-diffusion-draft"))
    assert {path.parent.name for path in found} == {"tests"}
    assert {path.parent.parent.name for path in found} == {"us-ai-diffusion-draft"}


def test_a_pack_that_does_not_load_is_the_packs_error(tmp_path: Path) -> None:
    source = toy(tmp_path, PACK.replace('"open"', '"opne"', 1))
    with pytest.raises(PolicyError, match=r"'opne' is no value of model\.openness"):
        run_cases(source, [cases(tmp_path, "- {name: a, facts: {}, expect: deny}\n")])


def test_a_list_of_mutants_holds_no_cases(tmp_path: Path) -> None:
    source = toy(tmp_path)
    for name in ("a.yaml", ACCEPTED):
        cases(tmp_path, "- {name: a, expect: deny}\n", name)
    assert [path.name for path in case_files(source)] == ["a.yaml"]
    assert folder_of_tests(source) == tmp_path / "tests"
    (tmp_path / "tests" / "a.yaml").unlink()
    with pytest.raises(InputError, match="no cases of"):
        case_files(source)


def test_rules_and_rows_that_no_case_shows(tmp_path: Path) -> None:
    text = (
        "- {name: a, row: T1, facts: {model.openness: open}, expect: allow}\n"
        "- {name: b, facts: {model.openness: closed}, expect: indeterminate}\n"
    )
    results = run(tmp_path, text)
    found = untested(toy(tmp_path), results)
    assert [(u.kind, u.name) for u in found] == [
        ("rule", "tier-1"),
        ("rule", "tier-2"),
        ("rule", "veu-tier-2"),
        ("rule", "large-fine-tune"),
        ("row", "T2"),
        ("row", "T3"),
    ]
    lines = PACK.splitlines()
    line = lines.index("  - id: tier-1") + 1
    assert str(found[0]) == f"{tmp_path / 'pack.yaml'}:{line}:9: rule tier-1: no case makes it apply"
    assert str(found[4]) == f"{tmp_path / 'pack.yaml'}:{line}:9: row T2: no case names it"
    assert next((u.kind, u.name) for u in untested(toy(tmp_path), [])) == ("rule", "open")


def test_the_definition_decides_the_same_for_every_activity_and_span(tmp_path: Path) -> None:
    text = "".join(
        f"- {{name: {activity} {day}, activity: {activity}, as_of: {day}, expect: indeterminate,"
        " facts: {destination.country: {one_of: [IN, CN]}, model.finetune_share: {min: 0.1}}}\n"
        for activity in ("host", "fine_tune")
        for day in ("2025-01-01", "2025-12-31", "2026-01-01")
    )
    results = run(tmp_path, text)
    assert [result.passed for result in results] == [True] * 6
    assert len({result.found for result in results}) > 1


def test_a_stated_authorisation_that_is_only_possible_counts_as_possible(tmp_path: Path) -> None:
    facts = (
        "model.openness: closed, destination.country: IN, "
        "operator.authorizations: {certain: [], possible: [LICENSE]}"
    )
    result = one(tmp_path, facts, "indeterminate")
    assert result.passed
    assert result.found == (
        "indeterminate (allow_with_conditions or license_required), missing operator.authorizations"
    )


def test_results_are_in_the_order_of_the_files(tmp_path: Path) -> None:
    source = toy(tmp_path)
    second = cases(tmp_path, "- {name: b, facts: {model.openness: open}, expect: allow}\n", "b.yaml")
    first = cases(tmp_path, "- {name: a, facts: {model.openness: open}, expect: allow}\n", "a.yaml")
    assert [result.name for result in run_cases(source, [second, first])] == ["b", "a"]
    assert [result.name for result in run_cases(source, case_files(source))] == ["a", "b"]
