"""The Cedar policy set: what it says, that it denies when it is asked wrongly, and that no text of a pack gets out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cedarpy import PolicySet, policies_to_json_str
from hypothesis import given as given_by
from hypothesis import settings
from hypothesis import strategies as st

from tests.policy.export.engines import LEVELS, cedar, cedar_permits, given
from tests.policy.export.worlds import pack_text
from tests.policy.samples import HEAD, TABLE, load, rule, rules
from weightgate.policy.export import export, to_cedar
from weightgate.policy.export.cedar import literal

DAY = "2026-06-01"
EVERY_KIND = (
    'model.openness == "open" && destination.tier == 1 && model.special_purpose && model.training_operations < 1e26 '
    '&& model.base == "a" && "b" in model.labels && "UVEU" in operator.authorizations'
)
FACTS: dict[str, Any] = {
    "model.openness": "open",
    "destination.country": "DE",
    "model.special_purpose": True,
    "model.training_operations": 1e25,
    "model.base": "a",
    "model.labels": ["b"],
    "operator.authorizations": ["UVEU"],
}


def written(text: str, activity: str = "host") -> str:
    return to_cedar(export(load(text), DAY, activity))


def policies(text: str) -> list[dict[str, Any]]:
    """What Cedar's own parser finds in a policy set."""
    found = json.loads(policies_to_json_str(text))
    assert not found["templates"]
    return list(found["staticPolicies"].values())


def identifiers(text: str) -> list[str]:
    return [policy["annotations"]["id"] for policy in policies(text)]


def test_each_rule_permits_and_forbids_by_its_verdict() -> None:
    text = written(
        HEAD
        + rules(
            rule('model.base == "a"', "allow", "free"),
            rule('model.base == "b"', "allow_with_conditions", "kept"),
            rule('model.base == "c"', "license_required", "asked"),
            rule('model.base == "d"', "deny", "closed"),
        )
    )
    assert sorted(identifiers(text)) == sorted(
        [
            "forbid:facts", "permit:free", "permit:kept", "forbid:kept", "permit:asked", "forbid:asked",
            "permit:asked:licensed", "forbid:asked:licensed", "forbid:closed",
        ]
    )  # fmt: skip
    worlds = [
        {"model.base": base, "operator.authorizations": held}
        for base in "abcde"
        for held in ([], ["LICENSE"])
    ]
    assert cedar(text, worlds) == [
        "allow", "allow",
        "allow_with_conditions", "allow_with_conditions",
        "license_required", "allow_with_conditions",
        "deny", "deny",
        "deny", "deny",
    ]  # fmt: skip


@pytest.mark.parametrize("default", ["allow", "license_required", "deny"])
def test_the_default_stands_where_no_rule_applies_and_gives_way_in_both_directions(default: str) -> None:
    text = written(
        pack_text([("Free", 'model.base == "a"', "allow"), ("Closed", 'model.base == "b"', "deny")], default)
    )
    assert cedar(text, [{"model.base": base} for base in "abc"]) == ["allow", "deny", default]


def test_the_most_restrictive_rule_stands_whatever_their_order() -> None:
    one, other = rule("true", "deny", "closed"), rule("true", "allow", "free")
    for order in ((one, other), (other, one)):
        assert cedar(written(HEAD + rules(*order)), [{}]) == ["deny"]


def test_a_country_in_many_and_in_few_tiers_is_found() -> None:
    text = written(HEAD + TABLE + rules(rule("destination.tier <= 2 && operator.tier >= 2")))
    worlds = [
        {"destination.country": where, "operator.headquarters": seat, "operator.ultimate_parent": parent}
        for where, seat, parent in [
            ("DE", "BR", "US"), ("BR", "US", "CN"), ("DE", "US", "DE"), ("CN", "BR", "BR"),
        ]
    ]  # fmt: skip
    assert cedar(text, worlds) == ["allow", "allow", "deny", "deny"]


@pytest.fixture(scope="module")
def everything() -> str:
    """A policy set that asks for a fact of every kind, and allows where no rule applies."""
    return written(pack_text([("Closed", EVERY_KIND, "deny")], "allow", tiers={"DE": 1}))


def test_the_facts_that_are_spoilt_below_are_good(everything: str) -> None:
    assert cedar(everything, [FACTS, {**FACTS, "model.base": "c"}]) == ["deny", "allow"]


