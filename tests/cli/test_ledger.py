"""``weightgate ledger``, and ``--ledger`` of the commands that sign."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.commands import ALLOWED
from tests.cli.shell import Done, Shell
from weightgate.attest.statements.claims import Kind, peek, read_claims
from weightgate.ledger.attested import log_check, read_proof_line
from weightgate.signing.envelope import read_envelope

NAME = "example.com/decisions"


@pytest.fixture
def ledger(shell: Shell) -> Shell:
    """A folder with a key and a ledger without entries."""
    shell.here("keys", "generate", "-o", "k.pem")
    done = shell.here("ledger", "init", "log.db", "--name", NAME, "--key", "k.pem", "--output", "json")
    assert (done.code, done.json["size"], done.json["name"]) == (0, 0, NAME), done.err
    return shell


def attest(shell: Shell, name: str, *words: str) -> Done:
    """Attest a decision that no other has: two of the same within a second would be the same statement."""
    operator = shell.write(f"{name}.yaml", f"name: {name}\nheadquarters: JP\nultimate_parent: JP\n")
    asked = ["./m", "--to", "JP", "--facts", "closed.yaml", "--operator", operator]
    signed = ["--attest", name, "--key", "k.pem", *words, "--output", "json=decision.json"]
    return shell.here("check", *asked, *signed)


def key_of(shell: Shell) -> str:
    key: str = shell.here("ledger", "show", "log.db", "--output", "json").json["key"]
    return key


def proven(shell: Shell, name: str) -> str:
    """State of the log's check for an attestation and the proof beside it."""
    payload = read_envelope((shell.folder / name).read_bytes(), name).payload
    proof = (shell.folder / f"{name}.tlog-proof").read_bytes()
    return str(log_check(payload, proof, {"log": key_of(shell)}).state)


def test_an_attestation_is_logged_and_proven_when_it_is_made(ledger: Shell) -> None:
    assert attest(ledger, "a.json", "--ledger", "log.db").code == 0
    assert attest(ledger, "b.json", "--ledger", "sqlite:log.db").code == 0
    assert (proven(ledger, "a.json"), proven(ledger, "b.json")) == ("established", "established")
    (ledger.folder / "a.json.tlog-proof").write_bytes((ledger.folder / "b.json.tlog-proof").read_bytes())
    assert proven(ledger, "a.json") == "contradicted"


def test_attest_logs_too(ledger: Shell) -> None:
    attest(ledger, "a.json")
    words = ["--key", "k.pem", "-o", "b.json", "--ledger", "log.db", "--output", "json"]
    done = ledger.here("attest", "decision.json", *words)
    assert (done.code, done.json["log_index"], done.json["log_proof"]) == (0, 0, "b.json.tlog-proof"), (
        done.err
    )
    assert proven(ledger, "b.json") == "established"
    attest(ledger, "a2.json")
    text = ledger.here("attest", "decision.json", "--key", "k.pem", "-o", "c.json", "--ledger", "log.db")
    assert text.out.splitlines()[-1] == "wrote c.json.tlog-proof, the proof of entry 1 in the ledger"


def test_guard_logs_what_it_refuses_and_what_it_lets(ledger: Shell) -> None:
    signed = ["--attest", "a.json", "--key", "k.pem", "--ledger", "log.db"]
    assert ledger.here("guard", "./m", *ALLOWED, *signed, "--", "true").code == 0
    assert (
        ledger.here("guard", "./m", "--to", "IR", "--facts", "closed.yaml", *signed, "--", "true").code == 1
    )
    listed = ledger.here("ledger", "entries", "log.db", "--output", "json").json
    assert [each["entry"]["verdict"] for each in listed["entries"]] == ["allow", "deny"]


def test_the_ledger_can_have_a_key_of_its_own(ledger: Shell) -> None:
    ledger.here("keys", "generate", "-o", "other.pem", "--type", "p256")
    signed = ["--attest", "a.json", "--key", "other.pem", "--ledger", "log.db"]
    done = ledger.here("check", "./m", *ALLOWED, *signed, "--output", "json")
    assert (done.code, done.error["code"]) == (4, "ledger_key")
    assert not (ledger.folder / "a.json").exists()
    assert ledger.here("check", "./m", *ALLOWED, *signed, "--ledger-key", "k.pem").code == 0
    assert proven(ledger, "a.json") == "established"
    assert ledger("check", "./m", *ALLOWED, *signed, WEIGHTGATE_LEDGER_KEY="k.pem").code == 0


