"""What the Hub's refusals and the client's exceptions mean.

Each becomes a :class:`HubError` (exit 5) whose ``code`` tells the cases apart, so that nobody has to read a
message to decide. Two traps of the client are avoided here: ``GatedRepoError`` is a ``RepositoryNotFoundError``, and
``LocalEntryNotFoundError`` (a ``FileNotFoundError``) wraps nearly every failure of a download, so it is never read
as "the file is absent". Behaviour of huggingface_hub 2.4.0, whose ``hf_raise_for_status`` makes these exceptions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from weightgate.errors import UnreachableError

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError

GATED = "gated"
"""The repo is there, and its files are only for those who were granted access."""

NOT_FOUND = "not_found"
"""Missing, or private and not ours to see: the Hub answers both alike."""

DISABLED = "disabled"
"""Switched off by the Hub or its owner."""

REVISION_NOT_FOUND = "revision_not_found"
ENTRY_NOT_FOUND = "entry_not_found"

BAD_TOKEN = "bad_token"  # noqa: S105 - a code, not a secret
"""The token itself was not accepted."""

FORBIDDEN = "forbidden"
"""Refused for another reason than those above."""

OFFLINE = "offline"
"""``HF_HUB_OFFLINE`` is set, so nobody was asked."""

RATE_LIMITED = "rate_limited"
UNREACHABLE = "unreachable"
"""No connection, no answer in time, or a server in trouble."""

MALFORMED = "malformed_answer"
"""An answer that is not what a Hub answers."""

NOT_SO_LONG = "not_so_long"
"""A range was asked for that lies behind the file's end."""

REFUSALS = frozenset({GATED, NOT_FOUND, DISABLED, BAD_TOKEN, FORBIDDEN})
"""The Hub answered, and the answer was no. Every other code says nothing about who may have the model."""

_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _RANGE, _TOO_MANY, _SERVER_ERROR = 401, 403, 404, 416, 429, 500


class HubError(UnreachableError):
    """The Hub could not be asked, or did not answer what was asked (exit 5).

    Attributes:
        retry_after: Seconds after which the server asks to try again, when it says so.
    """

    retry_after: int | None = None


@contextmanager
def hub_errors(url: str) -> Iterator[None]:
    """Turn whatever the client raises inside into our errors.

    Args:
        url: What is being asked for, for the message.

    Raises:
        HubError: With one of this module's codes.
    """
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError, OfflineModeIsEnabled

    try:
        yield
    except OfflineModeIsEnabled:
        hint = "unset HF_HUB_OFFLINE, or give the model as a folder"
        message = "HF_HUB_OFFLINE is set, so the Hub was not asked"
        raise HubError(message, where=url, hint=hint, code=OFFLINE) from None
    except LocalTokenNotFoundError:
        hint = "log in with `hf auth login`, or set HF_TOKEN"
        raise HubError("a token is needed and none was found", where=url, hint=hint, code=BAD_TOKEN) from None
    except HfHubHTTPError as error:
        raise refusal(error, url) from error
    except httpx2.TimeoutException:
        hint = "check the network and HF_ENDPOINT, or try again later"
        raise HubError("no answer in time", where=url, hint=hint, code=UNREACHABLE) from None
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        hint = "check the network and HF_ENDPOINT"
        message = f"cannot be reached: {str(error) or type(error).__name__}"
        raise HubError(message, where=url, hint=hint, code=UNREACHABLE) from error


def refusal(error: HfHubHTTPError, url: str) -> HubError:
    """The error that an HTTP refusal becomes."""
    for kind, make in _kinds():
        if isinstance(error, kind):
            return make(url)
    status = error.response.status_code
    if status == _TOO_MANY:
        return _rate_limited(error, url)
    if status >= _SERVER_ERROR:
        message = f"the server is in trouble (HTTP {status})"
        return HubError(message, where=url, hint="try again later", code=UNREACHABLE)
    if status == _UNAUTHORIZED:
        return _unauthorized(error, url)
    if status == _NOT_FOUND:
        return _not_found(url)
    if status == _RANGE:
        return HubError("the file ends before the bytes asked for", where=url, code=NOT_SO_LONG)
    said = _said(error)
    hint = "see whether the token may read this repo" if status == _FORBIDDEN else ""
    return HubError(f"refused with HTTP {status}{said}", where=url, hint=hint, code=FORBIDDEN)


def retry_after(error: HfHubHTTPError) -> int | None:
    """Seconds that a rate-limited client is asked to wait, or ``None`` when the answer does not say."""
    from huggingface_hub.utils import parse_ratelimit_headers

    headers = error.response.headers
    stated = headers.get("Retry-After", "").strip()
    if stated.isdigit():
        return int(stated)
    limit = parse_ratelimit_headers(headers)
    return limit.reset_in_seconds if limit is not None and limit.remaining == 0 else None


def _kinds() -> list[tuple[type[Exception], Callable[[str], HubError]]]:
    """The client's own kinds of refusal; a subclass stands before its base."""
    from huggingface_hub.errors import (
        DisabledRepoError,
        GatedRepoError,
        RemoteEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    return [
        (GatedRepoError, _gated),
        (DisabledRepoError, _disabled),
        (RevisionNotFoundError, _revision_not_found),
        (RemoteEntryNotFoundError, _entry_not_found),
        (RepositoryNotFoundError, _not_found),
    ]


def _gated(url: str) -> HubError:
    hint = "ask for access on the model's page, then set HF_TOKEN to a token of that account"
    return HubError("the repo is gated, and access was not granted", where=url, hint=hint, code=GATED)


def _disabled(url: str) -> HubError:
    hint = "ask the owner, or give a copy as a folder"
    return HubError("access to the repo is disabled", where=url, hint=hint, code=DISABLED)


def _revision_not_found(url: str) -> HubError:
    hint = "name a branch, a tag or a full commit: owner/name@revision"
    return HubError("there is no such revision", where=url, hint=hint, code=REVISION_NOT_FOUND)


def _entry_not_found(url: str) -> HubError:
    return HubError("there is no such file at this revision", where=url, code=ENTRY_NOT_FOUND)


def _not_found(url: str) -> HubError:
    hint = "check the spelling and HF_ENDPOINT; for a private repo, set HF_TOKEN to a token that may read it"
    message = "there is no such repo, or it is private and this token may not see it"
    return HubError(message, where=url, hint=hint, code=NOT_FOUND)


def _unauthorized(error: HfHubHTTPError, url: str) -> HubError:
    """A 401 that the client did not name: a token that is not accepted, or a repo that is not shown."""
    if "authorization" in error.response.request.headers and "redential" in _said(error):
        hint = "the token was revoked or mistyped: log in again, or correct HF_TOKEN"
        return HubError("the token was not accepted", where=url, hint=hint, code=BAD_TOKEN)
    return _not_found(url)


def _rate_limited(error: HfHubHTTPError, url: str) -> HubError:
    seconds = retry_after(error)
    when = "later" if seconds is None else f"in {seconds} s"
    hint = f"try again {when}; a token (HF_TOKEN) raises the limit"
    limited = HubError("rate limited", where=url, hint=hint, code=RATE_LIMITED)
    limited.retry_after = seconds
    return limited


def _said(error: HfHubHTTPError) -> str:
    """The server's own words, short and printable, for the end of a message."""
    words = "".join(c if c.isprintable() else " " for c in error.server_message or "")[:200].strip()
    return f": {words}" if words else ""
