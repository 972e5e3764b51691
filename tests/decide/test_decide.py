"""The decision as a whole: its JSON, its evidence, and its refusals."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.decide.samples import CLOSED, DAY, DIGEST, DRAFT, NOW, TUNE, ask, company, question, said
from weightgate.decide import decide
from weightgate.decide.decision import Decision
from weightgate.errors import Exit
from weightgate.facts.registry import FACTS
from weightgate.facts.statements import Grade
from weightgate.inspect.inspection import Inspection, ManifestEntry
from weightgate.operators.profile import UNKNOWN_OPERATOR

KEYS = [
    "schema", "verdict", "possible", "exit", "decided_at", "engine", "activity", "as_of", "known_at", "status_mode",
    "switches", "hypothetical", "model", "operator", "destinations", "reasons", "missing", "flips", "conditions",
    "contradictions", "rests_on", "not_established", "left_out", "valid_until", "packs", "not_asked", "facts",
]  # fmt: skip


def test_the_json_holds_what_the_contract_names() -> None:
    decision = ask(["AE", "DE"], CLOSED, company("US", secure=True)).to_json()
    assert set(KEYS) <= set(decision)
    assert decision["schema"] == "weightgate/decision/v1"
    assert (decision["verdict"], decision["exit"]) == ("allow_with_conditions", 0)
    assert {flip["verdict"] for flip in decision["flips"]} == {"allow", "license_required", "deny"}
    assert set(decision["destinations"][0]) == {
        "name",
        "country",
        "subdivision",
        "tiers",
        "verdict",
        "possible",
    }
    assert set(decision["reasons"][0]) == {"pack", "rule", "title", "verdict", "applies", "destinations", "because",
                                           "cites", "remedy", "review_policy"}  # fmt: skip
    assert set(decision["conditions"][0]) == {"id", "text", "due", "cites", "applies"}
    assert set(decision["packs"][0]) == {
        "name",
        "version",
        "digest",
        "status",
        "verdict",
        "possible",
        "applicable",
    }
    assert json.loads(json.dumps(decision, allow_nan=False)) == decision


def test_facts_carry_value_unit_grade_and_evidence() -> None:
    facts = ask(
        "PL", TUNE | {"model.finetune_share": {"min": 0.1}}, company("PL"), activity="fine_tune"
    ).to_json()["facts"]
    share = facts["model.finetune_share"]
    assert (share["min"], share["unit"], share["grade"]) == (0.1, "ratio", "declared")
    assert "max" not in share
    assert share["evidence"][0]["source"] == "facts.yaml"
    assert set(facts) <= set(FACTS)


def test_an_unknown_fact_says_why_and_has_no_grade() -> None:
    facts = ask("DE", {"model.openness": None}, UNKNOWN_OPERATOR).to_json()["facts"]
    assert facts["model.openness"]["unknown"] is True
    assert facts["model.openness"]["grade"] is None
    assert facts["operator.headquarters"]["reason"] == "no operator was named"


def test_missing_has_questions_and_outcomes() -> None:
    (missing,) = ask("CN", {}, company("US")).to_json()["missing"]
    assert missing == {
        "fact": "model.openness",
        "question": FACTS["model.openness"].question,
        "would_accept": "one of open, restricted, closed, as model.openness in a file given by --facts",
        "outcomes": [
            {"value": "open", "possible": ["allow"]},
            {"value": "one of restricted, closed", "possible": ["deny"]},
        ],
        "destinations": ["CN"],
    }


@pytest.mark.parametrize(
    ("facts", "activity", "fact", "accepts"),
    [
        (CLOSED, "host", "operator.headquarters", "a country code, as headquarters in the file given by --operator"),
        (TUNE | {"model.finetune_share": None}, "fine_tune", "model.finetune_share",
         "a number, where 0.25 is 25% or {min: …, max: …}, as model.finetune_share in a file given by --facts"),
        (TUNE | {"model.special_purpose": None}, "fine_tune", "model.special_purpose",
         "true or false, as model.special_purpose in a file given by --facts"),
    ],
)  # fmt: skip
def test_missing_says_where_an_answer_goes(
    facts: dict[str, object], activity: str, fact: str, accepts: str
) -> None:
    operator = UNKNOWN_OPERATOR if fact.startswith("operator") else company("PL")
    decision = ask("DE", facts, operator, activity=activity)
    assert {m.fact: m.would_accept for m in decision.missing}[fact] == accepts


def test_reasons_cite_titles_and_remedies() -> None:
    reason = ask("CN", CLOSED).reasons[0]
    assert reason.rule == "closed-weights-tier-3"
    assert reason.cites[0]["title"].startswith("Press report")
    assert reason.remedy
    assert [b.fact for b in reason.because] == ["model.openness", "destination.tier"]


def test_the_default_is_a_reason_when_no_row_allows() -> None:
    from tests.decide.samples import pack, rule

    nothing = pack(rule("false", "allow"))
    text = nothing.text.replace(b"default: {verdict: allow", b"default: {verdict: deny")
    from weightgate.policy.source import PackSource

    decision = ask("DE", CLOSED, packs=(PackSource("p", "p", text),))
    assert [(r.rule, r.verdict, r.applies) for r in decision.reasons] == [("default", "deny", "yes")]


def test_model_and_operator_are_named() -> None:
    entries = (ManifestEntry("a", "ab" * 32), ManifestEntry("b", "cd" * 32, reported=True))
    inspection = Inspection("o/n", "f" * 40, DIGEST, entries, (), ("Whether it may be licensed.",))
    decision = decide(question("DE", company("US")), inspection, [], now=NOW)
    assert dict(decision.model) == {"reference": "o/n", "revision": "f" * 40, "digest": DIGEST}
    assert decision.operator["headquarters"] == "US"
    assert decision.operator["digest"] == company("US").digest
    assert "Whether it may be licensed." in decision.not_established
    assert decision.inputs["manifest"][1] == {"name": "b", "digest": "cd" * 32, "reported": True}


def test_of_no_model_and_no_operator_nothing_is_named() -> None:
    decision = ask("DE", CLOSED, UNKNOWN_OPERATOR)
    assert dict(decision.operator) == {
        "name": None,
        "headquarters": None,
        "ultimate_parent": None,
        "digest": None,
    }
    assert decision.inputs["operator"] is None
    assert decision.model["digest"] is None


@pytest.mark.parametrize(
    ("verdict", "exit_code", "allowed"),
    [("allow", Exit.OK, True), ("allow_with_conditions", Exit.OK, True), ("license_required", Exit.LICENSE_REQUIRED, False),
     ("deny", Exit.DENY, False), ("indeterminate", Exit.INDETERMINATE, False)],
)  # fmt: skip
def test_exit_and_allowed_follow_the_verdict(verdict: str, exit_code: Exit, allowed: bool) -> None:
    questions: dict[str, Decision] = {
        "allow": ask("DE", CLOSED),
        "allow_with_conditions": ask("AE", CLOSED, company("US", secure=True)),
        "license_required": ask("AE", CLOSED),
        "deny": ask("CN", CLOSED),
        "indeterminate": ask("CN", {}),
    }
    decision = questions[verdict]
    assert (decision.verdict, decision.exit, decision.allowed) == (verdict, exit_code, allowed)


def test_a_cap_lowers_every_grade_and_changes_no_verdict() -> None:
    found = (said("model.openness", "open", Grade.VERIFIED, "hub"),)
    asked = question("CN", company("US"))
    for cap in Grade:
        decision = decide(asked, Inspection("./m", statements=found), [], now=NOW, cap=cap)
        assert decision.verdict == "allow"
        assert all(fact.grade <= cap for fact in decision.facts.values())
        assert decision.inputs["cap"] == str(cap)


def test_evidence_of_another_place_is_covered() -> None:
    from weightgate.operators.profile import Authorization

    decision = ask(["IN", "AE"], CLOSED, company("AE", held=(Authorization("NVEU", ("AE",)),)))
    assert decision.to_json()["facts"]["operator.authorizations"]["possible"] == ["NVEU"]


def test_the_time_is_written_in_utc_to_the_second() -> None:
    now = datetime(2026, 5, 1, 7, 8, 9, 123456, tzinfo=UTC)
    assert (
        decide(question("DE", company("US")), Inspection("-"), [], now=now).decided_at
        == "2026-05-01T07:08:09Z"
    )


def test_inputs_name_the_packs_by_digest() -> None:
    decision = ask("DE", CLOSED)
    assert decision.inputs["packs"] == [
        {"name": "us-ai-diffusion-draft", "digest": DRAFT.digest, "locator": "shipped:us-ai-diffusion-draft"}
    ]
    assert decision.inputs["request"]["as_of"] == DAY
