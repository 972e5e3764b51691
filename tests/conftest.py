"""The one Hub that all tests share, empty for each, a cache of compiled packs that is theirs alone, and how random they are.

Property tests are random in development, and have the same examples each time in continuous integration. No test is
timed: the machine may be busy.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.hub import LocalHub

COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
settings.register_profile("weightgate", COMMON, max_examples=60)
settings.register_profile("weightgate-ci", COMMON, max_examples=60, derandomize=True, database=None)
settings.load_profile("weightgate-ci" if os.environ.get("CI") else "weightgate")


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
