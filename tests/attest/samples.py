"""Small decisions of the real engine under a small pack, for tests of attestations."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from weightgate.attest.make import attest
from weightgate.attest.replay.deriving import plain
from weightgate.attest.statements.asked import NOTHING_ASKED, Asked
from weightgate.attest.verifying.report import Report
from weightgate.attest.verifying.verify import verify
from weightgate.decide import Question
from weightgate.decide import decide as decide_question
from weightgate.decide.again import decide_again
from weightgate.destinations.footprint import resolve_all
from weightgate.errors import Exit, PolicyError
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Known
from weightgate.inspect.inspection import Inspection, ManifestEntry
from weightgate.operators.profile import UNKNOWN_OPERATOR
from weightgate.operators.read import operator_from_dict
from weightgate.policy.source import PackSource
from weightgate.signing.envelope import seal
from weightgate.signing.keys import PrivateKey, generate

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)

KEY = generate()
OTHER_KEY = generate()

_PACK = """\
schema: weightgate/pack/v1
name: NAME
version: 1.0.0
title: A small pack
summary: Open weights go anywhere, others by tier.
sources: {tests: {title: What these tests say}}
status:
  - {from: 2025-01-01, status: effective, cite: {source: tests, place: begin}}
  - {from: 2027-01-01, status: rescinded, cite: {source: tests, place: end}}
default: {verdict: deny, title: Nothing allows this, cites: [{source: tests, place: default}]}
tables:
  tier:
    rows:
      - {value: 1, from: 2025-01-01, countries: [FIRST], cite: {source: tests, place: first}, grade: V}
      - {value: 3, from: 2025-01-01, countries: [CN], cite: {source: tests, place: third}, grade: V}
    otherwise: {value: 2, cite: {source: tests, place: second}, grade: V}
rules:
  - id: open
    title: Open weights are free
    activity: [host, fine_tune]
    when: model.openness == "open"
    verdict: allow
    cites: [{source: tests, place: open}]
  - id: tier-1
    title: Tier 1 is free
    activity: [host, fine_tune]
    when: model.openness != "open" && destination.tier == 1
    verdict: allow
    cites: [{source: tests, place: tier 1}]
  - id: tier-2
    title: Tier 2 needs a licence
    activity: [host, fine_tune]
    when: model.openness != "open" && destination.tier == 2
    verdict: license_required
    cites: [{source: tests, place: tier 2}]
"""


def _pack(name: str, first: str, locator: str) -> PackSource:
    return PackSource(name, locator, _PACK.replace("NAME", name).replace("FIRST", first).encode())


PACK = _pack("toy", "DE", "shipped:toy")
STRICT_PACK = _pack("strict", "US", "./strict.yaml")
PACKS = {pack.locator: pack for pack in (PACK, STRICT_PACK)}

FILES = (
    ManifestEntry("config.json", hashlib.sha256(b"{}").hexdigest()),
    ManifestEntry("model.safetensors", hashlib.sha256(b"weights").hexdigest(), reported=True),
)
ROOT = hashlib.sha256(b"".join(bytes.fromhex(entry.digest) for entry in FILES)).hexdigest()
INSPECTION = Inspection("./model", digest=f"sha256:{ROOT}", manifest=FILES)

OPERATOR = operator_from_dict(
    {"name": "Example Cloud", "headquarters": "AE", "ultimate_parent": "AE", "authorizations": []}, "op.yaml"
)


def find_pack(locator: str) -> PackSource:
    """The packs of these tests."""
    if locator not in PACKS:
        raise PolicyError(f"no pack is called {locator!r}", code="unknown_pack")
    return PACKS[locator]


@dataclass(frozen=True)
class OtherEngine:
    """The same engine under another version."""

    version: str

    def __call__(
        self, decision: dict[str, Any], packs: Sequence[PackSource], *, cap: Grade
    ) -> dict[str, Any]:
        return decide_again(decision, packs, cap=cap) | {"engine": self.version}


def decide(
    *destinations: str,
    openness: str = "closed",
    activity: str = "host",
    packs: tuple[PackSource, ...] = (PACK,),
    model: bool = True,
    operator: bool = True,
) -> dict[str, Any]:
    """A decision made at :data:`NOW`, as its file has it."""
    question = Question(
        activity, resolve_all(destinations), packs, "2026-03-14", OPERATOR if operator else UNKNOWN_OPERATOR
    )
    said = Statement("model.openness", Known(openness), Grade.VERIFIED, "hub")
    inspection = INSPECTION if model else Inspection("-")
    return dict(plain(decide_question(question, inspection, [said], now=NOW).to_json()))


def sign(
    decision: dict[str, Any], *, key: PrivateKey = KEY, now: datetime = NOW, cap: Grade = Grade.VERIFIED
) -> bytes:
    """An attestation of ``decision``."""
    return attest(decision, signer=key, find_pack=find_pack, decide_again=decide_again, cap=cap, now=now)


def check(raw: bytes, *, key: PrivateKey = KEY, at: datetime = NOW, asked: Asked = NOTHING_ASKED) -> Report:
    """The report of a verifier who has the public key and nothing else."""
    return verify(raw, keys=[key.public], at=at, asked=asked)


def state(report: Report, check_id: str) -> str:
    """How one check of a report came out."""
    return next(str(c.state) for c in report.checks if c.id == check_id)


def detail(report: Report, check_id: str) -> str:
    """What one check of a report says."""
    return next(c.detail for c in report.checks if c.id == check_id)


def payload_of(raw: bytes) -> dict[str, Any]:
    """The statement inside an envelope, not verified."""
    return dict(json.loads(base64.b64decode(json.loads(raw)["payload"])))


def resigned(raw: bytes, change: Callable[[dict[str, Any]], object], *, key: PrivateKey = KEY) -> bytes:
    """What a careless or lying holder of the key would sign: the statement of ``raw`` after ``change``."""
    statement = payload_of(raw)
    change(statement)
    return seal(json.dumps(statement).encode(), key)


def refused(raw: bytes, check_id: str, *, asked: Asked | None = None, at: datetime = NOW) -> str:
    """The one check that refuses, and nothing else does."""
    report = check(raw, asked=asked or Asked(), at=at)
    assert (report.genuine, report.exit) == (False, Exit.SIGNATURE)
    assert [c.id for c in report.checks if c.state in ("stale", "contradicted")] == [check_id]
    assert (
        verify(raw, keys=[KEY.public], at=at, asked=asked or Asked(), any_verdict=True).exit == Exit.SIGNATURE
    )
    return detail(report, check_id)


def decision_of(statement: dict[str, Any]) -> dict[str, Any]:
    """The decision inside a statement, to be changed in place."""
    return dict.__getitem__(statement["predicate"], "decision")
