"""``weightgate policy export``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weightgate.cli.options import OUTPUT, Listed, option
from weightgate.cli.output import deliver, emit, parse_outputs
from weightgate.cli.page import Line, Page
from weightgate.cli.paths import check_paths
from weightgate.cli.policy.day import AS_OF, day
from weightgate.cli.question import pairs_of
from weightgate.errors import UsageError

if TYPE_CHECKING:
    from weightgate.policy.pack import Pack
    from weightgate.policy.reading import Reading

LANGUAGES = ("cedar", "rego")


@click.command()
@click.argument("pack", metavar="PACK")
@option("--to", "language", type=click.Choice(LANGUAGES), required=True, help="The language.")
@AS_OF
@option(
    "--activity", default="host", show_default=True, metavar="ACTIVITY",
    help="What is to be done: host, fine_tune or export_compute.",
)  # fmt: skip
@option("--known-at", metavar="DATE", help="The pack as known that day.  [default: all that is in it]")
@option(
    "--set", "switches", multiple=True, type=Listed("pack.switch=value", ","),
    help="Choose a reading where the pack's text leaves one open; repeatable.",
)  # fmt: skip
@option("-o", "path", metavar="PATH", help="Where it goes.  [default: stdout]")
@OUTPUT
def export(
    pack: str,
    language: str,
    as_of: str | None,
    activity: str,
    known_at: str | None,
    switches: tuple[str, ...],
    path: str | None,
    output: tuple[str, ...],
) -> int:
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
    outputs = parse_outputs(output)
    check_paths([path, *(o.path for o in outputs)], read=[pack])
    from weightgate.asking.question import activity_of

    asked, about, known = day(as_of), activity_of(activity), day(known_at) if known_at else ""
    chosen = pairs_of(switches, "--set", "PACK.SWITCH=READING")
    from weightgate.policy.export import LANGUAGES as WRITERS
    from weightgate.policy.export import export as export_pack
    from weightgate.policy.pack import Pack
    from weightgate.policy.source import find_pack

    loaded = Pack(find_pack(pack))
    exported = export_pack(loaded, asked, about, _reading(loaded, chosen, known))
    text = WRITERS[language](exported)
    if path is not None:
        deliver(Path(path), text.encode())

    def data() -> dict[str, Any]:
        found = {"pack": exported.name, "digest": exported.digest, "as_of": asked, "activity": about}
        return {
            "schema": "weightgate/policy-export/v1",
            "language": language,
            **found,
            "path": path,
            "text": text,
        }

    def page() -> Page:
        return (
            [Line.as_laid_out(row) for row in text.splitlines()] if path is None else [Line(f"wrote {path}")]
        )

    emit(outputs, data, page)
    return 0


def _reading(pack: Pack, chosen: dict[str, str], known: str) -> Reading:
    """How the pack is to be read.

    Raises:
        UsageError: A switch of another pack is set.
        PolicyError: The pack has no such switch, or the switch no such reading.
    """
    from weightgate.policy.cache import load_compiled
    from weightgate.policy.days import FOREVER
    from weightgate.policy.reading import Reading

    name = pack.document.name
    own = {switch.removeprefix(f"{name}."): reading for switch, reading in chosen.items()}
    for switch in chosen:
        if not switch.startswith(f"{name}."):
            hint = f"write {name}.SWITCH=READING"
            message = f"{switch!r} is no switch of {name}"
            raise UsageError(message, where="--set", hint=hint, code="unknown_switch")
    reading = Reading(known or FOREVER, own)
    load_compiled(pack.source).normal(reading)
    return reading
