"""Verification against a trust file: who may give which verdict where, under which packs, and how old it may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.attest.samples import (
    KEY,
    NOW,
    PACK,
    STRICT_PACK,
    decide,
    decision_of,
    detail,
    resigned,
    sign,
    state,
)
from tests.attest.trust.samples import KEYS, document, successor, text
from weightgate.attest.statements.asked import Asked
from weightgate.attest.statements.claims import Claim, Kind, compose_claims
from weightgate.attest.trust import Trust, parse_trust
from weightgate.attest.verifying.believed import believed_of
from weightgate.attest.verifying.groups import Group
from weightgate.attest.verifying.report import Report
from weightgate.attest.verifying.terms import Terms
from weightgate.attest.verifying.unsealing import Stamped, Unsealer
from weightgate.attest.verifying.verify import verify, verify_group
from weightgate.errors import Exit, UsageError
from weightgate.signing.envelope import seal

RELEASE = KEYS["release"]
RAW = sign(decide("DE"), key=RELEASE)
DAY = timedelta(days=1)


def trusting(**changes: Any) -> Trust:
    """A trust file under which ``release`` decides, changed."""
    return parse_trust(text(document(**changes)), "trust.yaml")


def decides(**limits: Any) -> Trust:
    """One under which it decides within limits."""
    return trusting(decide=[{"identities": ["release"]} | limits], packs={"toy": {}, "strict": {}})


def held(raw: bytes, trust: Trust, at: Any = NOW, asked: Asked | None = None) -> Report:
    """The report of a verifier who has the trust file."""
    return verify(raw, trust=trust, at=at, asked=asked or Asked())


def refused_for(report: Report) -> list[str]:
    """The checks for which it is refused."""
    assert report.genuine is not bool(report.refused_for)
    return [check.id for check in report.refused_for]


def test_whom_the_trust_file_names_is_established() -> None:
    report = held(RAW, trusting())
    assert report.genuine
    assert [state(report, name) for name in ("trust", "authority", "pack_rules")] == ["established"] * 3
    assert detail(report, "authority").startswith("signed by release; decide[0] grants it to release")
    assert detail(report, "trust").startswith("trust.yaml version 3, sha256:")


def test_a_key_that_the_file_does_not_name_signed_nothing() -> None:
    report = held(sign(decide("DE"), key=KEY), trusting())
    assert (report.exit, refused_for(report)) == (Exit.SIGNATURE, ["signature"])
    assert "no signature by anybody that trust.yaml names holds" in detail(report, "signature")


def test_a_key_that_it_names_for_something_else_may_not_decide() -> None:
    report = held(sign(decide("DE"), key=KEYS["bot"]), trusting())
    assert refused_for(report) == ["authority"]
    assert "nobody who signed it is named under decide" in detail(report, "authority")


@pytest.mark.parametrize(
    ("limits", "granted"),
    [
        ({"verdicts": ["allow"]}, True),
        ({"verdicts": ["deny"]}, False),
        ({"destinations": ["DE"]}, True),
        ({"destinations": ["FR"]}, False),
        ({"packs": ["toy"]}, True),
        ({"packs": ["strict"]}, False),
        ({"activities": ["host"]}, True),
        ({"activities": ["fine_tune"]}, False),
        ({"from": "2026-03-14", "until": "2026-03-14"}, True),
        ({"from": "2026-03-15"}, False),
        ({"until": "2026-03-13"}, False),
    ],
)
def test_a_grant_has_limits(limits: dict[str, Any], granted: bool) -> None:
    report = held(RAW, decides(**limits))
    assert refused_for(report) == ([] if granted else ["authority"])


def test_a_destination_counts_by_its_places_and_not_by_its_name() -> None:
    def change(statement: dict[str, Any]) -> None:
        decision = decision_of(statement)
        decision["inputs"]["destinations"][0]["places"][0]["country"] = "IR"

    raw = resigned(RAW, change, key=RELEASE)
    assert "authority" in refused_for(held(raw, decides(destinations=["DE"])))


def test_a_pack_counts_by_what_it_calls_itself() -> None:
    def change(statement: dict[str, Any]) -> None:
        pack = statement["predicate"]["packs"][0]
        pack |= {"text": STRICT_PACK.text.decode(), "digest": STRICT_PACK.digest}

    raw = resigned(RAW, change, key=RELEASE)
    assert "authority" in refused_for(held(raw, decides(packs=["toy"])))
    assert "authority" not in refused_for(held(raw, decides(packs=["strict"])))


@pytest.mark.parametrize("words", ["[]", "name: 3\nversion: x\n", "a: b: c", "\x00"])
def test_what_is_no_pack_is_refused(words: str) -> None:
    def change(statement: dict[str, Any]) -> None:
        statement["predicate"]["packs"][0]["text"] = words

    report = held(resigned(RAW, change, key=RELEASE), trusting())
    assert "pack_rules" in refused_for(report)
    assert detail(report, "pack_rules") == "what is called 'toy' is no pack"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"digests": [PACK.digest]}, ""),
        ({"digests": [STRICT_PACK.digest]}, "allowed: sha256:"),
        ({"minimum_version": "1.0.0"}, ""),
        ({"minimum_version": "1.0.1"}, "needed 1.0.1 or later"),
        ({"signed": True}, "must be signed"),
    ],
)
def test_a_pack_must_be_what_the_file_says(rule: dict[str, Any], said: str) -> None:
    signers = [{"identities": ["bot"]}]
    report = held(RAW, trusting(packs={"toy": rule}, sign_packs=signers))
    assert refused_for(report) == (["pack_rules"] if said else [])
    assert said in detail(report, "pack_rules")
    assert held(RAW, trusting(packs={"strict": rule}, sign_packs=signers)).genuine


def test_each_verdict_has_its_own_maximum_age() -> None:
    trust = trusting(max_age_days={"allow": 5})
    assert held(RAW, trust, NOW + 5 * DAY).genuine
    assert refused_for(held(RAW, trust, NOW + 6 * DAY)) == ["age"]
    denied = sign(decide("CN"), key=RELEASE)
    assert held(denied, trust, NOW + 6 * DAY).genuine
    longer = trusting(max_age_days={"allow": 50})
    assert held(RAW, longer, NOW + 40 * DAY).genuine
    assert refused_for(held(RAW, longer, NOW + 40 * DAY, Asked(max_age_days=39))) == ["age"]
    assert refused_for(held(RAW, longer, NOW + 60 * DAY, Asked(max_age_days=1000))) == ["age"]


def test_a_trust_file_that_expired_is_stale() -> None:
    trust = trusting(expires="2026-03-14")
    assert held(RAW, trust).genuine
    report = held(RAW, trust, NOW + DAY)
    assert (refused_for(report), state(report, "trust")) == (["trust"], "stale")
    # The file is the verifier's own: an archive needs one that is in date too.
    assert refused_for(held(RAW, trust, NOW + DAY, Asked(archive=True))) == ["trust"]


def test_a_retired_key_keeps_what_it_signed_and_signs_no_more() -> None:
    identities = document()["identities"]
    identities["release-2"] = successor("release-2", "release", "2026-03-20")
    trust = trusting(identities=identities)
    assert held(RAW, trust, NOW + 10 * DAY).genuine
    later = sign(decide("DE"), key=RELEASE, now=NOW + 7 * DAY)
    assert refused_for(held(later, trust, NOW + 10 * DAY)) == ["authority"]
    newer = sign(decide("DE"), key=KEYS["release-2"], now=NOW + 7 * DAY)
    assert held(newer, trust, NOW + 10 * DAY).genuine


def test_keys_and_a_trust_file_together_are_ambiguous() -> None:
    with pytest.raises(UsageError) as caught:
        verify(RAW, keys=[RELEASE.public], trust=trusting(), at=NOW)
    assert (caught.value.code, caught.value.exit) == ("ambiguous_trust", Exit.INPUT)


def test_a_gate_with_a_trust_file_wants_its_word() -> None:
    report = held(RAW, decides(verdicts=["deny"]), asked=Asked(gate=True))
    assert refused_for(report) == ["authority"]


def stamped(raw: bytes, trust: Trust, day: int) -> list[str]:
    """The checks that refuse what somebody trusted saw so many days after it was signed."""
    terms = Terms(believed_of([], trust), NOW + 3 * DAY)
    opened = Unsealer(terms).unseal(Claim(Kind.DSSE, raw, "a.json"))
    assert opened.root is not None
    root = replace(opened.root, stamped=Stamped(NOW + day * DAY, "a clock"))
    report = verify_group(Group(replace(opened, root=root)), terms)
    assert state(report, "timestamp") == "established"
    return refused_for(report)


SUMMARIES = [
    seal(payload, RELEASE)
    for payload in compose_claims(decide("DE"), [PACK], now=NOW, verifier_id="https://example.com/gate")
]


@pytest.mark.parametrize("raw", SUMMARIES, ids=["decision", "vsa", "svr"])
@pytest.mark.parametrize(
    ("limits", "day", "granted"),
    [
        ({"from": "2026-03-14", "until": "2026-03-16"}, 2, True),
        ({"until": "2026-03-15"}, 2, False),
        ({"from": "2026-03-15"}, 2, False),
        ({"from": "2026-03-14", "until": "2026-03-14"}, 0, True),
    ],
)
def test_where_there_is_a_trusted_timestamp_a_grant_must_hold_then_too(
    limits: dict[str, Any], day: int, granted: bool, raw: bytes
) -> None:
    grant = {"identities": ["release"], "verifier_id": "https://example.com/gate"}
    trust = trusting(decide=[grant | limits])
    assert stamped(raw, trust, day) == ([] if granted else ["authority"])


@pytest.mark.parametrize("raw", SUMMARIES, ids=["decision", "vsa", "svr"])
def test_a_key_whose_place_was_taken_dates_nothing_back_past_its_timestamp(raw: bytes) -> None:
    named = document()["identities"] | {"release-2": successor("release-2", "release", "2026-03-15")}
    grant = {"identities": ["release"], "verifier_id": "https://example.com/gate"}
    trust = trusting(identities=named, decide=[grant])
    assert stamped(raw, trust, 0) == []
    assert "authority" in stamped(raw, trust, 1)
