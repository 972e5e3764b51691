"""Evidence: who says what about a fact, where it can be read, and how far that word carries."""

from __future__ import annotations

from dataclasses import field
from enum import IntEnum

from weightgate.facts.values import Unknown, Value
from weightgate.records import record


class Grade(IntEnum):
    """Who speaks, weakest first. What each may do is in :mod:`weightgate.facts.merge`."""

    CLAIMED = 0  # a file in or beside the model
    DECLARED = 1  # the asker: --facts, --operator, a request
    INFERRED = 2  # derived here from what was read, by a stated method
    VERIFIED = 3  # recomputed here, or signed by a key that is trusted for that very fact

    def __str__(self) -> str:
        """The name as files and JSON spell it."""
        return self.name.lower()


SIGNED = "signed declaration"
"""How ``method`` begins of a statement that came out of a declaration."""


@record
class Statement:
    """One source's word about one fact.

    Attributes:
        fact: Name in the facts table.
        value: What the source says; :class:`Unknown` with a reason when it was asked and could not say.
        grade: Who speaks.
        source: The file, endpoint or person, for people to find.
        locator: Where in the source: a key, an offset, a line.
        digest: ``sha256:…`` of the source's bytes, when they were read whole.
        method: How the value was worked out, when it was not simply read.
        by: Who vouches for it, when they said so.
        on: Day on which it was so, ``YYYY-MM-DD``.
        until: Last day on which it holds, ``YYYY-MM-DD``.
    """

    fact: str
    value: Value
    grade: Grade
    source: str
    locator: str = ""
    digest: str = ""
    method: str = ""
    by: str = ""
    on: str = ""
    until: str = ""


@record
class Fact:
    """What is known of one fact, and all that was said about it.

    Attributes:
        name: Name in the facts table.
        value: What the statements together establish.
        grade: The weakest grade that the value rests on.
        statements: Everything said, strongest first.
        contradicted: Whether sources disagree, so that ``value`` covers them all.
    """

    name: str
    value: Value
    grade: Grade
    statements: tuple[Statement, ...] = ()
    contradicted: bool = False


Facts = dict[str, Fact]
"""Facts by name; an absent fact is unknown."""

NOTHING_SAID = "nobody said"


def unknown(name: str, reason: str = NOTHING_SAID) -> Fact:
    """A fact of which nothing is known."""
    return Fact(name, Unknown(reason), Grade.VERIFIED)


@record
class Contradiction:
    """Sources that cannot all be right about one fact."""

    fact: str
    sources: tuple[str, ...] = field(default=())
