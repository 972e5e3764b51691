"""A PKCS #11 token in software, with a key on each curve, and the real command beside it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
PIN = "1234"
MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")

# In a process of its own: a PKCS #11 module is loaded once into a process, with the tokens that were there.
MAKE_KEYS = """
import os, pkcs11
from pkcs11.util.ec import encode_named_curve_parameters
from pkcs11 import Attribute, KeyType
token = pkcs11.lib(os.environ["PYKCS11LIB"]).get_token(token_label="release")
with token.open(rw=True, user_pin="1234") as session:
    for number, curve in ((2, "secp256r1"), (3, "secp384r1"), (4, "secp521r1")):
        wanted = {Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}
        parameters = session.create_domain_parameters(KeyType.EC, wanted, local=True)
        _, private = parameters.generate_keypair(store=True, id=bytes([number]), label=f"gate {number}")
        assert private[Attribute.SENSITIVE] and not private[Attribute.EXTRACTABLE]
"""


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Token:
    """A token and a folder to work in.

    Attributes:
        folder: The working folder; ``decision.json`` is there.
        env: The environment in which the token is found.
    """

    folder: Path
    env: dict[str, str]

    def __call__(self, *words: str, **env: str) -> Ended:
        """Run weightgate in a process of its own, without a terminal."""
        done = subprocess.run(
            [sys.executable, "-m", "weightgate", *words], cwd=self.folder, env=self.env | env,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Ended(done.returncode, done.stdout, done.stderr)


def softhsm() -> str:
    """Path of SoftHSM's module; installed from Debian when it is missing."""
    if shutil.which("softhsm2-util") is None:
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "softhsm2"]):
            subprocess.run(command, check=True, capture_output=True, timeout=300)
    found = [module for module in MODULES if Path(module).is_file()]
    assert found, f"SoftHSM's module is at none of {MODULES}"
    return found[0]


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> Token:
    """A new token with three keys, and a decision to sign."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n", encoding="utf-8"
    )
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "SOFTHSM2_CONF": str(folder / "softhsm2.conf"),
        "PYKCS11LIB": softhsm(),
        "WEIGHTGATE_KEY_PASSPHRASE": PIN,
    }
    made = ["--init-token", "--free", "--label", "release", "--pin", PIN, "--so-pin", "567890"]
    for command in (["softhsm2-util", *made], [sys.executable, "-c", MAKE_KEYS]):
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    (folder / "closed.yaml").write_text("model.openness: closed\n", encoding="utf-8")
    made_token = Token(folder, env)
    asked = ["check", "-", "--to", "DE", "--facts", "closed.yaml", "--output", "json=decision.json"]
    assert made_token(*asked).code == 3
    return made_token
