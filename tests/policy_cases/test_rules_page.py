"""The page on writing rules: what it shows loads, and every key that loads is in it."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest
from pydantic import BaseModel

from tests.policy_cases.packs import cases, toy
from weightgate.errors import PolicyError
from weightgate.facts.registry import FACTS
from weightgate.policy import schema
from weightgate.policy.cases import run_cases
from weightgate.policy.cases_file import EXPECTED, KEYS, STATUSES
from weightgate.policy.mutation.accepted import KEYS as ACCEPTED
from weightgate.policy.pack import Pack

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
SMALLEST = "    schema: weightgate/pack/v1\n"
MODELS = [
    one
    for one in vars(schema).values()
    if isinstance(one, type) and issubclass(one, BaseModel) and one.__module__ == schema.__name__
]


def block(start: str) -> str:
    """The indented block of the page that begins with some words."""
    return dedent(PAGE[PAGE.index(start) :].split("\n\n", 1)[0]).split("\n#", 1)[0] + "\n"


def keys() -> set[str]:
    """Every key that the pack format has."""
    return {field.alias or name for model in MODELS for name, field in model.model_fields.items()}


def test_the_smallest_pack_of_the_page_loads(tmp_path: Path) -> None:
    source = toy(tmp_path, block(SMALLEST))
    assert Pack(source).document.name == "my-pack"


def test_it_is_the_smallest(tmp_path: Path) -> None:
    whole = block(SMALLEST)
    for key in ("name", "version", "title", "summary", "default"):
        less = re.sub(rf"^{key}: .*\n", "", whole, flags=re.MULTILINE)
        assert less != whole
        with pytest.raises(PolicyError):
            Pack(toy(tmp_path, less))


def test_the_table_of_tiers_loads_in_a_pack(tmp_path: Path) -> None:
    text = block(SMALLEST).replace("destination.country in values.home", "destination.tier == 1")
    text = text.replace("from: 2026-02-01, status", "from: 2025-01-09, status")
    table = (
        block("    tables:\n")
        .replace("source: rule", "source: board")
        .replace("source: list", "source: board")
    )
    text = text.replace("values:\n  home:\n", "values:\n  home:\n    - {from: 2025-01-09, until: 2026-01-31, "
                        "value: [DE], cite: {source: board, place: a}, grade: V}\n")  # fmt: skip
    pack = Pack(toy(tmp_path, table + text))
    assert pack.standings[0].tiers["KH"] == 3
    assert pack.standings[-1].tiers["KH"] == 2


@pytest.mark.parametrize("key", sorted(keys()))
def test_every_key_of_a_pack_is_in_the_page(key: str) -> None:
    assert re.search(rf"`[^`\n]*\b{key}\b[^`\n]*`", PAGE)


@pytest.mark.parametrize("key", [*KEYS, *EXPECTED, *STATUSES, *ACCEPTED, "mutants.yaml"])
def test_every_key_of_a_case_is_in_the_page(key: str) -> None:
    assert re.search(rf"`[^`\n]*\b{re.escape(key)}\b[^`\n]*`|^ +(- )?{key}: ", PAGE, re.MULTILINE)


@pytest.mark.parametrize("unit", sorted({spec.unit for spec in FACTS.values() if spec.unit}))
def test_every_unit_is_in_the_page(unit: str) -> None:
    assert f"`{unit}`" in PAGE


def test_links_within_the_page_lead_to_headings() -> None:
    heads = {
        re.sub(r"[^a-z0-9_ -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in PAGE.splitlines()
        if line.startswith("#")
    }
    links = re.findall(r"\]\(#([^)]+)\)", PAGE)
    assert links
    assert set(links) <= heads


def test_a_rule_that_denies_yields_to_no_licence_and_one_that_requires_it_does(tmp_path: Path) -> None:
    held = (
        "- name: held\n  facts: {model.openness: closed, destination.country: IN, operator.authorizations: [LICENSE]}\n"
        "  expect: VERDICT\n"
    )
    text = block(SMALLEST)
    for verdict, expected in (("deny", "deny"), ("license_required", "allow_with_conditions")):
        source = toy(tmp_path, text.replace("verdict: deny", f"verdict: {verdict}"))
        (result,) = run_cases(source, [cases(tmp_path, held.replace("VERDICT", expected))])
        assert result.passed
