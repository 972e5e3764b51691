from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.signing.chains import END, between, leaf, root
from weightgate.signing.keys import ALGORITHMS, ECDSA_P256, generate, write_pair


@pytest.fixture
def keys(shell: Shell) -> Shell:
    """The folder with two key pairs in it."""
    for name in ("key", "other"):
        write_pair(generate(ECDSA_P256), shell.folder / name, shell.folder / f"{name}.pub")
    return shell


def sign(shell: Shell, *words: str, model: str = "./m", sig: str = "m.sig") -> dict[str, object]:
    """What signing a model says of itself."""
    done = shell.here("model", "sign", model, "--key", "key", "-o", sig, *words, "--output", "json")
    assert done.code == 0, done.err
    data: dict[str, object] = done.json
    return data


def test_sign_then_verify(keys: Shell) -> None:
    data = sign(keys)
    digest = keys.here("model", "digest", "./m").out.strip()
    assert data == {
        "schema": "weightgate/model-signed/v1", "path": "m.sig", "digest": digest, "method": "files",
        "shard_size": None, "resources": 2, "ignored": [], "warnings": [], "algorithm": "ecdsa-p256",
        "keyid": data["keyid"],
    }  # fmt: skip
    done = keys.here("model", "verify", "./m", "m.sig", "--key", "key.pub")
    assert (done.code, done.out.splitlines()[-1]) == (0, "VERIFIED")
    report = keys.here("model", "verify", "./m", "m.sig", "--key", "key.pub", "--output", "json").json
    assert (report["genuine"], report["exit"], report["differences"]) == (True, 0, [])
    assert report["signer"] == {
        "keyid": data["keyid"],
        "algorithm": "ecdsa-p256",
        "identity": None,
        "issuer": None,
    }
    assert report["model"] == {
        "name": "m",
        "root": digest,
        "resources": 2,
        "method": "files",
        "shard_size": None,
    }


def test_each_file_that_differs_is_named_with_what_differs(keys: Shell) -> None:
    sign(keys)
    (keys.folder / "m" / "config.json").write_bytes(b"x")
    (keys.folder / "m" / "model.safetensors").unlink()
    (keys.folder / "m" / "new.py").write_bytes(b"x")
    done = keys.here("model", "verify", "./m", "m.sig", "--key", "key.pub")
    assert done.code == 6
    flat = " ".join(done.out.split())
    for part in ("'model.safetensors' is missing", "'config.json' has", "'new.py' is there and not signed"):
        assert part in flat
    assert done.out.splitlines()[-1] == "NOT VERIFIED: files, unsigned_files"
    report = keys.here("model", "verify", "./m", "m.sig", "--key", "key.pub", "--output", "json")
    assert (report.code, report.error["code"], report.error["where"]) == (6, "files", "m.sig")
    named = {each["name"]: each["problem"] for each in report.json["differences"]}
    assert named == {"model.safetensors": "missing", "config.json": "changed", "new.py": "unsigned"}


def test_files_that_nobody_signed_pass_by_flag_alone(keys: Shell) -> None:
    sign(keys)
    (keys.folder / "m" / "new.py").write_bytes(b"x")
    words = ("model", "verify", "./m", "m.sig", "--key", "key.pub")
    assert keys.here(*words).code == 6
    assert keys.here(*words, "--allow-unsigned-files").code == 0
    assert keys.here(*words, "--ignore", "new.py").code == 0
    assert keys.here(*words, "--ignore", "*.py").code == 6


