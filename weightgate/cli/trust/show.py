"""``weightgate trust show``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weightgate.cli.options import OUTPUT, option
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line, Page, listed
from weightgate.cli.paths import check_paths

if TYPE_CHECKING:
    from weightgate.attest.trust import Trust
    from weightgate.attest.trust.model import Identity


@click.command()
@click.argument("path", metavar="FILE")
@option("--at", "at", metavar="DATE", help="The day it is about, UTC.  [default: today]")
@OUTPUT
def show(path: str, at: str | None, output: tuple[str, ...]) -> int:
    """Say who may do what under a trust file, and what of it holds on a day."""
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=[path])
    from weightgate.attest.trust import read_trust
    from weightgate.attest.trust.show import to_json

    moment = _noon(at) if at else datetime.now(UTC)
    trust = read_trust(Path(path))
    emit(outputs, lambda: to_json(trust, moment), lambda: _page(trust, moment))
    return 0


def _noon(text: str) -> datetime:
    from weightgate.facts.encode import parse_day

    return datetime.fromisoformat(f"{parse_day(text, '--at')}T12:00:00+00:00")


def _page(trust: Trust, at: datetime) -> Page:
    from weightgate.attest.trust.show import holds, pack_words, sentence, who

    check = trust.check(at)
    stale = check.state != "established"
    page = [Line(check.detail, style="bold red" if stale else "bold")]
    root = trust.root
    signs = "nobody can sign the next version" if root is None else who(root.identities, root.threshold)
    page.append(Line(signs if root is None else f"The next version is signed by {signs}"))
    grants = [
        f"{sentence(grant)} [{grant.place}]{'' if holds(trust, grant, at) else ' (does not hold on that day)'}"
        for grant in trust.all_grants()
    ]
    page += listed("Who may do what", grants)
    page += listed("Who is who", [_identity(trust, one, at) for one in trust.identities.values()])
    page += listed("Packs", [pack_words(rule) for rule in trust.packs.values()])
    ages = [f"{verdict}: at most {days:g} days old" for verdict, days in trust.max_ages.items()]
    page += listed("Age", ages)
    page += listed("Timestamps", [f"by {one.name}" for one in trust.timestamp_authorities])
    return [*page, *listed("Logs", [f"{name}: {key}" for name, key in trust.logs.items()])]


def _identity(trust: Trust, one: Identity, at: datetime) -> str:
    from weightgate.attest.trust.show import about

    start, ends = trust.term(one.name)
    said = f"{one.name}: {about(one)}"
    if one.succeeds is not None:
        said += f"; takes the place of {one.succeeds.identity} from {start} on"
    if ends:
        said += f"; another takes its place on {ends}"
    return said + ("" if trust.acts(one.name, at) else " (does not act on that day)")
