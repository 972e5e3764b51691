"""docs/trust.md is held to the code: every key, list, limit, rule and code, and an example that is read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from weightgate.attest.trust import read_trust
from weightgate.attest.trust.codes import table
from weightgate.attest.trust.grants import COMMON, KINDS, LIMITS
from weightgate.attest.trust.identities import FORMS, MAX_CHAIN
from weightgate.attest.trust.lint import lint
from weightgate.attest.trust.model import SCHEMA
from weightgate.attest.trust.read import KEYS, PACK_KEYS
from weightgate.attest.trust.signatures import PREDICATE_TYPE
from weightgate.attest.trust.succession import PREDICATE_TYPE as SUCCESSION
from weightgate.attest.trust.update import RULES
from weightgate.cli.trust import COMMANDS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples" / "trust.yaml"


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading."""
    section = re.split(r"\n##+ ", PAGE.split(f"# {heading}\n")[1])[0]
    return [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]


def names(cell: str) -> list[str]:
    """What is set as code in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def test_the_codes_of_lint_are_the_table() -> None:
    assert PAGE.endswith(table())


def test_every_command_is_listed() -> None:
    assert sorted(names(row[0])[0] for row in rows("Trust files")) == sorted(
        f"weightgate trust {name}" for name in COMMANDS
    )


def test_every_key_is_listed() -> None:
    assert [name for row in rows("The file") for name in names(row[0])] == [
        "schema", "version", "from", "expires", "root", "identities", *KINDS, "max_age_days", "packs",
        "timestamp_authorities", "logs", "notes",
    ]  # fmt: skip
    assert set(KEYS) == {name for row in rows("The file") for name in names(row[0])}


def test_every_list_of_grants_has_its_limits() -> None:
    listed = {names(row[0])[0]: tuple(names(row[2])) for row in rows("Grants")}
    assert listed == KINDS
    assert all(f"`{key}`" in PAGE for key in (*COMMON, *LIMITS, *PACK_KEYS))
    assert all(form.replace("_", " ") in PAGE for form in FORMS)


def test_every_rule_of_an_update_is_listed() -> None:
    assert {names(row[0])[0]: row[1] for row in rows("Updates")} == RULES


def test_every_constant_is_the_code_s() -> None:
    assert all(f"`{text}`" in PAGE for text in (SCHEMA, PREDICATE_TYPE, SUCCESSION))
    assert f"at most {MAX_CHAIN} links" in PAGE


@pytest.mark.parametrize("day", ["2026-11-24", "2027-01-01", "2027-12-31"])
def test_the_example_is_read_and_clean(day: str) -> None:
    now = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)
    assert lint(EXAMPLE.read_bytes(), EXAMPLE.name, now=now) == []
    found = read_trust(EXAMPLE)
    assert str(found.check(now).state) == "established"
    acting = [name for name in ("release", "release-2027") if found.acts(name, now)]
    assert acting == (["release"] if day < "2027" else ["release-2027"])


def test_the_example_has_every_kind_of_identity_and_of_grant() -> None:
    found = read_trust(EXAMPLE)
    assert all(found.grants[kind] for kind in KINDS)
    one = found.accepted()
    assert one.keys
    assert one.authorities
    assert one.keyless
    assert found.packs
    assert found.logs
    assert "PRIVATE" not in EXAMPLE.read_text(encoding="utf-8")
