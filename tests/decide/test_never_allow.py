"""What must never be allowed, at the level of facts; and that nothing unknown passes."""

from __future__ import annotations

import pytest

from tests.decide.samples import ALLOW, CLOSED, CONDITIONS, DENY, TUNE, UNSETTLED, ask, company, said
from weightgate.decide import Question, decide
from weightgate.destinations.places import Destination, Place
from weightgate.errors import Exit, UsageError
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Known, OneOf, Unknown
from weightgate.inspect.inspection import Inspection
from weightgate.operators.profile import UNKNOWN_OPERATOR

LOOSE = {ALLOW, CONDITIONS}
MIT_CARD = (
    said("model.openness", "open", Grade.CLAIMED, "README.md"),
    said("model.license", "mit", Grade.CLAIMED, "README.md"),
)
PRIVATE = said("model.openness", "closed", Grade.VERIFIED, "hub")
MIRROR = Statement("model.openness", Unknown("the mirror leaves `private` out"), Grade.VERIFIED, "mirror")


def test_a_closed_folder_with_an_mit_card_to_cn() -> None:
    assert ask("CN", CLOSED, found=MIT_CARD).verdict == DENY
    assert ask("CN", {}, found=MIT_CARD).verdict == UNSETTLED
    assert ask("CN", {}, found=MIT_CARD).exit is Exit.INDETERMINATE


def test_a_private_repo_whose_card_says_apache() -> None:
    for to in ("CN", "AE"):
        assert ask(to, {}, found=(PRIVATE, *MIT_CARD)).verdict not in LOOSE
        assert ask(to, {"model.openness": "open"}, found=(PRIVATE, *MIT_CARD)).verdict not in LOOSE


def test_a_mirror_that_leaves_private_out() -> None:
    decision = ask("CN", {}, found=(MIRROR, *MIT_CARD))
    assert decision.possible == (ALLOW, DENY)
    assert [m.fact for m in decision.missing] == ["model.openness"]
    assert decision.facts["model.openness"].value == Unknown("the mirror leaves `private` out")


def test_two_sources_that_disagree_free_nobody() -> None:
    found = (PRIVATE, said("model.openness", "open", Grade.VERIFIED, "elsewhere"))
    decision = ask("CN", {}, found=found)
    assert decision.verdict == UNSETTLED
    assert [(c.fact, set(c.sources)) for c in decision.contradictions] == [
        ("model.openness", {"hub", "elsewhere"})
    ]
    third = said("model.openness", OneOf(("open", "restricted")), Grade.INFERRED, "licence")
    assert ask("CN", {}, found=(*found, third)).verdict == UNSETTLED


@pytest.mark.parametrize("to", ["DE", "AE", "CN", "gcp/eu", "aws/global"])
@pytest.mark.parametrize("activity", ["host", "fine_tune"])
def test_nothing_known_is_never_a_pass(to: str, activity: str) -> None:
    decision = ask(to, {}, UNKNOWN_OPERATOR, activity=activity)
    assert decision.verdict not in LOOSE
    assert decision.missing


@pytest.mark.parametrize("fact", ["model.base_openness", "model.special_purpose", "model.finetune_share"])
def test_each_fact_left_unknown_that_could_change_the_verdict(fact: str) -> None:
    facts = TUNE | {"model.finetune_share": 0.1, "model.special_purpose": True, fact: None}
    if fact == "model.special_purpose":
        facts["model.finetune_share"] = 0.3
    decision = ask("CN", facts, company("PL"), activity="fine_tune")
    assert decision.verdict not in LOOSE
    assert fact in {m.fact for m in decision.missing}


def test_a_share_is_unknown_while_one_part_is() -> None:
    facts = {"model.base_openness": "open", "model.special_purpose": True, "model.finetune_operations": 1.0}
    decision = ask("PL", facts, company("PL"), activity="fine_tune")
    assert decision.verdict not in LOOSE
    zero = ask("PL", facts | {"model.base_operations": 0.0}, company("PL"), activity="fine_tune")
    assert zero.verdict not in LOOSE
    assert zero.facts["model.finetune_share"].value == Unknown("the base's operations are 0")


