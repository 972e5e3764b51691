"""Declarations and bundles of packs that tried to free a model, to take all memory, or to be waited for without end."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.adversarial.test_hostile_packs import bounded
from tests.cli.conftest import BRITISH
from tests.cli.shell import Shell
from weightgate.signing.envelope import seal
from weightgate.signing.keys import PrivateKey, generate, write_pair

RULE = "us-ear-ai-diffusion-2025"
ASKED = ("./m", "--to", "AE", "--operator", "gb.yaml", "--policy", RULE)
FACTS = ("model.openness=closed", "model.training_operations=2.0e25")
SIGN = ("--source", "log", "--until", "9000-01-01", "-o", "d.json")
LAB, MALLORY = generate(), generate()


@pytest.fixture
def lab(shell: Shell) -> Shell:
    """The folder with a declaration by the lab, and a trust file that names it for compute and openness."""
    identity = {"key": LAB.public.pem().decode()}
    trust = {
        "schema": "weightgate/trust/v1",
        "version": 1,
        "expires": "9000-01-01",
        "identities": {"lab": identity},
        "declare": [{"identities": ["lab"], "facts": [fact.partition("=")[0] for fact in FACTS]}],
        "sign_packs": [{"identities": ["lab"]}],
        "packs": {RULE: {"signed": True}},
    }
    shell.write(
        "trust.yaml", json.dumps({k: v for k, v in trust.items() if k not in ("sign_packs", "packs")})
    )
    shell.write("strict.yaml", json.dumps(trust))
    shell.write("gb.yaml", BRITISH)
    write_pair(LAB, shell.folder / "lab", shell.folder / "lab.pub")
    assert shell.here("declare", "./m", *FACTS, *SIGN, "--key", "lab").code == 0
    return shell


def statement(shell: Shell) -> dict[str, Any]:
    """What the lab signed."""
    raw = json.loads((shell.folder / "d.json").read_bytes())
    return dict(json.loads(base64.b64decode(raw["payload"])))


def signed(change: Callable[[dict[str, Any]], object], key: PrivateKey) -> Callable[[Shell], bytes]:
    """The lab's statement after a change, signed by somebody."""

    def make(shell: Shell) -> bytes:
        said = statement(shell)
        change(said)
        return seal(json.dumps(said).encode(), key)

    return make


def borrowed(shell: Shell) -> bytes:
    """Mallory's signature under the lab's keyid."""
    raw = json.loads(seal(json.dumps(statement(shell)).encode(), MALLORY))
    raw["signatures"][0]["keyid"] = LAB.keyid
    return json.dumps(raw).encode()


def edited(shell: Shell) -> bytes:
    """The lab's envelope with less compute inside."""
    raw = json.loads((shell.folder / "d.json").read_bytes())
    payload = base64.b64decode(raw["payload"]).replace(b"2e+25", b"1e+20")
    return json.dumps(raw | {"payload": base64.b64encode(payload).decode()}).encode()


def twice(shell: Shell) -> bytes:
    """Two payloads in one envelope, of which two readers could see one each."""
    raw = (shell.folder / "d.json").read_text()
    return raw.replace('{"payload":', '{"payload":"e30=","payload":', 1).encode()


