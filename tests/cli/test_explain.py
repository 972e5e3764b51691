from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.cli.commands import prepare
from tests.cli.shell import Shell
from weightgate.cli.show_why_not import why_not_lines
from weightgate.policy.source import find_pack

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


def decide(shell: Shell, *words: str) -> None:
    """Write a decision about ``./m``."""
    shell.here("check", "./m", *words, "--output", "json=d.json")


DENIED = ("--to", "IR", "--facts", "closed.yaml", "--operator", "gb.yaml")


def test_why_not_names_what_stands_in_the_way_and_what_would_lead_there(shell: Shell) -> None:
    decide(shell, *DENIED)
    done = shell.here("explain", "d.json", "--why-not", "allow")
    assert done.code == 0
    text = " ".join(done.out.split())
    assert done.out.startswith("us-ai-diffusion-draft 1.0.0 (superseded): DENY\n")
    assert (
        "What stands in the way of allow deny: Weights that are not open may not be hosted in Tier 3" in text
    )
    assert "because model.openness is closed, says closed.yaml" in text
    assert "Rules that could bring about allow, and what kept them from applying allow: Open weights" in text
    assert "it would need model.openness open; it is closed, says closed.yaml" in text
    assert "What would lead to allow destination.country: one of AU" in text


def test_why_not_as_json_stands_beside_the_decision(shell: Shell) -> None:
    decide(shell, *DENIED)
    data = shell.here("explain", "d.json", "--why-not", "license_required", "--output", "json").json
    found = data["why_not"]
    assert data["decision"]["verdict"] == "deny"
    assert (found["verdict"], found["already"]) == ("license_required", False)
    assert [row["rule"] for row in found["in_the_way"]] == ["closed-weights-tier-3"]
    assert {flip["verdict"] for flip in found["flips"]} == {"license_required"}
    assert "why_not" not in shell.here("explain", "d.json", "--output", "json").json


def test_why_not_what_it_is_already(shell: Shell) -> None:
    decide(shell, *DENIED)
    done = shell.here("explain", "d.json", "--why-not", "deny")
    assert (done.code, done.out.splitlines()[1]) == (0, "The verdict is deny already.")


def test_why_not_where_nothing_could_bring_it_about(shell: Shell) -> None:
    decide(shell, "--to", "IR", "--facts", "open.yaml", "--operator", "gb.yaml")
    done = shell.here("explain", "d.json", "--why-not", "allow_with_conditions")
    assert "no rule: none of those that apply is stricter" in done.out
    assert "Rules that could bring about allow with conditions" in done.out


def test_where_no_flip_was_found_the_page_does_not_say_that_there_is_none() -> None:
    found = {"verdict": "allow", "already": False, "in_the_way": [], "kept": [], "flips": []}
    assert [line.text for line in why_not_lines(found)][-1] == "no change of up to three things was found"


def test_why_not_of_an_attestation_goes_by_the_packs_inside_it(shell: Shell) -> None:
    prepare(shell)
    done = shell.here("explain", "attestation.json", "--why-not", "deny")
    assert done.code == 0
    assert done.out.startswith(UNCHECKED)
    assert "What would lead to deny" in done.out


def test_why_not_an_unknown_verdict_names_the_nearest(shell: Shell) -> None:
    prepare(shell)
    done = shell.here("explain", "decision.json", "--why-not", "alow", "--output", "json")
    assert (done.code, done.error["code"]) == (4, "unknown_verdict")
    assert done.error["where"] == "--why-not"
    assert done.error["hint"] == "did you mean allow?"
    other = shell.here("explain", "decision.json", "--why-not", "indeterminate", "--output", "json")
    assert (other.code, other.error["code"]) == (4, "unknown_verdict")


def test_why_not_of_a_decision_that_does_not_follow_from_its_inputs(shell: Shell) -> None:
    decide(shell, *DENIED)
    path = shell.folder / "d.json"
    data = json.loads(path.read_text())
    path.write_text(json.dumps(data | {"possible": ["allow"], "verdict": "allow"}))
    done = shell.here("explain", "d.json", "--why-not", "deny", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "decision_differs")
    assert done.error["where"] == "d.json"


def test_why_not_under_a_pack_that_has_changed_since(shell: Shell) -> None:
    pack = find_pack("us-ai-diffusion-draft").text.decode()
    shell.write("p.yaml", pack)
    decide(shell, *DENIED, "--policy", "./p.yaml")
    shell.write("p.yaml", pack + "# changed\n")
    done = shell.here("explain", "d.json", "--why-not", "allow", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "pack_differs")
    (shell.folder / "p.yaml").unlink()
    assert shell.here("explain", "d.json", "--why-not", "allow").code == 4


def test_flips_are_shown_under_what_would_change_it(shell: Shell) -> None:
    decide(shell, *DENIED)
    text = " ".join(shell.here("explain", "d.json").out.split())
    assert "What would change it allow destination.country: one of AU" in text
    assert "(tier 1) instead of IR" in text
    assert "model.openness: open instead of closed" in text


def test_why_not_of_an_open_decision_says_what_to_state_instead_of_what_to_change(shell: Shell) -> None:
    decide(shell, "--to", "IR", "--operator", "gb.yaml")
    text = " ".join(shell.here("explain", "d.json", "--why-not", "allow").out.split())
    assert "Nothing has to change: allow is possible already. State model.openness." in text
    assert "What stands in the way of allow possibly deny: " in text
    assert "no change of up to three things was found" not in text
    memo = " ".join(shell.here("explain", "d.json", "--why-not", "allow", "--output", "markdown").out.split())
    assert "Nothing has to change: allow is possible already" in memo
    other = shell.here("explain", "d.json", "--why-not", "license_required").out
    assert "Nothing has to change" not in other
