"""Attacks through the Hub: what it leaves out, hides, moves or forges must never end in an allowance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.cli.shell import Done, Shell
from tests.hub import Content, Failure, LocalHub, Repo
from tests.inspect.models import ADAPTER, LICENCE, MODEL, safetensors

TOKEN = "hf_the_askers_own"
NARROW = b"This model is for non-commercial research use only. You may not redistribute it.\n"
FILES: Mapping[str, Content] = MODEL.files


def asked(online: Shell, repo: str = "org/model", *more: str, **env: str) -> Done:
    return online("check", repo, "--to", "CN", "--operator", "jp.yaml", "--output", "json", *more, **env)


def test_a_public_open_model_may_go_anywhere_so_that_the_refusals_below_mean_something(
    online: Shell, local_hub: LocalHub
) -> None:
    local_hub.add(MODEL)
    assert asked(online).json["verdict"] == "allow"


@pytest.mark.parametrize("key", ["private", "gated"])
def test_a_mirror_that_leaves_out_who_may_see_a_repo_settles_nothing(
    online: Shell, local_hub: LocalHub, key: str
) -> None:
    local_hub.add(replace(MODEL, leave_out=frozenset({key})))
    done = asked(online)
    assert (done.code, done.json["possible"]) == (3, ["allow", "deny"])


@pytest.mark.parametrize("shut", [{"private": True}, {"gated": "auto"}])
def test_who_was_let_in_does_not_make_a_repo_open(
    online: Shell, local_hub: LocalHub, shut: Mapping[str, bool]
) -> None:
    local_hub.add(replace(MODEL, **shut))  # type: ignore[arg-type]
    local_hub.hub.tokens[TOKEN] = frozenset({"org/model"})
    done = asked(online, HF_TOKEN=TOKEN)
    assert (done.code, done.json["verdict"]) == (1, "deny")
    assert TOKEN not in done.out + done.err


def test_declaring_a_private_repo_open_wins_nothing(online: Shell, local_hub: LocalHub) -> None:
    local_hub.add(replace(MODEL, private=True))
    local_hub.hub.tokens[TOKEN] = frozenset({"org/model"})
    done = asked(online, "org/model", "--facts", "open.yaml", HF_TOKEN=TOKEN)
    assert done.code == 3
    assert done.json["contradictions"][0]["fact"] == "model.openness"


def test_a_repo_that_turns_private_after_the_first_look_is_not_open(
    online: Shell, local_hub: LocalHub
) -> None:
    local_hub.add(MODEL)
    seen: list[str] = []

    def turn(path: str) -> None:
        seen.append(path)
        if len(seen) == 2:
            local_hub.add(replace(MODEL.pushed({**FILES, "new.txt": b"1"}), private=True))

    local_hub.hub.before = turn
    assert asked(online).code == 5


@pytest.mark.parametrize("name", ["LICENSE", "LICENSE.pdf", "MODEL_LICENSE", "USE_POLICY.md", "LICENCE.rst"])
def test_a_text_beside_the_weights_that_narrows_the_card_is_not_overlooked(
    online: Shell, local_hub: LocalHub, name: str
) -> None:
    local_hub.add(Repo("org/model", {**FILES, name: NARROW}))
    assert asked(online).code == 3


@pytest.mark.parametrize(
    "files",
    [
        {"README.md": LICENCE, "weights.xyz": b"x" * 1000},
        {"model.safetensors": FILES["model.safetensors"]},
        {"README.md": b"---\nlicense: (mit)\n---\n", "model.safetensors": FILES["model.safetensors"]},
    ],
    ids=["weights in no known format", "no licence", "a licence that no table has"],
)
def test_what_is_not_understood_is_not_open(
    online: Shell, local_hub: LocalHub, files: Mapping[str, Content]
) -> None:
    local_hub.add(Repo("org/model", files))
    assert asked(online).code == 3


def test_a_private_adapter_gains_nothing_by_claiming_an_open_base(online: Shell, local_hub: LocalHub) -> None:
    local_hub.add(MODEL)
    local_hub.add(replace(ADAPTER, private=True))
    local_hub.hub.tokens[TOKEN] = frozenset({"team/adapter"})
    hosted = asked(online, "team/adapter", HF_TOKEN=TOKEN)
    tuned = asked(online, "team/adapter", "--activity", "fine_tune", HF_TOKEN=TOKEN)
    assert (hosted.code, tuned.code) == (1, 3)


@pytest.mark.parametrize("change", ["extra", "swapped", "none"])
def test_a_folder_named_like_a_cache_snapshot_is_believed_only_whole(
    online: Shell, local_hub: LocalHub, change: str
) -> None:
    local_hub.add(MODEL)
    snapshot = online.folder / "models--org--model" / "snapshots" / MODEL.sha
    snapshot.mkdir(parents=True)
    closed = safetensors({"closed": 100})
    files = dict(FILES)
    if change != "none":
        files["model.safetensors" if change == "swapped" else "closed.safetensors"] = closed
    for name, content in files.items():
        assert isinstance(content, bytes)
        (snapshot / name).write_bytes(content)
    done = asked(online, f"./{snapshot.relative_to(online.folder)}")
    assert done.code == (0 if change == "none" else 3)


def test_a_redirect_to_another_host_learns_no_token(online: Shell, local_hub: LocalHub) -> None:
    local_hub.add(MODEL)
    local_hub.hub.tokens[TOKEN] = frozenset({"org/model"})
    elsewhere = local_hub.endpoint.replace("127.0.0.1", "localhost")
    local_hub.hub.failures.append(Failure(302, "/api/models", headers={"Location": f"{elsewhere}/stolen"}))
    done = asked(online, HF_TOKEN=TOKEN)
    assert done.code == 5
    assert [seen.token for seen in local_hub.hub.log if seen.path == "/stolen"] == [""]


def test_names_and_messages_of_a_hostile_hub_move_no_cursor(online: Shell, local_hub: LocalHub) -> None:
    local_hub.add(Repo("org/model", {**FILES, "a\u202egnp.exe": b"x", "b\x1b[31m.txt": b"y"}))
    for words in (["inspect", "org/model"], ["model", "digest", "org/model"]):
        done = online(*words)
        assert done.code == 0
        assert "\x1b" not in done.out + done.err
        assert "\u202e" not in done.out + done.err


def test_a_folder_with_a_repos_name_makes_the_name_ambiguous(online: Shell, local_hub: LocalHub) -> None:
    local_hub.add(MODEL)
    (online.folder / "org" / "model").mkdir(parents=True)
    assert (asked(online).code, asked(online, "hf:org/model").code) == (4, 0)
