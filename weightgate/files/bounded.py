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


def read_bytes(path: str | Path, most: int = MAX_FILE_BYTES) -> bytes:
    """A whole file.

    Raises:
        InputError: It cannot be read (code ``unreadable``), or is larger than ``most`` bytes (``too_large``).
    """
    raw = read_start(path, most)
    if len(raw) > most:
        raise _too_large(path, most)
    return raw


def read_start(path: str | Path, most: int, hint: str = "") -> bytes:
    """One byte more of a file than ``most``, at most: whoever parses it says that it is too large.

    Raises:
        InputError: It cannot be read (code ``unreadable``).
    """
    try:
        with Path(path).open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise unreadable(error, path, hint) from None


@contextmanager
def opened_file(path: str) -> Iterator[IO[bytes]]:
    """A file, to be read a part at a time; a pipe is taken in whole first.

    Raises:
        InputError: It cannot be read; what cannot be read twice may have :data:`MAX_FILE_BYTES` at most.
    """
    try:
        file: IO[bytes] = Path(path).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise unreadable(error, path) from None
    with file:
        try:
            if file.seekable():
                yield file
                return
            raw = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise unreadable(error, path) from None
    if len(raw) > MAX_FILE_BYTES:
        raise _too_large(path, MAX_FILE_BYTES)
    yield BytesIO(raw)


def unreadable(error: OSError, path: str | Path, hint: str = "") -> InputError:
    """The error for a file that cannot be read."""
    return InputError(
        f"cannot read: {error.strerror or error}", where=str(path), hint=hint, code="unreadable"
    )


def _too_large(path: str | Path, most: int) -> InputError:
    return InputError(f"larger than {most} bytes", where=str(path), code="too_large")
