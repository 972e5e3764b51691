"""A decision with no more in it than its verdicts need.

What is signed is a decision of the same engine, derived from inputs that say less: every field of it follows from those
inputs and the packs, so nothing of what was withheld can be anywhere in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from weightgate.attest.disclosure.commitments import Opening, withhold
from weightgate.attest.make import NOT_LOOKED_AT
from weightgate.attest.replay.deriving import FOLLOWING, DecideAgain, plain
from weightgate.decide.again import case_again
from weightgate.decide.widening.saying import WITHHELD
from weightgate.decide.widening.widen import widen
from weightgate.errors import SignatureError
from weightgate.facts.encode import encode_statement
from weightgate.facts.statements import Grade, Statement
from weightgate.policy.cache import load_compiled
from weightgate.policy.source import PackSource
from weightgate.records import record

MINIMAL = "minimal"

RANGES = "Exact values: they are withheld, and each fact is said only as far as the verdict needs it."
"""Put first into ``not_established`` of a minimal decision, so that every page of it says so."""

WITHHELD_NOTES = "What else the decision lists as not established: it is withheld."

DECLARATIONS = "Who signed the declarations behind verified facts: they are withheld."

_INPUTS = ("destinations", "cap", "manifest")
_REQUEST = (
    "activity", "to", "as_of", "known_at", "status_mode", "switches", "require_grade", "insecure",
)  # fmt: skip
_NO_MODEL = "-"


@record
class Minimal:
    """A decision that discloses no more than it must.

    Attributes:
        decision: JSON of schema ``weightgate/decision/v1``.
        packs: Its packs, byte for byte, with no path of this machine.
        openings: What opens each commitment; the signer's secret.
    """

    decision: dict[str, Any]
    packs: tuple[PackSource, ...]
    openings: tuple[Opening, ...]

    @property
    def disclosure(self) -> dict[str, Any]:
        """The predicate's ``disclosure``."""
        withheld = [{"item": o.item, "commitment": o.commitment} for o in self.openings]
        return {"mode": MINIMAL, "withheld": withheld}


def minimal(decision: dict[str, Any], packs: Sequence[PackSource], decide_again: DecideAgain) -> Minimal:
    """Widen a decision's inputs as far as its verdicts allow, decide again from those, and hold it to the verdicts.

    Args:
        decision: A decision that was derived from its own inputs.
        packs: Its packs.
        decide_again: The engine that derives a decision from nothing but its inputs.

    Raises:
        InputError: The inputs cannot be said without their sources (code ``not_withheld``).
        SignatureError: Less input leads to another verdict: a mistake of this program's, which is not signed (code
            ``not_withheld``).
    """
    until = (decision["valid_until"] or {}).get("date") or ""
    case = case_again(decision, packs, cap=Grade.VERIFIED)
    less = widen(case, until)
    bare = tuple(_unlocated(pack) for pack in packs)
    said = [{"fact": s.fact, **encode_statement(s)} for s in less.statements]
    # By name: what an input to come may hold is withheld until somebody has thought about it.
    inputs = {key: decision["inputs"][key] for key in _INPUTS} | {
        "request": {key: decision["inputs"]["request"][key] for key in _REQUEST},
        "statements": said,
        "operator": less.operator.to_dict() if less.operator.source else None,
        "operator_source": less.operator.source,
        "operator_marks": {},
        "not_established": _notes(decision, less.statements),
        "packs": [{"name": p.name, "digest": p.digest, "locator": p.locator} for p in bare],
    }
    stated = decision | {"model": _model(decision), "inputs": inputs}
    derived = plain(decide_again(stated, bare, cap=Grade.VERIFIED))
    _hold(decision, derived)
    return Minimal(derived, bare, withhold(_items(decision)))


def _model(decision: dict[str, Any]) -> dict[str, Any]:
    model = decision["model"]
    reference = _NO_MODEL if model["reference"] == _NO_MODEL else WITHHELD
    return {"reference": reference, "revision": None, "digest": model["digest"]}


def _unlocated(pack: PackSource) -> PackSource:
    """The pack under its own name; a shipped one is still found by it, and of any other the path is nobody's business."""
    name = load_compiled(pack).name
    locator = pack.locator if pack.locator == f"shipped:{name}" else WITHHELD
    return replace(pack, name=name, locator=locator)


def _notes(decision: dict[str, Any], said: Sequence[Statement]) -> list[str]:
    stated = decision["inputs"]["not_established"]
    kept = [NOT_LOOKED_AT] if NOT_LOOKED_AT in stated else []
    shown = {s.fact for s in said}
    disputed = sorted({c["fact"] for c in decision["contradictions"]} & shown)
    kept += [f"Which of the sources on {fact} is right: they disagree." for fact in disputed]
    if decision["inputs"].get("declarations"):
        kept.append(DECLARATIONS)
    return [RANGES, *kept, *([WITHHELD_NOTES] if set(stated) - {NOT_LOOKED_AT} else [])]


def _items(decision: dict[str, Any]) -> dict[str, Any]:
    """What is withheld, by name: each fact that is known, with its evidence, and what is no fact."""
    items = {name: fact for name, fact in decision["facts"].items() if "unknown" not in fact}
    model, inputs = decision["model"], decision["inputs"]
    if model["reference"] != _NO_MODEL:
        items["model"] = {"reference": model["reference"], "revision": model["revision"]}
    if inputs.get("declarations"):
        items["declarations"] = inputs["declarations"]
    digest = (decision["operator"] or {}).get("digest")
    if digest:
        items |= {"operator": inputs["operator"], "operator.digest": digest}
    return items | {"decision": decision}


_SAME = (*FOLLOWING, "hypothetical")
_PLACE = ("name", "country", "subdivision", "tiers", "verdict", "possible")
_PACK = ("name", "version", "digest", "status", "verdict", "possible", "applicable")


def _hold(decision: dict[str, Any], derived: dict[str, Any]) -> None:
    """Refuse to sign anything that does not come to the same verdicts, or that holds longer."""
    was, now = _kept(decision), _kept(derived)
    found = [key for key in was if was[key] != now[key]]
    days = [(d["valid_until"] or {}).get("date") or "9999-12-31" for d in (decision, derived)]
    if days[1] > days[0]:
        found.append("valid_until")
    if found:
        raise SignatureError(
            f"with less in it, the decision comes out otherwise: {', '.join(found)}",
            hint="attest it with --disclose full, and report this",
            code="not_withheld",
        )


def _kept(decision: dict[str, Any]) -> dict[str, Any]:
    """What stays the same, as JSON; the wording of conditions may name a licence."""
    return {
        **{key: decision[key] for key in _SAME},
        "destinations": [{key: d[key] for key in _PLACE} for d in decision["destinations"]],
        "packs": [{key: p[key] for key in _PACK} for p in decision["packs"]],
        "conditions": sorted(c["applies"] for c in decision["conditions"]),
        "left_out": decision["left_out"],
    }
