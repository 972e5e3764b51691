from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.samples import HEAD, TABLE, VALUES, place_of, refused, rule, rules, source
from weightgate.errors import PolicyError
from weightgate.files.yaml import parse_yaml
from weightgate.policy.cases import run_cases
from weightgate.policy.pack import Pack
from weightgate.policy.prove.proving import prove
from weightgate.policy.prove.readings import MAX_COMBINATIONS, MAX_STANDINGS, readings_of
from weightgate.policy.prove.report import CODES, Finding, Proof
from weightgate.policy.source import find_pack, shipped_packs

DRAFT = "us-ai-diffusion-draft"
NOT_OPEN = 'model.openness != "open"'
LARGE = "model.training_operations >= 1e26"


def invariant(said: str, name: str = "claim", given_: str = "", activity: str = "") -> str:
    """One entry of ``invariants``."""
    under = f"    given: '{given_}'\n" if given_ else ""
    about = f"    activity: {activity}\n" if activity else ""
    return f"  - id: {name}\n    title: Claim {name}\n{about}{under}    {said}\n"


def never(change: str, name: str = "claim", given_: str = "") -> str:
    """An invariant about a change."""
    return invariant(f"never_loosens_when: {change}", name, given_)


def pack(*rules_: str, claims: tuple[str, ...] = (), more: str = "", default: str = "deny") -> str:
    """A pack with a table of tiers, rules and invariants."""
    head = HEAD.replace("verdict: deny", f"verdict: {default}")
    declared = "invariants:\n" + "".join(claims) if claims else ""
    return head + TABLE + more + rules(*rules_) + declared


def switch(name: str, default: str, *others: str) -> str:
    """One entry of ``switches``."""
    readings = "".join(f"      {one}: As {one}.\n" for one in (default, *others))
    return (
        f"  {name}:\n    title: What is meant?\n    default: {default}\n    readings:\n{readings}"
        "    cites: [{source: law, place: section 7}]\n"
    )


def only(text: str) -> Finding:
    """The one thing that does not hold, with its cases held to the pack."""
    (finding,) = proved(text).findings
    return finding


def proved(text: str) -> Proof:
    """The proof."""
    return prove(source(text))


def cases_of(finding: Finding) -> list[dict[str, Any]]:
    """The cases that a finding shows."""
    found: list[dict[str, Any]] = parse_yaml("".join(finding.cases).encode(), "cases").data
    return found


def facts(case: dict[str, Any]) -> dict[str, Any]:
    """What a case states."""
    stated: dict[str, Any] = case.get("facts", {})
    return stated


def test_an_invariant_that_holds_is_said_to() -> None:
    text = pack(
        rule(f"{NOT_OPEN} && {LARGE}", "deny"),
        claims=(never("model.training_operations grows"),),
        default="allow",
    )
    proof = proved(text)
    assert proof.findings == ()
    (claim,) = (one for one in proof.claims if one.kind == "invariant")
    assert (claim.id, claim.says, claim.holds, claim.note) == ("claim", "Claim claim", True, "")


def test_a_number_that_loosens_as_it_grows() -> None:
    text = pack(rule(LARGE), claims=(never("model.training_operations grows"),))
    finding = only(text)
    assert (finding.code, finding.about) == ("loosens", "claim")
    assert (
        finding.message == "claim: with model.training_operations from 5.0e25 to 1.0e26, deny becomes allow"
    )
    assert finding.where == place_of(text, "model.training_operations grows")
    assert finding.cases[0] == (
        '- name: "claim, before the change"\n'
        '  note: "claim does not hold: model.training_operations from 5.0e25 to 1.0e26, and deny becomes allow."\n'
        "  as_of: 2025-01-01\n"
        "  facts:\n"
        "    model.training_operations: 5.0e25\n"
        "  expect: deny\n"
    )
    assert [case["expect"] for case in cases_of(finding)] == ["deny", "allow"]
    assert proved(text.replace("operations grows", "operations shrinks")).findings == ()


