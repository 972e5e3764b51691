"""docs/attestation.md is held to the code: it lists every check in order, and every constant as it is."""

from __future__ import annotations

import re
from pathlib import Path

from tests.attest.samples import check, decide, sign
from weightgate.attest.asked import GATE_CHECKS, MAX_AGE_DAYS
from weightgate.attest.shapes import DECISION_SCHEMA, INPUTS, PREDICATE
from weightgate.attest.statement import MODEL_SUBJECT, PREDICATE_TYPE, REQUEST_SUBJECT
from weightgate.signing.envelope import MAX_ENVELOPE_BYTES, MAX_SIGNATURES, PAYLOAD_TYPE
from weightgate.signing.statement import MAX_AHEAD, STATEMENT_TYPE

PAGE = (Path(__file__).parents[2] / "docs" / "attestation.md").read_text(encoding="utf-8")


def first_column(heading: str) -> list[str]:
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]


def test_every_check_is_listed_in_order() -> None:
    assert first_column("Verification") == [c.id for c in check(sign(decide("DE"))).checks]


def test_every_field_is_listed() -> None:
    assert isinstance(PREDICATE, dict)
    assert isinstance(INPUTS, dict)
    assert set(first_column("Predicate")) == {key.rstrip("?") for key in (*PREDICATE, *INPUTS)}


def test_every_constant_is_the_codes() -> None:
    names = (PAYLOAD_TYPE, STATEMENT_TYPE, PREDICATE_TYPE, MODEL_SUBJECT, REQUEST_SUBJECT, DECISION_SCHEMA)
    assert all(f"`{name}`" in PAGE or f'"{name}"' in PAGE for name in names)
    assert f"1 to {MAX_SIGNATURES} signatures; at most {MAX_ENVELOPE_BYTES // 2**20} MiB" in PAGE
    assert f"more than {MAX_AHEAD.seconds // 60} minutes ahead" in PAGE
    assert f"maximum age ({MAX_AGE_DAYS:g} days)" in PAGE
    *most, last = (f"`{name}`" for name in GATE_CHECKS)
    assert f"any of {', '.join(most)} and {last} that is" in PAGE.replace("\n", " ")
