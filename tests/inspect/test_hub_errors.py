"""Every way in which the Hub says no, or nothing, told apart by its code; the real client against a real server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.hub import Failure, LocalHub, Repo
from weightgate.errors import Exit, UnreachableError
from weightgate.inspect.hub.client import HubClient
from weightgate.inspect.hub.errors import HubError
from weightgate.inspect.hub.http import HubSession
from weightgate.inspect.hub.source import HubSource, open_on_hub

REPO = Repo("org/model", {"config.json": b"{}", "model.safetensors": bytes(range(200))})


def source_of(
    local: LocalHub, *, token: str | bool = False, repo: str = "org/model", revision: str = ""
) -> HubSource:
    """The repo as one asker sees it."""
    return open_on_hub(HubClient(HubSession(local.endpoint, token)), repo, revision)


def refused(
    local: LocalHub, *, token: str | bool = False, repo: str = "org/model", revision: str = ""
) -> HubError:
    """How asking for the repo and its weights fails."""
    with pytest.raises(HubError) as caught:
        source_of(local, token=token, repo=repo, revision=revision).read("model.safetensors", 0, 8)
    error = caught.value
    assert error.exit is Exit.UNREACHABLE
    assert error.where.startswith(f"{local.endpoint}/")
    assert str(error).startswith(error.where)
    return error


def test_a_missing_repo_and_a_private_one_look_alike(local_hub: LocalHub) -> None:
    missing = refused(local_hub)
    local_hub.add(replace(REPO, private=True))
    private = refused(local_hub)
    assert missing.code == private.code == "not_found"
    assert (
        missing.message
        == private.message
        == "there is no such repo, or it is private and this token may not see it"
    )
    assert "HF_TOKEN" in missing.hint


def test_a_private_repo_is_hidden_from_a_token_without_access(local_hub: LocalHub) -> None:
    local_hub.add(replace(REPO, private=True))
    local_hub.hub.tokens = {"hf_theirs": frozenset(), "hf_ours": frozenset({"org/model"})}
    assert refused(local_hub, token="hf_theirs").code == "not_found"
    assert source_of(local_hub, token="hf_ours").read("config.json", 0, 8) == b"{}"


def test_a_gated_repo_is_no_missing_repo(local_hub: LocalHub) -> None:
    local_hub.add(replace(REPO, gated="manual"))
    error = refused(local_hub)
    assert error.code == "gated"
    assert error.message == "the repo is gated, and access was not granted"
    assert "ask for access" in error.hint


def test_a_gated_repo_refuses_a_token_that_was_not_granted_access(local_hub: LocalHub) -> None:
    local_hub.add(replace(REPO, gated="auto"))
    local_hub.hub.tokens = {"hf_theirs": frozenset()}
    assert refused(local_hub, token="hf_theirs").code == "gated"


@pytest.mark.parametrize("disabled", [True, "all"])
def test_a_disabled_repo(local_hub: LocalHub, disabled: bool) -> None:
    local_hub.add(replace(REPO, disabled=disabled))
    error = refused(local_hub)
    assert (error.code, error.message) == ("disabled", "access to the repo is disabled")


def test_a_missing_revision(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    error = refused(local_hub, revision="v9")
    assert (error.code, error.message) == ("revision_not_found", "there is no such revision")
    assert error.where.endswith("/api/models/org/model/revision/v9")
    assert "owner/name@revision" in error.hint


def test_a_file_that_is_listed_and_not_there(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    gone = {"X-Error-Code": "EntryNotFound"}
    local_hub.hub.failures = [Failure(404, "resolve", headers=gone)]
    error = refused(local_hub)
    assert (error.code, error.message) == ("entry_not_found", "there is no such file at this revision")


def test_a_token_that_is_not_accepted(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    error = refused(local_hub, token="hf_revoked")
    assert (error.code, error.message) == ("bad_token", "the token was not accepted")
    assert "hf_revoked" not in f"{error}{error.hint}"


@pytest.mark.parametrize("token", ["hf_secret\n", "hf_sécret", "hf secret", "hf_\0secret"])
def test_a_token_that_cannot_be_sent_is_not_quoted(local_hub: LocalHub, token: str) -> None:
    with pytest.raises(HubError) as caught:
        source_of(local_hub, token=token)
    assert caught.value.code == "bad_token"
    assert "secret" not in f"{caught.value}{caught.value.hint}"
    assert local_hub.hub.log == []


def test_a_bare_401_without_a_token_hides_a_repo(local_hub: LocalHub) -> None:
    local_hub.hub.failures = [Failure(401)]
    assert refused(local_hub).code == "not_found"


def test_another_refusal_quotes_the_server(local_hub: LocalHub) -> None:
    local_hub.hub.failures = [Failure(403, body=b'{"error": "not from\\u0007 your address"}')]
    error = refused(local_hub)
    assert error.code == "forbidden"
    assert error.message == "refused with HTTP 403: not from  your address"


def test_a_rate_limit_says_how_long(local_hub: LocalHub) -> None:
    local_hub.hub.failures = [Failure(429, headers={"RateLimit": '"api";r=0;t=55'})]
    error = refused(local_hub)
    assert (error.code, error.retry_after) == ("rate_limited", 55)
    assert "in 55 s" in error.hint
    assert len(local_hub.hub.log) == 1


@pytest.mark.parametrize("stated", [{}, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}])
def test_a_rate_limit_without_a_number(local_hub: LocalHub, stated: dict[str, str]) -> None:
    local_hub.hub.failures = [Failure(429, headers=stated)]
    error = refused(local_hub)
    assert (error.code, error.retry_after) == ("rate_limited", None)
    assert "try again later" in error.hint


def test_a_short_wait_is_waited_for_once(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    limited = Failure(429, headers={"Retry-After": "0"})
    local_hub.hub.failures = [limited]

    def lift(_: str) -> None:
        if local_hub.hub.log:
            local_hub.hub.failures = []

    local_hub.hub.before = lift
    assert source_of(local_hub).read("config.json", 0, 2) == b"{}"
    assert [seen.status for seen in local_hub.hub.log[:2]] == [429, 200]


def test_a_server_in_trouble_is_asked_twice(local_hub: LocalHub) -> None:
    local_hub.hub.failures = [Failure(502)]
    error = refused(local_hub)
    assert (error.code, error.message) == ("unreachable", "the server is in trouble (HTTP 502)")
    assert len(local_hub.hub.log) == 2


def test_an_endless_error_page_is_not_read_whole(local_hub: LocalHub) -> None:
    local_hub.hub.failures = [Failure(500, body=b"x" * 20_000_000)]
    assert refused(local_hub).code == "unreachable"


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    started = time.monotonic()
    with pytest.raises(UnreachableError) as caught:
        HubClient(HubSession(f"http://127.0.0.1:{port}", token=False)).revision("org/model")
    assert caught.value.code == "unreachable"
    assert "Connection refused" in caught.value.message
    assert "HF_ENDPOINT" in caught.value.hint
    assert time.monotonic() - started < 5


def test_a_silent_server_is_given_up_within_fifteen_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(HubError) as caught:
            HubClient(HubSession(endpoint, token=False)).revision("org/model")
    assert (caught.value.code, caught.value.message) == ("unreachable", "no answer in time")
    assert time.monotonic() - started < 15


def test_an_endpoint_that_is_nowhere() -> None:
    endpoint = "http://no.such.host.invalid"
    with pytest.raises(HubError) as caught:
        HubClient(HubSession(endpoint, token=False)).revision("org/model")
    assert caught.value.code == "unreachable"
    assert caught.value.where == f"{endpoint}/api/models/org/model"


SCRIPT = """
import os
from weightgate.errors import UnreachableError
from weightgate.inspect.hub.client import HubClient
from weightgate.inspect.hub.http import HubSession
session = HubSession(token=True if "NEED" in os.environ else None)
try:
    print(session.endpoint, HubClient(session).revision("org/model").sha)
