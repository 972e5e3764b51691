"""What a command writes and what it reads are different files, and a failing one spoils nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commands import prepare
from tests.cli.shell import Shell
from weightgate.cli.paths import check_paths, is_device, same_file
from weightgate.errors import InputError, UsageError
from weightgate.policy.source import DEFAULT_PACK, find_pack

INPUTS = {"--operator": "jp.yaml", "--facts": "closed.yaml", "--policy": "./p.yaml", "--key": "key.pem"}


@pytest.fixture
def place(shell: Shell) -> Shell:
    """A folder with a key, a decision, its attestation, and a pack."""
    prepare(shell)
    shell.write("p.yaml", find_pack(DEFAULT_PACK).text.decode())
    return shell


def everything(to: str) -> list[str]:
    """A question that names each kind of input."""
    return ["check", "./m", "--to", to, *(word for pair in INPUTS.items() for word in pair)]


@pytest.mark.parametrize("to", ["JP", "QQ"])
@pytest.mark.parametrize("name", INPUTS.values())
@pytest.mark.parametrize("option", ["--output", "--attest"])
def test_no_input_is_written_over(place: Shell, to: str, name: str, option: str) -> None:
    before = (place.folder / name).read_bytes()
    written = ["--output", f"json={name}"] if option == "--output" else ["--attest", name]
    done = place.here(*everything(to), *written)
    assert done.code == 4
    assert (place.folder / name).read_bytes() == before
    assert f"note: the error was not written to {name}, which is left as it is" in done.err


@pytest.mark.parametrize("to", ["JP", "QQ"])
@pytest.mark.parametrize("model", ["./m", "./m/config.json"])
def test_no_file_of_the_model_is_written_over(place: Shell, to: str, model: str) -> None:
    config = place.folder / "m" / "config.json"
    for content in (config.read_bytes(), b'{"schema": "weightgate/decision/v1"}'):
        config.write_bytes(content)
        words = ["check", model, "--to", to, "--facts", "closed.yaml", "--output", "json=m/config.json"]
        done = place.here(*words)
        assert done.code == 4
        assert config.read_bytes() == content


@pytest.mark.parametrize(
    "words",
    [
        ["explain", "decision.json", "--output", "json=decision.json"],
        ["verify", "attestation.json", "--key", "key.pem.pub", "--output", "json=attestation.json"],
        ["verify", "attestation.json", "--key", "key.pem.pub", "--output", "json=key.pem.pub"],
        ["verify", "attestation.json", "--key", "key.pem.pub", "--operator", "jp.yaml", "--output", "text=jp.yaml"],
        ["attest", "decision.json", "--key", "key.pem", "-o", "decision.json"],
        ["attest", "decision.json", "--key", "key.pem", "-o", "key.pem"],
        ["attest", "decision.json", "--key", "key.pem", "-o", "new.json", "--output", "json=decision.json"],
        ["keys", "show", "key.pem.pub", "--output", "json=key.pem.pub"],
        ["policy", "show", "./p.yaml", "--output", "json=p.yaml"],
        ["policy", "test", "./p.yaml", "--output", "json=p.yaml"],
        ["policy", "show", ".", "--output", "json=pack.yaml"],
        ["guard", "./m", "--to", "JP", "--facts", "closed.yaml", "--result", "closed.yaml", "--", "true"],
    ],
)  # fmt: skip
def test_no_command_writes_over_what_it_reads(place: Shell, words: list[str]) -> None:
    shutil.copy(place.folder / "p.yaml", place.folder / "pack.yaml")
    before = contents(place)
    done = place.here(*words, "--output", "json") if "text" not in " ".join(words) else place.here(*words)
    assert done.code == 4
    assert "would be written over a file that is read" in done.out + done.err
    assert contents(place) == before


@pytest.mark.parametrize(
    "words",
    [
        [*everything("JP"), "--attest", "x.json", "--output", "json=x.json"],
        [*everything("JP"), "--attest", "x.json", "--output", "json=./m/../x.json"],
        [*everything("JP"), "--attest", "x.json", "--output", "text=link.json"],
        ["guard", *everything("JP")[1:], "--result", "x.json", "--output", "json=x.json", "--", "true"],
        ["guard", *everything("JP")[1:], "--result", "x.json", "--attest", "x.json", "--", "true"],
        ["attest", "decision.json", "--key", "key.pem", "-o", "x.json", "--output", "json=x.json"],
        ["keys", "generate", "-o", "x.json", "--output", "json=x.json"],
        ["keys", "generate", "-o", "x.json", "--output", "json=x.json.pub"],
    ],
)
def test_two_results_do_not_go_to_one_file(place: Shell, words: list[str]) -> None:
    (place.folder / "link.json").symlink_to("x.json")
    done = place.here(*words)
    assert done.code == 4
    assert "two outputs go to" in done.err
    assert not (place.folder / "x.json").exists()


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_another_name_of_an_input_is_the_input(shell: Shell, link: Callable[[Path, Path], None]) -> None:
    link(shell.folder / "other.yaml", shell.folder / "jp.yaml")
    words = ["check", "./m", "--to", "JP", "--operator", "jp.yaml", "--output", "json=other.yaml"]
    assert shell.here(*words).code == 4
    assert (shell.folder / "jp.yaml").read_text().startswith("name: ")


def test_a_snapshot_s_blobs_are_the_model(shell: Shell) -> None:
    repo = shell.folder / "models--a--b"
    (repo / "snapshots").mkdir(parents=True)
    shutil.move(shell.folder / "m", repo / "blobs")
    (repo / "snapshots" / "c0ffee").mkdir()
    for blob in (repo / "blobs").iterdir():
        (repo / "snapshots" / "c0ffee" / blob.name).symlink_to(blob)
    before = (repo / "blobs" / "config.json").read_bytes()
    words = ["check", "./models--a--b/snapshots/c0ffee", "--to", "JP"]
    done = shell.here(*words, "--output", "json=models--a--b/blobs/config.json")
    assert (done.code, "inside the model" in done.err) == (4, True)
    assert (repo / "blobs" / "config.json").read_bytes() == before


def test_without_the_model_an_attestation_may_go_anywhere(place: Shell) -> None:
    words = ["attest", "decision.json", "--key", "key.pem", "-o", "m/a.json"]
    assert place.here(*words, "--model", "./m").code == 4
    assert not (place.folder / "m" / "a.json").exists()
    assert place.here(*words).code == 0


def test_devices_take_any_number_of_results(place: Shell) -> None:
    nowhere = ["--output", "json=/dev/null", "--attest", "/dev/null"]
    assert place.here(*everything("JP"), *nowhere).code == 0
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("to", ["QQ", "JP,"])
def test_a_failing_run_leaves_no_attestation_that_verifies(place: Shell, to: str) -> None:
    assert place.here("verify", "attestation.json", "--key", "key.pem.pub").code == 0
    signed = ["--attest", "attestation.json", "--key", "key.pem"]
    done = place.here("check", "./m", "--to", to, *signed)
    assert (done.code, "note: " in done.err) == (4, False)
    assert place.here("verify", "attestation.json", "--key", "key.pem.pub").code == 4
    assert json.loads((place.folder / "attestation.json").read_text())["schema"] == "weightgate/error/v1"
    again = place.here("check", "./m", "--to", "UK", *signed)
    assert (again.code, "note: " in again.err) == (4, False)
    assert "GB" in (place.folder / "attestation.json").read_text()


@pytest.mark.parametrize("option", [["-o", "attestation.json"], ["-oattestation.json"]])
def test_a_failing_attest_leaves_no_attestation_that_verifies(place: Shell, option: list[str]) -> None:
    edited = json.loads((place.folder / "decision.json").read_text()) | {"verdict": "deny"}
    place.write("edited.json", json.dumps(edited))
    assert place.here("attest", "edited.json", "--key", "key.pem", *option).code == 6
    assert place.here("verify", "attestation.json", "--key", "key.pem.pub").code == 4


@pytest.mark.parametrize(
    "content",
    [
        "",
        "notes\n",
        "{}",
        "[]",
        '{"a": 1, "schema": "weightgate/decision/v1"}',
        '{"schema": "other/v1"}',
        '{"schema": "weightgate/pack/v1"}',
        '{"payloadType": "application/vnd.in-toto+json", "payload": "", "signatures": []}',
        '{"payloadType": "application/vnd.in-toto+json", "payload": "e30=", "signatures": [{"sig": "YQ=="}]}',
    ],
)
@pytest.mark.parametrize(
    "words", [["--output", "json=x"], ["--output=text=x"], ["--attest", "x"], ["--attest=x"]]
)
def test_what_is_not_ours_is_left_alone_and_named(shell: Shell, content: str, words: list[str]) -> None:
    shell.write("x", content)
    done = shell.here("check", "./m", "--to", "QQ", *words)
    assert done.code == 4
    assert (shell.folder / "x").read_text() == content
    assert done.err.endswith("note: the error was not written to x, which is left as it is\n")


def test_another_s_envelope_is_left_alone(place: Shell) -> None:
    envelope = json.loads((place.folder / "attestation.json").read_text())
    place.write("x.json", json.dumps(envelope | {"payloadType": "application/other"}))
    done = place.here("check", "./m", "--to", "QQ", "--attest", "x.json")
    assert "note: the error was not written to x.json" in done.err


def test_an_attestation_where_a_result_was_to_go_is_left_alone(place: Shell) -> None:
    before = (place.folder / "attestation.json").read_bytes()
    done = place.here("check", "./m", "--to", "QQ", "--output", "json=attestation.json")
    assert done.code == 4
    assert (place.folder / "attestation.json").read_bytes() == before


@pytest.mark.parametrize("schema", ["decision", "error", "guard", "verification"])
def test_an_earlier_result_is_replaced(shell: Shell, schema: str) -> None:
    shell.write("x.json", f'{{\n  "schema": "weightgate/{schema}/v1",\n  "verdict": "allow"\n}}\n')
    done = shell.here("check", "./m", "--to", "QQ", "--output", "json=x.json")
    error = json.loads((shell.folder / "x.json").read_text())
    assert (error["exit"], error["error"]["code"], "note" in done.err) == (4, "unknown_country", False)


def test_an_earlier_result_that_is_read_now_is_left_alone(place: Shell) -> None:
    before = (place.folder / "decision.json").read_bytes()
    for words in (["explain", "decision.json", "--no-such"], ["attest", "decision.json", "--no-such"]):
        done = place.here(*words, "--output", "json=decision.json")
        assert done.code == 4
        assert (place.folder / "decision.json").read_bytes() == before


def test_a_key_is_not_said_to_be_no_place_for_an_error(place: Shell) -> None:
    before = (place.folder / "key.pem").read_bytes()
    done = place.here("keys", "generate", "-o", "key.pem")
    assert (done.code, "note: " in done.err) == (4, False)
    assert (place.folder / "key.pem").read_bytes() == before


def test_paths_that_cannot_be_compared_are_different(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert not same_file(tmp_path / "loop", tmp_path / "a")
    assert not same_file(Path("\0"), tmp_path)
    assert not same_file(tmp_path / "a", tmp_path / "b")
    assert same_file(tmp_path / "a", tmp_path / "b" / ".." / "a")
    assert [is_device(path) for path in (Path("/dev/stdout"), tmp_path, tmp_path / "a")] == [
        True,
        False,
        False,
    ]


def test_nothing_to_write_is_nothing_to_check(tmp_path: Path) -> None:
    check_paths([None, ""], read=["x"], model="no reference")
    with pytest.raises(InputError):
        check_paths([tmp_path / "a"], model="no reference")
    with pytest.raises(UsageError) as caught:
        check_paths([tmp_path / "a"], read=[None, str(tmp_path / "a")])
    assert (caught.value.code, caught.value.where) == ("output_over_input", str(tmp_path / "a"))


def contents(shell: Shell) -> dict[str, bytes]:
    """All files of the folder."""
    return {str(path): path.read_bytes() for path in shell.folder.rglob("*") if path.is_file()}
