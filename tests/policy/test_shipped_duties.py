"""The shipped packs on duties, licences and companies' own rules: their figures, lists and days, beside their cases."""

from __future__ import annotations

import pytest

from weightgate.facts.countries import COUNTRIES
from weightgate.inspect.licenses.table import license_table
from weightgate.policy.cases import case_files, vocabulary
from weightgate.policy.cases_file import read_cases
from weightgate.policy.pack import Pack
from weightgate.policy.reading import Reading
from weightgate.policy.schema import PackDocument
from weightgate.policy.source import find_pack

DUTIES = ("eu-ai-act-gpai", "us-ca-sb53", "us-ny-raise")
G4_FIGURES = ("1e26 exactly", "the next double above 1e26", "1e23")


def document(name: str) -> PackDocument:
    return Pack(find_pack(name)).document


def members(name: str, value: str) -> list[str]:
    return [m for row in document(name).values[value] if isinstance(row.value, list) for m in row.value]


def names(pack: str) -> list[str]:
    source = find_pack(pack)
    return [case.name for case in read_cases(case_files(source), vocabulary(Pack(source)))]


@pytest.mark.parametrize("name", DUTIES)
def test_a_pack_of_duties_never_bars_a_place_and_says_so(name: str) -> None:
    found = document(name)
    assert {rule.verdict for rule in found.rules} == {"allow_with_conditions"}
    assert found.default.verdict == "allow"
    (ban,) = (one for one in found.invariants if one.id == "never-a-hosting-ban")
    assert (ban.at_most, ban.given, ban.activity) == ("allow_with_conditions", None, [])


@pytest.mark.parametrize("name", DUTIES)
def test_every_duty_has_a_due_date_or_is_kept_without_end(name: str) -> None:
    for rule in document(name).rules:
        without = [condition.id for condition in rule.conditions if condition.due is None]
        assert all(one.startswith("keep-") for one in without), rule.id


@pytest.mark.parametrize("name", DUTIES)
@pytest.mark.parametrize("figure", G4_FIGURES)
def test_every_row_of_the_table_of_thresholds_is_a_named_case(name: str, figure: str) -> None:
    assert any(one.startswith(f"LAW G4: {figure}") for one in names(name))


def test_the_rows_about_fine_tuning_are_named_cases() -> None:
    found = [one for one in names("eu-ai-act-gpai") if one.startswith("LAW G5: ")]
    assert len(found) == 2


def test_the_union_has_27_members_and_is_the_same_in_both_packs() -> None:
    first, *others = document("eu-ai-act-gpai").values["eu"]
    assert isinstance(first.value, list)
    assert len(first.value) == 27
    assert len(others) == 1
    assert members("eu-ai-act-gpai", "eu") == members("model-licences", "eu")
    assert set(members("eu-ai-act-gpai", "eu")) <= set(COUNTRIES)


@pytest.mark.parametrize("country", ["GB", "NO", "IS", "LI", "CH", "GL", "UA"])
def test_the_economic_area_and_neighbours_are_not_the_union(country: str) -> None:
    assert country not in members("eu-ai-act-gpai", "eu")


@pytest.mark.parametrize(
    ("value", "whole"), [("undisclosed_operations", 1e23), ("undisclosed_systemic_operations", 1e25)]
)
def test_the_thirds_that_are_written_out_are_the_nearest_doubles(value: str, whole: float) -> None:
    rows = document("eu-ai-act-gpai").values[value]
    assert [row.value for row in rows] == [0.0, whole / 3, whole / 3]


@pytest.mark.parametrize("day", ["2025-09-01", "2026-01-01"])
def test_a_third_is_what_a_share_of_one_in_three_is_computed_as(day: str) -> None:
    standing = Pack(find_pack("eu-ai-act-gpai")).at(day)
    assert standing is not None
    assert standing.values["modifier_share"] == 1 / 3 == 1e24 / 3e24


@pytest.mark.parametrize(
    ("name", "before", "first"),
    [
        ("eu-ai-act-gpai", "2025-08-01", "2025-08-02"),
        ("us-ca-sb53", "2025-12-31", "2026-01-01"),
        ("us-ny-raise", "2026-12-31", "2027-01-01"),
    ],
)
def test_duties_are_ahead_until_the_day_on_which_they_bind(name: str, before: str, first: str) -> None:
    pack = Pack(find_pack(name))
    ahead, there = pack.at(before), pack.at(first)
    assert ahead is not None
    assert there is not None
    assert all(one.rule.id.endswith("-ahead") for one in ahead.rules)
    assert not any(one.rule.id.endswith("-ahead") for one in there.rules)
    assert any(
        condition.due and first in condition.due for one in ahead.rules for condition in one.rule.conditions
    )


@pytest.mark.parametrize(
    ("name", "known_at"),
    [("eu-ai-act-gpai", "2024-07-12"), ("us-ca-sb53", "2025-09-29"), ("us-ny-raise", "2025-12-19")],
)
def test_nothing_was_known_before_the_law_was_made(name: str, known_at: str) -> None:
    pack = Pack(find_pack(name))
    assert pack.known[0] == known_at
    assert pack.read(Reading("2024-07-11")) == ()
    assert pack.read(Reading(known_at)) != ()


def test_the_day_of_the_raise_act_became_known_with_its_amendment() -> None:
    pack = Pack(find_pack("us-ny-raise"))
    before = pack.at("2027-01-01", Reading("2026-03-26"))
    after = pack.at("2027-01-01", Reading("2026-03-27"))
    assert before is not None
    assert after is not None
    assert {one.rule.id for one in before.rules} == {
        "frontier-developer-ahead",
        "large-frontier-developer-ahead",
    }
    assert {one.rule.id for one in after.rules} == {"frontier-developer", "large-frontier-developer"}


def test_a_clause_of_a_licensor_denies_and_names_the_licensor() -> None:
    for rule in document("model-licences").rules:
        assert rule.verdict == "deny"
        assert rule.remedy is not None
        assert "licensor" in rule.remedy


@pytest.mark.parametrize("value", ["llama_multimodal", "llama_mixed"])
def test_licences_of_the_hub_go_by_the_name_that_inspection_gives(value: str) -> None:
    assert set(members("model-licences", value)) <= set(license_table())


@pytest.mark.parametrize("name", ["tencent-hunyuan-community", "llama3.2", "llama4"])
def test_what_the_table_of_licences_says_leaves_out_places_is_in_the_pack(name: str) -> None:
    clauses = [
        one
        for one in ("llama_multimodal", "llama_mixed", "hunyuan")
        if name in members("model-licences", one)
    ]
    assert len(clauses) == 1
    assert "European Union" in license_table()[name].why


def test_no_licence_that_is_open_by_its_name_has_a_clause() -> None:
    values = ("llama_multimodal", "llama_mixed", "hunyuan", "minimax_h3")
    named = {name for value in values for name in members("model-licences", value)}
    assert len(named) == sum(len(members("model-licences", value)) for value in values)
    table = license_table()
    assert not {name for name in named if name in table and table[name].grants.value == "open"}
