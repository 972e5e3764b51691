"""docs/revocation.md is held to the code: its fields, options, bounds and states."""

from __future__ import annotations

import re
from pathlib import Path

from weightgate.attest.revocation.entries import _ENTRY as ENTRY
from weightgate.attest.revocation.entries import _MATCH as MATCH
from weightgate.attest.revocation.entries import MAX_ENTRIES, MAX_NAME, MAX_NOTE, REASONS
from weightgate.attest.revocation.fetch import MAX_REDIRECTS, TIMEOUT
from weightgate.attest.revocation.lists import _PREDICATE as LIST
from weightgate.attest.revocation.lists import MAX_LIST_BYTES, PREDICATE_TYPE, SUBJECT
from weightgate.attest.revocation.revise import GOOD_FOR
from weightgate.attest.revocation.sources import MAX_LISTS
from weightgate.cli.revoke import REASONS as OFFERED
from weightgate.cli.revoke import revoke
from weightgate.signing.checks import State

PAGE = (Path(__file__).parents[3] / "docs" / "revocation.md").read_text(encoding="utf-8")
FLAT = " ".join(PAGE.split())


def cells(heading: str) -> list[str]:
    """First cells of the tables of a section, without their marks."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [line.split("|")[1].strip(" `") for line in section.splitlines() if line.startswith("| `")]


def names(shape: object) -> list[str]:
    """The fields of a shape."""
    assert isinstance(shape, dict)
    return [name.removesuffix("?") for name in shape]


def test_every_field_is_listed_in_order() -> None:
    first, *others = names(ENTRY)
    assert cells("Format") == [*names(LIST), first, *names(MATCH), *others]


def test_every_state_is_listed() -> None:
    assert set(cells("What a verifier makes of it")) == set(State)


def test_every_option_and_reason_is_there() -> None:
    options = {name for each in revoke.params for name in each.opts if name.startswith("--")}
    assert options - set(re.findall(r"--[a-z-]+", PAGE)) == {"--name", "--note", "--output"}
    assert all(f"`{reason}`" in PAGE for reason in REASONS)
    assert OFFERED == REASONS


def test_every_bound_is_the_codes() -> None:
    for name in (PREDICATE_TYPE, SUBJECT):
        assert f"`{name}`" in PAGE
    assert f"At most {MAX_LIST_BYTES // 2**20} MiB, and {MAX_ENTRIES} revocations" in FLAT
    assert f"1 to {MAX_NAME} characters" in FLAT
    assert f"at most {MAX_NOTE} characters" in FLAT
    assert f"repeatable, {MAX_LISTS} at most" in FLAT
    assert f"for {TIMEOUT:g} seconds and {MAX_REDIRECTS} redirections at most" in FLAT
    assert f"(`--next-update`, {GOOD_FOR.days} days)" in FLAT
