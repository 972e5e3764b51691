"""What both languages need: texts of a pack written so that they stay texts, and the page at the head of an export."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from weightgate.facts.encode import CASELESS
from weightgate.facts.registry import FACTS, Kind
from weightgate.policy.export.exported import Exported, ExportedRule, Input

WIDTH = 108
NAMES_IN_ROW = 12
"""A longer list of names, such as countries, goes over several rows."""


def comment(mark: str, text: str, indent: str = "") -> list[str]:
    """A text as comment lines: no character of it can end the comment or reorder what is read.

    Args:
        mark: What begins a comment.
        text: The text, of whatever hand; its own line ends become ours.
        indent: What stands before each line's text.
    """
    shown = "\n".join("".join(map(_visible, row)) for row in text.splitlines())
    lines = []
    for row in shown.split("\n"):
        wrapped = textwrap.wrap(row, WIDTH - len(indent), break_on_hyphens=False)
        lines += [f"{mark} {indent}{part}".rstrip() for part in wrapped or [""]]
    return lines


def _visible(character: str) -> str:
    return character if character.isprintable() else f"<U+{ord(character):04X}>"


def listed(names: Iterable[str], indent: str) -> str:
    """Literals with commas between them, over several rows when they are many."""
    literals = list(names)
    if len(literals) <= NAMES_IN_ROW:
        return ", ".join(literals)
    rows = [literals[i : i + NAMES_IN_ROW] for i in range(0, len(literals), NAMES_IN_ROW)]
    inner = "".join(f"\n{indent}    {', '.join(row)}," for row in rows)
    return f"{inner.removesuffix(',')}\n{indent}"


def condition_text(rule: ExportedRule) -> str:
    """A rule's condition as the pack has it."""
    unless = rule.rule.rule.unless
    return f"when: {rule.rule.rule.when}" + (f"\nunless: {unless}" if unless is not None else "")


def page(exported: Exported, mark: str, asking: Sequence[str]) -> list[str]:
    """The comment at the head: what this is, how to ask, and what the engine has to be given.

    Args:
        exported: What is exported.
        mark: What begins a comment.
        asking: How to ask, in this language.
    """
    told: list[str] = [
        exported.title,
        "",
        (
            f"The rules about {exported.activity} as they stand on {exported.day}, and for decisions about that day;"
            f" the text's status was then: {exported.status}."
        ),
        *([f"The pack as known on {exported.known_at}."] if exported.known_at else []),
        f"Written by weightgate policy export from the pack with digest {exported.digest}.",
        (
            "A witness and not the decision: the verdict that counts is weightgate's own. Here every fact must be known,"
            " nobody asks how well, there is one destination, no tier is declared, and the text's status does not matter."
        ),
        *(
            f"Where the text leaves it open: {name} is read as {how}."
            for name, how in exported.readings.items()
        ),
        "",
        (
            "The verdict is that of the most restrictive rule that applies, in the order allow, allow_with_conditions,"
            f" license_required, deny; where none applies it is {exported.default}."
        ),
        *asking,
        "",
        "Facts to give:",
    ]
    lines = [line for text in told for line in comment(mark, text)]
    return lines + [line for one in exported.inputs for line in _asked(one, mark)]


def _asked(one: Input, mark: str) -> list[str]:
    if one.cells is None:
        return comment(mark, f'"{one.key}": {_takes(one)}', "  ")
    cuts = ", ".join(map(str, one.cells.cuts))
    text = f'"{one.key}": {FACTS[one.fact].meaning}; how many of these are at or below it: [{cuts}]'
    indices = [f"{cell}: {label}" for cell, label in enumerate(one.cells.labels)]
    return comment(mark, text, "  ") + [line for row in indices for line in comment(mark, row, "    ")]


def _takes(one: Input) -> str:
    meaning = FACTS[one.fact].meaning
    match one.kind:
        case Kind.COUNTRY:
            return f"{meaning}; ISO 3166-1 alpha-2, or XK"
        case Kind.BOOL:
            return f"{meaning}; true or false"
        case Kind.LIST:
            return f"{meaning}; a list of " + (", ".join(one.domain) or "names")
        case _:
            names = ", ".join(f'"{name}"' for name in one.domain)
            folded = " in lower case" if one.fact in CASELESS else ""
            return f"{meaning}; " + (f"one of {names}" if names else f"text{folded}")
