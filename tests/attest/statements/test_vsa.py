"""SLSA summaries: one for each destination, and the consumer's checks, each with what it refuses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attest.samples import INSPECTION, NOW, OPERATOR, PACK, ROOT, STRICT_PACK, decide
from weightgate.attest.statements.asked import NOTHING_ASKED, Asked
from weightgate.attest.statements.resource import (
    Resource,
    check_verifier_id,
    is_uri,
    packs_uri,
    read_packs,
    read_resource,
)
from weightgate.attest.statements.vsa import (
    GATE,
    VSA_TYPE,
    Vsa,
    agreement,
    compose_vsas,
    read_vsa,
    vsa_checks,
)
from weightgate.destinations.footprint import resolve_all
from weightgate.errors import Exit, SignatureError, UsageError
from weightgate.signing.checks import Check, State
from weightgate.signing.statement import parse_statement

VERIFIER = "https://example.com/gate/v1"
OWN = b"the decision's own statement"
MODEL = f"sha256:{ROOT}"

ASKED = Asked(
    model=INSPECTION,
    destinations=resolve_all(["DE"]),
    operator=OPERATOR.digest,
    activity="host",
    packs=[PACK],
)
ORDER = (
    "subject",
    "predicate_type",
    "verifier",
    "resource",
    "result",
    "levels",
    "policy",
    "time",
    "age",
)


def compose(*destinations: str, **how: Any) -> list[dict[str, Any]]:
    return [json.loads(raw) for raw in compose_vsas(decide(*destinations, **how), VERIFIER, OWN)]


def read(statement: dict[str, Any]) -> Vsa:
    return read_vsa(parse_statement(json.dumps(statement).encode(), "vsa"))


def edited(change: Callable[[dict[str, Any]], object]) -> Vsa:
    statement = compose("DE")[0]
    change(statement)
    return read(statement)


def checks(vsa: Vsa, asked: Asked = ASKED, at: datetime = NOW, ids: Any = (VERIFIER,)) -> dict[str, Check]:
    return {check.id: check for check in vsa_checks(vsa, asked, at=at, verifier_ids=ids)}


def refusing(vsa: Vsa, asked: Asked = ASKED, at: datetime = NOW, ids: Any = (VERIFIER,)) -> list[str]:
    found = checks(vsa, asked, at, ids)
    return [name for name, check in found.items() if check.state in (State.CONTRADICTED, State.STALE)]


def test_a_summary_says_what_the_specification_asks_for() -> None:
    [statement] = compose("DE")
    assert statement == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "model", "digest": {"sha256": ROOT}}],
        "predicateType": "https://slsa.dev/verification_summary/v1",
        "predicate": {
            "verifier": {"id": VERIFIER},
            "timeVerified": "2026-03-14T09:30:00Z",
            "resourceUri": f"weightgate:v1?activity=host&to=DE&model={MODEL}&operator={OPERATOR.digest}",
            "policy": {
                "uri": f"weightgate:v1/packs?toy={PACK.digest}",
                "digest": {"sha256": PACK.digest.removeprefix("sha256:")},
            },
            "inputAttestations": [{"digest": {"sha256": hashlib.sha256(OWN).hexdigest()}}],
            "verificationResult": "PASSED",
            "verifiedLevels": ["WEIGHTGATE_ALLOW"],
            "slsaVersion": "1.1",
        },
    }


def test_each_destination_has_its_own_and_a_denial_is_summed_up_too() -> None:
    found = {s["predicate"]["resourceUri"]: s["predicate"] for s in compose("DE", "AE", "CN")}
    ends = {read_resource(uri).to: p["verificationResult"] for uri, p in found.items()}  # type: ignore[union-attr]
    assert ends == {"DE": "PASSED", "AE": "FAILED", "CN": "FAILED"}
    assert [p["verifiedLevels"] for p in found.values()] == [["WEIGHTGATE_ALLOW"], ["FAILED"], ["FAILED"]]


def test_a_multi_region_has_one_summary_that_passes_only_when_every_place_does() -> None:
    assert [s["predicate"]["verificationResult"] for s in compose("gcp/eu")] == ["FAILED"]
    assert [s["predicate"]["verificationResult"] for s in compose("gcp/eu", openness="open")] == ["PASSED"]


def test_the_strictest_place_gives_the_level() -> None:
    decision = decide("gcp/eu", openness="open")
    decision["destinations"][3] |= {
        "verdict": "allow_with_conditions",
        "possible": ["allow", "allow_with_conditions"],
    }
    [raw] = compose_vsas(decision, VERIFIER, OWN)
    assert json.loads(raw)["predicate"]["verifiedLevels"] == ["WEIGHTGATE_ALLOW_WITH_CONDITIONS"]
    decision["destinations"][4] |= {"verdict": "indeterminate", "possible": ["allow", "deny"]}
    [raw] = compose_vsas(decision, VERIFIER, OWN)
    assert json.loads(raw)["predicate"]["verificationResult"] == "FAILED"


def test_there_is_none_without_a_model_or_of_a_what_if() -> None:
    assert compose("DE", model=False) == []
    assert compose_vsas(decide("DE") | {"hypothetical": "as_of is not today"}, VERIFIER, OWN) == []


def test_without_an_operator_the_uri_names_none_and_fits_no_operator() -> None:
    [statement] = compose("DE", operator=False)
    assert statement["predicate"]["resourceUri"] == f"weightgate:v1?activity=host&to=DE&model={MODEL}"
    vsa = read(statement)
    assert refusing(vsa) == ["resource"]
    assert checks(vsa, replace(ASKED, operator=None))["resource"].state is State.NOT_ESTABLISHED


def test_several_packs_are_one_policy_that_names_them_all() -> None:
    [statement] = compose("DE", packs=(PACK, STRICT_PACK))
    policy = statement["predicate"]["policy"]
    assert policy["uri"] == f"weightgate:v1/packs?toy={PACK.digest}&strict={STRICT_PACK.digest}"
    assert policy["digest"] == {"sha256": hashlib.sha256(policy["uri"].encode()).hexdigest()}
    statement["predicate"] |= {"verificationResult": "PASSED", "verifiedLevels": ["WEIGHTGATE_ALLOW"]}
    for packs in ([PACK], [STRICT_PACK], [STRICT_PACK, PACK]):
        assert refusing(read(statement), replace(ASKED, packs=packs)) == []


def test_what_matches_is_established_in_the_order_of_the_specification() -> None:
    found = checks(read(compose("DE")[0]))
    assert tuple(found) == ORDER
    assert {check.state for check in found.values()} == {State.ESTABLISHED}
    assert all(found[name].state is State.ESTABLISHED for name in GATE)


def test_what_is_not_asked_is_not_established() -> None:
    found = checks(read(compose("DE")[0]), NOTHING_ASKED, ids=None)
    open_ = [name for name, check in found.items() if check.state is State.NOT_ESTABLISHED]
    assert open_ == ["subject", "verifier", "resource", "policy"]
    assert "activity, destination, operator not asked" in found["resource"].detail
    assert VERIFIER in found["verifier"].detail


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({"model": replace(INSPECTION, digest="sha256:" + "0" * 64)}, "subject"),
        ({"model": replace(INSPECTION, digest="")}, "subject"),
        ({"destinations": resolve_all(["AE"])}, "resource"),
        ({"destinations": resolve_all(["DE", "AE"])}, "resource"),
        ({"destinations": resolve_all(["gcp/europe-west3"])}, "resource"),
        ({"operator": "sha256:" + "1" * 64}, "resource"),
        ({"activity": "fine_tune"}, "resource"),
        ({"packs": [STRICT_PACK]}, "policy"),
        ({"packs": [PACK, STRICT_PACK]}, "policy"),
        ({"max_age_days": 0.5}, "age"),
    ],
)
def test_a_summary_about_something_else_is_refused_by_that_check(asked: dict[str, Any], refused: str) -> None:
    at = NOW + timedelta(days=1)
    assert refusing(read(compose("DE")[0]), replace(ASKED, **asked), at=at) == [refused]


@pytest.mark.parametrize(
    "ids", [(), ("https://example.com/gate/v2",), (VERIFIER + "/",), ("https://EXAMPLE.com/gate/v1",)]
)
def test_a_signer_that_speaks_for_another_verifier_is_refused(ids: tuple[str, ...]) -> None:
    assert refusing(read(compose("DE")[0]), ids=ids) == ["verifier"]


def test_a_failed_verification_is_refused_however_it_is_dressed() -> None:
    assert refusing(read(compose("CN")[0]), replace(ASKED, destinations=resolve_all(["CN"]))) == [
        "result",
        "levels",
    ]
    dressed = edited(lambda s: s["predicate"].update(verificationResult="FAILED"))
    assert refusing(dressed) == ["result"]
    assert dressed.verdict is None


@pytest.mark.parametrize(
    "levels",
    [
        [],
        ["SLSA_BUILD_LEVEL_3"],
        ["WEIGHTGATE_DENY"],
        ["WEIGHTGATE_ALLOW", "WEIGHTGATE_ALLOW_WITH_CONDITIONS"],
        ["WEIGHTGATE_ALLOW", "FAILED"],
        ["weightgate_allow"],
    ],
)
def test_a_missing_or_doubtful_level_is_refused(levels: list[str]) -> None:
    vsa = edited(lambda s: s["predicate"].update(verifiedLevels=levels))
    assert refusing(vsa) == ["levels"]


def test_a_level_of_another_track_may_stand_beside_ours() -> None:
    both = ["SLSA_BUILD_LEVEL_3", "WEIGHTGATE_ALLOW_WITH_CONDITIONS"]
    vsa = edited(lambda s: s["predicate"].update(verifiedLevels=both))
    assert refusing(vsa) == []
    assert vsa.verdict == "allow_with_conditions"


def test_a_summary_from_the_future_is_refused() -> None:
    vsa = read(compose("DE")[0])
    assert refusing(vsa, at=NOW - timedelta(minutes=5)) == []
    assert refusing(vsa, at=NOW - timedelta(minutes=6)) == ["time"]


def test_a_subject_that_is_not_the_model_of_the_uri_is_refused() -> None:
    other = "a" * 64
    vsa = edited(lambda s: s["subject"][0].update(digest={"sha256": other}))
    assert refusing(vsa) == ["subject"]
    assert refusing(vsa, replace(ASKED, model=replace(INSPECTION, digest=f"sha256:{other}"))) == ["subject"]
    added = edited(lambda s: s["subject"].append({"name": "b", "digest": {"sha256": other}}))
    assert refusing(added) == ["subject"]


@pytest.mark.parametrize(
    "uri",
    [
        "https://example.com/model.tar.gz",
        "weightgate:v2?activity=host&to=DE&model=" + MODEL,
        f"weightgate:v1?to=DE&activity=host&model={MODEL}",
        f"weightgate:v1?activity=host&to=DE&to=AE&model={MODEL}",
        f"weightgate:v1?activity=host&to=%44E&model={MODEL}",
        f"weightgate:v1?activity=host&to=DE&model={MODEL.upper()}",
        f"weightgate:v1?activity=host&to=DE&model={MODEL}&operator=",
        f"weightgate:v1?activity=host&to=DE&model={MODEL}&",
        f"weightgate:v1?activity=host&to=DE&model={MODEL}&extra=1",
    ],
)
def test_a_uri_in_another_spelling_names_no_deployment(uri: str) -> None:
    assert read_resource(uri) is None
    assert refusing(edited(lambda s: s["predicate"].update(resourceUri=uri))) == ["resource"]


@pytest.mark.parametrize(
    "kind",
    [
        "https://slsa.dev/verification_summary/v0.2",
        "https://slsa.dev/verification_summary/v1.0",
        "https://slsa.dev/verification_summary/v2",
        "https://weightgate.dev/decision/v1",
    ],
)
def test_another_predicate_type_is_none(kind: str) -> None:
    with pytest.raises(SignatureError, match="needed 'https://slsa") as caught:
        edited(lambda s: s.update(predicateType=kind))
    assert (caught.value.code, caught.value.exit) == ("predicate_type", Exit.SIGNATURE)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda p: p.pop("resourceUri"), "predicate.resourceUri: missing"),
        (lambda p: p.pop("verifier"), "predicate.verifier: missing"),
        (lambda p: p["verifier"].update(id="the release team"), "is no URI"),
        (lambda p: p["verifier"].update(id=["https://a.example"]), "predicate.verifier.id: needed text"),
        (lambda p: p.update(timeVerified="yesterday"), "is no time"),
        (lambda p: p["policy"].pop("uri"), "predicate.policy.uri: missing"),
        (lambda p: p.update(verificationResult="passed"), "predicate.verificationResult: needed 'PASSED' or"),
        (lambda p: p.update(verifiedLevels="WEIGHTGATE_ALLOW"), "predicate.verifiedLevels: needed a list"),
        (lambda p: p["inputAttestations"][0].pop("digest"), "predicate.inputAttestations[0].digest: missing"),
    ],
)
def test_a_malformed_summary_has_its_place(change: Callable[[dict[str, Any]], object], problem: str) -> None:
    with pytest.raises(SignatureError) as caught:
        edited(lambda s: change(s["predicate"]))
    assert caught.value.code == "predicate"
    assert problem in caught.value.message


def test_unknown_fields_are_ignored_as_the_specification_demands() -> None:
    more = {
        "https://example.com/note": "x",
        "dependencyLevels": {"SLSA_BUILD_LEVEL_1": 3},
        "slsaVersion": "9.9",
    }
    assert refusing(edited(lambda s: s["predicate"].update(more))) == []
    assert refusing(edited(lambda s: s["predicate"]["verifier"].update(version={"gate": "2"}))) == []


def test_the_specifications_own_example_is_read_and_passes_nothing_of_ours() -> None:
    # slsa-framework/slsa, docs/spec/v1.1/verification_summary.md, Example; digests are cut short there.
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "out/example-1.2.3.tar.gz", "digest": {"sha256": "5678..."}}],
        "predicateType": "https://slsa.dev/verification_summary/v1",
        "predicate": {
            "verifier": {"id": "https://example.com/publication_verifier"},
            "timeVerified": "1985-04-12T23:20:50.52Z",
            "resourceUri": "https://example.com/example-1.2.3.tar.gz",
            "policy": {
                "uri": "https://example.com/example_tarball.policy",
                "digest": {"sha256": "1234..."},
            },
            "inputAttestations": [
                {
                    "uri": "https://example.com/provenances/example-1.2.3.tar.gz.intoto.jsonl",
                    "digest": {"sha256": "abcd..."},
                }
            ],
            "verificationResult": "PASSED",
            "verifiedLevels": ["SLSA_BUILD_LEVEL_3"],
            "dependencyLevels": {
                "SLSA_BUILD_LEVEL_3": 5,
                "SLSA_BUILD_LEVEL_2": 7,
                "SLSA_BUILD_LEVEL_1": 1,
            },
            "slsaVersion": "1.0",
        },
    }
    vsa = read(statement)
    assert vsa.verifier_id == "https://example.com/publication_verifier"
    assert (vsa.time.year, vsa.time.microsecond) == (1985, 520000)
    assert vsa.resource_uri == "https://example.com/example-1.2.3.tar.gz"
    assert (vsa.result, vsa.levels, vsa.verdict) == ("PASSED", ("SLSA_BUILD_LEVEL_3",), None)
    assert vsa.inputs == ({"sha256": "abcd..."},)
    assert set(refusing(vsa)) == {"subject", "verifier", "resource", "levels", "policy", "age"}


def test_a_summary_agrees_with_the_decision_beside_it() -> None:
    decision = decide("DE", "AE")
    for raw in compose_vsas(decision, VERIFIER, OWN):
        vsa = read(json.loads(raw))
        assert agreement(vsa, decision, OWN).state is State.ESTABLISHED
        assert agreement(vsa, decision, b"another").state is State.CONTRADICTED


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.update(verificationResult="PASSED"),
        lambda p: p.update(verificationResult="PASSED", verifiedLevels=["WEIGHTGATE_ALLOW"]),
        lambda p: p.update(verifiedLevels=["FAILED", "WEIGHTGATE_ALLOW"], verificationResult="PASSED"),
        lambda p: p.update(resourceUri=p["resourceUri"].replace("to=AE", "to=FR")),
        lambda p: p.update(resourceUri=p["resourceUri"].replace("activity=host", "activity=fine_tune")),
        lambda p: p["policy"].update(uri="weightgate:v1/packs?toy=sha256:" + "0" * 64),
        lambda p: p["policy"].update(digest={}),
    ],
)
def test_a_summary_that_says_more_than_its_decision_is_contradicted(
    change: Callable[[dict[str, Any]], object],
) -> None:
    decision = decide("AE")
    statement = json.loads(compose_vsas(decision, VERIFIER, OWN)[0])
    change(statement["predicate"])
    assert agreement(read(statement), decision, OWN).state is State.CONTRADICTED


def test_no_summary_agrees_with_a_what_if() -> None:
    vsa = read(compose("DE")[0])
    what_if = decide("DE") | {"hypothetical": "as_of is not today"}
    assert agreement(vsa, what_if, OWN).state is State.CONTRADICTED
    broken = decide("DE")
    broken["inputs"]["manifest"].pop()
    assert agreement(vsa, broken, OWN).state is State.CONTRADICTED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "me",
        "the gate",
        "https://",
        "http://exämple.com",
        "https://a b",
        "https://a/%zz",
        "https://" + "a" * 3000,
    ],
)
def test_a_verifier_that_is_no_uri_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="is no URI") as caught:
        check_verifier_id(text)
    assert (caught.value.code, caught.value.where) == ("verifier_id", "--verifier-id")


@pytest.mark.parametrize(
    "text", [VERIFIER, "urn:uuid:1b4e28ba-2fa1-11d2-883f-0016d3cca427", "mailto:gate@example.com"]
)
def test_any_absolute_uri_names_a_verifier(text: str) -> None:
    assert check_verifier_id(text) == text


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
DIGESTS = st.binary(min_size=32, max_size=32).map(lambda raw: f"sha256:{raw.hex()}")


@given(activity=NAMES, to=NAMES, model=DIGESTS, operator=st.just("") | DIGESTS)
def test_any_names_survive_the_uri(activity: str, to: str, model: str, operator: str) -> None:
    resource = Resource(activity, to, model, operator)
    assert is_uri(resource.uri)
    assert read_resource(resource.uri) == resource


@given(a=st.tuples(NAMES, NAMES), b=st.tuples(NAMES, NAMES))
def test_two_deployments_never_share_a_uri(a: tuple[str, str], b: tuple[str, str]) -> None:
    uris = [Resource(*names, MODEL).uri for names in (a, b)]
    assert (uris[0] == uris[1]) == (a == b)


@given(packs=st.lists(st.tuples(NAMES, DIGESTS), min_size=1, max_size=5))
def test_any_packs_survive_the_uri(packs: list[tuple[str, str]]) -> None:
    assert read_packs(packs_uri(packs)) == packs


@given(st.text(max_size=80))
def test_no_text_breaks_the_readers(text: str) -> None:
    for prefix in ("", "weightgate:v1?", "weightgate:v1/packs?"):
        found = read_resource(prefix + text)
        assert found is None or found.uri == prefix + text
        packs = read_packs(prefix + text)
        assert packs is None or packs_uri(packs) == prefix + text


def test_the_predicate_type_is_the_published_one() -> None:
    assert VSA_TYPE == "https://slsa.dev/verification_summary/v1"
