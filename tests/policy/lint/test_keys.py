from __future__ import annotations

import pytest

from weightgate.policy.lint.keys import keys_at
from weightgate.policy.schema import PackDocument

DATED = {"from", "until", "known", "until_known", "cite", "grade", "note", "value"}


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        (("sources", "law"), {"title", "publisher", "url", "published"}),
        (("status", 3), {"from", "known", "status", "cite", "note"}),
        (("status", 0, "cite"), {"source", "place"}),
        (("default",), {"verdict", "title", "cites", "remedy"}),
        (("default", "cites", 1), {"source", "place"}),
        (("switches", "wide"), {"title", "default", "readings", "cites", "note"}),
        (("tables", "tier"), {"rows", "otherwise"}),
        (("tables", "tier", "rows", 2), DATED | {"countries"}),
        (("tables", "tier", "otherwise"), {"value", "cite", "grade", "note"}),
        (("values", "limit", 0), DATED | {"unit"}),
        (("rules", 0, "conditions", 0), {"id", "text", "due"}),
        (("rules", 0, "status", 0), {"from", "known", "status", "cite", "note"}),
        (
            ("invariants", 0),
            {"id", "title", "activity", "given", "never_loosens_when", "at_most", "at_least"},
        ),
    ],
)
def test_the_keys_of_each_part_of_a_pack(path: tuple[str | int, ...], keys: set[str]) -> None:
    assert keys <= set(keys_at(path))
    assert "rules" not in keys_at(path)


def test_the_keys_of_a_rule_are_spelt_as_packs_spell_them() -> None:
    keys = keys_at(("rules", 7))
    assert {"id", "row", "when", "unless", "from", "review_policy"} <= set(keys)
    assert not {"rows", "from_"} & set(keys)


def test_the_keys_of_the_whole_pack() -> None:
    fields = PackDocument.model_fields
    assert set(keys_at(())) == {field.alias or name for name, field in fields.items()}


@pytest.mark.parametrize(
    "path",
    [
        ("define", "veu"),
        ("rules", 0, "when"),
        ("name",),
        ("no", "such", "place"),
        ("rules", "first"),
        ("sources", 0),
    ],
)
def test_what_is_no_mapping_with_keys_of_its_own_has_none(path: tuple[str | int, ...]) -> None:
    assert keys_at(path) == ()
