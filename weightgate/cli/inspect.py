"""``weightgate inspect``: what can be learned of a model, with evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from weightgate.cli.options import MODEL_KEY, OUTPUT
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.paths import check_paths
from weightgate.cli.progress import progress

if TYPE_CHECKING:
    from weightgate.cli.page import Page


@click.command()
@click.argument("model", metavar="MODEL")
@MODEL_KEY
@OUTPUT
def inspect(model: str, model_keys: tuple[str, ...], output: tuple[str, ...]) -> int:
    """Show what can be learned of a model: each fact with its grade and evidence. Nothing is decided."""
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=model_keys, model=model)
    from weightgate import api

    with progress("hashing") as bar:
        found = api.inspect(model, model_keys=model_keys, progress=bar).to_json()

    def page() -> Page:
        from weightgate.cli.show_inspection import inspection_page

        return inspection_page(found)

    emit(outputs, lambda: found, page)
    return 0
