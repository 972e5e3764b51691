"""Random packs and random knowledge of facts, for holding the readings of a pack to one another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import islice

from hypothesis import strategies as st

from weightgate.facts.registry import AUTHORIZATIONS, FACTS, OPENNESS, STANDARDS
from weightgate.facts.values import Interval, Known, Members, OneOf, Scalar, Unknown, Value, one_of
from weightgate.policy.builder import LICENSE, Builder
from weightgate.policy.cel import Scope, compile_condition
from weightgate.policy.compile import compile_activity
from weightgate.policy.compiled import CompiledActivity
from weightgate.policy.define import Part, Ruling, worlds
from weightgate.policy.joint import Component
from weightgate.policy.pack import RuleAt
from weightgate.policy.schema import Rule
from weightgate.policy.verdicts import VERDICTS, Verdict

COUNTRIES = ("DE", "FR", "AE", "IN", "CN", "IR")
NUMBERS = (0.0, 0.07, 0.25, 1.0, 1e25, 1e26, 2e26)
NEIGHBOURS = tuple(sorted({near for n in NUMBERS for near in (n, math.nextafter(n, math.inf))}))
"""Numbers and the next doubles after them: between the two lies no world."""
SCOPE = Scope({"limit": 1e26, "quarter": 0.25, "some": ("AE", "IN")}, {})
TITLE = "A rule"
EVERY_TIER_2 = dict.fromkeys(FACTS["destination.country"].domain, 2)


@dataclass(frozen=True)
class RandomPack:
    """A pack in two readings: rules for the definition, and the compiled diagram.

    Attributes:
        texts: Conditions in CEL, one for each rule.
        verdicts: What each rule says.
        default: Where none applies.
        tiers: Tier of every country.
        compiled: The decision diagram.
    """

    texts: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    default: Verdict
    tiers: dict[str, int]
    compiled: CompiledActivity

    @property
    def rulings(self) -> tuple[Ruling, ...]:
        """The rules for the definition."""
        conditions = (compile_condition(text, SCOPE) for text in self.texts)
        return tuple(Ruling(c, v) for c, v in zip(conditions, self.verdicts, strict=True))


def quoted(name: str) -> str:
    """A string literal of CEL."""
    return f'"{name}"'


def atom_texts(compared: tuple[float, ...] = NUMBERS) -> st.SearchStrategy[str]:
    """One comparison or membership test, in CEL."""
    numbers = st.sampled_from(compared).map(repr)
    order = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
    number_facts = st.sampled_from(["model.training_operations", "model.finetune_share"])
    number = st.builds(lambda f, o, n: f"{f} {o} {n}", number_facts, order, numbers)
    named = st.builds(lambda o: f"model.training_operations {o} values.limit", order)
    tier = st.builds(
        lambda f, o, t: f"{f} {o} {t}",
        st.sampled_from(["destination.tier", "operator.tier"]),
        order,
        st.integers(1, 3),
    )
    country_facts = st.sampled_from(["destination.country", "operator.headquarters"])
    country = st.builds(lambda f, c: f"{f} == {quoted(c)}", country_facts, st.sampled_from(COUNTRIES))
    listed = st.builds(lambda f: f"{f} in values.some", country_facts)
    openness = st.builds(
        lambda o, v: f"model.openness {o} {quoted(v)}",
        st.sampled_from(["==", "!="]),
        st.sampled_from(OPENNESS),
    )
    special = st.sampled_from(
        ["model.special_purpose", "!model.special_purpose", "model.special_purpose == false"]
    )
    held = st.sampled_from(AUTHORIZATIONS).map(lambda k: f"{quoted(k)} in operator.authorizations")
    kept = st.sampled_from(STANDARDS).map(lambda k: f"{quoted(k)} in operator.security_standards")
    name = st.sampled_from(["mit", "apache-2.0"]).map(lambda n: f"model.license == {quoted(n)}")
    names = st.lists(
        st.sampled_from(["mit", "apache-2.0", "other"]), min_size=2, max_size=2, unique=True
    ).map(lambda listed: f"model.license in [{', '.join(map(quoted, listed))}]")
    day = st.builds(
        lambda o, d: f"as_of {o} {quoted(d)}", order, st.sampled_from(["2025-01-13", "2026-01-15"])
    )
    return st.one_of(number, named, tier, country, listed, openness, special, held, kept, name, names, day)


def condition_texts(atoms: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[str]:
    """A condition, in CEL."""
    return st.recursive(
        atom_texts() if atoms is None else atoms,
        lambda inner: st.one_of(
            st.builds(lambda a, b: f"({a} && {b})", inner, inner),
            st.builds(lambda a, b: f"({a} || {b})", inner, inner),
            st.builds(lambda a: f"!({a})", inner),
            st.builds(lambda a, b, c: f"({a} ? {b} : {c})", inner, inner, inner),
        ),
        max_leaves=5,
    )


@st.composite
def packs(draw: st.DrawFn, max_rules: int = 5, compared: tuple[float, ...] = NUMBERS) -> RandomPack:
    """A random pack, with the numbers that its rules may compare with."""
    texts = draw(st.lists(condition_texts(atom_texts(compared)), min_size=1, max_size=max_rules))
    verdicts = tuple(draw(st.sampled_from(Verdict)) for _ in texts)
    default = draw(st.sampled_from(Verdict))
    chosen = {code: draw(st.integers(1, 3)) for code in COUNTRIES}
    return build(tuple(texts), verdicts, default, EVERY_TIER_2 | chosen)


def build(
    texts: tuple[str, ...], verdicts: tuple[Verdict, ...], default: Verdict, tiers: dict[str, int]
) -> RandomPack:
    """Compile rules given as CEL."""
    rules = []
    for number, (text, verdict) in enumerate(zip(texts, verdicts, strict=True)):
        rule = Rule.model_validate(
            {
                "id": f"rule-{number}",
                "title": TITLE,
                "activity": ["host"],
                "when": text,
                "verdict": str(verdict),
                "cites": [{"source": "somewhere", "place": "there"}],
            }
        )
        rules.append(RuleAt(rule, compile_condition(text, SCOPE)))
    bodies = {r.rule.id: {"title": TITLE} for r in rules}
    conditions = [r.condition for r in rules]
    builder = Builder([*conditions, LICENSE], tiers)
    return RandomPack(
        texts, verdicts, default, tiers, compile_activity(builder, rules, conditions, default, bodies)
    )


def scalars(fact: str) -> st.SearchStrategy[Scalar]:
    """A definite value of a fact that random packs mention."""
    if fact in ("model.training_operations", "model.finetune_share"):
        return st.sampled_from([*NUMBERS, 0.2500000000000001, 1.0000000000000001e26, 5e25, 0.1])
    if fact in ("destination.country", "operator.headquarters", "operator.ultimate_parent"):
        return st.sampled_from([*COUNTRIES, "BR"])
    if fact == "model.openness":
        return st.sampled_from(OPENNESS)
    if fact == "model.special_purpose":
        return st.booleans()
    if fact == "as_of":
        return st.sampled_from(["2025-01-12", "2025-01-13", "2025-06-01", "2026-01-15", "2026-01-16"])
    return st.sampled_from(["mit", "apache-2.0", "other"])


SCALAR_FACTS = (
    "as_of",
    "destination.country",
    "model.openness",
    "operator.headquarters",
    "operator.ultimate_parent",
    "model.special_purpose",
    "model.finetune_share",
    "model.training_operations",
    "model.license",
)
LIST_FACTS = {"operator.authorizations": AUTHORIZATIONS, "operator.security_standards": STANDARDS}
NUMERIC = ("model.finetune_share", "model.training_operations")


@st.composite
def definite(draw: st.DrawFn) -> dict[str, Value]:
    """Every fact known."""
    values: dict[str, Value] = {fact: Known(draw(scalars(fact))) for fact in SCALAR_FACTS}
    for fact, domain in LIST_FACTS.items():
        members = frozenset(draw(st.sets(st.sampled_from(domain))))
        values[fact] = Members(members, members)
    return values


@st.composite
def partly(draw: st.DrawFn, max_open: int = 5) -> dict[str, Value]:
    """Up to ``max_open`` facts not known exactly, in every form of not knowing."""
    values = draw(definite())
    opened = draw(st.sets(st.sampled_from([*SCALAR_FACTS[1:], *LIST_FACTS]), max_size=max_open))
    for fact in sorted(opened):
        values[fact] = draw(looser(fact, values[fact]))
    return values


def looser(fact: str, value: Value) -> st.SearchStrategy[Value]:
    """A form that knows less than ``value`` and still allows it."""
    if isinstance(value, Members):
        domain = frozenset(LIST_FACTS[fact])
        some = st.sets(st.sampled_from(sorted(domain)))
        partly_known = st.builds(
            lambda fewer, more: Members(value.certain - fewer, value.possible | more), some, some
        )
        return st.one_of(st.just(Unknown()), partly_known)
    if not isinstance(value, Known):
        return st.just(Unknown())
    known = value.value
    forms: list[st.SearchStrategy[Value]] = [
        st.just(Unknown()),
        st.lists(scalars(fact), min_size=1, max_size=2).map(lambda more: _choice(known, more)),
    ]
    if fact in NUMERIC:
        number = float(known)
        forms.append(
            st.builds(
                lambda other: Interval(min(number, other), max(number, other)), st.sampled_from(NUMBERS)
            )
        )
        forms += [st.just(Interval(number, None)), st.just(Interval(None, number))]
    return st.one_of(forms)


def _choice(known: Scalar, more: list[Scalar]) -> Value:
    unique = tuple(dict.fromkeys([known, *more]))
    return Known(known) if len(unique) == 1 else OneOf(unique)


TIER_FACTS = ("destination.tier", "operator.tier")


def tier_masks() -> st.SearchStrategy[Value | None]:
    """What a declared tier leaves open: nothing was declared, tiers, or tiers beside what the countries say (0)."""
    some = st.lists(st.sampled_from([0, 1, 2, 3]), min_size=1, max_size=3, unique=True)
    return st.none() | some.map(lambda tiers: one_of([*tiers]))


@st.composite
def declared_tiers(draw: st.DrawFn) -> dict[str, Value]:
    """Declared tiers as one pack reads them."""
    drawn = {fact: draw(tier_masks()) for fact in TIER_FACTS}
    return {fact: value for fact, value in drawn.items() if value is not None}


@st.composite
def shared_and_own(draw: st.DrawFn, places: int, max_open: int = 3) -> list[dict[str, Value]]:
    """Values at several places: facts about the destination differ, all others are the same."""
    shared = draw(partly(max_open))
    found = []
    for _ in range(places):
        own = draw(partly(1))
        found.append({f: own[f] if FACTS[f].per_destination else value for f, value in shared.items()})
    return found


def component(pack: RandomPack, values: dict[str, Value], place: int = 0, name: str = "pack") -> Component:
    """The pack about one place, for the decision diagram."""
    return Component(name, place, pack.compiled, values)


def part(pack: RandomPack, values: dict[str, Value], place: int = 0, name: str = "pack") -> Part:
    """The pack about one place, for the definition."""
    return Part(place, pack.rulings, pack.default, pack.tiers, values, name)


def world_count(parts: list[Part]) -> int:
    """How many worlds the definition would look at, at most 2001."""
    return sum(1 for _ in islice(worlds(parts), 2001))


__all__ = ["VERDICTS", "RandomPack", "component", "definite", "packs", "part", "partly"]
