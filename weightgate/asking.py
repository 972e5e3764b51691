"""What a caller gives, in whatever form, made into what the engine takes."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from weightgate.destinations.footprint import resolve_all
from weightgate.destinations.places import Destination
from weightgate.errors import InputError, NotAvailableYet, PolicyError, SignatureError, UsageError
from weightgate.facts.encode import encode_statement, parse_day
from weightgate.facts.registry import ACTIVITIES, FACTS, nearest
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Known
from weightgate.given import declared_again, file_of, text_of, texts_of, unfit
from weightgate.inspect.inspection import Inspection
from weightgate.operators.profile import UNKNOWN_OPERATOR, Operator
from weightgate.policy.source import TEMPLATE, PackSource, find_pack, shipped_packs
from weightgate.policy.verdicts import VERDICTS, settle

if TYPE_CHECKING:
    from weightgate.attest.make import Underived
    from weightgate.attest.replay import DecideAgain
    from weightgate.attest.signed_facts import SignedFacts
    from weightgate.attest.trust import Trust
    from weightgate.decide import Question
    from weightgate.inspect.manifest import Progress
    from weightgate.policy.pack import Pack
    from weightgate.signing.keys import PublicKey

PackLike: TypeAlias = "str | os.PathLike[str] | PackSource | Pack"
"""A pack's name or path, its bytes, or the pack as read."""

KeysLike: TypeAlias = "PublicKey | str | os.PathLike[str] | Sequence[PublicKey | str | os.PathLike[str]]"
"""Public keys, or their files."""

GRADES = {str(grade): grade for grade in Grade}

# Texts, compiled where they are used: most questions need neither.
_DIGEST = r"sha256:[0-9a-f]{64}"
_BASE = r"[\w.-]+/[\w.-]+(@.+)?"


def checked(question: Question) -> Question:
    """A question that can be asked, found out before anything expensive is done.

    Raises:
        UsageError: An unknown status.
        NotAvailableYet: The activity is ``export_compute``.
        PolicyError: A pack of the caller's does not load.
    """
    from weightgate.decide import STATUS_MODES

    if question.activity == "export_compute":
        raise NotAvailableYet("--activity export_compute")
    if question.status_mode not in STATUS_MODES:
        hint = "one of " + ", ".join(STATUS_MODES)
        raise UsageError(f"no status is called {question.status_mode!r}", where="--status", hint=hint)
    for pack in question.packs:
        if not pack.locator.startswith("shipped:"):
            from weightgate.policy.cache import load_compiled

            # A pack of the caller's that does not load is told before a large model is hashed.
            load_compiled(pack)
    return question


def activity_of(activity: str) -> str:
    """Check an activity's name.

    Raises:
        UsageError: There is no such activity.
    """
    text_of(activity, "--activity")
    if activity not in ACTIVITIES:
        near = nearest(activity, ACTIVITIES)
        hint = f"did you mean {near[0]}?" if near else "one of " + ", ".join(ACTIVITIES)
        raise UsageError(
            f"no activity is called {activity!r}", where="--activity", hint=hint, code="unknown_activity"
        )
    return activity


def destinations_of(to: str | Sequence[str]) -> tuple[Destination, ...]:
    """Resolve destinations; one text may name several, with commas.

    Raises:
        UsageError: They are no texts, or none.
        InputError: An unknown name; the nearest are named.
    """
    return resolve_all(texts_of(to, "--to"))


def day_of(day: str | date | None, now: datetime) -> str:
    """A UTC day as text; today when none is given."""
    if day is None:
        return now.date().isoformat()
    return parse_day(day.isoformat() if isinstance(day, date) else text_of(day, "--as-of"), "--as-of")


def known_day_of(day: str | date | None) -> str:
    """The day as of which the law is taken as known; empty, which is the day of the decision, when none is given."""
    if day is None:
        return ""
    return parse_day(day.isoformat() if isinstance(day, date) else text_of(day, "--known-at"), "--known-at")


def switches_of(switches: Mapping[str, str] | None) -> dict[str, str]:
    """Readings by ``PACK.SWITCH``.

    Raises:
        UsageError: They are no mapping of texts.
    """
    if switches is None:
        return {}
    if not isinstance(switches, Mapping):
        raise unfit(switches, "a mapping of PACK.SWITCH to readings", "--set")
    return {text_of(name, "--set"): text_of(reading, "--set") for name, reading in switches.items()}


def operator_of(operator: str | os.PathLike[str] | Mapping[str, Any] | Operator | None) -> Operator:
    """The operator's profile, from a file or from what such a file holds.

    Raises:
        InputError: With file, line and column.
    """
    if operator is None:
        return UNKNOWN_OPERATOR
    if isinstance(operator, Operator):
        return operator
    from weightgate.operators.read import operator_from_dict, read_operator

    if isinstance(operator, Mapping):
        return operator_from_dict(dict(operator), "operator")
    return read_operator(file_of(operator, "--operator"))


