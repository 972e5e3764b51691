"""Hatchling's hook: compiles the shipped policy packs into the wheel, so that the first decision need not.

An editable install has no compiled packs; there they are compiled once into the user's cache.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INSIDE_WHEEL = "weightgate/policies/.compiled"


class CompilePacks(BuildHookInterface):  # type: ignore[type-arg]  # its parameter is the builder's configuration
    """Adds the compiled packs to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile into a temporary folder, which goes into the wheel as :data:`INSIDE_WHEEL`."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        if importlib.util.find_spec("weightgate.policy.cache") is None:
            return
        self._folder = tempfile.TemporaryDirectory()
        importlib.import_module("weightgate.policy.cache").compile_shipped(Path(self._folder.name))
        build_data["force_include"][self._folder.name] = INSIDE_WHEEL

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary folder once the wheel is written."""
        if folder := getattr(self, "_folder", None):
            folder.cleanup()
