"""A trust file in sentences, and as JSON: who there is, who may do what, and which of it holds on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from weightgate.attest.trust.grants import DECIDE, DECLARE, KINDS, REVOKE, SIGN_MODELS, SIGN_PACKS
from weightgate.attest.trust.limits import day_of
from weightgate.attest.trust.model import Grant, Identity, PackRule, write_version
from weightgate.attest.trust.trust import Trust

SCHEMA = "weightgate/trust-show/v1"

_ANY = {
    "verdicts": "any verdict", "destinations": "anywhere", "packs": "any pack", "activities": "anything",
    "facts": "any fact", "models": "any model", "signers": "anybody",
}  # fmt: skip

_SENTENCES = {
    DECIDE: "{who} may give {verdicts} about {activities}, to {destinations}, under {packs}",
    DECLARE: "{who} may declare {facts} of {models}",
    REVOKE: "{who} may revoke attestations of {signers}",
    SIGN_MODELS: "{who} may sign {models}",
    SIGN_PACKS: "{who} may sign {packs}",
}


def sentence(grant: Grant) -> str:
    """A grant in one sentence, without a full stop."""
    limits = {
        key: _listed(grant.limits[key]) if key in grant.limits else _ANY[key] for key in KINDS[grant.kind]
    }
    said = _SENTENCES[grant.kind].format(who=who(grant.identities, grant.threshold), **limits)
    said += f", as {grant.verifier_id}" if grant.verifier_id else ""
    said += f", from {grant.start}" if grant.start else ""
    return said + (f", until {grant.until}" if grant.until else "")


def who(names: Sequence[str], threshold: int) -> str:
    """So many of some identities, in words."""
    if len(names) == 1 and threshold == 1:
        return names[0]
    if threshold == 1:
        return f"any of {', '.join(names)}"
    return f"{threshold} of {', '.join(names)} together"


def about(identity: Identity) -> str:
    """Who an identity is, in words."""
    if identity.key is not None:
        return f"{identity.key.algorithm} key {identity.key.keyid}"
    if identity.keyless is not None:
        return f"Sigstore identity {identity.keyless.identity}, by {identity.keyless.issuer}"
    subject = identity.authority.subject if identity.authority is not None else ""
    return f"{subject}, by certificate"


def pack_words(rule: PackRule) -> str:
    """What a pack must be, in words."""
    asked = []
    if rule.digests is not None:
        asked.append("is " + " or ".join(rule.digests))
    if rule.minimum is not None:
        asked.append(f"has version {write_version(rule.minimum)} or later")
    if rule.signed:
        asked.append("is signed")
    return f"{rule.name} counts where it {', '.join(asked)}" if asked else f"{rule.name} counts"


def holds(trust: Trust, grant: Grant, at: datetime) -> bool:
    """Whether a grant can be met by what is signed on a day, as far as days go."""
    day = day_of(at)
    if not grant.start <= day <= (grant.until or day):
        return False
    return len(acting(trust, grant.identities, at)) >= grant.threshold


def acting(trust: Trust, listed: Sequence[str], at: datetime) -> frozenset[str]:
    """Which identities act for those listed on a day: themselves, or whoever has taken their place."""
    return frozenset(
        name
        for name in trust.identities
        if trust.acts(name, at) and set(trust.stands_for(name)) & set(listed)
    )


def to_json(trust: Trust, at: datetime) -> dict[str, Any]:
    """All of a trust file as JSON, with what holds on a day."""
    root = trust.root
    return {
        "schema": SCHEMA,
        "source": trust.source,
        "digest": trust.digest,
        "version": trust.version,
        "from": trust.start or None,
        "expires": trust.expires,
        "at": day_of(at),
        "state": str(trust.check(at).state),
        "root": None if root is None else {"identities": list(root.identities), "threshold": root.threshold},
        "identities": [_identity(trust, one, at) for one in trust.identities.values()],
        "grants": [_grant(trust, grant, at) for grant in trust.all_grants()],
        "max_age_days": dict(trust.max_ages),
        "packs": [_pack(rule) for rule in trust.packs.values()],
        "timestamp_authorities": [one.name for one in trust.timestamp_authorities],
        "logs": dict(trust.logs),
    }


def _identity(trust: Trust, one: Identity, at: datetime) -> dict[str, Any]:
    start, ends = trust.term(one.name)
    return {
        "name": one.name,
        "keyid": one.key.keyid if one.key else None,
        "algorithm": one.key.algorithm if one.key else None,
        "subject": one.authority.subject if one.authority else None,
        "identity": one.keyless.identity if one.keyless else None,
        "issuer": one.keyless.issuer if one.keyless else None,
        "succeeds": one.succeeds.identity if one.succeeds else None,
        "acts_from": start or None,
        "acts_before": ends or None,
        "acts": trust.acts(one.name, at),
    }


def _grant(trust: Trust, grant: Grant, at: datetime) -> dict[str, Any]:
    return {
        "place": grant.place,
        "kind": grant.kind,
        "identities": list(grant.identities),
        "threshold": grant.threshold,
        "acting": sorted(acting(trust, grant.identities, at)),
        "holds": holds(trust, grant, at),
        "from": grant.start or None,
        "until": grant.until or None,
        "limits": {key: list(values) for key, values in grant.limits.items()},
        "verifier_id": grant.verifier_id or None,
        "sentence": sentence(grant),
    }


def _pack(rule: PackRule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "digests": None if rule.digests is None else list(rule.digests),
        "minimum_version": None if rule.minimum is None else write_version(rule.minimum),
        "signed": rule.signed,
    }


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