def packs_of(policy: PackLike | Sequence[PackLike]) -> tuple[PackSource, ...]:
    """The packs to ask.

    Raises:
        PolicyError: There is no such pack, or its file cannot be read.
        UsageError: It is neither a name, a path nor a pack.
    """
    if isinstance(policy, PackSource):
        return (policy,)
    if isinstance(policy, str):
        return (find_pack(policy),)
    if isinstance(policy, os.PathLike):
        path = os.fspath(policy)
        return (find_pack(path if "/" in path else f"./{path}"),)
    if isinstance(policy, Sequence):
        return tuple(pack for one in policy for pack in packs_of(one))
    from weightgate.policy.pack import Pack

    if isinstance(policy, Pack):
        return (policy.source,)
    raise unfit(policy, "a pack's name or path", "--policy")


def grades_of(require_grade: Mapping[str, Grade | str] | None) -> dict[str, Grade]:
    """Least grades by fact.

    Raises:
        UsageError: An unknown fact or grade; the nearest is named.
    """
    found = {}
    if require_grade is not None and not isinstance(require_grade, Mapping):
        raise unfit(require_grade, "a mapping of facts to grades", "--require-grade")
    for fact, grade in (require_grade or {}).items():
        if fact not in FACTS:
            near = nearest(text_of(fact, "--require-grade"))
            hint = f"did you mean {near[0]}?" if near else "docs/facts.md lists every fact"
            raise UsageError(
                f"unknown fact {fact!r}", where="--require-grade", hint=hint, code="unknown_fact"
            )
        if str(grade) not in GRADES:
            hint = "one of " + ", ".join(reversed(GRADES))
            raise UsageError(
                f"no grade is called {grade!r}", where="--require-grade", hint=hint, code="unknown_grade"
            )
        found[fact] = GRADES[str(grade)]
    return found


def verdict_of(verdict: str) -> str:
    """A definite verdict.

    Raises:
        UsageError: There is no such; the nearest is named.
    """
    text = text_of(verdict, "--why-not")
    if text not in VERDICTS:
        near = nearest(text, tuple(VERDICTS))
        hint = f"did you mean {near[0]}?" if near else "one of " + ", ".join(VERDICTS)
        raise UsageError(
            f"no verdict is called {text!r}", where="--why-not", hint=hint, code="unknown_verdict"
        )
    return text


def digest_of(digest: str | None) -> str:
    """Check a model's digest; empty when none is given.

    Raises:
        UsageError: It is not ``sha256:`` and 64 hex digits.
    """
    if digest is None:
        return ""
    if not re.fullmatch(_DIGEST, text_of(digest, "--digest").lower()):
        hint = "write sha256: and 64 hex digits, as weightgate model digest prints it"
        raise UsageError(f"{digest[:100]!r} is no digest", where="--digest", hint=hint, code="bad_digest")
    return digest.lower()


def reference_of(model: str | os.PathLike[str]) -> str:
    """A model reference as the command line spells it; a path object is always a folder.

    Raises:
        UsageError: It is neither text nor a path.
    """
    if isinstance(model, str):
        return model
    if not isinstance(model, os.PathLike):
        raise unfit(model, "a folder, owner/name or -", "model")
    path = os.fspath(model)
    return path if path.startswith(("/", "./", "../")) or path in (".", "..") else f"./{path}"


def bind(inspection: Inspection, wanted: str) -> None:
    """Hold a model to the digest that the caller gave.

    Raises:
        SignatureError: It has another one, or none could be had (code ``binding``).
    """
    if wanted and inspection.digest != wanted:
        found = f"has digest {inspection.digest}" if inspection.digest else "has no digest that could be had"
        raise SignatureError(
            f"{inspection.reference} {found}, needed {wanted}",
            where="--digest",
            hint="see its files with: weightgate model digest --output json",
            code="binding",
        )


def base_of(declared: Sequence[Statement]) -> str | None:
    """The base model that the asker declares, or a declaration that is vouched for, if it has the form of a name on the Hub.

    A stronger word goes first, whatever the order. Where those of one grade name several, none is looked at: what one of
    them shows is not to count for the others.
    """
    from weightgate.inspect.names import plain_name

    named: dict[Grade, set[str]] = {}
    for said in declared:
        if said.fact == "model.base" and isinstance(said.value, Known):
            named.setdefault(said.grade, set()).add(plain_name(str(said.value.value)).removeprefix("hf:"))
    names = named[max(named)] if named else set()
    name = names.pop() if len(names) == 1 else ""
    # hf: because a folder here that has the base's name is not what is meant.
    return f"hf:{name}" if re.fullmatch(_BASE, name, re.ASCII) and _on_hub(name) else None


def _on_hub(name: str) -> bool:
    from weightgate.inspect.reference import parse_reference

    try:
        parse_reference(f"hf:{name}")
    except InputError:
        return False
    return True


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


