"""X.509 chains of code-signing certificates, from a leaf up to a root that the verifier names (RFC 5280, section 6).

Certificates that come with a signature are a hint: they may lie between the leaf and a root, and are never trusted. The
path is found and validated here, because ``cryptography.x509.verification`` knows web servers and clients only, and
refuses a leaf that is marked as an authority, as those of early OpenSSF model signing are. What is not understood is
refused: critical extensions that this module does not process, name constraints among them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from weightgate.errors import InputError, SignatureError
from weightgate.records import record

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, Extensions, ExtensionType

    from weightgate.signing.keys import PublicKey

T = TypeVar("T", bound="ExtensionType")

MAX_CERTIFICATES = 16
"""Certificates in one file or signature."""

MAX_CERTIFICATE_BYTES = 64 * 1024
MAX_FILE_BYTES = 1024 * 1024
MAX_DEPTH = 8
"""Certificates in a path, leaf and root included."""

MAX_TRIES = 64
"""Signatures of certificates that are checked before a path counts as not there."""

MIN_RSA_BITS = 2048

_HASHES = frozenset(("sha256", "sha384", "sha512"))
_PROCESSED = frozenset(
    (
        "2.5.29.15",  # key usage
        "2.5.29.17",  # subject alternative name: whom Authority.subject is compared with
        "2.5.29.19",  # basic constraints
        "2.5.29.37",  # extended key usage
    )
)


@record
class Authority:
    """Who certifies signers, as the verifier trusts it.

    Attributes:
        name: What the verifier calls it, for messages.
        roots: Certificates at which a path may end; at least one.
        subject: Whom of those it certifies to accept: an RFC 4514 name as the certificate has it, or one of its
            alternative names (mail address, URI, DNS name); empty for all of them.
    """

    name: str
    roots: tuple[Certificate, ...]
    subject: str = ""


def read_certificates(raw: bytes, source: str) -> tuple[Certificate, ...]:
    """The certificates of a PEM file, in their order.

    Raises:
        InputError: None, one that is damaged, or more or larger ones than are read (code ``certificate``).
    """
    from cryptography.x509 import InvalidVersion, load_pem_x509_certificates

    if len(raw) > MAX_FILE_BYTES:
        raise _unreadable(source, f"larger than {MAX_FILE_BYTES} bytes")
    if not 1 <= raw.count(b"-----BEGIN CERTIFICATE-----") <= MAX_CERTIFICATES:
        raise _unreadable(source, f"needed 1 to {MAX_CERTIFICATES} certificates in PEM")
    try:
        return tuple(load_pem_x509_certificates(raw))
    except (ValueError, InvalidVersion) as error:
        raise _unreadable(source, f"a damaged certificate: {str(error)[:120]}") from None


def read_der(raw: bytes, place: str) -> Certificate:
    """A certificate that came with a signature.

    Raises:
        SignatureError: It is damaged, or too large (code ``certificate``).
    """
    from cryptography.x509 import InvalidVersion, load_der_x509_certificate

    found = None
    if len(raw) <= MAX_CERTIFICATE_BYTES:
        # What cryptography warns of, such as a serial number that is not positive, RFC 5280 forbids.
        with warnings.catch_warnings(), suppress(ValueError, InvalidVersion, UserWarning):
            warnings.simplefilter("error")
            found = load_der_x509_certificate(raw)
    # The one byte that nobody signs says how many bits of the signature do not count: all do.
    if found is not None and raw.endswith(b"\0" + found.signature):
        return found
    raise SignatureError(
        f"{place}: no DER certificate of at most {MAX_CERTIFICATE_BYTES} bytes", code="certificate"
    )


def verify_chain(
    leaf: Certificate, intermediates: Sequence[Certificate], authority: Authority, at: datetime
) -> PublicKey:
    """The leaf's key, once a path from it to one of the authority's roots holds.

    Args:
        leaf: The signer's certificate.
        intermediates: What may lie between; trusted for nothing.
        authority: Whom the verifier trusts.
        at: The time at which every certificate of the path must be valid, with its offset.

    Raises:
        SignatureError: There is no path, a certificate of it is not valid then or may not do what it does there, or the
            leaf is somebody else's (code ``certificate``).
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import UnsupportedGeneralNameType

    from weightgate.signing.keys import public_of

    if len(intermediates) >= MAX_CERTIFICATES:
        raise _refused(f"{len(intermediates) + 1} certificates, at most {MAX_CERTIFICATES} are read")
    try:
        _check_signer(leaf, authority)
        _check_valid(leaf, at)
        search = _Search(tuple(intermediates), authority.roots, at, [])
        if leaf not in authority.roots and not search.reaches_root(leaf, ()):
            raise _refused(f"no path from {_named(leaf)} to {authority.name}: {search.problem()}")
        return public_of(leaf.public_key(), f"certificate of {_named(leaf)}")
    except InputError as error:
        raise _refused(error.message) from None
    except (ValueError, UnsupportedAlgorithm, UnsupportedGeneralNameType) as error:
        # cryptography's own, of an extension or a key that it cannot decode
        raise _refused(f"a damaged certificate: {str(error)[:120]}") from None


