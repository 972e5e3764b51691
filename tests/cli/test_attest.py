from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.commands import ALLOWED, prepare
from tests.cli.shell import Shell
from tests.inspect.writers import write_safetensors

ATTEST = ["attest", "decision.json", "--key", "key.pem", "-o", "a.json"]
VERIFY = ["verify", "a.json", "--key", "key.pem.pub", "--output", "json"]


def decision(shell: Shell) -> dict[str, Any]:
    """The decision file."""
    data: dict[str, Any] = json.loads((shell.folder / "decision.json").read_text())
    return data


def edit(shell: Shell, **changes: Any) -> None:
    """Change fields of the decision file."""
    (shell.folder / "decision.json").write_text(json.dumps(decision(shell) | changes))


def grades(shell: Shell, path: str = "a.json") -> set[str]:
    """Grades of all facts in an attestation."""
    done = shell.here("explain", path, "--output", "json")
    return {fact["grade"] for fact in done.json["decision"]["facts"].values() if fact["grade"]}


def test_a_decision_file_becomes_an_attestation_that_verifies(shell: Shell) -> None:
    prepare(shell)
    done = shell.here(*ATTEST, "--output", "json")
    assert done.code == 0
    assert (done.json["path"], done.json["algorithm"]) == ("a.json", "ed25519")
    verified = shell.here(*VERIFY)
    assert (verified.code, verified.json["genuine"], verified.json["verdict"]) == (0, True, "allow")
    assert verified.json["signer"]["keyid"] == done.json["keyid"]


def test_without_the_model_no_fact_is_better_than_declared(shell: Shell) -> None:
    prepare(shell)
    shell.here(*ATTEST)
    assert grades(shell) <= {"declared", "claimed"}


def test_a_trust_file_without_the_model_is_refused_unless_a_variable_names_it(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(shell)
    done = shell.here(*ATTEST, "--trust", "trust.yaml", "--output", "json")
    assert (done.code, done.error["code"]) == (4, "model_missing")
    monkeypatch.setenv("WEIGHTGATE_TRUST", "nowhere.yaml")
    assert shell.here(*ATTEST).code == 0


def test_with_the_model_facts_keep_their_grades(shell: Shell) -> None:
    prepare(shell)
    done = shell.here(*ATTEST, "--model", "./m")
    assert done.code == 0, done.err
    assert "inferred" in grades(shell)
    assert shell.here(*VERIFY, "--model", "./m", "--replay").code == 0


def test_check_signs_with_the_grades_it_found(shell: Shell) -> None:
    prepare(shell)
    assert "inferred" in grades(shell, "attestation.json")


@pytest.mark.parametrize("with_model", [False, True])
@pytest.mark.parametrize(
    "changes",
    [{"verdict": "allow_with_conditions", "possible": ["allow_with_conditions"]}, {"as_of": "2026-01-01"}],
)
def test_a_decision_that_was_edited_is_refused(
    shell: Shell, *, with_model: bool, changes: dict[str, Any]
) -> None:
    prepare(shell)
    edit(shell, **changes)
    words = ["--model", "./m"] if with_model else []
    done = shell.here(*ATTEST, *words, "--output", "json")
    assert (done.code, done.error["code"]) == (6, "decision_differs")
    assert done.error["where"] == "decision.json"
    assert next(iter(changes)) in done.error["message"]
    assert not (shell.folder / "a.json").exists()


def test_another_model_is_refused_and_the_files_are_named(shell: Shell) -> None:
    prepare(shell)
    write_safetensors(shell.folder / "n" / "model.safetensors")
    done = shell.here(*ATTEST, "--model", "./n", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "binding")
    assert decision(shell)["model"]["digest"] in done.error["message"]


def test_a_renamed_file_is_another_model_though_the_root_is_the_same(shell: Shell) -> None:
    prepare(shell)
    (shell.folder / "m" / "config.json").rename(shell.folder / "m" / "config.jsom")
    done = shell.here(*ATTEST, "--model", "./m", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "binding")
    assert "config.json is missing" in done.error["message"]
    assert "config.jsom is there" in done.error["message"]


def test_forged_evidence_gains_nothing_when_the_model_is_inspected(shell: Shell) -> None:
    prepare(shell)
    done = shell.here("check", "./m", "--to", "IR", "--output", "json=decision.json")
    assert done.code == 3
    data = decision(shell)
    for said in data["inputs"]["statements"]:
        if said["fact"] == "model.openness":
            said["says"] = {"value": "open"}
    (shell.folder / "decision.json").write_text(
        json.dumps(data | {"verdict": "allow", "possible": ["allow"], "exit": 0})
    )
    refused = shell.here(*ATTEST, "--model", "./m", "--output", "json")
    assert refused.code == 6
    assert "verdict" in refused.error["message"]


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"schema": "weightgate/decision/v1"}', "{", '{"a": 1, "a": 2}']
)
def test_a_file_that_is_no_decision_is_exit_4(shell: Shell, content: str) -> None:
    prepare(shell)
    shell.write("decision.json", content)
    done = shell.here(*ATTEST, "--output", "json")
    assert done.code == 4
    assert done.error["where"].startswith("decision.json")


def test_the_passphrase_comes_from_the_environment(shell: Shell) -> None:
    prepare(shell)
    secret = {"WEIGHTGATE_KEY_PASSPHRASE": "correct horse"}
    assert shell("keys", "generate", "-o", "locked.pem", **secret).code == 0
    words = ["attest", "decision.json", "--key", "locked.pem", "-o", "b.json"]
    assert shell(*words, **secret).code == 0
    wrong = shell(*words, WEIGHTGATE_KEY_PASSPHRASE="wrong")
    assert wrong.code == 4
    assert "passphrase is wrong" in wrong.err
    missing = shell(*words)
    assert missing.code == 4
    assert "WEIGHTGATE_KEY_PASSPHRASE" in missing.err
    for done in (wrong, missing):
        assert "correct horse" not in done.out + done.err


@pytest.mark.parametrize(
    "words", [["--model", "-"], ["--model", "./none"], ["--key", "none.pem"], ["-o", "none/a.json"]]
)
def test_what_cannot_be_read_or_written_is_told(shell: Shell, words: list[str]) -> None:
    prepare(shell)
    done = shell.here(*ATTEST, *words)
    assert done.code in (4, 5)
    assert done.err.startswith("error: ")
    assert not (shell.folder / "a.json").exists()


def test_a_denial_is_attested_like_an_allowance(shell: Shell) -> None:
    prepare(shell)
    words = ["check", "./m", "--to", "IR", "--facts", "closed.yaml", "--attest", "a.json", "--key", "key.pem"]
    assert shell.here(*words).code == 1
    verified = shell.here(*VERIFY)
    assert (verified.code, verified.json["verdict"], verified.json["genuine"]) == (1, "deny", True)


def test_the_key_can_be_named_by_the_environment(shell: Shell) -> None:
    prepare(shell)
    done = shell("check", "./m", *ALLOWED, "--attest", "a.json", WEIGHTGATE_KEY="key.pem")
    assert done.code == 0
    assert shell.here(*VERIFY).code == 0
