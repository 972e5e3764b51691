"""What ``trust lint`` finds: each code, where, and that a sound file is clean."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.attest.trust.samples import KEYS, NOW, STRANGER, document, key_of, successor, text
from tests.attest.trust.test_read import FILE, IDENTITIES, MISTAKES
from weightgate.attest.trust.codes import CODES, table
from weightgate.attest.trust.lint import SOON_DAYS, Finding, lint
from weightgate.attest.trust.succession import succession
from weightgate.files.codes import Severity
from weightgate.policy.source import find_pack

CLEAN = document(
    identities={name: key_of(name) for name in ("root-a", "root-b", "root-c", "release")},
    decide=[
        {"identities": ["release"], "until": "2026-12-31", "verifier_id": "https://example.com/weightgate"}
    ],
)


def found(data: dict[str, Any], now: datetime = NOW) -> list[Finding]:
    """What lint finds in a file."""
    return lint(text(data), "trust.yaml", now=now)


def changed(**changes: Any) -> dict[str, Any]:
    """The clean file with changes."""
    return {key: value for key, value in (CLEAN | changes).items() if value is not None}


def place(data: dict[str, Any], *path: str | int) -> str:
    """Where lint should point: the key at a path."""
    from weightgate.files.yaml import parse_yaml

    return parse_yaml(text(data), "trust.yaml").where_key(*path)


def rsa_key(bits: int) -> dict[str, str]:
    """An identity with an RSA key."""
    public = rsa.generate_private_key(65537, bits).public_key()
    return {"key": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()}


def authority(until: datetime) -> str:
    """The certificate of a certificate authority."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key, name = Ed25519PrivateKey.generate(), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "CA")])
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW - timedelta(days=9), until)
    return built.sign(key, None).public_bytes(Encoding.PEM).decode()


def certified(until: datetime) -> dict[str, Any]:
    """Identities with one that a certificate authority vouches for."""
    return {**CLEAN["identities"], "ci": {"certificate_authority": authority(until), "subject": "CN=ci"}}


def test_a_sound_file_is_clean() -> None:
    assert found(CLEAN) == []


GRANT = CLEAN["decide"][0]
OPEN = {"identities": ["release"], "until": "2026-12-31", "verifier_id": "https://a.example"}
LINE = {**CLEAN["identities"], "release-2": successor("release-2", "release", "2026-05-01")}

