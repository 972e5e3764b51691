"""A mutant: a pack with one thing changed, by a name that stays while the rest of the pack is edited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from weightgate.policy.checked import Node
from weightgate.policy.conditions import Path
from weightgate.policy.pack import Pack
from weightgate.policy.schema import PackDocument
from weightgate.records import record


@record
class Change:
    """One thing changed.

    Attributes:
        part: What is changed, by names and not by numbers: ``open.when``, ``values.limit``.
        change: From what to what.
        where: ``file:line:column`` of it.
        document: The pack's data with the change.
        nodes: Conditions as parsed, with the change, by their places.
    """

    part: str
    change: str
    where: str
    document: PackDocument = field(repr=False)
    nodes: Mapping[Path, Node] = field(default_factory=dict, repr=False)


@record
class Mutant:
    """A change with a name.

    Attributes:
        id: Part and change; of several that read the same, all but the first have a number.
        change: The change.
    """

    id: str
    change: Change

    @property
    def where(self) -> str:
        """``file:line:column`` of what is changed."""
        return self.change.where

    def of(self, pack: Pack) -> Pack:
        """The pack with the change.

        Raises:
            PolicyError: It does not stand.
        """
        return pack.changed(self.change.document, self.change.nodes)


def named(changes: Iterable[Change]) -> Iterator[Mutant]:
    """Give each change a name of its own."""
    seen: dict[str, int] = {}
    for change in changes:
        name = f"{change.part}: {change.change}"
        seen[name] = seen.get(name, 0) + 1
        yield Mutant(name if seen[name] == 1 else f"{name} #{seen[name]}", change)