LOOSENED = [
    # What the rule that allows says, the change that loosens, and the opposite, which does not.
    ("model.training_operations < 1e26", "model.training_operations shrinks", "model.training_operations grows"),
    ("model.finetune_share <= 0.25", "model.finetune_share shrinks", "model.finetune_share grows"),
    ('model.released >= "2025-08-02"', "model.released grows", "model.released shrinks"),
    ("destination.tier >= 2", "destination.tier gets stricter", "destination.tier gets looser"),
    ("operator.tier <= 1", "operator.tier gets looser", "operator.tier gets stricter"),
    ('model.openness == "closed"', "model.openness gets stricter", "model.openness gets looser"),
    ("model.special_purpose", "model.special_purpose gets stricter", "model.special_purpose gets looser"),
    ("model.below_published_frontier", "model.below_published_frontier gets looser",
     "model.below_published_frontier gets stricter"),
    ('"UVEU" in operator.authorizations', "operator.authorizations gains UVEU", "operator.authorizations loses UVEU"),
    ('!("UVEU" in operator.authorizations)', "operator.authorizations loses anything",
     "operator.authorizations gains anything"),
    ('"a" in model.labels && "b" in model.labels', "model.labels gains anything", "model.labels loses anything"),
]  # fmt: skip


@pytest.mark.parametrize(("when", "loosens", "opposite"), LOOSENED)
def test_every_change_that_can_loosen(when: str, loosens: str, opposite: str) -> None:
    finding = only(pack(rule(when), claims=(never(loosens),)))
    assert [case["expect"] for case in cases_of(finding)] == ["deny", "allow"]
    assert proved(pack(rule(when), claims=(never(opposite),))).findings == ()


def test_names_that_rules_do_not_tell_apart_are_passed_in_their_order() -> None:
    # Open and closed are in one cell, restricted lies between them.
    middle, ends = rule('model.openness == "restricted"'), rule('model.openness != "restricted"')
    shown = {
        (verb, len(said.partition("!=")[1])): [facts(case)["model.openness"] for case in cases_of(only(text))]
        for verb in ("stricter", "looser")
        for said in (middle, ends)
        for text in (pack(said, claims=(never(f"model.openness gets {verb}"),)),)
    }
    assert shown == {
        ("stricter", 0): ["open", "restricted"],
        ("stricter", 2): ["restricted", "closed"],
        ("looser", 0): ["closed", "restricted"],
        ("looser", 2): ["restricted", "open"],
    }


def test_the_nearest_change_is_shown() -> None:
    when = "model.training_operations >= 1e26 || model.training_operations < 1e24"
    finding = only(pack(rule(when), claims=(never("model.training_operations grows"),)))
    before, after = cases_of(finding)
    assert (facts(before), facts(after)) == (
        {"model.training_operations": 1e24},
        {"model.training_operations": 1e26},
    )


def test_a_change_over_several_cells_is_found_though_none_next_to_another_loosens() -> None:
    # Only the ends are in the condition, so that no two cells that touch are compared.
    ends = "model.training_operations >= 1e26 || model.training_operations < 1e24"
    text = pack(rule(LARGE), claims=(never("model.training_operations grows", given_=ends),))
    before, after = cases_of(only(text))
    assert facts(before)["model.training_operations"] < 1e24
    assert facts(after)["model.training_operations"] >= 1e26


def test_a_condition_holds_before_and_after() -> None:
    text = pack(
        rule(LARGE),
        claims=(never("model.training_operations grows", given_="model.training_operations < 1e25"),),
    )
    assert proved(text).findings == ()


def test_several_members_are_lost_at_once_where_the_condition_asks_for_it() -> None:
    held = '"UVEU" in operator.authorizations'
    both = f'{held} && "NVEU" in operator.authorizations || !({held}) && !("NVEU" in operator.authorizations)'
    text = pack(rule(f"!({held})"), claims=(never("operator.authorizations loses anything", given_=both),))
    before, after = cases_of(only(text))
    assert facts(before)["operator.authorizations"] == ["NVEU", "UVEU"]
    assert facts(after)["operator.authorizations"] == []


