"""Compiled packs on disk, so that a decision needs neither CEL nor pydantic.

Shipped packs are compiled when the wheel is built; others, and those of a checkout, are kept in a folder of the user's
own with mode 0700. What is stored is data only, under a digest of the pack, the facts table and the engine; a folder
that others may write to is not used.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from weightgate.errors import UsageError
from weightgate.facts.registry import FACTS
from weightgate.files.shipped import shipped_folder
from weightgate.policy.compiled import CompiledActivity, CompiledPack, CompiledSpan
from weightgate.policy.reading import AS_WRITTEN, Reading
from weightgate.policy.source import PackSource, find_pack, shipped_packs
from weightgate.version import ENGINE

FORMAT = 9
"""Raised whenever compiled packs change their shape or meaning, or the loader refuses what it took before."""

_HEAD = '{{"key":"{key}","digest":"{digest}","pack":'
_HEAD_BYTES = len(_HEAD.format(key="0" * 64, digest="0" * 64))


def load_compiled(source: PackSource, reading: Reading = AS_WRITTEN) -> CompiledPack:
    """The compiled form of a pack in one reading: shipped, cached, or compiled now and then cached.

    Raises:
        PolicyError: The pack does not load, or has no such switch or reading.
    """
    return load_reading(_load(source, AS_WRITTEN), source, reading)


def load_reading(written: CompiledPack, source: PackSource, reading: Reading) -> CompiledPack:
    """The compiled form of a pack in another reading.

    Args:
        written: The pack as written.
        source: The pack.
        reading: The reading.

    Raises:
        PolicyError: The pack has no such switch or reading.
    """
    normal = written.normal(reading)
    return written if normal == AS_WRITTEN else _load(source, normal)


def _load(source: PackSource, reading: Reading) -> CompiledPack:
    key = cache_key(source.digest, reading)
    name = f"{key}.json"
    candidates = [shipped_folder() / "compiled" / name]
    folder = _own_folder()
    if folder is not None:
        candidates.append(folder / name)
    for path in candidates:
        stored = _read(path, key)
        if stored is not None:
            return stored
    compiled, texts = _compile(source, reading)
    if folder is not None:
        _store(folder / name, key, compiled, texts)
    return compiled


def compile_now(source: PackSource) -> CompiledPack:
    """Compile a pack without looking at any cache.

    Raises:
        PolicyError: The pack does not load.
    """
    return _compile(source, AS_WRITTEN)[0]


def compile_shipped(target: Path) -> list[Path]:
    """Compile every shipped pack into a folder; called when the wheel is built.

    Returns:
        The files written.
    """
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name in shipped_packs():
        source = find_pack(name)
        path = target / f"{cache_key(source.digest)}.json"
        compiled, texts = _compile(source, AS_WRITTEN)
        path.write_bytes(_encode(cache_key(source.digest), compiled, texts))
        written.append(path)
    return written


@cache
def _engine_digest() -> str:
    table = repr(
        [(s.name, s.kind.value, s.loosens.value, s.domain, s.closed, s.derived_from) for s in FACTS.values()]
    )
    return hashlib.sha256(f"{FORMAT}\n{ENGINE}\n{table}".encode()).hexdigest()


def cache_key(pack_digest: str, reading: Reading = AS_WRITTEN) -> str:
    """Digest of everything a compiled pack depends on: its bytes, its reading, the facts table and the engine.

    Args:
        pack_digest: ``sha256:…`` of the pack's bytes.
        reading: A reading in its simplest form.
    """
    read = repr((reading.known_at, sorted(reading.switches.items()), reading.in_force))
    return hashlib.sha256(f"{pack_digest}\n{read}\n{_engine_digest()}".encode()).hexdigest()


def _compile(source: PackSource, reading: Reading) -> tuple[CompiledPack, dict[str, Any]]:
    from weightgate.policy.compile import compile_pack, rule_texts
    from weightgate.policy.pack import Pack

    pack = Pack(source)
    return compile_pack(pack, reading), rule_texts(pack)


def _own_folder() -> Path | None:
    """The cache folder, made if need be; ``None`` when there is none that only we can write to."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")  # noqa: PTH111, PTH118
    folder = Path(base) / "weightgate" / "packs"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError:
        return None
    return folder if status.st_uid == os.geteuid() and not status.st_mode & 0o077 else None


