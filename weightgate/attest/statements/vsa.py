"""SLSA Verification Summary Attestations: one for each destination, and how one is read and held to what is asked.

Source: slsa-framework/slsa, docs/spec/v1.1/verification_summary.md: the fields, and the order of a consumer's checks
(signature, subject, predicate type, signer and ``verifier.id`` as a pair, ``resourceUri``, result, levels). Version 1
alone is read: an earlier version has other field names under another predicate type, which a consumer must not accept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from weightgate.attest.statements.asked import Asked
from weightgate.attest.statements.attested import MODEL_SUBJECT
from weightgate.attest.statements.resource import Resource, is_uri, packs_uri, read_packs, read_resource
from weightgate.attest.statements.summary import (
    LEVEL_OF,
    VERDICT_OF,
    Summed,
    differing,
    packs_of,
    subject_check,
    summed,
    time_checks,
    verifier_check,
)
from weightgate.errors import InputError, SignatureError
from weightgate.files.shapes import EVERY, Shape, misfit
from weightgate.records import record
from weightgate.signing.checks import Check, State
from weightgate.signing.statement import InTotoStatement, Subject, compose_statement, read_time

VSA_TYPE = "https://slsa.dev/verification_summary/v1"
SLSA_VERSION = "1.1"

PASSED, FAILED = "PASSED", "FAILED"

GATE = ("subject", "verifier", "resource", "result", "levels")
"""What a gate wants established of a summary."""

_SHAPE: Shape = {
    "verifier": {"id": str},
    "timeVerified": str,
    "resourceUri": str,
    "policy": {"uri": str, "digest?": {EVERY: str}},
    "inputAttestations?": [{"digest": {EVERY: str}}],
    "verificationResult": (PASSED, FAILED),
    "verifiedLevels": [str],
}


@record
class Vsa:
    """A summary as it was read; what it says has not been checked.

    Attributes:
        subjects: What it is about.
        verifier_id: Who verified, as a URI.
        time: When, by the signer's word; UTC.
        resource_uri: For which purpose.
        resource: The deployment that ``resource_uri`` names; nothing when it is none of weightgate's.
        policy_uri: What it was verified against.
        policy_digest: Hex digest of that by algorithm; empty when none is given.
        result: ``PASSED`` or ``FAILED``.
        levels: What was reached.
        inputs: Hex digests by algorithm of each attestation that it rests on.
    """

    subjects: tuple[Subject, ...]
    verifier_id: str
    time: datetime
    resource_uri: str
    resource: Resource | None
    policy_uri: str
    policy_digest: Mapping[str, str]
    result: str
    levels: tuple[str, ...]
    inputs: tuple[Mapping[str, str], ...]

    @property
    def verdict(self) -> str | None:
        """The verdict that its one level of ours stands for; nothing when it passed nothing."""
        ours = [VERDICT_OF[level] for level in self.levels if level in VERDICT_OF]
        return ours[0] if self.result == PASSED and len(ours) == 1 else None


def compose_vsas(decision: dict[str, Any], verifier_id: str, attestation: bytes | None) -> list[bytes]:
    """The summaries of a decision, as the bytes to sign, one for each destination.

    Args:
        decision: A decision that follows from its own inputs.
        verifier_id: Who decided, as a URI.
        attestation: The decision's own statement, as it is signed; left out of the summaries when there is none.

    Returns:
        None at all for a what-if, or when no model was at hand.
    """
    return [
        compose_statement(
            [Subject.of(MODEL_SUBJECT, one.resource.model)],
            VSA_TYPE,
            _predicate(decision, one, verifier_id, attestation),
        )
        for one in summed(decision)
    ]


def _predicate(
    decision: dict[str, Any], one: Summed, verifier_id: str, attestation: bytes | None
) -> dict[str, Any]:
    predicate = {
        "verifier": {"id": verifier_id},
        "timeVerified": decision["decided_at"],
        "resourceUri": one.resource.uri,
        "policy": policy_of(packs_of(decision)),
        "inputAttestations": [],
        "verificationResult": PASSED if one.level else FAILED,
        "verifiedLevels": [one.level or FAILED],
        "slsaVersion": SLSA_VERSION,
    }
    if attestation is None:
        del predicate["inputAttestations"]
    else:
        digest = hashlib.sha256(attestation).hexdigest()
        predicate["inputAttestations"] = [{"digest": {"sha256": digest}}]
    return predicate


def policy_of(packs: list[tuple[str, str]]) -> dict[str, Any]:
    """The packs of a decision as the one policy that a summary has.

    The digest of one pack is its own; that of several is the SHA-256 of the URI, which names them with their digests.

    Args:
        packs: Name and digest of each.
    """
    uri = packs_uri(packs)
    digest = (
        packs[0][1].removeprefix("sha256:") if len(packs) == 1 else hashlib.sha256(uri.encode()).hexdigest()
    )
    return {"uri": uri, "digest": {"sha256": digest}}


def read_vsa(statement: InTotoStatement) -> Vsa:
    """Read a verified statement as a summary; unknown fields are ignored, as the specification demands.

    Raises:
        SignatureError: It is another kind of statement (code ``predicate_type``), or a field is missing, of another
            type, or neither time nor URI (code ``predicate``).
    """
    kind, predicate = statement.predicate_type, statement.predicate
    if kind != VSA_TYPE:
        raise SignatureError(f"it is {kind[:120]!r}, needed {VSA_TYPE!r}", code="predicate_type")
    problem = misfit(predicate, _SHAPE, "predicate")
    if not problem and not is_uri(predicate["verifier"]["id"]):
        problem = f"predicate.verifier.id: {predicate['verifier']['id'][:80]!r} is no URI"
    if problem:
        raise SignatureError(problem, code="predicate")
    policy = predicate["policy"]
    return Vsa(
        statement.subjects,
        predicate["verifier"]["id"],
        read_time(predicate["timeVerified"], "predicate.timeVerified"),
        predicate["resourceUri"],
        read_resource(predicate["resourceUri"]),
        policy["uri"],
        policy.get("digest", {}),
        predicate["verificationResult"],
        tuple(predicate["verifiedLevels"]),
        tuple(entry["digest"] for entry in predicate.get("inputAttestations", ())),
    )


def vsa_checks(
    vsa: Vsa, asked: Asked, *, at: datetime, verifier_ids: Collection[str] | None = None
) -> Iterator[Check]:
    """What a consumer checks once the signature holds, in the order of the specification.

    Args:
        vsa: The summary.
        asked: What it must be about.
        at: The consumer's clock, with its offset.
        verifier_ids: For which verifiers its signers may speak; ``None`` when that was not asked.
    """
    yield _subject(vsa, asked)
    yield Check("predicate_type", State.ESTABLISHED, VSA_TYPE)
    yield verifier_check(vsa.verifier_id, verifier_ids)
    yield _resource(vsa, asked)
    yield _result(vsa)
    yield _levels(vsa)
    yield _policy(vsa, asked)
    yield from time_checks(vsa.time, at.astimezone(UTC), asked.age_limit)


def agreement(vsa: Vsa, decision: dict[str, Any], attestation: bytes) -> Check:
    """Whether a summary says what the decision beside it says.

    Args:
        vsa: The summary.
        decision: A decision whose shape has been checked, and whose parts agree.
        attestation: The decision's own statement.
    """
    digest = hashlib.sha256(attestation).hexdigest()
    if all(entry.get("sha256") != digest for entry in vsa.inputs):
        detail = f"it does not rest on the decision beside it, sha256:{digest}"
        return Check("summary", State.CONTRADICTED, detail)
    try:
        expected = {one.resource.uri: one.level or FAILED for one in summed(decision)}
    except InputError as error:
        return Check("summary", State.CONTRADICTED, error.message)
    if expected.get(vsa.resource_uri) not in vsa.levels or (vsa.result == PASSED) != (
        FAILED not in vsa.levels
    ):
        detail = f"the decision beside it does not say {vsa.result} of {vsa.resource_uri[:300]!r}"
        return Check("summary", State.CONTRADICTED, detail)
    policy = policy_of(packs_of(decision))
    if (vsa.policy_uri, dict(vsa.policy_digest)) != (policy["uri"], policy["digest"]):
        return Check("summary", State.CONTRADICTED, "it names other packs than the decision beside it")
    return Check("summary", State.ESTABLISHED, "it says what the decision beside it says")


def _subject(vsa: Vsa, asked: Asked) -> Check:
    found = subject_check(vsa.subjects, asked.model)
    about = [f"sha256:{subject.sha256}" for subject in vsa.subjects]
    if vsa.resource and about != [vsa.resource.model]:
        detail = f"its subject is {about[:5]!r}, its resourceUri names {vsa.resource.model}"
        return Check("subject", State.CONTRADICTED, detail)
    return found


def _resource(vsa: Vsa, asked: Asked) -> Check:
    stated = repr(vsa.resource_uri[:600])
    if vsa.resource is None:
        return Check("resource", State.CONTRADICTED, f"{stated} is no deployment as weightgate spells it")
    wrong, open_ = differing(vsa.resource, asked)
    if wrong:
        return Check("resource", State.CONTRADICTED, "; ".join(wrong[:5]))
    if open_:
        return Check("resource", State.NOT_ESTABLISHED, f"{', '.join(open_)} not asked; it is about {stated}")
    return Check("resource", State.ESTABLISHED, stated)


def _result(vsa: Vsa) -> Check:
    state = State.ESTABLISHED if vsa.result == PASSED else State.CONTRADICTED
    return Check("result", state, f"{vsa.result}, needed {PASSED}")


def _levels(vsa: Vsa) -> Check:
    stated = ", ".join(repr(level[:80]) for level in vsa.levels[:10]) or "none"
    needed = " or ".join(LEVEL_OF.values())
    if sum(level in VERDICT_OF for level in vsa.levels) != 1 or FAILED in vsa.levels:
        return Check("levels", State.CONTRADICTED, f"{stated}; needed {needed}, and one of them only")
    return Check("levels", State.ESTABLISHED, stated)


def _policy(vsa: Vsa, asked: Asked) -> Check:
    stated = repr(vsa.policy_uri[:600])
    if not asked.packs:
        return Check("policy", State.NOT_ESTABLISHED, f"not asked; it was made under {stated}")
    packs = read_packs(vsa.policy_uri)
    if packs is None or policy_of(packs)["digest"] != dict(vsa.policy_digest):
        return Check("policy", State.CONTRADICTED, f"{stated} does not say which packs decided")
    for pack in asked.packs:
        if all(digest != pack.digest for _, digest in packs):
            detail = f"not made under {pack.name} {pack.digest}, but under {stated}"
            return Check("policy", State.CONTRADICTED, detail)
    return Check("policy", State.ESTABLISHED, f"made under {stated}")
