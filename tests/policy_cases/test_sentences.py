"""Conditions in words."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.property.strategies import SCOPE as RANDOM
from tests.property.strategies import condition_texts
from weightgate.policy.cel import Chosen, Scope
from weightgate.policy.ir import Const
from weightgate.policy.pack import Pack
from weightgate.policy.sentences import NAMED, Clause, Word, clause, countries, rows
from weightgate.policy.source import find_pack, shipped_packs

SCOPE = Scope(
    {"limit": 1e26, "third": 1 / 3, "union": ("DE", "FR"), "name": "MIT", "many": tuple("ABCDEFGHIJ")},
    {"veu": Const(True)},
    {
        "storage": Chosen("strict", ("strict", "not_at_all")),
        "reach": Chosen("near", ("near", "far", "further")),
    },
)


def words(text: str) -> list[str]:
    return rows(clause(text, SCOPE), lambda depth: "  " * depth)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("model.training_operations >= values.limit", "the model's training operations are at least *limit* (10^26 operations)"),
        ("1e25 < model.training_operations", "the model's training operations are more than 10^25 operations"),
        ("!(model.training_operations < 1e25)", "the model's training operations are at least 10^25 operations"),
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
        ('switches.storage == "not_at_all"', "*storage* is read as *not at all*"),
        ('"strict" != switches.storage', "*storage* is read as *not at all*"),
        ('!(switches.storage == "not_at_all")', "*storage* is read as *strict*"),
        ('switches.reach != "far"', "*reach* is read otherwise than as *far*"),
        ("developer.revenue > 5e8", "the developer's revenue is more than USD 500 million"),
        ('destination.country == "KP"', "the destination's country is North Korea (KP)"),
        ('destination.country in ["DE", "FR"]', "the destination's country is Germany (DE) or France (FR)"),
        ("true", "always"),
        ("!true", "never"),
        ('destination.provider == ""', "the destination's provider is empty"),
    ],
)  # fmt: skip
def test_a_condition_is_a_sentence(text: str, sentence: str) -> None:
    assert words(text) == [sentence]


def test_a_quotient_is_quoted_as_it_is_written() -> None:
    found = clause("model.finetune_share > values.third", SCOPE, {"third": "1/3"})
    assert found.text == "the model's fine-tune share is more than *third* (1/3)"


def test_of_a_long_list_of_countries_the_codes_stand() -> None:
    codes = ("DE", "FR", "IT", "ES", "PT", "NL", "BE", "LU", "AT", "DK", "SE", "FI")
    assert len(codes) == NAMED
    assert countries(codes).startswith("Germany (DE), France (FR), Italy (IT), ")
    assert countries((*codes, "IE")) == ", ".join((*codes, "IE"))
    listed = ", ".join(f'"{code}"' for code in (*codes, "IE"))
    (said,) = words(f"destination.country in [{listed}]")
    assert said.endswith("SE or FI or IE")
    assert "Germany" not in said


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("!veu", Word("veu", "term")),
        ("model.training_operations >= values.limit", Word("limit", "value")),
        ("destination.country in values.union", Word("union", "value")),
        ('switches.reach == "far"', Word("reach", "switch")),
        ('switches.reach == "far"', Word("far", "reading")),
    ],
)
def test_names_are_marked_by_what_they_name(text: str, named: Word) -> None:
    found = clause(text, SCOPE)
    assert named in found.words
    assert all(word.text for word in found.words)


def test_a_clause_is_plain_data() -> None:
    assert clause("veu && destination.tier == 1", SCOPE).to_json() == {
        "text": "all of these hold",
        "parts": [
            {"text": "*veu* holds", "parts": []},
            {"text": "the destination's tier is 1", "parts": []},
        ],
    }


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
    assert clause("veu && veu && veu", SCOPE).parts == (Clause((Word("veu", "term"), Word(" holds"))),) * 3


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
