"""What a pack says of a case on every day."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy_cases.packs import PACK, toy
from weightgate.errors import InputError
from weightgate.policy.days import FOREVER
from weightgate.policy.timeline import SILENT, Stretch, timelines

CASES = """\
- name: closed weights in Cambodia
  as_of: 2025-06-01
  activity: host
  facts: {model.openness: closed, destination.country: KH, operator.headquarters: DE, operator.ultimate_parent: DE, operator.authorizations: []}
  expect: deny
- name: a large fine-tune in Brazil
  as_of: 2026-06-01
  activity: fine_tune
  facts: {model.openness: closed, model.finetune_share: 0.5, destination.country: BR, operator.authorizations: []}
  expect: license_required
- name: a fine-tune of unknown size in India
  activity: fine_tune
  facts: {model.openness: open, destination.country: IN, operator.authorizations: []}
  expect: {verdict: indeterminate, missing: [model.finetune_share]}
"""


def found(
    tmp_path: Path, *chosen: str, pack: str = PACK, cases: str = CASES, known_at: str = ""
) -> dict[str, tuple[Stretch, ...]]:
    source = toy(tmp_path, pack)
    file = tmp_path / "cases.yaml"
    file.write_text(cases)
    return dict(timelines(source, [file], chosen, known_at))


def brief(stretches: tuple[Stretch, ...]) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [(one.start, one.end, one.verdict, one.rules) for one in stretches]


def test_a_verdict_is_shown_from_each_day_on_which_it_changes(tmp_path: Path) -> None:
    lines = found(tmp_path)
    assert brief(lines["closed weights in Cambodia"]) == [
        ("2025-01-01", "2025-12-31", "deny", ("default",)),
        ("2026-01-01", FOREVER, "license_required", ("tier-2",)),
    ]
    assert brief(lines["a large fine-tune in Brazil"]) == [
        ("2025-01-01", "2025-12-31", "deny", ("default",)),
        ("2026-01-01", FOREVER, "license_required", ("large-fine-tune",)),
    ]
    assert brief(lines["a fine-tune of unknown size in India"]) == [
        ("2025-01-01", "2025-12-31", "allow", ("open",)),
        ("2026-01-01", FOREVER, "indeterminate", ("large-fine-tune",)),
    ]


def test_days_that_change_nothing_do_not_show(tmp_path: Path) -> None:
    text = CASES.replace("destination.country: KH", "destination.country: DE")
    (line,) = found(tmp_path, "cambodia", cases=text).values()
    assert brief(line) == [("2025-01-01", FOREVER, "allow", ("tier-1",))]


def test_the_day_of_knowledge_may_be_another(tmp_path: Path) -> None:
    (line,) = found(tmp_path, "Cambodia", known_at="2025-12-31").values()
    assert brief(line) == [("2025-01-01", FOREVER, "deny", ("default",))]
    (silent,) = found(tmp_path, "Cambodia", known_at="2024-12-31").values()
    assert silent == ()


def test_a_rule_that_turns_on_the_day_itself_cuts_it(tmp_path: Path) -> None:
    always = PACK.replace(
        "verdict: allow\n    cites: [{source: tests, place: open}]",
        "verdict: deny\n    cites: [{source: tests, place: open}]",
    )
    (line,) = found(
        tmp_path,
        "Cambodia",
        pack=always.replace('when: model.openness == "open"', "when: 'as_of >= \"2027-03-01\"'"),
    ).values()
    assert [one[:3] for one in brief(line)] == [
        ("2025-01-01", "2025-12-31", "deny"), ("2026-01-01", "2027-02-28", "license_required"), ("2027-03-01", FOREVER, "deny"),
    ]  # fmt: skip


def test_in_force_a_case_is_silent_until_the_text_binds(tmp_path: Path) -> None:
    text = CASES.replace("  as_of: 2025-06-01\n", "  as_of: 2026-06-01\n  status: in-force\n", 1)
    (line,) = found(tmp_path, "Cambodia", cases=text).values()
    assert brief(line) == [
        ("2025-01-01", "2025-12-31", SILENT, ()),
        ("2026-01-01", FOREVER, "license_required", ("tier-2",)),
    ]
    assert [one.status for one in line] == ["announced", "effective"]


def test_a_stretch_is_plain_data(tmp_path: Path) -> None:
    (line,) = found(tmp_path, "Cambodia").values()
    assert line[1].to_json() == {
        "from": "2026-01-01", "until": None, "verdict": "license_required", "rules": ["tier-2"], "status": "effective",
    }  # fmt: skip
    assert line[0].to_json()["until"] == "2025-12-31"


def test_cases_are_chosen_by_a_part_of_their_names(tmp_path: Path) -> None:
    assert list(found(tmp_path, "BRAZIL", "india")) == [
        "a large fine-tune in Brazil",
        "a fine-tune of unknown size in India",
    ]
    with pytest.raises(InputError) as caught:
        found(tmp_path, "Atlantis")
    assert caught.value.message == "no case has 'Atlantis' in its name"
    assert caught.value.hint.startswith("there are: closed weights in Cambodia; ")
