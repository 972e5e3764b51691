"""What was proved of a pack, and what was not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from weightgate.policy.days import FOREVER
from weightgate.records import record

CODES = {
    "loosens": "A change that an invariant speaks of loosens a verdict.",
    "above": "A verdict is stricter than an invariant's `at_most`.",
    "below": "A verdict is looser than an invariant's `at_least`.",
    "looser_default": "A switch's default is looser somewhere than another of its readings.",
    "vacuous": "An invariant never has anything to say: what it is given is never true, or no rule is about its activity.",
    "not_proved": "A diagram outgrew its bound, so that nothing is known of what is named.",
}
"""Every code of a finding, with its meaning."""


@record
class Finding:
    """Something that does not hold, or could not be proved.

    Attributes:
        code: A name of :data:`CODES`.
        about: The invariant's identifier or the switch's name; empty for what is neither.
        message: What was found.
        where: ``file:line:column``.
        hint: What to do.
        reading: Activity, day, day of knowledge and switches of the worlds shown; empty when none is.
        cases: The worlds as cases, in YAML, with what the pack says of them now.
        elsewhere: Further stretches of days, readings and activities in which the same does not hold.
    """

    code: str
    about: str
    message: str
    where: str
    hint: str
    reading: Mapping[str, Any] = field(default_factory=dict)
    cases: tuple[str, ...] = ()
    elsewhere: int = 0

    def to_json(self) -> dict[str, Any]:
        """The finding as a JSON object."""
        return {
            "code": self.code,
            "about": self.about or None,
            "message": self.message,
            "where": self.where,
            "hint": self.hint,
            **self.reading,
            "cases": list(self.cases),
            "elsewhere": self.elsewhere,
        }

    def __str__(self) -> str:
        """``file:line:column: message [code]``."""
        return f"{self.where}: {self.message} [{self.code}]"


@record
class Claim:
    """Something that was to be proved.

    Attributes:
        kind: ``invariant``, ``switch`` or ``default``.
        id: The invariant's identifier or the switch's name; the activity for a default.
        says: What was to be proved, in words.
        holds: Whether it was.
        note: What else there is to say; empty for nothing.
        cases: For a default, a world in which it stands, in YAML.
    """

    kind: str
    id: str
    says: str
    holds: bool
    note: str = ""
    cases: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The claim as a JSON object."""
        return {
            "kind": self.kind,
            "id": self.id,
            "says": self.says,
            "holds": self.holds,
            "note": self.note or None,
            "cases": list(self.cases),
        }


@record
class Proof:
    """What was found of one pack.

    Attributes:
        pack: Its name.
        version: Its version.
        digest: ``sha256:…`` of its bytes.
        stretches: Stretches of days that were looked at, as everything is known.
        known: Days of knowledge that were looked at; the last stands for all that is known today.
        combinations: Combinations of switches that there are.
        looked_at: Those that were looked at.
        claims: All that was to be proved.
        findings: What does not hold.
        left_out: What was not looked at, in words.
    """

    pack: str
    version: str
    digest: str
    stretches: int
    known: tuple[str, ...]
    combinations: int
    looked_at: int
    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]
    left_out: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The proof as a JSON object."""
        return {
            "pack": self.pack,
            "version": self.version,
            "digest": self.digest,
            "stretches": self.stretches,
            "known_at": [None if day == FOREVER else day for day in self.known],
            "combinations": self.combinations,
            "looked_at": self.looked_at,
            "claims": [claim.to_json() for claim in self.claims],
            "findings": [finding.to_json() for finding in self.findings],
            "left_out": list(self.left_out),
        }
