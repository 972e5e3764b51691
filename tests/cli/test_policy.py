from __future__ import annotations

import pytest

from tests.cli.shell import Shell
from weightgate.policy.source import find_pack, shipped_packs

PACK = "us-ai-diffusion-draft"

PASSES = """\
- name: weights that are not open stay out of Tier 3
  row: R7
  activity: host
  facts: {model.openness: closed, destination.country: IR}
  expect: {verdict: deny}
"""


def own_pack(shell: Shell, cases: str) -> str:
    """A pack of the user's own, with its cases."""
    text = find_pack(PACK).text.decode()
    shell.write("mine/pack.yaml", text.replace(f"name: {PACK}", "name: mine"))
    shell.write("mine/tests/cases.yaml", cases)
    return "./mine"


def test_list_names_every_shipped_pack_with_version_and_status(shell: Shell) -> None:
    rows = shell.here("policy", "list", "--output", "json").json
    assert [row["name"] for row in rows] == list(shipped_packs())
    text = shell.here("policy", "list").out
    assert f"{PACK} 1.0.0 (superseded): " in text


def test_status_is_that_of_the_day(shell: Shell) -> None:
    days = {"2024-12-31": "not begun", "2025-01-10": "announced", "2025-06-01": "superseded"}
    found = {
        day: row["status"]
        for day in days
        for row in shell.here("policy", "list", "--as-of", day, "--output", "json").json
        if row["name"] == PACK
    }
    assert found == days


def test_show_has_rules_tables_and_sources(shell: Shell) -> None:
    text = shell.here("policy", "show", PACK).out
    data = shell.here("policy", "show", PACK, "--output", "json").json
    assert text.startswith(f"{PACK} 1.0.0: ")
    for rule in data["rules"]:
        assert rule["id"] in text
    assert data["digest"] == find_pack(PACK).digest


def test_test_runs_the_cases_of_all_shipped_packs(shell: Shell) -> None:
    done = shell.here("policy", "test", "--output", "json")
    assert done.code == 0
    assert (done.json["failed"], done.json["untested"]) == (0, [])
    assert done.json["passed"] == len(done.json["cases"]) > 0
    assert shell.here("policy", "test").out.endswith(
        f"{done.json['passed']} of {done.json['passed']} cases passed\n"
    )


def test_a_case_that_fails_is_exit_7_and_says_where_and_why(shell: Shell) -> None:
    name = own_pack(shell, PASSES + PASSES.replace("weights", "more weights").replace("deny", "allow"))
    done = shell.here("policy", "test", name)
    assert done.code == 7
    assert "cases.yaml:" in done.out
    assert "deny" in done.out
    assert "1 of 2 cases passed" in done.out
    data = shell.here("policy", "test", name, "--output", "json")
    assert (data.code, data.json["passed"], data.json["failed"]) == (7, 1, 1)
    assert [case["passed"] for case in data.json["cases"]] == [True, False]


def test_rules_without_a_case_are_named_and_are_findings(shell: Shell) -> None:
    done = shell.here("policy", "test", own_pack(shell, PASSES))
    assert done.code == 7
    assert done.out.startswith("mine\n  1 of 1 cases passed\n  not tested: ")
    told = " ".join(done.out.split())
    assert "rule veu-tier-2: no case makes it apply" in told
    assert "rule veu-tier-2: no case in which it certainly applies" in told
    assert "\n\n\n" not in done.out


def test_a_pack_without_cases_is_no_success(shell: Shell) -> None:
    shell.write("p.yaml", find_pack(PACK).text.decode())
    done = shell.here("policy", "test", "./p.yaml", "--output", "json")
    assert (done.code, done.error["code"]) == (4, "no_cases")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["show", "us-ai-difusion"], "unknown_pack", PACK),
        (["show", "./none.yaml"], "unreadable", "none.yaml"),
        (["show", PACK, "--as-of", "soon"], "bad_date", "soon"),
        (["list", "--as-of", "2025-13-01"], "bad_date", "2025-13-01"),
        (["test", "nothing"], "unknown_pack", "nothing"),
        (["show"], "usage", "PACK"),
    ],
)
def test_what_cannot_be_shown_says_why(shell: Shell, words: list[str], code: str, told: str) -> None:
    done = shell.here("policy", *words, "--output", "json")
    assert (done.code, done.error["code"]) == (4, code)
    assert told in str(done.error)


def test_a_broken_condition_has_file_line_and_column(shell: Shell) -> None:
    text = (
        find_pack(PACK)
        .text.decode()
        .replace('model.base_openness == "open"', 'model.base_openness == "opne"', 1)
    )
    line = next(n for n, row in enumerate(text.splitlines(), 1) if '"opne"' in row)
    shell.write("bad.yaml", text)
    done = shell.here("check", "./m", "--to", "DE", "--policy", "./bad.yaml", "--output", "json")
    assert (done.code, done.error["code"]) == (4, "condition")
    assert done.error["where"].startswith(f"bad.yaml:{line}:")


def test_show_writes_sentences_in_markdown(shell: Shell) -> None:
    done = shell.here("policy", "show", PACK, "--output", "markdown")
    assert done.code == 0
    assert done.out.startswith("# US AI diffusion framework, as reported in January 2025\n")
    assert "- the destination's tier is 3\n" in done.out


def test_show_takes_a_day_of_knowledge(shell: Shell) -> None:
    early = shell.here("policy", "show", PACK, "--as-of", "2026-06-01", "--known-at", "2026-01-01")
    assert "status on 2026-06-01, as known on 2026-01-01: " in early.out
    data = shell.here("policy", "show", PACK, "--known-at", "2026-01-01", "--output", "json").json
    assert data["known_at"] == "2026-01-01"


def test_a_timeline_is_shown_for_the_cases_asked_for(shell: Shell) -> None:
    shell.write("c.yaml", PASSES.replace("IR", "KH").replace("stay out of Tier 3", "in Cambodia"))
    asked = ("policy", "show", PACK, "--timeline", "--cases", "c.yaml")
    text = shell.here(*asked, "--case", "cambodia").out
    assert "from 2025-01-09 until 2026-02-02: deny [closed-weights-tier-3]\n" in text
    data = shell.here(*asked, "--output", "json").json
    assert data["schema"] == "weightgate/policy-timeline/v1"
    (case,) = data["cases"]
    assert [one["from"] for one in case["timeline"]] == ["2025-01-09", "2026-02-03"]
    early = shell.here(*asked, "--known-at", "2026-02-02", "--output", "json").json
    assert [one["verdict"] for one in early["cases"][0]["timeline"]] == ["deny"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--timeline", "--as-of", "2025-06-01"), "usage"),
        (("--case", "x"), "usage"),
        (("--timeline", "--case", "no such case"), "unknown_case"),
        (("--timeline", "--output", "markdown"), "not_available_yet"),
        (("--known-at", "tomorrow"), "bad_date"),
    ],
)
def test_what_show_cannot_do_is_told(shell: Shell, words: tuple[str, ...], code: str) -> None:
    done = shell.here("policy", "show", PACK, *words, "--output", "json=result.json")
    assert done.code == 4
    assert not (shell.folder / "result.json").exists()
    if "markdown" not in words:
        failed = shell.here("policy", "show", PACK, *words, "--output", "json")
        assert failed.json["error"]["code"] == code
