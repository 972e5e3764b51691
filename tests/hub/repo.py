"""What a repo on the local Hub holds and says about itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Sparse:
    """A large file that is never held whole: its first bytes, then zeros up to its size."""

    head: bytes
    size: int

    def __len__(self) -> int:
        """Size in bytes."""
        return self.size


Content = bytes | Sparse


def piece(content: Content, offset: int, length: int) -> Iterator[bytes]:
    """``length`` bytes from ``offset`` on, in chunks."""
    end = min(offset + length, len(content))
    while offset < end:
        step = min(CHUNK, end - offset)
        if isinstance(content, bytes):
            yield content[offset : offset + step]
        else:
            yield content.head[offset : offset + step].ljust(step, b"\0")
        offset += step


def git_blob_sha1(content: Content) -> str:
    """The id git gives a file's content."""
    if isinstance(content, Sparse):
        return hashlib.sha1(repr(content).encode(), usedforsecurity=False).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def sha256(content: Content) -> str:
    """The content's digest; of a sparse file an invented one, since nobody reads it whole."""
    return hashlib.sha256(content if isinstance(content, bytes) else repr(content).encode()).hexdigest()


@dataclass(frozen=True)
class Claim:
    """What the Hub says of one file instead of the truth; ``None`` keeps the truth."""

    size: int | None = None
    blob_id: str | None = None
    sha256: str | None = None
    lfs: bool | None = None


@dataclass(frozen=True)
class Repo:
    """A model repo.

    Attributes:
        name: ``owner/name``.
        files: Content of the branch ``main``.
        history: Older contents of ``main``, still there under their commits.
        branches: Other branches and tags by name.
        private: Only tokens that name the repo may see it.
        gated: Anyone may see it, and only tokens that name the repo may have its files.
        disabled: ``True``: listed and no file is served; ``"all"``: every request is refused.
        author: Owner as the Hub reports it; the namespace when ``None``.
        leave_out: Keys missing from the repo's JSON, as some mirrors lose them.
        claims: Lies about files.
        lfs_over: Files larger than this are large files, whose bytes come from another host.
        lfs_suffixes: Files that are large whatever their size.
        moved_to: The repo's present name, if the Hub answers for it under another one.
    """

    name: str
    files: Mapping[str, Content]
    history: tuple[Mapping[str, Content], ...] = ()
    branches: Mapping[str, Mapping[str, Content]] = field(default_factory=dict)
    private: bool = False
    gated: Literal[False, "auto", "manual"] = False
    disabled: bool | Literal["all"] = False
    author: str | None = None
    leave_out: frozenset[str] = frozenset()
    claims: Mapping[str, Claim] = field(default_factory=dict)
    lfs_over: int = 1024 * 1024
    lfs_suffixes: tuple[str, ...] = (".safetensors", ".gguf", ".bin")
    moved_to: str = ""

    @property
    def sha(self) -> str:
        """Commit at the head of ``main``."""
        return self.heads["main"]

    @cached_property
    def heads(self) -> dict[str, str]:
        """Commits by branch or tag."""
        return {name: commit_of(files) for name, files in {"main": self.files, **self.branches}.items()}

    @cached_property
    def commits(self) -> dict[str, Mapping[str, Content]]:
        """Contents by commit."""
        return {commit_of(files): files for files in (self.files, *self.history, *self.branches.values())}

    def resolve(self, revision: str) -> str | None:
        """Commit that a branch, tag or commit names, or ``None``."""
        return self.heads.get(revision) or (revision if revision in self.commits else None)

    def is_lfs(self, name: str, content: Content) -> bool:
        """Whether a file is a large file."""
        claim = self.claims.get(name, Claim()).lfs
        return (
            claim if claim is not None else len(content) > self.lfs_over or name.endswith(self.lfs_suffixes)
        )

    def pushed(self, files: Mapping[str, Content]) -> Repo:
        """The repo after a push to ``main``."""
        return replace(self, files=files, history=(self.files, *self.history))

    def entry(self, name: str, content: Content) -> dict[str, object]:
        """One file as the tree lists it."""
        claim = self.claims.get(name, Claim())
        size = len(content) if claim.size is None else claim.size
        result: dict[str, object] = {
            "type": "file",
            "path": name,
            "size": size,
            "oid": claim.blob_id or git_blob_sha1(content),
        }
        if self.is_lfs(name, content):
            result["lfs"] = {"oid": claim.sha256 or sha256(content), "size": size, "pointerSize": 134}
        return result


def commit_of(files: Mapping[str, Content]) -> str:
    """A commit id that depends on nothing but names and contents."""
    listing = "\n".join(f"{name} {git_blob_sha1(content)}" for name, content in sorted(files.items()))
    return hashlib.sha1(listing.encode(), usedforsecurity=False).hexdigest()
