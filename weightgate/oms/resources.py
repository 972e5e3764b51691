"""What a signature lists: files or shards by name, each with its digest, and the root digest over them all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from weightgate.errors import ModelError, SignatureError
from weightgate.inspect.hashing import DIGEST_BYTES, Range
from weightgate.inspect.manifest_names import normal_name
from weightgate.records import record

FILES, SHARDS = "files", "shards"
METHODS = (FILES, SHARDS)

DEFAULT_SHARD_SIZE = 1_000_000_000
MAX_RESOURCES = 1_000_000
WHOLE = "."
"""Name under which releases of ``model_signing`` up to 1.1.1 list a model that is a single file."""

_SHARD = re.compile(r"(.+):(0|[1-9][0-9]{0,18}):([1-9][0-9]{0,18})", re.DOTALL)
_HEX = re.compile("(?:[0-9a-f]{2})+")


@record
class Resource:
    """One entry of the list.

    Attributes:
        name: The file, normalised.
        digest: Hex.
        start: Offset of a shard's first byte; 0 for a file.
        end: Offset after a shard's last byte; nothing for a file.
    """

    name: str
    digest: str
    start: int = 0
    end: int | None = None

    @property
    def key(self) -> str:
        """Its name in the list: the file, or ``file:start:end``."""
        return self.name if self.end is None else f"{self.name}:{self.start}:{self.end}"


@record
class Serialization:
    """How the list was made.

    Attributes:
        method: ``files`` or ``shards``.
        hash_type: ``sha256``, ``blake2b`` or ``blake3``.
        shard_size: Bytes of every shard but a file's last; nothing with files.
        allow_symlinks: Whether links were followed.
        ignore_paths: Paths that were left out, relative to the model.
    """

    method: str = FILES
    hash_type: str = "sha256"
    shard_size: int | None = None
    allow_symlinks: bool = False
    ignore_paths: tuple[str, ...] = ()


def shards_of(name: str, size: int, shard_size: int) -> list[Range]:
    """The shards of a file, the last one perhaps shorter; none of an empty file."""
    starts = range(0, size, shard_size)
    return [Range(name, start, min(start + shard_size, size)) for start in starts]


def parse_key(key: str, method: str) -> tuple[str, int, int | None]:
    """Name, start and end of a resource as the list names it; a file has no end.

    A shard's two numbers are the last two: the file's own name may hold colons.

    Raises:
        SignatureError: It leads out of the model, or is no shard where one is needed (code ``predicate``).
    """
    name, start, end = key, 0, None
    if method == SHARDS:
        found = _SHARD.fullmatch(key)
        if found is None:
            raise _malformed(f"{key[:120]!r} is no shard, such as model.bin:0:1000")
        name, start, end = found[1], int(found[2]), int(found[3])
        if start >= end:
            raise _malformed(f"{key[:120]!r} ends before it begins")
    if name == WHOLE:
        return name, start, end
    try:
        return normal_name(name), start, end
    except ModelError as error:
        raise _malformed(error.message) from None


def read_resources(entries: Sequence[Mapping[str, str]], how: Serialization) -> tuple[Resource, ...]:
    """The resources of a predicate, in its order.

    Args:
        entries: Objects with ``name``, ``digest`` and ``algorithm``.
        how: The serialisation that the predicate states.

    Raises:
        SignatureError: None or too many, a name that leads out of the model or is there twice, another hash than the
            serialisation's, or shards that leave a gap (code ``predicate``).
    """
    if not 1 <= len(entries) <= MAX_RESOURCES:
        raise _malformed(
            f"{len(entries)} resources, needed 1 to {MAX_RESOURCES}: a model without a file is none"
        )
    algorithms = {how.hash_type}
    if how.method == SHARDS:
        algorithms.add(mangled(how.hash_type, how.shard_size))
    length, resources = 2 * DIGEST_BYTES[how.hash_type], []
    for entry in entries:
        if entry["algorithm"] not in algorithms:
            raise _malformed(
                f"{entry['name'][:120]!r} has a digest by {entry['algorithm'][:40]!r}, needed {how.hash_type!r}"
            )
        if len(entry["digest"]) != length or not _HEX.fullmatch(entry["digest"]):
            raise _malformed(f"the digest of {entry['name'][:120]!r} is no {how.hash_type} in lower-case hex")
        name, start, end = parse_key(entry["name"], how.method)
        resources.append(Resource(name, entry["digest"], start, end))
    _check_unique(resources)
    if how.method == SHARDS:
        _check_shards(resources, how.shard_size or 0)
    return tuple(resources)


def mangled(hash_type: str, shard_size: int | None) -> str:
    """What releases of ``model_signing`` up to 1.1.1 call the hash of a shard, against the specification."""
    return f"{hash_type}-sharded-{shard_size}"


def root_of(resources: Iterable[Resource]) -> str:
    """The root digest in hex: SHA-256 over the raw digests in the order of the list, whatever their own hash."""
    whole = hashlib.sha256()
    for resource in resources:
        whole.update(bytes.fromhex(resource.digest))
    return whole.hexdigest()


def sizes_of(resources: Iterable[Resource]) -> dict[str, int]:
    """The size of each file that shards are listed of."""
    sizes: dict[str, int] = {}
    for resource in resources:
        sizes[resource.name] = max(sizes.get(resource.name, 0), resource.end or 0)
    return sizes


def _check_unique(resources: Sequence[Resource]) -> None:
    seen: set[str] = set()
    for resource in resources:
        if resource.key in seen:
            raise _malformed(f"{resource.key[:120]!r} is listed twice")
        seen.add(resource.key)
    names = {resource.name for resource in resources}
    if WHOLE in names and len(names) > 1:
        raise _malformed(f"a single file, listed as {WHOLE!r}, beside {len(names) - 1} others")


def _check_shards(resources: Sequence[Resource], shard_size: int) -> None:
    """Whether every file's shards follow one another from its first byte on."""
    ends: dict[str, int] = {}
    last: dict[str, bool] = {}
    for resource in sorted(resources, key=lambda each: (each.name, each.start)):
        end = resource.end or 0
        if resource.start != ends.get(resource.name, 0) or last.get(resource.name, False):
            raise _malformed(f"the shards of {resource.name[:120]!r} leave a gap before {resource.start}")
        if end - resource.start > shard_size:
            raise _malformed(f"{resource.key[:120]!r} is longer than a shard of {shard_size} bytes")
        ends[resource.name], last[resource.name] = end, end - resource.start < shard_size


def _malformed(problem: str) -> SignatureError:
    return SignatureError(problem, code="predicate")
