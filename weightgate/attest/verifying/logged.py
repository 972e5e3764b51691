"""Whether an attestation is in a log that the verifier accepts."""

from __future__ import annotations

from weightgate.attest.statements.claims import Claim
from weightgate.attest.verifying.terms import Terms
from weightgate.errors import SignatureError
from weightgate.ledger.attested import CHECK, log_check, read_proof_line
from weightgate.signing.checks import Check, State

_WORST_FIRST = (State.CONTRADICTED, State.ESTABLISHED, State.NOT_ESTABLISHED)


def logged_check(payload: bytes, proofs: tuple[Claim, ...], terms: Terms) -> Check:
    """Whether a log has an attestation: one that does not hold refuses, whatever the others say.

    Args:
        payload: The statement, its signature verified.
        proofs: The proofs that stand after it in its file; that of a file beside it is in ``terms``.
        terms: What the verifier wants. When it names the logs itself, what is in none of them is refused.
    """
    checks = [_line_check(payload, claim, terms) for claim in proofs]
    if terms.log_proof is not None or not checks:
        checks.append(log_check(payload, terms.log_proof, terms.logs))
    found = min(checks, key=lambda check: _WORST_FIRST.index(check.state))
    if terms.must_be_logged and found.state is State.NOT_ESTABLISHED:
        return Check(CHECK, State.CONTRADICTED, f"asked for, and not shown: {found.detail}")
    return found


def _line_check(payload: bytes, claim: Claim, terms: Terms) -> Check:
    try:
        return log_check(payload, read_proof_line(claim.raw, claim.source), terms.logs)
    except SignatureError as error:
        return Check(CHECK, State.CONTRADICTED, str(error))
