"""Packs that tried to take all memory or time, to crash a command, or to be taken for another text than they are."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.cli.shell import MODULE, Done, Shell, clean
from tests.policy.samples import HEAD, PLAIN, RULES, TABLE, VALUES, rule, rules

SECONDS = 60
"""Of processor time: several times what the slowest refusal takes, so that a busy machine fails no test."""
MEGABYTES = 700

COMMANDS = (
    ("check", "./m", "--to", "DE", "--policy", "PACK"),
    ("guard", "./m", "--to", "DE", "--policy", "PACK", "--", "true"),
    ("policy", "show", "PACK"),
    ("policy", "show", "PACK", "--timeline"),
    ("policy", "lint", "PACK"),
    ("policy", "test", "PACK"),
    ("policy", "test", "PACK", "--mutants"),
    ("policy", "prove", "PACK"),
    ("policy", "diff", "PACK", "us-embargoes"),
    ("policy", "diff", "us-embargoes", "PACK"),
    ("policy", "export", "PACK", "--to", "rego"),
    ("policy", "export", "PACK", "--to", "cedar"),
)  # fmt: skip
CASE = "- {name: a, as_of: 2026-01-01, facts: {model.openness: open}, expect: allow}\n"


def bounded(shell: Shell, *words: str) -> Done:
    """Run a command in a process that may take so much memory and processor time, and no more."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        env = clean() | shell.env
        process = subprocess.Popen(
            [*MODULE, *words],
            cwd=shell.folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
        resource.prlimit(process.pid, resource.RLIMIT_AS, (2 << 30, 2 << 30))
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (SECONDS, SECONDS))
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        done = Done(process.returncode, out.read().decode(), err.read().decode())
    assert "Traceback" not in done.err
    assert usage.ru_maxrss < MEGABYTES * 1024
    return done


def many(count: int, line: Callable[[int], str]) -> str:
    """The ``rules`` of a pack, each with a condition of its own."""
    return rules(*(rule(line(i), name=f"r{i}") for i in range(count)))


def switches(count: int) -> str:
    """So many questions with two readings each."""
    one = "  s{}: {{title: q, default: a, readings: {{a: x, b: y}}, cites: [{{source: law, place: x}}]}}\n"
    return "switches:\n" + "".join(one.format(i) for i in range(count))


def daily(count: int) -> str:
    """A named list of which the one member is another every day, all known beforehand."""
    row = "    - {{from: {0}, until: {0}, known: 2024-01-01, until_known: 2024-01-01, value: [x{1}], cite: {{source: law, place: x}}, grade: V}}\n"
    rows = "".join(row.format(date(2025, 1, 1) + timedelta(days=i), i) for i in range(count))
    last = date(2025, 1, 1) + timedelta(days=count)
    end = (
        f"    - {{from: {last}, known: 2024-01-01, value: [q], cite: {{source: law, place: x}}, grade: V}}\n"
    )
    return "values:\n  v:\n" + rows + end


def defined(count: int) -> str:
    """So many large definitions, each over the list that changes every day."""
    labels = " || ".join(f'"l{j}" in model.labels' for j in range(90))
    return "define:\n" + "".join(f"  d{i}: model.license in values.v || {labels}\n" for i in range(count))


EARLY = HEAD.replace("from: 2025-01-01", "from: 2025-01-01, known: 2024-01-01")
PAIRS = many(60, lambda i: f'"a{i:03}" in model.labels && "b{i:03}" in model.labels')
STEPS = many(
    400,
    lambda i: (
        f"compute.tpp < {i * 7 % 401}.0 && model.parameters > {i * 5 % 397}.0 && model.active_parameters > {i}.0"
    ),
)

