"""In which form a statement is signed: a plain DSSE envelope, or a Sigstore bundle, with or without a timestamp."""

from __future__ import annotations

from weightgate.errors import UsageError
from weightgate.records import record
from weightgate.signing.bundle import Material, write_bundle
from weightgate.signing.envelope import read_envelope, seal
from weightgate.signing.keyless import KeylessSigner
from weightgate.signing.keys import Signer


@record
class Sealer:
    """Who signs, and in which form. It refuses what it could not carry out before anything is signed.

    Attributes:
        signers: Who signs; several sign one plain envelope.
        bundle: Whether to write Sigstore bundles v0.3.
        timestamp_url: Address of an RFC 3161 authority that is to say when a bundle was signed; empty for none.
    """

    signers: tuple[Signer, ...]
    bundle: bool = False
    timestamp_url: str = ""

    def check(self, *, batch: bool = False) -> None:
        """Refuse what cannot be signed.

        Args:
            batch: Whether one signature is to cover many statements, which only plain envelopes do.

        Raises:
            UsageError: No key; one key twice; several for a bundle, or a batch in one; a timestamp or a keyless
                identity without a bundle; or a timestamp for a keyless signature, which has its time from Sigstore's
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
            raise _refused("a keyless signature needs a bundle", "add --bundle")
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
        return write_bundle(sealed, Material(hint=signer.keyid, timestamps=self._timestamps(sealed)))

    def _timestamps(self, sealed: bytes) -> tuple[bytes, ...]:
        if not self.timestamp_url:
            return ()
        from weightgate.signing.timestamps import request_timestamp

        (signature,) = read_envelope(sealed, "envelope").signatures
        return (request_timestamp(signature.sig, self.timestamp_url),)


def _refused(problem: str, hint: str, where: str = "--key") -> UsageError:
    return UsageError(problem, where=where, hint=hint, code="signers")
