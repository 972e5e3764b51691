"""Files that a command is to write, held against those that it reads: nothing may be written over an input."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from weightgate.errors import UsageError


def check_paths(
    written: Iterable[str | Path | None], *, read: Iterable[str | None] = (), model: str | None = None
) -> None:
    """Refuse files to be written where something is read, or two to one place, before anything is done.

    Args:
        written: Files to write.
        read: Files to read; a folder stands for the pack in it.
        model: The model, as the command line names it.

    Raises:
        UsageError: A path lies inside the model (code ``output_inside_model``), is a file that is read
            (``output_over_input``), or is to be written twice (``output_twice``).
        InputError: ``model`` is no reference.
    """
    targets = [Path(path) for path in written if path]
    if not targets:
        return
    if model is not None:
        _refuse_in_model(targets, model)
    inputs = [Path(path) for path in read if path]
    inputs += [folder / "pack.yaml" for folder in inputs if folder.is_dir()]
    targets = [target for target in targets if not is_device(target)]
    for number, target in enumerate(targets):
        if any(same_file(target, path) for path in inputs):
            raise UsageError(
                "the output would be written over a file that is read", where=str(target),
                hint="write it to another file", code="output_over_input",
            )  # fmt: skip
        if any(same_file(target, other) for other in targets[:number]):
            raise UsageError(
                f"two outputs go to {target}", where=str(target), hint="write one of them to another file",
                code="output_twice",
            )  # fmt: skip


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, links followed; false when that cannot be told."""
    try:
        return one.resolve() == other.resolve() or one.samefile(other)
    except (OSError, ValueError, RuntimeError):
        return False


def is_device(path: Path) -> bool:
    """Whether a path is something to write to that keeps nothing, such as ``/dev/null``, a pipe or ``/dev/stdout``."""
    if str(path.absolute()).startswith(("/dev/", "/proc/")):
        return True
    return path.exists() and not path.is_file() and not path.is_dir()


def _refuse_in_model(targets: list[Path], model: str) -> None:
    from weightgate.files.output import refuse_inside
    from weightgate.inspect.reference import FolderReference, SignatureReference, parse_reference

    reference = parse_reference(model)
    if isinstance(reference, FolderReference):
        for target in targets:
            refuse_inside(target, reference.path)
    elif isinstance(reference, SignatureReference):
        check_paths(targets, read=[str(reference.path)])
