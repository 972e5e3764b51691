"""The report of a verification, and the exit code that follows from its checks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from weightgate.attest.replay.deriving import Replay
from weightgate.attest.revocation import CHECK as REVOCATION
from weightgate.attest.statements.asked import GATE_CHECKS
from weightgate.attest.verifying.terms import Mode, Terms
from weightgate.errors import Exit
from weightgate.policy.verdicts import exit_of
from weightgate.records import record
from weightgate.signing.accepted import SignedBy
from weightgate.signing.checks import Check, State

MAX_DETAIL = 4000
"""Longest detail of a check, in characters: what is quoted is others' text."""


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


def report_of(
    checks: Sequence[Check],
    signers: tuple[SignedBy, ...],
    verdict: str | None,
    terms: Terms,
    *,
    decision: dict[str, Any] | None = None,
    again: Replay | None = None,
    gate: Collection[str] = GATE_CHECKS,
) -> Report:
    """The report that checks come to.

    Args:
        checks: Each check that was reached, in order.
        signers: Those accepted that signed.
        verdict: The attested verdict; nothing when no signature vouches for one, or when there is none: then it is
            refused.
        terms: What the verifier wants.
        decision: The attested decision.
        again: What deriving it again came to.
        gate: The checks that a gate wants established, beside that of revocation when it was given lists.
    """
    shown = tuple(
        [c if len(c.detail) <= MAX_DETAIL and c.detail.isprintable() else _shown(c) for c in checks]
    )
    refused_for = _refusing(shown, terms, gate)
    genuine = verdict is not None and not refused_for
    code = Exit.SIGNATURE
    if genuine and verdict is not None:
        code = Exit.OK if terms.any_verdict else exit_of(verdict)
    signer = signers[0] if signers else None
    return Report(genuine, verdict, signer, shown, again, code, decision, signers, terms.mode, refused_for)


def _shown(check: Check) -> Check:
    return Check(check.id, check.state, _printable(check.detail[:MAX_DETAIL]))


def _refusing(checks: Sequence[Check], terms: Terms, gate: Collection[str]) -> tuple[Check, ...]:
    """Those that failed, or else, in a gate, those that it wants established and that are not."""
    failed = tuple([c for c in checks if c.state is State.STALE or c.state is State.CONTRADICTED])
    if failed or terms.mode is not Mode.GATE:
        return failed
    wanted = {*gate, REVOCATION} if terms.lists else gate
    return tuple(c for c in checks if c.id in wanted and c.state is not State.ESTABLISHED)


def _printable(text: str) -> str:
    """``text`` on one line, with no character that moves a terminal's cursor or turns the writing direction."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
