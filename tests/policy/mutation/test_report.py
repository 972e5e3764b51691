"""What becomes of mutants, held to the engine as a whole and to the definition."""

from __future__ import annotations

from functools import cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.policy.mutation.samples import CASES, every, is_yaml, read, sample
from tests.policy.samples import HEAD, TABLE, load, rule, rules
from tests.property.strategies import condition_texts
from weightgate.errors import InputError, PolicyError
from weightgate.facts.registry import ACTIVITIES
from weightgate.policy.cases import Readings, results_of
from weightgate.policy.cases_file import PolicyCase
from weightgate.policy.define import Part, Ruling, World, _facts_at, _said, verdict_in, worlds
from weightgate.policy.ir import holds, simplify
from weightgate.policy.mutation.accepted import Accepted
from weightgate.policy.mutation.meaning import difference
from weightgate.policy.mutation.mutant import Mutant
from weightgate.policy.mutation.report import MutationReport, Survivor, mutants, try_mutants
from weightgate.policy.mutation.trial import Trial
from weightgate.policy.pack import Pack, PackAt
from weightgate.policy.verdicts import VERDICTS


def passes(pack: Pack, case: PolicyCase) -> bool:
    """Whether a case passes under a pack, by the engine and the definition as ``policy test`` uses them."""
    try:
        (result,) = results_of(Readings(pack), [case])
    except InputError:
        return False
    return result.passed


@cache
def outcome(folder: Path) -> tuple[list[PolicyCase], MutationReport]:
    """What becomes of the sample's mutants under its cases."""
    cases = read(folder, CASES)
    return cases, try_mutants(sample(), cases)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sample's cases are."""
    return tmp_path_factory.mktemp("cases")


def test_all_cases_pass_under_the_pack_itself(folder: Path) -> None:
    cases, _ = outcome(folder)
    assert all(passes(sample(), case) for case in cases)


def test_a_killed_mutant_fails_the_case_that_is_said_to_kill_it(folder: Path) -> None:
    cases, report = outcome(folder)
    trial, killed = Trial(sample(), cases), 0
    for mutant in every().values():
        try:
            changed = mutant.of(sample())
            killer = trial.killer(changed)
        except PolicyError:
            continue
        if killer is not None:
            killed += 1
            assert not passes(changed, killer), mutant.id
    assert killed == report.killed > 20


def test_every_case_passes_under_what_is_not_killed(folder: Path) -> None:
    cases, report = outcome(folder)
    for survivor in islice(report.survivors, 0, None, 4):
        changed = survivor.mutant.of(sample())
        assert all(passes(changed, case) for case in cases), survivor.mutant.id


def test_a_survivor_comes_with_a_case_that_tells_it_from_the_pack(folder: Path, tmp_path: Path) -> None:
    _, report = outcome(folder)
    assert len(report.survivors) > 30
    for survivor in report.survivors:
        if survivor.mutant.id == "default.verdict: deny -> license_required":
            assert is_yaml(survivor.case)
        (case,) = read(tmp_path, survivor.case)
        assert passes(sample(), case), survivor.case
        assert not passes(survivor.mutant.of(sample()), case), survivor.case


def test_cases_that_are_added_raise_the_score(folder: Path, tmp_path: Path) -> None:
    _, before = outcome(folder)
    more = CASES + "".join(dict.fromkeys(one.case for one in before.survivors))
    after = try_mutants(sample(), read(tmp_path, more))
    assert after.score == 1.0
    assert after.killed == before.killed + len(before.survivors)
    assert after.equivalent == before.equivalent


def test_numbers_agree(folder: Path) -> None:
    _, report = outcome(folder)
    standing = 0
    for mutant in every().values():
        try:
            mutant.of(sample())
            standing += 1
        except PolicyError:
            pass
    assert report.killed + report.equivalent + len(report.survivors) == standing
    assert report.counted == report.killed + len(report.survivors)
    assert report.score == report.killed / report.counted
    assert MutationReport(0, 3, ()).score == 1.0


def test_without_cases_every_mutant_survives_or_means_the_same() -> None:
    report = try_mutants(sample(), [])
    assert (report.killed, report.score) == (0, 0.0)


