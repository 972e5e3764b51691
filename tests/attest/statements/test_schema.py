"""docs/attestation.schema.json and the reader demand the same of a statement."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.attest.samples import decide, decision_of, payload_of, sign
from tools.schemas import attestation_schema
from weightgate.attest.statements.attested import read_predicate
from weightgate.errors import SignatureError
from weightgate.signing.statement import parse_statement

SCHEMA = Draft202012Validator(attestation_schema())


def reads(statement: dict[str, Any]) -> bool:
    try:
        read_predicate(parse_statement(json.dumps(statement).encode(), "s"))
    except SignatureError:
        return False
    return True


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(attestation_schema())


@pytest.mark.parametrize("model", [True, False])
@pytest.mark.parametrize("to", ["DE", "AE", "CN", "gcp/eu"])
def test_every_attestation_fits(to: str, *, model: bool) -> None:
    statement = payload_of(sign(decide(to, model=model)))
    SCHEMA.validate(statement)
    assert reads(statement)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.update(_type="https://in-toto.io/Statement/v0.1"),
        lambda s: s["subject"].clear(),
        lambda s: s["subject"].append(s["subject"][0]),
        lambda s: s["subject"][0]["digest"].clear(),
        lambda s: s["predicate"].pop("packs"),
        lambda s: s["predicate"].update(createdOn=1),
        lambda s: s["predicate"].update(packs=[{"name": "toy"}]),
        lambda s: decision_of(s).update(schema="weightgate/decision/v2"),
        lambda s: decision_of(s).update(verdict="legal"),
        lambda s: decision_of(s).update(possible=["indeterminate"]),
        lambda s: decision_of(s).update(exit="0"),
        lambda s: decision_of(s).update(valid_until=1),
        lambda s: decision_of(s).update(switches={"toy.x": "strict"}),
        lambda s: decision_of(s)["inputs"].update(cap="best"),
        lambda s: decision_of(s)["inputs"]["manifest"][0].update(reported="no"),
        lambda s: decision_of(s)["inputs"]["destinations"][0]["places"][0].pop("within"),
    ],
)
def test_what_the_schema_refuses_the_reader_refuses(change: Callable[[dict[str, Any]], object]) -> None:
    statement = payload_of(sign(decide("DE")))
    change(statement)
    assert not SCHEMA.is_valid(statement)
    assert not reads(statement)


def test_more_may_be_said() -> None:
    statement = payload_of(sign(decide("DE")))
    statement["predicate"]["later"] = decision_of(statement)["later"] = 1
    decision_of(statement)["inputs"]["later"] = []
    SCHEMA.validate(statement)
    assert reads(statement)