def test_what_cannot_be_logged_is_not_signed(ledger: Shell) -> None:
    done = attest(ledger, "a.json", "--ledger", "none.db")
    assert done.code == 4
    assert "there is no ledger here" in done.err
    with closing(sqlite3.connect(ledger.folder / "log.db")) as raw, raw:
        raw.execute("UPDATE weightgate_ledger SET frontier = zeroblob(32), size = 1")
    assert attest(ledger, "a.json", "--ledger", "log.db").code == 6
    assert not (ledger.folder / "a.json").exists()
    assert not (ledger.folder / "a.json.tlog-proof").exists()


def test_a_ledger_is_not_named_for_nothing(ledger: Shell) -> None:
    done = ledger.here("check", "./m", *ALLOWED, "--ledger", "log.db", "--output", "json")
    assert (done.code, done.error["message"]) == (4, "--ledger without an attestation to log")
    assert ledger("check", "./m", *ALLOWED, WEIGHTGATE_LEDGER="log.db").code == 0
    done = ledger.here(
        "check", "./m", *ALLOWED, "--attest", "/dev/null", "--key", "k.pem", "--ledger", "log.db"
    )
    assert (done.code, "no proof can be written beside /dev/null" in done.err) == (4, True)


def test_attestations_are_logged_once(ledger: Shell) -> None:
    attest(ledger, "a.json")
    attest(ledger, "b.json")
    words = ["ledger", "add", "log.db", "a.json", "b.json", "a.json", "--key", "k.pem"]
    done = ledger.here(*words, "--output", "json")
    assert [(e["attestation"], e["index"], e["added"]) for e in done.json["entries"]] == [
        ("a.json", 0, True),
        ("b.json", 1, True),
        ("a.json", 0, False),
    ]
    assert ledger.here(*words).out.splitlines() == [
        "entry 0: a.json, logged before",
        "entry 1: b.json, logged before",
        "entry 0: a.json, logged before",
    ]
    assert ledger.here("ledger", "show", "log.db", "--output", "json").json["size"] == 2


def test_lines_of_attestations_are_logged(ledger: Shell) -> None:
    attest(ledger, "a.json")
    attest(ledger, "b.json")
    lines = (ledger.folder / "a.json").read_bytes() + (ledger.folder / "b.json").read_bytes()
    (ledger.folder / "claims.jsonl").write_bytes(lines)
    done = ledger.here("ledger", "add", "log.db", "claims.jsonl", "--key", "k.pem", "--output", "json")
    assert [each["index"] for each in done.json["entries"]] == [0, 1]


def test_verify_holds_the_proof_against_the_log_s_key(ledger: Shell) -> None:
    attest(ledger, "a.json", "--ledger", "log.db")
    attest(ledger, "b.json")
    for name, state, code in (("a.json", "established", 0), ("b.json", "contradicted", 6)):
        words = ["--key", "k.pem.pub", "--log-key", key_of(ledger), "--any-verdict", "--output", "json"]
        done = ledger.here("verify", name, *words)
        states = {check["id"]: check["state"] for check in done.json["checks"]}
        assert (states["log"], done.code) == (state, code)


def proofs_in(shell: Shell, name: str) -> list[tuple[str, str]]:
    """Each line's kind, and of a proof how it stands to the decision before it."""
    found = []
    decision = b""
    logs = {"log": key_of(shell)}
    for claim in read_claims((shell.folder / name).read_bytes(), name):
        if claim.kind is Kind.PROOF:
            check = log_check(decision, read_proof_line(claim.raw, name), logs)
            found.append(("proof", str(check.state)))
            continue
        payload = peek(claim)
        kind = json.loads(payload)["predicateType"]
        decision = payload if "weightgate" in kind else decision
        found.append((kind.split("/")[-2], ""))
    return found


def test_the_proof_is_a_line_after_the_summaries(ledger: Shell) -> None:
    done = attest(ledger, "a.jsonl", "--verifier-id", "https://example.com/gate", "--ledger", "log.db")
    assert done.code == 0, done.err
    *summaries, last = proofs_in(ledger, "a.jsonl")
    assert summaries[0] == ("decision", "")
    assert len(summaries) > 1
    assert last == ("proof", "established")
    assert not (ledger.folder / "a.jsonl.tlog-proof").exists()
    words = ["--key", "k.pem.pub", "--any-verdict"]
    assert ledger.here("verify", "a.jsonl", *words).code == 0
    done = ledger.here("ledger", "add", "log.db", "a.jsonl", "--key", "k.pem", "--output", "json")
    assert [each["added"] for each in done.json["entries"]] == [False] * len(summaries)