def der_of(certificate: Certificate) -> bytes:
    """The certificate as DER."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


def fingerprint(certificate: Certificate) -> str:
    """Hex SHA-256 of the certificate."""
    from cryptography.hazmat.primitives.hashes import SHA256

    return certificate.fingerprint(SHA256()).hex()


def names_of(certificate: Certificate) -> tuple[str, ...]:
    """Every name of whom a certificate is about: its RFC 4514 subject, mail addresses, URIs and DNS names.

    Raises:
        ValueError: The certificate is damaged.
    """
    from cryptography import x509

    names = [certificate.subject.rfc4514_string()]
    try:
        others = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return tuple(names)
    for kind in (x509.RFC822Name, x509.UniformResourceIdentifier, x509.DNSName):
        names += others.get_values_for_type(kind)
    return tuple(names)


@dataclass
class _Search:
    """A search for a path upwards, which remembers why each certificate that was tried did not lead on."""

    intermediates: tuple[Certificate, ...]
    roots: tuple[Certificate, ...]
    at: datetime
    problems: list[str]
    tries: int = 0

    def reaches_root(self, certificate: Certificate, below: tuple[Certificate, ...]) -> bool:
        """Whether some issuer leads on to a root; ``below`` is the path so far, leaf first."""
        path = (*below, certificate)
        if len(path) >= MAX_DEPTH:
            self.problems.append(f"more than {MAX_DEPTH} certificates")
            return False
        for issuer, is_root in self._candidates(certificate):
            if issuer in path or not self._issued(certificate, issuer, path):
                continue
            if is_root or self.reaches_root(issuer, path):
                return True
        return False

    def problem(self) -> str:
        """The first reason, which is the one nearest to the leaf."""
        return self.problems[0] if self.problems else "no certificate of its issuer is there"

    def _candidates(self, certificate: Certificate) -> Iterator[tuple[Certificate, bool]]:
        for certificates, is_root in ((self.roots, True), (self.intermediates, False)):
            for issuer in certificates:
                if issuer.subject == certificate.issuer:
                    yield issuer, is_root

    def _issued(self, certificate: Certificate, issuer: Certificate, path: tuple[Certificate, ...]) -> bool:
        """Whether ``issuer`` signed ``certificate`` and may stand above ``path``."""
        self.tries += 1
        if self.tries > MAX_TRIES:
            raise _refused(f"more than {MAX_TRIES} signatures to check in search of a path")
        try:
            _check_signed(certificate, issuer)
            _check_valid(issuer, self.at)
            _check_authority(issuer, sum(c.subject != c.issuer for c in path[1:]))
        except SignatureError as error:
            self.problems.append(error.message)
            return False
        return True


def _check_signer(leaf: Certificate, authority: Authority) -> None:
    """What the leaf itself must be: for signing, by this key, and about whom the verifier means."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    extensions = _extensions(leaf)
    usage = _found(extensions, x509.KeyUsage)
    extended = _found(extensions, x509.ExtendedKeyUsage)
    if usage is None and extended is None:
        raise _refused(f"{_named(leaf)} states no use of its key, needed digital signature")
    if usage is not None and not usage.digital_signature:
        raise _refused(f"the key of {_named(leaf)} is not for digital signatures")
    if extended is not None and ExtendedKeyUsageOID.CODE_SIGNING not in extended:
        raise _refused(f"the key of {_named(leaf)} is not for code signing")
    if authority.subject and authority.subject not in names_of(leaf):
        about = ", ".join(repr(name[:120]) for name in names_of(leaf)[:4])
        raise _refused(f"the certificate is about {about}, needed {authority.subject!r}")


