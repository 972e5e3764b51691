"""Signing a decision so that it discloses no more than its verdicts need."""

from __future__ import annotations

from datetime import datetime

from weightgate.attest.disclosure.commitments import write_openings
from weightgate.attest.disclosure.minimal import minimal
from weightgate.attest.make import Underived, derive
from weightgate.attest.statements.attested import compose
from weightgate.decide.again import decide_again
from weightgate.records import record
from weightgate.signing.sealing import Sealer


@record
class Disclosed:
    """A minimal attestation, and what opens it.

    Attributes:
        attestation: A DSSE envelope or a bundle, as one line of JSON.
        openings: JSON Lines, for the signer alone: each line shows one item.
    """

    attestation: bytes
    openings: bytes


def attest_minimal(underived: Underived, *, sealer: Sealer, now: datetime) -> Disclosed:
    """Decide again as :func:`weightgate.attest.make.attest_many` does, withhold what can be, and sign what comes out then.

    The decision is signed alone: its summaries would name the operator file by a digest that anybody can try out.

    Args:
        underived: The decision.
        sealer: Who signs, and in which form.
        now: The signer's clock, with its offset.

    Raises:
        InputError: As there; or the inputs cannot be said without their sources (code ``not_withheld``).
        WeightgateError: As there.
    """
    sealer.check()
    derived = derive(underived, now=now)
    # Not with a model that was inspected again: what it says is in the derived inputs by now.
    less = minimal(derived.decision, derived.packs, decide_again)
    payload = compose(less.decision, less.packs, now=now, disclosure=less.disclosure)
    return Disclosed(sealer.seal(payload), write_openings(less.openings))