def test_a_tier_gets_stricter_by_any_of_its_countries() -> None:
    text = pack(rule("operator.tier == 3"), claims=(never("operator.tier gets stricter"),))
    before, after = cases_of(only(text))
    assert "CN" not in facts(before).values()
    assert "CN" in facts(after).values()


def test_a_tier_gets_stricter_though_no_rule_names_it() -> None:
    text = pack(rule('destination.country == "CN"'), claims=(never("destination.tier gets stricter"),))
    before, after = cases_of(only(text))
    assert facts(after) == {"destination.country": "CN"}
    assert facts(before)["destination.country"] != "CN"


def test_a_lost_licence_is_stricter_of_itself() -> None:
    asked = rule(NOT_OPEN, "license_required")
    assert (
        proved(
            pack(asked, claims=(never("operator.authorizations loses LICENSE"),), default="allow")
        ).findings
        == ()
    )
    finding = only(pack(asked, claims=(never("operator.authorizations gains LICENSE"),), default="allow"))
    assert [case["expect"] for case in cases_of(finding)] == ["license_required", "allow_with_conditions"]


def test_at_most_and_at_least() -> None:
    text = pack(
        rule('model.openness == "open"'),
        claims=(invariant("at_most: allow", "exempt", 'model.openness == "open"'),),
    )
    assert proved(text).findings == ()
    above = only(text.replace("""given: 'model.openness == "open"'""", f"given: '{NOT_OPEN}'"))
    assert (above.code, above.message) == ("above", "exempt: found deny, expected at most allow")
    assert facts(cases_of(above)[0]) == {"model.openness": "closed"}
    below = only(pack(rule(LARGE), claims=(invariant("at_least: license_required", "never"),)))
    assert (below.code, below.message) == ("below", "never: found allow, expected at least license_required")
    assert below.where.startswith("sample.yaml:")


def test_an_invariant_is_about_its_activities() -> None:
    host, tune = (
        rule(LARGE, name="one"),
        rule("model.training_operations < 1e26", name="two", activity="fine_tune"),
    )
    grows = "never_loosens_when: model.training_operations grows"
    assert only(pack(host, tune, claims=(invariant(grows),))).reading["activity"] == "host"
    assert proved(pack(host, tune, claims=(invariant(grows, activity="fine_tune"),))).findings == ()


def test_what_never_says_anything_is_found() -> None:
    text = pack(
        rule(NOT_OPEN), claims=(invariant("at_most: deny", given_=f'{NOT_OPEN} && model.openness == "open"'),)
    )
    finding = only(text)
    assert (finding.code, finding.cases) == ("vacuous", ())
    assert finding.message == "claim: what it is given is never true, so that it says nothing"
    absent = only(pack(rule(NOT_OPEN), claims=(invariant("at_most: allow", activity="export_compute"),)))
    assert absent.message == "claim: the pack has no rule about export_compute, so that it says nothing"
    assert not any(one.holds for one in proved(text).claims if one.kind == "invariant")


def test_that_no_verdict_depends_on_a_fact_is_said_and_is_no_finding() -> None:
    claims = (
        never("model.training_operations grows", "size"),
        never("operator.authorizations loses AIA", "aia"),
    )
    proof = proved(pack(rule(NOT_OPEN), claims=claims))
    notes = {one.id: one.note for one in proof.claims}
    assert proof.findings == ()
    assert notes["size"] == "no verdict depends on model.training_operations"
    assert notes["aia"] == "no verdict depends on whether operator.authorizations holds AIA"


def test_no_world_that_cannot_be_is_shown() -> None:
    # Operations in all are never fewer than those of the fine-tune.
    when = "model.training_operations < 1e25 && model.finetune_operations >= 1e26"
    assert proved(pack(rule(when), claims=(invariant("at_least: deny"),))).findings == ()
    abroad = 'destination.subdivision == "UA-43" && destination.country == "DE"'
    assert proved(pack(rule(abroad), claims=(invariant("at_least: deny"),))).findings == ()
    late = 'as_of < "2025-01-01"'
    assert proved(pack(rule(late), claims=(invariant("at_least: deny"),))).findings == ()
    assert (
        only(pack(rule('as_of > "2026-05-04"'), claims=(invariant("at_least: deny"),))).reading["as_of"]
        == "2026-05-05"
    )


