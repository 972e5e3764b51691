"""Findings: what lint has to say, each with its place."""

from __future__ import annotations

from typing import Any

from weightgate.files.codes import Severity
from weightgate.files.yaml import Document
from weightgate.policy.lint.codes import CODES
from weightgate.records import record

Path = tuple[str | int, ...]


@record
class Finding:
    """One thing that lint found.

    Attributes:
        code: A name of :data:`~weightgate.policy.lint.codes.CODES`.
        message: What was found, against what was needed.
        where: ``file:line:column``; for what is said of a whole file, its name.
        hint: What to do.
        rule: The rule that it is about; empty when it is about none.
    """

    code: str
    message: str
    where: str
    hint: str
    rule: str = ""

    @property
    def severity(self) -> Severity:
        """How much it weighs."""
        return CODES[self.code].severity

    def to_json(self) -> dict[str, Any]:
        """The finding as a JSON object."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "message": self.message,
            "where": self.where,
            "hint": self.hint,
            "rule": self.rule or None,
        }

    def __str__(self) -> str:
        """``file:line:column: severity: message [code]``."""
        return f"{self.where}: {self.severity}: {self.message} [{self.code}]"


def at(yaml: Document, code: str, message: str, path: Path, *, hint: str = "", rule: str = "") -> Finding:
    """A finding at a value of a document; without a hint of its own it has its code's."""
    return Finding(code, message, yaml.where(*path), hint or CODES[code].hint, rule)


def at_key(yaml: Document, code: str, message: str, path: Path, *, hint: str = "", rule: str = "") -> Finding:
    """A finding at the key of a value."""
    return Finding(code, message, yaml.where_key(*path), hint or CODES[code].hint, rule)


def in_order(findings: list[Finding]) -> list[Finding]:
    """Findings by their place in the file, each there once."""
    return sorted(dict.fromkeys(findings), key=_order)


def _order(finding: Finding) -> tuple[str, int, int, str, str]:
    file, line, column = (*finding.where.rsplit(":", 2), "", "")[:3]
    known = line.isdecimal() and column.isdecimal()
    place = (file, int(line), int(column)) if known else (finding.where, 0, 0)
    return (*place, finding.code, finding.message)
