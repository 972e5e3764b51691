"""``policy lint``: everything that can be said against a pack without knowing the law."""

from __future__ import annotations

from weightgate.files.codes import Severity
from weightgate.policy.lint.codes import CODES
from weightgate.policy.lint.findings import Finding
from weightgate.policy.lint.linting import lint

__all__ = ["CODES", "Finding", "Severity", "lint"]
