"""verdict = Cedar's verdict = Rego's verdict, on definite facts: the shipped packs, and random ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.export.engines import ENGINES, Facts
from tests.policy.export.worlds import as_values, defined, pack_text, random_facts
from tests.policy.samples import load
from tests.policy.worlds import members_world
from tests.property.strategies import COUNTRIES, SCOPE, condition_texts
from weightgate.facts.registry import ACTIVITIES
from weightgate.policy.cache import compile_now
from weightgate.policy.compiled import CompiledActivity, CompiledPack
from weightgate.policy.export import LANGUAGES, export
from weightgate.policy.pack import Pack
from weightgate.policy.source import find_pack, shipped_packs
from weightgate.policy.verdicts import VERDICTS, Verdict
from weightgate.records import record

WORLDS = {"cedar": 150, "rego": 15}
"""Facts tried for each shipped pack, activity and stretch of days."""
STRETCHES = {"cedar": 4, "rego": 2}
"""How many stretches of days, the last ones."""


@cache
def shipped(name: str) -> tuple[Pack, CompiledPack]:
    """A shipped pack, as loaded and as compiled."""
    source = find_pack(name)
    return Pack(source), compile_now(source)


@record
class Tried:
    """A shipped pack about an activity from a day on, and what the decision diagram says of some facts."""

    pack: Pack
    activity: str
    day: str
    worlds: list[Facts]
    verdicts: list[str]


def tried(name: str, language: str) -> Iterator[Tried]:
    """Everything that a shipped pack is tried on."""
    pack, compiled = shipped(name)
    chance = random.Random(name)
    for activity in ACTIVITIES:
        begun = [s.start for s in pack.standings if any(activity in r.rule.activity for r in s.rules)]
        for day in begun[-STRETCHES[language] :]:
            span = compiled.at(day)
            assert span is not None
            worlds = random_facts(pack, chance, WORLDS[language])
            said = [verdict_of(span.activities[activity], facts, day, activity) for facts in worlds]
            yield Tried(pack, activity, day, worlds, said)


def verdict_of(compiled: CompiledActivity, facts: Facts, day: str, activity: str) -> str:
    """The verdict of the decision diagram."""
    world = members_world(as_values({**facts, "as_of": day, "activity": activity}))
    assert world is not None
    return str(compiled.verdict(world))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", shipped_packs())
def test_a_shipped_pack_says_the_same_elsewhere(name: str, language: str) -> None:
    found = 0
    for one in tried(name, language):
        text = LANGUAGES[language](export(one.pack, one.day, one.activity))
        assert ENGINES[language](text, one.worlds) == one.verdicts, (one.day, one.activity)
        found += 1
    assert found > 0


def test_the_shipped_packs_are_tried_on_every_verdict_that_they_have() -> None:
    every: set[str] = set()
    for name in shipped_packs():
        stated = {r.rule.verdict for s in shipped(name)[0].standings for r in s.rules}
        found = {verdict for one in tried(name, "cedar") for verdict in one.verdicts}
        assert found >= stated, name
        every |= found
    assert len(every) == len(Verdict)


SEEN = st.characters(exclude_categories=("C", "Z"))
TITLES = st.text(SEEN, min_size=1, max_size=40).map(lambda text: f"A rule {text}")
RULES = st.lists(
    st.tuples(TITLES, condition_texts(), st.sampled_from(sorted(VERDICTS))), min_size=1, max_size=5
)
TIERS = st.fixed_dictionaries({country: st.integers(1, 3) for country in COUNTRIES})
VALUES = {name: list(value) if isinstance(value, tuple) else value for name, value in SCOPE.values.items()}
DAYS = st.sampled_from(["2025-01-12", "2025-01-13", "2025-01-14", "2026-01-15", "2026-01-16"])
DEFAULTS = st.sampled_from(["allow", "license_required", "deny"])


@settings(max_examples=120, deadline=None)
@given(RULES, DEFAULTS, TIERS, DAYS, st.integers(0, 2**32), st.sampled_from(sorted(LANGUAGES)))
def test_a_random_pack_says_the_same_elsewhere(
    rules: list[tuple[str, str, str]], default: str, tiers: dict[str, int], day: str, seed: int, language: str
) -> None:
    pack = load(pack_text(rules, default, tiers=tiers, values=VALUES))
    standing = pack.at(day)
    assert standing is not None
    worlds = random_facts(pack, random.Random(seed), 12)
    expected = [defined(standing, default, "host", day, facts) for facts in worlds]
    text = LANGUAGES[language](export(pack, day, "host"))
    assert ENGINES[language](text, worlds) == expected
