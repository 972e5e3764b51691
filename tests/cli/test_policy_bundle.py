"""``weightgate policy bundle``, and bundles where packs are named."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from weightgate.signing.keys import generate, write_pair

DRAFT = "us-ai-diffusion-draft"
ASKED = ("check", "./m", "--to", "JP", "--facts", "closed.yaml", "--operator", "jp.yaml", "--output", "json")


@pytest.fixture
def counsel(shell: Shell) -> Shell:
    """The folder with counsel's key, and a trust file that wants the draft pack signed by it."""
    key = generate()
    write_pair(key, shell.folder / "k", shell.folder / "k.pub")
    trust = {
        "schema": "weightgate/trust/v1",
        "version": 1,
        "expires": "9000-01-01",
        "identities": {"counsel": {"key": key.public.pem().decode()}},
        "sign_packs": [{"identities": ["counsel"]}],
        "packs": {DRAFT: {"signed": True}},
    }
    shell.write("trust.yaml", json.dumps(trust))
    return shell


def test_a_bundle_is_written_signed_and_taken_for_the_pack(counsel: Shell) -> None:
    done = counsel.here("policy", "bundle", DRAFT, "--key", "k", "-o", "d.wgpack", "--output", "json")
    data = done.json
    raw = (counsel.folder / "d.wgpack").read_bytes()
    assert (done.code, data["schema"], data["path"]) == (0, "weightgate/policy-bundle/v1", "d.wgpack")
    assert data["digest"] == "sha256:" + hashlib.sha256(raw).hexdigest()
    assert (data["pack"]["name"], data["signature"]) == (DRAFT, "d.wgpack.sig")
    by_name, by_bundle = (counsel.here(*ASKED, "--policy", pack).json for pack in (DRAFT, "d.wgpack"))
    assert by_name["verdict"] == by_bundle["verdict"] == "allow"
    assert by_name["packs"] == by_bundle["packs"]
    assert by_bundle["packs"][0]["digest"] == data["pack"]["digest"]


def test_the_trust_file_demands_the_signature(counsel: Shell) -> None:
    counsel.here("policy", "bundle", DRAFT, "--key", "k", "-o", "d.wgpack")
    counsel.here("policy", "bundle", DRAFT, "-o", "plain.wgpack")
    trust = ("--trust", "trust.yaml")
    for pack in (DRAFT, "plain.wgpack"):
        done = counsel.here(*ASKED, "--policy", pack, *trust)
        assert (done.code, done.error["code"]) == (6, "pack_rules")
        assert counsel.here(*ASKED, "--policy", pack, *trust, "--pack-signature", "d.wgpack.sig").code == 0
    assert counsel.here(*ASKED, "--policy", "d.wgpack", *trust).code == 0
    refused = counsel("guard", *ASKED[1:-2], "--policy", DRAFT, *trust, "--", "touch", "ran")
    assert (refused.code, refused.last) == (6, "weightgate: refused (error)")
    assert not (counsel.folder / "ran").exists()


def test_the_same_pack_makes_the_same_file(counsel: Shell) -> None:
    for path in ("a.wgpack", "b.wgpack"):
        assert counsel.here("policy", "bundle", "us-ny-raise", "-o", path).code == 0
    assert counsel.here("policy", "bundle", "a.wgpack", "-o", "c.wgpack").code == 0
    files = [(counsel.folder / f"{name}.wgpack").read_bytes() for name in "abc"]
    assert files[0] == files[1] == files[2]
    assert not Path(counsel.folder, "a.wgpack.sig").exists()


def test_other_commands_take_a_bundle_for_the_pack(counsel: Shell) -> None:
    counsel.here("policy", "bundle", "us-ny-raise", "-o", "a.wgpack")
    same = counsel.here("policy", "diff", "us-ny-raise", "./a.wgpack")
    assert same.code == 0
    shown = counsel.here("policy", "show", "a.wgpack", "--output", "json").json
    named = counsel.here("policy", "show", "us-ny-raise", "--output", "json").json
    assert {k: v for k, v in shown.items() if k != "source"} == {
        k: v for k, v in named.items() if k != "source"
    }
    tested = counsel.here("policy", "test", "a.wgpack", "--output", "json")
    assert (tested.code, tested.error["code"], "tar -xf" in tested.error["hint"]) == (4, "no_cases", True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([DRAFT, "-o", "d.tar"], "bad_output"),
        (["us-ny-rais", "-o", "d.wgpack"], "unknown_pack"),
        (["./closed.yaml", "-o", "d.wgpack"], "bad_pack"),
        ([DRAFT, "-o", "none/d.wgpack"], "unwritable"),
        (["./d.wgpack", "-o", "./d.wgpack"], "output_over_input"),
        ([DRAFT, "-o", "e.wgpack", "--key", "none"], "key_unreadable"),
        ([DRAFT, "-o", "e.wgpack", "--key", "k", "--output", "json=e.wgpack.sig"], "output_twice"),
    ],
)
def test_what_cannot_be_bundled(counsel: Shell, words: list[str], code: str) -> None:
    counsel.here("policy", "bundle", "us-ny-raise", "-o", "d.wgpack")
    more = [] if "--output" in words else ["--output", "json"]
    done = counsel.here("policy", "bundle", *words, *more)
    assert done.code == 4
    if more and code != "bad_pack":
        assert done.error["code"] == code
    assert not Path(counsel.folder, "e.wgpack").exists()


def test_a_damaged_bundle_is_exit_4(counsel: Shell) -> None:
    counsel.here("policy", "bundle", DRAFT, "-o", "d.wgpack")
    path = counsel.folder / "d.wgpack"
    path.write_bytes(path.read_bytes().replace(b"deny", b"allo", 1))
    done = counsel.here(*ASKED, "--policy", "d.wgpack")
    assert (done.code, done.error["code"], done.error["where"]) == (4, "bundle", "d.wgpack")


def test_a_decision_under_a_bundle_is_attested_and_verified(counsel: Shell) -> None:
    counsel.here("policy", "bundle", DRAFT, "--key", "k", "-o", "d.wgpack")
    signed = ("--attest", "a.json", "--key", "k")
    assert counsel.here(*ASKED, "--policy", "d.wgpack", "--trust", "trust.yaml", *signed).code == 0
    words = ("verify", "a.json", "--key", "k.pub", "--model", "./m", "--replay")
    for pack in (DRAFT, "d.wgpack"):
        assert counsel.here(*words, "--policy", pack).code == 0
    done = counsel.here(*ASKED[:-1], "json=decision.json", "--policy", "d.wgpack")
    assert done.code == 0
    assert counsel.here("attest", "decision.json", "--key", "k", "-o", "b.json").code == 0
