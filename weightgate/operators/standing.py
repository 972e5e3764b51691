"""What of an operator's standards and authorisations counts on a day, for a place, an activity and a model.

Each entry certainly counts, possibly counts, or does not. One thing that rules it out is enough to rule it out;
else one thing that is not known is enough to make it possible only. So to know less never removes a possible kind
and never adds a certain one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from weightgate.facts.registry import PRESUMABLE, PROVIDERS
from weightgate.facts.values import Members, Unknown
from weightgate.operators.profile import EVERY, NO_LIMIT, Authorization, Day, Operator, Scope

Answer = bool | None
"""Yes, no, or ``None`` for possibly."""


class Located(Protocol):
    """A place of a destination, as :class:`weightgate.destinations.places.Place` describes it."""

    @property
    def country(self) -> str | None:
        """ISO 3166-1 alpha-2 code; ``None`` if not known."""

    @property
    def provider(self) -> str:
        """Cloud provider; empty for a bare country."""

    @property
    def region(self) -> str:
        """The provider's name of the region; empty for a bare country."""

    @property
    def within(self) -> tuple[str, ...]:
        """For a multi-region, its known regions in this country."""


def standards_in_force(operator: Operator, as_of: str) -> Members | Unknown:
    """Security standards attested and not lapsed at ``as_of``; unknown when the file does not list them."""
    if operator.security_standards is None:
        return Unknown("the operator's security standards are not stated")
    answers = [(s.name, in_force(s.attested, s.until, as_of)) for s in operator.security_standards]
    return _members(answers)


def authorizations_in_force(
    operator: Operator, place: Located, destination_name: str, activity: str, model_digest: str, as_of: str
) -> Members:
    """Kinds of authorisation in force and in scope.

    Args:
        operator: Who runs it.
        place: One place of the destination.
        destination_name: The destination's canonical name.
        activity: What is to be done.
        model_digest: ``sha256:…`` of the model; empty if not known.
        as_of: Day of the decision.

    Returns:
        The certain and the possible kinds. When the file does not list authorisations at all, a UVEU or NVEU is
        possible, and nobody is presumed to hold or rely on anything else.
    """
    if operator.authorizations is None:
        return Members(frozenset(), PRESUMABLE)
    scoped = _scoped(operator, place, destination_name, activity, model_digest, as_of)
    return _members((authorization.kind, answer) for authorization, answer in scoped)


def orders_in_force(
    operator: Operator, place: Located, destination_name: str, activity: str, model_digest: str, as_of: str
) -> list[tuple[Authorization, bool]]:
    """Orders in force and in scope, each with whether it certainly is. Arguments as for the kinds in force."""
    scoped = _scoped(operator, place, destination_name, activity, model_digest, as_of)
    return _of_kind("ORDER", scoped)


def licenses_in_force(
    operator: Operator, place: Located, destination_name: str, activity: str, model_digest: str, as_of: str
) -> list[tuple[Authorization, bool]]:
    """Licences in force and in scope, each with whether it certainly is. Arguments as for the kinds in force."""
    scoped = _scoped(operator, place, destination_name, activity, model_digest, as_of)
    return _of_kind("LICENSE", scoped)


def in_force(start: Day, until: Day, as_of: str) -> Answer:
    """Whether ``as_of`` lies between two days, both inclusive.

    An unknown day leaves it open, unless the other rules it out.
    """
    began: Answer = None if start is None else start == NO_LIMIT or start <= as_of
    lasts: Answer = None if until is None else until == NO_LIMIT or as_of <= until
    return _all((began, lasts))


def lapses(operator: Operator, as_of: str) -> list[tuple[str, str]]:
    """The days after which an entry of the file begins or ceases to count, soonest first.

    Returns:
        (day, why): the last UTC day on which the entry counts as it does at ``as_of``, so that a decision which rests
        on it holds until then.
    """
    found = []
    for standard in operator.security_standards or ():
        what = f"security standard {standard.name}"
        found += _lapse(what, "is attested from", standard.attested, standard.until, as_of)
    for authorization in operator.authorizations or ():
        what = f"{authorization.kind} {authorization.reference}".rstrip()
        found += _lapse(what, "begins on", authorization.start, authorization.until, as_of)
    return sorted(set(found))


def _lapse(what: str, begins: str, start: Day, until: Day, as_of: str) -> list[tuple[str, str]]:
    if start and as_of < start:
        return [(_day_before(start), f"{what} {begins} {start}")]
    if until and as_of <= until:
        return [(until, f"{what} is stated until {until}")]
    return []


def _day_before(day: str) -> str:
    from datetime import date, timedelta

    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _scoped(
    operator: Operator, place: Located, destination_name: str, activity: str, model_digest: str, as_of: str
) -> list[tuple[Authorization, Answer]]:
    return [
        (
            entry,
            _all(
                (
                    in_force(entry.start, entry.until, as_of),
                    country_covered(entry.countries, place.country),
                    scope_covered(entry.activities, activity),
                    scope_covered(entry.models, model_digest),
                    site_covered(entry.sites, place, destination_name),
                    _holds(entry.holder, operator.name),
                )
            ),
        )
        for entry in operator.authorizations or ()
    ]


def _holds(holder: str, name: str | None) -> Answer:
    """Whether the operator is the holder; another name may be that of its group, so it only makes it possible."""
    return True if not holder or (name or "").casefold() == holder.casefold() else None


def country_covered(countries: tuple[str, ...] | None, country: str | None) -> Answer:
    """Whether a country, ``None`` if not known, is among some; ``None`` for countries that are not stated."""
    if countries is None:
        return None
    if country is None:
        return None if countries else False
    return country in countries


def scope_covered(scope: Scope, value: str) -> Answer:
    """Whether ``value``, empty if not known, is in a scope."""
    if scope == EVERY:
        return True
    if scope is None:
        return None
    if not value:
        return None if scope else False
    return value in scope


def site_covered(sites: Scope, place: Located, destination_name: str) -> Answer:
    """Whether a place is one of the sites. Only the very region that was asked for certainly is."""
    if sites == EVERY:
        return True
    if sites is None:
        return None
    if destination_name in sites or f"{place.provider}/{place.region}" in sites:
        return True
    return None if any(_may_be_at(site, place) for site in sites) else False


def _may_be_at(site: str, place: Located) -> bool:
    """Whether a site may be where ``place`` is: a facility may be anywhere, and a bare country may be any region."""
    provider, _, region = site.partition("/")
    if not region or provider not in PROVIDERS or not place.provider:
        return True
    return provider == place.provider and (place.country is None or region in place.within)


def _all(answers: Iterable[Answer]) -> Answer:
    """No if any is no, else possibly if any is possibly, else yes."""
    listed = tuple(answers)
    if False in listed:
        return False
    return None if None in listed else True


def _members(answers: Iterable[tuple[str, Answer]]) -> Members:
    listed = list(answers)
    certain = frozenset(name for name, answer in listed if answer)
    possible = frozenset(name for name, answer in listed if answer is not False)
    return Members(certain, possible)


def _of_kind(kind: str, scoped: list[tuple[Authorization, Answer]]) -> list[tuple[Authorization, bool]]:
    return [(entry, bool(answer)) for entry, answer in scoped if entry.kind == kind and answer is not False]
