"""Why a verdict does not come out, on every row of the draft pack; what is named is held to the question asked anew."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.samples import (
    ALLOW,
    CLOSED,
    CONDITIONS,
    DENY,
    DRAFT,
    LICENSE,
    NOW,
    OPEN,
    TUNE,
    ask,
    company,
    pack,
    rule,
)
from weightgate.decide.again import case_again
from weightgate.decide.decision import Decision
from weightgate.decide.why_not import reading_of, why_not
from weightgate.facts.statements import Grade
from weightgate.operators.profile import UNKNOWN_OPERATOR, Authorization, Operator
from weightgate.policy.source import PackSource

NVEU = (Authorization("NVEU", ("AE", "IN")),)
Row = dict[str, Any]


def against(decision: Decision, verdict: str, packs: tuple[PackSource, ...] = (DRAFT,)) -> Row:
    """What keeps a decision from a verdict, from nothing but its JSON."""
    data = decision.to_json()
    return why_not(case_again(data, packs, cap=Grade.VERIFIED), verdict, reading_of(data))


def rows(found: Row, key: str) -> dict[str, Row]:
    """Entries by their rules."""
    return {row["rule"]: row for row in found[key]}


def because(row: Row) -> dict[str, str]:
    """The facts that made a rule apply."""
    return {entry["fact"]: entry["value"] for entry in row["because"]}


def needed(row: Row, key: str = "kept_by") -> dict[str, str]:
    """What would have to be otherwise."""
    return {entry["fact"]: entry["needed"] for entry in row[key]}


def test_what_is_the_verdict_already() -> None:
    found = against(ask("DE", CLOSED), ALLOW)
    assert found == {"verdict": ALLOW, "already": True, "in_the_way": [], "kept": [], "flips": []}


def test_r1_a_tier_3_operator_in_tier_1() -> None:
    found = against(ask("DE", CLOSED, company("CN")), ALLOW)
    (stands,) = found["in_the_way"]
    assert (stands["rule"], stands["verdict"], stands["applies"]) == ("tier-3-operator", LICENSE, "yes")
    assert because(stands) == {
        "model.openness": "closed",
        "destination.tier": "1",
        "operator.tier": "3",
    }
    kept = rows(found, "kept")
    assert needed(kept["open-weights-exempt"]) == {"model.openness": "open"}
    assert set(needed(kept["tier-1-unrestricted"])) == {"operator.headquarters", "operator.ultimate_parent"}


def test_r1_the_parent_alone_is_named() -> None:
    found = against(ask("DE", CLOSED, Operator("A", "US", "CN", (), ())), ALLOW)
    assert set(needed(rows(found, "kept")["tier-1-unrestricted"])) == {"operator.ultimate_parent"}


@pytest.mark.parametrize("country", ["CN", "RU", "HK", "MO"])
def test_r6_and_r7_closed_weights_in_tier_3(country: str) -> None:
    found = against(ask(country, CLOSED, company("US", secure=True)), ALLOW)
    stands = rows(found, "in_the_way")["closed-weights-tier-3"]
    assert because(stands) == {"model.openness": "closed", "destination.tier": "3"}
    kept = rows(found, "kept")
    assert needed(kept["open-weights-exempt"]) == {"model.openness": "open"}
    place = kept["tier-1-unrestricted"]["kept_by"][0]
    assert place["fact"] == "destination.country"
    assert place["value"] == f"{country} (tier 3)"
    assert place["needed"].endswith("(tier 1)")
    assert {f["verdict"] for f in found["flips"]} == {ALLOW}


def test_r8_the_standards_that_are_missing() -> None:
    operator = company("US", secure=True)
    assert operator.security_standards is not None
    two = Operator("A", "US", "US", operator.security_standards[:2], ())
    found = against(ask("AE", CLOSED, two), CONDITIONS)
    stands = rows(found, "in_the_way")["closed-weights-tier-2-insecure"]
    assert "operator.security_standards" in because(stands)
    assert needed(stands, "exemption").keys() == {"operator.headquarters", "operator.authorizations"}
    kept = rows(found, "kept")
    assert needed(kept["closed-weights-tier-2-secure"]) == {"operator.security_standards": "with supp10-18"}
    assert needed(kept["closed-weights-tier-2-insecure"]) == {"operator.authorizations": "with LICENSE"}
    assert "a licence in scope lifts it" in kept["closed-weights-tier-2-insecure"]["title"]


def test_r9_a_tier_2_company_without_veu_status() -> None:
    found = against(ask("AE", CLOSED, company("AE")), ALLOW)
    stands = rows(found, "in_the_way")["closed-weights-tier-2-insecure"]
    assert needed(stands, "exemption") == {"operator.authorizations": "with UVEU"}
    assert needed(rows(found, "kept")["veu-tier-2"]) == {"operator.authorizations": "with UVEU"}
    assert ask("AE", CLOSED, company("AE", held=NVEU)).verdict == ALLOW


def test_r10_why_open_weights_are_not_denied() -> None:
    found = against(ask("CN", OPEN, company("US")), DENY)
    assert found["in_the_way"] == []
    assert (
        needed(rows(found, "kept")["closed-weights-tier-3"])["model.openness"] == "one of restricted, closed"
    )
    assert set(rows(found, "kept")) == {"closed-weights-tier-3"}


def test_r11_a_large_fine_tune() -> None:
    found = against(ask("PL", TUNE, company("PL"), activity="fine_tune"), ALLOW)
    stands = rows(found, "in_the_way")["significant-fine-tune"]
    assert because(stands)["model.finetune_share"] == "0.26"
    assert because(stands)["model.special_purpose"] == "yes"
    changed = [change["fact"] for flip in found["flips"] for change in flip["changes"]]
    assert "model.finetune_share" in changed


def test_the_default_stands_where_no_rule_allows() -> None:
    only = pack(rule('model.openness == "closed"', "allow"))
    strict = PackSource(only.name, only.locator, only.text.replace(b"{verdict: allow,", b"{verdict: deny,"))
    denied = ask("DE", OPEN, packs=(strict,))
    found = against(denied, ALLOW, (strict,))
    assert [(row["rule"], row["because"]) for row in found["in_the_way"]] == [("default", [])]
    assert needed(rows(found, "kept")["only"]) == {"model.openness": "closed"}


def test_what_possibly_applies_says_so_and_what_it_turns_on() -> None:
    found = against(ask("AE", CLOSED, UNKNOWN_OPERATOR), ALLOW)
    stands = rows(found, "in_the_way")
    assert stands["closed-weights-tier-2-insecure"]["applies"] == "possibly"
    assert because(stands["closed-weights-tier-2-insecure"])["operator.security_standards"].startswith(
        "unknown"
    )
    kept = rows(found, "kept")["veu-tier-2"]
    assert kept["applies"] == "possibly"


def test_an_order_stands_in_the_way() -> None:
    order = Authorization("ORDER", ("DE",), verdict="deny", reference="D1")
    found = against(ask("DE", CLOSED, company("US", held=(order,))), ALLOW)
    (stands,) = found["in_the_way"]
    assert (stands["pack"], stands["verdict"], stands["because"]) == ("order", DENY, [])
    assert "D1" in stands["rule"]


def test_destinations_for_which_the_same_is_so_are_one_entry() -> None:
    found = against(ask(["CN", "JP", "RU"], CLOSED, company("US")), ALLOW)
    assert [row["destinations"] for row in found["in_the_way"]] == [["CN", "RU"]]


def test_a_verdict_that_nothing_could_bring_about_has_no_flips() -> None:
    stuck = pack(rule("model.parameters > 7e9"))
    decision = ask("DE", {"model.parameters": 8e9}, packs=(stuck,))
    found = against(decision, ALLOW, (stuck,))
    assert found["flips"] == []
    assert because(found["in_the_way"][0]) == {"model.parameters": "8e+09"}


def test_of_two_facts_either_of_which_is_enough_one_is_named() -> None:
    either = pack(rule('model.openness == "closed" || model.special_purpose'))
    found = against(ask("DE", CLOSED | {"model.special_purpose": True}, packs=(either,)), ALLOW, (either,))
    assert len(because(found["in_the_way"][0])) == 1


@pytest.mark.parametrize(
    "unless", ['model.license == "mit"', "model.special_purpose && model.parameters < 5e9"]
)
def test_an_exemption_that_did_not_apply_says_what_it_lacked(unless: str) -> None:
    exempt = pack(rule('model.openness == "closed"', more=f"    unless: '{unless}'\n"))
    stated = CLOSED | {"model.license": "x", "model.special_purpose": False, "model.parameters": 7e9}
    found = against(ask("DE", stated, packs=(exempt,)), ALLOW, (exempt,))
    lacked = needed(found["in_the_way"][0], "exemption")
    if "license" in unless:
        assert lacked == {"model.license": "mit"}
    else:
        assert lacked == {"model.special_purpose": "yes", "model.parameters": "below 5000000000.0"}


def test_each_rule_named_really_is_kept_by_those_facts_and_no_others() -> None:
    """Where one fact is named, a question with that fact changed lets the rule apply."""
    found = against(ask("CN", CLOSED, company("US")), ALLOW)
    for row in found["kept"]:
        if needed(row).keys() == {"model.openness"}:
            changed = ask("CN", {"model.openness": needed(row)["model.openness"]}, company("US"))
            assert any(r.rule == row["rule"] and r.applies == "yes" for r in changed.reasons)


def test_the_pack_is_read_as_the_decision_read_it() -> None:
    data = ask("DE", CLOSED).to_json()
    assert reading_of(data).known_at == NOW.date().isoformat()
    assert not reading_of(data).in_force
