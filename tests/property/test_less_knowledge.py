"""knowledge ⊆ knowledge' ⇒ possible(knowledge) ⊆ possible(knowledge'): to know less never loosens a verdict."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.property.questions import ask, profiles, questions, statements
from tests.property.strategies import (
    LIST_FACTS,
    SCALAR_FACTS,
    RandomPack,
    component,
    definite,
    looser,
    packs,
    partly,
)
from weightgate.decide import Question
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Members, Unknown, Value
from weightgate.operators.profile import Operator
from weightgate.policy.joint import possible
from weightgate.policy.tiers import TIER_FACTS

LOOSE = {"allow", "allow_with_conditions"}
DERIVED = ("model.finetune_share", "model.finetune_operations", "model.base_operations")


@given(packs(), definite(), st.data())
def test_any_widening_of_definite_facts_keeps_the_verdict_possible(
    pack: RandomPack, values: dict[str, Value], data: st.DataObject
) -> None:
    wide = dict(values)
    for fact in data.draw(st.sets(st.sampled_from([*SCALAR_FACTS, *LIST_FACTS]), min_size=1, max_size=4)):
        wide[fact] = data.draw(looser(fact, values[fact]))
    assert set(possible([component(pack, values)])) <= set(possible([component(pack, wide)]))


@given(packs(), partly(), st.sampled_from([*SCALAR_FACTS, *LIST_FACTS]))
def test_to_know_nothing_of_a_fact_only_adds(pack: RandomPack, values: dict[str, Value], fact: str) -> None:
    without = {name: value for name, value in values.items() if name != fact}
    before = set(possible([component(pack, values)]))
    assert before <= set(possible([component(pack, without)]))
    assert before <= set(possible([component(pack, values | {fact: Unknown()})]))


@settings(max_examples=40)
@given(questions(), st.lists(statements(), max_size=5), st.sampled_from(sorted({*DERIVED, "model.openness"})))
def test_to_take_back_all_that_was_said_of_a_fact_never_loosens(
    question: Question, said: list[Statement], fact: str
) -> None:
    dropped = set(DERIVED) if fact in DERIVED else {fact}
    before = ask(question, said)
    after = ask(question, [s for s in said if s.fact not in dropped])
    assert set(before.possible) <= set(after.possible)
    assert after.verdict not in LOOSE or set(before.possible) <= LOOSE


@settings(max_examples=40)
@given(
    questions(),
    st.lists(statements(), max_size=4),
    st.sampled_from(["headquarters", "ultimate_parent", "all"]),
)
def test_an_operator_file_that_says_less_never_loosens(
    question: Question, said: list[Statement], left_out: str
) -> None:
    assume(not any(s.fact in (*TIER_FACTS, "operator.authorizations") for s in said))
    operator = question.operator
    smaller = {
        "headquarters": replace(operator, headquarters=None),
        "ultimate_parent": replace(operator, ultimate_parent=None),
        "all": replace(operator, headquarters=None, ultimate_parent=None, security_standards=None),
    }[left_out]
    before, after = ask(question, said), ask(replace(question, operator=smaller), said)
    assert set(before.possible) <= set(after.possible)


@settings(max_examples=25)
@given(questions(), profiles())
def test_nobody_is_presumed_to_hold_more_than_a_veu(question: Question, operator: Operator) -> None:
    unstated = ask(replace(question, operator=replace(operator, authorizations=None)), [])
    listed = ask(replace(question, operator=replace(operator, authorizations=())), [])
    assert set(listed.possible) <= set(unstated.possible)
    # What an unstated authorisation could add is a VEU, which turns R8 into R9 and nothing else.
    assert set(unstated.possible) - set(listed.possible) <= {"allow"}


@settings(max_examples=40)
@given(
    questions(),
    st.lists(statements((Grade.CLAIMED, Grade.DECLARED)), max_size=4),
    statements((Grade.CLAIMED,)),
)
def test_a_further_claim_never_makes_anything_looser(
    question: Question, said: list[Statement], claim: Statement
) -> None:
    assume(claim.fact != "model.license")  # a name, which a claim shows: see test_merge
    before, after = ask(question, said), ask(question, [*said, claim])
    assert min(map(rank, after.possible)) >= min(map(rank, before.possible))
    assert after.verdict not in LOOSE or set(before.possible) <= LOOSE


def rank(verdict: str) -> int:
    return ["allow", "allow_with_conditions", "license_required", "deny"].index(verdict)


@settings(max_examples=25)
@given(questions(), st.lists(statements(), max_size=4), st.sampled_from(sorted({*DERIVED, "model.openness"})))
def test_to_require_better_evidence_never_loosens(
    question: Question, said: list[Statement], fact: str
) -> None:
    required = replace(question, require_grade={fact: Grade.VERIFIED})
    before, after = ask(question, said), ask(required, said)
    assert after.verdict not in LOOSE or set(before.possible) <= LOOSE
    assert set(before.possible) <= set(after.possible)


@given(packs(), partly())
def test_a_list_of_which_nothing_is_known_may_hold_anything(
    pack: RandomPack, values: dict[str, Value]
) -> None:
    widest = values | {fact: Members(frozenset(), frozenset(domain)) for fact, domain in LIST_FACTS.items()}
    nothing = {fact: value for fact, value in values.items() if fact not in LIST_FACTS}
    assert possible([component(pack, widest)]) == possible([component(pack, nothing)])
