"""The one JSON reader: duplicate keys, NaN and infinities are refused, and depth and size are bounded.

Two readers of a document with a duplicate key may see two different values, which is how a signed file comes to say
one thing to its verifier and another to its user (RFC 8259, section 4).
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from weightgate.errors import InputError

MAX_BYTES = 64 * 1024 * 1024


def parse_json(raw: bytes | str, source: str, *, max_bytes: int = MAX_BYTES) -> Any:
    """Parse ``raw`` as one JSON document.

    Args:
        raw: The document; bytes must be UTF-8 without a byte-order mark.
        source: Name to put into messages.
        max_bytes: Refuse anything longer.

    Raises:
        InputError: Not JSON, a duplicate key, a number that is not finite, too large or too deeply nested.
    """
    if len(raw) > max_bytes:
        raise InputError(f"larger than {max_bytes} bytes", where=source, code="too_large")
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        if text.startswith("\ufeff"):
            raise json.JSONDecodeError("Unexpected UTF-8 BOM", text, 0)  # noqa: TRY301 - as json.loads says it
        value = _DECODER.decode(text)
        if _SURROGATE.search(text):
            # Half a surrogate pair is no character: nothing that holds one can be written, hashed or shown.
            json.dumps(value, ensure_ascii=False).encode()
        return value  # noqa: TRY300
    except UnicodeEncodeError:
        raise InputError("half a surrogate pair, which is no character", where=source, code="json") from None
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8", where=f"{source}: offset {error.start}", code="not_utf8") from None
    except json.JSONDecodeError as error:
        where = f"{source}:{error.lineno}:{error.colno}"
        raise InputError(f"not JSON: {error.msg}", where=where, code="json") from None
    except RecursionError:
        raise InputError("nested too deeply", where=source, code="json") from None
    except _Refused as error:
        raise InputError(str(error), where=source, code="json") from None


class _Refused(ValueError):
    """Raised inside the parser's hooks, where no position is known."""


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Refused(f"key {twice!r} is there twice")
    return result


def _not_finite(text: str) -> Any:
    raise _Refused(f"{text} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _Refused(f"{text[:40]} is too large for a double")
    return number


def _integer(text: str) -> int:
    # The length first: turning digits into an integer takes time that grows with its square.
    if len(text) > 310 or math.isinf(float(text)):
        raise _Refused("a number too large for a double")
    return int(text)


_SURROGATE = re.compile(r"\\u[dD]")

_DECODER = json.JSONDecoder(
    object_pairs_hook=_no_duplicates, parse_constant=_not_finite, parse_float=_finite, parse_int=_integer
)
"""Made once: a file of many attestations is read three documents to a line."""
