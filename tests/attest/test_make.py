"""Making an attestation: an honest decision is signed, an edited one is not."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attest.samples import (
    KEY,
    NOW,
    PACK,
    PACKS,
    STRICT_PACK,
    check,
    decide,
    payload_of,
    sign,
)
from weightgate.attest.make import NOT_LOOKED_AT, attest, check_decision, read_decision
from weightgate.attest.verifying.verify import verify
from weightgate.decide.again import decide_again
from weightgate.errors import Exit, InputError, PolicyError, SignatureError
from weightgate.facts.statements import Grade
from weightgate.policy.source import PackSource

Change = Callable[[dict[str, Any]], object]


def edited(change: Change) -> dict[str, Any]:
    decision = copy.deepcopy(decide("DE", "AE"))
    change(decision)
    return decision


def refused(decision: dict[str, Any]) -> SignatureError:
    with pytest.raises(SignatureError) as caught:
        sign(decision)
    assert caught.value.exit == Exit.SIGNATURE
    return caught.value


def malformed(decision: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        sign(decision)
    assert (caught.value.exit, caught.value.code, caught.value.where) == (
        Exit.INPUT,
        "bad_decision",
        "decision",
    )
    assert caught.value.message.startswith("no decision: ")
    return caught.value.message.removeprefix("no decision: ")


@pytest.mark.parametrize("countries", [("DE",), ("AE",), ("CN",), ("DE", "AE", "CN")])
@pytest.mark.parametrize("openness", ["open", "closed"])
def test_an_honest_decision_is_signed_whole(countries: tuple[str, ...], openness: str) -> None:
    decision = decide(*countries, openness=openness)
    raw = sign(decision)
    assert payload_of(raw)["predicate"]["decision"] == decision
    report = check(raw)
    assert (report.genuine, report.verdict, report.exit) == (True, decision["verdict"], decision["exit"])


def test_a_decision_file_reads_back() -> None:
    decision = decide("DE")
    assert read_decision(json.dumps(decision).encode(), "d.json") == decision


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda d: d["reasons"].clear(), "reasons: stated []"),
        (lambda d: d["inputs"]["statements"][0]["says"].update(value="open"), "verdict: stated"),
        (lambda d: d["valid_until"].update(date="2099-01-01"), "valid_until.date"),
        (
            lambda d: d["destinations"][1].update(verdict="allow", possible=["allow"]),
            "destinations[AE].verdict",
        ),
        (lambda d: d["inputs"]["destinations"][1]["places"][0].update(country="DE"), "verdict: stated"),
    ],
)
def test_a_decision_that_does_not_follow_is_refused_by_field(change: Change, named: str) -> None:
    error = refused(edited(change))
    assert error.code == "decision_differs"
    assert "does not follow from its own inputs" in error.message
    assert f"\n  {named}" in error.message


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda d: d.update(activity="fine_tune"), "activity is 'fine_tune', its inputs say 'host'"),
        (lambda d: d.update(as_of="2026-03-13"), "as_of is '2026-03-13', its inputs say '2026-03-14'"),
        (
            lambda d: d.update(status_mode="in-force"),
            "status_mode is 'in-force', its inputs say 'as-written'",
        ),
        (lambda d: d["destinations"].pop(), "destinations are ['DE'], its inputs say ['AE', 'DE']"),
        (lambda d: d["packs"].clear(), "packs are [], its inputs say"),
        (lambda d: (d["packs"].clear(), d["inputs"]["packs"].clear()), "it was made under no pack"),
        (lambda d: d.update(verdict="allow"), "verdict is allow, but possible is license_required"),
        (lambda d: d.update(possible=[]), "possible is empty, or names a verdict twice"),
        (lambda d: d.update(exit=0), "exit is 0, but license_required ends with 2"),
        (
            lambda d: d.update(decided_at="2026-03-14T09:36:00Z"),
            "decided_at 2026-03-14T09:36:00Z is ahead of",
        ),
    ],
)
def test_a_decision_that_contradicts_itself_is_refused(change: Change, named: str) -> None:
    error = refused(edited(change))
    assert error.code == "decision_differs"
    assert f"\n  {named}" in error.message


def set_request(key: str, value: Any) -> Change:
    def change(decision: dict[str, Any]) -> None:
        decision["inputs"]["request"][key] = value
        if key in decision:
            decision[key] = value

    return change


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (set_request("as_of", "2025-02-01"), "as_of 2025-02-01 is not today, 2026-03-14"),
        (set_request("status_mode", "in-force"), "status in-force"),
        (set_request("insecure", ["plain http"]), "plain http"),
        (lambda d: d["model"].update(reference="-"), "no model at hand"),
    ],
)
def test_a_what_if_that_calls_itself_real_is_refused(change: Change, why: str) -> None:
    decision = edited(change)
    assert f'hypothetical: stated false, derived "{why}"' in refused(decision).message
    decision["hypothetical"] = "in other words"
    assert payload_of(sign(decision))["predicate"]["hypothetical"] == why


def test_a_decision_cannot_be_dated_back_by_its_own_word() -> None:
    said = refused(decide("DE") | {"decided_at": "2026-03-13T09:30:00Z"}).message
    assert 'hypothetical: stated false, derived "as_of 2026-03-14 is not today, 2026-03-13"' in said
    assert 'known_at: stated "2026-03-14", derived "2026-03-13"' in said


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda d: d.pop("inputs"), "decision.inputs: missing"),
        (
            lambda d: d.update(schema="weightgate/decision/v2"),
            "decision.schema: needed 'weightgate/decision/v1'",
        ),
        (lambda d: d.update(verdict="legal"), "decision.verdict: needed 'allow' or"),
        (lambda d: d["reasons"][0].pop("rule"), "decision.reasons[0].rule: missing"),
        (lambda d: d["inputs"]["packs"][0].update(digest=1), "decision.inputs.packs[0].digest: needed text"),
        (
            lambda d: d["inputs"]["manifest"][1].update(name="../up"),
            "manifest: '../up' is no name of a file inside a model",
        ),
        (lambda d: d.update(decided_at="today"), "decided_at: 'today' is no time"),
        (lambda d: d["facts"].update(x=[[[[]]]] * 2), ""),
    ],
)
def test_a_malformed_decision_has_its_place(change: Change, problem: str) -> None:
    if not problem:
        assert check_decision(edited(change), "decision")["facts"]["x"] == [[[[]]]] * 2
        return
    assert malformed(edited(change)).startswith(problem)


def test_a_decision_nested_too_deeply_is_refused() -> None:
    deep: Any = []
    for _ in range(500):
        deep = [deep]
    assert malformed(decide("DE") | {"facts": {"x": deep}}) == "nested too deeply"


@pytest.mark.parametrize("raw", [b"[]", b"{}", b'{"verdict":"allow"}'])
def test_a_file_that_is_no_decision(raw: bytes) -> None:
    with pytest.raises(InputError, match="no decision: decision") as caught:
        read_decision(raw, "d.json")
    assert (caught.value.where, caught.value.exit) == ("d.json", Exit.INPUT)
    assert "check --output json=FILE" in caught.value.hint


def test_a_manifest_that_is_not_the_models_is_an_input_error() -> None:
    decision = edited(lambda d: d["inputs"]["manifest"].pop())
    with pytest.raises(InputError, match="root of the manifest") as caught:
        sign(decision)
    assert caught.value.code == "bad_decision"


def test_a_pack_that_changed_since_is_refused() -> None:
    def newer(locator: str) -> PackSource:
        return PackSource("toy", locator, PACK.text + b"# new\n")

    with pytest.raises(SignatureError, match="the decision was made under " + PACK.digest) as caught:
        attest(
            decide("DE"), signer=KEY, find_pack=newer, decide_again=decide_again, cap=Grade.VERIFIED, now=NOW
        )
    assert (caught.value.code, caught.value.where) == ("pack_differs", "shipped:toy")


def test_a_pack_that_is_not_there() -> None:
    decision = edited(lambda d: d["inputs"]["packs"][0].update(locator="./gone.yaml"))
    with pytest.raises(PolicyError, match=r"gone\.yaml") as caught:
        sign(decision)
    assert caught.value.exit == Exit.INPUT


def test_packs_travel_inside_byte_for_byte() -> None:
    packs = payload_of(sign(decide("DE", packs=(PACK, STRICT_PACK))))["predicate"]["packs"]
    assert [hashlib.sha256(p["text"].encode()).hexdigest() for p in packs] == [
        hashlib.sha256(p.text).hexdigest() for p in PACKS.values()
    ]


def test_without_a_model_at_hand_grades_are_lowered_and_that_is_no_difference() -> None:
    decision = decide("DE", "AE")
    signed = payload_of(sign(decision, cap=Grade.DECLARED))["predicate"]["decision"]
    assert decision["facts"]["model.openness"]["grade"] == "verified"
    assert signed["facts"]["model.openness"]["grade"] == "declared"
    assert signed["rests_on"] == [{"fact": "model.openness", "grade": "declared", "by": "hub"}]
    assert signed["inputs"]["cap"] == "declared"
    assert decision["inputs"]["cap"] == "verified"
    assert signed["facts"]["model.openness"]["evidence"][0]["grade"] == "declared"
    assert signed["verdict"] == decision["verdict"]


def test_a_replay_cannot_raise_a_lowered_grade_again() -> None:
    raw = sign(decide("DE", "AE"), cap=Grade.DECLARED)
    report = verify(raw, keys=[KEY.public], at=NOW, decide_again=decide_again)
    assert report.genuine
    assert report.decision is not None
    again = decide_again(report.decision, [PACK], cap=Grade.VERIFIED)
    assert again["facts"]["model.openness"]["grade"] == "declared"


def test_what_does_not_follow_from_inputs_is_derived_not_copied() -> None:
    decision = edited(lambda d: d["reasons"][0].update(title="signed on your word alone"))
    decision["facts"]["model.openness"]["value"] = "open"
    decision["extra"] = "note"
    signed = payload_of(sign(decision))["predicate"]["decision"]
    assert signed["reasons"] == decide("DE", "AE")["reasons"]
    assert signed["facts"] == decide("DE", "AE")["facts"]
    assert "extra" not in signed


def test_what_other_packs_would_say_is_taken_over_and_nothing_but_that() -> None:
    stricter = [{"pack": "another", "verdict": "deny"}]
    signed = payload_of(sign(decide("DE") | {"not_asked": stricter}))["predicate"]["decision"]
    assert signed == decide("DE") | {"not_asked": stricter}
    assert malformed(decide("DE") | {"not_asked": ["anything"]}) == "decision.not_asked[0]: needed an object"


def test_the_decision_handed_in_is_left_alone() -> None:
    decision = decide("DE")
    before = copy.deepcopy(decision)
    sign(decision)
    assert decision == before


@given(minutes=st.integers(-60 * 24 * 20, 5))
def test_the_time_of_signing_is_the_signers_clock(minutes: int) -> None:
    now = NOW - timedelta(minutes=minutes)
    created = payload_of(sign(decide("DE"), now=now))["predicate"]["createdOn"]
    assert created == now.strftime("%Y-%m-%dT%H:%M:00Z")


SCALARS = (
    "verdict",
    "possible",
    "exit",
    "activity",
    "as_of",
    "known_at",
    "status_mode",
    "switches",
    "valid_until",
)


@given(
    key=st.sampled_from(SCALARS),
    value=st.sampled_from(["allow", "deny", ["allow"], ["deny"], 0, 1, {}, None, "host"]),
)
def test_no_edited_field_is_ever_signed(key: str, value: Any) -> None:
    decision = decide("DE", "AE")
    if decision[key] == value:
        return
    try:
        signed = payload_of(sign(decision | {key: value}))["predicate"]["decision"]
    except (InputError, SignatureError):
        return
    assert signed[key] == decision[key]


def test_what_is_signed_without_the_model_says_that_nobody_looked_at_it() -> None:
    decision = decide("DE", "AE")
    signed = payload_of(sign(decision, cap=Grade.DECLARED))["predicate"]["decision"]
    assert signed["not_established"] == [NOT_LOOKED_AT, *decision["not_established"]]
    assert NOT_LOOKED_AT not in payload_of(sign(decision))["predicate"]["decision"]["not_established"]
    assert (
        payload_of(sign(signed, cap=Grade.DECLARED))["predicate"]["decision"]["not_established"][1:]
        == (decision["not_established"])
    )
