"""Everything the local Hub knows, and the ways in which a test breaks it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.hub.repo import Repo


@dataclass(frozen=True)
class Seen:
    """One request as it arrived.

    Attributes:
        method: ``GET``, ``HEAD`` or ``POST``.
        path: Path without the query.
        host: Host header, which tells the Hub from the host of its large files.
        token: Bearer token; empty for an anonymous client.
        cookie: Whether a cookie came along.
        sent: Bytes of the body that the answer carries.
        status: Status of the answer.
    """

    method: str
    path: str
    host: str
    token: str
    cookie: bool
    status: int
    sent: int


@dataclass(frozen=True)
class Failure:
    """Requests that go wrong.

    Attributes:
        status: What is answered instead.
        match: Text that the path contains; empty matches every path.
        anonymous_only: Only requests without a token go wrong.
        headers: Headers of the answer.
        body: Body of the answer.
        delay: Seconds before the answer.
    """

    status: int = 503
    match: str = ""
    anonymous_only: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    delay: float = 0.0

    def hits(self, path: str, token: str) -> bool:
        """Whether a request goes wrong."""
        return self.match in path and not (self.anonymous_only and token)


@dataclass
class Hub:
    """The Hub's repos, tokens and faults.

    Attributes:
        repos: Repos by name.
        tokens: The private and gated repos that each token may read.
        failures: Requests that go wrong.
        page: Entries on one page of a tree.
        ranges: Whether ranges are honoured.
        next_page: Address that the tree's pages name as the next, instead of the true one.
        cookies: Whether each answer sets a cookie.
        latency: Seconds before each answer.
        busy: Requests being answered.
        most_busy: Most requests that were answered at a time.
        before: Called with each request's path before it is answered.
        log: Every request so far.
    """

    repos: dict[str, Repo] = field(default_factory=dict)
    tokens: dict[str, frozenset[str]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    page: int = 1000
    ranges: bool = True
    next_page: str = ""
    cookies: bool = False
    latency: float = 0.0
    busy: int = 0
    most_busy: int = 0
    before: Callable[[str], None] | None = None
    log: list[Seen] = field(default_factory=list)
    secret: str = field(default_factory=lambda: secrets.token_hex(16))

    def add(self, repo: Repo) -> Repo:
        """Put a repo there, or what it has become."""
        self.repos[repo.name] = repo
        return repo

    def may_read(self, repo: Repo, token: str) -> bool:
        """Whether a token was granted this very repo."""
        return repo.name in self.tokens.get(token, frozenset())

    def failure(self, path: str, token: str) -> Failure | None:
        """The fault that a request meets, if any."""
        return next((failure for failure in self.failures if failure.hits(path, token)), None)

    def bytes_sent(self) -> int:
        """Bytes of all bodies sent so far."""
        return sum(seen.sent for seen in self.log)

    def reset(self) -> None:
        """Forget everything but the address."""
        fresh = Hub(secret=self.secret)
        self.__dict__.update(fresh.__dict__)
