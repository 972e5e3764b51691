"""Our statements in in-toto's own classes, and theirs in ours: nothing is unknown to them, and what is missing is."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest

from tests.attest.samples import INSPECTION, KEY, NOW, OPERATOR, PACK, ROOT, decide, find_pack
from weightgate.attest.make import Underived, attest_many
from weightgate.attest.statements.asked import Asked
from weightgate.attest.statements.batch import seal_batch
from weightgate.attest.statements.claims import compose_claims, peek, read_claims
from weightgate.attest.statements.svr import SVR_TYPE
from weightgate.attest.statements.vsa import VSA_TYPE, read_vsa, vsa_checks
from weightgate.decide.again import decide_again
from weightgate.destinations.footprint import resolve_all
from weightgate.facts.statements import Grade
from weightgate.signing.checks import State
from weightgate.signing.sealing import Sealer
from weightgate.signing.statement import parse_statement

# Only this group has them, and they ship no types.
json_format: Any = import_module("google.protobuf.json_format")
statement_pb2: Any = import_module("in_toto_attestation.v1.statement_pb2")
vsa_pb2: Any = import_module("in_toto_attestation.predicates.vsa.v1.vsa_pb2")
theirs: Any = import_module("in_toto_attestation.v1.statement")

VERIFIER = "https://example.com/gate/v1"
MODEL = f"sha256:{ROOT}"
ASKED = Asked(
    model=INSPECTION,
    destinations=resolve_all(["DE"]),
    operator=OPERATOR.digest,
    activity="host",
    packs=[PACK],
    max_age_days=30.0,
)


def payloads(*to: str, model: bool = True) -> list[bytes]:
    return compose_claims(decide(*to, model=model), [PACK], now=NOW, verifier_id=VERIFIER)


def validated(payload: bytes) -> Any:
    """The statement as in-toto's own class has it; a field that it does not know fails."""
    parsed = json_format.Parse(payload, statement_pb2.Statement())
    statement = theirs.Statement.copy_from_pb(parsed)
    statement.validate()
    return statement.pb


@pytest.mark.parametrize("model", [True, False])
@pytest.mark.parametrize("to", [("DE",), ("CN",), ("DE", "AE", "gcp/eu")])
def test_in_toto_takes_every_statement(to: tuple[str, ...], *, model: bool) -> None:
    for payload in payloads(*to, model=model):
        found, ours = validated(payload), json.loads(payload)
        assert (found.type, found.predicate_type) == (ours["_type"], ours["predicateType"])
        assert dict(found.subject[0].digest) == ours["subject"][0]["digest"]
        assert json_format.MessageToDict(found.predicate) == ours["predicate"]


def test_in_toto_takes_a_batch_and_its_root() -> None:
    many = [Underived(decide(to), find_pack, decide_again, Grade.VERIFIED) for to in ("DE", "CN")]
    members = b"".join(attest_many(many, sealer=Sealer((KEY,)), now=NOW, batch=True))
    for claim in read_claims(members, "batch"):
        validated(peek(claim))
    [member] = seal_batch([b"{}"], KEY)
    [root] = read_claims(import_module("base64").b64decode(json.loads(member)["root"]), "root")
    assert validated(peek(root)).predicate["size"] == 1


def test_every_vsa_is_one_in_their_own_message() -> None:
    """All but the levels, of which the specification has a list and the message that they ship one text."""
    for payload in payloads("DE", "AE"):
        ours = json.loads(payload)
        if ours["predicateType"] == VSA_TYPE:
            levels = ours["predicate"].pop("verifiedLevels")
            assert [type(level) for level in levels] == [str]
            found = json_format.ParseDict(ours["predicate"], vsa_pb2.VerificationSummary())
            assert found.verifier.id == VERIFIER
            assert found.verification_result in ("PASSED", "FAILED")
            assert json_format.MessageToDict(found) == ours["predicate"]


def test_a_vsa_that_their_message_writes_is_read_and_checked() -> None:
    message = vsa_pb2.VerificationSummary()
    message.verification_result = "PASSED"
    message.resource_uri = f"weightgate:v1?activity=host&to=DE&model={MODEL}&operator={OPERATOR.digest}"
    message.dependency_levels["SLSA_BUILD_LEVEL_1"] = 3
    message.verifier.id = VERIFIER
    message.time_verified.FromDatetime(NOW)
    message.policy.uri = f"weightgate:v1/packs?toy={PACK.digest}"
    message.policy.digest["sha256"] = PACK.digest.removeprefix("sha256:")
    statement = theirs.Statement(
        [theirs.ResourceDescriptor(name="model", digest={"sha256": ROOT}).pb],
        VSA_TYPE,
        json_format.MessageToDict(message) | {"verifiedLevels": ["WEIGHTGATE_ALLOW", "SLSA_BUILD_LEVEL_3"]},
    )
    statement.validate()
    written = json_format.MessageToJson(statement.pb).encode()
    vsa = read_vsa(parse_statement(written, "theirs"))
    assert vsa.verdict == "allow"
    checks = list(vsa_checks(vsa, ASKED, at=NOW, verifier_ids=[VERIFIER]))
    assert {check.state for check in checks} == {State.ESTABLISHED}


def test_the_svr_is_the_last_claim() -> None:
    *_, last = payloads("DE")
    assert validated(last).predicate_type == SVR_TYPE
