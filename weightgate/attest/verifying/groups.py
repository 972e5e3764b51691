"""The claims of a file, one subject's at a time: a decision, and the summaries and proofs that follow it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from weightgate.attest.statements.attested import PREDICATE_TYPE
from weightgate.attest.statements.claims import MAX_CLAIMS, Claim, Kind, peek
from weightgate.attest.verifying.unsealing import Unsealed, Unsealer
from weightgate.errors import InputError, WeightgateError
from weightgate.records import record
from weightgate.signing.statement import parse_statement

SUMMARY_TYPES = (
    "https://slsa.dev/verification_summary/v1",
    "https://in-toto.io/attestation/svr/v0.2",
    "https://in-toto.io/attestation/svr/v0.1",
)
"""Predicate types of summaries; spelled here so that a decision alone is verified without loading their readers."""


@record
class Group:
    """What a file says of one subject.

    Attributes:
        main: The decision, or a claim that stands alone.
        summaries: Summaries beside the decision, whether or not their signatures hold.
        proofs: Proofs that a log has it, as they are.
    """

    main: Unsealed
    summaries: tuple[Unsealed, ...] = ()
    proofs: tuple[Claim, ...] = ()


@record
class Unread:
    """A line of a file that is no attestation at all."""

    source: str
    error: InputError


def groups(claims: Iterable[Claim], unsealer: Unsealer) -> Iterator[Group | Unread]:
    """Put each decision together with the summaries and proofs that follow it; what stands alone is its own group.

    Which claims belong together is told by what they say they are, before anybody vouches for that where nobody does:
    that moves a failure from one subject to another at worst, and never removes it.

    Args:
        claims: The lines of a file, in order.
        unsealer: Unseals them.

    Raises:
        InputError: More than :data:`MAX_CLAIMS` claims about one subject (code ``too_large``).
    """
    main: Unsealed | None = None
    main_type = ""
    beside: list[Unsealed] = []
    proofs: list[Claim] = []
    for claim in claims:
        if claim.kind is Kind.PROOF and main is not None:
            proofs.append(claim)
        else:
            try:
                unsealed = unsealer.unseal(claim)
            except InputError as error:
                yield from _group(main, beside, proofs)
                main, beside, proofs = None, [], []
                yield Unread(claim.source, error)
                continue
            kind = _type(claim, unsealed)
            if main is not None and kind in SUMMARY_TYPES and main_type == PREDICATE_TYPE:
                beside.append(unsealed)
            else:
                yield from _group(main, beside, proofs)
                main, main_type, beside, proofs = unsealed, kind, [], []
        if len(beside) + len(proofs) > MAX_CLAIMS:
            raise InputError(
                f"more than {MAX_CLAIMS} claims about one subject", where=claim.source, code="too_large"
            )
    yield from _group(main, beside, proofs)


def _group(main: Unsealed | None, beside: list[Unsealed], proofs: list[Claim]) -> Iterator[Group]:
    if main is not None:
        yield Group(main, tuple(beside), tuple(proofs))


def _type(claim: Claim, unsealed: Unsealed) -> str:
    """The predicate type of a statement; what it claims to be where its signature does not hold."""
    if unsealed.statement is not None:
        return unsealed.statement.predicate_type
    try:
        return parse_statement(peek(claim), claim.source).predicate_type
    except WeightgateError:
        return ""
