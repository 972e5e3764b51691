"""What a verifier is told of a minimal attestation, and what an opening adds to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.attest.disclosure.samples import NO_OPERATOR, OPERATOR, decision, sign
from tests.attest.samples import KEY, NOW, check, decide, detail, resigned, state
from tests.attest.samples import sign as sign_full
from weightgate.attest.disclosure.check import range_text
from weightgate.attest.disclosure.commitments import Opening
from weightgate.attest.statements.asked import Asked
from weightgate.attest.verifying.verify import verify
from weightgate.errors import Exit, InputError
from weightgate.facts.countries import COUNTRIES

SAMPLE = sign()
COMPUTE = SAMPLE.openings["model.training_operations"]
BY_DIGEST = Asked(operator=OPERATOR.digest)


def withheld_of(statement: dict[str, Any]) -> Any:
    return statement["predicate"]["disclosure"]["withheld"]


def test_in_full_nothing_is_withheld() -> None:
    report = check(sign_full(decide("DE")))
    assert (state(report, "disclosure"), detail(report, "disclosure")) == ("established", "in full")


def test_nothing_can_be_opened_of_what_is_in_full() -> None:
    report = check(sign_full(decide("DE")), asked=Asked(openings=(COMPUTE,)))
    assert state(report, "disclosure") == "contradicted"
    assert report.exit == Exit.SIGNATURE


def test_a_minimal_one_says_how_much_of_each_fact_it_discloses() -> None:
    report = SAMPLE.check()
    assert (report.genuine, state(report, "disclosure")) == (True, "not_established")
    said = detail(report, "disclosure")
    assert "model.training_operations is below 1e+26" in said
    assert f"operator.headquarters is one of {len(COUNTRIES) - 1} names" in said
    assert "withheld: decision, model, model.openness, model.parameters" in said


def test_an_opening_establishes_the_exact_value() -> None:
    report = SAMPLE.check("model.training_operations")
    assert (report.genuine, state(report, "disclosure")) == (True, "established")
    said = detail(report, "disclosure")
    assert said.startswith("opened: model.training_operations was 3.7123e+25; minimal: ")
    assert "model.parameters" in said
    assert "7241748480" not in said


@pytest.mark.parametrize("item", sorted(SAMPLE.openings))
def test_each_item_can_be_opened_alone(item: str) -> None:
    report = SAMPLE.check(item)
    assert (report.genuine, state(report, "disclosure")) == (True, "established")
    assert f"opened: {item} was " in detail(report, "disclosure")


def test_all_can_be_opened_together() -> None:
    assert state(SAMPLE.check(*SAMPLE.openings), "disclosure") == "established"


@pytest.mark.parametrize(
    ("opening", "said"),
    [
        (replace(COMPUTE, salt="00" * 32), "the opening of model.training_operations does not fit"),
        (replace(COMPUTE, value=COMPUTE.value | {"value": 3.7124e25}), "does not fit"),
        (replace(COMPUTE, value={}), "does not fit"),
        (replace(COMPUTE, item="model.parameters"), "the opening of model.parameters does not fit"),
        (replace(COMPUTE, item="model.base"), "'model.base' is not among what is withheld"),
        (sign().openings["model.training_operations"], "another attestation"),
    ],
)
def test_a_wrong_opening_is_refused(opening: Opening, said: str) -> None:
    report = SAMPLE.check(opening)
    assert (report.genuine, report.exit, state(report, "disclosure")) == (
        False,
        Exit.SIGNATURE,
        "contradicted",
    )
    assert said in detail(report, "disclosure")


def test_one_wrong_opening_among_right_ones_is_refused() -> None:
    report = SAMPLE.check("model", replace(COMPUTE, salt="00" * 32), "operator")
    assert state(report, "disclosure") == "contradicted"


def lying(item: str, value: Any) -> tuple[bytes, Opening]:
    """What a signer would sign who commits to a value that is not within what the attestation says."""
    opening = Opening(item, "77" * 32, value)

    def change(statement: dict[str, Any]) -> None:
        for entry in withheld_of(statement):
            if entry["item"] == item:
                entry["commitment"] = opening.commitment

    return resigned(SAMPLE.raw, change), opening


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ("model.training_operations", {"value": 1e26}),
        ("model.training_operations", {"min": 5e25}),
        ("model.training_operations", {"unknown": True}),
        ("operator.headquarters", {"value": "CN"}),
    ],
)
def test_a_value_outside_of_what_is_disclosed_is_a_contradiction(item: str, value: Any) -> None:
    raw, opening = lying(item, value)
    report = replace(SAMPLE, raw=raw).check(opening)
    assert (report.exit, state(report, "disclosure")) == (Exit.SIGNATURE, "contradicted")
    assert detail(report, "disclosure") == f"what was opened is not within what is disclosed: {item}"


def test_another_decision_is_a_contradiction() -> None:
    raw, opening = lying("decision", decision() | {"verdict": "deny"})
    report = replace(SAMPLE, raw=raw).check(opening)
    assert detail(report, "disclosure") == "what was opened is not within what is disclosed: decision"


@pytest.mark.parametrize("value", ["text", None, {"value": "many"}, [], {"min": 2.0, "max": 1.0}, {"odd": 1}])
def test_a_value_that_is_none_is_a_contradiction(value: Any) -> None:
    raw, opening = lying("model.training_operations", value)
    report = replace(SAMPLE, raw=raw).check(opening)
    assert state(report, "disclosure") == "contradicted"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: withheld_of(s).append(withheld_of(s)[0]), "something is withheld twice"),
        (lambda s: withheld_of(s)[0].update(commitment="00"), "the commitment of 'decision' is no SHA-256"),
    ],
)
def test_what_is_no_list_of_commitments_is_a_contradiction(change: Any, said: str) -> None:
    report = replace(SAMPLE, raw=resigned(SAMPLE.raw, change)).check()
    assert (state(report, "disclosure"), detail(report, "disclosure")) == ("contradicted", said)


@pytest.mark.parametrize("disclosure", [{}, {"mode": "full", "withheld": []}, {"mode": "minimal"}, [], None])
def test_a_disclosure_of_another_shape_is_no_predicate(disclosure: Any) -> None:
    raw = resigned(SAMPLE.raw, lambda s: s["predicate"].update(disclosure=disclosure))
    report = replace(SAMPLE, raw=raw).check()
    assert (report.genuine, state(report, "predicate")) == (False, "contradicted")


def test_the_operator_is_not_established_while_its_digest_is_withheld() -> None:
    report = SAMPLE.check(asked=BY_DIGEST)
    assert (report.genuine, state(report, "operator")) == (True, "not_established")
    assert "ask its signer for the opening of operator.digest" in detail(report, "operator")
    assert not SAMPLE.check(asked=replace(BY_DIGEST, gate=True)).genuine


def test_the_operator_is_established_by_the_opening_of_its_digest_alone() -> None:
    report = SAMPLE.check("operator.digest", asked=BY_DIGEST)
    assert (state(report, "operator"), detail(report, "operator")) == (
        "established",
        f"{OPERATOR.digest}, as opened",
    )


def test_another_operator_is_a_contradiction() -> None:
    other = Asked(operator=replace(OPERATOR, name="Quuz").digest)
    assert state(SAMPLE.check("operator.digest", asked=other), "operator") == "contradicted"


def test_a_wrong_opening_establishes_no_operator() -> None:
    wrong = replace(SAMPLE.openings["operator.digest"], value=OPERATOR.digest, salt="00" * 32)
    assert state(SAMPLE.check(wrong, asked=BY_DIGEST), "operator") == "contradicted"


def test_about_no_operator() -> None:
    sample = sign(decision(operator=NO_OPERATOR))
    assert detail(sample.check(), "operator") == "not asked; it is about no operator"
    assert state(sample.check(asked=BY_DIGEST), "operator") == "contradicted"


def test_which_operator_is_not_told_when_nobody_asks() -> None:
    assert detail(SAMPLE.check(), "operator") == "not asked; which operator it is about is withheld"


def test_every_flipped_byte_of_it_fails() -> None:
    for place in range(0, len(SAMPLE.raw) - 1, 41):
        flipped = bytearray(SAMPLE.raw)
        flipped[place] ^= 1
        try:
            report = verify(bytes(flipped), keys=[KEY.public], at=NOW)
        except InputError:
            continue
        assert not report.genuine, place


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        ({"max": 9.999999999999999e25}, "is below 1e+26"),
        ({"max": 0.25}, "is at most 0.25"),
        ({"min": 1e25, "max": 0.24999999999999997e26}, "is at least 1e+25 and below 2.5e+25"),
        ({"min": 0.25}, "is at least 0.25"),
        ({"min": 0.25000000000000006, "max": 1.0}, "is more than 0.25 and at most 1"),
        ({"value": True}, "is yes"),
        ({"one_of": ["open", "closed"]}, "is one of open, closed"),
        ({"one_of": list("abcdefgh")}, "is one of 8 names"),
        ({"certain": [], "possible": ["NVEU"]}, "is not stated: possibly NVEU"),
    ],
)
def test_a_range_in_words(fact: dict[str, Any], said: str) -> None:
    assert range_text(fact) == said
