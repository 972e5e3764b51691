"""Logging what was just signed: ``--ledger`` of attest, check and guard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weightgate.cli.output import deliver
from weightgate.cli.paths import is_device
from weightgate.errors import UsageError
from weightgate.ledger.proof import SUFFIX

if TYPE_CHECKING:
    from weightgate.ledger.ledger import Ledger
    from weightgate.signing.keys import PrivateKey


def proof_path(ledger: str | None, path: str | None) -> str | None:
    """Where the proof goes; nothing when nothing is to be logged.

    Raises:
        UsageError: A ledger is given on the command line and nothing is to be attested, or that goes to no file.
    """
    if not ledger:
        return None
    if not path:
        source = click.get_current_context().get_parameter_source("ledger")
        if source == click.core.ParameterSource.COMMANDLINE:
            raise UsageError("--ledger needs --attest", where="--ledger", hint="give --attest PATH --key KEY")
        return None
    if is_device(Path(path)):
        raise UsageError(
            f"no proof can be written beside {path}", where="--ledger", hint="write the attestation to a file"
        )
    return path + SUFFIX


class Log:
    """A ledger that attestations of this command go into."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def write(self, path: str, envelope: bytes) -> int:
        """Log an attestation, then write it, and its proof beside it.

        Returns:
            The index of its entry.

        Raises:
            UnreachableError: It could not be logged; then nothing is written.
            UsageError: A file cannot be written.
        """
        from weightgate.ledger.attested import entry_for, payload_of

        (receipt,) = self._ledger.append([entry_for(payload_of(envelope, path), path)])
        proof = self._ledger.prove(receipt.index)
        deliver(Path(path), envelope)
        deliver(Path(path + SUFFIX), proof.encode())
        return receipt.index


@contextmanager
def opened_log(url: str | None, key: str | None, signer: PrivateKey) -> Iterator[Log | None]:
    """The ledger to log into, opened before anything is signed; nothing when there is none.

    Args:
        url: Where it is.
        key: The file of its private key; ``signer`` when it is not given.
        signer: The key that signs the attestation.

    Raises:
        WeightgateError: See :func:`weightgate.ledger.ledger.open_ledger`.
    """
    if not url:
        yield None
        return
    from weightgate.cli.secrets import load_signer
    from weightgate.ledger.ledger import open_ledger

    with open_ledger(url, signer=load_signer(Path(key)) if key else signer) as ledger:
        yield Log(ledger)
