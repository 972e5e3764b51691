from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.oms.old_forms import by_certificate, by_key, digests_statement, old_encoding
from tests.oms.samples import (
    KEY,
    OTHER_KEY,
    bundle_over,
    differing,
    failed,
    opened,
    resigned,
    sign,
    verify,
    write_model,
)
from tests.signing.chains import LEAF, between, certify, root
from weightgate.errors import UsageError
from weightgate.oms.signature import old_pae
from weightgate.signing.accepted import Accepted
from weightgate.signing.certificates import Authority
from weightgate.signing.envelope import PAYLOAD_TYPE, pae

FILES = {"b": b"1", "a": b"2", "sub/c": b"3"}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "m", FILES)


def test_version_0_2_with_a_key(model: Path) -> None:
    report = verify(by_key(FILES), model)
    assert report.genuine
    assert [str(c.state) for c in report.checks if c.id == "subject"] == ["not_established"]
    (model / "a").write_bytes(b"3")
    (model / "d").write_bytes(b"")
    (model / "b").unlink()
    assert differing(verify(by_key(FILES), model)) == [("b", "missing"), ("a", "changed"), ("d", "unsigned")]
    assert list(failed(verify(by_key(FILES, OTHER_KEY), model))) == ["signature"]


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_version_0_2_with_a_certificate(curve: ec.EllipticCurve, model: Path) -> None:
    signer = certify("signer", between(), LEAF, key=ec.generate_private_key(curve))
    raw = by_certificate(FILES, signer, between())
    trusted = Accepted(authorities=(Authority("ours", (root().certificate,)),))
    assert verify(raw, model, trusted).genuine
    other = certify("signer", between(), LEAF, key=ec.generate_private_key(curve))
    forged = json.loads(raw)
    forged["verificationMaterial"] = json.loads(by_certificate(FILES, other, between()))[
        "verificationMaterial"
    ]
    assert list(failed(verify(json.dumps(forged).encode(), model, trusted))) == ["signature"]


def test_the_old_encoding_is_for_the_old_statements_alone(model: Path) -> None:
    payload = base64.b64decode(json.loads(sign(model))["dsseEnvelope"]["payload"])
    assert old_pae(payload) == old_encoding(payload)
    raw = bundle_over(payload, sign=lambda data: KEY.sign(old_encoding(data)))
    assert "which never signed" in failed(verify(raw, model))["predicate_type"]
    assert verify(bundle_over(digests_statement(FILES)), model).genuine


def test_the_old_encoding_hides_no_other_payload() -> None:
    for one, other in ((b"'", b"\\'"), (b"\\", b"\\\\"), (b"\n", b"\\n"), (b'"', b"'")):
        assert old_pae(one) != old_pae(other)
    assert not old_pae(b"{}").startswith(pae(PAYLOAD_TYPE, b"{}")[:6])


@pytest.mark.parametrize(
    "keyid", [..., None, "", KEY.keyid, "whatever"], ids=["absent", "null", "empty", "its own", "another"]
)
def test_a_keyid_means_nothing(keyid: object, model: Path) -> None:
    payload = base64.b64decode(json.loads(sign(model))["dsseEnvelope"]["payload"])
    assert verify(bundle_over(payload, keyid=keyid), model).genuine


@pytest.mark.parametrize(
    "extra",
    [
        {"hint": ""}, {"hint": None}, {},
        {"rawBytes": base64.b64encode(KEY.public.pem()).decode()},
        {"rawBytes": base64.b64encode(KEY.public.pem()).decode(), "keyDetails": "PKIX_ECDSA_P256_SHA_256"},
        {"hint": KEY.keyid},
    ],
)  # fmt: skip
@pytest.mark.parametrize("log", [{}, {"tlogEntries": []}, {"tlogEntries": None}])
def test_every_way_of_naming_the_key(extra: dict[str, Any], log: dict[str, Any], model: Path) -> None:
    if extra.get("hint", "") is None:
        extra = {}
    payload = base64.b64decode(json.loads(sign(model))["dsseEnvelope"]["payload"])
    assert verify(bundle_over(payload, material={"publicKey": extra, **log}), model).genuine


