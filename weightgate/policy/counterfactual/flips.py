"""The smallest changes that would alter a decision: the fewest moves that certainly lead to another verdict.

Sets of moves are tried in order of their size. Before the options of a set are gone through, one walk with all of them
left open tells which verdicts the set could reach at all, and so does every option on the way; so most of what there
is to try is never tried. What is found is exact: unknown facts stay unknown, and every world has to agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, product
from math import inf, nextafter
from typing import NamedTuple

from weightgate.errors import PolicyError
from weightgate.facts.values import Value, bounds, hull, one_of
from weightgate.policy.counterfactual.moves import Choice, Move, Toggle, changed_values, edited
from weightgate.policy.joint import Component, possible
from weightgate.policy.tiers import TIER_FACTS
from weightgate.policy.verdicts import VERDICTS, Verdict, settle

MAX_MOVES = 3
"""Most moves that are proposed together."""

MAX_WALKS = 2_500
"""Most walks through a pack's diagram before the search ends with what it has found; sixteen that were made before and
are only looked up count as one."""

MAX_JOINED = 120
"""Most diagrams that are joined to tell whether packs agree that turn on the same unknown facts; what cannot be told
after that counts as open, and leads nowhere."""

_OPEN = -1
_LOWEST = [(mask & -mask).bit_length() - 1 for mask in range(1 << len(Verdict))]
_HIGHEST = [mask.bit_length() - 1 for mask in range(1 << len(Verdict))]

State = tuple[tuple[int, int], ...]
"""Moves by their indexes, each with the index of its option, or -1 while that is left open."""


class Change(NamedTuple):
    """A fact that changes, and where it comes to lie.

    Attributes:
        move: Index of the move.
        fact: Name in the facts table.
        choices: The cells, any of which leads to the verdict.
    """

    move: int
    fact: str
    choices: tuple[Choice, ...]


class Flip(NamedTuple):
    """Changes that lead to another verdict, in the order of the moves."""

    verdict: Verdict
    changes: tuple[Change, ...]

    @property
    def moves(self) -> tuple[int, ...]:
        """Indexes of the moves."""
        return tuple(dict.fromkeys(change.move for change in self.changes))


def flips(
    components: Sequence[Component],
    moves: Sequence[Move],
    now: Sequence[Verdict],
    asked: Verdict | None = None,
) -> list[Flip]:
    """For each other verdict, the smallest sets of changes that certainly lead to it, fewest changes first.

    A set in which no fact leaves what is known of it now is no change: it would only say again what is missing. Where
    such a set is as small as any, larger ones are not listed either.

    Args:
        components: Every pack beside every place.
        moves: What could change.
        now: The verdicts that are possible as things are.
        asked: The verdict to look for; every other than that of now unless given.
    """
    search = _Search(components, moves)
    wanted = {v for v in Verdict if str(v) != settle(now) and asked in (None, v)}
    found: list[Flip] = []
    for size in range(1, MAX_MOVES + 1):
        reached: set[Verdict] = set()
        for chosen in combinations(range(len(moves)), size):
            best = search.reach(chosen, wanted)
            for verdict, states in best.items():
                reached.add(verdict)
                found += [flip for flip in search.told(verdict, states) if search.holds(flip)]
        wanted -= reached
        if not wanted or search.exhausted:
            break
    return found


class _Search:
    """What the packs say in each state of the moves; each walk is made once."""

    def __init__(self, components: Sequence[Component], moves: Sequence[Move]) -> None:
        self.moves = moves
        self.components = list(components)
        self._present = range(len(components))
        self._placed: dict[tuple[int, int], list[int]] = {}
        self._overrides: dict[tuple[int, int, int], tuple[tuple[int, int], ...]] = {}
        self._walked: dict[tuple[object, ...], int] = {}
        self._left = MAX_WALKS
        self._joined = 0

    @property
    def exhausted(self) -> bool:
        """Whether the bound on walks is reached."""
        return self._left <= 0

    def reach(self, chosen: Sequence[int], wanted: set[Verdict]) -> dict[Verdict, list[State]]:
        """The lightest states of exactly these moves that certainly lead to verdicts that are wanted.

        A state in which nothing leaves what is known now is none of them, and still counts as a way there.
        """
        best: dict[Verdict, int] = {}
        found: dict[Verdict, list[State]] = {}
        stack: list[tuple[State, int]] = [((), 0)]
        while stack and not self.exhausted:
            state, weight = stack.pop()
            rest = chosen[len(state) :]
            masks = self._masks((*state, *((move, _OPEN) for move in rest)))
            low, high = max(map(_LOWEST.__getitem__, masks)), max(map(_HIGHEST.__getitem__, masks))
            if any(self.moves[move].drops for move in rest):
                high = max(Verdict)
            if not any(low <= v <= high and weight + len(rest) <= best.get(v, 1 << 30) for v in wanted):
                continue
            if rest:
                move = self.moves[rest[0]]
                stack += [
                    ((*state, (rest[0], index)), weight + move.weight(option))
                    for index, option in reversed(list(enumerate(move.options)))
                ]
                continue
            verdict = self._verdict(state, masks)
            if verdict is None or verdict not in wanted:
                continue
            found.setdefault(verdict, [])
            if self._leaves(state) and weight <= best.get(verdict, 1 << 30):
                if weight < best.get(verdict, 1 << 30):
                    best[verdict], found[verdict] = weight, []
                found[verdict].append(state)
        return found

    def _masks(self, state: State) -> list[int]:
        """What each pack that stands says at its place: a mask of verdicts."""
        standing = list(self._present)
        dropped: frozenset[int] = frozenset()
        for move, option in state:
            if self.moves[move].drops:
                dropped |= self.moves[move].drops
                standing += self._places(move, option)
        self._left -= 1 + len(standing) // 16
        return [self._walk(index, state) for index in standing if index not in dropped] or [1]

    def _places(self, move: int, option: int) -> list[int]:
        """Indexes of the packs at another destination; none while it is left open."""
        if option == _OPEN:
            return []
        if (move, option) not in self._placed:
            chosen = self.moves[move].choices(self.moves[move].options[option])
            start = len(self.components)
            self.components += [c for _, choice in chosen for c in choice.components]
            self._placed[move, option] = list(range(start, len(self.components)))
        return self._placed[move, option]

    def _walk(self, index: int, state: State) -> int:
        """What one pack says in a state, as a mask of verdicts."""
        component = self.components[index]
        overrides = [o for move, option in state for o in self._override(index, move, option)]
        key = (index, *overrides)
        found = self._walked.get(key)
        if found is None:
            self._left -= 1
            masks = list(component.masks)
            for level, mask in overrides:
                masks[level] = mask
            found = self._walked[key] = component.rules.possible(masks)
        return found

    def _override(self, index: int, move: int, option: int) -> tuple[tuple[int, int], ...]:
        """The levels of one pack that an option changes, with their masks; of all options together while open."""
        key = (index, move, option)
        found = self._overrides.get(key)
        if found is None:
            component, what = self.components[index], self.moves[move]
            if option == _OPEN:
                found = _together(
                    component, [self._override(index, move, o) for o in range(len(what.options))]
                )
            else:
                found = _changed(component, what.choices(what.options[option]))
            self._overrides[key] = found
        return found

    def _verdict(self, state: State, masks: Sequence[int]) -> Verdict | None:
        """The one verdict of a state, if every world agrees."""
        certain = _certain(masks)
        if certain is not None:
            return certain
        # Two packs that turn on the same unknown fact cannot both go the same way: only together can it be told.
        # Where just one of them can be as strict as that, nothing keeps it from being less so.
        highest = max(map(_HIGHEST.__getitem__, masks))
        if sum(mask >> highest & 1 for mask in masks) < 2 or self._joined + len(masks) > MAX_JOINED:
            return None
        self._joined += len(masks)
        return _exactly(self._standing(state))

    def _leaves(self, state: State) -> bool:
        """Whether any fact leaves what is known of it now."""
        return any(
            choice.outside
            for move, option in state
            for _, choice in self.moves[move].choices(self.moves[move].options[option])
        )

    def _standing(self, state: State) -> list[Component]:
        options = [(m, self.moves[m].choices(self.moves[m].options[o])) for m, o in state]
        dropped = frozenset[int]().union(*(self.moves[m].drops for m, _ in options))
        standing = [self.components[i] for i in self._present if i not in dropped]
        standing += [c for _, chosen in options for _, choice in chosen for c in choice.components]
        edits = [(f, c.edit) for _, chosen in options for f, c in chosen if not c.components]
        return [edited(component, edits) for component in standing]

    def told(self, verdict: Verdict, states: Sequence[State]) -> list[Flip]:
        """States that lead to one verdict, told in as few flips: cells of one fact that do the same are one change."""
        shapes: dict[tuple[tuple[int, str, str], ...], set[tuple[int, ...]]] = {}
        for state in states:
            picks = [(m, d, c) for m, o in state for d, c in self.moves[m].options[o]]
            chosen = [self.moves[m].dimensions[d].choices[c] for m, d, c in picks]
            facts = [(m, self.moves[m].dimensions[d].fact) for m, d, _ in picks]
            shape = tuple((*fact, choice.kind) for fact, choice in zip(facts, chosen, strict=True))
            shapes.setdefault(shape, set()).add(tuple(c for _, _, c in picks))
        found = []
        for shape, points in shapes.items():
            for box in _boxes(points):
                told = [
                    [Change(m, fact, run) for run in _runs([self._dimension(m, fact)[i] for i in chosen])]
                    for (m, fact, _), chosen in zip(shape, box, strict=True)
                ]
                found += [Flip(verdict, changes) for changes in product(*told)]
        return found

    def _dimension(self, move: int, fact: str) -> tuple[Choice, ...]:
        return next(d.choices for d in self.moves[move].dimensions if d.fact == fact)

    def holds(self, flip: Flip) -> bool:
        """Whether every pack, asked again about the changed facts, and all of them together, say just that verdict."""
        placed = [change for change in flip.changes if change.choices[0].components]
        edits = [(c.fact, merged(c.choices)) for c in flip.changes if not c.choices[0].components]
        dropped = frozenset[int]().union(*(self.moves[m].drops for m in flip.moves))
        stay = [self.components[i] for i in self._present if i not in dropped]
        for chosen in product(*(change.choices for change in placed)):
            standing = [*stay, *(c for choice in chosen for c in choice.components)]
            asked = [edited(component, edits) for component in standing]
            masks = [component.rules.possible(component.masks) for component in asked] or [1]
            self._left -= len(masks)
            certain = _certain(masks)
            if (_exactly(asked) if certain is None else certain) is not flip.verdict:
                return False
        return True


def _changed(component: Component, chosen: Iterable[tuple[str, Choice]]) -> tuple[tuple[int, int], ...]:
    """The levels of a component whose masks a change alters."""
    edits = [(fact, choice.edit) for fact, choice in chosen if not choice.components]
    if not edits:
        return ()
    after = changed_values(component, edits)
    touched = {fact for fact, _ in edits} | set(TIER_FACTS)
    masks = [
        (level, variable.mask_among(after))
        for level, variable in enumerate(component.rules.variables)
        if variable.fact in touched
    ]
    return tuple((level, mask) for level, mask in masks if mask != component.masks[level])


def _together(
    component: Component, overrides: Iterable[tuple[tuple[int, int], ...]]
) -> tuple[tuple[int, int], ...]:
    """Masks that cover every one of several changes, and things as they are."""
    masks: dict[int, int] = {}
    for changed in overrides:
        for level, mask in changed:
            masks[level] = masks.get(level, component.masks[level]) | mask
    return tuple(sorted(masks.items()))


def _certain(masks: Sequence[int]) -> Verdict | None:
    """The one word of the whole if it can be told from what each pack says alone; ``None`` if it is open or unclear."""
    low, high = max(map(_LOWEST.__getitem__, masks)), max(map(_HIGHEST.__getitem__, masks))
    if high in (low, Verdict.ALLOW_WITH_CONDITIONS):
        return Verdict(high)
    return None


def _exactly(components: Sequence[Component]) -> Verdict | None:
    """The one word of the whole, worked out with all packs together; ``None`` if it is open or too large to tell."""
    if len(components) < 2:
        return None
    try:
        return VERDICTS.get(settle(possible(components)))
    except PolicyError:
        return None


def merged(chosen: Sequence[Choice]) -> Value | Toggle:
    """A value that covers several cells of one fact."""
    edit = chosen[0].edit
    if isinstance(edit, Toggle):
        return edit
    if chosen[0].names:
        return one_of([name for choice in chosen for name in choice.names])
    value: Value = edit
    for choice in chosen[1:]:
        if not isinstance(choice.edit, Toggle):
            value = hull(value, choice.edit)
    return value


def _runs(chosen: Sequence[Choice]) -> list[tuple[Choice, ...]]:
    """Cells that can be told as one: ranges of numbers only where they touch."""
    runs: list[list[Choice]] = []
    for choice in chosen:
        if runs and (choice.names or _touch(runs[-1][-1].edit, choice.edit)):
            runs[-1].append(choice)
        else:
            runs.append([choice])
    return [tuple(run) for run in runs]


def _touch(a: Value | Toggle, b: Value | Toggle) -> bool:
    """Whether two ranges of numbers have nothing between them."""
    if isinstance(a, Toggle) or isinstance(b, Toggle):
        return False
    (_, end), (start, _) = bounds(a), bounds(b)
    return end is not None and start is not None and nextafter(end, inf) == start


def _boxes(points: set[tuple[int, ...]]) -> list[tuple[tuple[int, ...], ...]]:
    """Cover points with boxes that hold nothing else: each a set of indexes for each dimension."""
    left = set(points)
    found = []
    for point in sorted(points):
        if point in left:
            box: list[tuple[int, ...]] = [(index,) for index in point]
            for dimension in range(len(point)):
                for index in sorted({other[dimension] for other in points} - set(box[dimension])):
                    wider = [*box]
                    wider[dimension] = (index,)
                    if points.issuperset(product(*wider)):
                        box[dimension] = (*box[dimension], index)
            left -= set(product(*box))
            found.append(tuple(tuple(sorted(indexes)) for indexes in box))
    return found
