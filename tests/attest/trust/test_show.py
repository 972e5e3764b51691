"""A trust file in sentences and as JSON, on a day; and a first file from public keys."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.attest.trust.samples import KEYS, NOW, at, decides, document, successor, trust
from weightgate.attest.trust import parse_trust
from weightgate.attest.trust.lint import lint
from weightgate.attest.trust.new import DECLARED, named_keys, new_trust
from weightgate.attest.trust.show import about, pack_words, sentence, to_json, who
from weightgate.errors import UsageError
from weightgate.signing.keys import PublicKey

SENTENCES: list[tuple[str, dict[str, Any], str]] = [
    ("decide", {}, "release may give any verdict about anything, to anywhere, under any pack"),
    (
        "decide",
        {
            "verdicts": ["allow", "deny"], "destinations": ["DE"], "packs": ["us-embargoes"], "activities": ["host"],
            "from": "2026-01-01", "until": "2026-12-31", "verifier_id": "https://a.example",
        },
        (
            "release may give allow or deny about host, to DE, under us-embargoes, as https://a.example, "
            "from 2026-01-01, until 2026-12-31"
        ),
    ),
    ("declare", {"facts": ["model.openness"]}, "release may declare model.openness of any model"),
    ("revoke", {"signers": ["bot", "second"]}, "release may revoke attestations of bot or second"),
    ("revoke", {}, "release may revoke attestations of anybody"),
    ("sign_models", {}, "release may sign any model"),
    ("sign_packs", {"packs": ["us-embargoes"]}, "release may sign us-embargoes"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "limits", "said"), SENTENCES)
def test_a_grant_is_a_sentence(kind: str, limits: dict[str, Any], said: str) -> None:
    found = trust(**{"decide": None, kind: [{"identities": ["release"], **limits}]})
    assert sentence(found.grants[kind][0]) == said


def test_so_many_of_some_are_said_so() -> None:
    assert who(["a"], 1) == "a"
    assert who(["a", "b"], 1) == "any of a, b"
    assert who(["a", "b", "c"], 2) == "2 of a, b, c together"


def test_whoever_it_is_is_said() -> None:
    found = trust(
        identities={
            **document()["identities"],
            "ci": {"sigstore": {"identity": "ci@a.example", "issuer": "https://b.example"}},
        }
    )
    assert about(found.identities["release"]) == f"ed25519 key {KEYS['release'].keyid}"
    assert about(found.identities["ci"]) == "Sigstore identity ci@a.example, by https://b.example"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({}, "ours counts"),
        (
            {"signed": True, "minimum_version": "1.2.0"},
            "ours counts where it has version 1.2.0 or later, is signed",
        ),
        ({"digests": ["sha256:" + "0" * 64]}, "ours counts where it is sha256:" + "0" * 64),
    ],
)
def test_what_a_pack_must_be_is_said(rule: dict[str, Any], said: str) -> None:
    assert pack_words(trust(packs={"ours": rule}).pack_rule("ours")) == said


def test_what_is_said_to_hold_is_what_is_granted() -> None:
    found = trust(
        identities={**document()["identities"], "release-2": successor("release-2", "release", "2026-03-01")},
        decide=[{"identities": ["release"], "from": "2026-02-01", "until": "2026-03-15"}],
    )
    for day in ("2026-01-31", "2026-02-01", "2026-03-01", "2026-03-15", "2026-03-16"):
        (shown,) = to_json(found, at(day))["grants"]
        signed = [name for name in ("release", "release-2") if decides(found, name, day=day)]
        assert shown["holds"] == bool(signed)
        assert not signed or shown["acting"] == signed


def test_the_json_says_all_that_the_file_does() -> None:
    found = trust(
        **{"from": "2026-01-01"},
        identities={**document()["identities"], "release-2": successor("release-2", "release", "2026-06-01")},
        packs={"ours": {"minimum_version": "1.2.0"}},
        max_age_days={"allow": 30},
    )
    shown = to_json(found, NOW)
    assert (shown["version"], shown["from"], shown["expires"]) == (3, "2026-01-01", "2027-06-30")
    assert (shown["at"], shown["state"], shown["digest"]) == ("2026-03-14", "established", found.digest)
    assert shown["root"] == {"identities": ["root-a", "root-b", "root-c"], "threshold": 2}
    by_name = {one["name"]: one for one in shown["identities"]}
    assert by_name["release"]["acts_before"] == by_name["release-2"]["acts_from"] == "2026-06-01"
    assert (by_name["release"]["acts"], by_name["release-2"]["acts"]) == (True, False)
    assert by_name["release-2"]["succeeds"] == "release"
    assert shown["packs"] == [{"name": "ours", "digests": None, "minimum_version": "1.2.0", "signed": False}]
    assert shown["max_age_days"] == {"allow": 30.0}
    assert to_json(trust(root=None), NOW)["root"] is None
    assert to_json(found, at("2027-07-01"))["state"] == "stale"


def keys(*names: str) -> dict[str, PublicKey]:
    """Public keys by name."""
    return {name: KEYS[name].public for name in names}


@pytest.mark.parametrize(("roots", "threshold"), [(1, 1), (2, 2), (3, 2)])
def test_a_new_file_is_read_and_needs_more_than_half_of_its_roots(roots: int, threshold: int) -> None:
    names = ("root-a", "root-b", "root-c")[:roots]
    raw = new_trust(keys(*names), keys("release", "bot"), "2027-03-14").encode()
    found = parse_trust(raw, "trust.yaml")
    assert found.root is not None
    assert (found.root.identities, found.root.threshold) == (names, threshold)
    assert (found.version, found.expires) == (1, "2027-03-14")
    assert decides(found, "release")
    assert decides(found, "bot")
    assert not decides(found, "root-a")
    worst = {str(one.severity) for one in lint(raw, "trust.yaml", now=NOW) if one.code != "root_of_one"}
    assert worst == {"note"}


def test_what_is_commented_out_in_a_new_file_is_right_too() -> None:
    text = new_trust(keys("root-a", "root-b"), keys("release"), "2027-03-14")
    rows = []
    for row in text.split("root: {")[1].splitlines():
        head, mark, tail = row.partition("# ")
        bare = not head.strip() and mark and (":" in tail and not tail[:1].isupper())
        rows.append(head + tail.partition(" #")[0] if bare else row)
    found = parse_trust((text.split("root: {")[0] + "root: {" + "\n".join(rows)).encode(), "trust.yaml")
    (grant,) = found.grants["decide"]
    assert set(grant.limits) == {"verdicts", "destinations", "packs", "activities"}
    assert grant.verifier_id == "https://example.com/weightgate"
    assert found.grants["declare"][0].limits == {"facts": DECLARED}
    assert found.packs["us-ai-diffusion-draft"].minimum == (1, 0, 0)


def test_a_key_that_is_root_and_signer_stands_there_once() -> None:
    raw = new_trust(keys("root-a", "root-b"), keys("root-a"), "2027-03-14")
    assert raw.count("-----BEGIN PUBLIC KEY-----") == 2


@pytest.mark.parametrize(
    ("file", "name"),
    [("release.pub", "release"), ("Release Key.pem.pub", "release-key"), ("a/b/ci_2.pub", "ci_2")],
)
def test_keys_are_named_after_their_files(file: str, name: str) -> None:
    assert list(named_keys([(Path(file), KEYS["release"].public)], "--root")) == [name]


@pytest.mark.parametrize("files", [["a.pub", "b/a.pub"], [".pub"], ["é.pub"]])
def test_files_that_give_no_names_are_refused(files: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        named_keys([(Path(file), KEYS["release"].public) for file in files], "--root")
    assert (caught.value.code, caught.value.where) == ("bad_name", "--root")


def test_days_are_utc_days_whatever_the_clock_s_zone() -> None:
    late = datetime.fromisoformat("2026-03-14T23:30:00-05:00")
    assert to_json(trust(), late)["at"] == "2026-03-15"
