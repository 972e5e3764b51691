"""Whose signature of a pack counts, and what a trust file can demand of packs."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import weightgate
from tests.api.samples import CLOSED, JAPANESE, write_model
from tests.attest.trust.samples import KEYS, NOW, STRANGER, at, document, key_of, successor, text
from tests.policy.samples import PLAIN
from weightgate.attest.signed_packs import (
    MAX_BYTES,
    PREDICATE_TYPE,
    demand,
    pack_signed,
    read,
    sign_pack,
    signed_for,
)
from weightgate.attest.statements.attested import read_predicate
from weightgate.attest.trust import Answer, Trust, parse_trust
from weightgate.errors import Exit, InputError, SignatureError
from weightgate.policy.header import header_of
from weightgate.policy.source import PackSource
from weightgate.signing.bundle import Material, write_bundle
from weightgate.signing.envelope import seal
from weightgate.signing.keys import PrivateKey
from weightgate.signing.sealing import Sealer
from weightgate.signing.statement import InTotoStatement, Subject, parse_statement

COUNSEL = KEYS["release"]
PACK = PackSource("p/pack.yaml", "p/pack.yaml", PLAIN.encode())
OTHER = PackSource("q/pack.yaml", "q/pack.yaml", PLAIN.replace("A sample", "Another").encode())
ARCHIVE = "sha256:" + "ef" * 32
NAME, VERSION = header_of(PACK)


def signature(key: PrivateKey = COUNSEL, pack: PackSource = PACK, now: Any = NOW) -> bytes:
    return sign_pack(pack, Sealer((key,)), archive=ARCHIVE, now=now)


def trust(*grants: dict[str, Any], rule: dict[str, Any] | None = None, **changes: Any) -> Trust:
    """A trust file under which counsel may sign packs, and this one must be signed."""
    data = document(
        sign_packs=[{"identities": ["release"], **grant} for grant in grants or ({},)],
        packs={NAME: {"signed": True} if rule is None else rule},
        **changes,
    )
    return parse_trust(text(data), "trust.yaml")


def answer(*signatures: bytes, by: Trust | None = None, pack: PackSource = PACK, now: Any = NOW) -> Answer:
    return signed_for(replace(pack, signatures=signatures), by or trust(), now=now)


def test_a_pack_states_its_name_and_version() -> None:
    assert (NAME, VERSION) == ("sample", "1.0.0")
    for strange in (b"", b"[]", b"name: 1\nversion: []\n", b"\xff", b"a: [", b"a: &a 1"):
        assert header_of(PackSource("x", "x", strange)) == ("", "")
        with pytest.raises(InputError) as caught:
            sign_pack(PackSource("x", "x", strange), Sealer((COUNSEL,)), archive=ARCHIVE, now=NOW)
        assert caught.value.code == "bad_pack"


def test_the_statement_is_as_the_specification_has_it() -> None:
    statement = json.loads(base64.b64decode(json.loads(signature())["payload"]))
    assert statement == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "pack.yaml", "digest": {"sha256": PACK.digest.removeprefix("sha256:")}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "name": NAME, "version": VERSION, "archive": ARCHIVE, "createdOn": "2026-03-14T09:30:00Z",
        },
    }  # fmt: skip


def test_a_signature_is_of_the_pack_wherever_it_lies() -> None:
    found = read(signature(), "p.sig", trust(), now=NOW)
    assert (found.digest, found.name, found.version, found.archive) == (PACK.digest, NAME, VERSION, ARCHIVE)
    moved = replace(PACK, name="elsewhere", locator="shipped:elsewhere")
    assert answer(signature(), pack=moved).granted
    assert signed_for(moved, trust(), now=NOW, more=[signature()]).granted
    assert pack_signed(trust(), now=NOW)(replace(moved, signatures=(signature(),)))
    assert not pack_signed(trust(), now=NOW)(moved)


REFUSED: dict[str, tuple[Callable[[], Answer], str]] = {
    "no signature": (answer, "no signature of it was given"),
    "a stranger's": (lambda: answer(signature(STRANGER)), "nobody whom the trust file names"),
    "another pack's": (lambda: answer(signature(pack=OTHER)), f"about {NAME} {VERSION} {OTHER.digest}"),
    "somebody else's": (lambda: answer(signature(KEYS["bot"])), "nobody who signed it is named under sign_packs"),
    "for other packs": (lambda: answer(signature(), by=trust({"packs": ["us-ny-raise"]})), "packs are us-ny-raise"),
    "too early": (lambda: answer(signature(), by=trust({"from": "2026-03-15"})), "it holds from 2026-03-15"),
    "too late": (lambda: answer(signature(), by=trust({"until": "2026-03-14"}), now=at("2026-03-15")), "signed on 2026-03-15"),
    "one of two": (lambda: answer(signature(), by=trust({"identities": ["release", "bot"], "threshold": 2})), "it takes 2"),
    "no envelope": (lambda: answer(b"signed"), "not JSON"),
    "too large": (lambda: answer(b" " * (MAX_BYTES + 1)), "a signature of more than"),
    "from the future": (lambda: answer(signature(now=NOW + timedelta(hours=1))), "ahead"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_signature_that_counts(name: str) -> None:
    ask, because = REFUSED[name]
    found = ask()
    assert (found.granted, because in found.because) == (False, True), found.because


def test_one_good_signature_among_others_will_do() -> None:
    assert answer(b"", signature(STRANGER), signature(pack=OTHER), signature()).granted
    assert answer(write_bundle(signature(), Material(hint=COUNSEL.keyid))).granted
    assert not answer(*[b"x"] * 16, signature()).granted


def test_a_successor_signs_in_the_old_key_s_place() -> None:
    heirs = {"release": key_of("release"), "release-2": successor("release-2", "release", "2026-04-01")}
    by = trust(identities=heirs, root=None, decide=None)
    assert answer(signature(), by=by).granted
    assert not answer(signature(), by=by, now=at("2026-04-01")).granted
    assert answer(signature(KEYS["release-2"], now=at("2026-04-01")), by=by, now=at("2026-04-02")).granted


def resigned(change: Callable[[dict[str, Any]], object]) -> bytes:
    statement = json.loads(base64.b64decode(json.loads(signature())["payload"]))
    change(statement)
    return seal(json.dumps(statement).encode(), COUNSEL)


MALFORMED: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a declaration": (lambda s: s.update(predicateType="https://weightgate.dev/declaration/v1"), "predicate_type"),
    "two subjects": (lambda s: s["subject"].append(s["subject"][0]), "statement"),
    "no digest": (lambda s: s["subject"][0].update(digest={"sha512": "ab"}), "statement"),
    "a short digest": (lambda s: s["subject"][0].update(digest={"sha256": "ab"}), "predicate"),
    "no name": (lambda s: s["predicate"].pop("name"), "predicate"),
    "a version that is a number": (lambda s: s["predicate"].update(version=1), "predicate"),
    "no archive": (lambda s: s["predicate"].update(archive="x"), "predicate"),
    "no time": (lambda s: s["predicate"].update(createdOn="now"), "predicate"),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_signature_is_refused(name: str) -> None:
    change, code = MALFORMED[name]
    with pytest.raises(SignatureError) as caught:
        read(resigned(change), "p.sig", trust(), now=NOW)
    assert (caught.value.exit, caught.value.code) == (Exit.SIGNATURE, code)
    assert not answer(resigned(change)).granted


@pytest.mark.parametrize("field", ["name", "version"])
def test_a_signature_under_another_name_or_version_does_not_count(field: str) -> None:
    found = answer(resigned(lambda s: s["predicate"].update({field: "9.9.9"})))
    assert (found.granted, "9.9.9" in found.because) == (False, True)


@given(index=st.integers(0, len(signature()) - 2), mask=st.integers(1, 255))
def test_no_changed_byte_counts(index: int, mask: int) -> None:
    raw = bytearray(signature())
    raw[index] ^= mask
    assert not answer(bytes(raw)).granted


# --- what a trust file demands ---


def demanded(pack: PackSource, **rule: Any) -> str:
    """Why a pack is refused under a rule."""
    with pytest.raises(SignatureError) as caught:
        demand([pack], trust(rule=rule), now=NOW)
    error = caught.value
    assert (error.code, error.exit, error.where) == ("pack_rules", Exit.SIGNATURE, pack.locator)
    assert error.hint == f"trust.yaml demands it, under packs.{NAME}"
    return error.message


def test_a_rule_is_kept_whole() -> None:
    signed = replace(PACK, signatures=(signature(),))
    assert demanded(PACK, signed=True).endswith(": no signature of it was given")
    assert OTHER.digest in demanded(signed, signed=True, digests=[OTHER.digest])
    assert "needed 1.0.1 or later" in demanded(signed, signed=True, minimum_version="1.0.1")
    demand([signed], trust(rule={"signed": True, "digests": [PACK.digest]}), now=NOW)
    demand([PACK], trust(rule={"signed": False}), now=NOW)


def test_packs_of_other_names_are_not_meant() -> None:
    other = PackSource("x", "x", PLAIN.replace("name: sample", "name: other").encode())
    demand([other], trust(), now=NOW)


# --- in decisions and attestations ---


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "m")


@pytest.fixture
def pack_file(tmp_path: Path) -> Path:
    path = tmp_path / "p" / "pack.yaml"
    path.parent.mkdir()
    path.write_bytes(PACK.text)
    return path


def check(model: Path, pack: Path, by: Trust | None, **more: Any) -> weightgate.Decision:
    return weightgate.check(model, "DE", facts=CLOSED, operator=JAPANESE, policy=pack, trust=by, **more)


def test_check_wants_the_signature_that_the_trust_file_wants(
    model: Path, pack_file: Path, tmp_path: Path
) -> None:
    by = trust(expires="9000-01-01")
    with pytest.raises(SignatureError) as caught:
        check(model, pack_file, by)
    assert (caught.value.code, caught.value.where) == ("pack_rules", str(pack_file))
    check(model, pack_file, None)
    beside, elsewhere = pack_file.with_name("pack.yaml.sig"), tmp_path / "sig"
    elsewhere.write_bytes(signature())
    check(model, pack_file, by, pack_signatures=[elsewhere])
    beside.write_bytes(signature())
    check(model, pack_file, by)
    pack_file.write_bytes(OTHER.text)
    with pytest.raises(SignatureError):
        check(model, pack_file, by)


def test_the_gate_wants_it_too(model: Path, pack_file: Path) -> None:
    def body() -> None:
        with weightgate.gate(
            model, "DE", facts=CLOSED, operator=JAPANESE, policy=pack_file, trust=trust(expires="9000-01-01")
        ):
            raise AssertionError("the body ran")

    with pytest.raises(SignatureError) as caught:
        body()
    assert caught.value.code == "pack_rules"


def test_a_signature_travels_in_the_attestation(model: Path, pack_file: Path) -> None:
    plain = check(model, pack_file, None)
    pack_file.with_name("pack.yaml.sig").write_bytes(signature())
    for decision in (check(model, pack_file, None), plain.to_json()):
        raw = weightgate.attest(decision, STRANGER)
        assert weightgate.verify(raw, STRANGER.public, model=model, replay=True, policy=pack_file).genuine
        inside = read_predicate(statement_of(raw)).packs
        assert inside[0].signatures == (signature(),)
        assert pack_signed(trust(), now=NOW)(inside[0])
    pack_file.with_name("pack.yaml.sig").write_bytes(b"\xff\xfe not ours")
    statement = statement_of(weightgate.attest(plain, STRANGER))
    assert "signatures" not in statement.predicate["packs"][0]
    assert isinstance(statement.subjects[0], Subject)


def statement_of(raw: bytes) -> InTotoStatement:
    return parse_statement(base64.b64decode(json.loads(raw)["payload"]), "a.json")


def test_verify_wants_the_signature_that_its_trust_file_wants(
    model: Path, pack_file: Path, tmp_path: Path
) -> None:
    path, given = tmp_path / "trust.yaml", tmp_path / "given.sig"
    path.write_bytes(
        text(document(sign_packs=[{"identities": ["release"]}], packs={NAME: {"signed": True}},
                      decide=[{"identities": ["bot"]}], expires="9000-01-01"))
    )  # fmt: skip
    given.write_bytes(signature())
    raw = weightgate.attest(check(model, pack_file, None), KEYS["bot"])
    bare = weightgate.verify(raw, trust=path)
    assert [check_.id for check_ in bare.refused_for] == ["pack_rules"]
    assert weightgate.verify(raw, trust=path, pack_signatures=[given]).genuine
    pack_file.with_name("pack.yaml.sig").write_bytes(signature())
    carrying = weightgate.attest(check(model, pack_file, None), KEYS["bot"])
    assert weightgate.verify(carrying, trust=path).genuine
