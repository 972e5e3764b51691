"""Write the documentation pages that are made from code: ``python -m tools.docs``.

With ``--check`` nothing is written; a page that differs from its source is named, and the exit code is 1.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from itertools import groupby

import click

from tools.generated import NOTE, main
from weightgate import errors
from weightgate.errors import Exit, WeightgateError
from weightgate.facts.registry import FACTS, FactSpec, Kind, Loosens
from weightgate.policy.lint.codes import page as lint_page

LOOSENS = {
    Loosens.LOWER: "lower",
    Loosens.HIGHER: "higher",
    Loosens.EITHER: "depends on the rule",
    Loosens.NAME: "a name",
}

EXITS = {
    Exit.OK: "allow or allow with conditions; done; verified",
    Exit.DENY: "deny",
    Exit.LICENSE_REQUIRED: "a licence is required",
    Exit.INDETERMINATE: "indeterminate: a missing fact could change the verdict",
    Exit.INPUT: "usage, configuration, input or policy error",
    Exit.UNREACHABLE: "something could not be read or reached",
    Exit.SIGNATURE: "a signature, trust or binding does not hold",
    Exit.FINDINGS: "findings of lint, test, prove, diff or impact",
    Exit.INTERNAL: "internal error: a defect of weightgate",
}


def row(*cells: str) -> str:
    """One row of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def header(*names: str) -> str:
    """The head of a Markdown table."""
    return row(*names) + row(*("---" for _ in names))


def values(spec: FactSpec) -> str:
    """What a fact may be, for people."""
    match spec.kind:
        case Kind.COUNTRY:
            return "ISO 3166-1 alpha-2, or `XK`"
        case Kind.NUMBER:
            return f"number ({spec.unit})"
        case Kind.TIER:
            return "tier: 1, 2 or 3"
        case Kind.BOOL:
            return "yes or no"
        case Kind.DATE:
            return "UTC day, `YYYY-MM-DD`"
        case Kind.ENUM | Kind.LIST | Kind.TEXT:
            names = [f"`{name}`" if name else "empty" for name in spec.domain]
            shown = ", ".join(names[:8] + ([f"… ({len(names)})"] if len(names) > 8 else []))
            shown += "" if spec.closed or not names else ", and others"
            return {Kind.ENUM: "one of ", Kind.LIST: "list of "}.get(spec.kind, "") + (shown or "text")


def facts_page() -> str:
    """Every fact, from the facts table."""
    text = (
        "# Facts\n\nWhat a decision may depend on. *Loosens* says which way a value makes a verdict less strict: "
        "what a model's own files merely claim may never push it that way. A fact that is not known is unknown, "
        "never zero and never false.\n\n*Changes by* says by which change of the world it could come to be another, which "
        "`flips` may propose: facts with the same words there change together, as one change. A fact without is never "
        "proposed to change: the day and the activity are another question, and what the model, its base and its labels "
        "say stays so. Operations in all only grow: what was spent stays spent. A decision that turns on unknown facts "
        "lists no flips that would only say what those might prove to be: that is what `missing` is for.\n"
    )
    for group, specs in groupby(sorted(FACTS.values(), key=_group), key=_group):
        text += f"\n## {group}\n\n" + header("fact", "values", "loosens", "changes by", "meaning")
        for spec in specs:
            notes = f"; computed from `{'`, `'.join(spec.derived_from)}`" if spec.derived_from else ""
            notes += "; differs between destinations" if spec.per_destination else ""
            change = spec.change + ("; only grows" if spec.only_grows else "")
            text += row(f"`{spec.name}`", values(spec), LOOSENS[spec.loosens], change, spec.meaning + notes)
    return text


def _group(spec: FactSpec) -> str:
    return spec.name.partition(".")[0] if "." in spec.name else "decision"


def exit_page() -> str:
    """Exit codes, and the errors that end with them."""
    text = "# Exit codes\n\nOne meaning each, the same in every command and every output format.\n\n"
    text += header("code", "meaning") + "".join(row(str(int(code)), EXITS[code]) for code in Exit)
    text += "\n## Errors\n\nThe `code` stands in JSON output, beside message, place and hint. "
    text += "Many errors carry a finer code of their own.\n\n"
    text += header("code", "exit", "meaning")
    tree = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, WeightgateError)]
    for error in sorted(tree, key=lambda c: (c.exit, c.code)):
        if error is not WeightgateError:
            text += row(f"`{error.code}`", str(int(error.exit)), (error.__doc__ or "").partition("\n")[0])
    return text


def commands(command: click.Command, context: click.Context) -> Iterator[click.Context]:
    """A command's context and those of all the commands under it."""
    yield context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and child.help:  # one that is not there yet has none
                yield from commands(child, click.Context(child, info_name=name, parent=context))


def cli_page() -> str:
    """The help of every command."""
    module = importlib.import_module("weightgate.cli.main")
    group = next(value for value in vars(module).values() if isinstance(value, click.Group))
    root = click.Context(
        group, info_name="weightgate", terminal_width=100,
        help_option_names=group.context_settings["help_option_names"],
    )  # fmt: skip
    text = "# Commands\n"
    for context in commands(group, root):
        text += f"\n## {context.command_path}\n\n```text\n{context.command.get_help(context).rstrip()}\n```\n"
    return text


def pages() -> dict[str, str]:
    """Every generated page by its file name."""
    made = {"facts.md": facts_page(), "exit-codes.md": exit_page(), "lint.md": lint_page()}
    if importlib.util.find_spec("weightgate.cli.main"):
        made["cli.md"] = cli_page()
    return {name: NOTE.format(tool="docs.py") + text for name, text in made.items()}


if __name__ == "__main__":
    sys.exit(main(pages, __doc__))
