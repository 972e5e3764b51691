"""``weightgate policy export``."""

from __future__ import annotations

from pathlib import Path

import click

from weightgate.cli.options import option
from weightgate.cli.output import Output, deliver, emit
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths
from weightgate.cli.policy.day import AS_OF, day

LANGUAGES = ("cedar", "rego")


@click.command()
@click.argument("pack", metavar="PACK")
@option("--to", "language", type=click.Choice(LANGUAGES), required=True, help="The language.")
@AS_OF
@option(
    "--activity", default="host", show_default=True, metavar="ACTIVITY",
    help="What is to be done: host, fine_tune or export_compute.",
)  # fmt: skip
@option("-o", "path", metavar="PATH", help="Where it goes.  [default: stdout]")
def export(pack: str, language: str, as_of: str | None, activity: str, path: str | None) -> int:
    """Write a pack's rules for another policy engine: a Cedar policy set, or a Rego module.

    It has the rules about one activity as they stand on one day, and gives weightgate's verdict where every fact is known
    and no tier is declared. Use it as a witness, or to look at a pack with another engine's tools; the verdict that counts
    is weightgate's own, which knows of unknown facts, evidence, several destinations and the law's status.

    Cedar is asked for the actions allow, allow_with_conditions and license_required: the first that is permitted is the
    verdict, and if none is, it is deny. Rego has the verdict at data.weightgate.PACK.verdict. Numbers and days are given
    as the index of their cell, which is how many of the values that rules compare with are at or below: Cedar has no
    floating point, and engines differ in what they make of a number in Rego. The comment at the head of the file names
    every fact to give, and every cell.
    """
    check_paths([path], read=[pack])
    from weightgate.asking import activity_of

    asked, about = day(as_of), activity_of(activity)
    from weightgate.policy.export import LANGUAGES as WRITERS
    from weightgate.policy.export import export as export_pack
    from weightgate.policy.pack import Pack
    from weightgate.policy.source import find_pack

    text = WRITERS[language](export_pack(Pack(find_pack(pack)), asked, about))
    if path is None:
        emit((Output("text"),), dict, lambda: [Line.as_laid_out(row) for row in text.splitlines()])
    else:
        deliver(Path(path), text.encode())
    return 0
