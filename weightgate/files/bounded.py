"""Files of the caller's, read up to a bound."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO

from weightgate.errors import InputError

MAX_FILE_BYTES = 64 * 1024 * 1024
"""Most that is read of a decision or an attestation."""


def read_bytes(path: str) -> bytes:
    """A file of the caller's, bounded.

    Raises:
        InputError: It cannot be read, or is larger than :data:`MAX_FILE_BYTES`.
    """
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror or error}", where=path, code="unreadable") from None
    if len(raw) > MAX_FILE_BYTES:
        raise InputError(f"larger than {MAX_FILE_BYTES} bytes", where=path, code="too_large")
    return raw


@contextmanager
def opened_file(path: str) -> Iterator[IO[bytes]]:
    """A file of the caller's, to be read a part at a time; a pipe is taken in whole first.

    Raises:
        InputError: It cannot be read; what cannot be read twice may have :data:`MAX_FILE_BYTES` at most.
    """
    try:
        file: IO[bytes] = Path(path).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror or error}", where=path, code="unreadable") from None
    with file:
        try:
            if file.seekable():
                yield file
                return
            raw = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise InputError(
                f"cannot read: {error.strerror or error}", where=path, code="unreadable"
            ) from None
    if len(raw) > MAX_FILE_BYTES:
        raise InputError(f"larger than {MAX_FILE_BYTES} bytes", where=path, code="too_large")
    yield BytesIO(raw)
