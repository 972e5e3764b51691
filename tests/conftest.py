"""The one Hub that all tests share, empty for each, and a cache of compiled packs that is theirs alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub import LocalHub


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Compiled packs from earlier runs, perhaps of another engine, are out of reach."""
    folder = tmp_path_factory.mktemp("cache")
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(folder)
    yield folder
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


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
