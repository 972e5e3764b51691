"""The report of a verification, and the exit code that follows from its checks."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from weightgate.attest.asked import GATE_CHECKS
from weightgate.attest.replay import Replay
from weightgate.errors import Exit
from weightgate.policy.verdicts import exit_of
from weightgate.records import record
from weightgate.signing.accepted import SignedBy
from weightgate.signing.checks import Check, State

MAX_DETAIL = 4000
"""Longest detail of a check, in characters: what is quoted is others' text."""


class Mode(StrEnum):
    """What a verification asks."""

    REPORT = "report"
    """Whether it holds now; what was not asked is only said."""

    GATE = "gate"
    """Whether a deployment may rely on it now: everything must be asked, and match."""

    ARCHIVE = "archive"
    """Whether it held when it was made: age, validity and revocation are judged at the time of signing."""


@record
class Report:
    """What verifying an attestation came to.

    Attributes:
        genuine: Whether everything that was asked for holds; false means exit 6.
        verdict: The attested verdict; nothing when no signature vouches for one.
        signer: The first of those that signed; nothing when nobody accepted did.
        checks: Each check that was reached, in order.
        replay: What deriving the verdict again came to; nothing when it was not asked for or not reached.
        exit: The exit code.
        decision: The attested decision, for showing more of it; only signed, so look at ``genuine`` first.
        signers: All that signed, each key once.
        mode: What was asked.
        refused_for: The checks for which it is refused; empty when it is genuine.
    """

    genuine: bool
    verdict: str | None
    signer: SignedBy | None
    checks: tuple[Check, ...]
    replay: Replay | None
    exit: Exit
    decision: dict[str, Any] | None = None
    signers: tuple[SignedBy, ...] = ()
    mode: Mode = Mode.REPORT
    refused_for: tuple[Check, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As ``verify --output json`` prints it."""
        return {
            "genuine": self.genuine,
            "verdict": self.verdict,
            "signer": self.signer and signer_json(self.signer),
            "checks": [check.to_json() for check in self.checks],
            "replay": self.replay and self.replay.to_json(),
            "exit": int(self.exit),
            "signers": [signer_json(signer) for signer in self.signers],
            "mode": str(self.mode),
        }


def signer_json(signer: SignedBy) -> dict[str, str]:
    """One that signed, as a report spells it; identity and issuer are there when a certificate names them."""
    named = {"identity": signer.identity, "issuer": signer.issuer}
    return {"keyid": signer.keyid, "algorithm": signer.algorithm} | {k: v for k, v in named.items() if v}


def refuses(checks: Sequence[Check], mode: Mode, *, lists_given: bool = False) -> tuple[Check, ...]:
    """The checks for which an attestation is refused; empty when it is not.

    Those that failed, or else, in a gate, those that it wants established and that are not.

    Args:
        checks: All of them.
        mode: What was asked.
        lists_given: Whether revocation lists were: a gate that has some wants to know.
    """
    failed = tuple(check for check in checks if check.state in (State.STALE, State.CONTRADICTED))
    if failed or mode is not Mode.GATE:
        return failed
    wanted = (*GATE_CHECKS, "revocation") if lists_given else GATE_CHECKS
    return tuple(c for c in checks if c.id in wanted and c.state is not State.ESTABLISHED)


def shown(checks: Sequence[Check]) -> tuple[Check, ...]:
    """Checks with details that are safe to print, on one line each."""
    return tuple(Check(c.id, c.state, _printable(c.detail[:MAX_DETAIL])) for c in checks)


def exit_for(verdict: str | None, *, refused: bool, any_verdict: bool) -> Exit:
    """The exit code: 6 when it is refused, else the verdict's own, or 0 where any verdict will do."""
    if refused or verdict is None:
        return Exit.SIGNATURE
    return Exit.OK if any_verdict else exit_of(verdict)


def _printable(text: str) -> str:
    """``text`` on one line, with no character that moves a terminal's cursor or turns the writing direction."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