def _check_authority(issuer: Certificate, below: int) -> None:
    """Whether a certificate may issue others, with ``below`` authorities under it that are not self-issued."""
    from cryptography import x509

    extensions = _extensions(issuer)
    constraints = _found(extensions, x509.BasicConstraints)
    usage = _found(extensions, x509.KeyUsage)
    if constraints is None or not constraints.ca:
        raise _refused(f"{_named(issuer)} is no certificate authority")
    if constraints.path_length is not None and below > constraints.path_length:
        raise _refused(f"{_named(issuer)} allows {constraints.path_length} authorities below it, not {below}")
    if usage is not None and not usage.key_cert_sign:
        raise _refused(f"the key of {_named(issuer)} is not for signing certificates")


def _check_signed(certificate: Certificate, issuer: Certificate) -> None:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        key, algorithm = issuer.public_key(), certificate.signature_hash_algorithm
        if isinstance(key, RSAPublicKey) and key.key_size < MIN_RSA_BITS:
            raise _refused(f"the RSA key of {_named(issuer)} has {key.key_size} bits, needed {MIN_RSA_BITS}")
        if algorithm is not None and algorithm.name not in _HASHES:
            raise _refused(f"{_named(certificate)} is signed over {algorithm.name}, which is too weak")
        certificate.verify_directly_issued_by(issuer)
    except InvalidSignature:
        raise _refused(f"{_named(certificate)} is not signed by {_named(issuer)}") from None
    except (TypeError, UnsupportedAlgorithm):
        raise _refused(f"{_named(certificate)} is signed in a way that is not known here") from None


def _check_valid(certificate: Certificate, at: datetime) -> None:
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begin <= at <= end:
        raise _refused(
            f"{_named(certificate)} is valid from {begin:%Y-%m-%d} to {end:%Y-%m-%d}, not on {at:%Y-%m-%d}"
        )


def _extensions(certificate: Certificate) -> Extensions:
    """Its extensions, none of which is critical and unknown here.

    Raises:
        SignatureError: One is, or one is there twice, or the certificate has another version than 3.
    """
    from cryptography import x509

    if certificate.version is not x509.Version.v3:
        raise _refused(f"{_named(certificate)} is no version 3 certificate")
    try:
        extensions = certificate.extensions
    except x509.DuplicateExtension as error:
        raise _refused(f"{_named(certificate)} has the extension {error.oid.dotted_string} twice") from None
    for extension in extensions:
        if extension.critical and extension.oid.dotted_string not in _PROCESSED:
            raise _refused(
                f"{_named(certificate)} has a critical extension {extension.oid.dotted_string}, unknown here"
            )
    return extensions


def _found(extensions: Extensions, kind: type[T]) -> T | None:
    from cryptography.x509 import ExtensionNotFound

    try:
        return extensions.get_extension_for_class(kind).value
    except ExtensionNotFound:
        return None


def _named(certificate: Certificate) -> str:
    return repr(certificate.subject.rfc4514_string()[:120])


def _refused(message: str) -> SignatureError:
    return SignatureError(message, code="certificate")


def _unreadable(source: str, message: str) -> InputError:
    return InputError(message, where=source, code="certificate")
