"""A declaration by a key that nobody knows loosens nothing; one by a trusted key changes the facts that it names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.attest.declarations.samples import UNTIL, declared, said, trust
from tests.decide.samples import DAY, DRAFT, NOW, ask, company, pack, question, rule
from weightgate.attest.trust import Trust
from weightgate.decide import decide
from weightgate.decide.decision import Decision
from weightgate.facts.encode import encode_value
from weightgate.facts.statements import Grade, Statement
from weightgate.inspect.inspection import Inspection
from weightgate.policy.verdicts import VERDICTS

LIMITED = pack(
    rule("model.training_operations >= 1e26", "license_required", name="large")
    + rule('model.openness != "open" && model.finetune_share > 0.5', name="tuned").removeprefix("rules:\n"),
    "limited",
)
PACKS = (DRAFT, LIMITED)
LINEAGE = {
    "model.training_operations",
    "model.base_operations",
    "model.finetune_operations",
    "model.finetune_share",
}
SIGNED = datetime.fromisoformat(f"{DAY}T08:00:00+00:00")
COMPUTE = st.sampled_from([1e20, 1e24, 6e25, 1e26, 1e27])
OPENNESS = st.sampled_from(["open", "restricted", "closed"])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "model.openness": OPENNESS,
    "model.base_openness": OPENNESS,
    "model.special_purpose": st.booleans(),
    "model.training_operations": COMPUTE | st.just({"min": 1e24, "max": 2e26}),
    "model.finetune_operations": COMPUTE,
    "model.base_operations": COMPUTE,
}


def some(least: int) -> st.SearchStrategy[dict[str, Any]]:
    """Values of some of these facts."""
    names = st.lists(st.sampled_from(sorted(VALUES)), min_size=least, max_size=4, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: VALUES[name] for name in chosen}))


def found(facts: dict[str, Any], grade: Grade) -> tuple[Statement, ...]:
    """What is known of the model already, from somebody else."""
    from weightgate.facts.factfile import declare

    return tuple(
        Statement(one.fact, one.value, grade, "elsewhere") for one in declare(facts, "elsewhere", DAY)
    )


def declaration(facts: dict[str, Any], by: Trust | None) -> tuple[Statement, ...]:
    """What a declaration of these facts comes to."""
    raw = declared(facts, now=SIGNED, until=UNTIL)
    return tuple(said(raw, by, now=NOW, as_of=DAY).values())


def strictest(decision: Decision) -> int:
    return max(VERDICTS[name] for name in decision.possible)


QUESTIONS = st.tuples(
    st.sampled_from(["DE", "AE", "CN"]),
    st.sampled_from([company("US"), company("AE"), company(None)]),
    st.sampled_from(["host", "fine_tune"]),
)


def both(
    asked: tuple[Any, ...], known: dict[str, Any], grade: Grade, claim: tuple[Statement, ...]
) -> Iterator[Decision]:
    """The decision without a declaration, and with it."""
    to, operator, activity = asked
    for statements in (found(known, grade), (*found(known, grade), *claim)):
        yield decide(
            question(to, operator, activity, packs=PACKS),
            Inspection("./m"),
            statements,
            now=NOW,
            with_flips=False,
        )


@settings(max_examples=40)
@given(QUESTIONS, some(0), some(1), st.sampled_from([g for g in Grade if g is not Grade.CLAIMED]))
def test_what_a_stranger_declares_never_loosens(
    asked: tuple[Any, ...], known: dict[str, Any], claimed: dict[str, Any], grade: Grade
) -> None:
    without, with_it = both(asked, known, grade, declaration(claimed, None))
    assert strictest(with_it) >= strictest(without)
    assert without.allowed or not with_it.allowed


@settings(max_examples=40)
@given(QUESTIONS, some(0), some(1), st.sampled_from(list(Grade)))
def test_what_a_trusted_key_declares_changes_the_facts_that_it_names(
    asked: tuple[Any, ...], known: dict[str, Any], vouched: dict[str, Any], grade: Grade
) -> None:
    without, with_it = both(asked, known, grade, declaration(vouched, trust()))
    # Compute along a lineage hangs together: what is said of a part says something of the whole.
    linked = LINEAGE if LINEAGE & set(vouched) else set()
    for name in {*without.facts, *with_it.facts} - set(vouched) - linked:
        assert without.facts[name] == with_it.facts[name], name
    for name in set(vouched) - set(known) - linked:
        assert with_it.facts[name].grade is Grade.VERIFIED
        assert encode_value(with_it.facts[name].value) in ({"value": vouched[name]}, vouched[name])


@settings(max_examples=20)
@given(QUESTIONS, some(1))
def test_a_trust_file_that_names_another_fact_leaves_it_a_claim(
    asked: tuple[Any, ...], facts: dict[str, Any]
) -> None:
    elsewhere = trust({"facts": ["model.released"]})
    claims, refused = (declaration(facts, by) for by in (None, elsewhere))
    first, second = (list(both(asked, {}, Grade.DECLARED, one))[1] for one in (claims, refused))
    assert (first.possible, {one.grade for one in refused}) == (second.possible, {Grade.CLAIMED})


def test_a_trusted_word_against_what_was_seen_is_a_contradiction() -> None:
    seen = found({"model.openness": "closed"}, Grade.VERIFIED)
    decision = ask("CN", {}, found=(*seen, *declaration({"model.openness": "open"}, trust())))
    assert [one.fact for one in decision.contradictions] == ["model.openness"]
    assert decision.verdict == "indeterminate"
