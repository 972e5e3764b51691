"""Facts and packs make a decision: the one place where the pieces meet.

:mod:`weightgate.decide.again` derives one again from its own file; it is not imported here, since a check needs none of it.
"""

from __future__ import annotations

from weightgate.decide.deciding import STATUS_MODES, Question, decide
from weightgate.decide.decision import Decision

__all__ = ["STATUS_MODES", "Decision", "Question", "decide"]
