"""Reading a trust file: what it may say, and each mistake with its line, its column and what to write instead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.attest.trust.samples import KEYS, NAMES, document, key_of, text, trust
from weightgate.attest.trust import parse_trust, read_trust
from weightgate.attest.trust.identities import MAX_IDENTITIES
from weightgate.attest.trust.read import MAX_AGE_DAYS
from weightgate.errors import Exit, InputError
from weightgate.files.yaml import MAX_BYTES
from weightgate.signing.keys import generate

PEM = "".join(f"      {row}\n" for row in KEYS["release"].public.pem().decode().splitlines())
ROOT = "".join(f"      {row}\n" for row in KEYS["root-a"].public.pem().decode().splitlines())

FILE = f"""\
schema: weightgate/trust/v1
version: 3
expires: 2027-06-30
root: {{identities: [root-a], threshold: 1}}
identities:
  root-a:
    key: |
{ROOT}  release:
    notes: |
      The key of the release job.
      It lives in a token.
    key: |
{PEM}decide:
  - identities: [release]
    verdicts: [allow, deny]
    destinations: [DE, aws/eu-central-1]
    packs: [us-ai-diffusion-draft, ours]
    activities: [host]
    from: 2026-01-01
    until: 2026-12-31
    verifier_id: https://example.com/weightgate
declare: [{{identities: [release], facts: [model.training_operations]}}]
max_age_days: {{allow: 30, deny: 7.5}}
packs:
  ours: {{minimum_version: "1.2.0", signed: true}}
