"""Options that several commands share. Each can be set by an environment variable too, never by a file found here."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class Listed(click.types.StringParamType):
    """Text whose environment variable holds several, separated by commas or, for files, by the path separator."""

    def __init__(self, metavar: str, splitter: str) -> None:
        self.name = metavar
        self._splitter = splitter

    def split_envvar_value(self, rv: str) -> list[str]:
        """The values that an environment variable holds."""
        return [part.strip() for part in rv.split(self._splitter) if part.strip()]


def option(*names: str, env: str = "", **settings: Any) -> Callable[[F], F]:
    """A click option; ``env`` names its variable without ``WEIGHTGATE_``."""
    if env:
        settings |= {"envvar": f"WEIGHTGATE_{env}", "show_envvar": True}
    return click.option(*names, **settings)


OUTPUT = option(
    "--output", "output", env="OUTPUT", multiple=True, type=Listed("format[=path]", ","),
    help="Write the result as text (the default) or json, to stdout or a file; repeatable.",
)  # fmt: skip

KEY_HELP = "; its passphrase is taken from WEIGHTGATE_KEY_PASSPHRASE, or asked for on a terminal"

_ACTIVITY = option(
    "--activity", env="ACTIVITY", default="host", show_default=True, metavar="ACTIVITY",
    help="What is to be done: host, fine_tune or export_compute.",
)  # fmt: skip

_QUESTION = (
    option(
        "--to", env="TO", multiple=True, required=True, type=Listed("dest", ","),
        help="Where it goes: a country (DE) or provider/region (aws/ap-east-1); repeatable, or with commas.",
    ),
    _ACTIVITY,
    option("--operator", env="OPERATOR", metavar="FILE", help="Who runs the destinations."),
    option(
        "--facts", env="FACTS", multiple=True, type=Listed("file", os.pathsep),
        help="What you declare about the model; repeatable.",
    ),
    option(
        "--policy", env="POLICY", multiple=True, type=Listed("pack", ","),
        help="A pack to ask, by name or path; repeatable.  [default: us-ai-diffusion-draft]",
    ),
    option(
        "--set", "switches", env="SET", multiple=True, type=Listed("pack.switch=value", ","),
        help="Choose a reading of the law (not available yet).",
    ),
    option("--as-of", env="AS_OF", metavar="DATE", help="The day it is about, UTC.  [default: today]"),
    option("--known-at", env="KNOWN_AT", metavar="DATE", help="The law as known that day (not available yet)."),
    option(
        "--status", env="STATUS", default="as-written", show_default=True, metavar="MODE",
        help="as-written, or in-force to leave out packs that bound nobody that day.",
    ),
    option(
        "--require-grade", env="REQUIRE_GRADE", multiple=True, type=Listed("fact=grade", ","),
        help="Count a fact only from this grade up: verified, inferred, declared or claimed.",
    ),
    option("--digest", metavar="sha256:…", help="The digest that the model must have."),
    option("--attest", "attest_to", metavar="PATH", help="Write a signed attestation; needs --key."),
    option("--key", env="KEY", metavar="KEY", help=f"The private key to sign with{KEY_HELP}."),
    option("--config", env="CONFIG", metavar="FILE", help="A configuration file (not available yet)."),
)  # fmt: skip


def question_options(command: F) -> F:
    """All options of check, which guard takes too."""
    for add in reversed((*_QUESTION, OUTPUT)):
        command = add(command)
    return command
