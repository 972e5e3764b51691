"""A small pack in a folder of its own, and cases beside it."""

from __future__ import annotations

from pathlib import Path

from weightgate.policy.source import PackSource, find_pack

PACK = """\
schema: weightgate/pack/v1
name: toy
version: 1.2.3
title: A small pack
summary: Open weights go anywhere, others by tier.
sources:
  tests: {title: What these tests say, url: "https://example.org/tests"}
status:
  - {from: 2025-01-01, status: announced, cite: {source: tests, place: begin}}
  - {from: 2026-01-01, status: effective, cite: {source: tests, place: in force}, note: It binds.}
default: {verdict: deny, title: Nothing allows this, cites: [{source: tests, place: default}], remedy: Ask.}
tables:
  tier:
    rows:
      - {value: 1, from: 2025-01-01, countries: [DE, US], cite: {source: tests, place: first}, grade: V}
      - {value: 3, from: 2025-01-01, countries: [CN], cite: {source: tests, place: third}, grade: S}
      - {value: 3, from: 2025-01-01, until: 2025-12-31, countries: [KH], cite: {source: tests, place: gone}, grade: U}
    otherwise: {value: 2, cite: {source: tests, place: second}, grade: M, note: The rest.}
values:
  limit:
    - {from: 2025-01-01, value: 0.25, unit: ratio, cite: {source: tests, place: limit}, grade: U, note: A guess.}
  some:
    - {from: 2025-01-01, until: 2025-12-31, value: [IN], cite: {source: tests, place: some}, grade: V}
    - {from: 2026-01-01, value: [IN, BR], cite: {source: tests, place: some}, grade: V}
define:
  veu: '"UVEU" in operator.authorizations || "NVEU" in operator.authorizations'
rules:
  - id: open
    row: T1
    title: Open weights are free
    activity: [host, fine_tune]
    when: model.openness == "open"
    verdict: allow
    cites: [{source: tests, place: open}]
  - id: tier-1
    row: [T1, T2]
    title: Tier 1 is free to operators of Tier 1 and 2
    activity: host
    when: model.openness != "open" && destination.tier == 1
    unless: operator.tier == 3
    verdict: allow
    cites: [{source: tests, place: tier 1}]
  - id: tier-2
    row: T3
    title: Tier 2 needs a licence
    activity: host
    when: model.openness != "open" && destination.tier == 2 && !veu
    verdict: license_required
    cites: [{source: tests, place: tier 2}]
    remedy: Obtain one.
    review_policy: unstated
  - id: veu-tier-2
    row: T3
    title: Validated end users are free in Tier 2
    activity: host
    when: model.openness != "open" && destination.tier == 2 && veu
    verdict: allow_with_conditions
    conditions: [{id: keep, text: Keep the status.}]
    cites: [{source: tests, place: tier 2}]
  - id: large-fine-tune
    title: A large fine-tune needs a licence
    activity: fine_tune
    from: 2026-01-01
    when: model.finetune_share > values.limit && destination.country in values.some
    verdict: license_required
    cites: [{source: tests, place: fine-tune}]
"""


def toy(folder: Path, text: str = PACK) -> PackSource:
    """The pack, written to a folder and found there."""
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "pack.yaml").write_text(text, encoding="utf-8")
    return find_pack(str(folder / "pack.yaml"))


def cases(folder: Path, text: str, name: str = "cases.yaml") -> Path:
    """A file of cases beside the pack."""
    path = folder / "tests" / name
    path.write_text(text, encoding="utf-8")
    return path


SWITCHES = """\
switches:
  reach:
    title: Does the rule on Tier 2 reach the whole world?
    default: near
    readings: {near: "Tier 2 alone", far: "Tier 3 too"}
    cites: [{source: tests, place: reach}]
"""
FAR = 'destination.tier == 2 || switches.reach == "far" && destination.tier == 3'
READ = (
    PACK.replace("tables:\n", SWITCHES + "tables:\n", 1)
    .replace("destination.tier == 2 && !veu", f"({FAR}) && !veu")
    .replace(
        "value: 3, from: 2025-01-01, countries: [CN]",
        "value: 3, from: 2025-01-01, known: 2025-03-01, countries: [CN]",
    )
)
"""The pack with a switch, and a row that became known later than its first day."""

OWN_STATUS = READ.replace(
    "    verdict: license_required\n    cites: [{source: tests, place: tier 2}]\n",
    "    verdict: license_required\n    cites: [{source: tests, place: tier 2}]\n"
    "    status: [{from: 2025-06-01, status: not_enforced, cite: {source: tests, place: stayed}}]\n",
)
"""The same, with a rule that has a status of its own."""
