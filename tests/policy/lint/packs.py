"""A pack in which lint finds nothing, to be changed in one thing at a time."""

from __future__ import annotations

from pathlib import Path

from weightgate.policy.lint import Finding, lint
from weightgate.policy.source import find_pack

HEAD = """\
schema: weightgate/pack/v1
name: sample
version: 1.0.0
title: A sample
summary: A sample.
sources:
  law: {title: The law, published: 2025-01-01}
status:
  - {from: 2025-01-01, status: effective, cite: {source: law, place: section 1}}
default:
  verdict: deny
  title: Nothing allows it
  remedy: Ask.
  cites: [{source: law, place: section 2}]
"""

RULES = """\
rules:
  - id: open
    title: Open weights are free
    activity: host
    when: model.openness == "open"
    verdict: allow
    cites: [{source: law, place: section 5}]
"""

TABLE = """\
tables:
  tier:
    rows:
      - {value: 1, from: 2025-01-01, countries: [DE, US], cite: {source: law, place: list 1}, grade: V}
      - {value: 3, from: 2025-01-01, countries: [CN], cite: {source: law, place: list 2}, grade: V}
    otherwise: {value: 2, cite: {source: law, place: section 3}, grade: V}
"""

VALUES = """\
values:
  limit:
    - {from: 2025-01-01, value: 1.0e25, cite: {source: law, place: section 4}, grade: V}
"""

CLEAN = HEAD + RULES

_OPENNESS = ("open", "restricted", "closed")
_FACTS = "model.special_purpose: {special}, destination.country: {country}, model.training_operations: {operations}"

CASES = "".join(
    f"- name: {activity} {openness} {country} {special}\n  activity: {activity}\n"
    f"  facts: {{model.openness: {openness}, {_FACTS.format(special=special, country=country, operations=operations)}, "
    f"operator.authorizations: []}}\n  expect: deny\n"
    for activity in ("host", "fine_tune")
    for openness in _OPENNESS
    for country, special, operations in (("DE", "true", "1.0e20"), ("CN", "false", "1.0e27"))
)  # fmt: skip
"""Cases in which most simple rules apply once; whether they pass is not for lint to say."""


def rule(
    when: str, verdict: str = "allow", name: str = "second", activity: str = "host", more: str = ""
) -> str:
    """One entry of ``rules``, with what its verdict needs."""
    conditions = f"    conditions: [{{id: keep-{name}, text: Keep to it.}}]\n" if "with" in verdict else ""
    remedy = "    remedy: Ask.\n" if verdict in ("license_required", "deny") and "remedy" not in more else ""
    return (
        f"  - id: {name}\n    title: Rule {name}\n    activity: {activity}\n    when: '{when}'\n"
        f"    verdict: {verdict}\n    cites: [{{source: law, place: section 9}}]\n{conditions}{remedy}{more}"
    )


def linted(folder: Path, text: str, cases: str | None = CASES) -> list[Finding]:
    """What lint finds in a pack with cases beside it."""
    path = folder / "pack.yaml"
    path.write_text(text, encoding="utf-8")
    if cases is not None:
        (folder / "tests").mkdir(exist_ok=True)
        (folder / "tests" / "cases.yaml").write_text(cases, encoding="utf-8")
    return lint(find_pack(str(path)))


def found(folder: Path, text: str, cases: str | None = CASES) -> list[tuple[str, str]]:
    """The same as codes, each with ``line:column``."""
    return [(one.code, ":".join(one.where.split(":")[-2:])) for one in linted(folder, text, cases)]


def only(folder: Path, text: str, cases: str | None = CASES) -> Finding:
    """The one thing that lint finds."""
    (one,) = linted(folder, text, cases)
    return one


def place(text: str, needle: str, nth: int = 1) -> str:
    """``line:column`` of an occurrence of ``needle``."""
    offset = -1
    for _ in range(nth):
        offset = text.index(needle, offset + 1)
    return f"{text.count(chr(10), 0, offset) + 1}:{offset - text.rfind(chr(10), 0, offset)}"
