"""pairs(diff(A, B)) = {(A(w), B(w)) : w a world, A(w) != B(w)}, and every example shows its pair."""

from __future__ import annotations

from hypothesis import assume, given, settings

from tests.property.pack_text import as_pack
from tests.property.strategies import RandomPack, packs, world_count
from weightgate.facts.values import Known, Value
from weightgate.policy.define import Part, Ruling, verdict_in, worlds
from weightgate.policy.difference import Difference, Side, differences
from weightgate.policy.pack import Pack
from weightgate.policy.verdicts import VERDICTS

DAY = "2025-06-01"


def part_of(pack: Pack, values: dict[str, Value], day: str = DAY) -> Part:
    standing = pack.at(day)
    assert standing is not None
    rulings = [Ruling(r.condition, VERDICTS[r.rule.verdict]) for r in standing.rules]
    default = VERDICTS[pack.document.default.verdict]
    return Part(0, rulings, default, standing.tiers, values | {"as_of": Known(day)}, pack.document.name)


def pairs(found: list[Difference]) -> set[tuple[str, str]]:
    return {(one.before, one.after) for one in found}


@settings(max_examples=25)
@given(packs(3), packs(3))
def test_every_pair_of_verdicts_is_found_and_no_other(a: RandomPack, b: RandomPack) -> None:
    first, second = as_pack(a, "first"), as_pack(b, "second")
    parts = [part_of(first, {}), part_of(second, {})]
    assume(world_count(parts) <= 2000)
    found = differences(Side(first), Side(second), DAY)
    expected = {
        (str(before), str(after))
        for world in worlds(parts)
        for before, after in [tuple(verdict_in(part, world) for part in parts)]
        if before != after
    }
    assert pairs(found) == expected


@settings(max_examples=25)
@given(packs(3), packs(3))
def test_every_example_shows_its_pair_whatever_it_leaves_out(a: RandomPack, b: RandomPack) -> None:
    first, second = as_pack(a, "first"), as_pack(b, "second")
    for one in differences(Side(first), Side(second)):
        assert one.example is not None
        values = dict(one.example.values)
        parts = [part_of(pack, values, one.example.as_of) for pack in (first, second)]
        assume(world_count(parts) <= 2000)
        shown = {tuple(str(verdict_in(part, world)) for part in parts) for world in worlds(parts)}
        assert shown == {(one.before, one.after)}


@settings(max_examples=15)
@given(packs(4))
def test_a_pack_does_not_differ_from_itself(a: RandomPack) -> None:
    assert differences(Side(as_pack(a, "first")), Side(as_pack(a, "second"))) == []
