"""The README says what happens: its transcripts are run, its tables compared, its rule tried."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.examples.conftest import EXAMPLES, ROOT
from tests.examples.transcript import Entry, blocks, entries, section, settled, shell, unlike
from tools import docs
from weightgate.errors import Exit

README = (ROOT / "README.md").read_text(encoding="utf-8")
DEMO = blocks(section(README, "See it work"), "text")
CONSOLE = [entry for block in blocks(README, "console") for entry in entries(block)]


@pytest.mark.parametrize("block", DEMO, ids=lambda block: block.partition("\n")[0])
def test_the_demo_prints_this(block: str, demo: subprocess.CompletedProcess[str]) -> None:
    assert demo.returncode == 0
    start = block.partition("\n")[0]
    printed = next(
        part for part in re.split(r"^-{100}\n", demo.stdout, flags=re.MULTILINE) if part.startswith(start)
    )
    assert unlike(block, printed) == "", printed


def test_the_demo_s_summary_is_shown_whole() -> None:
    assert DEMO[-1].startswith("All as expected.")
    assert "…" not in DEMO[-1]


def test_every_command_prints_this(tmp_path: Path, project: Path, environment: dict[str, str]) -> None:
    """The transcripts in the order in which a reader would type them, in one folder and one shell's environment."""
    for name in ("operator.yaml", "facts.yaml"):
        (project / name).unlink()
    assert len(CONSOLE) > 8
    for entry in CONSOLE:
        if exported := re.fullmatch(r"export (\w+)='(.*)'", entry.command):
            environment[exported[1]] = exported[2]
            continue
        done = shell(entry.command, project, environment)
        assert unlike(entry.output, done.stdout) == "", f"$ {entry.command}\n{done.stdout}"


def test_the_python_example_runs(project: Path, environment: dict[str, str]) -> None:
    (project / "operator.yaml").write_text("headquarters: DE\nultimate_parent: DE\n")
    (block,) = blocks(README, "python")
    (project / "example.py").write_text(block)
    done = shell("python example.py", project, environment)
    assert (done.returncode, done.stdout) == (0, "deny 1\ndeploying\n")


def test_the_rule_is_the_example_s() -> None:
    pack, cases = blocks(section(README, "Write a rule in ten minutes"), "yaml")
    assert pack == (EXAMPLES / "house-rules" / "pack.yaml").read_text()
    assert cases == (EXAMPLES / "house-rules" / "tests" / "closed-weights.yaml").read_text()


def test_the_misspelt_rule_is_refused_as_the_readme_says(project: Path, environment: dict[str, str]) -> None:
    pack = project / "house-rules" / "pack.yaml"
    lines = pack.read_text().replace('model.openness != "open"', 'model.openness != "opne"')
    pack.write_text(lines)
    line = next(number for number, text in enumerate(lines.splitlines(), 1) if '"opne"' in text)
    done = shell("weightgate policy test ./house-rules", project, environment)
    assert done.returncode == Exit.INPUT
    assert re.search(rf"house-rules/pack\.yaml:{line}:\d+", done.stdout)
    assert "did you mean 'open'?" in done.stdout


def test_the_exit_codes_are_those_of_the_code() -> None:
    table = docs.header("code", "meaning") + "".join(
        docs.row(str(int(code)), docs.EXITS[code]) for code in Exit
    )
    assert table in README


def test_it_never_calls_anything_legal() -> None:
    found = [line for line in README.splitlines() if re.search(r"\b(il)?legal\b", line, re.IGNORECASE)]
    assert len(found) == 1
    assert found[0].startswith("- It gives no legal advice and says of nothing that it is lawful.")


@pytest.mark.parametrize(
    ("expected", "found", "unmet"),
    [
        ("a\nb\n", "a b", ""),
        ("a\n…\nd\n", "a b c d", ""),
        ("…\nc\n", "a b c", ""),
        ("a\n…\n", "a b c", ""),
        ("a\n", "a b", "a"),
        ("a\n", "a b a", "b a"),
        ("b\n…\n", "a b", "b"),
        ("a\n…\nx\n…\nd\n", "a b c d", "x"),
        ("a\n…\nb\n", "a b c", "b"),
        ("at 2026-01-02 on 127.0.0.1:80", "at 2027-01-02\n  on 127.0.0.1:8080", ""),
        ("sha256:0123456789ab", "sha256:ffffffffffff", ""),
        ("a\n…\nb\n…\na\n", "a b", "a"),
    ],
)
def test_a_difference_is_seen(expected: str, found: str, unmet: str) -> None:
    assert unlike(expected, found) == unmet


def test_a_transcript_is_taken_apart() -> None:
    assert entries("$ one\nsays\nthis\n$ two\n") == [Entry("one", "says\nthis\n"), Entry("two", "")]
    assert settled("  wrapped\n   text ") == "wrapped text"
