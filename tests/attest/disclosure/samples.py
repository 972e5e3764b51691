"""A decision with something to withhold, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tests.attest.samples import FILES, KEY, NOW, ROOT
from weightgate.attest.disclosure.commitments import Opening, read_openings
from weightgate.attest.disclosure.sign import attest_minimal
from weightgate.attest.make import Underived
from weightgate.attest.replay.deriving import plain
from weightgate.attest.statements.asked import NOTHING_ASKED, Asked
from weightgate.attest.verifying.report import Report
from weightgate.attest.verifying.verify import verify
from weightgate.decide import Question
from weightgate.decide import decide as decide_question
from weightgate.decide.again import decide_again
from weightgate.destinations.footprint import resolve_all
from weightgate.errors import PolicyError
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Known
from weightgate.inspect.inspection import Inspection
from weightgate.operators.profile import UNKNOWN_OPERATOR, Operator
from weightgate.operators.read import operator_from_dict
from weightgate.policy.source import PackSource
from weightgate.signing.sealing import Sealer

TEXT = b"""\
schema: weightgate/pack/v1
name: limits
version: 1.0.0
title: A pack with a limit
summary: Large models that are not open need a licence abroad.
sources: {tests: {title: What these tests say}}
status: [{from: 2025-01-01, status: effective, cite: {source: tests, place: all}}]
default: {verdict: allow, title: Nothing forbids it, cites: [{source: tests, place: all}]}
values: {limit: [{from: 2025-01-01, value: 1.0e26, cite: {source: tests, place: limit}, grade: V}]}
rules:
  - {id: large, title: Large models need a licence, activity: host, verdict: license_required,
     when: 'model.training_operations >= values.limit && model.openness != "open"',
     cites: [{source: tests, place: large}]}
  - {id: abroad, title: Not for anybody's machines, activity: host, verdict: deny,
     when: 'operator.headquarters == "CN"', cites: [{source: tests, place: abroad}]}
"""
PACK = PackSource("/srv/ada/limits.yaml", "/srv/ada/limits.yaml", TEXT)

OPERATOR = operator_from_dict(
    {
        "name": "Quux Cloud", "headquarters": "AE", "ultimate_parent": "AE",
        "fleet": [{"country": "US", "tpp": 517311.0}], "authorizations": [],
    },
    "/srv/ada/quux.yaml",
)  # fmt: skip

OPERATIONS = 3.7123e25


def find(locator: str) -> PackSource:
    """The pack of these tests."""
    if locator != PACK.locator:
        raise PolicyError(f"no pack is called {locator!r}", code="unknown_pack")
    return PACK


def decision(
    *,
    operations: float = OPERATIONS,
    openness: str = "closed",
    operator: Operator = OPERATOR,
    model: bool = True,
) -> dict[str, Any]:
    """A decision made at :data:`tests.attest.samples.NOW`, as its file has it."""
    question = Question("host", resolve_all(["DE"]), (PACK,), "2026-03-14", operator)
    said = [
        Statement("model.openness", Known(openness), Grade.VERIFIED, "hub", digest="sha256:" + "5a" * 32),
        Statement(
            "model.training_operations", Known(operations), Grade.DECLARED, "/srv/ada/facts.yaml", "line 3",
            by="Ada", until="2026-12-24",
        ),
        Statement("model.parameters", Known(7241748480.0), Grade.INFERRED, "model.safetensors"),
    ]  # fmt: skip
    inspection = Inspection(
        "/srv/ada/model", "", f"sha256:{ROOT}", FILES, (), ("That the card, which says 3.7e25, is right.",)
    )
    looked = inspection if model else Inspection("-")
    return dict(plain(decide_question(question, looked, said, now=NOW).to_json()))


@dataclass(frozen=True)
class Sample:
    """A minimal attestation and its openings by name."""

    raw: bytes
    openings: dict[str, Opening]

    def check(self, *opened: str | Opening, asked: Asked = NOTHING_ASKED, replay: bool = False) -> Report:
        """The report of a verifier who was shown some openings."""
        shown = tuple(self.openings[o] if isinstance(o, str) else o for o in opened)
        return verify(
            self.raw, keys=[KEY.public], at=NOW, asked=replace(asked, openings=shown),
            decide_again=decide_again if replay else None,
        )  # fmt: skip


def sign(made: dict[str, Any] | None = None, *, cap: Grade = Grade.VERIFIED) -> Sample:
    """A minimal attestation of a decision."""
    stated = Underived(decision() if made is None else made, find, decide_again, cap)
    done = attest_minimal(stated, sealer=Sealer((KEY,)), now=NOW)
    return Sample(done.attestation, {o.item: o for o in read_openings(done.openings, "openings")})


NO_OPERATOR = UNKNOWN_OPERATOR
