"""In which form a statement is signed, and what is refused before anything is."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.signing.chains import between, leaf
from weightgate.errors import Exit, UsageError
from weightgate.signing.certificates import der_of
from weightgate.signing.envelope import read_envelope, signers_of
from weightgate.signing.keyless import KeylessSigner
from weightgate.signing.keys import ALGORITHMS, generate
from weightgate.signing.sealing import Sealer

KEYS = [generate(name) for name in ALGORITHMS[:3]]
KEY = KEYS[0]
URL = "http://127.0.0.1:9/"
CHAIN = (der_of(leaf().certificate), der_of(between().certificate))


def test_several_keys_sign_one_plain_envelope() -> None:
    envelope = read_envelope(Sealer(tuple(KEYS)).seal(b"{}"), "a.json")
    public = [key.public for key in KEYS]
    assert signers_of(envelope, public) == tuple(public)


def test_a_bundle_holds_the_same_envelope() -> None:
    bundle, plain = (json.loads(Sealer((KEY,), bundle=wanted).seal(b"{}")) for wanted in (True, False))
    assert bundle["dsseEnvelope"] == plain  # Ed25519 has one signature over one text
    assert bundle["verificationMaterial"]["publicKey"] == {"hint": KEY.keyid}


@pytest.mark.parametrize(
    ("sealer", "batch", "problem", "where"),
    [
        (Sealer(()), False, "no key to sign with", "--key"),
        (Sealer((KEY, KEYS[1], KEY)), False, "one key is named twice", "--key"),
        (Sealer(tuple(KEYS), bundle=True), False, "3 keys for a bundle, which holds one signature", "--key"),
        (Sealer((KEY,), bundle=True), True, "a batch is signed in a plain envelope", "--batch"),
        (Sealer((KeylessSigner(),)), False, "a keyless signature needs a bundle", "--key"),
        (Sealer((KEY,), timestamp_url=URL), False, "no place for a timestamp", "--timestamp-url"),
        (Sealer((KeylessSigner(),), bundle=True, timestamp_url=URL), False, "has its time from", "--timestamp-url"),
        (Sealer((KEY,), certificates=CHAIN), False, "no place for certificates", "--certificate-chain"),
        (Sealer((KEY,), bundle=True, certificates=CHAIN), False, "the first certificate is of", "--certificate-chain"),
        (
            Sealer((leaf().signer,), bundle=True, certificates=CHAIN[::-1]), False, "the first certificate is of",
            "--certificate-chain",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_signed_is_refused_before_anything_is(
    sealer: Sealer, problem: str, where: str, *, batch: bool
) -> None:
    with pytest.raises(UsageError) as caught:
        sealer.check(batch=batch)
    assert (caught.value.exit, caught.value.code, caught.value.where) == (Exit.INPUT, "signers", where)
    assert problem in caught.value.message
    assert caught.value.hint
    if not batch:
        with pytest.raises(UsageError):
            sealer.seal(b"{}")


def test_a_keyless_signer_signs_no_bytes_alone() -> None:
    with pytest.raises(UsageError) as caught:
        KeylessSigner().sign(b"words")
    assert caught.value.code == "needs_bundle"


@pytest.mark.parametrize(
    ("module", "extra", "sealer"),
    [
        ("sigstore.oidc", "sigstore", Sealer((KeylessSigner(),), bundle=True)),
        ("rfc3161_client", "timestamps", Sealer((KEY,), bundle=True, timestamp_url=URL)),
    ],
)
def test_a_missing_extra_names_itself(
    module: str, extra: str, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules: dict[str, Any] = sys.modules
    monkeypatch.setitem(modules, module, None)
    with pytest.raises(UsageError, match=f"needs the extra '{extra}'") as caught:
        sealer.seal(b"{}")
    assert (caught.value.code, caught.value.hint) == ("extra_missing", f"pip install 'weightgate[{extra}]'")