def test_another_key_is_exit_6(keys: Shell) -> None:
    sign(keys)
    done = keys.here("model", "verify", "./m", "m.sig", "--key", "other.pub", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "signature")
    assert keys.here("model", "verify", "./m", "m.sig", "--key", "other.pub", "--key", "key.pub").code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["./m", "m.sig"], "no_key"),
        (["./m", "m.sig", "--identity", "x"], "usage"),
        (["./m", "m.sig", "--issuer", "https://x"], "usage"),
        (["./m", "m.sig", "--key", "key.pub", "--trusted-root", "x"], "usage"),
        (["./m", "m.sig", "--key", "key"], "key_unreadable"),
        (["./m", "key.pub", "--key", "key.pub"], "json"),
        (["./m", "none.sig", "--key", "key.pub"], "unreadable"),
        (["./m", "m/config.json", "--key", "key.pub"], "no_signature"),
        (["owner/name", "m.sig", "--key", "key.pub"], "not_local"),
        (["-", "m.sig", "--key", "key.pub"], "stream"),
        (["-", "m.sig", "--key", "key.pub", "--only", "a", "--only", "b"], "stream"),
        (["-", "m.sig", "--key", "key.pub", "--only", "a", "--allow-unsigned-files"], "stream"),
        (["./m", "m.sig", "--key", "key.pub", "--ignore", "../x"], "bad_ignore"),
        (["./m", "m.sig", "--key", "key.pub", "--at", "yesterday"], "bad_time"),
        (["./m", "m.sig", "--certificate-authority", "key.pub"], "certificate"),
    ],
)
def test_words_that_cannot_be_carried_out(words: list[str], code: str, keys: Shell) -> None:
    sign(keys)
    done = keys.here("model", "verify", *words, "--output", "json")
    assert (done.code, done.error["code"]) == (4, code)


def test_a_model_that_is_not_there(keys: Shell) -> None:
    sign(keys)
    assert keys.here("model", "verify", "./none", "m.sig", "--key", "key.pub").code == 5


def test_shards(keys: Shell) -> None:
    data = sign(keys, "--shard-size", "100")
    assert (data["method"], data["shard_size"]) == ("shards", 100)
    listed = keys.here("model", "digest", "./m", "--shard-size", "100", "--output", "json").json
    assert (listed["model"]["digest"], listed["shard_size"]) == (data["digest"], 100)
    assert len(listed["files"]) == data["resources"]
    default = keys.here("model", "digest", "./m", "--method", "shards", "--output", "json").json
    assert default["shard_size"] == 1_000_000_000
    words = ("model", "verify", "./m", "m.sig", "--key", "key.pub")
    assert keys.here(*words).code == 0
    (keys.folder / "m" / "config.json").write_bytes(b"x")
    assert keys.here(*words).code == 6
    assert keys.here(*words, "--only", "model.safetensors:0:100").code == 0
    assert keys.here(*words, "--only", "config.json").code == 6
    for wrong in (["--method", "files", "--shard-size", "5"], ["--shard-size", "0"], ["--method", "tensors"]):
        assert keys.here("model", "digest", "./m", *wrong).code == 4


def test_a_stream(keys: Shell) -> None:
    sign(keys)
    content = (keys.folder / "m" / "config.json").read_text(encoding="utf-8")
    words = ["model", "verify", "-", "m.sig", "--key", "key.pub", "--only", "config.json"]
    assert keys(*words, stdin=content).code == 0
    assert keys(*words, stdin=content + "x").code == 6
    assert keys(*words[:-1], "none", stdin=content).code == 6


def test_paths_that_are_left_out(keys: Shell) -> None:
    (keys.folder / "m" / "log").write_bytes(b"1")
    data = sign(keys, "--ignore", "log")
    assert data["ignored"] == ["log"]
    (keys.folder / "m" / "log").write_bytes(b"2")
    assert keys.here("model", "verify", "./m", "m.sig", "--key", "key.pub").code == 0
    assert keys.here("model", "digest", "./m", "--ignore", "log").out.strip() == data["digest"]
    assert keys.here("model", "digest", "./m").out.strip() != data["digest"]


def test_links(keys: Shell) -> None:
    keys.write("shared", "x")
    (keys.folder / "m" / "link").symlink_to("../shared")
    refused = keys.here("model", "sign", "./m", "--key", "key", "-o", "m.sig", "--output", "json")
    assert (refused.code, refused.error["code"]) == (4, "symlink_out")
    assert not (keys.folder / "m.sig").exists()
    done = keys.here("model", "sign", "./m", "--key", "key", "-o", "m.sig", "--allow-symlinks")
    assert (done.code, done.err) == (0, "warning: 'link' is a link that leads out of the model\n")
    assert keys.here("model", "verify", "./m", "m.sig", "--key", "key.pub").code == 0