def test_each_decision_of_a_batch_has_its_proof(ledger: Shell) -> None:
    decisions = []
    for name in ("a.json", "b.json", "c.json"):
        attest(ledger, name)
        decisions.append(json.dumps(json.loads((ledger.folder / "decision.json").read_text())))
    ledger.write("many.jsonl", "\n".join(decisions) + "\n")
    words = ["--batch", "--key", "k.pem", "-o", "batch.jsonl", "--ledger", "log.db", "--output", "json"]
    done = ledger.here("attest", "many.jsonl", *words)
    assert (done.code, done.json["log_index"], done.json["log_proof"]) == (0, 0, None), done.err
    assert proofs_in(ledger, "batch.jsonl") == [("decision", ""), ("proof", "established")] * 3


def test_nothing_is_logged_when_one_of_them_is_none(ledger: Shell) -> None:
    attest(ledger, "a.json")
    ledger.write("b.json", "{}")
    done = ledger.here("ledger", "add", "log.db", "a.json", "b.json", "--key", "k.pem", "--output", "json")
    assert (done.code, done.error["code"], done.error["where"]) == (4, "no_attestation", "b.json")
    assert ledger.here("ledger", "show", "log.db", "--output", "json").json["size"] == 0


def test_a_proof_is_written_for_an_index_or_an_attestation(ledger: Shell) -> None:
    attest(ledger, "a.json", "--ledger", "log.db")
    attest(ledger, "b.json", "--ledger", "log.db")
    for what in ("0", "a.json"):
        done = ledger.here("ledger", "prove", "log.db", what, "-o", "a.json.tlog-proof", "--output", "json")
        assert (done.code, done.json["index"]) == (0, 0)
        assert done.json["proof"] == (ledger.folder / "a.json.tlog-proof").read_text()
        assert done.json["proof"].startswith("c2sp.org/tlog-proof@v1\nindex 0\n")
        assert proven(ledger, "a.json") == "established"
    attest(ledger, "c.json")
    for what, code in (("c.json", "not_logged"), ("2", "no_entry"), ("9" * 30, "unreadable")):
        done = ledger.here("ledger", "prove", "log.db", what, "-o", "p", "--output", "json")
        assert (done.code, done.error["code"]) == (4, code)
    assert not (ledger.folder / "p").exists()


def test_entries_are_listed_from_the_end_or_from_an_index(ledger: Shell) -> None:
    for name in ("a.json", "b.json", "c.json"):
        attest(ledger, name, "--ledger", "log.db")
    for words, indexes in (
        ([], [0, 1, 2]),
        (["--count", "2"], [1, 2]),
        (["--from", "0", "--count", "1"], [0]),
        (["--from", "9"], []),
    ):
        done = ledger.here("ledger", "entries", "log.db", *words, "--output", "json")
        assert [each["index"] for each in done.json["entries"]] == indexes
        assert done.json["size"] == 3
    row = ledger.here("ledger", "entries", "log.db", "--from", "2").out.splitlines()[0]
    assert row.startswith("2: {")
    assert json.loads(row.removeprefix("2: "))["verdict"] == "allow"


def test_a_checkpoint_is_printed_and_written_byte_for_byte(ledger: Shell) -> None:
    done = ledger.here("ledger", "checkpoint", "log.db", "-o", "kept")
    assert done.out == (ledger.folder / "kept").read_text(encoding="utf-8")
    assert done.out.startswith(f"{NAME}\n0\n")
    as_json = ledger.here("ledger", "checkpoint", "log.db", "--output", "json").json
    assert as_json["checkpoint"] == done.out


def test_verify_says_what_holds(ledger: Shell) -> None:
    attest(ledger, "a.json", "--ledger", "log.db")
    ledger.here("ledger", "checkpoint", "log.db", "-o", "kept")
    words = ["--log-key", key_of(ledger), "--checkpoint", "kept", "--output", "json"]
    done = ledger.here("ledger", "verify", "log.db", *words)
    assert (done.code, done.json["genuine"], done.json["size"]) == (0, True, 1)
    assert {each["state"] for each in done.json["checks"]} == {"established"}
    assert "error" not in done.json
    text = ledger.here("ledger", "verify", "log.db").out
    assert text.startswith("not established: key: ")
    assert text.endswith("VERIFIED: 1 entries\n")


