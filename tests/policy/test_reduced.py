"""A diagram restricted to what is known: one node for each function that is left, and what each cell would leave."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from weightgate.policy.diagram import Diagram, Ref, leaves
from weightgate.policy.reduced import Reduced, reduce

COUNTS = (2, 3, 2)
WORLDS = list(itertools.product(*(range(n) for n in COUNTS)))
Table = tuple[int, ...]
tables = st.tuples(*(st.integers(0, 3) for _ in WORLDS))
some_masks = st.tuples(*(st.integers(1, (1 << n) - 1) for n in COUNTS))


def build(diagram: Diagram, table: Table, level: int = 0, prefix: tuple[int, ...] = ()) -> Ref:
    if level == len(COUNTS):
        return ~table[WORLDS.index(prefix)]
    below = [build(diagram, table, level + 1, (*prefix, cell)) for cell in range(COUNTS[level])]
    return diagram.node(level, tuple(below))


def allowed(masks: tuple[int, ...]) -> list[tuple[int, ...]]:
    return [w for w in WORLDS if all(m >> c & 1 for m, c in zip(masks, w, strict=True))]


def restricted(table: Table, masks: tuple[int, ...]) -> Reduced:
    diagram = Diagram(COUNTS)
    return reduce(diagram.level, diagram.kids, build(diagram, table), masks)


def one_level(count: int, masks: tuple[int, ...] | None = None) -> tuple[Diagram, Reduced]:
    """Variables of many cells one below another; the verdict turns on each cell of the last, and on all before."""
    diagram = Diagram([2, count])
    wide = diagram.node(1, tuple(~(cell % 4) for cell in range(count)))
    root = diagram.node(0, (wide, ~3))
    return diagram, reduce(diagram.level, diagram.kids, root, masks or (3, (1 << count) - 1))


@given(tables, some_masks)
def test_what_is_open_is_what_the_worlds_that_are_left_turn_on(table: Table, masks: tuple[int, ...]) -> None:
    worlds = allowed(masks)
    turns = [
        level
        for level in range(len(COUNTS))
        if any(
            table[WORLDS.index(a)] != table[WORLDS.index(b)]
            for a in worlds
            for b in worlds
            if a[:level] + a[level + 1 :] == b[:level] + b[level + 1 :]
        )
    ]
    assert list(restricted(table, masks).outcomes()) == turns


@given(tables, some_masks)
def test_outcomes_are_those_of_the_worlds_in_each_cell(table: Table, masks: tuple[int, ...]) -> None:
    worlds = allowed(masks)
    outcomes = restricted(table, masks).outcomes()
    assert list(outcomes) == sorted(outcomes)
    for level, found in outcomes.items():
        cells = [cell for cell in range(COUNTS[level]) if masks[level] >> cell & 1]
        expected = [{table[WORLDS.index(w)] for w in worlds if w[level] == cell} for cell in cells]
        assert [{v for v in range(4) if mask >> v & 1} for mask in found] == expected


@given(tables, some_masks)
def test_no_two_nodes_mean_the_same_and_children_come_first(table: Table, masks: tuple[int, ...]) -> None:
    reduced = restricted(table, masks)
    nodes = list(zip(reduced.level, reduced.kids, strict=True))
    assert len(set(nodes)) == len(nodes)
    assert all(kid < node for node, (_, kids) in enumerate(nodes) for kid in kids)
    assert all(len(set(kids)) > 1 for _, kids in nodes)
    assert set(range(len(nodes))) == {reduced.root, *(k for _, kids in nodes for k in kids)} - {
        -1,
        -2,
        -3,
        -4,
    }


def test_a_settled_question_leaves_no_node() -> None:
    reduced = restricted(tuple(w[0] for w in WORLDS), (2, 7, 3))
    assert reduced == Reduced(~1, [], [])
    assert reduced.outcomes() == {}


def test_more_cells_than_one_pass_looks_at() -> None:
    for count in (509, 510, 511, 512, 1300):
        diagram, reduced = one_level(count)
        outcomes = reduced.outcomes()
        masks = [(3, 1 << cell) for cell in range(count)]
        assert outcomes[0] == [15, 8]
        assert outcomes[1] == [leaves(diagram.level, diagram.kids, 1, mask) for mask in masks]


def test_only_cells_that_are_possible_are_numbered() -> None:
    _, reduced = one_level(6, (3, 0b101010))
    assert reduced.kids == [(~1, ~3, ~1), (0, ~3)]
    assert reduced.outcomes() == {0: [0b1010, 0b1000], 1: [0b1010, 0b1000, 0b1010]}
