from __future__ import annotations

import os
import stat

import pytest

from tests.cli.shell import Shell
from weightgate.cli.keys import KINDS


@pytest.mark.parametrize(("kind", "algorithm"), KINDS.items())
def test_a_new_pair_can_sign_and_verify(shell: Shell, kind: str, algorithm: str) -> None:
    done = shell.here("keys", "generate", "-o", "k.pem", "--type", kind, "--output", "json")
    assert (done.code, done.json["algorithm"], done.json["encrypted"]) == (0, algorithm, False)
    assert (done.json["private"], done.json["public"]) == ("k.pem", "k.pem.pub")
    words = ["--facts", "closed.yaml", "--attest", "a.json", "--key", "k.pem"]
    assert shell.here("check", "./m", "--to", "IR", *words).code == 1
    assert shell.here("verify", "a.json", "--key", "k.pem.pub", "--any-verdict").code == 0


def test_only_its_owner_can_read_the_private_key(shell: Shell) -> None:
    shell.here("keys", "generate", "-o", "k.pem")
    modes = [stat.S_IMODE((shell.folder / name).stat().st_mode) for name in ("k.pem", "k.pem.pub")]
    assert modes == [0o600, 0o644]


@pytest.mark.parametrize("existing", ["k.pem", "k.pem.pub"])
def test_a_key_is_never_overwritten(shell: Shell, existing: str) -> None:
    shell.write(existing, "mine")
    done = shell.here("keys", "generate", "-o", "k.pem", "--output", "json")
    assert (done.code, done.error["code"], done.error["where"]) == (4, "key_exists", existing)
    assert (shell.folder / existing).read_text() == "mine"
    assert len([n for n in os.listdir(shell.folder) if n.startswith("k.pem")]) == 1


def test_a_passphrase_encrypts_the_key(shell: Shell) -> None:
    done = shell("keys", "generate", "-o", "k.pem", "--output", "json", WEIGHTGATE_KEY_PASSPHRASE="sésame")
    assert done.json["encrypted"] is True
    text = (shell.folder / "k.pem").read_text()
    assert "ENCRYPTED PRIVATE KEY" in text
    assert shell("keys", "show", "k.pem", WEIGHTGATE_KEY_PASSPHRASE="sésame").code == 0
    assert shell("keys", "show", "k.pem", WEIGHTGATE_KEY_PASSPHRASE="sesame").code == 4
    assert shell("keys", "show", "k.pem").code == 4


@pytest.mark.parametrize("kind", KINDS)
def test_both_halves_show_the_same_public_key(shell: Shell, kind: str) -> None:
    shell.here("keys", "generate", "-o", "k.pem", "--type", kind)
    private, public = (shell.here("keys", "show", n, "--output", "json").json for n in ("k.pem", "k.pem.pub"))
    assert private == public
    assert public["public_pem"] == (shell.folder / "k.pem.pub").read_text()
    assert len(public["keyid"]) == 64


def test_show_never_prints_a_private_key(shell: Shell) -> None:
    shell.here("keys", "generate", "-o", "k.pem")
    done = shell.here("keys", "show", "k.pem")
    assert "PRIVATE" not in done.out
    assert done.out.startswith("keyid: ")
    assert (shell.folder / "k.pem.pub").read_text() in done.out


def test_a_key_that_others_can_read_is_noted(shell: Shell) -> None:
    shell.here("keys", "generate", "-o", "k.pem")
    (shell.folder / "k.pem").chmod(0o644)
    done = shell.here("keys", "show", "k.pem")
    assert done.code == 0
    assert "note: k.pem can be read by others" in done.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["generate"], "-o"),
        (["generate", "-o", "none/k.pem"], "none/k.pem"),
        (["generate", "-o", "k.pem", "--type", "dsa"], "dsa"),
        (["show", "none.pem"], "none.pem"),
        (["show", "closed.yaml"], "closed.yaml"),
        (["show", "m"], "m"),
        (["show"], "KEY"),
    ],
)
def test_what_cannot_be_done_says_why(shell: Shell, words: list[str], told: str) -> None:
    done = shell.here("keys", *words)
    assert (done.code, done.out) == (4, "")
    assert told in done.err
