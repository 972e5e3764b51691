"""The one Hub that all tests share; each test gets it empty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hub import LocalHub


@pytest.fixture(scope="session")
def running_hub() -> Iterator[LocalHub]:
    """The server, started once."""
    with LocalHub() as local:
        yield local


@pytest.fixture
def local_hub(running_hub: LocalHub) -> LocalHub:
    """The server without repos, tokens, faults or log."""
    running_hub.hub.reset()
    return running_hub
