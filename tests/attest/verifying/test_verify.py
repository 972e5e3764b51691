"""Verification: what holds, what does not, what was not asked; and the exit code of each."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.attest.samples import (
    INSPECTION,
    KEY,
    NOW,
    OPERATOR,
    OTHER_KEY,
    PACK,
    ROOT,
    STRICT_PACK,
    OtherEngine,
    check,
    decide,
    decision_of,
    detail,
    payload_of,
    refused,
    resigned,
    sign,
    state,
)
from weightgate.attest.statements.asked import Asked
from weightgate.attest.verifying.verify import verify
from weightgate.decide.again import decide_again
from weightgate.destinations.footprint import resolve_all
from weightgate.errors import Exit, InputError, UsageError
from weightgate.signing.accepted import SignedBy
from weightgate.signing.envelope import seal
from weightgate.version import ENGINE

RAW = sign(decide("DE", "AE"))
SIGNER = SignedBy(KEY.keyid, "ed25519")
ALLOWED = sign(decide("DE"))

EVERYTHING = Asked(
    model=INSPECTION,
    destinations=resolve_all(["DE,AE"]),
    operator=OPERATOR.digest,
    activity="host",
    packs=[PACK],
    gate=True,
)

ORDER = (
    "envelope", "signature", "statement", "predicate_type", "predicate", "authority", "subject", "consistency",
    "packs", "time", "age", "validity", "hypothetical", "model", "destination", "operator", "activity", "policy", "disclosure",
    "summaries", "revocation", "timestamp", "log", "replay",
)  # fmt: skip


@pytest.mark.parametrize(
    ("countries", "openness", "verdict", "code"),
    [
        (("DE",), "closed", "allow", Exit.OK),
        (("AE",), "closed", "license_required", Exit.LICENSE_REQUIRED),
        (("CN",), "closed", "deny", Exit.DENY),
        (("CN",), "open", "allow", Exit.OK),
    ],
)
def test_the_exit_code_is_the_attested_verdicts_own(
    countries: tuple[str, ...], openness: str, verdict: str, code: Exit
) -> None:
    raw = sign(decide(*countries, openness=openness))
    report = check(raw)
    assert (report.genuine, report.verdict, report.exit) == (True, verdict, code)
    assert verify(raw, keys=[KEY.public], at=NOW, any_verdict=True).exit == Exit.OK


def test_the_report_as_json() -> None:
    report = check(RAW).to_json()
    assert list(report) == ["genuine", "verdict", "signer", "checks", "replay", "exit", "signers", "mode"]
    assert json.loads(json.dumps(report)) == report
    assert report["genuine"] is True
    assert (report["verdict"], report["replay"], report["exit"]) == ("license_required", None, 2)
    assert report["signer"] == {"keyid": KEY.keyid, "algorithm": "ed25519"}
    assert tuple(c["id"] for c in report["checks"]) == ORDER
    assert {c["state"] for c in report["checks"]} == {"established", "not_established"}
    assert all(c["detail"] for c in report["checks"])


def test_what_was_not_asked_is_not_established_and_says_what_it_is_about() -> None:
    report = check(RAW)
    about = {c.id: c.detail for c in report.checks if c.state == "not_established"}
    assert about == {
        "model": f"not asked; it is about sha256:{ROOT}",
        "destination": "not asked; it is about 'DE', 'AE'",
        "operator": f"not asked; it is about 'Example Cloud' '{OPERATOR.digest}'",
        "activity": "not asked; it is about 'host'",
        "policy": f"not asked; it was made under 'toy' '{PACK.digest}'",
        "authority": "no trust file was given: each key that was given may sign anything",
        "summaries": "there are none beside the decision",
        "timestamp": "the time is the signer's word: there is no timestamp",
        "log": "no proof of a log was given",
        "replay": "not asked",
        "revocation": "whether it was revoked since is not known: no list was given (--revocations)",
    }


def test_everything_asked_and_matching_passes_the_gate() -> None:
    report = check(RAW, asked=EVERYTHING)
    assert report.exit == Exit.LICENSE_REQUIRED
    assert report.genuine
    for check_id in ("model", "destination", "operator", "activity", "policy"):
        assert state(report, check_id) == "established"


@pytest.mark.parametrize(
    "left_out", [{"model": None}, {"destinations": []}, {"operator": None}, {"activity": None}]
)
def test_the_gate_refuses_what_was_not_asked(left_out: dict[str, Any]) -> None:
    asked = replace(EVERYTHING, **left_out)
    report = check(RAW, asked=asked)
    assert (report.genuine, report.exit) == (False, Exit.SIGNATURE)
    assert all(c.state in ("established", "not_established") for c in report.checks)
    assert check(RAW, asked=replace(asked, gate=False)).exit == Exit.LICENSE_REQUIRED


def test_the_gate_does_not_ask_for_a_policy() -> None:
    assert check(RAW, asked=replace(EVERYTHING, packs=[])).genuine


def test_the_gate_refuses_whatever_the_verdict_flag() -> None:
    asked = Asked(gate=True)
    assert verify(RAW, keys=[KEY.public], at=NOW, asked=asked, any_verdict=True).exit == Exit.SIGNATURE


def test_another_key_is_refused_and_both_are_named() -> None:
    report = check(RAW, key=OTHER_KEY)
    assert (report.genuine, report.verdict, report.signer, report.exit) == (False, None, None, Exit.SIGNATURE)
    assert [c.id for c in report.checks] == ["envelope", "signature"]
    assert report.decision is None
    said = detail(report, "signature")
    assert OTHER_KEY.keyid[:16] in said
    assert KEY.keyid[:16] in said


def test_any_of_several_keys_may_have_signed() -> None:
    report = verify(RAW, keys=[OTHER_KEY.public, KEY.public], at=NOW)
    assert report.signer == SIGNER


def test_a_key_inside_the_statement_is_ignored() -> None:
    def change(statement: dict[str, Any]) -> None:
        statement["predicate"]["publicKey"] = OTHER_KEY.public.pem().decode()

    raw = resigned(RAW, change, key=OTHER_KEY)
    assert check(raw).exit == Exit.SIGNATURE
    assert check(raw, key=OTHER_KEY).genuine


def test_a_payload_is_not_read_before_its_signature_holds() -> None:
    raw = seal(b"not json at all", OTHER_KEY)
    assert [c.id for c in check(raw).checks] == ["envelope", "signature"]
    assert "not JSON" in refused(seal(b"not json at all", KEY), "statement")


def test_a_signature_that_holds_names_its_signer_even_when_the_statement_is_refused() -> None:
    assert check(seal(b"{}", KEY)).signer == SIGNER


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "check_id", "said"),
    [
        (lambda s: s.update(_type="x"), "statement", "_type is 'x'"),
        (lambda s: s.update(predicateType="https://slsa.dev/provenance/v1"), "predicate_type", "it is 'https"),
        (lambda s: s.update(predicateType="https://slsa.dev/verification_summary/v1"), "predicate", "predicate.verifier: missing"),
        (lambda s: s["predicate"].pop("decision"), "predicate", "predicate.decision: missing"),
        (lambda s: s["predicate"].update(createdOn="x"), "predicate", "predicate.createdOn: 'x' is no time"),
        (lambda s: s["predicate"].update(hypothetical="x"), "predicate", "predicate.hypothetical is not the decision's"),
        (lambda s: decision_of(s).update(activity="x"), "consistency", "activity is 'x', its inputs say 'host'"),
        (lambda s: decision_of(s).update(verdict="allow"), "consistency", "verdict is allow, but possible is"),
        (lambda s: decision_of(s).update(exit=0), "consistency", "exit is 0, but license_required ends with 2"),
        (lambda s: s["subject"][0].update(name="weightgate:request"), "subject", "subject is 'weightgate:request'"),
        (lambda s: s["subject"][0]["digest"].update(sha256="0" * 64), "subject", f"about model {ROOT}"),
        (lambda s: decision_of(s)["model"].update(digest=None), "subject", "but the root of the manifest is"),
        (lambda s: decision_of(s)["inputs"]["manifest"].pop(), "subject", "but the root of the manifest is"),
        (lambda s: decision_of(s)["inputs"]["manifest"][0].update(digest="x"), "subject", "'x' is no SHA-256"),
        (lambda s: s["predicate"]["packs"][0].update(text="{}"), "packs", "its bytes are sha256:44136fa3"),
        (lambda s: s["predicate"]["packs"].clear(), "packs", "the packs inside are []"),
        (lambda s: s["predicate"]["packs"].append(s["predicate"]["packs"][0]), "packs", "the packs inside are"),
        (lambda s: decision_of(s).update(valid_until={"date": "soon"}), "validity", "valid_until: 'soon' is not a day"),
        (lambda s: s["predicate"].update(createdOn="2026-03-14T09:36:00Z"), "time", "signed at 2026-03-14T09:36:00Z, ahead"),
        (lambda s: s["predicate"].update(createdOn="2026-03-14T09:00:00Z"), "time", "before it was decided"),
    ],
)  # fmt: skip
def test_a_statement_that_a_holder_of_the_key_got_wrong(change: Change, check_id: str, said: str) -> None:
    assert said in refused(resigned(RAW, change), check_id)


def test_a_verdict_in_a_report_needs_a_predicate_that_reads() -> None:
    assert check(resigned(RAW, lambda s: s["predicate"].pop("decision"))).verdict is None
    report = check(resigned(RAW, lambda s: decision_of(s).update(exit=0)))
    assert report.verdict == "license_required"
    assert report.decision is not None


def test_a_swapped_pack_with_its_own_digest_is_refused() -> None:
    def change(statement: dict[str, Any]) -> None:
        statement["predicate"]["packs"][0] |= {
            "text": STRICT_PACK.text.decode(),
            "digest": STRICT_PACK.digest,
        }

    assert f"made under ['{PACK.digest}']" in refused(resigned(RAW, change), "packs")


# Time


@pytest.mark.parametrize(("days", "check_id"), [(0, ""), (29.9, ""), (30.1, "age"), (300, "validity")])
def test_age_and_validity_by_the_verifiers_clock(days: float, check_id: str) -> None:
    at = NOW + timedelta(days=days)
    asked = Asked(max_age_days=1000) if check_id == "validity" else Asked()
    if not check_id:
        assert check(RAW, at=at, asked=asked).genuine
        return
    assert refused(RAW, check_id, at=at, asked=asked)
    assert state(check(RAW, at=at, asked=asked), check_id) == "stale"


def test_the_last_day_of_validity_counts() -> None:
    asked = Asked(max_age_days=1000)
    assert check(RAW, at=datetime.fromisoformat("2026-12-31T23:59:59Z"), asked=asked).genuine
    assert not check(RAW, at=datetime.fromisoformat("2027-01-01T00:00:00Z"), asked=asked).genuine
    # The day is a UTC day, whatever the clock's offset.
    assert not check(RAW, at=datetime.fromisoformat("2026-12-31T20:00:00-05:00"), asked=asked).genuine


def test_a_decision_that_never_lapses() -> None:
    def change(statement: dict[str, Any]) -> None:
        decision_of(statement)["valid_until"] = None

    report = check(resigned(RAW, change), at=NOW + timedelta(days=4000), asked=Asked(max_age_days=1e6))
    assert detail(report, "validity") == "no input of the decision lapses"
    assert report.genuine


def test_signing_anew_does_not_make_a_decision_younger() -> None:
    raw = sign(decide("DE"), now=NOW + timedelta(days=40))
    assert refused(raw, "age", at=NOW + timedelta(days=40)) == "40.0 days old, at most 30 allowed"


@pytest.mark.parametrize(("minutes", "genuine"), [(4, True), (5, True), (6, False)])
def test_a_signers_clock_may_run_five_minutes_ahead(minutes: int, genuine: bool) -> None:
    report = check(sign(decide("DE")), at=NOW - timedelta(minutes=minutes))
    assert report.genuine is genuine
    assert state(report, "time") == ("established" if genuine else "contradicted")


def test_usage_errors() -> None:
    with pytest.raises(UsageError, match="no key to verify with") as caught:
        verify(RAW, keys=[], at=NOW)
    assert caught.value.exit == Exit.INPUT
    with pytest.raises(UsageError, match="has no offset"):
        check(RAW, at=NOW.replace(tzinfo=None))
    for days in (-1, float("inf"), float("nan")):
        with pytest.raises(UsageError, match="maximum age"):
            check(RAW, asked=Asked(max_age_days=days))


def test_what_is_no_attestation_ends_with_4() -> None:
    with pytest.raises(InputError) as caught:
        verify(json.dumps(decide("DE")).encode(), keys=[KEY.public], at=NOW, source="d.json")
    assert (caught.value.exit, caught.value.code, caught.value.where) == (
        Exit.INPUT,
        "no_attestation",
        "d.json",
    )


# What-ifs


def test_a_what_if_is_genuine_and_never_passes_the_gate() -> None:
    raw = sign(decide("DE", "AE", model=False))
    report = check(raw)
    assert report.genuine
    assert state(report, "hypothetical") == "not_established"
    assert detail(report, "hypothetical") == "a what-if: 'no model at hand'"
    asked = replace(EVERYTHING, model=None, gate=False)
    assert check(raw, asked=asked).genuine
    assert check(raw, asked=replace(asked, gate=True)).exit == Exit.SIGNATURE


def test_a_what_if_that_calls_itself_real_is_contradicted() -> None:
    def change(statement: dict[str, Any]) -> None:
        decision_of(statement)["model"]["reference"] = "-"

    assert refused(resigned(RAW, change), "hypothetical") == "says it is real, but no model was at hand"


# Replay


def test_replay_derives_the_verdict_again() -> None:
    report = verify(RAW, keys=[KEY.public], at=NOW, decide_again=decide_again)
    assert report.exit == Exit.LICENSE_REQUIRED
    assert report.to_json()["replay"] == {
        "same": True, "engine": ENGINE, "attested_engine": ENGINE, "differences": [],
    }  # fmt: skip
    assert detail(report, "replay") == f"derived again from what is inside, by engine {ENGINE}"


def test_replay_under_another_engine_says_so() -> None:
    report = verify(RAW, keys=[KEY.public], at=NOW, decide_again=OtherEngine("weightgate/0.9.0"))
    assert report.genuine
    assert detail(report, "replay").endswith(
        f"by engine weightgate/0.9.0; it was decided by engine '{ENGINE}'"
    )


def test_replay_refuses_a_verdict_that_does_not_follow() -> None:
    def change(statement: dict[str, Any]) -> None:
        decision = decision_of(statement)
        decision |= {"verdict": "allow", "possible": ["allow"], "exit": 0}
        statement["predicate"]["decision"] = decision

    raw = resigned(RAW, change)
    assert check(raw).exit == Exit.OK
    report = verify(raw, keys=[KEY.public], at=NOW, decide_again=decide_again)
    assert (report.genuine, report.exit) == (False, Exit.SIGNATURE)
    assert 'verdict: stated "allow", derived "license_required"' in detail(report, "replay")
    assert report.replay is not None
    assert len(report.replay.differences) >= 3


def test_what_contradicts_itself_is_not_replayed() -> None:
    raw = resigned(RAW, lambda s: decision_of(s)["inputs"]["destinations"][0]["places"].clear())
    report = verify(raw, keys=[KEY.public], at=NOW, decide_again=decide_again)
    assert (report.exit, report.replay) == (Exit.SIGNATURE, None)
    assert detail(report, "consistency") == "it is about no place"
    assert (state(report, "replay"), detail(report, "replay")) == ("not_established", "not reached")


def test_what_others_wrote_is_quoted_and_cut() -> None:
    def change(statement: dict[str, Any]) -> None:
        decision_of(statement)["activity"] = "\x1b[2J[bold]" + "x" * 100_000

    said = detail(check(resigned(RAW, change)), "consistency")
    assert "\x1b" not in said
    assert len(said) <= 4000


def test_the_signed_statement_is_what_is_reported() -> None:
    report = check(ALLOWED)
    assert report.decision == payload_of(ALLOWED)["predicate"]["decision"]
