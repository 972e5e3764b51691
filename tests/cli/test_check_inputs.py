from __future__ import annotations

import pytest

from tests.cli.shell import Shell

TO = ["--to", "DE"]

# Words after `check ./m`, the error's code, and what its message, place and hint must hold together.
USAGE = {
    "no destination": ([], "usage", ["--to"]),
    "UK": (["--to", "UK"], "unknown_country", ["'UK'", "--to", "GB"]),
    "a country that is none": (["--to", "QQ"], "unknown_country", ["'QQ'"]),
    "a misspelt region": (["--to", "aws/eu-central-9"], "unknown_region", ["aws/eu-central-1"]),
    "a region without provider": (["--to", "eu-central-1"], "unknown_region", ["aws/eu-central-1"]),
    "an unknown provider": (["--to", "amazon/eu-central-1"], "unknown_provider", ["amazon"]),
    "an empty destination": (["--to", "DE,"], "unknown_country", ["empty"]),
    "an unknown pack": ([*TO, "--policy", "us-ai-difusion"], "unknown_pack", ["us-ai-diffusion-draft"]),
    "a pack that is no file": ([*TO, "--policy", "./none.yaml"], "unreadable", ["none.yaml", "No such file"]),
    "an activity": ([*TO, "--activity", "hosting"], "unknown_activity", ["'hosting'", "host"]),
    "a status": ([*TO, "--status", "inforce"], "usage", ["'inforce'", "in-force"]),
    "a day": ([*TO, "--as-of", "2025-02-30"], "bad_date", ["2025-02-30", "--as-of", "YYYY-MM-DD"]),
    "a day in words": ([*TO, "--as-of", "today"], "bad_date", ["'today'"]),
    "a grade without fact": ([*TO, "--require-grade", "verified"], "bad_require_grade", ["FACT=GRADE"]),
    "a switch without a reading": (
        [*TO, "--set", "us-ai-diffusion-draft.x"],
        "bad_set",
        ["PACK.SWITCH=READING"],
    ),
    "a switch of a pack that is not asked": (
        [*TO, "--set", "us-other.x=y"],
        "unknown_switch",
        ["'us-other'", "asked are us-ai-diffusion-draft"],
    ),
    "a switch of no pack": ([*TO, "--set", "x=y"], "unknown_switch", ["'x' names no pack"]),
    "a switch set twice": ([*TO, "--set", "a.x=y", "--set", "a.x=z"], "bad_set", ["as y and as z"]),
    "a day of knowledge": ([*TO, "--known-at", "2026-02-30"], "bad_date", ["2026-02-30"]),
    "a day on which nothing was known": (
        [*TO, "--known-at", "2025-01-01"],
        "not_applicable",
        ["us-ai-diffusion-draft (was not known on 2025-01-01)"],
    ),
    "an unknown fact": (
        [*TO, "--require-grade", "model.opennes=verified"],
        "unknown_fact",
        ["model.opennes", "did you mean model.openness"],
    ),
    "an unknown grade": (
        [*TO, "--require-grade", "model.openness=certain"],
        "unknown_grade",
        ["'certain'", "verified, inferred, declared, claimed"],
    ),
    "two grades": (
        [*TO, "--require-grade", "model.openness=verified", "--require-grade", "model.openness=claimed"],
        "bad_require_grade",
        ["model.openness", "give it once"],
    ),
    "a digest": ([*TO, "--digest", "sha256:123"], "bad_digest", ["sha256:123", "64 hex digits"]),
    "no facts file": ([*TO, "--facts", "none.yaml"], "unreadable", ["none.yaml", "No such file"]),
    "no operator file": ([*TO, "--operator", "none.yaml"], "unreadable", ["none.yaml"]),
    "--attest without --key": ([*TO, "--attest", "a.json"], "usage", ["--key"]),
    "a key that is none": (
        [*TO, "--attest", "a.json", "--key", "jp.yaml"],
        "key_unreadable",
        ["jp.yaml", "PEM"],
    ),
    "an unknown option": ([*TO, "--too", "DE"], "usage", ["--too"]),
    "an option without value": (["--to"], "usage", ["--to"]),
    "a word too many": ([*TO, "./n"], "usage", ["./n"]),
}

