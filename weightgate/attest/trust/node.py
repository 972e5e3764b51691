"""One value of a trust file with its place: what the readers of its parts read from, and complain with."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from weightgate.errors import InputError
from weightgate.facts.encode import parse_day
from weightgate.facts.registry import nearest
from weightgate.files.digests import is_digest
from weightgate.files.yaml import Document, Path_
from weightgate.records import record

MAX_QUOTED = 80
"""Characters of a wrong value that a message shows."""
MAX_TEXT = 4_000
MAX_LISTED = 1_000
"""Entries of one list of a trust file."""

NAME_PATTERN = "^[a-z0-9][a-z0-9._-]{0,79}$"
"""Names of identities, packs and logs."""

_NAME = re.compile(NAME_PATTERN.removesuffix("$") + r"\Z")


@record
class Node:
    """A value of a document, with the path that leads to it."""

    document: Document
    path: Path_
    value: Any

    @property
    def name(self) -> str:
        """The key or the entry, for messages."""
        last = self.path[-1] if self.path else "the trust file"
        return last if isinstance(last, str) else f"entry {last + 1} of {self.path[-2]}"

    @property
    def place(self) -> str:
        """The path in words: ``decide[0].verdicts``."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return "".join(steps).lstrip(".")

    @property
    def where(self) -> str:
        """``file:line:column`` of the value."""
        return self.document.where(*self.path)

    def fail(self, problem: str, code: str = "bad_value", hint: str = "") -> InputError:
        """An error about this value."""
        return InputError(problem, where=self.where, hint=hint, code=code)

    def wrong(self, needed: str, code: str = "bad_type", hint: str = "") -> InputError:
        """An error that shows the value and says what was needed."""
        said = "is empty" if self.value is None else f"is {quoted(self.value)}"
        return self.fail(f"{self.name} {said}, needed {needed}", code, hint)

    def has(self, key: str) -> bool:
        """Whether this mapping has a key; one that is there with nothing is an error of its own."""
        return key in self.value

    def child(self, key: str | int) -> Node:
        """What is under a key, or the entry at an index; nothing where there is no such key."""
        value = self.value.get(key) if isinstance(self.value, dict) else self.value[key]
        return Node(self.document, (*self.path, key), value)

    def needs(self, key: str, example: str = "…") -> Node:
        """What is under a key that must be there.

        Raises:
            InputError: It is not (code ``missing_key``).
        """
        if not self.has(key):
            raise self.fail(f"{self.name} has no {key}", "missing_key", f"write {key}: {example}")
        return self.child(key)

    def mapping(self, known: Sequence[str] | None = None, what: str = "a mapping of keys to values") -> Node:
        """This, which is a mapping, with no key beside those known.

        Raises:
            InputError: It is none (``bad_type``), or has another key (``unknown_key``), the nearest known one named.
        """
        if not isinstance(self.value, dict):
            raise self.wrong(what)
        for key in self.value if known is not None else ():
            if key not in (known or ()):
                near = nearest(key, tuple(known or ()), 1)
                hint = f"did you mean {near[0]}?" if near else "known: " + ", ".join(known or ())
                where = self.document.where_key(*self.path, key)
                raise InputError(f"unknown key {quoted(key)}", where=where, hint=hint, code="unknown_key")
        return self

    def named(self, limit: int) -> Iterator[tuple[str, Node]]:
        """Every entry of a mapping from names that are the file's own.

        Raises:
            InputError: A key is no name, or there are more than ``limit``.
        """
        self.mapping()
        if len(self.value) > limit:
            raise self.fail(f"{len(self.value)} {self.name}; at most {limit}", "too_large")
        for key in self.value:
            if not _NAME.match(key):
                where = self.document.where_key(*self.path, key)
                hint = "lower-case letters and digits, joined by - _ or ., at most 80 characters"
                raise InputError(f"{quoted(key)} is no name", where=where, hint=hint, code="bad_name")
            yield key, self.child(key)

    def entries(self, limit: int = MAX_LISTED) -> list[Node]:
        """The entries of a list that has at least one.

        Raises:
            InputError: It is no list, is empty, or has more than ``limit``.
        """
        if not isinstance(self.value, list):
            hint = f"write [{self.value}]" if isinstance(self.value, str) and len(self.value) < 40 else ""
            raise self.wrong("a list", hint=hint)
        if not self.value:
            hint = "leave the key out where there is no limit; a list of nothing would never be met"
            raise self.fail(f"{self.name} is an empty list", hint=hint)
        if len(self.value) > limit:
            raise self.fail(f"{self.name} has {len(self.value)} entries; at most {limit}", "too_large")
        return [self.child(index) for index in range(len(self.value))]

    def each(self, read: Callable[[Node], str]) -> tuple[str, ...]:
        """Every entry of a list, read by ``read``.

        Raises:
            InputError: As for :meth:`entries`, or an entry is there twice (``twice``).
        """
        found: dict[str, None] = {}
        for entry in self.entries():
            one = read(entry)
            if one in found:
                raise entry.fail(f"{quoted(one)} is there twice", "twice", "keep one of them")
            found[one] = None
        return tuple(found)

    def text(self, needed: str = "text", limit: int = MAX_TEXT) -> str:
        """Text on one line, of visible characters.

        Raises:
            InputError: Something else, or too long.
        """
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.wrong(needed)
        if len(self.value) > limit or not self.value.isprintable():
            raise self.wrong(f"{needed} on one line, of at most {limit} visible characters", "bad_value")
        return self.value

    def prose(self) -> str:
        """Text of visible characters, on one line or several.

        Raises:
            InputError: Something else, or too long.
        """
        raw = self.value
        if not isinstance(raw, str) or len(raw) > MAX_TEXT or not raw.replace("\n", "").isprintable():
            raise self.wrong(f"text of at most {MAX_TEXT} visible characters")
        return raw

    def one_of(self, known: Collection[str], what: str, code: str) -> str:
        """One of some names.

        Raises:
            InputError: None of them; the nearest is named.
        """
        raw = self.text(f"the name of {what}")
        if raw not in known:
            near = nearest(raw, tuple(known), 1)
            listed = "one of " + ", ".join(known) if len(known) <= 12 else ""
            raise self.fail(
                f"{quoted(raw)} is not {what}", code, f"did you mean {near[0]}?" if near else listed
            )
        return raw

    def day(self) -> str:
        """A UTC day, ``YYYY-MM-DD``.

        Raises:
            InputError: None (``bad_date``).
        """
        return parse_day(self.value, self.where)

    def digest(self) -> str:
        """``sha256:`` and 64 hex digits.

        Raises:
            InputError: None (``bad_digest``).
        """
        if not isinstance(self.value, str) or not is_digest(self.value):
            raise self.wrong("sha256: and 64 lower-case hex digits", "bad_digest")
        return self.value

    def count(self, least: int = 1, most: int = 2**53 - 1) -> int:
        """A whole number.

        Raises:
            InputError: None, or out of bounds.
        """
        raw = self.value
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise self.wrong("a whole number")
        if not least <= raw <= most:
            raise self.wrong(f"a whole number from {least} to {most}", "bad_value")
        return raw

    def truth(self) -> bool:
        """Yes or no.

        Raises:
            InputError: Neither.
        """
        if not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value


def quoted(raw: Any) -> str:
    """``raw`` as a message shows it, cut short so that what was needed is still read."""
    if isinstance(raw, dict | list):
        return "a mapping" if isinstance(raw, dict) else f"a list of {len(raw)}"
    text = repr(raw)
    return text if len(text) <= MAX_QUOTED else text[:MAX_QUOTED] + "…"