def test_a_single_file_without_a_name(tmp_path: Path) -> None:
    model = write_model(tmp_path / "m", {"w.bin": b"weights"})

    def unnamed(statement: dict[str, Any]) -> None:
        entry = statement["predicate"]["resources"][0]
        entry["name"] = entry["name"].replace("w.bin", ".")

    for size in (None, 100):
        raw = resigned(sign(model / "w.bin", shard_size=size), unnamed)
        assert verify(raw, model / "w.bin").genuine
        (model / "other").write_bytes(b"weights")
        assert verify(raw, model / "other").genuine
        (model / "other").write_bytes(b"weightz")
        assert [problem for _, problem in differing(verify(raw, model / "other"))] == ["changed"]
        (model / "other").unlink()
        assert "a folder, and the signature is of a single file" in failed(verify(raw, model))["files"]


def test_ignore_paths_may_be_missing_or_lie_elsewhere(model: Path) -> None:
    def without(statement: dict[str, Any]) -> None:
        del statement["predicate"]["serialization"]["ignore_paths"]

    write_model(model, {".git/HEAD": b"x", ".gitignore": b"x"})
    assert verify(resigned(sign(model), without), model).genuine

    def odd(statement: dict[str, Any]) -> None:
        statement["predicate"]["serialization"]["ignore_paths"] = ["/", "..", "../m", ".", "/abs", "extra/"]

    write_model(model, {"extra/x": b"x"})
    raw = resigned(sign(model, ignore=["extra"]), odd)
    assert verify(raw, model).genuine
    write_model(model, {"more": b"x"})
    assert differing(verify(raw, model)) == [("more", "unsigned")]


def test_resources_in_another_order(model: Path) -> None:
    """``model_signing`` sorts by the parts of a path, not by its characters."""
    write_model(model, {"sub-x": b"4"})

    def by_parts(statement: dict[str, Any]) -> None:
        resources = statement["predicate"]["resources"]
        before = [entry["name"] for entry in resources]
        resources.sort(key=lambda entry: entry["name"].split("/"))
        assert [entry["name"] for entry in resources] != before
        root_hex = _root(resources)
        statement["subject"][0]["digest"]["sha256"] = root_hex

    assert verify(resigned(sign(model), by_parts), model).genuine


def _root(resources: list[dict[str, str]]) -> str:
    import hashlib

    return hashlib.sha256(b"".join(bytes.fromhex(entry["digest"]) for entry in resources)).hexdigest()


def test_shards_whose_hash_is_named_after_their_size(model: Path) -> None:
    def mangled(statement: dict[str, Any]) -> None:
        statement["predicate"]["serialization"]["shard_size"] = 10.0
        for entry in statement["predicate"]["resources"]:
            entry["algorithm"] = "sha256-sharded-10"

    assert verify(resigned(sign(model, shard_size=10), mangled), model).genuine
    assert list(failed(verify(resigned(sign(model, shard_size=11), mangled), model))) == []

    def of_files(statement: dict[str, Any]) -> None:
        statement["predicate"]["resources"][0]["algorithm"] = "sha256-sharded-None"

    assert list(failed(verify(resigned(sign(model), of_files), model))) == ["predicate"]


def test_blake2b(model: Path) -> None:
    import hashlib

    def rehashed(statement: dict[str, Any]) -> None:
        statement["predicate"]["serialization"]["hash_type"] = "blake2b"
        for entry in statement["predicate"]["resources"]:
            entry |= {"algorithm": "blake2b", "digest": hashlib.blake2b(FILES[entry["name"]]).hexdigest()}
        statement["subject"][0]["digest"]["sha256"] = _root(statement["predicate"]["resources"])

    raw = resigned(sign(model), rehashed)
    assert verify(raw, model).genuine
    (model / "a").write_bytes(b"")
    assert differing(verify(raw, model)) == [("a", "changed")]


def test_blake3_without_its_package_is_said(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def renamed(statement: dict[str, Any]) -> None:
        statement["predicate"]["serialization"]["hash_type"] = "blake3"
        for entry in statement["predicate"]["resources"]:
            entry["algorithm"] = "blake3"

    # None in the table of modules is how Python itself marks one that cannot be imported.
    monkeypatch.setitem(sys.modules, "blake3", None)
    with pytest.raises(UsageError) as raised:
        verify(resigned(sign(model), renamed), model)
    assert (raised.value.code, raised.value.hint) == ("extra_missing", "pip install blake3")


def test_signatures_as_raw_numbers(model: Path) -> None:
    payload = base64.b64decode(json.loads(sign(model))["dsseEnvelope"]["payload"])

    def raw_form(data: bytes) -> bytes:
        r, s = decode_dss_signature(KEY.sign(pae(PAYLOAD_TYPE, data)))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    assert opened(bundle_over(payload, sign=raw_form)).statement is not None
