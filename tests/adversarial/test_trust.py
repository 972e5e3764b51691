"""Attacks on what a trust file grants: a key that is trusted for something tries something else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Shell
from weightgate.attest.trust.succession import succession
from weightgate.signing.keys import generate, load_private, write_pair

PACK = "us-ai-diffusion-draft"
MODEL = "sha256:" + "0" * 64


def day(ahead: int) -> str:
    """The UTC day so many days from now."""
    return (datetime.now(UTC) + timedelta(days=ahead)).date().isoformat()


def key_of(shell: Shell, name: str) -> dict[str, Any]:
    """An identity that is a key of the folder."""
    return {"key": (shell.folder / f"{name}.pem.pub").read_text()}


def write_trust(shell: Shell, grant: dict[str, Any] | None = None, **changes: Any) -> None:
    """A trust file under which ``k.pem`` may decide, within the limits of a grant."""
    data: dict[str, Any] = {
        "schema": "weightgate/trust/v1",
        "version": 1,
        "expires": day(90),
        "root": {"identities": ["root"], "threshold": 1},
        "identities": {"release": key_of(shell, "k"), "root": key_of(shell, "other")},
        "decide": [{"identities": ["release"], **(grant or {})}],
        **changes,
    }
    shell.write("trust.yaml", json.dumps({key: value for key, value in data.items() if value is not None}))


def verify(shell: Shell, path: str = "a.json", *words: str) -> tuple[int, set[str]]:
    """The exit code of ``verify``, and the checks that refuse."""
    done = shell.here("verify", path, "--trust", "trust.yaml", "--output", "json", *words)
    bad = {c["id"] for c in done.json.get("checks", ()) if c["state"] in ("stale", "contradicted")}
    return done.code, bad


def test_the_key_that_is_named_for_it_is_believed(signed: Shell) -> None:
    write_trust(signed, {
        "verdicts": ["allow"], "destinations": ["JP"], "packs": [PACK], "activities": ["host"],
        "from": day(-1), "until": day(1),
    }, packs={PACK: {"minimum_version": "1.0.0"}}, max_age_days={"allow": 1})  # fmt: skip
    assert verify(signed) == (0, set())
    asked = [
        "--model",
        "./m",
        "--to",
        "JP",
        "--operator",
        "jp.yaml",
        "--activity",
        "host",
        "--gate",
        "--replay",
    ]
    assert verify(signed, "a.json", *asked) == (0, set())


GRANTS: list[tuple[dict[str, Any], str]] = [
    ({"identities": ["root"]}, "authority"),
    ({"verdicts": ["deny"]}, "authority"),
    ({"destinations": ["DE"]}, "authority"),
    ({"destinations": ["aws/ap-northeast-1"]}, "authority"),
    ({"packs": ["us-embargoes"]}, "authority"),
    ({"activities": ["fine_tune"]}, "authority"),
    ({"from": day(1)}, "authority"),
    ({"until": day(-1)}, "authority"),
    ({"identities": ["release", "root"], "threshold": 2}, "authority"),
    ({"threshold": 2}, "authority"),
]


@pytest.mark.parametrize(("grant", "check"), GRANTS, ids=[json.dumps(grant)[:40] for grant, _ in GRANTS])
def test_outside_of_its_limits_it_is_nobody(signed: Shell, grant: dict[str, Any], check: str) -> None:
    write_trust(signed, grant)
    assert verify(signed) == (6, {check})
    assert verify(signed, "a.json", "--any-verdict") == (6, {check})


FILES: list[tuple[dict[str, Any], str]] = [
    ({"decide": None}, "authority"),
    ({"decide": None, "declare": [{"identities": ["release"]}]}, "authority"),
    ({"expires": day(-1)}, "trust"),
    ({"from": day(1)}, "trust"),
    ({"max_age_days": {"allow": 1e-9}}, "age"),
    ({"packs": {PACK: {"digests": [MODEL]}}}, "pack_rules"),
    ({"packs": {PACK: {"minimum_version": "99.0.0"}}}, "pack_rules"),
    ({"packs": {PACK: {"signed": True}}}, "pack_rules"),
]


@pytest.mark.parametrize(("changes", "check"), FILES, ids=[json.dumps(changes)[:40] for changes, _ in FILES])
def test_what_the_file_asks_for_is_asked_for(signed: Shell, changes: dict[str, Any], check: str) -> None:
    write_trust(signed, **changes)
    code, bad = verify(signed)
    assert code == 6
    assert check in bad


def test_a_key_that_the_file_does_not_name_signs_for_nobody(signed: Shell) -> None:
    write_trust(signed, identities={"release": key_of(signed, "other"), "root": fresh(signed, "root")})
    assert verify(signed) == (6, {"signature"})


def test_a_root_s_key_decides_nothing(signed: Shell) -> None:
    write_trust(signed, identities={"release": key_of(signed, "other"), "root": key_of(signed, "k")})
    assert verify(signed) == (6, {"authority"})


def fresh(shell: Shell, name: str) -> dict[str, Any]:
    """An identity with a key that is made for it."""
    write_pair(generate(), shell.folder / f"{name}.pem", shell.folder / f"{name}.pem.pub")
    return key_of(shell, name)


def succeeded(shell: Shell, start: str, *, by: str = "k") -> dict[str, Any]:
    """Identities of which a new key takes over from the release key, as another says."""
    new = fresh(shell, "new")
    old = load_private(shell.folder / f"{by}.pem")
    public = load_private(shell.folder / "new.pem").public
    statement = succession(old, public, start, now=datetime.now(UTC)).decode()
    entry = {**new, "succeeds": {"identity": "release", "statement": statement}}
    return {"release": key_of(shell, "k"), "root": key_of(shell, "other"), "new": entry}


@pytest.mark.parametrize(("ahead", "old", "new"), [(0, 6, 0), (1, 0, 6)])
def test_from_its_day_on_the_new_key_signs_and_the_old_one_no_more(
    signed: Shell, ahead: int, old: int, new: int
) -> None:
    write_trust(signed, identities=succeeded(signed, day(ahead)))
    done = signed.here("attest", "d.json", "--key", "new.pem", "--model", "./m", "-o", "b.json")
    assert done.code == 0, done.err
    assert [verify(signed, "a.json")[0], verify(signed, "b.json")[0]] == [old, new]


def test_a_stranger_cannot_name_a_successor(signed: Shell) -> None:
    write_trust(signed, identities=succeeded(signed, day(0), by="other"))
    done = signed.here("verify", "a.json", "--trust", "trust.yaml", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "succession")


def test_a_signature_put_in_twice_is_one_signature(signed: Shell) -> None:
    write_trust(signed, {"identities": ["release", "root"], "threshold": 2})
    envelope = json.loads((signed.folder / "a.json").read_bytes())
    envelope["signatures"] *= 2
    signed.write("twice.json", json.dumps(envelope))
    assert verify(signed, "twice.json") == (6, {"authority"})
    envelope["signatures"][1]["keyid"] = ""
    signed.write("twice.json", json.dumps(envelope))
    assert verify(signed, "twice.json") == (6, {"authority"})
    keys = ["--key", "k.pem", "--key", "other.pem"]
    assert signed.here("attest", "d.json", "--model", "./m", "-o", "two.json", *keys).code == 0
    assert verify(signed, "two.json") == (0, set())


def test_a_key_beside_a_trust_file_would_be_believed_for_everything(signed: Shell) -> None:
    write_trust(signed, {"verdicts": ["deny"]})
    done = signed.here("verify", "a.json", "--trust", "trust.yaml", "--key", "k.pem.pub", "--output", "json")
    assert (done.code, done.error["code"]) == (4, "ambiguous_trust")


def test_a_trust_file_that_lies_about_is_not_used(signed: Shell) -> None:
    """A checkout must not choose the rules that it is judged by (CONTRACT.md)."""
    write_trust(signed)
    Path(signed.folder, "trust.yaml").rename(signed.folder / "weightgate-trust.yaml")
    assert signed.here("verify", "a.json").code == 4


@pytest.mark.parametrize(
    ("text", "where"),
    [("schema: [", "trust.yaml:"), ("", "trust.yaml"), ("schema: weightgate/trust/v1\n", "trust.yaml:1:1")],
)
def test_a_trust_file_that_is_none_lets_nothing_pass(signed: Shell, text: str, where: str) -> None:
    signed.write("trust.yaml", text)
    done = signed.here("verify", "a.json", "--trust", "trust.yaml", "--output", "json")
    assert (done.code, done.error["where"].startswith(where)) == (4, True)
