"""``weightgate revoke``, and what ``verify --revocations`` makes of its lists, from files and from a real server."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import ALLOWED, prepare
from tests.cli.shell import Done, Shell
from weightgate.attest.revocation import fetch

MATCHING = ["--model", "./m", "--to", "JP", "--operator", "jp.yaml", "--activity", "host"]


@pytest.fixture
def signed(shell: Shell) -> Shell:
    """A folder with ``attestation.json``, an allowance to host in Japan."""
    prepare(shell)
    return shell


def revoke(shell: Shell, *words: str, path: str = "revoked.json") -> Done:
    """Write a list with the right key."""
    return shell.here("revoke", path, "--key", "key.pem", *words, "--output", "json")


def verify(shell: Shell, *words: str) -> Done:
    """Verify the attestation against the list."""
    lists = [] if "--revocations" in words else ["--revocations", "revoked.json"]
    return shell.here(
        "verify", "attestation.json", "--key", "key.pem.pub", *lists, *words, "--output", "json"
    )


def check(done: Done, name: str = "revocation") -> dict[str, str]:
    """One check of a report."""
    found: dict[str, str] = next(c for c in done.json["checks"] if c["id"] == name)
    return found


def test_a_revoked_attestation_is_exit_6_and_another_is_not(signed: Shell) -> None:
    other = ["--attest", "other.json", "--key", "key.pem"]
    assert signed.here("check", "./m", "--to", "DE", *ALLOWED[2:], *other).code == 0
    done = revoke(signed, "--attestation", "attestation.json", "--reason", "withdrawn", "--note", "a mistake")
    assert (done.code, done.json["number"], done.json["list"]) == (0, 1, "revoked.json")
    assert done.json["revocations"][0]["reason"] == "withdrawn"
    refused = verify(signed)
    assert (refused.code, refused.error["code"], check(refused)["state"]) == (6, "revocation", "contradicted")
    assert "'a mistake'" in check(refused)["detail"]
    words = ["--key", "key.pem.pub", "--revocations", "revoked.json", "--output", "json"]
    kept = signed.here("verify", "other.json", *words)
    assert (kept.code, check(kept)["state"]) == (0, "established")


def test_a_list_grows_and_its_number_increases(signed: Shell) -> None:
    first = revoke(signed, "--engine", "weightgate/0.0.1", "--name", "our gate")
    again = revoke(signed, "--pack", "us-ai-diffusion-draft")
    assert [done.json["number"] for done in (first, again)] == [1, 2]
    assert again.json["list"] == "our gate"
    assert [list(r["match"]) for r in again.json["revocations"]] == [["engine"], ["pack"]]
    assert verify(signed).code == 6
    only_issued = revoke(signed)
    assert (only_issued.json["number"], len(only_issued.json["revocations"])) == (3, 2)
    twice = revoke(signed, "--engine", "weightgate/0.0.1")
    assert len(twice.json["revocations"]) == 3, "a later day is another entry"


@pytest.mark.parametrize(
    "words",
    [
        ["--signer", "key.pem.pub"],
        ["--signer", "key.pem.pub", "--reason", "key_compromise", "--signed-from", "2025-01-01T00:00:00Z"],
        ["--pack", "us-ai-diffusion-draft"],
        ["--engine", "ENGINE"],
        ["--digest", "DIGEST"],
    ],
)
def test_all_by_criterion(signed: Shell, words: list[str]) -> None:
    decision = json.loads((signed.folder / "decision.json").read_text())
    known = {"ENGINE": decision["engine"], "DIGEST": decision["model"]["digest"]}
    assert revoke(signed, *(known.get(word, word) for word in words)).code == 0
    assert (verify(signed).code, check(verify(signed))["state"]) == (6, "contradicted")


@pytest.mark.parametrize("spell", [str, str.upper, "sha256:{}".format])
def test_a_keyid_revokes_however_it_is_spelled(signed: Shell, spell: Callable[[str], str]) -> None:
    keyid = signed.here("keys", "show", "key.pem.pub", "--output", "json").json["keyid"]
    assert revoke(signed, "--signer", spell(keyid)).code == 0
    assert check(verify(signed))["state"] == "contradicted"


@pytest.mark.parametrize(
    "name", ["ci.example.com", "ana@example.com", "https://ci.example.com/a.pub", "CN=a/b"]
)
def test_an_identity_is_no_file(signed: Shell, name: str) -> None:
    done = revoke(signed, "--signer", name)
    assert (done.code, done.json["revocations"][0]["match"]) == (0, {"signer": name})


def test_supersession_names_the_newer_one(signed: Shell) -> None:
    newer = ["--attest", "newer.json", "--key", "key.pem"]
    assert signed.here("check", "./m", "--to", "DE", *ALLOWED[2:], *newer).code == 0
    done = revoke(signed, "--attestation", "attestation.json", "--superseded-by", "newer.json")
    assert done.json["revocations"][0]["reason"] == "superseded"
    refused = verify(signed)
    assert (refused.code, check(refused)["state"]) == (6, "stale")
    assert done.json["revocations"][0]["supersededBy"] in check(refused)["detail"]


def test_another_key_does_not_continue_a_list(signed: Shell) -> None:
    assert revoke(signed).code == 0
    before = (signed.folder / "revoked.json").read_bytes()
    signed.here("keys", "generate", "-o", "other.pem")
    done = signed.here("revoke", "revoked.json", "--key", "other.pem", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "signature")
    assert (signed.folder / "revoked.json").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--attestation", "none.json"], "none.json"),
        (["--signer", "lots.pub"], "no such file"),
        (["--signer", "keys/lost"], "no such file"),
        (["--attestation", "decision.json"], "no attestation"),
        (["--attestation", "sha256:12"], "is no digest"),
        (["--digest", "12"], "is no digest"),
        (["--attestation", "attestation.json", "--engine", "x"], "both an attestation and a criterion"),
        (["--signed-from", "2026-01-01T00:00:00Z"], "a time of signing alone names nothing"),
        (["--engine", "x", "--signed-from", "2026-01-01"], "is no time with an offset"),
        (["--engine", "x", "--reason", "key_compromise"], "is about a signer"),
        (["--engine", "x", "--superseded-by", "attestation.json"], "only one attestation is superseded"),
        (["--attestation", "attestation.json", "--superseded-by", "attestation.json"], "supersede itself"),
        (["--attestation", "attestation.json", "--reason", "superseded"], "names what supersedes it"),
        (["--pack", "no-such-pack"], "no pack is called"),
        (["--next-update", "0"], "a list good for 0 days"),
        (["--next-update", "nan"], "a list good for 0 days"),
        (["--next-update", "4000"], "a list good for 4000 days"),
        (["--engine", "x" * 201], "needed 1 to 200 characters"),
        (["--name", "\x1b"], "printable characters"),
    ],
)
def test_what_cannot_be_revoked_is_exit_4_and_writes_nothing(
    signed: Shell, words: list[str], said: str
) -> None:
    done = revoke(signed, *words)
    assert done.code == 4
    assert said in json.dumps(done.error)
    assert not (signed.folder / "revoked.json").exists()


def test_a_list_keeps_its_name(signed: Shell) -> None:
    assert revoke(signed, "--name", "ours").code == 0
    assert revoke(signed, "--name", "theirs").error["code"] == "list_name"
    assert revoke(signed, "--name", "ours").json["number"] == 2


def test_what_is_no_list_is_not_written_over(signed: Shell) -> None:
    for name in ("attestation.json", "decision.json", "closed.yaml"):
        before = (signed.folder / name).read_bytes()
        assert revoke(signed, "--engine", "x", path=name).code in (4, 6)
        assert (signed.folder / name).read_bytes() == before
    assert revoke(signed, path="m").code == 4


def test_the_result_in_words(signed: Shell) -> None:
    lines = signed.here("revoke", "r.json", "--key", "key.pem", "--engine", "x").out.splitlines()
    assert lines[0] == "wrote r.json: list 'r.json' number 1, 1 revocation"
    assert re.fullmatch(r"the next one is due by 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", lines[1])


# What a verifier does without a list that it can use


def test_a_gate_refuses_what_it_cannot_know(signed: Shell) -> None:
    nobody = "http://127.0.0.1:9/list"
    assert verify(signed, *MATCHING, "--revocations", nobody).code == 0
    done = verify(signed, *MATCHING, "--revocations", nobody, "--gate")
    assert (done.code, done.error["code"]) == (6, "not_established")
    assert done.error["message"].startswith(f"revocation: cannot be known: {nobody}: cannot be fetched")
    assert revoke(signed).code == 0
    assert verify(signed, *MATCHING, "--gate").code == 0
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    stale = verify(signed, *MATCHING, "--gate", "--max-revocation-age", "1", "--at", later)
    assert (stale.code, "stale, 2.0 days old" in stale.error["message"]) == (6, True)


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[tuple[str, list[str]]]:
    """A server on this machine, its address, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer(self)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/list", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def content(raw: bytes, *, status: int = 200, length: int | None = None, **headers: str) -> Any:
    """Answers with these bytes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(raw) if length is None else length))
        for name, text in headers.items():
            handler.send_header(name, text)
        handler.end_headers()
        handler.wfile.write(raw)

    return answer


def test_a_list_is_fetched_from_a_url(signed: Shell) -> None:
    revoke(signed, "--attestation", "attestation.json")
    raw = (signed.folder / "revoked.json").read_bytes()
    with serving(content(raw)) as (url, asked):
        refused = verify(signed, "--revocations", url)
        assert (refused.code, check(refused)["state"]) == (6, "contradicted")
        assert asked == ["/list"]
    unreachable = verify(signed, "--revocations", url)
    assert (unreachable.code, check(unreachable)["state"]) == (0, "not_established")
    assert "cannot be fetched" in check(unreachable)["detail"]


def test_a_list_whose_name_is_misspelt_is_an_input_error(signed: Shell) -> None:
    done = verify(signed, "--revocations", "revokde.json")
    assert (done.code, done.json["error"]["code"], done.json["error"]["where"]) == (
        4,
        "unreadable",
        "revokde.json",
    )


def test_a_fresh_process_fetches_it_too(signed: Shell) -> None:
    revoke(signed)
    with serving(content((signed.folder / "revoked.json").read_bytes())) as (url, _):
        words = [
            "verify",
            "attestation.json",
            "--key",
            "key.pem.pub",
            "--revocations",
            url,
            "--output",
            "json",
        ]
        assert check(signed(*words))["state"] == "established"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (content(b"", status=404), "the server answered 404"),
        (content(b"{}"), "no revocation list"),
        (content(b"{}", length=9), "cut off after 2 of 9 bytes"),
        (content(b"x" * (8 * 1024 * 1024 + 1)), "longer than 8388608 bytes"),
        (content(b"", status=302, Location="/list"), "more than 3 redirections"),
        (content(b"", status=302, Location="file:///etc/passwd"), "redirected to 'file:///etc/passwd'"),
        (content(b"", status=302, Location="http://example.com/"), "http can be answered by anybody"),
    ],
)
def test_a_server_that_answers_otherwise_establishes_nothing(signed: Shell, answer: Any, said: str) -> None:
    with serving(answer) as (url, _):
        done = verify(signed, "--revocations", url)
    assert (done.code, check(done)["state"]) == (0, "not_established")
    assert said in check(done)["detail"]


def test_a_server_that_never_ends_is_left(signed: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "TIMEOUT", 0.5)
    over = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100):
            if over.wait(0.1):
                return
            handler.wfile.write(b" ")
            handler.wfile.flush()

    with serving(drip) as (url, _):
        done = verify(signed, "--revocations", url)
        over.set()
    assert "took longer than 0.5 seconds" in check(done)["detail"]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.com/list", "insecure_url"),
        ("http://127.0.0.1.example.com/list", "insecure_url"),
        ("https://user:secret@example.com/list", "bad_url"),
        ("https:///list", "bad_url"),
        ("https://[/list", "bad_url"),
        ("https://example.com:port/list", "bad_url"),
        ("https://example.com/a b", "bad_url"),
    ],
)
def test_a_url_that_is_never_asked_is_exit_4(signed: Shell, url: str, code: str) -> None:
    done = verify(signed, "--revocations", url)
    assert (done.code, done.error["code"]) == (4, code)


def test_too_many_lists_are_exit_4(signed: Shell) -> None:
    words = [word for _ in range(17) for word in ("--revocations", "r.json")]
    assert verify(signed, *words).code == 4


def test_a_list_is_not_written_over_by_a_report(signed: Shell) -> None:
    revoke(signed)
    before = Path(signed.folder, "revoked.json").read_bytes()
    words = ["verify", "attestation.json", "--key", "key.pem.pub", "--revocations", "revoked.json"]
    assert signed.here(*words, "--output", "json=revoked.json").code == 4
    assert Path(signed.folder, "revoked.json").read_bytes() == before
