"""Conditions in words."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.property.strategies import SCOPE as RANDOM
from tests.property.strategies import condition_texts
from weightgate.policy.cel import Chosen, Scope
from weightgate.policy.ir import Const
from weightgate.policy.pack import Pack
from weightgate.policy.sentences import Clause, clause, rows
from weightgate.policy.source import find_pack, shipped_packs

SCOPE = Scope(
    {"limit": 1e26, "third": 1 / 3, "union": ("DE", "FR"), "name": "MIT", "many": tuple("ABCDEFGHIJ")},
    {"veu": Const(True)},
    {"storage": Chosen("strict", ("strict", "not_at_all"))},
)


def words(text: str) -> list[str]:
    return rows(clause(text, SCOPE), lambda depth: "  " * depth)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("model.training_operations >= values.limit", "the model's training operations are at least *limit* (1e+26 operations)"),
        ("1e25 < model.training_operations", "the model's training operations are more than 1e+25 operations"),
        ("!(model.training_operations < 1e25)", "the model's training operations are at least 1e+25 operations"),
        ("model.finetune_share > values.third", "the model's fine-tune share is more than *third* (0.3333333333333333)"),
        ('model.openness == "open"', "the model's openness is open"),
        ('model.openness != "open"', "the model's openness is not open"),
        ('"closed" == model.openness', "the model's openness is closed"),
        ('!(model.openness in ["open", "restricted"])', "the model's openness is not open or restricted"),
        ("destination.tier == 3", "the destination's tier is 3"),
        ("destination.country in values.union", "the destination's country is in *union* (DE, FR)"),
        ("!(operator.headquarters in values.union)", "the operator's headquarters are not in *union* (DE, FR)"),
        ("model.license in values.many", "the model's licence is in *many* (A, B, C, D, E, F, G, H and 2 more)"),
        ("model.license == values.name", "the model's licence is *name* (MIT)"),
        ('"UVEU" in operator.authorizations', "the operator's authorizations include UVEU"),
        ('!("UVEU" in operator.authorizations)', "the operator's authorizations do not include UVEU"),
        ("model.special_purpose", "the fine-tune serves a special purpose"),
        ("!model.special_purpose", "it is not so that the fine-tune serves a special purpose"),
        ("model.special_purpose == false", "it is not so that the fine-tune serves a special purpose"),
        ("model.special_purpose != false", "the fine-tune serves a special purpose"),
        ('as_of >= "2026-01-15"', "the day is not before 2026-01-15"),
        ("veu", "*veu* holds"),
        ("!veu", "*veu* does not hold"),
        ('switches.storage == "not_at_all"', "the reading *not at all* of *storage* is taken"),
        ('"strict" != switches.storage', "the reading *strict* of *storage* is not taken"),
        ("true", "always"),
        ("!true", "never"),
        ('destination.provider == ""', "the destination's provider is empty"),
    ],
)  # fmt: skip
def test_a_condition_is_a_sentence(text: str, sentence: str) -> None:
    assert words(text) == [sentence]


def test_what_is_joined_is_a_list_under_a_heading() -> None:
    assert words("veu && (model.special_purpose || destination.tier == 1) && destination.tier <= 2") == [
        "all of these hold:",
        "  *veu* holds",
        "  at least one of these holds:",
        "    the fine-tune serves a special purpose",
        "    the destination's tier is 1",
        "  the destination's tier is at most 2",
    ]


def test_a_negation_goes_down_to_the_sentences() -> None:
    assert words("!(veu && (model.special_purpose || destination.tier == 1))") == [
        "at least one of these holds:",
        "  *veu* does not hold",
        "  all of these hold:",
        "    it is not so that the fine-tune serves a special purpose",
        "    the destination's tier is not 1",
    ]


def test_either_way_of_a_choice_is_told() -> None:
    assert words("veu ? destination.tier == 1 : destination.tier == 3") == [
        "at least one of these holds:",
        "  all of these hold:",
        "    *veu* holds",
        "    the destination's tier is 1",
        "  all of these hold:",
        "    *veu* does not hold",
        "    the destination's tier is 3",
    ]


def test_the_same_joined_again_is_one_list() -> None:
    assert clause("veu && veu && veu", SCOPE).parts == (Clause("*veu* holds"),) * 3


@given(condition_texts())
def test_every_condition_has_words(text: str) -> None:
    found = rows(clause(text, RANDOM), lambda _: "")
    assert found
    assert all(line and "_&&_" not in line and "@in" not in line for line in found)


@pytest.mark.parametrize("name", shipped_packs())
def test_every_condition_of_every_shipped_pack_has_words(name: str) -> None:
    pack = Pack(find_pack(name))
    names = pack.names_at(pack.standings[-1])
    for rule in pack.document.rules:
        for text in filter(None, (rule.when, rule.unless)):
            assert rows(clause(text, names), lambda _: "")
