"""The wheel, in an environment that holds nothing but it and the run-time dependencies, away from the checkout."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def pip(python: Path, *arguments: str) -> None:
    """Run pip, and show what it said when it failed."""
    done = subprocess.run(
        [python, "-m", "pip", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with this environment's pinned tools."""
    folder = tmp_path_factory.mktemp("dist")
    pip(
        Path(sys.executable),
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    )
    return next(folder.glob("weightgate-*.whl"))


@pytest.fixture(scope="session")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the wheel and the locked run-time dependencies."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    executable = folder / "bin" / "python"
    pip(executable, "install", "--require-hashes", "-r", str(ROOT / "requirements" / "runtime.txt"))
    pip(executable, "install", "--no-deps", "--no-index", str(wheel))
    return executable


def run(python: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in an empty folder, with a home of its own and a network that answers nothing."""
    nowhere = "http://127.0.0.1:9"
    environment = {
        "HOME": str(folder),
        "PATH": os.defpath,
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
        "HF_ENDPOINT": nowhere,
    }
    command = [str(python.parent / "weightgate"), *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_wheel_holds_the_package_its_types_and_the_packs(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    packs = {
        f"weightgate/{path.relative_to(ROOT)}"
        for path in (ROOT / "policies").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packs
    assert packs <= names
    shipped = list((ROOT / "policies").rglob("pack.yaml"))
    compiled = [
        name for name in names if re.fullmatch(r"weightgate/policies/compiled/[0-9a-f]{64}\.json", name)
    ]
    assert len(compiled) == len(shipped)
    assert {"weightgate/__init__.py", "weightgate/py.typed"} <= names
    assert not [name for name in names if name.startswith(("tests/", "tools/", "policies/"))]


def test_every_module_imports_with_the_run_time_dependencies_alone(python: Path, tmp_path: Path) -> None:
    code = (
        "import importlib, pkgutil, weightgate\n"
        "names = [m.name for m in pkgutil.walk_packages(weightgate.__path__, 'weightgate.')]\n"
        "[importlib.import_module(name) for name in names]\n"
        "print(len(names), weightgate.__file__)"
    )
    done = subprocess.run(
        [python, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    count, place = done.stdout.split(maxsplit=1)
    assert int(count) >= sum(1 for _ in (ROOT / "weightgate").rglob("*.py")) - 1
    assert Path(place.strip()).is_relative_to(python.parent.parent)


def test_help(python: Path, tmp_path: Path) -> None:
    done = run(python, tmp_path, "--help")
    assert done.returncode == 0, done.stderr
    assert "check" in done.stdout


@pytest.mark.parametrize(
    ("destination", "verdict", "code"), [("CN", "deny", 1), ("DE", "allow", 0), ("UK", None, 4)]
)
def test_check_decides_from_facts_alone_without_a_network(
    python: Path, tmp_path: Path, destination: str, verdict: str | None, code: int
) -> None:
    (tmp_path / "facts.yaml").write_text("model.openness: closed\n", encoding="utf-8")
    (tmp_path / "operator.yaml").write_text(
        "name: Example\nheadquarters: US\nultimate_parent: US\nauthorizations: []\nsecurity_standards: []\n",
        encoding="utf-8",
    )
    options = f"--to {destination} --facts facts.yaml --operator operator.yaml --output json"
    done = run(python, tmp_path, "check", "-", *options.split())
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["exit"], answer.get("verdict")) == (code, code, verdict), done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("packs/*.json")), (
        "the pack was compiled although the wheel has it compiled"
    )
