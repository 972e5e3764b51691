from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.shell import Shell

KEYS = [
    "schema",
    "verdict",
    "possible",
    "exit",
    "decided_at",
    "engine",
    "activity",
    "as_of",
    "known_at",
    "status_mode",
    "switches",
    "hypothetical",
    "model",
    "operator",
    "destinations",
    "reasons",
    "missing",
    "flips",
    "conditions",
    "contradictions",
    "rests_on",
    "not_established",
    "left_out",
    "valid_until",
    "packs",
    "not_asked",
    "facts",
]

VERDICTS = {
    "allow": (["--to", "JP", "--facts", "closed.yaml", "--operator", "jp.yaml"], 0),
    "allow_with_conditions": (["--to", "IN", "--facts", "closed.yaml", "--operator", "secure.yaml"], 0),
    "deny": (["--to", "IR", "--facts", "closed.yaml"], 1),
    "license_required": (["--to", "IN", "--facts", "closed.yaml", "--operator", "gb.yaml"], 2),
    "indeterminate": (["--to", "IN", "--facts", "closed.yaml"], 3),
}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_exit_code_is_the_verdict_in_every_format(shell: Shell, verdict: str) -> None:
    options, code = VERDICTS[verdict]
    as_json = shell("check", "./m", *options, "--output", "json")
    as_text = shell("check", "./m", *options)
    assert (as_json.code, as_text.code) == (code, code)
    assert as_json.json["verdict"] == verdict
    assert as_json.json["exit"] == code
    assert as_text.out.splitlines()[0].endswith(f": {verdict.upper()}")
    assert (as_json.err, as_text.err) == ("", "")


def test_the_json_has_every_field_of_the_contract(shell: Shell) -> None:
    decision = shell.here("check", "./m", "--to", "IN", "--facts", "closed.yaml", "--output", "json").json
    assert [key for key in KEYS if key not in decision] == []
    assert decision["schema"] == "weightgate/decision/v1"
    assert decision["model"]["reference"] == "./m"
    assert decision["model"]["digest"].startswith("sha256:")
    assert decision["model"]["revision"] is None


def test_the_first_line_names_pack_version_status_and_verdict(shell: Shell) -> None:
    done = shell.here("check", "./m", "--to", "IR", "--facts", "closed.yaml")
    assert done.out.startswith("us-ai-diffusion-draft 1.0.0 (superseded): DENY\n")


def test_the_day_is_today_unless_one_is_given(shell: Shell, allowed: list[str]) -> None:
    today = datetime.now(UTC).date()
    decision = shell.here("check", "./m", *allowed, "--output", "json").json
    assert decision["as_of"] == today.isoformat()
    assert decision["hypothetical"] is False
    yesterday = (today - timedelta(days=1)).isoformat()
    other = shell.here("check", "./m", *allowed, "--as-of", yesterday, "--output", "json").json
    assert other["as_of"] == yesterday
    assert "is not today" in other["hypothetical"]


def test_destinations_are_repeatable_and_separated_by_commas(shell: Shell) -> None:
    words = ["--to", "jp,DE", "--to", "aws/ap-east-1", "--facts", "closed.yaml", "--output", "json"]
    decision = shell.here("check", "./m", *words).json
    assert [d["name"] for d in decision["destinations"]] == ["JP", "DE", "aws/ap-east-1"]
    assert decision["verdict"] == "deny"


def test_the_strictest_destination_decides(shell: Shell, allowed: list[str]) -> None:
    assert shell.here("check", "./m", *allowed).code == 0
    assert shell.here("check", "./m", *allowed, "--to", "BY").code == 1


def test_facts_files_add_up(shell: Shell) -> None:
    shell.write("more.yaml", "model.special_purpose: true\n")
    words = ["--to", "JP", "--facts", "closed.yaml", "--facts", "more.yaml", "--output", "json"]
    facts = shell.here("check", "./m", *words).json["facts"]
    assert facts["model.openness"]["value"] == "closed"
    assert facts["model.special_purpose"]["value"] is True
    assert facts["model.special_purpose"]["grade"] == "declared"


def test_two_facts_files_that_disagree_are_a_contradiction(shell: Shell) -> None:
    words = ["--to", "IR", "--facts", "closed.yaml", "--facts", "open.yaml", "--output", "json"]
    decision = shell.here("check", "./m", *words).json
    assert decision["verdict"] == "indeterminate"
    assert decision["contradictions"][0]["fact"] == "model.openness"


def test_the_activity_is_host_unless_given(shell: Shell) -> None:
    shell.write("base.yaml", "model.base_openness: open\n")
    host = shell.here("check", "./m", "--to", "PL", "--facts", "base.yaml", "--output", "json").json
    tune = ["--to", "PL", "--facts", "base.yaml", "--operator", "jp.yaml", "--activity", "fine_tune"]
    fine_tune = shell.here("check", "./m", *tune, "--output", "json").json
    assert (host["activity"], fine_tune["activity"]) == ("host", "fine_tune")
    assert (host["verdict"], fine_tune["verdict"]) == ("indeterminate", "allow")


def test_require_grade_makes_weaker_evidence_unknown(shell: Shell) -> None:
    words = ["check", "./m", "--to", "IR", "--facts", "closed.yaml"]
    assert shell.here(*words).code == 1
    assert shell.here(*words, "--require-grade", "model.openness=declared").code == 1
    stricter = shell.here(*words, "--require-grade", "model.openness=inferred", "--output", "json")
    assert stricter.code == 3
    assert "model.openness" in [m["fact"] for m in stricter.json["missing"]]


