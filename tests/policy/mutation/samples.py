"""A small pack with one of everything that can be mutated, and its cases."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.policy.samples import HEAD, TABLE, load, rule, rules
from weightgate.files.yaml import parse_yaml
from weightgate.policy.cases import vocabulary
from weightgate.policy.cases_file import PolicyCase, read_cases
from weightgate.policy.mutation.mutant import Mutant
from weightgate.policy.mutation.report import mutants
from weightgate.policy.pack import Pack

SWITCHES = """\
switches:
  reach:
    title: Does the limit reach fine-tunes?
    default: narrow
    readings: {narrow: "It does not", wide: "It does"}
    cites: [{source: law, place: section 7}]
"""
VALUES = """\
values:
  limit:
    - {from: 2025-01-01, until: 2025-12-31, value: 1.0e25, cite: {source: law, place: section 4}, grade: V}
    - {from: 2026-01-01, value: 1.0e26, cite: {source: law, place: section 4}, grade: V}
  part:
    - {from: 2025-01-01, value: 1/3, unit: ratio, cite: {source: law, place: section 4}, grade: V}
  friends:
    - {from: 2025-01-01, value: [FR, IT], cite: {source: law, place: section 6}, grade: V}
    - {from: 2026-01-01, value: [JP], cite: {source: law, place: section 6}, grade: V}
  names:
    - {from: 2025-01-01, value: [mit, "apache-2.0"], cite: {source: law, place: section 6}, grade: V}
  released:
    - {from: 2025-01-01, value: "2024-06-01", cite: {source: law, place: section 6}, grade: V}
define:
  small: model.training_operations < values.limit
"""
RULES = rules(
    rule('model.openness == "open" && small', name="open", activity="[host, fine_tune]"),
    rule(
        "destination.tier == 1 && (destination.country in values.friends || !small)",
        "license_required",
        "tier-1",
        more="    unless: '\"NVEU\" in operator.authorizations'\n    until: 2026-06-30\n",
    ),
    rule('model.license in values.names && model.license != "mit"', "allow_with_conditions", "named"),
    rule("model.finetune_share > values.part", "deny", "tune", "fine_tune"),
    rule(
        'switches.reach == "wide" && model.released < values.released',
        "deny",
        "old",
        more="    from: 2025-02-01\n",
    ),
    rule('model.special_purpose ? destination.country in ["KP", "SY"] : small', "allow", "special"),
)
TEXT = HEAD + TABLE + SWITCHES + VALUES + RULES

CASES = """\
- {name: open and small, facts: {model.openness: open, model.training_operations: 1.0e24}, expect: allow_with_conditions}
- name: open, small, and nothing else applies
  facts: {model.openness: open, model.training_operations: 1.0e24, destination.country: CN, model.license: other}
  expect: {verdict: allow, rules: [open]}
- name: a licence in tier 1
  as_of: 2026-01-01
  facts: {model.openness: closed, model.training_operations: 1.0e26, destination.country: DE, operator.authorizations: []}
  expect: {verdict: license_required, rules: [tier-1]}
- name: as known, in the wide reading
  set: {reach: wide}
  facts: {model.released: 2024-05-31}
  expect: deny
- name: a large fine-tune
  activity: fine_tune
  facts: {model.finetune_share: 0.34}
  expect: {verdict: deny, rules: [tune]}
"""


@cache
def sample() -> Pack:
    """The pack."""
    return load(TEXT)


def read(folder: Path, text: str, pack: Pack | None = None) -> list[PolicyCase]:
    """Cases of the pack."""
    path = folder / "cases.yaml"
    path.write_text(text, encoding="utf-8")
    return read_cases([path], vocabulary(pack or sample()))


@cache
def every() -> dict[str, Mutant]:
    """Every mutant of the pack by its identifier."""
    return {mutant.id: mutant for mutant in mutants(sample())}


def line_of(where: str) -> str:
    """The line of the pack that a place names."""
    return TEXT.splitlines()[int(where.split(":")[1]) - 1]


def is_yaml(text: str) -> bool:
    """Whether a text is YAML."""
    return parse_yaml(text, "case").data is not None
