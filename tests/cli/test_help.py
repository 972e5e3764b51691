from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.commands import WORKING, leaves
from tests.cli.shell import Shell, clean

GROUPS = ("", "policy", "region", "model", "keys", "ledger")


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("name", [*GROUPS, *leaves()])
def test_every_command_has_help(shell: Shell, name: str, flag: str) -> None:
    done = shell.here(*name.split(), flag)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: weightgate{' ' if name else ''}{name} ")
    assert max(map(len, done.out.splitlines())) <= 100


@pytest.mark.parametrize("name", WORKING)
def test_every_command_takes_output_json(shell: Shell, name: str) -> None:
    assert "--output" in shell.here(*name.split(), "--help").out


def test_guard_s_help_shows_where_the_command_goes(shell: Shell) -> None:
    assert "-- COMMAND …" in shell.here("guard", "--help").out.splitlines()[0]


def test_the_list_of_commands_says_what_each_does_and_what_is_not_there_yet(shell: Shell) -> None:
    text = shell.here("--help").out
    for name in {leaf.split()[0] for leaf in leaves()}:
        assert f"\n  {name} " in text
    for name in ("audit", "operator", "serve", "config"):
        row = next(row for row in text.splitlines() if row.startswith(f"  {name} "))
        assert "(not available yet)" in row


def test_the_version_is_that_of_the_engine(shell: Shell) -> None:
    from weightgate.version import VERSION

    assert shell.here("--version").out == f"weightgate {VERSION}\n"


@pytest.mark.parametrize(
    ("words", "heavy"),
    [
        (["--help"], ["json", "dataclasses", "pathlib", "traceback", "weightgate.decide", "weightgate.api"]),
        (
            ["check", "./m", "--to", "IR", "--output", "json"],
            [
                "pydantic",
                "rich",
                "cel_expr_python",
                "google.protobuf",
                "huggingface_hub",
                "cryptography",
                "yaml",
            ],
        ),
        (["check", "./m", "--to", "IR"], ["pydantic", "rich", "cel_expr_python", "huggingface_hub", "yaml"]),
        (
            ["region", "resolve", "DE"],
            ["pydantic", "cel_expr_python", "huggingface_hub", "weightgate.decide"],
        ),
    ],
)
def test_a_command_imports_nothing_that_it_does_not_need(
    shell: Shell, words: list[str], heavy: list[str]
) -> None:
    shell(*words)  # compiles the pack, if nothing did before
    code = (
        "import sys\nfrom weightgate.cli.main import run\nrun(sys.argv[2:])\n"
        "print([n for n in sys.argv[1].split() if n in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, " ".join(heavy), *words],
        cwd=shell.folder, env=clean() | shell.env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr.splitlines()[-1] == "[]"
