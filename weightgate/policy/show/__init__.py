"""``policy list`` and ``policy show``: packs for people to read, as they stand on a day, with where all of it comes from."""

from __future__ import annotations

from weightgate.policy.show.listing import PackRow, list_packs
from weightgate.policy.show.showing import show
from weightgate.policy.show.shown import (
    GRADES,
    PackShown,
    ShownCite,
    ShownRow,
    ShownRule,
    ShownSource,
    ShownStatus,
)

__all__ = [
    "GRADES",
    "PackRow",
    "PackShown",
    "ShownCite",
    "ShownRow",
    "ShownRule",
    "ShownSource",
    "ShownStatus",
    "list_packs",
    "show",
]
