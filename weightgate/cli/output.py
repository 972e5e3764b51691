"""Where results go: each ``--output FORMAT[=PATH]``, written whole once there is a result."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from weightgate.cli.text import on_terminal, put, silence
from weightgate.errors import NotAvailableYet, UsageError

if TYPE_CHECKING:
    from typing import TextIO

    from weightgate.cli.page import Page

FORMATS = ("text", "json")
MEMO = "of a decision's JSON, weightgate explain FILE --output markdown writes a memo"
LATER = ("markdown", "github", "sarif", "junit", "html")


class Output(NamedTuple):
    """One result wanted.

    Attributes:
        format: ``text``, ``json``, or another that the command writes.
        path: The file it goes to; ``None`` for stdout.
    """

    format: str
    path: Path | None = None


def parse_outputs(asked: Sequence[str], *, also: Sequence[str] = ()) -> tuple[Output, ...]:
    """Read ``FORMAT[=PATH]``; nothing asked is text on stdout.

    Args:
        asked: The texts.
        also: Formats that the command writes beside text and JSON.

    Raises:
        UsageError: An unknown format, two results for stdout or for one file, or an empty path.
        NotAvailableYet: A format that this version does not write.
    """
    outputs = tuple(_parse(text, (*FORMATS, *also)) for text in asked) or (Output("text"),)
    targets = [None if o.path is None else o.path.resolve() for o in outputs]
    for target in targets:
        if targets.count(target) > 1:
            place = "stdout" if target is None else str(target)
            raise UsageError(
                f"two outputs go to {place}", where="--output", hint="give one of them a path: json=FILE"
            )
    return outputs


def _parse(text: str, formats: tuple[str, ...]) -> Output:
    name, equals, path = text.partition("=")
    if name in LATER and name not in formats:
        if name == "markdown":
            raise NotAvailableYet("--output markdown", MEMO)
        raise NotAvailableYet(f"--output {name}")
    if name not in formats:
        hint = "one of " + ", ".join(formats)
        raise UsageError(
            f"no output format is called {name!r}", where="--output", hint=hint, code="unknown_format"
        )
    if equals and not path:
        raise UsageError(
            f"{text!r} names no file", where="--output", hint=f"write {name}=FILE", code="bad_output"
        )
    return Output(name, Path(path) if equals else None)


def as_json(data: Any) -> bytes:
    """A result as bytes: ASCII, so that no reader's encoding and no control character matters."""
    import json

    return json.dumps(data, indent=2, ensure_ascii=True, allow_nan=False).encode() + b"\n"


def deliver(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a file whole; a device or pipe, which cannot be replaced, is written to.

    Raises:
        UsageError: It cannot be written.
    """
    from weightgate.files.output import write_whole

    if not path.exists() or (path.is_file() and not str(path.absolute()).startswith(("/dev/", "/proc/"))):
        write_whole(path, content, mode=mode)
        return
    try:
        with path.open("wb") as file:
            file.write(content)
    except OSError as error:
        message = f"cannot write: {error.strerror or error}"
        raise UsageError(message, where=str(path), code="unwritable") from None


def emit(
    outputs: Sequence[Output],
    data: Callable[[], Any],
    page: Callable[[], Page],
    *,
    others: Mapping[str, Callable[[], str]] | None = None,
    to_stderr: bool = False,
) -> None:
    """Write a result in every form asked for; files first, so that stdout never shows what could not be written.

    Args:
        outputs: The forms.
        data: Makes the JSON.
        page: Makes the text.
        others: Makes each further format that the command writes.
        to_stderr: Whether text without a path goes to stderr; there, what nobody can read is lost.

    Raises:
        UsageError: A file or stdout cannot be written.
    """
    made = {"json": lambda: as_json(data()).decode(), **(others or {})}
    for output in outputs:
        if output.path is not None:
            text = made[output.format]() if output.format in made else _plain(page()).decode()
            deliver(output.path, text.encode())
    for output in outputs:
        if output.path is None and output.format in made:
            _print(made[output.format]())
        elif output.path is None and not to_stderr:
            _print(page())
        elif output.path is None:
            _tell(page())


def _print(result: str | Page) -> None:
    """Print on stdout, and make sure that it got there."""
    if sys.stdout is None:
        raise UsageError("cannot write: stdout is closed", where="stdout", code="unwritable")
    try:
        if isinstance(result, str):
            sys.stdout.write(result)
        else:
            _show(result, sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the result has enough of it; the exit code still says what it was.
        silence(sys.stdout)
    except OSError as error:
        silence(sys.stdout)
        message = f"cannot write: {error.strerror or error}"
        raise UsageError(message, where="stdout", code="unwritable") from None


def _tell(page: Page) -> None:
    """Show on stderr, where somebody looks."""
    if not on_terminal(sys.stderr):
        put(sys.stderr, _plain(page).decode())
        return
    with suppress(OSError):
        _show(page, sys.stderr)


def _plain(page: Page) -> bytes:
    from weightgate.cli.page import plain

    return plain(page).encode()


def _show(page: Page, stream: TextIO) -> None:
    from weightgate.cli.page import show

    show(page, stream)
