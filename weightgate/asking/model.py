"""The model that a caller names: what is to be found of it, and whether it is the one that is meant."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from weightgate.asking.given import PathLike, file_of, unfit
from weightgate.errors import InputError, SignatureError
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Known
from weightgate.inspect.inspection import Inspection

if TYPE_CHECKING:
    from weightgate.attest.trust import Trust
    from weightgate.inspect.manifest import Progress
    from weightgate.signing.keys import PublicKey

KeysLike: TypeAlias = "PublicKey | PathLike | Sequence[PublicKey | PathLike]"
"""Public keys, or their files."""

_BASE = r"[\w.-]+/[\w.-]+(@.+)?"


def reference_of(model: PathLike) -> str:
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
    found = manifest_of(reference, None, None, progress)
    bind(found, wanted)
    return found.digest


def keys_of(given: object) -> list[PublicKey | Path]:
    """Whose word counts about a model that is named by its signature: keys, or their files.

    Raises:
        UsageError: It is neither a key, nor a path, nor a list of such.
    """
    if given == ():
        return []
    from weightgate.signing.keys import PublicKey

    keys = [given] if isinstance(given, str | os.PathLike | PublicKey) else given
    if not isinstance(keys, Sequence) or isinstance(keys, bytes):
        raise unfit(keys, "a public key, or a list of keys", "model_keys")
    return [key if isinstance(key, PublicKey) else file_of(key, "model_keys") for key in keys]


def _by_signature(reference: str, model_keys: KeysLike, trust: Trust | None) -> Inspection | None:
    named = keys_of(model_keys)
    if not named and not reference.startswith("sig:"):
        return None
    from weightgate.attest.signed_models import unsealer_of
    from weightgate.oms.reference import signed_model

    return signed_model(reference, unsealer_of(reference, named, trust, at=datetime.now(UTC)))
