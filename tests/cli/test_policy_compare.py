"""``policy diff`` and ``policy impact`` as commands."""

from __future__ import annotations

import pytest

from tests.cli.shell import Shell
from tests.policy.samples import HEAD, rule, rules
from weightgate.cli.policy.compared import MOST
from weightgate.policy.source import find_pack

PACK = "us-ai-diffusion-draft"
LISTED = """\
values:
  home:
    - {{from: 2025-01-01, value: {}, cite: {{source: law, place: section 4}}, grade: V}}
"""
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
    assert "Changed\n  rules.open-weights-exempt.title: changed\n\n" in done.out
    assert done.out.endswith("come to the same verdict on all facts\n")
    same = shell.here("policy", "diff", PACK, PACK).out
    assert same == f"{PACK} 1.0.0 and {PACK} 1.0.0 come to the same verdict on all facts\n"
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


def test_packs_of_one_name_and_version_are_told_apart(shell: Shell) -> None:
    mine = edited(shell, "until: 2026-02-02", "until: 2026-03-02")
    done = shell.here("policy", "diff", PACK, mine, "--as-of", "2026-02-03")
    top = " ".join(done.out.split())
    assert top.startswith(
        f"From {PACK} 1.0.0 (shipped:{PACK}) to {PACK} 1.0.0 (mine/pack.yaml) on 2026-02-03: "
        "The version was not raised. Changed "
    )
    assert "  on 2026-02-03\n" in done.out
    data = shell.here("policy", "diff", PACK, mine, "--as-of", "2026-02-03", "--output", "json").json
    assert (data["as_of"], data["known_at"]) == ("2026-02-03", None)
    assert data["notes"] == ["the version was not raised"]
    raised = edited(shell, "version: 1.0.0", "version: 1.0.1")
    done = shell.here("policy", "diff", PACK, raised)
    assert done.out == f"{PACK} 1.0.0 and {PACK} 1.0.1 come to the same verdict on all facts\n"


def test_what_was_changed_comes_before_the_differences(shell: Shell) -> None:
    before = HEAD + LISTED.format("[DE, FR]") + rules(rule("destination.country in values.home"))
    shell.write("one/pack.yaml", before)
    shell.write("other/pack.yaml", before.replace("[DE, FR]", "[DE, FR, JP]"))
    done = shell.here("policy", "diff", "./one", "./other")
    assert done.code == 7
    assert "\n\nChanged\n  values.home: + JP\n\nloosens: deny to allow, host\n" in done.out
    assert done.out.endswith("\n1 difference\n")
    data = shell.here("policy", "diff", "./one", "./other", "--output", "json").json
    assert data["changed"] == [{"part": "values.home", "change": "+ JP", "from": None, "until": None}]


def test_many_changes_are_shown_in_part(shell: Shell) -> None:
    many = [rule("true", name=f"rule-{n}") for n in range(MOST + 3)]
    shell.write("one/pack.yaml", HEAD + rules(rule("true")))
    shell.write("other/pack.yaml", HEAD + rules(rule("true"), *many))
    done = shell.here("policy", "diff", "./one", "./other")
    assert done.code == 0
    assert f"rules.rule-{MOST - 1}: added" in done.out
    assert f"rules.rule-{MOST}: added" not in done.out
    assert "  and 3 more, which --output json lists\n" in done.out


def test_a_day_on_which_neither_has_begun_is_told(shell: Shell) -> None:
    done = shell.here("policy", "diff", PACK, EAR, "--as-of", "2020-01-01")
    assert done.code == 0
    told = " ".join(done.out.split())
    assert "neither says anything on 2020-01-01: us-ai-diffusion-draft 1.0.0 begins on " in told
    assert "the same verdict" not in told
    known = " ".join(shell.here("policy", "diff", PACK, EAR, "--known-at", "2020-01-01").out.split())
    assert f"neither says anything, as known on 2020-01-01: {PACK} 1.0.0 was not known" in known
    same = " ".join(shell.here("policy", "diff", PACK, PACK, "--as-of", "2026-11-24").out.split())
    assert same.endswith("come to the same verdict on all facts on 2026-11-24")


def test_a_switch_without_its_pack_is_told_with_its_full_name(shell: Shell) -> None:
    switch = "security_inside_tier_1=outside_only"
    done = shell.here("policy", "diff", PACK, EAR, "--set", switch, "--output", "json")
    assert (done.code, done.error["hint"]) == (4, f"write {EAR}.{switch}")
    done = shell.here("policy", "diff", PACK, EAR, "--set", "nothing=x", "--output", "json")
    assert done.error["hint"] == f"write PACK.SWITCH=READING; compared are {PACK}, {EAR}"


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
