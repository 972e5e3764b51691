"""The Rego module: what it says, that it denies when it is asked wrongly, and that no text of a pack gets out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.policy.export.engines import given, rego, rego_answers
from tests.policy.export.test_cedar import DAY, EVERY_KIND, FACTS, HOSTILE, SPOILT
from tests.policy.export.worlds import pack_text
from tests.policy.samples import HEAD, TABLE, load, named, rule, rules
from weightgate.policy.export import export, to_rego
from weightgate.policy.export.rego import literal, package


def written(text: str, activity: str = "host") -> str:
    return to_rego(export(load(text), DAY, activity))


def test_each_rule_that_applies_says_its_verdict() -> None:
    text = written(
        HEAD
        + rules(
            rule('model.base in ["a", "e"]', "allow", "free"),
            rule('model.base == "b"', "allow_with_conditions", "kept"),
            rule('model.base in ["c", "e"]', "license_required", "asked"),
            rule('model.base == "d"', "deny", "closed"),
        )
    )
    worlds = [
        {"model.base": base, "operator.authorizations": held}
        for base in "abcdef"
        for held in ([], ["LICENSE"])
    ]
    assert rego(text, worlds) == [
        "allow", "allow",
        "allow_with_conditions", "allow_with_conditions",
        "license_required", "allow_with_conditions",
        "deny", "deny",
        "license_required", "allow_with_conditions",
        "deny", "deny",
    ]  # fmt: skip
    assert rego_answers(text, [given(text, worlds[8]), given(text, worlds[9])], "applies") == [
        {"free": "allow", "asked": "license_required"},
        {"free": "allow", "asked": "allow_with_conditions"},
    ]


@pytest.mark.parametrize("default", ["allow", "license_required", "deny"])
def test_the_default_stands_where_no_rule_applies_and_gives_way_in_both_directions(default: str) -> None:
    text = written(
        pack_text([("Free", 'model.base == "a"', "allow"), ("Closed", 'model.base == "b"', "deny")], default)
    )
    assert rego(text, [{"model.base": base} for base in "abc"]) == ["allow", "deny", default]


def test_rules_without_any_fact_are_answered_without_any() -> None:
    assert rego(
        written(HEAD + rules(rule("true", "deny", "closed"), rule("true", "allow", "free"))), [{}]
    ) == ["deny"]
    assert rego(written(pack_text([("Never", "false", "deny")], "allow")), [{}]) == ["allow"]


def test_alternatives_are_rules_of_their_own_and_there_once() -> None:
    either = (
        'model.base == "a" || (model.openness == "open" && !("x" in model.labels || model.special_purpose))'
    )
    text = written(
        HEAD
        + rules(
            rule(either, "allow", "one"), rule(f"!({either})", "deny", "two"), rule(either, "allow", "three")
        )
    )
    assert text.count("any_1 if {") == 2
    assert text.count("\n    any_1\n") == 2
    worlds = [
        {"model.base": base, "model.openness": openness, "model.labels": labels, "model.special_purpose": special}
        for base, openness, labels, special in [
            ("a", "closed", ["x"], True), ("b", "open", [], False), ("b", "open", ["x"], False),
            ("b", "open", [], True), ("b", "closed", [], False),
        ]
    ]  # fmt: skip
    assert rego(text, worlds) == ["allow", "allow", "deny", "deny", "deny"]


def test_tiers_are_worked_out_from_the_countries() -> None:
    text = written(HEAD + TABLE + rules(rule("destination.tier <= 2 && operator.tier >= 2")))
    worlds = [
        {"destination.country": where, "operator.headquarters": seat, "operator.ultimate_parent": parent}
        for where, seat, parent in [
            ("DE", "BR", "US"), ("BR", "US", "CN"), ("DE", "US", "DE"), ("CN", "BR", "BR"),
        ]
    ]  # fmt: skip
    assert rego(text, worlds) == ["allow", "allow", "deny", "deny"]


def test_a_long_list_of_countries_has_a_name_and_is_there_once() -> None:
    some = ", ".join(
        f'"{code}"' for code in ("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR")
    )
    text = written(
        HEAD
        + rules(
            rule(f"destination.country in [{some}]"),
            rule(f"!(destination.country in [{some}])", "deny", "no"),
        )
    )
    assert text.count("AT BE BG CY CZ DE DK EE ES FI FR GR HR") == 1
    assert rego(text, [{"destination.country": "HR"}, {"destination.country": "HU"}]) == ["allow", "deny"]


@pytest.fixture(scope="module")
def everything() -> str:
    """A module that asks for a fact of every kind, and allows where no rule applies."""
    return written(pack_text([("Closed", EVERY_KIND, "deny")], "allow", tiers={"DE": 1}))


def test_a_fact_that_cannot_be_so_or_is_missing_is_named_and_denies(everything: str) -> None:
    good = given(everything, {**FACTS, "model.base": "c"})
    spoilt = [{**good, key: value} for key, value in SPOILT]
    missing = [{name: value for name, value in good.items() if name != key} for key in good]
    named_bad = [[key] for key, _ in SPOILT] + [[key] for key in good]
    assert rego_answers(everything, [good, *spoilt, *missing], "bad_facts") == [[], *named_bad]
    assert rego_answers(everything, [good, *spoilt, *missing]) == ["allow", *["deny"] * len(named_bad)]


def test_a_rule_that_cannot_apply_is_named_and_left_out() -> None:
    text = written(HEAD + rules(rule('as_of < "2025-06-01"', "allow", "early")))
    assert '# early: allow\n# Rule early\n# when: as_of < "2025-06-01"\n# It never applies here.\n' in text
    assert rego(text, [{}]) == ["deny"]


@pytest.mark.parametrize("title", HOSTILE)
def test_no_title_gets_out_of_its_place(title: str) -> None:
    def code(text: str) -> list[str]:
        return [row for row in text.splitlines() if not row.startswith("#")]

    text, plain = (written(pack_text([(t, 'model.base == "a"', "allow")])) for t in (title, "Plain"))
    assert all(character.isprintable() or character == "\n" for character in text)
    assert code(text) == code(plain)


@pytest.mark.parametrize("name", [name for name in HOSTILE if name.isprintable()] + ["a\tb\nc"])
def test_a_name_in_a_condition_stays_a_name(name: str) -> None:
    quoted = json.dumps(name, ensure_ascii=name.isascii())
    text = written(pack_text([("A rule", f"model.base == {quoted}", "allow")]))
    assert rego(text, [{"model.base": name}, {"model.base": "a"}]) == ["allow", "deny"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_literal_is_json_that_can_be_seen(name: str) -> None:
    assert json.loads(literal(name)) == name
    assert literal(name).isprintable()


def test_literals() -> None:
    found: list[Any] = [literal(value) for value in (True, False, 3)]
    assert found == ["true", "false", "3"]


def test_a_package_has_the_pack_s_name() -> None:
    assert package("us-ca-sb53") == "weightgate.us_ca_sb53"
    assert package("a.b-c") == "weightgate.a_b_c"
    assert "\npackage weightgate.my_own\n" in written(named(HEAD + rules(rule("true")), "my-own"))
