"""What a minimal attestation says, and what it does not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.attest.disclosure.samples import NO_OPERATOR, OPERATIONS, OPERATOR, PACK, decision, find, sign
from tests.attest.samples import KEY, NOW, decision_of, detail, payload_of, state
from weightgate.attest.disclosure.commitments import SALT_BYTES
from weightgate.attest.disclosure.minimal import DECLARATIONS, RANGES, minimal
from weightgate.attest.make import NOT_LOOKED_AT
from weightgate.attest.make import attest as attest_full
from weightgate.attest.replay.deriving import DecideAgain, plain
from weightgate.decide.again import decide_again
from weightgate.errors import SignatureError
from weightgate.facts.statements import Grade
from weightgate.policy.source import PackSource

SPELLINGS = (
    "3.7123e+25", "3.7123e25", "37123000000000000", "7241748480", "7.24", "517311", "5173", "ada", "Ada", "Quux",
    "facts.yaml", "line 3", "5a5a", "2026-12-25", "the card",
)  # fmt: skip


def said(sample: Any) -> dict[str, Any]:
    return decision_of(payload_of(sample.raw))


def test_compute_becomes_below_the_limit_and_nothing_else_is_said() -> None:
    less = said(sign())
    entries = {e["fact"]: e for e in less["inputs"]["statements"]}
    assert set(entries) == {"model.training_operations", "operator.headquarters", "activity"}
    compute = entries["model.training_operations"]
    assert compute["says"] == {"max": 9.999999999999999e25}
    assert (compute["grade"], compute["source"], "by" in compute) == ("declared", "withheld", False)
    assert "CN" not in entries["operator.headquarters"]["says"]["one_of"]
    assert len(entries["operator.headquarters"]["says"]["one_of"]) > 200
    assert "model.parameters" not in less["facts"]


def test_of_two_reasons_the_first_in_the_table_is_withheld() -> None:
    # An open model below the limit: openness comes first in the facts table, so compute carries the verdict.
    less = said(sign(decision(openness="open")))
    assert less["facts"]["model.training_operations"]["max"] == 9.999999999999999e25
    assert "model.openness" not in less["facts"]


def test_openness_is_said_where_compute_frees_nothing() -> None:
    less = said(sign(decision(openness="open", operations=2.3e26)))
    assert less["facts"]["model.openness"]["value"] == "open"
    assert "model.training_operations" not in less["facts"]


def test_a_denial_says_only_what_denies() -> None:
    less = said(sign(decision(operator=replace(OPERATOR, headquarters="CN"))))
    assert less["verdict"] == "deny"
    assert {e["fact"] for e in less["inputs"]["statements"]} == {"operator.headquarters", "activity"}
    assert less["facts"]["operator.headquarters"]["value"] == "CN"


def test_no_value_path_or_name_is_in_the_signed_bytes() -> None:
    sample = sign()
    statement = payload_of(sample.raw)
    for withheld in statement["predicate"]["disclosure"]["withheld"]:
        # Random, so that any short text may happen to be in it; tests of commitments say what it gives away.
        assert len(bytes.fromhex(withheld.pop("commitment"))) == 32
    text = json.dumps(statement)
    assert [s for s in SPELLINGS if s in text] == []
    full = attest_full(
        decision(), signer=KEY, find_pack=find, decide_again=decide_again, cap=Grade.VERIFIED, now=NOW
    )
    assert len([s for s in SPELLINGS if s in json.dumps(payload_of(full))]) > 8


def test_the_subject_manifest_and_packs_stay() -> None:
    statement, exact = payload_of(sign().raw), decision()
    less = decision_of(statement)
    assert statement["subject"][0]["digest"]["sha256"] == exact["model"]["digest"].removeprefix("sha256:")
    assert less["inputs"]["manifest"] == exact["inputs"]["manifest"]
    assert less["model"] == {"reference": "withheld", "revision": None, "digest": exact["model"]["digest"]}
    predicate: dict[str, Any] = dict.__getitem__(statement, "predicate")
    assert predicate["packs"][0]["text"].encode() == PACK.text
    assert less["inputs"]["packs"] == [{"name": "limits", "digest": PACK.digest, "locator": "withheld"}]


def test_it_holds_no_longer_than_the_decision_in_full() -> None:
    exact = decision()
    assert exact["valid_until"]["date"] == "2026-12-24"
    less = said(sign(exact))
    assert less["valid_until"]["date"] == "2026-12-24"
    # That compute was declared until then is not said: the day is put beside what nobody doubts.
    assert less["valid_until"]["because"] == "activity is declared until 2026-12-24"


def test_every_page_of_it_says_that_it_is_minimal() -> None:
    less = said(sign())
    assert less["not_established"][0] == RANGES
    assert "3.7e25" not in json.dumps(less["not_established"])


def test_that_the_model_was_not_looked_at_stays_said() -> None:
    less = said(sign(cap=Grade.DECLARED))
    assert NOT_LOOKED_AT in less["not_established"]
    assert {fact["grade"] for fact in less["facts"].values()} == {"declared", None}


def test_it_replays_for_a_stranger() -> None:
    report = sign().check(replay=True)
    assert (report.genuine, report.verdict, state(report, "replay")) == (True, "allow", "established")
    assert state(report, "subject") == "established"


def test_with_no_model_at_hand_the_subject_is_what_is_said() -> None:
    sample = sign(decision(model=False))
    report = sample.check(replay=True)
    assert (report.genuine, state(report, "subject"), state(report, "replay")) == (
        True,
        "established",
        "established",
    )
    assert said(sample)["model"]["reference"] == "-"
    assert "model" not in sample.openings


def test_what_is_withheld_is_named_and_nothing_twice() -> None:
    sample = sign()
    names = [w["item"] for w in payload_of(sample.raw)["predicate"]["disclosure"]["withheld"]]
    assert names == sorted(set(names)) == sorted(sample.openings)
    assert set(names) == {
        "decision", "model", "model.openness", "model.parameters", "model.training_operations", "operator",
        "operator.authorizations", "operator.digest", "operator.headquarters", "operator.name",
        "operator.ultimate_parent",
    }  # fmt: skip


def test_without_an_operator_there_is_none_to_withhold() -> None:
    sample = sign(decision(operator=NO_OPERATOR))
    assert {"operator", "operator.digest"}.isdisjoint(sample.openings)
    assert said(sample)["inputs"]["operator"] is None


def test_each_commitment_has_a_salt_of_its_own_and_a_new_one_each_time() -> None:
    once, twice = sign(), sign()
    salts = [o.salt for sample in (once, twice) for o in sample.openings.values()]
    assert len(set(salts)) == len(salts)
    assert {len(bytes.fromhex(salt)) for salt in salts} == {SALT_BYTES}
    assert said(once) == said(twice)


def test_the_verdicts_of_packs_that_were_not_asked_are_left_out() -> None:
    exact = decision() | {"not_asked": [{"pack": "other", "verdict": "deny"}]}
    assert said(sign(exact))["not_asked"] == []


def test_a_decision_that_does_not_follow_from_its_inputs_is_not_signed_minimally_either() -> None:
    with pytest.raises(SignatureError) as caught:
        sign(decision() | {"verdict": "deny", "possible": ["deny"], "exit": 1})
    assert caught.value.code == "decision_differs"


def engine_that_says(**changed: Any) -> DecideAgain:
    def other(decision: dict[str, Any], packs: Sequence[PackSource], *, cap: Grade) -> dict[str, Any]:
        return decide_again(decision, packs, cap=cap) | changed

    return other


@pytest.mark.parametrize(
    ("changed", "named"),
    [({"possible": ["deny"]}, "possible"), ({"valid_until": {"date": None, "because": None}}, "valid_until")],
)
def test_an_engine_that_comes_to_something_else_is_caught(changed: dict[str, Any], named: str) -> None:
    with pytest.raises(SignatureError, match=f"comes out otherwise: {named}") as caught:
        minimal(decision(), [PACK], engine_that_says(**changed))
    assert caught.value.code == "not_withheld"


def test_inputs_that_nobody_thought_about_are_withheld() -> None:
    """Such as declarations, which hold exact values in their own bytes."""
    exact = decision()
    sealed = [{"source": "d.json", "digest": "sha256:00", "envelope": "compute 3.7123e+25"}]
    exact["inputs"] |= {"declarations": sealed, "to_come": "3.7123e+25"}
    exact["inputs"]["request"] |= {"trust": {"digest": "sha256:11", "version": 3}}
    seen = []

    def engine(decision: dict[str, Any], packs: Sequence[PackSource], *, cap: Grade) -> dict[str, Any]:
        seen.append(decision["inputs"])
        return decide_again(decision, packs, cap=cap)

    less = minimal(exact, [PACK], engine)
    assert {"declarations", "to_come"}.isdisjoint(seen[0])
    assert "trust" not in seen[0]["request"]
    assert {o.item: o.value for o in less.openings}["declarations"] == sealed
    assert DECLARATIONS in less.decision["not_established"]


def test_sources_that_disagree_are_said_to() -> None:
    exact = decision()
    entry = next(e for e in exact["inputs"]["statements"] if e["fact"] == "model.training_operations")
    exact["inputs"]["statements"].append({**entry, "source": "other.yaml", "says": {"value": 4.4e25}})
    again = plain(decide_again(exact, [PACK], cap=Grade.VERIFIED))
    assert again["contradictions"]
    notes = said(sign(again))["not_established"]
    assert "Which of the sources on model.training_operations is right: they disagree." in notes


def test_the_signature_is_the_signers() -> None:
    sample = sign()
    assert sample.raw.count(b"\n") == 1
    assert sample.openings["model.training_operations"].value["value"] == OPERATIONS
    assert f"ed25519 key {KEY.keyid}" in detail(sample.check(), "signature")
