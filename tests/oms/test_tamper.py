from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oms.samples import (
    ACCEPTED,
    KEY,
    NOW,
    OTHER_KEY,
    Changes,
    bundle_over,
    changed,
    failed,
    opened,
    resigned,
    sign,
    verify,
    write_model,
)
from tests.signing.chains import between, leaf, root
from weightgate.errors import Exit, InputError, SignatureError
from weightgate.oms.listing import list_model
from weightgate.oms.sign import sign_model
from weightgate.oms.signature import read_signature
from weightgate.oms.unsealing import unseal_signature
from weightgate.signing.accepted import Accepted
from weightgate.signing.certificates import Authority
from weightgate.signing.keys import ALGORITHMS, ECDSA_P256, ED25519, RSA_PSS, PrivateKey, generate

ONE = {"w": b"weights"}
CERTIFIED = Accepted(authorities=(Authority("ours", (root().certificate,)),))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "m", ONE)


def outcome(raw: bytes, model: Path, accepted: Accepted = ACCEPTED) -> int:
    """The exit code that a command would end with."""
    try:
        return int(verify(raw, model, accepted).exit)
    except InputError as error:
        return int(error.exit)


@pytest.mark.parametrize("certified", [False, True])
def test_no_flipped_byte_passes(certified: bool, model: Path) -> None:
    accepted = CERTIFIED if certified else ACCEPTED
    signer, chain = (leaf().signer, [leaf().certificate, between().certificate]) if certified else (KEY, [])
    raw = sign_model(list_model(model), signer, certificates=chain).bundle
    assert outcome(raw, model, accepted) == 0
    passed = []
    for position in range(len(raw) - 1):  # the last one is a line end
        for flip in (0x01, 0x20, 0x80):
            mutant = raw[:position] + bytes([raw[position] ^ flip]) + raw[position + 1 :]
            if outcome(mutant, model, accepted) == 0:
                passed.append((position, flip))
    # A certificate that only leads on is a hint: a signature holds without it when the verifier has it.
    assert passed == []