def facts(said: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = said["predicate"]["facts"]
    return found


def compute(said: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = facts(said)["model.training_operations"]
    return found


Made = Callable[[Shell], bytes]
REFUSED: dict[str, tuple[Made, int, str]] = {
    "a borrowed keyid": (borrowed, 6, "signature"),
    "an edited payload": (edited, 6, "signature"),
    "two payloads": (twice, 6, "envelope"),
    "another model's": (signed(lambda s: s["subject"][0]["digest"].update(sha256="ab" * 32), LAB), 6, "binding"),
    "another model's, by a stranger": (signed(lambda s: s["subject"][0]["digest"].update(sha256="ab" * 32), MALLORY), 6, "binding"),
    "a decision": (signed(lambda s: s.update(predicateType="https://weightgate.dev/decision/v1"), LAB), 6, "predicate_type"),
    "the operator's facts": (signed(lambda s: facts(s).update({"operator.authorizations": compute(s)}), LAB), 6, "predicate"),
    "an unknown fact": (signed(lambda s: facts(s).update({"model.freedom": compute(s)}), LAB), 6, "predicate"),
    "from the future": (signed(lambda s: s["predicate"].update(createdOn="2999-01-01T00:00:00Z"), LAB), 6, "time"),
    "nested": (lambda _: b'{"payload":' + b"[" * 50_000 + b"]" * 50_000 + b"}", 4, "unknown_fact"),
    "large": (lambda _: b'{"payload":"' + b"A" * (3 << 20) + b'"}', 4, "unknown_fact"),
    "many signatures": (lambda _: json.dumps({"payload": "e30=", "payloadType": "application/vnd.in-toto+json", "signatures": [{"sig": "AA=="}] * 5000}).encode(), 6, "envelope"),
    "a facts file that says so": (lambda _: b'{"payload": "x", "model.openness": "open"}', 4, "no_attestation"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_declaration_ends_the_check_and_never_frees_a_model(lab: Shell, name: str) -> None:
    make, code, error = REFUSED[name]
    (lab.folder / "d.json").write_bytes(make(lab))
    done = bounded(lab, "check", *ASKED, "--facts", "d.json", "--trust", "trust.yaml", "--output", "json")
    assert done.code == code
    if name not in ("nested", "large"):
        assert done.error["code"] == error
        assert done.error["where"].startswith("d.json")


CLAIMS: dict[str, Made] = {
    "a stranger's": signed(lambda _: None, MALLORY),
    "less compute, by a stranger": signed(lambda s: compute(s).update(value=1.0), MALLORY),
    "open, by a stranger": signed(lambda s: facts(s)["model.openness"].update(value="open"), MALLORY),
    "expired": signed(lambda s: [f.update(until="2026-01-01") for f in facts(s).values()], LAB),
    "not begun": signed(lambda s: [f.update(on="8000-01-01") for f in facts(s).values()], LAB),
    "for another fact": signed(lambda s: facts(s).pop("model.training_operations"), LAB),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_word_that_does_not_count_runs_nothing(lab: Shell, name: str) -> None:
    (lab.folder / "d.json").write_bytes(CLAIMS[name](lab))
    asked = ("--facts", "d.json", "--trust", "trust.yaml", "--", "touch", "ran")
    done = lab("guard", *ASKED, *asked)
    assert (done.code, done.last) == (3, "weightgate: refused (indeterminate)")
    assert not (lab.folder / "ran").exists()


def test_the_sample_itself_runs_it(lab: Shell) -> None:
    done = lab("guard", *ASKED, "--facts", "d.json", "--trust", "trust.yaml", "--", "touch", "ran")
    assert done.code == 0
    assert (lab.folder / "ran").exists()


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(50 << 30)


def to_zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


def waiting(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("make", [sparse, to_zeros, waiting], ids=lambda make: make.__name__)
@pytest.mark.parametrize("name", ["b.wgpack", "p.yaml.sig"])
def test_a_bundle_or_signature_without_end_is_not_read_and_not_waited_for(
    lab: Shell, make: Callable[[Path], None], name: str
) -> None:
    make(lab.folder / name)
    source = lab.here("policy", "bundle", RULE, "-o", "good.wgpack")
    assert source.code == 0
    (lab.folder / "p.yaml").write_text("schema: weightgate/pack/v1\n")
    pack = "b.wgpack" if name == "b.wgpack" else "./p.yaml"
    for words in (("check", "./m", "--to", "AE", "--policy", pack), ("policy", "show", pack)):
        done = bounded(lab, *words, "--output", "json")
        assert done.code == 4
        assert done.error["code"] in ("bundle", "too_large", "unreadable")


@pytest.mark.parametrize(
    ("signature", "code"), [(None, 6), ("stranger", 6), ("borrowed", 6), ("other", 6), ("lab", 0)]
)
def test_a_pack_that_must_be_signed_decides_nothing_until_it_is(
    lab: Shell, signature: str | None, code: int
) -> None:
    write_pair(MALLORY, lab.folder / "mallory", lab.folder / "mallory.pub")
    lab.here("policy", "bundle", RULE, "--key", "lab", "-o", "good.wgpack")
    lab.here("policy", "bundle", RULE, "--key", "mallory", "-o", "bad.wgpack")
    lab.here("policy", "bundle", "us-ny-raise", "--key", "lab", "-o", "other.wgpack")
    forged = json.loads((lab.folder / "bad.wgpack.sig").read_bytes())
    forged["signatures"][0]["keyid"] = LAB.keyid
    lab.write("borrowed.sig", json.dumps(forged))
    files = {
        "stranger": "bad.wgpack.sig",
        "borrowed": "borrowed.sig",
        "other": "other.wgpack.sig",
        "lab": "good.wgpack.sig",
    }
    given = ["--pack-signature", files[signature]] if signature else []
    asked = (*ASKED, "--facts", "d.json", "--trust", "strict.yaml", *given, "--", "touch", "ran")
    done = lab("guard", *asked)
    assert done.code == code
    assert (lab.folder / "ran").exists() is (code == 0)
