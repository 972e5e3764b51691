"""Why a verdict came out, in words: the rules that decide it, each told once for all the places where it applies alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from weightgate.cli.page import Line, head
from weightgate.facts.words import value_text

Row = Mapping[str, Any]

COLOURS = {
    "allow": "bold green",
    "allow_with_conditions": "bold green",
    "license_required": "bold yellow",
    "deny": "bold red",
    "indeterminate": "bold magenta",
}
STRICTNESS = {verdict: rank for rank, verdict in enumerate(COLOURS)}


def reason_lines(decision: Row) -> Iterator[Line]:
    """The section that says why.

    Of a definite verdict, the rules that are at least as strict are told, and the others are counted: they did not decide.
    Of an open one, all are told, since each may come to decide.
    """
    yield from head("Why")
    now = decision["verdict"]
    floor = 0 if now == "indeterminate" else STRICTNESS[now]
    told = [r for r in decision["reasons"] if STRICTNESS[r["verdict"]] >= floor]
    said: set[tuple[str, str, str]] = set()
    for group in grouped(told):
        yield from _told(decision, group)
        # A rule that is told twice, of places of which not the same is known, gives its sources once.
        for line in _backing(group[0]):
            key = group[0]["pack"], group[0]["rule"], line.text
            if key not in said:
                said.add(key)
                yield line
    rest = [r for r in decision["reasons"] if STRICTNESS[r["verdict"]] < floor]
    if rest:
        counts = Counter(verdict for _, _, verdict in {(r["pack"], r["rule"], r["verdict"]) for r in rest})
        kinds = ", ".join(f"{counts[v]} {words(v)}" for v in reversed(STRICTNESS) if v in counts)
        rules = "rule that is" if counts.total() == 1 else "rules that are"
        yield Line(f"and {counts.total()} {rules} less strict ({kinds}): --output json has all", 2)


def grouped(reasons: Iterable[Row]) -> list[list[Row]]:
    """Reasons that are one rule's and differ in nothing but where it applies and what is known of the place."""
    groups: list[list[Row]] = []
    for reason in reasons:
        same = next((group for group in groups if _alike(group[0], reason)), None)
        if same is None:
            groups.append([reason])
        else:
            same.append(reason)
    return groups


def _alike(one: Row, other: Row) -> bool:
    return _common(one) == _common(other)


def _common(reason: Row) -> dict[str, Any]:
    """What reasons of one group share: all but their places, and the values and sources of facts about these."""
    because = [
        (b["fact"], None, None) if _of_a_place(b["fact"]) else (b["fact"], b.get("value"), b["source"])
        for b in reason["because"]
    ]
    return {**reason, "destinations": None, "because": because}


def _of_a_place(fact: str) -> bool:
    return fact.startswith("destination.")


def _told(decision: Row, group: Sequence[Row]) -> Iterator[Line]:
    first = group[0]
    possibly = "possibly " if first["applies"] == "possibly" else ""
    rule = f"{first['pack']}/{first['rule']}" if len(decision["packs"]) > 1 else first["rule"]
    text = f"{possibly}{words(first['verdict'])}: {first['title']} [{rule}]{_where(decision, group)}"
    yield Line(text, 2, style="" if possibly else COLOURS[first["verdict"]].removeprefix("bold "))
    for index, because in enumerate(first["because"]):
        values, sources = _said([reason["because"][index] for reason in group])
        says = f", says {sources}" if sources else ""
        yield Line(f"because {because['fact']} is {values}{says}", 4)


def _backing(reason: Row) -> Iterator[Line]:
    """Where a rule stands, and what would help."""
    for cite in reason["cites"]:
        yield Line(f"source: {cite_text(cite)}", 4)
    if reason["review_policy"]:
        yield Line(f"an application is looked at with: {words(reason['review_policy'])}", 4)
    if reason["remedy"]:
        yield Line(f"what would help: {reason['remedy']}", 4)


def _said(because: Sequence[Row]) -> tuple[str, str]:
    """The values of one fact in the reasons of a group, and who says so."""
    values = list(dict.fromkeys(value_text(b.get("value")) for b in because))
    sources = dict.fromkeys(b["source"] for b in because if b["source"])
    return (values[0] if len(values) == 1 else "one of " + ", ".join(values)), ", ".join(sources)


def _where(decision: Row, group: Sequence[Row]) -> str:
    """Where the rule applies alike, unless that is everywhere: of a destination in several countries, in which."""
    countries: dict[str, list[str]] = {}
    for row in decision["destinations"]:
        countries.setdefault(row["name"], []).append(row["country"] or "")
    found: dict[str, set[str]] = {}
    for reason in group:
        known = [b.get("value") for b in reason["because"] if b["fact"] == "destination.country"]
        for name in reason["destinations"]:
            there = countries.get(name, [])
            found.setdefault(name, set()).update(known if known and known[0] in there else there)
    if all(set(there) <= found.get(name, set()) for name, there in countries.items()):
        return ""
    return f" (in {', '.join(_place(name, found[name], countries.get(name, [])) for name in found)})"


def _place(name: str, found: set[str], countries: Sequence[str]) -> str:
    listed = [country or "a place that is not listed" for country in countries if country in found]
    return f"{name} ({', '.join(dict.fromkeys(listed))})" if set(countries) - found else name


def cite_text(cite: Mapping[str, str]) -> str:
    """A place in a source: the source's title, the place and the address."""
    parts = [cite.get("title") or cite.get("source", ""), cite.get("place", ""), cite.get("url", "")]
    return ", ".join(part for part in parts if part)


def words(verdict: str) -> str:
    """A verdict, or another name with underscores, as people write it."""
    return verdict.replace("_", " ")
