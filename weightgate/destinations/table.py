"""Checks the region tables in ``policies/regions`` and compiles them for :mod:`weightgate.destinations.regions`.

One file per provider::

    provider: aws
    sources:                      # where rows come from, by a short name
      regions: {url: https://…, date: 2026-11-24, checked: "package and version, or commit"}
    regions:
      - {region: ap-east-1, country: HK, place: Hong Kong, source: regions}
    sets:                         # multi-regions
      - {region: eu, of: [europe-west1, …], place: …, complete: false, source: regions}
      - {region: global, every: public, place: …, complete: false, source: regions}

``partition`` marks a row that is not in the provider's public partition; ``every: public`` means all rows without it.
A row without a source, a date or a country that exists is refused: what cannot be shown is left out of the table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from weightgate.errors import InputError
from weightgate.facts.encode import parse_country, parse_day
from weightgate.facts.registry import PROVIDERS
from weightgate.files.yaml import Document, Path_, read_yaml

_TOP = {"provider", "sources", "regions", "sets"}
_SOURCE = {"url", "date", "checked"}
_REGION = {"region", "country", "place", "source"}
_SET = {"region", "place", "complete", "source"}
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
PARTITIONS = ("china", "finance", "government", "sovereign")


def compile_tables(folder: Path) -> dict[str, Any]:
    """Read every provider's file and return the table that is written to ``_regions.json``.

    Raises:
        InputError: Code ``bad_regions``; the message has every offending row of every file, one a line.
    """
    problems: list[str] = []
    table: dict[str, Any] = {}
    for provider in PROVIDERS:
        path = folder / f"{provider}.yaml"
        try:
            document = read_yaml(path)
        except InputError as error:
            problems.append(str(error))
            continue
        found = list(_problems(document, provider))
        problems += found
        if not found:
            table[provider] = _compile(document.data)
    stray = {p.stem for p in folder.glob("*.yaml")} - set(PROVIDERS)
    problems += [f"{folder}/{name}.yaml: no such provider in the facts table" for name in sorted(stray)]
    if problems:
        raise InputError("\n".join(problems), where=str(folder), code="bad_regions")
    return table


def render(table: dict[str, Any]) -> bytes:
    """The compiled table as the bytes of its file: one line per provider, so that a change shows where it is."""
    lines = [
        f"{json.dumps(name)}:{json.dumps(rows, ensure_ascii=False, separators=(',', ':'))}"
        for name, rows in table.items()
    ]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _compile(data: dict[str, Any]) -> dict[str, Any]:
    order = {key: index for index, key in enumerate(data["sources"])}
    public = [row["region"] for row in data["regions"] if "partition" not in row]
    return {
        "sources": [[s["url"], s["date"], s["checked"]] for s in data["sources"].values()],
        "regions": {r["region"]: [r["country"], r["place"], order[r["source"]]] for r in data["regions"]},
        "sets": {
            s["region"]: [s["place"], order[s["source"]], s["complete"], s.get("of", public)]
            for s in data.get("sets", [])
        },
    }


def _problems(document: Document, provider: str) -> Iterator[str]:
    """Every fault of one file, as ``file:line:column: what is wrong``."""
    data = document.data
    if not isinstance(data, dict) or not {"provider", "sources", "regions"} <= set(data) <= _TOP:
        yield f"{document.where()}: needs provider, sources and regions, and may have sets"
        return
    if data["provider"] != provider:
        yield f"{document.where('provider')}: provider is {data['provider']!r}, needed {provider!r}"
    if not isinstance(data["sources"], dict) or not data["sources"]:
        yield f"{document.where('sources')}: needs at least one source"
        return
    for key, source in data["sources"].items():
        yield from _source_problems(document, key, source)
    seen: set[str] = set()
    for kind in ("regions", "sets"):
        rows = data.get(kind, [])
        if not isinstance(rows, list):
            yield f"{document.where(kind)}: needs a list of rows"
            return
        for index, row in enumerate(rows):
            yield from _row_problems(document, (kind, index), row, seen)


def _source_problems(document: Document, key: str, source: Any) -> Iterator[str]:
    where = document.where("sources", key)
    if not isinstance(source, dict) or set(source) != _SOURCE:
        yield f"{where}: source {key!r} needs url, date and checked"
        return
    if not str(source["url"]).startswith("https://"):
        yield f"{where}: source {key!r} needs an https URL"
    if not isinstance(source["checked"], str) or not source["checked"]:
        yield f"{where}: source {key!r} does not say what it was checked against"
    try:
        parse_day(source["date"], where)
    except InputError as error:
        yield str(error)


def _row_problems(document: Document, path: Path_, row: Any, seen: set[str]) -> Iterator[str]:
    where, needs = document.where(*path), _REGION if path[0] == "regions" else _SET
    if not isinstance(row, dict) or not needs <= set(row):
        missing = ", ".join(sorted(needs - set(row))) if isinstance(row, dict) else ", ".join(sorted(needs))
        yield f"{where}: row without {missing}"
        return
    extra = set(row) - needs - ({"partition"} if path[0] == "regions" else {"of", "every"})
    if extra:
        yield f"{where}: unknown key {min(extra)!r}"
    name = row["region"]
    if not isinstance(name, str) or not _NAME.match(name):
        yield f"{where}: {name!r} is no region name"
        return
    if name in seen:
        yield f"{where}: region {name!r} is there twice"
    if not isinstance(row["place"], str) or not row["place"]:
        yield f"{where}: region {name!r} has no place"
    if str(row["source"]) not in document.data["sources"]:
        yield f"{where}: region {name!r} has no source {row['source']!r}"
    if path[0] == "regions":
        yield from _region_problems(document.where(*path, "country"), row)
    else:
        rows = [r for r in document.data["regions"] if isinstance(r, dict)]
        yield from _set_problems(where, row, [r.get("region") for r in rows])
    seen.add(name)


def _region_problems(where: str, row: dict[str, Any]) -> Iterator[str]:
    if row.get("partition", PARTITIONS[0]) not in PARTITIONS:
        yield f"{where}: partition {row['partition']!r} is none of {', '.join(PARTITIONS)}"
    try:
        if parse_country(row["country"], where) != row["country"]:
            yield f"{where}: country {row['country']!r} is not in upper case"
    except InputError as error:
        yield str(error)


def _set_problems(where: str, row: dict[str, Any], regions: list[Any]) -> Iterator[str]:
    if not isinstance(row["complete"], bool):
        yield f"{where}: complete is {row['complete']!r}, needed true or false"
    if ("of" in row) == ("every" in row):
        yield f"{where}: set {row['region']!r} needs either of or every"
    if "every" in row and (row["every"] != "public" or row["complete"] is True):
        yield f"{where}: every: public is the only such set, and never complete"
    members = row.get("of", [])
    if not isinstance(members, list) or ("of" in row and not members):
        yield f"{where}: of needs a list of regions"
        return
    for member in members:
        if member not in regions:
            yield f"{where}: set {row['region']!r} names {member!r}, which is no region above"
