"""Options that several commands share. Many can be set by an environment variable too, none by a file found here.

A day other than today comes from the command line alone: a variable that somebody exported long ago must not make a
what-if of every decision.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from weightgate.errors import UsageError

if TYPE_CHECKING:
    from click.parser import _OptionParser

F = TypeVar("F", bound=Callable[..., Any])


class Listed(click.types.StringParamType):
    """Text whose environment variable holds several, separated by commas or, for files, by the path separator."""

    def __init__(self, metavar: str, splitter: str) -> None:
        self.name = metavar
        self._splitter = splitter

    def split_envvar_value(self, rv: str) -> list[str]:
        """The values that an environment variable holds."""
        return [part.strip() for part in rv.split(self._splitter) if part.strip()]


class Given(click.Option):
    """An option that is given or left out: never empty, and only once unless it is repeatable.

    An empty value is mostly a shell variable that is not set: to go on as if the option were not there would ask another
    question. Of two values, the last would win without a word.
    """

    def add_to_parser(self, parser: _OptionParser, ctx: click.Context) -> None:
        """Let the parser keep every value, so that a second one is seen."""
        if self.multiple or self.is_flag:
            super().add_to_parser(parser, ctx)
        else:
            parser.add_option(obj=self, opts=self.opts, dest=self.name, action="append")

    def handle_parse_result(
        self, ctx: click.Context, opts: Mapping[str, Any], args: list[str]
    ) -> tuple[Any, list[str]]:
        """Take the one value, or all of a repeatable option.

        Raises:
            UsageError: It is given twice, or empty.
        """
        values = opts.get(self.name or "")
        if isinstance(values, list):
            if "" in values:
                hint = "leave the option out, or look whether a shell variable is empty"
                raise UsageError(
                    f"{self.opts[0]} is empty", where=self.opts[0], hint=hint, code="empty_option"
                )
            if not self.multiple:
                if len(values) > 1:
                    raise UsageError(
                        f"{self.opts[0]} is given twice",
                        where=self.opts[0],
                        hint="give it once",
                        code="given_twice",
                    )
                opts = {**opts, self.name or "": values[0]}
        return super().handle_parse_result(ctx, opts, args)


def option(*names: str, env: str = "", **settings: Any) -> Callable[[F], F]:
    """A click option; ``env`` names its variable without ``WEIGHTGATE_``."""
    if env:
        settings |= {"envvar": f"WEIGHTGATE_{env}", "show_envvar": True}
    return click.option(*names, cls=Given, **settings)


OUTPUT = option(
    "--output", "output", env="OUTPUT", multiple=True, type=Listed("format[=path]", ","),
    help="Write the result as text (the default) or json, to stdout or a file; repeatable.",
)  # fmt: skip

KEY_HELP = "; its passphrase or PIN is taken from WEIGHTGATE_KEY_PASSPHRASE, or asked for on a terminal"


def _key(*, required: bool) -> Callable[[F], F]:
    return option(
        "--key", "keys", env="KEY", metavar="KEY", multiple=True, type=Listed("key", ","), required=required,
        help="What to sign with: a private key file, hsm:…, gcpkms:…, awskms:…, azurekms:…, hv:… or sigstore:; "
        f"repeatable{KEY_HELP}.",
    )  # fmt: skip


KEY, NEEDED_KEY = _key(required=False), _key(required=True)

VERIFIER_ID = option(
    "--verifier-id", env="VERIFIER_ID", metavar="URI",
    help="Who decides: with it summaries are signed too (SLSA VSA, in-toto SVR).",
)  # fmt: skip

MODEL_KEY = option(
    "--model-key", "model_keys", metavar="PUB", multiple=True,
    help="For MODEL sig:FILE: a public key whose signature of the model is believed; repeatable.",
)  # fmt: skip

LEDGER = option(
    "--ledger", env="LEDGER", metavar="URL",
    help="Log the attestation in this ledger, and write the proof beside it, to PATH.tlog-proof.",
)  # fmt: skip
LEDGER_KEY = option(
    "--ledger-key", env="LEDGER_KEY", metavar="KEY", help=f"The ledger's private key{KEY_HELP}.  [default: --key]"
)  # fmt: skip

_ACTIVITY = option(
    "--activity", env="ACTIVITY", default="host", show_default=True, metavar="ACTIVITY",
    help="What is to be done: host, fine_tune or export_compute.",
)  # fmt: skip

PACK_SIGNATURE = option(
    "--pack-signature", "pack_signatures", multiple=True, metavar="FILE",
    help="With --trust: the signature of a pack, where it does not lie beside it as FILE.sig; repeatable.",
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
        help="What you declare about the model, or a signed declaration; repeatable.",
    ),
    option(
        "--trust", env="TRUST", metavar="FILE",
        help="Whose signed declarations count as verified, and which packs must be signed.",
    ),
    PACK_SIGNATURE,
    option(
        "--policy", env="POLICY", multiple=True, type=Listed("pack", ","),
        help="A pack to ask, by name or path; repeatable.  [default: us-ai-diffusion-draft]",
    ),
    option(
        "--set", "switches", env="SET", multiple=True, type=Listed("pack.switch=value", ","),
        help="Choose a reading where a pack's text leaves one open; repeatable.",
    ),
    option("--as-of", metavar="DATE", help="The day it is about, UTC.  [default: today]"),
    option("--known-at", metavar="DATE", help="The law as known that day.  [default: all that is in the packs]"),
    option(
        "--status", env="STATUS", default="as-written", show_default=True, metavar="MODE",
        help="as-written, or in-force to leave out packs that bound nobody that day.",
    ),
    option(
        "--require-grade", env="REQUIRE_GRADE", multiple=True, type=Listed("fact=grade", ","),
        help="Count a fact only from this grade up: verified, inferred, declared or claimed.",
    ),
    option("--digest", metavar="sha256:…", help="The digest that the model must have."),
    MODEL_KEY,
    option("--attest", "attest_to", metavar="PATH", help="Write a signed attestation; needs --key."),
    KEY,
    VERIFIER_ID,
    LEDGER,
    LEDGER_KEY,
    option("--config", env="CONFIG", metavar="FILE", help="A configuration file (not available yet)."),
)  # fmt: skip


def question_options(command: F) -> F:
    """All options of check, which guard takes too."""
    from weightgate.cli.disclosing import disclose_options

    for add in reversed((*_QUESTION, disclose_options, OUTPUT)):
        command = add(command)
    return command
