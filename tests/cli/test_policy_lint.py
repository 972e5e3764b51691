from __future__ import annotations

import pytest

from tests.cli.shell import Shell
from tests.policy.lint.packs import CASES, CLEAN, place, rule
from weightgate.policy.source import shipped_packs

NOTED = CLEAN + rule('model.openness == "closed"', "deny")
WARNED = NOTED.replace("  remedy: Ask.\n", "", 1)
BROKEN = CLEAN.replace("verdict: allow", "verdict: alow")


def pack(shell: Shell, text: str, folder: str = "mine") -> str:
    """A pack of the user's own, with cases."""
    shell.write(f"{folder}/pack.yaml", text)
    shell.write(f"{folder}/tests/cases.yaml", CASES)
    return f"./{folder}"


def test_a_clean_pack_is_exit_0(shell: Shell) -> None:
    done = shell.here("policy", "lint", pack(shell, CLEAN))
    assert (done.code, done.out, done.err) == (0, "1 pack: nothing found\n", "")


def test_notes_alone_are_exit_0(shell: Shell) -> None:
    done = shell.here("policy", "lint", pack(shell, NOTED))
    assert done.code == 0
    assert done.out.endswith("1 pack: 1 note\n")
    assert "note: without second every verdict would be the same" in done.out


def test_a_warning_is_exit_7_with_its_place_and_what_to_do(shell: Shell) -> None:
    done = shell.here("policy", "lint", pack(shell, WARNED))
    assert done.code == 7
    first, hint, *_ = done.out.splitlines()
    assert first == (
        f"mine/pack.yaml:{place(WARNED, 'default:')}: warning: the default is deny and names no remedy [no_remedy]"
    )
    assert hint == "    say under remedy: what someone whom it stops can do"
    assert done.out.endswith("1 pack: 1 warning, 1 note\n")


def test_where_there_is_nothing_to_say_no_hint_is_printed(shell: Shell) -> None:
    text = CLEAN.replace("title: A sample", "title: []", 1)
    done = shell.here("policy", "lint", pack(shell, text))
    assert done.out.splitlines() == [
        f"mine/pack.yaml:{place(text, '[]')}: error: title is a list of 0, needed a text [pack_schema]",
        "1 pack: 1 error",
    ]


def test_a_pack_that_does_not_load_is_a_finding(shell: Shell) -> None:
    done = shell.here("policy", "lint", pack(shell, BROKEN), "--output", "json")
    assert done.code == 7
    assert (done.json["errors"], done.json["warnings"], done.json["notes"]) == (1, 0, 0)
    (one,) = done.json["findings"]
    assert one["where"] == f"mine/pack.yaml:{place(BROKEN, 'alow')}"
    assert (one["code"], one["severity"], one["rule"]) == ("pack_schema", "error", "open")


def test_json_has_every_finding_of_every_pack(shell: Shell) -> None:
    names = [pack(shell, WARNED, "one"), pack(shell, CLEAN, "two"), pack(shell, NOTED, "three")]
    done = shell.here("policy", "lint", *names, "--output", "json")
    assert done.code == 7
    data = done.json
    assert data["schema"] == "weightgate/policy-lint/v1"
    assert data["packs"] == names
    assert (data["errors"], data["warnings"], data["notes"]) == (0, 1, 2)
    assert [(one["pack"], one["code"]) for one in data["findings"]] == [
        ("./one", "no_remedy"),
        ("./one", "kept_for_its_reasons"),
        ("./three", "kept_for_its_reasons"),
    ]
    assert set(data["findings"][0]) == {"pack", "code", "severity", "message", "where", "hint", "rule"}
    assert data["findings"][0]["rule"] is None


@pytest.mark.parametrize(
    ("name", "code"), [("./nowhere", "unreadable"), ("./no.yaml", "unreadable"), ("nobody", "unknown_pack")]
)
def test_a_path_or_name_that_is_none_is_exit_4(shell: Shell, name: str, code: str) -> None:
    done = shell.here("policy", "lint", name, "--output", "json")
    assert (done.code, done.error["code"]) == (4, code)


def test_a_file_that_is_too_large_is_a_finding(shell: Shell) -> None:
    shell.write("large.yaml", "a" * (3 * 1024 * 1024))
    done = shell.here("policy", "lint", "./large.yaml", "--output", "json")
    assert done.code == 7
    (one,) = done.json["findings"]
    assert (one["code"], one["where"], one["hint"]) == ("too_large", "large.yaml", "split the pack")


def test_all_shipped_packs_are_linted_unless_some_are_named(shell: Shell) -> None:
    done = shell.here("policy", "lint", "--output", "json")
    assert done.json["packs"] == list(shipped_packs())
    assert [one for one in done.json["findings"] if one["severity"] != "note"] == []
    assert done.code == 0
