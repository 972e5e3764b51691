"""From bytes to a statement that somebody accepted signed: what comes before anything in it is believed."""

from __future__ import annotations

from datetime import datetime

from weightgate.attest.believed import Believed
from weightgate.errors import SignatureError
from weightgate.records import record
from weightgate.signing.accepted import Sealed, SignedBy, read_sealed, signed_by
from weightgate.signing.checks import Check, State
from weightgate.signing.statement import InTotoStatement, parse_statement


@record
class Opened:
    """What an envelope came to, as far as it could be followed.

    Attributes:
        checks: Each check that was reached, in order; the last one may have failed.
        signers: Those accepted that signed, each once.
        statement: What was signed; nothing when a check failed.
        sealed: The envelope, and what came with it; nothing when it is malformed.
    """

    checks: tuple[Check, ...]
    signers: tuple[SignedBy, ...] = ()
    statement: InTotoStatement | None = None
    sealed: Sealed | None = None


def open_envelope(raw: bytes, source: str, believed: Believed, at: datetime) -> Opened:
    """Check who signed an envelope, and read what was signed, in this order.

    Args:
        raw: The envelope's bytes.
        source: Name of the file, for messages.
        believed: Whose signatures are accepted.
        at: The verifier's clock.

    Raises:
        InputError: It is no envelope at all (exit 4).
    """
    checks: list[Check] = []
    signers: tuple[SignedBy, ...] = ()
    sealed: Sealed | None = None
    try:
        sealed = read_sealed(raw, source)
        checks.append(Check("envelope", State.ESTABLISHED, "DSSE v1, in-toto"))
        signers = signed_by(sealed, believed.accepted, at)
        checks.append(_signature(sealed, signers, believed))
        statement = parse_statement(sealed.envelope.payload, source)
        checks.append(Check("statement", State.ESTABLISHED, "in-toto Statement v1"))
    except SignatureError as error:
        # The codes of these errors are the identifiers of the checks that failed.
        checks.append(failed(error))
        return Opened(tuple(checks), signers, None, sealed)
    return Opened(tuple(checks), signers, statement, sealed)


def failed(error: SignatureError) -> Check:
    """The check that an error is about."""
    return Check(error.code, State.CONTRADICTED, error.message)


def _signature(sealed: Sealed, signers: tuple[SignedBy, ...], believed: Believed) -> Check:
    if not signers:
        named = ", ".join(repr(s.keyid[:16]) for s in sealed.envelope.signatures if s.keyid) or "no key"
        raise SignatureError(
            f"no signature by {believed.named} holds; the envelope names {named}", code="signature"
        )
    return Check("signature", State.ESTABLISHED, "by " + ", ".join(signer_words(s) for s in signers))


def signer_words(signer: SignedBy) -> str:
    """One that signed, in words."""
    said = f" of {signer.identity!r}, certified by {signer.issuer!r}" if signer.identity else ""
    return f"{signer.algorithm} key {signer.keyid}{said}"
