"""What a pack says of a case on every day."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.policy_cases.packs import PACK, toy
from weightgate.cli.main import cli
from weightgate.errors import InputError
from weightgate.policy.days import FOREVER
from weightgate.policy.timeline import Stretch, Timelines, timelines
from weightgate.policy.verdicts import SILENT

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
    whole = over_time(tmp_path, *chosen, pack=pack, cases=cases, known_at=known_at)
    return {one.name: one.stretches for one in whole.cases}


def over_time(
    tmp_path: Path, *chosen: str, pack: str = PACK, cases: str = CASES, known_at: str = ""
) -> Timelines:
    source = toy(tmp_path, pack)
    file = tmp_path / "cases.yaml"
    file.write_text(cases)
    return timelines(source, [file], chosen, known_at)


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


def test_a_case_need_not_say_what_it_expects(tmp_path: Path) -> None:
    bare = "- {name: bare, facts: {model.openness: open, destination.country: IN}}\n"
    (line,) = found(tmp_path, cases=bare).values()
    assert brief(line) == [("2025-01-01", FOREVER, "allow", ("open",))]


def test_what_a_case_expects_is_checked_all_the_same(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        found(tmp_path, cases="- {name: bare, expect: alow}\n")
    assert caught.value.code == "unknown_verdict"


def test_timelines_name_the_pack_and_the_day_on_which_it_became_known(tmp_path: Path) -> None:
    whole = over_time(tmp_path, "cambodia", known_at="2024-12-31")
    assert (whole.pack, whole.version, whole.title) == ("toy", "1.2.3", "A small pack")
    assert whole.first_known == "2025-01-01"
    assert [one.to_json() for one in whole.cases] == [{"name": "closed weights in Cambodia", "timeline": []}]


@pytest.mark.parametrize(("day", "known"), [("", FOREVER), ("2025-12-31", "2025-12-31")])
def test_a_case_says_as_of_when_it_is_known(tmp_path: Path, day: str, known: str) -> None:
    assert {one.known_at for one in over_time(tmp_path, known_at=day).cases} == {known}


class TestTheCommand:
    """``policy show --timeline``, as text and as JSON."""

    def shown(self, tmp_path: Path, *more: str, cases: str = CASES) -> str:
        toy(tmp_path)
        (tmp_path / "cases.yaml").write_text(cases)
        words = [
            "policy",
            "show",
            str(tmp_path / "pack.yaml"),
            "--timeline",
            "--cases",
            str(tmp_path / "cases.yaml"),
            *more,
        ]
        done = CliRunner().invoke(cli, words, standalone_mode=False)
        assert done.exception is None
        return done.stdout

    def test_the_text_begins_with_the_pack(self, tmp_path: Path) -> None:
        lines = self.shown(tmp_path, "--case", "brazil").splitlines()
        assert lines == [
            "toy 1.2.3: A small pack, over time",
            "",
            "a large fine-tune in Brazil",
            "  from 2025-01-01 until 2025-12-31: deny [default]",
            "  from 2026-01-01: license required [large-fine-tune]",
        ]

    def test_a_day_of_knowledge_is_said_once(self, tmp_path: Path) -> None:
        lines = self.shown(tmp_path, "--known-at", "2025-12-31", "--case", "Brazil").splitlines()
        assert lines[0] == "toy 1.2.3: A small pack, over time, as known on 2025-12-31"
        assert lines[2:] == ["a large fine-tune in Brazil", "  from 2025-01-01: deny [default]"]

    def test_that_the_pack_was_not_known_is_said_once(self, tmp_path: Path) -> None:
        assert self.shown(tmp_path, "--known-at", "2024-12-31").splitlines() == [
            "toy 1.2.3: A small pack, over time, as known on 2024-12-31",
            "nothing of this pack was known on 2024-12-31; it first became known on 2025-01-01",
        ]

    def test_a_day_of_knowledge_of_a_case_stands_beside_it(self, tmp_path: Path) -> None:
        early = "- {name: early, known_at: 2024-12-31}\n- {name: late, known_at: 2025-12-31}\n"
        assert self.shown(tmp_path, cases=early).splitlines()[2:] == [
            "early (as known on 2024-12-31)",
            "  nothing of this pack was known on 2024-12-31; it first became known on 2025-01-01",
            "",
            "late (as known on 2025-12-31)",
            "  from 2025-01-01: indeterminate [default]",
        ]

    def test_the_data_has_the_same(self, tmp_path: Path) -> None:
        data = json.loads(self.shown(tmp_path, "--known-at", "2024-12-31", "--output", "json"))
        assert (data["version"], data["known_at"], data["first_known"]) == (
            "1.2.3",
            "2024-12-31",
            "2025-01-01",
        )
        assert [one["timeline"] for one in data["cases"]] == [[], [], []]
