"""Random questions whose facts are to be said as widely as their verdicts allow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.operators.strategies import DIGEST
from tests.property.pack_text import as_pack
from tests.property.questions import AS_OF, NOW, draft, extra, profiles, questions, statements
from tests.property.strategies import packs
from weightgate.attest.replay.deriving import plain
from weightgate.decide import Question, decide
from weightgate.destinations.footprint import resolve
from weightgate.facts.registry import FACTS
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Known, Members, OneOf, Unknown, Value
from weightgate.inspect.inspection import Inspection, ManifestEntry
from weightgate.policy.source import PackSource

EVERY_KIND = b"""\
schema: weightgate/pack/v1
name: kinds
version: 1.0.0
title: A pack that asks for facts of every kind
summary: A pack that asks for facts of every kind.
sources: {law: {title: The law}}
status: [{from: 2025-01-01, status: effective, cite: {source: law, place: all}}]
default: {verdict: allow, title: Nothing forbids it, cites: [{source: law, place: all}]}
rules:
  - {id: late, title: Late, activity: host, when: 'model.released >= "2025-06-01" && model.released < "2026-01-01"',
     verdict: license_required, cites: [{source: law, place: all}]}
  - {id: seen, title: Seen, activity: host, when: '"image" in model.inputs && !("video" in model.inputs)',
     verdict: deny, cites: [{source: law, place: all}]}
  - {id: labelled, title: Labelled, activity: host, when: '"secret" in model.labels', verdict: deny,
     cites: [{source: law, place: all}]}
  - {id: owned, title: Owned, activity: host, when: 'model.owner == "acme" || model.license in ["mit", "x"]',
     verdict: license_required, cites: [{source: law, place: all}]}
  - {id: rich, title: Rich, activity: host, when: developer.revenue > 1e9 && model.special_purpose, verdict: deny,
     cites: [{source: law, place: all}]}
  - {id: tuned, title: Tuned, activity: host, verdict: license_required,
     when: model.finetune_share > 0.25 && model.finetune_operations >= 1e24, cites: [{source: law, place: all}]}
"""

KINDS = PackSource("kinds.yaml", "/srv/somebody/kinds.yaml", EVERY_KIND)
FILES = (ManifestEntry("a.safetensors", "ab" * 32),)

more: dict[str, st.SearchStrategy[Value]] = {
    "model.released": st.sampled_from([Known("2025-05-31"), Known("2025-07-17"), Known("2026-02-03")]),
    "model.inputs": st.sampled_from(
        [
            Members(frozenset({"text", "image"}), frozenset({"text", "image"})),
            Members(frozenset({"image"}), frozenset({"image", "video"})),
            Members(frozenset(), frozenset({"odour"})),
        ]
    ),
    "model.labels": st.sampled_from([Members(frozenset({"zeta-9"}), frozenset({"zeta-9", "secret"}))]),
    "model.owner": st.sampled_from([Known("acme"), Known("qwertz"), OneOf(("acme", "qwertz")), Unknown()]),
    "model.license": st.sampled_from([Known("mit"), Known("qwertz-1"), OneOf(("mit", "qwertz-1"))]),
    "developer.revenue": st.sampled_from([Known(123456789.0), Known(1e9), Known(7654321098.0)]),
    "model.finetune_operations": st.sampled_from([Known(1.2345e24), Known(1.2345e23)]),
    "model.base_operations": st.sampled_from([Known(3.21e24), Known(3.21e26), Unknown()]),
    "model.special_purpose": st.sampled_from([Known(True), Known(False), Unknown()]),
    "operator.tier": st.sampled_from([Known(1), OneOf((1, 2)), Known(3)]),
}


@st.composite
def said_more(draw: st.DrawFn) -> Statement:
    """One source's word about a fact of any kind."""
    fact = draw(st.sampled_from(sorted(more)))
    grade = draw(st.sampled_from(Grade))
    return Statement(fact, draw(more[fact]), grade, draw(st.sampled_from(["a", "/srv/somebody/f.yaml"])))


@st.composite
def asked(draw: st.DrawFn) -> tuple[Question, list[Statement]]:
    """A question under shipped packs, random ones or one that asks for everything, and what was said."""
    which = draw(st.sampled_from(["shipped", "random", "kinds"]))
    said = draw(st.lists(st.one_of(statements(), said_more()), max_size=6))
    if which == "shipped":
        return draw(questions()), said
    source = as_pack(draw(packs(max_rules=4))).source if which == "random" else KINDS
    beside = draw(st.sampled_from([(), (draft(),), (extra(),)]))
    places = tuple(resolve(n) for n in draw(st.sampled_from([("DE",), ("AE", "CN"), ("gcp/asia1",)])))
    return Question("host", places, (source, *beside), AS_OF, draw(profiles())), said


def decided(question: Question, said: list[Statement], *, cap: Grade = Grade.VERIFIED) -> dict[str, Any]:
    """The decision, as its file has it; that of a declared tier which contradicts the destination is not asked."""
    looked = Inspection("/srv/somebody/model", "", DIGEST, FILES, tuple(said), ("The card says 5.5e24.",))
    return dict(plain(decide(question, looked, [], now=NOW, cap=cap, with_flips=False).to_json()))


def instead(decision: dict[str, Any], fact: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    """The decision with other statements about one fact, in the place of its own."""
    inputs = decision["inputs"]
    rest = [entry for entry in inputs["statements"] if entry["fact"] != fact]
    return decision | {"inputs": inputs | {"statements": [*rest, *entries]}}


def held_out(question: Question) -> Question:
    """The question about an operator of whom nothing is said."""
    return replace(question, operator=type(question.operator)())


ORDERED = tuple(FACTS)
