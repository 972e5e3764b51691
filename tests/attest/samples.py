"""A small honest engine and the decisions it makes, for tests of attestations."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from weightgate.attest.asked import NOTHING_ASKED, Asked
from weightgate.attest.envelope import seal
from weightgate.attest.keys import PrivateKey, generate
from weightgate.attest.make import attest
from weightgate.attest.verify import Report, verify
from weightgate.errors import PolicyError
from weightgate.facts.statements import Grade
from weightgate.inspect.inspection import Inspection, ManifestEntry
from weightgate.policy.source import PackSource
from weightgate.policy.verdicts import VERDICTS, exit_of

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
ENGINE = "weightgate 0.1.0"

KEY = generate()
OTHER_KEY = generate()

PACK = PackSource("toy", "shipped:toy", b'{"deny": ["CN"], "license_required": ["AE"]}\n')
STRICT_PACK = PackSource("strict", "./strict.yaml", b'{"deny": ["CN", "DE"], "license_required": []}\n')
PACKS = {pack.locator: pack for pack in (PACK, STRICT_PACK)}

MANIFEST = [
    {"name": "config.json", "digest": hashlib.sha256(b"{}").hexdigest(), "reported": False},
    {"name": "model.safetensors", "digest": hashlib.sha256(b"weights").hexdigest(), "reported": True},
]
ROOT = hashlib.sha256(b"".join(bytes.fromhex(str(entry["digest"])) for entry in MANIFEST)).hexdigest()

OPERATOR = {"name": "Example Cloud", "headquarters": "AE"}
OPERATOR_DIGEST = "sha256:" + hashlib.sha256(json.dumps(OPERATOR).encode()).hexdigest()

INSPECTION = Inspection(
    "./model",
    digest=f"sha256:{ROOT}",
    manifest=tuple(ManifestEntry(**entry) for entry in MANIFEST),  # type: ignore[arg-type]
)


def destination(country: str) -> dict[str, Any]:
    """A bare country as a decision's inputs spell it."""
    place = {"country": country, "subdivision": "", "provider": "", "region": ""}
    return {"name": country, "places": [place], "complete": True, "source": "ISO 3166-1"}


def find_pack(locator: str) -> PackSource:
    """The packs of these tests."""
    if locator not in PACKS:
        raise PolicyError(f"no pack is called {locator!r}", code="unknown_pack")
    return PACKS[locator]


@dataclass(frozen=True)
class Engine:
    """An engine with an honest rule: open weights may go anywhere, others as the pack's lists say."""

    version: str = ENGINE

    def __call__(self, decision: dict[str, Any], packs: list[PackSource], *, cap: Grade) -> dict[str, Any]:
        inputs, facts = decision["inputs"], copy.deepcopy(decision["facts"])
        for fact in facts.values():
            grade = min(cap, Grade[fact["grade"].upper()])
            fact.update(fact["evidence"][0]["says"], grade=str(grade))
            fact["evidence"][0]["grade"] = str(grade)
        open_weights = facts["model.openness"]["value"] == "open"
        request = inputs["request"]
        rows, reasons, by_pack = [], [], dict.fromkeys((p.name for p in packs), 0)
        for wanted in inputs["destinations"]:
            worst = 0
            for pack in packs:
                for rank, word in ((3, "deny"), (2, "license_required")):
                    listed = json.loads(pack.text)[word]
                    if not open_weights and any(place["country"] in listed for place in wanted["places"]):
                        worst = max(worst, rank)
                        by_pack[pack.name] = max(by_pack[pack.name], rank)
                        reasons.append(
                            {"pack": pack.name, "rule": word, "title": word, "verdict": word, "applies": "yes",
                             "destinations": [wanted["name"]], "because": [], "cites": []}
                        )  # fmt: skip
            country = wanted["places"][0]["country"]
            verdict = _name(worst)
            rows.append({"name": wanted["name"], "country": country, "subdivision": None, "tiers": {},
                         "verdict": verdict, "possible": [verdict]})  # fmt: skip
        verdict = _name(max(by_pack.values()))
        operator = inputs["operator"]
        return {
            "schema": "weightgate/decision/v1",
            "verdict": verdict,
            "possible": [verdict],
            "exit": int(exit_of(verdict)),
            "decided_at": "2026-03-14T09:30:00Z",
            "engine": self.version,
            "activity": request["activity"],
            "as_of": request["as_of"],
            "known_at": request["known_at"],
            "status_mode": request["status_mode"],
            "switches": {},
            "hypothetical": False,
            "model": decision["model"],
            "operator": operator and {**operator, "ultimate_parent": None, "digest": OPERATOR_DIGEST},
            "destinations": rows,
            "reasons": reasons,
            "missing": [],
            "flips": [],
            "conditions": [],
            "contradictions": [],
            "rests_on": [{"fact": "model.openness", "grade": facts["model.openness"]["grade"], "by": None}],
            "not_established": [],
            "left_out": [],
            "valid_until": {"date": "2026-12-31", "because": "the pack ends"},
            "packs": [
                {"name": p.name, "version": "1", "digest": p.digest, "status": "draft", "applicable": True,
                 "verdict": _name(by_pack[p.name]), "possible": [_name(by_pack[p.name])]}
                for p in packs
            ],
            "not_asked": [],
            "facts": facts,
            "inputs": inputs,
        }  # fmt: skip


decide_again = Engine()


def _name(rank: int) -> str:
    return next(name for name, verdict in VERDICTS.items() if verdict == rank)


def decide(
    *countries: str,
    openness: str = "closed",
    activity: str = "host",
    packs: tuple[PackSource, ...] = (PACK,),
    manifest: list[dict[str, Any]] | None = None,
    operator: bool = True,
) -> dict[str, Any]:
    """A decision of the honest engine, made at :data:`NOW`."""
    files = MANIFEST if manifest is None else manifest
    evidence = {
        "source": "hub",
        "locator": "",
        "digest": None,
        "grade": "verified",
        "says": {"value": openness},
    }
    start = {
        "model": {
            "reference": "./model" if files else "-",
            "revision": None,
            "digest": f"sha256:{ROOT}" if files else None,
        },
        "facts": {
            "model.openness": {"value": openness, "unit": None, "grade": "verified", "evidence": [evidence]}
        },
        "inputs": {
            "request": {
                "activity": activity, "to": list(countries), "as_of": "2026-03-14", "known_at": "2026-03-14",
                "status_mode": "as-written", "switches": {}, "require_grade": {}, "insecure": [],
            },
            "destinations": [destination(country) for country in countries],
            "operator": OPERATOR if operator else None,
            "manifest": files,
            "packs": [{"name": p.name, "digest": p.digest, "locator": p.locator} for p in packs],
        },
    }  # fmt: skip
    made = decide_again(copy.deepcopy(start), list(packs), cap=Grade.VERIFIED)
    return made if files else made | {"hypothetical": "no model was at hand"}


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
