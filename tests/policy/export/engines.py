"""The outside engines, asked as the comment at the head of an export says and with nothing else of ours."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cedarpy import Decision, PolicySet, is_authorized_batch

Facts = Mapping[str, Any]
"""Definite facts as JSON has them: a text, a yes or no, a number, a day, or a list of names."""

LEVELS = ("allow", "allow_with_conditions", "license_required")
_KEY = re.compile(r'"([a-z_.]+)": ')
_CUTS = re.compile(r'"([a-z_.]+)\.cell": [^\[]*\[([^\]]*)\]')


def head_of(text: str) -> str:
    """The comment at the head, as running text."""
    rows = []
    for row in text.splitlines():
        if not row.startswith(("//", "#")):
            break
        rows.append(row.lstrip("/#").strip())
    return " ".join(rows)


def given(text: str, facts: Facts) -> dict[str, Any]:
    """What an engine is to be given: the facts asked for, and of a number or a day how many of the listed it reaches."""
    _, _, asked = head_of(text).rpartition("Facts to give:")
    found: dict[str, Any] = {}
    for key in _KEY.findall(asked):
        fact = key.removesuffix(".cell")
        found[key] = facts[fact] if fact == key else reached(facts[fact], dict(_CUTS.findall(asked))[fact])
    return found


def reached(value: Any, listed: str) -> int:
    """How many of the listed numbers or days are at or below a value."""
    cuts = [part.strip() for part in listed.split(",") if part.strip()]
    return bisect_right(cuts, value) if isinstance(value, str) else bisect_right([*map(float, cuts)], value)


def cedar_permits(text: str, contexts: Sequence[Facts]) -> list[list[bool]]:
    """For each context whether each level is permitted, exactly what is in the context being given."""
    requests = [
        {
            "principal": 'Anyone::"anyone"',
            "action": f'Weightgate::Action::"{level}"',
            "resource": 'Anything::"anything"',
            "context": dict(context),
        }
        for context in contexts
        for level in LEVELS
    ]
    results = is_authorized_batch(requests, PolicySet.from_str(text), [])
    assert all(result.decision is not Decision.NoDecision for result in results)
    said = [result.allowed for result in results]
    return [said[i : i + len(LEVELS)] for i in range(0, len(said), len(LEVELS))]


def cedar(text: str, worlds: Sequence[Facts]) -> list[str]:
    """The verdicts of a Cedar policy set."""
    found = []
    for permits in cedar_permits(text, [given(text, facts) for facts in worlds]):
        # Whatever is permitted at one level is so at every stricter one.
        assert permits == sorted(permits), permits
        found.append(LEVELS[permits.index(True)] if any(permits) else "deny")
    return found


def rego_answers(text: str, inputs: Sequence[Facts], query: str = "verdict") -> list[Any]:
    """What a Rego module says, exactly what is in the inputs being given."""
    name = re.search(r"^package (weightgate\.[a-z0-9_]+)$", text, re.MULTILINE)
    assert name is not None
    asked = {"module": text, "inputs": [dict(one) for one in inputs], "query": f"data.{name[1]}.{query}"}
    process = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("rego_process.py"))],
        input=json.dumps(asked, ensure_ascii=False),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return [json.loads(row) for row in process.stdout.splitlines()]


def rego(text: str, worlds: Sequence[Facts]) -> list[str]:
    """The verdicts of a Rego module."""
    return [str(answer) for answer in rego_answers(text, [given(text, facts) for facts in worlds])]


ENGINES = {"cedar": cedar, "rego": rego}
