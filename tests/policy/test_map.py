"""The map of the package, in its own words."""

from __future__ import annotations

import pkgutil
import re

from weightgate import policy


def test_what_the_map_names_is_there() -> None:
    named = re.findall(r"``(\w+)``", policy.__doc__ or "")
    there = {module.name for module in pkgutil.iter_modules(policy.__path__)}
    assert len(named) > 40
    assert sorted(set(named) - there) == []