def test_the_signature_may_lie_in_the_model_and_nothing_else(keys: Shell) -> None:
    before = keys.here("model", "digest", "./m").out.strip()
    for _ in range(2):
        assert sign(keys, sig="m/model.sig")["digest"] == before
    assert keys.here("model", "verify", "./m", "m/model.sig", "--key", "key.pub").code == 0
    config = (keys.folder / "m" / "config.json").read_bytes()
    done = keys.here("model", "sign", "./m", "--key", "key", "-o", "m/config.json", "--output", "json")
    assert (done.code, done.error["code"]) == (4, "output_inside_model")
    assert (keys.folder / "m" / "config.json").read_bytes() == config
    for words in (["--output", "json=m/report.json"], ["--output", "json=m.sig"], ["-o", "key"]):
        base = ["model", "sign", "./m", "--key", "key", *([] if "-o" in words else ["-o", "m.sig"])]
        assert keys.here(*base, *words).code == 4
    assert not (keys.folder / "m" / "report.json").exists()


def test_certificates(shell: Shell) -> None:
    (shell.folder / "key").write_bytes(leaf().signer.pem())
    (shell.folder / "key").chmod(0o600)
    (shell.folder / "leaf.pem").write_bytes(leaf().pem)
    (shell.folder / "chain.pem").write_bytes(between().pem)
    (shell.folder / "ca.pem").write_bytes(root().pem)
    (shell.folder / "other.pem").write_bytes(between().pem)
    chain = ["--certificate-chain", "leaf.pem", "--certificate-chain", "chain.pem"]
    sign(shell, *chain)
    at = ["--at", f"{END:%Y-%m-%dT%H:%M:%SZ}"]
    words = ["model", "verify", "./m", "m.sig", *at, "--certificate-authority"]
    report = shell.here(*words, "ca.pem", "--output", "json").json
    assert report["signer"]["identity"] == "CN=signer"
    assert report["signer"]["issuer"] == "ca.pem"
    assert shell.here(*words, "ca.pem", "--identity", "CN=signer").code == 0
    done = shell.here(*words, "ca.pem", "--identity", "CN=other", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "certificate")
    late = [*words[:4], "--at", "2030-01-01T00:00:00Z", "--certificate-authority", "ca.pem"]
    assert shell.here(*late).code == 6
    wrong = ["--key", "key", "-o", "n.sig", "--certificate-chain", "chain.pem", "--output", "json"]
    assert shell.here("model", "sign", "./m", *wrong).error["code"] == "certificate"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_kind_of_key(algorithm: str, shell: Shell) -> None:
    write_pair(generate(algorithm), shell.folder / "key", shell.folder / "key.pub")
    assert sign(shell)["algorithm"] == algorithm
    assert shell.here("model", "verify", "./m", "m.sig", "--key", "key.pub").code == 0


def test_several_keys_are_one_too_many(keys: Shell) -> None:
    done = keys.here(
        "model", "sign", "./m", "--key", "key", "--key", "other", "-o", "m.sig", "--output", "json"
    )
    assert (done.code, done.error["code"]) == (4, "signers")


# A model that is named by its signature


def test_decide_sign_and_verify_without_the_weights(keys: Shell, allowed: list[str]) -> None:
    sign(keys)
    (keys.folder / "m").rename(keys.folder / "elsewhere")
    named = ["sig:m.sig", "--model-key", "key.pub"]
    digest = keys.here("model", "digest", *named).out.strip()
    data = keys.here("model", "digest", *named, "--output", "json").json
    assert all(each["reported"] for each in data["files"])
    found = keys.here("inspect", *named, "--output", "json").json
    assert (found["model"]["digest"], found["facts"]) == (digest, {})
    assert "the word of key" in found["not_established"][0]
    attested = ["--attest", "a.json", "--key", "other", "--output", "json=d.json"]
    done = keys.here("check", *named, *allowed, *attested)
    assert done.code == 0, done.err
    decision = json.loads((keys.folder / "d.json").read_text(encoding="utf-8"))
    assert decision["model"] == {"reference": "sig:m.sig", "revision": None, "digest": digest}
    assert decision["hypothetical"] is False
    about = ["--model", "./elsewhere"]
    assert keys.here("verify", "a.json", "--key", "other.pub", *about).code == 0
    by_signature = ["--model", "sig:m.sig", "--model-key", "key.pub"]
    assert keys.here("verify", "a.json", "--key", "other.pub", *by_signature).code == 0
    again = ["--key", "other", "-o", "b.json", *by_signature]
    assert keys.here("attest", "d.json", *again).code == 0
    (keys.folder / "elsewhere" / "config.json").write_bytes(b"{}")
    assert keys.here("verify", "a.json", "--key", "other.pub", *about).code == 6


