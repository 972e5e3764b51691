"""How a pack is read: as known on which day, with which of the readings that its text leaves open, whole or in part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from weightgate.policy.days import FOREVER
from weightgate.records import record


@record
class Reading:
    """One way to read a pack.

    Attributes:
        known_at: Rows, ends and statuses that became known later do not exist.
        switches: Chosen readings by the switch's name; a switch that is not there has its default.
        in_force: Whether rules that bound nobody are left out.
    """

    known_at: str = FOREVER
    switches: Mapping[str, str] = field(default_factory=dict)
    in_force: bool = False


AS_WRITTEN = Reading()
"""All that is known today, every switch at its default, whatever the text is worth."""
