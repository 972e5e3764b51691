"""``weightgate verify`` with a trust file, of many attestations, and as an archive; hostile files as real processes."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import ALLOWED, prepare
from tests.cli.shell import Done, Shell

MATCHING = ["--model", "./m", "--to", "JP", "--operator", "jp.yaml", "--activity", "host"]
DENIED = ["--to", "IR", "--facts", "closed.yaml", "--operator", "jp.yaml"]
GATE = "https://example.com/gate"


@pytest.fixture
def signed(shell: Shell) -> Shell:
    """A folder with ``attestation.json``, an allowance to host in Japan, and a trust file that names its signer."""
    prepare(shell)
    write_trust(shell)
    return shell


def write_trust(shell: Shell, **grant: Any) -> None:
    """A trust file under which the key decides, within limits."""
    pem = (shell.folder / "key.pem.pub").read_text()
    document = {
        "schema": "weightgate/trust/v1",
        "version": 1,
        "expires": (datetime.now(UTC).date() + timedelta(days=90)).isoformat(),
        "identities": {"gate": {"key": pem}},
        "decide": [{"identities": ["gate"], "verifier_id": GATE} | grant],
        "revoke": [{"identities": ["gate"]}],
    }
    shell.write("mine.yaml", json.dumps(document))


def verify(shell: Shell, *words: str, path: str = "attestation.json") -> Done:
    """Verify it by the trust file, as JSON."""
    return shell.here("verify", path, "--trust", "mine.yaml", *words, "--output", "json")


def state(done: Done, check: str) -> str:
    """How one check came out."""
    found: str = next(c["state"] for c in done.json["checks"] if c["id"] == check)
    return found


def test_a_trust_file_says_who_may_decide(signed: Shell) -> None:
    done = verify(signed, "--gate", *MATCHING)
    assert (done.code, done.json["mode"]) == (0, "gate")
    assert {state(done, name) for name in ("trust", "authority", "pack_rules")} == {"established"}
    write_trust(signed, destinations=["DE"])
    refused = verify(signed)
    assert (refused.code, refused.error["code"]) == (6, "authority")
    assert "decide[0]: 'JP' reaches 'JP'" in refused.error["message"]


def test_a_trust_file_from_the_environment_is_not_widened_by_a_key(signed: Shell) -> None:
    words = ["verify", "attestation.json", "--key", "key.pem.pub", "--output", "json"]
    assert signed(*words).code == 0
    done = signed(*words, WEIGHTGATE_TRUST="mine.yaml")
    assert (done.code, done.error["code"]) == (4, "ambiguous_trust")
    assert signed("verify", "attestation.json", WEIGHTGATE_TRUST="mine.yaml").code == 0


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["--verifier-id", GATE], "verifier_id of a grant under decide"),
        (["--timestamp-authority", "key.pem.pub"], "timestamp_authorities"),
        (["--log-key", "example.com/log+00000000+AA"], "logs"),
    ],
)
def test_nothing_beside_a_trust_file_says_more_than_it(signed: Shell, words: list[str], place: str) -> None:
    done = verify(signed, *words)
    assert (done.code, done.error["code"]) == (4, "ambiguous_trust")
    assert done.error["hint"] == f"leave it out, and write it into the trust file: {place}"


def test_a_list_by_whom_the_trust_file_lets_revoke(signed: Shell) -> None:
    assert signed.here("revoke", "r.json", "--key", "key.pem").code == 0
    assert state(verify(signed, "--revocations", "r.json"), "revocation") == "established"
    assert signed.here("revoke", "r.json", "--key", "key.pem", "--attestation", "attestation.json").code == 0
    assert verify(signed, "--revocations", "r.json").code == 6


def test_summaries_are_verified_with_their_decision_and_alone(signed: Shell) -> None:
    words = ["attest", "decision.json", "--key", "key.pem", "--verifier-id", GATE, "--model", "./m"]
    assert signed.here(*words, "-o", "claims.jsonl").code == 0
    whole = verify(signed, "--gate", *MATCHING, path="claims.jsonl")
    assert (whole.code, state(whole, "summaries")) == (0, "established")
    _, vsa, svr = (signed.folder / "claims.jsonl").read_bytes().splitlines(keepends=True)
    for number, summary in enumerate((vsa, svr)):
        (signed.folder / f"{number}.json").write_bytes(summary)
        alone = verify(signed, "--gate", *MATCHING, path=f"{number}.json")
        assert (alone.code, state(alone, "verifier")) == (0, "established")
        other = verify(signed, "--gate", *MATCHING[:2], "--to", "DE", *MATCHING[4:], path=f"{number}.json")
        assert other.code == 6
        by_key = ["verify", f"{number}.json", "--key", "key.pem.pub", "--gate", *MATCHING]
        assert signed.here(*by_key).code == 6
        spoken_for = signed.here(*by_key, "--verifier-id", GATE)
        assert (spoken_for.code, spoken_for.out.splitlines()[-1]) == (0, "VERIFIED summary: allow")


def many(shell: Shell) -> None:
    """A file of an allowance, a denial, and the allowance with another signer."""
    signer = ["--attest", "denied.json", "--key", "key.pem"]
    assert shell.here("check", "./m", *DENIED, *signer).code == 1
    shell.here("keys", "generate", "-o", "other.pem")
    foreign = ["--attest", "foreign.json", "--key", "other.pem"]
    assert shell.here("check", "./m", *ALLOWED, *foreign).code == 0
    names = ("attestation.json", "denied.json", "foreign.json")
    lines = [(shell.folder / name).read_bytes() for name in names]
    (shell.folder / "many.jsonl").write_bytes(b"".join(lines))
    (shell.folder / "two.jsonl").write_bytes(b"".join(lines[:2]))


def test_a_file_of_many_has_a_line_for_each_and_the_most_severe_code(signed: Shell) -> None:
    many(signed)
    done = verify(signed, path="many.jsonl")
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 6
    assert [row["exit"] for row in rows] == [0, 1, 6]
    assert [row["source"] for row in rows] == [f"many.jsonl:{number}" for number in (1, 2, 3)]
    assert rows[2]["error"]["code"] == "signature"
    assert {row["schema"] for row in rows} == {"weightgate/verification/v1"}
    assert verify(signed, path="two.jsonl").code == 1
    assert verify(signed, "--any-verdict", path="two.jsonl").code == 0


def test_many_in_words(signed: Shell) -> None:
    many(signed)
    (signed.folder / "more.jsonl").write_bytes(
        (signed.folder / "many.jsonl").read_bytes() + b'{"no": "attestation"}\n'
    )
    lines = signed.here("verify", "more.jsonl", "--key", "key.pem.pub").out.splitlines()
    assert lines[0] == "more.jsonl:1: VERIFIED: allow"
    assert lines[1] == "more.jsonl:2: VERIFIED: deny"
    assert lines[2] == "more.jsonl:3: NOT VERIFIED: signature"
    assert lines[3].startswith("more.jsonl:4: NO ATTESTATION: no attestation: needed a JSON object")
    assert lines[-1] == "4 attestations, exit 6"


def test_an_archive_and_a_gate_are_two_questions(signed: Shell) -> None:
    later = (datetime.now(UTC) + timedelta(days=80)).isoformat()
    assert verify(signed, "--at", later).code == 6
    done = verify(signed, "--at", later, "--archive")
    assert (done.code, done.json["mode"]) == (0, "archive")
    assert verify(signed, "--archive", "--gate").code == 4


# Hostile files, as real processes


def forged(shell: Shell, change: str) -> None:
    """Write ``bad.json``: the attestation after an attack."""
    envelope = json.loads((shell.folder / "attestation.json").read_text())
    raw = json.dumps(envelope)
    signature = envelope["signatures"][0]
    if change == "truncated base64":
        raw = raw.replace(envelope["payload"], envelope["payload"][:-3])
    elif change == "duplicate key":
        raw = raw.replace('{"payload"', '{"payloadType": "x", "payload"', 1)
    elif change == "another payload type":
        raw = raw.replace("application/vnd.in-toto+json", "application/json")
    elif change == "a key inside":
        raw = json.dumps(envelope | {"publicKey": (shell.folder / "other.pem.pub").read_text()})
    elif change == "no signature":
        raw = json.dumps(envelope | {"signatures": []})
    elif change == "many signatures":
        raw = json.dumps(envelope | {"signatures": [signature] * 100_000})
    elif change == "algorithm none":
        raw = json.dumps(
            envelope
            | {"signatures": [{"keyid": signature["keyid"], "sig": base64.b64encode(b"\0").decode()}]}
        )
    elif change == "a signature twice as long":
        twice = base64.b64encode(base64.b64decode(signature["sig"]) * 2).decode()
        raw = json.dumps(envelope | {"signatures": [signature | {"sig": twice}]})
    shell.write("bad.json", raw)


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ("truncated base64", "envelope"),
        ("duplicate key", "envelope"),
        ("another payload type", "envelope"),
        ("a key inside", "envelope"),
        ("no signature", "envelope"),
        ("many signatures", "envelope"),
        ("algorithm none", "signature"),
        ("a signature twice as long", "signature"),
    ],
)
def test_a_forged_envelope_is_exit_6_and_names_the_check(signed: Shell, change: str, check: str) -> None:
    signed.here("keys", "generate", "-o", "other.pem")
    forged(signed, change)
    done = signed("verify", "bad.json", "--key", "key.pem.pub", "--output", "json")
    assert (done.code, done.error["code"]) == (6, check), done.out


@pytest.mark.parametrize("kind", ["ed25519", "p256", "p384", "rsa"])
def test_a_key_of_another_kind_is_no_signer(signed: Shell, kind: str) -> None:
    assert signed.here("keys", "generate", "-o", "other.pem", "--type", kind).code == 0
    done = signed("verify", "attestation.json", "--key", "other.pem.pub", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "signature")


def test_a_revocation_list_is_no_attestation(signed: Shell) -> None:
    signed.here("revoke", "r.json", "--key", "key.pem")
    done = signed("verify", "r.json", "--key", "key.pem.pub", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "predicate_type")


def test_an_empty_file_is_no_attestation(signed: Shell) -> None:
    for raw in ("", "\n\n"):
        signed.write("empty.json", raw)
        done = signed("verify", "empty.json", "--key", "key.pem.pub", "--output", "json")
        assert (done.code, done.json["exit"]) == (4, 4)


def test_a_pipe_is_read_once(signed: Shell) -> None:
    raw = Path(signed.folder, "attestation.json").read_text()
    assert signed("verify", "/dev/stdin", "--key", "key.pem.pub", stdin=raw).code == 0
