"""Small JSON documents of a model, read whole, with typed access that names the place of whatever is wrong."""

from __future__ import annotations

import hashlib
import math
from typing import Any

from weightgate.errors import InputError, ModelError
from weightgate.files.json import parse_json
from weightgate.inspect.source import ModelSource, read_small
from weightgate.records import record


@record
class JsonFile:
    """A JSON file whose outermost value is an object.

    Attributes:
        name: Path relative to the model's root.
        where: Path or URL, for evidence and messages.
        digest: ``sha256:…`` of the file's bytes.
        data: What it holds.
    """

    name: str
    where: str
    digest: str
    data: dict[str, Any]

    def section(self, key: str) -> JsonFile | None:
        """The object under ``key`` as a document of its own; ``None`` when absent, null or no object."""
        inner = self.data.get(key)
        if not isinstance(inner, dict):
            return None
        return JsonFile(self.name, f"{self.where}: {key}", self.digest, inner)

    def text(self, key: str) -> str | None:
        """Text under ``key``; ``None`` when absent or null.

        Raises:
            ModelError: It is not text.
        """
        value = self.data.get(key)
        if value is None or isinstance(value, str):
            return value
        raise self._wrong(key, "text")

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts under ``key``; empty when absent or null.

        Raises:
            ModelError: It is not a list of texts.
        """
        value = self.data.get(key)
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise self._wrong(key, "a list of texts")

    def flag(self, key: str) -> bool | None:
        """A yes or no under ``key``; ``None`` when absent or null.

        Raises:
            ModelError: It is neither true nor false.
        """
        value = self.data.get(key)
        if value is None or isinstance(value, bool):
            return value
        raise self._wrong(key, "true or false")

    def count(self, key: str) -> int | None:
        """A whole number of at least 0 under ``key``; ``None`` when absent or null.

        Raises:
            ModelError: It is something else, or too large for a double.
        """
        value = self.data.get(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            self.number(key)
            return value
        raise self._wrong(key, "a whole number of at least 0")

    def number(self, key: str) -> float | None:
        """A finite number of at least 0 under ``key``; ``None`` when absent or null.

        Raises:
            ModelError: It is something else, negative, or too large for a double.
        """
        value = self.data.get(key)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self._wrong(key, "a number of at least 0")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not 0 <= number < math.inf:
            raise self._wrong(key, "a finite number of at least 0")
        return number + 0.0

    def _wrong(self, key: str, needed: str) -> ModelError:
        found = repr(self.data[key])
        shown = found if len(found) <= 60 else f"{found[:57]}..."
        return ModelError(f"{key} is {shown}, needed {needed}", where=f"{self.where}: {key}", code="bad_type")


def sha256(raw: bytes) -> str:
    """``sha256:…`` of some bytes."""
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def as_model_error(error: InputError) -> ModelError:
    """The same diagnosis as a fault of the model, which somebody else wrote, and not of the user's input."""
    return ModelError(error.message, where=error.where, hint=error.hint, code=error.code)


def read_json(source: ModelSource, name: str, *, max_bytes: int) -> JsonFile:
    """Read one JSON file of a model.

    Raises:
        ModelError: Too long, not UTF-8, not JSON, a key twice, NaN, nested too deeply, or no object.
        UnreachableError: The host did not answer.
    """
    raw, where = read_small(source, name, max_bytes), source.locate(name)
    try:
        data = parse_json(raw, where, max_bytes=max_bytes)
    except InputError as error:
        raise as_model_error(error) from None
    if not isinstance(data, dict):
        raise ModelError(f"holds {type(data).__name__}, needed an object", where=where, code="bad_type")
    return JsonFile(name, where, sha256(raw), data)
