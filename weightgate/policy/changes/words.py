"""How ``policy diff`` says what became of something."""

from __future__ import annotations

from collections.abc import Collection

LONGEST = 200
"""Characters of a condition that is shown as it was and as it is."""


def members(before: Collection[str], after: Collection[str]) -> str:
    """What a list gained and lost, in order of names: ``+ JP, - FR``."""
    gained = [f"+ {one}" for one in sorted(set(after) - set(before))]
    return ", ".join([*gained, *(f"- {one}" for one in sorted(set(before) - set(after)))])


def from_to(before: str | None, after: str | None) -> str:
    """A condition before and after, each in one line; without them where one is long."""
    if before is None or after is None:
        what, text = ("added", after) if before is None else ("removed", before)
        shown = " ".join((text or "").split())
        return f"{what}, {shown}" if len(shown) <= LONGEST else what
    was, now = " ".join(before.split()), " ".join(after.split())
    if was == now:
        return "laid out otherwise"
    return f"{was} -> {now}" if max(len(was), len(now)) <= LONGEST else "changed"
