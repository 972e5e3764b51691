"""Decision diagrams: equal meaning is one reference, and every operation is that of the leaves."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.errors import Exit, PolicyError
from weightgate.policy import diagram as module
from weightgate.policy.diagram import FALSE, TRUE, Diagram, Ref, compact, explored, leaves

COUNTS = (2, 3, 2)
WORLDS = list(itertools.product(*(range(n) for n in COUNTS)))
Table = tuple[int, ...]
tables = st.tuples(*(st.integers(0, 3) for _ in WORLDS))
booleans = st.tuples(*(st.integers(0, 1) for _ in WORLDS))


def build(diagram: Diagram, table: Table, level: int = 0, prefix: tuple[int, ...] = ()) -> Ref:
    """The diagram of a function given as its values, one for each world."""
    if level == len(COUNTS):
        return ~table[WORLDS.index(prefix)]
    return diagram.node(
        level, tuple(build(diagram, table, level + 1, (*prefix, c)) for c in range(COUNTS[level]))
    )


def value(diagram: Diagram, ref: Ref, world: tuple[int, ...]) -> int:
    while ref >= 0:
        ref = diagram.kids[ref][world[diagram.level[ref]]]
    return ~ref


def values(diagram: Diagram, ref: Ref) -> Table:
    return tuple(value(diagram, ref, world) for world in WORLDS)


@given(tables, tables)
def test_two_diagrams_are_one_exactly_when_they_mean_the_same(a: Table, b: Table) -> None:
    diagram = Diagram(COUNTS)
    assert (build(diagram, a) == build(diagram, b)) == (a == b)
    assert values(diagram, build(diagram, a)) == a


@pytest.mark.parametrize(
    "join", [max, min, lambda x, y: x * 4 + y, lambda x, _: x], ids=["max", "min", "pair", "left"]
)
@given(tables, tables)
def test_apply_joins_leaf_by_leaf(join: Callable[[int, int], int], a: Table, b: Table) -> None:
    diagram = Diagram(COUNTS)
    joined = diagram.apply(join, build(diagram, a), build(diagram, b))
    expected = tuple(join(x, y) for x, y in zip(a, b, strict=True))
    assert values(diagram, joined) == expected
    assert joined == build(diagram, expected)


@given(tables)
def test_map_leaves_and_negate(a: Table) -> None:
    diagram = Diagram(COUNTS)
    assert values(diagram, diagram.map_leaves(lambda x: 3 - x, build(diagram, a))) == tuple(3 - x for x in a)
    bits = tuple(x % 2 for x in a)
    negated = diagram.negate(build(diagram, bits))
    assert values(diagram, negated) == tuple(1 - x for x in bits)
    assert diagram.negate(negated) == build(diagram, bits)


@given(tables, st.integers(0, 2), st.data())
def test_fix_is_the_function_with_one_variable_known(a: Table, level: int, data: st.DataObject) -> None:
    cell = data.draw(st.integers(0, COUNTS[level] - 1))
    diagram = Diagram(COUNTS)
    fixed = diagram.fix(build(diagram, a), level, cell)
    expected = tuple(a[WORLDS.index((*w[:level], cell, *w[level + 1 :]))] for w in WORLDS)
    assert fixed == build(diagram, expected)


@given(st.lists(booleans, max_size=4))
def test_conjunction_and_disjunction(parts: list[Table]) -> None:
    diagram = Diagram(COUNTS)
    refs = [build(diagram, part) for part in parts]
    columns = list(zip(*parts, strict=True)) or [()] * len(WORLDS)
    assert values(diagram, diagram.all_of(refs)) == tuple(int(all(c)) for c in columns)
    assert values(diagram, diagram.any_of(refs)) == tuple(int(any(c)) for c in columns)


@given(st.lists(tables, max_size=5))
def test_the_largest_of_several(parts: list[Table]) -> None:
    diagram = Diagram(COUNTS)
    columns = list(zip(*parts, strict=True)) or [()] * len(WORLDS)
    largest = diagram.largest([build(diagram, part) for part in parts], 3)
    assert values(diagram, largest) == tuple(max(c, default=0) for c in columns)


def test_of_nothing_all_hold_and_none_does() -> None:
    diagram = Diagram(COUNTS)
    assert diagram.all_of([]) == TRUE
    assert diagram.any_of([]) == diagram.largest([], 3) == FALSE


@given(st.integers(0, 2), st.data())
def test_a_test_is_true_in_its_cells(level: int, data: st.DataObject) -> None:
    mask = data.draw(st.integers(0, (1 << COUNTS[level]) - 1))
    diagram = Diagram(COUNTS)
    ref = diagram.test(level, mask)
    assert values(diagram, ref) == tuple(mask >> w[level] & 1 for w in WORLDS)
    if mask in (0, (1 << COUNTS[level]) - 1):
        assert ref in (FALSE, TRUE)


@given(tables, st.data())
def test_leaves_are_the_values_of_the_worlds_that_the_masks_allow(a: Table, data: st.DataObject) -> None:
    masks = [data.draw(st.integers(1, (1 << n) - 1)) for n in COUNTS]
    diagram = Diagram(COUNTS)
    allowed = {a[i] for i, w in enumerate(WORLDS) if all(m >> c & 1 for m, c in zip(masks, w, strict=True))}
    found = leaves(diagram.level, diagram.kids, build(diagram, a), masks)
    assert {v for v in range(8) if found >> v & 1} == allowed


@given(tables)
def test_the_variables_that_matter_are_tested_when_nothing_is_known(a: Table) -> None:
    diagram = Diagram(COUNTS)
    matter = sum(
        1 << level
        for level in range(len(COUNTS))
        if any(
            a[WORLDS.index((*w[:level], c, *w[level + 1 :]))] != a[WORLDS.index(w)]
            for w in WORLDS
            for c in range(COUNTS[level])
        )
    )
    everything = [(1 << n) - 1 for n in COUNTS]
    assert explored(diagram.level, diagram.kids, build(diagram, a), everything)[1] == matter


@given(tables, st.data())
def test_what_is_explored_are_the_ways_of_the_worlds_that_the_masks_allow(
    a: Table, data: st.DataObject
) -> None:
    masks = [data.draw(st.integers(1, (1 << n) - 1)) for n in COUNTS]
    diagram = Diagram(COUNTS)
    root = build(diagram, a)
    tested = 0
    for world in WORLDS:
        ref = root
        while ref >= 0 and all(m >> c & 1 for m, c in zip(masks, world, strict=True)):
            tested |= 1 << diagram.level[ref]
            ref = diagram.kids[ref][world[diagram.level[ref]]]
    found = leaves(diagram.level, diagram.kids, root, masks)
    assert explored(diagram.level, diagram.kids, root, masks) == (found, tested)


@given(tables, tables)
def test_compact_keeps_meaning_and_drops_the_rest(a: Table, b: Table) -> None:
    diagram = Diagram(COUNTS)
    roots = [build(diagram, a), build(diagram, b), ~2]
    level, kids, moved = compact(diagram, roots)
    small = Diagram(COUNTS)
    small.level, small.kids = level, kids
    assert [values(small, ref) for ref in moved] == [values(diagram, ref) for ref in roots]
    reached = {r for r in moved if r >= 0} | {k for row in kids for k in row if k >= 0}
    assert reached == set(range(len(level)))


def refused(caught: pytest.ExceptionInfo[PolicyError]) -> str:
    assert (caught.value.code, caught.value.exit) == ("diagram_too_large", Exit.INPUT)
    assert caught.value.hint
    return caught.value.message


def test_the_number_of_nodes_is_bounded() -> None:
    diagram = Diagram([2, 2, 2, 2], ["one", "many", "none", "some"])
    below = diagram.node(3, (TRUE, FALSE))
    diagram.level += [1] * (module.MAX_NODES - 2)
    above = diagram.node(0, (below, FALSE))
    with pytest.raises(PolicyError) as caught:
        diagram.node(0, (above, below))
    message = "the decision diagram outgrows 200000 nodes; most of it tests many, some, one"
    assert refused(caught) == message


def parity(diagram: Diagram, levels: Iterable[int]) -> Ref:
    """Whether an odd number of variables lie in cell 1; two nodes for each."""
    even, odd = FALSE, TRUE
    for level in sorted(levels, reverse=True):
        even, odd = diagram.node(level, (even, odd)), diagram.node(level, (odd, even))
    return even


def test_the_work_is_bounded_though_few_nodes_come_of_it() -> None:
    diagram = Diagram([2] * 40, ["odd"] * 40, steps=50_000)
    ref = parity(diagram, range(40))

    def again_and_again() -> None:
        for _ in range(50_000 // 70):
            diagram.negate(ref)

    with pytest.raises(PolicyError) as caught:
        again_and_again()
    assert refused(caught) == "the decision diagram takes too many steps to build; most of it tests odd"
    assert len(diagram.level) < 100


def test_one_join_is_bounded_however_many_steps_are_granted() -> None:
    diagram = Diagram([1001, 1001, 2], steps=100 * module.MAX_STEPS)
    last = [diagram.node(2, (~n, ~n - 1)) for n in range(1001)]
    wide = [diagram.node(level, tuple(last)) for level in (0, 1)]
    diagram.apply(lambda x, y: x * 0 + y, wide[0], TRUE)
    with pytest.raises(PolicyError) as caught:
        diagram.apply(lambda x, y: x + y, *wide)
    assert refused(caught).startswith("the decision diagram ")


def test_a_join_that_grows_and_grows_is_refused_in_time() -> None:
    count = 24
    diagram = Diagram([2] * 2 * count, steps=module.MAX_STEPS // 10)
    pairs = [parity(diagram, (level, level + count)) for level in range(count)]
    started = time.process_time()
    with pytest.raises(PolicyError) as caught:
        diagram.all_of(pairs)
    assert refused(caught).startswith("the decision diagram ")
    assert time.process_time() - started < 10


def test_the_cells_of_a_variable_are_bounded() -> None:
    with pytest.raises(PolicyError) as caught:
        Diagram([2, module.MAX_CELLS + 1], ["few", "names"])
    assert refused(caught) == "rules cut names into 10001 parts, at most 10000 are told apart"


def test_depth_is_no_matter_of_the_stack() -> None:
    deep = Diagram([2] * 5000)
    ref: Ref = TRUE
    for level in reversed(range(5000)):
        ref = deep.node(level, (FALSE, ref))
    assert deep.negate(deep.negate(ref)) == ref
    assert deep.fix(ref, 4999, 0) == FALSE
