"""Private keys and their passphrases, which come from the environment or a terminal and are never shown."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from weightgate.cli.text import on_terminal, printable, tell
from weightgate.errors import InputError

if TYPE_CHECKING:
    from weightgate.signing.keys import PrivateKey

VARIABLE = "WEIGHTGATE_KEY_PASSPHRASE"


def passphrase_from_environment() -> bytes | None:
    """The passphrase in :data:`VARIABLE`; ``None`` when it is not set, or empty."""
    return os.environ.get(VARIABLE, "").encode("utf-8", "surrogateescape") or None


def ask_passphrase(prompt: str, *, confirm: bool = False) -> bytes:
    """Ask on the terminal; the answer is not echoed."""
    import click

    answer = click.prompt(
        prompt, hide_input=True, confirmation_prompt=confirm, default="", show_default=False, err=True
    )
    return str(answer).encode()


def load_signer(path: Path) -> PrivateKey:
    """Read a private key, asking for its passphrase when it needs one and somebody is there to ask.

    Raises:
        InputError: The key cannot be read, or its passphrase is missing or wrong.
    """
    from weightgate.signing.keys import load_private

    passphrase = passphrase_from_environment()
    try:
        key = load_private(path, passphrase)
    except InputError as error:
        if error.code != "key_passphrase" or passphrase is not None or not on_terminal(sys.stdin):
            raise
        key = load_private(path, ask_passphrase(f"passphrase of {path}"))
    for note in key.notes:
        tell(f"note: {printable(note)}")
    return key
