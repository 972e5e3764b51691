"""Random questions to :func:`weightgate.decide.decide` with the shipped pack and two small ones beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from hypothesis import strategies as st

from tests.operators.strategies import DIGEST
from weightgate.decide import Question, decide
from weightgate.decide.decision import Decision
from weightgate.destinations.footprint import resolve
from weightgate.facts.registry import ACTIVITIES, AUTHORIZATIONS, OPENNESS, STANDARDS
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Interval, Known, Members, OneOf, Unknown, Value
from weightgate.inspect.inspection import Inspection
from weightgate.operators.profile import Authorization, Operator, Standard
from weightgate.policy.source import PackSource, find_pack

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
AS_OF = "2026-05-01"

EXTRA = b"""\
schema: weightgate/pack/v1
name: extra
version: 1.0.0
title: A second pack
summary: A second pack.
sources: {law: {title: The law}}
status: [{from: 2025-01-01, status: effective, cite: {source: law, place: all}}]
default: {verdict: allow, title: Nothing forbids it, cites: [{source: law, place: all}]}
rules:
  - id: large
    title: Large models need a licence abroad
    activity: [host, fine_tune]
    when: model.training_operations >= 1e26 && destination.country != "US"
    verdict: license_required
    cites: [{source: law, place: all}]
  - id: named
    title: Some licences are refused
    activity: host
    when: model.license in ["mit", "apache-2.0"] && model.openness != "open"
    verdict: deny
    cites: [{source: law, place: all}]
"""


@cache
def draft() -> PackSource:
    """The shipped pack."""
    return find_pack("us-ai-diffusion-draft")


@cache
def extra() -> PackSource:
    """A second pack with rules of another kind."""
    return PackSource("extra.yaml", "extra.yaml", EXTRA)


NAMES = ("DE", "US", "AE", "CN", "UA", "UA-43", "aws/eu-central-1", "gcp/eu", "gcp/asia1")
openness: st.SearchStrategy[Value] = st.sampled_from(
    [*map(Known, OPENNESS), OneOf(("open", "restricted")), OneOf(("restricted", "closed")), Unknown()]
)
shares: st.SearchStrategy[Value] = st.sampled_from(
    [Known(0.25), Known(0.26), Interval(None, 0.25), Interval(0.25, None), Interval(0.1, 0.5), Unknown()]
)
operations: st.SearchStrategy[Value] = st.sampled_from(
    [Known(1e25), Known(2.5e24), Known(1e26), Interval(1e25, 2e26), Interval(1e24, None), Unknown()]
)
booleans: st.SearchStrategy[Value] = st.sampled_from([Known(True), Known(False), Unknown()])
names: st.SearchStrategy[Value] = st.sampled_from([Known("mit"), Known("x"), OneOf(("mit", "x")), Unknown()])
lists: st.SearchStrategy[Value] = st.builds(
    lambda certain, more: Members(frozenset(certain), frozenset(certain) | frozenset(more)),
    st.sets(st.sampled_from(AUTHORIZATIONS), max_size=2),
    st.sets(st.sampled_from(AUTHORIZATIONS), max_size=2),
)
VALUES: dict[str, st.SearchStrategy[Value]] = {
    "model.openness": openness,
    "model.base_openness": openness,
    "model.special_purpose": booleans,
    "model.finetune_share": shares,
    "model.finetune_operations": operations,
    "model.base_operations": operations,
    "model.training_operations": operations,
    "model.license": names,
    "operator.authorizations": lists,
}


@st.composite
def statements(draw: st.DrawFn, grades: tuple[Grade, ...] = tuple(Grade)) -> Statement:
    """One source's word about one fact."""
    fact = draw(st.sampled_from(sorted(VALUES)))
    source = draw(st.sampled_from(["card", "facts.yaml", "hub", "config"]))
    return Statement(fact, draw(VALUES[fact]), draw(st.sampled_from(grades)), source)


@st.composite
def profiles(draw: st.DrawFn) -> Operator:
    """An operator file with a few entries."""
    country = st.none() | st.sampled_from(["US", "DE", "AE", "CN"])
    day = st.sampled_from(["", "2026-04-30", "2026-05-01", None])
    standards = st.lists(
        st.builds(Standard, st.sampled_from(STANDARDS), st.just("2025-01-01"), day), max_size=3
    ).map(tuple)
    entries = st.lists(
        st.builds(
            Authorization,
            st.sampled_from(AUTHORIZATIONS),
            st.sampled_from([None, ("AE",), ("DE", "CN"), ("AE", "UA", "CN", "DE")]),
            until=day,
            models=st.sampled_from([("*",), (DIGEST,), None]),
            reference=st.sampled_from(["", "D1"]),
            terms=st.sampled_from([(), ("Report.",)]),
        ).map(
            lambda a: (
                replace(a, verdict="deny" if a.terms else "license_required") if a.kind == "ORDER" else a
            )
        ),
        max_size=2,
    ).map(tuple)
    all_three = tuple(Standard(name, "2025-01-01") for name in STANDARDS)
    return Operator(
        "Example",
        draw(country),
        draw(country),
        draw(st.none() | st.just(all_three) | standards),
        draw(st.none() | entries),
        source="operator.yaml",
    )


@st.composite
def questions(draw: st.DrawFn, max_places: int = 2) -> Question:
    """What is asked."""
    listed = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=max_places, unique=True))
    packs = draw(st.sampled_from([(draft(),), (draft(), extra()), (extra(), draft())]))
    return Question(
        draw(st.sampled_from(ACTIVITIES[:2])),
        tuple(resolve(name) for name in listed),
        packs,
        AS_OF,
        draw(profiles()),
    )


def ask(question: Question, said: list[Statement], digest: str = "") -> Decision:
    """The decision on a model of which just that was said."""
    return decide(question, Inspection("./model", digest=digest), said, now=NOW)


def asked_of(question: Question, operator: Operator) -> Question:
    """The same question about another operator."""
    return replace(question, operator=operator)
