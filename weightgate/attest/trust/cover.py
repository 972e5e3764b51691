"""Whether what was decided lies within the destinations of a grant, place by place and never by name alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from weightgate.destinations.footprint import resolve
from weightgate.destinations.names import UnknownName
from weightgate.destinations.places import Destination, Place


def outside(decided: Sequence[Destination | str], granted: Sequence[Destination]) -> str:
    """What of the decided destinations lies in none of those granted, in words; empty when all is covered.

    A country covers every provider's regions in it, and its parts. A region covers itself; a multi-region covers itself
    and its known regions. Nothing else is inferred: a multi-region of which not all places are listed is covered only by
    itself, and Hong Kong only by ``HK``.

    Args:
        decided: Destinations with their places, or names, which are resolved here.
        granted: The destinations of a grant.
    """
    if not decided:
        return "no destination was decided"
    granted_places = [place for destination in granted for place in destination.places]
    for one in decided:
        if isinstance(one, str):
            try:
                one = resolve(one, "")  # noqa: PLW2901
            except UnknownName as error:
                return error.message
        if not one.places:
            return f"{one.name[:80]!r} has no places"
        for place in one.places:
            if not any(_within(place, other) for other in granted_places):
                return f"{one.name[:80]!r} reaches {_words(place)}"
    return ""


def attested_destinations(entries: Sequence[dict[str, Any]]) -> tuple[Destination, ...]:
    """The destinations of a decision with the places that it was really made for.

    Args:
        entries: ``inputs.destinations`` of a decision whose shape has been checked.
    """
    return tuple(
        Destination(
            entry["name"],
            tuple(
                Place(p["country"], p["subdivision"], p["provider"], p["region"], tuple(p["within"]))
                for p in entry["places"]
            ),
            entry["complete"],
            "",
            "",
        )
        for entry in entries
    )


def _within(place: Place, other: Place) -> bool:
    """Whether a decided place lies within a granted one."""
    if place.country != other.country:
        return False
    if place.country is None:
        return (place.provider, place.region) == (other.provider, other.region)
    if not other.provider:
        return not other.subdivision or place.subdivision == other.subdivision
    if place.provider != other.provider:
        return False
    if place.region == other.region:
        return set(place.within) <= set(other.within)
    return bool(other.within) and set(place.within or (place.region,)) <= set(other.within)


def _words(place: Place) -> str:
    if place.country is None:
        return f"places of {(place.provider + '/' + place.region)[:80]!r} that are not listed"
    part = (place.subdivision or place.country)[:40]
    return f"{part!r} at {(place.provider + '/' + place.region)[:80]!r}" if place.provider else repr(part)
