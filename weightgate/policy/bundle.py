"""What goes into the archive of a pack: its text, its cases, and what it says of itself."""

from __future__ import annotations

import os
from pathlib import Path

from weightgate.errors import PolicyError
from weightgate.policy.archive import PACK_FILE, SUFFIX, fits, read_archive, write_archive
from weightgate.policy.source import MAX_PACK_BYTES, PackSource, read_regular, shipped_packs

README = "README.md"


def bundle(source: PackSource) -> bytes:
    """The archive of a pack, with the cases beside it; of a pack that is in an archive, that archive.

    Raises:
        PolicyError: A file cannot be read, is too large, or has a name that does not belong into an archive.
    """
    if source.locator.endswith(SUFFIX):
        return write_archive(_from_archive(source))
    shipped = shipped_packs().get(source.locator.removeprefix("shipped:"))
    file = shipped if shipped and source.locator.startswith("shipped:") else Path(source.locator)
    files = {PACK_FILE: source.text}
    beside = [file.parent / README] if file.name == PACK_FILE else []
    for path in (*beside, *sorted((file.parent / "tests").glob("*.yaml"))):
        if os.path.lexists(path):
            files[_name(path, file.parent)] = _content(path)
    return write_archive(files)


def _from_archive(source: PackSource) -> dict[str, bytes]:
    raw = read_regular(Path(source.locator))
    files = read_archive(raw, source.locator)
    if files[PACK_FILE] != source.text:
        raise PolicyError("changed while it was read", where=source.locator, code="unreadable")
    return files


def _name(path: Path, folder: Path) -> str:
    name = path.relative_to(folder).as_posix()
    if not fits(name):
        hint = "use letters, digits, '.', '_' and '-'"
        raise PolicyError(f"{name!r} has no name for a bundle", where=str(path), hint=hint, code="bundle")
    return name


def _content(path: Path) -> bytes:
    if path.is_symlink():
        raise PolicyError("a link does not go into a bundle", where=str(path), code="bundle")
    raw = read_regular(path)
    if len(raw) > 2 * MAX_PACK_BYTES:
        raise PolicyError(
            f"larger than {2 * MAX_PACK_BYTES} bytes",
            where=str(path),
            hint="split the file",
            code="too_large",
        )
    return raw
