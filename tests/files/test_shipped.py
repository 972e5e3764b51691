"""The data that comes with weightgate, found in a checkout and in a wheel."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from weightgate.errors import Exit, InputError
from weightgate.files.shipped import shipped, shipped_folder

PACKAGE = Path(__file__).parents[2] / "weightgate"


def test_a_checkout_has_it_beside_the_package() -> None:
    assert shipped_folder() in (PACKAGE.parent / "policies", PACKAGE / "policies")


@pytest.mark.parametrize(
    "name",
    ["licenses.yaml", "regions", "regions/aws.yaml", "us/us-ai-diffusion-draft/pack.yaml", "./licenses.yaml"],
)
def test_shipped_files_and_folders_are_found(name: str) -> None:
    assert shipped(name).exists()
    assert shipped_folder() in shipped(name).parents


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../pyproject.toml", "regions/../../pyproject.toml", "regions\\aws.yaml", ".."],
)
def test_a_name_that_leaves_the_folder_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        shipped(name)
    assert caught.value.message == f"{name!r} is no name of shipped data"
    assert (caught.value.code, caught.value.exit) == ("not_shipped", Exit.INPUT)


def test_what_is_not_shipped_says_where_it_was_looked_for() -> None:
    with pytest.raises(InputError) as caught:
        shipped("regions/nowhere.yaml")
    assert caught.value.message == "'regions/nowhere.yaml' does not come with this version"
    assert caught.value.where == str(shipped_folder() / "regions" / "nowhere.yaml")


def installed(folder: Path) -> Path:
    """The modules that look for the data, as an installation in ``folder`` would have them."""
    files = folder / "weightgate" / "files"
    files.mkdir(parents=True)
    for name in ("__init__.py", "errors.py", "files/__init__.py", "files/shipped.py"):
        shutil.copy(PACKAGE / name, folder / "weightgate" / name)
    (folder / "weightgate" / "__init__.py").write_text("", encoding="utf-8")
    return folder


def found_in(folder: Path) -> str:
    """Where an installation finds the data, or the error it gives."""
    program = (
        "from weightgate.errors import InputError\n"
        "from weightgate.files.shipped import shipped_folder\n"
        "try: print(shipped_folder())\n"
        "except InputError as e: print(e.code, '|', e.where, '|', e.hint)\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_wheel_has_it_inside_the_package(tmp_path: Path) -> None:
    folder = installed(tmp_path)
    (folder / "weightgate" / "policies").mkdir()
    (folder / "policies").mkdir()
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    assert found_in(folder) == str(folder / "weightgate" / "policies")


def test_a_folder_of_somebody_else_beside_the_package_is_not_taken(tmp_path: Path) -> None:
    folder = installed(tmp_path)
    (folder / "policies").mkdir()
    inside = folder / "weightgate" / "policies"
    assert found_in(folder) == f"not_shipped | {inside} | install weightgate again"
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    assert found_in(folder) == str(folder / "policies")
