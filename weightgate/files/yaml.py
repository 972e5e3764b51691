"""The one YAML loader: YAML 1.2 core schema, bounded, with the place of everything it read.

``NO`` is Norway and ``1e26`` is a number, unlike in YAML 1.1. Duplicate keys, anchors, aliases and tags are refused,
because each lets two readers of one file see two things; so are NaN and infinities, which no fact can be.
Dates stay text until the facts table types them.
"""

from __future__ import annotations

import math
import re
import sys
from dataclasses import field
from pathlib import Path
from typing import Any

from weightgate.errors import InputError
from weightgate.files.bounded import read_start
from weightgate.records import record

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 200_000

Path_ = tuple[str | int, ...]

# Pattern, where its digits begin, and their base.
_INTEGERS = (
    (re.compile(r"[-+]?[0-9]+\Z"), 0, 10),
    (re.compile(r"0o[0-7]+\Z"), 2, 8),
    (re.compile(r"0x[0-9a-fA-F]+\Z"), 2, 16),
)
_MAX_DIGITS = 350  # more than the largest double has, in any of these bases
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CONSTANTS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@record
class Document:
    """A parsed YAML document and where each of its values stands.

    Attributes:
        data: Plain ``dict``, ``list``, ``str``, ``int``, ``float``, ``bool`` or ``None``.
        source: The file's name, for messages.
        marks: Path of keys and indexes to (line, column), both counted from 1; for a block scalar that of its text.
        key_marks: The same for the keys of mappings, by the path of their values.
    """

    data: Any
    source: str
    marks: dict[Path_, tuple[int, int]] = field(repr=False)
    key_marks: dict[Path_, tuple[int, int]] = field(default_factory=dict, repr=False)

    def where(self, *path: str | int) -> str:
        """``file:line:column`` of the value at ``path``, or of the nearest enclosing value that has a place."""
        for end in range(len(path), -1, -1):
            mark = self.marks.get(path[:end])
            if mark is not None:
                return f"{self.source}:{mark[0]}:{mark[1]}"
        return self.source

    def where_key(self, *path: str | int) -> str:
        """``file:line:column`` of the key whose value is at ``path``; as :meth:`where` if that has no key of its own."""
        mark = self.key_marks.get(path)
        return f"{self.source}:{mark[0]}:{mark[1]}" if mark else self.where(*path)


def read_yaml(path: Path) -> Document:
    """Read and parse the YAML file at ``path``.

    Raises:
        InputError: The file cannot be read, is too large, is not UTF-8, or is not YAML that this loader accepts.
    """
    return parse_yaml(read_raw(path), str(path))


def read_raw(path: Path) -> bytes:
    """The bytes of the file at ``path``, one more than :data:`MAX_BYTES` at most.

    Raises:
        InputError: It cannot be read.
    """
    return read_start(path, MAX_BYTES)


def parse_yaml(raw: bytes | str, source: str) -> Document:
    """Parse one YAML document.

    Args:
        raw: The document; bytes must be UTF-8.
        source: Name to put into messages.

    Raises:
        InputError: With file, line and column; see the module's text for what is refused.
    """
    if len(raw) > MAX_BYTES:
        raise InputError(
            f"larger than {MAX_BYTES} bytes", where=source, hint="split the file", code="too_large"
        )
    if isinstance(raw, bytes):
        try:
            raw = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode("utf-8")
            where = _place(source, before, len(before))
            hint = "save it as UTF-8"
            message = f"not UTF-8: byte 0x{error.object[error.start]:02x}"
            raise InputError(message, where=where, hint=hint, code="not_utf8") from None
    surrogate = _SURROGATE.search(raw)
    if surrogate:
        problem = "half a surrogate pair, which is no character"
        raise InputError(problem, where=_place(source, raw, surrogate.start()), code="yaml")
    return _Builder(source).build(raw)


def _place(source: str, text: str, offset: int) -> str:
    """``file:line:column`` of a character."""
    line, begins = text.count("\n", 0, offset) + 1, text.rfind("\n", 0, offset) + 1
    return f"{source}:{line}:{offset - begins + 1}"


def _mapping_hint(text: str, mark: Any) -> str:
    """What to do about a colon that begins no value: it stands in a text, or the line is indented too far."""
    rows = text.splitlines()
    before = rows[mark.line][: mark.column] if mark.line < len(rows) else ""
    return "put text with ': ' in quotes" if ": " in before else "indent the keys of one mapping alike"