def test_of_no_destination_nothing_is_said() -> None:
    from tests.decide.samples import DAY, DRAFT, NOW

    nowhere = Destination("nowhere", (), True, "", "")
    for destinations in ((), (nowhere,), (Destination("DE", (Place("DE", ""),), True, "", ""), nowhere)):
        question = Question("host", destinations, (DRAFT,), DAY)
        with pytest.raises(UsageError, match="no destination") as caught:
            decide(question, Inspection("-"), [said("model.openness", "open", Grade.VERIFIED)], now=NOW)
        assert caught.value.exit is Exit.INPUT


def test_required_evidence_cannot_be_had_by_way_of_the_parts() -> None:
    parts = {"model.base_openness": "open", "model.special_purpose": True, "model.finetune_operations": 1e24,
             "model.base_operations": 1e25}  # fmt: skip
    operator = company("PL")
    assert ask("PL", parts, operator, activity="fine_tune").verdict == ALLOW
    for fact in ("model.finetune_share", "model.finetune_operations", "model.base_operations"):
        required = {fact: Grade.INFERRED}
        assert ask("PL", parts, operator, activity="fine_tune", require_grade=required).verdict == UNSETTLED
        fallback = parts | {"model.finetune_share": 0.1}
        assert (
            ask("PL", fallback, operator, activity="fine_tune", require_grade=required).verdict == UNSETTLED
        )


def test_required_evidence_for_a_tier_is_required_of_its_countries() -> None:
    assert ask("DE", CLOSED, company("US")).verdict == ALLOW
    for fact in ("operator.tier", "operator.headquarters", "operator.ultimate_parent"):
        decision = ask("DE", CLOSED, company("US"), require_grade={fact: Grade.VERIFIED})
        assert decision.verdict == UNSETTLED
    declared = CLOSED | {"operator.tier": 1}
    assert ask("DE", declared, UNKNOWN_OPERATOR).verdict == ALLOW
    assert (
        ask("DE", declared, UNKNOWN_OPERATOR, require_grade={"operator.tier": Grade.VERIFIED}).verdict
        == UNSETTLED
    )


def test_required_evidence_of_openness() -> None:
    verified = (said("model.openness", "open", Grade.VERIFIED, "hub"),)
    required = {"model.openness": Grade.VERIFIED}
    assert ask("CN", {}, found=verified, require_grade=required).verdict == ALLOW
    weak = ask("CN", {"model.openness": "open"}, require_grade=required)
    assert weak.verdict == UNSETTLED
    assert weak.facts["model.openness"].value == Unknown("known only as declared, verified is required")


def test_a_claim_of_standing_counts_for_nothing() -> None:
    from weightgate.facts.values import exactly

    claim = Statement("operator.authorizations", exactly("LICENSE", "NVEU"), Grade.CLAIMED, "README.md")
    operator = company("AE", held=None)
    assert ask("AE", CLOSED, operator).possible == ask("AE", CLOSED, operator, found=(claim,)).possible
    standards = Statement(
        "operator.security_standards", exactly("supp10-14", "supp10-15", "supp10-18"), Grade.CLAIMED, "x"
    )
    assert ask("AE", CLOSED, company("US", secure=None), found=(standards,)).verdict == UNSETTLED


def test_known_values_outweigh_what_is_declared() -> None:
    found = (Statement("model.finetune_share", Known(0.3), Grade.INFERRED, "trainer_state.json"),)
    decision = ask(
        "PL", TUNE | {"model.finetune_share": 0.1}, company("PL"), activity="fine_tune", found=found
    )
    assert decision.verdict == UNSETTLED
    assert "model.finetune_share" in {c.fact for c in decision.contradictions}