# Text, part of the message, where it stands in the file (a text there, or "" for the file alone), part of the hint.
REFUSED: dict[str, tuple[str, str, str, str]] = {
    "ten megabytes": (PLAIN + "# " + "x" * (10 << 20), "larger than 2097152 bytes", "", "split the pack"),
    "10,000 rules": (HEAD + many(10_000, "true".format), "at most 500 items", "- id: r0\n", "split the pack"),
    "nested 200 deep": (HEAD + rules(rule("(" * 200 + "true" + ")" * 200)), "nested deeper than 32 levels", "((((", "define:"),
    "ternaries": (HEAD + rules(rule("model.special_purpose ? true : " * 33 + "false")), "nested deeper than 32 levels", "model.special", "define:"),
    "a long condition": (HEAD + rules(rule(" || ".join(["model.special_purpose"] * 500))), "at most 4000 characters", "'model.special", "define:"),
    "a bomb": ("a: &a [x, x]\nb: &b [*a, *a]\n" + PLAIN, "anchor &a is refused", "&a", "write the value out"),
    "deep YAML": (PLAIN + "x: " + "[" * 500 + "]" * 500, "nested deeper than 64 levels", "[" * (500 - 64) + "]", ""),
    "very deep YAML": (PLAIN + "x: " + "[" * 100_000 + "]" * 100_000, "nested deeper than 64 levels", "", ""),
    "a cycle": (HEAD + "define:\n  a: b\n  b: a\n" + rules(rule("a")), "unknown fact 'b'", "b\n  b", ""),
    "doubling": (HEAD + "define:\n  a0: model.special_purpose\n" + "".join(f"  a{i}: a{i - 1} || a{i - 1}\n" for i in range(1, 100)) + RULES, "more than 10000 parts", "a12 || a12\n", "build less upon each other"),
    "a country twice in a row": (HEAD + TABLE.replace("[CN]", "[CN, RU, CN]") + RULES, "CN is in this row twice", "CN], cite", "name it once"),
    "a country twice": (HEAD + TABLE.replace("[CN]", "[CN, DE]") + RULES, "DE has two tiers on 2025-01-01", "DE], cite: {source: law, place: list 2", "end one row"),
    "no such day": (PLAIN.replace("2025-01-01", "2025-02-30"), "'2025-02-30' is not a day", "2025-02-30", "policy lint"),
    "half past one": (PLAIN.replace("2025-01-01", "1:30"), "'1:30' is not a day", "1:30", "policy lint"),
    "never": (PLAIN.replace("2025-01-01", "9999-12-31"), "stands for never", "9999-12-31", "earlier"),
    "backwards": (HEAD + VALUES.replace("until: 2025-12-31", "until: 2024-12-31") + RULES, "before it begins", "2024-12-31", "mend"),
    "Norway": (PLAIN.replace("verdict: deny", "verdict: NO"), "Input should be 'allow'", "NO,", "policy lint"),
    "a regex": (HEAD + rules(rule('model.license.matches("(a+)+$")')), "matches is not supported", '("(a+', "compares facts"),
    "a comprehension": (HEAD + rules(rule("model.labels.all(x, model.labels.all(y, x == y))")), "this form is not supported", "(x, model", "compares facts"),
    "a diagram of pairs": (HEAD + PAIRS, "outgrows 200000 nodes; most of it tests model.labels", "- id: r0\n", "fewer facts in one rule"),
    "a diagram of steps": (HEAD + STEPS, "too many steps to build; most of it tests model.", "- id: r0\n", "fewer facts in one rule"),
    "too many cells": (HEAD + many(100, lambda i: " || ".join(f"compute.tpp < {i * 170 + j}.0" for j in range(150))), "rules cut compute.tpp into", "- id: r0\n", "fewer names or numbers"),
    "every day known": (HEAD + "rules:\n" + "".join(rule("true", name=f"r{i}", more=f"    from: {date(2025, 1, 1) + timedelta(days=i % 200)}\n") for i in range(500)), "change on 200 days and became known on 200", "- id: r0\n", "split the pack"),
    "large conditions every day": (EARLY + daily(900) + defined(60) + many(100, lambda i: " || ".join(f"d{j}" for j in range(i % 10, i % 10 + 50))), "conditions have more than 1000000 parts", "", "on fewer days"),
    "diagrams every day": (EARLY + daily(900) + many(80, lambda i: f"model.license in values.v && compute.tpp > {i}.0 && model.parameters > {i * 37 % 99}.0"), "of all days together take too many steps", "- id: r0\n", "on fewer days"),
    "5,000 switches": (HEAD + switches(5000) + RULES, "at most 200 items", "s0:", "split the pack"),
    "an order": (PLAIN.replace("name: sample", "name: order"), "'order' stands for orders", "order", "another name"),
    "the default": (PLAIN.replace("id: open", "id: default"), "'default' stands for where no rule applies", "default\n    title", "another name"),
    "a switch named as a fact": (HEAD + switches(1).replace("s0", "activity") + RULES, "activity is the name of a fact", "{title: q", "policy lint"),
    "an escape sequence": (PLAIN.replace("title: Open weights are free", 'title: "\\e[2J"'), "U+001B is a character that nobody sees", '"\\e', "policy lint"),
    "a null character": (PLAIN.replace("summary: A sample.", 'summary: "a\\0"'), "U+0000 is a character that nobody sees", '"a\\0', "policy lint"),
    "a reversal in a remark": (PLAIN + "# \u202e nothing\n", "U+202E is a character that nobody sees", "\u202e", "leave it out"),
    "a space of no width": (HEAD + rules(rule('model.open\u200bness == "open"')), "U+200B is a character that nobody sees", "\u200b", "leave it out"),
    "another alphabet": (HEAD + rules(rule('model.openness == "\u043epen"')), "is no value of model.openness", '"\u043epen', "did you mean 'open'"),
    "nothing": ("", "the document is no mapping", "", "policy new"),
}  # fmt: skip


