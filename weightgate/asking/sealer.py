"""Who signs, in whatever form a caller names it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from weightgate.asking.given import file_of

if TYPE_CHECKING:
    from weightgate.signing.keys import Signer
    from weightgate.signing.sealing import Sealer

    KeyLike = Signer | str | os.PathLike[str]


def sealer_of(
    given: KeyLike | Sequence[KeyLike] | Sealer,
    passphrase: bytes | None,
    bundle: bool = False,
    timestamp_url: str = "",
) -> Sealer:
    """Who signs: one or several, each as it is, by its file, or by a URI; or a sealer, which says in which form too.

    Raises:
        WeightgateError: As :func:`weightgate.signing.signers.load_signer`; or it is none of these (code ``bad_type``).
    """
    from weightgate.signing.sealing import Sealer

    if isinstance(given, Sealer):
        return given
    each = given if isinstance(given, Sequence) and not isinstance(given, str | bytes) else [given]
    return Sealer(tuple(_signer_of(key, passphrase) for key in each), bundle, timestamp_url)


def _signer_of(key: KeyLike, passphrase: bytes | None) -> Signer:
    from weightgate.signing.signers import load_signer, scheme_of

    if isinstance(key, str) and scheme_of(key):
        return load_signer(key, passphrase=passphrase)
    if not isinstance(key, str | os.PathLike) and hasattr(key, "sign"):
        return key
    return load_signer(str(file_of(key, "key")), passphrase=passphrase)
