"""``weightgate policy new``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from weightgate.cli.options import OUTPUT, option
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line, Page, head
from weightgate.cli.paths import check_paths


@click.command()
@click.argument("name", metavar="NAME")
@option("--folder", metavar="DIR", help="Where to make the new folder NAME.  [default: here]")
@OUTPUT
def new(name: str, folder: str | None, output: tuple[str, ...]) -> int:
    """Start a pack of your own, from a template that explains itself.

    Writes NAME/pack.yaml, NAME/tests/cases.yaml and NAME/README.md. Nothing is written over.
    """
    outputs = parse_outputs(output)
    from weightgate.policy.new import FILES, new_pack

    where = Path(folder or ".")
    check_paths([o.path for o in outputs], read=[str(where / name / file) for file in FILES])
    made = str(new_pack(name, where, datetime.now(UTC).date().isoformat()))
    # Without a slash in it, a path would be taken for the name of a shipped pack.
    pack = made if "/" in made else f"./{made}"
    files = [f"{pack}/{file}" for file in FILES]
    data = {"schema": "weightgate/policy-new/v1", "name": name, "pack": pack, "files": files}
    emit(outputs, lambda: data, lambda: _page(pack, files))
    return 0


def _page(pack: str, files: list[str]) -> Page:
    steps = (
        f"edit {pack}/pack.yaml: sources, lists and rules of your own, with a case for each",
        f"weightgate policy lint {pack}",
        f"weightgate policy test {pack}",
        f"weightgate policy prove {pack}",
        f"weightgate check MODEL --to DEST --policy {pack}",
    )
    rows = [Line("Written", style="bold"), *(Line(file, 2) for file in files)]
    return [*rows, *head("Next"), *(Line(step, 2) for step in steps)]
