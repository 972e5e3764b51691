"""docs/declarations.md and docs/signed-packs.md are held to the code, and their examples run."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import BRITISH, write_model
from tests.cli.shell import Shell
from weightgate.attest import signed_packs
from weightgate.attest.declarations import declaration
from weightgate.attest.declarations.declarable import MAX_FACTS
from weightgate.files.yaml import parse_yaml
from weightgate.policy import archive
from weightgate.signing.keys import generate, write_pair
from weightgate.signing.statement import MAX_AHEAD

DOCS = Path(__file__).parents[2] / "docs"
DECLARATIONS = (DOCS / "declarations.md").read_text(encoding="utf-8")
PACKS = (DOCS / "signed-packs.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    weightgate (.*?)  # exit ([0-9])$", DECLARATIONS, re.MULTILINE)
TRUST = re.search(r"((?:^    .*\n)*^    declare:\n(?:^    .*\n)+)", DECLARATIONS, re.MULTILINE)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """The folder of the example."""
    write_model(tmp_path / "model")
    key = generate()
    write_pair(key, tmp_path / "lab.pem", tmp_path / "lab.pem.pub")
    (tmp_path / "operator.yaml").write_text(BRITISH, encoding="utf-8")
    assert TRUST is not None
    trust = parse_yaml(TRUST.group(1), "trust.yaml").data
    trust["identities"]["example-lab"]["key"] = key.public.pem().decode()
    (tmp_path / "trust.yaml").write_text(json.dumps(trust), encoding="utf-8")
    return Shell(tmp_path, {"HF_HUB_OFFLINE": "1"})


def test_the_example_ends_as_the_page_says(shell: Shell) -> None:
    assert len(COMMANDS) == 4
    for words, code in COMMANDS:
        done = shell.here(*shlex.split(words))
        assert done.code == int(code), (words, done.err)


def test_the_constants_of_declarations() -> None:
    assert f"`{declaration.PREDICATE_TYPE}`" in DECLARATIONS
    assert f"1 to {MAX_FACTS} facts" in DECLARATIONS
    assert f"at most {declaration.MAX_BYTES // 2**20} MiB" in DECLARATIONS
    assert f"at most {MAX_AHEAD.seconds // 60} minutes ahead" in DECLARATIONS


def test_the_constants_of_packs() -> None:
    assert f"`{signed_packs.PREDICATE_TYPE}`" in PACKS
    assert f"of at most {signed_packs.MAX_BYTES // 2**20} MiB" in PACKS
    assert f"up to {signed_packs.MAX_PER_PACK}\nare looked at" in PACKS
    assert f"at most {archive.MAX_ARCHIVE_BYTES // 2**20} MiB and {archive.MAX_FILES} files" in PACKS
    assert f"`{archive.MANIFEST}` first (schema `{archive.MANIFEST_SCHEMA}`" in PACKS
