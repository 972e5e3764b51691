"""Facts that are computed from others. One may be declared while its parts are unknown, and never chosen beside them.

``destination.tier`` and ``operator.tier`` depend on a pack's table and are worked out in :mod:`weightgate.policy`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import replace

from weightgate.facts.registry import FACTS
from weightgate.facts.statements import Fact, Facts, Grade, unknown
from weightgate.facts.values import Known, Unknown, Value, bounds, hull, intersection, interval

SHARE = "model.finetune_share"
TOTAL = "model.training_operations"
RELATION = "model.base_relation"
_PARTS = FACTS[SHARE].derived_from


def quotient(numerator: float, denominator: float) -> float:
    """The double nearest to the quotient of two numbers as they are written.

    Dividing doubles misses a share as it was written at about one boundary in five, so the decimals are divided
    exactly. A quotient beyond every double is infinite.
    """
    from fractions import Fraction

    try:
        return float(Fraction(repr(numerator)) / Fraction(repr(denominator)))
    except OverflowError:
        return math.inf


def share(part: Value, base: Value) -> Value:
    """The range of ``part / base``.

    A base that may be 0 leaves the share without an upper bound; one that is 0 leaves it unknown.
    """
    (part_min, part_max), (base_min, base_max) = bounds(part), bounds(base)
    if base_max == 0:
        return Unknown("the base's operations are 0")
    lowest = 0.0 if part_min is None or base_max is None else quotient(part_min, base_max)
    highest = None if part_max is None or not base_min else quotient(part_max, base_min)
    lowest = min(lowest, sys.float_info.max)
    if highest == math.inf:
        highest = None
    return Unknown() if not lowest and highest is None else interval(lowest, highest)


def _with_whole(facts: Facts) -> Facts:
    """All operations include those of the base and of the fine-tune: a total below them contradicts them, and both count.

    Somebody who states the fine-tune's operations as the total, or leaves them out of it, must not free the weights of
    a larger model.
    """
    total = facts.get(TOTAL)
    parts = [fact for name in (*_PARTS, SHARE) if (fact := facts.get(name)) is not None]
    highest = None if total is None else bounds(total.value)[1]
    if total is None or highest is None:
        return facts
    least, most = _whole({fact.name: fact.value for fact in parts}, distilled=_is_distilled(facts))
    if highest >= least:
        return facts
    covering = hull(total.value, interval(least, most))
    grade = min((f.grade for f in parts if not isinstance(f.value, Unknown)), default=total.grade)
    return facts | {TOTAL: replace(total, value=covering, grade=min(total.grade, grade), contradicted=True)}


def _whole(parts: Mapping[str, Value], *, distilled: bool) -> tuple[float, float | None]:
    """The least and the most operations that base and fine-tune come to together; ``None``: as many as one likes.

    Decimals are added exactly, so that a total as it is written meets the sum of its parts as they are written.
    """
    from fractions import Fraction

    part, base, of_base = (bounds(parts.get(name, Unknown())) for name in (*_PARTS, SHARE))
    low_part, low_base, low_share = (Fraction(repr(low or 0.0)) for low, _ in (part, base, of_base))
    added = low_part or low_share * low_base
    try:
        least = float(added if distilled else added + low_base)
        if distilled or part[1] is None or base[1] is None:
            return least, None
        return least, max(least, float(Fraction(repr(part[1])) + Fraction(repr(base[1]))))
    except OverflowError:
        return sys.float_info.max, None


def _is_distilled(facts: Facts) -> bool:
    """A distilled model learns from its base and holds nothing of it; that it is one is not taken from its own files."""
    relation = facts.get(RELATION)
    return relation is not None and relation.value == Known("distilled") and relation.grade > Grade.CLAIMED


def with_derived(facts: Facts) -> Facts:
    """Add the fine-tune share that the known operations imply, and hold the total to its parts.

    A declared share stands while its parts are unknown. Beside known parts it must agree: if it does not, the fact is
    contradicted and covers both.
    """
    facts = _with_whole(facts)
    part, base = (facts.get(name) or unknown(name) for name in _PARTS)
    computed = share(part.value, base.value)
    stated = facts.get(SHARE)
    if isinstance(computed, Unknown):
        if not computed.reason:
            return facts
        # Of a base that took no operations there is no share, whatever was declared of it.
        said = stated.statements if stated else ()
        claimed = stated is not None and not isinstance(stated.value, Unknown)
        return facts | {SHARE: Fact(SHARE, computed, min(part.grade, base.grade), said, contradicted=claimed)}
    grade = min(f.grade for f in (part, base) if not isinstance(f.value, Unknown))
    fact = Fact(SHARE, computed, grade, stated.statements if stated else ())
    if stated is not None and not isinstance(stated.value, Unknown):
        if intersection(computed, stated.value) is None:
            fact = replace(
                fact, value=hull(computed, stated.value), grade=min(grade, stated.grade), contradicted=True
            )
        else:
            fact = replace(fact, contradicted=stated.contradicted)
    return facts | {SHARE: fact}
