"""From bytes to a statement that somebody accepted signed: what comes before anything in it is believed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from weightgate.attest.statements.claims import Claim, Kind
from weightgate.attest.verifying.terms import Terms
from weightgate.errors import SignatureError
from weightgate.records import record
from weightgate.signing.accepted import Sealed, SignedBy, read_sealed, signed_by
from weightgate.signing.checks import Check, State
from weightgate.signing.statement import InTotoStatement, parse_statement

if TYPE_CHECKING:
    from weightgate.attest.statements.batch import Batches


@record
class Stamped:
    """When a signature was there at the latest, by somebody trusted.

    Attributes:
        time: The moment; UTC.
        authority: Who says so.
    """

    time: datetime
    authority: str


@record
class Root:
    """Who signed an envelope: one statement's own, or that of the root of a batch.

    Attributes:
        sealed: The envelope, and what came with it.
        signers: Those accepted that signed, each once.
        stamped: What a trusted timestamp says; nothing when there is none.
    """

    sealed: Sealed
    signers: tuple[SignedBy, ...]
    stamped: Stamped | None = None


@record
class Unsealed:
    """What a claim came to, as far as it could be followed.

    Attributes:
        checks: Each check that was reached, in order; the last one failed when there is no statement.
        source: File and line, for messages.
        statement: What was signed; nothing when a check failed.
        payload: The bytes that were verified.
        root: Who signed, as far as it could be told.
    """

    checks: tuple[Check, ...]
    source: str
    statement: InTotoStatement | None = None
    payload: bytes = b""
    root: Root | None = None

    @property
    def signers(self) -> tuple[SignedBy, ...]:
        """Those accepted that signed."""
        return () if self.root is None else self.root.signers

    @property
    def stamped(self) -> Stamped | None:
        """What a trusted timestamp says."""
        return None if self.root is None else self.root.stamped


class Unsealer:
    """Unseals claims for one verifier: the root of a batch is verified once.

    Args:
        terms: Whom it believes, and its clock.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._known: Batches[Root] | None = None

    def unseal(self, claim: Claim) -> Unsealed:
        """Check who signed a claim, and read what was signed, in this order.

        Raises:
            InputError: It is no attestation at all (exit 4).
        """
        checks: list[Check] = []
        root: Root | None = None
        try:
            if claim.kind is Kind.MEMBER:
                member = self._batches().unseal(claim.raw, claim.source)
                payload, root = member.payload, member.signers
                checks += (_envelope(root.sealed), _signature(root.signers), member.check)
            else:
                sealed = read_sealed(claim.raw, claim.source)
                checks.append(_envelope(sealed))
                root = self._root(sealed)
                checks.append(_signature(root.signers))
                payload = sealed.envelope.payload
            statement = parse_statement(payload, claim.source)
        except SignatureError as error:
            checks.append(failed(error))
            return Unsealed(tuple(checks), claim.source, root=root)
        checks.append(Check("statement", State.ESTABLISHED, "in-toto Statement v1"))
        return Unsealed(tuple(checks), claim.source, statement, payload, root)

    def _batches(self) -> Batches[Root]:
        if self._known is None:
            from weightgate.attest.statements.batch import Batches

            self._known = Batches(self._batch_root)
        return self._known

    def _batch_root(self, raw: bytes, source: str) -> tuple[bytes, Root]:
        sealed = read_sealed(raw, source)
        return sealed.envelope.payload, self._root(sealed)

    def _root(self, sealed: Sealed) -> Root:
        stamped = None
        if self._terms.stampers:
            from weightgate.signing.timestamps import stamps_of

            stamps = stamps_of(sealed, self._terms.stampers)
            stamped = Stamped(stamps[0].time, stamps[0].authority) if stamps else None
        # A certificate must be valid when it signed: somebody else's word for that, or else now.
        at = self._terms.at if stamped is None else stamped.time
        signers = signed_by(sealed, self._terms.believed.accepted, at)
        if not signers:
            named = ", ".join(repr(s.keyid[:16]) for s in sealed.envelope.signatures if s.keyid) or "no key"
            by = self._terms.believed.named
            raise SignatureError(f"no signature by {by} holds; the envelope names {named}", code="signature")
        return Root(sealed, signers, stamped)


def failed(error: SignatureError) -> Check:
    """The check that an error is about: the errors' codes are the checks' identifiers."""
    return Check(error.code, State.CONTRADICTED, error.message)


def _envelope(sealed: Sealed) -> Check:
    form = (
        "DSSE v1, in-toto" if sealed.material is None else "Sigstore bundle v0.3 of a DSSE envelope, in-toto"
    )
    return Check("envelope", State.ESTABLISHED, form)


def _signature(signers: tuple[SignedBy, ...]) -> Check:
    return Check("signature", State.ESTABLISHED, "by " + ", ".join(signer_words(s) for s in signers))


def signer_words(signer: SignedBy) -> str:
    """One that signed, in words."""
    said = f" of {signer.identity!r}, certified by {signer.issuer!r}" if signer.identity else ""
    return f"{signer.algorithm} key {signer.keyid}{said}"