def test_what_is_not_known_to_fit_together_is_said() -> None:
    when = "model.finetune_share < 0.25 && model.finetune_operations >= 1e24 && model.base_operations < 1e23"
    finding = only(pack(rule(when), claims=(invariant("at_least: deny"),)))
    assert finding.cases == ()
    assert finding.message.endswith("are looked at apart, and no figures were found that fit together")


def test_every_stretch_of_days_is_looked_at() -> None:
    # 1e25 until the end of 2025, 1e26 after.
    when = "model.training_operations >= values.limit"
    under = "model.training_operations < 1e26"
    text = pack(rule(when), claims=(invariant("at_least: deny", given_=under),), more=VALUES)
    finding = only(text)
    assert finding.reading["as_of"] == "2025-01-01"
    assert 1e25 <= facts(cases_of(finding)[0])["model.training_operations"] < 1e26
    everywhere = only(pack(rule(when), claims=(invariant("at_least: deny"),), more=VALUES))
    assert (everywhere.reading["as_of"], everywhere.elsewhere) == ("2026-01-01", 2)


def test_what_was_known_before_is_looked_at() -> None:
    later = VALUES.replace("until: 2025-12-31,", "until: 2025-12-31, until_known: 2026-03-01,").replace(
        "{from: 2026-01-01,", "{from: 2026-01-01, known: 2026-03-01,"
    )
    under = 'model.training_operations < 1e26 && as_of >= "2026-01-01"'
    text = pack(rule("model.training_operations >= values.limit"), more=later,
                claims=(invariant("at_least: deny", given_=under),))  # fmt: skip
    finding = only(text)
    assert finding.reading["known_at"] == "2025-01-01"
    assert "  known_at: 2025-01-01\n" in finding.cases[0]


def test_every_combination_of_switches_is_looked_at() -> None:
    switches = "switches:\n" + switch("first", "no", "yes") + switch("second", "no", "yes")
    when = f'{LARGE} && switches.first == "yes" && switches.second == "yes"'
    finding = only(pack(rule(when), more=switches, claims=(never("model.training_operations grows"),)))
    assert finding.reading["switches"] == {"first": "yes", "second": "yes"}
    assert '  set: {first: "yes", second: "yes"}\n' in finding.cases[1]


def test_a_default_that_is_looser_somewhere() -> None:
    switches = "switches:\n" + switch("tiers", "lenient", "strict", "stricter")
    when = 'switches.tiers == "lenient" || switches.tiers == "strict" && model.openness == "open"'
    text = pack(rule(when), more=switches)
    found = {finding.message for finding in proved(text).findings}
    assert found == {
        "tiers: lenient, the default, says allow where strict says deny",
        "tiers: lenient, the default, says allow where stricter says deny",
    }
    first = proved(text).findings[0]
    assert (first.code, first.about, first.where) == (
        "looser_default",
        "tiers",
        place_of(text, "lenient\n    readings"),
    )
    assert [case["expect"] for case in cases_of(first)] == ["allow", "deny"]
    assert [case.get("set") for case in cases_of(first)] == [None, {"tiers": "strict"}]
    (claim,) = (one for one in proved(text).claims if one.kind == "switch")
    assert not claim.holds
    stricter = text.replace("default: lenient", "default: stricter")
    assert proved(stricter).findings == ()


