"""The project's own rules, each walked over the whole tree so that every offender is listed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tools import docs, heavy
from tools.generated import stale
from weightgate.errors import Exit
from weightgate.version import VERSION

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("weightgate", "tests", "tools", "examples", "benchmarks")
MAX_FILE, MAX_FUNCTION = 500, 80
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
HEAVY_IMPORTS = (
    "cel_expr_python",
    "cryptography",
    "google.protobuf",
    "huggingface_hub",
    "pydantic",
    "rich",
    "securesystemslib",
    "yaml",
)

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def python_files(*folders: str) -> list[Path]:
    """The project's Python files."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def definitions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, Definition]]:
    """Classes and functions outside functions, by dotted name."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + node.name, node
        if isinstance(node, ast.ClassDef):
            yield from definitions(node, f"{prefix}{node.name}.")


def text_files() -> Iterator[tuple[str, str]]:
    """Every text file that git tracks or would add, with its text."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in sorted(set(names) - {""}):
        path = ROOT / name
        if path.is_file():
            data = path.read_bytes()
            if b"\0" not in data:
                yield name, data.decode("utf-8", "replace")


def links(page: Path) -> list[str]:
    """Targets of a Markdown page's links to other files."""
    targets = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    return [target for target in targets if not urlsplit(target).scheme and not target.startswith("#")]


def holds_test(reference: str) -> bool:
    """Whether ``FILE::TEST`` is a test, or ``FOLDER/`` a folder that holds tests."""
    place, _, test = reference.partition("::")
    if place.endswith("/"):
        return any((ROOT / place).glob("test_*.py"))
    return (ROOT / place).is_file() and f"def {test}(" in (ROOT / place).read_text(encoding="utf-8")


def test_every_public_name_has_a_docstring() -> None:
    missing = []
    for path in python_files("weightgate"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree):
            missing.append(f"{path.relative_to(ROOT)}: the module")
        for name, node in definitions(tree):
            private = any(part.startswith("_") for part in name.split("."))
            if not private and not ast.get_docstring(node):
                missing.append(f"{path.relative_to(ROOT)}:{node.lineno}: {name}")
    assert not missing, "\n".join(missing)


def test_every_package_says_what_it_is_about() -> None:
    packages = [path for path in (ROOT / "weightgate").rglob("*") if path.is_dir() and any(path.glob("*.py"))]
    assert packages
    silent = [
        str(path.relative_to(ROOT))
        for path in packages
        if not (path / "__init__.py").is_file()
        or not ast.get_docstring(ast.parse((path / "__init__.py").read_text(encoding="utf-8")))
    ]
    assert not silent


def test_no_file_and_no_function_is_too_long() -> None:
    long = []
    for path in python_files(*FOLDERS):
        text = path.read_text(encoding="utf-8")
        if (lines := text.count("\n")) > MAX_FILE:
            long.append(f"{path.relative_to(ROOT)}: {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MAX_FUNCTION:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno}: {node.name} has {lines} lines")
    assert not long, "\n".join(long)


def test_source_has_no_assert_and_nothing_unfinished() -> None:
    found = []
    for path in python_files("weightgate"):
        text = path.read_text(encoding="utf-8")
        asserts = [node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Assert)]
        found += [f"{path.relative_to(ROOT)}:{line}: assert" for line in asserts]
        unfinished = re.search(r"#.*\b(TODO|FIXME|XXX)\b|raise NotImplementedError", text)
        if unfinished:
            found.append(f"{path.relative_to(ROOT)}: {unfinished.group()}")
    assert not found, "\n".join(found)


def test_nothing_names_the_machine_it_was_written_on() -> None:
    here = re.escape(str(ROOT)) if len(ROOT.parts) > 2 else "/root"  # a checkout in /src proves nothing
    pattern = re.compile(rf"{here}/|/root/|/(?:home|Users)/[a-z]+/|pypi[.]org|pythonhosted[.]org|npmjs[.]org")
    found = [
        f"{name}: {match.group()}"
        for name, text in text_files()
        if name != "tests/test_project.py"
        for match in pattern.finditer(text)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_locks_pin_every_file_and_no_place(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = [part for part in re.split(r"\n(?=\S)", text) if part and not part.startswith("#")]
    assert entries
    assert not [
        e
        for e in entries
        if not re.match(r"[a-z0-9.-]+==\S+ ", e, re.IGNORECASE) or "--hash=sha256:" not in e
    ]
    places = re.compile(
        r"https?:|file:|--(?:extra-)?index-url|--find-links|--trusted-host|(?<!requirements)/\w"
    )
    assert not places.findall(text)


def test_a_heavy_group_s_runtime_pins_are_those_of_the_main_lock() -> None:
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text, re.MULTILINE))

    main = pins("lock.txt")
    other = {lock.name: pins(lock.name) for lock in LOCKS if lock.name != "lock.txt"}
    assert other["runtime.txt"]
    assert {n: {k: v for k, v in p.items() if main.get(k, v) != v} for n, p in other.items()} == {
        n: {} for n in other
    }


