"""Logging what was just signed: ``--ledger`` of attest, check and guard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weightgate.cli.output import deliver
from weightgate.cli.paths import is_device
from weightgate.errors import UsageError
from weightgate.ledger import PROOF_SUFFIX
from weightgate.records import record

if TYPE_CHECKING:
    from weightgate.ledger.ledger import Ledger
    from weightgate.signing.keys import Signer


@record
class Logged:
    """What was logged.

    Attributes:
        index: The index of the first entry.
        count: How many statements are logged.
        proof: The file that holds the proof; nothing when the proofs are lines of the attestation's own file.
    """

    index: int
    count: int
    proof: str | None

    def told(self, path: str) -> str:
        """A sentence about it."""
        if self.proof is not None:
            return f"wrote {self.proof}, the proof of entry {self.index} in the ledger"
        return f"logged {self.count} statements from entry {self.index} on; the proofs are in {path}"


class Log:
    """A ledger that attestations of this command go into."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def write(self, path: str, sealed: bytes) -> Logged:
        """Log what was signed, then write it, with its proof beside it, or inside when it is many lines.

        Args:
            path: Where it goes.
            sealed: What was signed: one attestation, or one on each line.

        Raises:
            UnreachableError: It could not be logged; then nothing is written.
            UsageError: A file cannot be written.
        """
        from weightgate.attest.statements.claims import peek, stream_claims
        from weightgate.ledger.attested import entry_for

        claims = list(stream_claims(BytesIO(sealed), path))
        payloads = [peek(claim) for claim in claims]
        receipts = self._ledger.append([entry_for(payload, path) for payload in payloads])
        indexes = [receipt.index for receipt in receipts]
        if len(claims) == 1:
            proof = self._ledger.prove(indexes[0])
            deliver(Path(path), sealed)
            deliver(Path(path + PROOF_SUFFIX), proof.encode())
            return Logged(indexes[0], 1, path + PROOF_SUFFIX)
        decisions = [_is_decision(payload, path) for payload in payloads]
        proofs = self._ledger.prove_all([i for i, own in zip(indexes, decisions, strict=True) if own])
        deliver(Path(path), b"".join(_with_proofs([claim.raw for claim in claims], decisions, proofs)))
        return Logged(indexes[0], len(claims), None)


def _is_decision(payload: bytes, source: str) -> bool:
    from weightgate.attest.statements.attested import PREDICATE_TYPE
    from weightgate.signing.statement import parse_statement

    return parse_statement(payload, source).predicate_type == PREDICATE_TYPE


def _with_proofs(lines: list[bytes], decisions: list[bool], proofs: list[str]) -> Iterator[bytes]:
    """The lines, each decision and the summaries that come after it followed by the decision's proof."""
    from weightgate.ledger.attested import proof_line

    pending: list[str] = []
    left = iter(proofs)
    for line, own in zip(lines, decisions, strict=True):
        if own:
            yield from map(proof_line, pending)
            pending = [next(left)]
        yield line
    yield from map(proof_line, pending)


def proof_path(ledger: str | None, path: str | None) -> str | None:
    """Where a proof may go; nothing when nothing is to be logged.

    Raises:
        UsageError: A ledger is given on the command line and nothing is to be attested, or that goes to no file.
    """
    if not ledger:
        return None
    if not path:
        source = click.get_current_context().get_parameter_source("ledger")
        if source == click.core.ParameterSource.COMMANDLINE:
            raise UsageError(
                "--ledger without an attestation to log",
                where="--ledger",
                hint="say where it goes and who signs",
            )
        return None
    if is_device(Path(path)):
        raise UsageError(
            f"no proof can be written beside {path}", where="--ledger", hint="write the attestation to a file"
        )
    return path + PROOF_SUFFIX


@contextmanager
def opened_log(url: str | None, key: str | None, signers: Sequence[Signer]) -> Iterator[Log | None]:
    """The ledger to log into, opened before anything is signed; nothing when there is none.

    Args:
        url: Where it is.
        key: What names its private key; the first Ed25519 key among ``signers`` when it is not given.
        signers: Who signs the attestation.

    Raises:
        WeightgateError: See :func:`weightgate.ledger.ledger.open_ledger`.
        UsageError: No key is given that could be a ledger's (code ``ledger_key``).
    """
    if not url:
        yield None
        return
    from weightgate.cli.secrets import load_signer
    from weightgate.ledger.ledger import open_ledger
    from weightgate.signing.keys import ED25519, PrivateKey
    from weightgate.signing.signers import RemoteSigner

    keys = [s for s in signers if isinstance(s, PrivateKey | RemoteSigner) and s.algorithm == ED25519]
    if key is None and not keys:
        raise UsageError(
            "a ledger is signed by an Ed25519 key, and --key is none",
            where="--ledger",
            hint="give the ledger's own: --ledger-key KEY",
            code="ledger_key",
        )
    with open_ledger(url, signer=load_signer(key) if key else keys[0]) as ledger:
        yield Log(ledger)
