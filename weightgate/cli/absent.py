"""Commands that the contract names and this version does not have."""

from __future__ import annotations

from typing import Any, NoReturn

import click

from weightgate.errors import NotAvailableYet


def absent(name: str, path: str) -> click.Command:
    """A command that takes any words and answers "not available yet" (exit 4).

    Args:
        name: Its name.
        path: Its name with those of the groups above it.
    """

    def refuse(**_: Any) -> NoReturn:
        raise NotAvailableYet(path)

    settings = {"ignore_unknown_options": True, "allow_extra_args": True}
    words = click.Argument(["words"], nargs=-1, type=click.UNPROCESSED)
    return click.Command(
        name, callback=refuse, params=[words], context_settings=settings, help="Not available yet.",
        short_help="Not available yet.",
    )  # fmt: skip
