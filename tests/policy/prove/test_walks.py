from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.prove.packs import (
    LARGE,
    NOT_OPEN,
    cases_of,
    facts,
    hold_to_policy_test,
    invariant,
    never,
    only,
    pack,
    proved,
)
from tests.policy.samples import place_of, rule


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
