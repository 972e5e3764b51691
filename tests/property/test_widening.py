"""What is said widely: it comes to the same verdicts, covers what was so, and could not be said more widely."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.property.widened import asked, decided, instead
from weightgate.attest.disclosure.minimal import minimal
from weightgate.attest.replay.deriving import plain, replay
from weightgate.decide import Question
from weightgate.decide.again import case_again, decide_again
from weightgate.decide.case import Case
from weightgate.decide.widening.kept import kept_of
from weightgate.decide.widening.parts import Ordered, Parts
from weightgate.decide.widening.saying import say
from weightgate.decide.widening.widen import parts_in
from weightgate.errors import InputError
from weightgate.facts.encode import encode_statement
from weightgate.facts.registry import FACTS, Kind
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Known, Members, OneOf, Unknown, Value, allows, bounds, choices

Asked = tuple[Question, list[Statement]]


def both(question: Asked, cap: Grade = Grade.VERIFIED) -> tuple[dict[str, Any], dict[str, Any], Case, Case]:
    """A decision and its minimal form, as JSON and laid out."""
    try:
        exact = decided(*question, cap=cap)
    except InputError:
        assume(False)
        raise
    less = minimal(exact, question[0].packs, decide_again)
    cases = [
        case_again(d, p, cap=Grade.VERIFIED)
        for d, p in ((exact, question[0].packs), (less.decision, less.packs))
    ]
    return exact, less.decision, cases[0], cases[1]


def value(case: Case, fact: str) -> Value:
    known = case.facts.get(fact)
    return Unknown() if known is None else known.value


def covers(said: Value, exact: Value) -> bool:
    """Whether ``said`` literally allows all that ``exact`` does."""
    if isinstance(said, Unknown):
        return True
    if isinstance(said, Members):
        held = exact if isinstance(exact, Members) else None
        return held is not None and said.certain <= held.certain and held.possible <= said.possible
    if isinstance(exact, Known | OneOf):
        return all(allows(said, value) for value in choices(exact))
    if isinstance(exact, Unknown):
        return False
    (low, high), (least, most) = bounds(said), bounds(exact)
    return (low is None or (least is not None and low <= least)) and (
        high is None or (most is not None and most <= high)
    )


@settings(max_examples=60)
@given(asked(), st.sampled_from([Grade.VERIFIED, Grade.DECLARED, Grade.CLAIMED]))
def test_the_verdicts_stay_and_a_stranger_derives_them_again(question: Asked, cap: Grade) -> None:
    exact, less, case, wide = both(question, cap)
    for key in ("verdict", "possible", "exit", "hypothetical", "switches", "left_out"):
        assert less[key] == exact[key]
    places = [
        [(d["name"], d["country"], d["tiers"], d["possible"]) for d in x["destinations"]]
        for x in (exact, less)
    ]
    assert places[0] == places[1]
    assert [p["possible"] for p in less["packs"]] == [p["possible"] for p in exact["packs"]]
    assert kept_of(wide).but_for_names() == kept_of(case).but_for_names()
    days = [x["valid_until"]["date"] or "9999-12-31" for x in (exact, less)]
    assert days[1] <= days[0]
    assert replay(less, question[0].packs, decide_again).differences == ()


@settings(max_examples=60)
@given(asked())
def test_what_is_said_covers_what_was_so(question: Asked) -> None:
    _, _, case, wide = both(question)
    parts = parts_in(case)
    for fact in FACTS.keys() - {"activity"}:
        exact, said = value(case, fact), value(wide, fact)
        if fact in parts:
            assert parts[fact].of(exact) <= parts[fact].of(said), fact
        if FACTS[fact].kind not in (Kind.TEXT, Kind.LIST, Kind.DATE):
            assert covers(said, exact), fact
    for was, now in zip(case.held, wide.held, strict=True):
        assert isinstance(was.value, Members)
        assert isinstance(now.value, Members)
        assert now.value.certain <= was.value.certain
        assert was.value.possible & {"UVEU", "NVEU", "ORDER"} <= now.value.possible


@settings(max_examples=60)
@given(asked())
def test_no_fact_could_be_said_more_widely(question: Asked) -> None:
    _, less, _, wide = both(question)
    packs, kept = question[0].packs, kept_of(wide)
    grades = case_again(less, packs, cap=Grade.VERIFIED).facts
    parts = parts_in(wide)
    shown = {entry["fact"] for entry in less["inputs"]["statements"]} - {
        "activity",
        "operator.authorizations",
    }
    for fact in shown:
        assert differs(instead(less, fact, []), question, kept), f"{fact} could be left out"
        if fact not in parts:
            continue
        now = parts[fact].of(value(wide, fact))
        for part in range(parts[fact].count):
            more = now | {part}
            if part in now or (isinstance(parts[fact], Ordered) and not touches(fact, now, part)):
                continue
            wider = parts[fact].value(more)
            assert wider is not None
            said = say(fact, wider, grades[fact].grade)
            if said is not None:
                entries = [{"fact": fact, **encode_statement(s)} for s in said]
                assert differs(instead(less, fact, entries), question, kept), f"{fact} could be {wider}"


def touches(fact: str, now: frozenset[int], part: int) -> bool:
    """Whether a part can be added: an interval has no gaps."""
    return FACTS[fact].kind is Kind.DATE or part in (min(now) - 1, max(now) + 1)


def differs(decision: dict[str, Any], question: Asked, kept: object) -> bool:
    try:
        return kept_of(case_again(decision, question[0].packs, cap=Grade.VERIFIED)) != kept
    except InputError:
        return True


@settings(max_examples=25)
@given(asked())
def test_it_is_said_in_the_same_way_each_time(question: Asked) -> None:
    _, once, _, _ = both(question)
    _, twice, _, _ = both(question)
    assert once == twice


@settings(max_examples=30)
@given(asked())
def test_a_minimal_decision_is_minimal(question: Asked) -> None:
    _, less, _, _ = both(question)
    packs = question[0].packs
    again = minimal(less, packs, decide_again)
    assert again.decision["inputs"]["statements"] == less["inputs"]["statements"]
    assert again.decision["inputs"]["operator"] == less["inputs"]["operator"]


@settings(max_examples=60)
@given(asked())
def test_nothing_withheld_is_anywhere_in_it(question: Asked) -> None:
    _, less, _, _ = both(question)
    text = repr(less)
    secrets = (
        "somebody", "zeta-9", "qwertz", "2025-07-17", "2026-02-03", "123456789", "7654321098", "1.2345e", "12345e",
        "3.21e", "odour", "5.5e24", "Example", "operator.yaml", "card", "facts.yaml", "D1", "2025-01-01",
    )  # fmt: skip
    # One day is said: the last on which the decision holds.
    assert [secret for secret in secrets if secret in text] == []


LINKED = (
    "model.finetune_operations",
    "model.base_operations",
    "model.finetune_share",
    "model.training_operations",
)
"""Facts of which one is worked out from another: a number in the same part may lead to a share in another."""


@settings(max_examples=60)
@given(asked(), st.data())
def test_values_in_the_same_parts_are_said_in_the_same_way(question: Asked, data: st.DataObject) -> None:
    """So what is said tells nothing of where in its parts a value was."""
    exact, less, case, _ = both(question)
    parts = parts_in(case)
    entries = []
    said = Counter(entry["fact"] for entry in exact["inputs"]["statements"])
    for entry in exact["inputs"]["statements"]:
        fact, says = entry["fact"], entry["says"]
        # Whether two sources agree is said, so of a fact that several speak of none is moved alone.
        movable = fact not in LINKED and said[fact] == 1 and "value" in says
        if movable and FACTS[fact].kind in (Kind.NUMBER, Kind.DATE, Kind.TEXT):
            like = [v for v in NEARBY[FACTS[fact].kind] if same_part(parts.get(fact), says["value"], v)]
            entries.append(entry | {"says": {"value": data.draw(st.sampled_from([says["value"], *like]))}})
        else:
            entries.append(entry)
    moved = decide_again(
        exact | {"inputs": exact["inputs"] | {"statements": entries}}, question[0].packs, cap=Grade.VERIFIED
    )
    other = minimal(plain(moved), question[0].packs, decide_again).decision
    assert other["inputs"]["statements"] == less["inputs"]["statements"]
    assert other["inputs"]["operator"] == less["inputs"]["operator"]


NEARBY: dict[Kind, list[Any]] = {
    Kind.NUMBER: [1.0, 2e8, 5e8, 1.5e9, 9e9, 3e24, 3e25, 1.7e26],
    Kind.DATE: ["2024-01-01", "2025-06-01", "2025-12-31", "2026-04-04"],
    Kind.TEXT: ["acme", "mit", "x", "apache-2.0", "somewhat", "other-than-that"],
}


def same_part(parts: Parts | None, one: Any, other: Any) -> bool:
    return parts is None or parts.of(Known(one)) == parts.of(Known(other))
