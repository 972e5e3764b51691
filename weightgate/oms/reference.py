"""``sig:FILE`` as a model: a verified signature that gives digest and manifest without the weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from weightgate.errors import ModelError, SignatureError, UsageError
from weightgate.files.bounded import read_start
from weightgate.inspect.inspection import Inspection, ManifestEntry
from weightgate.inspect.manifest import root_digest
from weightgate.inspect.manifest_names import is_ignored, normal_name
from weightgate.inspect.reference import SignatureReference, parse_reference
from weightgate.oms.resources import FILES, WHOLE
from weightgate.oms.statement import ModelStatement
from weightgate.oms.unsealing import Unsealed
from weightgate.signing.bundle import MAX_BUNDLE_BYTES
from weightgate.signing.checks import State

SHOWN = 20
"""Paths that a note names."""

Unsealer = Callable[[bytes, str], Unsealed]
"""Verifies a signature file by itself, from its bytes and its name, by whom the asker believes."""


def digest_of(said: ModelStatement) -> str:
    """The digest by which a signed model is known here, ``sha256:…``.

    It is that over whole files in code-point order, which others may have listed in another order; of a signature over
    shards, or by another hash, the root digest that it states.
    """
    entries = _entries(said)
    return root_digest(entries) if entries else f"sha256:{said.root}"


def signed_model(reference: str, unsealer: Unsealer | None) -> Inspection | None:
    """The model that a signature is about, by its signer's word; nothing when the reference names no signature.

    Args:
        reference: The model as the user wrote it.
        unsealer: Verifies the signature; nothing when nobody's word counts.

    Returns:
        Digest and manifest, each entry marked as reported, and no statement about any fact. A signature over shards has
        no digests of files: the digest is then the root over the shards, and the manifest is empty.

    Raises:
        UsageError: It names a signature, and nobody is accepted to have made it (code ``model_key``).
        InputError: It is no reference, or the file cannot be read or is no signature (exit 4).
        SignatureError: The signature does not hold, or is malformed; the code names the check (exit 6).
    """
    named = parse_reference(reference) if reference.startswith("sig:") else None
    if not isinstance(named, SignatureReference):
        return None
    if unsealer is None:
        raise UsageError(
            "nobody is named whose signature is to be believed", where=reference,
            hint="name the signer's public key with --model-key PUB, or give a trust file", code="model_key",
        )  # fmt: skip
    source = str(named.path)
    unsealed = unsealer(read_start(named.path, MAX_BUNDLE_BYTES), source)
    said = unsealed.statement
    if said is None:
        failed = next(check for check in unsealed.checks if check.state is State.CONTRADICTED)
        raise SignatureError(f"{failed.id}: {failed.detail}", where=source, code=failed.id)
    entries = _entries(said)
    who = unsealed.signer.identity or f"key {unsealed.signer.keyid[:16]}" if unsealed.signer else "nobody"
    notes = [
        f"What the files hold: the digests are the word of {who}, whose signature holds; no file was read."
    ]
    left_out = sorted(name for name in said.serialization.ignore_paths if not is_ignored(name))
    if left_out:
        shown = ", ".join(repr(name[:150]) for name in left_out[:SHOWN])
        more = f" and {len(left_out) - SHOWN} more" if len(left_out) > SHOWN else ""
        notes.append(f"What lies in {shown}{more}: its signer left it out, so no digest is of it.")
    if not entries:
        notes.append(
            f"Digests of files: the signature lists {said.serialization.method} by {said.serialization.hash_type}, so "
            "the digest is over these, and names no file."
        )
    return Inspection(named.text, digest=digest_of(said), manifest=entries, not_established=tuple(notes))


def need_manifest(found: Inspection) -> Inspection:
    """The model as it is, when it can be compared with another file by file.

    Raises:
        SignatureError: It has a digest over shards alone (code ``no_manifest``).
    """
    if not found.manifest:
        raise SignatureError(
            "the signature does not list whole files by SHA-256, so there is nothing to compare a model's files with",
            where=found.reference, hint="sign the files: weightgate model sign --method files", code="no_manifest",
        )  # fmt: skip
    return found


def need_attestable(decision: Mapping[str, Any]) -> None:
    """Refuse a decision about a model that was named by a signature which lists no files.

    Raises:
        SignatureError: Nobody could ever hold a model's files to it (code ``no_manifest``).
    """
    model = decision["model"]
    if model["reference"].startswith("sig:") and model["digest"] and not decision["inputs"]["manifest"]:
        need_manifest(Inspection(model["reference"], digest=model["digest"]))


def _entries(said: ModelStatement) -> tuple[ManifestEntry, ...]:
    how = said.serialization
    if how.method != FILES or how.hash_type != "sha256":
        return ()
    try:
        names = [normal_name(said.name) if r.name == WHOLE else r.name for r in said.resources]
    except ModelError:
        return ()  # a single file that nobody names
    entries = (
        ManifestEntry(name, r.digest, reported=True) for name, r in zip(names, said.resources, strict=True)
    )
    return tuple(sorted(entries, key=lambda entry: entry.name))
