"""What the Hub says of a repo, and its files' bytes, at one commit.

The requests are those of ``HfApi.model_info``, ``list_repo_tree`` and the client's ranged reads, sent through
:mod:`weightgate.inspect.hub.http` and read with the client's own models of the answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from weightgate.errors import InputError, ModelError
from weightgate.files.json import parse_json
from weightgate.inspect.hub.errors import MALFORMED, NOT_SO_LONG, HubError
from weightgate.inspect.hub.http import HubSession
from weightgate.records import record

if TYPE_CHECKING:
    import httpx2
    from huggingface_hub.hf_api import RepoFile

PUBLIC_HUB = "https://huggingface.co"
"""The endpoint that everyone means by "the Hub"; any other is a mirror or self-hosted."""

MAX_ANSWER = 32 * 1024 * 1024
"""Longest JSON answer that is read, bytes."""

MAX_WITHOUT_RANGES = 16 * 1024 * 1024
"""Most bytes that are read from a server that ignores ranges, to get at those asked for."""

MAX_FILES, MAX_PAGES = 100_000, 1_000

_SHA = re.compile(r"[0-9a-f]{40}")
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)
_PARTIAL = 206


@record
class Revision:
    """What the Hub says of a repo at one commit. ``None`` is "not said", which is never "no".

    Attributes:
        repo: The repo's name as the Hub answers it, which differs from the one asked for after a move.
        sha: Commit, 40 hex digits.
        author: Owner; empty when not said.
        private: Whether only some may see it.
        gated: ``False``, or how access is granted.
        disabled: Whether it is switched off.
    """

    repo: str
    sha: str
    author: str = ""
    private: bool | None = None
    gated: bool | str | None = None
    disabled: bool | None = None


class HubClient:
    """The Hub, as one asker sees it.

    Args:
        session: Who asks, and where.
    """

    def __init__(self, session: HubSession) -> None:
        self.session = session
        self.endpoint = session.endpoint

    def revision(self, repo: str, revision: str = "") -> Revision:
        """What the Hub says of a repo at a revision, or at the head of its default branch.

        Raises:
            HubError: Refused, unreachable, or an answer that names no commit or another one than asked for.
        """
        from urllib.parse import quote

        at = f"/revision/{quote(revision, safe='')}" if revision else ""
        url = f"{self.endpoint}/api/models/{repo}{at}"
        data, _ = self._json(url)
        if not isinstance(data, dict):
            raise HubError("the answer is no object", where=url, code=MALFORMED)
        asked = revision if _SHA.fullmatch(revision) else ""
        sha = data.get("sha") or asked
        if not isinstance(sha, str) or not _SHA.fullmatch(sha):
            raise HubError(f"the answer names no commit: {str(sha)[:60]!r}", where=url, code=MALFORMED)
        if asked and sha != asked:
            raise HubError(f"the answer is about commit {sha}", where=url, code=MALFORMED)
        return _revision(data, repo, sha)

    def tree(self, repo: str, sha: str) -> list[RepoFile]:
        """Every file at a commit.

        Raises:
            HubError: Refused, unreachable, or an answer that is no listing.
            ModelError: More than :data:`MAX_FILES` files.
        """
        from huggingface_hub.hf_api import RepoFile

        files: list[RepoFile] = []
        first = f"{self.endpoint}/api/models/{repo}/tree/{sha}?recursive=true&expand=false"
        for items, url in self._pages(first):
            try:
                files += [RepoFile(**item) for item in items if item["type"] == "file"]  # type: ignore[no-untyped-call]
            except (KeyError, TypeError) as error:
                raise HubError(
                    f"an entry of the listing is malformed: {error}", where=url, code=MALFORMED
                ) from None
            if len(files) > MAX_FILES:
                message = f"more than {MAX_FILES} files, at most that many are read"
                raise ModelError(message, where=url, code="too_many_files")
        return files

    def file_url(self, repo: str, sha: str, name: str) -> str:
        """Address of a file at a commit."""
        from huggingface_hub import hf_hub_url

        return hf_hub_url(repo, name, revision=sha, endpoint=self.endpoint)

    def read_range(self, url: str, sha: str, offset: int, length: int, size: int) -> bytes:
        """Exactly ``length`` bytes of a file of ``size`` bytes; ``offset + length`` is at most ``size``.

        Raises:
            HubError: Refused, unreachable, without ranges, or the answer is about another commit.
            ModelError: The file is not as long as it was listed.
        """

        def take(response: httpx2.Response) -> int:
            if response.status_code == _PARTIAL:
                return length + 1
            if offset + length > MAX_WITHOUT_RANGES:
                raise HubError("the server ignores byte ranges", where=url, code="no_ranges")
            return offset + length

        wanted = {"Range": f"bytes={offset}-{offset + length - 1}", "Accept-Encoding": "identity"}
        try:
            answer = self.session.get(url, take, headers=wanted)
        except HubError as error:
            if error.code == NOT_SO_LONG:
                raise _wrong_length(url, size, "fewer") from None
            raise
        _same_commit(answer, sha, url)
        _same_size(answer, offset, size, url)
        body = answer.content if answer.status_code == _PARTIAL else answer.content[offset:]
        if len(body) != length:
            message = f"{length} bytes were asked for, {len(body)} came"
            raise ModelError(message, where=url, hint=_CONTRADICTS, code="size_mismatch")
        return body

    def _pages(self, url: str) -> Iterator[tuple[list[Any], str]]:
        """The pages of a listing; the next page must lie on the same Hub, since the token goes there."""
        from huggingface_hub.utils import fix_hf_endpoint_in_url

        visited = set()
        for _ in range(MAX_PAGES):
            visited.add(url)
            items, answer = self._json(url)
            if not isinstance(items, list):
                raise HubError("the answer is no list", where=url, code=MALFORMED)
            yield items, url
            following = answer.links.get("next", {}).get("url")
            if following is None:
                return
            url = fix_hf_endpoint_in_url(following, self.endpoint)
            if not url.startswith(f"{self.endpoint}/"):
                message = "the listing continues on another host"
                raise HubError(message, where=following[:200], code=MALFORMED)
            if url in visited:
                raise HubError("the listing goes in a circle", where=url[:200], code=MALFORMED)
        raise ModelError(f"a listing of more than {MAX_PAGES} pages", where=url, code="too_many_files")

    def _json(self, url: str) -> tuple[Any, httpx2.Response]:
        answer = self.session.get(url, lambda _: MAX_ANSWER + 1)
        try:
            return parse_json(answer.content, url, max_bytes=MAX_ANSWER), answer
        except InputError as error:
            message = f"not an answer of a Hub: {error.message}"
            hint = "see whether HF_ENDPOINT names a Hub"
            raise HubError(message, where=url, hint=hint, code=MALFORMED) from None


_CONTRADICTS = "the host contradicts itself: ask the model's first host, or check a downloaded folder instead"


def _revision(data: dict[str, Any], repo: str, sha: str) -> Revision:
    """Read with the client's model; a field of another type than the Hub's is "not said"."""
    from huggingface_hub.hf_api import ModelInfo

    fields = ("id", "author", "private", "gated", "disabled")
    info = ModelInfo(**{"id": repo, **{key: data[key] for key in fields if key in data}})  # type: ignore[no-untyped-call]
    return Revision(
        repo=_text(info.id) or repo,
        sha=sha,
        author=_text(info.author),
        private=info.private if isinstance(info.private, bool) else None,
        gated=info.gated if isinstance(info.gated, bool | str) else None,
        disabled=info.disabled if isinstance(info.disabled, bool) else None,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _same_commit(answer: httpx2.Response, sha: str, url: str) -> None:
    """Whether the bytes belong to the commit asked for, as far as the server says."""
    for response in (*answer.history, answer):
        commit = response.headers.get("X-Repo-Commit", sha)
        if commit != sha:
            raise HubError(f"the answer is about commit {commit[:40]}", where=url, code=MALFORMED)


def _same_size(answer: httpx2.Response, offset: int, size: int, url: str) -> None:
    """Whether the whole file has the size that was listed, as far as the server says."""
    if answer.status_code != _PARTIAL:
        total = answer.headers.get("Content-Length", "*")
    else:
        header = answer.headers.get("Content-Range", "")
        match = _CONTENT_RANGE.fullmatch(header)
        if match is None or int(match[1]) != offset:
            message = f"asked for bytes from {offset}, answered {header[:60]!r}"
            raise HubError(message, where=url, code=MALFORMED)
        total = match[3]
    if total not in ("*", str(size)):
        raise _wrong_length(url, size, total)


def _wrong_length(url: str, listed: int, found: str) -> ModelError:
    message = f"listed with {listed} bytes, served with {found}"
    return ModelError(message, where=url, hint=_CONTRADICTS, code="size_mismatch")