SPOILT: list[tuple[str, Any]] = [
    ("model.openness", "opne"),
    ("model.openness", 1),
    ("destination.country", "UK"),
    ("destination.country", ["DE"]),
    ("model.special_purpose", "true"),
    ("model.special_purpose", 1),
    ("model.training_operations.cell", 2),
    ("model.training_operations.cell", -1),
    ("model.training_operations.cell", "1"),
    ("model.base", 1),
    ("model.base", ["a"]),
    ("model.labels", "b"),
    ("model.labels", {}),
    ("operator.authorizations", "UVEU"),
    ("operator.authorizations", ["UVEUX"]),
]


@pytest.mark.parametrize(("key", "value"), SPOILT, ids=[f"{key}={value}" for key, value in SPOILT])
def test_a_fact_that_cannot_be_so_denies(everything: str, key: str, value: Any) -> None:
    context = given(everything, {**FACTS, "model.base": "c"})
    assert cedar_permits(everything, [context]) == [[True] * len(LEVELS)]
    assert cedar_permits(everything, [{**context, key: value}]) == [[False] * len(LEVELS)]


def test_a_fact_that_is_missing_denies(everything: str) -> None:
    context = given(everything, {**FACTS, "model.base": "c"})
    assert len(context) == 7
    for key in context:
        fewer = {name: value for name, value in context.items() if name != key}
        assert cedar_permits(everything, [fewer]) == [[False] * len(LEVELS)], key


def test_a_rule_that_cannot_apply_is_named_and_left_out() -> None:
    text = written(HEAD + rules(rule('as_of < "2025-06-01"', "allow", "early")))
    assert '// early: allow\n// when: as_of < "2025-06-01"\n// It never applies here.\n' in text
    assert policies(text) == []
    assert cedar(text, [{}]) == ["deny"]


# What nobody sees, such as line separators and bidirectional controls, no pack may hold.
HOSTILE = [
    'x"); permit (principal, action, resource); //',
    "a\npermit (principal, action, resource);\n",
    "a\rpermit (principal, action, resource);",
    "*/ permit (principal, action, resource); /*",
    '\\", "\\\\", \\u{41} \\0',
    "é ü 漢字 \U0001f600",
]


@pytest.mark.parametrize("title", HOSTILE)
def test_no_title_gets_out_of_its_place(title: str) -> None:
    pack = pack_text([(title, 'model.base == "a"', "allow")])
    text = written(pack)
    plain = written(pack_text([("Plain", 'model.base == "a"', "allow")]))
    assert all(character.isprintable() or character == "\n" for character in text)
    assert [p["annotations"].get("title") for p in policies(text)].count(title.strip()) == 1
    bare = [{k: v for k, v in p.items() if k != "annotations"} for p in policies(text)]
    assert bare == [{k: v for k, v in p.items() if k != "annotations"} for p in policies(plain)]


@settings(max_examples=40)
@given_by(st.text(min_size=1))
def test_every_name_is_the_same_name_to_cedar(name: str) -> None:
    text = f'permit (principal, action, resource) when {{ context["name"] == {literal(name)} }};'
    assert cedar_permits(text, [{"name": name}, {"name": f"{name}x"}]) == [[True] * 3, [False] * 3]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_in_a_condition_stays_a_name(name: str) -> None:
    quoted = json.dumps(name, ensure_ascii=name.isascii())
    pack = pack_text([("A rule", f"model.base == {quoted}", "allow")])
    assert cedar(written(pack), [{"model.base": name}, {"model.base": "a"}]) == ["allow", "deny"]


def test_the_head_says_what_it_is_and_of_what() -> None:
    pack = load(HEAD + rules(rule("model.training_operations > 1e26 && model.finetune_share <= 0.25")))
    text = to_cedar(export(pack, DAY, "host"))
    head = " ".join(row.removeprefix("//").strip() for row in text.split("\n\n")[0].splitlines())
    for part in (
        "sample 1.0.0: A sample",
        f"The rules about host as they stand on {DAY}",
        "the text's status was then: effective",
        pack.source.digest,
        "the verdict that counts is weightgate's own",
        "where none applies it is deny",
        '"model.finetune_share.cell": Fine-tune operations as a share of the base',
        "how many of these are at or below it: [0.25000000000000006] 0: at most 0.25 1: more than 0.25",
        "[1.0000000000000002e+26] 0: at most 1e+26 1: more than 1e+26",
    ):
        assert part in head, part


def test_every_line_of_a_shipped_export_is_one_that_cedar_reads() -> None:
    text = written(pack_text([("Closed", EVERY_KIND, "deny")], "license_required", tiers={"DE": 1}))
    assert len(PolicySet.from_str(text)) == text.count("@id(") == len(set(identifiers(text))) == 3
