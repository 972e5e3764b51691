from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.commands import ALLOWED, prepare
from tests.cli.shell import Done, Shell

MATCHING = ["--model", "./m", "--to", "JP", "--operator", "jp.yaml", "--activity", "host"]


@pytest.fixture
def signed(shell: Shell) -> Shell:
    """A folder with ``attestation.json``, an allowance to host in Japan."""
    prepare(shell)
    return shell


def verify(shell: Shell, *words: str) -> Done:
    """Verify it with the right key, as JSON."""
    return shell.here("verify", "attestation.json", "--key", "key.pem.pub", *words, "--output", "json")


def state(done: Done, check: str) -> str:
    """How one check came out."""
    found: str = next(c["state"] for c in done.json["checks"] if c["id"] == check)
    return found


def test_what_was_not_asked_is_not_established(signed: Shell) -> None:
    done = verify(signed)
    assert (done.code, done.json["genuine"]) == (0, True)
    assert {state(done, c) for c in ("model", "destination", "operator", "activity", "policy", "replay")} == {
        "not_established"
    }


def test_what_is_asked_and_matches_is_established(signed: Shell) -> None:
    done = verify(signed, *MATCHING, "--policy", "us-ai-diffusion-draft", "--replay")
    assert done.code == 0
    assert {state(done, c) for c in ("model", "destination", "operator", "activity", "policy", "replay")} == {
        "established"
    }


@pytest.mark.parametrize(
    ("words", "check"),
    [
        (["--to", "DE"], "destination"),
        (["--to", "JP,DE"], "destination"),
        (["--operator", "gb.yaml"], "operator"),
        (["--activity", "fine_tune"], "activity"),
        (["--policy", "./p.yaml"], "policy"),
        (["--model", "-"], "model"),
        (["--model", "./n"], "model"),
    ],
)
def test_what_does_not_match_is_exit_6_and_named(signed: Shell, words: list[str], check: str) -> None:
    signed.write("p.yaml", "name: other\n")
    signed.write("n/config.json", "{}")
    done = verify(signed, *words)
    assert (done.code, done.json["exit"], done.json["genuine"]) == (6, 6, False)
    assert state(done, check) == "contradicted"
    assert done.error["code"] == check
    assert done.error["where"] == "attestation.json"
    assert sorted(done.error) == ["code", "hint", "message", "where"]


def test_a_changed_file_of_the_model_is_named(signed: Shell) -> None:
    (signed.folder / "m" / "config.json").write_text("{}")
    done = verify(signed, "--model", "./m")
    assert done.code == 6
    assert "config.json" in done.error["message"]


def test_the_gate_wants_everything_asked(signed: Shell) -> None:
    assert verify(signed, "--gate", *MATCHING).code == 0
    for left_out in range(0, len(MATCHING), 2):
        words = MATCHING[:left_out] + MATCHING[left_out + 2 :]
        done = verify(signed, "--gate", *words)
        assert (done.code, done.json["genuine"]) == (6, False)
        assert done.error["code"] == "not_established"
        name = {"--to": "destination"}.get(MATCHING[left_out], MATCHING[left_out][2:])
        assert done.error["message"].startswith(f"{name}: not asked")
        text = signed.here("verify", "attestation.json", "--key", "key.pem.pub", "--gate", *words).out
        assert text.splitlines()[-1] == f"NOT VERIFIED: {name}"


def test_the_gate_refuses_a_what_if(signed: Shell) -> None:
    yesterday = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()
    words = ["--as-of", yesterday, "--attest", "attestation.json", "--key", "key.pem"]
    assert signed.here("check", "./m", *ALLOWED, *words).code == 0
    assert verify(signed, *MATCHING).code == 0
    assert verify(signed, *MATCHING, "--gate").code == 6


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--to", "IR", "--facts", "closed.yaml"], 1),
        (["--to", "IN", "--facts", "closed.yaml", "--operator", "gb.yaml"], 2),
        (["--to", "IN", "--facts", "closed.yaml"], 3),
        (["--to", "IN", "--facts", "closed.yaml", "--operator", "secure.yaml"], 0),
    ],
)
def test_the_exit_code_is_the_attested_verdict_s_own(signed: Shell, words: list[str], code: int) -> None:
    asked = ["--attest", "attestation.json", "--key", "key.pem"]
    assert signed.here("check", "./m", *words, *asked).code == code
    assert verify(signed).code == code
    assert verify(signed, "--any-verdict").code == 0


