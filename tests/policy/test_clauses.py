from __future__ import annotations

from tests.policy.samples import HEAD, TABLE, rule, rules, source
from weightgate.policy.clauses import Clause, clauses, rules_about, side_by_side
from weightgate.policy.days import FOREVER
from weightgate.policy.ir import Const, IsIn
from weightgate.policy.pack import Pack, at
from weightgate.policy.verdicts import Verdict

ASKS = 'activity == "host" && model.openness == "open"'
OPEN = IsIn("model.openness", ("open",))


def load(*about: str, more: str = "") -> Pack:
    """A pack of some rules."""
    return Pack(source(HEAD + TABLE + rules(*about) + more))


def test_what_a_pack_says_about_an_activity_is_in_its_order() -> None:
    (stands,) = load(
        rule(ASKS, "allow", activity="[host, fine_tune]"), rule("model.special_purpose", name="second")
    ).standings
    assert [one.rule for one in clauses(stands, "host")] == [one.rule.id for one in stands.rules]
    (only,) = clauses(stands, "fine_tune")
    assert (only.rule, only.verdict) == (stands.rules[0].rule.id, Verdict.ALLOW)
    assert [one.rule.id for one in rules_about(stands, "fine_tune")] == [only.rule]
    assert clauses(stands, "download") == clauses(None, "host") == ()


def test_an_activity_is_worked_out() -> None:
    (stands,) = load(rule(ASKS, "allow", activity="[host, fine_tune]")).standings
    (one,) = clauses(stands, "host")
    assert one.about("host") == Clause(one.rule, Verdict.ALLOW, OPEN)
    assert one.about("fine_tune").condition == Const(False)


def test_tiers_become_countries() -> None:
    (stands,) = load(rule("destination.tier <= 3")).standings
    (one,) = clauses(stands, "host")
    assert "tier" in repr(one.about("host").condition)
    assert "tier" not in repr(one.about("host", stands.tiers).condition)


def test_packs_stand_side_by_side_from_each_day_on_which_one_changes() -> None:
    first = load(rule("model.special_purpose"), more="    until: 2025-06-30\n").standings
    second = tuple(
        one for one in load(rule(ASKS), more="    from: 2025-03-01\n").standings if one.start > "2025-02"
    )
    found = list(side_by_side([first, second]))
    assert [(start, end) for start, end, _ in found] == [
        ("2025-01-01", "2025-02-28"),
        ("2025-03-01", "2025-06-30"),
        ("2025-07-01", FOREVER),
    ]
    assert [stand for *_, stand in found] == [
        (first[0], None),
        (first[0], second[0]),
        (first[1], second[0]),
    ]
    assert at(second, "2025-02-28") is None
    assert list(side_by_side([(), ()])) == []
