"""Everything that lint looks at, in one place."""

from __future__ import annotations

from collections.abc import Iterator

from weightgate.errors import PolicyError
from weightgate.policy.lint.dates import date_findings
from weightgate.policy.lint.document import document_findings
from weightgate.policy.lint.findings import Finding, at, in_order
from weightgate.policy.lint.invariants import invariant_findings
from weightgate.policy.lint.loading import load
from weightgate.policy.lint.rules import Rules
from weightgate.policy.lint.switches import switch_findings
from weightgate.policy.lint.tested import case_findings
from weightgate.policy.lint.texts import reached, text_findings, texts
from weightgate.policy.lint.verdicts import look
from weightgate.policy.lint.views import MAX_LOOKS, looks, views
from weightgate.policy.pack import Pack
from weightgate.policy.source import PackSource
from weightgate.policy.verdicts import VERDICTS

MAX_FINDINGS = 500
"""Findings of one pack that are listed."""


def lint(source: PackSource) -> list[Finding]:
    """Everything that is to be said of a pack, by its place; a pack that does not load is said so."""
    pack = load(source)
    found = in_order(pack if isinstance(pack, list) else list(_findings(pack)))
    if len(found) <= MAX_FINDINGS:
        return found
    more = f"{len(found) - MAX_FINDINGS} more findings are not listed"
    left_out = Finding("not_looked_at", more, source.name, "mend those that are, and look again")
    return [*found[:MAX_FINDINGS], left_out]


def _findings(pack: Pack) -> Iterator[Finding]:
    yield from document_findings(pack)
    yield from date_findings(pack)
    yield from invariant_findings(pack)
    every = texts(pack)
    yield from text_findings(pack, every)
    if not pack.standings:
        return
    try:
        yield from case_findings(pack)
        yield from _diagrams(pack, reached(every, ("rules",)))
    except PolicyError as error:
        yield at(pack.yaml, "diagram_too_large", error.message, ("rules",), hint=error.hint)


def _diagrams(pack: Pack, used: frozenset[str]) -> Iterator[Finding]:
    """What the decision diagrams show, in every reading and on every day.

    Raises:
        PolicyError: The diagrams outgrow their bound.
    """
    if looks(pack) > MAX_LOOKS:
        rules = len(pack.document.rules)
        message = f"{rules} rules, in every reading and on all days, are {looks(pack)} to look at; lint takes {MAX_LOOKS}"
        yield at(pack.yaml, "not_looked_at", message, ("rules",))
        return
    verdicts = {i: VERDICTS[rule.verdict] for i, rule in enumerate(pack.document.rules)}
    looked = look(views(pack), verdicts, VERDICTS[pack.document.default.verdict])
    yield from Rules(pack, looked).findings()
    yield from switch_findings(pack, looked, used)
