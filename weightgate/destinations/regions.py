"""The table of cloud regions, as compiled from ``policies/regions`` by ``tools/build_regions.py``.

The YAML files are the source of truth; the JSON file beside this module is what a start-up can afford to read.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from weightgate.destinations.names import UnknownName, did_you_mean
from weightgate.facts.registry import PROVIDERS, nearest
from weightgate.files.json import parse_json
from weightgate.records import record

COMPILED = Path(__file__).with_name("_regions.json")
"""The compiled table. Per provider: ``sources`` as [url, date, checked]; ``regions`` by name as
[country, place, source index]; ``sets`` (multi-regions) by name as [place, source index, complete, [region …]]."""


@record
class Source:
    """Where a row comes from.

    Attributes:
        url: The provider's own page that lists the region.
        date: Day on which the row was last checked.
        checked: What was really read, with a version or commit; it says so when that was not the page.
    """

    url: str
    date: str
    checked: str


@record
class Region:
    """One row of the table.

    Attributes:
        provider: One of the facts table's providers.
        name: The provider's own name, in lower case.
        members: (country, regions of the provider that lie there); one for a single region, with no regions named.
        place: City or area, for people.
        complete: Whether the provider publishes that these are all its places. Always so for a single region.
        source: Where the row comes from.
    """

    provider: str
    name: str
    members: tuple[tuple[str, tuple[str, ...]], ...]
    place: str
    complete: bool
    source: Source


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = parse_json(COMPILED.read_bytes(), COMPILED.name)
    return table


def region_names(provider: str) -> tuple[str, ...]:
    """Every region and multi-region of a provider that the table knows, single regions first."""
    rows = _table()[provider]
    return (*rows["regions"], *rows["sets"])


def look_up(text: str, where: str) -> Region:
    """Find ``provider/region``, in any case.

    Raises:
        UnknownName: Code ``unknown_provider`` or ``unknown_region``, with the nearest names.
    """
    provider, _, name = text.lower().partition("/")
    if provider not in PROVIDERS:
        near = tuple(nearest(provider, PROVIDERS))
        raise UnknownName(
            f"unknown provider {provider!r} in {text!r}",
            where=where,
            hint=did_you_mean(near, "known providers: " + ", ".join(PROVIDERS)),
            code="unknown_provider",
            near=near,
        )
    rows = _table()[provider]
    if name in rows["regions"]:
        country, place, source = rows["regions"][name]
        return Region(provider, name, ((country, ()),), place, True, Source(*rows["sources"][source]))
    if name in rows["sets"]:
        place, source, complete, regions = rows["sets"][name]
        members = _by_country(rows["regions"], regions)
        return Region(provider, name, members, place, complete, Source(*rows["sources"][source]))
    raise _unknown_region(provider, name, text, where)


def elsewhere(name: str) -> tuple[str, ...]:
    """``provider/region`` of every provider that has a region of this name."""
    folded = name.lower()
    return tuple(f"{provider}/{folded}" for provider in PROVIDERS if folded in region_names(provider))


def _by_country(rows: dict[str, Any], regions: list[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    countries: dict[str, list[str]] = {}
    for region in regions:
        countries.setdefault(rows[region][0], []).append(region)
    return tuple((country, tuple(names)) for country, names in sorted(countries.items()))


def _unknown_region(provider: str, name: str, text: str, where: str) -> UnknownName:
    near = tuple(f"{provider}/{n}" for n in nearest(name, region_names(provider)))
    if name:
        near = (*elsewhere(name), *near)[:3]
    hint = did_you_mean(near, f"policies/regions/{provider}.yaml lists what is known, with sources")
    message = f"unknown region {name!r} of {provider}" if name else f"{text!r} names no region"
    return UnknownName(message, where=where, hint=hint, code="unknown_region", near=near)
