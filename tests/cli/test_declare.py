"""``weightgate declare``, and its files given to check and guard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import BRITISH
from tests.cli.shell import Shell
from weightgate.signing.keys import generate, write_pair

RULE = "us-ear-ai-diffusion-2025"
ASKED = ("./m", "--to", "AE", "--operator", "gb.yaml", "--policy", RULE)
SIGNED = ("--source", "training log", "--until", "9000-01-01", "--key", "lab", "-o", "d.json")
FACTS = ("model.openness=closed", "model.training_operations=2.0e25")


@pytest.fixture
def lab(shell: Shell) -> Shell:
    """The folder with the lab's key, and a trust file that names it for openness and compute."""
    key = generate()
    write_pair(key, shell.folder / "lab", shell.folder / "lab.pub")
    trust = {
        "schema": "weightgate/trust/v1",
        "version": 1,
        "expires": "9000-01-01",
        "identities": {"example-lab": {"key": key.public.pem().decode()}},
        "declare": [
            {"identities": ["example-lab"], "facts": ["model.openness", "model.training_operations"]}
        ],
    }
    shell.write("trust.yaml", json.dumps(trust))
    shell.write("gb.yaml", BRITISH)
    return shell


def declare(shell: Shell, *words: str) -> Any:
    """Declare, as JSON."""
    done = shell.here("declare", "./m", *(words or FACTS), *SIGNED, "--output", "json")
    return done.json


def test_a_private_model_is_indeterminate_without_and_allowed_with_it(lab: Shell) -> None:
    data = declare(lab, *FACTS)
    digest = lab.here("model", "digest", "./m").out.strip()
    assert (data["schema"], data["path"], data["model"]) == ("weightgate/declared/v1", "d.json", digest)
    assert data["facts"]["model.training_operations"]["value"] == 2.0e25
    assert lab.here("check", *ASKED).code == 3
    done = lab.here("check", *ASKED, "--facts", "d.json", "--trust", "trust.yaml", "--output", "json")
    assert (done.code, done.json["verdict"], done.err) == (0, "allow", "")
    run = lab("guard", *ASKED, "--facts", "d.json", "--trust", "trust.yaml", "--", "true")
    assert (run.code, run.last) == (0, "weightgate: command exited 0")


def test_without_a_trust_file_it_is_a_claim_and_that_is_said(lab: Shell) -> None:
    declare(lab)
    done = lab.here("check", *ASKED, "--facts", "d.json")
    assert done.code == 3
    told = "note: d.json: model.training_operations counts as a claim: there is no trust file: give one with --trust\n"
    assert told in done.err
    assert "at least 2e+25" in done.out


def test_a_source_does_not_speak_for_the_trust_file(lab: Shell) -> None:
    sly = ["--source", "log; a claim: nothing is wrong", *SIGNED[2:]]
    assert SIGNED[0] == "--source"
    assert lab.here("declare", "./m", *FACTS, *sly).code == 0
    words = ["check", *ASKED, "--facts", "d.json"]
    assert "counts as a claim: there is no trust file: give one with --trust\n" in lab.here(*words).err
    assert lab.here(*words, "--trust", "trust.yaml").err == ""


def test_the_trust_file_and_the_declaration_can_be_named_by_the_environment(lab: Shell) -> None:
    declare(lab)
    done = lab("check", *ASKED, WEIGHTGATE_FACTS="d.json", WEIGHTGATE_TRUST="trust.yaml")
    assert done.code == 0, done.err


def test_a_facts_file_is_declared_with_its_own_details(lab: Shell) -> None:
    lab.write(
        "more.yaml",
        "model.special_purpose: {value: false, source: product page, by: Ann, until: 2099-01-01}\n"
        "model.parameters: {min: 1.0e9, max: 2.0e9}\n",
    )
    data = declare(lab, "model.openness=closed", "--facts", "more.yaml")
    assert data["facts"]["model.special_purpose"] == {
        "value": False, "source": "product page", "by": "Ann", "until": "2099-01-01",
    }  # fmt: skip
    assert data["facts"]["model.parameters"]["value"] == {"min": 1.0e9, "max": 2.0e9}
    assert data["facts"]["model.openness"]["source"] == "training log"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("model.training_operations={min: 1e25, max: 2e25}", {"min": 1e25, "max": 2e25}),
        ("model.openness={one_of: [restricted, closed]}", {"one_of": ["restricted", "closed"]}),
        ("model.special_purpose=false", False),
        ("model.license=Apache-2.0", "apache-2.0"),
        ("model.base=owner/name=odd", "owner/name=odd"),
        ("model.labels=[secret, weights]", ["secret", "weights"]),
        ("model.released=2026-01-01", "2026-01-01"),
    ],
)
def test_values_are_read_as_in_a_facts_file(lab: Shell, text: str, value: Any) -> None:
    data = declare(lab, text)
    assert data["facts"][text.partition("=")[0]]["value"] == value


