"""Every command, with words under which it works in the folder of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from tests.cli.shell import Shell
from weightgate.cli.main import cli
from weightgate.signing.keys import generate, write_pair

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
    "model digest": ["./m"],
    "keys generate": ["-o", "new.pem"],
    "keys show": ["key.pem.pub"],
}

LATER = (
    *("audit", "operator", "ledger", "trust", "serve", "config"),
    *("model sign", "model verify"),
)


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
    """Make the key, decision and attestation that commands work on."""
    key = Path(shell.folder, "key.pem")
    write_pair(generate(), key, Path(f"{key}.pub"))
    signed = ["--attest", "attestation.json", "--key", "key.pem"]
    done = shell.here("check", "./m", *ALLOWED, *signed, "--output", "json=decision.json")
    assert done.code == 0, done.err
