"""Every shipped pack passes its own cases, shows every rule and row, and its cases catch changes of its text."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from weightgate.policy.cache import load_compiled
from weightgate.policy.cases import case_files, run_cases, untested
from weightgate.policy.cases_result import CaseResult
from weightgate.policy.diagram import leaves
from weightgate.policy.source import find_pack, shipped_packs

DRAFT = "us-ai-diffusion-draft"
ROWS = ("R1", "R6", "R7", "R8", "R9", "R10", "R11")


@cache
def results(name: str) -> tuple[CaseResult, ...]:
    """The results of a shipped pack's cases."""
    source = find_pack(name)
    return tuple(run_cases(source, case_files(source)))


def test_the_default_pack_is_shipped() -> None:
    assert DRAFT in shipped_packs()


@pytest.mark.parametrize("name", shipped_packs())
def test_every_case_passes(name: str) -> None:
    failed = [str(result) for result in results(name) if not result.passed]
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("name", shipped_packs())
def test_no_rule_and_no_row_is_without_a_case(name: str) -> None:
    found = [str(one) for one in untested(find_pack(name), results(name))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("row", ROWS)
def test_every_row_is_shown_to_apply_not_to_apply_and_to_be_open(row: str) -> None:
    named = [result for result in results(DRAFT) if row in result.rows]
    verdicts = Counter(result.found.partition(" ")[0] for result in named)
    assert len(named) >= 4
    assert verdicts["indeterminate"] >= 1
    assert len(verdicts) >= 3


@pytest.mark.parametrize("row", ROWS)
def test_the_cases_of_a_row_lie_in_its_file(row: str) -> None:
    files = Counter(
        result.file.rpartition("/")[2].partition("-")[0] for result in results(DRAFT) if row in result.rows
    )
    assert files[f"r{int(row[1:]):02d}"] >= 4


def test_some_row_always_speaks() -> None:
    for span in load_compiled(find_pack(DRAFT)).spans:
        for rules in span.activities.values():
            everything = [variable.cells.everything for variable in rules.variables]
            assert leaves(rules.level, rules.kids, rules.default, everything) == 1


@pytest.mark.parametrize(
    ("row", "was", "becomes"),
    [
        ("r11", "> values.significant_share", ">= values.significant_share"),
        ("r11", "operator.tier >= 2 && model.special_purpose", "operator.tier == 2 && model.special_purpose"),
        ("r11", "operator.tier >= 2 && model.special_purpose &&", "operator.tier >= 2 &&"),
        ("r11", 'model.base_openness == "open" && operator.tier >= 2', "operator.tier >= 2"),
        ("r11", "value: 0.25", "value: 0.24"),
        ("r01", "destination.tier == 1 && operator.tier <= 2", "destination.tier == 1 && operator.tier <= 1"),
        ("r08", "destination.tier <= 2 && operator.tier == 3", "destination.tier <= 1 && operator.tier == 3"),
        ("r01", "SE, TW, US]", "SE, US]"),
        ("r01", "[AU, BE,", "[AT, AU, BE,"),
        ("r06", "until: 2026-02-02", "until: 2026-02-03"),
        ("r06", "until: 2026-02-02", "until: 2026-02-01"),
        ("r06", "until: 2026-05-31", "until: 2026-06-01"),
        ("r06", "until: 2026-05-31", "until: 2026-05-30"),
        ("r06", "countries: [HK]", "countries: [XK]"),
        ("r06", "countries: [MO]", "countries: [MC]"),
        ("r07", "MM, NI, RU,", "MM, NI,"),
        ("r07", "not_open: hosting && !open_weights", 'not_open: hosting && model.openness == "closed"'),
        (
            "r07",
            "destination.tier == 3\n    verdict: deny",
            "destination.tier == 3\n    verdict: license_required",
        ),
        (
            "r08",
            '"supp10-14" in operator.security_standards &&',
            '"supp10-14" in operator.security_standards ||',
        ),
        ("r08", '&&\n    "supp10-18" in operator.security_standards', ""),
        ("r08", 'model.base_openness != "open"\n', 'model.base_openness == "closed"\n'),
        ("r09", '"UVEU" in operator.authorizations || "NVEU"', '"UVEU" in operator.authorizations && "NVEU"'),
        ("r09", "unless: operator.tier == 2 && veu", "unless: veu"),
        ("r09", "unless: operator.tier == 2 && veu", "unless: operator.tier == 2"),
        (
            "r10",
            "when: not_open && destination.tier == 3",
            "when: '!open_weights && destination.tier == 3'",
        ),
    ],
)
def test_a_change_of_the_draft_pack_fails_a_case_of_the_row(row: str, was: str, becomes: str) -> None:
    source = find_pack(DRAFT)
    text = source.text.decode()
    assert was in text
    changed = replace(source, text=text.replace(was, becomes).encode())
    (file,) = (path for path in case_files(source) if path.name.startswith(row))
    assert not all(result.passed for result in run_cases(changed, [file]))
