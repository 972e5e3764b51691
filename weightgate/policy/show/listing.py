"""``policy list``: each pack in one line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from weightgate.policy.cache import load_compiled
from weightgate.policy.source import PackSource, find_pack, shipped_packs
from weightgate.records import record


@record
class PackRow:
    """One line of ``policy list``.

    Attributes:
        name: The pack's name.
        version: Its version.
        title: One line.
        status: What its text is worth that day; ``not begun`` before its first.
        digest: ``sha256:…`` of its bytes.
        source: ``shipped:NAME``, or its path.
    """

    name: str
    version: str
    title: str
    status: str
    digest: str
    source: str

    def to_json(self) -> dict[str, str]:
        """The row as a JSON object."""
        return asdict(self)


def list_packs(as_of: str, sources: Iterable[PackSource] | None = None) -> list[PackRow]:
    """The shipped packs, or those given, with their status on a day.

    Raises:
        PolicyError: A pack does not load.
    """
    asked = [find_pack(name) for name in shipped_packs()] if sources is None else sources
    rows = []
    for source in asked:
        pack = load_compiled(source)
        status = pack.status_at(as_of)
        word = status["status"] if status else "not begun"
        rows.append(PackRow(pack.name, pack.version, pack.title, word, pack.digest, source.locator))
    return rows
