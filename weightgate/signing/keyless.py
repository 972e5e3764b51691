"""Keyless signing and verification through Sigstore's public instance, with the ``sigstore`` extra.

Whoever signs proves an identity to Sigstore, gets a certificate for minutes, and the signature is logged in public. All
of it is the ``sigstore`` library's; here it is only asked. Signing speaks to Sigstore's servers. Verification does not:
it uses the root of trust that came with the library, or that it fetched when it was last used online.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from weightgate.errors import UnreachableError, UsageError
from weightgate.records import record
from weightgate.signing.envelope import PAYLOAD_TYPE
from weightgate.signing.extras import need

_EXTRA = "sigstore"


@record
class KeylessSigner:
    """Signs with the identity that this machine has, as in a CI job; it makes whole bundles only.

    Attributes:
        keyid: Empty: the key is made for one signature.
        algorithm: What stands for it in messages.
        notes: Nothing; as other signers have.
    """

    keyid: str = ""
    algorithm: str = "sigstore"
    notes: tuple[str, ...] = ()

    def sign(self, data: bytes) -> bytes:
        """Refuse: a keyless signature is nothing without the certificate and the log entry beside it.

        Raises:
            UsageError: Always (code ``needs_bundle``).
        """
        raise UsageError(
            f"sigstore: signs bundles, not {len(data)} bytes alone", where="--key", hint="add --bundle",
            code="needs_bundle",
        )  # fmt: skip

    def seal_bundle(self, payload: bytes) -> bytes:
        """Sign an in-toto statement with the identity that this machine has.

        Args:
            payload: The statement, in-toto v1.

        Returns:
            A Sigstore bundle v0.3 as one line of JSON, newline included.

        Raises:
            UsageError: The extra is not installed, or this machine has no identity (code ``no_identity``).
            UnreachableError: Sigstore could not be reached, or refused (code ``sigstore``).
        """
        oidc, sign = (
            need("sigstore.oidc", _EXTRA, "--key sigstore:"),
            need("sigstore.sign", _EXTRA, "--key sigstore:"),
        )
        models, dsse = (
            need("sigstore.models", _EXTRA, "--key sigstore:"),
            need("sigstore.dsse", _EXTRA, "--key sigstore:"),
        )
        errors = need("sigstore.errors", _EXTRA, "--key sigstore:")
        try:
            token = oidc.detect_credential()
            if token is None:
                raise UsageError(
                    "this machine has no identity to sign with", where="--key sigstore:",
                    hint="it is found in CI jobs, such as GitHub Actions with permission id-token: write",
                    code="no_identity",
                )  # fmt: skip
            context = sign.SigningContext.from_trust_config(models.ClientTrustConfig.production())
            with context.signer(oidc.IdentityToken(token)) as signer:
                bundle = signer.sign_dsse(dsse.Statement(payload))
        except (errors.Error, oidc.ExpiredIdentity, oidc.IssuerError, OSError, ValueError) as error:
            raise UnreachableError(
                f"Sigstore did not sign: {str(error)[:300]}", where="--key sigstore:", code="sigstore"
            ) from None
        return str(bundle.to_json()).encode() + b"\n"


def keyless_signer(
    raw: bytes, payload: bytes, accepted: Sequence[tuple[str, str]], *, trusted_root: str = ""
) -> tuple[str, str, str, str] | None:
    """Which of the accepted identities signed a bundle, by the certificate, the log entry and the time in it.

    Args:
        raw: The bundle.
        payload: The payload that was read from it.
        accepted: Identities, each with the URL of its issuer.
        trusted_root: A file with the root of trust of another instance than Sigstore's public one.

    Returns:
        Key, kind of key, identity and issuer; nothing when none of them did.

    Raises:
        UsageError: The extra is not installed (code ``extra_missing``).
    """
    what = "a keyless signature"
    errors, models = need("sigstore.errors", _EXTRA, what), need("sigstore.models", _EXTRA, what)
    policy, verify = need("sigstore.verify.policy", _EXTRA, what), need("sigstore.verify", _EXTRA, what)
    from weightgate.signing.keys import public_of

    # The library tells that it works offline, as it was asked to; whoever logs gets to know it all the same.
    logging.getLogger("sigstore").addHandler(logging.NullHandler())
    try:
        bundle = models.Bundle.from_json(raw)
        verifier = (
            verify.Verifier(trusted_root=models.TrustedRoot.from_file(trusted_root))
            if trusted_root
            else verify.Verifier.production(offline=True)
        )
    except (errors.Error, OSError, ValueError):
        return None
    for identity, issuer in accepted:
        try:
            found = verifier.verify_dsse(bundle, policy.Identity(identity=identity, issuer=issuer))
        except (errors.Error, ValueError):
            continue
        if found == (PAYLOAD_TYPE, payload):
            key = public_of(bundle.signing_certificate.public_key(), "certificate")
            return key.keyid, key.algorithm, identity, issuer
    return None
