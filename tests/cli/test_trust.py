"""``weightgate trust``: from public keys to a file, its updates, and a key that takes another's place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Shell
from weightgate.signing.keys import generate, write_pair

ROOTS = ("root-a", "root-b", "root-c")


def day(ahead: int) -> str:
    """The UTC day so many days from now."""
    return (datetime.now(UTC) + timedelta(days=ahead)).date().isoformat()


@pytest.fixture
def trusting(shell: Shell) -> Shell:
    """A folder with keys, a trust file ``trust.yaml`` made of them, and its next version ``next.yaml``."""
    for name in (*ROOTS, "release", "release-2", "stranger"):
        write_pair(generate(), shell.folder / f"{name}.pem", shell.folder / f"{name}.pub")
    options = [word for name in ROOTS for word in ("--root", f"{name}.pub")]
    done = shell.here("trust", "new", *options, "--signer", "release.pub", "-o", "trust.yaml")
    assert done.code == 0, done.err
    change(shell, "\nversion: 1", "\nversion: 2")
    return shell


def change(shell: Shell, old: str, new: str, source: str = "trust.yaml", to: str = "next.yaml") -> None:
    """Write a file with something in it replaced."""
    text = (shell.folder / source).read_text()
    assert old in text
    shell.write(to, text.replace(old, new, 1))


def sign(shell: Shell, *names: str) -> None:
    """Sign the next version."""
    for name in names:
        assert shell.here("trust", "sign", "next.yaml", "--key", f"{name}.pem").code == 0


def test_a_new_file_says_what_to_do_next_and_is_clean(trusting: Shell) -> None:
    text = (trusting.folder / "trust.yaml").read_text()
    assert "# Who signs the next version: keep these keys offline" in text
    done = trusting.here("trust", "lint", "trust.yaml")
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("trust.yaml: 2 notes\n")


def test_a_new_file_names_whose_declarations_count(trusting: Shell) -> None:
    words = ["--root", "root-a.pub", "--signer", "release.pub", "--declarer", "stranger.pub"]
    done = trusting.here("trust", "new", *words, "-o", "declared.yaml")
    assert done.code == 0, done.err
    shown = trusting.here("trust", "show", "declared.yaml").out
    assert "stranger may declare model.openness or model.training_operations of any model, until" in shown
    assert "may declare" not in trusting.here("trust", "show", "trust.yaml").out


def test_nothing_is_written_over(trusting: Shell) -> None:
    before = (trusting.folder / "trust.yaml").read_bytes()
    words = ["trust", "new", "--root", "root-a.pub", "--signer", "release.pub", "-o", "trust.yaml"]
    done = trusting.here(*words, "--output", "json")
    assert (done.code, done.error["code"], done.error["where"]) == (4, "exists", "trust.yaml")
    assert (trusting.folder / "trust.yaml").read_bytes() == before
    done = trusting.here(*words[:-1], "root-a.pub")
    assert (done.code, "written over a file that is read" in done.err) == (4, True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--root", "root-a.pub"], "usage"),
        (["--root", "root-a.pub", "--signer", "none.pub"], "key_unreadable"),
        (["--root", "root-a.pem", "--signer", "release.pub"], "key_unreadable"),
        (["--root", "root-a.pub", "--signer", "release.pub", "--expires", "soon"], "bad_date"),
        (["--root", "root-a.pub", "--root", "root-a.pub", "--signer", "release.pub"], "bad_name"),
        (["--root", "root-a.pub", "--signer", "copy.pub"], "same_key"),
        (["--root", "root-a.pub", "--signer", "release.pub", "--declarer", "copy.pub"], "same_key"),
    ],
)
def test_a_new_file_needs_keys_that_are_keys(trusting: Shell, words: list[str], code: str) -> None:
    trusting.write("copy.pub", (trusting.folder / "root-a.pub").read_text())
    done = trusting.here("trust", "new", *words, "-o", "other.yaml", "--output", "json")
    assert (done.code, done.error["code"]) == (4, code)
    assert not (trusting.folder / "other.yaml").exists()


def test_show_says_who_may_do_what(trusting: Shell) -> None:
    done = trusting.here("trust", "show", "trust.yaml")
    assert done.code == 0
    assert "The next version is signed by 2 of root-a, root-b, root-c together" in done.out
    assert "release may give any verdict about anything, to anywhere, under any pack" in done.out
    assert "does not hold" not in done.out
    late = trusting.here("trust", "show", "trust.yaml", "--at", day(366))
    assert "(does not hold on that day)" in late.out
    assert "expired on" in late.out
    shown = trusting.here("trust", "show", "trust.yaml", "--output", "json", "--at", day(366)).json
    assert (shown["schema"], shown["state"], shown["at"]) == ("weightgate/trust-show/v1", "stale", day(366))


def test_show_takes_a_day(trusting: Shell) -> None:
    done = trusting.here("trust", "show", "trust.yaml", "--at", "noon", "--output", "json")
    assert (done.code, done.error["code"], done.error["where"]) == (4, "bad_date", "--at")


def test_lint_ends_with_7_when_there_is_something(trusting: Shell) -> None:
    change(trusting, "threshold: 2", "threshold: 1")
    done = trusting.here("trust", "lint", "next.yaml")
    assert done.code == 7
    assert done.out.startswith("next.yaml:")
    assert ": warning: the root's threshold is 1 [root_of_one]\n    name more identities" in done.out
    assert done.out.endswith("next.yaml: 1 warning, 2 notes\n")


def test_lint_says_where_a_file_is_broken(trusting: Shell) -> None:
    change(trusting, "\ndecide:", "\ndecides:")
    done = trusting.here("trust", "lint", "next.yaml", "--output", "json")
    assert done.code == 7
    assert (done.json["errors"], done.json["schema"]) == (1, "weightgate/trust-lint/v1")
    (one,) = done.json["findings"]
    assert (one["code"], one["severity"], one["hint"]) == ("unknown_key", "error", "did you mean decide?")
    text = (trusting.folder / "next.yaml").read_text()
    assert one["where"] == f"next.yaml:{text[: text.index('decides:')].count(chr(10)) + 1}:1"


def test_a_file_that_is_not_there_is_exit_4(trusting: Shell) -> None:
    for words in (["lint"], ["show"], ["sign", "--key", "root-a.pem"]):
        done = trusting.here("trust", words[0], "none.yaml", *words[1:], "--output", "json")
        assert (done.code, done.error["code"], done.error["where"]) == (4, "unreadable", "none.yaml")


def test_enough_signatures_put_the_next_version_in_place(trusting: Shell) -> None:
    sign(trusting, "root-a", "root-c")
    done = trusting.here("trust", "update", "trust.yaml", "next.yaml")
    assert done.code == 0, done.out
    assert done.out.startswith("trust.yaml: version 2, sha256:")
    assert (trusting.folder / "trust.yaml").read_bytes() == (trusting.folder / "next.yaml").read_bytes()


def test_a_refusal_is_exit_6_and_names_each_rule(trusting: Shell) -> None:
    before = (trusting.folder / "trust.yaml").read_bytes()
    change(trusting, "\nversion: 2", "\nversion: 1", source="next.yaml")
    sign(trusting, "root-a", "stranger")
    done = trusting.here("trust", "update", "trust.yaml", "next.yaml", "--output", "json")
    assert (done.code, done.json["exit"], done.json["updated"]) == (6, 6, False)
    assert [one["code"] for one in done.json["breaches"]] == ["version_not_higher", "old_root", "new_root"]
    assert done.error["code"] == "version_not_higher"
    assert set(done.error) == {"code", "message", "where", "hint"}
    assert done.json["signed"] == ["root-a"]
    text = trusting.here("trust", "update", "trust.yaml", "next.yaml")
    assert text.out.endswith("NOT UPDATED: trust.yaml stays at version 1\n")
    assert (trusting.folder / "trust.yaml").read_bytes() == before


def test_a_file_changed_after_it_was_signed_is_refused(trusting: Shell) -> None:
    sign(trusting, "root-a", "root-b")
    change(trusting, "max_age_days: {allow: 30", "max_age_days: {allow: 300", source="next.yaml")
    done = trusting.here("trust", "update", "trust.yaml", "next.yaml")
    assert done.code == 6
    assert "note: a signature by " in done.out
    assert "does not count: it is about sha256:" in done.out.replace("\n  ", " ")


def test_without_signatures_there_is_no_update(trusting: Shell) -> None:
    done = trusting.here("trust", "update", "trust.yaml", "next.yaml", "--output", "json")
    assert (done.code, done.error["code"], done.error["where"]) == (4, "unreadable", "next.yaml.sig")
    trusting.write("next.yaml.sig", "")
    assert trusting.here("trust", "update", "trust.yaml", "next.yaml").code == 6


def test_a_key_signs_once_and_others_beside_it(trusting: Shell) -> None:
    sign(trusting, "root-a", "root-b", "root-a")
    assert (trusting.folder / "next.yaml.sig").read_bytes().count(b"\n") == 2
    done = trusting.here(
        "trust", "sign", "next.yaml", "--key", "stranger.pem", "-o", "own.sig", "--output", "json"
    )
    assert (done.code, done.json["identity"], done.json["signatures"]) == (0, None, "own.sig")


def test_a_key_that_is_not_of_the_root_is_told_when_it_counts(trusting: Shell) -> None:
    said = "That key is not of the file's own root"
    for key, told in (("root-a", False), ("release", True), ("stranger", True)):
        done = trusting.here("trust", "sign", "next.yaml", "--key", f"{key}.pem")
        assert (done.code, said in done.out) == (0, told)


def test_signatures_of_two_files_are_not_mixed(trusting: Shell) -> None:
    sign(trusting, "root-a")
    words = ["trust", "sign", "trust.yaml", "--key", "root-b.pem", "-o", "next.yaml.sig", "--output", "json"]
    done = trusting.here(*words)
    assert (done.code, done.error["code"]) == (4, "other_trust")


def test_a_broken_file_is_not_signed(trusting: Shell) -> None:
    change(trusting, "expires:", "expire:")
    done = trusting.here("trust", "sign", "next.yaml", "--key", "root-a.pem")
    assert done.code == 4
    assert not (trusting.folder / "next.yaml.sig").exists()


def succeeded(shell: Shell, start: str, *, key: str = "release") -> None:
    """Let the second release key take over in the next version."""
    words = [
        "trust",
        "succeed",
        "--key",
        f"{key}.pem",
        "--to",
        "release-2.pub",
        "--from",
        start,
        "-o",
        "s.json",
    ]
    done = shell.here(*words)
    assert done.code == 0, done.err
    pem = "".join(f"      {row}\n" for row in (shell.folder / "release-2.pub").read_text().splitlines())
    statement = (shell.folder / "s.json").read_text().strip()
    entry = f"  release-2:\n    key: |\n{pem}    succeeds: {{identity: release, statement: '{statement}'}}\n"
    change(shell, "\n# Who may decide what", f"{entry}\n# Who may decide what", source="next.yaml")


def test_a_key_takes_the_place_of_another(trusting: Shell) -> None:
    succeeded(trusting, day(1))
    sign(trusting, "root-a", "root-b")
    assert trusting.here("trust", "update", "trust.yaml", "next.yaml").code == 0

    def acting(ahead: int) -> list[str]:
        shown: Any = trusting.here("trust", "show", "trust.yaml", "--at", day(ahead), "--output", "json").json
        return [one["name"] for one in shown["identities"] if one["acts"] and "release" in one["name"]]

    assert [acting(ahead) for ahead in (0, 1)] == [["release"], ["release-2"]]
    assert "another takes its place on" in trusting.here("trust", "show", "trust.yaml").out.replace(
        "\n    ", " "
    )


def test_a_stranger_s_succession_is_an_error_with_its_place(trusting: Shell) -> None:
    succeeded(trusting, day(1), key="stranger")
    done = trusting.here("trust", "lint", "next.yaml", "--output", "json")
    (one,) = done.json["findings"]
    assert (done.code, one["code"], one["severity"]) == (7, "succession", "error")
    assert "not signed by" in one["message"]
    shown = trusting.here("trust", "show", "next.yaml", "--output", "json")
    assert (shown.code, shown.error["code"]) == (6, "succession")


def test_a_succession_is_not_written_over_a_key(trusting: Shell) -> None:
    words = ["trust", "succeed", "--key", "release.pem", "--to", "release-2.pub", "--from", day(1)]
    before = (trusting.folder / "release.pem").read_bytes()
    done = trusting.here(*words, "-o", "release.pem", "--output", "json")
    assert (done.code, done.error["code"]) == (4, "output_over_input")
    assert (trusting.folder / "release.pem").read_bytes() == before


def test_an_encrypted_key_asks_for_its_passphrase(trusting: Shell) -> None:
    write_pair(
        generate(), trusting.folder / "locked.pem", trusting.folder / "locked.pub", passphrase=b"made up"
    )
    words = ["trust", "sign", "next.yaml", "--key", "locked.pem", "--output", "json"]
    assert trusting.here(*words).error["code"] == "key_passphrase"
    locked = Shell(trusting.folder, {**trusting.env, "WEIGHTGATE_KEY_PASSPHRASE": "made up"})
    assert locked(*words).code == 0


@pytest.mark.parametrize("source", ["trust.yaml", "next.yaml.sig", "next.yaml"])
def test_hostile_files_end_with_a_code_and_no_traceback(trusting: Shell, source: str) -> None:
    """Real processes: a file of nesting, of one endless line, of zeros, of half a document."""
    sign(trusting, "root-a", "root-b")
    path: Path = trusting.folder / source
    sound = path.read_bytes()
    for raw in (
        b"[" * 100_000,
        b"a: " + b"x" * 5_000_000,
        bytes(100_000),
        sound[: len(sound) // 2],
        b"\xff" * 99,
    ):
        path.write_bytes(raw)
        done = trusting("trust", "update", "trust.yaml", "next.yaml", "--output", "json")
        assert done.code in (4, 6), (done.code, done.err)
        assert "Traceback" not in done.err
        assert done.error["message"]