FILES = {
    "an unknown fact": ("model.opennes: closed\n", "unknown_fact", "f.yaml:1", "model.openness"),
    "a value outside the domain": ("model.openness: Closed\n", "bad_value", "f.yaml:1:17", "'closed'"),
    "a wrong type": ("model.openness: 3\n", "bad_type", "f.yaml:1:17", "one of open, restricted, closed"),
    "a duplicate key": ("model.openness: open\nmodel.openness: open\n", "yaml", "f.yaml:2", "twice"),
    "an anchor": ("model.openness: &a open\n", "yaml", "f.yaml:1", "anchor"),
    "what the question fixes": ("destination.country: DE\n", "asked_fact", "f.yaml:1", "--to"),
    "an operator's name": (
        "name: Example\n",
        "unknown_fact",
        "f.yaml:1:1",
        "this looks like an operator file",
    ),
    "an operator's home": ("headquarters: DE\n", "unknown_fact", "f.yaml:1:1", "give it to --operator"),
    "no mapping": ("- model.openness\n", "bad_facts", "f.yaml", "mapping"),
}

NOT_YET = {
    "--config": ["--config", "w.yaml"],
    "export_compute": ["--activity", "export_compute"],
    "markdown": ["--output", "markdown"],
    "github": ["--output", "github"],
    "sarif": ["--output", "sarif=x.sarif"],
    "junit": ["--output", "junit"],
    "html": ["--output", "html"],
}


@pytest.mark.parametrize("case", USAGE)
def test_a_wrong_option_is_exit_4_and_says_what_to_do(shell: Shell, case: str) -> None:
    words, code, told = USAGE[case]
    done = shell.here("check", "./m", "--output", "json", *words)
    assert done.code == 4
    assert done.json["exit"] == 4
    assert done.json["schema"] == "weightgate/error/v1"
    assert done.error["code"] == code
    text = " ".join(str(done.error[key]) for key in ("message", "where", "hint"))
    assert [part for part in told if part not in text] == []
    in_words = shell.here("check", "./m", *words)
    assert (in_words.code, in_words.out) == (4, "")
    assert in_words.err.startswith("error: ")


@pytest.mark.parametrize("case", FILES)
def test_a_bad_facts_file_is_exit_4_with_its_place(shell: Shell, case: str) -> None:
    content, code, where, told = FILES[case]
    shell.write("f.yaml", content)
    done = shell.here("check", "./m", *TO, "--facts", "f.yaml", "--output", "json")
    assert done.code == 4
    assert done.error["code"].startswith(code)
    assert done.error["where"].startswith(where)
    assert told in f"{done.error['message']} {done.error['hint']}"


@pytest.mark.parametrize("case", NOT_YET)
def test_what_a_later_version_brings_says_so(shell: Shell, case: str) -> None:
    done = shell.here("check", "./m", *TO, *NOT_YET[case])
    assert done.code == 4
    assert "is not available yet" in done.err


def test_a_bad_operator_file_has_its_place(shell: Shell) -> None:
    shell.write("o.yaml", "name: a\nheadquarters: UK\n")
    done = shell.here("check", "./m", *TO, "--operator", "o.yaml", "--output", "json")
    assert (done.code, done.error["where"]) == (4, "o.yaml:2:15")
    assert "GB" in done.error["hint"]


def test_a_bad_pack_is_told_before_the_model_is_looked_at(shell: Shell) -> None:
    shell.write("p.yaml", "name: x\n")
    done = shell.here("check", "./no-such-model", *TO, "--policy", "p.yaml", "--output", "json")
    assert (done.code, done.error["code"]) == (4, "pack_schema")
    assert done.error["where"].startswith("p.yaml:")


def test_a_name_that_is_a_folder_here_is_ambiguous(shell: Shell) -> None:
    done = shell.here("check", "m", *TO, "--output", "json")
    assert (done.code, done.error["code"]) == (4, "ambiguous_model")
    assert "./m" in done.error["hint"]


def test_a_missing_folder_is_exit_5(shell: Shell) -> None:
    done = shell.here("check", "./none", *TO, "--output", "json")
    assert (done.code, done.json["exit"]) == (5, 5)
    assert done.error["where"] == "none"


def test_an_empty_folder_is_exit_4(shell: Shell) -> None:
    (shell.folder / "e").mkdir()
    done = shell.here("check", "./e", *TO, "--output", "json")
    assert (done.code, done.error["code"]) == (4, "empty_model")


def test_a_truncated_header_names_file_and_place(shell: Shell) -> None:
    path = shell.folder / "m" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:20])
    done = shell.here("check", "./m", *TO, "--output", "json")
    assert done.code == 4
    assert "model.safetensors" in done.error["where"]


def test_a_file_name_cannot_drive_the_terminal(shell: Shell) -> None:
    path = shell.folder / "m" / "\x1b[31mred.safetensors"
    path.write_bytes(b"\x00" * 4)
    done = shell.here("check", "./m", *TO)
    assert done.code == 4
    assert "\x1b" not in done.err
    assert "\\x1b" in done.err
