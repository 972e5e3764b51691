"""Whom a verifier believes: keys given by hand, each for everything, or a trust file, which says who may say what."""

from __future__ import annotations

from collections.abc import Sequence

from weightgate.attest.revocation.judge import Source, Target
from weightgate.errors import UsageError
from weightgate.records import record
from weightgate.signing.accepted import Accepted
from weightgate.signing.keys import PublicKey


@record
class Believed:
    """Whom a verifier believes.

    Attributes:
        accepted: Whose signatures are accepted.
        named: They in words, for messages.
    """

    accepted: Accepted
    named: str

    def may_revoke(self, source: Source, target: Target) -> bool:
        """Whether those that signed a list may revoke an attestation, whoever signed that."""
        return bool(source.signers)


def believed_of(keys: Sequence[PublicKey]) -> Believed:
    """Whom the verifier believes.

    Raises:
        UsageError: Nobody.
    """
    if not keys:
        raise UsageError("no key to verify with", hint="name a public key with --key")
    named = ", ".join(f"{key.source} ({key.keyid[:16]})" for key in keys[:8])
    return Believed(Accepted(tuple(keys)), named)
