"""Members of batches on the command line: verified alone and together, and what hostile ones come to."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.commands import ALLOWED, prepare
from tests.cli.shell import Done, Shell
from weightgate.attest.statements.batch import seal_batch
from weightgate.attest.statements.claims import peek, read_claims
from weightgate.signing.keys import generate, load_private

VERIFY = ["--key", "key.pem.pub", "--output", "json"]


def batch(shell: Shell) -> list[bytes]:
    """Members for an allowance and a denial, in batch.jsonl."""
    prepare(shell)
    asked = [["./m", *ALLOWED], ["./m", "--to", "IR", *ALLOWED[2:]]]
    made = [shell.here("check", *words, "--output", "json").json for words in asked]
    assert [one["verdict"] for one in made] == ["allow", "deny"]
    shell.write("decisions.jsonl", "".join(json.dumps(one) + "\n" for one in made))
    done = shell.here("attest", "--batch", "decisions.jsonl", "--key", "key.pem", "-o", "batch.jsonl")
    assert done.code == 0, done.err
    return (shell.folder / "batch.jsonl").read_bytes().splitlines(keepends=True)


def verify(shell: Shell, raw: bytes, *words: str) -> Done:
    (shell.folder / "one.json").write_bytes(raw)
    return shell.here("verify", "one.json", *VERIFY, *words)


def test_each_member_ends_with_its_own_verdict(shell: Shell) -> None:
    for member, (verdict, code) in zip(batch(shell), (("allow", 0), ("deny", 1)), strict=True):
        done = verify(shell, member, "--replay")
        assert (done.code, done.json["verdict"], done.json["genuine"]) == (code, verdict, True)
        states = {check["id"]: check["state"] for check in done.json["checks"]}
        assert states["batch"] == states["signature"] == states["replay"] == "established"


def test_a_member_is_asked_as_any_attestation_is(shell: Shell) -> None:
    allowed, _ = batch(shell)
    gate = ["--gate", "--model", "./m", "--to", "JP", "--operator", "jp.yaml", "--activity", "host"]
    assert verify(shell, allowed, *gate).code == 0
    elsewhere = ["IR" if word == "JP" else word for word in gate]
    done = verify(shell, allowed, *elsewhere)
    assert (done.code, done.error["code"]) == (6, "destination")


def test_a_file_of_members_ends_with_the_most_severe(shell: Shell) -> None:
    members = batch(shell)
    assert shell.here("verify", "batch.jsonl", *VERIFY).code == 1
    (shell.folder / "batch.jsonl").write_bytes(members[0] + members[1].replace(b'"index":1', b'"index":0'))
    assert shell.here("verify", "batch.jsonl", *VERIFY).code == 6


def field(name: str, value: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda member: member | {name: value}


@pytest.mark.parametrize(
    "change",
    [
        field("index", 1),
        field("index", -1),
        field("index", 10**300),
        field("index", 1.0),
        field("proof", base64.b64encode(b"\0" * 32).decode()),
        field("proof", base64.b64encode(b"\0" * 32 * 100_000).decode()),
        field("payload", base64.b64encode(b"{}").decode()),
        field("payloadType", "text/plain"),
        field("root", ""),
        field("root", base64.b64encode(b"\xff" * 99).decode()),
        field("root", base64.b64encode(b"[" * 100_000).decode()),
        field("root", base64.b64encode(b'{"payload":1,"payloadType":2,"signatures":3}').decode()),
        field("extra", [[[[]]]]),
    ],
)
def test_a_hostile_member_is_refused_without_a_traceback(
    shell: Shell, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    member = json.loads(batch(shell)[0])
    done = verify(shell, json.dumps(change(member)).encode())
    assert done.code == 6
    assert done.error["code"] in ("batch", "envelope")


def test_a_root_by_another_key_is_refused_as_a_signature(shell: Shell) -> None:
    [first, second] = batch(shell)
    payloads = [peek(claim) for claim in read_claims(first + second, "batch")]
    forged = next(iter(seal_batch(payloads, generate())))
    done = verify(shell, forged)
    assert (done.code, done.error["code"], done.json["verdict"]) == (6, "signature", None)
    ours = next(iter(seal_batch(payloads, load_private(shell.folder / "key.pem"))))
    assert verify(shell, ours).code == 0


def test_hostile_members_end_in_a_real_process_too(shell: Shell) -> None:
    member = json.loads(batch(shell)[0])
    huge = member | {"index": 10**300, "proof": base64.b64encode(b"\0" * 32 * 200_000).decode()}
    for raw in (json.dumps(huge), '{"mediaType":"' + member["mediaType"] + '","root":' + "[" * 200_000):
        shell.write("one.json", raw)
        done = shell("verify", "one.json", *VERIFY)
        assert done.code in (4, 6)
        assert done.error["code"]
