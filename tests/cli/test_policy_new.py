from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.cli.shell import Shell

FILES = ["pack.yaml", "tests/cases.yaml", "README.md"]


def test_it_writes_a_pack_and_says_what_to_do_next(shell: Shell) -> None:
    done = shell.here("policy", "new", "acme")
    assert done.code == 0
    for file in FILES:
        assert f"  ./acme/{file}\n" in done.out
        assert (shell.folder / "acme" / file).is_file()
    for step in ("lint ./acme", "test ./acme", "prove ./acme"):
        assert f"weightgate policy {step}\n" in done.out
    assert "weightgate check MODEL --to DEST --policy ./acme\n" in done.out


def test_what_it_writes_can_be_linted_tested_shown_and_asked(shell: Shell) -> None:
    shell.here("policy", "new", "acme")
    lint = shell.here("policy", "lint", "./acme")
    assert (lint.code, lint.out) == (0, "1 pack: nothing found\n")
    assert shell.here("policy", "test", "./acme").code == 0
    shown = shell.here("policy", "show", "./acme")
    assert (shown.code, shown.out.startswith("acme 1.0.0: ")) == (0, True)
    facts = "model.owner: example-company\nmodel.labels: []\n"
    shell.write("facts.yaml", facts)
    asked = ["check", "-", "--facts", "facts.yaml", "--policy", "./acme", "--output", "json"]
    for place, verdict in (("aws/eu-central-1", "allow"), ("DE", "allow"), ("BR", "deny")):
        assert shell.here(*asked, "--to", place).json["verdict"] == verdict


def test_it_begins_today(shell: Shell) -> None:
    before = datetime.now(UTC).date().isoformat()
    shell.here("policy", "new", "acme")
    after = datetime.now(UTC).date().isoformat()
    text = (shell.folder / "acme" / "pack.yaml").read_text(encoding="utf-8")
    assert f"from: {before}\n" in text or f"from: {after}\n" in text


def test_another_folder(shell: Shell) -> None:
    (shell.folder / "packs").mkdir()
    done = shell.here("policy", "new", "acme", "--folder", "packs", "--output", "json")
    assert done.json == {
        "schema": "weightgate/policy-new/v1",
        "name": "acme",
        "pack": "packs/acme",
        "files": [f"packs/acme/{file}" for file in FILES],
    }
    assert shell.here("policy", "test", "packs/acme").code == 0


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["Acme"], "bad_name", "did you mean acme?"),
        (["us-ai-diffusion-draft"], "bad_name", "shipped pack"),
        (["acme", "--folder", "nowhere"], "unwritable", "nowhere/acme"),
        (["acme", "--output", "json=acme/pack.yaml"], "output_over_input", "acme/pack.yaml"),
        ([], "usage", "NAME"),
    ],
)
def test_what_cannot_be_made_says_why(shell: Shell, words: list[str], code: str, told: str) -> None:
    done = shell.here("policy", "new", *words, "--output", "json")
    assert (done.code, done.error["code"]) == (4, code)
    assert told in str(done.error)
    assert not (shell.folder / "acme").exists()


def test_nothing_is_written_over(shell: Shell) -> None:
    shell.write("acme/pack.yaml", "mine")
    done = shell.here("policy", "new", "acme", "--output", "json")
    assert (done.code, done.error["code"]) == (4, "exists")
    assert (shell.folder / "acme" / "pack.yaml").read_text(encoding="utf-8") == "mine"