def underived_of(
    decision: dict[str, Any], source: str, cap: Grade = Grade.DECLARED, again: DecideAgain | None = None
) -> Underived:
    """A decision to be decided again under the packs that are here, by the engine or by ``again``."""
    from weightgate.attest.make import Underived
    from weightgate.decide.again import decide_again

    return Underived(decision, find_pack, again or decide_again, cap, source)


def _same_model(found: Inspection, decision: Mapping[str, Any], source: str) -> None:
    from weightgate.attest.statement import manifest_entries
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


def stricter_packs(decision: Mapping[str, Any]) -> list[dict[str, str]]:
    """Shipped packs that were not asked and would be stricter on the same facts, the template apart.

    Args:
        decision: A decision of this process, as JSON.

    Returns:
        ``pack`` and ``verdict`` of each.
    """
    from weightgate.decide.again import possible_under

    asked = {pack["digest"] for pack in decision["inputs"]["packs"]}
    rules = map(find_pack, (name for name in shipped_packs() if name != TEMPLATE))
    others = (pack for pack in rules if pack.digest not in asked)
    strictest = VERDICTS[decision["possible"][-1]]
    return [
        {"pack": pack.name, "verdict": settle(possible)}
        for pack, possible in possible_under(decision, others, cap=Grade.VERIFIED)
        if possible[-1] > strictest
    ]


def other_readings(decision: Mapping[str, Any]) -> list[dict[str, str]]:
    """Readings of the decision's packs, each taken alone, under which it would come out otherwise.

    Args:
        decision: A decision as JSON.

    Returns:
        ``switch``, ``reading`` and ``verdict`` of each; nothing where a pack is not the same any more.
    """
    from weightgate.decide.again import possible_otherwise

    try:
        packs = [replace(find_pack(e["locator"]), name=e["name"]) for e in decision["inputs"]["packs"]]
        found = list(possible_otherwise(decision, packs, cap=Grade.VERIFIED))
    except (PolicyError, InputError):
        return []
    stated = tuple(VERDICTS[name] for name in decision["possible"])
    return [
        {"switch": switch, "reading": reading, "verdict": settle(verdicts)}
        for switch, reading, verdicts in found
        if verdicts != stated
    ]


def inspected(
    reference: str,
    model_keys: KeysLike,
    *,
    trust: Trust | None = None,
    endpoint: str | None,
    token: str | bool | None,
    base: str | None = None,
    progress: Progress | None = None,
) -> Inspection:
    """Everything that is to be learned of a model, or, of one that is named by its signature, digest and manifest.

    Raises:
        WeightgateError: See :func:`weightgate.inspect.model.inspect_model` and :mod:`weightgate.oms.reference`.
    """
    found = _by_signature(reference, model_keys, trust)
    if found is not None:
        return found
    from weightgate.inspect.model import inspect_model

    return inspect_model(reference, endpoint=endpoint, token=token, base=base, progress=progress)


def keys_of(given: object) -> list[PublicKey | Path]:
    """Whose word counts about a model that is named by its signature: keys, or their files.

    Raises:
        UsageError: It is neither a key, nor a path, nor a list of such.
    """
    from weightgate.signing.keys import PublicKey

    keys = [given] if isinstance(given, str | os.PathLike | PublicKey) else given
    if not isinstance(keys, Sequence) or isinstance(keys, bytes):
        raise unfit(keys, "a public key, or a list of keys", "model_keys")
    return [key if isinstance(key, PublicKey) else file_of(key, "model_keys") for key in keys]


def _by_signature(reference: str, model_keys: KeysLike, trust: Trust | None) -> Inspection | None:
    named = keys_of(model_keys)
    if not named and not reference.startswith("sig:"):
        return None
    from weightgate.attest.models import opener_of
    from weightgate.oms.reference import signed_model

    return signed_model(reference, opener_of(reference, named, trust, at=datetime.now(UTC)))


def found_of(
    reference: str,
    endpoint: str | None,
    token: str | bool | None,
    progress: Progress | None,
    model_keys: KeysLike = (),
    trust: Trust | None = None,
) -> Inspection:
    """The model with its manifest; an empty one for ``-``.

    Raises:
        SignatureError: A signature that lists no files; or see :func:`manifest_of`.
    """
    from weightgate.oms.reference import need_manifest

    if reference == "-" and not keys_of(model_keys):
        return Inspection("-")
    return need_manifest(manifest_of(reference, endpoint, token, progress, model_keys, trust))


def manifest_of(
    reference: str,
    endpoint: str | None,
    token: str | bool | None,
    progress: Progress | None,
    model_keys: KeysLike = (),
    trust: Trust | None = None,
) -> Inspection:
    """The model with its manifest and root digest, and nothing else of it.

    Raises:
        WeightgateError: See :func:`weightgate.inspect.digest.manifest_of` and :mod:`weightgate.oms.reference`.
    """
    from weightgate.inspect.digest import manifest_of

    found = _by_signature(reference, model_keys, trust)
    return manifest_of(reference, endpoint, token, progress) if found is None else found
