"""What a verifier asks an attestation to be about, and how old it may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from weightgate.destinations.places import Destination
from weightgate.inspect.inspection import Inspection
from weightgate.policy.source import PackSource
from weightgate.records import record

if TYPE_CHECKING:
    from weightgate.attest.disclosure.commitments import Opening

GATE_CHECKS = ("hypothetical", "model", "destination", "operator", "activity")
"""What ``verify --gate`` wants established, beyond nothing being contradicted or stale (CONTRACT.md)."""

MAX_AGE_DAYS = 30.0
"""How old an attestation may be unless the verifier says otherwise (DESIGN.md, Attestations)."""


@record
class Asked:
    """The deployment a verifier has in mind; what is left out is not compared.

    Attributes:
        model: The model as it was found here.
        destinations: Each destination, resolved here.
        operator: Digest of the operator file, ``sha256:…``.
        activity: ``host``, ``fine_tune`` or ``export_compute``.
        packs: Packs that the decision must have been made under, byte for byte.
        gate: Whether model, destination, operator and activity must all be asked, and no what-if passes.
        max_age_days: The oldest that an attestation may be; :data:`MAX_AGE_DAYS`, or what a trust file says, when nothing.
        archive: Whether age, validity and revocation are judged at the time of signing.
        openings: What the signer showed of what a minimal attestation withholds.
    """

    model: Inspection | None = None
    destinations: Sequence[Destination] = ()
    operator: str | None = None
    activity: str | None = None
    packs: Sequence[PackSource] = ()
    gate: bool = False
    max_age_days: float | None = None
    archive: bool = False
    openings: Sequence[Opening] = ()

    @property
    def age_limit(self) -> float:
        """The oldest that an attestation may be where no trust file says more, in days."""
        return MAX_AGE_DAYS if self.max_age_days is None else self.max_age_days


NOTHING_ASKED = Asked()
