"""MODEL as the command line takes it."""

from __future__ import annotations

import string
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.errors import Exit, InputError
from weightgate.inspect.model import inspect_model
from weightgate.inspect.reference import (
    FolderReference,
    HubReference,
    NoModel,
    SignatureReference,
    is_proposal,
    parse_reference,
)


@pytest.mark.parametrize("text", [".", "..", "./m", "../m", "/data/m", "/", "./a/b", "./owner/name@main"])
def test_a_folder_is_one_only_when_written_so(text: str, tmp_path: Path) -> None:
    assert parse_reference(text, cwd=tmp_path) == FolderReference(text, Path(text))


@pytest.mark.parametrize(
    ("text", "name", "revision"),
    [
        ("owner/name", "owner/name", ""),
        ("hf:owner/name", "owner/name", ""),
        ("owner/name@main", "owner/name", "main"),
        ("owner/name@refs/pr/1", "owner/name", "refs/pr/1"),
        ("hf:owner/name@v1.0", "owner/name", "v1.0"),
        ("hf:gpt2", "gpt2", ""),
        (
            "hf:gpt2@0123456789abcdef0123456789abcdef01234567",
            "gpt2",
            "0123456789abcdef0123456789abcdef01234567",
        ),
        ("meta-llama/Llama-3.1_8B.x", "meta-llama/Llama-3.1_8B.x", ""),
    ],
)
def test_a_repository_on_the_hub(text: str, name: str, revision: str, tmp_path: Path) -> None:
    assert parse_reference(text, cwd=tmp_path) == HubReference(text, name, revision)


def test_a_dash_is_no_model() -> None:
    assert parse_reference("-") == NoModel()


def test_a_signature_is_named_by_its_file() -> None:
    assert parse_reference("sig:model.sig") == SignatureReference("sig:model.sig", Path("model.sig"))
    for text in ("sig:", "sig:a\0b"):
        with pytest.raises(InputError) as error:
            parse_reference(text)
        assert error.value.code == "bad_reference"


def test_a_signature_is_not_looked_into_before_it_is_verified() -> None:
    with pytest.raises(InputError) as error:
        inspect_model("sig:model.sig")
    assert error.value.code == "model_key"


@pytest.mark.parametrize("text", ["owner/name", "owner/name@main"])
def test_a_name_that_may_be_both_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "owner" / "name").mkdir(parents=True)
    with pytest.raises(InputError) as error:
        parse_reference(text, cwd=tmp_path)
    assert error.value.code == "ambiguous_model"
    assert error.value.exit is Exit.INPUT
    assert error.value.where == str(tmp_path / "owner/name")
    assert "./owner/name" in error.value.hint
    assert f"hf:{text}" in error.value.hint
    assert parse_reference(f"hf:{text}", cwd=tmp_path) == HubReference(
        f"hf:{text}", "owner/name", text.partition("@")[2]
    )


def test_a_file_of_that_name_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "owner").mkdir()
    (tmp_path / "owner" / "name").write_bytes(b"")
    assert isinstance(parse_reference("owner/name", cwd=tmp_path), HubReference)


def test_a_bare_folder_name_asks_for_the_dot(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    with pytest.raises(InputError, match="ambiguous") as error:
        parse_reference("model", cwd=tmp_path)
    assert error.value.hint == "write ./model for the folder"


def test_a_bare_name_asks_which_is_meant(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="neither a folder nor a repository") as error:
        parse_reference("gpt2", cwd=tmp_path)
    assert "./gpt2" in error.value.hint
    assert "hf:gpt2" in error.value.hint


def test_the_working_directory_counts_unless_another_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "owner" / "name").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="ambiguous"):
        parse_reference("owner/name")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hf:",
        "a/b/c",
        "hf:a/b/c",
        "datasets/a/b",
        "a//b",
        "a/",
        "hf:/b",
        "-a/b",
        "a/.b",
        "a/b-",
        "a--b/c",
        "a/b..c",
        "a/b.git",
        "a/b c",
        "a/b\n",
        "a/ü",
        "hf:" + "x" * 97,
        "a/" + "x" * 97,
        "~/model",
        "a/\0",
        "C:\\models\\x",
        "x" * 5000 + "/y",
    ],
)
def test_what_is_no_name_on_the_hub(text: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        parse_reference(text, cwd=tmp_path)
    assert error.value.code == "bad_reference"
    assert error.value.hint


@pytest.mark.parametrize("url", ["https://huggingface.co/owner/name", "https://hf.co/owner/name/tree/main"])
def test_a_url_is_told_how_to_be_written(url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a URL") as error:
        parse_reference(url, cwd=tmp_path)
    assert error.value.hint == "write owner/name"


@pytest.mark.parametrize(
    "revision",
    [
        "",
        "a b",
        "a..b",
        "/main",
        "main/",
        "a//b",
        ".x",
        "a/.x",
        "-x",
        "x.lock",
        "a@b",
        "a?b",
        "a\x00",
        "x" * 256,
        "a%2e",
    ],
)
def test_what_is_no_revision(revision: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="names no revision") as error:
        parse_reference(f"owner/name@{revision}", cwd=tmp_path)
    assert error.value.code == "bad_revision"
    assert "refs/pr/1" in error.value.hint


def test_a_path_with_a_zero_byte_is_refused() -> None:
    with pytest.raises(InputError, match="zero byte") as error:
        parse_reference("./a\0b")
    assert error.value.code == "bad_reference"


_NAME = st.text(string.ascii_letters + string.digits, min_size=1, max_size=40)


@given(_NAME, _NAME, st.from_regex(r"[a-z0-9]{1,40}", fullmatch=True))
def test_every_plain_name_comes_back_as_written(owner: str, name: str, revision: str) -> None:
    text = f"hf:{owner}/{name}@{revision}"
    assert parse_reference(text) == HubReference(text, f"{owner}/{name}", revision)


@given(st.text(max_size=60))
def test_any_text_is_a_reference_or_an_input_error(text: str) -> None:
    refused = reference = None
    try:
        reference = parse_reference(text)
    except InputError as error:
        refused = error
    assert refused is None or (refused.message and refused.exit is Exit.INPUT)
    assert reference is None or reference.text == text
    if isinstance(reference, HubReference):
        assert not set(reference.name + reference.revision) & set(" \n\t\0?#%\\")
        assert ".." not in reference.name


@pytest.mark.parametrize(
    ("revision", "proposal"),
    [
        ("refs/pr/1", True),
        ("REFS/PR/1", True),
        ("refs/convert/parquet", True),
        ("pr/12", True),
        ("refs/heads/main", False),
        ("refs/tags/v1", False),
        ("main", False),
        ("pr/fix", False),
        ("prefs/1", False),
        ("", False),
    ],
)
def test_a_ref_that_is_no_branch_and_no_tag(revision: str, *, proposal: bool) -> None:
    assert is_proposal(revision) is proposal


@pytest.mark.parametrize("endpoint", ["http://[::1", "http://me:S3CRET@hub.test"])
def test_the_environment_is_checked_before_the_client_reads_it(endpoint: str) -> None:
    script = (
        "from weightgate.errors import InputError\n"
        "from weightgate.inspect.reference import parse_reference\n"
        "try:\n    parse_reference('org/model')\n"
        "except InputError as error:\n    print(error.where, error.code, int(error.exit))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PATH": "", "HF_ENDPOINT": endpoint},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["HF_ENDPOINT", "bad_endpoint", "4"]
