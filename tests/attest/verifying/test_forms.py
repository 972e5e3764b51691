"""The forms that a claim may have: bundle, member of a batch, summary, claims file, and files of many."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.attest.revocation.samples import digest, entry, listed, source
from tests.attest.samples import (
    INSPECTION,
    KEY,
    NOW,
    OPERATOR,
    OTHER_KEY,
    PACK,
    decide,
    decision_of,
    detail,
    payload_of,
    sign,
    state,
)
from tests.attest.trust.samples import KEYS, document, text
from weightgate.attest.disclosure.commitments import Opening
from weightgate.attest.statements.asked import Asked
from weightgate.attest.statements.batch import seal_batch
from weightgate.attest.statements.claims import compose_claims
from weightgate.attest.trust import Trust, parse_trust
from weightgate.attest.verifying.believed import believed_of
from weightgate.attest.verifying.report import Report
from weightgate.attest.verifying.stream import Result, most_severe, verify_stream
from weightgate.attest.verifying.terms import Terms
from weightgate.attest.verifying.verify import verify
from weightgate.decide.again import decide_again
from weightgate.destinations.footprint import resolve_all
from weightgate.errors import Exit, InputError
from weightgate.signing.bundle import Material, write_bundle
from weightgate.signing.envelope import seal
from weightgate.signing.keys import PrivateKey

GATE = "https://example.com/gate/v1"
RAW = sign(decide("DE"))
BUNDLE = write_bundle(RAW, Material(hint=KEY.keyid))
PAYLOADS = [base64.b64decode(json.loads(sign(decide(to)))["payload"]) for to in ("DE", "AE", "CN")]
MEMBERS = list(seal_batch(PAYLOADS, KEY))
ASKED = Asked(
    model=INSPECTION, destinations=resolve_all(["DE"]), operator=OPERATOR.digest, activity="host", gate=True
)
TERMS = Terms(believed_of([KEY.public]), NOW)


def claims(*destinations: str, key: PrivateKey = KEY) -> list[bytes]:
    """A decision and its summaries, each sealed."""
    payloads = compose_claims(decide(*destinations), [PACK], now=NOW, verifier_id=GATE)
    return [seal(payload, key) for payload in payloads]


DECISION, VSA, SVR = claims("DE")


def held(raw: bytes, asked: Asked | None = None, ids: Sequence[str] = (), **more: Any) -> Report:
    """The report of a verifier who has the key."""
    from weightgate.attest.verifying.verify import verify_one

    terms = replace(TERMS, asked=asked or Asked(), verifier_ids=frozenset(ids) or None, **more)
    return verify_one(raw, terms, "claims.jsonl")


def refused(raw: bytes, asked: Asked | None = None, ids: Sequence[str] = ()) -> list[str]:
    """The checks for which it is refused."""
    report = held(raw, asked, ids)
    assert report.exit == Exit.SIGNATURE
    return [check.id for check in report.refused_for]


def resealed(raw: bytes, change: Any, key: PrivateKey = KEY) -> bytes:
    """What a holder of the key signs instead."""
    statement = payload_of(raw)
    change(statement)
    return seal(json.dumps(statement).encode(), key)


# Bundles and members


def test_a_bundle_is_verified_as_its_envelope_is() -> None:
    report = held(BUNDLE, ASKED)
    assert (report.genuine, report.verdict) == (True, "allow")
    assert detail(report, "envelope") == "Sigstore bundle v0.3 of a DSSE envelope, in-toto"
    assert [c.id for c in report.checks] == [c.id for c in held(RAW, ASKED).checks]
    assert refused(write_bundle(sign(decide("DE"), key=OTHER_KEY), Material(hint=KEY.keyid))) == ["signature"]


def test_each_member_of_a_batch_is_verified_alone() -> None:
    verdicts = [held(member).verdict for member in MEMBERS]
    assert verdicts == ["allow", "license_required", "deny"]
    report = held(MEMBERS[0], ASKED)
    assert report.genuine
    assert detail(report, "batch").startswith("entry 0 of 3 under root sha256:")
    assert detail(report, "signature") == f"by ed25519 key {KEY.keyid}"


def test_a_member_of_somebody_elses_batch_is_refused() -> None:
    [member] = seal_batch(PAYLOADS[:1], OTHER_KEY)
    assert refused(member) == ["signature"]


def test_a_member_with_the_payload_of_another_is_refused() -> None:
    one, other = json.loads(MEMBERS[0]), json.loads(MEMBERS[1])
    assert refused(json.dumps(one | {"payload": other["payload"]}).encode()) == ["batch"]


def test_a_member_is_revoked_by_its_own_digest_and_by_no_others() -> None:
    alone = seal(PAYLOADS[0], KEY)
    lists = (source(listed(entry(attestation=digest(alone)))),)
    assert [held(member, lists=lists).genuine for member in MEMBERS] == [False, True, True]


def exit_of(raw: bytes) -> Exit:
    """The exit code, also of what is no attestation."""
    try:
        return held(raw).exit
    except InputError as error:
        return error.exit


SAMPLES = {"bundle": BUNDLE, "member": MEMBERS[0], "vsa": VSA, "claims": b"".join((DECISION, VSA, SVR))}


@pytest.mark.parametrize("name", SAMPLES)
def test_any_changed_byte_of_any_form_is_refused(name: str) -> None:
    raw = SAMPLES[name]
    assert held(raw).genuine

    @given(st.integers(0, len(raw) - 2), st.integers(1, 255))
    @settings(max_examples=150, deadline=None)
    def changed(index: int, mask: int) -> None:
        flipped = bytearray(raw)
        flipped[index] ^= mask
        # Between two lines white space says nothing.
        same = flipped[index] in b" \t\r\n" and raw[index] in b" \t\r\n"
        assert exit_of(bytes(flipped)) in ([Exit.OK] if same else [Exit.INPUT, Exit.SIGNATURE]), (index, mask)

    changed()


# Summaries that stand alone


def test_a_vsa_alone_lets_through_what_it_passed() -> None:
    report = held(VSA, ASKED, [GATE])
    assert (report.genuine, report.verdict, report.exit) == (True, "allow", Exit.OK)
    ids = [c.id for c in report.checks]
    assert ids == [
        "envelope", "signature", "statement", "subject", "predicate_type", "verifier", "authority", "resource",
        "result", "levels", "policy", "time", "age", "revocation", "timestamp", "log", "replay",
    ]  # fmt: skip
    assert report.decision is None


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"destinations": resolve_all(["FR"])}, "resource"),
        ({"operator": "sha256:" + "0" * 64}, "resource"),
        ({"activity": "fine_tune"}, "resource"),
        ({"model": replace(INSPECTION, digest="sha256:" + "0" * 64)}, "subject"),
    ],
)
def test_a_vsa_for_something_else_is_refused_and_says_what(change: dict[str, Any], check: str) -> None:
    assert refused(VSA, replace(ASKED, **change), [GATE]) == [check]
    assert refused(SVR, replace(ASKED, **change), [GATE]) == ["properties" if check == "resource" else check]


def test_a_gate_wants_to_know_for_whom_the_signer_of_a_summary_speaks() -> None:
    for summary in (VSA, SVR):
        assert refused(summary, ASKED) == ["verifier"]
        assert refused(summary, ASKED, ["https://example.com/other"]) == ["verifier"]
        assert held(summary, ASKED, [GATE]).genuine
        assert held(summary, replace(ASKED, gate=False)).genuine


def test_a_vsa_of_a_denial_lets_nothing_through() -> None:
    denied = claims("CN")[1]
    report = held(denied)
    assert (report.genuine, report.verdict) == (False, None)
    assert [c.id for c in report.refused_for] == ["result", "levels"]


def test_an_svr_alone_lets_through_what_it_passed() -> None:
    report = held(SVR, ASKED, [GATE])
    assert (report.genuine, report.verdict) == (True, "allow")
    assert refused(claims("CN")[-1]) == ["properties"]


def test_a_summary_from_the_future_or_too_old_is_refused() -> None:
    for days, check in ((-1, "time"), (31, "age")):
        for summary in (VSA, SVR):
            report = held(summary, at=NOW + timedelta(days=days))
            assert [c.id for c in report.refused_for] == [check]
        archive = held(VSA, Asked(archive=True), at=NOW + timedelta(days=days))
        assert archive.genuine is (check == "age")


def test_a_malformed_summary_is_refused() -> None:
    raw = resealed(VSA, lambda s: s["predicate"].pop("resourceUri"))
    assert (refused(raw), held(raw).verdict) == (["predicate"], None)


@pytest.mark.parametrize("number", [1, 2])
def test_with_a_trust_file_a_summary_needs_its_verifier_and_its_grant(number: int) -> None:
    def report(**grant: Any) -> Report:
        decides = [{"identities": ["release"], "verifier_id": GATE} | grant]
        trust = parse_trust(text(document(decide=decides)), "trust.yaml")
        raw = claims("DE", key=KEYS["release"])[number]
        return verify(raw, trust=trust, at=NOW, asked=ASKED)

    assert report().genuine
    assert state(report(), "authority") == "established"
    other = report(verifier_id="https://example.com/x")
    assert [c.id for c in other.refused_for] == ["verifier", "authority"]
    assert "verifier_id is https://example.com/x, and not" in detail(other, "authority")
    for limits in ({"destinations": ["FR"]}, {"verdicts": ["deny"]}, {"activities": ["fine_tune"]}):
        assert [c.id for c in report(**limits).refused_for] == ["authority"]


@pytest.mark.parametrize("number", [1, 2])
def test_a_summary_carries_the_verifier_of_the_very_grant_that_lets_it_through(number: int) -> None:
    elsewhere = {"identities": ["release"], "verifier_id": GATE, "destinations": ["FR"]}
    together = {"identities": ["release", "second"], "verifier_id": GATE, "threshold": 2}
    for other in (elsewhere, together):
        grants = [other, {"identities": ["release"], "verifier_id": "https://example.com/tests"}]
        trust = parse_trust(text(document(decide=grants)), "trust.yaml")
        report = verify(claims("DE", key=KEYS["release"])[number], trust=trust, at=NOW)
        assert [c.id for c in report.refused_for] == ["authority"]


def test_a_trust_file_judges_the_packs_that_a_summary_names() -> None:
    def report(number: int, rule: dict[str, Any]) -> Report:
        decides = [{"identities": ["release"], "verifier_id": GATE}]
        trust: Trust = parse_trust(text(document(decide=decides, packs={"toy": rule})), "trust.yaml")
        return verify(claims("DE", key=KEYS["release"])[number], trust=trust, at=NOW)

    assert report(1, {"digests": [PACK.digest]}).genuine
    assert [c.id for c in report(1, {"minimum_version": "1.0.0"}).refused_for] == ["pack_rules"]
    assert [c.id for c in report(2, {"digests": [PACK.digest]}).refused_for] == ["pack_rules"]


def test_a_result_of_several_verdicts_is_as_old_as_the_shortest_limit_lets_it_be() -> None:
    def with_conditions(statement: dict[str, Any]) -> None:
        [passed] = statement["predicate"]["properties"]
        uri = passed.partition("=")[2].replace("to=DE", "to=FR")
        statement["predicate"]["properties"].append(f"WEIGHTGATE_ALLOW_WITH_CONDITIONS={uri}")

    raw = resealed(claims("DE", key=KEYS["release"])[2], with_conditions, KEYS["release"])
    decides = [{"identities": ["release"], "verifier_id": GATE}]
    ages = {"allow": 5, "allow_with_conditions": 50}
    trust = parse_trust(text(document(decide=decides, max_age_days=ages)), "trust.yaml")
    for days, refused_for in ((4, []), (6, ["age"])):
        report = verify(raw, trust=trust, at=NOW + timedelta(days=days), asked=ASKED)
        assert [c.id for c in report.refused_for] == refused_for


def test_a_summary_that_names_no_packs_meets_no_rule_for_them() -> None:
    decides = [{"identities": ["release"], "verifier_id": GATE}]
    trust = parse_trust(text(document(decide=decides, packs={"toy": {"signed": False}})), "trust.yaml")
    raw = claims("DE", key=KEYS["release"])[1]
    assert verify(raw, trust=trust, at=NOW).genuine
    elsewhere = {"uri": "https://example.com/policy"}
    raw = resealed(raw, lambda s: s["predicate"].update(policy=elsewhere), KEYS["release"])
    assert [c.id for c in verify(raw, trust=trust, at=NOW).refused_for] == ["pack_rules"]


def test_a_result_about_several_models_is_about_none() -> None:
    other = "1" * 64

    def with_another(statement: dict[str, Any]) -> None:
        statement["subject"].append({"name": "model", "digest": {"sha256": other}})

    raw = resealed(SVR, with_another)
    for digest_ in (INSPECTION.digest, f"sha256:{other}"):
        asked = replace(ASKED, model=replace(INSPECTION, digest=digest_))
        assert refused(raw, asked, [GATE]) == ["subject"]


@pytest.mark.parametrize("summary", [VSA, SVR])
def test_what_no_summary_can_answer_is_refused_when_it_is_asked(summary: bytes) -> None:
    def report(**more: Any) -> Report:
        return held(summary, **more)

    assert [c.id for c in report(must_be_logged=True).refused_for] == ["log"]
    assert [c.id for c in report(decide_again=decide_again).refused_for] == ["replay"]
    opening = Opening("model", "0" * 64, None)
    assert [c.id for c in report(asked=Asked(openings=[opening])).refused_for] == ["disclosure"]


@pytest.mark.parametrize("summary", [VSA, SVR])
def test_a_list_about_what_a_summary_does_not_say_leaves_it_open(summary: bytes) -> None:
    def report(*entries: Any) -> Report:
        return held(summary, ASKED, [GATE], lists=(source(listed(*entries)),))

    for unsaid in (entry(engine="weightgate/9"), entry(engine="weightgate/9", pack=PACK.digest)):
        found = report(unsaid)
        assert [c.id for c in found.refused_for] == ["revocation"]
        assert "engine 'weightgate/9', of which it says nothing" in detail(found, "revocation")
    assert report(entry(engine="weightgate/9", model="sha256:" + "0" * 64)).genuine
    assert report(entry(engine="weightgate/9", signed_until=NOW - timedelta(days=1))).genuine
    own = held(summary, lists=(source(listed(entry(attestation=digest(summary)))),))
    assert state(own, "revocation") == "contradicted"


def test_a_summary_that_does_not_say_on_what_it_rests_may_rest_on_what_is_revoked() -> None:
    lists = (source(listed(entry(attestation=digest(DECISION)))),)
    bare = resealed(VSA, lambda s: s["predicate"].pop("inputAttestations"))
    for summary in (SVR, bare):
        assert [c.id for c in held(summary, ASKED, [GATE], lists=lists).refused_for] == ["revocation"]
        assert state(held(summary, lists=lists), "revocation") == "not_established"
    of_pack = (source(listed(entry(pack=PACK.digest))),)
    elsewhere = {"uri": "https://example.com/policy"}
    raw = resealed(VSA, lambda s: s["predicate"].update(policy=elsewhere))
    assert state(held(VSA, lists=of_pack), "revocation") == "contradicted"
    assert state(held(raw, lists=of_pack), "revocation") == "not_established"


def test_what_revokes_a_decision_revokes_its_summaries_and_not_the_other_way_round() -> None:
    of_decision = (source(listed(entry(attestation=digest(DECISION)))),)
    assert state(held(VSA, lists=of_decision), "revocation") == "contradicted"
    of_vsa = (source(listed(entry(attestation=digest(VSA)))),)
    assert held(DECISION, lists=of_vsa).genuine
    together = held(DECISION + VSA, lists=of_vsa)
    assert [c.id for c in together.refused_for] == ["summaries"]


# A decision and its summaries


def test_a_claims_file_is_one_report() -> None:
    report = held(DECISION + VSA + SVR, ASKED)
    assert (report.genuine, report.verdict) == (True, "allow")
    assert detail(report, "summaries") == "2 say what the decision says"
    assert detail(held(DECISION + VSA), "summaries") == "1 says what the decision says"


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        (claims("AE")[1], "it does not rest on the decision beside it"),
        (claims("AE")[2], "the decision beside it says something else"),
        (claims("DE", key=OTHER_KEY)[1], "signature: no signature by"),
        (
            resealed(VSA, lambda s: s["predicate"].update(verificationResult="FAILED")),
            "does not say FAILED of",
        ),
        (resealed(VSA, lambda s: s["predicate"].pop("policy")), "predicate.policy: missing"),
        (resealed(SVR, lambda s: s["predicate"]["properties"].clear()), "says something else"),
        (resealed(SVR, lambda s: s["predicate"]["verifier"]["policies"].clear()), "says something else"),
    ],
)
def test_a_summary_that_does_not_follow_from_the_decision_beside_it_is_contradicted(
    beside: bytes, said: str
) -> None:
    assert refused(DECISION + beside) == ["summaries"]
    report = held(DECISION + beside)
    assert detail(report, "summaries").startswith("claims.jsonl:2: ")
    assert said in detail(report, "summaries")


def test_a_summary_beside_a_what_if_is_contradicted() -> None:
    what_if = sign(decide("DE", model=False))
    assert refused(what_if + SVR) == ["summaries"]


def test_nothing_is_held_against_a_decision_that_contradicts_itself() -> None:
    wrong = resealed(DECISION, lambda s: decision_of(s).update(verdict="deny"))
    report = held(wrong + VSA)
    assert "summaries" not in [c.id for c in report.checks]
    assert report.exit == Exit.SIGNATURE


# Many


def stream(raw: bytes, **more: Any) -> list[Result]:
    """What came of each attestation of a file."""
    return list(verify_stream(io.BytesIO(raw), replace(TERMS, **more), "many.jsonl"))


def test_a_file_of_many_gives_each_its_own_result() -> None:
    lines = [*MEMBERS, RAW, b"\n", BUNDLE, DECISION, VSA, SVR]
    found = stream(b"".join(lines))
    assert [r.source for r in found] == [f"many.jsonl:{n}" for n in (1, 2, 3, 4, 6, 7)]
    assert [int(r.exit) for r in found] == [0, 2, 1, 0, 0, 0]
    assert found[-1].report is not None
    assert detail(found[-1].report, "summaries") == "2 say what the decision says"


def test_one_that_is_refused_does_not_touch_its_neighbours() -> None:
    forged = sign(decide("DE"), key=OTHER_KEY)
    found = stream(RAW + forged + b'{"no": "attestation"}\n' + RAW)
    assert [int(r.exit) for r in found] == [0, 6, 4, 0]
    assert found[2].error is not None
    assert found[2].error.code == "no_attestation"


def test_a_document_that_is_spread_over_lines_is_one() -> None:
    spread = json.dumps(json.loads(RAW), indent=2).encode()
    assert [r.exit for r in stream(spread)] == [Exit.OK]
    assert [r.exit for r in stream(b"not json\nat all\n")] == [Exit.INPUT]


def test_several_attestations_are_not_one() -> None:
    with pytest.raises(InputError) as caught:
        held(RAW + BUNDLE)
    assert caught.value.code == "many"


def test_the_most_severe_code_counts() -> None:
    order = [
        Exit.SIGNATURE,
        Exit.UNREACHABLE,
        Exit.INPUT,
        Exit.DENY,
        Exit.LICENSE_REQUIRED,
        Exit.INDETERMINATE,
        Exit.OK,
    ]
    for index in range(len(order)):
        assert most_severe(reversed(order[index:])) == order[index]
    assert most_severe([]) == Exit.OK
