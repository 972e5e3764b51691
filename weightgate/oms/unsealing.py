"""From a signature file to what it says: nothing of it is looked at before the signature holds, and it is parsed once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from weightgate.errors import SignatureError, UsageError
from weightgate.oms.signature import Held, read_signature, signer_of
from weightgate.oms.statement import DIGESTS_TYPE, ModelStatement, read_predicate
from weightgate.records import record
from weightgate.signing.checks import Check, State
from weightgate.signing.statement import parse_statement

if TYPE_CHECKING:
    from weightgate.signing.accepted import Accepted, SignedBy


@record
class Unsealed:
    """A signature file as far as it could be verified without the model.

    Attributes:
        checks: Each check that was reached, in order.
        signer: Who signed; nothing when nobody accepted did.
        statement: What is signed; nothing when a check failed.
    """

    checks: tuple[Check, ...]
    signer: SignedBy | None
    statement: ModelStatement | None


def unseal_signature(raw: bytes, *, accepted: Accepted, at: datetime, source: str) -> Unsealed:
    """Verify a signature file by itself.

    Args:
        raw: Its bytes.
        accepted: Whom the verifier accepts.
        at: The verifier's clock, with its offset: when certificates have to be valid.
        source: Name of the file, for messages.

    Raises:
        InputError: It is no signature file at all (exit 4).
        UsageError: Nobody is accepted, or the clock has no offset (exit 4).
    """
    if not accepted:
        raise UsageError(
            "nobody to accept a signature of", hint="name a public key with --key", code="no_key"
        )
    if at.tzinfo is None:
        raise UsageError(f"the time {at.isoformat()} has no offset", hint="write it as 2025-01-31T12:00:00Z")
    checks: list[Check] = []
    signer: SignedBy | None = None
    try:
        signature = read_signature(raw, source)
        checks.append(Check("bundle", State.ESTABLISHED, "Sigstore bundle v0.3 with a DSSE envelope"))
        held = signer_of(signature, accepted, at)
        signer = held.by
        checks.append(Check("signature", State.ESTABLISHED, held.how))
        statement = parse_statement(signature.envelope.payload, source)
        checks.append(Check("statement", State.ESTABLISHED, "in-toto Statement v1"))
        _check_old(held, statement.predicate_type)
        said = read_predicate(statement)
    except SignatureError as error:
        # The codes of these errors are the identifiers of the checks that failed.
        code = "bundle" if error.code == "envelope" else error.code
        checks.append(Check(code, State.CONTRADICTED, error.message))
        return Unsealed(tuple(checks), signer, None)
    checks += _said(said)
    if not held.by.identity and signature.material.log_entries:
        checks.append(
            Check("log", State.NOT_ESTABLISHED, "log entries are in the bundle, and were not looked at")
        )
    return Unsealed(tuple(checks), signer, said)


def _check_old(held: Held, predicate_type: str) -> None:
    if held.old and predicate_type != DIGESTS_TYPE:
        raise SignatureError(
            f"signed in the way of model_signing 0.2, which never signed {predicate_type[:120]!r}",
            code="predicate_type",
        )


def _said(said: ModelStatement) -> list[Check]:
    how = said.serialization
    size = f" of {how.shard_size} bytes" if how.shard_size else ""
    listed = f"{len(said.resources)} {how.method}{size}, by {how.hash_type}"
    root = (
        Check("subject", State.NOT_ESTABLISHED, "this early form has no root digest; every file is a subject")
        if said.predicate_type == DIGESTS_TYPE
        else Check("subject", State.ESTABLISHED, f"root digest sha256:{said.root} over all of them")
    )
    return [
        Check("predicate_type", State.ESTABLISHED, said.predicate_type),
        Check("predicate", State.ESTABLISHED, listed),
        root,
    ]
