"""Output that is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from weightgate.errors import UsageError


def write_whole(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write ``content`` to ``path`` so that no reader ever sees a part of it.

    The bytes go to a temporary file in the same folder, are synced, and are renamed over ``path``.

    Raises:
        UsageError: The folder is missing, or the file cannot be written.
    """
    import tempfile

    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
        raise UsageError(
            f"cannot write: {error.strerror or error}", where=str(path), code="unwritable"
        ) from None


def refuse_inside(path: Path, model: Path) -> None:
    """Refuse an output path that lies inside the model, where it would change what is being judged.

    A snapshot in the Hugging Face cache holds links only: the files are in the ``blobs`` folder of the same repository.

    Raises:
        UsageError: ``path`` is ``model`` or lies below it or among its blobs, links resolved.
    """
    target, root = path.parent.resolve() / path.name, model.resolve()
    link = model.parent.resolve() / model.name
    roots = (root, *(p.parent / "blobs" for p in root.parents if p.name == "snapshots"))
    if target in (root, link) or any(r in (target, *target.parents) for r in roots):
        raise UsageError(
            f"the output would lie inside the model {model}",
            where=str(path),
            hint="write it to another folder",
            code="output_inside_model",
        )
