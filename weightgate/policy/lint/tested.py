"""Whether the cases beside a pack make each of its rules apply."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from weightgate.errors import InputError, PolicyError
from weightgate.policy.cases import Readings, case_files, values_of, vocabulary
from weightgate.policy.cases_file import PolicyCase, read_cases
from weightgate.policy.joint import Component
from weightgate.policy.lint.codes import CODES
from weightgate.policy.lint.findings import Finding, at
from weightgate.policy.pack import Pack
from weightgate.policy.reasons import applied
from weightgate.policy.verdicts import VERDICTS


def case_findings(pack: Pack) -> Iterator[Finding]:
    """Rules that certainly apply in none of the cases; one finding when there are no cases, or they do not load."""
    try:
        files = case_files(pack.source)
    except InputError as error:
        yield at(pack.yaml, "no_cases", error.message, (), hint=error.hint)
        return
    try:
        shown = _shown(pack, files)
    except (InputError, PolicyError) as error:
        where = error.where or pack.yaml.where("rules")
        yield Finding("bad_cases", error.message, where, error.hint or CODES["bad_cases"].hint)
        return
    for i, rule in enumerate(pack.document.rules):
        if rule.id not in shown:
            message = f"no case makes {rule.id} certainly apply"
            yield at(pack.yaml, "untested_rule", message, ("rules", i, "id"), rule=rule.id)


def _shown(pack: Pack, files: Sequence[Path]) -> set[str]:
    """The rules that certainly apply in some case. Whether the cases pass is for ``policy test`` to say.

    Raises:
        InputError: A file of cases does not load.
        PolicyError: The pack in the reading of some case outgrows a bound.
    """
    readings = Readings(pack)
    return {rule for case in read_cases(files, vocabulary(pack)) for rule in _applies(pack, readings, case)}


def _applies(pack: Pack, readings: Readings, case: PolicyCase) -> Iterator[str]:
    span = readings.of(case).at(case.as_of)
    rules = span.activities.get(case.activity) if span else None
    if span is None or rules is None:
        return
    component = Component(pack.document.name, 0, rules, values_of(case, span), span.tiers)
    default = {component.pack: VERDICTS[pack.document.default.verdict]}
    for one in applied([component], default):
        if one.certain and one.rule:
            yield one.rule.id
