"""``policy show --output markdown``: a pack as a page of sentences that a lawyer can read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from weightgate.policy.figures import said
from weightgate.policy.sentences import Clause, countries, rows
from weightgate.policy.show.markup import anchored, cited, code, escaped, sentence, source
from weightgate.policy.show.shown import GRADES, PackShown, ShownRow, ShownRule, ShownStatus

ACTIVITIES = {"host": "hosting", "fine_tune": "fine-tuning", "export_compute": "shipping computing power"}
_SPACE = re.compile(r"\n{3,}")


def markdown(
    shown: PackShown, cases: Mapping[str, Sequence[str]] | None = None, *, last_change: bool = False
) -> str:
    """The whole pack as one page.

    Args:
        shown: The pack.
        cases: For each rule, names of the cases that show it; what has none says nothing of cases.
        last_change: Whether it is shown as of the last day on which something in it changes, which the page then says.
    """
    page = "\n".join(_page(shown, cases or {}, last_change)) + "\n"
    return _SPACE.sub("\n\n", page)


def _page(shown: PackShown, cases: Mapping[str, Sequence[str]], last_change: bool) -> Iterator[str]:
    yield f"# {escaped(shown.title)}"
    yield ""
    if shown.unknown:
        yield f"Pack `{shown.name}`, version {shown.version}: {shown.unknown}."
        return
    yield escaped(shown.summary)
    yield ""
    yield _standing(shown, last_change)
    yield ""
    yield "Of several rules that apply the most restrictive stands."
    yield f"Where none applies: **{_words(shown.default.verdict)}** ({escaped(shown.default.title)})."
    yield from _section("What the text was worth")
    yield from _status(shown.status)
    yield from _switches(shown)
    yield from _terms(shown)
    yield from _rules(shown.rules, cases)
    yield from _values(shown)
    yield from _tables(shown)
    yield from _invariants(shown)
    yield from _section("Where no rule applies")
    yield f"**{_words(shown.default.verdict).capitalize()}.** {escaped(shown.default.title)}."
    yield ""
    yield from _help_and_sources(shown.default)
    yield from _section("Sources")
    yield from (f"- {source(one)}" for one in shown.sources)


def _standing(shown: PackShown, last_change: bool) -> str:
    """The pack's name, the day, and what its text was worth that day."""
    known = f", as known on {shown.known_at}" if shown.known_at else ""
    day = (
        f"shown as of {shown.as_of}, the last day on which something in the pack changes"
        if last_change
        else f"as it stands on {shown.as_of}"
    )
    worth = shown.status_then.replace("_", " ")
    return f"Pack `{shown.name}`, version {shown.version}, {day}{known}: **{worth}**."


def _section(title: str) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""


def _status(found: Sequence[ShownStatus]) -> Iterator[str]:
    for one in found:
        known = f" (known on {one.known})" if one.known else ""
        note = f" {escaped(one.note)}" if one.note else ""
        yield f"- From {one.start}{known}: **{one.status.replace('_', ' ')}**. {cited([one.cite])}.{note}"


def _switches(shown: PackShown) -> Iterator[str]:
    if not shown.switches:
        return
    yield from _section("What the text leaves open")
    for switch in shown.switches:
        name = f"{anchored('switch', switch.name)}**{escaped(switch.name.replace('_', ' '))}**"
        yield f"- {name}: {escaped(switch.title)}"
        for reading, says in switch.readings.items():
            default = " (taken unless another is chosen)" if reading == switch.default else ""
            yield f"  - *{escaped(reading.replace('_', ' '))}*{default}: {escaped(says)}"
        yield f"  - Choose with `--set {shown.name}.{switch.name}=READING`. Source: {cited(switch.cites)}."
        if switch.note:
            yield f"  - {escaped(switch.note)}"


def _rules(rules: Sequence[ShownRule], cases: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield from _section("Rules")
    if any(rule.rows for rule in rules):
        yield "In parentheses after a rule's title: the rows or places of the text that the rule carries."
        yield ""
    for rule in rules:
        yield from _rule(rule, cases.get(rule.id, ()))


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
        yield f"- {_review(rule.review_policy)}"
    yield from _help_and_sources(rule)
    if rule.status:
        yield "- Of this rule's own text:"
        yield from (f"  {line}" for line in _status(rule.status))
    if cases:
        yield "- Shown by the cases: " + "; ".join(f"“{escaped(name)}”" for name in cases) + "."
    yield ""


def _review(policy: str) -> str:
    if policy == "unstated":
        return "How an application is looked at is not stated."
    return f"An application is looked at with: {escaped(policy.replace('_', ' '))}."


def _clause(clause: Clause | None) -> Iterator[str]:
    if clause is not None:
        yield from rows(clause, lambda depth: "  " * depth + "- ", sentence)


def _terms(shown: PackShown) -> Iterator[str]:
    if shown.terms:
        yield from _section("Terms")
    for name, clause in shown.terms.items():
        yield f"{anchored('term', name)}**{escaped(name.replace('_', ' '))}** means"
        yield ""
        yield from _clause(clause)
        yield ""


def _values(shown: PackShown) -> Iterator[str]:
    if shown.values:
        yield from _section("Values")
    for name, found in shown.values.items():
        yield f"{anchored('value', name)}**{escaped(name.replace('_', ' '))}**"
        yield ""
        for row in found:
            yield from _row(escaped(_value(row)), row)
        yield ""


def _value(row: ShownRow) -> str:
    if row.countries:
        return countries(row.countries)
    return ", ".join(map(str, row.value)) if isinstance(row.value, list) else said(row.value, row.unit)


def _tables(shown: PackShown) -> Iterator[str]:
    for name, found in shown.tables.items():
        yield from _section(f"Table: {name}")
        for row in found:
            yield from _row(f"{name.capitalize()} {row.value}: {escaped(countries(row.countries))}", row)
        yield from _row(
            f"{name.capitalize()} {shown.otherwise[name].value}: every other country", shown.otherwise[name]
        )


def _row(says: str, row: ShownRow) -> Iterator[str]:
    now = "" if row.current else " (not on this day)"
    note = f" {escaped(row.note)}" if row.note else ""
    yield f"- {says}{_days(row)}{now}. {cited([row.cite])}. Grade {row.grade}: {GRADES[row.grade]}.{note}"


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
        given = f", given {code(one.given)}" if one.given else ""
        yield f"- {escaped(one.title)} (`{one.id}`: {escaped(one.says)}{given})."


def _help_and_sources(rule: ShownRule) -> Iterator[str]:
    if rule.remedy:
        yield f"- What would help: {escaped(rule.remedy)}"
    yield f"- Source: {cited(rule.cites)}."


def _words(name: str) -> str:
    return name.replace("license", "licence").replace("_", " ")
