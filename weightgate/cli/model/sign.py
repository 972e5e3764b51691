"""``weightgate model sign``: sign a model's files or shards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weightgate.cli.model.options import IGNORE, METHOD, SHARD_SIZE, local, shard_size_of
from weightgate.cli.options import NEEDED_KEY, OUTPUT, option
from weightgate.cli.output import deliver, emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths
from weightgate.cli.progress import progress
from weightgate.cli.text import printable, tell
from weightgate.errors import UsageError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from weightgate.oms.listing import Listed

SIGNED_SCHEMA = "weightgate/model-signed/v1"


@click.command()
@click.argument("model", metavar="MODEL")
@NEEDED_KEY
@option(
    "--certificate-chain", "chain", metavar="FILE", multiple=True,
    help="The key's certificate in PEM, and those that lead on from it; repeatable, in that order.",
)  # fmt: skip
@option("-o", "path", metavar="SIG", required=True, help="Where the signature goes; it may lie in the model.")
@METHOD
@SHARD_SIZE
@IGNORE
@option("--allow-symlinks", is_flag=True, help="Sign what symbolic links lead to, under the links' names.")
@option(
    "--for-model-signing", is_flag=True,
    help="Name shards, and a single file, as model_signing up to 1.1.1 does where that departs from the specification.",
)  # fmt: skip
@OUTPUT
def sign(
    model: str,
    keys: tuple[str, ...],
    chain: tuple[str, ...],
    path: str,
    output: tuple[str, ...],
    **asked: Any,
) -> int:
    """Sign a model: an OpenSSF model signing (OMS) signature over all its files, or over shards of them.

    Left out are .git, .github, .gitattributes, .gitignore and .cache/huggingface at the top of the model, and the signature
    itself; the signature says so.
    """
    outputs = parse_outputs(output)
    folder, target = local(model), Path(path)
    size = shard_size_of(asked["method"], asked["shard_size"])
    from weightgate.cli.secrets import files_of, load_signer
    from weightgate.oms.listing import list_model
    from weightgate.oms.sign import place_in_model, sign_model
    from weightgate.oms.signature import check_leaf

    check_paths([o.path for o in outputs], read=[*files_of(keys), *chain, path], model=model)
    check_paths([target], read=[*files_of(keys), *chain])
    own = place_in_model(target, folder.path)
    signer, certificates = load_signer(_one(keys)), _certificates(chain)
    check_leaf(signer, certificates)
    with progress("hashing") as bar:
        listed = list_model(
            folder.path, reference=folder.text, shard_size=size, ignore=[*asked["ignore"], *([own] if own else [])],
            allow_symlinks=asked["allow_symlinks"], progress=bar,
        )  # fmt: skip
    for note in listed.notes:
        tell(f"warning: {printable(note)}")
    signed = sign_model(
        listed, signer, certificates=certificates, for_model_signing=asked["for_model_signing"]
    )
    deliver(target, signed.bundle)
    data = _data(listed, signed.root, path) | {"keyid": signer.keyid, "algorithm": signer.algorithm}
    said = (
        f"wrote {path}: {data['resources']} {data['method']}, signed by {signer.algorithm} key {signer.keyid}"
    )
    emit(outputs, lambda: data, lambda: [Line(said), Line(f"root digest {data['digest']}")])
    return 0


def _one(keys: tuple[str, ...]) -> str:
    if len(keys) != 1:
        raise UsageError(
            f"{len(keys)} keys, and a model signature holds one",
            where="--key",
            hint="name one",
            code="signers",
        )
    return keys[0]


def _certificates(chain: tuple[str, ...]) -> list[Certificate]:
    from weightgate.files.bounded import read_bytes

    if not chain:
        return []
    from weightgate.signing.certificates import read_certificates

    return [each for file in chain for each in read_certificates(read_bytes(file), file)]


def _data(listed: Listed, root: str, path: str) -> dict[str, Any]:
    how = listed.serialization
    return {
        "schema": SIGNED_SCHEMA,
        "path": path,
        "digest": f"sha256:{root}",
        "method": how.method,
        "shard_size": how.shard_size,
        "resources": len(listed.resources),
        "ignored": list(listed.ignored),
        "warnings": list(listed.notes),
    }
