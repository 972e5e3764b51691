"""Whether an attestation still counts: when it was signed, whether it was revoked since, and who vouches for its time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from weightgate.attest.revocation import CHECK
from weightgate.attest.statements.attested import MODEL_SUBJECT, Attested
from weightgate.attest.statements.own import Moment
from weightgate.attest.verifying.terms import Terms
from weightgate.attest.verifying.unsealing import Stamped, Unsealed
from weightgate.signing.accepted import SignedBy
from weightgate.signing.checks import Check, State
from weightgate.signing.statement import MAX_AHEAD, write_time

if TYPE_CHECKING:
    from weightgate.attest.revocation.judge import Target

BESIDE = "summaries"
"""The check of what stands beside a decision."""

NO_LIST = "whether it was revoked since is not known: no list was given (--revocations)"


class Counted(NamedTuple):
    """Whether an attestation was revoked, and who of its signers still counts.

    Attributes:
        check: For the report.
        signers: Those that were not revoked.
    """

    check: Check
    signers: tuple[SignedBy, ...]


def moment_of(said: datetime, stamped: Stamped | None, terms: Terms) -> Moment:
    """The moment for which age and validity are judged.

    Args:
        said: When it was signed, by its signer's word; UTC.
        stamped: What a trusted timestamp says.
        terms: Whether the question is about now, or about when it was made.
    """
    if not terms.asked.archive:
        return Moment(terms.at, terms.at)
    if stamped is not None:
        return Moment(terms.at, stamped.time, f"by the timestamp of {stamped.authority!r}")
    return Moment(terms.at, said, "when it was signed, by the signer's word")


def decision_target(unsealed: Unsealed, attested: Attested) -> Target:
    """A decision, as far as it can be revoked."""
    from weightgate.attest.revocation.judge import Target

    name, digest = attested.subject
    return Target(
        (payload_digest(unsealed),),
        unsealed.signers,
        str(attested.decision["engine"]),
        frozenset(pack.digest for pack in attested.packs),
        f"sha256:{digest}" if name == MODEL_SUBJECT else "",
        attested.created,
        proved(unsealed),
    )


def summary_target(
    unsealed: Unsealed, inputs: Sequence[str], packs: Sequence[str], model: str, said: datetime
) -> Target:
    """A summary, as far as it can be revoked: with the decision that it rests on, it is too.

    Args:
        unsealed: The summary.
        inputs: Hex SHA-256 of each attestation that it rests on.
        packs: Digests of the packs that it names.
        model: Digest of the model that it is about.
        said: When it was made, by its signer's word.
    """
    from weightgate.attest.revocation.judge import Target

    digests = (payload_digest(unsealed), *(f"sha256:{digest}" for digest in inputs))
    # No summary names an engine, and not every one its packs, or the decision that it rests on.
    silent = {"engine": (), "pack": packs, "attestation": inputs}
    said_nothing = frozenset(name for name, stated in silent.items() if not stated)
    return Target(
        digests, unsealed.signers, "", frozenset(packs), model, said, proved(unsealed), said_nothing
    )


def revocation_of(unsealed: Unsealed, target: Callable[[], Target], terms: Terms) -> Counted:
    """What the lists at hand say of an attestation.

    Args:
        unsealed: The attestation.
        target: What of it can be revoked; only asked for when there are lists.
        terms: The lists, and the clock.
    """
    if not terms.lists:
        return Counted(Check(CHECK, State.NOT_ESTABLISHED, NO_LIST), unsealed.signers)
    from weightgate.attest.revocation.judge import Clock, judge

    clock = Clock(terms.at, terms.asked.archive, terms.max_list_age)
    found = judge(target(), terms.lists, clock, terms.believed.may_revoke)
    return Counted(found.check, found.signers)


def timestamp_check(unsealed: Unsealed, said: datetime, terms: Terms) -> Check:
    """Whether somebody trusted vouches for the time of the signature."""
    stamped = unsealed.stamped
    if stamped is None:
        why = _no_timestamp(unsealed, terms)
        return Check("timestamp", State.NOT_ESTABLISHED, f"the time is the signer's word: {why}")
    there = f"{stamped.authority!r} says that it was there at {write_time(stamped.time)}"
    if said > stamped.time + MAX_AHEAD:
        detail = f"{there}, before it was signed at {write_time(said)}"
        return Check("timestamp", State.CONTRADICTED, detail)
    return Check("timestamp", State.ESTABLISHED, there)


def _no_timestamp(unsealed: Unsealed, terms: Terms) -> str:
    material = None if unsealed.root is None else unsealed.root.sealed.material
    if material is None or not material.timestamps:
        return "there is no timestamp"
    if not terms.stampers:
        return "there is a timestamp, and no authority was given that could vouch for it"
    return "there is a timestamp, and none by an authority that was given"


def payload_digest(unsealed: Unsealed) -> str:
    """By what a statement is revoked, however it is encoded: the digest of the bytes that were signed."""
    return f"sha256:{hashlib.sha256(unsealed.payload).hexdigest()}"


def proved(unsealed: Unsealed) -> datetime | None:
    """When it was there already, by somebody trusted."""
    return None if unsealed.stamped is None else unsealed.stamped.time
