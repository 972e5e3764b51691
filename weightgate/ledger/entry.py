"""What goes into a ledger, and what comes of it."""

from __future__ import annotations

import re

from weightgate.errors import InputError
from weightgate.records import record

_KEY = re.compile(r"[!-~]{1,200}", re.ASCII)


@record
class Entry:
    """Something to append.

    Attributes:
        data: Its bytes, 1 to 65,535 of them; opaque to the ledger.
        key: Makes appending it twice the same as once: 1 to 200 printable ASCII characters; nothing for none.
    """

    data: bytes
    key: str | None = None


@record
class Receipt:
    """What appending an entry came to; once it is there, the entry is, whatever happens to this process or machine.

    Attributes:
        index: Where the entry stands, from 0.
        leaf_hash: Its leaf hash.
        checkpoint: A signed checkpoint that covers it.
        added: False when it was there already, under its key.
    """

    index: int
    leaf_hash: bytes
    checkpoint: str
    added: bool


def check_key(key: str | None) -> None:
    """Refuse what can be no key of an entry.

    Raises:
        InputError: It is none (code ``entry_key``).
    """
    if key is not None and not _KEY.fullmatch(key):
        raise InputError(
            f"{key[:60]!r} is no key of an entry; needed 1 to 200 printable ASCII characters",
            code="entry_key",
        )
