"""The shipped draft pack's table and dates, at the days on which they change."""

from __future__ import annotations

import pytest

from tests.policy.draft_tiers import TIER_1, TIER_3
from weightgate.facts.countries import COUNTRIES
from weightgate.policy.cache import compile_now
from weightgate.policy.compiled import CompiledPack
from weightgate.policy.pack import Pack
from weightgate.policy.source import find_pack, shipped_packs


@pytest.fixture(scope="module")
def draft() -> CompiledPack:
    return compile_now(find_pack("us-ai-diffusion-draft"))


def tiers(pack: CompiledPack, day: str) -> dict[str, int]:
    span = pack.at(day)
    assert span is not None
    return dict(span.tiers)


@pytest.mark.parametrize(
    ("country", "day", "tier"),
    [("KH", "2025-01-09", 3), ("KH", "2026-02-02", 3), ("KH", "2026-02-03", 2), ("CY", "2025-01-09", 3),
     ("CY", "2026-02-03", 3), ("CY", "2026-05-31", 3), ("CY", "2026-06-01", 2)],
)  # fmt: skip
def test_cambodia_and_cyprus_at_their_edge_days(
    draft: CompiledPack, country: str, day: str, tier: int
) -> None:
    assert tiers(draft, day)[country] == tier


@pytest.mark.parametrize("day", ["2025-01-09", "2026-02-02", "2026-06-01", "9999-12-31"])
def test_the_lists_at_every_span(draft: CompiledPack, day: str) -> None:
    found = tiers(draft, day)
    assert sorted(c for c, t in found.items() if t == 1) == sorted(TIER_1)
    changing = {"KH", "CY"}
    assert {c for c, t in found.items() if t == 3} - changing == set(TIER_3)
    assert set(found) == set(COUNTRIES)


def test_the_pack_begins_with_the_report_and_never_bound(draft: CompiledPack) -> None:
    assert draft.at("2025-01-08") is None
    assert [span.start for span in draft.spans] == ["2025-01-09", "2026-02-03", "2026-06-01"]
    assert [(row["from"], row["status"]) for row in draft.status] == [
        ("2025-01-09", "announced"),
        ("2025-01-15", "superseded"),
    ]


@pytest.mark.parametrize("name", shipped_packs())
def test_every_shipped_pack_loads_under_its_own_name_and_fits(name: str) -> None:
    pack = Pack(find_pack(name))
    assert pack.document.name == name
    compiled = compile_now(find_pack(name))
    for span in compiled.spans:
        for activity in span.activities.values():
            assert len(activity.level) < 5000


def test_every_uncertain_value_says_why() -> None:
    document = Pack(find_pack("us-ai-diffusion-draft")).document
    rows = [*document.tables["tier"].rows, *(row for rows in document.values.values() for row in rows)]
    assert all(row.note for row in rows if row.grade == "U")
