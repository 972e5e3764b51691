"""From the places that a verifier names to lists whose signatures have been checked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from weightgate.attest.revocation.fetch import check_place, read_place
from weightgate.attest.revocation.judge import Source
from weightgate.attest.revocation.lists import read_list
from weightgate.errors import InputError, SignatureError, UnreachableError, UsageError
from weightgate.signing.accepted import Accepted, read_sealed, signed_by

MAX_LISTS = 16


def load_sources(places: Sequence[str], accepted: Accepted, at: datetime) -> tuple[Source, ...]:
    """Read the lists that a verifier names, and check who signed them.

    A list that a URL does not give, or that nobody accepted signed, is a source from which nothing can be learned: the
    verification says so. A file that is not there is the verifier's own slip.

    Args:
        places: Files and URLs.
        accepted: Whose signatures are accepted.
        at: The verifier's clock.

    Raises:
        UsageError: There are more than :data:`MAX_LISTS`, or a URL that is never asked.
        InputError: A file cannot be read.
    """
    if len(places) > MAX_LISTS:
        raise UsageError(f"{len(places)} revocation lists, at most {MAX_LISTS}", where="--revocations")
    for place in places:
        check_place(place)
    return tuple(_source(place, accepted, at) for place in places)


def _source(place: str, accepted: Accepted, at: datetime) -> Source:
    try:
        return open_source(place, read_place(place), accepted, at)
    except UnreachableError as error:
        return Source(place, problem=error.message)


def open_source(place: str, raw: bytes, accepted: Accepted, at: datetime) -> Source:
    """Check who signed a list, and read it.

    Args:
        place: Where it came from, for messages.
        raw: Its bytes: an envelope.
        accepted: Whose signatures are accepted.
        at: The verifier's clock.
    """
    try:
        sealed = read_sealed(raw, place)
        signers = signed_by(sealed, accepted, at)
        if not signers:
            return Source(place, problem="no signature by anybody accepted holds")
        listed = read_list(sealed.envelope.payload, place)
    except (SignatureError, InputError) as error:
        return Source(place, problem=f"no revocation list: {error.message}")
    return Source(place, listed, signers)
