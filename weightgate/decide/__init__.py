"""Facts and packs make a decision: the one place where the pieces meet."""

from __future__ import annotations

from weightgate.decide.again import decide_again
from weightgate.decide.deciding import STATUS_MODES, Question, decide
from weightgate.decide.decision import Decision

__all__ = ["STATUS_MODES", "Decision", "Question", "decide", "decide_again"]
