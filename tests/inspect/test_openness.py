"""Openness is what an anonymous client sees at this very commit; everything that is not plain is unknown."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hub import Claim, Failure, LocalHub, Repo
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Known, OneOf, Unknown, allows
from weightgate.inspect.hub.client import HubClient
from weightgate.inspect.hub.http import HubSession
from weightgate.inspect.hub.source import open_on_hub
from weightgate.inspect.licenses.finding import LicenseFinding
from weightgate.inspect.licenses.table import Grants
from weightgate.inspect.openness import (
    left_open,
    observe,
    openness_of,
    weight_files,
)

AT = datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC)
OPEN = LicenseFinding("mit", Grants.OPEN, "MIT grants use and redistribution")
REPO = Repo("org/model", {"README.md": b"---\nlicense: mit\n---\n", "model.safetensors": bytes(range(200))})
OURS = "hf_ours"


def look(local: LocalHub, *, licence: LicenseFinding = OPEN, token: str | bool = OURS) -> Statement:
    """What is established about the repo, seen with a token that may read it, and forgotten what went before."""
    local.hub.tokens[OURS] = frozenset({"org/model"})
    source = open_on_hub(HubClient(HubSession(local.endpoint, token)), "org/model")
    local.hub.log.clear()
    return openness_of(observe(source, weight_files(source), at=AT), licence)


def unknown_because(statement: Statement) -> str:
    """Why openness is unknown."""
    assert isinstance(statement.value, Unknown), statement
    return statement.value.reason


# Settled


def test_a_public_repo_under_an_open_licence_is_open(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    assert look(local_hub) == Statement(
        "model.openness",
        Known("open"),
        Grade.VERIFIED,
        source=f"{local_hub.endpoint}/org/model",
        locator=REPO.sha,
        method="asked without a token at 2026-03-01T12:30:05Z: an anonymous client downloaded the first bytes of the "
        "weights; licence: MIT grants use and redistribution",
        on="2026-03-01",
    )


def test_the_anonymous_client_sends_no_token_and_no_cookie(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    local_hub.hub.cookies = True
    local_hub.hub.tokens[OURS] = frozenset()
    source = open_on_hub(HubClient(HubSession(local_hub.endpoint, OURS)), "org/model")
    source.read("model.safetensors", 0, 8)
    source.read("README.md", 0, 8)
    assert any(seen.token and seen.cookie for seen in local_hub.hub.log)
    local_hub.hub.log.clear()
    assert openness_of(observe(source, ("model.safetensors",), at=AT), OPEN).value == Known("open")
    first, second, third = local_hub.hub.log
    assert not any(seen.token for seen in local_hub.hub.log)
    assert not first.cookie
    assert (first.path, second.path) == (
        f"/api/models/org/model/revision/{REPO.sha}",
        f"/org/model/resolve/{REPO.sha}/model.safetensors",
    )
    assert third.host.startswith("localhost")


def test_only_a_restricted_licence_makes_a_public_repo_restricted(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    assert look(local_hub, licence=replace(OPEN, grants=Grants.RESTRICTED)).value == Known("restricted")


def test_an_unknown_licence_leaves_a_public_repo_open_or_restricted(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    assert look(local_hub, licence=replace(OPEN, grants=Grants.UNKNOWN)).value == OneOf(
        ("open", "restricted")
    )


@pytest.mark.parametrize("grants", Grants)
@pytest.mark.parametrize("gated", ["auto", "manual"])
def test_a_gated_repo_is_restricted_whatever_its_licence(
    local_hub: LocalHub, gated: str, grants: Grants
) -> None:
    local_hub.add(replace(REPO, gated="auto" if gated == "auto" else "manual"))
    found = look(local_hub, licence=replace(OPEN, grants=grants))
    assert found.value == Known("restricted")
    assert "the repo is gated" in found.method


@pytest.mark.parametrize("grants", Grants)
def test_a_private_repo_is_closed_whatever_its_licence(local_hub: LocalHub, grants: Grants) -> None:
    local_hub.add(replace(REPO, private=True))
    found = look(local_hub, licence=replace(OPEN, grants=grants))
    assert found.value == Known("closed")
    assert "hides it from anonymous clients" in found.method


def test_a_private_and_gated_repo_is_closed(local_hub: LocalHub) -> None:
    local_hub.add(replace(REPO, private=True, gated="manual"))
    assert look(local_hub).value == Known("closed")


def test_a_disabled_repo_is_closed(local_hub: LocalHub) -> None:
    local_hub.add(replace(REPO, disabled=True))
    assert look(local_hub).value == Known("closed")


def test_a_repo_that_is_disabled_for_anonymous_clients_is_closed(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    words = {"X-Error-Message": "Access to this resource is disabled."}
    local_hub.hub.failures = [Failure(403, anonymous_only=True, headers=words)]
    assert look(local_hub).value == Known("closed")


# Left out


@pytest.mark.parametrize("field", ["private", "gated"])
def test_a_field_that_a_mirror_leaves_out_is_never_no(local_hub: LocalHub, field: str) -> None:
    local_hub.add(replace(REPO, leave_out=frozenset({field})))
    assert unknown_because(look(local_hub)) == f"the Hub does not say whether the repo is {field}"


def test_a_mirror_that_leaves_out_private_of_a_private_repo_settles_nothing(local_hub: LocalHub) -> None:
    local_hub.add(replace(REPO, private=True, leave_out=frozenset({"private"})))
    assert "does not say that it is private" in unknown_because(look(local_hub))


def test_a_mirror_that_leaves_out_all_settles_nothing(local_hub: LocalHub) -> None:
    local_hub.add(replace(REPO, leave_out=frozenset({"private", "gated", "disabled", "author"})))
    assert isinstance(look(local_hub).value, Unknown)


def test_disabled_may_be_left_out(local_hub: LocalHub) -> None:
    local_hub.add(replace(REPO, leave_out=frozenset({"disabled"})))
    assert look(local_hub).value == Known("open")


def test_a_gate_that_is_said_outweighs_nothing_else_left_out(local_hub: LocalHub) -> None:
    local_hub.add(replace(REPO, gated="auto", leave_out=frozenset({"private"})))
    assert isinstance(look(local_hub).value, Unknown)


# Contradictory


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_public_repo_that_refuses_its_weights_is_not_open(local_hub: LocalHub, status: int) -> None:
    local_hub.add(REPO)
    local_hub.hub.failures = [Failure(status, "/resolve/", anonymous_only=True)]
    found = look(local_hub)
    assert found.value == OneOf(("restricted", "closed"))
    assert "says that the repo is public and refuses its weights" in found.method


def test_a_gate_that_only_the_files_know_of(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    gate = {"X-Error-Code": "GatedRepo"}
    local_hub.hub.failures = [Failure(401, "/resolve/", anonymous_only=True, headers=gate)]
    assert look(local_hub).value == OneOf(("restricted", "closed"))


def test_a_mirror_that_asks_everyone_for_a_token_settles_nothing(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    local_hub.hub.failures = [Failure(401, anonymous_only=True)]
    assert "does not say that it is private" in unknown_because(look(local_hub))


def test_a_private_repo_that_is_shown_to_everyone_settles_nothing(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    body = b'{"id": "org/model", "sha": "%s", "private": true, "gated": false}' % REPO.sha.encode()
    local_hub.hub.failures = [Failure(200, "/revision/", body=body)]
    source = open_on_hub(HubClient(HubSession(local_hub.endpoint, token=False)), "org/model", REPO.sha)
    found = openness_of(observe(source, weight_files(source), at=AT), OPEN)
    assert "says that the repo is private and shows it" in unknown_because(found)


@pytest.mark.parametrize(
    ("field", "value"), [("private", "false"), ("gated", '"auto"'), ("disabled", "true")]
)
def test_a_hub_that_says_one_thing_to_us_and_another_to_others_settles_nothing(
    local_hub: LocalHub, field: str, value: str
) -> None:
    local_hub.add(replace(REPO, private=field == "private"))
    said = {"private": "false", "gated": "false", "disabled": "false"} | {field: value}
    pairs = ", ".join(f'"{key}": {text}' for key, text in said.items())
    body = f'{{"id": "org/model", "sha": "{REPO.sha}", {pairs}}}'.encode()
    local_hub.hub.failures = [Failure(200, "/revision/", anonymous_only=True, body=body)]
    assert "says one thing to us and another" in unknown_because(look(local_hub))


def test_anonymous_clients_who_are_served_other_bytes_settle_nothing(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    headers = {"Content-Range": "bytes 0-199/200"}
    fake = Failure(206, "/resolve/", anonymous_only=True, headers=headers, body=bytes(200))
    local_hub.hub.failures = [fake]
    assert "anonymous clients are served other bytes" in unknown_because(look(local_hub))


def test_a_lie_about_the_weights_size_settles_nothing(local_hub: LocalHub) -> None:
    local_hub.add(replace(REPO, claims={"model.safetensors": Claim(size=5000)}))
    assert "listed with 5000 bytes, served with" in unknown_because(look(local_hub))


# Not seen


@pytest.mark.parametrize("where", ["/api/", "/resolve/"])
@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (Failure(429, headers={"Retry-After": "90"}), "rate limited"),
        (Failure(503), "the server is in trouble (HTTP 503)"),
        (Failure(200, body=b"<html>log in</html>"), ""),
    ],
)
def test_an_anonymous_look_that_failed_settles_nothing(
    local_hub: LocalHub, failure: Failure, where: str, says: str
) -> None:
    local_hub.add(REPO)
    local_hub.hub.failures = [replace(failure, match=where, anonymous_only=True)]
    reason = unknown_because(look(local_hub))
    assert reason.startswith(
        "the anonymous look failed (" if where == "/api/" else "the anonymous download failed ("
    )
    assert says in reason
    assert f"{local_hub.endpoint}/" in reason


def test_a_failed_look_is_asked_anew(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    local_hub.hub.failures = [Failure(429, anonymous_only=True)]
    assert isinstance(look(local_hub).value, Unknown)
    local_hub.hub.failures = []
    assert look(local_hub).value == Known("open")
    local_hub.add(replace(REPO, private=True))
    assert look(local_hub).value == Known("closed")


def test_a_repo_without_weights_settles_nothing(local_hub: LocalHub) -> None:
    local_hub.add(Repo("org/model", {"README.md": b"", "training_args.bin": b"x", "optimizer.pt": b"x"}))
    assert unknown_because(look(local_hub)) == "no file with weights lies at this commit"


def test_empty_weights_settle_nothing(local_hub: LocalHub) -> None:
    local_hub.add(Repo("org/model", {"model.safetensors": b""}))
    assert "the weights file is empty" in unknown_because(look(local_hub))


def test_the_largest_weights_are_tried(local_hub: LocalHub) -> None:
    files = {"a.gguf": bytes(10), "sub/B.SAFETENSORS": bytes(300), "c.txt": bytes(900), "d.onnx": bytes(200)}
    local_hub.add(Repo("org/model", files))
    look(local_hub)
    assert local_hub.hub.log[1].path.endswith("/sub/B.SAFETENSORS")


def test_an_openness_of_a_revision_is_about_that_revision(local_hub: LocalHub) -> None:
    local_hub.add(replace(REPO, branches={"old": {"model.gguf": bytes(10)}}))
    source = open_on_hub(HubClient(HubSession(local_hub.endpoint, token=False)), "org/model", "old")
    local_hub.add(REPO.pushed({"model.gguf": bytes(11)}))
    found = openness_of(observe(source, ("model.gguf",), at=AT), OPEN)
    assert found.locator == source.revision.sha
    assert "another commit" not in found.method
    assert isinstance(found.value, Unknown)  # the branch is gone, and its commit with it


# What is left open


def test_a_mirror_is_named_as_such(local_hub: LocalHub) -> None:
    local_hub.add(REPO)
    source = open_on_hub(HubClient(HubSession(local_hub.endpoint, token=False)), "org/model")
    right, mirror = left_open(observe(source, weight_files(source), at=AT))
    assert right == "Whether the publisher of org/model had the right to license it."
    assert mirror.startswith(f"Openness is as seen at {local_hub.endpoint}, a mirror or self-hosted Hub")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(
    private=st.booleans(),
    gated=st.sampled_from([False, "auto"]),
    disabled=st.booleans(),
    leave_out=st.frozensets(st.sampled_from(["private", "gated", "disabled", "author"])),
)
def test_no_repo_that_says_no_looks_open(
    local_hub: LocalHub, *, private: bool, gated: bool | str, disabled: bool, leave_out: frozenset[str]
) -> None:
    shut = "auto" if gated else False
    local_hub.add(
        replace(REPO, private=private, gated=shut, disabled=disabled, leave_out=leave_out)  # type: ignore[arg-type]
    )
    started = time.monotonic()
    value = look(local_hub).value
    assert time.monotonic() - started < 5
    if private or gated or disabled or leave_out & {"private", "gated"}:
        assert isinstance(value, Unknown) or not allows(value, "open")
    else:
        assert value == Known("open")
