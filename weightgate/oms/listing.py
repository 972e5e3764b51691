"""From a model's files to the resources of a signature."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from weightgate.errors import ModelError, UsageError
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.hashing import Progress, Range, digests_of
from weightgate.inspect.manifest_names import normal_name
from weightgate.oms.resources import FILES, SHARDS, Resource, Serialization, shards_of
from weightgate.records import record

LEFT_OUT = (".cache/huggingface", ".git", ".gitattributes", ".github", ".gitignore")
"""What is left out of every model here; the first is not among OMS's own defaults, so a signature names them all."""


@record
class Listed:
    """A model as its signature lists it.

    Attributes:
        name: Its name: the last part of its path.
        resources: Its files or shards.
        serialization: How they were listed.
        ignored: What lies in the folder and was left out.
        notes: What is odd about links that were followed.
        single: Whether it is a single file.
    """

    name: str
    resources: tuple[Resource, ...]
    serialization: Serialization
    ignored: tuple[str, ...]
    notes: tuple[str, ...]
    single: bool


def list_model(
    path: Path,
    *,
    reference: str = "",
    shard_size: int | None = None,
    ignore: Sequence[str] = (),
    allow_symlinks: bool = False,
    progress: Progress | None = None,
) -> Listed:
    """List a model's files, or their shards, with their digests.

    Args:
        path: A folder, or a file as a model.
        reference: The model as the user wrote it.
        shard_size: Bytes of a shard; whole files unless given.
        ignore: Paths to leave out, relative to the model, each with all below it.
        allow_symlinks: Whether links are followed.
        progress: Told bytes hashed and bytes in all.

    Raises:
        ModelError: A link, a device, a bad name, a file that changes, or nothing to list (code ``empty_model``).
        UnreachableError: It is not there, or may not be read.
        UsageError: ``shard_size`` is no size, or a path in ``ignore`` leads out of the model.
    """
    if shard_size is not None and shard_size < 1:
        raise UsageError(f"shards of {shard_size} bytes, needed at least 1", where="--shard-size")
    left_out = tuple(dict.fromkeys(ignored_path(name) for name in ignore))
    source = FolderSource(
        path, reference=reference or str(path), ignore=left_out, follow_links=allow_symlinks
    )
    resources = _resources(source, shard_size, progress)
    if not resources:
        raise ModelError(
            "every file is empty, and an empty file has no shard",
            where=str(path),
            hint="sign whole files: --method files",
            code="empty_model",
        )
    single = not path.is_dir()
    how = Serialization(
        FILES if shard_size is None else SHARDS,
        shard_size=shard_size,
        allow_symlinks=allow_symlinks,
        ignore_paths=() if single else tuple(sorted({*LEFT_OUT, *left_out})),
    )
    name = path.name if single else path.resolve().name
    return Listed(name, resources, how, source.ignored, tuple(source.notes), single)


def ignored_path(name: str) -> str:
    """A path to leave out, normalised; a folder may end in a slash.

    Raises:
        UsageError: It does not lie in a model (code ``bad_ignore``).
    """
    try:
        return normal_name(name.rstrip("/") or name)
    except ModelError as error:
        hint = "write it relative to the model, such as runs/log.txt; there are no patterns"
        raise UsageError(error.message, where="--ignore", hint=hint, code="bad_ignore") from None


def _resources(
    source: FolderSource, shard_size: int | None, progress: Progress | None
) -> tuple[Resource, ...]:
    entries = source.entries.values()
    if shard_size is None:
        digests = digests_of(source, [Range(e.name, 0, e.size) for e in entries], progress=progress)
        return tuple(Resource(e.name, digests[Range(e.name, 0, e.size)]) for e in entries)
    shards = [shard for e in entries for shard in shards_of(e.name, e.size, shard_size)]
    digests = digests_of(source, shards, progress=progress)
    return tuple(Resource(s.name, digests[s], s.start, s.end) for s in shards)
