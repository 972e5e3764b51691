"""Who may do what: every limit, thresholds, windows, and that a grant never widens when a limit is added."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attest.trust.samples import KEYS, NOW, STRANGER, at, by, decides, document, successor, trust
from weightgate.attest.trust import Answer
from weightgate.attest.trust.grants import KINDS
from weightgate.facts.registry import ACTIVITIES
from weightgate.policy.verdicts import VERDICTS
from weightgate.signing.accepted import SignedBy

MODEL = "sha256:" + "1" * 64
OTHER_MODEL = "sha256:" + "2" * 64


def grant(**limits: Any) -> dict[str, Any]:
    """A grant for the release key."""
    return {"identities": ["release"], **limits}


def test_a_key_may_do_what_is_granted_to_it_and_nothing_else() -> None:
    found = trust()
    assert decides(found, "release")
    assert not decides(found, "bot")
    assert not decides(found)
    assert not found.may_declare({"release"}, "model.openness", MODEL, NOW).granted
    assert not found.may_revoke({"release"}, NOW).granted
    assert not found.may_sign_models({"release"}, NOW).granted
    assert not found.may_sign_packs({"release"}, "us-embargoes", NOW).granted


def test_a_root_may_sign_the_file_and_decides_nothing() -> None:
    assert not decides(trust(), "root-a", "root-b", "root-c")


def test_the_root_s_keys_are_accepted_as_signatures_only() -> None:
    found = trust()
    assert found.names_of(by("root-a"), NOW) == {"root-a"}
    assert found.names_of([SignedBy(STRANGER.keyid, "ed25519")], NOW) == frozenset()


@pytest.mark.parametrize(
    ("limits", "asked"),
    [
        ({"verdicts": ["allow"]}, {"verdict": "deny"}),
        ({"destinations": ["DE"]}, {"destinations": ["DE", "FR"]}),
        ({"destinations": ["DE"]}, {"destinations": []}),
        ({"destinations": ["DE"]}, {"destinations": ["nowhere"]}),
        ({"packs": ["us-embargoes"]}, {"packs": ["us-embargoes", "us-ny-raise"]}),
        ({"packs": ["us-embargoes"]}, {"packs": []}),
        ({"activities": ["fine_tune"]}, {"activity": "host"}),
        ({"from": "2026-03-15"}, {}),
        ({"until": "2026-03-13"}, {}),
    ],
)
def test_each_limit_keeps_out_what_lies_outside(limits: dict[str, Any], asked: dict[str, Any]) -> None:
    assert decides(trust(decide=[grant()]), "release", **asked)
    assert not decides(trust(decide=[grant(**limits)]), "release", **asked)


def test_what_lies_within_every_limit_is_granted() -> None:
    limits = {
        "verdicts": ["deny", "allow"], "destinations": ["FR", "DE"], "packs": ["us-embargoes", "us-ny-raise"],
        "activities": ["host"], "from": "2026-03-14", "until": "2026-03-14",
    }  # fmt: skip
    found = trust(decide=[grant(**limits)])
    assert decides(found, "release", destinations=["DE", "FR"], packs=["us-ny-raise", "us-embargoes"])


def test_two_grants_do_not_add_up_to_a_third() -> None:
    found = trust(decide=[grant(destinations=["DE"]), grant(destinations=["FR"])])
    assert decides(found, "release", destinations=["FR"])
    assert not decides(found, "release", destinations=["DE", "FR"])


def test_an_answer_says_why_not_by_the_grant_that_comes_nearest() -> None:
    found = trust(decide=[grant(verdicts=["deny"]), grant(destinations=["DE"], packs=["us-embargoes"])])

    def answer(names: set[str], **changes: Any) -> Answer:
        asked: dict[str, Any] = {
            "verdict": "allow", "destinations": ["DE"], "packs": ["us-ny-raise"], "activity": "host", "at": NOW
        }  # fmt: skip
        return found.may_decide(names, **(asked | changes))

    assert answer({"release"}).because == "decide[1]: packs are us-embargoes, and not 'us-ny-raise'"
    assert answer({"bot"}).because == "nobody who signed it is named under decide"
    assert answer({"release"}, destinations=["FR"]).because == "decide[1]: 'FR' reaches 'FR'"
    assert answer({"release"}, packs=["us-embargoes"]).because == "decide[1] grants it to release"
    assert bool(answer({"release"})) is False


@pytest.mark.parametrize(
    ("moment", "granted"),
    [
        (datetime(2026, 3, 13, 23, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 14, 0, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 15, 23, 59, 59, 999999, tzinfo=UTC), True),
        (datetime(2026, 3, 16, 0, 0, tzinfo=UTC), False),
        # The same moments as other places write them: only the UTC day counts.
        (datetime(2026, 3, 14, 1, 0, tzinfo=timezone(timedelta(hours=2))), False),
        (datetime(2026, 3, 15, 23, 0, tzinfo=timezone(timedelta(hours=-5))), False),
    ],
)
def test_a_window_is_of_whole_utc_days(moment: datetime, granted: bool) -> None:
    window = {"from": "2026-03-14", "until": "2026-03-15"}
    found = trust(sign_models=[grant(**window)])
    assert found.may_sign_models({"release"}, moment).granted is granted


def test_a_moment_without_an_offset_is_nobody_s_day() -> None:
    with pytest.raises(ValueError, match="offset"):
        trust(sign_models=[grant()]).may_sign_models({"release"}, datetime(2026, 3, 14))  # noqa: DTZ001


def test_a_threshold_takes_so_many_identities() -> None:
    found = trust(decide=[{"identities": ["release", "second", "bot"], "threshold": 2}])
    assert not decides(found, "release")
    assert decides(found, "release", "bot")
    assert decides(found, "release", "bot", "second")
    assert not decides(found, "release", "root-a")


def test_a_threshold_counts_no_key_twice() -> None:
    found = trust(decide=[{"identities": ["release", "second"], "threshold": 2}])
    assert not decides(found, "release", "release", "release")
    names = found.names_of(by("release", "release"), NOW)
    assert names == {"release"}


def test_a_threshold_counts_a_line_of_successors_once() -> None:
    identities = {
        **document()["identities"],
        "release-2": successor("release-2", "release", "2026-02-01"),
    }
    found = trust(identities=identities, decide=[{"identities": ["release", "release-2"], "threshold": 2}])
    for day in ("2026-01-31", "2026-02-01"):
        assert not decides(found, "release", "release-2", day=day)
        answer = found.may_decide(
            {"release", "release-2"}, verdict="allow", destinations=["DE"], packs=["us-embargoes"],
            activity="host", at=at(day),
        )  # fmt: skip
        assert not answer.granted


def test_whoever_asks_for_a_key_whose_term_is_over_is_refused_too() -> None:
    identities = {**document()["identities"], "release-2": successor("release-2", "release", "2026-02-01")}
    found = trust(identities=identities, sign_models=[grant()])
    for day, name in (("2026-01-31", "release"), ("2026-02-01", "release-2")):
        for asked in ("release", "release-2"):
            assert found.may_sign_models({asked}, at(day)).granted == (asked == name)


def test_one_key_is_one_identity_whatever_else_vouches_for_it() -> None:
    keyid = KEYS["release"].keyid
    found = trust(identities={**document()["identities"], "ci": KEYLESS})
    twice = [
        SignedBy(keyid, "ed25519"),
        SignedBy(keyid, "ed25519", "ci@example.com", "https://issuer.example"),
    ]
    assert found.names_of(twice, NOW) == {"release"}
    assert found.names_of(twice[::-1], NOW) == {"ci"}


def test_names_that_the_file_does_not_have_are_nobody() -> None:
    assert not trust(sign_models=[grant()]).may_sign_models({"stranger"}, NOW).granted
    assert trust(decide=[grant(verifier_id="https://a.example")]).verifier_ids({"stranger"}) == frozenset()


def test_a_key_in_a_certificate_is_not_the_bare_key_s_identity() -> None:
    signer = SignedBy(KEYS["release"].keyid, "ed25519", "somebody", "an authority")
    assert trust().names_of([signer], NOW) == frozenset()


KEYLESS = {"sigstore": {"identity": "ci@example.com", "issuer": "https://issuer.example"}}


@pytest.mark.parametrize(
    ("identity", "issuer", "named"),
    [
        ("ci@example.com", "https://issuer.example", True),
        ("ci@example.com", "https://other.example", False),
        ("CI@example.com", "https://issuer.example", False),
        ("ci@example.com", "", False),
        ("", "", False),
    ],
)
def test_a_sigstore_identity_is_both_whom_and_by_whom(identity: str, issuer: str, named: bool) -> None:
    found = trust(identities={**document()["identities"], "ci": KEYLESS})
    names = found.names_of([SignedBy("0" * 64, "ecdsa-p256", identity, issuer)], NOW)
    assert names == ({"ci"} if named else frozenset())
    assert found.accepted().keyless[0].issuer == "https://issuer.example"


def test_declarations_are_granted_by_fact_and_model() -> None:
    found = trust(declare=[grant(facts=["model.training_operations"], models=[MODEL])])
    assert found.may_declare({"release"}, "model.training_operations", MODEL, NOW).granted
    assert not found.may_declare({"release"}, "model.openness", MODEL, NOW).granted
    assert not found.may_declare({"release"}, "model.training_operations", OTHER_MODEL, NOW).granted
    assert not found.may_declare({"bot"}, "model.training_operations", MODEL, NOW).granted


def test_models_and_packs_are_granted_by_digest_and_name() -> None:
    found = trust(sign_models=[grant(models=[MODEL])], sign_packs=[grant(packs=["us-embargoes"])])
    assert found.may_sign_models({"release"}, NOW, MODEL).granted
    assert not found.may_sign_models({"release"}, NOW, OTHER_MODEL).granted
    assert not found.may_sign_models({"release"}, NOW).granted
    assert found.may_sign_packs({"release"}, "us-embargoes", NOW).granted
    assert not found.may_sign_packs({"release"}, "us-ny-raise", NOW).granted


def test_revocations_are_granted_by_whose_attestations_they_are_about() -> None:
    identities = {**document()["identities"], "release-2": successor("release-2", "release", "2026-02-01")}
    limited = [{"identities": ["bot"], "signers": ["release"]}]
    found = trust(identities=identities, revoke=limited)
    assert found.may_revoke({"bot"}, NOW, signers=["release"]).granted
    assert found.may_revoke({"bot"}, NOW, signers=["release-2"]).granted
    assert not found.may_revoke({"bot"}, NOW, signers=["release", "second"]).granted
    assert not found.may_revoke({"bot"}, NOW, signers=["stranger"]).granted
    assert not found.may_revoke({"bot"}, NOW).granted
    assert not found.may_revoke({"release"}, NOW, signers=["release"]).granted
    anything = trust(revoke=[{"identities": ["bot"]}])
    assert anything.may_revoke({"bot"}, NOW).granted
    assert anything.may_revoke({"bot"}, NOW, signers=["second"]).granted


def test_verifier_ids_are_those_of_the_grants_that_name_the_signer() -> None:
    found = trust(
        decide=[grant(verifier_id="https://a.example"), grant(verifier_id="https://b.example"),
                {"identities": ["bot"], "verifier_id": "https://c.example"}, {"identities": ["second"]}]
    )  # fmt: skip
    assert found.verifier_ids({"release"}) == {"https://a.example", "https://b.example"}
    assert found.verifier_ids({"bot"}) == {"https://c.example"}
    assert found.verifier_ids({"second"}) == frozenset()
    assert found.verifier_ids(set()) == frozenset()


@pytest.mark.parametrize(
    ("rule", "digest", "version", "signed", "allowed"),
    [
        ({}, MODEL, "0.0.1", False, True),
        ({"digests": [MODEL]}, MODEL, "1.0.0", False, True),
        ({"digests": [MODEL]}, OTHER_MODEL, "1.0.0", False, False),
        ({"minimum_version": "1.10.0"}, MODEL, "1.10.0", False, True),
        ({"minimum_version": "1.10.0"}, MODEL, "1.9.9", False, False),
        ({"minimum_version": "1.9.0"}, MODEL, "1.10.0", False, True),
        ({"minimum_version": "1.0.0"}, MODEL, "2", False, False),
        ({"minimum_version": "1.0.0"}, MODEL, "9.9.9-rc1", False, False),
        ({"minimum_version": "1.0.0"}, MODEL, "²9.0.0", False, False),
        ({"minimum_version": "1.0.0"}, MODEL, "", False, False),
        ({"signed": True}, MODEL, "1.0.0", False, False),
        ({"signed": True}, MODEL, "1.0.0", True, True),
        ({"signed": False}, MODEL, "1.0.0", False, True),
    ],
)
def test_a_pack_is_as_its_rule_wants_it(
    rule: dict[str, Any], digest: str, version: str, signed: bool, allowed: bool
) -> None:
    found = trust(packs={"ours": rule}).pack_rule("ours")
    answer = found.allows(digest, version, signed=signed)
    assert (answer.granted, "ours" in answer.because) == (allowed, True)


def test_a_pack_without_a_rule_is_not_limited() -> None:
    assert trust().pack_rule("theirs").allows(MODEL, "0.0.0", signed=False).granted


@pytest.mark.parametrize(
    ("day", "state"),
    [
        ("2026-01-31", "stale"),
        ("2026-02-01", "established"),
        ("2027-06-30", "established"),
        ("2027-07-01", "stale"),
    ],
)
def test_a_file_holds_from_its_first_day_to_its_last(day: str, state: str) -> None:
    check = trust(**{"from": "2026-02-01"}).check(at(day))
    assert (check.id, str(check.state)) == ("trust", state)
    assert day in check.detail or state == "established"


DAYS = ("2026-03-12", "2026-03-13", "2026-03-14", "2026-03-15")
LIMITS: dict[str, st.SearchStrategy[Any]] = {
    "verdicts": st.lists(st.sampled_from(list(VERDICTS)), min_size=1, unique=True),
    "destinations": st.lists(st.sampled_from(["DE", "FR", "UA-43", "aws/eu-central-1", "gcp/eu"]), min_size=1, unique=True),
    "packs": st.lists(st.sampled_from(["us-embargoes", "us-ny-raise"]), min_size=1, unique=True),
    "activities": st.lists(st.sampled_from(ACTIVITIES), min_size=1, unique=True),
    "from": st.sampled_from(DAYS[:2]),
    "until": st.sampled_from(DAYS[2:]),
    "threshold": st.integers(1, 3),
}  # fmt: skip
ASKED = st.fixed_dictionaries(
    {
        "verdict": st.sampled_from(list(VERDICTS)),
        "destinations": st.lists(
            st.sampled_from(["DE", "FR", "UA", "UA-43", "aws/eu-central-1", "gcp/eu"]), max_size=2
        ),
        "packs": st.lists(st.sampled_from(["us-embargoes", "us-ny-raise"]), max_size=2),
        "activity": st.sampled_from(ACTIVITIES),
        "day": st.sampled_from(DAYS),
    }
)
SIGNERS = st.lists(st.sampled_from(["release", "second", "bot", "root-a"]), max_size=4)


def named(limits: dict[str, Any]) -> dict[str, Any]:
    """A grant that names three."""
    return {"identities": ["release", "second", "bot"], **limits}


@given(
    limits=st.fixed_dictionaries({}, optional=LIMITS), key=st.sampled_from(sorted(LIMITS)), asked=ASKED,
    signers=SIGNERS, data=st.data(),
)  # fmt: skip
def test_a_grant_never_widens_when_a_limit_is_added(
    limits: dict[str, Any], key: str, asked: dict[str, Any], signers: list[str], data: st.DataObject
) -> None:
    limits.pop(key, None)
    narrower = trust(decide=[named({**limits, key: data.draw(LIMITS[key])})])
    if decides(narrower, *signers, **asked):
        assert decides(trust(decide=[named(limits)]), *signers, **asked)


@given(limits=st.fixed_dictionaries({}, optional=LIMITS), asked=ASKED, signers=SIGNERS, data=st.data())
def test_a_grant_never_widens_when_an_entry_is_taken_off_a_limit(
    limits: dict[str, Any], asked: dict[str, Any], signers: list[str], data: st.DataObject
) -> None:
    lists = sorted(key for key, value in limits.items() if isinstance(value, list) and len(value) > 1)
    if lists:
        key = data.draw(st.sampled_from(lists))
        narrower = {**limits, key: limits[key][1:]}
        if decides(trust(decide=[named(narrower)]), *signers, **asked):
            assert decides(trust(decide=[named(limits)]), *signers, **asked)


@given(limits=st.fixed_dictionaries({}, optional=LIMITS), asked=ASKED, signers=SIGNERS)
def test_one_more_signature_never_takes_a_grant_away(
    limits: dict[str, Any], asked: dict[str, Any], signers: list[str]
) -> None:
    found = trust(decide=[named(limits)])
    if decides(found, *signers, **asked):
        assert decides(found, *signers, "root-b", "bot", **asked)


@given(signers=st.lists(st.sampled_from(sorted(KEYS)), max_size=8))
def test_there_are_never_more_names_than_keys(signers: list[str]) -> None:
    found = trust()
    names = found.names_of(by(*signers), NOW)
    assert names == {name for name in signers if name in found.identities}
    assert len(names) <= len({KEYS[name].keyid for name in signers})


@pytest.mark.parametrize("kind", KINDS)
def test_each_list_of_grants_is_asked_for_itself_alone(kind: str) -> None:
    found = trust(**{"decide": None, kind: [grant()]})
    answers = {
        "decide": decides(found, "release"),
        "declare": found.may_declare({"release"}, "model.openness", MODEL, NOW).granted,
        "revoke": found.may_revoke({"release"}, NOW).granted,
        "sign_models": found.may_sign_models({"release"}, NOW).granted,
        "sign_packs": found.may_sign_packs({"release"}, "us-embargoes", NOW).granted,
    }
    assert answers == {name: name == kind for name in KINDS}
