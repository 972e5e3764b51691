"""``policy new``: a pack of one's own, from the template that is shipped as a pack like any other."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from weightgate.errors import UsageError
from weightgate.files.shipped import shipped
from weightgate.policy.schema import Identifier
from weightgate.policy.source import TEMPLATE, shipped_packs

TEMPLATE_DAY = "2026-01-01"
"""Every date in the template; a new pack begins on the day on which it is written."""

FILES = ("pack.yaml", "tests/cases.yaml", "README.md")


def new_pack(name: str, folder: Path, today: str) -> Path:
    """Write a pack named ``name`` to ``folder/name``, whole or not at all.

    Args:
        name: The new pack's name, and that of its folder.
        folder: Folder in which to make it; it must be there.
        today: UTC day from which the pack's rules, lists and status hold.

    Returns:
        The new folder, which holds :data:`FILES`.

    Raises:
        UsageError: ``name`` is no name for a pack (code ``bad_name``), something of that name is there already
            (``exists``), or the folder cannot be written (``unwritable``).
    """
    _check_name(name)
    target = folder / name
    if os.path.lexists(target):
        hint = "choose another name or folder; nothing is written over"
        raise UsageError(
            "there is something of that name already", where=str(target), hint=hint, code="exists"
        )
    texts = {file: _text(file, name, today) for file in FILES}
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=f".{name}.") as temporary:
            made = Path(temporary) / name
            for file, text in texts.items():
                path = made / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            # Fails where somebody made a folder with anything in it meanwhile.
            made.rename(target)
    except OSError as error:
        raise UsageError(
            f"cannot write: {error.strerror or error}", where=str(target), code="unwritable"
        ) from None
    return target


def _check_name(name: str) -> None:
    if not _is_name(name):
        folded = "-".join(name.lower().replace("/", " ").split())
        near = f"did you mean {folded}? " if _is_name(folded) else ""
        hint = (
            f"{near}Lower-case letters and digits joined by - _ or ., a letter first, at most 80 characters."
        )
        raise UsageError(f"{name!r} is no name for a pack"[:200], hint=hint, code="bad_name")
    if name in shipped_packs():
        hint = f"a name alone means the shipped pack; choose another, such as our-{name}"
        raise UsageError(f"{name} is the name of a shipped pack", hint=hint, code="bad_name")


def _is_name(text: str) -> bool:
    try:
        TypeAdapter(Identifier).validate_python(text)
    except ValidationError:
        return False
    return True


def _text(file: str, name: str, today: str) -> str:
    """A file of the template, under the new name and with today's dates."""
    text = shipped(f"org/{TEMPLATE}/{file}").read_text(encoding="utf-8")
    for was, becomes in (
        (TEMPLATE, name),
        (TEMPLATE_DAY, today),
        ("./NAME", f"./{name}"),
        ("new NAME", f"new {name}"),
    ):
        text = text.replace(was, becomes)
    return text
