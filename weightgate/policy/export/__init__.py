"""Packs for other policy engines: as a Cedar policy set or a Rego module, for one day and one activity.

An export is an outside witness. It is read by an engine that shares no code with weightgate, on definite facts, and it
must say what weightgate says; the tests hold both to that. It knows nothing of what is unknown, of evidence, of several
destinations or of the law's status, so the verdict that counts is weightgate's own.
"""

from __future__ import annotations

from collections.abc import Callable

from weightgate.policy.export.cedar import to_cedar
from weightgate.policy.export.exported import Exported, export
from weightgate.policy.export.rego import to_rego

LANGUAGES: dict[str, Callable[[Exported], str]] = {"cedar": to_cedar, "rego": to_rego}
"""What a pack can be exported to, and how."""

__all__ = ["LANGUAGES", "Exported", "export", "to_cedar", "to_rego"]
