from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.cli.commands import prepare
from tests.cli.shell import Shell

UNCHECKED = "The signature of this attestation was NOT checked: weightgate verify does that."


def test_a_decision_in_words(shell: Shell) -> None:
    prepare(shell)
    done = shell.here("explain", "decision.json")
    assert done.code == 0
    assert done.out.startswith("us-ai-diffusion-draft 1.0.0 (superseded): ALLOW\n")


def test_an_attestation_says_first_that_its_signature_was_not_checked(shell: Shell) -> None:
    prepare(shell)
    done = shell.here("explain", "attestation.json")
    assert done.code == 0
    first, second = done.out.splitlines()[:2]
    assert first == UNCHECKED
    assert second == "us-ai-diffusion-draft 1.0.0 (superseded): ALLOW"


def test_a_forged_attestation_is_shown_with_the_same_warning(shell: Shell) -> None:
    prepare(shell)
    path = shell.folder / "attestation.json"
    envelope = json.loads(path.read_text())
    payload = json.loads(base64.b64decode(envelope["payload"]))
    payload["predicate"]["decision"]["as_of"] = "1999-01-01"
    envelope["payload"] = base64.b64encode(json.dumps(payload).encode()).decode()
    path.write_text(json.dumps(envelope))
    assert shell.here("explain", "attestation.json").out.startswith(UNCHECKED)
    assert shell.here("verify", "attestation.json", "--key", "key.pem.pub").code == 6


@pytest.mark.parametrize(
    ("name", "kind"), [("decision.json", "decision"), ("attestation.json", "attestation")]
)
def test_json_holds_the_decision_and_what_was_not_checked(shell: Shell, name: str, kind: str) -> None:
    prepare(shell)
    data = shell.here("explain", name, "--output", "json").json
    assert (data["kind"], data["signature_checked"]) == (kind, False)
    assert data["decision"]["verdict"] == "allow"


def _without(key: str) -> Any:
    return lambda decision: decision["reasons"][0].pop(key)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (_without("title"), "decision.reasons[0].title: missing"),
        (_without("because"), "decision.reasons[0].because: missing"),
        (lambda d: d["packs"][0].pop("status"), "decision.packs[0].status: missing"),
        (lambda d: d.update(missing=[{"fact": "f"}]), "decision.missing[0].question: missing"),
        (lambda d: d.update(not_established=[1]), "decision.not_established[0]: needed text"),
        (lambda d: d["destinations"][0].update(tiers=[]), "decision.destinations[0].tiers: needed an object"),
        (lambda d: d.pop("verdict"), "decision.verdict: missing"),
        (lambda d: d.update(verdict="yes"), "decision.verdict: needed"),
    ],
)
def test_a_decision_that_lacks_something_is_exit_4_with_the_place(
    shell: Shell, change: Any, place: str
) -> None:
    prepare(shell)
    path = shell.folder / "decision.json"
    decision = json.loads(path.read_text())
    change(decision)
    path.write_text(json.dumps(decision))
    done = shell.here("explain", "decision.json", "--output", "json")
    assert (done.code, done.error["code"]) == (4, "bad_decision")
    assert place in done.error["message"]


@pytest.mark.parametrize(
    ("content", "code"),
    [("", 4), ("x: y", 4), ("[]", 4), ('{"payload": 1}', 4), ("[" * 100_000, 4), ('{"a": NaN}', 4)],
)
def test_a_file_that_is_neither_is_an_error(shell: Shell, content: str, code: int) -> None:
    shell.write("x.json", content)
    done = shell.here("explain", "x.json")
    assert (done.code, done.out) == (code, "")
    assert "x.json" in done.err


def test_why_not_comes_later(shell: Shell) -> None:
    prepare(shell)
    done = shell.here("explain", "decision.json", "--why-not", "deny")
    assert done.code == 4
    assert "--why-not is not available yet" in done.err
