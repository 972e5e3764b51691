from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.cli.shell import Shell


def root_of(folder: Path) -> str:
    """The root digest by the book: SHA-256 over the files' raw digests in order of names."""
    names = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    whole = b"".join(hashlib.sha256((folder / name).read_bytes()).digest() for name in names)
    return "sha256:" + hashlib.sha256(whole).hexdigest()


def test_the_digest_alone_in_text_and_the_manifest_in_json(shell: Shell) -> None:
    root = root_of(shell.folder / "m")
    assert shell.here("model", "digest", "./m").out == f"{root}\n"
    data = shell.here("model", "digest", "./m", "--output", "json").json
    assert data["model"] == {"reference": "./m", "revision": None, "digest": root}
    assert [f["name"] for f in data["files"]] == ["config.json", "model.safetensors"]
    config = (shell.folder / "m" / "config.json").read_bytes()
    assert data["files"][0] == {
        "name": "config.json",
        "digest": "sha256:" + hashlib.sha256(config).hexdigest(),
        "reported": False,
    }


def test_it_is_the_digest_that_check_decides_about(shell: Shell) -> None:
    digest = shell.here("model", "digest", "./m").out.strip()
    decision = shell.here("check", "./m", "--to", "DE", "--digest", digest, "--output", "json").json
    assert decision["model"]["digest"] == digest


def test_damaged_weights_have_a_digest_all_the_same(shell: Shell) -> None:
    (shell.folder / "m" / "model.safetensors").write_bytes(b"\xff" * 9)
    assert shell.here("inspect", "./m").code == 4
    assert shell.here("model", "digest", "./m").out == f"{root_of(shell.folder / 'm')}\n"


def test_links_out_of_the_folder_are_refused(shell: Shell) -> None:
    shell.write("secret", "x")
    (shell.folder / "m" / "link.bin").symlink_to("../secret")
    done = shell.here("model", "digest", "./m", "--output", "json")
    assert done.code == 4
    assert "link.bin" in str(done.error)


@pytest.mark.parametrize(
    ("reference", "exit_code", "code"),
    [
        ("-", 4, "bad_reference"),
        ("m", 4, "ambiguous_model"),
        ("./none", 5, "unreachable"),
        ("owner/name@", 4, "bad_revision"),
        ("nothing", 4, "bad_reference"),
        ("sig:model.sig", 4, "model_key"),
        ("https://huggingface.co/owner/name", 4, "bad_reference"),
    ],
)
def test_a_model_that_cannot_be_had(shell: Shell, reference: str, exit_code: int, code: str) -> None:
    done = shell.here("model", "digest", reference, "--output", "json")
    assert (done.code, done.error["code"]) == (exit_code, code)


def test_inspect_shows_each_fact_with_grade_and_evidence(shell: Shell) -> None:
    done = shell.here("inspect", "./m", "--output", "json")
    assert done.code == 0
    data = done.json
    assert [key for key in ("schema", "model", "facts", "contradictions") if key not in data] == []
    assert data["model"]["digest"] == root_of(shell.folder / "m")
    parameters = data["facts"]["model.parameters"]
    assert parameters["grade"] == "inferred"
    assert parameters["unit"] == "parameters"
    assert parameters["evidence"][0]["source"].endswith("model.safetensors")
    text = shell.here("inspect", "./m").out
    flat = " ".join(text.split())
    assert f"model.parameters: {parameters['value']:g} parameters (inferred)" in flat
    assert "model.architecture: LlamaForCausalLM (claimed)" in flat
    assert "a folder proves nothing about who else can have it" in flat


def test_inspect_without_a_model_finds_nothing(shell: Shell) -> None:
    done = shell.here("inspect", "-")
    assert done.code == 0
    assert "digest: could not be had" in done.out
    assert "\nFacts\n  nothing\n" in done.out


def test_contradictions_in_a_model_are_shown(shell: Shell) -> None:
    card = "---\nlicense: mit\n---\n"
    (shell.folder / "m" / "README.md").write_text(card, encoding="utf-8")
    (shell.folder / "m" / "LICENSE").write_text(
        "Apache License\nVersion 2.0, January 2004\n\nTERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION\n",
        encoding="utf-8",
    )
    data = shell.here("inspect", "./m", "--output", "json").json
    assert data["facts"]["model.license"]["evidence"]
