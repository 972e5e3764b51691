"""``weightgate policy diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from weightgate.cli.options import OUTPUT, Listed, option
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.paths import check_paths
from weightgate.cli.policy.compared import Compared
from weightgate.cli.policy.day import day
from weightgate.cli.question import pairs_of
from weightgate.errors import Exit

if TYPE_CHECKING:
    from weightgate.policy.difference import Side
    from weightgate.policy.pack import Pack


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

    Before that come the parts of the packs that were changed, by name, whether or not they make a difference. Exit 7 when
    verdicts differ, 0 when both come to the same verdict on all facts. A and B are packs' names or paths.
    """
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=[first, second])
    asked = day(as_of) if as_of else ""
    known = day(known_at) if known_at else ""
    chosen = pairs_of(switches, "--set", "PACK.SWITCH=READING")
    from weightgate.policy.changes.document import changes
    from weightgate.policy.difference import differences

    sides = _sides((first, second), chosen, known)
    changed, found = changes(*sides, asked), differences(*sides, asked)
    compared = Compared(sides, asked, known, changed, found)
    emit(outputs, compared.to_json, compared.page)
    return int(Exit.FINDINGS if found else Exit.OK)


def _sides(names: tuple[str, str], chosen: dict[str, str], known: str) -> tuple[Side, Side]:
    from weightgate.policy.cache import load_compiled
    from weightgate.policy.days import FOREVER
    from weightgate.policy.difference import Side
    from weightgate.policy.pack import Pack
    from weightgate.policy.reading import Reading
    from weightgate.policy.source import find_pack

    packs = [Pack(find_pack(name)) for name in names]
    _known_packs(chosen, packs)
    sides = []
    for pack in packs:
        own = {
            s.rpartition(".")[2]: r for s, r in chosen.items() if s.rpartition(".")[0] == pack.document.name
        }
        reading = Reading(known or FOREVER, own)
        sides.append(Side(pack, load_compiled(pack.source).normal(reading)))
    return sides[0], sides[1]


def _known_packs(chosen: dict[str, str], packs: list[Pack]) -> None:
    """Refuse a switch of neither pack.

    Raises:
        UsageError: There is one; the hint has its full name if a pack has one of that name.
    """
    from weightgate.errors import UsageError

    names = list(dict.fromkeys(pack.document.name for pack in packs))
    for switch, reading in chosen.items():
        if switch.rpartition(".")[0] in names:
            continue
        plain = switch.rpartition(".")[2]
        having = dict.fromkeys(p.document.name for p in packs if plain in p.document.switches)
        meant = " or ".join(f"{name}.{plain}={reading}" for name in having)
        hint = f"write {meant or 'PACK.SWITCH=READING; compared are ' + ', '.join(names)}"
        message = f"{switch!r} is a switch of neither pack"
        raise UsageError(message, where="--set", hint=hint, code="unknown_switch")
