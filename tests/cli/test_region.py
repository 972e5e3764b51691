from __future__ import annotations

import json

import pytest

from tests.cli.shell import Shell

KEYS = ("query", "provider", "region", "countries", "complete", "place", "source")


def test_answers_have_the_fields_of_the_contract_and_the_order_of_the_names(shell: Shell) -> None:
    names = ["aws/ap-east-1", "DE", "gcp/eu", "ua-43"]
    done = shell.here("region", "resolve", *names, "--output", "json")
    assert done.code == 0
    assert [answer["query"] for answer in done.json] == names
    assert [key for answer in done.json for key in KEYS if key not in answer] == []
    hong_kong, germany, eu, crimea = done.json
    assert (hong_kong["provider"], hong_kong["region"]) == ("aws", "ap-east-1")
    assert hong_kong["countries"] == ["HK"]
    assert (germany["provider"], germany["countries"], germany["complete"]) == (None, ["DE"], True)
    assert len(eu["countries"]) > 1
    assert crimea["subdivision"] == "UA-43"


def test_a_name_that_is_not_known_is_exit_4_and_the_rest_is_answered(shell: Shell) -> None:
    done = shell.here("region", "resolve", "DE", "UK", "aws/eu-central-9", "JP", "--output", "json")
    assert done.code == 4
    germany, uk, region, japan = done.json
    assert (germany["countries"], japan["countries"]) == (["DE"], ["JP"])
    assert "UK" in uk["error"]
    assert "GB" in uk["nearest"]
    assert "aws/eu-central-1" in region["nearest"]


def test_names_come_from_stdin_one_a_line(shell: Shell) -> None:
    done = shell("region", "resolve", "-", "--output", "json", stdin="DE\r\naws/us-east-1\nfr")
    assert done.code == 0
    assert [answer["query"] for answer in done.json] == ["DE", "aws/us-east-1", "fr"]


def test_every_line_has_its_answer(shell: Shell) -> None:
    done = shell("region", "resolve", "-", "--output", "json", stdin="DE\n\n  \nnothing such\nFR\n")
    assert done.code == 4
    assert ["error" in answer for answer in done.json] == [False, True, True, True, False]


def test_no_lines_are_no_answers(shell: Shell) -> None:
    done = shell("region", "resolve", "-", "--output", "json", stdin="")
    assert (done.code, done.json) == (0, [])


def test_bytes_that_are_no_text_are_an_answer_too(shell: Shell) -> None:
    import subprocess

    from tests.cli.shell import MODULE, clean

    done = subprocess.run(
        [*MODULE, "region", "resolve", "-", "--output", "json"],
        input=b"\xff\xfe\nDE\n", capture_output=True, env=clean() | shell.env, check=False,
    )  # fmt: skip
    assert done.returncode == 4
    assert ["error" in answer for answer in json.loads(done.stdout)] == [True, False]


def test_too_many_names_are_refused(shell: Shell) -> None:
    done = shell("region", "resolve", "-", stdin="DE\n" * 100_001)
    assert done.code == 4
    assert "more than 100000 names" in done.err


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("DE", "DE: DE (Germany)\n  source: ISO 3166-1\n"),
        ("aws/eu-central-1", "aws/eu-central-1: DE (Frankfurt)\n"),
        ("UK", "UK: error: 'UK' is not a country code; nearest: GB\n"),
    ],
)
def test_answers_in_words(shell: Shell, name: str, told: str) -> None:
    assert shell.here("region", "resolve", name).out.startswith(told)


def test_places_that_are_not_listed_are_said(shell: Shell) -> None:
    assert "and places that its provider does not list" in shell.here("region", "resolve", "gcp/eu").out


def test_no_name_is_a_usage_error(shell: Shell) -> None:
    assert shell.here("region", "resolve").code == 4
