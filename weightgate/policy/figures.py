"""Numbers as people write them in prose, with their units."""

from __future__ import annotations

import math
from decimal import Decimal

LARGE = 1e15
"""From here on a number is written as a power of ten."""
SMALL = 1e-6
"""Below, it is too."""
TIMES = "\N{MULTIPLICATION SIGN}"
_HUNDREDTHS = -2
_SIZES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))


def said(number: float | str, unit: str = "") -> str:
    """A number as people write it, with its unit: ``10^25 operations``, ``USD 500 million``, ``0.25``.

    Nothing is rounded.

    Args:
        number: The number; a text, such as a quotient or a name, stays as it was written.
        unit: Its unit, as the facts table has them; of a ratio, nothing is added.
    """
    if isinstance(number, str):
        plain = number
    elif not math.isfinite(number):
        plain = str(number)
    else:
        exact = Decimal(repr(float(number) or 0.0)).normalize()
        if unit == "USD":
            return f"USD {_money(exact)}"
        plain = _grouped(exact) if exact == 0 or SMALL <= abs(number) < LARGE else _power(exact)
    return plain if unit in ("", "ratio") else f"{plain} {unit}"


def _grouped(number: Decimal) -> str:
    return format(number.normalize(), ",f")


def _power(number: Decimal) -> str:
    power = number.adjusted()
    mantissa = _grouped(number.scaleb(-power))
    return f"10^{power}" if mantissa == "1" else f"{mantissa} {TIMES} 10^{power}"


def _money(number: Decimal) -> str:
    for size, name in _SIZES:
        share = (number / size).normalize()
        exponent = share.as_tuple().exponent
        if share >= 1 and isinstance(exponent, int) and exponent >= _HUNDREDTHS:
            return f"{_grouped(share)} {name}"
    return _grouped(number)