except UnreachableError as error:
    print(error.code, error.where, error.hint)
"""


def run_with(**environment: str) -> str:
    """What a fresh process says, since the client reads its environment when it is imported."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=kept | environment, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_offline_nobody_is_asked(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    said = run_with(HF_ENDPOINT=local_hub.endpoint, HF_HUB_OFFLINE="1")
    assert said.startswith(f"offline {local_hub.endpoint}/api/models/org/model")
    assert "folder" in said
    assert local_hub.hub.log == []


def test_the_environment_names_hub_and_token(local_hub: LocalHub) -> None:
    local_hub.add(replace(REPO, private=True))
    local_hub.hub.tokens = {"hf_ours": frozenset({"org/model"})}
    said = run_with(HF_ENDPOINT=f"{local_hub.endpoint}/", HF_TOKEN="hf_ours")
    assert said == f"{local_hub.endpoint} {REPO.sha}"
    assert [seen.token for seen in local_hub.hub.log] == ["hf_ours"]


def test_a_token_that_is_needed_and_not_there(local_hub: LocalHub, tmp_path: Path) -> None:
    said = run_with(HF_ENDPOINT=local_hub.endpoint, HF_HOME=str(tmp_path), NEED="1")
    assert said.startswith("bad_token ")
    assert "HF_TOKEN" in said
    assert local_hub.hub.log == []


def test_the_implicit_token_can_be_forbidden(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    run_with(HF_ENDPOINT=local_hub.endpoint, HF_TOKEN="hf_ours", HF_HUB_DISABLE_IMPLICIT_TOKEN="1")
    assert [seen.token for seen in local_hub.hub.log] == [""]