def test_what_is_accepted_has_its_reason_and_what_does_not_survive_is_stale(folder: Path) -> None:
    cases, before = outcome(folder)
    alive = before.survivors[0].mutant.id
    accepted = {
        name: Accepted(name, "Because.", "mutants.yaml:1:3") for name in (alive, "open: dropped", "no such")
    }
    report = try_mutants(sample(), cases, accepted)
    assert report.survivors[0] == Survivor(before.survivors[0].mutant, before.survivors[0].case, "Because.")
    assert report.open == before.survivors[1:]
    assert [one.mutant for one in report.stale] == ["open: dropped", "no such"]
    assert (report.score, report.to_json()["survived"]) == (before.score, len(before.survivors))
    assert report.to_json()["survivors"][0]["reason"] == "Because."


def test_too_many_mutants_are_refused_before_any_is_tried(folder: Path) -> None:
    cases, _ = outcome(folder)
    with pytest.raises(PolicyError) as caught:
        try_mutants(sample(), cases, most=20)
    assert (caught.value.message, caught.value.code) == ("sample.yaml has more than 20 mutants", "too_large")
    assert try_mutants(load(HEAD + rules(rule("true"))), [], most=3).killed == 0


# Equivalence


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        # What another rule outranks is never seen.
        ('"first"', '"first" || model.openness == "closed" && model.license == "mit"', True),
        ('"first"', '"first" || model.license == "gpl"', False),
    ],
)
def test_rules_that_are_outranked_do_not_matter(old: str, new: str, *, same: bool) -> None:
    deny = rule('model.openness == "closed"', "deny", "closed")
    before = load(HEAD + rules(rule('model.license == "first"'), deny))
    after = load(HEAD + rules(rule('model.license == "first"'.replace(old, new)), deny))
    found = difference(before, after, "a case")
    assert (found is None) is same


def test_a_rule_of_the_same_verdict_matters() -> None:
    both = load(
        HEAD + rules(rule("true", "deny", "all"), rule('model.openness == "closed"', "deny", "closed"))
    )
    other = load(
        HEAD + rules(rule("true", "deny", "all"), rule('model.openness != "open"', "deny", "closed"))
    )
    found = difference(both, other, "a case")
    assert found is not None
    assert "expect: {verdict: deny, without: [closed]}" in found.case
    back = difference(other, both, "a case")
    assert back is not None
    assert "expect: {verdict: deny, rules: [closed]}" in back.case


def test_the_verdict_of_a_rule_beside_a_stricter_one_does_not_matter() -> None:
    twice = rule("true", "deny", "again")
    one = load(HEAD + rules(rule("true", "deny", "all"), twice))
    other = load(HEAD + rules(rule("true", "license_required", "all"), twice))
    assert difference(one, other, "a case") is None
    assert difference(other, one, "a case") is None


def test_a_pack_that_says_nothing_more_of_an_activity_is_another() -> None:
    both = load(HEAD + rules(rule('model.openness == "open"', activity="[host, fine_tune]")))
    host = load(HEAD + rules(rule('model.openness == "open"')))
    found = difference(both, host, "a case")
    assert found is not None
    assert found.case == (
        "- name: a case\n  as_of: 2025-01-01\n  activity: fine_tune\n"
        "  facts:\n    model.openness: open\n  expect: allow\n"
    )
    back = difference(host, both, "a case")
    assert back is not None
    assert back.case == ""  # the first cannot be asked about it


@pytest.mark.parametrize("verdict", ["allow", "deny"])
def test_an_activity_dropped_from_a_rule_is_told_by_a_case(tmp_path: Path, verdict: str) -> None:
    """Also where the rule says what stands by default."""
    pack = load(
        HEAD
        + TABLE
        + rules(
            rule("destination.tier == 3", verdict, "both", "[host, fine_tune]"),
            rule('model.openness == "open"', name="open"),
        )
    )
    dropped = [s for s in try_mutants(pack, []).survivors if ".activity: without " in s.mutant.id]
    assert [s.mutant.id.rpartition(" ")[2] for s in dropped] == ["host", "fine_tune"]
    for survivor in dropped:
        (case,) = read(tmp_path, survivor.case, pack)
        assert passes(pack, case), survivor.case
        assert not passes(survivor.mutant.of(pack), case), survivor.case


