"""Signing a decision so that it discloses no more than its verdicts need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from weightgate.attest.disclosure.commitments import write_openings
from weightgate.attest.disclosure.minimal import minimal
from weightgate.attest.make import derive
from weightgate.attest.replay import DecideAgain
from weightgate.attest.statement import compose
from weightgate.decide.again import decide_again as decide_from_inputs
from weightgate.facts.statements import Grade
from weightgate.policy.source import PackSource
from weightgate.records import record
from weightgate.signing.envelope import seal
from weightgate.signing.keys import Signer


@record
class Disclosed:
    """A minimal attestation, and what opens it.

    Attributes:
        attestation: A DSSE envelope, as one line of JSON.
        openings: JSON Lines, for the signer alone: each line shows one item.
    """

    attestation: bytes
    openings: bytes


def attest_minimal(
    decision: dict[str, Any],
    *,
    signer: Signer,
    find_pack: Callable[[str], PackSource],
    decide_again: DecideAgain,
    cap: Grade,
    now: datetime,
    source: str = "decision",
) -> Disclosed:
    """Decide again as :func:`weightgate.attest.make.attest` does, withhold what can be, and sign what comes out then.

    Arguments and errors are the same. A decision whose inputs cannot be withheld is refused (code ``not_withheld``).
    """
    derived = derive(
        decision, find_pack=find_pack, decide_again=decide_again, cap=cap, now=now, source=source
    )
    # Not with a model that was inspected again: what it says is in the derived inputs by now.
    less = minimal(derived.decision, derived.packs, decide_from_inputs)
    payload = compose(less.decision, less.packs, now=now, disclosure=less.disclosure)
    return Disclosed(seal(payload, signer), write_openings(less.openings))
