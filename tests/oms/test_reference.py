from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.oms.samples import ACCEPTED, KEY, NOW, OTHER_KEY, bundle_over, resigned, sign, write_model
from weightgate.errors import Exit, SignatureError, UsageError
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.inspection import Inspection
from weightgate.inspect.manifest import compare, manifest_of_folder, root_digest
from weightgate.oms.reference import need_manifest, signed_model
from weightgate.oms.unsealing import unseal_signature
from weightgate.signing.accepted import Accepted


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "m")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def found(raw: bytes, accepted: Accepted = ACCEPTED) -> Inspection:
    Path("m.sig").write_bytes(raw)
    said = signed_model(
        "sig:m.sig", lambda raw, source: unseal_signature(raw, accepted=accepted, at=NOW, source=source)
    )
    assert said is not None
    return said


def test_a_signature_gives_digest_and_manifest_of_the_model_by_its_signers_word(model: Path) -> None:
    manifest = manifest_of_folder(FolderSource(model))
    said = found(sign(model))
    assert said.reference == "sig:m.sig"
    assert said.digest == root_digest(manifest)
    assert not compare(said.manifest, manifest)
    assert all(entry.reported for entry in said.manifest)
    assert said.statements == ()
    assert f"the word of key {KEY.keyid[:16]}" in said.not_established[0]
    assert need_manifest(said) is said


def test_the_digest_is_the_models_own_in_whatever_order_it_was_listed(model: Path) -> None:
    def turned(statement: dict[str, Any]) -> None:
        resources = statement["predicate"]["resources"]
        resources.reverse()
        digests = b"".join(bytes.fromhex(entry["digest"]) for entry in resources)
        statement["subject"][0]["digest"]["sha256"] = hashlib.sha256(digests).hexdigest()

    assert found(resigned(sign(model), turned)).digest == found(sign(model)).digest


@pytest.mark.parametrize(
    ("raw", "accepted", "code"),
    [
        (b"", Accepted((OTHER_KEY.public,)), "signature"),
        (bundle_over(b"{"), ACCEPTED, "statement"),
        (bundle_over(b"{}"), ACCEPTED, "statement"),
    ],
)
def test_one_that_does_not_hold_is_no_model(raw: bytes, accepted: Accepted, code: str, model: Path) -> None:
    with pytest.raises(SignatureError) as raised:
        found(raw or sign(model), accepted)
    assert (raised.value.code, raised.value.exit, raised.value.where) == (code, Exit.SIGNATURE, "m.sig")


def test_shards_give_a_digest_and_no_manifest(model: Path) -> None:
    said = found(sign(model, shard_size=1000))
    assert said.manifest == ()
    assert said.digest.startswith("sha256:")
    assert said.digest != found(sign(model)).digest
    assert "the signature lists shards by sha256" in said.not_established[1]
    with pytest.raises(SignatureError) as raised:
        need_manifest(said)
    assert raised.value.code == "no_manifest"


def test_what_its_signer_left_out_is_said(model: Path) -> None:
    """Weights may lie there: whoever reads the decision has to know that no digest is of them."""
    said = found(sign(model, ignore=["model-1.bin", "sub"]))
    assert [entry.name for entry in said.manifest] == ["config.json", "model-2.bin"]
    assert "'model-1.bin', 'sub': its signer left it out" in said.not_established[1]

    def many(statement: dict[str, Any]) -> None:
        statement["predicate"]["serialization"]["ignore_paths"] = [f"{n:03}/" for n in range(99)]

    note = found(resigned(sign(model), many)).not_established[1]
    assert "'000/', '001/'" in note
    assert "and 79 more" in note


def test_a_single_file_that_is_not_named_goes_by_the_name_of_the_model(model: Path) -> None:
    def unnamed(statement: dict[str, Any]) -> None:
        statement["predicate"]["resources"][0]["name"] = "."

    raw = sign(model / "config.json")
    assert found(resigned(raw, unnamed)) == found(raw)

    def nameless(statement: dict[str, Any]) -> None:
        unnamed(statement)
        statement["subject"][0]["name"] = "../x"

    assert found(resigned(raw, nameless)).manifest == ()


def test_whose_word_counts_must_be_said() -> None:
    assert signed_model("./m", None) is None
    with pytest.raises(UsageError) as raised:
        signed_model("sig:m.sig", None)
    assert raised.value.code == "model_key"
