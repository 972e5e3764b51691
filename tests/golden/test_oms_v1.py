"""Model signatures as the first version that wrote them did: they verify for ever."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from weightgate.oms.unsealing import Unsealed, unseal_signature
from weightgate.oms.verify import verify_folder
from weightgate.signing.accepted import Accepted
from weightgate.signing.certificates import Authority, read_certificates
from weightgate.signing.keys import load_public

HOME = Path(__file__).parent / "oms-v1"
EXPECTED = json.loads((HOME / "expected.json").read_text(encoding="utf-8"))
CASES = EXPECTED["cases"]


def accepted(case: dict[str, Any]) -> Accepted:
    if "key" in case:
        return Accepted((load_public(HOME / case["key"]),))
    roots = read_certificates((HOME / case["certificate_authority"]).read_bytes(), "ca.pem")
    return Accepted(authorities=(Authority("ca.pem", roots, case["subject"]),))


def opened(case: dict[str, Any], raw: bytes) -> Unsealed:
    at = datetime.fromisoformat(EXPECTED["at"])
    return unseal_signature(raw, accepted=accepted(case), at=at, source=case["signature"])


def test_every_sample_has_its_case() -> None:
    assert sorted(path.name for path in HOME.glob("*.sig")) == sorted(case["signature"] for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["signature"])
def test_it_verifies(case: dict[str, Any], tmp_path: Path) -> None:
    raw = (HOME / case["signature"]).read_bytes()
    model = shutil.copytree(HOME / "model", tmp_path / "model").parent / case["model"]
    report = verify_folder(opened(case, raw), model)
    assert report.genuine, report.checks
    assert report.statement is not None
    assert len(report.statement.resources) == case["resources"]
    assert case["root"] in (None, report.statement.root)
    (tmp_path / "model" / "config.json").write_bytes(b"{}")
    assert not verify_folder(opened(case, raw), model).genuine


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["signature"])
def test_flipped_bytes_do_not(case: dict[str, Any]) -> None:
    raw = (HOME / case["signature"]).read_bytes()
    document = json.loads(raw)
    payload = document["dsseEnvelope"]["payload"]
    for position in range(0, len(payload) - 4, max(1, len(payload) // 40)):
        flipped = payload[:position] + ("A" if payload[position] != "A" else "B") + payload[position + 1 :]
        document["dsseEnvelope"]["payload"] = flipped
        assert opened(case, json.dumps(document).encode()).statement is None
