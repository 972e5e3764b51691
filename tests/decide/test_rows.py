"""The rows of the framework that the draft pack carries, each by its name."""

from __future__ import annotations

from math import inf, nextafter
from typing import Any

import pytest

from tests.decide.samples import (
    ALLOW,
    CLOSED,
    CONDITIONS,
    DENY,
    LICENSE,
    OPEN,
    TUNE,
    UNSETTLED,
    ask,
    company,
)
from tests.policy.draft_tiers import TIER_1, TIER_3
from weightgate.errors import Exit
from weightgate.operators.profile import UNKNOWN_OPERATOR, Authorization, Operator

NVEU = (Authorization("NVEU", ("AE", "IN", "CN", "DE")),)
UVEU = (Authorization("UVEU", ("AE", "IN")),)
EXITS = {ALLOW: Exit.OK, CONDITIONS: Exit.OK, LICENSE: Exit.LICENSE_REQUIRED, DENY: Exit.DENY}


@pytest.mark.parametrize("country", TIER_1)
def test_r1_hosting_in_tier_1_is_allowed(country: str) -> None:
    for openness in ("closed", "restricted"):
        decision = ask(country, {"model.openness": openness}, company("US"))
        assert (decision.verdict, decision.exit, decision.missing) == (ALLOW, Exit.OK, ())
        assert decision.destinations[0].tiers == {"us-ai-diffusion-draft": 1}


@pytest.mark.parametrize(
    ("headquarters", "parent", "verdict"),
    [("US", "US", ALLOW), ("AE", "AE", ALLOW), ("US", "AE", ALLOW), ("CN", "CN", LICENSE), ("US", "CN", LICENSE),
     ("HK", "US", LICENSE), (None, "CN", LICENSE), ("US", None, UNSETTLED), (None, None, UNSETTLED)],
)  # fmt: skip
def test_r1_turns_on_the_stricter_of_headquarters_and_parent(
    headquarters: str | None, parent: str | None, verdict: str
) -> None:
    operator = Operator("A", headquarters, parent, (), ())
    assert ask("DE", CLOSED, operator).verdict == verdict


@pytest.mark.parametrize("country", TIER_3)
def test_r6_and_r7_closed_weights_may_not_go_to_tier_3(country: str) -> None:
    for facts in (
        CLOSED,
        {"model.openness": "restricted"},
        {"model.openness": {"one_of": ["restricted", "closed"]}},
    ):
        decision = ask(country, facts, company("US", secure=True))
        assert (decision.verdict, decision.exit) == (DENY, Exit.DENY)
        assert any(r.rule == "closed-weights-tier-3" and r.applies == "yes" for r in decision.reasons)


def test_r7_nothing_but_r10_lifts_it() -> None:
    licence = Authorization("LICENSE", ("CN",))
    operator = company("US", secure=True, held=(*NVEU, licence, Authorization("AIA", ("CN",))))
    assert ask("CN", CLOSED, operator).verdict == DENY
    assert ask("CN", CLOSED, UNKNOWN_OPERATOR).verdict == DENY
    assert ask("CN", OPEN, UNKNOWN_OPERATOR).verdict == ALLOW
    assert ask("CN", {}, operator).possible == (ALLOW, DENY)


@pytest.mark.parametrize(
    ("secure", "verdict", "exit_code"),
    [
        (True, CONDITIONS, Exit.OK),
        (False, LICENSE, Exit.LICENSE_REQUIRED),
        (None, UNSETTLED, Exit.INDETERMINATE),
    ],
)
def test_r8_closed_weights_in_tier_2_need_the_security_standards(
    secure: bool | None, verdict: str, exit_code: Exit
) -> None:
    decision = ask("AE", CLOSED, company("US", secure=secure))
    assert (decision.verdict, decision.exit) == (verdict, exit_code)
    if verdict == UNSETTLED:
        assert decision.possible == (CONDITIONS, LICENSE)
        assert [m.fact for m in decision.missing] == ["operator.security_standards"]


@pytest.mark.parametrize("missing", range(3))
def test_r8_needs_all_three_standards(missing: int) -> None:
    operator = company("US", secure=True)
    assert operator.security_standards is not None
    two = tuple(s for i, s in enumerate(operator.security_standards) if i != missing)
    assert ask("IN", CLOSED, Operator("A", "US", "US", two, ())).verdict == LICENSE


def test_r8_names_the_condition_to_keep() -> None:
    decision = ask("IN", CLOSED, company("GB", secure=True))
    assert [(c.id, c.applies) for c in decision.conditions] == [("keep-security-standards", "yes")]
    assert decision.conditions[0].cites[0]["source"] == "press-report"


@pytest.mark.parametrize("held", [NVEU, UVEU], ids=["NVEU", "UVEU"])
def test_r9_a_tier_2_company_with_veu_status_has_no_further_limit(held: tuple[Authorization, ...]) -> None:
    assert ask("AE", CLOSED, company("AE", held=held)).verdict == ALLOW
    assert ask("AE", CLOSED, company("AE", secure=True, held=held)).verdict == ALLOW
    assert ask("AE", CLOSED, company("AE", secure=None, held=held)).verdict == ALLOW


