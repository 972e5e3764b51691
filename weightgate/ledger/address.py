"""Where a ledger lies: a file of SQLite's, or a database of PostgreSQL's."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from weightgate.errors import UsageError
from weightgate.records import record

if TYPE_CHECKING:
    from sqlalchemy import URL

FORMS = "a path, sqlite:PATH, or postgresql://USER@HOST/DATABASE"

_SECRET = ("password", "sslpassword")
"""Parameters of libpq that hold one."""

_POSTGRESQL = ("postgresql", "postgresql+psycopg")


@record
class Address:
    """Where a ledger lies.

    Attributes:
        shown: How messages name it; never with a password.
        path: The file, of SQLite's.
        url: The database, of PostgreSQL's.
        secrets: What must not appear in any message.
    """

    shown: str
    path: Path | None = None
    url: URL | None = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


def parse_address(text: str) -> Address:
    """Read where a ledger lies: :data:`FORMS`, and ``sqlite:///PATH`` as SQLAlchemy has it.

    Raises:
        UsageError: It is none of these (code ``ledger_url``).
    """
    scheme, colon, rest = text.partition(":")
    if scheme == "sqlite" and colon:
        path = rest.removeprefix("///")
        if not path or path.startswith("//"):
            raise _unknown("sqlite:… without a path")
        return _file(path)
    if "://" not in text:
        return _file(text)
    if scheme not in _POSTGRESQL:
        # What follows the scheme may be a password: it is not repeated.
        raise _unknown(f"a URL of scheme {scheme[:40]!r}")
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(text).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        raise _unknown("a URL that cannot be read") from None
    if not url.database:
        raise _unknown("a URL without a database")
    shown = url.set(drivername="postgresql").difference_update_query(_SECRET)
    secrets = [url.password, *(url.query.get(name) for name in _SECRET)]
    texts = tuple(str(each) for each in secrets if each)
    return Address(shown.render_as_string(hide_password=True), url=url, secrets=texts)


def _file(text: str) -> Address:
    if not text or "\x00" in text:
        raise _unknown("an empty path")
    return Address(text, path=Path(text))


def _unknown(found: str) -> UsageError:
    return UsageError(f"{found} is no place of a ledger", hint=f"write {FORMS}", code="ledger_url")
