"""One bounded GET at the Hub, through the ``huggingface_hub`` client's session, token and errors.

``HfApi``'s own methods retry one call for up to 23 seconds, wait for an answer without end, and read an answer of any
length (huggingface_hub 2.4.0: ``http_backoff``, ``paginate``). A gate must fail soon and in bounded memory.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from weightgate.inspect.hub.endpoint import check_endpoint, check_environment
from weightgate.inspect.hub.errors import BAD_TOKEN, RATE_LIMITED, UNREACHABLE, HubError, hub_errors

if TYPE_CHECKING:
    import httpx2

CONNECT_SECONDS, READ_SECONDS, ANSWER_SECONDS = 5.0, 10.0, 60.0
"""Longest waits: for a connection, for the next bytes of an answer, for a whole answer."""

RETRY_WITHIN_SECONDS = 5.5
"""A call that failed this soon is tried once more; so an unreachable Hub is given up within 15 seconds."""

RETRY_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.5, 2
MAX_ERROR_BODY = 64 * 1024
_ERROR = 400
_ABOUT_THE_BODY = frozenset({"content-encoding", "content-length", "transfer-encoding"})

Take = Callable[["httpx2.Response"], int]
"""Given the head of an answer that is no error, how many bytes of its body to read."""


class HubSession:
    """One asker at one endpoint.

    Args:
        endpoint: Address of the Hub; the client's own (``HF_ENDPOINT``) unless given.
        token: ``False`` for an anonymous client with connections and cookies of its own, closed with it; a token; ``True``
            for the client's own token, which must be there; or ``None`` for
            the client's own token (``HF_TOKEN`` or a login). That one is only ever sent to the client's own
            endpoint: an address from elsewhere must not collect it.

    Raises:
        InputError: The endpoint is no address, or holds a secret.
    """

    def __init__(self, endpoint: str | None = None, token: str | bool | None = None) -> None:
        check_environment()
        from huggingface_hub import constants

        self.endpoint = check_endpoint(endpoint, "endpoint") if endpoint else constants.ENDPOINT
        if token is None and self.endpoint != constants.ENDPOINT:
            token = False
        self._token = token
        self._own: httpx2.Client | None = None

    @property
    def anonymous(self) -> bool:
        """Whether nothing is sent that tells who asks."""
        return self._token is False

    def get(self, url: str, take: Take, headers: Mapping[str, str] | None = None) -> httpx2.Response:
        """One answer without its surplus, tried once more when it failed soon or the server's wait is short.

        Returns:
            The answer with at most ``take`` bytes of its body. ``Content-Length`` is what the server stated.

        Raises:
            HubError: Refused or unreachable.
        """
        started = time.monotonic()
        try:
            return self._once(url, take, headers)
        except HubError as error:
            pause = RETRY_PAUSE_SECONDS if error.code == UNREACHABLE else error.retry_after
            soon = time.monotonic() - started < RETRY_WITHIN_SECONDS
            if error.code not in (UNREACHABLE, RATE_LIMITED) or not soon:
                raise
            if pause is None or pause > MAX_PAUSE_SECONDS:
                raise
        time.sleep(pause)
        return self._once(url, take, headers)

    def _once(self, url: str, take: Take, headers: Mapping[str, str] | None) -> httpx2.Response:
        import httpx2
        from huggingface_hub import hf_raise_for_status

        timeout = httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        with hub_errors(url):
            sent = {**self._identity(), **(headers or {})}
            stream = self._client().stream("GET", url, headers=sent, timeout=timeout, follow_redirects=True)
            with stream as response:
                limit = MAX_ERROR_BODY if response.status_code >= _ERROR else take(response)
                answer = _bounded(response, _body(response, limit, url))
            hf_raise_for_status(answer)
        return answer

    def _client(self) -> httpx2.Client:
        """The client's own session, or for an anonymous client one that has never met anybody."""
        import httpx2
        from huggingface_hub import get_session, is_offline_mode
        from huggingface_hub.errors import OfflineModeIsEnabled

        if is_offline_mode():
            raise OfflineModeIsEnabled
        if not self.anonymous:
            return get_session()
        if self._own is None:
            self._own = httpx2.Client()
            weakref.finalize(self, self._own.close)
        return self._own

    def _identity(self) -> dict[str, str]:
        """Headers that say who asks. No telemetry goes into the user agent."""
        from huggingface_hub import __version__, constants, get_token
        from huggingface_hub.errors import LocalTokenNotFoundError

        agent = {"User-Agent": f"weightgate; hf_hub/{__version__}"}
        token = self._token
        if token is True or (token is None and not constants.HF_HUB_DISABLE_IMPLICIT_TOKEN):
            token = get_token()
        if self._token is True and not token:
            raise LocalTokenNotFoundError
        if not isinstance(token, str) or not token:
            return agent
        if not (token.isascii() and token.isprintable()) or " " in token:
            # What sends it would quote it in its own error.
            hint = "copy the token anew, without line breaks"
            message = "the token holds characters that no token has"
            raise HubError(message, where=self.endpoint, hint=hint, code=BAD_TOKEN)
        return agent | {"Authorization": f"Bearer {token}"}


def _body(response: httpx2.Response, limit: int, url: str) -> bytes:
    """At most ``limit`` bytes, in bounded time."""
    until = time.monotonic() + ANSWER_SECONDS
    parts: list[bytes] = []
    left = limit
    for part in response.iter_bytes():
        parts.append(part[:left])
        left -= len(parts[-1])
        if left <= 0:
            break
        if time.monotonic() > until:
            message = f"the answer took more than {ANSWER_SECONDS:.0f} s"
            raise HubError(message, where=url, code=UNREACHABLE)
    return b"".join(parts)


def _bounded(response: httpx2.Response, body: bytes) -> httpx2.Response:
    """The answer as if it had only this body, so that whatever reads it further reads no more."""
    import httpx2

    kept = [(k, v) for k, v in response.headers.multi_items() if k.lower() not in _ABOUT_THE_BODY]
    answer = httpx2.Response(
        response.status_code, headers=kept, content=body, request=response.request, history=response.history
    )
    if "Content-Length" in response.headers and "Content-Encoding" not in response.headers:
        answer.headers["Content-Length"] = response.headers["Content-Length"]
    return answer
