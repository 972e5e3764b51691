"""The smallest changes that would alter a decision, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from math import inf, nextafter

from weightgate.decide.case import HELD, Case
from weightgate.decide.changes import Change, Flip
from weightgate.decide.moves import moves_of
from weightgate.facts.encode import encode_value
from weightgate.facts.values import Known, Scalar, Unknown, Value, bounds
from weightgate.facts.words import value_text
from weightgate.policy.cells import OTHER_NAME, NamedCells, OrderedCells
from weightgate.policy.counterfactual import flips as search
from weightgate.policy.counterfactual.moves import Choice, Move, Toggle
from weightgate.policy.verdicts import Verdict

MAX_FLIPS = 10
"""Most that a decision lists."""


def flips_of(case: Case, now: Sequence[Verdict], asked: Verdict | None = None) -> tuple[Flip, ...]:
    """The smallest changes that certainly lead to each other verdict, fewest changes first.

    Args:
        case: The question.
        now: The verdicts that are possible as things are.
        asked: The verdict to look for; every other than that of now unless given.
    """
    moves = moves_of(case)
    found = search.flips(case.components, moves, now, asked)
    return tuple(_told(case, moves, flip) for flip in _chosen(found))


def _chosen(found: Iterable[search.Flip]) -> list[search.Flip]:
    """At most :data:`MAX_FLIPS`, of every verdict as many as of any other where there are enough."""
    by_verdict: dict[Verdict, list[search.Flip]] = {}
    for flip in found:
        by_verdict.setdefault(flip.verdict, []).append(flip)
    rounds = zip_longest(*by_verdict.values())
    chosen = [flip for one in rounds for flip in one if flip is not None][:MAX_FLIPS]
    return sorted(chosen, key=lambda flip: (len(flip.moves), flip.verdict))


def _told(case: Case, moves: Sequence[Move], flip: search.Flip) -> Flip:
    """A flip in words."""
    changes = [
        Change(_fact(c), _before(case, moves[c.move].about, c.fact), _cell(case, c.choices))
        for c in flip.changes
    ]
    moved = [moves[m].about for m in flip.moves if moves[m].about]
    everywhere = dict.fromkeys(d.name for d in case.destinations)
    return Flip(tuple(changes), str(flip.verdict), tuple(moved or everywhere))


def _fact(change: search.Change) -> str:
    """The fact's name; of a destination, the one that tells the destinations of that kind apart."""
    kind = change.choices[0].kind
    return kind if change.choices[0].components else change.fact


def _before(case: Case, about: str, fact: str) -> str:
    """What is known now; of a destination, its name."""
    if about:
        return about
    known = case.held[0] if fact == HELD and len(case.held) == 1 else case.facts_shown.get(fact)
    return value_text(encode_value(known.value if known else Unknown()))


def _cell(case: Case, chosen: Sequence[Choice]) -> str:
    """What a fact comes to be, in words."""
    edit = search.merged(chosen)
    if isinstance(edit, Toggle):
        words = {"with": edit.gains, "without": edit.loses}
        return ", ".join(f"{word} {' and '.join(sorted(names))}" for word, names in words.items() if names)
    names = [name for choice in chosen for name in choice.names]
    return _names(names) + tiers_of(case, names) if names else _range(edit)


def tiers_of(case: Case, names: Iterable[Scalar]) -> str:
    """`` (tier 2)`` after countries that are all of one tier in every pack that has tiers; else nothing."""
    countries = {str(name) for name in names}
    found = {
        book.name: {book.tiers[country] for country in countries}
        for book in case.rulebooks
        if book.tiers and countries <= set(book.tiers)
    }
    if not countries or not found or any(len(tiers) > 1 for tiers in found.values()):
        return ""
    each = {name: min(tiers) for name, tiers in found.items()}
    if len(set(each.values())) == 1:
        return f" (tier {min(each.values())})"
    return f" ({', '.join(f'tier {tier} in {name}' for name, tier in each.items())})"


def _names(names: Sequence[Scalar]) -> str:
    if OTHER_NAME in names:
        named = [value_text(name) for name in names if name != OTHER_NAME]
        return f"one of {', '.join(named)}, or anything else" if named else "anything else"
    return NamedCells((tuple(value_text(name) for name in names),)).label(0)


def _range(value: Value) -> str:
    low, high = bounds(value)
    if isinstance(value, Known):
        return f"exactly {value_text(value.value)}"
    # A cell's label says "more than 0.25" of a range that begins at the double after it.
    cuts = [low] if low is not None else []
    cuts += [nextafter(high, inf)] if high is not None else []
    return OrderedCells(tuple(cuts)).label(int(low is not None))
