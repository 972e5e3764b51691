"""``sig:FILE`` as a model: a verified signature that gives digest and manifest without the weights."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from weightgate.errors import ModelError, SignatureError, UsageError
from weightgate.inspect.inspection import Inspection, ManifestEntry
from weightgate.inspect.manifest import root_digest
from weightgate.inspect.manifest_names import normal_name
from weightgate.inspect.reference import SignatureReference, parse_reference
from weightgate.oms.opening import open_signature
from weightgate.oms.resources import FILES, WHOLE
from weightgate.oms.statement import ModelStatement

if TYPE_CHECKING:
    from weightgate.signing.accepted import Accepted


def signature_reference(reference: str, accepted: Accepted) -> SignatureReference | None:
    """The signature that a reference names; nothing when it names a model.

    Raises:
        UsageError: It names one, and nobody is accepted to have signed it; or it does not, and somebody is (code
            ``model_key``).
        InputError: It is no reference.
    """
    if not reference.startswith("sig:"):
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
    named = parse_reference(reference)
    return named if isinstance(named, SignatureReference) else None


def signed_model(named: SignatureReference, raw: bytes, *, accepted: Accepted, at: datetime) -> Inspection:
    """The model that a signature is about, by its signer's word.

    Args:
        named: The signature.
        raw: Its bytes.
        accepted: Whose word counts.
        at: The asker's clock, with its offset.

    Returns:
        Digest and manifest, each entry marked as reported, and no statement about any fact. A signature over shards has
        no digests of files: the digest is then the root over the shards, and the manifest is empty.

    Raises:
        InputError: It is no signature file at all (exit 4).
        SignatureError: The signature does not hold, or is malformed; the code names the check (exit 6).
    """
    source = str(named.path)
    opened = open_signature(raw, accepted=accepted, at=at, source=source)
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