def place(text: str, needle: str) -> str:
    """``:LINE:COLUMN`` of a text in a file; nothing of no text."""
    at = text.index(needle)
    return f":{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}" if needle else ""


def write(shell: Shell, text: str) -> None:
    """The pack ``./p``, with a case beside it."""
    shell.write("p/pack.yaml", text)
    shell.write("p/tests/cases.yaml", CASE)


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_pack_is_refused_with_its_place_and_what_to_do(shell: Shell, name: str) -> None:
    text, message, needle, hint = REFUSED[name]
    write(shell, text)
    done = bounded(shell, "check", "./m", "--to", "DE", "--policy", "./p")
    assert done.code == 4
    first, at, *rest = [*done.err.splitlines(), ""]
    assert message in first
    assert at.startswith(f"  at: p/pack.yaml{place(text, needle)}")
    assert re.fullmatch(r"  at: p/pack.yaml(:[0-9]+:[0-9]+)?", at)
    assert hint in " ".join(rest)


QUICK = ("a cycle", "a diagram of pairs", "every day known")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", QUICK)
def test_every_command_refuses_it(shell: Shell, name: str, words: tuple[str, ...]) -> None:
    text, message, _, _ = REFUSED[name]
    write(shell, text)
    done = bounded(shell, *("./p" if word == "PACK" else word for word in words))
    if words[:2] == ("policy", "show") and name == "a diagram of pairs" and "--timeline" not in words:
        assert done.code == 0
        return
    reports = words[1] in ("lint", "prove")
    assert done.code == (7 if words[1] == "lint" or (reports and name == "a diagram of pairs") else 4)
    assert message.split(";")[0] in " ".join((done.out + done.err).split())


BORNE: dict[str, str] = {
    "500 labels": HEAD + many(500, lambda i: f'"l{i}" in model.labels'),
    "200 switches": HEAD
    + switches(200)
    + many(200, lambda i: f'switches.s{i} == "a" && "l{i}" in model.labels'),
    "a list of 100,000": HEAD
    + "values:\n  v:\n    - {from: 2025-01-01, value: ["
    + ",".join(f"a{i}" for i in range(100_000))
    + "], cite: {source: law, place: x}, grade: V}\n"
    + RULES,
}


