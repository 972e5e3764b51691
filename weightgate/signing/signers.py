"""What ``--key`` names to sign with: a key file, a key in a token, in a key service, or an identity.

| URI | what signs |
| --- | --- |
| a path, ``file:PATH`` | a PEM file, encrypted or not |
| ``hsm:[KEYID][?label=TOKEN]`` | a key in a PKCS #11 token: ECDSA P-256 or P-384; ``PYKCS11LIB`` names its module |
| ``gcpkms:NAME``, ``awskms:ID``, ``azurekms://VAULT.vault.azure.net/keys/NAME``, ``hv:NAME`` | a key service |
| ``sigstore:`` | the identity that this machine has, without a key |

Tokens and key services are ``securesystemslib``'s. The public key is asked of them, once; each signature that they
return is verified with it before it is used. The key services are passed on as they are, and not tested here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from weightgate.errors import InputError, UnreachableError, UsageError
from weightgate.records import record
from weightgate.signing.extras import missing
from weightgate.signing.keyless import KeylessSigner
from weightgate.signing.keys import PrivateKey, PublicKey, load_private, public_from_pem, public_of

Ask = Callable[[str], bytes]
"""Asks whoever sits at the terminal for a secret, given a prompt."""

_SERVICES = {
    "gcpkms": ("GCPSigner", "securesystemslib[gcpkms]"),
    "awskms": ("AWSSigner", "securesystemslib[awskms]"),
    "azurekms": ("AzureSigner", "securesystemslib[azurekms]"),
    "hv": ("VaultSigner", "securesystemslib[vault]"),
}
SCHEMES = ("file", "hsm", *_SERVICES, "sigstore")
"""What a URI may start with; anything else is a path."""

_SIGNING_SCHEMES = frozenset(
    ("ed25519", "rsassa-pss-sha256", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")
)

# The libraries' own errors, by the modules that they live in; a library that was not imported raised none.
_ERRORS = (
    ("securesystemslib.exceptions", "Error"),
    ("pkcs11.exceptions", "PKCS11Error"),
    ("google.api_core.exceptions", "GoogleAPIError"),
    ("google.auth.exceptions", "GoogleAuthError"),
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.exceptions", "ClientError"),
    ("azure.core.exceptions", "AzureError"),
    ("hvac.exceptions", "VaultError"),
)


@record
class RemoteSigner:
    """A key that stays where it is.

    Attributes:
        public: The public half, as the token or the service gave it.
        uri: What names it, for messages.
        notes: Nothing; as other signers have.
    """

    public: PublicKey
    uri: str
    _signer: Any = field(repr=False, compare=False)
    notes: tuple[str, ...] = ()

    @property
    def keyid(self) -> str:
        """Identifier of the public half."""
        return self.public.keyid

    @property
    def algorithm(self) -> str:
        """The kind of key."""
        return self.public.algorithm

    def sign(self, data: bytes) -> bytes:
        """Signature over ``data``, which the public half has verified.

        Raises:
            InputError: The PIN is wrong (code ``key_passphrase``).
            UnreachableError: The key cannot be used now, or what came back is no signature of its (code ``key_remote``).
        """
        with _remote(self.uri):
            signature = bytes.fromhex(self._signer.sign(data).signature)
        if not self.public.verify(signature, data):
            raise UnreachableError(
                f"what it returned is no {self.algorithm} signature of its key",
                where=self.uri,
                code="key_remote",
            )
        return signature


LoadedSigner = PrivateKey | RemoteSigner | KeylessSigner
"""What can be signed with."""


def scheme_of(uri: str) -> str:
    """The scheme that a URI starts with; empty for a path."""
    scheme, colon, _ = uri.partition(":")
    return scheme if colon and scheme in SCHEMES else ""


def path_of(uri: str) -> str | None:
    """The file that a URI names; nothing when the key is no file."""
    scheme = scheme_of(uri)
    return uri if not scheme else uri.removeprefix("file:") if scheme == "file" else None


def load_signer(uri: str, *, passphrase: bytes | None = None, ask: Ask | None = None) -> LoadedSigner:
    """Find what a URI names to sign with.

    Args:
        uri: See this module.
        passphrase: Of the key file, or the PIN of the token.
        ask: Asks for it when it is needed and was not given; nothing when nobody is there to ask.

    Raises:
        InputError: The key cannot be read, or its passphrase or PIN is missing or wrong.
        UsageError: The URI is malformed, or what it needs is not installed or not set.
        UnreachableError: The token or the service has no such key, or could not be reached (code ``key_remote``).
    """
    scheme, path = scheme_of(uri), path_of(uri)
    if path is not None:
        return _from_file(Path(path), passphrase, ask)
    if scheme == "sigstore":
        if uri != "sigstore:":
            raise UsageError(f"{uri!r} is no key", where="--key", hint="write sigstore:", code="bad_key_uri")
        return KeylessSigner()
    return _from_token(uri, passphrase, ask) if scheme == "hsm" else _from_service(scheme, uri)


def _from_file(path: Path, passphrase: bytes | None, ask: Ask | None) -> LoadedSigner:
    try:
        return load_private(path, passphrase)
    except InputError as error:
        if error.code != "key_passphrase" or passphrase is not None or ask is None:
            raise
    return load_private(path, ask(f"passphrase of {path}"))


def _from_token(uri: str, passphrase: bytes | None, ask: Ask | None) -> LoadedSigner:
    signers = _library()
    where, label = urlsplit(uri), None
    query = parse_qs(where.query)
    odd = where.netloc or where.fragment or not set(query) <= {"label"}
    if odd or (where.path and not where.path.isdecimal()):
        hint = "write hsm:KEYID?label=TOKEN, such as hsm:2 or hsm:2?label=release"
        raise UsageError(f"{uri!r} names no key of a token", where="--key", hint=hint, code="bad_key_uri")
    if query:
        label = query["label"][0]
    if not os.environ.get("PYKCS11LIB"):
        hint = "set it to the path of the token's PKCS #11 module, such as /usr/lib/softhsm/libsofthsm2.so"
        raise UsageError("PYKCS11LIB is not set", where=uri, hint=hint, code="key_module")
    pin = _Pin(uri, passphrase, ask)
    with _remote(uri, "hsm"):
        found, key = signers.HSMSigner.import_(int(where.path) if where.path else None, label, pin)
        return RemoteSigner(_public(key, uri), uri, signers.HSMSigner.from_priv_key_uri(found, key, pin))


class _Pin:
    """Answers a token that asks for its PIN, and asks for it once at most."""

    def __init__(self, uri: str, pin: bytes | None, ask: Ask | None) -> None:
        self._uri, self._pin, self._ask = uri, pin, ask

    def __call__(self, _secret: str) -> str:
        if self._pin is None:
            if self._ask is None:
                raise InputError(
                    "the token wants its PIN, and none was given", where=self._uri,
                    hint="set WEIGHTGATE_KEY_PASSPHRASE", code="key_passphrase",
                )  # fmt: skip
            self._pin = self._ask(f"PIN of {self._uri}")
        return self._pin.decode("utf-8", "surrogateescape")


def _from_service(scheme: str, uri: str) -> LoadedSigner:
    name, extra = _SERVICES[scheme]
    signer = getattr(_library(), name)
    with _remote(uri, extra):
        found, key = signer.import_(*_service_words(scheme, uri))
        if not (found == uri or found.startswith(uri.rstrip("/") + "/")):
            raise UsageError(
                f"the newest version of that key is {found}",
                where=uri,
                hint="name that one",
                code="bad_key_uri",
            )
        return RemoteSigner(_public(key, uri), uri, signer.from_priv_key_uri(found, key))


def _service_words(scheme: str, uri: str) -> list[str]:
    """What securesystemslib asks a service with: the whole name, or the parts of it without a version."""
    rest = uri.partition(":")[2]
    if scheme == "azurekms":
        where = urlsplit(uri)
        parts = where.path.split("/")
        if where.hostname and parts[:2] == ["", "keys"] and len(parts) in (3, 4) and parts[2]:
            return [where.hostname.split(".")[0], parts[2]]
    elif rest:
        return [rest.partition("/")[0] if scheme == "hv" else rest]
    raise UsageError(
        f"{uri!r} names no key", where="--key", hint="see docs/signing-keys.md", code="bad_key_uri"
    )


def _public(key: Any, source: str) -> PublicKey:
    """The key of securesystemslib as one of ours; only those whose signatures verify here."""
    if key.scheme not in _SIGNING_SCHEMES:
        raise InputError(
            f"a key that signs with {key.scheme!r}", where=source,
            hint="needed one of " + ", ".join(sorted(_SIGNING_SCHEMES)), code="key_type",
        )  # fmt: skip
    if key.scheme != "ed25519":
        return public_from_pem(key.keyval["public"].encode(), source)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return public_of(Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.keyval["public"])), source)


def _library() -> Any:
    from securesystemslib import signer

    return signer


@contextmanager
def _remote(uri: str, extra: str = "") -> Iterator[None]:
    """Turn what the libraries raise into an error that names the key."""
    from securesystemslib.exceptions import UnsupportedLibraryError

    try:
        yield
    except UnsupportedLibraryError as error:
        package = f"weightgate[{extra}]" if extra == "hsm" else extra
        raise missing(
            f"this kind of key needs a library that is not installed: {error}", package, uri
        ) from None
    except _errors() as error:
        if type(error).__name__.startswith("Pin"):
            problem = f"the token refuses the PIN ({type(error).__name__})"
            raise InputError(problem, where=uri, code="key_passphrase") from None
        problem = f"{type(error).__name__}: {str(error)[:300]}".rstrip(": ")
        raise UnreachableError(f"cannot use the key: {problem}", where=uri, code="key_remote") from None


def _errors() -> tuple[type[Exception], ...]:
    found = (getattr(sys.modules.get(module), name, None) for module, name in _ERRORS)
    known = (error for error in found if isinstance(error, type) and issubclass(error, Exception))
    return (ValueError, RuntimeError, OSError, *known)
