"""Where the data that comes with weightgate lies: packs, tables and lists, in the wheel or in a checkout."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from weightgate.errors import InputError

_PACKAGE = Path(__file__).parent.parent


def shipped_folder() -> Path:
    """The folder of shipped data: ``weightgate/policies`` in a wheel, ``policies`` beside the package in a checkout.

    Raises:
        InputError: Neither is there, so the installation is damaged.
    """
    inside, checkout = _PACKAGE / "policies", _PACKAGE.parent
    if inside.is_dir():
        return inside
    # A folder of that name in site-packages would be somebody else's: only a checkout has the project file beside it.
    if (checkout / "pyproject.toml").is_file() and (checkout / "policies").is_dir():
        return checkout / "policies"
    raise InputError(
        "the data that comes with weightgate is missing",
        where=str(inside),
        hint="install weightgate again",
        code="not_shipped",
    )


def shipped(name: str) -> Path:
    """Path of a shipped file or folder.

    Args:
        name: Path below the folder of shipped data, with ``/``, such as ``licenses.yaml``.

    Raises:
        InputError: There is no such file, or ``name`` would leave the folder.
    """
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or "\\" in name or ".." in parts:
        raise InputError(f"{name!r} is no name of shipped data", code="not_shipped")
    path = shipped_folder().joinpath(*parts)
    if not path.exists():
        raise InputError(f"{name!r} does not come with this version", where=str(path), code="not_shipped")
    return path
