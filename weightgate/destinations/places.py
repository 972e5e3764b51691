"""What a destination is: a set of places, each of which is decided on its own."""

from __future__ import annotations

from weightgate.facts.values import Known, Unknown, Value, one_of
from weightgate.records import record


@record
class Place:
    """One place where the weights or chips may end up.

    Attributes:
        country: ISO 3166-1 alpha-2 code, or ``None`` for the places that a provider does not list.
        subdivision: ISO 3166-2 code where a rule tells parts of the country apart; ``None`` if which part is not
            known; empty in every other country.
        provider: Cloud provider; empty for a bare country.
        region: The provider's name of the region or multi-region that was asked for; empty for a bare country.
        within: For a multi-region, its known regions in this country; empty for a single region.
    """

    country: str | None
    subdivision: str | None
    provider: str = ""
    region: str = ""
    within: tuple[str, ...] = ()


@record
class Destination:
    """A destination as it was asked for, and the places it stands for.

    Attributes:
        name: Canonical spelling: ``DE``, ``UA-43`` or ``provider/region``.
        places: At least one place, in a stable order.
        complete: Whether ``places`` are all there are. If not, the last of them has no known country.
        source: Where it can be read that it lies there: a URL, or the standard that defines the code.
        place: City or area, for people.
        date: Day on which the row was last checked, ``YYYY-MM-DD``; empty for a bare country.
        checked: What was really read to check the row, where that is not the page itself.
    """

    name: str
    places: tuple[Place, ...]
    complete: bool
    source: str
    place: str
    date: str = ""
    checked: str = ""

    @property
    def provider(self) -> str:
        """Cloud provider; empty for a bare country."""
        return self.places[0].provider

    @property
    def region(self) -> str:
        """The provider's name of the region; empty for a bare country."""
        return self.places[0].region

    @property
    def countries(self) -> tuple[str, ...]:
        """The known countries, each once, in the order of ``places``."""
        return tuple(dict.fromkeys(p.country for p in self.places if p.country is not None))


def facts_of(place: Place) -> dict[str, Value]:
    """The input facts about a destination that ``place`` settles, by their names in the facts table.

    A multi-region's region is one of its known regions there or itself, so that a rule about either is reached.
    """
    country: Value = Known(place.country) if place.country is not None else Unknown(_unlisted(place))
    subdivision: Value
    if place.subdivision is not None:
        subdivision = Known(place.subdivision)
    elif place.country is None:
        subdivision = Unknown(_unlisted(place))
    else:
        subdivision = Unknown(f"which part of {place.country} is not stated")
    regions = one_of((place.region, *place.within))
    return {
        "destination.country": country,
        "destination.subdivision": subdivision,
        "destination.provider": Known(place.provider),
        "destination.region": Unknown(_unlisted(place)) if place.country is None else regions,
    }


def _unlisted(place: Place) -> str:
    return f"the provider does not list every place of {place.provider}/{place.region}"
