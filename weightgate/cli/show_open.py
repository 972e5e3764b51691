"""What would settle an open decision, what would change a definite one, and where sources disagree, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from weightgate.cli.page import Line, head, listed
from weightgate.cli.show_reasons import COLOURS, words
from weightgate.facts.words import value_text

Row = Mapping[str, Any]

MAX_SHOWN = 6
"""Most values of a fact that one line tells; JSON has them all."""


def missing_lines(decision: Row) -> Iterator[Line]:
    """What would settle it: of each fact, what each outcome would lead to, outcomes that lead to the same on one line."""
    if not decision["missing"]:
        return
    yield from head("What would settle it")
    for entry in decision["missing"]:
        yield Line(f"{entry['fact']}: {entry['question']}", 2, style="magenta")
        by_possible: dict[tuple[str, ...], list[str]] = {}
        for outcome in entry["outcomes"]:
            by_possible.setdefault(tuple(outcome["possible"]), []).append(outcome["value"])
        for possible, values in by_possible.items():
            yield Line(f"{_either(values)}: {' or '.join(map(words, possible))}", 4)
        yield Line(f"accepted: {entry['would_accept']}", 4)


def _either(values: Sequence[str]) -> str:
    more = f", or {len(values) - MAX_SHOWN} more" if len(values) > MAX_SHOWN else ""
    return ", or ".join(values[:MAX_SHOWN]) + more


def change_lines(decision: Row) -> Iterator[Line]:
    """What would change it, unless nothing worth telling was found."""
    shown = worth_telling(decision)
    if shown:
        yield from head("What would change it")
        yield from flip_lines(shown)


def worth_telling(decision: Row) -> list[Row]:
    """The flips that a person wants to read first; JSON has them all.

    Of an open decision none, since what would settle it is told. Else those that loosen, unless fewer changes lead to
    a verdict at least as loose; and single changes that tighten.
    """
    order = [*COLOURS]
    if decision["verdict"] == order[-1]:
        return []
    now = order.index(decision["verdict"])
    size = [(order.index(flip["verdict"]), len(flip["changes"])) for flip in decision.get("flips", ())]
    return [
        flip
        for flip, (rank, count) in zip(decision.get("flips", ()), size, strict=True)
        if (count == 1 if rank > now else not any(r <= rank and n < count for r, n in size))
    ]


def flip_lines(flips: Sequence[Row], *, asked: str = "") -> Iterator[Line]:
    """The changes that would alter a decision, under each verdict that they lead to; under none if only one was asked for.

    Where several changes have to come together, the first says so.
    """
    by_verdict: dict[str, list[Row]] = {}
    for flip in flips:
        by_verdict.setdefault(flip["verdict"], []).append(flip)
    for verdict, leading in by_verdict.items():
        if verdict != asked:
            yield Line(words(verdict), 2, style=COLOURS.get(verdict, "").removeprefix("bold "))
        for flip in leading:
            for index, change in enumerate(flip["changes"]):
                joined = "and " if index else ""
                text = f"{joined}{change['fact']}: {change['to']} instead of {change['from']}"
                yield Line(text, 6 if index else 4)


def contradiction_lines(decision: Row) -> Iterator[Line]:
    """Facts about which sources disagree, with what each says where the evidence is there."""
    return listed(
        "Contradictions", [f"{c['fact']}: {_sides(decision, c)}" for c in decision["contradictions"]]
    )


def _sides(decision: Row, contradiction: Row) -> str:
    known = decision.get("facts", {})
    fact = known.get(contradiction["fact"]) if isinstance(known, dict) else None
    evidence = fact.get("evidence") if isinstance(fact, dict) else None
    sides = list(contradiction["sources"])
    for entry in evidence if isinstance(evidence, list) else ():
        source = entry.get("source") if isinstance(entry, dict) else None
        if source in sides:
            sides[sides.index(source)] = f"{source} says {value_text(entry.get('says'))}"
    return " against ".join(sides)


def not_asked_lines(decision: Row) -> Iterator[Line]:
    """Packs that were not asked and would, or may, be stricter."""
    asked = decision.get("not_asked", ())
    stricter = [f"{e['pack']}: {words(e['verdict'])}" for e in asked if e["verdict"] != "indeterminate"]
    perhaps = [f"ask with --policy {e['pack']}" for e in asked if e["verdict"] == "indeterminate"]
    yield from listed("Not asked, and stricter", stricter)
    yield from listed("Not asked, and perhaps stricter", perhaps)
