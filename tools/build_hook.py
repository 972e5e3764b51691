"""Hatchling's hook: puts the shipped packs and tables into the wheel, the packs compiled besides.

An editable install reads them from the checkout instead, and compiles the packs once into the user's cache.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

POLICIES = "weightgate/policies"
COMPILED = f"{POLICIES}/compiled"


class CompilePacks(BuildHookInterface):  # type: ignore[type-arg]  # its parameter is the builder's configuration
    """Adds ``policies/`` to a wheel, and the compiled packs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile into a temporary folder, which goes into the wheel as :data:`COMPILED`."""
        if version == "editable":
            return
        build_data["force_include"]["policies"] = POLICIES
        sys.path.insert(0, self.root)
        from weightgate.policy.cache import compile_shipped

        self._folder = tempfile.TemporaryDirectory()
        compile_shipped(Path(self._folder.name))
        build_data["force_include"][self._folder.name] = COMPILED

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary folder once the wheel is written."""
        if folder := getattr(self, "_folder", None):
            folder.cleanup()
