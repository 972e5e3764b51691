"""Several packs, packs that do not apply, and what their status is worth."""

from __future__ import annotations

import pytest

from tests.decide.samples import (
    ALLOW,
    CLOSED,
    CONDITIONS,
    DAY,
    DENY,
    DRAFT,
    LICENSE,
    OPEN,
    UNSETTLED,
    ask,
    company,
    pack,
    rule,
)
from weightgate.errors import Exit, NotAvailableYet, PolicyError

TUNING = pack(rule("true").replace("activity: host", "activity: fine_tune"), "tuning")
LATE = pack(rule("true"), "late")
LATE_TEXT = LATE.text.replace(b"from: 2025-01-01", b"from: 2027-01-01")


def refusal(**more: object) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        ask("DE", CLOSED, **more)  # type: ignore[arg-type]
    assert caught.value.exit is Exit.INPUT
    return caught.value


def test_the_most_restrictive_pack_decides_and_each_says_its_own() -> None:
    stricter = pack(rule('model.openness == "open"', "license_required"), "stricter")
    decision = ask("CN", OPEN, packs=(DRAFT, stricter))
    assert decision.verdict == LICENSE
    assert [(p.name, p.verdict, p.applicable) for p in decision.packs] == [
        ("us-ai-diffusion-draft", ALLOW, True),
        ("stricter", LICENSE, True),
    ]
    assert ask("CN", OPEN, packs=(stricter, DRAFT)).verdict == LICENSE


def test_packs_that_turn_on_one_unknown_are_combined_before_it_is_resolved() -> None:
    a = pack(rule('model.openness != "open"'), "a")
    b = pack(rule('model.openness == "open"'), "b")
    decision = ask("DE", {}, packs=(a, b))
    assert (decision.verdict, decision.missing) == (DENY, ())
    assert [p.possible for p in decision.packs] == [(ALLOW, DENY), (ALLOW, DENY)]


def test_a_pack_without_a_rule_about_the_activity_says_nothing() -> None:
    decision = ask("DE", CLOSED, packs=(DRAFT, TUNING))
    assert decision.verdict == ALLOW
    assert [(p.name, p.verdict, p.possible, p.applicable) for p in decision.packs][1] == (
        "tuning",
        None,
        (),
        False,
    )


def test_if_no_pack_applies_it_is_an_error() -> None:
    error = refusal(packs=(TUNING,))
    assert error.code == "not_applicable"
    assert "tuning (has no such rule)" in error.message
    assert refusal(packs=()).message.endswith("no pack was asked")


def test_before_a_pack_begins_it_does_not_apply() -> None:
    error = refusal(as_of="2025-01-08")
    assert (error.code, "us-ai-diffusion-draft (begins on 2025-01-09)" in error.message) == (
        "not_applicable",
        True,
    )
    assert ask("DE", CLOSED, as_of="2025-01-09").verdict == ALLOW
    from weightgate.policy.source import PackSource

    decision = ask("DE", CLOSED, packs=(DRAFT, PackSource("late.yaml", "late.yaml", LATE_TEXT)))
    assert [(p.name, p.status, p.applicable) for p in decision.packs][1] == ("late", "not begun", False)


def test_in_force_leaves_out_what_did_not_bind() -> None:
    error = refusal(status_mode="in-force")
    assert error.code == "nothing_in_force"
    assert "us-ai-diffusion-draft (superseded on 2026-05-01)" in error.message
    assert "--status" in error.hint
    assert "announced on 2025-01-10" in refusal(status_mode="in-force", as_of="2025-01-10").message


def test_in_force_keeps_what_bound() -> None:
    binding = pack(rule('model.openness == "closed"', "license_required"), "binding")
    decision = ask("CN", CLOSED, packs=(DRAFT, binding), status_mode="in-force")
    assert decision.verdict == LICENSE
    assert [p.name for p in decision.packs] == ["binding"]
    assert decision.left_out == (
        {"pack": "us-ai-diffusion-draft", "status": "superseded", "because": f"superseded on {DAY}"},
    )
    assert decision.hypothetical == "status in-force"


def test_as_written_shows_the_status() -> None:
    assert [p.status for p in ask("DE", CLOSED).packs] == ["superseded"]
    assert [p.status for p in ask("DE", CLOSED, as_of="2025-01-14").packs] == ["announced"]


def test_two_packs_of_one_name_are_refused() -> None:
    error = refusal(packs=(LATE, pack(rule("false"), "late")))
    assert "two packs are called 'late'" in error.message
    assert (error.where, error.hint) == ("late.yaml", "rename one")


def test_chips_are_not_available_yet() -> None:
    with pytest.raises(NotAvailableYet) as caught:
        ask("DE", CLOSED, activity="export_compute")
    assert (caught.value.exit, caught.value.code) == (Exit.INPUT, "not_available_yet")


@pytest.mark.parametrize(("as_of", "verdict"), [("2026-02-02", DENY), ("2026-02-03", LICENSE)])
def test_the_day_of_the_question_decides_the_table(as_of: str, verdict: str) -> None:
    assert ask("KH", CLOSED, as_of=as_of).verdict == verdict


def test_conditions_of_one_name_in_two_packs_are_both_kept() -> None:
    entries = [
        pack(
            rule(
                "true", "allow_with_conditions", f"    conditions: [{{id: report, text: Report to {n}.}}]\n"
            ),
            n,
        )
        for n in ("one", "two")
    ]
    decision = ask("DE", {}, packs=tuple(entries))
    assert decision.verdict == CONDITIONS
    assert [(c.id, c.text) for c in decision.conditions] == [
        ("report", "Report to one."),
        ("report", "Report to two."),
    ]


def test_conditions_of_a_place_that_cannot_be_allowed_are_not_asked_for() -> None:
    decision = ask(["AE", "CN"], CLOSED, company("US", secure=True))
    assert decision.verdict == DENY
    assert [r.destinations for r in decision.reasons if r.rule == "closed-weights-tier-2-secure"] == [("AE",)]
    strict = pack(rule("true"), "strict")
    assert ask("AE", CLOSED, company("US", secure=True), packs=(DRAFT, strict)).conditions == ()


def test_allow_or_allow_with_conditions_is_the_latter_and_possibly() -> None:
    maybe = pack(
        rule("model.special_purpose", "allow_with_conditions", "    conditions: [{id: c, text: Keep it.}]\n")
    )
    decision = ask("DE", {}, packs=(maybe,))
    assert (decision.verdict, decision.possible, decision.exit) == (CONDITIONS, (ALLOW, CONDITIONS), Exit.OK)
    assert [(c.id, c.applies) for c in decision.conditions] == [("c", "possibly")]
    assert [m.fact for m in decision.missing] == ["model.special_purpose"]


def test_a_pack_that_poses_as_a_shipped_one_is_named() -> None:
    posing = pack(rule("false"), "us-ai-diffusion-draft")
    decision = ask("CN", CLOSED, packs=(posing,))
    assert decision.verdict == ALLOW
    assert any("us-ai-diffusion-draft.yaml" in sentence for sentence in decision.not_established)
    assert ask("CN", CLOSED).verdict != UNSETTLED
