"""``sig:FILE`` as a model: a verified signature that gives digest and manifest without the weights."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weightgate.errors import InputError, ModelError, SignatureError, UsageError
from weightgate.inspect.inspection import Inspection, ManifestEntry
from weightgate.inspect.manifest import root_digest
from weightgate.inspect.manifest_names import normal_name
from weightgate.inspect.reference import SignatureReference, parse_reference
from weightgate.oms.opening import open_signature
from weightgate.oms.resources import FILES, WHOLE
from weightgate.oms.statement import ModelStatement
from weightgate.signing.bundle import MAX_BUNDLE_BYTES

if TYPE_CHECKING:
    from weightgate.signing.accepted import Accepted


def signed_model(reference: str, accepted: Accepted, *, at: datetime) -> Inspection | None:
    """The model that a signature is about, by its signer's word; nothing when the reference names no signature.

    Args:
        reference: The model as the user wrote it.
        accepted: Whose word counts.
        at: The asker's clock, with its offset.

    Returns:
        Digest and manifest, each entry marked as reported, and no statement about any fact. A signature over shards has
        no digests of files: the digest is then the root over the shards, and the manifest is empty.

    Raises:
        UsageError: It names a signature, and nobody is accepted to have made it; or it does not, and somebody is (code
            ``model_key``).
        InputError: It is no reference, or the file cannot be read or is no signature (exit 4).
        SignatureError: The signature does not hold, or is malformed; the code names the check (exit 6).
    """
    named = parse_reference(reference) if reference.startswith("sig:") else None
    if not isinstance(named, SignatureReference):
        if accepted:
            raise UsageError(
                f"{reference!r} is no signature", where="--model-key",
                hint="it is for MODEL sig:FILE alone; leave it out", code="model_key",
            )  # fmt: skip
        return None
    if not accepted:
        raise UsageError(
            "nobody is named whose signature is to be believed", where=reference,
            hint="name the signer's public key with --model-key PUB", code="model_key",
        )  # fmt: skip
    source = str(named.path)
    opened = open_signature(_read(named.path), accepted=accepted, at=at, source=source)
    said = opened.statement
    if said is None:
        failed = opened.checks[-1]
        raise SignatureError(f"{failed.id}: {failed.detail}", where=source, code=failed.id)
    entries = _entries(said)
    who = opened.signer.identity or f"key {opened.signer.keyid[:16]}" if opened.signer else "nobody"
    notes = [
        f"What the files hold: the digests are the word of {who}, whose signature holds; no file was read."
    ]
    if not entries:
        notes.append(
            f"Digests of files: the signature lists {said.serialization.method} by {said.serialization.hash_type}, so "
            "the digest is over these, and names no file."
        )
    digest = root_digest(entries) if entries else f"sha256:{said.root}"
    return Inspection(named.text, digest=digest, manifest=entries, not_established=tuple(notes))


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


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BUNDLE_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"cannot read: {error.strerror or error}", where=str(path), code="unreadable"
        ) from None


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