@pytest.mark.parametrize("words", [words for words in COMMANDS if "--mutants" not in words], ids=" ".join)
@pytest.mark.parametrize("name", BORNE)
def test_a_large_pack_is_borne(shell: Shell, name: str, words: tuple[str, ...]) -> None:
    write(shell, BORNE[name])
    done = bounded(shell, *("./p" if word == "PACK" else word for word in words))
    assert done.code in (0, 1, 3, 4, 7)
    assert "internal" not in done.err


def test_prove_says_which_combinations_of_switches_it_leaves_out(shell: Shell) -> None:
    write(shell, HEAD + switches(200) + RULES)
    said = " ".join(bounded(shell, "policy", "prove", "./p").out.split())
    assert f"of {2**200} combinations of switches" in said


@pytest.mark.parametrize(
    "path", ["./loop.yaml", "./pipe.yaml", "/dev/zero", "./" + "a" * 5000, "./" + "a/" * 3000]
)
@pytest.mark.parametrize(
    "words", [("check", "./m", "--to", "DE", "--policy"), ("policy", "lint"), ("policy", "show")]
)
def test_what_is_no_file_is_not_read(shell: Shell, path: str, words: tuple[str, ...]) -> None:
    Path(shell.folder, "loop.yaml").symlink_to("loop.yaml")
    os.mkfifo(shell.folder / "pipe.yaml")
    done = shell.here(*words, path)
    assert (done.code, "cannot read" in done.err) == (4, True)


@pytest.mark.parametrize("words", [("policy", "test"), ("policy", "show", "--timeline")])
def test_a_pipe_among_the_cases_is_not_waited_for(shell: Shell, words: tuple[str, ...]) -> None:
    shell.write("p/pack.yaml", PLAIN)
    Path(shell.folder, "p/tests").mkdir()
    os.mkfifo(shell.folder / "p/tests/cases.yaml")
    done = shell.here(*words, "./p")
    assert (done.code, "not a regular file" in done.err) == (4, True)


def test_two_processes_that_compile_one_pack_both_come_to_it(shell: Shell) -> None:
    write(shell, PLAIN)
    env = clean() | shell.env | {"XDG_CACHE_HOME": str(shell.folder / "c")}
    words = [*MODULE, "check", "./m", "--to", "DE", "--policy", "./p", "--facts", "open.yaml"]
    running = [
        subprocess.Popen(
            words, cwd=shell.folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(3)
    ]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    stored = [json.loads(path.read_bytes()) for path in (shell.folder / "c/weightgate/packs").iterdir()]
    assert [one["pack"]["head"]["name"] for one in stored].count("sample") == 1


def test_a_pack_of_windows_and_one_with_a_mark_are_read_as_any(shell: Shell) -> None:
    for text in ("\ufeff" + PLAIN, PLAIN.replace("\n", "\r\n")):
        write(shell, text)
        assert shell.here("check", "./m", "--to", "DE", "--policy", "./p", "--facts", "open.yaml").code == 0


FOLDED = PLAIN.replace(
    '    when: model.openness == "open"\n',
    '    when: >\n      model.openness == "open" // a remark\n      && destination.country == "JP"\n',
)


def test_a_remark_does_not_swallow_the_rest_of_a_folded_condition(shell: Shell) -> None:
    asked = ("check", "./m", "--to", "DE", "--facts", "open.yaml", "--policy", "./p")
    write(shell, FOLDED)
    done = shell.here(*asked)
    assert (done.code, f"p/pack.yaml{place(FOLDED, '// a remark')}" in done.err) == (4, True)
    assert "swallows the lines after it" in done.err
    write(shell, FOLDED.replace(">", "|"))
    assert shell.here(*asked).code == 1
    write(shell, FOLDED.replace(" // a remark", "").replace('"JP"\n', '"JP" // a remark\n'))
    assert shell.here(*asked).code == 1
