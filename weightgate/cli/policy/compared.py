"""What ``policy diff`` shows of two packs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from weightgate.cli.page import Line, Page, head
from weightgate.cli.show_reasons import words
from weightgate.records import record

if TYPE_CHECKING:
    from weightgate.policy.changes.document import DocumentChange
    from weightgate.policy.difference import Difference, Side

MOST = 40
"""Changes of a document that are shown; a pack of another origin changes all of it."""


@record
class Compared:
    """Two packs beside each other.

    Attributes:
        sides: The packs.
        day: The day they were compared on; empty for every day.
        known: The day of knowledge; empty for all that is in them.
        changed: What was changed in their documents.
        found: Where their verdicts differ.
    """

    sides: tuple[Side, Side]
    day: str
    known: str
    changed: list[DocumentChange]
    found: list[Difference]

    @property
    def notes(self) -> list[str]:
        """What to know of the two packs beside that."""
        one, other = (side.pack for side in self.sides)
        same = (one.document.name, one.document.version) == (other.document.name, other.document.version)
        return ["the version was not raised"] if same and one.source.digest != other.source.digest else []

    @property
    def silent(self) -> bool:
        """Whether neither pack says anything on the day, or was known by then."""
        return not any(
            side.pack.at(self.day, side.reading) if self.day else side.pack.read(side.reading)
            for side in self.sides
        )

    def to_json(self) -> dict[str, Any]:
        """As ``policy diff --output json`` prints it."""
        packs = [
            {"name": s.pack.document.name, "version": s.pack.document.version, "digest": s.pack.source.digest}
            for s in self.sides
        ]
        return {
            "schema": "weightgate/policy-diff/v1",
            "before": packs[0],
            "after": packs[1],
            "as_of": self.day or None,
            "known_at": self.known or None,
            "notes": self.notes,
            "changed": [one.to_json() for one in self.changed],
            "differences": [one.to_json() for one in self.found],
        }

    def page(self) -> Page:
        """As text."""
        one, other = self._names()
        on = f" on {self.day}" if self.day else ""
        on += f", as known on {self.known}" if self.known else ""
        rows = [Line(f"From {one} to {other}{on}:", style="bold")]
        rows += [Line(f"{note[0].upper()}{note[1:]}.", style="yellow") for note in self.notes]
        if self.changed:
            rows += [*head("Changed"), *_listed(self.changed)]
        for difference in self.found:
            rows += _difference(difference)
        end = self._end(one, other, on)
        return [*rows, Line(""), end] if self.found or len(rows) > 1 else [end]

    def _end(self, one: str, other: str, on: str) -> Line:
        if self.found:
            count = len(self.found)
            return Line(f"{count} difference{'s' * (count > 1)}", style="bold")
        if self.silent:
            return Line(f"neither says anything{on}: {self._beginnings(one, other)}", style="bold yellow")
        return Line(f"{one} and {other} come to the same verdict on all facts{on}", style="bold green")

    def _names(self) -> list[str]:
        """Name and version of each pack; with where it is, when both are called the same and are two."""
        packs = [side.pack for side in self.sides]
        names = [f"{pack.document.name} {pack.document.version}" for pack in packs]
        places = [pack.source.locator for pack in packs]
        if names[0] == names[1] and places[0] != places[1]:
            return [f"{name} ({place})" for name, place in zip(names, places, strict=True)]
        return names

    def _beginnings(self, one: str, other: str) -> str:
        from weightgate.policy.dated import begins
        from weightgate.policy.days import FOREVER

        days = [begins(side.pack.document, side.reading.known_at) for side in self.sides]
        said = ["was not known" if day == FOREVER else f"begins on {day}" for day in days]
        return f"{one} {said[0]}, {other} {said[1]}"


def _listed(changed: list[DocumentChange]) -> Page:
    rows = [Line(str(change), 2) for change in changed[:MOST]]
    more = len(changed) - MOST
    return [*rows, Line(f"and {more} more, which --output json lists", 2)] if more > 0 else rows


def _difference(one: Difference) -> Page:
    style = "red" if one.direction in ("loosens", "ends") else ""
    heading = f"{one.direction}: {words(one.before)} to {words(one.after)}, {one.activity}"
    until = "" if one.to_json()["until"] is None else f" until {one.end}"
    days = f"on {one.start}" if one.start == one.end else f"from {one.start}{until}"
    rows = [Line(""), Line(heading, style=f"bold {style}".strip()), Line(days, 2)]
    rows += [
        Line(f"{side}: {', '.join(rules)}", 2)
        for side, rules in zip(("before", "after"), one.rules, strict=True)
        if rules
    ]
    if one.case():
        rows += [Line.as_laid_out(f"  {row}") for row in one.case().splitlines()]
    elif one.example is None:
        rows.append(Line("no example: it needs facts that cannot be together", 2))
    return rows
