"""From what a caller gives to a decision that is to be decided again, and signed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from weightgate import asking
from weightgate.errors import InputError, UsageError
from weightgate.facts.statements import Grade
from weightgate.given import file_of, hold_packs, read_bytes, trust_of
from weightgate.policy.source import find_pack

if TYPE_CHECKING:
    from weightgate.attest.make import Underived
    from weightgate.attest.trust import Trust
    from weightgate.decide.decision import Decision
    from weightgate.inspect.manifest import Progress

PathLike = str | os.PathLike[str]
"""A file or folder."""


def underived(
    decision: Decision | Mapping[str, Any] | PathLike,
    model: PathLike | None = None,
    model_keys: asking.KeysLike = (),
    endpoint: str | None = None,
    token: str | bool | None = None,
    progress: Progress | None = None,
    trust: PathLike | Trust | None = None,
    pack_signatures: Sequence[PathLike] = (),
) -> Underived:
    """A decision to be decided again, by what is at hand.

    Raises:
        UsageError: A trust file or a model's keys, and no model (code ``model_missing``).
        SignatureError: The trust file refuses a pack of the decision's (code ``pack_rules``), or is not in date.
    """
    from weightgate.attest.make import check_decision, find_packs, read_decision
    from weightgate.decide.decision import Decision
    from weightgate.oms.reference import need_attestable

    source = "decision"
    if isinstance(decision, Decision):
        data, cap = decision.to_json(), Grade.VERIFIED
    elif isinstance(decision, Mapping):
        data, cap = check_decision(dict(decision), source), Grade.DECLARED
    else:
        source = str(file_of(decision, "decision"))
        data, cap = read_decision(read_bytes(source), source), Grade.DECLARED
    need_attestable(data)
    if model is None:
        _refuse_without_model({"--trust": trust is not None, "--model-key": bool(asking.keys_of(model_keys))})
        return asking.underived_of(data, source, cap)
    from weightgate.attest.signed_facts import signed_again

    now = datetime.now(UTC)
    trusted = trust_of(trust, now)
    hold_packs(find_packs(data, find_pack, source), trusted, pack_signatures, now)
    signed = signed_again(data, trusted, now=now)
    base = asking.base_in(data, signed.verified)
    named = asking.reference_of(model)
    found = asking.inspected(named, model_keys, endpoint=endpoint, token=token, base=base, progress=progress)
    return asking.underived_of(data, source, Grade.VERIFIED, asking.again_with(found, data, source, signed))


def _refuse_without_model(given: Mapping[str, bool]) -> None:
    """Refuse what would be passed over: without the model nothing of a decision file is looked at again."""
    for where, is_given in given.items():
        if is_given:
            hint = "name the model too, or leave it out"
            raise UsageError(f"{where} without --model", where=where, hint=hint, code="model_missing")


def digest_found(reference: str, wanted: str, progress: Progress | None) -> str:
    """The model's digest, held to the one that the caller gave; for ``-`` that one.

    Raises:
        InputError: There is neither a model nor a digest (code ``no_digest``).
        SignatureError: The model has another digest (code ``binding``).
    """
    if reference == "-":
        if wanted:
            return wanted
        hint = "name the model by its digest: --digest sha256:…"
        raise InputError("no model at hand, and no digest", where="--digest", hint=hint, code="no_digest")
    found = asking.manifest_of(reference, None, None, progress)
    asking.bind(found, wanted)
    return found.digest