def test_many_switches_are_looked_at_alone_and_in_pairs() -> None:
    names = [f"s{number}" for number in range(8)]
    switches = "switches:\n" + "".join(switch(name, "off", "lax") for name in names)
    when = " || ".join(f'switches.{name} == "lax" && {LARGE}' for name in names)
    readings = readings_of(Pack(source(pack(rule(when), more=switches))))
    assert (readings.combinations, len(readings.chosen)) == (256, 1 + 8 + 28)
    assert readings.chosen[0] == dict.fromkeys(names, "off")
    assert readings.left_out[0].startswith(
        "37 of 256 combinations of switches are looked at: the defaults, each"
    )
    proof = proved(pack(rule(when), more=switches, claims=(never("model.training_operations grows"),)))
    assert proof.left_out == readings.left_out
    assert [finding.code for finding in proof.findings] == ["loosens"]
    assert MAX_COMBINATIONS < 256


def test_too_many_days_of_knowledge_are_not_looked_at_and_it_says_so() -> None:
    rows = "".join(
        f"    - {{from: 20{year}-{month:02}-01, until: 20{year}-{month:02}-28, known: 2020-01-01, until_known: 20{year}-{month:02}-{day:02}, "
        f"value: [m{year}{month}], cite: {{source: law, place: a}}, grade: V}}\n"
        for year in (25, 26) for month, day in ((m, m + 10) for m in range(1, 13))
    )  # fmt: skip
    switches = "switches:\n" + "".join(switch(f"s{number}", "off", "lax") for number in range(6))
    always = "    - {from: 2025-01-01, value: [always], cite: {source: law, place: a}, grade: V}\n"
    text = pack(rule("model.license in values.some"), more=switches + "values:\n  some:\n" + always + rows)
    readings = readings_of(Pack(source(text)))
    assert len(readings.chosen) == 64
    assert len(readings.known) == 1
    assert readings.left_out[0].startswith("only what is known today is looked at: 64 combinations")
    assert readings.left_out[0].endswith("days of knowledge are too many together")
    assert len(readings.chosen) * len(Pack(source(text)).standings) <= MAX_STANDINGS


def test_what_fits_of_many_combinations_on_many_days_is_looked_at() -> None:
    rows = "".join(
        f"    - {{from: {2025 + n // 12}-{n % 12 + 1:02}-01, until: {2025 + n // 12}-{n % 12 + 1:02}-02, known: 2020-01-01, "
        f"until_known: 2020-01-01, value: [m{n}], cite: {{source: law, place: a}}, grade: V}}\n"
        for n in range(60)
    )
    switches = "switches:\n" + "".join(switch(f"s{number}", "off", "lax") for number in range(6))
    always = "    - {from: 2025-01-01, value: [always], cite: {source: law, place: a}, grade: V}\n"
    text = pack(rule("model.license in values.some"), more=switches + "values:\n  some:\n" + always + rows)
    loaded = Pack(source(text))
    readings = readings_of(loaded)
    assert 1 < len(readings.chosen) < 64
    assert len(readings.chosen) * len(loaded.standings) <= MAX_STANDINGS
    assert (
        readings.left_out[-1]
        == f"{len(readings.chosen)} of 64 combinations of switches are looked at, the defaults first"
    )
    assert readings.chosen[0] == loaded.switches


def test_the_default_is_shown_where_it_stands() -> None:
    proof = proved(
        pack(
            rule('model.openness == "open"'),
            rule("model.special_purpose || !model.special_purpose", name="all", activity="fine_tune"),
        )
    )
    host, tune = (one for one in proof.claims if one.id in ("host", "fine_tune"))
    assert host.says == "host: where no rule applies, the default says deny"
    assert host.note == "such as model.openness closed"
    assert facts(parse_yaml(host.cases[0].encode(), "x").data[0]) == {"model.openness": "closed"}
    assert tune.says == "fine_tune: a rule applies whatever the facts, so that the default never stands"
    assert tune.cases == ()


def test_what_loading_has_shown_is_said() -> None:
    says = [one.says for one in proved(pack(rule(NOT_OPEN), more=VALUES)).claims if one.id == "total"]
    assert says == [
        "every named value has one value, and every country has one tier, on every day, as known on every day"
    ]
    text = pack(rule(NOT_OPEN), more=VALUES.replace("until: 2025-12-31", "until: 2025-12-30"))
    assert "has no value on 2025-12-31" in refused(text).message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("model.opennes gets stricter", "unknown fact 'model.opennes'"),
        ("model.openness grows", "model.openness grows: only a number or a day does"),
    ],
)
def test_an_invariant_without_a_meaning_is_an_error_at_its_place(change: str, message: str) -> None:
    text = pack(rule(NOT_OPEN), claims=(never(change),))
    with pytest.raises(PolicyError) as caught:
        proved(text)
    assert (caught.value.message, caught.value.where) == (message, place_of(text, change))