def test_a_policy_can_be_named_or_be_a_path(shell: Shell, allowed: list[str]) -> None:
    from weightgate.policy.source import find_pack

    pack = find_pack("us-ai-diffusion-draft")
    shell.write("rules/pack.yaml", pack.text.decode().replace("name: us-ai-diffusion-draft", "name: mine"))
    words = ["check", "./m", *allowed, "--output", "json"]
    by_path = shell.here(*words, "--policy", "./rules").json
    assert [p["name"] for p in by_path["packs"]] == ["mine"]
    both = shell.here(*words, "--policy", "./rules", "--policy", "us-ai-diffusion-draft").json
    assert [p["name"] for p in both["packs"]] == ["mine", "us-ai-diffusion-draft"]


def test_in_force_leaves_out_what_bound_nobody_and_then_nothing_is_left(shell: Shell) -> None:
    done = shell.here("check", "./m", "--to", "JP", "--status", "in-force", "--output", "json")
    assert done.code == 4
    assert done.error["code"] == "nothing_in_force"


def test_a_digest_that_the_model_has_is_fine_and_another_is_a_binding_failure(shell: Shell) -> None:
    words = ["check", "./m", "--to", "JP", "--facts", "closed.yaml", "--operator", "jp.yaml"]
    digest = shell.here(*words, "--output", "json").json["model"]["digest"]
    assert shell.here(*words, "--digest", digest).code == 0
    other = shell.here(*words, "--digest", "sha256:" + "0" * 64, "--output", "json")
    assert (other.code, other.error["code"]) == (6, "binding")
    assert digest in other.error["message"]
    assert "0" * 64 in other.error["message"]


def test_without_a_model_the_digest_names_it(shell: Shell) -> None:
    digest = "sha256:" + "ab" * 32
    words = ["check", "-", "--to", "IR", "--facts", "closed.yaml", "--digest", digest, "--output", "json"]
    done = shell.here(*words)
    assert done.code == 1
    assert done.json["model"] == {"reference": "-", "revision": None, "digest": digest}
    assert done.json["hypothetical"] == "no model at hand"


def test_a_folder_proves_nothing_about_who_else_can_have_it(shell: Shell) -> None:
    (shell.folder / "m" / "README.md").write_text("---\nlicense: mit\n---\n", encoding="utf-8")
    done = shell.here("check", "./m", "--to", "CN", "--output", "json")
    assert done.json["verdict"] == "indeterminate"
    assert "allow" in done.json["possible"]
    assert "deny" in done.json["possible"]


def test_a_declared_base_that_the_hub_cannot_show_is_unknown_and_no_error(shell: Shell) -> None:
    shell.write("base.yaml", "model.base: owner/base\nmodel.openness: closed\n")
    words = [
        "check",
        "./m",
        "--to",
        "PL",
        "--facts",
        "base.yaml",
        "--operator",
        "jp.yaml",
        "--output",
        "json",
    ]
    done = shell(*words, "--activity", "fine_tune")
    assert done.code == 3
    assert done.json["facts"]["model.base"]["value"] == "owner/base"
    assert done.json["facts"]["model.base_openness"]["unknown"] is True


@pytest.mark.parametrize("base", ["a folder of ours", "../other", "owner/name/more", "owner/--bad"])
def test_a_declared_base_that_is_no_name_on_the_hub_is_not_looked_for(shell: Shell, base: str) -> None:
    shell.write("base.yaml", f"model.base: '{base}'\n")
    done = shell("check", "./m", "--to", "PL", "--facts", "base.yaml", "--output", "json")
    assert done.code == 3
    assert done.json["facts"]["model.base"]["value"] == base
    assert "model.base_openness" not in done.json["facts"]


def test_a_shipped_pack_that_would_be_stricter_is_named(shell: Shell) -> None:
    from weightgate.policy.source import find_pack

    pack = (
        find_pack("us-ai-diffusion-draft").text.decode().replace("name: us-ai-diffusion-draft", "name: mine")
    )
    start = pack.index("id: closed-weights-tier-3")
    lenient = pack[:start] + pack[start:].replace("verdict: deny", "verdict: allow", 1)
    shell.write("lenient.yaml", lenient)
    words = ["check", "./m", "--to", "IR", "--facts", "closed.yaml", "--operator", "jp.yaml"]
    done = shell.here(*words, "--policy", "lenient.yaml", "--output", "json")
    assert (done.code, done.json["verdict"]) == (0, "allow")
    assert {"pack": "us-ai-diffusion-draft", "verdict": "deny"} in done.json["not_asked"]
    text = shell.here(*words, "--policy", "lenient.yaml").out
    named = text[text.index("Not asked, and stricter\n") :]
    assert "\n  us-ai-diffusion-draft: deny" in named
    # A template is nobody's rule.
    assert "org-template" not in text
    shell.write("same.yaml", pack)
    assert shell.here(*words, "--policy", "same.yaml", "--output", "json").json["not_asked"] == []
    assert shell.here(*words, "--output", "json").json["not_asked"] == []


def test_a_pack_that_is_not_asked_and_cannot_be_asked_is_no_error(shell: Shell) -> None:
    from weightgate.policy.source import find_pack

    pack = (
        find_pack("us-ai-diffusion-draft").text.decode().replace("name: us-ai-diffusion-draft", "name: mine")
    )
    shell.write("mine.yaml", pack.replace("2025-01-09", "2024-01-09"))
    words = ["--to", "IR", "--facts", "closed.yaml", "--policy", "mine.yaml", "--as-of", "2024-06-01"]
    done = shell.here("check", "./m", *words, "--output", "json")
    assert (done.code, done.json["not_asked"]) == (1, [])
