"""Whom a verifier believes: keys given by hand, each for everything, or a trust file, which says who may say what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from weightgate.errors import UsageError
from weightgate.records import record
from weightgate.signing.accepted import Accepted
from weightgate.signing.checks import Check
from weightgate.signing.keys import PublicKey

if TYPE_CHECKING:
    from weightgate.attest.revocation.judge import Source, Target
    from weightgate.attest.trust.trust import Trust


@record
class Believed:
    """Whom a verifier believes.

    Attributes:
        accepted: Whose signatures are accepted.
        named: They in words, for messages.
        trust: What they are trusted for; nothing when each key may sign anything.
    """

    accepted: Accepted
    named: str
    trust: Trust | None = None

    def may_revoke(self, source: Source, target: Target) -> bool:
        """Whether those that signed a list may revoke an attestation, whoever signed that."""
        if source.listed is None or not source.signers:
            return False
        if self.trust is None:
            return True
        issued = source.listed.issued
        names = self.trust.names_of(source.signers, issued)
        signed = self.trust.names_of(target.signers, target.said)
        return self.trust.may_revoke(names, issued, signers=signed).granted

    def max_age_days(self, verdict: str, asked: float | None, default: float) -> float:
        """The oldest that an attestation of a verdict may be: what was asked, and never more than the trust file says."""
        limit = None if self.trust is None else self.trust.max_age_days(verdict)
        given = [days for days in (asked, limit) if days is not None]
        return min(given) if given else default

    def checks(self, at: datetime) -> list[Check]:
        """Whether the trust file itself may be relied on now; none without one."""
        return [] if self.trust is None else [self.trust.check(at)]


def believed_of(keys: Sequence[PublicKey], trust: Trust | None = None) -> Believed:
    """Whom the verifier believes.

    Raises:
        UsageError: Nobody; or both keys and a trust file, of which one would be believed for everything (code
            ``ambiguous_trust``).
    """
    if keys and trust is not None:
        raise UsageError(
            "both keys and a trust file: a key that is given may sign anything, which the trust file would not let it",
            where="--trust",
            hint="leave --key out, and name the key in the trust file",
            code="ambiguous_trust",
        )
    if trust is not None:
        return Believed(trust.accepted(), f"anybody that {trust.source} names", trust)
    if not keys:
        raise UsageError(
            "no key to verify with", hint="name a public key with --key, or a trust file with --trust"
        )
    named = ", ".join(f"{key.source} ({key.keyid[:16]})" for key in keys[:8])
    return Believed(Accepted(tuple(keys)), named)
