"""Vectors of others: schemas of OMS bundles, samples for them, and bundles that earlier releases wrote."""

from __future__ import annotations

import base64
import json
import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.oms.samples import (
    NOW,
    changed,
    differing,
    failed,
    opened,
    sign,
    statement_of,
    verify,
    write_model,
)
from tests.signing.chains import between, leaf
from weightgate.errors import InputError, SignatureError
from weightgate.oms.listing import list_model
from weightgate.oms.sign import sign_model
from weightgate.oms.signature import read_signature
from weightgate.signing.accepted import Accepted
from weightgate.signing.certificates import Authority, read_certificates
from weightgate.signing.keys import load_public

FOLDER = Path(os.environ.get("WEIGHTGATE_VECTORS") or Path(__file__).parents[3] / "shared" / "vectors", "oms")
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"NO VECTORS: {FOLDER} is not there; name theirs with WEIGHTGATE_VECTORS"
)

HISTORICAL = sorted(path.parent.name for path in FOLDER.glob("historical/*/config.json"))


@cache
def _registry() -> Registry[Any]:
    schemas = [json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("schemas/*.json")]
    return Registry().with_resources((each["$id"], Resource.from_contents(each)) for each in schemas)


def misfits(layer: str, document: object) -> list[str]:
    """Where a document departs from the schema of a layer."""
    schema = _registry().contents(f"https://model_signing/{layer}/v1.0/schema")
    return [
        error.message for error in Draft202012Validator(schema, registry=_registry()).iter_errors(document)
    ]


def test_the_vectors_are_all_there() -> None:
    assert len(HISTORICAL) >= 4
    assert len(list(FOLDER.glob("schemas/*.json"))) == 4


@pytest.mark.parametrize("shard_size", [None, 700])
@pytest.mark.parametrize("certified", [False, True])
def test_ours_fits_the_schemas(shard_size: int | None, certified: bool, tmp_path: Path) -> None:
    model = write_model(tmp_path / "m")
    raw = sign(model, shard_size=shard_size, ignore=["runs"])
    if certified:
        chain = [leaf().certificate, between().certificate]
        raw = sign_model(list_model(model, shard_size=shard_size), leaf().signer, certificates=chain).bundle
    assert misfits("bundle", json.loads(raw)) == []
    assert misfits("statement", statement_of(raw)) == []
    assert misfits("bundle", changed_media(raw)) != []


def changed_media(raw: bytes) -> object:
    """A bundle that no schema fits, so that the schemas are seen to be used."""
    return json.loads(changed(raw, lambda bundle: bundle.pop("dsseEnvelope")))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("valid/*.json")), ids=lambda path: path.stem)
def test_valid_bundles_are_read(path: Path) -> None:
    raw = path.read_bytes()
    assert misfits("bundle", json.loads(raw)) == []
    found = read_signature(raw, path.name)
    assert bool(found.material.log_entries) == path.stem.startswith("sigstore")
    assert bool(found.material.certificates) != path.stem.startswith("key")
    # Nobody's key is at hand: the signature is looked at, and does not hold.
    report = opened(raw, Accepted((load_public(_key()),)))
    assert (report.checks[0].id, str(report.checks[0].state)) == ("bundle", "established")
    assert misfits("statement", json.loads(found.envelope.payload)) == []


@pytest.mark.parametrize("path", sorted(FOLDER.glob("invalid/*.json")), ids=lambda path: path.stem)
def test_invalid_bundles_are_refused(path: Path) -> None:
    with pytest.raises((InputError, SignatureError)):
        read_signature(path.read_bytes(), path.name)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("invalid-payload/*.json")), ids=lambda path: path.stem)
def test_invalid_payloads_are_refused(path: Path, tmp_path: Path) -> None:
    from tests.oms.samples import bundle_over

    payload = base64.b64decode(json.loads(path.read_bytes())["dsseEnvelope"]["payload"])
    (tmp_path / "w").write_bytes(b"")
    assert list(failed(verify(bundle_over(payload), tmp_path))) == ["predicate_type"]


def _key() -> Path:
    return FOLDER / "historical" / "keys" / "certificate" / "signing-key-pub.pem"


def _accepted(config: dict[str, Any]) -> Accepted:
    """Whom a vector says to accept."""
    home, how = FOLDER / "historical", config["verify"]
    if config["method"] == "key":
        return Accepted((load_public(home / how["public_key"]),))
    raw = b"".join((home / path).read_bytes() for path in how["cert_chain"])
    return Accepted(authorities=(Authority("theirs", read_certificates(raw, "cert_chain")),))


@pytest.mark.parametrize("name", HISTORICAL)
def test_historical_bundles_verify_for_ever(name: str, tmp_path: Path) -> None:
    folder = FOLDER / "historical" / name
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    raw = (folder / "bundle.sig").read_bytes()
    accepted = _accepted(config)
    report = verify(raw, folder / config["model"], accepted)
    assert failed(report) == {}
    assert report.statement is not None
    assert sorted(report.statement.names) == sorted(config["expected_signed_files"])
    copy = tmp_path / "model"
    source = folder / config["model"]
    _ = shutil.copytree(source, copy) if source.is_dir() else shutil.copyfile(source, copy)
    for path in [copy] if copy.is_file() else copy.iterdir():
        path.chmod(0o644)
        content = path.read_bytes()
        path.write_bytes(content + b".")
        assert [problem for _, problem in differing(verify(raw, copy, accepted))] == ["changed"]
        path.write_bytes(content)
    assert verify(raw, copy, accepted).genuine


@pytest.mark.parametrize("name", [name for name in HISTORICAL if "certificate" in name])
def test_historical_certificates_need_their_authority(name: str) -> None:
    raw = (FOLDER / "historical" / name / "bundle.sig").read_bytes()
    middle = (FOLDER / "historical" / "keys" / "certificate" / "int-ca-cert.pem").read_bytes()
    # The chain from the bundle is only a hint; one between may be what the verifier trusts.
    trusted = Accepted(authorities=(Authority("theirs", read_certificates(middle, "int")),))
    assert opened(raw, trusted).statement is not None
    assert opened(raw, trusted, at=NOW.replace(year=2040)).checks[-1].id == "certificate"
    ours = Accepted(authorities=(Authority("ours", (between().certificate,)),))
    assert opened(raw, ours).checks[-1].id == "certificate"