"""


def refused(raw: str | bytes) -> InputError:
    """The error with which a file is refused."""
    with pytest.raises(InputError) as caught:
        parse_trust(raw.encode() if isinstance(raw, str) else raw, "trust.yaml")
    assert caught.value.exit is Exit.INPUT
    return caught.value


def place(raw: str, found: str) -> str:
    """Line and column at which a text stands."""
    offset = raw.index(found)
    return f"trust.yaml:{raw.count(chr(10), 0, offset) + 1}:{offset - raw.rfind(chr(10), 0, offset)}"


def test_a_file_is_read_whole() -> None:
    found = parse_trust(FILE.encode(), "trust.yaml")
    assert (found.version, found.start, found.expires) == (3, "", "2027-06-30")
    assert found.root is not None
    assert (found.root.identities, found.root.threshold) == (("root-a",), 1)
    trusted = found.accepted().keys
    assert [key.keyid for key in trusted] == [KEYS["root-a"].keyid, KEYS["release"].keyid]
    assert found.keys() == trusted
    assert found.identities["release"].notes == "The key of the release job.\nIt lives in a token.\n"
    (grant,) = found.grants["decide"]
    assert (grant.start, grant.until, grant.threshold) == ("2026-01-01", "2026-12-31", 1)
    assert grant.limits["destinations"] == ("DE", "aws/eu-central-1")
    assert found.max_age_days("deny") == 7.5
    assert found.max_age_days("indeterminate") is None
    assert found.pack_rule("ours").minimum == (1, 2, 0)


def test_the_digest_is_that_of_the_very_bytes(tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "trust.yaml"
    path.write_text(FILE + "# a remark\n")
    found = read_trust(path)
    assert found.digest == "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.digest != parse_trust(FILE.encode(), "trust.yaml").digest


# What is replaced, by what, the code, where it is said to be (a text in the file), and a part of what is said.
MISTAKES: list[tuple[str, str, str, str, str]] = [
    ("weightgate/trust/v1", "weightgate/trust/v2", "trust_schema", "weightgate/trust/v2", "needed weightgate/trust/v1"),
    ("version: 3", "version: 0", "bad_value", "0\n", "a whole number from 1"),
    ("version: 3", "version: 3.5", "bad_type", "3.5", "needed a whole number"),
    ("version: 3", "version: true", "bad_type", "true", "needed a whole number"),
    ("version: 3", "version:", "bad_type", "version:", "version is empty"),
    ("version: 3\n", "", "missing_key", "schema:", "has no version"),
    ("2027-06-30", "2027-06-31", "bad_date", "2027-06-31", "is not a day"),
    ("expires: 2027-06-30", "from: 2027-07-01\nexpires: 2027-06-30", "bad_date", "2027-06-30", "is before from"),
    ("expires:", "expire:", "unknown_key", "expire:", "unknown key 'expire'"),
    ("[root-a], threshold: 1", "[root-a], threshold: 2", "bad_root", "2}", "can never be met"),
    ("[root-a], threshold: 1", "[root-a]", "missing_key", "{identities: [root-a]}", "root has no threshold"),
    ("[root-a]", "[rot-a]", "unknown_identity", "rot-a", "'rot-a' is not an identity"),
    ("  release:\n", "  Release:\n", "bad_name", "Release:", "'Release' is no name"),
    ("  release:\n", "  root-a:\n", "yaml", "root-a:\n    notes", "there twice"),
    ("identities: [release]\n", "identities: [relase]\n", "unknown_identity", "relase", "not an identity"),
    ("identities: [release]\n", "identities: []\n", "bad_value", "[]", "identities is an empty list"),
    ("identities: [release]\n", "identities: release\n", "bad_type", "release\n    verdicts", "needed a list"),
    ("identities: [release]\n", "identities: [release, release]\n", "twice", "release]\n", "there twice"),
    ("[allow, deny]", "[alow]", "unknown_verdict", "alow", "'alow' is not a verdict"),
    ("[allow, deny]", "[allow, 1]", "bad_type", "1]", "needed the name of a verdict"),
    ("[DE, aws", "[UK, aws", "unknown_country", "UK", "'UK' is not a country code"),
    ("aws/eu-central-1", "aws/eu-centrl-1", "unknown_region", "aws/eu-centrl-1", "eu-centrl-1"),
    ("aws/eu-central-1", "aws", "unknown_region", "aws]", "needs its region"),
    ("us-ai-diffusion-draft", "us-ai-difusion-draft", "unknown_pack", "us-ai-difusion", "not a pack"),
    ("[host]", "[hosting]", "unknown_activity", "hosting", "not an activity"),
    ("[model.training_operations]", "[model.operations]", "unknown_fact", "model.operations", "not a fact"),
    ("until: 2026-12-31", "until: 2025-12-31", "bad_date", "2025-12-31", "is before from 2026-01-01"),
    ("until: 2026-12-31", "until: tomorrow", "bad_date", "tomorrow", "'tomorrow' is not a day"),
    ("until: 2026-12-31", "untill: 2026-12-31", "unknown_key", "untill", "unknown key"),
    ("https://example.com/weightgate", "example", "verifier_id", "example", "needed a URI"),
    ("https://example.com/weightgate", '"https://a b"', "verifier_id", '"https', "needed a URI"),
    ("https://example.com/weightgate", '"https://[x"', "verifier_id", '"https', "needed a URI"),
    ("{allow: 30", "{allowed: 30", "unknown_key", "allowed", "unknown key"),
    ("{allow: 30", "{allow: 0", "bad_age", "0, deny", "above 0"),
    ("{allow: 30", f"{{allow: {MAX_AGE_DAYS + 1}", "bad_age", str(MAX_AGE_DAYS + 1), "at most"),
    ("{allow: 30", "{allow: true", "bad_age", "true, deny", "a number of days"),
    ('"1.2.0"', "1.2", "bad_version", "1.2,", "a version in quotes"),
    ('"1.2.0"', '"1.2"', "bad_version", '"1.2"', "a version in quotes"),
    ('"1.2.0"', '"1.2.0rc1"', "bad_version", '"1.2.0rc1"', "a version in quotes"),
    ("signed: true", "signed: yes", "bad_type", "yes", "needed true or false"),
    ("declare: [", "declare: [{identities: [release], packs: [ours]}, ", "unknown_key", "packs: [ours]", "unknown"),
    ("verdicts: [allow, deny]", "verdicts: {allow: true}", "bad_type", "{allow: true}", "needed a list"),
    ("  - identities: [release]\n    v", "  - v", "missing_key", "verdicts", "has no identities"),
    ("  - identities: [release]\n", "  - identities: [release]\n    threshold: 0\n", "bad_value", "0\n    v", "from 1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "code", "where", "said"), MISTAKES, ids=lambda value: value.strip()[:30]
)
def test_a_mistake_is_refused_at_its_place(old: str, new: str, code: str, where: str, said: str) -> None:
    assert old in FILE
    raw = FILE.replace(old, new, 1)
    error = refused(raw)
    assert (error.code, error.where) == (code, place(raw, where))
    assert said in error.message


@pytest.mark.parametrize(
    ("old", "new", "near"),
    [
        ("expires:", "expire:", "expires"),
        ("[allow, deny]", "[alow]", "allow"),
        ("[release]\n", "[relase]\n", "release"),
        ("us-ai-diffusion-draft", "us-ai-difusion-draft", "us-ai-diffusion-draft"),
        ("model.training_operations", "model.trainning_operations", "model.training_operations"),
        ("aws/eu-central-1", "aws/eu-centrl-1", "aws/eu-central-1"),
        ("[host]", "[hots]", "host"),
    ],
)
def test_the_nearest_known_name_is_named(old: str, new: str, near: str) -> None:
    assert refused(FILE.replace(old, new, 1)).hint.startswith(f"did you mean {near}")


def test_a_pack_of_one_s_own_is_known_by_its_rule() -> None:
    error = refused(FILE.replace("  ours: ", "  theirs: "))
    assert error.code == "unknown_pack"
    error = refused(FILE.replace(", ours]", ", zzz]"))
    assert "of your own needs an entry under packs: zzz" in error.hint


IDENTITIES: list[tuple[dict[str, Any], str, str]] = [
    ({}, "bad_identity", "none of these"),
    ({**key_of("bot"), "sigstore": {"identity": "a", "issuer": "https://b"}}, "bad_identity", "key and sigstore"),
    ({"key": "bot.pub"}, "bad_key", "needed a public key as PEM"),
    ({"key": {"file": "bot.pub"}}, "bad_key", "needed a public key as PEM"),
    ({"key": KEYS["bot"].pem().decode()}, "key_unreadable", "holds private key"),
    ({"key": key_of("bot")["key"].replace("MCow", "MCox")}, "key_unreadable", "damaged"),
    ({"key": key_of("bot")["key"] * 2}, "key_unreadable", "needed one public key"),
    ({"certificate_authority": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "subject": "a"},
     "certificate", "damaged"),
    ({"certificate_authority": "-----BEGIN CERTIFICATE-----"}, "bad_identity", "subject go together"),
    ({**key_of("bot"), "subject": "a"}, "bad_identity", "subject go together"),
    ({"sigstore": {"identity": "a", "issuer": "http://b"}}, "bad_value", "needed a URL with https"),
    ({"sigstore": {"identity": "a"}}, "missing_key", "sigstore has no issuer"),
    ({"sigstore": {"identity": "a\u202e", "issuer": "https://b"}}, "bad_value", "visible characters"),
    ({"sigstore": {"identity": "a", "issuer": "https://b"}, "succeeds": {}}, "bad_identity", "only a key"),
    (key_of("release"), "same_key", "bot and release are one"),
]  # fmt: skip


@pytest.mark.parametrize(("identity", "code", "said"), IDENTITIES, ids=[said for _, _, said in IDENTITIES])
def test_an_identity_is_one_thing_and_itself(identity: dict[str, Any], code: str, said: str) -> None:
    data = document()
    data["identities"]["bot"] = identity
    error = refused(text(data))
    assert (error.code, error.where.count(":")) == (code, 2)
    assert said in error.message


def test_keys_are_in_the_file_and_never_beside_it() -> None:
    data = document()
    data["identities"]["bot"] = {"key": {"file": "bot.pub"}}
    assert "holds its keys" in refused(text(data)).hint


def test_two_sigstore_identities_are_one_only_with_one_issuer() -> None:
    def identities(second: str) -> dict[str, Any]:
        one = {"sigstore": {"identity": "ci@example.com", "issuer": "https://issuer.example"}}
        other = {"sigstore": {"identity": "ci@example.com", "issuer": second}}
        return {**document()["identities"], "one": one, "other": other}

    assert "other" in trust(identities=identities("https://other.example")).identities
    assert refused(text(document(identities=identities("https://issuer.example")))).code == "same_key"


def test_the_root_is_made_of_keys() -> None:
    ci = {"sigstore": {"identity": "ci@example.com", "issuer": "https://issuer.example"}}
    data = document(identities={**document()["identities"], "ci": ci})
    data["root"]["identities"].append("ci")
    error = refused(text(data))
    assert (error.code, error.message) == ("bad_root", "ci is no key")


def test_a_file_may_have_no_more_identities_than_are_tried() -> None:
    many = {f"k{n}": key_of("release") for n in range(MAX_IDENTITIES + 1)}
    assert refused(text(document(identities=many))).code == "too_large"


LOG = "example.com/log+{}+{}"


def log_key(name: str = "example.com/log") -> str:
    """A verifier key of signed notes (C2SP, signed-note.md)."""
    import base64
    import hashlib

    key = b"\x01" + bytes(range(32))
    hashed = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
    return f"{name}+{hashed}+{base64.b64encode(key).decode()}"


def test_a_log_has_a_verifier_key_whose_hash_is_its_own() -> None:
    assert trust(logs={"ours": log_key()}).logs == {"ours": log_key()}
    # The example of golang.org/x/mod/sumdb/note, whose key is the checksum database's.
    go = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    assert trust(logs={"go": go}).logs == {"go": go}


@pytest.mark.parametrize(
    "key", ["", "a", log_key()[:-4], log_key().replace("log+", "lag+"), log_key().replace("AQAB", "AgAB"), 7]
)
def test_a_log_without_one_is_refused(key: Any) -> None:
    assert refused(text(document(logs={"ours": key}))).code in ("bad_log_key", "bad_type")


HOSTILE = {
    "an anchor": ("[release]", "&a [release]"),
    "an alias": ("[release]", "*a"),
    "a tag": ("version: 3", "version: !!python/object:os.system 3"),
    "a merge key": ("version: 3", "<<: {version: 3}"),
    "two documents": ("schema:", "---\na: b\n---\nschema:"),
    "depth": ("[release]", "[" * 200 + "]" * 200),
    "a list for a file": (FILE, "- schema"),
    "a text for a file": (FILE, "schema"),
    "nothing": (FILE, ""),
    "not a number": ("version: 3", "version: .nan"),
    "a huge number": ("version: 3", "version: " + "9" * 400),
    "a number beyond doubles' whole numbers": ("version: 3", f"version: {2**53}"),
    "half a character": ("release job", "release \\ud800"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_yaml_is_refused(name: str) -> None:
    old, new = HOSTILE[name]
    raw = FILE.replace(old, new, 1)
    if name == "half a character":
        raw = json.dumps(document(notes="\ud800"))
    assert refused(raw).where.startswith("trust.yaml")


def test_bytes_that_are_no_text_or_too_many_are_refused(tmp_path: Path) -> None:
    assert refused(b"schema: \xff").code == "not_utf8"
    path = tmp_path / "trust.yaml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(InputError) as caught:
        read_trust(path)
    assert caught.value.code == "too_large"


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(InputError) as caught:
            read_trust(path)
        assert (caught.value.code, caught.value.where) == ("unreadable", str(path))


def test_a_key_of_every_kind_can_be_trusted() -> None:
    kinds = ("ed25519", "ecdsa-p256", "ecdsa-p384", "ecdsa-p521")
    made = {kind: {"key": generate(kind).public.pem().decode()} for kind in kinds}
    found = trust(identities={**document()["identities"], **made})
    assert [found.identities[kind].key.algorithm for kind in kinds] == list(kinds)  # type: ignore[union-attr]
    assert set(NAMES[:6]) < set(found.identities)