def _read(path: Path, key: str) -> CompiledPack | None:
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    head = _HEAD.format(key=key, digest=hashlib.sha256(raw[_HEAD_BYTES:-1]).hexdigest()).encode()
    if not raw.startswith(head):
        # Damaged, or of another pack: it is compiled again, which is always right.
        return None
    return _decode(json.loads(raw)["pack"])


def _store(path: Path, key: str, compiled: CompiledPack, texts: dict[str, Any]) -> None:
    from weightgate.files.output import write_whole

    try:
        write_whole(path, _encode(key, compiled, texts), mode=0o600)
    except UsageError:
        # A cache that cannot be written costs time, not correctness.
        return


def _encode(key: str, pack: CompiledPack, texts: dict[str, Any]) -> bytes:
    tiers: list[Mapping[str, int]] = []
    activities: dict[int, tuple[int, str]] = {}
    spans = []
    for span in pack.spans:
        if span.tiers not in tiers:
            tiers.append(span.tiers)
        for rules in span.activities.values():
            activities.setdefault(id(rules), (len(activities), _compact(rules.encode())))
        spans.append(
            {
                "start": span.start,
                "end": span.end,
                "tiers": tiers.index(span.tiers),
                "activities": {name: activities[id(rules)][0] for name, rules in span.activities.items()},
                "left_out": span.left_out,
            }
        )
    head = {
        "name": pack.name,
        "version": pack.version,
        "digest": pack.digest,
        "title": pack.title,
        "default": pack.default,
        "status": pack.status,
        "sources": pack.sources,
        "known": pack.known,
        "switches": pack.switches,
        "chosen": pack.chosen,
        "own_status": pack.own_status,
    }
    shared = {"tiers": tiers, "activities": [encoded for _, encoded in activities.values()]}
    body = _compact({"head": head, "texts": texts, "spans": spans, **shared}).encode()
    return _HEAD.format(key=key, digest=hashlib.sha256(body).hexdigest()).encode() + body + b"}"


def _compact(data: Any) -> str:
    return json.dumps(data, separators=(",", ":"))


class _Activities(Mapping[str, CompiledActivity]):
    """A span's rules by activity. A question is about one day and one activity, so each is decoded when asked for.

    Args:
        numbers: For each activity, which of the pack's sets of rules it has.
        decoded: The pack's sets of rules, by number.
    """

    def __init__(self, numbers: Mapping[str, int], decoded: Callable[[int], CompiledActivity]) -> None:
        self._numbers = numbers
        self._decoded = decoded

    def __getitem__(self, activity: str) -> CompiledActivity:
        """The rules about an activity."""
        return self._decoded(self._numbers[activity])

    def __iter__(self) -> Iterator[str]:
        """The activities that have rules."""
        return iter(self._numbers)

    def __len__(self) -> int:
        """How many activities have rules."""
        return len(self._numbers)


def _decode(data: Any) -> CompiledPack:
    head, texts, tiers, activities = data["head"], data["texts"], data["tiers"], data["activities"]

    @cache
    def decoded(number: int) -> CompiledActivity:
        return CompiledActivity.decode(json.loads(activities[number]), texts)

    spans = tuple(
        CompiledSpan(
            span["start"],
            span["end"],
            tiers[span["tiers"]],
            _Activities(span["activities"], decoded),
            tuple((rule, status) for rule, status in span["left_out"]),
        )
        for span in data["spans"]
    )
    return CompiledPack(
        head["name"],
        head["version"],
        head["digest"],
        head["title"],
        head["default"],
        tuple(head["status"]),
        head["sources"],
        spans,
        tuple(head["known"]),
        head["switches"],
        head["chosen"],
        head["own_status"],
    )
