"""Model signatures by a trust file: whose signature of which model counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from weightgate.errors import UsageError
from weightgate.oms.reference import Unsealer, digest_of
from weightgate.oms.unsealing import Unsealed, unseal_signature
from weightgate.signing.accepted import Accepted
from weightgate.signing.checks import Check, State
from weightgate.signing.keys import load_public

if TYPE_CHECKING:
    from weightgate.attest.trust import Trust
    from weightgate.signing.keys import PublicKey


def unsealer_of(
    reference: str, keys: Sequence[PublicKey | Path], trust: Trust | None, *, at: datetime
) -> Unsealer | None:
    """How a model that is named by its signature is verified; nothing when nobody's word counts.

    Args:
        reference: The model as the user wrote it.
        keys: Keys whose signature counts for any model, or their files.
        trust: Who else may sign which models, when no key is named.
        at: The asker's clock, with its offset.

    Raises:
        InputError: A key cannot be read.
        UsageError: Keys are named for a model that is no signature (code ``model_key``).
    """
    if keys and not reference.startswith("sig:"):
        hint = "it is for MODEL sig:FILE alone; leave it out"
        raise UsageError(f"{reference!r} is no signature", where="--model-key", hint=hint, code="model_key")
    if keys:
        accepted = Accepted(tuple(load_public(key) if isinstance(key, Path) else key for key in keys))
        return lambda raw, source: unseal_signature(raw, accepted=accepted, at=at, source=source)
    if trust is not None:
        return lambda raw, source: unseal_by_trust(raw, trust, at=at, source=source)
    return None


def unseal_by_trust(raw: bytes, trust: Trust, *, at: datetime, source: str) -> Unsealed:
    """Verify a model signature by itself, and whether its signer may sign that model.

    Args:
        raw: The signature file's bytes.
        trust: Whom the verifier trusts with what.
        at: The verifier's clock, with its offset.
        source: Name of the file, for messages.

    Raises:
        InputError: It is no signature file at all (exit 4).
        UsageError: The trust file names nobody, or the clock has no offset (exit 4).
    """
    held = trust.check(at)
    unsealed = unseal_signature(raw, accepted=trust.accepted(), at=at, source=source)
    if held.state is not State.ESTABLISHED:
        failed = Check(held.id, State.CONTRADICTED, held.detail)
        return replace(unsealed, checks=(failed, *unsealed.checks), statement=None)
    unsealed = replace(unsealed, checks=(held, *unsealed.checks))
    if unsealed.statement is None or unsealed.signer is None:
        return unsealed
    names = trust.names_of([unsealed.signer], at)
    answer = trust.may_sign_models(names, at, digest_of(unsealed.statement))
    state = State.ESTABLISHED if answer.granted else State.CONTRADICTED
    checks = (*unsealed.checks, Check("model_signer", state, answer.because))
    return replace(unsealed, checks=checks, statement=unsealed.statement if answer.granted else None)
