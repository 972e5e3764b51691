"""Who may choose the rules: flags and WEIGHTGATE_* variables, never a file that lies in the folder."""

from __future__ import annotations

import pytest

from tests.cli.shell import Shell

SET = {
    "WEIGHTGATE_TO": ("JP", "destinations"),
    "WEIGHTGATE_FACTS": ("closed.yaml", "facts"),
    "WEIGHTGATE_OPERATOR": ("jp.yaml", "operator"),
}


def test_every_part_of_the_question_can_come_from_the_environment(shell: Shell) -> None:
    env = {name: value for name, (value, _) in SET.items()} | {
        "WEIGHTGATE_POLICY": "us-ai-diffusion-draft",
        "WEIGHTGATE_ACTIVITY": "host",
        "WEIGHTGATE_STATUS": "as-written",
        "WEIGHTGATE_OUTPUT": "json",
    }
    decision = shell("check", "./m", **env).json
    assert decision["verdict"] == "allow"
    assert decision["operator"]["name"] == "Example Cloud"
    assert decision["destinations"][0]["name"] == "JP"


def test_a_flag_outranks_the_environment(shell: Shell) -> None:
    env = {"WEIGHTGATE_TO": "IR", "WEIGHTGATE_FACTS": "open.yaml", "WEIGHTGATE_OPERATOR": "gb.yaml"}
    words = ["--to", "JP", "--facts", "closed.yaml", "--operator", "jp.yaml", "--output", "json"]
    decision = shell("check", "./m", *words, **env).json
    assert [d["name"] for d in decision["destinations"]] == ["JP"]
    assert decision["facts"]["model.openness"]["value"] == "closed"
    assert decision["operator"]["name"] == "Example Cloud"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("WEIGHTGATE_POLICY", "no-such-pack", "unknown_pack"),
        ("WEIGHTGATE_OPERATOR", "none.yaml", "unreadable"),
        ("WEIGHTGATE_FACTS", "closed.yaml:none.yaml", "unreadable"),
        ("WEIGHTGATE_STATUS", "sometimes", "usage"),
        ("WEIGHTGATE_ACTIVITY", "sail", "unknown_activity"),
        ("WEIGHTGATE_REQUIRE_GRADE", "model.openness", "bad_require_grade"),
        ("WEIGHTGATE_SET", "a.b=c", "unknown_switch"),
        ("WEIGHTGATE_CONFIG", "w.yaml", "not_available_yet"),
    ],
)
def test_a_wrong_variable_is_an_error_like_a_wrong_flag(
    shell: Shell, name: str, value: str, code: str
) -> None:
    done = shell("check", "./m", "--to", "DE", "--output", "json", **{name: value})
    assert (done.code, done.error["code"]) == (4, code)


def test_several_values_in_one_variable(shell: Shell) -> None:
    shell.write("more.yaml", "model.special_purpose: true\n")
    env = {
        "WEIGHTGATE_TO": "JP, DE",
        "WEIGHTGATE_FACTS": "closed.yaml:more.yaml",
        "WEIGHTGATE_REQUIRE_GRADE": "model.openness=declared,model.license=verified",
        "WEIGHTGATE_OUTPUT": "json,text=d.txt",
    }
    decision = shell("check", "./m", **env).json
    assert [d["name"] for d in decision["destinations"]] == ["JP", "DE"]
    assert decision["facts"]["model.special_purpose"]["value"] is True
    assert decision["inputs"]["request"]["require_grade"]["model.license"] == "verified"
    assert (shell.folder / "d.txt").is_file()


@pytest.mark.parametrize("value", ["json", "text=d.txt,json"])
def test_errors_are_json_when_the_environment_asks_for_it(shell: Shell, value: str) -> None:
    done = shell("check", "./m", "--to", "QQ", WEIGHTGATE_OUTPUT=value)
    assert (done.code, done.error["code"]) == (4, "unknown_country")
    overruled = shell("check", "./m", "--to", "QQ", "--output", "text", WEIGHTGATE_OUTPUT=value)
    assert (overruled.code, overruled.out) == (4, "")


@pytest.mark.parametrize("name", ["weightgate.yaml", ".weightgate.yaml", "weightgate.yml", ".env"])
def test_a_checkout_does_not_choose_the_rules_it_is_judged_by(shell: Shell, name: str) -> None:
    words = ["check", "./m", "--to", "IR", "--output", "json"]
    before = shell(*words).json
    shell.write("lenient.yaml", "name: lenient\n")
    shell.write(
        name,
        "policy: ./lenient.yaml\nfacts: open.yaml\noperator: jp.yaml\nstatus: in-force\nto: DE\ntrust: t.yaml\n"
        "WEIGHTGATE_FACTS=open.yaml\n",
    )
    after = shell(*words).json
    volatile = ("decided_at",)
    assert {k: v for k, v in after.items() if k not in volatile} == {
        k: v for k, v in before.items() if k not in volatile
    }


def test_a_pack_in_the_folder_does_not_take_the_name_of_a_shipped_one(shell: Shell) -> None:
    shell.write("us-ai-diffusion-draft/pack.yaml", "name: us-ai-diffusion-draft\n")
    done = shell("check", "./m", "--to", "IR", "--facts", "closed.yaml", "--policy", "us-ai-diffusion-draft")
    assert done.code == 1


def test_python_code_in_the_folder_is_not_run(shell: Shell) -> None:
    for name in ("sitecustomize.py", "yaml.py", "click.py"):
        shell.write(f"evil/{name}", "raise SystemExit(0)\n")
    inside = Shell(shell.folder / "evil", shell.env)
    import subprocess
    import sys
    from pathlib import Path

    from tests.cli.shell import clean

    script = Path(sys.executable).parent / "weightgate"
    done = subprocess.run(
        [script, "check", "../m", "--to", "IR", "--facts", "../closed.yaml"],
        cwd=inside.folder, env=clean() | inside.env, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
