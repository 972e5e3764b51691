"""Revocation lists of version 1, frozen when it was released: they are read, and judge the same, for ever."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from weightgate.attest.revocation.sources import load_sources
from weightgate.attest.statements.asked import Asked
from weightgate.attest.verifying.verify import verify
from weightgate.signing.accepted import Accepted
from weightgate.signing.keys import load_public

FOLDER = Path(__file__).parent / "revocation-v1"
EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
KEY = load_public(FOLDER / EXPECTED["key"])


@pytest.mark.parametrize("name", EXPECTED["issues"])
def test_each_issue_is_read(name: str) -> None:
    at = datetime.fromisoformat("2026-03-15T10:00:00Z")
    [source] = load_sources([str(FOLDER / name)], Accepted((KEY,)), at)
    assert source.listed is not None, source.problem
    found = {"number": source.listed.number, "revocations": len(source.listed.entries)}
    assert (source.listed.name, found) == (EXPECTED["list"], EXPECTED["issues"][name])


@pytest.mark.parametrize(
    "case", EXPECTED["checks"], ids=lambda case: f"{case['attestation']}-{case['state']}"
)
def test_each_attestation_is_judged_as_it_was(case: dict[str, Any]) -> None:
    at = datetime.fromisoformat(case["at"])
    lists = load_sources([str(FOLDER / name) for name in case["lists"]], Accepted((KEY,)), at)
    raw = (FOLDER / case["attestation"]).read_bytes()
    report = verify(raw, keys=[KEY], at=at, lists=lists, asked=Asked(max_age_days=100))
    assert [str(c.state) for c in report.checks if c.id == "revocation"] == [case["state"]]
