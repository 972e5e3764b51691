"""Several packs and several places are one question: combined first, unknowns resolved last."""

from __future__ import annotations

import time

import pytest

from tests.property.strategies import EVERY_TIER_2, RandomPack, build
from weightgate.facts.values import Interval, Known, Members, OneOf, Unknown, Value, exactly
from weightgate.policy.joint import Component, Open, Outcome, possible, settle
from weightgate.policy.verdicts import Verdict

ALLOW, CONDITIONS, LICENSE, DENY = Verdict
NONE: dict[str, Value] = {"operator.authorizations": exactly()}
VEU: Value = Members(frozenset(), frozenset({"NVEU", "UVEU"}))
EITHER_VEU = '"UVEU" in operator.authorizations || "NVEU" in operator.authorizations'


def pack(*entries: tuple[str, Verdict], default: Verdict = DENY) -> RandomPack:
    texts, verdicts = zip(*entries, strict=True)
    return build(texts, verdicts, default, EVERY_TIER_2 | {"DE": 1, "CN": 3})


def about(one: RandomPack, place: int = 0, name: str = "pack", **values: Value) -> Component:
    known = NONE | {key.replace("__", "."): value for key, value in values.items()}
    return Component(name, place, one.compiled, known, one.tiers)


def test_of_nothing_nothing_is_allowed() -> None:
    for ask in (possible, settle):
        with pytest.raises(ValueError, match="says nothing"):
            ask([])


def test_two_packs_cannot_both_go_the_lenient_way() -> None:
    opened, closed = pack(('model.openness == "open"', ALLOW)), pack(('model.openness != "open"', ALLOW))
    assert possible([about(opened)]) == possible([about(closed)]) == (ALLOW, DENY)
    assert possible([about(opened), about(closed, name="b")]) == (DENY,)
    assert settle([about(opened), about(closed, name="b")]).missing == ()


def test_two_places_share_what_is_not_about_them() -> None:
    one = pack(("model.special_purpose && destination.tier == 1", DENY),
               ("!model.special_purpose && destination.tier == 2", DENY), default=ALLOW)  # fmt: skip
    here = about(one, 0, destination__country=Known("DE"))
    there = about(one, 1, destination__country=Known("FR"))
    assert possible([here]) == possible([there]) == (ALLOW, DENY)
    assert possible([here, there]) == (DENY,)


def test_two_places_do_not_share_what_is_about_them() -> None:
    one = pack(('"NVEU" in operator.authorizations', ALLOW), default=LICENSE)
    both = [about(one, place, operator__authorizations=VEU) for place in (0, 1)]
    settled = settle(both)
    assert settled.possible == (ALLOW, LICENSE)
    assert [(m.fact, m.place) for m in settled.missing] == [("operator.authorizations", p) for p in (0, 1)]


def test_names_that_two_packs_list_in_other_company_are_met_together() -> None:
    first = pack(('model.license in ["mit", "apache-2.0"]', ALLOW))
    second = pack(('model.license in ["other", "apache-2.0"]', ALLOW))
    assert possible([about(first), about(second, name="b")]) == (ALLOW, DENY)
    strict = [pack((text, DENY), default=ALLOW) for text in
              ('model.license in ["mit", "apache-2.0"]', '!(model.license in ["other", "apache-2.0"])')]  # fmt: skip
    assert possible([about(p, name=str(i)) for i, p in enumerate(strict)]) == (ALLOW, DENY)


def test_members_are_the_same_whichever_order_packs_name_them_in() -> None:
    a = pack((EITHER_VEU, ALLOW))
    b = pack(
        ('"NVEU" in operator.authorizations && !("UVEU" in operator.authorizations)', DENY), default=ALLOW
    )
    c = pack((f"!({EITHER_VEU})", ALLOW))
    asked = [about(p, name=n, operator__authorizations=VEU) for p, n in ((a, "a"), (c, "c"))]
    assert possible(asked) == (DENY,)
    assert possible([asked[0], about(b, name="b", operator__authorizations=VEU)]) == (ALLOW, DENY)


@pytest.mark.parametrize("places", [2, 20, 200])
def test_many_places_are_no_power_of_two(places: int) -> None:
    one = pack((EITHER_VEU, ALLOW), default=LICENSE)
    started = time.perf_counter()
    settled = settle([about(one, place, operator__authorizations=VEU) for place in range(places)])
    assert settled.possible == (ALLOW, LICENSE)
    assert len(settled.missing) == 2 * places
    assert time.perf_counter() - started < 20


def test_outcomes_name_common_cells() -> None:
    a = pack(("model.training_operations >= 1e26", LICENSE), default=ALLOW)
    b = pack(("model.training_operations > 1e25", DENY), default=ALLOW)
    settled = settle([about(a), about(b, name="b")])
    assert settled.missing == (
        Open("model.training_operations", -1, (
            Outcome("below 1e+26 and at most 1e+25", (ALLOW,)),
            Outcome("below 1e+26 and more than 1e+25", (DENY,)),
            Outcome("at least 1e+26 and more than 1e+25", (DENY,)),
        )),
    )  # fmt: skip


def test_an_interval_reaches_only_the_cells_it_overlaps() -> None:
    a = pack(("model.training_operations >= 1e26", LICENSE), default=ALLOW)
    b = pack(("model.training_operations > 1e25", CONDITIONS), default=ALLOW)
    known = Interval(5e25, 1e26)
    settled = settle([about(p, name=n, model__training_operations=known) for p, n in ((a, "a"), (b, "b"))])
    assert settled.possible == (CONDITIONS, LICENSE)
    assert [o.possible for o in settled.missing[0].outcomes] == [(CONDITIONS,), (LICENSE,)]


def test_a_choice_reaches_only_its_values() -> None:
    a, b = pack(('destination.country == "DE"', ALLOW)), pack(("destination.tier == 3", DENY), default=ALLOW)
    known = OneOf(("FR", "CN"))
    settled = settle([about(p, name=n, destination__country=known) for p, n in ((a, "a"), (b, "b"))])
    assert settled.possible == (DENY,)


def test_missing_is_in_the_order_of_the_facts_table_and_of_places() -> None:
    one = pack(('destination.tier == 1 && model.special_purpose && model.openness == "open"', ALLOW))
    unknown = [about(one, place, destination__country=Unknown()) for place in (0, 1)]
    found = [(m.fact, m.place) for m in settle(unknown).missing]
    assert found == [("destination.country", 0), ("destination.country", 1), ("model.openness", -1),
                     ("model.special_purpose", -1)]  # fmt: skip


def test_one_component_needs_no_joining_and_says_the_same() -> None:
    one = pack(("model.special_purpose", LICENSE), default=ALLOW)
    assert settle([about(one)]) == settle([about(one), about(one)])
    assert settle([about(one, model__special_purpose=Known(False))]).missing == ()