def test_every_runtime_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8").lower()
    names = [re.split(r"[<>=~\[;]", d)[0].strip().lower().replace("_", "-") for d in project["dependencies"]]
    assert names
    assert not [name for name in names if not re.search(rf"^{re.escape(name)}==", lock, re.MULTILINE)]


def test_starting_up_imports_nothing_heavy() -> None:
    code = (
        "import importlib, sys\n"
        "importlib.import_module('weightgate.cli.main')\n"
        f"print([n for n in {HEAVY_IMPORTS!r} if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_generated_pages_are_up_to_date() -> None:
    assert stale(docs.pages()) == []


def test_generated_pages_cover_every_exit_code() -> None:
    assert set(docs.EXITS) == set(Exit)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    dead = [target for target in links(page) if not (page.parent / target.partition("#")[0]).exists()]
    assert not dead


def test_the_index_lists_every_page() -> None:
    indexes = [ROOT / "docs" / "index.md", ROOT / "docs" / "packs" / "index.md"]
    listed = {(index.parent / target).resolve() for index in indexes for target in links(index)}
    pages = set((ROOT / "docs").rglob("*.md")) - {indexes[0]}
    assert sorted(str(p.relative_to(ROOT)) for p in pages - listed) == []


def test_the_threat_model_names_tests_that_exist() -> None:
    text = (ROOT / "THREAT_MODEL.md").read_text(encoding="utf-8")
    attacks = text.partition("## Attacks")[2].partition("## What is not covered")[0]
    rows = [
        line
        for line in attacks.splitlines()
        if line.startswith("| ") and not line.startswith(("| ---", "| attack"))
    ]
    assert len(rows) > 20
    named = {row: re.findall(r"`(tests/[\w/.:]+)`", row) for row in rows}
    assert not [row for row, tests in named.items() if not tests]
    missing = sorted({test for tests in named.values() for test in tests if not holds_test(test)})
    assert not missing, "\n".join(missing)


def test_the_changelog_has_a_place_for_what_is_new() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## \[(.+?)\]", text, re.MULTILINE)
    assert heads[0] == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", head) for head in heads[1:])
    assert len(heads) == 1 or heads[1] == VERSION


def test_every_heavy_group_has_its_folder_and_its_lock() -> None:
    for group in heavy.GROUPS:
        assert list((ROOT / "tests" / "heavy" / group.name).glob("test_*.py")), group.name
        assert (ROOT / "requirements" / f"{group.name}.txt").is_file(), group.name
    folders = {path.parent.name for path in (ROOT / "tests" / "heavy").glob("*/test_*.py")}
    assert folders == {group.name for group in heavy.GROUPS}


@pytest.mark.parametrize(
    ("file", "runs"),
    [
        ("weightgate/policy/cel.py", True),
        ("policies/regions/aws.yaml", True),
        ("tests/heavy/fresh/test_fresh.py", True),
        ("tools/heavy.py", True),
        ("README.md", False),
        ("tests/policy/test_cel.py", False),
    ],
)
def test_a_heavy_group_runs_when_its_files_change(file: str, *, runs: bool) -> None:
    fresh = next(group for group in heavy.GROUPS if group.name == "fresh")
    assert bool(heavy.touched(fresh, [file])) is runs


def test_an_unknown_commit_to_compare_with_means_every_group() -> None:
    assert heavy.changed_files("0" * 40) is None
    assert heavy.changed_files("HEAD") is not None


def test_a_command_over_its_time_is_ended() -> None:
    assert heavy.run_within([sys.executable, "-c", "import time; time.sleep(60)"], 1) == 124
    assert heavy.run_within([sys.executable, "-c", "raise SystemExit(3)"], 30) == 3
