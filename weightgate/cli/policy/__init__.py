"""``weightgate policy``: everything that can be done with packs; one module for each command."""

from __future__ import annotations

import click

from weightgate.cli.lazy import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("weightgate.cli.policy.listing:list_", "List the shipped packs, and what their text is worth."),
    "show": ("weightgate.cli.policy.show:show", "Show a pack, with where all of it comes from."),
    "new": ("weightgate.cli.policy.new:new", "Start a pack of your own."),
    "lint": ("weightgate.cli.policy.lint:lint", "Find what is wrong with packs."),
    "test": ("weightgate.cli.policy.test:test", "Run the cases beside packs."),
    "prove": ("weightgate.cli.policy.prove:prove", "Prove what packs declare of themselves, for all facts."),
    "diff": ("weightgate.cli.policy.diff:diff", "Compare two packs by meaning."),
    "export": ("weightgate.cli.policy.export:export", "Write a pack for Cedar or Rego."),
    "bundle": ("weightgate.cli.policy.bundle:bundle", "Put a pack and its cases into one file, and sign it."),
    "impact": ("weightgate.cli.policy.impact:impact", "Decide past decisions again."),
}


@click.group(cls=LazyGroup, table=COMMANDS, path="weightgate policy")
def policy() -> None:
    """Read, write, test, prove and compare policy packs."""
