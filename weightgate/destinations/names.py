"""Names of countries and their parts, and what to say of a name that is none.

Nothing is guessed: a name that is not known is an error, and the nearest known names are only ever shown.
"""

from __future__ import annotations

import re

from weightgate.errors import InputError
from weightgate.facts.countries import COUNTRIES, SUBDIVISIONS
from weightgate.facts.encode import COUNTRY_SLIPS, parse_country
from weightgate.facts.registry import PROVIDERS, nearest

SUBDIVIDED = frozenset(code.partition("-")[0] for code in SUBDIVISIONS)
"""Countries whose parts a rule tells apart."""

MAX_NAME = 200
"""No provider has names near this long; longer input is refused before it is compared with anything."""

_SUBDIVISION = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}\Z")
_SLIPS = {code: (meant,) for code, meant in COUNTRY_SLIPS.items() if meant in COUNTRIES} | {"EU": ("gcp/eu",)}


class UnknownName(InputError):
    """A destination that is not known (exit 4).

    Attributes:
        nearest: Known names most like it, best first; empty when none is like it.
    """

    def __init__(self, message: str, *, where: str, hint: str, code: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(message, where=where, hint=hint, code=code)
        self.nearest = near


def did_you_mean(near: tuple[str, ...], otherwise: str) -> str:
    """A hint that shows the nearest names, or says what to do when there are none."""
    return f"did you mean {' or '.join(near)}?" if near else otherwise


def unknown_part(country: str) -> str | None:
    """The subdivision of a place of which only the country is known: ``None`` where rules tell parts apart."""
    return None if country in SUBDIVIDED else ""


def looks_like_subdivision(text: str) -> bool:
    """Whether ``text`` has the form of an ISO 3166-2 code of an existing country."""
    match = _SUBDIVISION.match(text.upper())
    return match is not None and match[1] in COUNTRIES


def parse_subdivision(text: str, where: str) -> str:
    """Check an ISO 3166-2 code, in any case.

    Raises:
        UnknownName: No rule tells this country's parts apart, or the country has no such part.
    """
    code = text.upper()
    if code in SUBDIVISIONS:
        return code
    country = code.partition("-")[0]
    if country in SUBDIVIDED:
        near = tuple(nearest(code, tuple(SUBDIVISIONS)))
        hint = did_you_mean(near, f"write {country} if the part is not known")
        raise UnknownName(
            f"{text!r} is no part of {COUNTRIES[country]} in ISO 3166-2",
            where=where, hint=hint, code="unknown_subdivision", near=near,
        )  # fmt: skip
    raise UnknownName(
        f"{text!r} is a part of {COUNTRIES[country]}, and no rule tells its parts apart",
        where=where, hint=f"write {country}", code="unknown_subdivision", near=(country,),
    )  # fmt: skip


def parse_country_name(text: str, where: str) -> str:
    """Check a country code, in any case.

    Raises:
        UnknownName: With the code that was probably meant; or ``text`` is a provider without a region.
    """
    if text.lower() in PROVIDERS:
        raise UnknownName(
            f"{text!r} is a provider, and a destination needs its region too",
            where=where, hint=f"write {text.lower()}/REGION", code="unknown_region",
        )  # fmt: skip
    try:
        return parse_country(text, where)
    except InputError as error:
        near = _nearest_countries(text)
        hint = did_you_mean(near, error.hint)
        raise UnknownName(error.message, where=where, hint=hint, code="unknown_country", near=near) from None


def _nearest_countries(text: str) -> tuple[str, ...]:
    if text.upper() in _SLIPS:
        return _SLIPS[text.upper()]
    codes = {name: code for code, name in COUNTRIES.items()}
    exact = [code for name, code in codes.items() if name.lower() == text.lower()]
    return tuple(exact or [codes[name] for name in nearest(text, tuple(codes))]) if len(text) > 2 else ()
