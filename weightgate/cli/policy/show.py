"""``weightgate policy show``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weightgate.cli.options import OUTPUT, option
from weightgate.cli.output import Output, emit, parse_outputs
from weightgate.cli.page import Line, Page, head
from weightgate.cli.paths import check_paths
from weightgate.cli.policy.day import AS_OF, day
from weightgate.cli.show_reasons import words
from weightgate.errors import UsageError

if TYPE_CHECKING:
    from weightgate.policy.source import PackSource
    from weightgate.policy.timeline import CaseOverTime, Timelines

MARKDOWN = "markdown"


@click.command()
@click.argument("pack", metavar="PACK")
@AS_OF
@option("--known-at", metavar="DATE", help="The pack as known that day.  [default: all that is in it]")
@click.option("--timeline", is_flag=True, help="What the pack says of its cases over time.")
@option(
    "--case", "chosen", multiple=True, metavar="TEXT", help="With --timeline: cases with TEXT in their names."
)
@option(
    "--cases",
    "files",
    multiple=True,
    metavar="FILE",
    help="With --timeline: cases of your own, not the pack's; expect may be left out.",
)
@OUTPUT
def show(
    pack: str,
    as_of: str | None,
    known_at: str | None,
    *,
    timeline: bool,
    chosen: tuple[str, ...],
    files: tuple[str, ...],
    output: tuple[str, ...],
) -> int:
    """Show a pack: its rules, tables and values, with where all of it comes from.

    As text, as JSON, or with --output markdown in sentences. With --timeline, show instead what the pack says of
    cases, and from which days that changes.
    """
    outputs = parse_outputs(output, also=() if timeline else (MARKDOWN,))
    check_paths([o.path for o in outputs], read=[pack, *files])
    known = day(known_at) if known_at else ""
    from weightgate.policy.source import find_pack

    source = find_pack(pack)
    if timeline:
        if as_of:
            raise UsageError("--timeline is about every day", where="--as-of", hint="leave --as-of out")
        return _timeline(source, tuple(map(Path, files)), chosen, known, outputs)
    if chosen or files:
        raise UsageError("--case and --cases choose what --timeline shows", hint="add --timeline")
    from weightgate.policy.show import show as show_pack
    from weightgate.policy.show.markdown import markdown
    from weightgate.policy.show.text import text

    shown = show_pack(source, day(as_of), known)
    emit(
        outputs,
        shown.to_json,
        lambda: [Line.as_laid_out(row) for row in text(shown).splitlines()],
        others={MARKDOWN: lambda: markdown(shown)},
    )
    return 0


def _timeline(
    source: PackSource,
    files: tuple[Path, ...],
    chosen: tuple[str, ...],
    known: str,
    outputs: tuple[Output, ...],
) -> int:
    from weightgate.policy.cases import case_files
    from weightgate.policy.timeline import timelines

    found = timelines(source, files or case_files(source), chosen, known)

    def data() -> dict[str, Any]:
        return {
            "schema": "weightgate/policy-timeline/v1",
            "pack": source.name,
            "version": found.version,
            "known_at": known or None,
            "first_known": found.first_known,
            "cases": [one.to_json() for one in found.cases],
        }

    emit(outputs, data, lambda: _page(found, known))
    return 0


def _page(found: Timelines, known: str) -> Page:
    from weightgate.policy.show.shown import not_known

    as_known = f", as known on {known}" if known else ""
    title = Line(f"{found.pack} {found.version}: {found.title}, over time{as_known}", style="bold")
    unknown = not_known(known, found.first_known)
    if unknown:
        return [title, Line(unknown)]
    return [title, *(line for one in found.cases for line in _case(one, known, found.first_known))]


def _case(case: CaseOverTime, known: str, first_known: str) -> Page:
    from weightgate.policy.days import FOREVER
    from weightgate.policy.show.shown import not_known

    own = f" (as known on {case.known_at})" if not known and case.known_at < FOREVER else ""
    rows = []
    for one in case.stretches:
        until = "" if one.to_json()["until"] is None else f" until {one.end}"
        rules = f" [{', '.join(one.rules)}]" if one.rules else ""
        rows.append(Line(f"from {one.start}{until}: {words(one.verdict)}{rules}", 2))
    return [*head(case.name + own), *(rows or [Line(not_known(case.known_at, first_known), 2)])]
