from __future__ import annotations

from itertools import islice

from tests.policy.prove.packs import switch
from tests.policy.samples import HEAD, rule, rules, source
from weightgate.policy.days import FOREVER
from weightgate.policy.pack import Pack
from weightgate.policy.reading import AS_WRITTEN, Reading
from weightgate.policy.readings import (
    MAX_COMBINATIONS,
    count_combinations,
    earlier_days,
    every_combination,
    own_status,
    reading_of,
    telling_combinations,
)


def load(switches: str = "", more: str = "") -> Pack:
    """A pack with some switches, and something more about its one rule."""
    declared = f"switches:\n{switches}" if switches else ""
    uses = "".join(f' || switches.{name} == "a"' for name in ("one", "two") if f"  {name}:" in switches)
    return Pack(source(HEAD + declared + rules(rule(f"model.special_purpose{uses}")) + more))


def test_a_pack_without_switches_has_one_combination() -> None:
    pack = load()
    assert list(every_combination(pack)) == list(telling_combinations(pack)) == [{}]
    assert count_combinations(pack) == 1


def test_the_defaults_come_first() -> None:
    pack = load(switch("one", "b", "a") + switch("two", "a", "b", "c"))
    found = list(every_combination(pack))
    assert found[0] == pack.switches == {"one": "b", "two": "a"}
    assert len(found) == len({tuple(one.items()) for one in found}) == count_combinations(pack) == 6
    assert found == list(telling_combinations(pack))


def test_of_many_switches_each_is_looked_at_alone_then_in_pairs() -> None:
    many = 7
    pack = load("".join(switch(f"s{n}", "a", "b") for n in range(many)))
    assert count_combinations(pack) == 2**many > MAX_COMBINATIONS
    changed = [sum(value == "b" for value in chosen.values()) for chosen in telling_combinations(pack)]
    assert changed == [0] + [1] * many + [2] * (many * (many - 1) // 2)
    assert next(islice(every_combination(pack), 2**many - 1, None)) == {f"s{n}": "b" for n in range(many)}


def test_a_reading_names_only_what_is_not_at_its_default() -> None:
    pack = load(switch("one", "b", "a") + switch("two", "a", "b"))
    assert reading_of(pack, pack.switches) == AS_WRITTEN
    assert reading_of(pack, {"one": "a", "two": "a"}, "2025-02-01") == Reading("2025-02-01", {"one": "a"})
    assert reading_of(pack, {"one": "a", "two": "b"}).known_at == FOREVER


def test_on_the_last_day_of_knowledge_all_is_known() -> None:
    assert earlier_days(load()) == ()
    late = "    from: 2025-03-01\n    known: 2025-02-01\n    until: 2025-09-30\n    until_known: 2025-08-01\n"
    pack = load(more=late)
    assert pack.known == ("2025-01-01", "2025-02-01", "2025-08-01")
    assert earlier_days(pack) == ("2025-02-01", "2025-01-01")


def test_rules_may_have_a_status_of_their_own() -> None:
    row = "{from: 2025-01-01, status: proposed, cite: {source: law, place: section 1}}"
    assert not own_status(load())
    assert own_status(load(more=f"    status: [{row}]\n"))