def test_verify_says_what_is_wrong_and_ends_with_6(ledger: Shell) -> None:
    attest(ledger, "a.json", "--ledger", "log.db")
    with closing(sqlite3.connect(ledger.folder / "log.db")) as raw, raw:
        raw.execute("UPDATE weightgate_entries SET data = x'00'")
    done = ledger.here("ledger", "verify", "log.db", "--output", "json")
    assert (done.code, done.json["exit"], done.json["genuine"]) == (6, 6, False)
    assert done.error["code"] == "entries"
    assert "entry 0 has another hash" in done.error["message"]
    assert ledger.here("ledger", "verify", "log.db").out.splitlines()[-1].startswith("NOT VERIFIED: entries")
    attest(ledger, "b.json")
    other = key_of_another(ledger)
    done = ledger.here("ledger", "verify", "log.db", "--log-key", other, "--output", "json")
    assert (done.code, done.error["code"]) == (6, "ledger_key")
    done = ledger.here("ledger", "verify", "log.db", "--log-key", "nonsense", "--output", "json")
    assert (done.code, done.error["code"], done.error["where"]) == (4, "log_key", "--log-key")
    done = ledger.here("ledger", "verify", "log.db", "--checkpoint", "b.json", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "note")


def key_of_another(shell: Shell) -> str:
    """The key of another ledger that has the same name."""
    shell.here("keys", "generate", "-o", "other.pem")
    done = shell.here("ledger", "init", "o.db", "--name", NAME, "--key", "other.pem", "--output", "json")
    key: str = done.json["key"]
    return key


def test_an_export_lies_as_the_specification_has_it(ledger: Shell) -> None:
    attest(ledger, "a.json", "--ledger", "log.db")
    done = ledger.here("ledger", "export", "log.db", "x")
    assert (done.code, done.out) == (0, "x: 1 entries; 3 files written, 0 there already\n")
    assert (ledger.folder / "x/tile/entries/000.p/1").is_file()


def test_a_ledger_is_made_once_and_over_nothing(ledger: Shell) -> None:
    words = ["--name", NAME, "--key", "k.pem", "--output", "json"]
    done = ledger.here("ledger", "init", "log.db", *words)
    assert (done.code, done.error["code"], done.error["where"]) == (4, "ledger_exists", "log.db")
    before = (ledger.folder / "k.pem").read_bytes()
    done = ledger.here("ledger", "init", "k.pem", *words)
    assert (done.code, done.error["code"]) == (4, "output_over_input")
    assert (ledger.folder / "k.pem").read_bytes() == before
    done = ledger.here("ledger", "init", "n.db", "--name", "a b", "--key", "k.pem", "--output", "json")
    assert (done.code, done.error["code"]) == (4, "key_name")
    assert not (ledger.folder / "n.db").exists()


@pytest.mark.parametrize("command", ["show", "entries", "checkpoint", "verify"])
def test_the_result_is_not_written_over_the_ledger(ledger: Shell, command: str) -> None:
    done = ledger.here("ledger", command, "log.db", "--output", "json=log.db")
    assert (done.code, "over a file that is read" in done.err) == (4, True)
    assert ledger.here("ledger", "verify", "log.db").code == 0


@pytest.mark.parametrize(
    "url", ["postgresql://me:s3cret@127.0.0.1:1/none", "postgresql://me@127.0.0.1:1/none?password=s3cret"]
)
def test_a_password_is_never_printed(ledger: Shell, url: str) -> None:
    for words in (["show", url], ["verify", url, "--output", "json"]):
        done = ledger("ledger", *words)
        assert done.code in (4, 5)
        assert "s3cret" not in done.out + done.err
        assert "127.0.0.1:1/none" in done.out + done.err


def test_a_ledger_s_text_cannot_drive_a_terminal(ledger: Shell) -> None:
    from weightgate.ledger.ledger import open_ledger
    from weightgate.signing.keys import load_private

    key = load_private(Path(ledger.folder, "k.pem"))
    with open_ledger(str(ledger.folder / "log.db"), signer=key) as it:
        it.append([b"\x1b[31mred\x07\nnext", b"\xff\xfe"])
    done = ledger.here("ledger", "entries", "log.db")
    assert "\x1b" not in done.out
    assert done.out.splitlines()[:2] == ["0: \\x1b[31mred\\x07 next", "1: \ufffd\ufffd"]
