from __future__ import annotations

import pytest

from tests.cli.shell import Shell
from tests.policy.samples import HEAD, rule, rules
from weightgate.policy.export import LANGUAGES, export
from weightgate.policy.pack import Pack
from weightgate.policy.source import find_pack

PACK = "us-ai-diffusion-draft"
EXPORT = ("policy", "export", PACK, "--as-of", "2026-06-01")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_printed_as_it_is(shell: Shell, language: str) -> None:
    done = shell.here(*EXPORT, "--to", language, "--activity", "fine_tune")
    expected = LANGUAGES[language](export(Pack(find_pack(PACK)), "2026-06-01", "fine_tune"))
    assert (done.code, done.err) == (0, "")
    assert done.out == expected


def test_it_goes_to_a_file_and_then_its_path_is_printed(shell: Shell) -> None:
    printed = shell.here(*EXPORT, "--to", "cedar").out
    done = shell.here(*EXPORT, "--to", "cedar", "-o", "pack.cedar")
    assert (done.code, done.out, done.err) == (0, "wrote pack.cedar\n", "")
    assert (shell.folder / "pack.cedar").read_text("utf-8") == printed


def test_the_day_is_today_and_the_activity_host_unless_they_are_given(shell: Shell) -> None:
    text = shell.here("policy", "export", PACK, "--to", "rego").out
    assert "The rules about host as they stand on 20" in text
    assert "The rules about host as they stand on 2026-06-01" in shell.here(*EXPORT, "--to", "rego").out


def test_nothing_to_export_is_an_input_error(shell: Shell) -> None:
    done = shell.here(*EXPORT, "--to", "rego", "--activity", "export_compute")
    assert (done.code, done.out) == (4, "")
    assert "has no rule about export_compute on 2026-06-01" in done.err
    assert "it is about fine_tune, host" in done.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--to", "opa"), "'opa' is not one of 'cedar', 'rego'"),
        ((), "Missing option '--to'"),
        (("--to", "rego", "--activity", "hosting"), "no activity is called 'hosting'"),
        (("--to", "rego", "--as-of", "2026-02-30"), "'2026-02-30' is not a day"),
        (("--to", "rego", "-o", ""), "-o is empty"),
        (("--to", "rego", "--known-at", "soon"), "'soon' is not a day"),
        (("--to", "rego", "--set", "other.broad=strict"), f"'other.broad' is no switch of {PACK}"),
        (("--to", "rego", "--set", f"{PACK}.broad=strict"), f"{PACK} has no switch 'broad'"),
        (("--to", "rego", "--set", f"{PACK}.broad"), "has no '='"),
        (("--to", "rego", "--known-at", "2024-01-01"), "says nothing of "),
        (("--to", "rego", "-o", "missing/pack.rego"), "cannot write"),
    ],
)
def test_bad_words_are_refused(shell: Shell, words: tuple[str, ...], message: str) -> None:
    done = shell.here("policy", "export", PACK, *words)
    assert (done.code, done.out) == (4, "")
    assert message in done.err


def test_a_pack_is_not_written_over(shell: Shell) -> None:
    shell.write("mine/pack.yaml", find_pack(PACK).text.decode())
    done = shell.here("policy", "export", "./mine", "--to", "rego", "-o", "mine/pack.yaml")
    assert (done.code, done.out) == (4, "")
    assert "the output would be written over a file that is read" in done.err
    assert (shell.folder / "mine" / "pack.yaml").read_bytes() == find_pack(PACK).text


def test_a_pack_that_does_not_load_is_told_with_its_place(shell: Shell) -> None:
    shell.write("pack.yaml", find_pack(PACK).text.decode().replace('== "open"', '== "opne"', 1))
    done = shell.here("policy", "export", "./pack.yaml", "--to", "cedar")
    assert done.code == 4
    assert "pack.yaml:" in done.err
    assert "'opne' is no value of" in done.err


def test_a_reading_is_chosen_and_told(shell: Shell) -> None:
    switch = (
        "switches:\n  broad:\n    title: How broad is it?\n    default: strict\n"
        "    readings: {strict: All of it., lenient: A part of it.}\n"
        "    cites: [{source: law, place: section 9}]\n"
    )
    shell.write("pack.yaml", HEAD + switch + rules(rule('switches.broad == "lenient"')))
    words = ("policy", "export", "./pack.yaml", "--to", "cedar")
    strict, lenient = shell.here(*words), shell.here(*words, "--set", "sample.broad=lenient")
    assert "broad is read as strict." in strict.out
    assert "It never applies here." in strict.out
    assert "broad is read as lenient." in lenient.out
    assert "It never applies here." not in lenient.out
    known = shell.here(*words, "--known-at", "2025-03-01")
    assert "The pack as known on 2025-03-01." in known.out
    assert "The pack as known on" not in strict.out


def test_a_language_that_is_missing_is_asked_for_in_one_line(shell: Shell) -> None:
    done = shell.here("policy", "export", PACK, "--output", "json")
    assert done.code == 4
    assert done.error["message"] == "Missing option '--to'. Choose from: cedar, rego"
    assert done.error["hint"] == "see weightgate policy export --help"
