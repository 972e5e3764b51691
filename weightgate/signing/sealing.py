"""In which form a statement is signed: a plain DSSE envelope, or a Sigstore bundle, with or without a timestamp."""

from __future__ import annotations

from weightgate.errors import UsageError
from weightgate.records import record
from weightgate.signing.bundle import Material, write_bundle
from weightgate.signing.envelope import read_envelope, seal
from weightgate.signing.keyless import KeylessSigner
from weightgate.signing.keys import Signer

_CHAIN = "--certificate-chain"


@record
class Sealer:
    """Who signs, and in which form. It refuses what it could not carry out before anything is signed.

    Attributes:
        signers: Who signs; several sign one plain envelope.
        bundle: Whether to write Sigstore bundles v0.3.
        timestamp_url: Address of an RFC 3161 authority that is to say when a bundle was signed; empty for none.
        certificates: DER: the key's own, and those that lead on from it; they go into a bundle.
    """

    signers: tuple[Signer, ...]
    bundle: bool = False
    timestamp_url: str = ""
    certificates: tuple[bytes, ...] = ()

    def check(self, *, batch: bool = False) -> None:
        """Refuse what cannot be signed.

        Args:
            batch: Whether one signature is to cover many statements, which only plain envelopes do.

        Raises:
            UsageError: No key; one key twice; several for a bundle, or a batch in one; a timestamp, a certificate or a
                keyless identity without a bundle; a certificate of another key; or a timestamp for a keyless signature, which has its time from Sigstore's
                log.
        """
        keyless = [signer for signer in self.signers if isinstance(signer, KeylessSigner)]
        keys = [signer.keyid for signer in self.signers]
        if not keys:
            raise _refused("no key to sign with", "name one with --key")
        if len(set(keys)) != len(keys):
            raise _refused("one key is named twice", "a threshold counts each key once: name another")
        if self.bundle and len(keys) > 1:
            raise _refused(f"{len(keys)} keys for a bundle, which holds one signature", "leave --bundle out")
        if self.bundle and batch:
            raise _refused("a batch is signed in a plain envelope", "leave --bundle out", "--batch")
        if keyless and not self.bundle:
            raise _refused("a keyless signature needs a bundle", "sign with: weightgate attest --bundle")
        if self.certificates:
            self._check_certificates()
        if self.timestamp_url and not self.bundle:
            raise _refused("a plain envelope has no place for a timestamp", "add --bundle", "--timestamp-url")
        if self.timestamp_url and keyless:
            raise _refused(
                "a keyless signature has its time from Sigstore", "leave it out", "--timestamp-url"
            )

    def seal(self, payload: bytes) -> bytes:
        """Sign an in-toto statement.

        Returns:
            One line of JSON, newline included.

        Raises:
            UsageError: As :meth:`check`, or an extra is missing.
            InputError: The statement is too large.
            UnreachableError: A key, Sigstore or the timestamp authority could not be reached.
        """
        self.check()
        if not self.bundle:
            return seal(payload, *self.signers)
        (signer,) = self.signers
        if isinstance(signer, KeylessSigner):
            return signer.seal_bundle(payload)
        sealed = seal(payload, signer)
        hint = "" if self.certificates else signer.keyid
        return write_bundle(sealed, Material(hint, self.certificates, self._timestamps(sealed)))

    def _check_certificates(self) -> None:
        if not self.bundle:
            raise _refused("a plain envelope has no place for certificates", "add --bundle", _CHAIN)
        from weightgate.signing.certificates import read_der
        from weightgate.signing.keys import public_of

        keyid = public_of(read_der(self.certificates[0], _CHAIN).public_key(), _CHAIN).keyid
        if keyid != self.signers[0].keyid:
            problem = f"the first certificate is of key {keyid}, and {self.signers[0].keyid or 'another'} is to sign"
            raise _refused(problem, "name the signing key's own certificate first", _CHAIN)

    def _timestamps(self, sealed: bytes) -> tuple[bytes, ...]:
        if not self.timestamp_url:
            return ()
        from weightgate.signing.timestamps import request_timestamp

        (signature,) = read_envelope(sealed, "envelope").signatures
        return (request_timestamp(signature.sig, self.timestamp_url),)


def _refused(problem: str, hint: str, where: str = "--key") -> UsageError:
    return UsageError(problem, where=where, hint=hint, code="signers")
