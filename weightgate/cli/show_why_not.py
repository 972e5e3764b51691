"""What keeps a decision from a verdict, in words, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from weightgate.cli.page import Line, Page, head
from weightgate.cli.show_decision import title_of
from weightgate.cli.show_open import flip_lines
from weightgate.cli.show_reasons import words

Row = Mapping[str, Any]


def why_not_page(decision: Row, against: Row) -> Page:
    """The page about what keeps a decision, given as JSON, from a verdict.

    Args:
        decision: The decision.
        against: As :func:`weightgate.api.why_not` gives it.
    """
    return [Line(title_of(decision), style="bold"), *why_not_lines(against, open_facts(decision, against))]


def open_facts(decision: Row, against: Row) -> list[str]:
    """The facts to state where the verdict asked about is possible already; else none."""
    possible = decision["verdict"] == "indeterminate" and against["verdict"] in decision["possible"]
    return [entry["fact"] for entry in decision["missing"]] if possible else []


def why_not_lines(against: Row, unknown: Sequence[str] = ()) -> Iterator[Line]:
    """The answer without its first line.

    Args:
        against: As for :func:`why_not_page`.
        unknown: As :func:`open_facts` gives them.
    """
    asked = words(against["verdict"])
    if against["already"]:
        yield Line(f"The verdict is {asked} already.")
        return
    if unknown:
        yield Line(f"Nothing has to change: {asked} is possible already. State {', '.join(unknown)}.")
    yield from head(f"What stands in the way of {asked}")
    yield from (line for row in against["in_the_way"] for line in _in_the_way(row))
    if not against["in_the_way"]:
        yield Line("no rule: none of those that apply is stricter", 2)
    if against["kept"]:
        yield from head(f"Rules that could bring about {asked}, and what kept them from applying")
        yield from (line for row in against["kept"] for line in _kept(row))
    if unknown and not against["flips"]:
        return
    yield from head(f"What would lead to {asked}")
    yield from flip_lines(against["flips"], asked=against["verdict"])
    if not against["flips"]:
        yield Line("no change of up to three things was found", 2)


def _in_the_way(row: Row) -> Iterator[Line]:
    yield Line(f"{possibly(row)}{words(row['verdict'])}: {told(row)}", 2)
    for because in row["because"]:
        says = f", says {because['source']}" if because["source"] else ""
        yield Line(f"because {because['fact']} is {because['value']}{says}", 4)
    for needed in row["exemption"]:
        yield Line(f"its exemption would need {lacking(needed)}", 4)


def _kept(row: Row) -> Iterator[Line]:
    yield Line(f"{possibly(row)}{words(row['verdict'])}: {told(row)}", 2)
    for needed in row["kept_by"]:
        yield Line(f"it would need {lacking(needed)}", 4)


def possibly(row: Row) -> str:
    """``possibly`` before a rule that applies in some worlds only."""
    return "possibly " if row["applies"] == "possibly" else ""


def told(row: Row) -> str:
    """A rule by its title, pack and identifier, with the destinations that it is about."""
    return f"{row['title']} [{row['pack']}/{row['rule']}] (in {', '.join(row['destinations'])})"


def lacking(needed: Row) -> str:
    """A fact that would have to be otherwise."""
    says = f", says {needed['source']}" if needed["source"] else ""
    return f"{needed['fact']} {needed['needed']}; it is {needed['value']}{says}"