def test_r9_is_for_tier_2_companies_only() -> None:
    assert ask("AE", CLOSED, company("US", held=NVEU)).verdict == LICENSE
    assert ask("AE", CLOSED, company("CN", held=NVEU)).verdict == LICENSE
    assert ask("AE", CLOSED, Operator("A", "AE", "CN", (), NVEU)).verdict == LICENSE


def test_r9_lifts_r8_only_and_in_scope_only() -> None:
    assert ask("CN", CLOSED, company("AE", held=NVEU)).verdict == DENY
    assert ask("BR", CLOSED, company("AE", held=NVEU)).verdict == LICENSE
    assert ask("AE", CLOSED, company("AE", held=None)).possible == (ALLOW, LICENSE)


@pytest.mark.parametrize("country", ["US", "AE", "CN", "KP", "MO"])
def test_r10_open_weights_are_exempt(country: str) -> None:
    decision = ask(country, OPEN, UNKNOWN_OPERATOR)
    assert (decision.verdict, decision.missing) == (ALLOW, ())


def test_r10_restricted_weights_are_not_open() -> None:
    assert ask("CN", {"model.openness": "restricted"}).verdict == DENY
    assert ask("CN", {"model.openness": {"one_of": ["open", "restricted"]}}).verdict == UNSETTLED


def test_r10_fine_tuning_an_open_model_is_allowed_whatever_the_result() -> None:
    for openness in ("open", "restricted", "closed", None):
        facts = TUNE | {"model.openness": openness, "model.special_purpose": False}
        assert ask("CN", facts, company("CN"), activity="fine_tune").verdict == ALLOW


def test_r10_fine_tuning_a_closed_model_is_hosting_the_result() -> None:
    facts: dict[str, Any] = {"model.base_openness": "closed", "model.openness": "closed"}
    assert ask("CN", facts, activity="fine_tune").verdict == DENY
    assert ask("DE", facts, activity="fine_tune").verdict == ALLOW
    assert ask("AE", facts, activity="fine_tune").verdict == LICENSE
    assert ask("AE", facts | {"model.openness": "open"}, activity="fine_tune").verdict == ALLOW


@pytest.mark.parametrize(
    ("share", "verdict"),
    [(0.0, ALLOW), (0.25, ALLOW), (nextafter(0.25, inf), LICENSE), (0.26, LICENSE), (5.0, LICENSE),
     ({"max": 0.25}, ALLOW), ({"min": 0.26}, LICENSE), ({"min": 0.25}, UNSETTLED), ({"min": 0.1, "max": 0.3}, UNSETTLED),
     ({"one_of": [0.1, 0.2]}, ALLOW), (None, UNSETTLED)],
    ids=repr,
)  # fmt: skip
def test_r11_more_than_a_quarter_is_significant(share: object, verdict: str) -> None:
    decision = ask("PL", TUNE | {"model.finetune_share": share}, company("PL"), activity="fine_tune")
    assert decision.verdict == verdict
    if verdict == UNSETTLED:
        assert [m.fact for m in decision.missing] == ["model.finetune_share"]


@pytest.mark.parametrize(
    ("country", "verdict"),
    [("US", ALLOW), ("DE", ALLOW), ("PL", LICENSE), ("CN", LICENSE), (None, UNSETTLED)],
)
def test_r11_goes_by_the_operator(country: str | None, verdict: str) -> None:
    for to in ("US", "PL", "CN"):
        assert ask(to, TUNE, company(country), activity="fine_tune").verdict == verdict


def test_r11_needs_a_special_purpose() -> None:
    general = TUNE | {"model.special_purpose": False}
    assert ask("PL", general, company("PL"), activity="fine_tune").verdict == ALLOW
    unknown = ask("PL", TUNE | {"model.special_purpose": None}, company("PL"), activity="fine_tune")
    assert unknown.possible == (ALLOW, LICENSE)
    assert [m.fact for m in unknown.missing] == ["model.special_purpose"]


def test_r11_shows_the_share_that_the_operations_imply() -> None:
    facts = {"model.base_openness": "open", "model.special_purpose": True, "model.finetune_operations": 3e24,
             "model.base_operations": 1e25}  # fmt: skip
    decision = ask("PL", facts, company("PL"), activity="fine_tune")
    assert decision.verdict == LICENSE
    because = {b.fact: b for r in decision.reasons if r.rule == "significant-fine-tune" for b in r.because}
    assert because["model.finetune_share"].to_json()["value"] == 0.3
    exactly = facts | {"model.finetune_operations": 2.5e24}
    assert ask("PL", exactly, company("PL"), activity="fine_tune").verdict == ALLOW


def test_r11_is_about_fine_tuning_only() -> None:
    assert ask("PL", TUNE | OPEN, company("PL")).verdict == ALLOW
