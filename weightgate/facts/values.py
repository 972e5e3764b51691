"""What is known of a fact: a value, an interval, a set of possibilities, or nothing.

Every form stands for a set of values that the fact may have. Absent is :class:`Unknown`: never zero, never false.
"""

from __future__ import annotations

from weightgate.records import record

Scalar = str | bool | int | float


@record
class Known:
    """Exactly one value: text, a yes or no, a tier, or a number as a double."""

    value: Scalar


@record
class Interval:
    """A number between ``min`` and ``max``, both included; ``None`` is no bound on that side."""

    min: float | None
    max: float | None


@record
class OneOf:
    """One of several values, in a stable order and without repetition."""

    values: tuple[Scalar, ...]


@record
class Members:
    """A list-valued fact: what is certainly in it, and what possibly is (a superset of what certainly is)."""

    certain: frozenset[str]
    possible: frozenset[str]


@record
class Unknown:
    """Nothing is known; ``reason`` says why, for people."""

    reason: str = ""


Value = Known | Interval | OneOf | Members | Unknown


def exactly(*members: str) -> Members:
    """A list-valued fact that holds just ``members``."""
    return Members(frozenset(members), frozenset(members))


def is_settled(value: Value) -> bool:
    """Whether ``value`` leaves a single possibility."""
    if isinstance(value, Members):
        return value.certain == value.possible
    return isinstance(value, Known)


def interval(minimum: float | None, maximum: float | None) -> Value:
    """The simplest form of a number between two bounds: known when they meet, unknown when there are none."""
    if minimum is None and maximum is None:
        return Unknown()
    if minimum is not None and minimum == maximum:
        return Known(minimum)
    return Interval(minimum, maximum)


def one_of(values: list[Scalar] | tuple[Scalar, ...]) -> Value:
    """The simplest form of a choice; repetitions are dropped and the order kept.

    Raises:
        ValueError: ``values`` is empty, which would be a fact without a possible value.
    """
    unique = tuple(dict.fromkeys(values))
    if not unique:
        raise ValueError("a fact needs at least one possible value")
    return Known(unique[0]) if len(unique) == 1 else OneOf(unique)


def bounds(value: Value) -> tuple[float | None, float | None]:
    """Lowest and highest number that ``value`` allows; ``None`` is no bound. Only for numeric facts."""
    if isinstance(value, Known):
        return float(value.value), float(value.value)
    if isinstance(value, OneOf):
        numbers = [float(v) for v in value.values]
        return min(numbers), max(numbers)
    if isinstance(value, Interval):
        return value.min, value.max
    return None, None


def hull(a: Value, b: Value) -> Value:
    """The smallest form that covers both, used when two sources disagree."""
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return a if isinstance(a, Unknown) else b
    if isinstance(a, Members) and isinstance(b, Members):
        return Members(a.certain & b.certain, a.possible | b.possible)
    if isinstance(a, Interval) or isinstance(b, Interval):
        (a_min, a_max), (b_min, b_max) = bounds(a), bounds(b)
        lowest = None if a_min is None or b_min is None else min(a_min, b_min)
        highest = None if a_max is None or b_max is None else max(a_max, b_max)
        return interval(lowest, highest)
    return one_of(choices(a) + choices(b))


def intersection(a: Value, b: Value) -> Value | None:
    """What both allow, or ``None`` when they contradict each other."""
    if isinstance(a, Unknown):
        return b
    if isinstance(b, Unknown):
        return a
    if isinstance(a, Members) and isinstance(b, Members):
        certain, possible = a.certain | b.certain, a.possible & b.possible
        return Members(certain, possible) if certain <= possible else None
    if isinstance(a, Interval) and isinstance(b, Interval):
        lowest = max((m for m in (a.min, b.min) if m is not None), default=None)
        highest = min((m for m in (a.max, b.max) if m is not None), default=None)
        if lowest is not None and highest is not None and lowest > highest:
            return None
        return interval(lowest, highest)
    if isinstance(a, Interval):
        a, b = b, a
    left = [v for v in choices(a) if allows(b, v)]
    return one_of(left) if left else None


def allows(value: Value, scalar: Scalar) -> bool:
    """Whether a fact of which ``value`` is known may be ``scalar``."""
    if isinstance(value, Known):
        return value.value == scalar
    if isinstance(value, OneOf):
        return scalar in value.values
    if isinstance(value, Interval):
        number = float(scalar)
        return (value.min is None or value.min <= number) and (value.max is None or number <= value.max)
    return isinstance(value, Unknown)


def choices(value: Value) -> tuple[Scalar, ...]:
    """The values of a known or one-of value; empty for every other form."""
    if isinstance(value, Known):
        return (value.value,)
    return value.values if isinstance(value, OneOf) else ()
