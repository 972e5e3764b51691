"""Options are given once, with something in them, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from tests.cli.commands import ALLOWED, WORKING, prepare
from tests.cli.shell import Shell
from weightgate.cli.main import cli


def taking_a_value() -> Iterator[tuple[str, str, bool]]:
    """Each command and each of its options that takes a value, and whether it may be repeated."""
    for name in WORKING:
        command: click.Command = cli
        context = click.Context(cli)
        for word in name.split():
            assert isinstance(command, click.Group)
            found = command.get_command(context, word)
            assert found is not None
            command = found
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.is_flag:
                yield name, parameter.opts[0], parameter.multiple


@pytest.mark.parametrize(("name", "option"), [(name, option) for name, option, _ in taking_a_value()])
def test_an_empty_value_is_no_value(shell: Shell, name: str, option: str) -> None:
    for words in ([option, ""], [f"{option}="] if option.startswith("--") else [option, ""]):
        done = shell.here(*name.split(), *words, "--output", "json")
        assert (done.code, done.error["code"], done.error["where"]) == (4, "empty_option", option)
        assert option in done.error["message"]


@pytest.mark.parametrize(
    ("name", "option"), [(n, option) for n, option, multiple in taking_a_value() if not multiple]
)
def test_the_last_of_two_values_does_not_win_silently(shell: Shell, name: str, option: str) -> None:
    value = "1" if option == "--max-age" else "ed25519"
    for second in (value, "2"):
        done = shell.here(*name.split(), option, value, option, second, "--output", "json")
        assert (done.code, done.error["code"], done.error["where"]) == (4, "given_twice", option)
        assert done.error["message"] == f"{option} is given twice"


def test_guard_with_two_days_runs_nothing(shell: Shell) -> None:
    words = ["--as-of", "2025-06-01", "--as-of", "2026-06-01"]
    done = shell("guard", "./m", *ALLOWED, *words, "--", "touch", "ran")
    assert (done.code, done.last) == (4, "weightgate: refused (error)")
    assert not (shell.folder / "ran").exists()


def test_repeatable_options_keep_all_their_values(shell: Shell) -> None:
    words = ["--to", "JP", "--to", "DE", "--facts", "closed.yaml", "--facts", "closed.yaml"]
    data = shell.here("check", "./m", *words, "--output", "json").json
    assert [d["name"] for d in data["destinations"]] == ["JP", "DE"]


@pytest.mark.parametrize(
    "name", ["WEIGHTGATE_FACTS", "WEIGHTGATE_OPERATOR", "WEIGHTGATE_KEY", "WEIGHTGATE_POLICY"]
)
def test_an_empty_variable_is_one_that_is_not_set(shell: Shell, name: str) -> None:
    done = shell("check", "./m", "--to", "IR", "--facts", "closed.yaml", **{name: ""})
    assert done.code == 1


def test_help_comes_before_any_complaint(shell: Shell) -> None:
    prepare(shell)
    assert shell.here("check", "--facts", "", "--help").code == 0


@pytest.mark.parametrize(
    "name", ["WEIGHTGATE_AS_OF", "WEIGHTGATE_KNOWN_AT", "WEIGHTGATE_INSECURE_WARN_UNTIL"]
)
def test_no_variable_makes_a_what_if_of_a_decision(shell: Shell, name: str) -> None:
    words = ["check", "./m", *ALLOWED, "--output", "json"]
    assert shell(*words, **{name: "2025-06-01"}).json["hypothetical"] is False
