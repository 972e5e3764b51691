"""``policy show --output markdown``: a pack as a page of sentences that a lawyer can read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from weightgate.policy.sentences import Clause, rows, said
from weightgate.policy.show.shown import GRADES, PackShown, ShownRow, ShownRule, ShownStatus

ACTIVITIES = {"host": "hosting", "fine_tune": "fine-tuning", "export_compute": "shipping computing power"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")


def markdown(shown: PackShown, cases: Mapping[str, Sequence[str]] | None = None) -> str:
    """The whole pack as one page.

    Args:
        shown: The pack.
        cases: For each rule, names of the cases that show it; what has none says nothing of cases.
    """
    return "\n".join(_page(shown, cases or {})) + "\n"


def escaped(text: str) -> str:
    """A text in which nothing is markup and which stays on its line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _page(shown: PackShown, cases: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield f"# {escaped(shown.title)}"
    yield ""
    yield escaped(shown.summary)
    yield ""
    known = f", as known on {shown.known_at}" if shown.known_at else ""
    worth = shown.status_then.replace("_", " ")
    yield f"Pack `{shown.name}`, version {shown.version}, as it stands on {shown.as_of}{known}: **{worth}**."
    yield ""
    yield "Of several rules that apply the most restrictive stands."
    yield f"Where none applies: **{_words(shown.default.verdict)}** ({escaped(shown.default.title)})."
    yield from _section("What the text was worth")
    yield from _status(shown.status)
    yield from _switches(shown)
    yield from _section("Rules")
    for rule in shown.rules:
        yield from _rule(rule, cases.get(rule.id, ()))
    yield from _terms(shown)
    yield from _values(shown)
    yield from _tables(shown)
    yield from _invariants(shown)
    yield from _section("Where no rule applies")
    yield f"**{_words(shown.default.verdict).capitalize()}.** {escaped(shown.default.title)}."
    yield from _sources(shown.default)


def _section(title: str) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""


def _status(found: Sequence[ShownStatus]) -> Iterator[str]:
    for one in found:
        known = f" (known on {one.known})" if one.known else ""
        note = f" {escaped(one.note)}" if one.note else ""
        yield f"- From {one.start}{known}: **{one.status.replace('_', ' ')}**. {escaped(one.cite)}.{note}"


def _switches(shown: PackShown) -> Iterator[str]:
    if not shown.switches:
        return
    yield from _section("What the text leaves open")
    for switch in shown.switches:
        yield f"- **{escaped(switch.name.replace('_', ' '))}**: {escaped(switch.title)}"
        for name, says in switch.readings.items():
            default = " (taken unless another is chosen)" if name == switch.default else ""
            yield f"  - *{escaped(name.replace('_', ' '))}*{default}: {escaped(says)}"
        yield f"  - Choose with `--set {shown.name}.{switch.name}=READING`. {_cited(switch.cites)}"
        if switch.note:
            yield f"  - {escaped(switch.note)}"


def _rule(rule: ShownRule, cases: Sequence[str]) -> Iterator[str]:
    yield f"### {rule.id}"
    yield ""
    about = " and ".join(ACTIVITIES[activity] for activity in rule.activities)
    which = f" ({', '.join(map(escaped, rule.rows))})" if rule.rows else ""
    yield f"{escaped(rule.title)}{which}."
    yield ""
    yield f"**{_words(rule.verdict).capitalize()}**, about {about}{_days(rule)}, when"
    yield ""
    yield from _clause(rule.says)
    if rule.spares:
        yield ""
        yield "unless"
        yield ""
        yield from _clause(rule.spares)
    yield ""
    for condition in rule.conditions:
        yield f"- To be kept: {escaped(condition)}"
    if rule.review_policy:
        yield f"- An application is looked at with: {_words(rule.review_policy)}."
    if rule.remedy:
        yield f"- What would help: {escaped(rule.remedy)}"
    yield from _sources(rule)
    if rule.status:
        yield "- Of this rule's own text:"
        yield from (f"  {line}" for line in _status(rule.status))
    if cases:
        yield "- Shown by the cases: " + "; ".join(f"“{escaped(name)}”" for name in cases) + "."
    yield ""


def _clause(clause: Clause | None) -> Iterator[str]:
    if clause is not None:
        for line in rows(clause, lambda depth: "  " * depth + "- "):
            margin, text = line[: len(line) - len(line.lstrip())], line.lstrip()
            yield margin + "- " + _emphasised(text.removeprefix("- "))


def _emphasised(text: str) -> str:
    """A sentence whose names stand in asterisks, and whose other words are no markup."""
    return "*".join(escaped(part) if part.strip() == part else _kept(part) for part in text.split("*"))


def _kept(text: str) -> str:
    left, right = " " * text.startswith(" "), " " * text.endswith(" ")
    return f"{left}{escaped(text)}{right}"


def _terms(shown: PackShown) -> Iterator[str]:
    if shown.terms:
        yield from _section("Terms")
    for name, clause in shown.terms.items():
        yield f"**{escaped(name.replace('_', ' '))}** means"
        yield ""
        yield from _clause(clause)
        yield ""


def _values(shown: PackShown) -> Iterator[str]:
    if shown.values:
        yield from _section("Values")
    for name, found in shown.values.items():
        yield f"**{escaped(name.replace('_', ' '))}**"
        yield ""
        for row in found:
            value = ", ".join(row.value) if isinstance(row.value, list) else said(row.value, row.unit)
            yield from _row(escaped(value), row)
        yield ""


def _tables(shown: PackShown) -> Iterator[str]:
    for name, found in shown.tables.items():
        yield from _section(f"Table: {name}")
        for row in found:
            yield from _row(f"{name.capitalize()} {row.value}: {', '.join(row.countries)}", row)
        yield from _row(
            f"{name.capitalize()} {shown.otherwise[name].value}: every other country", shown.otherwise[name]
        )


def _row(says: str, row: ShownRow) -> Iterator[str]:
    now = "" if row.current else " (not on this day)"
    note = f" {escaped(row.note)}" if row.note else ""
    yield f"- {says}{_days(row)}{now}. {escaped(row.cite)}. Grade {row.grade}: {GRADES[row.grade]}.{note}"


def _days(row: ShownRow | ShownRule) -> str:
    parts = []
    if row.start:
        parts.append(f" from {row.start}" + (f" (known on {row.known})" if row.known else ""))
    if row.until:
        parts.append(f" until {row.until}" + (f" (known on {row.until_known})" if row.until_known else ""))
    return "".join(parts)


def _invariants(shown: PackShown) -> Iterator[str]:
    if shown.invariants:
        yield from _section("What holds whatever the facts")
    for one in shown.invariants:
        given = f", given `{one.given}`" if one.given else ""
        yield f"- {escaped(one.title)} (`{one.id}`: {escaped(one.says)}{given})."


def _sources(rule: ShownRule) -> Iterator[str]:
    yield f"- {_cited(rule.cites)}"


def _cited(cites: Sequence[str]) -> str:
    return "Source: " + "; ".join(map(escaped, cites)) + "."


def _words(name: str) -> str:
    return name.replace("license", "licence").replace("_", " ")
