"""Weights cut into several files: which belong together, and whether the index tells the truth about them.

Two conventions: an index ``*.index.json`` whose ``weight_map`` names the shard of each tensor (transformers), and
names ``…-00001-of-00003.…`` that count themselves (transformers, llama.cpp).
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from weightgate.errors import ModelError
from weightgate.inspect.documents.json_file import JsonFile, read_json
from weightgate.inspect.source import ModelSource

MAX_INDEX = 64 * 1024 * 1024
"""Longest index accepted, in bytes: some 500,000 tensors."""

_NUMBERED = re.compile(r"(?P<stem>.*)-(?P<number>\d{4,6})-of-(?P<total>\d{4,6})(?P<suffix>\.[A-Za-z]+)")


class Index(NamedTuple):
    """An index of shards.

    Attributes:
        file: Name of the index file inside the model.
        shard_of: Name of the file, inside the model, that each tensor is said to be in.
        total_size: Bytes of all tensors as the index claims; None when it does not.
    """

    file: str
    shard_of: Mapping[str, str]
    total_size: int | None

    @property
    def shards(self) -> tuple[str, ...]:
        """The files that the index names, in code-point order."""
        return tuple(sorted(set(self.shard_of.values())))


def read_index(source: ModelSource, name: str) -> Index:
    """Read an index, and see that all its shards are there and that no other file claims to be one of them.

    Raises:
        ModelError: Not JSON, no weight map, a shard that is missing or outside the model, or one that the index
            leaves out.
        UnreachableError: The host did not answer.
    """
    file = read_json(source, name, max_bytes=MAX_INDEX)
    where = file.where
    weight_map = file.data.get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise ModelError("no weight_map, or an empty one", where=where, code="shards")
    folder = name.rpartition("/")[0]
    resolved = {shard: _shard_name(shard, folder, where) for shard in _distinct(weight_map.values(), where)}
    for shard in sorted(resolved.values()):
        if shard not in source.entries:
            raise ModelError(
                f"shard {shard!r} is missing", where=where, hint="complete the download", code="missing_shard"
            )
    _refuse_extra(source, name, set(resolved.values()))
    shard_of = {tensor: resolved[shard] for tensor, shard in weight_map.items()}
    return Index(name, shard_of, _total_size(file))


def check_tensors(index: Index, found: Mapping[str, str], where: str) -> None:
    """Compare the tensors found in the shards with what the index says.

    Args:
        index: The index.
        found: File in which each tensor was found.
        where: Place of the index, for messages.

    Raises:
        ModelError: A tensor is in another shard than the index says, in none, or in a shard but not in the index.
    """
    if index.shard_of == found:
        return
    for tensor, shard in sorted(index.shard_of.items()):
        if tensor not in found:
            raise ModelError(
                f"tensor {tensor!r} is not in {shard!r}, nor in any shard", where=where, code="shards"
            )
        if found[tensor] != shard:
            message = f"tensor {tensor!r} is in {found[tensor]!r}, but the index says {shard!r}"
            raise ModelError(message, where=where, code="shards")
    extra = min(found.keys() - index.shard_of.keys())
    raise ModelError(f"tensor {extra!r} of {found[extra]!r} is not in the index", where=where, code="shards")


def numbered_sets(source: ModelSource, names: Iterable[str]) -> list[tuple[str, ...]]:
    """Group files that count themselves; a file that does not is a group of its own.

    Raises:
        ModelError: A set is incomplete, or counts beyond its end.
    """
    groups: defaultdict[tuple[str, int, str], dict[int, str]] = defaultdict(dict)
    alone: list[tuple[str, ...]] = []
    for name in names:
        if match := _NUMBERED.fullmatch(name):
            key = (match["stem"], int(match["total"]), match["suffix"])
            groups[key][int(match["number"])] = name
        else:
            alone.append((name,))
    for (stem, total, suffix), files in groups.items():
        # Transformers counts from 1; some writers count from 0.
        first = 0 if 0 in files else 1
        if len(files) != total or min(files) != first or max(files) != first + total - 1:
            there = source.locate(files[min(files)])
            message = f"the set {stem!r}*{suffix} has {len(files)} of {total} files"
            raise ModelError(message, where=there, hint="complete the download", code="missing_shard")
        alone.append(tuple(files[number] for number in sorted(files)))
    return sorted(alone)


def _distinct(shards: Iterable[Any], where: str) -> set[str]:
    found = set()
    for shard in shards:
        if not isinstance(shard, str):
            raise ModelError("weight_map must map names to file names", where=where, code="shards")
        found.add(shard)
    return found


def _shard_name(shard: str, folder: str, where: str) -> str:
    plain = posixpath.normpath(shard)
    if plain != shard or shard.startswith(("/", "..")) or "\\" in shard or "\0" in shard:
        raise ModelError(f"shard {shard!r} leads out of the model", where=where, code="bad_shard")
    return f"{folder}/{shard}" if folder else shard


def _refuse_extra(source: ModelSource, index: str, named: set[str]) -> None:
    """Refuse a file that counts itself into the indexed set without being named by the index."""
    stems = {match["stem"] for shard in named if (match := _NUMBERED.fullmatch(shard))}
    suffixes = {shard[shard.rindex(".") :] for shard in named if "." in shard}
    for name in source.entries:
        match = _NUMBERED.fullmatch(name)
        if match and match["stem"] in stems and match["suffix"] in suffixes and name not in named:
            raise ModelError(
                f"shard {name!r} is there, but the index does not name it",
                where=source.locate(index),
                hint="remove the file, or download the model anew",
                code="extra_shard",
            )


def _total_size(file: JsonFile) -> int | None:
    metadata = file.section("metadata")
    claimed = metadata.data.get("total_size") if metadata is not None else None
    return claimed if type(claimed) is int else None
