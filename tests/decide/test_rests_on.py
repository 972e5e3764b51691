"""Which claimed and declared facts carry a verdict."""

from __future__ import annotations

from tests.decide.samples import CLOSED, OPEN, TUNE, ask, company, said
from weightgate.decide.decision import Decision
from weightgate.facts.statements import Grade
from weightgate.operators.profile import UNKNOWN_OPERATOR, Authorization


def carried(decision: Decision) -> set[tuple[str, str, str]]:
    return {(r.fact, str(r.grade), r.by) for r in decision.rests_on}


def test_a_declared_fact_that_decides() -> None:
    assert carried(ask("CN", OPEN, UNKNOWN_OPERATOR)) == {("model.openness", "declared", "facts.yaml")}


def test_who_vouches_is_named() -> None:
    facts = {"model.openness": {"value": "open", "source": "ticket 7", "by": "counsel"}}
    assert carried(ask("CN", facts, UNKNOWN_OPERATOR)) == {("model.openness", "declared", "counsel")}


def test_what_was_verified_carries_nothing_on_anyones_word() -> None:
    found = (said("model.openness", "open", Grade.VERIFIED, "hub"),)
    assert carried(ask("CN", {}, UNKNOWN_OPERATOR, found=found)) == set()
    assert carried(ask("CN", OPEN, UNKNOWN_OPERATOR, found=found)) == set()


def test_an_operator_file_that_decides() -> None:
    decision = ask("DE", CLOSED, company("US"))
    # Weights of any openness may be there: only who operates it decides.
    assert carried(decision) == {
        ("operator.headquarters", "declared", "operator.yaml"),
        ("operator.ultimate_parent", "declared", "operator.yaml"),
    }


def test_a_fact_that_does_not_matter_carries_nothing() -> None:
    facts = CLOSED | {"model.special_purpose": True, "model.license": "mit"}
    assert {r.fact for r in ask("CN", facts, UNKNOWN_OPERATOR).rests_on} == {"model.openness"}


def test_a_claim_that_tightens_carries_the_verdict() -> None:
    claim = said("model.openness", "closed", Grade.CLAIMED, "README.md")
    decision = ask("CN", {}, UNKNOWN_OPERATOR, found=(claim,))
    assert decision.verdict == "deny"
    assert carried(decision) == {("model.openness", "claimed", "README.md")}


def test_the_parts_of_a_share_are_named() -> None:
    facts = {key: value for key, value in TUNE.items() if key != "model.finetune_share"}
    facts |= {"model.finetune_operations": 1e24, "model.base_operations": 1e25}
    decision = ask("PL", facts, company("PL"), activity="fine_tune")
    assert {"model.finetune_operations", "model.base_operations", "model.base_openness"} <= {
        r.fact for r in decision.rests_on
    }


def test_an_order_carries_a_denial() -> None:
    order = Authorization("ORDER", ("DE",), verdict="deny", reference="O-1")
    decision = ask("DE", OPEN, company("US", held=(order,)))
    assert ("operator.authorizations", "declared", "operator.yaml") in carried(decision)


def test_authorisations_that_decide() -> None:
    decision = ask("AE", CLOSED, company("AE", held=(Authorization("NVEU", ("AE",)),)))
    assert ("operator.authorizations", "declared", "operator.yaml") in carried(decision)


def test_it_is_sorted_and_written_with_its_grade() -> None:
    rests_on = ask("AE", CLOSED, company("AE", held=(Authorization("NVEU", ("AE",)),))).to_json()["rests_on"]
    assert rests_on == sorted(rests_on, key=lambda r: r["fact"])
    assert all(r["grade"] == "declared" for r in rests_on)


def test_to_say_a_thing_twice_does_not_make_it_rest_on_nobody() -> None:
    twice = (said("model.openness", "open", Grade.DECLARED, "ticket"),)
    decision = ask("CN", OPEN, UNKNOWN_OPERATOR, found=twice)
    assert decision.verdict == "allow"
    assert carried(decision) == {("model.openness", "declared", who) for who in ("facts.yaml", "ticket")}
