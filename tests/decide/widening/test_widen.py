"""In which order facts are widened, what is derived, what is disputed, and how long it holds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.operators.strategies import DIGEST
from tests.property.questions import AS_OF, NOW, draft, extra
from tests.property.widened import KINDS
from weightgate.attest.replay.deriving import plain
from weightgate.decide import Question, decide
from weightgate.decide.again import case_again
from weightgate.decide.widening.kept import kept_of
from weightgate.decide.widening.widen import ORDER, Widened, parts_in, widen
from weightgate.destinations.footprint import resolve
from weightgate.facts.registry import FACTS
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Interval, Known, Members, OneOf, Value
from weightgate.inspect.inspection import Inspection
from weightgate.operators.profile import UNKNOWN_OPERATOR, Operator
from weightgate.policy.source import PackSource


def said(fact: str, value: Value, grade: Grade = Grade.DECLARED, **details: str) -> Statement:
    return Statement(fact, value, grade, "facts.yaml", **details)


def widened(
    *statements: Statement,
    pack: PackSource = KINDS,
    to: str = "DE",
    activity: str = "host",
    operator: Operator = UNKNOWN_OPERATOR,
    until: str = "",
    **asked: Any,
) -> Widened:
    """What may be said of a question."""
    question = Question(activity, (resolve(to),), (pack,), AS_OF, operator, **asked)
    found = Inspection("./m", digest=DIGEST, statements=statements)
    made = plain(decide(question, found, [], now=NOW).to_json())
    return widen(case_again(made, [pack], cap=Grade.VERIFIED), until)


def facts(found: Widened) -> dict[str, Value]:
    return {s.fact: s.value for s in found.statements}


def test_what_no_pack_asks_for_is_not_said() -> None:
    assert facts(widened(said("model.parameters", Known(7e9)), said("model.architecture", Known("X")))) == {}


def test_derived_facts_come_last() -> None:
    derived = [fact for fact in ORDER if FACTS[fact].derived_from]
    assert list(ORDER) == [*(fact for fact in FACTS if fact not in derived), *derived]


def test_a_number_is_widened_upwards_before_it_is_widened_downwards() -> None:
    # Large models need a licence abroad: 1e26 is the only limit, and in the US nothing turns on it.
    assert facts(widened(said("model.training_operations", Known(3e25)), pack=extra(), to="AE")) == {
        "model.training_operations": Interval(None, 9.999999999999999e25)
    }
    assert facts(widened(said("model.training_operations", Known(3e26)), pack=extra(), to="AE")) == {
        "model.training_operations": Interval(1e26, None)
    }
    assert facts(widened(said("model.training_operations", Known(3e25)), pack=extra(), to="US")) == {}


def test_a_share_is_said_and_what_it_is_derived_from_is_not() -> None:
    shown = facts(
        widened(
            said("model.base_openness", Known("open"), Grade.VERIFIED),
            said("model.base_operations", Known(3.21e24)),
            said("model.finetune_operations", Known(1.1e24)),
            said("model.special_purpose", Known(True)),
            pack=draft(), to="AE", activity="fine_tune",
            operator=Operator("Q", "AE", "AE", (), (), source="op.yaml"),
        )
    )  # fmt: skip
    assert {"model.base_operations", "model.finetune_operations"}.isdisjoint(shown)
    assert shown["model.finetune_share"] == Interval(0.25000000000000006, None)
    assert shown["model.special_purpose"] == Known(True)


def test_a_disputed_share_is_said_without_what_it_is_derived_from() -> None:
    shown = facts(
        widened(
            said("model.base_operations", Known(1e25)),
            said("model.finetune_operations", Known(1e25)),
            said("model.finetune_share", Known(0.3)),
            said("model.finetune_share", Known(0.4)),
            said("model.special_purpose", Known(True)),
            said("model.base_openness", Known("open"), Grade.VERIFIED),
            pack=draft(), to="AE", activity="fine_tune",
            operator=Operator("Q", "AE", "AE", (), (), source="op.yaml"),
        )
    )  # fmt: skip
    assert {"model.base_operations", "model.finetune_operations"}.isdisjoint(shown)
    assert shown["model.finetune_share"] == Interval(0.25000000000000006, None)


def test_a_day_is_said_by_where_its_part_begins_and_a_list_by_what_packs_name() -> None:
    shown = facts(
        widened(
            said("model.released", Known("2025-07-17")),
            said("model.inputs", Members(frozenset({"text"}), frozenset({"text"}))),
            said("model.labels", Members(frozenset({"ours"}), frozenset({"ours"}))),
            said("model.owner", Known("qwertz")),
            said("model.license", Known("qwertz-1")),
            said("developer.revenue", Known(5e8)),
            said("model.finetune_share", Known(0.1)),
        )
    )
    assert shown["model.released"] == Known("2025-06-01")
    # That there is no image in it settles it, whether there is a video or not.
    assert shown["model.inputs"] == Members(frozenset(), frozenset({"video"}))
    assert shown["model.labels"] == Members(frozenset(), frozenset())
    # The day alone brings the licence about: neither names nor shares are needed.
    assert {"model.owner", "model.license", "model.finetune_share"}.isdisjoint(shown)
    assert shown["developer.revenue"] == Interval(None, 1e9)


def test_a_grade_is_never_raised() -> None:
    found = widened(said("model.training_operations", Known(3e26), Grade.CLAIMED), pack=extra(), to="AE")
    assert [(s.value, s.grade) for s in found.statements] == [(Interval(1e26, None), Grade.CLAIMED)]


def test_what_is_known_too_weakly_is_not_said_at_all() -> None:
    found = widened(
        said("model.training_operations", Known(3e25)), pack=extra(), to="AE",
        require_grade={"model.training_operations": Grade.VERIFIED},
    )  # fmt: skip
    assert found.statements == ()


@pytest.mark.parametrize(("until", "shown"), [("", []), ("2026-07-01", ["2026-07-01"])])
def test_it_holds_no_longer_than_what_was_left_out(until: str, shown: list[str]) -> None:
    found = widened(said("model.parameters", Known(7e9), until=until), until=until)
    assert [s.until for s in found.statements] == shown
    assert facts(found) == ({"activity": Known("host")} if until else {})


def test_a_declared_tier_is_widened_among_tiers() -> None:
    shown = facts(
        widened(
            said("model.openness", Known("closed"), Grade.VERIFIED),
            said("operator.tier", Known(1)),
            pack=draft(), to="DE",
        )
    )  # fmt: skip
    assert shown["operator.tier"] == OneOf((1, 2))


def test_an_operator_of_whom_nothing_was_said_is_not_made_up() -> None:
    assert widened().operator.source == ""
    assert (
        widened(operator=Operator("Q", source="op.yaml")).operator.source == "the operator file as disclosed"
    )


def test_what_is_kept_ends_at_the_first_difference_and_says_so() -> None:
    question = Question("host", (resolve("AE"),), (extra(),), AS_OF)
    cases = []
    for operations in (3e25, 3e26):
        looked = Inspection("./m", statements=(said("model.training_operations", Known(operations)),))
        made = plain(decide(question, looked, [], now=NOW).to_json())
        cases.append(case_again(made, [extra()], cap=Grade.VERIFIED))
    small, large = map(kept_of, cases)
    assert small.still(cases[0])
    assert not small.still(cases[1])
    assert large.still(cases[1])
    assert small != large


def test_parts_are_those_of_the_packs_that_were_asked() -> None:
    question = Question("host", (resolve("AE"),), (extra(),), AS_OF)
    made = plain(decide(question, Inspection("./m"), [], now=NOW).to_json())
    asked = parts_in(case_again(made, [extra()], cap=Grade.VERIFIED))
    rules = {"model.training_operations", "destination.country", "model.license", "model.openness"}
    # A rule that demands a licence yields to one, so each such pack asks for that too.
    assert set(asked) == rules | {"operator.authorizations"}
