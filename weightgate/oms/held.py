"""A signature's list held against a model: in a folder, or one file of it coming in as a stream."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from weightgate.errors import ModelError, UsageError
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.hashing import BUFFER, Progress, Range, digests_of, new_hash
from weightgate.inspect.manifest_names import normal_name
from weightgate.oms.listing import ignored_path
from weightgate.oms.resources import SHARDS, WHOLE, Resource, sizes_of
from weightgate.oms.statement import ModelStatement
from weightgate.records import record


@record
class Difference:
    """One way in which a model departs from its signature.

    Attributes:
        name: The file, or the shard as ``file:start:end``.
        problem: ``missing``, ``changed``, ``size`` or ``unsigned``.
        expected: The signed digest or size; empty where there is none.
        found: What is here instead.
    """

    name: str
    problem: str
    expected: str = ""
    found: str = ""

    def __str__(self) -> str:
        """As a sentence."""
        name = repr(self.name[:200])
        if self.problem == "missing":
            return f"{name} is missing"
        if self.problem == "unsigned":
            return f"{name} is there and not signed"
        what = "bytes, needed" if self.problem == "size" else "here, signed as"
        return f"{name} has {self.found} {what} {self.expected}"

    def to_json(self) -> dict[str, str | None]:
        """As a report spells it."""
        return {
            "name": self.name, "problem": self.problem,
            "expected": self.expected or None, "found": self.found or None,
        }  # fmt: skip


@record
class Comparison:
    """What holding a list against a model came to.

    Attributes:
        differences: Files and shards that differ, in the order of the list; then what is not signed.
        compared: How many files or shards were hashed.
        ignored: What lies in the folder and was left out.
        notes: What is odd about links that were followed.
    """

    differences: tuple[Difference, ...]
    compared: int
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def chosen(statement: ModelStatement, only: Sequence[str]) -> tuple[Resource, ...]:
    """The resources that are asked for; all when none is named.

    Args:
        statement: The list.
        only: Names of files; with shards also ``NAME:START:END`` for all shards with bytes of that range.

    Raises:
        ModelError: One is not signed (code ``not_signed``).
    """
    if not only:
        return statement.resources
    found: dict[str, Resource] = {}
    for text in only:
        hits = [r for r in statement.resources if r.name == _normal(text)]
        hits = hits or list(_in_range(statement, text))
        if not hits:
            raise ModelError(f"{text[:200]!r} is not signed", code="not_signed")
        found |= {hit.key: hit for hit in hits}
    return tuple(found.values())


def hold_folder(
    statement: ModelStatement,
    path: Path,
    *,
    reference: str = "",
    only: Sequence[str] = (),
    ignore: Sequence[str] = (),
    progress: Progress | None = None,
) -> Comparison:
    """Hold a list against a folder, or a single file.

    What is listed is always looked at, whatever is left out. What is not listed counts unless it is left out by default, by
    the signature or by the verifier. Links are followed only where the signature says that they were.

    Args:
        statement: The list, from a signature that holds.
        path: The model.
        reference: The model as the user wrote it.
        only: See :func:`chosen`; what else lies there is then not looked at.
        ignore: Paths that the verifier leaves out, relative to the model.
        progress: Told bytes hashed and bytes in all.

    Raises:
        ModelError: A link, a device, a bad name, no file, a file that changes, or a name of ``only`` that is not signed.
        UnreachableError: It is not there, or may not be read.
    """
    wanted = chosen(statement, only)
    if statement.is_single_file:
        if path.is_dir():
            raise ModelError(
                "a folder, and the signature is of a single file", where=str(path), code="not_a_file"
            )
        wanted = tuple(Resource(path.name, r.digest, r.start, r.end) for r in wanted)
    names = frozenset(resource.name for resource in wanted)
    left_out = [
        *filter(None, map(_signed_path, statement.serialization.ignore_paths)),
        *map(ignored_path, ignore),
    ]
    try:
        source = FolderSource(
            path,
            reference=reference or str(path),
            ignore=left_out,
            keep=names,
            only=names if only else None,
            follow_links=statement.serialization.allow_symlinks,
        )
    except ModelError as error:
        if error.code != "empty_model":
            raise
        return Comparison(tuple(Difference(name, "missing") for name in sorted(names)), 0)
    sharded = statement.serialization.method == SHARDS
    whole = frozenset(_whole_files(statement, wanted)) if sharded else frozenset()
    differences, there = _sizes(wanted, source, whole)
    digests = digests_of(
        source, list(there.values()), algorithm=statement.serialization.hash_type, progress=progress
    )
    differences += [
        Difference(r.key, "changed", r.digest, digests[there[r.key]])
        for r in wanted
        if r.key in there and digests[there[r.key]] != r.digest
    ]
    if not only:
        differences += _unsigned(source, names, sharded=sharded)
    return Comparison(tuple(differences), len(there), source.ignored, tuple(source.notes))


def hold_stream(statement: ModelStatement, only: str, stream: BinaryIO) -> Comparison:
    """Hold one file of a list, or a range of its shards, against bytes that come in; they are read once, in pieces.

    Args:
        statement: The list, from a signature that holds.
        only: The file, or ``NAME:START:END`` where the shards that are read begin and end there.
        stream: Its bytes; they must end where the last one's do.

    Raises:
        ModelError: It is not signed, or the range is not one of whole shards.
    """
    wanted = sorted(chosen(statement, [only]), key=lambda r: r.start)
    given = statement.names if _normal(only) in statement.names else frozenset()
    if not given and (wanted[0].start, wanted[-1].end) != _bounds(only):
        around = f"{wanted[0].name}:{wanted[0].start}:{wanted[-1].end}"
        raise ModelError(f"{only[:200]!r} does not begin and end with a shard; around it is {around!r}")
    differences = []
    for resource in wanted:
        length = None if resource.end is None else resource.end - resource.start
        digest, count = _digest_of(stream, length, statement.serialization.hash_type)
        if length is not None and count != length:
            differences.append(Difference(resource.key, "size", str(length), str(count)))
        elif digest != resource.digest:
            differences.append(Difference(resource.key, "changed", resource.digest, digest))
    if stream.read(1):
        differences.append(Difference(only, "size", f"{wanted[-1].end} in all", "more"))
    return Comparison(tuple(differences), len(wanted))


def _sizes(
    wanted: Iterable[Resource], source: FolderSource, whole: Collection[str]
) -> tuple[list[Difference], dict[str, Range]]:
    """What is missing or has another size, and where the rest is, by its key."""
    differences: list[Difference] = []
    there: dict[str, Range] = {}
    told: set[str] = set()
    sizes = sizes_of(wanted)
    for resource in wanted:
        entry = source.entries.get(resource.name)
        end = resource.end
        if entry is None:
            problem = Difference(resource.name, "missing")
        elif end is not None and (
            entry.size < end or (resource.name in whole and entry.size != sizes[resource.name])
        ):
            at_least = "" if resource.name in whole else "at least "
            problem = Difference(resource.name, "size", f"{at_least}{sizes[resource.name]}", str(entry.size))
        else:
            there[resource.key] = Range(resource.name, resource.start, entry.size if end is None else end)
            continue
        if resource.name not in told:
            differences.append(problem)
        told.add(resource.name)
    return differences, there


def _whole_files(statement: ModelStatement, wanted: Iterable[Resource]) -> Iterator[str]:
    """Files whose last shard is wanted: their size is known."""
    last = sizes_of(statement.resources)
    single = statement.is_single_file
    for resource in wanted:
        if resource.end == last[WHOLE if single else resource.name]:
            yield resource.name


def _unsigned(source: FolderSource, names: Collection[str], *, sharded: bool) -> list[Difference]:
    """Files that nobody signed. With shards an empty file is never listed, so that one says nothing."""
    return [
        Difference(name, "unsigned")
        for name, entry in source.entries.items()
        if name not in names and not (sharded and entry.size == 0)
    ]


def _in_range(statement: ModelStatement, text: str) -> Iterator[Resource]:
    """The shards with bytes of ``NAME:START:END``."""
    bounds = _bounds(text)
    if bounds is None or statement.serialization.method != SHARDS:
        return
    start, end = bounds
    if start >= end:
        raise UsageError(f"{text[:200]!r} ends before it begins", where="--only", code="bad_range")
    name = _normal(text.rsplit(":", 2)[0])
    shards = [r for r in statement.resources if r.name == name]
    if shards and end > max(r.end or 0 for r in shards):
        raise ModelError(f"{text[:200]!r} goes beyond what is signed", code="not_signed")
    yield from (r for r in shards if r.start < end and (r.end or 0) > start)


def _bounds(text: str) -> tuple[int, int] | None:
    parts = text.rsplit(":", 2)
    if len(parts) == 3 and all(part.isascii() and part.isdecimal() and len(part) < 20 for part in parts[1:]):
        return int(parts[1]), int(parts[2])
    return None


def _normal(name: str) -> str:
    try:
        return name if name == WHOLE else normal_name(name)
    except ModelError:
        return name


def _signed_path(name: str) -> str:
    """A path that the signature leaves out; empty when it lies outside of the model, and so means nothing."""
    try:
        return normal_name(name.rstrip("/") or name)
    except ModelError:
        return ""


def _digest_of(stream: BinaryIO, length: int | None, algorithm: str) -> tuple[str, int]:
    digest, count = new_hash(algorithm), 0
    while length is None or count < length:
        piece = stream.read(BUFFER if length is None else min(BUFFER, length - count))
        if not piece:
            break
        digest.update(piece)
        count += len(piece)
    return digest.hexdigest(), count