def test_a_switch_that_only_another_reading_shows_is_looked_at() -> None:
    mutant = every()["values.released from 2025-01-01: 2024-06-01 -> 2024-06-02"]
    found = difference(sample(), mutant.of(sample()), "a case")
    assert found is not None
    assert "set: {reach: wide}" in found.case


def meanings(pack: Pack, standing: PackAt, activity: str) -> tuple[Part, list[tuple[str, Ruling]]]:
    """The rules about an activity, for the definition."""
    rulings = [
        (one.rule.id, Ruling(simplify(one.condition, {"activity": activity}), VERDICTS[one.rule.verdict]))
        for one in standing.rules
        if activity in one.rule.activity
    ]
    default = VERDICTS[pack.document.default.verdict]
    return Part(0, [r for _, r in rulings], default, standing.tiers, {}), rulings


def told_apart(one: Pack, other: Pack, most: int) -> bool | None:
    """Whether some world has another verdict, or a rule that decides it and does not apply in the other pack.

    Returns:
        ``None`` where there are too many worlds to say.
    """
    for activity in ACTIVITIES:
        (first, a), (second, b) = (meanings(p, p.standings[0], activity) for p in (one, other))
        if not a and not b:
            continue
        every_world = worlds([first, second])
        for world in islice(every_world, most):
            verdicts = [verdict_in(part, world) for part in (first, second)]
            deciding, applying = zip(
                *(rules_in(p, r, world) for p, r in ((first, a), (second, b))), strict=True
            )
            if verdicts[0] != verdicts[1] or deciding[0] - applying[1] or deciding[1] - applying[0]:
                return True
        if next(every_world, None) is not None:
            return None
    return False


def rules_in(part: Part, rulings: list[tuple[str, Ruling]], world: World) -> tuple[set[str], set[str]]:
    """The rules that decide in a world, and all that apply."""
    facts = _facts_at(part, world)
    said = {name: _said(ruling, facts) for name, ruling in rulings if holds(ruling.condition, facts)}
    verdict = verdict_in(part, world)
    return {name for name, v in said.items() if v == verdict}, set(said)


RANDOM = (
    HEAD
    + TABLE
    + """\
values:
  limit: [{from: 2025-01-01, value: 1.0e26, cite: {source: law, place: here}, grade: V}]
  some: [{from: 2025-01-01, value: [AE, IN], cite: {source: law, place: here}, grade: V}]
"""
)


@st.composite
def changed_packs(draw: st.DrawFn) -> tuple[Pack, Mutant]:
    """A random pack of two rules, and one of its mutants."""
    texts = [draw(condition_texts()) for _ in range(2)]
    verdicts = [draw(st.sampled_from(["allow", "license_required", "deny"])) for _ in texts]
    pack = load(
        RANDOM
        + rules(
            *(
                rule(t.replace("'", ""), v, f"rule-{i}")
                for i, (t, v) in enumerate(zip(texts, verdicts, strict=True))
            )
        )
    )
    found = list(mutants(pack))
    return pack, found[draw(st.integers(0, len(found) - 1))]


@settings(deadline=None, max_examples=60)
@given(changed_packs())
def test_two_packs_mean_the_same_exactly_when_no_world_tells_them_apart(drawn: tuple[Pack, Mutant]) -> None:
    pack, mutant = drawn
    try:
        changed = mutant.of(pack)
    except PolicyError:
        assume(condition=False)
    assume(len(changed.standings) == 1)
    apart = told_apart(pack, changed, 1_500)
    assume(apart is not None)
    found = difference(pack, changed, "a case")
    assert (found is not None) is apart, mutant.id
    if found is not None and found.case:
        with TemporaryDirectory() as folder:
            (case,) = read(Path(folder), found.case, pack)
            assert passes(pack, case), found.case
            assert not passes(changed, case), found.case
