"""What a trust file says of an attestation: whether its signers may give that verdict, and whether its packs will do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from weightgate.attest.statements.attested import Attested
from weightgate.attest.verifying.believed import Believed
from weightgate.policy.header import Header, header_of
from weightgate.policy.source import PackSource
from weightgate.signing.accepted import SignedBy
from weightgate.signing.checks import Check, State

if TYPE_CHECKING:
    from weightgate.attest.trust.trust import Trust

NO_TRUST = "no trust file was given: each key that was given may sign anything"

PackSigned = Callable[[PackSource], bool]
"""Whether somebody signed a pack whom the trust file names for it."""


def trust_checks(
    believed: Believed,
    attested: Attested,
    signers: tuple[SignedBy, ...],
    pack_signed: PackSigned | None = None,
    proved: datetime | None = None,
) -> Iterator[Check]:
    """Whether the trust file lets those that signed give this verdict, under these packs.

    They are judged at the time of signing: a key that was retired in order keeps its earlier signatures, and one that was
    lost must be revoked.

    Args:
        believed: Whom the verifier believes.
        attested: A verified statement's predicate.
        signers: Those accepted that signed, without those that are revoked.
        pack_signed: Whether a pack is signed; none is, unless given.
        proved: When it was there already, by a trusted timestamp; nothing when none says so.
    """
    trust = believed.trust
    if trust is None:
        yield Check("authority", State.NOT_ESTABLISHED, NO_TRUST)
        return
    # What a pack calls itself counts, not what the signer calls it.
    headers = [header_of(pack) for pack in attested.packs]
    yield _authority(trust, attested, signers, headers, times_of(attested.created, proved))
    yield _pack_rules(trust, attested, headers, pack_signed or (lambda _: False))


def times_of(said: datetime, proved: datetime | None) -> tuple[datetime, ...]:
    """When something was signed, as the verifier knows it: what was granted must have been so at each of these times.

    The signer's word alone would let a key whose term is over date back, whatever a timestamp says. The timestamp alone
    would let anybody stamp late what was signed before it was granted.
    """
    return (said,) if proved is None else (said, proved)


def acting_at(trust: Trust, signers: Sequence[SignedBy], times: Sequence[datetime]) -> frozenset[str]:
    """Those that signed, and acted at each of these times."""
    return frozenset.intersection(*(trust.names_of(signers, at) for at in times))


def _authority(
    trust: Trust,
    attested: Attested,
    signers: tuple[SignedBy, ...],
    headers: Sequence[Header],
    times: Sequence[datetime],
) -> Check:
    from weightgate.attest.trust.cover import attested_destinations

    decision = attested.decision
    names = acting_at(trust, signers, times)
    answers = [
        trust.may_decide(
            names,
            verdict=decision["verdict"],
            destinations=attested_destinations(decision["inputs"]["destinations"]),
            # One that was left out as not in force is among them, which can only refuse more.
            packs=[header.name for header in headers],
            activity=decision["activity"],
            at=at,
        )
        for at in times
    ]
    answer = next((answer for answer in answers if not answer.granted), answers[0])
    who = ", ".join(sorted(names)) or "nobody who acts on the day of signing"
    state = State.ESTABLISHED if answer.granted else State.CONTRADICTED
    return Check("authority", state, f"signed by {who}; {answer.because}")


def _pack_rules(
    trust: Trust, attested: Attested, headers: Sequence[Header], pack_signed: PackSigned
) -> Check:
    problems: list[str] = []
    said: list[str] = []
    for pack, header in zip(attested.packs, headers, strict=True):
        if not header.name:
            problems.append(f"what is called {pack.name[:80]!r} is no pack")
            continue
        rule = trust.pack_rule(header.name)
        answer = rule.allows(pack.digest, header.version, signed=rule.signed and pack_signed(pack))
        (said if answer.granted else problems).append(answer.because)
    if problems:
        return Check("pack_rules", State.CONTRADICTED, "; ".join(problems))
    return Check("pack_rules", State.ESTABLISHED, "; ".join(said))
