"""Verdicts, ranked from the least to the most restrictive."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from weightgate.errors import Exit


class Verdict(IntEnum):
    """What a pack says, least restrictive first; of several, the highest stands."""

    ALLOW = 0
    ALLOW_WITH_CONDITIONS = 1
    LICENSE_REQUIRED = 2
    DENY = 3

    def __str__(self) -> str:
        """The name as files and JSON spell it."""
        return self.name.lower()


VERDICTS: dict[str, Verdict] = {str(v): v for v in Verdict}

INDETERMINATE = "indeterminate"
SILENT = "not applicable"
"""Stands for the verdict of a pack that has not begun, or says nothing of the activity."""

_EXITS = {
    str(Verdict.ALLOW): Exit.OK,
    str(Verdict.ALLOW_WITH_CONDITIONS): Exit.OK,
    str(Verdict.LICENSE_REQUIRED): Exit.LICENSE_REQUIRED,
    str(Verdict.DENY): Exit.DENY,
    INDETERMINATE: Exit.INDETERMINATE,
}


def settle(possible: Iterable[Verdict]) -> str:
    """The one word for a set of possible verdicts.

    A single possibility is the verdict. Either of the two that let a deployment go ahead is
    ``allow_with_conditions``, whose conditions may turn out not to apply. Anything else is ``indeterminate``.

    Raises:
        ValueError: ``possible`` is empty, which no world allows.
    """
    verdicts = set(possible)
    if not verdicts:
        raise ValueError("no verdict is possible")
    if len(verdicts) == 1:
        return str(verdicts.pop())
    if verdicts == {Verdict.ALLOW, Verdict.ALLOW_WITH_CONDITIONS}:
        return str(Verdict.ALLOW_WITH_CONDITIONS)
    return INDETERMINATE


def exit_of(verdict: str) -> Exit:
    """Exit code of a verdict, :data:`INDETERMINATE` included."""
    return _EXITS[verdict]