def test_another_key_is_exit_6(signed: Shell) -> None:
    signed.here("keys", "generate", "-o", "other.pem")
    words = ["verify", "attestation.json", "--key", "other.pem.pub"]
    done = signed.here(*words, "--output", "json")
    assert (done.code, done.error["code"]) == (6, "signature")
    in_words = signed.here(*words)
    assert in_words.code == 6
    assert in_words.out.splitlines()[-1] == "NOT VERIFIED: signature"
    assert signed.here(*words, "--key", "key.pem.pub").code == 0


def test_a_changed_byte_is_exit_6(signed: Shell) -> None:
    path = signed.folder / "attestation.json"
    envelope = json.loads(path.read_text())
    payload = base64.b64decode(envelope["payload"]).replace(b'"JP"', b'"KP"', 1)
    path.write_text(json.dumps(envelope | {"payload": base64.b64encode(payload).decode()}))
    assert verify(signed, "--any-verdict").code == 6


@pytest.mark.parametrize("name", ["decision.json", "closed.yaml", "none.json", "m"])
def test_a_file_that_is_no_attestation_is_exit_4(signed: Shell, name: str) -> None:
    done = signed.here("verify", name, "--key", "key.pem.pub", "--output", "json")
    assert (done.code, done.json["exit"]) == (4, 4)


def test_age_and_clock(signed: Shell) -> None:
    later = (datetime.now(UTC) + timedelta(days=31)).isoformat()
    done = verify(signed, "--at", later)
    assert (done.code, state(done, "age")) == (6, "stale")
    assert verify(signed, "--at", later, "--max-age", "40").code == 0
    earlier = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert state(verify(signed, "--at", earlier), "time") == "contradicted"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--at", "noon"], "--at"),
        (["--at", "2026-01-01T00:00:00"], "offset"),
        (["--max-age", "-1"], "maximum age"),
        (["--max-age", "nan"], "maximum age"),
        (["--max-age", "many"], "many"),
        (["--trust", "none.yaml"], "none.yaml"),
        (["--to", "UK"], "UK"),
        (["--activity", "sail"], "sail"),
        (["--operator", "none.yaml"], "none.yaml"),
        (["--key", "none.pub"], "none.pub"),
        (["--key", "key.pem"], "private key"),
    ],
)
def test_what_cannot_be_asked_is_exit_4(signed: Shell, words: list[str], told: str) -> None:
    done = verify(signed, *words)
    assert done.code == 4
    assert told in json.dumps(done.error)


def test_no_key_at_all_is_exit_4(signed: Shell) -> None:
    done = signed.here("verify", "attestation.json")
    assert done.code == 4
    assert "--key" in done.err


def test_the_report_in_words(signed: Shell) -> None:
    lines = signed.here("verify", "attestation.json", "--key", "key.pem.pub", *MATCHING).out.splitlines()
    assert lines[0] == "established: envelope: DSSE v1, in-toto"
    assert any(line.startswith("not established: policy: not asked") for line in lines)
    assert lines[-1] == "VERIFIED us-ai-diffusion-draft 1.0.0 (superseded): ALLOW"


@pytest.mark.parametrize(
    "at",
    [
        "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
        "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01",
    ],
)  # fmt: skip
def test_a_clock_at_the_end_of_time_is_refused(shell: Shell, at: str) -> None:
    prepare(shell)
    words = ["verify", "attestation.json", "--key", "key.pem.pub", "--at", at, "--max-age", "1e9"]
    done = shell.here(*words)
    assert done.code == 4
    assert "needed a time from 1970-01-01 to 9998-12-31" in done.err


@pytest.mark.parametrize(
    ("at", "age", "code"),
    [
        ("9998-12-30T23:59:59Z", "1e308", 0),
        ("1970-01-01T00:00:00Z", "1e9", 6),
        ("9998-12-30T00:00:00Z", "1", 6),
    ],
)
def test_a_clock_far_off_is_only_a_clock(shell: Shell, at: str, age: str, code: int) -> None:
    prepare(shell)
    words = ["verify", "attestation.json", "--key", "key.pem.pub", "--at", at, "--max-age", age]
    assert shell.here(*words).code == code
