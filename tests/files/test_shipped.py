"""The folder of shipped data."""

from __future__ import annotations

import pytest

from weightgate.errors import Exit, InputError
from weightgate.files.shipped import shipped, shipped_folder


def test_shipped_data_is_found() -> None:
    assert shipped("licenses.yaml") == shipped_folder() / "licenses.yaml"
    assert shipped("licenses.yaml").is_file()


def test_what_does_not_come_with_this_version_is_said() -> None:
    with pytest.raises(InputError, match="does not come with this version") as error:
        shipped("nothing/here.yaml")
    assert error.value.code == "not_shipped"
    assert error.value.where.endswith("here.yaml")
    assert error.value.exit is Exit.INPUT


@pytest.mark.parametrize("name", ["", ".", "/etc/passwd", "../pyproject.toml", "a/../../x", "a\\b"])
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    with pytest.raises(InputError, match="no name of shipped data"):
        shipped(name)
