"""RFC 3161 timestamps over a signature: who says when it was there, with the ``timestamps`` extra.

What is stamped is the signature's bytes, as Sigstore bundles have it: the signature names the payload, so the payload
was there too. A timestamp adds a time and nothing else. One by nobody whom the verifier trusts, or over another
signature, or damaged, establishes nothing and harms nothing: it is left out, as if it were not there.

Source: RFC 3161, sections 2.4.1 and 2.4.2; sigstore_common.proto, RFC3161SignedTimestamp.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

from weightgate.errors import UnreachableError, UsageError
from weightgate.records import record
from weightgate.signing.extras import need

if TYPE_CHECKING:
    from weightgate.signing.accepted import Sealed
    from weightgate.signing.certificates import Authority

MAX_ANSWER_BYTES = 64 * 1024
TIMEOUT = 15.0
"""Seconds to wait for an authority."""

_EXTRA = "timestamps"
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


@record
class Stamp:
    """A time that somebody trusted vouches for.

    Attributes:
        time: When the signature was there at the latest; UTC.
        authority: Who says so, by the verifier's name for it.
    """

    time: datetime
    authority: str


def request_timestamp(signature: bytes, url: str) -> bytes:
    """Ask an authority for a timestamp over a signature.

    Args:
        signature: The signature's bytes.
        url: Where the authority answers; ``http`` will do, since the answer is signed.

    Returns:
        The authority's answer, DER; it is about this signature, and whether to trust the authority is the verifier's.

    Raises:
        UsageError: The extra is not installed, or the address is none.
        UnreachableError: The authority could not be reached, refused, or answered with something else (exit 5, code
            ``timestamp``).
    """
    client = need("rfc3161_client", _EXTRA, "a timestamp")
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"{url[:200]!r} is no address of an authority", where="--timestamp-url",
                         hint="write http://… or https://…", code="timestamp_url")  # fmt: skip
    builder = client.TimestampRequestBuilder().data(signature)
    query = (
        builder.hash_algorithm(client.HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )
    raw = _post(url, query.as_bytes())
    try:
        answer = client.decode_timestamp_response(raw)
        granted = answer.status == client.PKIStatus.GRANTED
        said = "; ".join(answer.status_string)[:200]
        same = granted and _is_about(answer, signature) and answer.tst_info.nonce == query.nonce
    except ValueError as error:
        raise _failed(url, f"its answer cannot be read: {str(error)[:200]}") from None
    if not granted:
        raise _failed(url, f"it refused with status {answer.status}" + (f": {said}" if said else ""))
    if not same:
        raise _failed(url, "its answer is about another request")
    return raw


def stamps_of(sealed: Sealed, authorities: Sequence[Authority]) -> tuple[Stamp, ...]:
    """The times at which a bundle's signature was there, by the authorities that the verifier trusts; earliest first.

    Args:
        sealed: What was read; a plain envelope has no timestamps.
        authorities: Certificate authorities that vouch for timestamp authorities; their roots may also be the
            timestamp authorities' own certificates.

    Raises:
        UsageError: There are timestamps and authorities, and the extra is not installed.
    """
    if sealed.material is None or not sealed.material.timestamps or not authorities:
        return ()
    client = need("rfc3161_client", _EXTRA, "a timestamp")
    signature = sealed.envelope.signatures[0].sig
    found = [
        Stamp(time, authority.name)
        for raw in sealed.material.timestamps
        for authority in authorities
        for time in _time(client, raw, signature, authority)
    ]
    return tuple(sorted(found, key=lambda stamp: stamp.time))


def _time(client: Any, raw: bytes, signature: bytes, authority: Authority) -> Iterator[datetime]:
    errors = need("rfc3161_client.errors", _EXTRA, "a timestamp")
    try:
        answer = client.decode_timestamp_response(raw)
        verifier = client.VerifierBuilder(roots=list(authority.roots)).build()
        verifier.verify_message(answer, signature)
        moment = answer.tst_info.gen_time
    except (errors.VerificationError, ValueError):
        return
    yield moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_about(answer: Any, signature: bytes) -> bool:
    return bool(answer.tst_info.message_imprint.message == hashlib.sha256(signature).digest())


def _post(url: str, query: bytes) -> bytes:
    """Send a query, and read at most :data:`MAX_ANSWER_BYTES` of the answer."""
    import httpx2

    late = f"no answer within {TIMEOUT:g} seconds"
    headers = {"Content-Type": _QUERY, "Accept": _REPLY, "Accept-Encoding": "identity"}
    end = monotonic() + TIMEOUT
    try:
        with httpx2.stream("POST", url, content=query, headers=headers, timeout=TIMEOUT) as answer:
            if answer.status_code != 200:
                raise _failed(url, f"it answered with status {answer.status_code}")
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if kind != _REPLY:
                raise _failed(url, f"it answered with {kind[:80]!r}, needed {_REPLY!r}")
            raw = b""
            for part in answer.iter_raw():
                raw += part
                if len(raw) > MAX_ANSWER_BYTES:
                    raise _failed(url, f"it answered with more than {MAX_ANSWER_BYTES} bytes")
                if monotonic() > end:
                    raise _failed(url, late)
    except httpx2.TimeoutException:
        raise _failed(url, late) from None
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        raise _failed(url, f"cannot be reached: {str(error)[:200]}") from None
    return raw


def _failed(url: str, problem: str) -> UnreachableError:
    return UnreachableError(
        f"no timestamp: {problem}", where=url, hint="sign without --timestamp-url, or ask another authority",
        code="timestamp",
    )  # fmt: skip
