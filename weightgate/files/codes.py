"""Kinds of findings: how much each weighs, what it means, and what to do. Each kind of file that is linted has its table."""

from __future__ import annotations

from enum import StrEnum

from weightgate.records import record


class Severity(StrEnum):
    """How much a finding weighs, gravest first."""

    ERROR = "error"
    """The file is not read at all, and whatever rests on it fails."""
    WARNING = "warning"
    """The file is read, and something in it is wrong, is missing, or will be wrong."""
    NOTE = "note"
    """Worth a look, and often meant so; a file with nothing else is clean."""


@record
class Code:
    """One kind of finding.

    Attributes:
        name: Its stable name; of an error, the code with which reading the file fails.
        severity: How much it weighs.
        meaning: What was found.
        fix: What to do.
        general: Whether what to do says no more than the code itself, so that it is no hint.
    """

    name: str
    severity: Severity
    meaning: str
    fix: str
    general: bool = False

    @property
    def hint(self) -> str:
        """What to do, as the hint of a finding; empty when there is nothing to say in general."""
        return "" if self.general else self.fix[0].lower() + self.fix[1:].replace("`", "").removesuffix(".")
