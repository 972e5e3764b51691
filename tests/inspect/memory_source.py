"""A model in memory, and the files that tests put into it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from safetensors.numpy import save

from weightgate.errors import ModelError
from weightgate.inspect.source import MAX_RANGE, FileEntry

MIT = """MIT License

Copyright (c) 2026 Example

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


class MemorySource:
    """A :class:`~weightgate.inspect.source.ModelSource` over bytes in memory.

    Attributes:
        reads: Names of the files that were read, in order.
    """

    def __init__(self, files: Mapping[str, bytes | str | dict[str, Any]], reference: str = "./model") -> None:
        self._files = {name: _encode(content) for name, content in sorted(files.items())}
        self._reference = reference
        self.reads: list[str] = []

    @property
    def reference(self) -> str:
        return self._reference

    @property
    def entries(self) -> Mapping[str, FileEntry]:
        return MappingProxyType({name: FileEntry(name, len(raw)) for name, raw in self._files.items()})

    def read(self, name: str, offset: int, length: int) -> bytes:
        if name not in self._files:
            raise ModelError("no such file", where=self.locate(name))
        if length > MAX_RANGE:
            raise ModelError("too long a range", where=self.locate(name))
        self.reads.append(name)
        return self._files[name][offset : offset + length]

    def locate(self, name: str) -> str:
        return f"{self._reference}/{name}"


def _encode(content: bytes | str | dict[str, Any]) -> bytes:
    if isinstance(content, dict):
        return json.dumps(content).encode()
    return content.encode() if isinstance(content, str) else content


def safetensors(**tensors: tuple[int, ...]) -> bytes:
    """A real safetensors file with tensors of these shapes; ``__`` in a name stands for a dot."""
    named = {name.replace("__", "."): np.zeros(shape, np.float16) for name, shape in tensors.items()}
    return save(named)


def card(front: str) -> str:
    """A card with this front matter."""
    return f"---\n{front.strip()}\n---\n\n# A model\n"
