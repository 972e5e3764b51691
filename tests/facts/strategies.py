"""Values of facts in every form, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from weightgate.facts.encode import CASELESS
from weightgate.facts.registry import FACTS, FactSpec, Kind
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Interval, Known, Members, OneOf, Scalar, Unknown, Value

FINITE = st.floats(0, 1e300, allow_nan=False).map(lambda x: x + 0.0)
"""Numbers that a fact may have, large and tiny ones included."""

FEW = st.sampled_from([0.0, 1.0, 2.0, 3.0, 1e26])
"""Few numbers, so that two draws often meet."""

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)

specs = st.sampled_from(list(FACTS.values()))


def scalars(spec: FactSpec, numbers: st.SearchStrategy[float] = FINITE) -> st.SearchStrategy[Scalar]:
    """A definite value of a fact; one member for a list."""
    match spec.kind:
        case Kind.NUMBER:
            return numbers
        case Kind.BOOL:
            return st.booleans()
        case Kind.TIER:
            return st.sampled_from([1, 2, 3])
        case Kind.DATE:
            return st.dates().map(lambda day: day.isoformat())
        case _ if spec.name in CASELESS:
            return TEXTS.map(lambda text: " ".join(text.split()).lower())
        case _:
            return st.sampled_from(spec.domain) if spec.domain and spec.closed else TEXTS


def members(names: st.SearchStrategy[str]) -> st.SearchStrategy[Members]:
    """What is certainly and what is possibly in a list."""
    some = st.frozensets(names, max_size=4)
    return st.builds(lambda certain, more: Members(certain, certain | more), some, some)


def intervals(numbers: st.SearchStrategy[float] = FINITE) -> st.SearchStrategy[Interval]:
    """An interval in its simplest form: at least one end, and room between two."""
    ends = st.tuples(numbers, numbers).filter(lambda pair: pair[0] != pair[1]).map(sorted)
    both = ends.map(lambda pair: Interval(pair[0], pair[1]))
    return st.one_of(both, numbers.map(lambda x: Interval(x, None)), numbers.map(lambda x: Interval(None, x)))


def known_forms(spec: FactSpec, numbers: st.SearchStrategy[float] = FINITE) -> st.SearchStrategy[Value]:
    """What is known of a fact, in every form but unknown."""
    one = scalars(spec, numbers)
    if spec.kind is Kind.LIST:
        return members(one.map(str))
    several = st.lists(one, min_size=2, max_size=4, unique=True).map(lambda chosen: OneOf(tuple(chosen)))
    forms: list[st.SearchStrategy[Value]] = [one.map(Known), several]
    return st.one_of(*forms, intervals(numbers)) if spec.kind is Kind.NUMBER else st.one_of(forms)


def values(spec: FactSpec, numbers: st.SearchStrategy[float] = FINITE) -> st.SearchStrategy[Value]:
    """What is known of a fact, in every form."""
    return st.one_of(known_forms(spec, numbers), st.builds(Unknown, TEXTS))


def statements(
    spec: FactSpec, grades: tuple[Grade, ...] = tuple(Grade), numbers: st.SearchStrategy[float] = FEW
) -> st.SearchStrategy[Statement]:
    """Somebody's word about a fact."""
    sources = st.sampled_from(["a", "b", "c", "d"])
    return st.builds(Statement, st.just(spec.name), values(spec, numbers), st.sampled_from(grades), sources)
