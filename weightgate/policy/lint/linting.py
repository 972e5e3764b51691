"""Everything that lint looks at, in one place."""

from __future__ import annotations

from collections.abc import Iterator

from weightgate.errors import PolicyError
from weightgate.files.codes import Severity
from weightgate.policy.compile import compile_pack
from weightgate.policy.lint.dates import date_findings
from weightgate.policy.lint.document import document_findings
from weightgate.policy.lint.findings import Finding, at, in_order
from weightgate.policy.lint.invariants import invariant_findings
from weightgate.policy.lint.loading import finding_of, load
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
"""Findings of one pack that are listed, gravest first."""

_GRAVEST = tuple(Severity)


def lint(source: PackSource) -> list[Finding]:
    """Everything that is to be said of a pack, by its place; a pack that does not load is said so."""
    pack = load(source)
    found = in_order(pack if isinstance(pack, list) else _findings(pack))
    if len(found) <= MAX_FINDINGS:
        return found
    kept = in_order(sorted(found, key=lambda one: _GRAVEST.index(one.severity))[:MAX_FINDINGS])
    more = f"{len(found) - MAX_FINDINGS} more findings are not listed"
    return [*kept, Finding("not_looked_at", more, kept[-1].where, "mend those that are, and look again")]


def _findings(pack: Pack) -> list[Finding]:
    every, wrong = texts(pack)
    found = [
        *wrong,
        *document_findings(pack),
        *date_findings(pack),
        *invariant_findings(pack),
        *text_findings(pack, every),
    ]
    try:
        found += _diagrams(pack, reached(every, ("rules",)))
    except PolicyError as error:
        found.append(_too_large(pack, error))
    if any(one.code == "diagram_too_large" for one in found):
        return found
    dead = {one.rule for one in found if one.code == "never_true"}
    # Of a rule that never applies, that no case makes it apply is nothing new.
    found += [one for one in case_findings(pack) if one.code != "untested_rule" or one.rule not in dead]
    return found


def _too_large(pack: Pack, error: PolicyError) -> Finding:
    """What it means that a diagram outgrew its bound: lint draws more of them at once than a decision needs."""
    try:
        compile_pack(pack)
    except PolicyError as own:
        return finding_of(own, pack.yaml.where("rules"))
    message = f"the pack can be asked, and lint, which compares all its readings, cannot look at it: {error.message}"
    return at(pack.yaml, "not_looked_at", message, ("rules",))


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
