"""``policy diff`` and ``policy impact`` as commands."""

from __future__ import annotations

import pytest

from tests.cli.shell import Shell
from tests.policy.samples import HEAD, rule, rules
from weightgate.policy.source import find_pack

PACK = "us-ai-diffusion-draft"
EAR = "us-ear-ai-diffusion-2025"


def edited(shell: Shell, old: str, new: str) -> str:
    """The draft pack with one thing changed."""
    text = find_pack(PACK).text.decode()
    assert old in text
    shell.write("mine/pack.yaml", text.replace(old, new))
    return "./mine"


def test_the_same_meaning_is_exit_0(shell: Shell) -> None:
    mine = edited(shell, "title: Open weights are exempt", "title: Open weights are free")
    done = shell.here("policy", "diff", PACK, mine)
    assert done.code == 0
    assert done.out.endswith("come to the same verdict on all facts\n")
    assert shell.here("policy", "diff", PACK, mine, "--output", "json").json["differences"] == []


def test_differences_are_exit_7_with_examples_that_test_takes(shell: Shell) -> None:
    mine = edited(
        shell, "destination.tier == 1 && operator.tier <= 2", "destination.tier <= 2 && operator.tier == 1"
    )
    done = shell.here("policy", "diff", PACK, mine, "--output", "json")
    assert done.code == 7
    data = done.json
    assert data["schema"] == "weightgate/policy-diff/v1"
    assert (data["before"]["name"], data["after"]["name"]) == (PACK, PACK)
    assert {one["direction"] for one in data["differences"]} <= {"loosens", "tightens"}
    cases = [one["case"] for one in data["differences"] if one["case"]]
    shell.write("mine/tests/cases.yaml", "".join(cases))
    tested = shell.here("policy", "test", mine, "--output", "json").json
    assert (tested["failed"], tested["passed"]) == (0, len(cases))
    text = shell.here("policy", "diff", PACK, mine).out
    assert f"{len(data['differences'])} differences\n" in text


def test_one_day_alone_may_be_compared(shell: Shell) -> None:
    mine = edited(shell, "until: 2026-02-02", "until: 2026-03-02")
    assert shell.here("policy", "diff", PACK, mine, "--as-of", "2026-02-02").code == 0
    day = shell.here("policy", "diff", PACK, mine, "--as-of", "2026-02-03")
    assert day.code == 7
    assert "tightens: " in day.out


def test_readings_are_compared(shell: Shell) -> None:
    chosen = f"{EAR}.security_inside_tier_1=outside_only"
    done = shell.here("policy", "diff", EAR, EAR, "--set", chosen)
    assert done.code == 0  # both sides are read so
    assert shell.here("policy", "diff", PACK, EAR, "--set", chosen, "--as-of", "2026-11-24").code == 7


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("diff", PACK, "no-such-pack"), "unknown_pack"),
        (("diff", PACK, EAR, "--set", "other.x=y"), "unknown_switch"),
        (("diff", PACK, EAR, "--set", f"{EAR}.x=y"), "unknown_switch"),
        (("diff", PACK, EAR, "--set", "x"), "bad_set"),
        (("diff", PACK, EAR, "--as-of", "2026-02-30"), "bad_date"),
        (("impact", "none.jsonl"), "unreadable"),
        (("impact", "d.jsonl", "--without", "x"), "bad_without"),
        (("impact", "d.jsonl", "--status", "x"), "usage"),
        (("impact", "d.jsonl", "--with", "no-such-pack"), "unknown_pack"),
        (("impact", "d.jsonl", "--without", f"{PACK}:x"), "unknown_rule"),
    ],
)
def test_what_cannot_be_compared_is_told(shell: Shell, words: tuple[str, ...], code: str) -> None:
    decisions(shell)
    done = shell.here("policy", *words, "--output", "json")
    assert done.code == 4
    assert done.json["error"]["code"] == code


def decisions(shell: Shell) -> str:
    """Three past decisions, as check writes them."""
    shell.write("f.yaml", "model.openness: closed\n")
    shell.write(
        "o.yaml",
        "name: X\nheadquarters: US\nultimate_parent: US\nauthorizations: []\nsecurity_standards: []\n",
    )
    made = [
        shell.here(
            "check", "-", "--to", to, "--facts", "f.yaml", "--operator", "o.yaml", "--output", "json"
        ).out
        for to in ("DE", "IN", "IR")
    ]
    shell.write("d.jsonl", "".join(made))
    return "d.jsonl"


def test_impact_lists_each_change_and_counts(shell: Shell) -> None:
    file = decisions(shell)
    same = shell.here("policy", "impact", file)
    assert (same.code, same.out) == (0, "3 of 3 decisions come out the same\n")
    done = shell.here(
        "policy", "impact", file, "--without", f"{PACK}:tier-1-unrestricted", "--output", "json"
    )
    assert done.code == 7
    (change,) = done.json["changes"]
    assert (change["from"], change["to"], change["rule"]) == ("allow", "deny", f"{PACK}:default")
    assert done.json["counts"] == [{"from": "allow", "to": "deny", "count": 1}]
    text = shell.here("policy", "impact", file, "--without", f"{PACK}:tier-1-unrestricted").out
    day = done.json["changes"][0]["as_of"]
    assert f"allow to deny: - in DE on {day} [" in text
    assert text.endswith("2 of 3 decisions come out the same\n")


def test_a_pack_that_is_elsewhere_now_is_given(shell: Shell) -> None:
    shell.write("there/pack.yaml", HEAD + rules(rule("true", "deny", "ban")))
    shell.write("here/pack.yaml", HEAD + rules(rule("true", "allow", "free")))
    check = shell.here("check", "-", "--to", "DE", "--policy", "./there", "--output", "json")
    shell.write("d.jsonl", check.out)
    (shell.folder / "there" / "pack.yaml").unlink()
    lost = shell.here("policy", "impact", "d.jsonl")
    assert lost.code == 7
    assert "if sample is elsewhere now, give it by --with" in " ".join(lost.out.split())
    done = shell.here("policy", "impact", "d.jsonl", "--with", "./here", "--output", "json")
    assert done.code == 7
    assert (done.json["failed"], done.json["changes"][0]["rule"]) == ([], "sample:free")


def test_impact_of_a_pack_asked_too(shell: Shell) -> None:
    file = decisions(shell)
    done = shell.here("policy", "impact", file, "--with", EAR, "--output", "json")
    assert {(c["from"], c["to"]) for c in done.json["changes"]} == {("allow", "indeterminate")}
