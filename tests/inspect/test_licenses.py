"""What licences grant, by their identifiers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.errors import Exit, PolicyError
from weightgate.inspect.licenses.table import Grants, all_of, grant_of, license_table, operands, read_table
from weightgate.inspect.names import identifier

OPEN = [name for name, row in license_table().items() if row.grants is Grants.OPEN]
NOT_OPEN = [name for name, row in license_table().items() if row.grants is not Grants.OPEN]


@pytest.mark.parametrize(
    "name",
    [
        "apache-2.0",
        "mit",
        "bsd-2-clause",
        "bsd-3-clause",
        "cc-by-4.0",
        "cc-by-sa-4.0",
        "cc0-1.0",
        "isc",
        "unlicense",
        "gpl-2.0",
        "gpl-3.0",
        "lgpl-3.0",
        "agpl-3.0",
        "mpl-2.0",
        "epl-2.0",
        "artistic-2.0",
        "bsl-1.0",
        "ms-pl",
        "zlib",
        "ofl-1.1",
        "odc-by",
        "pddl",
        "ecl-2.0",
        "afl-3.0",
        "wtfpl",
        "cdla-permissive-1.0",
        "cdla-permissive-2.0",
        "gpl-3.0-or-later",
    ],
)
def test_open_licences(name: str) -> None:
    assert grant_of(name).grants is Grants.OPEN
    assert grant_of(name.upper()).grants is Grants.OPEN


@pytest.mark.parametrize(
    "name",
    [
        "openrail",
        "openrail++",
        "creativeml-openrail-m",
        "bigscience-openrail-m",
        "bigcode-openrail-m",
        "llama2",
        "llama3",
        "llama3.1",
        "llama3.2",
        "llama3.3",
        "llama4",
        "gemma",
        "cc-by-nc-4.0",
        "cc-by-nc-sa-4.0",
        "cc-by-nd-4.0",
        "cc-by-nc-nd-4.0",
        "deepseek",
        "qwen",
        "qwen-research",
        "apple-amlr",
        "deepfloyd-if-license",
    ],
)
def test_licences_that_limit_use_or_passing_on(name: str) -> None:
    grant = grant_of(name)
    assert grant.grants is Grants.RESTRICTED
    assert ": " in grant.reason
    assert grant.sources


@pytest.mark.parametrize(
    "name", ["other", "unknown", "cc", "my-licence", "", "apache", "mit-ish", "openly-licensed"]
)
def test_a_name_that_does_not_tell(name: str) -> None:
    assert grant_of(name).grants is Grants.UNKNOWN


@pytest.mark.parametrize(
    ("expression", "grants"),
    [
        ("apache-2.0 OR mit", Grants.OPEN),
        ("Apache-2.0 AND MIT", Grants.OPEN),
        ("cc-by-nc-4.0 OR mit", Grants.OPEN),
        ("foo OR mit", Grants.OPEN),
        ("foo OR llama3", Grants.UNKNOWN),
        ("gemma or llama3", Grants.RESTRICTED),
        ("cc-by-nc-4.0 AND mit", Grants.RESTRICTED),
        ("foo AND mit", Grants.UNKNOWN),
        ("foo AND llama3", Grants.RESTRICTED),
        ("mit AND apache-2.0 OR gpl-3.0", Grants.UNKNOWN),
        ("(mit)", Grants.UNKNOWN),
        ("(mit OR apache-2.0) AND gemma", Grants.UNKNOWN),
        ("gpl-2.0 WITH classpath-exception-2.0 OR foo", Grants.UNKNOWN),
        ("mit OR", Grants.UNKNOWN),
        ("or mit", Grants.UNKNOWN),
    ],
)
def test_simple_expressions(expression: str, grants: Grants) -> None:
    assert grant_of(expression).grants is grants


def test_an_expression_is_split_at_its_joins() -> None:
    assert operands("MIT or  Apache-2.0") == ("or", ("mit", "apache-2.0"))
    assert operands("mit") == ("and", ("mit",))


def test_no_licence_at_all_is_unknown() -> None:
    assert all_of([]).grants is Grants.UNKNOWN


@given(st.lists(st.sampled_from(OPEN), min_size=1, max_size=3), st.sampled_from(NOT_OPEN), st.data())
def test_adding_a_licence_that_applies_never_opens(names: list[str], other: str, data: st.DataObject) -> None:
    assert all_of(names).grants is Grants.OPEN
    mixed = data.draw(st.permutations([*names, other]))
    assert all_of(mixed).grants is not Grants.OPEN
    assert grant_of(" AND ".join(mixed)).grants is not Grants.OPEN


@given(st.text(max_size=80))
def test_a_name_outside_the_table_is_never_open(name: str) -> None:
    parts = operands(name)[1]
    if not set(parts) & set(OPEN):
        assert grant_of(name).grants is not Grants.OPEN


def test_every_row_is_complete_and_every_source_is_named() -> None:
    for name, row in license_table().items():
        assert name == identifier(name)
        assert row.title
        assert row.source.startswith("https://")
        assert bool(row.why) == (row.grants is not Grants.OPEN)


_GOOD = '{title: T, grants: open, source: "https://x", grade: M}'


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("rows: {}", "1:1", "no mapping 'licenses'"),
        ("licenses: []", "1:1", "no mapping 'licenses'"),
        ("licenses:\n  x: open", "2:6", "no mapping of texts"),
        ("licenses:\n  x: {title: 3}", "2:6", "no mapping of texts"),
        ("licenses:\n  x: {title: T, grants: open, grade: M}", "2:6", "needs title"),
        (f"licenses:\n  x: {_GOOD[:-1]}, odd: y}}", "2:6", "needs title"),
        (f"licenses:\n  x: {_GOOD.replace('open', 'opne')}", "2:6", "open, restricted or unknown"),
        (f"licenses:\n  x: {_GOOD.replace('M}', 'Z}')}", "2:6", "grade V, S or M"),
        (f"licenses:\n  x: {_GOOD.replace('https', 'http')}", "2:6", "no https URL"),
        (f"licenses:\n  x: {_GOOD.replace('open', 'restricted')}", "2:6", "'why'"),
        (f"licenses:\n  X: {_GOOD}", "2:6", "lower case"),
    ],
)
def test_a_damaged_table_names_the_row(text: str, place: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "licenses.yaml"
    path.write_text(text)
    with pytest.raises(PolicyError) as error:
        read_table(path)
    assert error.value.where == f"{path}:{place}"
    assert message in error.value.message
    assert error.value.exit is Exit.INPUT
    path.write_text(f"licenses:\n  x: {_GOOD}")
    assert read_table(path)["x"].grants is Grants.OPEN
