from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.commands import prepare
from tests.cli.shell import MODULE, Shell, clean
from weightgate.cli.output import Output, parse_outputs
from weightgate.errors import NotAvailableYet, UsageError

DENIED = ["check", "./m", "--to", "IR", "--facts", "closed.yaml"]


@pytest.mark.parametrize(
    ("asked", "outputs"),
    [
        ((), (Output("text"),)),
        (("json",), (Output("json"),)),
        (("json=a=b",), (Output("json", Path("a=b")),)),
        (("text", "json=d.json"), (Output("text"), Output("json", Path("d.json")))),
    ],
)
def test_formats_and_paths(asked: tuple[str, ...], outputs: tuple[Output, ...]) -> None:
    assert parse_outputs(asked) == outputs


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        (("yaml",), UsageError, "'yaml'"),
        (("JSON",), UsageError, "'JSON'"),
        (("",), UsageError, "''"),
        (("json=",), UsageError, "names no file"),
        (("json", "text"), UsageError, "stdout"),
        (("json=x", "text=./x"), UsageError, "two outputs go to"),
        (("sarif=x",), NotAvailableYet, "--output sarif"),
    ],
)
def test_outputs_that_make_no_sense(asked: tuple[str, ...], error: type[UsageError], told: str) -> None:
    with pytest.raises(error) as caught:
        parse_outputs(asked)
    assert told in caught.value.message
    assert caught.value.exit == 4


def test_several_outputs_are_one_result(shell: Shell) -> None:
    done = shell.here(*DENIED, "--output", "text", "--output", "json=d.json", "--output", "text=d.txt")
    assert done.code == 1
    assert (shell.folder / "d.txt").read_text() == done.out
    assert json.loads((shell.folder / "d.json").read_text())["verdict"] == "deny"


def test_a_result_in_a_file_leaves_stdout_empty(shell: Shell) -> None:
    done = shell.here(*DENIED, "--output", "json=d.json")
    assert (done.code, done.out, done.err) == (1, "", "")


def test_files_are_whole_and_nothing_else_is_left(shell: Shell) -> None:
    before = set(os.listdir(shell.folder))
    shell.here(*DENIED, "--output", "json=d.json")
    assert set(os.listdir(shell.folder)) - before == {"d.json"}


@pytest.mark.parametrize(
    "words",
    [
        ["--output", "json=m/d.json"],
        ["--output", "json=./m/d.json"],
        ["--output", "text=m/../m/d.txt"],
        ["--output", "json", "--output", "text=link/d.txt"],
        ["--attest", "m/a.json", "--key", "key.pem"],
    ],
)
def test_an_output_inside_the_model_is_refused(shell: Shell, words: list[str]) -> None:
    prepare(shell)
    (shell.folder / "link").symlink_to("m")
    before = sorted(os.listdir(shell.folder / "m"))
    done = shell.here(*DENIED, *words)
    assert done.code == 4
    assert "inside the model" in done.err + done.out
    assert sorted(os.listdir(shell.folder / "m")) == before


@pytest.mark.parametrize(
    "words",
    [
        ["inspect", "./m", "--output", "json=m/x"],
        ["model", "digest", "./m", "--output", "json=m/x"],
        ["guard", "./m", "--to", "IR", "--facts", "closed.yaml", "--result", "m/x", "--", "true"],
        ["attest", "decision.json", "--key", "key.pem", "--model", "./m", "-o", "m/x"],
        ["verify", "attestation.json", "--key", "key.pem.pub", "--model", "./m", "--output", "json=m/x"],
    ],
)
def test_no_command_writes_into_the_model(shell: Shell, words: list[str]) -> None:
    prepare(shell)
    done = shell.here(*words)
    assert done.code == 4
    assert "inside the model" in done.err + done.out
    assert not (shell.folder / "m" / "x").exists()


@pytest.mark.parametrize(
    "words", [["--to", "QQ"], ["--to", "DE", "--no-such"], ["--to", "DE", "--facts", "none"]]
)
def test_a_failed_command_writes_nothing(shell: Shell, words: list[str]) -> None:
    prepare(shell)
    before = sorted(os.listdir(shell.folder))
    signed = ["--attest", "a.json", "--key", "key.pem"]
    done = shell.here("check", "./m", *words, "--output", "json=d.json", "--output", "text=d.txt", *signed)
    assert done.code == 4
    assert sorted(os.listdir(shell.folder)) == before


@pytest.mark.parametrize("words", [["--to", "QQ"], ["--to", "DE", "--no-such"], ["--facts"]])
def test_an_earlier_result_does_not_stay_looking_valid(shell: Shell, words: list[str]) -> None:
    shell.here(*DENIED, "--output", "json=d.json", "--output", "text=d.txt")
    done = shell.here("check", "./m", "--output", "json=d.json", "--output", "text=d.txt", *words)
    assert done.code == 4
    error = json.loads((shell.folder / "d.json").read_text())
    assert (error["exit"], error["schema"]) == (4, "weightgate/error/v1")
    assert done.json == error
    assert done.err.startswith("error: ")
    # What is text could be anybody's: it stays, and that is said.
    assert (shell.folder / "d.txt").read_text().startswith("us-ai-diffusion-draft")
    assert done.err.endswith("note: the error was not written to d.txt, which is left as it is\n")


def test_an_error_never_overwrites_the_model(shell: Shell) -> None:
    config = shell.folder / "m" / "config.json"
    before = config.read_bytes()
    done = shell.here("check", "./m", "--to", "QQ", "--output", "json=m/config.json")
    assert done.code == 4
    assert config.read_bytes() == before
    assert shell.here("check", "--no-such", "./m", "--output", "json=m/config.json").code == 4
    assert config.read_bytes() == before


def test_a_folder_that_is_not_there_is_told(shell: Shell) -> None:
    done = shell.here(*DENIED, "--output", "json=none/d.json")
    assert done.code == 4
    assert "none/d.json" in done.err


def test_a_device_is_written_to_and_not_replaced(shell: Shell) -> None:
    assert shell(*DENIED, "--output", "json=/dev/null").code == 1
    assert Path("/dev/null").is_char_device()
    done = shell(*DENIED, "--output", "json=/dev/stdout")
    assert (done.code, done.json["verdict"]) == (1, "deny")


def test_json_is_ascii_so_that_no_encoding_matters(shell: Shell) -> None:
    shell.write("o.yaml", "name: Überwölk ☁\n")
    done = shell(*DENIED, "--operator", "o.yaml", "--output", "json", PYTHONIOENCODING="ascii")
    assert done.out.isascii()
    assert done.json["operator"]["name"] == "Überwölk ☁"


def test_text_survives_a_narrow_encoding(shell: Shell) -> None:
    shell.write("o.yaml", "name: Überwölk ☁\n")
    done = shell(*DENIED, "--operator", "o.yaml", PYTHONIOENCODING="ascii")
    assert done.code == 1
    assert "by \\xdcberw\\xf6lk \\u2601" in done.out


@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_reader_who_stops_early_changes_nothing(shell: Shell, format_: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    words = [*MODULE, *DENIED, "--output", format_]
    process = subprocess.Popen(
        words, cwd=shell.folder, env=clean() | shell.env, stdout=writing, stderr=subprocess.PIPE
    )
    os.close(writing)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (1, b"")


def test_an_error_nobody_reads_is_no_success(shell: Shell) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    words = [*MODULE, "check", "./m", "--to", "QQ", "--output", "json"]
    done = subprocess.run(
        words, cwd=shell.folder, env=clean() | shell.env, stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert done.returncode not in (0, 1, 2, 3, 70)
    assert b"Traceback" not in done.stderr
