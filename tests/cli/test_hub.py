"""Models on a Hub, through the real client and a real server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.hub import Failure, LocalHub, Repo
from tests.inspect.writers import write_safetensors

CARD = b"---\nlicense: apache-2.0\n---\n# A model\n"


@pytest.fixture
def weights(tmp_path: Path) -> bytes:
    """A real safetensors file."""
    return write_safetensors(tmp_path / "w" / "model.safetensors").read_bytes()


@pytest.fixture
def online(shell: Shell, local_hub: LocalHub) -> Shell:
    """A shell that reaches the local Hub and has no token."""
    env = {k: v for k, v in shell.env.items() if k != "HF_HUB_OFFLINE"}
    home = str(shell.folder / "home")
    return Shell(shell.folder, {**env, "HF_ENDPOINT": local_hub.endpoint, "HF_HOME": home})


def files(weights: bytes) -> dict[str, bytes]:
    """A published model."""
    return {"model.safetensors": weights, "README.md": CARD, "config.json": b"{}"}


def test_an_open_model_is_allowed_anywhere_by_what_was_observed(
    online: Shell, local_hub: LocalHub, weights: bytes
) -> None:
    repo = local_hub.add(Repo("owner/open", files(weights)))
    done = online("check", "owner/open", "--to", "KP", "--output", "json")
    assert (done.code, done.json["verdict"]) == (0, "allow"), done.out
    assert done.json["facts"]["model.openness"]["grade"] == "verified"
    assert done.json["model"]["revision"] == repo.sha
    assert done.json["rests_on"] == []
    assert done.json["hypothetical"] is False


def test_a_private_model_whose_card_says_apache_is_never_allowed(
    online: Shell, local_hub: LocalHub, weights: bytes
) -> None:
    local_hub.add(Repo("owner/private", files(weights), private=True))
    done = online("check", "owner/private", "--to", "CN", "--output", "json")
    assert done.code == 5
    assert done.error["hint"]


def test_a_mirror_that_leaves_private_out_is_never_allowed(
    online: Shell, local_hub: LocalHub, weights: bytes
) -> None:
    local_hub.add(Repo("owner/mirror", files(weights), leave_out=frozenset({"private"})))
    done = online("check", "owner/mirror", "--to", "CN", "--output", "json")
    assert done.code != 0
    assert done.json.get("verdict") != "allow"


def test_a_repo_that_is_not_there_is_exit_5(online: Shell) -> None:
    for words in (
        ["check", "owner/none", "--to", "DE"],
        ["inspect", "owner/none"],
        ["model", "digest", "owner/none"],
    ):
        done = online(*words, "--output", "json")
        assert (done.code, done.json["exit"]) == (5, 5)
        assert "owner/none" in f"{done.error['message']} {done.error['where']}"


def test_offline_is_exit_5_and_says_so(shell: Shell) -> None:
    done = shell("check", "owner/name", "--to", "DE", "--output", "json")
    assert done.code == 5
    assert "offline" in json.dumps(done.error).lower()


def test_guard_hands_over_the_revision(online: Shell, local_hub: LocalHub, weights: bytes) -> None:
    repo = local_hub.add(Repo("owner/open", files(weights)))
    words = [
        "guard",
        "owner/open",
        "--to",
        "CN",
        "--",
        "sh",
        "-c",
        "echo $WEIGHTGATE_REVISION $WEIGHTGATE_DIGEST",
    ]
    done = online(*words)
    revision, digest = done.out.split()
    assert revision == repo.sha
    assert online("model", "digest", "owner/open").out.strip() == digest


def test_a_folder_with_the_same_files_has_the_same_digest_and_is_verified(
    online: Shell, local_hub: LocalHub, weights: bytes
) -> None:
    local_hub.add(Repo("owner/open", files(weights)))
    for name, content in files(weights).items():
        path = online.folder / "copy" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    online.here("keys", "generate", "-o", "k.pem")
    signed = ["--attest", "a.json", "--key", "k.pem"]
    assert online("check", "owner/open", "--to", "KP", *signed).code == 0
    verified = ["verify", "a.json", "--key", "k.pem.pub", "--output", "json"]
    assert online(*verified, "--model", "./copy", "--replay").code == 0
    assert online(*verified, "--model", "owner/open").code == 0
    (online.folder / "copy" / "config.json").write_text("{ }")
    done = online(*verified, "--model", "./copy")
    assert done.code == 6
    assert "config.json" in done.error["message"]


def test_a_moved_branch_is_another_model(online: Shell, local_hub: LocalHub, weights: bytes) -> None:
    repo = local_hub.add(Repo("owner/open", files(weights)))
    online.here("keys", "generate", "-o", "k.pem")
    online("check", "owner/open", "--to", "KP", "--output", "json=d.json")
    words = ["attest", "d.json", "--key", "k.pem", "-o", "a.json"]
    assert online(*words, "--model", "owner/open").code == 0
    local_hub.add(repo.pushed({**files(weights), "config.json": b'{"a": 1}'}))
    done = online(*words, "--model", "owner/open", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "binding")
    assert online(*words, "--model", f"owner/open@{repo.sha}").code == 0


def test_a_declared_base_is_looked_at(online: Shell, local_hub: LocalHub, weights: bytes) -> None:
    local_hub.add(Repo("owner/base", files(weights)))
    online.write(
        "base.yaml", "model.base: owner/base\nmodel.openness: closed\nmodel.special_purpose: false\n"
    )
    words = ["--to", "PL", "--activity", "fine_tune", "--facts", "base.yaml", "--operator", "jp.yaml"]
    done = online("check", "./m", *words, "--output", "json")
    base = done.json["facts"]["model.base_openness"]
    assert (base["value"], base["grade"]) == ("open", "declared")
    assert done.json["verdict"] == "allow"
    online.here("keys", "generate", "-o", "k.pem")
    signed = ["attest", "d.json", "--key", "k.pem", "-o", "a.json", "--model", "./m"]
    online("check", "./m", *words, "--output", "json=d.json")
    assert online(*signed).code == 0


def test_a_base_that_fails_is_unknown_and_the_check_goes_on(
    online: Shell, local_hub: LocalHub, weights: bytes
) -> None:
    local_hub.add(Repo("owner/base", files(weights)))
    local_hub.hub.failures.append(Failure(500, "/api/models/owner/base"))
    online.write("base.yaml", "model.base: owner/base\n")
    done = online("check", "./m", "--to", "PL", "--facts", "base.yaml", "--output", "json")
    assert done.code == 3
    assert done.json["facts"]["model.base_openness"]["unknown"] is True
