"""Summaries, batches and bare predicates on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.attest.samples import payload_of
from tests.cli.commands import ALLOWED, prepare
from tests.cli.shell import Shell
from weightgate.attest.statements.attested import PREDICATE_TYPE
from weightgate.attest.statements.batch import Batches, unseal_by
from weightgate.attest.statements.claims import Kind, peek, read_claims
from weightgate.attest.statements.svr import SVR_TYPE
from weightgate.attest.statements.vsa import VSA_TYPE
from weightgate.signing.envelope import read_envelope, signers_of
from weightgate.signing.keys import load_public
from weightgate.signing.statement import parse_statement

VERIFIER = "https://example.com/gate/v1"
SIGN = ["--key", "key.pem", "-o", "claims.jsonl"]


def kinds(shell: Shell, name: str = "claims.jsonl") -> list[str]:
    claims = read_claims((shell.folder / name).read_bytes(), name)
    return [parse_statement(peek(claim), "c").predicate_type for claim in claims]


def all_signed(shell: Shell, name: str = "claims.jsonl") -> bool:
    key = load_public(shell.folder / "key.pem.pub")
    lines = (shell.folder / name).read_bytes().splitlines()
    return all(signers_of(read_envelope(line, name), [key]) for line in lines)


def test_a_verifier_id_adds_the_summaries(shell: Shell) -> None:
    prepare(shell)
    done = shell.here(
        "attest", "decision.json", *SIGN, "--verifier-id", VERIFIER, "--model", "./m", "--output", "json"
    )
    assert (done.code, done.json["statements"], done.json["batch"]) == (0, 3, False)
    assert kinds(shell) == [PREDICATE_TYPE, VSA_TYPE, SVR_TYPE]
    assert all_signed(shell)
    vsa = payload_of((shell.folder / "claims.jsonl").read_bytes().splitlines()[1])["predicate"]
    assert (vsa["verifier"]["id"], vsa["verificationResult"]) == (VERIFIER, "PASSED")
    assert "to=JP" in vsa["resourceUri"]


def test_check_and_guard_write_them_too(shell: Shell) -> None:
    prepare(shell)
    words = ["./m", *ALLOWED, "--attest", "claims.jsonl", "--key", "key.pem", "--verifier-id", VERIFIER]
    assert shell.here("check", *words).code == 0
    assert kinds(shell) == [PREDICATE_TYPE, VSA_TYPE, SVR_TYPE]
    (shell.folder / "claims.jsonl").unlink()
    assert shell("guard", *words, "--", "true").code == 0
    assert kinds(shell) == [PREDICATE_TYPE, VSA_TYPE, SVR_TYPE]


def test_the_verifier_can_be_named_by_the_environment(shell: Shell) -> None:
    prepare(shell)
    assert shell("attest", "decision.json", *SIGN, WEIGHTGATE_VERIFIER_ID=VERIFIER).code == 0
    assert kinds(shell) == [PREDICATE_TYPE, VSA_TYPE, SVR_TYPE]


@pytest.mark.parametrize("command", ["attest", "check", "guard"])
def test_a_verifier_that_is_no_uri_is_refused_before_anything_is_written(shell: Shell, command: str) -> None:
    prepare(shell)
    words = {
        "attest": ["decision.json", *SIGN],
        "check": ["./m", *ALLOWED, "--attest", "claims.jsonl", "--key", "key.pem"],
        "guard": ["./m", *ALLOWED, "--attest", "claims.jsonl", "--key", "key.pem"],
    }[command]
    tail = ["--", "touch", "ran"] if command == "guard" else []
    done = shell.here(command, *words, "--verifier-id", "release team", "--output", "json", *tail)
    assert (done.code, done.error["code"], done.error["where"]) == (4, "verifier_id", "--verifier-id")
    assert not (shell.folder / "claims.jsonl").exists()
    assert not (shell.folder / "ran").exists()


def test_a_claims_file_can_be_explained(shell: Shell) -> None:
    prepare(shell)
    shell.here("attest", "decision.json", *SIGN, "--verifier-id", VERIFIER)
    assert shell.here("explain", "claims.jsonl", "--output", "json").json["decision"]["verdict"] == "allow"
    lines = (shell.folder / "claims.jsonl").read_bytes().splitlines()
    (shell.folder / "vsa.json").write_bytes(lines[1])
    done = shell.here("explain", "vsa.json", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "predicate_type")


def decisions(shell: Shell) -> list[dict[str, Any]]:
    """Three decisions in decisions.jsonl."""
    made = []
    for to in ("JP", "IR", "DE"):
        done = shell.here(
            "check", "./m", "--to", to, "--facts", "closed.yaml", "--operator", "jp.yaml", "--output", "json"
        )
        made.append(done.json)
    shell.write("decisions.jsonl", "".join(json.dumps(one) + "\n" for one in made))
    return made


def test_many_decisions_under_one_signature(shell: Shell) -> None:
    prepare(shell)
    made = decisions(shell)
    done = shell.here(
        "attest", "--batch", "decisions.jsonl", "--key", "key.pem", "-o", "batch.jsonl", "--output", "json"
    )
    assert (done.code, done.json["statements"], done.json["batch"]) == (0, 3, True), done.err
    claims = read_claims((shell.folder / "batch.jsonl").read_bytes(), "batch.jsonl")
    assert [claim.kind for claim in claims] == [Kind.MEMBER] * 3
    batches = Batches(unseal_by([load_public(shell.folder / "key.pem.pub")]))
    for claim, decision in zip(claims, made, strict=True):
        signed = parse_statement(batches.unseal(claim.raw, claim.source).payload, "m").predicate["decision"]
        assert (signed["verdict"], signed["decided_at"]) == (decision["verdict"], decision["decided_at"])
        assert signed["inputs"]["cap"] == "declared"
    assert shell.here("explain", "batch.jsonl", "--output", "json").json["decision"]["verdict"] == "allow"


def test_a_batch_holds_the_summaries_of_each(shell: Shell) -> None:
    prepare(shell)
    decisions(shell)
    words = ["attest", "--batch", "decisions.jsonl", "--key", "key.pem", "-o", "batch.jsonl"]
    assert "9 statements" in shell.here(*words, "--verifier-id", VERIFIER).out
    assert kinds(shell, "batch.jsonl") == [PREDICATE_TYPE, VSA_TYPE, SVR_TYPE] * 3


def test_a_batch_is_signed_whole_or_not_at_all(shell: Shell) -> None:
    prepare(shell)
    made = decisions(shell)
    made[1] |= {"verdict": "allow", "possible": ["allow"], "exit": 0}
    shell.write("decisions.jsonl", "".join(json.dumps(one) + "\n" for one in made))
    done = shell.here(
        "attest", "--batch", "decisions.jsonl", "--key", "key.pem", "-o", "batch.jsonl", "--output", "json"
    )
    assert (done.code, done.error["code"], done.error["where"]) == (
        6,
        "decision_differs",
        "decisions.jsonl:2",
    )
    assert not (shell.folder / "batch.jsonl").exists()
    shell.write("decisions.jsonl", "")
    done = shell.here(
        "attest", "--batch", "decisions.jsonl", "--key", "key.pem", "-o", "batch.jsonl", "--output", "json"
    )
    assert (done.code, done.error["code"]) == (4, "no_decisions")


def predicate(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_bytes()))


def test_the_bare_predicate_needs_no_key_and_is_what_would_be_signed(shell: Shell) -> None:
    prepare(shell)
    done = shell.here(
        "attest", "decision.json", "--model", "./m", "--output", "predicate=p.json", "--output", "json"
    )
    assert done.code == 0, done.err
    shell.here("attest", "decision.json", "--model", "./m", "--key", "key.pem", "-o", "a.json")
    signed = payload_of((shell.folder / "a.json").read_bytes())
    found = predicate(shell.folder / "p.json")
    assert found | {"createdOn": ""} == signed["predicate"] | {"createdOn": ""}
    assert done.json["subject"] == signed["subject"][0]
    assert done.json["predicate_type"] == signed["predicateType"] == PREDICATE_TYPE
    assert done.json["path"] is None


def test_the_bare_predicate_can_go_to_stdout(shell: Shell) -> None:
    prepare(shell)
    done = shell.here("attest", "decision.json", "--output", "predicate")
    assert done.json["decision"]["verdict"] == "allow"
    told = shell.here("attest", "decision.json", "--output", "predicate=p.json", "--output", "text").out
    assert told.splitlines()[:2] == ["not signed; to be signed with", "  subject        model"]


def test_the_bare_predicate_of_a_decision_that_does_not_follow_is_refused(shell: Shell) -> None:
    prepare(shell)
    data = json.loads((shell.folder / "decision.json").read_text())
    shell.write("decision.json", json.dumps(data | {"verdict": "deny", "possible": ["deny"], "exit": 1}))
    done = shell.here("attest", "decision.json", "--output", "predicate=p.json", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "decision_differs")
    assert not (shell.folder / "p.json").exists()


def test_the_bare_predicate_of_a_vsa(shell: Shell) -> None:
    prepare(shell)
    words = ["attest", "decision.json", "--output", "vsa-predicate"]
    found = shell.here(*words, "--verifier-id", VERIFIER).json
    assert (found["verifier"], found["verificationResult"]) == ({"id": VERIFIER}, "PASSED")
    assert "inputAttestations" not in found
    unnamed = shell.here(*words)
    assert unnamed.code == 4
    assert "give --verifier-id URI" in unnamed.err
    shell.here("check", "./m", "--to", "JP,DE", *ALLOWED[2:], "--output", "json=decision.json")
    many = shell.here(*words, "--verifier-id", VERIFIER)
    assert many.code == 4
    assert "about 2 destinations" in many.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "a.json"], "--key KEY is missing"),
        (["--key", "key.pem"], "-o PATH is missing"),
        ([], "--key KEY is missing"),
        (["--key", "key.pem", "-o", "a.json", "--output", "predicate"], "signs nothing"),
        (["--batch", "--output", "predicate"], "signs nothing"),
        (["--batch", "--model", "./m", *SIGN], "--batch with --model"),
        (["--key", "key.pem", "-o", "decision.json"], "decision.json"),
        (["--output", "predicate=decision.json"], "decision.json"),
        (["--output", "predicate=m/p.json", "--model", "./m"], "inside the model"),
    ],
)
def test_what_cannot_be_asked_is_told(shell: Shell, words: list[str], said: str) -> None:
    prepare(shell)
    before = (shell.folder / "decision.json").read_bytes()
    done = shell.here("attest", "decision.json", *words)
    assert done.code == 4
    assert said in done.err
    assert (shell.folder / "decision.json").read_bytes() == before
    assert not (shell.folder / "a.json").exists()
