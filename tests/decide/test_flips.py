"""The smallest changes that would alter a decision: each of them is asked as a question of its own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.samples import (
    ALLOW,
    CLOSED,
    CONDITIONS,
    DAY,
    DENY,
    LICENSE,
    OPEN,
    TUNE,
    UNSETTLED,
    ask,
    company,
    pack,
    rule,
)
from weightgate.decide.changes import Flip
from weightgate.decide.decision import Decision
from weightgate.facts.registry import FACTS
from weightgate.operators.profile import UNKNOWN_OPERATOR, Authorization, Operator
from weightgate.policy.source import find_pack, shipped_packs

NVEU = (Authorization("NVEU", ("AE",)),)
LARGE = {"model.training_operations": 5e25}


def told(decision: Decision, verdict: str) -> list[list[tuple[str, str, str]]]:
    """The flips to one verdict, as their changes."""
    return [[(c.fact, c.before, c.after) for c in f.changes] for f in decision.flips if f.verdict == verdict]


def facts(decision: Decision, verdict: str) -> list[list[str]]:
    """The facts that flips to one verdict change."""
    return [[fact for fact, _, _ in changes] for changes in told(decision, verdict)]


def first_of(cell: str) -> str:
    """The first country of a cell in words."""
    return cell.removeprefix("one of ").partition(",")[0].partition(" ")[0]


def test_a_licence_requirement_goes_by_place_openness_licence_or_standards() -> None:
    decision = ask("AE", CLOSED, company("US"))
    assert decision.verdict == LICENSE
    assert facts(decision, ALLOW) == [["destination.country"], ["model.openness"]]
    assert told(decision, ALLOW)[1] == [("model.openness", "closed", "open")]
    assert told(decision, CONDITIONS) == [
        [("operator.authorizations", "none", "with LICENSE")],
        [("operator.security_standards", "none", "with supp10-14 and supp10-15 and supp10-18")],
    ]
    assert facts(decision, DENY) == [["destination.country"]]
    assert UNSETTLED not in {f.verdict for f in decision.flips}


def test_every_country_of_a_cell_leads_where_the_flip_says() -> None:
    decision = ask("AE", CLOSED, company("US"))
    for flip in decision.flips:
        (change,) = flip.changes
        if change.fact == "destination.country":
            assert ask(first_of(change.after), CLOSED, company("US")).verdict == flip.verdict
    assert "(tier 1)" in told(decision, ALLOW)[0][0][2]
    assert "(tier 3)" in told(decision, DENY)[0][0][2]


def test_a_denial_takes_two_changes_to_conditions_and_one_to_a_licence() -> None:
    decision = ask("CN", CLOSED, company("US"))
    assert facts(decision, LICENSE) == [["destination.country"]]
    assert ["destination.country", "operator.authorizations"] in facts(decision, CONDITIONS)
    (place, licence) = told(decision, CONDITIONS)[0]
    operator = company("US", held=(Authorization("LICENSE", (first_of(place[2]),)),))
    assert licence[2] == "with LICENSE"
    assert ask(first_of(place[2]), CLOSED, operator).verdict == CONDITIONS


def test_flips_come_fewest_changes_first_and_no_more_than_ten() -> None:
    decision = ask("AE", CLOSED, company("AE", held=NVEU))
    sizes = [len({FACTS[c.fact].change for c in f.changes}) for f in decision.flips]
    assert sizes == sorted(sizes)
    assert len(decision.flips) <= 10
    assert all(size <= 3 for size in sizes)


def test_another_operator_is_one_change_of_headquarters_and_parent() -> None:
    decision = ask("DE", CLOSED, company("CN"))
    assert ["operator.headquarters", "operator.ultimate_parent"] in facts(decision, ALLOW)
    tightened = ask("DE", CLOSED, company("US"))
    assert ["operator.headquarters"] in facts(tightened, LICENSE)
    assert ["operator.ultimate_parent"] in facts(tightened, LICENSE)
    assert ask("DE", CLOSED, Operator("A", "CN", "US", (), ())).verdict == LICENSE


def test_a_declared_tier_of_an_unknown_operator_is_changed_as_a_tier() -> None:
    decision = ask("DE", CLOSED | {"operator.tier": 3}, UNKNOWN_OPERATOR)
    assert decision.verdict == LICENSE
    assert ["operator.tier"] in facts(decision, ALLOW)
    assert ask("DE", CLOSED | {"operator.tier": 2}, UNKNOWN_OPERATOR).verdict == ALLOW
    known = ask("DE", CLOSED, company("CN"))
    assert all("operator.tier" not in changed for changed in facts(known, ALLOW))


def test_authorisations_of_another_destination_are_those_in_scope_there() -> None:
    decision = ask("AE", CLOSED, company("AE", held=NVEU))
    assert decision.verdict == ALLOW
    place = next(c for c in told(decision, LICENSE) if c[0][0] == "destination.country")
    assert "(tier 2)" in place[0][2]
    assert ask("IN", CLOSED, company("AE", held=NVEU)).verdict == LICENSE
    back = told(ask("IN", CLOSED, company("AE", held=NVEU)), ALLOW)[0][0]
    assert back[2].startswith("one of AE, AU, BE")
    unlicensed = told(ask("IN", CLOSED, company("AE")), ALLOW)[0][0]
    assert unlicensed[2].startswith("one of AU, BE")


def test_an_order_in_force_at_one_destination_only() -> None:
    order = Authorization("ORDER", ("DE",), verdict="deny", reference="D1")
    decision = ask("DE", CLOSED, company("US", held=(order,)))
    assert decision.verdict == DENY
    assert facts(decision, ALLOW) == [["destination.country"]]
    assert "DE" not in told(decision, ALLOW)[0][0][2].split()
    everywhere = Authorization("ORDER", verdict="deny", countries=tuple(FACTS["destination.country"].domain))
    stuck = ask("DE", CLOSED, company("US", held=(everywhere,)))
    assert (stuck.verdict, stuck.flips) == (DENY, ())


def test_of_several_destinations_the_one_that_is_in_the_way_is_exchanged() -> None:
    decision = ask(["JP", "CN"], CLOSED, company("US"))
    place = next(
        f for f in decision.flips if f.verdict == ALLOW and f.changes[0].fact == "destination.country"
    )
    assert place.destinations == ("CN",)
    assert place.changes[0].before == "CN"
    openness = next(f for f in decision.flips if f.changes[0].fact == "model.openness")
    assert openness.destinations == ("JP", "CN")
    both = ask(["SY", "CN"], CLOSED, company("US"))
    pair = next(f for f in both.flips if f.destinations == ("SY", "CN") and len(f.changes) == 2)
    assert [c.before for c in pair.changes] == ["SY", "CN"]


def test_a_multi_region_is_exchanged_as_a_whole() -> None:
    decision = ask("aws/global", CLOSED, company("US"))
    exchanged = [f for f in decision.flips if [c.fact for c in f.changes] == ["destination.country"]]
    assert {f.verdict for f in exchanged} >= {ALLOW, LICENSE}
    assert all(f.destinations == ("aws/global",) for f in exchanged)
    for flip in exchanged:
        (change,) = flip.changes
        assert change.before == "aws/global"
        assert ask(first_of(change.after), CLOSED, company("US")).verdict == flip.verdict


def test_a_destination_whose_tier_was_declared_is_exchanged_without_it() -> None:
    decision = ask("AE", CLOSED | {"destination.tier": 2}, company("US"))
    assert facts(decision, ALLOW) == [["destination.country"], ["model.openness"]]


def test_a_planned_fine_tune_can_be_smaller() -> None:
    decision = ask("PL", TUNE, company("PL"), activity="fine_tune")
    assert decision.verdict == LICENSE
    assert [("model.finetune_share", "0.26", "at most 0.25")] in told(decision, ALLOW)
    assert [("model.special_purpose", "yes", "no")] in told(decision, ALLOW)
    small = ask("PL", TUNE | {"model.finetune_share": 0.1}, company("PL"), activity="fine_tune")
    assert [("model.finetune_share", "0.1", "more than 0.25")] in told(small, LICENSE)


SHARE = pack(rule("model.finetune_share > 0.25", "license_required"))


def test_a_fine_tune_that_is_done_cannot() -> None:
    decision = ask("PL", {"model.finetune_share": 0.3}, company("PL"), packs=(SHARE,))
    assert decision.verdict == LICENSE
    assert facts(decision, ALLOW) == []
    small = ask("PL", {"model.finetune_share": 0.1}, company("PL"), packs=(SHARE,))
    assert told(small, LICENSE) == [[("model.finetune_share", "0.1", "more than 0.25")]]


def test_training_only_grows() -> None:
    limit = pack(rule("model.training_operations >= 1e26"))
    assert told(ask("DE", LARGE, packs=(limit,)), DENY) == [
        [("model.training_operations", "5e+25", "at least 1e+26")]
    ]
    assert ask("DE", {"model.training_operations": 1e26}, packs=(limit,)).flips == ()
    unknown = ask("DE", {"model.training_operations": {"min": 5e25}}, packs=(limit,))
    assert (unknown.verdict, unknown.flips) == (UNSETTLED, ())


@pytest.mark.parametrize("activity", ["host", "fine_tune"])
@pytest.mark.parametrize("operations", [0.0, 5e25, 1e26, {"min": 5e25, "max": 2e26}, None])
def test_fewer_operations_are_never_proposed(activity: str, operations: Any) -> None:
    text = rule("model.training_operations >= 1e26 || model.finetune_operations >= 1e25")
    both = pack(text.replace("activity: host", f"activity: {activity}"))
    stated = {"model.training_operations": operations, "model.finetune_operations": 2e25}
    for flip in ask("DE", stated, activity=activity, packs=(both,)).flips:
        for change in flip.changes:
            assert change.fact != "model.training_operations" or "below" not in change.after
            assert activity == "fine_tune" or "below" not in change.after


def test_operations_and_their_share_change_together_or_not_at_all() -> None:
    text = rule("model.finetune_share > 0.25", "license_required") + rule(
        "model.training_operations >= 1e26", "deny", name="large"
    ).removeprefix("rules:\n")
    both = pack(text)
    stated = {
        "model.base_operations": 9e25,
        "model.finetune_operations": 1e24,
        "model.training_operations": 9.1e25,
    }
    decision = ask("DE", stated, packs=(both,))
    assert decision.verdict == ALLOW
    # A share above a quarter of 9e25 brings all operations above 1e26, so it alone cannot be had.
    assert told(decision, LICENSE) == []
    assert told(decision, DENY) == [[("model.training_operations", "9.1e+25", "at least 1e+26")]]


def test_what_is_missing_is_not_said_again() -> None:
    decision = ask("DE", CLOSED, UNKNOWN_OPERATOR)
    assert decision.verdict == UNSETTLED
    changed = {c.fact for f in decision.flips for c in f.changes}
    assert {m.fact for m in decision.missing} & changed <= {"operator.authorizations"}
    assert [("model.openness", "closed", "open")] in told(decision, ALLOW)
    held = told(decision, CONDITIONS)[0][0]
    assert held == ("operator.authorizations", "not stated: possibly NVEU or UVEU", "with LICENSE")


def test_what_nobody_could_change_is_never_proposed() -> None:
    text = rule('as_of >= "2026-01-01" && model.license == "mit" && model.parameters > 7e9')
    decision = ask("DE", {"model.license": "mit", "model.parameters": 8e9}, packs=(pack(text),), as_of=DAY)
    assert (decision.verdict, decision.flips) == (DENY, ())


def test_rules_about_providers_and_regions_propose_regions_that_there_are() -> None:
    only = pack(
        rule('destination.provider != "aws"')
        + rule('destination.region in ["eu-central-1"]', "license_required", name="two").removeprefix(
            "rules:\n"
        )
    )
    decision = ask("gcp/europe-west1", {}, packs=(only,))
    (place,) = told(decision, LICENSE)
    assert place == [("destination.region", "gcp/europe-west1", "aws/eu-central-1")]
    (allowed,) = told(decision, ALLOW)
    assert allowed[0][0] == "destination.region"
    assert ask(first_of(allowed[0][2]), {}, packs=(only,)).verdict == ALLOW
    bare = ask("DE", {}, packs=(only,))
    assert told(bare, LICENSE) == [[("destination.region", "DE", "aws/eu-central-1")]]


def test_parts_of_a_country_are_destinations_of_their_own() -> None:
    parts = pack(rule('destination.subdivision == "UA-43"'))
    decision = ask("DE", {}, packs=(parts,))
    assert told(decision, DENY) == [[("destination.subdivision", "DE", "UA-43")]]
    whole = ask("UA", {}, packs=(parts,))
    assert whole.verdict == UNSETTLED
    # Which part of Ukraine it is would be an answer and no change; another country is one.
    assert all(c.after != "UA-43" for f in whole.flips for c in f.changes)
    assert facts(whole, ALLOW) == [["destination.country"]]


def test_two_packs_are_flipped_together() -> None:
    strict = pack(rule('model.openness == "open"'))
    decision = ask("CN", CLOSED, company("US"), packs=(pack(rule("false"), "free"), strict))
    assert decision.verdict == ALLOW
    assert told(decision, DENY) == [[("model.openness", "closed", "open")]]
    both = ask("AE", OPEN, company("US"), packs=(strict, pack(rule('model.openness != "open"'), "other")))
    assert (both.verdict, both.flips) == (DENY, ())


def test_as_json_each_change_has_fact_from_and_to() -> None:
    flip = ask("AE", CLOSED, company("US")).to_json()["flips"][1]
    assert flip == {
        "changes": [{"fact": "model.openness", "from": "closed", "to": "open"}],
        "verdict": ALLOW,
        "destinations": ["AE"],
    }
    assert Flip((), ALLOW, ("DE",)).to_json()["changes"] == []


def test_of_very_many_destinations_what_changes_them_all_is_still_found() -> None:
    decision = ask(list(FACTS["destination.country"].domain), CLOSED, company("US"))
    assert decision.verdict == DENY
    assert told(decision, ALLOW) == [[("model.openness", "closed", "open")]]


def test_all_shipped_packs_at_once() -> None:
    packs = tuple(find_pack(name) for name in shipped_packs())
    decision = ask(["AE", "CN"], CLOSED | LARGE, company("US"), packs=packs)
    for flip in decision.flips:
        assert flip.verdict != decision.verdict
        countries = [c for c in flip.changes if c.fact == "destination.country"]
        if len(countries) == len(flip.changes) == 1:
            exchanged = {"AE", "CN"} - set(flip.destinations) | {first_of(countries[0].after)}
            assert ask(sorted(exchanged), CLOSED | LARGE, company("US"), packs=packs).verdict == flip.verdict
