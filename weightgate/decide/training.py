"""More training, or a fine-tune of another size: operations, and the share that follows from them, change together.

What was spent stays spent. A fine-tune that is still to be done may be planned smaller; training as a whole never
shrinks. The base stays as it is, so its operations and the fine-tune's together are all there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from weightgate.decide.case import Case
from weightgate.facts.derived import share
from weightgate.facts.values import Unknown, Value, bounds, intersection, interval
from weightgate.policy.counterfactual.moves import Choice, Dimension, Move, has_grown

SHARE, PART = "model.finetune_share", "model.finetune_operations"
BASE, ALL = "model.base_operations", "model.training_operations"


def another_training(case: Case, dimensions: Sequence[Dimension]) -> Move:
    """The move that changes how much was, or will be, trained.

    Args:
        case: The question.
        dimensions: The facts about it that a pack asks for.
    """
    now = {fact: case.shared.get(fact, Unknown()) for fact in (SHARE, PART, BASE, ALL)}
    asked = {d.fact: d for d in dimensions}
    stays = {fact: asked[fact].stays if fact in asked else _implied(fact, now) for fact in (SHARE, PART, ALL)}
    agree = _agree(now[SHARE], now[PART], now[BASE], now[ALL])
    planned = case.activity == "fine_tune"

    def feasible(changed: dict[str, Value]) -> bool:
        after = {**stays, **changed}
        return not agree or _agree(after[SHARE], after[PART], now[BASE], after[ALL])

    return Move.of((_onwards(d, now[d.fact], planned=planned) for d in dimensions), feasible=feasible)


def _implied(fact: str, now: dict[str, Value]) -> Value:
    """What no pack asks for may change along with what one asks for; operations in all only grow."""
    if fact != ALL:
        return Unknown()
    lowest, _ = bounds(now[ALL])
    return interval(lowest, None)


def _onwards(dimension: Dimension, now: Value, *, planned: bool) -> Dimension:
    """Without the cells that mean fewer operations, unless the fine-tune is still to be done."""
    if planned and dimension.fact != ALL:
        return dimension
    kept = [c for c in dimension.choices if _grows(now, c)]
    return Dimension(dimension.fact, tuple(kept), dimension.stays)


def _grows(now: Value, choice: Choice) -> bool:
    edit = choice.edit
    return isinstance(edit, Value) and has_grown(now, edit)


def _agree(part_of: Value, part: Value, base: Value, whole: Value) -> bool:
    """Whether a share, the operations it follows from and those in all can go together."""
    if isinstance(base, Unknown) or (isinstance(part, Unknown) and isinstance(part_of, Unknown)):
        return True
    if intersection(share(part, base), part_of) is None:
        return False
    low_base, high_base = _ends(base)
    low_share, high_share = _ends(part_of)
    low_part, high_part = _ends(part)
    low = low_base + max(low_part, low_share * low_base)
    high = high_base + min(high_part, high_share * high_base if high_share and high_base else 0.0)
    low_whole, high_whole = _ends(whole)
    return low_whole <= high and low <= high_whole


def _ends(value: Value) -> tuple[float, float]:
    low, high = bounds(value)
    return 0.0 if low is None else low, inf if high is None else high
