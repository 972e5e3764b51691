from __future__ import annotations

from pathlib import Path

import pytest

import weightgate.policy.lint
from weightgate.files.codes import Severity
from weightgate.policy.lint import CODES
from weightgate.policy.lint.codes import page

SOURCE = "".join(
    path.read_text(encoding="utf-8") for path in Path(weightgate.policy.lint.__file__).parent.glob("*.py")
)
TESTS = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))

# What a pack that does not load says of itself.
LOADING = ("yaml", "too_large", "policy", "condition", "diagram_too_large")


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_used_documented_and_tested(code: str) -> None:
    assert f'"{code}"' in TESTS
    assert code in LOADING or SOURCE.count(f'"{code}"') > 1
    assert page().count(f"| `{code}` |") == 1


def test_codes_go_from_the_gravest_to_the_mildest() -> None:
    severities = [code.severity for code in CODES.values()]
    assert severities == sorted(severities, key=list(Severity).index)


def test_hints_are_plain_text() -> None:
    for code in CODES.values():
        assert "`" not in code.hint
        assert code.hint[:1].islower() or code.general


def test_what_to_do_in_general_is_no_hint() -> None:
    assert {code.name for code in CODES.values() if not code.hint} == {
        "yaml",
        "pack_schema",
        "policy",
        "condition",
    }
