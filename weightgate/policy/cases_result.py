"""How a case of a pack came out: what was found against what it expects, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from weightgate.facts.encode import encode_value
from weightgate.facts.values import Value
from weightgate.policy.cases_file import NO_RULE, Expected, PolicyCase
from weightgate.policy.joint import Settled
from weightgate.policy.reasons import Applied
from weightgate.policy.verdicts import Verdict
from weightgate.policy.verdicts import settle as settle_verdict
from weightgate.records import record


@record
class CaseResult:
    """How one case came out.

    Attributes:
        name: The case.
        file: Its file.
        line: Where it begins in the file.
        rows: Rows of the framework that it demonstrates.
        passed: Whether all that it expects was found.
        found: What was found, in words.
        expected: What it expects, in words.
        problem: Every difference; empty when it passed.
        reasons: One sentence for each rule that applies.
        applies: Rules that certainly apply.
        possibly: Rules that possibly or certainly apply.
    """

    name: str
    file: str
    line: int
    rows: tuple[str, ...]
    passed: bool
    found: str
    expected: str
    problem: str
    reasons: tuple[str, ...]
    applies: tuple[str, ...]
    possibly: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The result as a JSON object."""
        return {
            "name": self.name,
            "file": self.file,
            "line": self.line,
            "rows": list(self.rows),
            "passed": self.passed,
            "found": self.found,
            "expected": self.expected,
            "problem": self.problem or None,
            "reasons": list(self.reasons),
        }

    def __str__(self) -> str:
        """``file:line: name: problem``, with the reasons on lines of their own."""
        head = f"{self.file}:{self.line}: {self.name}: {self.problem or 'passed'}"
        return "\n".join((head, *(f"    {reason}" for reason in self.reasons if not self.passed)))


def judge(case: PolicyCase, settled: Settled, reasons: Sequence[Applied]) -> CaseResult:
    """Compare what was found with what the case expects."""
    verdict = settle_verdict(settled.possible)
    applies = tuple(dict.fromkeys(_rule(one) for one in reasons if one.certain))
    possibly = tuple(dict.fromkeys(map(_rule, reasons)))
    missing = tuple(dict.fromkeys(one.fact for one in settled.missing))
    problems = _differences(case.expected, verdict, settled.possible, applies, possibly, missing)
    return CaseResult(
        name=case.name,
        file=case.file,
        line=case.line,
        rows=case.rows,
        passed=not problems,
        found=_in_words(verdict, settled.possible, missing),
        expected=_in_words(case.expected.verdict, case.expected.possible, case.expected.missing),
        problem="; ".join(problems),
        reasons=tuple(_reason(one) for one in reasons),
        applies=applies,
        possibly=possibly,
    )


def _differences(
    expected: Expected,
    verdict: str,
    possible: tuple[Verdict, ...],
    applies: tuple[str, ...],
    possibly: tuple[str, ...],
    missing: tuple[str, ...],
) -> list[str]:
    problems = []
    if verdict != expected.verdict:
        problems.append(f"found {verdict}, expected {expected.verdict}")
    if expected.possible is not None and possible != expected.possible:
        problems.append(f"possible are {listed(possible)}, expected {listed(expected.possible)}")
    problems += [
        f"rule {rule} does not certainly apply, those that do: {', '.join(applies) or 'none'}"
        for rule in expected.rules
        if rule not in applies
    ]
    problems += [
        f"rule {rule} {'applies' if rule in applies else 'possibly applies'}, expected not to"
        for rule in expected.without
        if rule in possibly
    ]
    if expected.missing is not None and set(missing) != set(expected.missing):
        wanted = ", ".join(expected.missing) or "nothing"
        problems.append(f"missing are {', '.join(missing) or 'nothing'}, expected {wanted}")
    return problems


def _in_words(verdict: str, possible: Sequence[Verdict] | None, missing: Sequence[str] | None) -> str:
    text = verdict
    if possible is not None and len(possible) > 1:
        text += f" ({' or '.join(map(str, possible))})"
    return text + (f", missing {', '.join(missing)}" if missing else "")


def listed(possible: Sequence[Verdict]) -> str:
    """Verdicts in words."""
    return ", ".join(map(str, possible))


def _rule(one: Applied) -> str:
    return one.rule.id if one.rule else NO_RULE


def _reason(one: Applied) -> str:
    how = "applies" if one.certain else "possibly applies"
    lifted = ", lifted by a LICENSE," if one.rule and one.rule.by_licence else ""
    because = ", ".join(f"{fact} is {_value(value)}" for fact, value in one.because)
    return f"{one.verdict}: {_rule(one)}{lifted} {how}" + (f" because {because}" if because else "")


def _value(value: Value) -> str:
    encoded = encode_value(value)
    if set(encoded) == {"value"}:
        plain = encoded["value"]
        return (", ".join(plain) or "empty") if isinstance(plain, list) else str(plain)
    return ", ".join(
        f"{key} {' or '.join(map(str, v)) if isinstance(v, list) else v}" for key, v in encoded.items()
    )
