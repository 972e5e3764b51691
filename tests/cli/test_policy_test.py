"""``policy test`` with coverage, mutants and JUnit."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tests.cli.shell import Shell
from tests.files.test_junit import check
from tests.policy.samples import HEAD, rule, rules

ROW = "    row: R1\n"
PACK = HEAD + rules(
    rule('model.openness == "open"', name="open", more=ROW),
    rule(
        'model.training_operations >= 1.0e26 && model.openness == "closed"',
        "license_required",
        "large",
        more=ROW,
    ),
)
ALL = """\
- {name: open weights, row: R1, facts: {model.openness: open}, expect: {verdict: allow, rules: [open], without: [large]}}
- name: at the figure
  facts: {model.openness: closed, model.training_operations: 1.0e26, operator.authorizations: []}
  expect: {verdict: license_required, rules: [large], without: [open]}
- name: at the figure, with a licence
  facts: {model.openness: closed, model.training_operations: 1.0e26, operator.authorizations: [LICENSE]}
  expect: allow_with_conditions
- name: below the figure
  facts: {model.openness: closed, model.training_operations: 9.999999999999999e25}
  expect: deny
- name: restricted
  facts: {model.openness: restricted, model.training_operations: 1.0e26}
  expect: deny
"""
SOME = ALL[: ALL.index("- name: below")]


def own(shell: Shell, cases: str, pack: str = PACK) -> str:
    """A pack with cases."""
    shell.write("mine/pack.yaml", pack)
    shell.write("mine/tests/cases.yaml", cases)
    return "./mine"


def test_what_is_covered_is_said_in_numbers(shell: Shell) -> None:
    done = shell.here("policy", "test", own(shell, ALL))
    assert done.code == 0
    assert done.out.startswith("sample\n  5 of 5 cases passed\n")
    assert "  covered: rules 2 of 2, atoms 3 of 3, leaves 4 of 4, nodes " in done.out
    assert "mutants" not in done.out
    data = shell.here("policy", "test", "./mine", "--output", "json").json
    (pack,) = data["packs"]
    assert pack["pack"] == "sample"
    assert pack["coverage"]["atoms"] == {"all": 3, "covered": 3}
    assert (pack["coverage"]["gaps"], pack["coverage"]["share"], pack["mutants"]) == ([], 1.0, None)


def test_what_is_not_covered_has_its_place_and_is_no_finding_unless_asked_for(shell: Shell) -> None:
    name = own(shell, SOME)
    done = shell.here("policy", "test", name)
    assert done.code == 0
    assert done.out.endswith("  2 gaps: --cover 1 lists them\n\n3 of 3 cases passed\n")
    assert "no case" not in done.out
    enough = shell.here("policy", "test", name, "--cover", "0.6")
    assert enough.code == 0
    assert "gaps" not in enough.out
    told = " ".join(enough.out.split())
    assert "host, deny by default: no case leads there" in told
    assert "atom large: model.training_operations >= 1e+26: no case in which it is false" in told
    more = shell.here("policy", "test", name, "--cover", "0.9")
    assert more.code == 7
    assert "sample: 66.7% covered, needed 90.0%" in more.out


def test_atoms_that_go_one_way_only_are_told_of_in_number_until_they_are_asked_for(shell: Shell) -> None:
    pack = PACK.replace('model.openness == "open"', 'model.openness == "open" && activity == "host"')
    name = own(shell, ALL, pack)
    done = shell.here("policy", "test", name)
    assert (done.code, done.out.splitlines()[3]) == (0, "    1 one-way atom: --cover 1 lists it")
    done = shell.here("policy", "test", name, "--cover", "1")
    assert done.code == 0
    assert 'atom open: activity == "host": never false' in done.out
    assert "lists it" not in done.out


def test_mutants_that_no_case_notices_come_with_a_case_that_does(shell: Shell) -> None:
    done = shell.here("policy", "test", own(shell, SOME), "--mutants")
    assert done.code == 0
    assert (
        "  No case notices these changes. Check each case below against the text, then paste it into tests/.\n"
        "    mine/pack.yaml:"
    ) in done.out
    assert "large.when: model.training_operations >= 1e+26 with 1e+25" in done.out
    assert "- name: " in done.out
    assert "  expect: deny" in done.out
    mutants = shell.here("policy", "test", "./mine", "--mutants", "--output", "json").json["packs"][0][
        "mutants"
    ]
    assert mutants["survived"] == len(mutants["survivors"]) > 0
    assert mutants["score"] == mutants["killed"] / (mutants["killed"] + mutants["survived"])
    cases = SOME + "".join(dict.fromkeys(one["case"] for one in mutants["survivors"]))
    shell.write("mine/tests/cases.yaml", cases)
    done = shell.here("policy", "test", "./mine", "--least", "1")
    assert done.code == 0, done.out
    assert "100.0%" in done.out


def test_too_few_noticed_is_a_finding_when_asked_for(shell: Shell) -> None:
    done = shell.here("policy", "test", own(shell, SOME), "--least", "0.99")
    assert done.code == 7
    assert "of the mutants noticed, needed 99.0%" in done.out


def test_a_reason_to_survive_is_shown_and_one_too_many_is_a_finding(shell: Shell) -> None:
    name = own(shell, SOME)
    survivors = shell.here("policy", "test", name, "--mutants", "--output", "json").json["packs"][0][
        "mutants"
    ]["survivors"]
    text = "".join(f"- mutant: '{one['mutant']}'\n  reason: So it is.\n" for one in survivors)
    shell.write("mine/tests/mutants.yaml", text)
    done = shell.here("policy", "test", name, "--mutants")
    assert done.code == 0, done.out
    assert done.out.count("accepted: So it is.") == len(survivors)
    assert "- name: " not in done.out
    assert "No case notices" not in done.out
    shell.write("mine/tests/mutants.yaml", text + "- {mutant: 'open: dropped', reason: Why not.}\n")
    done = shell.here("policy", "test", name, "--mutants")
    assert done.code == 7
    assert (
        f"mutants.yaml:{2 * len(survivors) + 1}:12: accepted, and no mutant that survives: open: dropped"
        in done.out
    )
    assert shell.here("policy", "test", name).code == 0


def test_mutants_wait_until_the_cases_pass(shell: Shell) -> None:
    name = own(shell, ALL.replace("expect: deny", "expect: allow"))
    done = shell.here("policy", "test", name, "--least", "0.5")
    assert done.code == 7
    assert "mutants were not tried: a case fails already" in done.out
    assert (
        shell.here("policy", "test", name, "--mutants", "--output", "json").json["packs"][0]["mutants"]
        is None
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--least", "95"], "95"),
        (["--least", "most"], "most"),
        (["--cover", "-1"], "-1"),
    ],
)
def test_a_share_is_between_nothing_and_all(shell: Shell, words: list[str], told: str) -> None:
    done = shell.here("policy", "test", own(shell, ALL), *words, "--output", "json")
    assert (done.code, done.error["code"]) == (4, "usage")
    assert told in done.error["message"]


def test_a_broken_list_of_accepted_mutants_has_its_place(shell: Shell) -> None:
    name = own(shell, ALL)
    shell.write("mine/tests/mutants.yaml", "- open\n")
    done = shell.here("policy", "test", name, "--mutants", "--output", "json")
    assert (done.code, done.error["code"]) == (4, "bad_mutants")
    assert done.error["where"] == "mine/tests/mutants.yaml:1:3"


def test_junit_has_a_suite_for_each_pack_and_a_case_for_each_case(shell: Shell) -> None:
    done = shell.here("policy", "test", own(shell, ALL), "--mutants", "--output", "junit")
    assert done.code == 0
    root = check(done.out)
    (suite,) = root
    names = [case.attrib["name"] for case in suite.iter("testcase")]
    assert names == [
        "open weights", "at the figure", "at the figure, with a licence", "below the figure", "restricted",
        "the pack is tested as it should be",
    ]  # fmt: skip
    second = suite.findall("testcase")[1]
    assert second.attrib == {
        "name": "at the figure",
        "classname": "sample.cases",
        "file": "mine/tests/cases.yaml",
        "line": "2",
    }
    numbers = {p.attrib["name"]: p.attrib["value"] for p in suite.iter("property")}
    assert numbers["covered.rules"] == "2 of 2"
    assert set(numbers) == {
        "covered.rules", "covered.atoms", "covered.leaves", "covered.nodes", "mutants.noticed", "mutants.equivalent",
    }  # fmt: skip


def test_junit_fails_where_the_command_does(shell: Shell) -> None:
    name = own(shell, SOME.replace("expect: allow_with_conditions", "expect: deny").replace("row: R1, ", ""))
    done = shell.here("policy", "test", name, "--cover", "1", "--output", "junit=r.xml", "--output", "json")
    assert (done.code, done.json["failed"]) == (7, 1)
    root = check((shell.folder / "r.xml").read_text(encoding="utf-8"))
    failed = {case.attrib["name"]: case.find("failure") for case in root.iter("testcase")}
    wrong, whole = failed["at the figure, with a licence"], failed["the pack is tested as it should be"]
    assert wrong is not None
    assert whole is not None
    assert failed["open weights"] is None
    assert wrong.attrib["message"] == "found allow_with_conditions, expected deny"
    assert str(wrong.text).startswith("mine/tests/cases.yaml:5: at the figure, with a licence: found ")
    assert whole.attrib["message"] == "2 things are missing"
    assert "row R1: no case names it\n" in str(whole.text)
    assert "covered, needed 100.0%" in str(whole.text)


def test_hostile_names_stay_names(shell: Shell) -> None:
    name = own(shell, ALL.replace("name: restricted", r'name: "\x1b[31m]]> </testcase> \u202e \uD7FF"'))
    done = shell.here("policy", "test", name, "--output", "junit")
    assert done.code == 0
    names = [case.attrib["name"] for case in check(done.out).iter("testcase")]
    assert names[4].startswith(r"\x1b[31m]]> </testcase> \u202e")
    assert ET.fromstring(done.out).tag == "testsuites"


def test_other_commands_do_not_write_junit_yet(shell: Shell) -> None:
    done = shell.here("policy", "list", "--output", "junit")
    assert done.code == 4
    assert "--output junit is not available yet" in done.err
