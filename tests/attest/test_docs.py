"""docs/attestation.md is held to the code: it lists every check in order, and every constant as it is."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from urllib.parse import quote

from tests.attest.samples import KEY, NOW, check, decide, sign
from tests.attest.trust.samples import KEYS, document, text
from weightgate.attest.statements.asked import GATE_CHECKS, MAX_AGE_DAYS, NOTHING_ASKED
from weightgate.attest.statements.attested import MODEL_SUBJECT, PREDICATE_TYPE, REQUEST_SUBJECT
from weightgate.attest.statements.batch import (
    BATCH_SUBJECT,
    BATCH_TYPE,
    MAX_ROOT_BYTES,
    MEMBER_MEDIA_TYPE,
    TREE,
    seal_batch,
)
from weightgate.attest.statements.claims import MAX_CLAIMS, Kind
from weightgate.attest.statements.resource import PACKS_PREFIX, Resource
from weightgate.attest.statements.shapes import DECISION_SCHEMA, INPUTS, PREDICATE
from weightgate.attest.statements.summary import LEVEL_OF
from weightgate.attest.statements.svr import SVR_TYPE
from weightgate.attest.statements.vsa import SLSA_VERSION, VSA_TYPE, compose_vsas, read_vsa, vsa_checks
from weightgate.attest.trust import parse_trust
from weightgate.attest.verifying.verify import verify
from weightgate.signing.envelope import MAX_ENVELOPE_BYTES, MAX_SIGNATURES, PAYLOAD_TYPE
from weightgate.signing.statement import MAX_AHEAD, STATEMENT_TYPE, parse_statement

PAGE = (Path(__file__).parents[2] / "docs" / "attestation.md").read_text(encoding="utf-8")


def first_column(heading: str) -> list[str]:
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]


def test_every_check_is_listed_in_order() -> None:
    trust = parse_trust(text(document()), "trust.yaml")
    [member] = seal_batch([base64.b64decode(json.loads(sign(decide("DE")))["payload"])], KEYS["release"])
    everything = verify(member, trust=trust, at=NOW)
    assert everything.genuine
    listed = first_column("Verification")
    # A decision with declarations is in tests/api/test_declarations.py.
    assert listed[listed.index("pack_rules") + 1] == "declarations"
    assert [name for name in listed if name != "declarations"] == [c.id for c in everything.checks]
    only_then = {"batch", "trust", "pack_rules", "declarations"}
    plain = [c.id for c in check(sign(decide("DE"))).checks]
    assert [name for name in first_column("Verification") if name not in only_then] == plain


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


def tables(heading: str, *, level: int = 2) -> list[str]:
    """First cells of a section's table rows, as they stand."""
    mark = "#" * level
    section = PAGE.split(f"\n{mark} {heading}\n")[1].split("\n## ")[0].split(f"\n{mark} ")[0]
    return [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| `")]


def test_every_check_and_field_of_a_vsa_is_listed_in_order() -> None:
    [raw] = compose_vsas(decide("DE"), "https://example.com/gate", b"")
    statement = parse_statement(raw, "vsa")
    fields, checks = dict(statement.predicate), vsa_checks(read_vsa(statement), NOTHING_ASKED, at=NOW)
    assert fields.pop("slsaVersion") == SLSA_VERSION
    listed = [name for cell in tables("SLSA VSA v1", level=3) for name in re.findall(r"`([\w.]+)`", cell)]
    named = ["verifier.id" if name == "verifier" else name for name in fields]
    assert listed == [*named, *(check.id for check in checks)]


def test_every_constant_of_a_summary_is_the_codes() -> None:
    for name in (VSA_TYPE, SVR_TYPE, BATCH_TYPE, BATCH_SUBJECT, MEMBER_MEDIA_TYPE, *LEVEL_OF.values()):
        assert f"`{name}`" in PAGE, name
    assert f'"tree": "{TREE}"' in PAGE
    assert f"at most {MAX_CLAIMS} others" in PAGE
    assert f"as it was sealed; at most {MAX_ROOT_BYTES // 1024} KiB" in PAGE
    assert f"(SLSA {SLSA_VERSION})" in PAGE
    assert PACKS_PREFIX in PAGE
    uri = Resource("host", "aws/ap-east-1", "sha256:…", "sha256:…").uri
    assert uri.replace(quote("…"), "…") in PAGE


def test_every_kind_of_claim_is_listed() -> None:
    cells = [cell.strip("`") for cell in tables("Other statements") if cell.startswith("`application")]
    assert cells == [str(kind) for kind in Kind if kind]


def test_every_field_of_a_member_is_listed() -> None:
    [member] = seal_batch([b"{}"], KEY)
    cells = [cell.strip("`") for cell in tables("Batches")]
    assert cells == ["subject", "predicateType", "predicate", *json.loads(member)]
