"""``weightgate region``: cloud regions and countries."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import click

from weightgate.cli.options import OUTPUT
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line, Page
from weightgate.errors import Exit, UsageError

MAX_NAMES = 100_000


@click.group()
def region() -> None:
    """Look up cloud regions and countries."""


@region.command()
@click.argument("names", metavar="NAME… | -", nargs=-1, required=True)
@OUTPUT
def resolve(names: tuple[str, ...], output: tuple[str, ...]) -> int:
    """Say which places a destination stands for.

    NAME is a country or provider/region; - reads names from stdin, one a line. Exit 4 if any name is not known; all
    answers are printed all the same, in the order of the names.
    """
    outputs = parse_outputs(output)
    asked = tuple(_from_stdin()) if names == ("-",) else names
    from weightgate.destinations.footprint import query

    answers = [query(name) for name in asked]
    emit(outputs, lambda: answers, lambda: [line for answer in answers for line in _lines(answer)])
    return int(Exit.INPUT if any("error" in answer for answer in answers) else Exit.OK)


def _from_stdin() -> Iterator[str]:
    if sys.stdin is None:
        raise UsageError("stdin is closed", where="stdin", hint="name the places, or pipe names into -")
    for count, line in enumerate(sys.stdin.buffer):
        if count >= MAX_NAMES:
            raise UsageError(f"more than {MAX_NAMES} names", where="stdin", hint="ask in several runs")
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def _lines(answer: Mapping[str, Any]) -> Page:
    if "error" in answer:
        near = f"; nearest: {', '.join(answer['nearest'])}" if answer["nearest"] else ""
        return [Line(f"{answer['query']}: error: {answer['error']}{near}", style="red")]
    countries = ", ".join(answer["countries"])
    more = "" if answer["complete"] else ", and places that its provider does not list"
    place = f" ({answer['place']})" if answer["place"] else ""
    return [Line(f"{answer['name']}: {countries}{more}{place}"), Line(f"source: {answer['source']}", 2)]
