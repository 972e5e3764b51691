"""min possible(A and B) >= min possible(A): to ask more packs or places never loosens."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.property.questions import NAMES, ask, draft, extra, questions, statements
from tests.property.strategies import RandomPack, component, packs, partly, shared_and_own
from weightgate.decide import Question
from weightgate.destinations.footprint import resolve
from weightgate.facts.statements import Statement
from weightgate.facts.values import Value
from weightgate.operators.profile import Authorization
from weightgate.policy.joint import possible

LOOSE = {"allow", "allow_with_conditions"}
RANKS = ["allow", "allow_with_conditions", "license_required", "deny"]


def ranks(verdicts: tuple[str, ...]) -> list[int]:
    return [RANKS.index(v) for v in verdicts]


@given(packs(3), packs(3), partly())
def test_a_further_pack_never_loosens(a: RandomPack, b: RandomPack, values: dict[str, Value]) -> None:
    alone = possible([component(a, values, name="a")])
    both = possible([component(a, values, name="a"), component(b, values, name="b")])
    assert min(both) >= min(alone)
    assert max(both) >= max(alone)


@given(packs(3), shared_and_own(places=2))
def test_a_further_place_never_loosens(pack: RandomPack, values: list[dict[str, Value]]) -> None:
    alone = possible([component(pack, values[0], 0)])
    both = possible([component(pack, v, i) for i, v in enumerate(values)])
    assert min(both) >= min(alone)
    assert max(both) >= max(alone)


@given(packs(3), packs(3), partly(2))
def test_together_is_never_wider_than_each_apart(
    a: RandomPack, b: RandomPack, values: dict[str, Value]
) -> None:
    apart = possible([component(a, values)]), possible([component(b, values)])
    both = possible([component(a, values, name="a"), component(b, values, name="b")])
    assert set(both) <= {max(x, y) for x in apart[0] for y in apart[1]}


@settings(max_examples=25)
@given(questions(1), st.lists(statements(), max_size=4), st.sampled_from(NAMES))
def test_a_further_destination_never_turns_a_decision_into_an_allowance(
    question: Question, said: list[Statement], name: str
) -> None:
    assume(name not in {d.name for d in question.destinations})
    more = replace(question, destinations=(*question.destinations, resolve(name)))
    before, after = ask(question, said), ask(more, said)
    assert min(ranks(after.possible)) >= min(ranks(before.possible))
    assert after.verdict not in LOOSE or set(before.possible) <= LOOSE


@settings(max_examples=25)
@given(questions(), st.lists(statements(), max_size=4))
def test_a_further_pack_never_turns_a_decision_into_an_allowance(
    question: Question, said: list[Statement]
) -> None:
    before = ask(replace(question, packs=(draft(),)), said)
    after = ask(replace(question, packs=(draft(), extra())), said)
    assert min(ranks(after.possible)) >= min(ranks(before.possible))
    assert after.verdict not in LOOSE or set(before.possible) <= LOOSE


@settings(max_examples=25)
@given(questions(), st.lists(statements(), max_size=3), st.sampled_from([None, ("AE", "DE")]))
def test_an_order_never_loosens(
    question: Question, said: list[Statement], countries: tuple[str, ...] | None
) -> None:
    operator = question.operator
    order = Authorization("ORDER", countries, verdict="deny", reference="O1")
    ordered = replace(operator, authorizations=(*(operator.authorizations or ()), order))
    stated = replace(operator, authorizations=operator.authorizations or ())
    before = ask(replace(question, operator=stated), said)
    after = ask(replace(question, operator=ordered), said)
    assert min(ranks(after.possible)) >= min(ranks(before.possible))
    assert max(ranks(after.possible)) >= max(ranks(before.possible))
