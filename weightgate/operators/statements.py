"""What an operator file says, as statements of grade declared; and what it leaves open, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from weightgate.facts.registry import STANDARDS, nearest
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Known, Unknown, Value
from weightgate.operators.profile import NO_LIMIT, Authorization, Day, Operator, Standard
from weightgate.operators.standing import (
    Located,
    authorizations_in_force,
    country_covered,
    scope_covered,
    site_covered,
    standards_in_force,
)


def statements_of(operator: Operator, as_of: str) -> list[Statement]:
    """What the file says about the operator itself, the same for every destination.

    Returns:
        One statement each about its name, headquarters, ultimate parent and security standards; unknown, with the
        reason, where the file says nothing.
    """
    plain = {
        "name": operator.name,
        "headquarters": operator.headquarters,
        "ultimate_parent": operator.ultimate_parent,
    }
    found = [_statement(operator, key, _known(key, value, operator)) for key, value in plain.items()]
    return [*found, _statement(operator, "security_standards", standards_in_force(operator, as_of))]


def authorization_statement(
    operator: Operator, place: Located, destination_name: str, activity: str, model_digest: str, as_of: str
) -> Statement:
    """What the file says about the authorisations that count at one place of a destination."""
    value = authorizations_in_force(operator, place, destination_name, activity, model_digest, as_of)
    return _statement(operator, "authorizations", value)


def notes(operator: Operator) -> list[str]:
    """Plain sentences about what the file leaves open and how that is read."""
    found: list[str] = []
    for standard in operator.security_standards or ():
        found += _standard_notes(standard)
    for authorization in operator.authorizations or ():
        found += _authorization_notes(authorization, operator.name)
    return list(dict.fromkeys(found))


def ruled_out(
    operator: Operator, places: Sequence[tuple[str, Located]], activity: str, model_digest: str, as_of: str
) -> list[str]:
    """Plain sentences about what the file lists and what does not count, each with what rules it out.

    Args:
        operator: Who runs it.
        places: The places of the destinations, each after its destination's canonical name.
        activity: What is to be done.
        model_digest: ``sha256:…`` of the model; empty if not known.
        as_of: Day of the decision.
    """
    found: list[str] = []
    for standard in operator.security_standards or ():
        what = f"Security standard {standard.name}"
        found += _out_of_force(what, "is attested from", standard.attested, standard.until, as_of)
    for entry in operator.authorizations or ():
        what = f"{entry.kind} {entry.reference}".rstrip()
        found += _out_of_force(what, "begins on", entry.start, entry.until, as_of) or _out_of_scope(
            what, entry, places, activity, model_digest
        )
    return list(dict.fromkeys(found))


def unstated_dates(operator: Operator, key: str) -> str:
    """What the entries of ``security_standards`` or ``authorizations`` leave out, as what to state; empty if nothing.

    Such as ``state attested: for supp10-14``: an entry without it only possibly counts.
    """
    found: dict[str, list[str]] = {}
    if key == "security_standards":
        for standard in operator.security_standards or ():
            unknown = {"attested": standard.attested, "until": standard.until}
            for name in (name for name, day in unknown.items() if day is None):
                found.setdefault(name, []).append(standard.name)
    if key == "authorizations":
        for entry in operator.authorizations or ():
            stated = {"countries": entry.countries, "from": entry.start, "until": entry.until}
            for name in (name for name, value in stated.items() if value is None):
                found.setdefault(name, []).append(f"{entry.kind} {entry.reference}".rstrip())
    return "state " + " and ".join(f"{k}: for {', '.join(v)}" for k, v in found.items()) if found else ""


def _out_of_force(what: str, begins: str, start: Day, until: Day, as_of: str) -> list[str]:
    if until and until < as_of:
        return [f"{what} lapsed: {until} was its last day, so it does not count on {as_of}."]
    if start and as_of < start:
        return [f"{what} {begins} {start}, so it does not count on {as_of}."]
    return []


def _out_of_scope(
    what: str, entry: Authorization, places: Sequence[tuple[str, Located]], activity: str, model_digest: str
) -> list[str]:
    """What of an entry's scope rules it out; of several things, the first."""
    if scope_covered(entry.activities, activity) is False:
        return [f"{what} does not cover the activity {activity}, so it does not count."]
    if scope_covered(entry.models, model_digest) is False:
        which = "this model" if model_digest else "any model"
        return [f"{what} does not cover {which}, so it does not count."]
    outside = [
        p.country or name for name, p in places if country_covered(entry.countries, p.country) is False
    ]
    elsewhere = [
        name
        for name, place in places
        if country_covered(entry.countries, place.country) is not False
        and site_covered(entry.sites, place, name) is False
    ]
    found = [f"{what} does not cover {', '.join(dict.fromkeys(outside))}, so it does not count there."]
    sites = [f"{what} names no site at {', '.join(dict.fromkeys(elsewhere))}, so it does not count there."]
    return (found if outside else []) + (sites if elsewhere else [])


def _standard_notes(standard: Standard) -> Iterator[str]:
    what = f"Security standard {standard.name}"
    if standard.name not in STANDARDS:
        near = nearest(standard.name, STANDARDS, n=1)
        meant = f" (did you mean {near[0]}?)" if near else ""
        yield f"{what} is not one that the shipped packs know{meant}."
    if standard.attested is None:
        yield f"{what} has no day of attestation, so it counts as possibly attested: state attested."
    if standard.until == NO_LIMIT:
        yield f"{what} has no last day, so it counts without end."
    elif standard.until is None:
        yield f"{what} has an unknown last day, so it counts as possibly attested."


def _authorization_notes(entry: Authorization, name: str | None) -> Iterator[str]:
    what = f"{entry.kind} {entry.reference}".rstrip()
    if entry.start == NO_LIMIT:
        yield f"{what} has no first day, so it counts as held since ever."
    elif entry.start is None:
        yield f"{what} has an unknown first day, so it counts as possibly held."
    if entry.until == NO_LIMIT:
        yield f"{what} has no last day, so it counts without end."
    elif entry.until is None:
        yield f"{what} has an unknown last day, so it counts as possibly held."
    if entry.holder and (name or "").casefold() != entry.holder.casefold():
        yield f"{what} is held by {entry.holder}, not by the operator as named, so it counts as possibly held."
    if entry.caps is not None:
        yield f"{what} has caps, which were not checked."
    if entry.conditions and entry.kind != "LICENSE":
        yield f"{what} has conditions, which were not checked."
    if entry.countries is None:
        yield f"{what} names no countries, so it counts as possibly held everywhere."


def _known(key: str, value: str | None, operator: Operator) -> Value:
    if value is not None:
        return Known(value)
    return Unknown(f"{operator.source} does not state {key}" if operator.source else "no operator was named")


def _statement(operator: Operator, key: str, value: Value) -> Statement:
    mark = operator.marks.get(key, "")
    locator = f"{key} at {mark}" if mark else key
    return Statement(f"operator.{key}", value, Grade.DECLARED, operator.source, locator, by=operator.source)
