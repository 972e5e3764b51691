"""Words of the pack format that decisions use too, apart from the pydantic models so that they load in no time."""

from __future__ import annotations

BINDING: frozenset[str] = frozenset({"effective"})
"""The status under which a pack binds anyone; every other is left out by ``--status in-force``."""

ORDER_PACK = "order"
"""The pack that a decision names where an order in the operator file decides; no pack may have the name."""
