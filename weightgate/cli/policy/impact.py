"""``weightgate policy impact``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weightgate.cli.options import OUTPUT, Listed, option
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line, Page, head
from weightgate.cli.paths import check_paths
from weightgate.cli.policy.day import day
from weightgate.cli.show_reasons import words
from weightgate.errors import Exit, UsageError

if TYPE_CHECKING:
    from weightgate.impact import Impact


@click.command()
@click.argument("decisions", metavar="DECISIONS.jsonl")
@option(
    "--with",
    "packs",
    multiple=True,
    type=Listed("pack", ","),
    help="Ask this pack too, or instead of that of the same name; repeatable.",
)
@option("--without", multiple=True, type=Listed("pack:rule", ","), help="Leave out this rule; repeatable.")
@option("--as-of", metavar="DATE", help="Ask about that day.  [default: each decision's own]")
@option("--status", metavar="MODE", help="as-written or in-force.  [default: each decision's own]")
@OUTPUT
def impact(
    decisions: str,
    packs: tuple[str, ...],
    without: tuple[str, ...],
    as_of: str | None,
    status: str | None,
    output: tuple[str, ...],
) -> int:
    """Decide past decisions again, and list those that would come out otherwise.

    DECISIONS.jsonl holds decisions, one a line, or laid out as check --output json writes them. They are decided again
    from their own inputs, under the packs as they are now and the law as it is known now. A pack that is elsewhere now
    is given by --with. Exit 7 when one changes, or cannot be decided again.
    """
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=[decisions, *packs])
    from weightgate.asking.question import packs_of
    from weightgate.decide import STATUS_MODES
    from weightgate.impact import Changed, read_decisions
    from weightgate.impact import impact as found_by

    if status is not None and status not in STATUS_MODES:
        hint = "one of " + ", ".join(STATUS_MODES)
        raise UsageError(f"no status is called {status!r}", where="--status", hint=hint)
    changed = Changed(packs_of(packs), _rules(without), day(as_of) if as_of else "", status or "")
    found = found_by(read_decisions(Path(decisions)), changed, datetime.now(UTC))
    emit(outputs, found.to_json, lambda: _page(found))
    return int(Exit.FINDINGS if found.changes or found.failed else Exit.OK)


def _rules(asked: tuple[str, ...]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for text in asked:
        pack, colon, rule = text.partition(":")
        if not colon or not pack or not rule:
            raise UsageError(
                f"{text!r} is no PACK:RULE", where="--without", hint="write PACK:RULE", code="bad_without"
            )
        found[pack] = found.get(pack, frozenset()) | {rule}
    return found


def _page(found: Impact) -> Page:
    rows: Page = []
    for one in found.changes:
        style = "red" if one.loosens > 0 else ""
        rules = f" [{', '.join(one.rules)}]" if one.rules else ""
        change = f"{words(one.before)} to {words(one.after)}"
        asked = f"{one.model} in {one.destination} on {one.as_of}"
        rows.append(Line(f"{change}: {asked}{rules} ({one.where})", style=style))
    if found.failed:
        rows += [
            *head("Could not be decided again"),
            *(Line(f"{where}: {error}", 2) for where, error in found.failed),
        ]
    if found.changes:
        rows += [
            *head("In all"),
            *(Line(f"{words(a)} to {words(b)}: {n}", 2) for (a, b), n in found.counts.items()),
        ]
    kept = found.decisions - len({one.where for one in found.changes}) - len(found.failed)
    return [
        *rows,
        *([Line("")] if rows else []),
        Line(f"{kept} of {found.decisions} decisions come out the same", style="bold"),
    ]
