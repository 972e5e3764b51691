"""What a Python caller passes: its type is checked before anything is done with it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

from weightgate.errors import InputError, UsageError

if TYPE_CHECKING:
    from weightgate.signing.keys import PublicKey, Signer
    from weightgate.signing.sealing import Sealer

    KeyLike = Signer | str | os.PathLike[str]

MAX_FILE_BYTES = 64 * 1024 * 1024
"""Most that is read of a decision or an attestation."""


def text_of(given: object, where: str) -> str:
    """A text.

    Args:
        given: What was passed.
        where: The option that it was passed for.

    Raises:
        UsageError: It is none (code ``bad_type``).
    """
    if not isinstance(given, str):
        raise unfit(given, "text", where)
    return given


def texts_of(given: object, where: str) -> tuple[str, ...]:
    """Several texts; one text is one of them, and not its letters.

    Raises:
        UsageError: They are neither text nor a list of texts (code ``bad_type``).
    """
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, Sequence) or isinstance(given, bytes):
        raise unfit(given, "text, or a list of texts", where)
    return tuple(text_of(one, where) for one in given)


def file_of(given: object, where: str) -> Path:
    """A file that the caller names.

    Raises:
        UsageError: It is no path (code ``bad_type``), or empty, as a variable that was not set is (``empty_option``).
    """
    if not isinstance(given, str | os.PathLike):
        raise unfit(given, "a path", where)
    if not os.fspath(given):
        raise UsageError(
            f"{where} is empty", where=where, hint="leave it out, or name a file", code="empty_option"
        )
    return Path(given)


def sealer_of(
    given: KeyLike | Sequence[KeyLike] | Sealer,
    passphrase: bytes | None,
    bundle: bool = False,
    timestamp_url: str = "",
) -> Sealer:
    """Who signs: one or several, each as it is, by its file, or by a URI; or a sealer, which says in which form too.

    Raises:
        WeightgateError: As :func:`weightgate.signing.signers.load_signer`; or it is none of these (code ``bad_type``).
    """
    from weightgate.signing.sealing import Sealer

    if isinstance(given, Sealer):
        return given
    each = given if isinstance(given, Sequence) and not isinstance(given, str | bytes) else [given]
    return Sealer(tuple(_signer_of(key, passphrase) for key in each), bundle, timestamp_url)


def _signer_of(key: KeyLike, passphrase: bytes | None) -> Signer:
    from weightgate.signing.signers import load_signer, scheme_of

    if isinstance(key, str) and scheme_of(key):
        return load_signer(key, passphrase=passphrase)
    if not isinstance(key, str | os.PathLike) and hasattr(key, "sign"):
        return key
    return load_signer(str(file_of(key, "key")), passphrase=passphrase)


def keys_of(given: object) -> list[PublicKey | Path]:
    """Whose word counts about a model that is named by its signature: keys, or their files.

    Raises:
        UsageError: It is neither a key, nor a path, nor a list of such.
    """
    if given == ():
        return []
    from weightgate.signing.keys import PublicKey

    keys = [given] if isinstance(given, str | os.PathLike | PublicKey) else given
    if not isinstance(keys, Sequence) or isinstance(keys, bytes):
        raise unfit(keys, "a public key, or a list of keys", "model_keys")
    return [key if isinstance(key, PublicKey) else file_of(key, "model_keys") for key in keys]


def unfit(given: object, needed: str, where: str) -> UsageError:
    """The error that says that something else was needed."""
    shown = repr(given)[:80]
    return UsageError(
        f"{shown} is of type {type(given).__name__}, needed {needed}", where=where, code="bad_type"
    )


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
