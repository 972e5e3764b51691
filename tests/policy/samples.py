"""Small packs as counsel would write them, for tests that change one thing at a time."""

from __future__ import annotations

import re

import pytest

from weightgate.errors import PolicyError
from weightgate.policy.cache import compile_now
from weightgate.policy.compiled import CompiledPack
from weightgate.policy.pack import Pack
from weightgate.policy.source import PackSource

HEAD = """\
schema: weightgate/pack/v1
name: sample
version: 1.0.0
title: A sample
summary: A sample.
sources:
  law: {title: The law}
status:
  - {from: 2025-01-01, status: effective, cite: {source: law, place: section 1}}
default: {verdict: deny, title: Nothing allows it, cites: [{source: law, place: section 2}]}
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
    - {from: 2025-01-01, until: 2025-12-31, value: 1.0e25, cite: {source: law, place: section 4}, grade: V}
    - {from: 2026-01-01, value: 1.0e26, cite: {source: law, place: section 4}, grade: V}
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

PLAIN = HEAD + RULES


def rule(
    when: str, verdict: str = "allow", name: str = "first", activity: str = "host", more: str = ""
) -> str:
    """One entry of ``rules``."""
    conditions = (
        "" if verdict != "allow_with_conditions" else "    conditions: [{id: report, text: Report.}]\n"
    )
    return (
        f"  - id: {name}\n    title: Rule {name}\n    activity: {activity}\n    when: '{when}'\n"
        f"    verdict: {verdict}\n    cites: [{{source: law, place: section 9}}]\n{conditions}{more}"
    )


def rules(*entries: str) -> str:
    """The ``rules`` of a pack."""
    return "rules:\n" + "".join(entries)


def source(text: str, name: str = "sample.yaml") -> PackSource:
    """A pack's text as if it were a file of the user's."""
    return PackSource(name, name, text.encode())


def load(text: str) -> Pack:
    """The pack, checked."""
    return Pack(source(text))


def compiled(text: str) -> CompiledPack:
    """The pack, compiled."""
    return compile_now(source(text))


def refused(text: str) -> PolicyError:
    """The error with which a pack does not load."""
    with pytest.raises(PolicyError) as caught:
        load(text)
    return caught.value


def place_of(text: str, needle: str) -> str:
    """``sample.yaml:LINE:COLUMN`` of the first occurrence of ``needle``."""
    offset = text.index(needle)
    line = text.count("\n", 0, offset) + 1
    return f"sample.yaml:{line}:{offset - text.rfind(chr(10), 0, offset)}"


def named(text: str, name: str) -> str:
    """The same pack under another name."""
    return re.sub(r"^name: .*$", f"name: {name}", text, flags=re.MULTILINE)
