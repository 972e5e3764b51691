"""Questions about the shipped draft pack, as short as they can be asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from weightgate.decide import Question, decide
from weightgate.decide.decision import Decision
from weightgate.destinations.footprint import resolve
from weightgate.facts.factfile import declare
from weightgate.facts.registry import STANDARDS
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Known, Value
from weightgate.inspect.inspection import Inspection
from weightgate.operators.profile import Authorization, Operator, Standard
from weightgate.policy.source import PackSource, find_pack

DAY = "2026-05-01"
NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
DIGEST = "sha256:" + "ab" * 32
DRAFT = find_pack("us-ai-diffusion-draft")

CLOSED = {"model.openness": "closed"}
OPEN = {"model.openness": "open"}
TUNE = {"model.base_openness": "open", "model.special_purpose": True, "model.finetune_share": 0.26}

ALLOW, CONDITIONS, LICENSE, DENY = "allow", "allow_with_conditions", "license_required", "deny"
UNSETTLED = "indeterminate"


def company(
    country: str | None, *, secure: bool | None = False, held: tuple[Authorization, ...] | None = ()
) -> Operator:
    """An operator with its headquarters and ultimate parent in one country; ``None`` is not stated."""
    attested = tuple(Standard(name, "2025-06-01", "2026-12-31") for name in STANDARDS)
    standards = None if secure is None else attested if secure else ()
    return Operator("Example", country, country, standards, held, source="operator.yaml")


def question(
    to: str | list[str], operator: Operator, activity: str = "host", as_of: str = DAY, **more: Any
) -> Question:
    """A question to the draft pack."""
    names = [to] if isinstance(to, str) else to
    packs = more.pop("packs", (DRAFT,))
    return Question(activity, tuple(resolve(n) for n in names), packs, as_of, operator, **more)


def ask(
    to: str | list[str],
    facts: dict[str, Any],
    operator: Operator | None = None,
    *,
    activity: str = "host",
    as_of: str = DAY,
    found: tuple[Statement, ...] = (),
    digest: str = "",
    **more: Any,
) -> Decision:
    """The decision on a model of which ``facts`` are declared and ``found`` was found."""
    asked = question(to, company("US") if operator is None else operator, activity, as_of, **more)
    return decide(
        asked,
        Inspection("./model", digest=digest, statements=found),
        declare(facts, "facts.yaml", as_of),
        now=NOW,
    )


def said(fact: str, value: Value | str | float | bool, grade: Grade, source: str = "somewhere") -> Statement:
    """One statement."""
    known = Known(value) if isinstance(value, str | float | bool) else value
    return Statement(fact, known, grade, source)


def pack(text: str, name: str = "extra") -> PackSource:
    """A pack of the test's own; ``rules`` is all that ``text`` holds."""
    head = (
        f"schema: weightgate/pack/v1\nname: {name}\nversion: 1.0.0\ntitle: A pack\nsummary: A pack.\n"
        "sources: {law: {title: The law}}\n"
        "status: [{from: 2025-01-01, status: effective, cite: {source: law, place: all}}]\n"
        "default: {verdict: allow, title: Nothing forbids it, cites: [{source: law, place: all}]}\n"
    )
    return PackSource(f"{name}.yaml", f"{name}.yaml", (head + text).encode())


def rule(when: str, verdict: str = "deny", more: str = "", name: str = "only") -> str:
    """``rules`` with one rule about hosting."""
    return (
        f"rules:\n  - id: {name}\n    title: Rule {name}\n    activity: host\n    when: '{when}'\n"
        f"    verdict: {verdict}\n    cites: [{{source: law, place: one}}]\n{more}"
    )
