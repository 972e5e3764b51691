"""Simple Verification Results: what passed, bound to where, and what a consumer refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.attest.samples import INSPECTION, NOW, OPERATOR, PACK, ROOT, STRICT_PACK, decide
from weightgate.attest.statements.asked import NOTHING_ASKED, Asked
from weightgate.attest.statements.resource import Resource
from weightgate.attest.statements.summary import Summed
from weightgate.attest.statements.svr import SVR_TYPE, SVR_TYPE_01, Svr, compose_svr, read_svr, svr_checks
from weightgate.destinations.footprint import resolve_all
from weightgate.errors import SignatureError
from weightgate.signing.checks import State
from weightgate.signing.statement import parse_statement

VERIFIER = "https://example.com/gate/v1"
URI = f"weightgate:v1?activity=host&to=DE&model=sha256:{ROOT}&operator={OPERATOR.digest}"
ASKED = Asked(
    model=INSPECTION,
    destinations=resolve_all(["DE"]),
    operator=OPERATOR.digest,
    activity="host",
    packs=[PACK],
)


def compose(*destinations: str, **how: Any) -> dict[str, Any]:
    raw = compose_svr(decide(*destinations, **how), VERIFIER)
    assert raw is not None
    return dict(json.loads(raw))


def read(statement: dict[str, Any]) -> Svr:
    return read_svr(parse_statement(json.dumps(statement).encode(), "svr"))


def edited(change: Callable[[dict[str, Any]], object]) -> Svr:
    statement = compose("DE")
    change(statement)
    return read(statement)


def refusing(svr: Svr, asked: Asked = ASKED, ids: Any = (VERIFIER,), days: float = 0) -> list[str]:
    found = svr_checks(svr, asked, at=NOW + timedelta(days=days), verifier_ids=ids)
    return [check.id for check in found if check.state in (State.CONTRADICTED, State.STALE)]


def test_a_result_says_what_the_specification_asks_for() -> None:
    assert compose("DE") == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "model", "digest": {"sha256": ROOT}}],
        "predicateType": "https://in-toto.io/attestation/svr/v0.2",
        "predicate": {
            "verifier": {
                "id": VERIFIER,
                "policies": [
                    {
                        "uri": f"weightgate:v1/packs?toy={PACK.digest}",
                        "name": "toy",
                        "digest": {"sha256": PACK.digest.removeprefix("sha256:")},
                    }
                ],
            },
            "timeCreated": "2026-03-14T09:30:00Z",
            "properties": [f"WEIGHTGATE_ALLOW={URI}"],
        },
    }


def test_only_what_passed_is_a_property_and_every_pack_a_policy() -> None:
    predicate = compose("DE", "CN", "AE", packs=(PACK, STRICT_PACK), openness="open")["predicate"]
    assert [p.partition("&model")[0] for p in predicate["properties"]] == [
        f"WEIGHTGATE_ALLOW=weightgate:v1?activity=host&to={to}" for to in ("DE", "CN", "AE")
    ]
    assert [policy["name"] for policy in predicate["verifier"]["policies"]] == ["toy", "strict"]
    assert compose("CN")["predicate"]["properties"] == []
    assert len(compose("DE", "CN")["predicate"]["properties"]) == 1


def test_there_is_none_without_a_model_or_of_a_what_if() -> None:
    assert compose_svr(decide("DE", model=False), VERIFIER) is None
    assert compose_svr(decide("DE") | {"hypothetical": "as_of is not today"}, VERIFIER) is None


def test_no_property_lets_a_model_go_anywhere() -> None:
    for bare in (
        "WEIGHTGATE_ALLOW",
        "WEIGHTGATE_ALLOW=",
        "WEIGHTGATE_ALLOW=*",
        f"WEIGHTGATE_DENY={URI}",
        URI,
    ):
        svr = edited(lambda s, bare=bare: s["predicate"].update(properties=[bare]))  # type: ignore[misc]
        assert svr.passed == ()
        assert refusing(svr) == ["properties"]


def test_what_matches_is_established() -> None:
    found = {c.id: c.state for c in svr_checks(read(compose("DE")), ASKED, at=NOW, verifier_ids=[VERIFIER])}
    assert list(found) == ["subject", "predicate_type", "verifier", "properties", "policy", "time", "age"]
    assert set(found.values()) == {State.ESTABLISHED}


def test_what_is_not_asked_is_not_established() -> None:
    found = {c.id: c.state for c in svr_checks(read(compose("DE")), NOTHING_ASKED, at=NOW)}
    open_ = [name for name, state in found.items() if state is State.NOT_ESTABLISHED]
    assert open_ == ["subject", "verifier", "properties", "policy"]


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({"model": replace(INSPECTION, digest="sha256:" + "0" * 64)}, "subject"),
        ({"destinations": resolve_all(["AE"])}, "properties"),
        ({"destinations": resolve_all(["DE", "AE"])}, "properties"),
        ({"operator": "sha256:" + "1" * 64}, "properties"),
        ({"activity": "fine_tune"}, "properties"),
        ({"activity": "fine_tune", "destinations": ()}, "properties"),
        ({"packs": [STRICT_PACK]}, "policy"),
        ({"max_age_days": 0.5}, "age"),
    ],
)
def test_a_result_about_something_else_is_refused(asked: dict[str, Any], refused: str) -> None:
    assert refusing(read(compose("DE")), replace(ASKED, **asked), days=1) == [refused]


def test_one_result_covers_several_destinations() -> None:
    svr = read(compose("DE", "AE", openness="open"))
    assert refusing(svr, replace(ASKED, destinations=resolve_all(["AE", "DE"]))) == []
    assert refusing(svr, replace(ASKED, destinations=resolve_all(["CN"]))) == ["properties"]


def test_another_verifier_or_time_is_refused() -> None:
    svr = read(compose("DE"))
    assert refusing(svr, ids=()) == ["verifier"]
    assert refusing(svr, days=-1) == ["time"]


def test_a_property_about_another_model_counts_for_nothing() -> None:
    other = "a" * 64
    svr = edited(lambda s: s["subject"][0].update(digest={"sha256": other}))
    assert refusing(svr, replace(ASKED, model=replace(INSPECTION, digest=f"sha256:{other}"))) == [
        "properties"
    ]


def test_version_01_is_read_as_it_is_written_there() -> None:
    # in-toto/attestation, spec/predicates/svr.md, version 0.1, Basic Example.
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "static", "digest": {"sha256": "3A244fd47e07d10..."}}],
        "predicateType": "https://in-toto.io/attestation/svr/v0.1",
        "predicate": {
            "verifier": {"id": "https://example.com/publication_verifier/v2"},
            "timeCreated": "1985-04-12T23:20:50.52Z",
            "properties": [
                "SLSA_BUILD_LEVEL_3",
                "SLSA_SOURCE_LEVEL_3",
                "ORG_SOURCE_STATIC_ANALYSIS",
                "CONFORMA_HERMETIC_BUILD_TASK",
                "COMPANY_RELEASE_APPROVED",
            ],
        },
    }
    svr = read(statement)
    assert (svr.kind, svr.policies, len(svr.properties), svr.passed) == (SVR_TYPE_01, (), 5, ())
    assert "properties" in refusing(svr)
    ours = edited(lambda s: (s.update(predicateType=SVR_TYPE_01), s["predicate"]["verifier"].pop("policies")))
    assert refusing(ours, replace(ASKED, packs=())) == []
    assert refusing(ours) == ["policy"]
    assert ours.passed == (
        Summed(Resource("host", "DE", f"sha256:{ROOT}", OPERATOR.digest), "WEIGHTGATE_ALLOW"),
    )


@pytest.mark.parametrize(
    ("change", "code", "problem"),
    [
        (
            lambda s: s.update(predicateType="https://in-toto.io/attestation/svr/v0.3"),
            "predicate_type",
            SVR_TYPE,
        ),
        (lambda s: s["predicate"]["verifier"].pop("policies"), "predicate", "verifier.policies: missing"),
        (
            lambda s: s["predicate"]["verifier"].update(policies=["x"]),
            "predicate",
            "policies[0]: needed an object",
        ),
        (lambda s: s["predicate"]["verifier"].update(id="me"), "predicate", "'me' is no URI"),
        (lambda s: s["predicate"].pop("timeCreated"), "predicate", "timeCreated: missing"),
        (lambda s: s["predicate"].update(timeCreated="2026-03-14"), "predicate", "is no time with an offset"),
        (lambda s: s["predicate"].update(properties="x"), "predicate", "properties: needed a list"),
        (lambda s: s["predicate"].update(properties=[1]), "predicate", "properties[0]: needed text"),
    ],
)
def test_a_malformed_result_has_its_place(
    change: Callable[[dict[str, Any]], object], code: str, problem: str
) -> None:
    with pytest.raises(SignatureError) as caught:
        edited(change)
    assert caught.value.code == code
    assert problem in caught.value.message


def test_unknown_fields_and_policies_without_a_digest_are_allowed() -> None:
    svr = edited(
        lambda s: (
            s["predicate"].update({"https://example.com/more": 1}),
            s["predicate"]["verifier"]["policies"].append({"uri": "https://example.com/p"}),
        )
    )
    assert refusing(svr) == []
