"""Revocation: what a list takes back, from when on, who may, and when a verifier cannot know."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attest.revocation.samples import LISTED, digest, entry, held_against, listed, source
from tests.attest.samples import (
    KEY,
    NOW,
    OTHER_KEY,
    PACK,
    ROOT,
    STRICT_PACK,
    decide,
    detail,
    payload_of,
    sign,
    state,
)
from tests.attest.trust.samples import KEYS, document, text
from weightgate.attest.revocation.entries import REASONS, Entry, Match
from weightgate.attest.revocation.lists import PREDICATE_TYPE, compose_list, read_list
from weightgate.attest.statements.asked import Asked
from weightgate.attest.statements.batch import seal_batch
from weightgate.attest.trust import parse_trust
from weightgate.errors import Exit, InputError, SignatureError
from weightgate.signing.envelope import read_envelope, seal
from weightgate.version import ENGINE

DAY = timedelta(days=1)
RAW = sign(decide("DE"))
OTHER = sign(decide("AE"))
DIGEST = digest(RAW)


def test_what_is_revoked_ends_with_6_and_says_why() -> None:
    revoked = entry("withdrawn", attestation=DIGEST)
    report = held_against(RAW, listed(replace(revoked, note="sold the site")))
    assert (report.genuine, report.exit, state(report, "revocation")) == (
        False,
        Exit.SIGNATURE,
        "contradicted",
    )
    assert detail(report, "revocation") == (
        "revoked (withdrawn) from 2026-03-14T09:30:00Z by list0.json ('gate' number 7): "
        f"attestation '{DIGEST}', 'sold the site'"
    )
    assert report.refused_for[0].id == "revocation"


def test_what_is_not_revoked_is_established_by_a_fresh_list() -> None:
    report = held_against(OTHER, listed(entry(attestation=DIGEST)))
    assert (report.genuine, state(report, "revocation")) == (True, "established")
    assert detail(report, "revocation") == "not revoked by list0.json ('gate' number 7)"


def test_a_member_of_a_batch_is_revoked_as_its_statement_alone_is() -> None:
    [member] = seal_batch([read_envelope(RAW, "a.json").payload], KEY)
    assert digest(member) == DIGEST
    for raw in (member, RAW):
        assert (
            state(held_against(raw, listed(entry(attestation=digest(member)))), "revocation")
            == "contradicted"
        )


def test_several_statements_are_revoked_one_by_one() -> None:
    with pytest.raises(InputError) as caught:
        digest(RAW + OTHER)
    assert caught.value.code == "many"


def test_without_a_list_it_is_not_known() -> None:
    assert state(held_against(RAW), "revocation") == "not_established"


def test_encoding_it_anew_does_not_evade_a_revocation() -> None:
    envelope = json.loads(RAW)
    spread = json.dumps(dict(reversed(envelope.items())), indent=3).encode()
    twice = json.loads(RAW)
    twice["signatures"] = [{"sig": twice["signatures"][0]["sig"]}]
    for raw in (spread, json.dumps(twice).encode()):
        assert raw != RAW
        assert state(held_against(raw, listed(entry(attestation=DIGEST))), "revocation") == "contradicted"


@pytest.mark.parametrize(
    ("match", "other"),
    [
        ({"signer": KEY.keyid}, {"signer": OTHER_KEY.keyid}),
        ({"engine": ENGINE}, {"engine": "weightgate/9.9.9"}),
        ({"pack": PACK.digest}, {"pack": STRICT_PACK.digest}),
        ({"model": f"sha256:{ROOT}"}, {"model": "sha256:" + "0" * 64}),
    ],
)
def test_a_criterion_revokes_all_that_meet_it(match: dict[str, Any], other: dict[str, Any]) -> None:
    for raw in (RAW, OTHER):
        assert state(held_against(raw, listed(entry(**match))), "revocation") == "contradicted"
        assert state(held_against(raw, listed(entry(**other))), "revocation") == "established"
        assert (
            state(held_against(raw, listed(entry(**match), entry(**other))), "revocation") == "contradicted"
        )


def test_what_one_entry_names_must_all_hold() -> None:
    both: dict[str, Any] = {"engine": ENGINE, "pack": PACK.digest}
    assert state(held_against(RAW, listed(entry(**both))), "revocation") == "contradicted"
    for name, text_ in (
        ("engine", "weightgate/9"),
        ("pack", STRICT_PACK.digest),
        ("model", "sha256:" + "1" * 64),
    ):
        assert state(held_against(RAW, listed(entry(**both | {name: text_}))), "revocation") == "established"


def test_an_attestation_about_no_model_is_not_revoked_by_a_model() -> None:
    raw = sign(decide("DE", model=False))
    assert state(held_against(raw, listed(entry(model=f"sha256:{ROOT}"))), "revocation") == "established"


# Time


@pytest.mark.parametrize(
    ("window", "revoked"),
    [
        ({"signed_from": NOW}, True),
        ({"signed_from": NOW + DAY}, False),
        ({"signed_until": NOW}, True),
        ({"signed_until": NOW - DAY}, False),
        ({"signed_from": NOW - DAY, "signed_until": NOW + DAY}, True),
        ({"signed_from": NOW + DAY, "signed_until": NOW + 2 * DAY}, False),
    ],
)
def test_a_window_is_about_the_time_of_signing(window: dict[str, Any], revoked: bool) -> None:
    matches: list[dict[str, Any]] = [{"signer": KEY.keyid}, {"engine": ENGINE}]
    for match in matches:
        report = held_against(RAW, listed(entry(**match, **window)))
        assert state(report, "revocation") == ("contradicted" if revoked else "established")


@given(start=st.integers(-5, 5), since=st.integers(-5, 5))
def test_after_a_key_is_lost_its_signers_word_about_time_counts_for_nothing(start: int, since: int) -> None:
    lost = entry("key_compromise", signer=KEY.keyid, signed_from=NOW + start * DAY, since=NOW + since * DAY)
    raw = listed(lost)
    assert held_against(RAW, raw, asked=Asked(archive=True)).exit == Exit.SIGNATURE
    report = held_against(RAW, raw, at=NOW)
    assert report.genuine is (since > 0)


@pytest.mark.parametrize(("days", "revoked"), [(-1, True), (0, True), (1, False)])
def test_a_revocation_counts_from_its_day_on(days: int, revoked: bool) -> None:
    report = held_against(RAW, listed(entry(attestation=DIGEST, since=NOW + days * DAY)))
    assert state(report, "revocation") == ("contradicted" if revoked else "established")


def test_an_archive_asks_whether_it_was_revoked_when_it_was_made() -> None:
    later = listed(entry(attestation=DIGEST, since=NOW + DAY), issued=NOW + DAY)
    at = NOW + 2 * DAY
    assert held_against(RAW, later, at=at).exit == Exit.SIGNATURE
    assert held_against(RAW, later, at=at, asked=Asked(archive=True)).genuine
    earlier = listed(entry(attestation=DIGEST, since=NOW - DAY))
    assert held_against(RAW, earlier, asked=Asked(archive=True)).exit == Exit.SIGNATURE


# Supersession


def test_what_is_superseded_is_stale_and_names_its_successor() -> None:
    newer = digest(OTHER)
    report = held_against(RAW, listed(entry("superseded", attestation=DIGEST, superseded_by=newer)))
    assert (report.exit, state(report, "revocation")) == (Exit.SIGNATURE, "stale")
    assert detail(report, "revocation").startswith(f"superseded by {newer} from 2026-03-14T09:30:00Z")
    assert held_against(OTHER, listed(entry("superseded", attestation=DIGEST, superseded_by=newer))).genuine


def test_revoked_and_superseded_is_revoked() -> None:
    both = [entry("superseded", attestation=DIGEST, superseded_by=digest(OTHER)), entry(engine=ENGINE)]
    assert state(held_against(RAW, listed(*both)), "revocation") == "contradicted"


# What cannot be known


@pytest.mark.parametrize(
    ("changes", "at", "said"),
    [
        ({"next_update": NOW + DAY}, NOW + 2 * DAY, "stale, the next one was due 2026-03-15T09:30:00Z"),
        ({"issued": NOW + DAY}, NOW, "issued 2026-03-15T09:30:00Z, ahead of this verifier's clock"),
    ],
)
def test_a_list_out_of_date_shows_nothing_and_still_revokes(
    changes: dict[str, Any], at: datetime, said: str
) -> None:
    report = held_against(OTHER, listed(entry(attestation=DIGEST), **changes), at=at)
    assert (report.genuine, state(report, "revocation")) == (True, "not_established")
    assert said in detail(report, "revocation")
    assert held_against(RAW, listed(entry(attestation=DIGEST), **changes), at=at).exit == Exit.SIGNATURE


def test_a_list_older_than_the_verifier_allows_shows_nothing() -> None:
    at = NOW + 3 * DAY
    report = held_against(RAW, listed(), at=at, max_list_age=2 * DAY)
    assert (report.genuine, state(report, "revocation")) == (True, "not_established")
    assert "stale, 3.0 days old, at most 2 allowed" in detail(report, "revocation")
    assert state(held_against(RAW, listed(), at=at, max_list_age=3 * DAY), "revocation") == "established"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (listed(entry(attestation=DIGEST), key=OTHER_KEY), "no signature by anybody accepted holds"),
        (b"{}", "no revocation list: no attestation"),
        (b"\xff", "no revocation list: not UTF-8"),
        (RAW, "no revocation list: it is 'https://weightgate.dev/decision/v1', needed"),
        (seal(b"{}", KEY), "no revocation list: statement._type: missing"),
    ],
)
def test_what_nobody_accepted_signed_establishes_nothing_and_revokes_nothing(raw: bytes, said: str) -> None:
    report = held_against(RAW, raw)
    assert (report.genuine, state(report, "revocation")) == (True, "not_established")
    assert said in detail(report, "revocation")


def test_one_list_that_cannot_be_had_leaves_it_open() -> None:
    report = held_against(RAW, listed(), b"{}")
    assert state(report, "revocation") == "not_established"
    assert "list1.json: no revocation list" in detail(report, "revocation")


def test_a_gate_that_was_given_lists_wants_to_know() -> None:
    asked = Asked(gate=True)
    wanted = {c.id for c in held_against(RAW, asked=asked).refused_for}
    assert wanted == {"model", "destination", "operator", "activity"}
    for unusable in (listed(next_update=NOW + DAY, issued=NOW - DAY), b"{}"):
        report = held_against(RAW, unusable, asked=asked, at=NOW + 2 * DAY)
        assert {c.id for c in report.refused_for} == wanted | {"revocation"}
    fresh = held_against(RAW, listed(), asked=asked)
    assert {c.id for c in fresh.refused_for} == wanted


# Issues of one list


def test_a_later_issue_replaces_an_earlier_one() -> None:
    earlier, later = listed(entry(attestation=DIGEST)), listed(number=8)
    assert held_against(RAW, earlier, later).genuine
    assert held_against(RAW, later, earlier).genuine
    assert not held_against(RAW, later, listed(entry(attestation=DIGEST), name="another")).genuine


def test_two_issues_of_one_number_that_differ_establish_nothing_and_both_revoke() -> None:
    one, other = listed(entry(attestation=DIGEST)), listed()
    assert held_against(RAW, one, other).exit == Exit.SIGNATURE
    report = held_against(OTHER, one, other)
    assert (report.genuine, state(report, "revocation")) == (True, "not_established")
    assert "another list of this number that says something else" in detail(report, "revocation")
    assert state(held_against(OTHER, one, one), "revocation") == "established"


def test_nobody_replaces_the_list_of_another_key_by_its_name() -> None:
    keys = (KEY, OTHER_KEY)
    earlier, foreign = listed(entry(attestation=DIGEST)), listed(number=99, key=OTHER_KEY)
    assert held_against(RAW, earlier, foreign, keys=keys).exit == Exit.SIGNATURE


# Who may revoke


def trusting(**changes: Any) -> Any:
    """A trust file under which ``release`` decides and ``bot`` revokes."""
    given_ = {"decide": [{"identities": ["release"]}], "revoke": [{"identities": ["bot"]}]}
    return parse_trust(text(document(**given_ | changes)), "trust.yaml")


RELEASED = sign(decide("DE"), key=KEYS["release"])
REVOKED = entry(attestation=digest(RELEASED))


def test_with_a_trust_file_only_those_named_may_revoke() -> None:
    trust = trusting()
    assert held_against(RELEASED, trust=trust).genuine
    assert held_against(RELEASED, listed(REVOKED, key=KEYS["bot"]), trust=trust).exit == Exit.SIGNATURE
    report = held_against(RELEASED, listed(REVOKED, key=KEYS["second"]), trust=trust)
    assert (report.genuine, state(report, "revocation")) == (True, "not_established")
    assert "its signer may not revoke it" in detail(report, "revocation")


def test_a_signer_may_take_back_its_own_and_cannot_vouch_that_nobody_did() -> None:
    trust = trusting()
    assert held_against(RELEASED, listed(REVOKED, key=KEYS["release"]), trust=trust).exit == Exit.SIGNATURE
    report = held_against(RELEASED, listed(key=KEYS["release"]), trust=trust)
    assert state(report, "revocation") == "not_established"
    by_bot = listed(key=KEYS["bot"])
    assert state(held_against(RELEASED, by_bot, trust=trust), "revocation") == "established"


def test_a_signer_takes_back_nothing_of_another() -> None:
    trust = trusting(decide=[{"identities": ["release"]}, {"identities": ["second"]}])
    report = held_against(RELEASED, listed(entry(engine=ENGINE), key=KEYS["second"]), trust=trust)
    assert report.genuine


def test_a_grant_may_be_about_certain_signers_only() -> None:
    own = [{"identities": ["bot"], "signers": ["second"]}]
    trust = trusting(revoke=own, decide=[{"identities": ["release"]}, {"identities": ["second"]}])
    assert held_against(RELEASED, listed(REVOKED, key=KEYS["bot"]), trust=trust).genuine
    raw = sign(decide("DE"), key=KEYS["second"])
    revoked = listed(entry(attestation=digest(raw)), key=KEYS["bot"])
    assert held_against(raw, revoked, trust=trust).exit == Exit.SIGNATURE


def test_nobody_shields_a_signer_from_a_grant_about_it_by_signing_beside_it() -> None:
    own = [{"identities": ["bot"], "signers": ["release"]}]
    trust = trusting(revoke=own)
    both = seal(json.dumps(payload_of(RELEASED)).encode(), KEYS["release"], KEYS["second"])
    assert held_against(both, trust=trust).genuine
    matches: list[dict[str, Any]] = [{"attestation": digest(both)}, {"signer": KEYS["release"].keyid}]
    for match in matches:
        report = held_against(both, listed(entry(**match), key=KEYS["bot"]), trust=trust)
        assert [c.id for c in report.refused_for] == ["authority"]
    foreign = listed(entry(signer=KEYS["second"].keyid), key=KEYS["bot"])
    assert held_against(both, foreign, trust=trust).genuine


def two_signed(threshold: int) -> tuple[bytes, Any]:
    """A decision signed by two, of whom so many are needed."""
    payload = json.dumps(payload_of(RELEASED)).encode()
    grants = [{"identities": ["release", "second"], "threshold": threshold}]
    return seal(payload, KEYS["release"], KEYS["second"]), trusting(decide=grants)


def test_of_several_signers_one_that_is_revoked_no_longer_counts() -> None:
    lost = listed(entry("key_compromise", signer=KEYS["second"].keyid), key=KEYS["bot"])
    raw, trust = two_signed(1)
    report = held_against(raw, lost, trust=trust)
    assert report.genuine
    assert detail(report, "revocation").endswith("; of 2 signers 1 still count")
    raw, trust = two_signed(2)
    report = held_against(raw, lost, trust=trust)
    assert [c.id for c in report.refused_for] == ["authority"]
    assert "it takes 2 of release, second, and release signed" in detail(report, "authority")
    all_lost = [entry("key_compromise", signer=KEYS[name].keyid) for name in ("release", "second")]
    report = held_against(raw, listed(*all_lost, key=KEYS["bot"]), trust=trust)
    assert state(report, "revocation") == "contradicted"


# The format


def statement(change: Any = None) -> bytes:
    """A list's payload after a change that nobody makes by accident."""
    raw = compose_list(replace(LISTED, entries=(entry(attestation=DIGEST),)))
    data = json.loads(raw)
    if change is not None:
        change(data)
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (lambda s: s.update(predicateType="x"), "predicate_type", f"needed '{PREDICATE_TYPE}'"),
        (lambda s: s["predicate"].pop("number"), "predicate", "predicate.number: missing"),
        (lambda s: s["predicate"].update(number=0), "predicate", "number 0, needed at least 1"),
        (lambda s: s["predicate"].update(number=True), "predicate", "predicate.number: needed a whole number"),
        (lambda s: s["predicate"].update(list=""), "predicate", "a list's name has 1 to 200"),
        (lambda s: s["predicate"].update(issued="2026-03-14"), "predicate", "is no time with an offset"),
        (lambda s: s["predicate"].update(nextUpdate="2026-03-14T09:30:00Z"), "predicate", "before it was issued"),
        (lambda s: s["predicate"]["revocations"].clear(), "subject", "not the digest of the revocations"),
        (lambda s: s["subject"][0].update(name="x"), "subject", "not the digest of the revocations"),
        (lambda s: s["subject"].append(s["subject"][0]), "statement", "2 subjects, needed one"),
        (lambda s: _first(s).update(more=1), "predicate", "revocations[0].more: no such field"),
        (lambda s: _first(s)["match"].update(tag="x"), "predicate", "revocations[0].match.tag: no such field"),
        (lambda s: _first(s)["match"].clear(), "predicate", "names nothing; needed one of attestation"),
        (lambda s: _first(s)["match"].update(attestation="x"), "predicate", "needed sha256: and 64 hex digits"),
        (lambda s: _first(s)["match"].update(engine=""), "predicate", "engine: needed 1 to 200 characters"),
        (lambda s: _first(s).update(reason="x"), "predicate", "revocations[0].reason: needed"),
        (lambda s: _first(s).update(reason="superseded"), "predicate", "is about one attestation, and names the one"),
        (lambda s: _first(s).update(reason="key_compromise"), "predicate", "is about a signer, and has no end"),
        (lambda s: _first(s).update(note="x" * 1001), "predicate", "note: longer than 1000 characters"),
        (lambda s: _first(s).update({"from": "soon"}), "predicate", "revocations[0].from: 'soon' is no time"),
    ],
)  # fmt: skip
def test_a_malformed_list_is_none(change: Any, code: str, said: str) -> None:
    with pytest.raises(SignatureError) as caught:
        read_list(statement(change), "list.json")
    assert (caught.value.code, said in caught.value.message) == (code, True), caught.value.message
    assert source(seal(statement(change), KEY)).listed is None


