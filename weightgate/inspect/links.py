"""Symbolic links in a model, for signatures that allow them: followed once each, with a warning where that is odd."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NamedTuple

from weightgate.errors import ModelError


class Target(NamedTuple):
    """What a link leads to.

    Attributes:
        path: The real path, free of links.
        status: What lies there.
        note: What is odd about it, in a sentence; empty when nothing is.
        cycle: Whether to follow it would never end.
    """

    path: Path
    status: os.stat_result
    note: str
    cycle: bool

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.status.st_mode)


def follow(link: Path, name: str, root: Path, trail: tuple[Path, ...]) -> Target:
    """Follow a link.

    Args:
        link: Where it lies.
        name: Its name in the model.
        root: The real path of the model's folder.
        trail: Real paths of the folders that were gone through to come to it.

    Raises:
        ModelError: It leads nowhere (code ``symlink``).
    """
    try:
        path = Path(os.path.realpath(link, strict=True))
        status = path.stat()
    except OSError as error:
        raise ModelError(
            f"a symbolic link that cannot be followed: {error.strerror}",
            where=str(link),
            hint="put the file itself into the folder",
            code="symlink",
        ) from None
    folder = stat.S_ISDIR(status.st_mode)
    if folder and any(path == each or path in each.parents for each in trail):
        return Target(
            path, status, f"{name!r} is a link that leads back to a folder around it: not followed", True
        )
    if path != root and root not in path.parents:
        return Target(path, status, f"{name!r} is a link that leads out of the model", False)
    return Target(path, status, "", False)
