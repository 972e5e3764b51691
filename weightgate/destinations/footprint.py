"""From what the asker wrote to the places it stands for.

A multi-region is every country it is known to reach; unless its provider publishes the whole list, it also reaches one
country that is not known. Hong Kong stays Hong Kong here: that it counts as China is for a pack to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from weightgate.destinations.names import (
    MAX_NAME,
    UnknownName,
    did_you_mean,
    looks_like_subdivision,
    parse_country_name,
    parse_subdivision,
    unknown_part,
)
from weightgate.destinations.places import Destination, Place, facts_of
from weightgate.destinations.regions import elsewhere, look_up
from weightgate.errors import UsageError
from weightgate.facts.countries import COUNTRIES, SUBDIVISIONS

__all__ = ["Destination", "Place", "UnknownName", "facts_of", "query", "resolve", "resolve_all"]


def resolve(name: str, where: str = "--to") -> Destination:
    """Find the places that a destination stands for.

    Args:
        name: A country (``DE``), a part of one where rules tell parts apart (``UA-43``), or ``provider/region``
            (``aws/ap-east-1``, ``gcp/eu``); in any case, spaces around it ignored.
        where: Place to put into messages.

    Raises:
        UnknownName: Code ``unknown_country``, ``unknown_subdivision``, ``unknown_provider`` or ``unknown_region``;
            ``nearest`` has the known names most like it.
    """
    text = name.strip()
    if not text or len(text) > MAX_NAME:
        what = f"a destination of {len(text)} characters" if text else "an empty destination"
        hint = "write a country such as DE, or a region such as aws/ap-east-1"
        raise UnknownName(what, where=where, hint=hint, code="unknown_country")
    if not text.isascii():
        # Long s, dotless i and the Kelvin sign fold to ASCII letters: nothing is guessed from letters that look alike.
        raise UnknownName(
            f"{text!r} holds letters that no name of a destination has",
            where=where, hint="write ISO 3166-1 alpha-2 codes and providers' own names", code="unknown_country",
        )  # fmt: skip
    if "/" in text:
        return _of_region(text, where)
    if len(text) == 2:
        return _of_country(parse_country_name(text, where))
    # A region without its provider may look like a part of a country, as Linode's us-ord does.
    near = elsewhere(text)
    if near:
        raise UnknownName(
            f"{text!r} names a region and no provider",
            where=where, hint=did_you_mean(near, ""), code="unknown_region", near=near,
        )  # fmt: skip
    if looks_like_subdivision(text):
        return _of_subdivision(parse_subdivision(text, where))
    return _of_country(parse_country_name(text, where))


def resolve_all(names: Iterable[str], where: str = "--to") -> tuple[Destination, ...]:
    """Resolve repeated and comma-separated destinations; keeps their order and drops what was named before.

    Raises:
        UsageError: There is no destination at all.
        UnknownName: As for :func:`resolve`.
    """
    found: dict[str, Destination] = {}
    for listed in names:
        for name in listed.split(","):
            destination = resolve(name, where)
            found.setdefault(destination.name, destination)
    if not found:
        raise UsageError(
            "no destination", where=where, hint="say where it goes: --to DE, or --to aws/ap-east-1"
        )
    return tuple(found.values())


def query(name: str) -> dict[str, Any]:
    """One row of ``region resolve --output json``.

    Returns:
        ``query``, ``provider``, ``region``, ``countries``, ``complete``, ``place``, ``source`` and more; or ``query``,
        ``error`` and ``nearest`` for a name that is not known.
    """
    try:
        found = resolve(name, "")
    except UnknownName as error:
        return {
            "query": name, "error": error.message, "code": error.code, "hint": error.hint,
            "nearest": list(error.nearest),
        }  # fmt: skip
    return {
        "query": name,
        "name": found.name,
        "provider": found.provider or None,
        "region": found.region or None,
        "countries": list(found.countries),
        "subdivision": found.places[0].subdivision or None,
        "complete": found.complete,
        "place": found.place,
        "source": found.source,
        "date": found.date or None,
        "checked": found.checked or None,
    }


def _of_country(code: str) -> Destination:
    source = "user-assigned in ISO 3166-1" if code == "XK" else "ISO 3166-1"
    return Destination(code, (Place(code, unknown_part(code)),), True, source, COUNTRIES[code])


def _of_subdivision(code: str) -> Destination:
    place = Place(code.partition("-")[0], code)
    return Destination(code, (place,), True, "ISO 3166-2", SUBDIVISIONS[code])


def _of_region(text: str, where: str) -> Destination:
    row = look_up(text, where)
    places = [
        Place(country, unknown_part(country), row.provider, row.name, regions)
        for country, regions in row.members
    ]
    if not row.complete:
        places.append(Place(None, None, row.provider, row.name))
    name, source = f"{row.provider}/{row.name}", row.source
    return Destination(name, tuple(places), row.complete, source.url, row.place, source.date, source.checked)
