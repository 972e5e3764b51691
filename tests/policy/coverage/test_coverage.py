"""What the cases of a pack cover: rules, atoms, leaves and nodes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy.samples import HEAD, TABLE, load, rule, rules
from weightgate.policy.cases import Readings, case_files, results_of, untested_of, vocabulary
from weightgate.policy.cases_file import read_cases
from weightgate.policy.coverage.cover import cover
from weightgate.policy.coverage.covered import Coverage, Covered
from weightgate.policy.pack import Pack
from weightgate.policy.source import find_pack, shipped_packs

BOTH = frozenset({True, False})
TEXT = (
    HEAD
    + TABLE
    + """\
switches:
  reach:
    title: How far does it reach?
    default: narrow
    readings: {narrow: "Not far", wide: "Far"}
    cites: [{source: law, place: section 7}]
values:
  limit: [{from: 2025-01-01, value: 1.0e26, cite: {source: law, place: section 4}, grade: V}]
define:
  large: model.training_operations >= values.limit
"""
    + rules(
        rule('model.openness == "open"', "allow", "open"),
        rule("destination.tier == 1 && !large", "license_required", "tier-1", more="    unless: model.special_purpose\n"),
        rule('large && switches.reach == "wide" && activity == "host"', "deny", "wide"),
    )
)  # fmt: skip


def covered(folder: Path, text: str, pack: str = TEXT) -> Coverage:
    """What cases cover of a pack."""
    loaded = load(pack)
    path = folder / "cases.yaml"
    path.write_text(text, encoding="utf-8")
    return cover(Readings(loaded), read_cases([path], vocabulary(loaded)))


def case(name: str, facts: str, expect: str = "deny", more: str = "") -> str:
    """One case."""
    return f"- {{name: {name}, facts: {{{facts}}}, expect: {expect}{more}}}\n"


def by_name(part: tuple[Covered, ...]) -> dict[str, Covered]:
    return {one.name: one for one in part}


def test_a_rule_is_covered_when_it_certainly_applies_and_certainly_does_not(tmp_path: Path) -> None:
    only = covered(tmp_path, case("a", "model.openness: open"))
    assert by_name(only.rules)["open"].seen == {True}
    assert by_name(only.rules)["tier-1"].seen == frozenset()
    both = covered(tmp_path, case("a", "model.openness: open") + case("b", "model.openness: closed"))
    assert by_name(both.rules)["open"].missing == frozenset()
    assert (
        str(by_name(only.rules)["open"])
        == "sample.yaml:28:9: rule open: no case in which it certainly does not apply"
    )
    assert str(by_name(only.rules)["tier-1"]).endswith("it certainly applies or certainly does not apply")


def test_an_open_fact_covers_nothing(tmp_path: Path) -> None:
    found = covered(tmp_path, case("a", "model.openness: {one_of: [open, closed]}", "indeterminate"))
    assert all(not one.seen for one in found.rules if one.name == "open")
    assert by_name(found.atoms)['open: model.openness == "open"'].seen == frozenset()


def test_a_rule_with_a_licence_applies_in_both_its_forms(tmp_path: Path) -> None:
    facts = "destination.country: DE, model.training_operations: 1.0, model.special_purpose: false, model.openness: closed"
    for held in ("[LICENSE]", "[]"):
        found = covered(tmp_path, case("a", f"{facts}, operator.authorizations: {held}"))
        assert by_name(found.rules)["tier-1"].seen == {True}
    found = covered(tmp_path, case("a", "destination.country: CN"))
    assert by_name(found.rules)["tier-1"].seen == {False}


def test_atoms_are_those_of_the_condition_with_definitions_written_in(tmp_path: Path) -> None:
    found = covered(tmp_path, case("a", "destination.country: DE, model.training_operations: 1.0e26"))
    atoms = by_name(found.atoms)
    assert list(atoms) == [
        'open: model.openness == "open"',
        "tier-1: destination.tier == 1",
        "tier-1: model.training_operations >= values.limit",
        "tier-1: model.special_purpose",
        "wide: model.training_operations >= values.limit",
        'wide: switches.reach == "wide"',
        'wide: activity == "host"',
    ]
    assert atoms["tier-1: destination.tier == 1"].seen == {True}
    large = atoms["tier-1: model.training_operations >= values.limit"]
    assert (large.seen, large.possible) == (frozenset({True}), BOTH)
    line = TEXT.splitlines().index("  large: model.training_operations >= values.limit") + 1
    assert large.where == f"sample.yaml:{line}:36"
    assert str(large) == (
        f"sample.yaml:{line}:36: atom tier-1: model.training_operations >= values.limit: no case in which it is false"
    )


@pytest.mark.parametrize(
    ("facts", "atom", "seen"),
    [
        ("destination.tier: 1", "tier-1: destination.tier == 1", {True}),
        ("destination.tier: {one_of: [2, 3]}", "tier-1: destination.tier == 1", {False}),
        ("destination.country: {one_of: [DE, US]}", "tier-1: destination.tier == 1", {True}),
        ("destination.country: {one_of: [DE, CN]}", "tier-1: destination.tier == 1", set()),
        (
            "model.training_operations: {min: 1.0e26}",
            "tier-1: model.training_operations >= values.limit",
            {True},
        ),
        (
            "model.training_operations: {max: 1.0e25}",
            "tier-1: model.training_operations >= values.limit",
            {False},
        ),
        (
            "model.training_operations: {max: 1.0e26}",
            "tier-1: model.training_operations >= values.limit",
            set(),
        ),
        ("model.special_purpose: null", "tier-1: model.special_purpose", set()),
    ],
)
def test_what_settles_an_atom(tmp_path: Path, facts: str, atom: str, seen: set[bool]) -> None:
    assert by_name(covered(tmp_path, case("a", facts)).atoms)[atom].seen == seen


def test_a_switch_is_covered_by_cases_in_both_its_readings(tmp_path: Path) -> None:
    atom = 'wide: switches.reach == "wide"'
    one = by_name(covered(tmp_path, case("a", "")).atoms)[atom]
    assert (one.seen, one.possible) == (frozenset({False}), BOTH)
    two = covered(tmp_path, case("a", "") + case("b", "", more=", set: {reach: wide}"))
    assert by_name(two.atoms)[atom].missing == frozenset()


def test_an_atom_that_can_only_be_one_way_says_so(tmp_path: Path) -> None:
    found = covered(tmp_path, case("a", ""))
    (one,) = found.one_way
    assert (one.name, one.possible, one.missing) == (
        'wide: activity == "host"',
        frozenset({True}),
        frozenset(),
    )
    assert str(one).endswith('atom wide: activity == "host": never false')
    assert [o["always"] for o in found.to_json()["one_way"]] == [True]


def test_leaves_are_what_can_decide_and_what_did(tmp_path: Path) -> None:
    found = covered(
        tmp_path,
        case("a", "model.openness: open, model.training_operations: 1.0, destination.country: CN", "allow"),
    )
    assert [one.name for one in found.leaves] == [
        "host, allow by open",
        "host, allow_with_conditions by tier-1",
        "host, license_required by tier-1",
        "host, deny by default",
    ]
    assert [one.name for one in found.leaves if not one.missing] == ["host, allow by open"]
    assert str(found.leaves[3]) == "sample.yaml:10:10: host, deny by default: no case leads there"


def test_a_rule_that_never_decides_has_no_leaf(tmp_path: Path) -> None:
    text = HEAD + rules(rule("true", "deny", "all"), rule('model.openness == "open"', "allow", "open"))
    found = covered(tmp_path, case("a", "model.openness: open"), text)
    assert [one.name for one in found.leaves] == ["host, deny by all"]
    assert by_name(found.rules)["open"].seen == {True}


def test_a_verdict_that_is_not_settled_reaches_no_leaf(tmp_path: Path) -> None:
    found = covered(tmp_path, case("a", "model.openness: open, destination.country: DE", "indeterminate"))
    assert all(one.missing for one in found.leaves)


def test_nodes_are_visited_as_long_as_facts_are_known(tmp_path: Path) -> None:
    nothing = covered(tmp_path, case("a", "", "indeterminate"))
    assert nothing.visited == 1
    facts = "model.openness: closed, model.training_operations: 1.0, model.special_purpose: false, destination.country: DE"
    some = covered(tmp_path, case("a", facts, "indeterminate"))
    assert 1 < some.visited < some.nodes == nothing.nodes


def test_numbers_and_gaps_as_plain_data(tmp_path: Path) -> None:
    found = covered(tmp_path, case("a", "model.openness: open"))
    data = found.to_json()
    assert data["rules"] == {"all": 3, "covered": 0}
    assert data["atoms"] == {"all": 7, "covered": 1}
    assert data["leaves"]["all"] == 4
    assert data["nodes"] == {"all": found.nodes, "covered": found.visited}
    assert data["share"] == found.share == 0.0
    assert {gap["kind"] for gap in data["gaps"]} == {"rule", "atom", "leaf"}
    assert len(data["gaps"]) == len(found.gaps)
    assert Coverage((), (), (), 0, 0).share == 1.0


def test_a_pack_that_is_covered_has_no_gaps(tmp_path: Path) -> None:
    text = HEAD + rules(rule('model.openness == "open"', "allow", "open"))
    found = covered(
        tmp_path, case("a", "model.openness: open", "allow") + case("b", "model.openness: closed"), text
    )
    assert (found.gaps, found.share, found.visited) == ((), 1.0, found.nodes)


@pytest.mark.parametrize("name", ["us-ai-diffusion-draft", "us-ny-raise"])
def test_rules_that_apply_are_those_that_the_results_name(name: str) -> None:
    assert name in shipped_packs()
    source = find_pack(name)
    pack = Pack(source)
    cases = read_cases(case_files(source), vocabulary(pack))
    readings = Readings(pack)
    results = results_of(readings, cases)
    found = cover(readings, cases)
    applies = {rule for result in results for rule in result.applies}
    assert {one.name for one in found.rules if True in one.seen} == applies - {"default"}
    assert not untested_of(pack, results)
