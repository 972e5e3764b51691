"""Where a model's files lie, seen the same way whether in a folder or on the Hub.

Everything that reads a model reads it through a :class:`ModelSource`: names, sizes, and bounded ranges of bytes. So
each format has one reader, nothing large is ever fetched, and no reader can leave the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

MAX_RANGE = 128 * 1024 * 1024
"""Most bytes that one read may ask for; no header that a reader accepts is longer."""


class FileEntry(NamedTuple):
    """One file of a model.

    Attributes:
        name: Path relative to the model's root, with ``/``.
        size: Bytes.
        sha256: Hex digest that the host reports for a large file; empty when none is reported.
    """

    name: str
    size: int
    sha256: str = ""


class ModelSource(Protocol):
    """A model's files at one revision."""

    @property
    def reference(self) -> str:
        """The model as the user wrote it, for evidence and messages."""

    @property
    def entries(self) -> Mapping[str, FileEntry]:
        """Every file of the model by name, in code-point order of the names."""

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Bytes ``offset`` to ``offset + length`` of a file, fewer where it ends sooner.

        Raises:
            ModelError: The file is not there, or ``length`` is above :data:`MAX_RANGE`.
            UnreachableError: The host did not answer.
        """

    def locate(self, name: str) -> str:
        """Path or URL of a file, for evidence and messages."""


def read_small(source: ModelSource, name: str, limit: int) -> bytes:
    """A whole small file.

    Raises:
        ModelError: It is longer than ``limit`` bytes.
    """
    from weightgate.errors import ModelError

    size = source.entries[name].size
    if size > limit:
        raise ModelError(
            f"{size} bytes, at most {limit} are read", where=source.locate(name), code="too_large"
        )
    return source.read(name, 0, size)
