"""The pack format, field by field."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tests.policy.samples import HEAD, RULES, TABLE, VALUES
from weightgate.files.yaml import parse_yaml
from weightgate.policy.schema import PackDocument

WHOLE = HEAD + TABLE + VALUES + RULES


def document() -> Any:
    return parse_yaml(WHOLE, "p").data


def faults(data: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        PackDocument.model_validate(data)
    return [(".".join(map(str, e["loc"])), e["type"]) for e in caught.value.errors()]


def change(path: list[str | int], value: Any) -> Any:
    data = document()
    place = data
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return data


def test_the_whole_format_is_read() -> None:
    read = PackDocument.model_validate(document())
    assert read.tables["tier"].rows[1].countries == ["CN"]
    assert read.values["limit"][0].value == 1e25
    assert read.rules[0].activity == ["host"]


@pytest.mark.parametrize(
    "path",
    [["schema"], ["name"], ["version"], ["title"], ["summary"], ["sources"], ["status"], ["default"], ["rules"],
     ["sources", "law", "title"], ["status", 0, "from"], ["status", 0, "status"], ["status", 0, "cite"],
     ["default", "verdict"], ["default", "title"], ["default", "cites"], ["tables", "tier", "rows"],
     ["tables", "tier", "otherwise"], ["tables", "tier", "otherwise", "cite"], ["tables", "tier", "otherwise", "grade"],
     ["tables", "tier", "rows", 0, "from"], ["tables", "tier", "rows", 0, "cite"], ["tables", "tier", "rows", 0, "grade"],
     ["values", "limit", 0, "from"], ["values", "limit", 0, "cite"], ["values", "limit", 0, "grade"],
     ["values", "limit", 0, "value"], ["rules", 0, "id"], ["rules", 0, "title"], ["rules", 0, "activity"],
     ["rules", 0, "when"], ["rules", 0, "verdict"], ["rules", 0, "cites"], ["rules", 0, "cites", 0, "place"]],
    ids=lambda path: ".".join(map(str, path)),
)  # fmt: skip
def test_nothing_required_can_be_left_out(path: list[str | int]) -> None:
    assert (".".join(map(str, path)), "missing") in faults(change(path, ...))


@pytest.mark.parametrize(
    "path",
    [[], ["sources", "law"], ["status", 0], ["default"], ["tables", "tier"], ["tables", "tier", "rows", 0],
     ["values", "limit", 0], ["rules", 0], ["rules", 0, "cites", 0]],
    ids=lambda path: ".".join(map(str, path)) or "document",
)  # fmt: skip
def test_unknown_keys_are_refused_everywhere(path: list[str | int]) -> None:
    assert (".".join(map(str, [*path, "wehn"])), "extra_forbidden") in faults(change([*path, "wehn"], 1))


@pytest.mark.parametrize(
    ("path", "value"),
    [(["rules", 0, "verdict"], "indeterminate"), (["rules", 0, "verdict"], "Allow"), (["default", "verdict"], "maybe"),
     (["status", 0, "status"], "in_force"), (["tables", "tier", "rows", 0, "value"], 4),
     (["tables", "tier", "rows", 0, "value"], True), (["tables", "tier", "rows", 0, "value"], "1"),
     (["tables", "tier", "rows", 0, "countries"], []), (["tables", "tier", "rows", 0, "grade"], "X"),
     (["tables", "tier", "otherwise", "value"], 0), (["values", "limit", 0, "value"], True),
     (["values", "limit", 0, "value"], None), (["values", "limit", 0, "from"], "2025-13-01"),
     (["values", "limit", 0, "from"], 20250101), (["rules", 0, "when"], True), (["rules", 0, "when"], ""),
     (["rules", 0, "when"], "  "), (["rules", 0, "id"], "Open Weights"), (["rules", 0, "cites"], []), (["rules"], []),
     (["sources"], {}), (["status"], []), (["version"], "1"), (["version"], 1.0), (["name"], "x" * 81),
     (["schema"], "weightgate/pack/v2"), (["rules", 0, "title"], "x" * 4001), (["rules", 0, "activity"], "train")],
    ids=repr,
)  # fmt: skip
def test_wrong_values_are_refused(path: list[str | int], value: Any) -> None:
    where = ".".join(map(str, path))
    assert any(place.startswith(where) for place, _ in faults(change(path, value)))


def test_a_definition_or_value_cannot_take_a_facts_name() -> None:
    data = document() | {"define": {"as_of": "true"}}
    assert any(place.startswith("define") for place, _ in faults(data))
    assert any(
        place.startswith("values")
        for place, _ in faults(change(["values", "activity"], document()["values"]["limit"]))
    )


def test_one_activity_and_one_row_may_be_written_plainly() -> None:
    data = change(["rules", 0, "row"], "R10")
    assert PackDocument.model_validate(data).rules[0].rows == ["R10"]
    data = change(["rules", 0, "row"], ["R10", "R6"])
    assert PackDocument.model_validate(data).rules[0].rows == ["R10", "R6"]


def test_a_document_cannot_be_changed_once_read() -> None:
    read = PackDocument.model_validate(document())
    with pytest.raises(ValidationError):
        read.name = "other"
