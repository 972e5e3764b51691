"""in-toto Simple Verification Results: what passed, as one property for each destination.

Source: in-toto/attestation, spec/predicates/svr.md. Version 0.2, which is written, demands ``verifier.policies``; 0.1 is
read too. The predicate has no ``resourceUri``, so a bare ``WEIGHTGATE_ALLOW`` would let a model go anywhere: a property
is the level, ``=``, and the deployment's URI.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

from weightgate.attest.statements.asked import Asked
from weightgate.attest.statements.attested import MODEL_SUBJECT
from weightgate.attest.statements.resource import Resource, is_uri, packs_uri, read_resource
from weightgate.attest.statements.summary import (
    VERDICT_OF,
    Summed,
    differing,
    packs_of,
    subject_check,
    summed,
    time_checks,
    verifier_check,
)
from weightgate.errors import SignatureError
from weightgate.files.shapes import EVERY, Shape, misfit
from weightgate.records import record
from weightgate.signing.checks import Check, State
from weightgate.signing.statement import InTotoStatement, Subject, compose_statement, read_time

SVR_TYPE = "https://in-toto.io/attestation/svr/v0.2"
SVR_TYPE_01 = "https://in-toto.io/attestation/svr/v0.1"

_POLICIES: Shape = [{"uri?": str, "name?": str, "digest?": {EVERY: str}}]


def _shape(verifier: dict[str, Shape]) -> Shape:
    return {"verifier": {"id": str, **verifier}, "timeCreated": str, "properties": [str]}


_SHAPES = {SVR_TYPE: _shape({"policies": _POLICIES}), SVR_TYPE_01: _shape({})}


@record
class Svr:
    """A result as it was read; what it says has not been checked.

    Attributes:
        kind: The predicate type, of version 0.1 or 0.2.
        subjects: What it is about.
        verifier_id: Who verified, as a URI.
        policies: SHA-256 of each policy, in hex, as far as they have one; none in version 0.1.
        time: When, by the signer's word; UTC.
        properties: What passed.
    """

    kind: str
    subjects: tuple[Subject, ...]
    verifier_id: str
    policies: tuple[str, ...]
    time: datetime
    properties: tuple[str, ...]

    @property
    def passed(self) -> tuple[Summed, ...]:
        """The deployments that passed, of those properties that are weightgate's."""
        return tuple(filter(None, map(_read_property, self.properties)))


def compose_svr(decision: dict[str, Any], verifier_id: str) -> bytes | None:
    """The result of a decision, as the bytes to sign.

    Args:
        decision: A decision that follows from its own inputs.
        verifier_id: Who decided, as a URI.

    Returns:
        Nothing for a what-if, or when no model was at hand. A denial has a result without properties.
    """
    found = summed(decision)
    if not found:
        return None
    policies = [
        {"uri": packs_uri([pack]), "name": pack[0], "digest": {"sha256": pack[1].removeprefix("sha256:")}}
        for pack in packs_of(decision)
    ]
    predicate = {
        "verifier": {"id": verifier_id, "policies": policies},
        "timeCreated": decision["decided_at"],
        "properties": [f"{one.level}={one.resource.uri}" for one in found if one.level],
    }
    return compose_statement([Subject.of(MODEL_SUBJECT, found[0].resource.model)], SVR_TYPE, predicate)


def read_svr(statement: InTotoStatement) -> Svr:
    """Read a verified statement as a simple result; unknown fields are ignored.

    Raises:
        SignatureError: It is another kind of statement (code ``predicate_type``), or a field is missing, of another
            type, or neither time nor URI (code ``predicate``).
    """
    kind, predicate = statement.predicate_type, statement.predicate
    if kind not in _SHAPES:
        raise SignatureError(f"it is {kind[:120]!r}, needed {SVR_TYPE!r}", code="predicate_type")
    problem = misfit(predicate, _SHAPES[kind], "predicate")
    if not problem and not is_uri(predicate["verifier"]["id"]):
        problem = f"predicate.verifier.id: {predicate['verifier']['id'][:80]!r} is no URI"
    if problem:
        raise SignatureError(problem, code="predicate")
    policies = predicate["verifier"]["policies"] if kind == SVR_TYPE else []
    digests = (policy.get("digest", {}).get("sha256") for policy in policies)
    return Svr(
        kind,
        statement.subjects,
        predicate["verifier"]["id"],
        tuple(digest for digest in digests if digest),
        read_time(predicate["timeCreated"], "predicate.timeCreated"),
        tuple(predicate["properties"]),
    )


def svr_checks(
    svr: Svr, asked: Asked, *, at: datetime, verifier_ids: Collection[str] | None = None
) -> Iterator[Check]:
    """What a consumer checks once the signature holds, in the order in which a summary is checked.

    Args:
        svr: The result.
        asked: What must have passed.
        at: The consumer's clock, with its offset.
        verifier_ids: For which verifiers its signers may speak; ``None`` when that was not asked.
    """
    yield _subject(svr, asked)
    yield Check("predicate_type", State.ESTABLISHED, svr.kind)
    yield verifier_check(svr.verifier_id, verifier_ids)
    yield _properties(svr, asked)
    yield _policy(svr, asked)
    yield from time_checks(svr.time, at.astimezone(UTC), asked.age_limit)


def _subject(svr: Svr, asked: Asked) -> Check:
    """Of several subjects one that passed would stand for another."""
    if len(svr.subjects) != 1:
        return Check("subject", State.CONTRADICTED, f"{len(svr.subjects)} subjects, needed one")
    return subject_check(svr.subjects, asked.model)


def _properties(svr: Svr, asked: Asked) -> Check:
    """Whether every destination asked about passed; a property about another model counts for nothing."""
    digests = {f"sha256:{subject.sha256}" for subject in svr.subjects}
    passed = [one.resource for one in svr.passed if one.resource.model in digests]
    stated = ", ".join(repr(resource.uri[:300]) for resource in passed[:5]) or "nothing of weightgate's"
    if not passed:
        return Check("properties", State.CONTRADICTED, f"{stated} passed")
    names: list[str | None] = [destination.name for destination in asked.destinations]
    for name in names or [None]:
        if not any(_covers(resource, asked, name) for resource in passed):
            what = name or "what is asked"
            return Check("properties", State.CONTRADICTED, f"{what} did not pass as asked, but {stated}")
    _, open_ = differing(passed[0], asked)
    if open_:
        detail = f"{', '.join(open_)} not asked; what passed is {stated}"
        return Check("properties", State.NOT_ESTABLISHED, detail)
    return Check("properties", State.ESTABLISHED, stated)


def _covers(resource: Resource, asked: Asked, to: str | None) -> bool:
    return (
        to in (None, resource.to)
        and asked.activity in (None, resource.activity)
        and asked.operator in (None, resource.operator)
    )


def _policy(svr: Svr, asked: Asked) -> Check:
    stated = (
        ", ".join(f"sha256:{digest[:64]}" for digest in svr.policies[:20]) or "no policy that has a digest"
    )
    if not asked.packs:
        return Check("policy", State.NOT_ESTABLISHED, f"not asked; it was made under {stated}")
    for pack in asked.packs:
        if pack.digest.removeprefix("sha256:") not in svr.policies:
            detail = f"not made under {pack.name} {pack.digest}, but under {stated}"
            return Check("policy", State.CONTRADICTED, detail)
    return Check("policy", State.ESTABLISHED, f"made under {stated}")


def _read_property(text: str) -> Summed | None:
    level, _, uri = text.partition("=")
    resource = read_resource(uri) if level in VERDICT_OF else None
    return Summed(resource, level) if resource else None