FINDINGS: list[tuple[str, dict[str, Any], tuple[str | int, ...]]] = [
    ("expired", {"expires": "2026-03-13"}, ("expires",)),
    ("expires_soon", {"expires": "2026-04-13"}, ("expires",)),
    ("not_begun", {"from": "2026-03-15"}, ("from",)),
    ("no_root", {"root": None, "identities": {"release": key_of("release")}}, ()),
    ("root_of_one", {"root": {"identities": ["root-a", "root-b", "root-c"], "threshold": 1}}, ("root", "threshold")),
    ("no_grants", {"decide": None, "identities": {n: key_of(n) for n in ("root-a", "root-b", "root-c")}}, ()),
    ("unused_identity", {"identities": {**CLEAN["identities"], "bot": key_of("bot")}}, ("identities", "bot")),
    ("threshold_too_high", {"decide": [{**GRANT, "threshold": 2}]}, ("decide", 0, "threshold")),
    (
        "threshold_too_high",
        {"identities": LINE, "decide": [{**GRANT, "identities": ["release", "release-2"], "threshold": 2}]},
        ("decide", 0, "threshold"),
    ),
    (
        "threshold_too_high",
        {
            "identities": {**CLEAN["identities"], "release-2": successor("release-2", "root-b", "2026-05-01")},
            "root": {"identities": ["root-b", "release-2"], "threshold": 2},
            "decide": [{**GRANT, "identities": ["release", "root-a", "root-c"]}],
        },
        ("root", "threshold"),
    ),
    ("window_ended", {"decide": [GRANT, {**GRANT, "until": "2026-03-13"}]}, ("decide", 1, "until")),
    (
        "window_ended",
        {"identities": LINE, "decide": [GRANT, {**GRANT, "identities": ["release-2"], "until": "2026-04-30"}]},
        ("decide", 1, "until"),
    ),
    ("no_limits", {"revoke": [{"identities": ["release"]}]}, ("revoke", 0)),
    ("no_verifier_id", {"decide": [{"identities": ["release"], "until": "2026-12-31"}]}, ("decide", 0)),
    ("weak_key", {"identities": {**CLEAN["identities"], "release": rsa_key(2048)}}, ("identities", "release")),
    ("expires_late", {"expires": "2031-01-01"}, ("expires",)),
    ("shipped_refused", {"packs": {"us-embargoes": {"minimum_version": "99.0.0"}}}, ("packs", "us-embargoes")),
    ("shipped_refused", {"packs": {"us-embargoes": {"digests": ["sha256:" + "0" * 64]}}}, ("packs", "us-embargoes")),
    ("open_pack_rule", {"packs": {"ours": {}}}, ("packs", "ours")),
    (
        "unreachable_pack",
        {"packs": {"ours": {"minimum_version": "1.0.0"}}, "decide": [{**GRANT, "packs": ["us-embargoes"]}]},
        ("packs", "ours"),
    ),
    ("unreachable_pack", {"packs": {"ours": {"signed": True}}}, ("packs", "ours")),
    (
        "ca_expires",
        {"identities": certified(NOW + timedelta(days=30)), "decide": [{**GRANT, "identities": ["release", "ci"]}]},
        ("identities", "ci"),
    ),
    (
        "ca_expires",
        {"timestamp_authorities": {"tsa": authority(NOW + timedelta(days=30))}},
        ("timestamp_authorities", "tsa"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "changes", "path"), FINDINGS, ids=[f"{code}-{n}" for n, (code, _, _) in enumerate(FINDINGS)]
)
def test_each_finding_stands_at_its_place(
    code: str, changes: dict[str, Any], path: tuple[str | int, ...]
) -> None:
    data = changed(**changes)
    (one,) = found(data)
    assert (one.code, one.where) == (code, place(data, *path))
    assert one.severity is CODES[code].severity
    assert one.hint[:1].islower() or one.hint[:1] in "`/"
    assert one.to_json()["severity"] == str(one.severity)
    assert str(one) == f"{one.where}: {one.severity}: {one.message} [{code}]"


@pytest.mark.parametrize(
    "changes",
    [
        {"expires": (NOW + timedelta(days=SOON_DAYS + 1)).date().isoformat()},
        {"identities": {**CLEAN["identities"], "release": rsa_key(3072)}},
        {"packs": {"ours": {"signed": True}}, "sign_packs": [{"identities": ["release"], "packs": ["ours"]}]},
        {"identities": LINE},
        {"identities": LINE, "decide": [{**GRANT, "identities": ["release-2"]}]},
        {
            "identities": certified(NOW + timedelta(days=999)),
            "decide": [{**GRANT, "identities": ["release", "ci"]}],
        },
        {"revoke": [{"identities": ["release"], "signers": ["release"]}]},
        {
            "packs": {
                "us-embargoes": {"minimum_version": "1.0.0", "digests": [find_pack("us-embargoes").digest]}
            }
        },
        {"notes": "Agreed on in the meeting.\nBy all."},
    ],
)
def test_what_is_sound_is_not_found(changes: dict[str, Any]) -> None:
    assert found(changed(**changes)) == []


@pytest.mark.parametrize(
    ("old", "new", "code"), [(old, new, code) for old, new, code, _, _ in MISTAKES], ids=range(len(MISTAKES))
)
def test_a_file_that_cannot_be_read_is_one_error(old: str, new: str, code: str) -> None:
    (one,) = lint(FILE.replace(old, new, 1).encode(), "trust.yaml", now=NOW)
    assert (one.code, one.severity) == (code, Severity.ERROR)
    assert one.where.startswith("trust.yaml:")
    assert one.hint


def test_a_succession_whose_signature_does_not_hold_is_an_error() -> None:
    forged = successor("release-2", "release", "2026-05-01")
    forged["succeeds"]["statement"] = succession(
        STRANGER, KEYS["release-2"].public, "2026-05-01", now=NOW
    ).decode()
    (one,) = found(changed(identities={**CLEAN["identities"], "release-2": forged}))
    assert (one.code, str(one.severity)) == ("succession", "error")
    assert "not signed by" in one.message


def test_two_identities_with_one_key_are_an_error() -> None:
    (one,) = found(changed(identities={**CLEAN["identities"], "other": key_of("release")}))
    assert (one.code, one.message.partition(":")[0]) == ("same_key", "other and release are one")


def test_findings_come_in_the_order_of_the_file() -> None:
    data = changed(
        expires="2026-03-13", root={"identities": ["root-a", "root-b"], "threshold": 1}, packs={"ours": {}}
    )
    lines = [int(one.where.split(":")[1]) for one in found(data)]
    assert lines == sorted(lines)
    assert [one.code for one in found(data)] == [
        "expired",
        "root_of_one",
        "unused_identity",
        "open_pack_rule",
    ]


def test_a_broken_file_is_said_to_be_where_it_is_broken() -> None:
    (one,) = lint(b"schema: \xff", "trust.yaml", now=datetime.now(UTC))
    assert (one.code, one.where) == ("not_utf8", "trust.yaml:1:9")


def test_every_code_that_is_no_error_is_found_in_a_test() -> None:
    tested = {code for code, _, _ in FINDINGS}
    assert tested == {code.name for code in CODES.values() if code.severity is not Severity.ERROR}


def test_every_code_has_its_row() -> None:
    rows = [row.split("|")[1].strip(" `") for row in table().splitlines()[2:]]
    assert sorted(rows) == sorted(CODES)
    assert all(json.dumps(code.meaning) and code.fix.endswith(".") for code in CODES.values())


def test_every_code_with_which_a_file_is_refused_has_its_meaning() -> None:
    raised = {code for _, _, code, _, _ in MISTAKES} | {code for _, code, _ in IDENTITIES}
    assert raised <= {code.name for code in CODES.values() if code.severity is Severity.ERROR}
