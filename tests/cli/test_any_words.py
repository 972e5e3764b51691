"""Whatever words are given: a code of the contract, an error that reads, and never a defect."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.commands import prepare
from tests.cli.conftest import CLOSED, JAPANESE, write_model
from tests.cli.shell import Shell

CODES = {0, 1, 2, 3, 4, 5, 6, 7}

COMMANDS = [
    "check", "inspect", "explain", "attest", "verify", "model digest", "keys show", "policy show", "policy list",
    "region resolve", "guard", "audit", "", "policy", "nonsense", "trust lint", "trust show", "trust succeed", "trust sign",
]  # fmt: skip
FLAGS = [
    "--to", "--facts", "--operator", "--policy", "--activity", "--as-of", "--status", "--digest", "--require-grade",
    "--output", "--key", "--model", "--gate", "--replay", "--any-verdict", "--max-age", "--at", "--attest", "-o",
    "--set", "--known-at", "--config", "--trust", "--why-not", "--result", "--no-conditions", "--help", "-x",
]  # fmt: skip
VALUES = [
    "./m", "m", "./none", "decision.json", "attestation.json", "key.pem", "key.pem.pub", "closed.yaml", "jp.yaml",
    "JP", "IR", "UK", "gcp/eu", "aws/", "/", "host", "export_compute", "in-force", "2026-01-01", "2026-13-01",
    "us-ai-diffusion-draft", "json", "text", "html", "json=out.json", "text=out/none", "json=", "=",
    "model.openness=verified", "model.openness=", "=verified", "sha256:" + "0" * 64, "-1", "nan", "1e9",
    "2026-01-01T00:00:00Z", "", " ", "\u202e", "é" * 300, "a\nb", "%s", "{}", "../..", "@", "owner/name@",
]  # fmt: skip

WORDS = st.lists(st.sampled_from(FLAGS) | st.sampled_from(VALUES) | st.text(max_size=8), max_size=6)

# Words under which each command gets beyond its options, for half of the examples.
START = {
    "check": ["./m", "--to", "JP", "--facts", "closed.yaml"],
    "guard": ["./m", "--to", "JP", "--facts", "closed.yaml"],
    "verify": ["attestation.json", "--key", "key.pem.pub"],
    "attest": ["decision.json", "--key", "key.pem", "-o", "new.json"],
    "explain": ["decision.json"],
    "inspect": ["./m"],
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A folder that all examples share."""
    folder: Path = tmp_path_factory.mktemp("words")
    write_model(folder / "m")
    (folder / "closed.yaml").write_text(CLOSED, encoding="utf-8")
    (folder / "jp.yaml").write_text(JAPANESE, encoding="utf-8")
    shell = Shell(folder, {})
    prepare(shell)
    return shell


def fine(words: list[str]) -> bool:
    """Whether an example stays in its folder: no Hub is asked, and stdin is not read."""
    known = {*FLAGS, *VALUES}
    return "-" not in words and not any(w not in known and set(w) & set("/:\0") for w in words)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(command=st.sampled_from(COMMANDS), words=WORDS.filter(fine), start=st.booleans())
def test_any_words_end_with_a_code_of_the_contract(
    place: Shell, command: str, words: list[str], *, start: bool
) -> None:
    done = place.here(*command.split(), *(START.get(command, ()) if start else ()), *words)
    assert done.code in CODES, (command, words, done.err)
    assert "Traceback" not in done.err
    assert all(c.isprintable() or c == "\n" for c in done.err)
    if done.code in (4, 5) and not done.out:
        assert done.err.startswith(("error: ", "Usage: "))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    command=st.sampled_from(["check", "verify", "explain", "attest", "inspect"]),
    words=WORDS.filter(fine),
    start=st.booleans(),
)
def test_any_error_is_json_when_json_is_asked_for(
    place: Shell, command: str, words: list[str], *, start: bool
) -> None:
    words = [word for word in words if word not in ("--output", "--help", "--")]
    done = place.here(command, "--output", "json", *(START[command] if start else ()), *words)
    assert done.code in CODES
    data = json.loads(done.out)
    if done.code >= 4:
        assert data["exit"] == done.code
        assert set(data["error"]) == {"code", "message", "where", "hint"}
    assert done.out.isascii()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(words=WORDS.filter(fine), start=st.booleans())
def test_any_words_to_guard_run_nothing_unless_it_says_so(
    place: Shell, words: list[str], *, start: bool
) -> None:
    ran = place.folder / "ran"
    ran.unlink(missing_ok=True)
    words = [word for word in words if word not in ("--", "--help", "-h")]
    done = place.here("guard", *(START["guard"] if start else ()), *words, "--", "touch", str(ran))
    if done.last == "weightgate: command exited 0":
        assert ran.exists()
    else:
        assert done.last.startswith("weightgate: refused (")
        assert not ran.exists()
