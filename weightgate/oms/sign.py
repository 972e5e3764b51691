"""Sign what was listed of a model, and find out where the signature may lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from weightgate.errors import UsageError
from weightgate.files.json import parse_json
from weightgate.oms.listing import Listed
from weightgate.oms.resources import WHOLE, Resource, mangled, root_of
from weightgate.oms.signature import write_signature
from weightgate.oms.statement import write_statement
from weightgate.records import record
from weightgate.signing.keyless import KeylessSigner

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from weightgate.signing.keys import Signer

MAX_OLD_SIGNATURE = 64 * 1024 * 1024


@record
class SignedModel:
    """A signature over a model.

    Attributes:
        bundle: The signature file's bytes.
        root: The root digest in hex.
    """

    bundle: bytes
    root: str


def sign_model(
    listed: Listed,
    signer: Signer | KeylessSigner,
    *,
    certificates: Sequence[Certificate] = (),
    for_model_signing: bool = False,
) -> SignedModel:
    """Sign a model.

    Args:
        listed: What :func:`~weightgate.oms.listing.list_model` found.
        signer: The key; or an identity, which has no certificate but the one that Sigstore makes for it.
        certificates: The key's own certificate first, then what leads on from it.
        for_model_signing: Whether to name shards and a single file as ``model_signing`` up to 1.1.1 expects it, where
            that departs from the specification.

    Raises:
        InputError: See :func:`~weightgate.oms.signature.write_signature`.
    """
    resources, algorithm = listed.resources, ""
    if for_model_signing:
        resources, algorithm = _as_model_signing(listed)
    payload = write_statement(listed.name, resources, listed.serialization, algorithm=algorithm)
    root = root_of(sorted(resources, key=lambda each: each.key))
    if isinstance(signer, KeylessSigner):
        return SignedModel(signer.seal_bundle(payload), root)
    return SignedModel(write_signature(payload, signer, certificates), root)


def place_in_model(signature: Path, model: Path) -> str | None:
    """The name of the signature file in the model; nothing when it lies elsewhere.

    Raises:
        UsageError: It would replace the model, or a file of it that is no signature (code ``output_inside_model``).
    """
    from weightgate.files.output import refuse_inside

    target, root = signature.parent.resolve() / signature.name, model.resolve()
    if model.is_dir() and target.is_relative_to(root) and target != root and not signature.is_symlink():
        if target.exists() and not _is_signature(target):
            raise UsageError(
                "a file of the model lies there, which is no signature",
                where=str(signature),
                hint="write the signature to another name, such as model.sig",
                code="output_inside_model",
            )
        return target.relative_to(root).as_posix()
    refuse_inside(signature, model)
    return None


def _is_signature(path: Path) -> bool:
    from weightgate.errors import WeightgateError
    from weightgate.signing.bundle import is_bundle

    try:
        with path.open("rb") as file:
            raw = file.read(MAX_OLD_SIGNATURE + 1)
        return is_bundle(parse_json(raw, str(path)))
    except (OSError, WeightgateError):
        return False


def _as_model_signing(listed: Listed) -> tuple[tuple[Resource, ...], str]:
    how, resources = listed.serialization, listed.resources
    if listed.single:
        resources = tuple(replace(each, name=WHOLE) for each in resources)
    return resources, "" if how.shard_size is None else mangled(how.hash_type, how.shard_size)