@pytest.mark.parametrize(
    ("words", "code", "where", "hint"),
    [
        (["model.opennes=closed"], "unknown_fact", "model.opennes=closed", "did you mean model.openness?"),
        (["model.openness=opne"], "bad_value", "model.openness=opne", "did you mean 'open'?"),
        (["operator.headquarters=DE"], "not_declarable", "operator.headquarters=DE", "--operator"),
        (["destination.country=DE"], "not_declarable", "destination.country=DE", "--to"),
        (["developer.revenue=1"], "not_declarable", "developer.revenue=1", "--facts"),
        (["model.openness"], "bad_fact", "FACT=VALUE", "write FACT=VALUE"),
        (["model.openness="], "bad_value", "model.openness=", "write a value"),
        (["model.training_operations={min: 1, min: 2}"], "yaml", "model.training_operations", "keep one"),
        (["model.openness=closed", "model.openness=open"], "bad_facts", "model.openness=open", ""),
        (["model.openness=closed", "--on", "9000-01-01"], "bad_date", "--on", "not so yet"),
        (["model.openness=closed", "--digest", "sha256:" + "0" * 64], "binding", "--digest", ""),
        ([], "no_facts", "", "write FACT=VALUE"),
    ],
)
def test_what_cannot_be_declared_is_told_with_what_to_do(
    lab: Shell, words: list[str], code: str, where: str, hint: str
) -> None:
    done = lab.here("declare", "./m", *words, *SIGNED, "--output", "json")
    assert done.code == (6 if code == "binding" else 4)
    assert done.error["code"] == code
    assert (done.error["where"] or "").startswith(where)
    assert hint in (done.error["hint"] or "")
    assert not (lab.folder / "d.json").exists()


@pytest.mark.parametrize(("leave_out", "code"), [("--source", "incomplete"), ("--until", "incomplete")])
def test_a_source_and_an_end_are_needed(lab: Shell, leave_out: str, code: str) -> None:
    at = SIGNED.index(leave_out)
    done = lab.here("declare", "./m", *FACTS, *SIGNED[:at], *SIGNED[at + 2 :], "--output", "json")
    assert (done.code, done.error["code"], done.error["where"]) == (4, code, leave_out)


def test_a_past_end_is_refused(lab: Shell) -> None:
    words = [word.replace("9000", "2020") for word in SIGNED]
    done = lab.here("declare", "./m", *FACTS, *words, "--output", "json")
    assert (done.code, done.error["code"], done.error["where"]) == (4, "bad_date", "--until")


def test_a_model_that_is_not_at_hand_is_named_by_its_digest(lab: Shell) -> None:
    digest = lab.here("model", "digest", "./m").out.strip()
    done = lab.here("declare", "-", *FACTS, *SIGNED, "--digest", digest)
    assert done.code == 0, done.err
    assert lab.here("check", *ASKED, "--facts", "d.json", "--trust", "trust.yaml").code == 0
    done = lab.here("declare", "-", *FACTS, *SIGNED, "--output", "json")
    assert (done.code, done.error["code"]) == (4, "no_digest")


def test_a_declaration_lies_neither_in_the_model_nor_over_what_is_read(lab: Shell) -> None:
    for path, code in (("m/d.json", "output_inside_model"), ("lab", "output_over_input")):
        words = [path if word == "d.json" else word for word in SIGNED]
        done = lab.here("declare", "./m", *FACTS, *words, "--output", "json")
        assert (done.code, done.error["code"]) == (4, code)
    over = lab.here(
        "check", *ASKED, "--facts", "closed.yaml", "--trust", "trust.yaml", "--output", "json=trust.yaml"
    )
    assert over.code == 4


def test_another_model_s_declaration_is_exit_6(lab: Shell) -> None:
    declare(lab)
    Path(lab.folder, "m", "config.json").write_text("{}")
    done = lab.here("check", *ASKED, "--facts", "d.json", "--output", "json")
    assert (done.code, done.error["code"], done.error["where"]) == (6, "binding", "d.json")


def test_a_decision_with_declarations_is_attested_with_the_trust_file(lab: Shell) -> None:
    declare(lab)
    asked = ("--facts", "d.json", "--trust", "trust.yaml", "--output", "json=decision.json")
    assert lab.here("check", *ASKED, *asked).code == 0
    words = ("attest", "decision.json", "--key", "lab", "-o", "a.json", "--model", "./m")
    assert lab.here(*words, "--output", "json").error["code"] == "decision_differs"
    assert lab.here(*words, "--trust", "trust.yaml").code == 0
    done = lab.here("verify", "a.json", "--key", "lab.pub", "--model", "./m", "--replay", "--output", "json")
    assert (done.code, done.json["verdict"]) == (0, "allow")