@given(at=st.integers(0, 2**31), length=st.integers(1, 400))
def test_no_truncated_or_cut_signature_passes(
    at: int, length: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    model = write_model(tmp_path_factory.mktemp("m"), ONE)
    raw = sign(model)
    at %= len(raw) - 1
    assert outcome(raw[:at], model) in (4, 6)
    assert outcome(raw[:at] + raw[at + length :], model) in (4, 6)


@given(st.binary(max_size=200))
def test_what_is_no_signature_is_an_input_error(raw: bytes) -> None:
    with pytest.raises(InputError) as raised:
        opened(raw)
    assert raised.value.exit is Exit.INPUT


@pytest.mark.parametrize(
    "document",
    [{}, [], None, 1, "x", {"mediaType": "x"}, {"payload": "", "payloadType": "", "signatures": []}],
)
def test_json_that_is_no_bundle(document: object) -> None:
    with pytest.raises(InputError) as raised:
        opened(json.dumps(document).encode())
    assert raised.value.code == "no_signature"


def _set(*path: Any) -> Changes:
    """A change that sets the value at a path."""
    *steps, last, value = path

    def change(bundle: dict[str, Any]) -> None:
        inner: Any = bundle
        for step in steps:
            inner = inner[step]
        inner[last] = value

    return change


PADDED = base64.b64encode(b"x" * 9000).decode()

MALFORMED: dict[str, Changes] = {
    "another media type": _set("mediaType", "application/vnd.dev.sigstore.bundle.v0.4+json"),
    "no envelope": lambda b: b.pop("dsseEnvelope"),
    "an envelope that is none": _set("dsseEnvelope", []),
    "no material": _set("verificationMaterial", {}),
    "material that is none": _set("verificationMaterial", []),
    "two methods": _set("verificationMaterial", "x509CertificateChain", {"certificates": []}),
    "a field that nobody signed": _set("verificationMaterial", "trusted", True),
    "a field of the bundle": _set("note", "x"),
    "no signature": _set("dsseEnvelope", "signatures", []),
    "two signatures": lambda b: b["dsseEnvelope"]["signatures"].append(b["dsseEnvelope"]["signatures"][0]),
    "a million signatures": _set("dsseEnvelope", "signatures", [{"sig": "AAAA"}] * 1_000_000),
    "another payload type": _set("dsseEnvelope", "payloadType", "application/json"),
    "base64 without padding": _set("dsseEnvelope", "payload", "eyJ9"[:3]),
    "a key's bytes that are no base64": _set("verificationMaterial", "publicKey", {"rawBytes": "*"}),
    "key details without end": _set("verificationMaterial", "publicKey", {"keyDetails": "x" * 1000}),
    "key details that are no text": _set("verificationMaterial", "publicKey", {"keyDetails": 1}),
    "a signature without end": _set("dsseEnvelope", "signatures", 0, {"sig": PADDED}),
    "keyless without a log": _set("verificationMaterial", {"certificate": {"rawBytes": PADDED[:400]}}),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_bundles(name: str, model: Path) -> None:
    assert list(failed(verify(changed(sign(model), MALFORMED[name]), model))) == ["bundle"]


def test_duplicate_keys(model: Path) -> None:
    raw = sign(model).decode()
    twice = raw.replace('"mediaType":', '"mediaType":"x","mediaType":', 1)
    assert "is there twice" in failed(verify(twice.encode(), model))["bundle"]
    inner = b'{"_type":"https://in-toto.io/Statement/v1","_type":"https://in-toto.io/Statement/v1"}'
    assert "is there twice" in failed(verify(bundle_over(inner), model))["statement"]


@pytest.mark.parametrize("kind", ALGORITHMS)
@pytest.mark.parametrize("given_kind", [ECDSA_P256, ED25519, RSA_PSS])
def test_a_key_of_another_type(kind: str, given_kind: str, model: Path) -> None:
    raw = bundle_over(_payload(model), generate(kind))
    assert list(failed(verify(raw, model, Accepted((generate(given_kind).public,))))) == ["signature"]


def _payload(model: Path) -> bytes:
    return base64.b64decode(json.loads(sign(model))["dsseEnvelope"]["payload"])


def test_a_key_in_the_bundle_is_never_trusted(model: Path) -> None:
    for inside in (OTHER_KEY.public.pem(), KEY.public.pem()):
        material = {"publicKey": {"rawBytes": base64.b64encode(inside).decode()}}
        forged = bundle_over(_payload(model), OTHER_KEY, material=material)
        assert list(failed(verify(forged, model))) == ["signature"]


def test_a_bundle_that_names_another_key_is_refused_though_the_signature_would_hold(model: Path) -> None:
    other = base64.b64encode(OTHER_KEY.public.pem()).decode()
    for named in ({"hint": OTHER_KEY.keyid}, {"hint": "x"}, {"rawBytes": other}):
        raw = changed(sign(model), _set("verificationMaterial", {"publicKey": named}))
        assert "names another key" in failed(verify(raw, model))["signature"]


def test_the_payload_is_not_read_before_the_signature_holds(model: Path) -> None:
    for payload in (b"{", b"", b"\xff" * 9, b"[" * 100_000):
        assert list(failed(verify(bundle_over(payload, OTHER_KEY), model))) == ["signature"]
        assert list(failed(verify(bundle_over(payload), model))) == ["statement"]


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("statement", _set("_type", "https://in-toto.io/Statement/v0.1")),
        ("statement", _set("subject", [])),
        ("predicate_type", _set("predicateType", "https://slsa.dev/provenance/v1")),
        ("predicate_type", _set("predicateType", "https://model_signing/signature/v1.1")),
        ("predicate", _set("predicate", "resources", [])),
        ("predicate", _set("predicate", "resources", 0, "algorithm", "sha1")),
        ("predicate", _set("predicate", "resources", 0, "algorithm", "blake2b")),
        ("predicate", _set("predicate", "resources", 0, "digest", "ab")),
        ("predicate", _set("predicate", "resources", 0, "digest", "A" * 64)),
        ("predicate", _set("predicate", "resources", 0, "digest", "0x" + "a" * 62)),
        ("predicate", _set("predicate", "resources", 0, "digest", 1)),
        ("predicate", lambda s: s["predicate"]["resources"].append(s["predicate"]["resources"][0])),
        ("predicate", lambda s: s["predicate"].pop("serialization")),
        ("predicate", _set("predicate", "serialization", "method", "tensors")),
        ("predicate", _set("predicate", "serialization", "method", "shards")),
        ("predicate", _set("predicate", "serialization", "shard_size", 10)),
        ("predicate", _set("predicate", "serialization", "hash_type", "md5")),
        ("predicate", _set("predicate", "serialization", "allow_symlinks", "false")),
        ("predicate", _set("predicate", "serialization", "ignore_paths", [1])),
        ("subject", _set("subject", 0, "digest", {"sha256": "0" * 64})),
        ("subject", _set("subject", 0, "digest", {"sha512": "0" * 128})),
        ("subject", lambda s: s["subject"].append(s["subject"][0])),
    ],
)  # fmt: skip
def test_statements_that_are_signed_and_wrong(check: str, change: Changes, model: Path) -> None:
    assert list(failed(verify(resigned(sign(model), change), model))) == [check]


