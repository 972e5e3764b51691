"""A repo on the local Hub, as the tests of the Hub's source see it."""

from __future__ import annotations

import pytest

from tests.hub import LocalHub, Repo
from weightgate.errors import Exit, ModelError
from weightgate.inspect.hub.client import HubClient
from weightgate.inspect.hub.errors import HubError
from weightgate.inspect.hub.http import HubSession
from weightgate.inspect.hub.source import HubSource, open_on_hub

WEIGHTS = bytes(range(256)) * 1000
FILES: dict[str, bytes] = {
    "README.md": b"---\nlicense: mit\n---\n",
    "model.safetensors": WEIGHTS,
    "sub/config.json": b"{}",
    "empty.txt": b"",
    ".gitattributes": b"*.safetensors filter=lfs\n",
    ".github/workflow.yml": b"on: push\n",
}
REPO = Repo("org/model", FILES)


def client_of(local: LocalHub, token: str | bool = False) -> HubClient:
    return HubClient(HubSession(local.endpoint, token))


def source_of(
    local: LocalHub, repo: str = "org/model", revision: str = "", token: str | bool = False
) -> HubSource:
    return open_on_hub(client_of(local, token), repo, revision)


def lies(local: LocalHub, name: str = "model.safetensors", *, offset: int = 0, length: int = 8) -> ModelError:
    """How reading a file of a lying Hub fails."""
    source = source_of(local)
    with pytest.raises(ModelError) as caught:
        source.read(name, offset, length)
    assert caught.value.exit is Exit.INPUT
    assert caught.value.where == source.locate(name)
    assert caught.value.hint
    return caught.value


def malformed(local: LocalHub) -> HubError:
    """How a listing that no Hub gives is refused."""
    with pytest.raises(HubError) as caught:
        source_of(local)
    assert caught.value.code == "malformed_answer"
    assert caught.value.exit is Exit.UNREACHABLE
    return caught.value