def _first(data: dict[str, Any]) -> Any:
    return data["predicate"]["revocations"][0]


def test_what_cannot_be_read_is_not_written() -> None:
    for wrong in (
        replace(LISTED, name=""),
        replace(LISTED, number=0),
        replace(LISTED, next_update=NOW),
        replace(LISTED, entries=(entry(),)),
        replace(LISTED, entries=(entry(attestation=DIGEST),) * 10_001),
    ):
        with pytest.raises(InputError) as caught:
            compose_list(wrong)
        assert caught.value.code == "bad_revocation"


DIGESTS = st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True)
NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=200)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
MATCHES = st.builds(
    Match, attestation=DIGESTS, engine=NAMES, pack=st.just("") | DIGESTS, model=st.just("") | DIGESTS,
    signed_from=st.none() | TIMES, signed_until=st.none() | TIMES,
)  # fmt: skip
ENTRIES = st.builds(
    Entry,
    MATCHES,
    st.sampled_from([r for r in REASONS if r not in ("superseded", "key_compromise")]),
    TIMES,
    NAMES,
)


@given(st.lists(ENTRIES, max_size=4), NAMES, st.integers(1, 2**53 - 1), TIMES, st.integers(1, 10**9))
def test_what_is_written_is_read_again(
    entries: list[Entry], name: str, number: int, issued: datetime, good_for: int
) -> None:
    made = replace(
        LISTED, entries=tuple(entries), name=name, number=number, issued=issued,
        next_update=issued + timedelta(seconds=min(good_for, 10**9)),
    )  # fmt: skip
    found = read_list(compose_list(made), "list.json")
    assert replace(found, digest="") == made


SMALL = listed(entry("withdrawn", engine="weightgate/0"))


def test_any_flipped_byte_of_a_list_is_refused() -> None:
    assert source(SMALL).listed is not None
    for index in range(len(SMALL) - 1):
        for mask in (0x01, 0x20, 0x80):
            flipped = bytearray(SMALL)
            flipped[index] ^= mask
            assert source(bytes(flipped)).listed is None, (index, mask)


@given(index=st.integers(0, 10**6), mask=st.integers(1, 255))
def test_a_changed_payload_under_the_old_signature_is_refused(index: int, mask: int) -> None:
    envelope = json.loads(SMALL)
    payload = bytearray(base64.b64decode(envelope["payload"]))
    payload[index % len(payload)] ^= mask
    envelope["payload"] = base64.b64encode(payload).decode()
    assert source(json.dumps(envelope).encode()).problem == "no signature by anybody accepted holds"
