"""Who runs it: headquarters, ultimate parent, standards attested, authorisations held, computing power.

What an operator file leaves out is unknown; an empty list says that there is none. Dates are UTC days, both ends
inclusive, and are ``YYYY-MM-DD``, :data:`NO_LIMIT` or ``None`` for a day that is stated to be unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from weightgate.records import record

NO_LIMIT = ""
"""A date that was left out: no stated end, or held since ever."""

EVERY = ("*",)
"""A scope that was left out: every activity, model or site."""

Day = str | None
Scope = tuple[str, ...] | None


@record
class Standard:
    """A security standard that someone attested.

    Attributes:
        name: Such as ``supp10-14``; names that no shipped pack knows are kept.
        attested: First day on which the attestation holds; ``None`` if not known.
        until: Last day on which it holds.
        reference: Where the attestation can be found.
        notes: Free text.
    """

    name: str
    attested: Day
    until: Day = NO_LIMIT
    reference: str = ""
    notes: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The entry as an operator file spells it."""
        plain: dict[str, Any] = {"name": self.name, "attested": self.attested}
        return plain | _stated(until=self.until, reference=self.reference, notes=self.notes)


@record
class Authorization:
    """An authorisation, exception or order that concerns the operator.

    Attributes:
        kind: One of the facts table's kinds.
        countries: Destinations in scope; ``None`` if not known.
        start: First day in force.
        until: Last day in force.
        activities: Activities in scope.
        models: Model digests in scope, ``sha256:…``.
        sites: Sites in scope, as ``provider/region`` or the name of a facility.
        reference: Number or title of the document.
        holder: Who holds it, when that is not the operator.
        verdict: What an ORDER demands: ``deny`` or ``license_required``; empty for every other kind.
        terms: Terms of a licence, each of which becomes a condition.
        conditions: Further conditions, kept as written.
        caps: Quantities it is limited to, kept as written.
        evidence: Documents behind it, kept as written.
        notes: Free text.
    """

    kind: str
    countries: tuple[str, ...] | None = None
    start: Day = NO_LIMIT
    until: Day = NO_LIMIT
    activities: Scope = EVERY
    models: Scope = EVERY
    sites: Scope = EVERY
    reference: str = ""
    holder: str = ""
    verdict: str = ""
    terms: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    caps: Any = None
    evidence: Any = None
    notes: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The entry as an operator file spells it."""
        plain: dict[str, Any] = {"kind": self.kind}
        if self.countries is not None:
            plain["countries"] = list(self.countries)
        plain |= _stated(**{"from": self.start}, until=self.until)
        for key in ("activities", "models", "sites"):
            scope: Scope = getattr(self, key)
            if scope != EVERY:
                plain[key] = None if scope is None else list(scope)
        lists = {"terms": list(self.terms), "conditions": list(self.conditions)}
        plain |= {key: texts for key, texts in lists.items() if texts}
        kept = {"caps": self.caps, "evidence": self.evidence}
        plain |= {key: value for key, value in kept.items() if value is not None}
        return plain | _stated(
            reference=self.reference, holder=self.holder, verdict=self.verdict, notes=self.notes
        )


@record
class Compute:
    """Computing power in one country.

    Attributes:
        country: Where it stands; ``None`` if not known.
        tpp: Total processing performance, in TPP; ``None`` if not known.
    """

    country: str | None
    tpp: float | None

    def to_dict(self) -> dict[str, Any]:
        """The entry as an operator file spells it."""
        return {"country": self.country, "tpp": self.tpp}


@record
class Operator:
    """What an operator file says. ``None`` is unknown; an empty tuple says that there is none.

    Attributes:
        name: Name of the operator.
        headquarters: Country of its own headquarters.
        ultimate_parent: Country where its ultimate parent has its headquarters.
        security_standards: Standards that were attested.
        authorizations: Authorisations, exceptions and orders.
        fleet: Computing power by country.
        facilities: Kept as written, for rules to come.
        ownership: Kept as written, for rules to come.
        source: The file it comes from; no part of what it says.
        marks: ``line:column`` of each key in the file; no part of what it says.
    """

    name: str | None = None
    headquarters: str | None = None
    ultimate_parent: str | None = None
    security_standards: tuple[Standard, ...] | None = None
    authorizations: tuple[Authorization, ...] | None = None
    fleet: tuple[Compute, ...] | None = None
    facilities: Any = None
    ownership: Any = None
    source: str = field(default="", compare=False)
    marks: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def digest(self) -> str:
        """``sha256:…`` of what the file says in canonical form: the order of keys and the spelling do not count."""
        import hashlib
        import json

        canonical = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """What the file says, as plain data that :func:`~weightgate.operators.read.operator_from_dict` reads back."""
        lists = {
            "security_standards": self.security_standards,
            "authorizations": self.authorizations,
            "fleet": self.fleet,
        }
        plain: dict[str, Any] = {
            "name": self.name,
            "headquarters": self.headquarters,
            "ultimate_parent": self.ultimate_parent,
            **{key: None if rows is None else [r.to_dict() for r in rows] for key, rows in lists.items()},
            "facilities": self.facilities,
            "ownership": self.ownership,
        }
        return {key: value for key, value in plain.items() if value is not None}


UNKNOWN_OPERATOR = Operator()
"""The operator of a question that names none."""


def _stated(**texts: str | None) -> dict[str, str | None]:
    """Only what was stated: no-limit dates and empty texts are left out, unknown dates stay as null."""
    return {key: text for key, text in texts.items() if text != NO_LIMIT}
