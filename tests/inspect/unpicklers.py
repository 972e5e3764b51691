"""The real unpicklers of CPython, in Python and in C, made to note what they are asked to import and to import nothing."""

from __future__ import annotations

import contextlib
import io
import pickle
import re
from typing import Any

# The unpickler in C makes room for every place up to the one that is put to: up to 64 GB.
_HUGE_MEMO = re.compile(rb"p\s*[+\d_]{4,}|r..(?!\0\0)", re.DOTALL)


class Inert:
    """What an unpickler gets in place of any global: it can be called, built and filled, and does nothing."""

    def __init__(self, *_: object, **__: object) -> None:
        """Take anything."""

    def __setstate__(self, state: object) -> None:
        """Take anything."""

    def __setitem__(self, key: object, value: object) -> None:
        """Take anything."""

    def append(self, item: object) -> None:
        """Take anything."""

    def extend(self, items: object) -> None:
        """Take anything."""

    def add(self, item: object) -> None:
        """Take anything."""


class InPython(pickle._Unpickler):
    """The unpickler that the standard library has in Python."""

    def __init__(self, raw: bytes, encoding: str) -> None:
        super().__init__(io.BytesIO(raw), encoding=encoding)
        self.asked: set[tuple[str, str]] = set()

    def find_class(self, module: str, name: str) -> Any:
        """Note the name."""
        self.asked.add((module, name))
        return Inert

    def get_extension(self, code: int) -> None:
        """Note the number."""
        self.asked.add(("extension", str(code)))
        self.append(Inert)  # type: ignore[attr-defined]

    def persistent_load(self, _pid: Any) -> Any:
        """Stand in for a storage."""
        return Inert()


class InC(pickle.Unpickler):
    """The unpickler in C, which is the one that loads use; it reads lines and marks in ways of its own."""

    def __init__(self, raw: bytes, encoding: str) -> None:
        super().__init__(io.BytesIO(raw), encoding=encoding)
        self.asked: set[tuple[str, str]] = set()

    def find_class(self, module: str, name: str) -> Any:
        """Note the name."""
        self.asked.add((module, name))
        return Inert

    def persistent_load(self, _pid: Any) -> Any:
        """Stand in for a storage."""
        return Inert()


def asked_by_the_unpicklers(raw: bytes) -> set[tuple[str, str]]:
    """Globals that a load asks for before it ends or fails, with any unpickler and any encoding of old strings."""
    asked: set[tuple[str, str]] = set()
    for encoding in ("ASCII", "latin1", "utf-8", "bytes"):
        unpicklers: list[InPython | InC] = [InPython(raw, encoding)]
        if not _HUGE_MEMO.search(raw):
            unpicklers.append(InC(raw, encoding))
        for unpickler in unpicklers:
            # A damaged pickle fails in any way; what it had asked for before counts.
            with contextlib.suppress(Exception):
                unpickler.load()
            asked |= unpickler.asked
    return asked
