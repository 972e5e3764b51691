"""The smallest changes that would alter a decision, as it spells them."""

from __future__ import annotations

from typing import Any, NamedTuple


class Change(NamedTuple):
    """One fact that changes.

    Attributes:
        fact: Name in the facts table.
        before: What is known of it now, in words.
        after: The cell that it comes to lie in, in words: ``below 1e+26``, ``one of AE, IN``, ``with LICENSE``.
    """

    fact: str
    before: str
    after: str

    def to_json(self) -> dict[str, Any]:
        """One entry of a flip's ``changes``."""
        return {"fact": self.fact, "from": self.before, "to": self.after}


class Flip(NamedTuple):
    """Changes that together, and no fewer, certainly lead to another verdict.

    Attributes:
        changes: The facts that change, in the order of the facts table.
        verdict: The one word that the whole decision then comes to.
        destinations: The destinations that are exchanged for another; all of them where none is.
    """

    changes: tuple[Change, ...]
    verdict: str
    destinations: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """One entry of ``flips``."""
        return {
            "changes": [change.to_json() for change in self.changes],
            "verdict": self.verdict,
            "destinations": list(self.destinations),
        }
