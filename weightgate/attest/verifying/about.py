"""Whether an attestation is about what the verifier asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from weightgate.attest.statements.asked import Asked
from weightgate.attest.statements.attested import MODEL_SUBJECT, Attested, manifest_entries
from weightgate.destinations.places import Destination
from weightgate.inspect.inspection import Inspection
from weightgate.inspect.manifest import Differences, compare
from weightgate.policy.source import PackSource
from weightgate.signing.checks import Check, State

_SHOWN = 5

Footprint = tuple[frozenset[tuple[str | tuple[str, ...] | None, ...]], bool]
"""Places as (country, subdivision, provider, region, known regions within), and whether they are all there are."""


def asked_checks(attested: Attested, asked: Asked) -> Iterator[Check]:
    """Whether an attestation is about what is asked.

    Args:
        attested: A verified statement's predicate.
        asked: What the verifier has in mind.
    """
    yield _model(attested, asked.model)
    yield _destination(attested, asked.destinations)
    if attested.disclosure is None:
        yield _operator(attested, asked.operator)
    else:
        from weightgate.attest.disclosure.check import operator_check

        yield operator_check(attested, asked.operator, asked.openings)
    yield _activity(attested, asked.activity)
    yield _policy(attested, asked.packs)
    yield _disclosure(attested, asked)


def _disclosure(attested: Attested, asked: Asked) -> Check:
    if attested.disclosure is None and not asked.openings:
        return Check("disclosure", State.ESTABLISHED, "in full")
    from weightgate.attest.disclosure.check import disclosure_check

    return disclosure_check(attested, asked.openings)


def _model(attested: Attested, model: Inspection | None) -> Check:
    name, digest = attested.subject
    if model is None:
        about = f"sha256:{digest[:80]}" if name == MODEL_SUBJECT else "no model"
        return Check("model", State.NOT_ESTABLISHED, f"not asked; it is about {about}")
    if name != MODEL_SUBJECT:
        return Check("model", State.CONTRADICTED, "the decision was made with no model at hand")
    if not model.digest:
        return Check("model", State.CONTRADICTED, f"the digest of {model.reference} could not be had")
    manifest = manifest_entries(attested.decision["inputs"]["manifest"])
    found = list(_sentences(compare(manifest, model.manifest)))
    if not found and model.digest != f"sha256:{digest}":
        found = [f"{model.reference} has digest {model.digest}"]
    if found:
        rest = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        return Check("model", State.CONTRADICTED, "; ".join(found[:_SHOWN]) + rest)
    same = f"{model.reference} has the same {len(model.manifest)} files, {model.digest}"
    reported = sum(entry.reported for entry in model.manifest)
    unread = f"; the digests of {reported} of them were reported, and not worked out here" if reported else ""
    return Check("model", State.ESTABLISHED, same + unread)


def _sentences(found: Differences) -> Iterator[str]:
    """Each difference, its name quoted: it may be anybody's text."""
    for names, what in (
        (found.missing, "is missing here"),
        (found.unexpected, "was not there when it was attested"),
        (found.changed, "has other content here"),
    ):
        yield from (f"{name[:200]!r} {what}" for name in names)


def _destination(attested: Attested, destinations: Sequence[Destination]) -> Check:
    inputs = attested.decision["inputs"]["destinations"]
    names = ", ".join(repr(entry["name"][:80]) for entry in inputs[:50])
    if not destinations:
        return Check("destination", State.NOT_ESTABLISHED, f"not asked; it is about {names}")
    covered = {_attested_footprint(entry) for entry in inputs}
    for wanted in destinations:
        if not wanted.places or _footprint(wanted) not in covered:
            same_name = any(entry["name"].lower() == wanted.name.lower() for entry in inputs)
            why = "has other places there than here" if same_name else f"is not among {names}"
            return Check("destination", State.CONTRADICTED, f"{wanted.name} {why}")
    wanted_names = ", ".join(wanted.name for wanted in destinations)
    return Check("destination", State.ESTABLISHED, f"{wanted_names}, among {names}")


def _footprint(destination: Destination) -> Footprint:
    """The places of a destination, whatever it is called."""
    places = ((p.country, p.subdivision, p.provider, p.region, p.within) for p in destination.places)
    return frozenset(places), destination.complete


def _attested_footprint(destination: dict[str, Any]) -> Footprint:
    places = (
        (p["country"], p["subdivision"], p["provider"], p["region"], tuple(p["within"]))
        for p in destination["places"]
    )
    return frozenset(places), destination["complete"]


def _operator(attested: Attested, operator: str | None) -> Check:
    stated = attested.decision["operator"]
    digest = stated["digest"] if stated else None
    about = (
        f"{(stated['name'] or 'an unnamed operator')[:120]!r} {str(digest)[:80]!r}"
        if digest
        else "no operator"
    )
    if operator is None:
        return Check("operator", State.NOT_ESTABLISHED, f"not asked; it is about {about}")
    if not digest:
        without = "it is about no operator: decide again with --operator, and attest that"
        return Check("operator", State.CONTRADICTED, without)
    if digest != operator:
        return Check(
            "operator", State.CONTRADICTED, f"the operator file here is {operator}; it is about {about}"
        )
    return Check("operator", State.ESTABLISHED, about)


def _activity(attested: Attested, activity: str | None) -> Check:
    stated = attested.decision["activity"]
    if activity is None:
        return Check("activity", State.NOT_ESTABLISHED, f"not asked; it is about {stated[:80]!r}")
    if stated != activity:
        return Check("activity", State.CONTRADICTED, f"asked for {activity}, it is about {stated[:80]!r}")
    return Check("activity", State.ESTABLISHED, activity)


def _policy(attested: Attested, packs: Sequence[PackSource]) -> Check:
    # Not the packs inside: one that was left out as not in force is inside, and decided nothing.
    asked = attested.decision["packs"]
    under = ", ".join(f"{pack['name'][:80]!r} {pack['digest'][:80]!r}" for pack in asked)
    if not packs:
        return Check("policy", State.NOT_ESTABLISHED, f"not asked; it was made under {under}")
    for pack in packs:
        if all(entry["digest"] != pack.digest for entry in asked):
            detail = f"not made under {pack.name} {pack.digest}, but under {under}"
            return Check("policy", State.CONTRADICTED, detail)
    return Check("policy", State.ESTABLISHED, f"made under {under}")
