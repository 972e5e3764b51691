"""From what a caller gives to a decision that is to be decided again, by what it embeds or by the model itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from weightgate.asking.evidence import hold_packs, trust_of
from weightgate.asking.given import PathLike, file_of
from weightgate.asking.model import KeysLike, base_of, inspected, keys_of, reference_of
from weightgate.errors import SignatureError, UsageError
from weightgate.facts.encode import encode_statement
from weightgate.facts.statements import SIGNED, Grade, Statement
from weightgate.facts.values import Known
from weightgate.files.bounded import read_bytes
from weightgate.inspect.inspection import Inspection
from weightgate.policy.source import PackSource, find_pack

if TYPE_CHECKING:
    from weightgate.attest.declarations.evidence import SignedFacts
    from weightgate.attest.make import Underived
    from weightgate.attest.replay.deriving import DecideAgain
    from weightgate.attest.trust import Trust
    from weightgate.decide.decision import Decision
    from weightgate.inspect.manifest import Progress


def underived(
    decision: Decision | Mapping[str, Any] | PathLike,
    model: PathLike | None = None,
    model_keys: KeysLike = (),
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

    source = "decision"
    if isinstance(decision, Decision):
        data, cap = decision.to_json(), Grade.VERIFIED
    elif isinstance(decision, Mapping):
        data, cap = check_decision(dict(decision), source), Grade.DECLARED
    else:
        source = str(file_of(decision, "decision"))
        data, cap = read_decision(read_bytes(source), source), Grade.DECLARED
    if model is None:
        _refuse_without_model({"--trust": trust is not None, "--model-key": bool(keys_of(model_keys))})
        return underived_of(data, source, cap)
    from weightgate.attest.declarations.evidence import signed_again

    now = datetime.now(UTC)
    trusted = trust_of(trust, now)
    hold_packs(find_packs(data, find_pack, source), trusted, pack_signatures, now)
    signed = signed_again(data, trusted, now=now)
    base = base_in(data, signed.verified)
    named = reference_of(model)
    found = inspected(
        named, model_keys, trust=trusted, endpoint=endpoint, token=token, base=base, progress=progress
    )
    return underived_of(data, source, Grade.VERIFIED, again_with(found, data, source, signed))


def _refuse_without_model(given: Mapping[str, bool]) -> None:
    """Refuse what would be passed over: without the model nothing of a decision file is looked at again."""
    for where, is_given in given.items():
        if is_given:
            hint = "name the model too, or leave it out"
            raise UsageError(f"{where} without --model", where=where, hint=hint, code="model_missing")


def underived_of(
    decision: dict[str, Any], source: str, cap: Grade = Grade.DECLARED, again: DecideAgain | None = None
) -> Underived:
    """A decision to be decided again under the packs that are here, by the engine or by ``again``."""
    from weightgate.attest.make import Underived
    from weightgate.decide.again import decide_again

    return Underived(decision, find_pack, again or decide_again, cap, source)


def again_with(
    found: Inspection, decision: Mapping[str, Any], source: str, signed: SignedFacts | None = None
) -> DecideAgain:
    """The engine, with a model that was inspected again in the place of what the decision says of it.

    Args:
        found: The model as it was found.
        decision: The decision's JSON.
        source: Its file, for messages.
        signed: The declarations that it carries, graded here; ``None`` to take what it says of them.

    Raises:
        SignatureError: It is not the model that the decision is about (code ``binding``).
    """
    from weightgate.decide.again import decide_again

    _same_model(found, decision, source)
    inputs = decision["inputs"]
    declared = [entry for entry in inputs["statements"] if _is_declared(entry)]
    said, request = declared_again(inputs, signed)
    fresh = {
        "request": request,
        "statements": [
            *({"fact": s.fact, **encode_statement(s)} for s in found.statements),
            *said,
            *declared,
        ],
        "manifest": [{"name": e.name, "digest": e.digest, "reported": e.reported} for e in found.manifest],
        "not_established": list(found.not_established),
    }

    def decide_with(decision: dict[str, Any], packs: Sequence[PackSource], *, cap: Grade) -> dict[str, Any]:
        # The file's word for what it is called does not count either.
        model = {
            "reference": found.reference,
            "revision": found.revision or None,
            "digest": found.digest or None,
        }
        return decide_again(decision | {"model": model, "inputs": decision["inputs"] | fresh}, packs, cap=cap)

    return decide_with


def declared_again(
    inputs: Mapping[str, Any], signed: SignedFacts | None
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What a decision's declarations say, when its model is inspected again, and the request that goes with that.

    Args:
        inputs: The decision's.
        signed: Its declarations, graded here; ``None`` to take what the decision says of them.
    """
    request = dict(inputs["request"])
    if signed is None:
        said = [e for e in inputs["statements"] if str(e.get("method") or "").startswith(SIGNED)]
        return said, request
    request.pop("trust", None)
    graded = [{"fact": one.fact, **encode_statement(one)} for one in signed.statements]
    return graded, request | ({"trust": signed.named} if signed.trust else {})


def _same_model(found: Inspection, decision: Mapping[str, Any], source: str) -> None:
    from weightgate.attest.statements.attested import manifest_entries
    from weightgate.inspect.manifest import compare

    stated = decision["model"]["digest"]
    if found.digest and found.digest == stated:
        differing = compare(manifest_entries(decision["inputs"]["manifest"]), found.manifest).sentences()
        if not differing:
            return
        why = "; ".join(differing[:5])
    else:
        why = (
            f"its digest is {found.digest or 'not to be had'}, the decision is about {stated or 'no digest'}"
        )
    raise SignatureError(
        f"{found.reference} is not the model of the decision: {why}",
        where=source,
        hint="decide again with: weightgate check",
        code="binding",
    )


def base_in(decision: Mapping[str, Any], vouched: Sequence[Statement] = ()) -> str | None:
    """The base that a decision's asker declared, or else a declaration that a trust file vouches for."""
    said = [
        Statement("model.base", Known(str(entry["says"]["value"])), Grade.DECLARED, "")
        for entry in decision["inputs"]["statements"]
        if _is_declared(entry) and entry["fact"] == "model.base" and "value" in (entry.get("says") or {})
    ]
    return base_of([*said, *vouched])


def _is_declared(entry: Mapping[str, Any]) -> bool:
    """Whether the asker said it, rather than the inspection, whose statements say how they were worked out."""
    return entry["grade"] == str(Grade.DECLARED) and not entry.get("method")
