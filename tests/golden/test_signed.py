"""Declarations and signed packs as version 1 wrote them: they are read for ever."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.attest.trust.samples import document, text
from weightgate.attest.declarations.declaration import read
from weightgate.attest.declarations.evidence import graded
from weightgate.attest.signed_packs import read as read_signature
from weightgate.attest.signed_packs import signed_for
from weightgate.attest.trust import Trust, parse_trust
from weightgate.errors import SignatureError
from weightgate.facts.factfile import declare
from weightgate.facts.statements import Grade
from weightgate.policy.archive import read_archive
from weightgate.policy.bundle import bundle
from weightgate.policy.source import find_pack
from weightgate.signing.accepted import Accepted

HOME = Path(__file__).parent
DECLARED, PACK = HOME / "declaration-v1", HOME / "pack-v1"


def expected(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return found


def trust(folder: Path, *keys: str) -> Trust:
    """A trust file that lets these keys of a folder declare and sign together."""
    names = [key.partition(".")[0] for key in keys]
    identities = {name: {"key": (folder / key).read_text()} for name, key in zip(names, keys, strict=True)}
    grant = [{"identities": names, "threshold": len(names)}]
    data = document(identities=identities, root=None, decide=None, declare=grant, sign_packs=grant)
    return parse_trust(text(data), "trust.yaml")


@pytest.mark.parametrize("name", expected(DECLARED)["files"])
def test_a_declaration_says_what_it_said(name: str) -> None:
    want = expected(DECLARED)
    now, keys = datetime.fromisoformat(want["at"]), [f"{key}.pub" for key in want["files"][name]]
    by, raw = trust(DECLARED, *keys), (DECLARED / name).read_bytes()
    found = read(raw, name, accepted=by.accepted(), now=now)
    assert (found.model, found.facts) == (want["model"], want["facts"])
    statements = list(graded(found, want["as_of"], by, now=now))
    stated = {one.fact: one.value for one in declare(want["facts"], "facts", want["as_of"])}
    assert {one.fact: one.value for one in statements} == stated
    assert {one.grade for one in statements} == {Grade.VERIFIED}
    stranger = read(raw, name, accepted=Accepted(), now=now)
    assert {one.grade for one in graded(stranger, want["as_of"], None, now=now)} == {Grade.CLAIMED}


def test_every_declaration_is_among_them() -> None:
    names = {path.name for path in DECLARED.glob("*.json")} - {"expected.json"}
    assert names == set(expected(DECLARED)["files"])


@pytest.mark.parametrize("name", expected(DECLARED)["files"])
def test_with_a_changed_payload_it_says_nothing(name: str) -> None:
    want = expected(DECLARED)
    now, by = datetime.fromisoformat(want["at"]), trust(DECLARED, f"{want['files'][name][0]}.pub")
    raw = (DECLARED / name).read_bytes()
    start = raw.index(b'"payload":"') + 11
    changed = bytearray(raw)
    changed[start + 400] ^= 1
    with pytest.raises(SignatureError):
        read(bytes(changed), name, accepted=by.accepted(), now=now)


def test_a_bundle_is_the_one_that_is_written_today() -> None:
    want, source = expected(PACK), find_pack(str(PACK / "source"))
    raw = (PACK / "sample.wgpack").read_bytes()
    assert sorted(read_archive(raw, "sample.wgpack")) == want["files"]
    assert bundle(source) == raw
    inside = find_pack(str(PACK / "sample.wgpack"))
    assert inside.digest == source.digest == want["pack"]


def test_a_pack_s_signature_holds() -> None:
    want = expected(PACK)
    now, by = datetime.fromisoformat(want["at"]), trust(PACK, "key.pub")
    pack = find_pack(str(PACK / "sample.wgpack"))
    found = read_signature(pack.signatures[0], "sample.wgpack.sig", by, now=now)
    assert (found.digest, found.archive) == (want["pack"], want["archive"])
    assert (found.name, found.version) == (want["name"], want["version"])
    assert signed_for(pack, by, now=now).granted
