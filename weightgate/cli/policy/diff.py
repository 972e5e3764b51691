"""``weightgate policy diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from weightgate.cli.options import OUTPUT, Listed, option
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line, Page, head
from weightgate.cli.paths import check_paths
from weightgate.cli.policy.day import day
from weightgate.cli.question import pairs_of
from weightgate.errors import Exit

if TYPE_CHECKING:
    from weightgate.policy.difference import Difference, Side


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@option("--as-of", metavar="DATE", help="Compare them on that day alone.  [default: on every day]")
@option("--known-at", metavar="DATE", help="Both as known that day.  [default: all that is in them]")
@option(
    "--set", "switches", multiple=True, type=Listed("pack.switch=value", ","),
    help="Choose a reading where a pack's text leaves one open; repeatable.",
)  # fmt: skip
@OUTPUT
def diff(
    first: str,
    second: str,
    as_of: str | None,
    known_at: str | None,
    switches: tuple[str, ...],
    output: tuple[str, ...],
) -> int:
    """Compare two packs by meaning: every pair of verdicts that differ, with a smallest example.

    Exit 7 when they differ, 0 when they come to the same verdict on all facts. A and B are packs' names or paths.
    """
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=[first, second])
    asked = day(as_of) if as_of else ""
    known = day(known_at) if known_at else ""
    chosen = pairs_of(switches, "--set", "PACK.SWITCH=READING")
    from weightgate.policy.difference import differences

    sides = _sides((first, second), chosen, known)
    found = differences(*sides, asked)
    names = [f"{side.pack.document.name} {side.pack.document.version}" for side in sides]

    def data() -> dict[str, Any]:
        packs = [
            {"name": s.pack.document.name, "version": s.pack.document.version, "digest": s.pack.source.digest}
            for s in sides
        ]
        return {
            "schema": "weightgate/policy-diff/v1",
            "before": packs[0],
            "after": packs[1],
            "differences": [one.to_json() for one in found],
        }

    emit(outputs, data, lambda: _page(names, found))
    return int(Exit.FINDINGS if found else Exit.OK)


def _sides(names: tuple[str, str], chosen: dict[str, str], known: str) -> tuple[Side, Side]:
    from weightgate.policy.cache import load_compiled
    from weightgate.policy.days import FOREVER
    from weightgate.policy.difference import Side
    from weightgate.policy.pack import Pack
    from weightgate.policy.reading import Reading
    from weightgate.policy.source import find_pack

    packs = [Pack(find_pack(name)) for name in names]
    _known_packs(chosen, [pack.document.name for pack in packs])
    sides = []
    for pack in packs:
        own = {
            s.rpartition(".")[2]: r for s, r in chosen.items() if s.rpartition(".")[0] == pack.document.name
        }
        reading = Reading(known or FOREVER, own)
        sides.append(Side(pack, load_compiled(pack.source).normal(reading)))
    return sides[0], sides[1]


def _known_packs(chosen: dict[str, str], names: list[str]) -> None:
    from weightgate.errors import UsageError

    for switch in chosen:
        if switch.rpartition(".")[0] not in names:
            hint = f"write PACK.SWITCH=READING; compared are {', '.join(names)}"
            raise UsageError(
                f"{switch!r} is a switch of neither pack", where="--set", hint=hint, code="unknown_switch"
            )


def _page(names: list[str], found: list[Difference]) -> Page:
    if not found:
        return [Line(f"{names[0]} and {names[1]} come to the same verdict on all facts", style="bold green")]
    rows = [Line(f"From {names[0]} to {names[1]}:", style="bold")]
    for one in found:
        until = "" if one.to_json()["until"] is None else f" until {one.end}"
        style = "red" if one.direction in ("loosens", "ends") else ""
        rows += head(f"{one.direction}: {_words(one.before)} to {_words(one.after)}, {one.activity}")
        rows[-1] = Line(rows[-1].text, style=f"bold {style}".strip())
        rows.append(Line(f"from {one.start}{until}", 2))
        rows += [
            Line(f"{side}: {', '.join(rules)}", 2)
            for side, rules in zip(("before", "after"), one.rules, strict=True)
            if rules
        ]
        if one.case():
            rows += [Line.as_laid_out(f"  {row}") for row in one.case().splitlines()]
        elif one.example is None:
            rows.append(Line("no example: it needs facts that cannot be together", 2))
    return [*rows, Line(""), Line(f"{len(found)} differences", style="bold")]


def _words(verdict: str) -> str:
    return verdict.replace("_", " ")