class _Builder:
    """Turns libyaml's events into plain data, keeping marks and refusing what two readers could read differently."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.marks: dict[Path_, tuple[int, int]] = {}
        self.key_marks: dict[Path_, tuple[int, int]] = {}
        self.nodes = 0

    def build(self, text: str) -> Document:
        import yaml

        loader: Any = getattr(yaml, "CLoader", yaml.Loader)(text)
        try:
            self.events = loader
            self._expect(yaml.StreamStartEvent)
            event = loader.get_event()
            if isinstance(event, yaml.StreamEndEvent):
                return Document(None, self.source, {(): (1, 1)})
            if event.version is not None or event.tags:
                raise self._refuse(event, "directives are refused", "leave it out")
            data = self._node(loader.get_event(), (), 0)
            self._expect(yaml.DocumentEndEvent)
            event = loader.get_event()
            if not isinstance(event, yaml.StreamEndEvent):
                raise self._refuse(event, "a second document starts here", "keep one document in a file")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            where = f"{self.source}:{mark.line + 1}:{mark.column + 1}" if mark else self.source
            problem = error.problem or error.context or ""
            hint = _mapping_hint(text, mark) if "mapping values" in problem and mark else ""
            if "nesting depth" in problem:
                # The parser looks ahead, and has a limit of its own.
                raise InputError(f"nested deeper than {MAX_DEPTH} levels", where=where, code="yaml") from None
            raise InputError(f"not YAML: {problem}", where=where, hint=hint, code="yaml") from None
        except yaml.YAMLError as error:
            # A character that no YAML document may hold; libyaml gives its offset in bytes.
            bad = yaml.reader.Reader.NON_PRINTABLE.search(text)
            where = _place(self.source, text, bad.start()) if bad else self.source
            raise InputError(f"not YAML: {error}".splitlines()[0], where=where, code="yaml") from None
        finally:
            loader.dispose()
        return Document(data, self.source, self.marks, self.key_marks)

    def _expect(self, kind: type) -> None:
        event = self.events.get_event()
        if not isinstance(event, kind):
            raise self._refuse(event, "unexpected content", "keep one document in a file")

    def _refuse(self, event: Any, problem: str, hint: str = "") -> InputError:
        mark = event.start_mark
        return InputError(
            problem, where=f"{self.source}:{mark.line + 1}:{mark.column + 1}", hint=hint, code="yaml"
        )

    def _node(self, event: Any, path: Path_, depth: int) -> Any:
        import yaml

        self.nodes += 1
        if depth > MAX_DEPTH:
            raise self._refuse(event, f"nested deeper than {MAX_DEPTH} levels")
        if self.nodes > MAX_NODES:
            raise self._refuse(event, f"more than {MAX_NODES} values")
        if isinstance(event, yaml.AliasEvent):
            raise self._refuse(event, f"alias *{event.anchor} is refused", "write the value out")
        if event.anchor is not None:
            raise self._refuse(event, f"anchor &{event.anchor} is refused", "write the value out")
        if event.tag is not None:
            raise self._refuse(event, f"tag {event.tag} is refused", "leave the tag out")
        mark = event.start_mark
        block = isinstance(event, yaml.ScalarEvent) and event.style in ("|", ">")
        self.marks[path] = (mark.line + 2, 1) if block else (mark.line + 1, mark.column + 1)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(event := self.events.get_event(), yaml.SequenceEndEvent):
                items.append(self._node(event, (*path, len(items)), depth + 1))
            return items
        return self._mapping(path, depth)

    def _mapping(self, path: Path_, depth: int) -> dict[str, Any]:
        import yaml

        result: dict[str, Any] = {}
        while not isinstance(event := self.events.get_event(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refuse(event, "a key must be plain text")
            if event.anchor is not None or event.tag is not None:
                raise self._refuse(event, "anchors and tags are refused", "leave them out")
            key = event.value
            if key in result:
                raise self._refuse(event, f"key {key!r} is there twice", "keep one of them")
            if key == "<<":
                raise self._refuse(event, "merge keys are refused", "write the values out")
            key_mark: Any = event.start_mark
            self.key_marks[(*path, key)] = (key_mark.line + 1, key_mark.column + 1)
            result[key] = self._node(self.events.get_event(), (*path, key), depth + 1)
            if result[key] is None:
                self.marks[(*path, key)] = self.key_marks[(*path, key)]
        return result

    def _scalar(self, event: Any) -> str | int | float | bool | None:
        text: str = event.value
        if not event.implicit[0]:
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        for pattern, start, base in _INTEGERS:
            if pattern.match(text):
                return self._integer(event, text[start:], base)
        if _FLOAT.match(text):
            number = float(text)
            if math.isinf(number):
                raise self._refuse(event, f"{text[:40]} is too large for a double")
            return number
        if _NOT_FINITE.match(text):
            raise self._refuse(event, f"{text} is no number a fact can have", "write null for unknown")
        return text

    def _integer(self, event: Any, digits: str, base: int) -> int:
        # The length first: turning digits into an integer takes time that grows with its square.
        if len(digits) <= _MAX_DIGITS:
            number = int(digits, base)
            if abs(number) <= sys.float_info.max:
                return number
        raise self._refuse(event, "a number too large for a double")