@pytest.mark.parametrize("name", ["../w", "/w", "a/../../w", "..", "w/", "", "a\0b", "\ud800"])
def test_no_name_leads_out_of_the_model(name: str, model: Path) -> None:
    (model.parent / "w").write_bytes(ONE["w"])
    raw = resigned(sign(model), _set("predicate", "resources", 0, "name", name))
    assert list(failed(verify(raw, model))) in (["predicate"], ["statement"])
    sharded = resigned(sign(model, shard_size=10), _set("predicate", "resources", 0, "name", f"{name}:0:7"))
    assert list(failed(verify(sharded, model))) in (["predicate"], ["statement"])


@pytest.mark.parametrize(
    "names",
    [
        ["w:0:3", "w:4:7"], ["w:1:3", "w:3:7"], ["w:0:3", "w:2:7"], ["w:0:4", "w:4:4"], ["w:0:5", "w:5:3"],
        ["w:0:7", "w:0:7"], ["w:0:2", "w:2:7"], ["w:00:4", "w:4:7"], ["w:0:-7", "w:4:7"], ["w:0", "w:4:7"],
        ["w", "x"], ["w:0:4", "w:4:99999999999999999999"], [".:0:4", "w:0:4"], ["w:0:9", "w:9:10"],
    ],
)  # fmt: skip
def test_shards_that_leave_gaps_or_overlap(names: list[str], model: Path) -> None:
    def change(statement: dict[str, Any]) -> None:
        resources = statement["predicate"]["resources"]
        statement["predicate"]["resources"] = [{**resources[0], "name": name} for name in names]

    raw = resigned(sign(model, shard_size=5), change)
    assert list(failed(verify(raw, model))) == ["predicate"]


def test_a_shard_that_goes_beyond_the_file_is_a_difference(model: Path) -> None:
    raw = sign(model, shard_size=5)
    for content in (b"weight", b"weightss", b"weigh", b"", b"weigh\0\0"):
        (model / "w").write_bytes(content)
        assert list(failed(verify(raw, model))) == ["files"]


def test_huge_lists_are_bounded(model: Path) -> None:
    listed = [{"name": f"{n}", "algorithm": "sha256", "digest": "0" * 64} for n in range(200_000)]
    assert list(failed(verify(resigned(sign(model), _set("predicate", "resources", listed)), model))) == [
        "subject"
    ]
    deep: Any = []
    for _ in range(500):
        deep = [deep]
    assert list(failed(verify(resigned(sign(model), _set("predicate", "x", deep)), model))) == ["statement"]


def test_a_signature_that_is_too_large_is_not_read() -> None:
    with pytest.raises(InputError) as raised:
        read_signature(b" " * (64 * 2**20), "model.sig")
    assert raised.value.code == "too_large"


def test_unknown_fields_of_the_predicate_are_ignored(model: Path) -> None:
    def change(statement: dict[str, Any]) -> None:
        statement["predicate"]["license"] = "mit"
        statement["predicate"]["resources"][0]["size"] = 7
        statement["predicate"]["serialization"]["order"] = "any"

    assert verify(resigned(sign(model), change), model).genuine


def test_log_entries_beside_a_key_are_said_not_to_have_been_looked_at(model: Path) -> None:
    raw = changed(sign(model), _set("verificationMaterial", "tlogEntries", [{"logIndex": "1"}]))
    report = verify(raw, model)
    assert report.genuine
    assert [str(c.state) for c in report.checks if c.id == "log"] == ["not_established"]


def test_what_others_wrote_cannot_drive_a_terminal(model: Path) -> None:
    evil = "\x1b[2J\u202e"
    raw = resigned(sign(model), _set("predicateType", evil))
    assert all(check.detail.isprintable() for check in verify(raw, model).checks)
    (model / evil).write_bytes(b"")
    assert all(check.detail.isprintable() for check in verify(sign(write_model(model)), model).checks)


def _expired() -> tuple[PrivateKey, Any]:
    return leaf().signer, [leaf().certificate, between().certificate]


def test_certificates_are_held_to_the_verifiers_clock(model: Path) -> None:
    signer, chain = _expired()
    raw = sign_model(list_model(model), signer, certificates=chain).bundle
    assert unseal_signature(raw, accepted=CERTIFIED, at=NOW, source="s").statement is not None
    late = unseal_signature(raw, accepted=CERTIFIED, at=NOW.replace(year=2027), source="s")
    assert (late.statement, late.checks[-1].id) == (None, "certificate")


def test_certificates_without_number(model: Path) -> None:
    signer, chain = _expired()
    raw = sign_model(list_model(model), signer, certificates=chain * 20).bundle
    with pytest.raises(SignatureError) as raised:
        read_signature(raw, "model.sig")
    assert "needed a list of at most" in raised.value.message
