"""Facts, operators and packs that tried to get an allow, or a crash, out of the real command."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import weightgate
from tests.cli.shell import Shell

AE = "name: a\nheadquarters: AE\nultimate_parent: AE\nsecurity_standards: []\n"
DRAFT = Path(__file__).parents[2] / "policies" / "us" / "us-ai-diffusion-draft" / "pack.yaml"


def test_a_lapsed_declaration_in_a_mapping_counts_for_nothing(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shell.folder)
    lapsed = {"model.openness": {"value": "open", "until": "2020-01-01"}}
    assert weightgate.check("./m", "CN", facts=lapsed).verdict == "indeterminate"


TUNE = (
    "model.openness: closed\nmodel.base_openness: open\nmodel.special_purpose: true\nmodel.finetune_share: 0.1\n"
    "model.finetune_operations: 5.0e24\nmodel.base_operations: 1.0e25\n"
)


@pytest.mark.parametrize(
    ("facts", "operator", "words", "grades"),
    [
        (TUNE, AE, ["--to", "CN", "--activity", "fine_tune"], ["model.finetune_operations=verified"]),
        (
            "model.openness: closed\noperator.tier: 1\n",
            "name: a\nheadquarters: CN\nultimate_parent: CN\n",
            ["--to", "JP"],
            ["operator.headquarters=verified", "operator.ultimate_parent=verified"],
        ),
        (
            "model.openness: closed\noperator.authorizations: [ORDER]\n",
            "name: a\nheadquarters: JP\nultimate_parent: JP\n",
            ["--to", "JP"],
            ["operator.authorizations=verified"],
        ),
    ],
)
def test_asking_for_better_evidence_never_loosens(
    shell: Shell, facts: str, operator: str, words: list[str], grades: list[str]
) -> None:
    asked = [
        "check",
        "./m",
        *words,
        "--facts",
        shell.write("f.yaml", facts),
        "--operator",
        shell.write("o.yaml", operator),
    ]
    assert shell.here(*asked).code in (2, 3)
    assert shell.here(*asked, *(w for g in grades for w in ("--require-grade", g))).code in (2, 3)


@pytest.mark.parametrize("name", ["u\u017f", "\u0131N"])
def test_letters_that_only_fold_to_ascii_are_no_country(shell: Shell, name: str) -> None:
    assert shell.here("region", "resolve", name).code == 4
    operator = shell.write("o.yaml", f"name: a\nheadquarters: '{name}'\n")
    assert shell.here("check", "./m", "--to", "JP", "--operator", operator).code == 4


def test_explaining_an_edited_decision_is_no_internal_error(signed: Shell) -> None:
    decision = json.loads((signed.folder / "d.json").read_text())
    decision["reasons"][0]["verdict"] = "permit"
    signed.write("e.json", json.dumps(decision))
    assert signed.here("explain", "e.json").code == 4


def test_a_licence_counts_only_from_the_operator_file(shell: Shell) -> None:
    facts = shell.write("f.yaml", "model.openness: closed\noperator.authorizations: [LICENSE]\n")
    assert (
        shell.here(
            "check", "./m", "--to", "IN", "--facts", facts, "--operator", shell.write("o.yaml", AE)
        ).code
        == 2
    )


def test_what_someone_else_holds_is_not_the_operators(shell: Shell) -> None:
    operator = shell.write(
        "o.yaml", AE + "authorizations: [{kind: NVEU, countries: [IN], holder: Somebody Else}]\n"
    )
    assert shell.here(
        "check", "./m", "--to", "IN", "--facts", "closed.yaml", "--operator", operator
    ).code in (2, 3)


def test_a_licences_conditions_are_conditions_of_the_decision(shell: Shell) -> None:
    operator = shell.write(
        "o.yaml", AE + "authorizations: [{kind: LICENSE, countries: [IN], conditions: [Only on Sundays.]}]\n"
    )
    done = shell.here(
        "check", "./m", "--to", "IN", "--facts", "closed.yaml", "--operator", operator, "--output", "json"
    )
    assert "Only on Sundays." in [c["text"] for c in done.json["conditions"]]


def test_a_table_s_tier_is_a_number(shell: Shell) -> None:
    pack = DRAFT.read_text(encoding="utf-8")
    shell.write("p.yaml", pack.replace("- value: 1\n", "- value: true\n", 1))
    assert shell.here("check", "./m", "--to", "JP", "--policy", "./p.yaml").code == 4


def test_a_pack_that_poses_as_a_shipped_one_is_named(shell: Shell) -> None:
    shell.write("p.yaml", DRAFT.read_text(encoding="utf-8").replace("value: 0.25", "value: 0.5"))
    done = shell.here(
        "check", "./m", "--to", "JP", "--facts", "closed.yaml", "--policy", "./p.yaml", "--output", "json"
    )
    said = "That us-ai-diffusion-draft is the pack that ships under this name: it was read from p.yaml."
    assert said in done.json["not_established"]


def test_a_definition_cannot_stand_for_a_fact(shell: Shell) -> None:
    shell.write(
        "p.yaml", DRAFT.read_text(encoding="utf-8").replace("define:\n", "define:\n  activity: 'true'\n", 1)
    )
    done = shell.here("check", "./m", "--to", "JP", "--policy", "./p.yaml")
    assert done.code == 4
    assert "activity is the name of a fact" in done.err


def test_a_pipe_is_not_waited_for_as_a_pack(shell: Shell) -> None:
    os.mkfifo(shell.folder / "p.yaml")
    done = shell.here("check", "./m", "--to", "JP", "--policy", "./p.yaml")
    assert done.code == 4
    assert "not a regular file" in done.err
