"""Groups that know their commands' names and one-line helps without importing them: every start must be fast."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used.

    Args:
        table: For each name the place of its command, ``module:name``, and its one-line help. A command without a
            place is not available yet.
        path: Words by which the group is called, for that answer.
        settings: As for any group.
    """

    def __init__(
        self, *args: Any, table: Mapping[str, tuple[str, str]], path: str = "weightgate", **settings: Any
    ) -> None:
        super().__init__(*args, **settings)
        self.table = table
        self.path = path

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in self.table:
            return None
        place, _ = self.table[cmd_name]
        if not place:
            from weightgate.cli.absent import absent

            return absent(cmd_name, f"{self.path} {cmd_name}")
        module, name = place.split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self.table.items()])