def test_a_tier_without_a_table_is_an_error() -> None:
    text = HEAD + rules(rule(NOT_OPEN)) + "invariants:\n" + never("operator.tier gets stricter")
    with pytest.raises(PolicyError, match=r"operator\.tier is used and the pack has no table tier"):
        proved(text)


def test_what_outgrows_its_bound_is_a_finding() -> None:
    # Twenty pairs of labels, each pair far apart in the order of the diagram: 2^20 nodes and more.
    pairs = " || ".join(f'("a{n:02}" in model.labels && "b{n:02}" in model.labels)' for n in range(20))
    proof = proved(pack(rule(pairs), claims=(invariant("at_most: deny"),)))
    (finding,) = proof.findings
    assert finding.code == "not_proved"
    assert finding.message.startswith("nothing is known about host from 2025-01-01: the decision diagram ")
    assert finding.message.endswith("most of it tests model.labels")
    assert [one.id for one in proof.claims if not one.holds] == ["claim"]


def test_every_code_is_documented() -> None:
    assert set(CODES) == {"loosens", "above", "below", "looser_default", "vacuous", "not_proved"}
    assert all(meaning.endswith(".") for meaning in CODES.values())


@pytest.mark.parametrize("name", shipped_packs())
def test_shipped_packs_prove_clean(name: str) -> None:
    proof = prove(find_pack(name))
    assert [str(finding) for finding in proof.findings] == []
    assert proof.left_out == ()
    assert any(claim.kind == "invariant" for claim in proof.claims)


MUTANTS = [
    ("operator.tier <= 2", "operator.tier >= 2", "stricter-operator"),
    ('model.openness == "open" ||', 'model.openness == "closed" ||', "stricter-openness"),
    ("model.finetune_share > values", "model.finetune_share < values", "more-fine-tuning"),
]


@pytest.mark.parametrize(("was", "becomes", "broken"), MUTANTS)
def test_a_shipped_pack_that_is_broken_does_not_prove(
    tmp_path: Path, was: str, becomes: str, broken: str
) -> None:
    text = find_pack(DRAFT).text.decode()
    assert was in text
    changed = text.replace(was, becomes)
    proof = proved(changed)
    assert broken in {finding.about for finding in proof.findings}
    hold_to_policy_test(changed, proof, tmp_path)


def hold_to_policy_test(text: str, proof: Proof, folder: Path) -> None:
    """Every case that is shown passes ``policy test`` now."""
    cases = "".join(case for finding in proof.findings for case in finding.cases)
    cases += "".join(case for claim in proof.claims for case in claim.cases)
    file = folder / "cases.yaml"
    file.write_text(cases)
    assert [result.problem for result in run_cases(source(text), [file]) if not result.passed] == []


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(LOOSENED), st.sampled_from(["allow", "license_required", "deny"]), st.booleans())
def test_cases_are_ones_that_policy_test_takes(
    tmp_path_factory: pytest.TempPathFactory, row: tuple[str, str, str], verdict: str, opposite: bool
) -> None:
    claims = (
        never(row[1], "one"),
        never(row[2], "two"),
        invariant("at_most: allow", "three"),
        invariant("at_least: deny", "four"),
    )
    default = "deny" if opposite else "allow"
    text = pack(rule(row[0], verdict), claims=claims, default=default)
    hold_to_policy_test(text, proved(text), tmp_path_factory.mktemp("cases"))


def test_the_draft_is_proved_within_a_fraction_of_two_seconds() -> None:
    began = time.process_time()
    prove(find_pack(DRAFT))
    assert time.process_time() - began < 2
