"""What needs the document alone: sources, remedies, grades and identifiers."""

from __future__ import annotations

from collections.abc import Iterator

from weightgate.policy.lint.findings import Finding, Path, at, at_key
from weightgate.policy.pack import Pack
from weightgate.policy.schema import Cite, Dated, Otherwise, PackDocument, Rule, StatusRow

STOPS = ("license_required", "deny")
"""Verdicts that stop somebody, who is told a way out."""

Row = Dated | Rule | StatusRow


def document_findings(pack: Pack) -> Iterator[Finding]:
    """Everything that the document alone shows."""
    yield from _uncited(pack)
    yield from _no_remedy(pack)
    yield from _grades(pack)
    yield from _identifiers(pack)


def cites(document: PackDocument) -> Iterator[Cite]:
    """Every cite of a pack."""
    yield from document.default.cites
    for switch in document.switches.values():
        yield from switch.cites
    for table in document.tables.values():
        yield table.otherwise.cite
    for row, _ in rows(document):
        yield from row.cites if isinstance(row, Rule) else (row.cite,)


def rows(document: PackDocument) -> Iterator[tuple[Row, Path]]:
    """Everything in a pack that begins on some day, with its path."""
    yield from ((row, ("status", i)) for i, row in enumerate(document.status))
    for name, table in document.tables.items():
        yield from ((row, ("tables", name, "rows", i)) for i, row in enumerate(table.rows))
    for value, dated in document.values.items():
        yield from ((row, ("values", value, i)) for i, row in enumerate(dated))
    for i, rule in enumerate(document.rules):
        yield rule, ("rules", i)
        yield from ((row, ("rules", i, "status", j)) for j, row in enumerate(rule.status))


def _uncited(pack: Pack) -> Iterator[Finding]:
    cited = {cite.source for cite in cites(pack.document)}
    for name in pack.document.sources:
        if name not in cited:
            yield at_key(pack.yaml, "uncited_source", f"nothing cites {name}", ("sources", name))


def _no_remedy(pack: Pack) -> Iterator[Finding]:
    default = pack.document.default
    if default.verdict in STOPS and default.remedy is None:
        message = f"the default is {default.verdict} and names no remedy"
        yield at_key(pack.yaml, "no_remedy", message, ("default",))
    for i, rule in enumerate(pack.document.rules):
        if rule.verdict in STOPS and rule.remedy is None:
            message = f"{rule.id} is {rule.verdict} and names no remedy"
            yield at(pack.yaml, "no_remedy", message, ("rules", i, "id"), rule=rule.id)


def _grades(pack: Pack) -> Iterator[Finding]:
    graded: list[tuple[Dated | Otherwise, Path]] = [
        (row, path) for row, path in rows(pack.document) if isinstance(row, Dated)
    ]
    graded += [(t.otherwise, ("tables", name, "otherwise")) for name, t in pack.document.tables.items()]
    for row, path in graded:
        if row.grade == "U" and "strict" not in (row.note or "").lower():
            has = "its note does not say" if row.note else "no note says"
            message = f"of grade U, and {has} which stricter reading is taken"
            yield at(pack.yaml, "unexplained_grade", message, (*path, "grade"))


def _identifiers(pack: Pack) -> Iterator[Finding]:
    """Rules and invariants by their identifiers, and conditions by theirs and their texts."""
    seen: dict[str, tuple[str, str]] = {}
    document = pack.document
    named: list[tuple[str, str, str, Path, str]] = []
    for i, rule in enumerate(document.rules):
        named.append((rule.id, "a rule", "", ("rules", i, "id"), rule.id))
        for j, one in enumerate(rule.conditions):
            where = ("rules", i, "conditions", j, "id")
            named.append((one.id, "a condition", f"{one.text}\n{one.due}", where, rule.id))
    for i, invariant in enumerate(document.invariants):
        named.append((invariant.id, "an invariant", "", ("invariants", i, "id"), ""))
    first: dict[str, Path] = {}
    for name, kind, text, path, rule_id in named:
        if seen.setdefault(name, (kind, text)) != (kind, text):
            other = "another text" if seen[name][0] == kind else f"{seen[name][0]}"
            message = f"{name!r} is {kind} here, and {other} at {pack.yaml.where(*first[name])}"
            yield at(pack.yaml, "same_id", message, path, rule=rule_id)
        first.setdefault(name, path)
