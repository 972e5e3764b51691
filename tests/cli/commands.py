"""Every command, with words under which it works in the folder of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from tests.cli.shell import Shell
from weightgate.attest.trust import read_trust
from weightgate.attest.trust.new import new_trust
from weightgate.attest.trust.signatures import sign_trust
from weightgate.cli.main import cli
from weightgate.ledger.ledger import init_ledger
from weightgate.signing.keys import PrivateKey, generate, load_private, write_pair

ALLOWED = ["--to", "JP", "--facts", "closed.yaml", "--operator", "jp.yaml"]

# Each command, and the rest of its words. ATTESTATION, DECISION and KEY are made by `prepare`.
WORKING: dict[str, list[str]] = {
    "check": ["./m", *ALLOWED],
    "guard": ["./m", *ALLOWED],
    "inspect": ["./m"],
    "explain": ["decision.json"],
    "region resolve": ["DE"],
    "policy list": [],
    "policy show": ["us-ai-diffusion-draft"],
    "policy lint": ["us-ny-raise"],
    "policy test": ["us-ny-raise"],
    "policy new": ["mine"],
    "policy prove": ["us-ny-raise"],
    "policy diff": ["us-ny-raise", "us-ny-raise"],
    "policy export": ["us-ny-raise", "--to", "rego"],
    "policy bundle": ["us-ny-raise", "-o", "new.wgpack"],
    "policy impact": ["decision.json"],
    "attest": ["decision.json", "--key", "key.pem", "-o", "new.json"],
    "declare": [
        *("./m", "model.openness=closed", "--source", "us", "--until", "9000-01-01"),
        *("--key", "key.pem", "-o", "new.json"),
    ],
    "verify": ["attestation.json", "--key", "key.pem.pub"],
    "revoke": ["revoked.json", "--key", "key.pem", "--attestation", "attestation.json"],
    "model digest": ["./m"],
    "ledger init": ["new.db", "--name", "example.com/log", "--key", "key.pem"],
    "ledger add": ["log.db", "attestation.json", "--key", "key.pem"],
    "ledger show": ["log.db"],
    "ledger entries": ["log.db"],
    "ledger checkpoint": ["log.db"],
    "ledger prove": ["log.db", "0", "-o", "new.tlog-proof"],
    "ledger verify": ["log.db"],
    "ledger export": ["log.db", "exported"],
    "model sign": ["./m", "--key", "key.pem", "-o", "new.sig"],
    "model verify": ["./m", "m.sig", "--key", "key.pem.pub"],
    "trust show": ["trust.yaml"],
    "trust lint": ["trust.yaml"],
    "trust new": ["--root", "key.pem.pub", "--signer", "key.pem.pub", "-o", "new-trust.yaml"],
    "trust sign": ["next.yaml", "--key", "key.pem"],
    "trust update": ["trust.yaml", "next.yaml"],
    "trust succeed": [
        "--key",
        "key.pem",
        "--to",
        "other.pub",
        "--from",
        "2030-01-01",
        "-o",
        "new-statement.json",
    ],
    "keys generate": ["-o", "new.pem"],
    "keys show": ["key.pem.pub"],
}

LATER = ("audit", "operator", "serve", "config")


def leaves(command: click.Command = cli, path: str = "") -> Iterator[str]:
    """Names of all commands that are no groups, with those of the groups above."""
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        assert child is not None
        yield from leaves(child, f"{path} {name}".strip())


def words_of(name: str, *options: str) -> list[str]:
    """The words that run a command; what guard runs comes last."""
    tail = ["--", "true"] if name == "guard" else []
    return [*name.split(), *WORKING[name], *options, *tail]


def prepare(shell: Shell) -> None:
    """Make the key, decision, attestation and ledger that commands work on."""
    key = Path(shell.folder, "key.pem")
    write_pair(generate(), key, Path(f"{key}.pub"))
    prepare_trust(shell, load_private(key))
    signed = ["--attest", "attestation.json", "--key", "key.pem"]
    done = shell.here("check", "./m", *ALLOWED, *signed, "--output", "json=decision.json")
    assert done.code == 0, done.err
    done = shell.here("model", "sign", "./m", "--key", "key.pem", "-o", "m.sig")
    assert done.code == 0, done.err
    if not Path(shell.folder, "log.db").exists():
        with init_ledger(str(shell.folder / "log.db"), "example.com/log", load_private(key)) as ledger:
            ledger.append([b"something logged"])


def prepare_trust(shell: Shell, key: PrivateKey) -> None:
    """Make a trust file, and its next version with the signatures of its root; what is there is made anew."""
    other = generate()
    shell.write("other.pub", other.public.pem().decode())
    text = new_trust({"root": key.public, "other": other.public}, {"signer": generate().public}, "2099-12-31")
    shell.write("trust.yaml", text)
    shell.write("next.yaml", text.replace("\nversion: 1", "\nversion: 2"))
    wanted = read_trust(Path(shell.folder, "next.yaml"))
    lines = [sign_trust(wanted, one, now=datetime.now(UTC)).decode() for one in (key, other)]
    shell.write("next.yaml.sig", "".join(lines))