def test_a_signature_by_whom_nobody_named_is_no_model(keys: Shell, allowed: list[str]) -> None:
    sign(keys)
    for command in (
        ["check", "sig:m.sig", *allowed],
        ["inspect", "sig:m.sig"],
        ["model", "digest", "sig:m.sig"],
    ):
        done = keys.here(*command, "--output", "json")
        assert (done.code, done.error["code"]) == (4, "model_key")
        done = keys.here(*command, "--model-key", "other.pub", "--output", "json")
        assert (done.code, done.error["code"]) == (6, "signature")
    done = keys.here("inspect", "./m", "--model-key", "key.pub", "--output", "json")
    assert (done.code, done.error["code"]) == (4, "model_key")
    done = keys.here("inspect", "sig:", "--model-key", "key.pub", "--output", "json")
    assert (done.code, done.error["code"]) == (4, "bad_reference")


def test_shards_decide_and_are_not_attested(keys: Shell, allowed: list[str]) -> None:
    root_digest = sign(keys, "--shard-size", "100")["digest"]
    named = ["sig:m.sig", "--model-key", "key.pub"]
    done = keys.here("check", *named, *allowed, "--digest", str(root_digest), "--output", "json=d.json")
    assert done.code == 0, done.err
    done = keys.here("check", *named, *allowed, "--attest", "a.json", "--key", "key", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "no_manifest")
    assert not (keys.folder / "a.json").exists()
    done = keys.here("attest", "d.json", "--key", "key", "-o", "a.json", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "no_manifest")
    assert keys.here("check", "./m", *allowed, "--attest", "a.json", "--key", "key").code == 0
    words = ["--key", "key.pub", "--model", "sig:m.sig", "--model-key", "key.pub", "--output", "json"]
    done = keys.here("verify", "a.json", *words)
    assert (done.code, done.error["code"]) == (6, "no_manifest")


def test_no_output_goes_over_the_signature_or_its_key(keys: Shell) -> None:
    sign(keys)
    for target in ("m.sig", "key.pub"):
        before = Path(keys.folder, target).read_bytes()
        words = ["inspect", "sig:m.sig", "--model-key", "key.pub", "--output", f"json={target}"]
        assert keys.here(*words).code == 4
        assert Path(keys.folder, target).read_bytes() == before


def test_a_trust_file_says_who_may_sign_models(keys: Shell) -> None:
    sign(keys)
    pem = "".join(
        f"      {line}\n" for line in (keys.folder / "key.pub").read_text(encoding="utf-8").splitlines()
    )
    head = f"schema: weightgate/trust/v1\nversion: 1\nexpires: 2099-12-31\nidentities:\n  lab:\n    key: |\n{pem}"
    keys.write("may.yaml", head + "sign_models: [{identities: [lab]}]\n")
    keys.write("not.yaml", head + "decide: [{identities: [lab]}]\n")
    words = ("model", "verify", "./m", "m.sig")
    assert keys.here(*words, "--trust", "may.yaml").code == 0
    done = keys.here(*words, "--trust", "not.yaml", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "model_signer")
    for beside in (["--key", "key.pub"], ["--identity", "somebody-else"], ["--trusted-root", "root.json"]):
        done = keys.here(*words, "--trust", "may.yaml", *beside, "--output", "json")
        assert (done.code, done.error["code"]) == (4, "ambiguous_trust")
    assert keys(*words, "--key", "key.pub", WEIGHTGATE_TRUST="not.yaml").code == 0
    assert keys(*words, WEIGHTGATE_TRUST="not.yaml").code == 6


def test_a_trust_file_lets_a_signature_stand_for_its_model(keys: Shell, allowed: list[str]) -> None:
    sign(keys)
    pem = "".join(
        f"      {line}\n" for line in (keys.folder / "key.pub").read_text(encoding="utf-8").splitlines()
    )
    head = f"schema: weightgate/trust/v1\nversion: 1\nexpires: 2099-12-31\nidentities:\n  lab:\n    key: |\n{pem}"
    keys.write("may.yaml", head + "sign_models: [{identities: [lab]}]\n")
    keys.write("not.yaml", head + "decide: [{identities: [lab]}]\n")
    assert keys.here("check", "sig:m.sig", *allowed, "--trust", "may.yaml").code == 0
    done = keys.here("check", "sig:m.sig", *allowed, "--trust", "not.yaml", "--output", "json")
    assert (done.code, done.error["code"]) == (6, "model_signer")
